"""From differences to a plan: changes with their steps and findings, thresholds, targets, the plan file.

Pure over what was read. What judges a finished plan belongs into `policy`, what carries it out into `apply`.
"""
