"""The `tfstab` command: its subcommands, and the handling of errors."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import typer

import tfstab
from tfstab.classifier import backend
from tfstab.cli import (
    assess,
    compare,
    data,
    degradations,
    demo,
    evaluate,
    explain,
    guide,
    harden,
    inspect,
    report,
    reproduce,
    robustness,
    search,
    sweep,
    train,
    view,
)
from tfstab.cli.engine_settings import Commands, with_engine_settings
from tfstab.cli.output import remarks
from tfstab.cli.panels import LISTS, LOOK, MEASURE, REPEAT, GroupedCommand
from tfstab.errors import DISK_ERRORS, InputError, TfstabError, disk_error
from tfstab.names import encodable, printed, shortened

# Typer's error for a wrong option, which comes from click or from Typer's own copy, depending on the version.
WrongUse: Any = typer.BadParameter.__base__
# Options of other tools that say how inputs are scaled; here this is --preprocess.
PREPROCESSING = frozenset({
    "--bgr", "--input-range", "--mean", "--normalisation", "--normalise", "--normalization", "--normalize",
    "--preprocessing", "--range", "--rescale", "--scale", "--std",
})  # fmt: skip
UNIT = (
    "--preprocess unit for inputs in 0..1, signed for -1..1, imagenet for ImageNet's mean and deviation, or "
    "mean=M/std=S for your own in grey levels"
)

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Measure how stable an image classifier is against image degradation. Begin with `tfstab assess MODEL "
    "IMAGES`, or with `tfstab view`, which opens a window for everything.",
)
COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    MEASURE: (
        assess.assess,
        explain.explain,
        demo.demo,
        evaluate.evaluate,
        with_engine_settings(search.search),
        sweep.sweep,
    ),
    LOOK: (view.view, report.report, inspect.inspect, compare.compare, robustness.robustness),
    REPEAT: (harden.harden, train.train, reproduce.reproduce),
    LISTS: (guide.guide, data.datasets, data.models, degradations.degradations),
}
for panel, functions in COMMANDS.items():
    for function in functions:
        app.command(function.__name__, cls=GroupedCommand, rich_help_panel=panel)(function)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tfstab {tfstab.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, help="Show the version."),
) -> None:
    pass


def main() -> NoReturn:
    """Run the command line; wrong input ends it with one sentence and exit code 2, without a traceback."""
    _check_arguments(sys.argv[1:])
    backend.leave_out_optional()
    try:
        with remarks():
            sys.exit(app(standalone_mode=False))
    except WrongUse as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
            sys.exit(2)
        told = said(error)
        see = " See" if told.endswith("?") else f": {_hint(error)}see"
        _fail(f"{told}{see} {error.ctx.command_path} --help." if error.ctx else f"{told}.")
    except TfstabError as error:
        _fail(str(error))
    except RuntimeError as error:
        if "home directory" not in str(error):  # raised by pathlib for ~name
            raise
        _fail("a path begins with ~ and the name of no user here: write the path in full.")
    except OSError as error:
        if error.filename is None and error.errno not in DISK_ERRORS:
            raise
        _fail(str(disk_error(error, error.filename or "a file")))


def run(arguments: Sequence[str]) -> int:
    """Run a command in this process, as another program does; return its exit code: 0, 1, or 130 if it was stopped.

    Raises
    ------
    InputError
        The arguments are wrong.
    TfstabError, OSError
        What the command raises.
    """
    try:
        code = app(list(arguments), standalone_mode=False)
    except WrongUse as error:
        raise InputError(f"{said(error)}.") from error
    return code if isinstance(code, int) else 0


def said(error: WrongUse) -> str:
    """Return what Typer says of wrong arguments, without the full stop."""
    if _is_preprocessing(error):
        error.possibilities = None  # options with similar names, such as --resize for --rescale
    return str(error.format_message()).rstrip(".")


def _hint(error: WrongUse) -> str:
    """Return what to give if arguments or options are as another command takes them, "" for other errors."""
    if error.ctx is None:
        return ""
    if getattr(error, "option_name", "") == "--quick" and "minutes" in {p.name for p in error.ctx.command.params}:
        return "give --minutes 1 instead; "
    if _is_preprocessing(error):
        return f"give {UNIT}; "
    kinds = {p.name: p.param_type_name for p in error.ctx.command.params if p.name in ("model", "data")}
    if set(kinds.values()) == {"argument"} and getattr(error, "option_name", "") in ("--model", "--data"):
        return f"give model and data without options, as in {error.ctx.command_path} MODEL DATA; "
    return ""


def _is_preprocessing(error: WrongUse) -> bool:
    """Return whether an option of another tool was given to a command that has --preprocess in its place."""
    given = getattr(error, "option_name", "") in PREPROCESSING
    return given and error.ctx is not None and "preprocess" in {p.name for p in error.ctx.command.params}


def _check_arguments(arguments: list[str]) -> None:
    """End with one sentence if an argument is not UTF-8, because results record names of files as UTF-8."""
    for argument in arguments:
        if "\0" in argument or not encodable(argument):
            _fail(f"{shortened(ascii(argument), 80)} is not UTF-8 text: rename the file or folder, or give another.")


def _fail(sentence: str) -> NoReturn:
    typer.echo(f"tfstab: {printed(sentence, ' ')}", err=True)
    sys.exit(2)
