"""One-off commands beside plan and apply: whose token it is, templates, plugins, channel reviews.

Each is a function of its own; nothing here touches a plan or a state.
"""
