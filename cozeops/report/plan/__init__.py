"""Plans, drift, graphs, progress and outcomes: as text, Markdown and HTML, and for GitLab.

Pure but for the stream given. What talks of conversations belongs into `report.check`.
"""
