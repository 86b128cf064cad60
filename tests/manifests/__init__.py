"""Manifests: what is read, what is refused, and where the finger points."""
