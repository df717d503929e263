"""Finds the assessment of an explanation's model, in whose folder or beside which the explanation lies."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab.errors import TfstabError
from tfstab.explanation.run import ExplanationRun
from tfstab.runs.files import ASSESSMENT
from tfstab.runs.form import recorded_form
from tfstab.runs.info import read_info, runs_in


def assessment_near(run: ExplanationRun) -> Path | None:
    """Return the folder of an assessment of the same model in or beside which the run lies; None if there is none."""
    around = run.path.absolute().parent
    for results in [*around.glob(ASSESSMENT), *around.glob(f"*/{ASSESSMENT}")]:
        for path in runs_in(results.parent):
            with contextlib.suppress(TfstabError):  # damaged: it says nothing
                info = read_info(path)
                if info["kind"] == "sweep" and _network(info) == _network(run.info):
                    return results.parent
    return None


def _network(info: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what makes the models of two runs the same."""
    return info["model"]["fingerprint"], recorded_form(info["model"])
