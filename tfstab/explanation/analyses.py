"""The table of analyses, in the order in which a block of images goes through them."""

import functools

from tfstab.explanation.analysis import Analysis
from tfstab.runs.kinds import imported

# "module:name" of each `Analysis`. A new one is a module of this package and an entry here. `noise` comes first, as
# others need its result.
ANALYSES = (
    "tfstab.explanation.noise:NOISE",
    "tfstab.explanation.copies:COPIES",
    "tfstab.explanation.layers:LAYERS",
    "tfstab.explanation.attribution:ATTRIBUTION",
    "tfstab.explanation.occlusion:OCCLUSION",
    "tfstab.explanation.curvature:CURVATURE",
    "tfstab.explanation.features:FEATURES",
    "tfstab.explanation.spectrum:SPECTRUM",
    "tfstab.explanation.frequency:FREQUENCY",
    "tfstab.explanation.kernels:KERNELS",
)


@functools.cache
def analyses() -> dict[str, Analysis]:
    """Return all analyses by name."""
    found = [imported(entry) for entry in ANALYSES]
    return {analysis.name: analysis for analysis in found}


def names() -> list[str]:
    """Return the names of all analyses; each is that of its module."""
    return [entry.partition(":")[0].rpartition(".")[2] for entry in ANALYSES]
