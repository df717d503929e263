"""Finds the assessment of an explanation's model and data, in whose folder or beside which the explanation lies."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfstab.errors import TfstabError
from tfstab.explanation.run import ExplanationRun
from tfstab.runs import RunFolder
from tfstab.runs.files import ASSESSMENT
from tfstab.runs.form import recorded_form
from tfstab.runs.info import read_info, runs_in
from tfstab.runs.pixels import COMPARED, same_pixels


def assessment_near(run: ExplanationRun) -> Path | None:
    """Return the folder of an assessment of the same model and data in or beside which the run lies; None without one.

    If there are several, it is the one that shares the most images with the run: one of the others may be of a sample.
    """
    around = run.path.absolute().parent
    folders = [path.parent for path in (*around.glob(ASSESSMENT), *around.glob(f"*/{ASSESSMENT}"))]
    shared = {folder: _shared(run, folder) for folder in folders}
    return max((folder for folder in folders if shared[folder]), key=lambda folder: shared[folder], default=None)


def _shared(run: ExplanationRun, folder: Path) -> int:
    """Return how many of the run's images an assessment of its model has; 0 if that is of other data.

    One of its sweeps is looked at, as all are of the same data.
    """
    for path in runs_in(folder):
        with contextlib.suppress(TfstabError):  # damaged: it says nothing
            info = read_info(path)
            if info["kind"] == "sweep" and _network(info) == _network(run.info):
                sweep = RunFolder(path)
                common = np.intersect1d(run.clean.indices, sweep.clean.indices)
                return len(common) if same_pixels(run, sweep, common[:COMPARED]) else 0
    return 0


def _network(info: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what makes the models of two runs the same."""
    return info["model"]["fingerprint"], recorded_form(info["model"])
