"""One resource, as it is wanted against as it is live: its fields, its collections, its publication.

Pure. What a difference means (a step, a warning, a block) is decided by `plan`.
"""
