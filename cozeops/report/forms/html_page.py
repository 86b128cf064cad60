"""The shell of an HTML plan: style, script and the rule that nothing else may run or load."""

from __future__ import annotations

import base64
import hashlib
import html
from importlib.resources import files

from cozeops.report.terminal.safe import visible

_HERE = files(__package__)
STYLE = "\n" + _HERE.joinpath("page.css").read_text("utf-8")
SCRIPT = "\n" + _HERE.joinpath("page.js").read_text("utf-8")


def esc(text: str) -> str:
    """A value as text in an element or an attribute: no markup, and nothing that is not seen."""
    return html.escape(visible(text), quote=True)


def page(title: str, body: str) -> str:
    """One file that is all there is: it loads nothing, and only its own script may run."""
    policy = (
        f"default-src 'none'; style-src {_source(STYLE)}; script-src {_source(SCRIPT)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{esc(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"{body}\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
