"""The gate before users: evidence, the checks after an apply, and the way back to what was published before.

How a bot is published is a step like any other, made in `apply`.
"""
