"""Checks and their conversations: as text, Markdown, HTML and JUnit, and while they run.

Pure but for the stream given. What passes is judged in `engine.check`.
"""
