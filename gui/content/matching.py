"""The same degraded images in two sweeps: what another model says of them. Runs in a worker."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import SweepPoints
from tfstab.gui.content.selection import PointFilter

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

NOT_THERE = -1


def predicted_elsewhere(run: "SweepRun", points: SweepPoints, other: "SweepRun", theirs: SweepPoints) -> np.ndarray:
    """What the other run predicts of each of these points, int16 (N,); NOT_THERE where it has not that very image.

    Images are the same where index, pixels and degradation are.
    """
    predicted = np.full(len(points), NOT_THERE, np.int16)
    if not degraded_alike(run, other):
        return predicted
    common = np.intersect1d(np.unique(points.image), np.unique(theirs.image))
    rows, other_rows = ([r.clean.row(image) for image in common.tolist()] for r in (run, other))
    if run.clean.images.shape[1:] != other.clean.images.shape[1:]:
        return predicted
    same = (run.clean.images[rows] == other.clean.images[other_rows]).all(axis=(1, 2, 3))
    known, copies = common[same], max(run.config.copies, other.config.copies)
    mine, their = (_codes(p, len(run.severities), copies) for p in (points, theirs))
    order = np.argsort(their)
    place = np.searchsorted(their, mine, sorter=order)
    found = order[np.minimum(place, len(their) - 1)] if len(their) else np.zeros(len(mine), np.intp)
    there = np.isin(points.image, known)
    if len(their):
        there &= their[found] == mine
        predicted[there] = theirs.predicted[found[there]]
    return predicted


def degraded_alike(run: "SweepRun", other: "SweepRun") -> bool:
    """Whether the two degrade the same image alike at the same severity index and copy, by what they have recorded."""
    ours, theirs = ({**r.info["settings"], "copies": None} for r in (run, other))
    return ours == theirs and run.seed == other.seed


def filter_for(chosen: PointFilter, run: "SweepRun", other: "SweepRun") -> PointFilter | None:
    """The same filter for another run, whose severities may have other places; None where it has not swept that one."""
    if chosen.severity_index is None:
        return chosen
    severity = run.severities[chosen.severity_index]
    if severity not in other.severities:
        return None
    return replace(chosen, severity_index=other.severities.index(severity))


def _codes(points: SweepPoints, severities: int, copies: int) -> NDArray[np.int64]:
    return (points.image.astype(np.int64) * severities + points.severity_index) * copies + points.copy
