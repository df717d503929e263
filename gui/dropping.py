"""Files and folders dropped on the window: runs to open, and models and images for a new run."""

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QDropEvent

from tfstab.datasets.images import SUFFIXES as IMAGE_SUFFIXES
from tfstab.datasets.registry import FILES
from tfstab.gui.jobs.draft import Draft
from tfstab.gui.jobs.plan import draft_of, is_model
from tfstab.models.loading import MODEL_SUFFIXES
from tfstab.runs.info import runs_in
from tfstab.wording import listed

SUFFIXES = {*MODEL_SUFFIXES, *FILES, *IMAGE_SUFFIXES}
LISTED = 3  # files named in a sentence
SEVERAL = "A new run takes one image, folder or file, and {} were dropped: put images in one folder and drop that."
USABLE = "drop a run's folder, a model, an image, or a folder of images."
NOTHING = f"holds neither a run nor images: {USABLE}"


@dataclass(frozen=True)
class Dropped:
    """What dropped files and folders are.

    Attributes
    ----------
    runs : list of Path
        Run folders to open.
    draft : Draft or None
        A new run with the other files.
    picture : Path or None
        The only file, if it is an image: a run in view can show it in its explorer.
    problem : str
        Why they cannot be used, in one sentence, or "".
    """

    runs: list[Path] = field(default_factory=list)
    draft: Draft | None = None
    picture: Path | None = None
    problem: str = ""


def paths_of(event: QDropEvent) -> list[Path]:
    """Return the dragged folders, and files with a known suffix, without looking into folders."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in SUFFIXES or path.is_dir()]


def refusal(event: QDropEvent) -> str:
    """Say in one sentence which dragged files cannot be used, and what can; "" if there are none."""
    usable = {str(path) for path in paths_of(event)}
    dragged = [url.toLocalFile() or url.toString() for url in event.mimeData().urls()]
    refused = [Path(path).name or path for path in dragged if str(Path(path)) not in usable]
    return f"{listed(refused, most=LISTED)} cannot be used: {USABLE}" if refused else ""


def look_at(paths: list[Path]) -> Dropped:
    """Find out what was dropped; runs in a worker, because folders are listed."""
    try:
        runs = [path for path in paths if (path / "run.json").is_file() or runs_in(path)]
        others = [path for path in paths if path not in runs]
        data = [path for path in others if not is_model(path)]
        if len(data) > 1:
            return Dropped(runs, problem=SEVERAL.format(len(data)))
        draft = draft_of(others)
    except OSError as error:
        return Dropped(problem=f"{error.filename} cannot be read: {error.strerror}.")
    if others and draft is None:
        return Dropped(runs, problem=f"{others[0]} {NOTHING}")
    picture = paths[0] if len(paths) == 1 and paths[0].suffix.lower() in IMAGE_SUFFIXES else None
    return Dropped(runs, draft, picture)
