"""Base of the sessions: an open run as it was last read, and what is selected in it."""

import os
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from tfstab.classifier.preprocess import about as about_form
from tfstab.datasets.remarks import with_split
from tfstab.gui.background import Background
from tfstab.gui.content.triple import Picture, Triple
from tfstab.gui.sessions.marks import MarkKey, Marks
from tfstab.orders import data_name
from tfstab.runs.info import is_grown
from tfstab.wording import counted, distinct_names

if TYPE_CHECKING:
    from tfstab.gui.content.explorer import Step
    from tfstab.gui.sessions.comparison import Comparison

MEASURING = "Measuring… these figures will still change."


class Session(QObject):
    """Base of the sessions, one class for each kind of run (`tfstab.gui.kinds`).

    Attributes
    ----------
    run : SearchRun or SweepRun
        The run as it was last read.
    background : Background
        Reads parts in worker threads.
    triple : Triple or None
        Clean image, degraded image and difference of the selection.
    explored : Triple or None
        What the explorer shows, while the panel *Image* is about that and not about the selection.
    explained : bool
        Whether it is a picture of the user's own, or an image that is explained like one.
    gone : bool
        Whether the run folder has disappeared.
    stopped : bool
        Whether the session was closed.
    live : bool
        Whether a job of this window is making the run and can be watched.
    at_work : bool
        Whether a job of this window is measuring it, by itself or with other runs.
    progress : tuple of int
        Parts finished and planned.
    share_done : float
        Share of the planned work that is finished, 0 to 1.
    assessed : bool
        Whether it belongs to an assessment that has ended. No more parts will come then, even if more were planned.
    extent : str
        What the run has, in words, such as "7 of 10 images"; without what was planned if it is `assessed`.
    moved_itself : bool
        Whether it has brought something else into view by itself, which is no new place in the history.
    headline : str
        The result in a few words, such as "66 % over all noise"; "" until it is computed, then `changed` is emitted.
    marks : Marks
        The user's marks.
    comparison : Comparison or None
        The runs that this one is compared with, if its kind can be compared.

    Signals
    -------
    changed
        The run was read again, or its state changed.
    live_asked
        The user wants to watch the job that makes the run.
    triple_changed : Triple or None
        Another triple is selected.
    panel_changed
        `in_panel` has changed.
    """

    selected_is = "the selected image"  # what `selected_image` is called

    changed = Signal()
    live_asked = Signal()
    triple_changed = Signal(object)
    panel_changed = Signal()

    def __init__(self, run: Any, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.background = background
        self.triple: Triple | None = None
        self.explored: Triple | None = None
        self.explained = False
        self.gone = False
        self.stopped = False
        self.moved_itself = False
        self.headline = ""
        self.live = self.at_work = False
        self.progress: tuple[int, int] = run.progress
        self.share_done: float = run.share_done
        self.assessed: bool = run.assessed
        self.extent: str = run.amount if self.assessed else run.extent
        self.marks = Marks.of_run(run.info, self)
        self.comparison: Comparison | None = None
        self.marks.failed.connect(lambda sentence: background.failed.emit(sentence, ""))
        if self.marks.problem:
            background.failed.emit(self.marks.problem, "")

    @property
    def path(self) -> Path:
        """The run folder."""
        return Path(self.run.path)

    @property
    def real_path(self) -> Path:
        """Absolute path of the run folder without links; unlike `Path.resolve`, links that lead in a circle pass."""
        return Path(os.path.realpath(self.path))

    @property
    def name(self) -> str:
        """Name of the run folder."""
        return self.real_path.name

    @property
    def model_name(self) -> str:
        """Name of the network."""
        return str(self.run.info["model"]["name"])

    @property
    def data_name(self) -> str:
        """What the images are called."""
        return data_name(str(self.run.info["data"]["name"]))

    @property
    def inputs(self) -> str:
        """The form of the network's inputs, such as "inputs 0..1"; "inputs 0..255" if it got grey levels."""
        return f"inputs {about_form(str(self.run.info['model'].get('preprocess', 'none')))}"

    @property
    def _of(self) -> str:
        """Network and images, and the form of its inputs if it did not get grey levels."""
        data, told = self.run.info["data"], "preprocess" in self.run.info["model"]
        return f"{self.model_name} on {with_split(self.data_name, data)}{f', {self.inputs}' if told else ''}"

    @property
    def kind(self) -> str:
        """The kind of run."""
        return str(self.run.kind)

    @property
    def complete(self) -> bool:
        """Whether all parts are finished."""
        done, total = self.progress
        return done == total

    @property
    def growing(self) -> str:
        """A sentence that says that the figures are not final; "" if they are."""
        return MEASURING if self.at_work else ""

    @property
    def about(self) -> str:
        """Model, data and seed in one line."""
        return f"{self._of}, {counted(int(self.run.info['data']['images']))}, seed {self.run.seed}"

    def comparable(self, other: "Session") -> bool:
        """Return True if the other run can be compared with this one."""
        return not self.obstacle(other)

    def obstacle(self, other: "Session") -> str:
        """Return why the other run cannot be compared with this one, "" if it can."""
        return "" if other.kind == self.kind else f"another kind of run: {other.kind}"

    def takes(self, run: Any) -> bool:
        """Return True if this is the same run, opened again, which may have been given more work since."""
        return is_grown(self.run.info, run.info)

    def replace(self, run: Any) -> None:
        """Use the same run, opened again."""
        self.run = run
        self.progress, self.share_done, self.assessed = run.progress, run.share_done, run.assessed
        self.extent = run.amount if self.assessed else run.extent
        self.gone = False
        self.changed.emit()
        self.reload()

    @abstractmethod
    def reload(self) -> None:
        """Read what has been added to `run`."""

    def stop(self) -> None:
        """Stop reading and forget what could be undone, because the run is closed."""
        self.stopped = True
        # Garbage collection may delete the commands before the stack, which would then delete them again and crash.
        self.marks.undo_stack.clear()

    def lose(self) -> None:
        """Record that the folder has disappeared; what was read is kept."""
        if not self.gone:
            self.gone = True
            self.changed.emit()

    def step(self, by: int) -> None:
        """Select the image that many positions further on."""

    def select_image(self, image: int) -> None:
        """Select an image by its index, if the run has it."""

    def take_explored(self, image: int) -> None:
        """Follow the explorer to another image, where an image is selected rather than one of its degraded copies."""

    @property
    def mark_key(self) -> MarkKey | None:
        """The selected image's key in `marks`, or None."""
        return None

    @property
    def unmarked(self) -> str:
        """Why nothing can be marked while `mark_key` is None, in a sentence."""
        return "Select an image of the run first."

    @property
    def markable(self) -> list[Any]:
        """The runs whose images can be marked: this one, or those of an assessment."""
        return [self.run]

    @property
    def how_to_mark(self) -> str:
        """How to mark an image, in a sentence."""
        return "Select an image and press M to mark it."

    @property
    def selected_image(self) -> int | None:
        """Index of the selected image, or None."""
        return None if self.mark_key is None else self.mark_key[0]

    @property
    def without_card(self) -> int | None:
        """Index of the selected image if it was scored when clean, but not degraded, so that it has no card."""
        return None

    @property
    def in_panel(self) -> Triple | None:
        """What the panel *Image* is about while this run is in view."""
        return self.triple if self.explored is None else self.explored

    @property
    def picked(self) -> bool:
        """Whether the user has picked what the panel *Image* is about; the explorer also shows others."""
        return self.explored is None or self.explained or self.triple is not None

    @property
    def sample(self) -> "tuple[int | None, Step | None]":
        """The selected image, at once if it is still to be read, and how it is degraded, if by a single severity."""
        return self.selected_image, None

    @abstractmethod
    def picture(self, key: MarkKey) -> Picture:
        """Return the image with this key of `marks`; runs in a worker."""

    def viewpoint_state(self) -> dict[str, Any]:
        """Return what is chosen in this run, as JSON values by key."""
        compared = [] if self.comparison is None else self.comparison.runs
        return {"compared": [str(session.real_path) for session in compared]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose what a viewpoint's state says, as far as it says anything; other keys belong to views.

        What has to be read first is chosen once it is read; `viewpoint_state` gives it at once. The controller chooses
        the runs to compare with, because it may have to open them.

        Raises
        ------
        InputError
            The run has no such class or image; nothing has changed.
        """

    def complete_triple(self, triple: Triple) -> None:
        """Show the current triple again, with scores that were missing."""
        self._set_triple(triple)

    def show_explored(self, explored: Triple | None, explained: bool = False) -> None:
        """Let the panel *Image* show what the explorer shows, or the selection again (None)."""
        if explored is not self.explored:
            self.explored, self.explained = explored, explained
            self.panel_changed.emit()

    def _set_triple(self, triple: Triple | None) -> None:
        self.triple = triple
        if self.explored is None:
            self.panel_changed.emit()
        self.triple_changed.emit(triple)


def named_apart(sessions: Sequence[Session]) -> dict[Session, str]:
    """Return names of open runs: the folder of each, with folders above it where several folders have the same name."""
    alike: dict[str, list[Session]] = {}
    for session in sessions:
        alike.setdefault(session.name, []).append(session)
    names: dict[Session, str] = {}
    for name, group in alike.items():
        apart = distinct_names([session.real_path for session in group]) if len(group) > 1 else [name]
        names |= zip(group, apart, strict=True)
    return {session: names[session] for session in sessions}
