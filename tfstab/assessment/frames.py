"""Tables of an assessment for Python (pandas): of degradations, of their severities, and of the recall of classes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.recalls import recall_of
from tfstab.assessment.shown_recalls import shown_classes
from tfstab.metrics import Estimate
from tfstab.metrics.classification import ratio
from tfstab.metrics.estimate import NO_ESTIMATE, accuracy_of
from tfstab.metrics.kept import estimate_each, share_of
from tfstab.runs.info import without_classes
from tfstab.sweep.frame import severities_frame
from tfstab.sweep.intervals import as_number

if TYPE_CHECKING:
    import pandas as pd


def degradations_frame(figures: Figures) -> "pd.DataFrame":
    """Return one row for each degradation, the one that leaves the least accuracy first; see `Assessment.to_pandas`."""
    import pandas as pd

    families = figures.families
    columns: dict[str, list[str] | list[int] | list[float]] = {
        "title": [f.title for f in families],
        "images": [len(f.images) for f in families],
        "copies": [float(f.run.measures.total.mean()) for f in families],
    }
    columns |= _with_ends("clean", (accuracy_of(f.clean_right) for f in families))
    columns |= _with_ends("accuracy", (share_of(f.share_right.mean(axis=1)) for f in families))
    columns |= _with_ends("accuracy_kept", (f.kept for f in families))
    columns |= _with_ends("still_right", (f.middle for f in families))
    columns["middle_severity"] = [f.middle_severity for f in families]
    columns |= _with_ends("severity50", map(_severity50, families))
    shown = {} if without_classes(figures.info) else shown_classes(figures)
    columns["recall_class"] = [figures.classes[shown[f.name]] if shown else "" for f in families]
    columns |= _with_ends("recall", (recall_of(f, shown[f.name]) if shown else NO_ESTIMATE for f in families))
    return pd.DataFrame(columns, pd.Index([f.name for f in families], name="degradation"))


def severities_of_all(figures: Figures) -> "pd.DataFrame":
    """Return the accuracies at each severity of each degradation; see `Assessment.severities`."""
    import pandas as pd

    tables = {
        f.name: severities_frame(f.run.measures).iloc[f.run.config.mildest_first].reset_index()
        for f in figures.families
    }
    if not tables:
        return pd.DataFrame()
    return pd.concat(tables, names=["degradation"]).reset_index("degradation").reset_index(drop=True)


def recalls_frame(figures: Figures) -> "pd.DataFrame":
    """Return the recall of each class under each degradation and severity; see `Assessment.recalls`."""
    import pandas as pd

    columns = ["degradation", "severity", "class", "images", "recall", "recall_low", "recall_high", "taken"]
    if without_classes(figures.info):
        return pd.DataFrame(columns=columns)
    labels = np.repeat([c.index for c in figures.clean_classes], [len(c.right) for c in figures.clean_classes])
    predicted = np.concatenate([c.predicted for c in figures.clean_classes])
    of_others = [len(labels) - len(c.right) for c in figures.clean_classes]
    as_class = [int(((predicted == c.index) & (labels != c.index)).sum()) for c in figures.clean_classes]
    clean = [
        ("", np.nan, c.name, len(c.right), *_ends(c.accuracy), float(taken))
        for c, taken in zip(figures.clean_classes, ratio(np.array(as_class), np.array(of_others)), strict=True)
    ]
    return pd.DataFrame(
        clean + [row for f in figures.families for row in _recalls(f, figures.classes)], columns=columns
    )


def _recalls(family: FamilyFigures, classes: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Return the rows of one family, from mild to strong, and at each severity the lowest recall first."""
    found = family.of_classes
    shares = {int(k): found.share_right[found.labels == k] for k in np.unique(found.labels)}
    estimates = {k: estimate_each(own, np.ones(len(own))) for k, own in shares.items()}  # (3, severities) each
    taken = family.run.measures.taken_by_severity
    return [
        (
            *(family.name, family.run.severities[s], classes[k], len(shares[k])),
            *map(float, (*estimates[k][:, s], taken[s, k])),
        )
        for s in family.run.config.mildest_first
        for k in sorted(shares, key=lambda k: float(estimates[k][0, s]))
    ]


def _severity50(family: FamilyFigures) -> Estimate:
    """Return `severity50` with the smaller end first; an estimate has the milder one first."""
    e = as_number(family.run.config, family.severity50)
    return Estimate(e.value, e.high, e.low) if e.high < e.low else e


def _with_ends(name: str, estimates: Iterable[Estimate]) -> dict[str, list[float]]:
    """Return three columns: estimates, and the ends of their intervals."""
    found = list(map(_ends, estimates))
    return {column: [ends[k] for ends in found] for k, column in enumerate((name, f"{name}_low", f"{name}_high"))}


def _ends(e: Estimate) -> tuple[float, float, float]:
    """Return an estimate and the ends of its interval."""
    return e.value, e.low, e.high
