"""`cozeops.yaml` and the files of a project: its environments, its paths, what is found where.

What stands in the manifests themselves is read by `yaml` and `resolve`.
"""
