"""Command lines in pages of the guide, and their parsing by the real command line."""

import re
import shlex

import typer

from tfstab.cli.app import app

FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def command_lines(text):
    """Return the lines of a page's sh blocks that run tfstab, as lists of words; a backslash continues a line."""
    lines = [line for block in FENCE.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("tfstab ")]


def parse(words):
    """Parse `tfstab ...` without running it; raise what the command line raises for wrong options or values."""
    command = typer.main.get_command(app)
    if words[1:] == ["--version"]:
        return
    name, found, rest = command.resolve_command(typer.Context(command), list(words[1:]))
    if rest not in (["--help"], ["-h"]):
        found.make_context(name, rest)
