"""Live values back into the files that gave them: what the manifests would have to say, and where. Pure.

What belongs here: which value a field takes, and why one is left alone. How a text is edited is the business
of `manifests.fmt`; files are written by `operations`.
"""
