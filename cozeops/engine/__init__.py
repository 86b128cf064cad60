"""Observe, match, diff, plan, apply: pure decisions plus one executor. Knows no HTTP, no YAML, no terminal.

Resource (desired) ──┐
                     ├─> Case -> decide -> Plan -> requests -> Outcome
Live (observed) ─────┘
"""
