"""The machine below: how files are opened and written, how programs are started. Nothing of Coze.

What lies in the project's folder may be a stranger's: each rule about that stands here once, and nothing
above opens a file of ours, replaces a file or starts a program in a way of its own.
"""
