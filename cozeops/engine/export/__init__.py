"""From live objects to manifests: what is there, what a manifest can say of it, names and files.

Values and paths only. How YAML looks belongs into `manifests.fmt`, the writing of files into `operations`.
"""
