"""Broken projects, and what a person is told about each. `python -m tests.corpus` prints the table."""
