"""The Python API: what each command does, as a function over values.

Here belong the steps between options and results: read, connect, remember, plan, agree, carry out. Nothing
prints, asks, or looks at the process: what an operation needs is in its arguments and in `Host`. Decisions
belong into `engine`, words and pages into `report`.
"""
