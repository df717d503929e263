"""Comparisons of runs of the same images: sentences, tables and pages."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfstab.errors import InputError
from tfstab.experiments.comparison import SearchComparison, SweepComparison, compare
from tfstab.experiments.comparison_text import run_name
from tfstab.metrics.paired import Difference, Paired
from tfstab.report.figures import accuracy_figure
from tfstab.report.page import Page, Picture, Section
from tfstab.report.run_files import settings_table
from tfstab.report.tables import Table
from tfstab.runs import RunFolder

INTERVALS = "Intervals: 95 %, from the differences between images, paired."
ORDER_INTERVALS = (
    "Intervals: 95 %, of the median over the same images; the ends are two of the sorted ratios. Fewer than 6 images "
    "give none."
)
DIFFERENCE = ("difference", "from", "to")  # the second minus the first, and its interval
Pair = SweepComparison | SearchComparison


def compared_pairs(runs: Sequence[RunFolder]) -> list[Pair]:
    """Compare the first run with each of the others.

    Raises
    ------
    InputError
        There are fewer than two runs, or they cannot be compared; see `tfstab.experiments.comparison.compare`.
    """
    if len(runs) < 2:
        raise InputError(f"{len(runs)} run was given; expected two or more; the first is compared with each other one.")
    return [compare(runs[0], other) for other in runs[1:]]


def comparison_report(pairs: Sequence[Pair]) -> Page:
    """Return a page on the pairs that `compared_pairs` returned."""
    runs = [pairs[0].first, *(pair.second for pair in pairs)]
    sections = [
        Section(
            f"{run_name(pair.first)}, first, and {run_name(pair.second)}, second",
            headline(pair),
            tables(pair),
            [*_unfinished(pair.first, pair.second), *_left_out(pair)],
        )
        for pair in pairs
    ]
    if isinstance(pairs[0], SweepComparison):
        sweeps = [pairs[0].first, *(pair.second for pair in pairs if isinstance(pair, SweepComparison))]
        sections.insert(0, Section("Together", parts=[Picture("accuracy", "Accuracy", accuracy_figure(sweeps))]))
    sections += [Section(f"Run {run.path.name}", parts=[settings_table(run)]) for run in runs]
    return Page(f"{len(runs)} runs compared", [f"Each is compared with {run_name(runs[0])}, image by image."], sections)


def headline(pair: Pair) -> list[str]:
    """Return the comparison in a few sentences."""
    return pair.summary().splitlines()


def tables(pair: Pair) -> list[Table]:
    """Return differences in accuracy by severity and class of two sweeps, or ratios by class of two searches."""
    present = [int(k) for k in np.unique(pair.labels)]
    if isinstance(pair, SearchComparison):
        rows = [
            (pair.class_names[k], int((pair.compared & (pair.labels == k)).sum()), *_values(pair.ratio(k)))
            for k in present
        ]
        columns = ("class", "images", "median L2, first", "median L2, second", "median ratio", "from", "to")
        digits = {"median ratio": 3, "from": 3, "to": 3, "median L2, first": 1, "median L2, second": 1}
        return [Table("Minimum noise by class", columns, rows, (ORDER_INTERVALS,), digits)]
    by_severity = [
        (f"{severity:g}", *_percent(pair.accuracy(severity)), *_percent(pair.accuracy(severity, clean_correct=True)))
        for severity in pair.severities
    ]
    right = tuple(f"{name}, right when clean" for name in ("first", "second", *DIFFERENCE))
    by_class = [(pair.class_names[k], int((pair.labels == k).sum()), *_percent(pair.recall(k))) for k in present]
    name = pair.first.degradation.parameter
    note = f"{int(pair.right_in_both.sum())} of {len(pair.images)} images are right when clean in both; in %."
    return [
        Table(f"Accuracy by {name}", (name, "first", "second", *DIFFERENCE, *right), by_severity, (note, INTERVALS)),
        Table(
            f"Recall by class, over {pair.first.degradation.together}",
            ("class", "images", "first", "second", *DIFFERENCE),
            by_class,
            (INTERVALS,),
        ),
    ]


def comparison_json(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Return the same for scripts, one dict for each pair."""
    return [
        {
            "first": str(pair.first.path),
            "second": str(pair.second.path),
            "images": len(pair.images),
            "left_out": _left_out(pair),
            "clean": dict(zip(("first", "second", *DIFFERENCE), _values(pair.clean), strict=True)),
            "mcnemar": {
                "only_first": pair.mcnemar.only_first,
                "only_second": pair.mcnemar.only_second,
                "p_value": pair.mcnemar.p_value,
            },
            **{table.title: table.records() for table in tables(pair)},
        }
        for pair in pairs
    ]


def _left_out(pair: Pair) -> list[str]:
    """Return sentences on what is left out because only one of the runs has it, and on different numbers of copies."""
    lines = []
    for name, run, other in (("first", pair.first, pair.second), ("second", pair.second, pair.first)):
        more = len(np.setdiff1d(run.clean.indices, other.clean.indices))
        if more:
            lines.append(f"{more} images of the {name} run are not in the other run and are left out.")
    if isinstance(pair, SweepComparison):
        for name, sweep in (("first", pair.first), ("second", pair.second)):
            others = [f"{s:g}" for s in sweep.severities if s not in pair.severities]
            if others:
                lines.append(f"{sweep.degradation.parameter} {', '.join(others)} of the {name} run are left out.")
        first, second = pair.first.copies_done, pair.second.copies_done
        if first != second:
            lines.append(
                f"The first run has {_range(*first)} copies of an image at each severity, the second {_range(*second)}."
            )
    return lines


def _range(fewest: int, most: int) -> str:
    """Return a range of numbers in words."""
    return str(most) if fewest == most else f"{fewest} to {most}"


def _unfinished(*runs: RunFolder) -> list[str]:
    """Return a sentence for each run that is not finished."""
    return [
        f"{run.path.name} is not finished and has {run.extent}: only what both runs have is compared."
        for run in runs
        if not run.complete
    ]


def _values(d: Paired) -> tuple[float, ...]:
    """Return both values, their difference or ratio, and its interval, NaN if there is none."""
    ends = (d.low, d.high) if math.isfinite(d.high) else (math.nan, math.nan)
    return d.first, d.second, d.value, *ends


def _percent(d: Difference) -> tuple[float, ...]:
    """Return the same in %."""
    return tuple(100 * value for value in _values(d))
