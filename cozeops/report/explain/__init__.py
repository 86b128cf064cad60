"""Kinds, fields and codes, explained from their declarations.

No text about a single kind or code: that is in the kind's file, or in `cozeops.codes`.
"""
