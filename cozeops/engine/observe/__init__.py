"""Read what is live and match it with what is wanted: lists, lookups, a cache, workers.

Reads only, and no decision beyond which live object belongs to which address.
"""
