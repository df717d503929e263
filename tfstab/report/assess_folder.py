"""The folder in which `tfstab assess` works."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfstab.assessment.results import RESULTS
from tfstab.assessment.state import AssessmentState, OnState
from tfstab.degradations import degradation_names
from tfstab.errors import RunError
from tfstab.explanation import ExplanationRun
from tfstab.paths import check_path, check_writable
from tfstab.runs.atomic import write_json
from tfstab.runs.files import ASSESSING, BEGUN, PARTS, RARE, REPORT, SEARCH, find_scores
from tfstab.runs.info import is_run, read_info, runs_in
from tfstab.runs.locking import check_unlocked
from tfstab.sweep import SweepRun

LOCK, WORK = ASSESSING, "assessing"  # the file is held from the start to the report


def check_folder(folder: Path) -> None:
    """Raise an error unless this can be the folder of an assessment: it is new, or free and without other files."""
    check_path(folder, RunError, recorded=True)
    if folder.is_file():
        raise RunError(f"{folder} is a file: choose a folder for the assessment.")
    check_writable(folder)
    if is_run(folder):
        raise RunError(f"{folder} is a run folder; expected a folder for the runs of an assessment: choose another.")
    for name in (REPORT, RESULTS):
        if (folder / name).exists() and not (folder / name).is_file():
            raise RunError(f"{folder / name} is no file, and is to be written: move it elsewhere.")
    check_unlocked(folder, LOCK, WORK)
    known = {*degradation_names(), SEARCH, ExplanationRun.kind, RARE}
    known |= {path.name for path in runs_in(folder) if path.name not in known and _is_own_sweep(path)}
    there = {path.name for path in folder.iterdir() if path.name[0] != "."} if folder.is_dir() else set[str]()
    kept = {PARTS} if find_scores(folder) else set()  # an earlier call was stopped while it scored clean images
    foreign = sorted(there - known - {REPORT, RESULTS} - kept) if not there & known else []
    foreign += [path.name for path in runs_in(folder) if path.name not in known]
    if foreign:
        raise RunError(f"{folder} holds other files ({foreign[0]}): choose an empty or a new folder.")


def recording(folder: Path, entries: Callable[[], dict[str, Any]], on_state: OnState | None) -> OnState:
    """Return an observer that records what is known of a call once it measures, and passes all states on.

    entries: returns its options, and what the check of the inputs said, as in assessment.json. Before a call measures,
    checks may refuse it. Afterwards, the viewer can show a warning about the inputs, and go on with the same options
    even if the process is killed.
    """
    recorded: dict[str, Any] = {}

    def observe(state: AssessmentState) -> None:
        nonlocal recorded
        if state.stage == "measuring" and (known := entries()) != recorded:
            write_json(folder / BEGUN, known)
            recorded = known
        if on_state is not None:
            on_state(state)

    return observe


def write_results(folder: Path, record: dict[str, Any]) -> None:
    """Write assessment.json, which has the options of the call from now on."""
    write_json(folder / RESULTS, record)
    (folder / BEGUN).unlink(missing_ok=True)


def _is_own_sweep(run: Path) -> bool:
    """Return whether a run is the sweep of the degradation that gives its folder the name.

    This process may not know the degradation: one of the user's own is known once its file is imported.
    """
    info = read_info(run)
    return bool(info["kind"] == SweepRun.kind and info["settings"].get("degradation") == run.name)
