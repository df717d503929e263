"""The recall of one class, and how many images of other classes are taken for it, as JSON values for scripts.

An estimate is what `assessment.json` has: shares are 0 to 1, null without images.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tfstab.assessment import FamilyFigures, Figures
from tfstab.assessment.class_shares import (
    ClassShares,
    clean_shares,
    clean_taken_by_class,
    lowest_recall_first,
    mean_taken_by_class,
    most_taken_at,
    shares_by_severity,
    taken_by_class,
)
from tfstab.assessment.record import estimate_json
from tfstab.metrics import Estimate


def by_severity_json(family: FamilyFigures, index: int) -> dict[str, Any]:
    """Return the shares of a class in one sweep: when clean, then at each severity from mild to strong."""
    names = family.run.class_names
    clean, *degraded = (
        {**_shares(one), "taken_of": _of_others(names, taken)}
        for one, taken in zip(shares_by_severity(family, index), taken_by_class(family, index), strict=True)
    )
    severities = (family.run.severities[s] for s in family.run.config.mildest_first)
    return {
        "clean": clean,
        "by_severity": [{"severity": s, **row} for s, row in zip(severities, degraded, strict=True)],
    }


def overview_json(figures: Figures, index: int) -> dict[str, Any]:
    """Return the shares of a class on all clean images, and under each degradation, the lowest recall first.

    Those under a degradation are averaged over the severities; `most_taken` is of one severity.
    """
    rows = []
    for family, mean in lowest_recall_first(figures.families, index):
        most = most_taken_at(family, index)
        at = None if most is None else {"severity": most[0], "taken": estimate_json(most[1])}
        of = _of_others(figures.classes, mean_taken_by_class(family, index))
        row = {"degradation": family.name, "title": family.title, **_shares(mean), "taken_of": of, "most_taken": at}
        rows.append(row)
    clean = _shares(clean_shares(figures.clean_classes, index))
    clean["taken_of"] = _of_others(figures.classes, clean_taken_by_class(figures.clean_classes, index))
    return {"clean": clean, "degradations": rows}


def _of_others(names: Sequence[str], taken: Mapping[int, Estimate]) -> dict[str, Any]:
    """Return the share of the images of each other class that are taken for a class, by name of the other."""
    return {names[k]: estimate_json(found) for k, found in sorted(taken.items())}


def _shares(one: ClassShares) -> dict[str, Any]:
    """Return the shares of a class, and the numbers of images that they are of."""
    return {
        "images": one.images,
        "recall": estimate_json(one.recall),
        "others": one.others,
        "taken": estimate_json(one.taken),
    }
