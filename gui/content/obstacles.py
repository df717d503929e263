"""Why two runs cannot be compared, as said after the other one's name; fast enough for the window's thread.

A menu shows what stands before the first colon.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.datasets.remarks import with_split
from tfstab.orders import data_name
from tfstab.search.norm import get_norm

if TYPE_CHECKING:
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun

ONE = "to compare degradations of one network, open the folder of its sweeps and select two rows in Robustness"
SEVERAL = "open the folders that hold the sweeps of each network to compare them under several degradations"
LOOKED_AT = 8  # images whose pixels are compared


def of_sweeps(run: "SweepRun", other: "SweepRun") -> str:
    """Return why two sweeps cannot be compared; "" if they can."""
    mine, theirs = run.degradation, other.degradation
    if mine.name != theirs.name:
        return f"measured under {theirs.title}, not {mine.title}: {ONE if _same_network(run, other) else SEVERAL}"
    if not set(run.severities) & set(other.severities):
        return f"no {mine.parameter} in common with this sweep"
    if run.config.clip != other.config.clip and not _same_network(run, other):
        return "only one of the two sweeps clips grey levels, so the networks were given different images"
    return of_images(run, other)


def of_searches(run: "SearchRun", other: "SearchRun") -> str:
    """Return why two searches cannot be compared; "" if they can."""
    mine, theirs = (get_norm(r.config.norm).title for r in (run, other))
    if mine != theirs:
        return f"searched for the smallest {theirs}, not {mine}"
    return of_images(run, other)


def of_images(run: Any, other: Any) -> str:
    """Return why two runs are not of the same images; "" if they have some in common."""
    mine, theirs = run.clean, other.clean
    common = np.intersect1d(mine.indices, theirs.indices)
    if not len(common):
        return "measured on none of the images of this run"
    few = common[:: max(1, len(common) // LOOKED_AT)][:LOOKED_AT].tolist()
    if mine.images.shape[1:] == theirs.images.shape[1:]:
        pairs = [(mine.images[mine.row(i)], theirs.images[theirs.row(i)]) for i in few]
        if all(np.array_equal(a, b) for a, b in pairs):
            return ""
    here, there = (with_split(data_name(r.info["data"]["name"]), r.info["data"]) for r in (run, other))
    return f"measured on other images{' of the same name' if here == there else ''}, {there}"


def _same_network(run: Any, other: Any) -> bool:
    return bool(run.info["model"]["fingerprint"] == other.info["model"]["fingerprint"])
