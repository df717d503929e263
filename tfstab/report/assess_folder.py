"""The folder in which `tfstab assess` works."""

from pathlib import Path

from tfstab.assessment.opened import REPORT
from tfstab.assessment.results import RESULTS
from tfstab.degradations import degradation_names
from tfstab.errors import RunError
from tfstab.explanation import ExplanationRun
from tfstab.paths import check_path, check_writable
from tfstab.runs.files import ASSESSING, RARE, SEARCH
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
    foreign = sorted(there - known - {REPORT, RESULTS}) if not there & known else []
    foreign += [path.name for path in runs_in(folder) if path.name not in known]
    if foreign:
        raise RunError(f"{folder} holds other files ({foreign[0]}): choose an empty or a new folder.")


def _is_own_sweep(run: Path) -> bool:
    """Return whether a run is the sweep of the degradation that gives its folder the name.

    This process may not know the degradation: one of the user's own is known once its file is imported.
    """
    info = read_info(run)
    return bool(info["kind"] == SweepRun.kind and info["settings"].get("degradation") == run.name)
