"""Talk to bots, run workflows, and judge what they answer: the Checks of a project.

What a failed Check means for a publication is decided by `publish`; how it is shown by `report.check`.
"""
