"""Opens what a path names: a run, or a folder of runs that belong together."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tfstab.errors import RunError, TfstabError
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.jobs.plan import draft_of
from tfstab.gui.kinds import SHOWN
from tfstab.gui.preload import load_pages
from tfstab.paths import user_path
from tfstab.runs.info import is_run, runs_in

NEW_RUN = "To measure with it, choose New run… and there Assess (begin here)."
MOST_TOLD = 5  # folders that could not be opened, of which one message speaks


def in_one_message(errors: Sequence[str]) -> tuple[str, str]:
    """Return the sentences and the details of one message about all folders that could not be opened."""
    errors = list(dict.fromkeys(errors))
    more = len(errors) - MOST_TOLD
    if more <= 0:
        return "\n\n".join(errors), ""
    others = "another folder" if more == 1 else f"{more:,} other folders"
    told = [*errors[:MOST_TOLD], f"The details say why {others} could not be opened."]
    return "\n\n".join(told), "\n\n".join(errors[MOST_TOLD:])


def look_again(run: Any) -> Any:
    """Return the same run if its folder still contains it, else the run that is there now, or an error."""
    from tfstab.runs.info import read_info

    try:
        if read_info(run.path) == run.info:
            return run  # which has its clean images and counts already
    except (TfstabError, OSError):
        pass
    return open_folder(run.path)


def open_folders(paths: Sequence[str | Path]) -> list[Any]:
    """Return the runs in folders, or errors, after importing what their pages need; runs in a worker.

    A folder of runs that belong together is one item; of other folders of runs, each run is. In place of an explanation
    that an assessment shows, return the viewpoint of its tab.
    """
    load_pages()
    return [_tab_of(item) or open_folder(item) for path in paths for item in items_of(path)]


def _tab_of(item: str | Path) -> Viewpoint | None:
    """Return the tab of an assessment that shows an item, which is an explanation; else None."""
    from tfstab.assessment.opened import assessment_with
    from tfstab.runs.together import read_elsewhere

    path = user_path(item)
    try:
        folder = assessment_with(path) if read_elsewhere(path) else None
    except (TfstabError, OSError, ValueError, RuntimeError):  # opening it says what is wrong
        return None
    return None if folder is None else Viewpoint.at(folder, "Why")


def items_of(path: str | Path) -> list[str | Path]:
    """Return the items in a folder; the path itself if it cannot be looked at, so that opening it says why.

    Explanations are left out if there is anything else: that of an assessment is on its page.
    """
    from tfstab.runs.together import items_in, read_elsewhere

    def listed(item: Path) -> bool:
        try:
            return not read_elsewhere(item)
        except TfstabError:  # which opening it says
            return True

    try:
        items = items_in(user_path(path))
        return [item for item in items if listed(item)] or [*items]
    except (OSError, ValueError, RuntimeError):
        return [path]


def open_folder(path: str | Path) -> Any:
    """Return the run in a folder, with its clean images read, or an error that explains in one sentence why not."""
    try:
        return _opened(path)
    except TfstabError as error:
        return RunError(f"{error} {NEW_RUN}") if _could_be_tested(path) else error
    except OSError as error:
        return RunError(f"{path} cannot be read: {error.strerror or error}.")
    except Exception as error:  # a damaged file can raise anything
        reason = f"{type(error).__name__}: {error}"
        return RunError(f"{path} cannot be opened ({reason}): it is damaged; restore it, or make the run again.")


def _could_be_tested(path: str | Path) -> bool:
    """Return whether a new run can be made of a path: a model or images, but not a damaged run that has pictures."""
    with suppress(OSError, ValueError, RuntimeError):
        folder = user_path(path)
        return not (is_run(folder) or runs_in(folder)) and draft_of([folder]) is not None
    return False


def _opened(path: str | Path) -> Any:
    """Return the run in a folder; raise RunError, which explains why not."""
    from tfstab.runs import open_run  # takes a quarter of a second, spent in a worker
    from tfstab.runs.kinds import kind_of
    from tfstab.runs.together import is_collection

    if is_collection(user_path(path)):
        opened = OpenedAssessment(path)
        _ = opened.clean
        return opened
    run = open_run(path)
    elsewhere = kind_of(run.kind, path).elsewhere
    if elsewhere:
        raise RunError(f"{path} {elsewhere}")
    if run.kind not in SHOWN:
        raise RunError(f"{path} is a {run.kind} run, which this viewer cannot show: update tfstab.")
    _ = run.clean
    return run
