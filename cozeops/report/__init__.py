"""Plans and events as people read them, and as other programs do. No I/O but the stream given.

Importing this package costs nothing: a renderer is loaded when it is asked for, rich when it prints.
"""
