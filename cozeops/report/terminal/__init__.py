"""Lines for a terminal: width, colour, columns, and text that cannot act on it. The only home of rich.

What is said belongs into the packages above; nothing here knows a plan.
"""
