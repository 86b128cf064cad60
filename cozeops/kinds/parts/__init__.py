"""What several kinds share: members, collaborators, documents, icons, what is expected of an answer.

A part is declared once and used by kinds; it knows none of them. What one kind alone needs stands with it.
"""
