"""The options `--require`, `--junit` and `--strict`, and what commands do with the outcomes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from tfstab.assessment.outcomes import Outcome, failed, junit, summed_up, worst_first
from tfstab.assessment.required import REQUIRE_HELP, Requirement, parse_requirements
from tfstab.assessment.required_classes import check_labelled, with_classes
from tfstab.cli.output import echo
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.errors import InputError
from tfstab.paths import check_path
from tfstab.runs.atomic import make_folder, write_text

Require = Annotated[
    list[str] | None,
    typer.Option("--require", help=REQUIRE_HELP, metavar="WHAT:PERCENT", rich_help_panel=RESULTS_PANEL),
]
Junit = Annotated[
    Path | None,
    typer.Option(
        "--junit",
        help="Write the outcomes of --require as JUnit XML.",
        metavar="FILE",
        rich_help_panel=RESULTS_PANEL,
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Exit with 1 also if a requirement is not decided.",
        rich_help_panel=RESULTS_PANEL,
    ),
]


def requirements_of(require: Sequence[str] | None, junit_file: Path | None, strict: bool) -> list[Requirement]:
    """Return the requirements that the options give; raise InputError, before the work, if one option is wrong."""
    requirements = parse_requirements(require or ())
    for given, option in ((strict, "--strict"), (junit_file is not None, "--junit")):
        if given and not requirements:
            raise InputError(
                f"{option} was given without --require; expected a requirement, such as gaussian_noise@20:90."
            )
    if junit_file is not None:
        _check_writable(junit_file)
    return requirements


def _check_writable(path: Path) -> None:
    """Raise InputError, before the work, if --junit is a path at which no file can be written."""
    check_path(path, InputError, recorded=True)
    if path.is_dir():
        raise InputError(f"--junit is {path}, which is a folder; expected a file, such as {path / 'junit.xml'}.")
    above = next((folder for folder in path.parents if folder.exists()), path.parent)
    if not above.is_dir():
        raise InputError(f"--junit is {path}, but {above} is no folder: choose another path.")


def for_images(requirements: Sequence[Requirement], dataset: Dataset) -> list[Requirement]:
    """Check before the work that images can decide requirements; return these with the model's names of classes.

    dataset: the images, with labels that `match_classes` has matched to the model.
    """
    check_labelled(requirements, AS_PREDICTED in dataset.remarks)
    return with_classes(requirements, dataset.class_names, np.unique(dataset.labels).tolist())


def write_junit(path: Path | None, outcomes: Sequence[Outcome], strict: bool) -> None:
    """Write the outcomes if there is a path."""
    if path is not None:  # before what is printed, which a pipe such as `| head` may cut off
        make_folder(path.parent)
        write_text(path, junit(outcomes, strict=strict))


def print_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Print a sentence for each requirement, the missed ones first."""
    if outcomes:
        echo()
    for outcome in worst_first(outcomes):
        echo(outcome.sentence)
    if summary := summed_up([outcome.status for outcome in outcomes]):
        echo(summary)
    if any(outcome.note for outcome in outcomes):
        echo("The inputs or classes seem to be wrong (see above), so this may say little about the model.")


def exit_if_failed(outcomes: Sequence[Outcome], strict: bool) -> None:
    """End the command with exit code 1 if a requirement is missed, or is not decided and this is strict."""
    if failed(outcomes, strict):
        raise typer.Exit(1)
