"""The table of the kinds of runs: what reads, configures, makes and reports each of them."""

import importlib
from dataclasses import dataclass
from typing import Any

from tfstab.errors import RunError


@dataclass(frozen=True)
class RunKind:
    """One kind of run.

    Its parts are given as "module:name" and imported when they are first needed: they belong to packages above this
    one, and some take half a second to import.

    Attributes
    ----------
    name : str
        The kind as run.json records it.
    reader : str
        Class of an opened run, a subclass of RunFolder.
    config : str
        Class of its settings.
    runner : str
        Function that makes or resumes a run: classifier, dataset, config, out and the kind's own keyword arguments.
    section : str
        Function of the report: an opened run gives the summary's lines, and the tables and figures below them.
    overview : str
        Function of the report: several opened runs of this kind give a section that shows them together, or None; ""
        for no such function.
    elsewhere : str
        How a sentence goes on that begins with a run's folder and says where it is read, if not in the viewer.
    """

    name: str
    reader: str
    config: str
    runner: str
    section: str
    overview: str = ""
    elsewhere: str = ""

    def load(self, part: str) -> Any:
        """Return the object that one of the fields names, such as "reader"."""
        return imported(getattr(self, part))


KINDS = {
    kind.name: kind
    for kind in (
        RunKind(
            name="search",
            reader="tfstab.search:SearchRun",
            config="tfstab.search.config:SearchConfig",
            runner="tfstab.search:run_search",
            section="tfstab.report.run_files:search_section",
        ),
        RunKind(
            name="sweep",
            reader="tfstab.sweep:SweepRun",
            config="tfstab.sweep.config:SweepConfig",
            runner="tfstab.sweep:run_sweep",
            section="tfstab.report.run_files:sweep_section",
            overview="tfstab.report.run_files:sweep_overview",
        ),
        RunKind(
            name="explanation",
            reader="tfstab.explanation:ExplanationRun",
            config="tfstab.explanation:ExplanationConfig",
            runner="tfstab.explanation:run_explanation",
            section="tfstab.report.explanation.files:explanation_section",
            elsewhere="is an explanation: see the tab Why of an assessment of the same model and images in the same "
            "parent folder, or report.html here (made by `tfstab report`).",
        ),
    )
}


def kind_of(name: str, where: object) -> RunKind:
    """Return the kind with this name; raise RunError, which says where the name was found, if there is none."""
    if name not in KINDS:
        raise RunError(f"{where} is a run of unknown kind '{name}'; known: {', '.join(KINDS)}.")
    return KINDS[name]


def imported(name: str) -> Any:
    """Return the object named "module:name", importing its module."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)
