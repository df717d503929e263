"""The recall of one class, and how many images of other classes are taken for it, as JSON values for scripts.

An estimate is what `assessment.json` has: shares are 0 to 1, null without images.
"""

from typing import Any

from tfstab.assessment import FamilyFigures, Figures
from tfstab.assessment.class_shares import (
    ClassShares,
    clean_shares,
    lowest_recall_first,
    most_taken_at,
    shares_by_severity,
)
from tfstab.assessment.record import estimate_json


def by_severity_json(family: FamilyFigures, index: int) -> dict[str, Any]:
    """Return the shares of a class in one sweep: when clean, then at each severity from mild to strong."""
    clean, *degraded = shares_by_severity(family, index)
    severities = (family.run.severities[s] for s in family.run.config.mildest_first)
    rows = [{"severity": s, **_shares(one)} for s, one in zip(severities, degraded, strict=True)]
    return {"clean": _shares(clean), "by_severity": rows}


def overview_json(figures: Figures, index: int) -> dict[str, Any]:
    """Return the shares of a class on all clean images, and under each degradation, the lowest recall first.

    Those under a degradation are averaged over the severities; `most_taken` is of one severity.
    """
    rows = []
    for family, mean in lowest_recall_first(figures.families, index):
        most = most_taken_at(family, index)
        at = None if most is None else {"severity": most[0], "taken": estimate_json(most[1])}
        rows.append({"degradation": family.name, "title": family.title, **_shares(mean), "most_taken": at})
    return {"clean": _shares(clean_shares(figures.clean_classes, index)), "degradations": rows}


def _shares(one: ClassShares) -> dict[str, Any]:
    """Return the shares of a class, and the numbers of images that they are of."""
    return {
        "images": one.images,
        "recall": estimate_json(one.recall),
        "others": one.others,
        "taken": estimate_json(one.taken),
    }
