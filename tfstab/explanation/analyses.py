"""The table of analyses, in the order in which a block of images goes through them."""

import functools
import importlib

from tfstab.explanation.analysis import Analysis

# "module:name" of each `Analysis`. A new one is a module of this package and an entry here. `noise` comes first, as
# others need its result.
ANALYSES = (
    "tfstab.explanation.noise:NOISE",
    "tfstab.explanation.copies:COPIES",
    "tfstab.explanation.layers:LAYERS",
)


@functools.cache
def analyses() -> dict[str, Analysis]:
    """Return all analyses by name."""
    found = []
    for entry in ANALYSES:
        module, _, name = entry.partition(":")
        found.append(getattr(importlib.import_module(module), name))
    return {analysis.name: analysis for analysis in found}
