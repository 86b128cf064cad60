"""Make the changes of a plan: their order, each request, its verification, replies that were lost.

Nothing is decided anew: what the plan does not say is not done.
"""
