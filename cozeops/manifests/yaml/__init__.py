"""YAML with positions: files to text, text to nodes, nodes to values, and what only looks like YAML.

The only home of the YAML library. What a key means is decided above.
"""
