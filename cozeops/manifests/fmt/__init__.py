"""Manifests written in one style, with their comments: for `fmt` and `export`.

Form only: no value changes.
"""
