"""`cozeops explain`: what a kind, a field or a code means."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("subject", metavar="[KIND[.FIELD]|CODE]", required=False)
def explain(subject: str | None) -> None:
    """Explain a kind, a field or a code, offline.

    For example: Bot, Bot.model.temperature, metadata.lifecycle, COZE105. Alone it lists the kinds;
    `codes` lists the codes.
    """
    from cozeops.report.explain.page import render_explanation

    render_explanation(subject, sys.stdout)
