"""A file per command: its options, one call of `operations`, and what is printed.

Imported when the command runs. Whatever a program could want as well belongs into `operations`.
"""
