"""The commands by name: where each is written, and its line in the overview.

A command is imported when somebody names it, so `--help` and completion pay for no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

import click

from cozeops.frozen import frozen

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@frozen
class Entry:
    """A command that is not imported yet. `summary` is the first line of its help."""

    place: str
    """`module:name`, the module in this package."""
    summary: str

    def load(self) -> click.Command:
        """The command itself."""
        module, _, name = self.place.partition(":")
        found: click.Command = getattr(import_module(f"cozeops.cli.commands.{module}"), name)
        return found


ENTRIES: Mapping[str, Entry] = {
    "apply": Entry("apply:apply", "Apply a reviewed plan; without one, plan and ask."),
    "channel": Entry("channel:channel", "Answer for a custom channel, as its owner."),
    "check": Entry("check:check", "Hold the conversations of the project's Checks."),
    "completion": Entry("completion:completion", "Print the completion script of a shell."),
    "demo": Entry("demo:demo", "Play the whole story on the quickstart example."),
    "drift": Entry("drift:drift", "Compare the live side with what was applied last."),
    "emulator": Entry("emulator:emulator", "Serve a Coze on this machine, and print its URL."),
    "explain": Entry("explain:explain", "Explain a kind, a field or a code, offline."),
    "explain-value": Entry("explain_value:explain_value", "Say which file and line gave a value, offline."),
    "export": Entry("export:export", "Write a live workspace as a project."),
    "fmt": Entry("fmt:fmt", "Write the manifests in one style; comments stay."),
    "graph": Entry("graph:graph", "Print what needs what in the project, offline."),
    "history": Entry("state:history", "List the runs of an environment, newest first."),
    "import": Entry("state:import_", "Remember that ADDRESS is the live object ID."),
    "init": Entry("init:init", "Write a starter project into DIR (default: this folder)."),
    "plan": Entry("plan:plan", "Show what apply would change on Coze."),
    "plugins": Entry("plugins:plugins", "Search the store for plugins."),
    "promote": Entry("promote:promote", "Copy workflows and apps into another environment."),
    "pull": Entry("pull:pull", "Write what was changed on Coze into the manifests."),
    "rollback": Entry("rollback:rollback", "Go back to the manifests that were applied before RUN."),
    "schema": Entry("schema:schema", "Print the JSON Schema of manifests, for editors."),
    "show": Entry("show:show", "Show a saved plan again, offline."),
    "state": Entry("state:state", "Look at what is remembered of an environment, and mend it."),
    "template": Entry("template:template", "Make a bot from a template, as a draft."),
    "validate": Entry("validate:validate", "Check the manifests offline."),
    "whoami": Entry("whoami:whoami", "Show whose token this is, and what it sees."),
}


class Commands(Mapping[str, click.Command]):
    """The commands by name, each imported when it is taken out."""

    def __getitem__(self, name: str) -> click.Command:
        return ENTRIES[name].load()

    def __iter__(self) -> Iterator[str]:
        return iter(ENTRIES)

    def __len__(self) -> int:
        return len(ENTRIES)


class Overview(click.Group):
    """The group of all commands. What it tells about them, it tells without importing them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """A line for each."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in ENTRIES.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Those that begin so, and this group's own options."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=entry.summary)
            for name, entry in ENTRIES.items()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)
