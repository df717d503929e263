"""What is dropped on the window: runs to open, and what a new run can be made of."""

from pathlib import Path

from PySide6.QtGui import QDropEvent

from tfstab.gui.jobs.plan import Draft, draft_of


def dropped(event: QDropEvent) -> tuple[list[Path], Draft | None]:
    """(run folders, a draft made of the other files and folders, or None where they are good for nothing)."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    runs = [path for path in paths if (path / "run.json").is_file()]
    try:
        return runs, draft_of(path for path in paths if path not in runs)
    except OSError:  # a folder that may not be looked into
        return runs, None
