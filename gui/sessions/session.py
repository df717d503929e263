"""One open run: its folder as last read, and what is selected in it."""

from abc import abstractmethod
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from tfstab.gui.background import Background
from tfstab.gui.content.triple import Picture, Triple
from tfstab.gui.sessions.marks import MarkKey, Marks


class Session(QObject):
    """Base of SearchSession and SweepSession: what the widgets of a run ask and tell.

    run: the SearchRun or SweepRun. All reading of parts goes through `background`.
    """

    changed = Signal()  # the run was read again, or stands otherwise: its progress may be another
    live_asked = Signal()  # the search that makes it shall be watched
    triple_changed = Signal(object)  # Triple or None

    unit = "parts"

    def __init__(self, run: Any, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.background = background
        self.triple: Triple | None = None
        self.gone = False  # its folder is not there any more
        self.stopped = False  # it was closed
        self.live = False  # a job of this window is searching for it
        self.progress: tuple[int, int] = run.progress
        self.marks = Marks.of_run(run.info, self)
        self.marks.failed.connect(lambda sentence: background.failed.emit(sentence, ""))
        if self.marks.problem:
            background.failed.emit(self.marks.problem, "")

    @property
    def path(self) -> Path:
        return Path(self.run.path)

    @property
    def name(self) -> str:
        return self.path.resolve().name

    @property
    def kind(self) -> str:
        return str(self.run.kind)

    @property
    def complete(self) -> bool:
        done, total = self.progress
        return done == total

    @property
    def done_of_total(self) -> str:
        """Such as "7 of 10 images"."""
        done, total = self.progress
        return f"{done:,} of {total:,} {self.unit}"

    @property
    def about(self) -> str:
        """Model, data and seed in one line."""
        model, data = self.run.info["model"], self.run.info["data"]
        return f"{model['name']} on {data['name']} ({data['split']}), {data['images']:,} images, seed {self.run.seed}"

    def comparable(self, other: "Session") -> bool:
        """Whether the other run can be shown beside this one."""
        return other.kind == self.kind

    def replace(self, run: Any) -> None:
        """Go on with the same run, read again."""
        self.run = run
        self.progress = run.progress
        self.gone = False
        self.changed.emit()
        self.reload()

    @abstractmethod
    def reload(self) -> None:
        """Read what is new in `run`."""

    def stop(self) -> None:
        """Read no more: the run is closed."""
        self.stopped = True

    def lose(self) -> None:
        """The folder is not there any more: what was read of it stays."""
        if not self.gone:
            self.gone = True
            self.changed.emit()

    def step(self, by: int) -> None:
        """Select the image that many places on."""

    @property
    def mark_key(self) -> MarkKey | None:
        """What names the selected image in `marks`."""
        return None

    @abstractmethod
    def picture(self, key: MarkKey) -> Picture:
        """The image that a key of `marks` names. Runs in a worker."""

    def complete_triple(self, triple: Triple) -> None:
        """Show the present triple again, with more known of it."""
        self._set_triple(triple)

    def _set_triple(self, triple: Triple | None) -> None:
        self.triple = triple
        self.triple_changed.emit(triple)
