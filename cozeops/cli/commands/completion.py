"""`cozeops completion`: what a shell needs to complete commands, options, addresses and environments."""

from __future__ import annotations

import click

from cozeops.cli.files.output import print_whole

_HOW = {
    "bash": 'eval "$(cozeops completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(cozeops completion zsh)"    # in ~/.zshrc',
    "fish": "cozeops completion fish > ~/.config/fish/completions/cozeops.fish",
}


@click.command(epilog="\b\n" + "\n".join(_HOW.values()))
@click.argument("shell", type=click.Choice(sorted(_HOW)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None, shell
    script = found(context.find_root().command, {}, "cozeops", "_COZEOPS_COMPLETE")
    # Its source() runs the shell to check its version; what we print may be for another machine.
    print_whole(script.source_template % script.source_vars() + "\n")
