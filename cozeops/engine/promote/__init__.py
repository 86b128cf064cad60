"""Copies of workflows and apps from one environment to another, and bots that use them.

How far a copy is is asked in `apply`, as for any other change.
"""
