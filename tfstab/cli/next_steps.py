"""Prints what to do after an assessment or an explanation: commands for the same model and images."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfstab.assessment.opened import Assessment
from tfstab.cli.output import advise, echo
from tfstab.explanation import ExplanationRun
from tfstab.orders import Subject
from tfstab.orders.next_steps import next_steps
from tfstab.orders.output_names import names_confirmed
from tfstab.orders.shell import command
from tfstab.orders.step import Step, options_of_run, words_of

ALIGNED = 100  # characters of a command at most: a column further to the right would be wrapped by a terminal


def print_next(subject: Subject, explained: ExplanationRun | None = None, assessment: Assessment | None = None) -> None:
    """Print which commands to run next, and how to name outputs that are known now.

    The parameters are those of `next_steps`.
    """
    print_steps(next_steps(subject, explained, assessment))
    if assessment is not None and (names := names_confirmed(assessment, subject.classifier)):
        advise(f"{'note:':7} {names}")


def print_steps(steps: Sequence[Step]) -> None:
    """Print steps under each other, with what they are for in one column, unless a command is too long for that."""
    width = max((length for step in steps if (length := len(step.command)) <= ALIGNED), default=0)
    for number, step in enumerate(steps):
        echo(f"{'' if number else 'next:':7} {step.command:{width}}   # {step.why}")


def sweep_of_image(info: Mapping[str, Any], image: int, degradation: str, beside: Path) -> str:
    """Return the commands that sweep one image of a run in a new folder, and say why it fails.

    "" if it is not known where its model and images are.

    Parameters
    ----------
    info : mapping
        The run's run.json.
    image : int
        Index of the image in the full split.
    degradation : str
        Name of the family.
    beside : Path
        The folder beside which the new one is made, with the image behind its name.
    """
    given = options_of_run(info)
    if given is None:
        return ""
    out = beside.with_name(f"{beside.name}-image-{image}")
    own = {"images": str(image), "degradation": degradation, "out": out}
    return f"{typed('sweep', given | own)} && {command('inspect', out, '--image', image, '--why')}"


def typed(name: str, values: dict[str, Any]) -> str:
    """Return a command with its arguments first, as people type it. values: by name of parameter."""
    return command(*words_of(name, values))
