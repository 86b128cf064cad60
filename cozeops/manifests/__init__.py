"""Manifests: files -> documents with positions -> validated manifests -> resolved resources.

The only place that reads YAML. It knows no HTTP and no terminal.
"""
