"""What commands do if inputs or classes are certainly wrong: stop, or ask in a terminal whether to go on."""

import re
import sys
import warnings
from collections.abc import Callable
from typing import TypeVar

import typer

from tfstab.cli.observing import observer
from tfstab.cli.output import err, remark
from tfstab.errors import WrongInputsError

T = TypeVar("T")


def unless_wrong(work: Callable[[bool], T], as_is: bool) -> T:
    """Return work(as_is); if inputs or classes are certainly wrong and the user wants to go on, work(True)."""
    try:
        return work(as_is)
    except WrongInputsError as wrong:
        _ask_to_go_on(wrong)
        warnings.filterwarnings("ignore", re.escape(wrong.note))  # it has been said
        return work(True)


def _ask_to_go_on(wrong: WrongInputsError) -> None:
    """Ask in a terminal whether to go on with inputs that seem wrong, and exit if not; elsewhere, raise the error."""
    if observer() is not None or not (err.is_terminal and sys.stdin.isatty()):
        raise wrong
    remark(wrong.note)
    try:
        answer = err.input("Measure the model anyway? [y/N] ", markup=False)
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise typer.Exit(2)
