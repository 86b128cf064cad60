"""Judge a plan: built-in rules with a severity of the project's choice, and the project's own programs.

What cozeops itself must say about a change is found where that is decided, in `plan`.
"""
