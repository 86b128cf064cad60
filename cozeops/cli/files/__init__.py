"""What a command writes beside its output, or reads from a file: plans, events, traces, reports.

Options and files only; the contents come from `report` and `engine`.
"""
