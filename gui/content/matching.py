"""The same degraded images in two sweeps: what another model predicts for them. Runs in a worker thread."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import SweepPoints, codes
from tfstab.gui.content.selection import PointFilter

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

NOT_THERE = -1


def predictions(places: np.ndarray, theirs: SweepPoints) -> np.ndarray:
    """Return the predicted classes (N,) at these places (N,) of another run's points; NOT_THERE where there is none."""
    predicted = np.full(len(places), NOT_THERE, np.int16)
    known = places >= 0
    predicted[known] = theirs.predicted[places[known]]
    return predicted


def places_elsewhere(run: "SweepRun", points: SweepPoints, other: "SweepRun", theirs: SweepPoints) -> NDArray[np.int64]:
    """Return where another run has the points of this one.

    Two degraded images count as the same if image index, pixels and degradation are equal.

    Parameters
    ----------
    run, other : SweepRun
        This run and the other one.
    points : SweepPoints
        N points of this run.
    theirs : SweepPoints
        Points of the other run.

    Returns
    -------
    ndarray of int64, shape (N,)
        Positions in `theirs`, or NOT_THERE if the other run does not have the same degraded image.
    """
    places = np.full(len(points), NOT_THERE, np.int64)
    elsewhere = same_severities(run, other)
    if not (elsewhere >= 0).any():
        return places
    common = np.intersect1d(np.unique(points.image), np.unique(theirs.image))
    rows, other_rows = ([r.clean.row(image) for image in common.tolist()] for r in (run, other))
    if run.clean.images.shape[1:] != other.clean.images.shape[1:]:
        return places
    same = (run.clean.images[rows] == other.clean.images[other_rows]).all(axis=(1, 2, 3))
    known = common[same]
    count, place_there = len(other.severities), elsewhere[points.severity_index]
    mine = codes(points.image, place_there, points.copy, count)
    their = codes(theirs.image, theirs.severity_index, theirs.copy, count)
    order = np.argsort(their)
    place = np.searchsorted(their, mine, sorter=order)
    found = order[np.minimum(place, len(their) - 1)] if len(their) else np.zeros(len(mine), np.intp)
    shared = np.isin(points.image, known) & (place_there >= 0)
    if len(their):
        shared &= their[found] == mine
        places[shared] = found[shared]
    return places


def same_severities(run: "SweepRun", other: "SweepRun") -> NDArray[np.int64]:
    """Match the severities of two runs at which they degrade the same image identically.

    Random degradations depend on the seed and, unless noise is common to all severities, on the severity index.

    Returns
    -------
    ndarray of int64, shape (S,)
        For each severity of this run its index in the other run, or -1 if there is none.
    """
    ours, theirs = ({**r.info["settings"], "copies": 0, "sigmas": 0, "severities": 0} for r in (run, other))
    draws = run.degradation.random
    if ours != theirs or (draws and run.seed != other.seed):
        return np.full(len(run.severities), -1)
    known = {severity: place for place, severity in enumerate(other.severities)}
    places = np.array([known.get(severity, -1) for severity in run.severities])
    if draws and not run.config.common_noise:
        places[places != np.arange(len(places))] = -1
    return places


def filter_for(chosen: PointFilter, run: "SweepRun", other: "SweepRun") -> PointFilter | None:
    """Translate a filter to another run, whose severity indices may differ; None if it has not swept that severity."""
    if chosen.severity_index is None:
        return chosen
    severity = run.severities[chosen.severity_index]
    if severity not in other.severities:
        return None
    return replace(chosen, severity_index=other.severities.index(severity))
