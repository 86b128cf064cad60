"""Resource families, one module each: their tables, routes, seeds and rules.

Modules here are found by themselves; `routing` says which names they may define.
"""
