"""What is dropped on the window: runs to open, and what a new run can be made of."""

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QDropEvent

from tfstab.datasets.images import SUFFIXES as IMAGE_SUFFIXES
from tfstab.datasets.registry import FILES
from tfstab.gui.jobs.plan import Draft, draft_of, is_model
from tfstab.models.loading import MODEL_SUFFIXES

SUFFIXES = {*MODEL_SUFFIXES, *FILES, *IMAGE_SUFFIXES}
SEVERAL = "A new run takes one image, folder or file, and {} were dropped: put images in one folder and drop that."
NOTHING = "holds neither a run nor images: drop a run's folder, a model, an image, or a folder of images."


@dataclass(frozen=True)
class Dropped:
    """runs: folders to open. draft: made of the rest. problem: why nothing can be made of it in one sentence, or ""."""

    runs: list[Path] = field(default_factory=list)
    draft: Draft | None = None
    problem: str = ""


def paths_of(event: QDropEvent) -> list[Path]:
    """The files and folders that are dragged, as far as their names promise anything. No folder is looked into."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in SUFFIXES or path.is_dir()]


def look_at(paths: list[Path]) -> Dropped:
    """What can be done with what was dropped. Lists folders, so it runs in a worker."""
    try:
        runs = [path for path in paths if (path / "run.json").is_file()]
        others = [path for path in paths if path not in runs]
        data = [path for path in others if not is_model(path)]
        if len(data) > 1:
            return Dropped(runs, problem=SEVERAL.format(len(data)))
        draft = draft_of(others)
    except OSError as error:
        return Dropped(problem=f"{error.filename} cannot be read: {error.strerror}.")
    if others and draft is None:
        return Dropped(runs, problem=f"{others[0]} {NOTHING}")
    return Dropped(runs, draft)
