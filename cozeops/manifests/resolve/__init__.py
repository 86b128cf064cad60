"""From checked manifests to resources: patches, variables, secrets, prompts, files, references, provenance.

Offline: ids that only Coze knows are found by `engine.observe`.
"""
