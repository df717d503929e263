"""The topics of an explanation's report, in the order in which the page shows them."""

import functools
import importlib
from importlib.util import find_spec
from typing import Protocol, cast

from tfstab.explanation import ExplanationRun
from tfstab.report.page import Picture, Section
from tfstab.report.tables import Table

# Modules of this package, each with the functions of a `Topic`. The cause comes first, its evidence after it.
TOPICS = ("cause", "layers", "flatness", "frequency", "place", "curvature", "neighbours")


class Topic(Protocol):
    """The functions of a topic's module."""

    def section(self, run: ExplanationRun) -> Section | None:
        """Return the topic's section, or None if the run has no results for it."""

    def of_image(self, run: ExplanationRun, image: int) -> list[Table | Picture]:
        """Return what the topic shows of one image, given by its index in the full split; [] for nothing."""


@functools.cache
def topics() -> dict[str, Topic]:
    """Return the modules of all topics by name."""
    package = __name__.rpartition(".")[0]
    names = {name: f"{package}.{name}" for name in TOPICS}
    return {name: cast(Topic, importlib.import_module(path)) for name, path in names.items() if find_spec(path)}


def sections_of(run: ExplanationRun) -> dict[str, Section]:
    """Return the sections of a run by topic; a topic for which the run has no results is left out."""
    if not len(run.rows):
        return {}
    sections = {name: topic.section(run) for name, topic in topics().items()}
    return {name: section for name, section in sections.items() if section is not None}


def parts_of_image(run: ExplanationRun, image: int) -> list[Table | Picture]:
    """Return what all topics show of one image, given by its index in the full split."""
    return [part for topic in topics().values() for part in topic.of_image(run, image)]
