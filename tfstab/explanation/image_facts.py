"""What one sweep or several say about one image, as rows of text."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfstab.explanation.tried import Tried
from tfstab.metrics.shares import rounded
from tfstab.runs.info import UNKNOWN_CLASS, without_classes
from tfstab.sweep import SweepRun
from tfstab.sweep.measures import SweepMeasures
from tfstab.wording import scored

FAILS = "a copy fails at"
PREDICTED_CLEAN = "predicted clean"
TAKEN_FOR = "mostly taken for, over all severities"
RIGHT_AT, COPIES_RIGHT = "right at", "copies right"
OTHERS_TAKEN_FOR = "the others mostly taken for"
NOT_MEASURED = "not measured"


class Shown(NamedTuple):
    """Rows of text with their columns, a title, and sentences below them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def clean_facts(run: SweepRun, image: int) -> list[tuple[str, str]]:
    """Return the class of an image and what is predicted for it when clean, as pairs of names and values."""
    clean, names, known = run.clean, run.class_names, not without_classes(run.info)
    scores, true = clean.scores[clean.row(image)], int(clean.class_index[clean.row(image)])
    return [
        ("true class", names[true] if known else UNKNOWN_CLASS),
        (PREDICTED_CLEAN, f"{names[int(scores.argmax())]} ({scored(scores.max())})"),
        *([("true class's score", scored(scores[true]))] if known else []),
    ]


def image_facts(run: SweepRun, image: int) -> list[tuple[str, str]]:
    """Return these and more: where its copies fail, what they are mistaken for, its certified radius.

    For an image that is wrong when clean, it is where its copies are right.
    """
    names, m = run.class_names, run.measures_of(image)
    rows = clean_facts(run, image)
    if not len(m):
        rows.append(("degraded copies", NOT_MEASURED))
    elif (tried := None if m.clean_correct[0] else Tried.in_run(run, image)) is not None:
        cells = right_cells(tried, int(m.labels[0]), names)
        rows += zip((RIGHT_AT, f"{COPIES_RIGHT}, averaged over the severities", OTHERS_TAKEN_FOR), cells, strict=True)
    else:
        rows += _failing_facts(run, m)
    if len(m) and m.can_certify:
        of = "" if without_classes(run.info) else ", true class"
        rows.append((f"certified L2{of}", _radius(m.certified_radii()[0], run)))
        if not m.clean_correct[0]:
            rows.append(("certified L2, predicted class", _radius(m.certified_radii("clean")[0], run)))
    return rows


def _failing_facts(run: SweepRun, m: SweepMeasures) -> list[tuple[str, str]]:
    """Return where copies of an image that is right when clean fail. m: its measures."""
    wrong, never = int(m.wrong_class[0]), not np.isfinite(m.failing_severity()[0])
    rows = [
        (FAILS, _severity(m.failing_severity()[0], run, "never fails")),
        (
            "half of the copies fail at",
            _severity(m.failing_severity(0.5)[0], run, "never" if never else "never: fewer fail"),
        ),
        (TAKEN_FOR, run.class_names[wrong] if wrong >= 0 else "–"),
    ]
    if (own := m.copy_failing_severity) is not None:
        quartiles = np.nanquantile(own[0], (0, 0.25, 0.5, 0.75, 1), method="inverted_cdf")
        rows.append(("first to last copy fails at", ", ".join("–" if q == np.inf else f"{q:g}" for q in quartiles)))
    return rows


def _severity(value: float, run: SweepRun, never: str) -> str:
    """Return the severity at which an image fails, in words; `never` if there is none."""
    return run.degradation.at(f"{value:g}") if math.isfinite(value) else never


def failing_copies(sweeps: Sequence[SweepRun], image: int) -> Shown:
    """Return under which degradations copies of an image fail; if it is wrong when clean, under which they are right.

    Parameters
    ----------
    sweeps : sequence of SweepRun
        Sweeps that have the image, at least one; some may not have degraded it yet.
    image : int
        Index of the image in the full split.
    """
    clean = sweeps[0].clean
    if clean.correct[clean.row(image)]:
        facts = [dict(image_facts(run, image)) for run in sweeps]
        rows = [
            (run.degradation.title, *(found.get(name, NOT_MEASURED) for name in (FAILS, TAKEN_FOR)))
            for run, found in zip(sweeps, facts, strict=True)
        ]
        return Shown("Where its degraded copies fail", ("degradation", FAILS, TAKEN_FOR), rows)
    found = [(run, Tried.in_run(run, image)) for run in sweeps]
    tried = [one for _, one in found if one is not None]
    missing = [run.degradation.title for run, one in found if one is None]
    return right_copies(tried, int(clean.class_index[clean.row(image)]), sweeps[0].class_names, missing)


def right_copies(
    tried: Sequence[Tried], true_class: int, class_names: Sequence[str], not_measured: Sequence[str] = ()
) -> Shown:
    """Return which degradations make an image right that is wrong when clean; the one that helps most comes first.

    Parameters
    ----------
    tried : sequence of Tried
        The degradations.
    true_class : int
        Its class.
    class_names : sequence of str
        Names of the classes.
    not_measured : sequence of str
        Titles of degradations under which it has not been measured yet.
    """
    order = sorted(tried, key=lambda one: -one.share(true_class))
    rows = [(one.title, *right_cells(one, true_class, class_names)) for one in order]
    rows += [(title, NOT_MEASURED, "–", "–") for title in not_measured]
    note = (
        "Right at: the severities at which more than half of its copies are right; –: none. Copies right: the share of "
        "copies that are right, averaged over the severities."
    )
    columns = ("degradation", RIGHT_AT, COPIES_RIGHT, OTHERS_TAKEN_FOR)
    return Shown("Where its degraded copies are right", columns, rows, (note,))


def right_cells(tried: Tried, true_class: int, class_names: Sequence[str]) -> tuple[str, str, str]:
    """Return at which severities most copies are right, which share of copies is, and what the others are taken for."""
    which, other = tried.right(true_class), tried.mostly_taken_for(true_class)
    return (
        tried.at(which) if which.any() else "–",
        f"{rounded(tried.share(true_class))} %",
        "–" if other is None else class_names[other],
    )


def _radius(radii: np.ndarray, run: SweepRun) -> str:
    """Return the largest of an image's certified radii (S,), in words."""
    best = int(radii.argmax())
    if not radii[best]:
        return "abstains at every sigma"
    return f"{radii[best]:.1f} grey levels, at sigma {run.severities[best]:g}, of the smoothed classifier"
