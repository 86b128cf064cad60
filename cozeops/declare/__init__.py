"""The language in which kinds are declared: data and pure functions over it, from the words up.

`calls` < `fields`, `collections`, `publication` < `kind` < `rows` (a kind's fields, gathered) < `codec`
(values to the wire and back) < `resource` (one declared thing). No kind is known here, no HTTP, no YAML.
"""
