"""What sentences on requirements advise: it depends on the command that measured the figures."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tfstab.assessment.required import Requirement
from tfstab.degradations import GAUSSIAN_NOISE

Planned = Mapping[str, Sequence[float]]  # the severities that are swept, by the name of the family


@dataclass(frozen=True)
class MeasuredBy:
    """The command that measures the figures, and what it advises.

    Attributes
    ----------
    name : str
        Name of the command.
    more : str
        What measures more images, as a sentence; {} stands for the images.
    remedy : str
        The same, after a semicolon.
    all_used : str
        That all images have been measured; {} stands for the images.
    other_severity : callable
        How to measure a requirement's severity that is not among those planned, in sentences.
    """

    name: str
    more: str
    remedy: str
    all_used: str
    other_severity: Callable[[Requirement, Planned], str]


def _by_a_sweep(r: Requirement, planned: Planned) -> str:
    """Return which sweep measures a severity that no assessment measures."""
    options = ["--degradation", r.family, "--severities", f"{r.severity:g}", "--require", r.text.strip()]
    return (
        "An assessment measures only these; to measure and require another, use "
        f"`tfstab sweep MODEL DATA {shlex.join(options)}`."
    )


def _by_other_severities(r: Requirement, planned: Planned) -> str:
    """Return which options of a sweep measure a severity that is not among those planned."""
    if len(planned) > 1:
        return (
            "Several degradations are swept at their default severities only; sweep "
            f"{r.family} by itself, with {_option(r, ())}."
        )
    return f"To measure {r.severity:g}, too, use {_option(r, planned[r.family])}."


def _by_a_new_sweep(r: Requirement, planned: Planned) -> str:
    """Return which sweep measures a severity that is not among those of a sweep made before."""
    return f"To measure {r.severity:g}, too, sweep {r.family} into a new folder with {_option(r, planned[r.family])}."


def _option(r: Requirement, others: Sequence[float]) -> str:
    """Return the option of a sweep that measures other severities and that of a requirement."""
    option = "--sigmas" if r.family == GAUSSIAN_NOISE.name else "--severities"
    return f"{option} {','.join(f'{s:g}' for s in (*others, r.severity))}"


ASSESSMENT = MeasuredBy(
    "assess",
    "More minutes measure more of {}.",
    "give it more minutes",
    "All {} have been measured, so more minutes hardly help",
    _by_a_sweep,
)
SWEEP = MeasuredBy(
    "sweep",
    "Without --minutes and --precision, the sweep measures all of {}.",
    "without --minutes and --precision, the sweep measures all images given",
    "All {} have been measured",
    _by_other_severities,
)
SWEEPS_MADE = MeasuredBy(
    "report",
    "The sweep has measured only some of {}: run it again without --minutes and --precision, and with the same images "
    "as the other sweeps.",
    "the sweep has measured only some of the images: run it again without --minutes and --precision",
    "All {} have been measured",
    _by_a_new_sweep,
)
