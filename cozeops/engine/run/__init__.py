"""What the changes of one apply share: its context, requests, lists read once more, locks, waiting.

No order and no decision: the scheduler and the way of one change are in `apply`.
"""
