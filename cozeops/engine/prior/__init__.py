"""What a state adds to a decision: identities, items that are ours, what cannot be read back, freshness.

Pure: where a state is kept and how it is written belongs into `cozeops.state`.
"""
