"""Finds the explanation of an assessment's network beside the folder of the assessment."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfstab.errors import TfstabError
from tfstab.experiments.same_images import check_same_images
from tfstab.explanation import ExplanationRun
from tfstab.runs import RunFolder
from tfstab.runs.form import recorded_form
from tfstab.runs.info import read_info
from tfstab.runs.pixels import COMPARED


def explanation_beside(folder: Path, runs: Sequence[RunFolder]) -> ExplanationRun | None:
    """Return the explanation of these runs' model and data that is beside their folder, or None if there is none.

    `tfstab explain` makes it there by default. If there are several, it is the one with the most results.
    """
    if not runs:
        return None
    largest = max(runs, key=lambda run: int(run.info["data"]["images"]))
    found = []
    for path in folder.absolute().parent.glob(f"{ExplanationRun.kind}*/run.json"):
        with contextlib.suppress(TfstabError):  # damaged, of a newer tfstab, or of other images
            info = read_info(path.parent)
            if info["kind"] == ExplanationRun.kind and _network(info) == _network(largest.info):
                explanation = ExplanationRun(path.parent)
                common = np.intersect1d(largest.clean.indices, explanation.clean.indices)
                check_same_images(largest, explanation, common[:COMPARED])
                found.append(explanation)
    return max(found, key=lambda run: len(run.parts), default=None)


def _network(info: dict[str, Any]) -> tuple[Any, ...]:
    """Return what makes the networks of two runs the same."""
    return info["model"]["fingerprint"], recorded_form(info["model"])
