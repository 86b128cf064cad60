"""Forms that other programs and pages take: JUnit, SARIF, annotations, comments, the shell of an HTML page.

They know findings, problems and room, not how a plan or a check is told. `page.css` and `page.js` go into
each HTML page as they are.
"""
