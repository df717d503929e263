"""A picture of the user's own on its way into the explorer: read, resized, and scored while it is clean."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from tfstab.datasets.resize import Resize
from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.explorer import EXPLAINED, PICTURE, Exploring
from tfstab.gui.content.own_picture import (
    OwnPicture,
    SavedPicture,
    any_way,
    form_of_run,
    looks_of,
    picture_of_run,
    read_picture,
    recognised,
    resized,
    undone_for,
)
from tfstab.gui.content.viewpoint import State
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.explorer import Explorer
from tfstab.runs.info import model_of

# A picture that fits the run, how it was resized, how it looks among the images of the run, and mix-ups undone in it.
_Ready = tuple[NDArray[np.uint8], Resize | None, tuple[tuple[str, str], ...], NDArray[np.uint8]]

MOST_SEEN = 50  # pictures to which one can go back
GONE = "{} does not exist any more, so this view shows an image of the run instead."
UNREADABLE = "{} cannot be opened any more, so this view shows an image of the run instead."
IMPORTED = (
    "This view was imported, so its picture {} is not opened automatically: open it with Open image…, then open the "
    "view again."
)
CHANGED = "{} has changed since this view was saved: check its true class."


@dataclass(frozen=True, eq=False)
class Unsized:
    """A picture whose size is not that of the run's images: its file, and the picture (H, W, C), uint8."""

    path: Path
    image: NDArray[np.uint8]


class PictureOpener(QObject):
    """Brings pictures into an explorer; of several, the latest.

    Signals
    -------
    reading : Path
        A picture is read, or resized, and scored.
    size_asked : Unsized
        The picture has other proportions, and the run does not say how its images were resized: call `resize`.
    failed : str, str
        A picture cannot be shown: one sentence, and details.
    told : str, str
        A message about the picture of a restored view, in one sentence; and the picture's name if an image of the run
        is shown in its place, else "".
    """

    reading = Signal(object)
    size_asked = Signal(object)
    failed = Signal(str, str)
    told = Signal(str, str)

    def __init__(
        self, explorer: Explorer, scorer: Scorer, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._explorer, self._scorer, self._background = explorer, scorer, background
        self._latest: Path | None = None
        self._show: Callable[[OwnPicture], None] = explorer.show_own  # shows the latest picture
        self._fail: Callable[[str, str], object] = self.failed.emit  # says why it cannot be shown
        self._ticket: int | None = None
        self._seen: dict[str, OwnPicture] = {}  # pictures shown so far, the latest last
        explorer.image_changed.connect(self.forget)
        explorer.image_changed.connect(self._remember)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (H, W, C) of the run's images."""
        height, width, channels = self._explorer.run.clean.images.shape[1:]
        return height, width, channels

    @property
    def awaited(self) -> bool:
        """Whether a picture is being read or scored."""
        return self._latest is not None

    def forget(self) -> None:
        """Do not show what is on its way, because another image was chosen."""
        self._scorer.drop(self._ticket)
        self._latest = self._ticket = None

    def open(self, path: Path) -> None:
        """Read a picture, and show it once it is scored, with the true class that the user has chosen for it before."""

        def show(picture: OwnPicture) -> None:
            alike = (seen for seen in reversed(self._seen.values()) if seen.path == picture.path)
            before = next((seen for seen in alike if seen.checksum == picture.checksum), picture)
            self._explorer.show_own(replace(picture, actual=before.actual))

        self._open(path, None, show, self.failed.emit)

    def _open(
        self,
        path: Path,
        wanted: Resize | None,
        show: Callable[[OwnPicture], None],
        fail: Callable[[str, str], object],
    ) -> None:
        """Read and score a picture, then show it, or say why that fails; wanted: how to resize it, if that is known."""
        self.forget()
        self._latest, self._show, self._fail = path, show, fail
        run, shape = self._explorer.run, self.shape
        self.reading.emit(path)

        def read() -> _Ready | Unsized:
            image, form = read_picture(path, shape), form_of_run(run)
            if image.shape == shape:
                return image, None, looks_of(image, run), undone_for(run, image, None)
            form = form or wanted or any_way(image, shape)
            return Unsized(path, image) if form is None else _fitted(image, form, run)

        def take(found: _Ready | Unsized) -> None:
            if isinstance(found, Unsized):
                self.size_asked.emit(found)
            else:
                self._score(path, *found)

        self._work(path, read, take)

    def open_image(self, index: int, degraded: bool = False) -> None:
        """Show an image of the run like a picture of the user's own; its class and scores are known.

        degraded: whether it stays degraded as the explorer shows it; else it is shown clean.
        """
        explorer, run = self._explorer, self._explorer.run
        explorer.set_image(index)  # the explorer returns to this image from the picture
        self.forget()
        self._latest = token = Path(str(index))
        self._fail = self.failed.emit

        def show(picture: OwnPicture) -> None:
            if degraded:
                explorer.restore(replace(explorer.state, own=picture))
            else:
                explorer.show_own(picture)

        self._work(token, lambda: picture_of_run(run, index), show)

    def restore(self, there: Exploring, values: State) -> None:
        """Explore again what was explored before.

        A picture that was not shown since the run was opened is read again, and until then, or if that fails, the image
        of the run is shown; not if a stranger may have chosen the file (see `without_folder`). An image of the run is
        explained again.

        Parameters
        ----------
        there : Exploring
            The state without its picture.
        values : State
            What `Exploring.to_json` returned for it.

        Raises
        ------
        InputError
            The picture is described as one of a class that the run does not have, or the description is damaged.
        """
        explorer, run = self._explorer, self._explorer.run
        actual = values.one_of(EXPLAINED, (*range(len(run.class_names)), None), None)
        saved = SavedPicture.of(values.inner(PICTURE), run) if values.value(PICTURE) is not None else None
        own = self._seen.get(_named(there.image, values)) or self._opened(saved)
        self.forget()
        explorer.restore(replace(there, own=own))
        if own is not None:
            return
        if saved is not None:
            self._open_again(saved)
        elif EXPLAINED in values and there.image in run.clean.indices:
            self._latest = token = Path(str(there.image))
            self._fail = self.failed.emit
            self._work(
                token,
                lambda: replace(picture_of_run(run, there.image), actual=actual),
                lambda picture: explorer.restore(replace(explorer.state, own=picture)),
            )

    def _opened(self, saved: SavedPicture | None) -> OwnPicture | None:
        """Return the picture of a view if the user has opened it, perhaps from another folder; None if not."""
        if saved is None or saved.checksum is None:
            return None
        alike = (seen for seen in reversed(self._seen.values()) if seen.path and seen.checksum == saved.checksum)
        return next((replace(seen, actual=saved.actual) for seen in alike), None)

    def _open_again(self, saved: SavedPicture) -> None:
        """Show the picture of a view, with its degradations and the class chosen for it; else say that it is not shown.

        If the file has changed, it is shown without that class.
        """

        def show(picture: OwnPicture) -> None:
            same = saved.checksum in (None, picture.checksum)
            shown = replace(picture, actual=saved.actual) if same else picture
            self._explorer.restore(replace(self._explorer.state, own=shown))
            if not same:
                self.told.emit(CHANGED.format(saved.path.name), "")

        def fail(*_: str) -> None:
            why = UNREADABLE if os.path.exists(saved.path) else GONE  # noqa: PTH110
            self.told.emit(why.format(saved.path), saved.path.name)

        if saved.path.is_absolute():
            self._open(saved.path, saved.form, show, fail)
        else:
            self.told.emit(IMPORTED.format(saved.path), saved.path.name)

    def _remember(self) -> None:
        """Keep the picture in view, so that one can go back to it."""
        state = self._explorer.state
        if state.own is not None:
            named = _named(state.image, State(state.to_json()))
            self._seen.pop(named, None)
            self._seen[named] = state.own
            if len(self._seen) > MOST_SEEN:
                del self._seen[next(iter(self._seen))]

    def resize(self, picture: Unsized, way: str) -> None:
        """Show a picture resized; way: as in `Resize`."""
        form, run = Resize(self.shape[:2], way), self._explorer.run
        self.reading.emit(picture.path)
        self._work(
            picture.path,
            lambda: _fitted(picture.image, form, run),
            lambda ready: self._score(picture.path, *ready),
        )

    def _work(self, path: Path, work: Callable[[], Any], take: Callable[[Any], None]) -> None:
        """Take what is made in a worker, unless another image was chosen meanwhile, or say why it cannot be made."""

        def done(outcome: Any) -> None:
            if self._latest is not path:
                return
            if isinstance(outcome, TfstabError):
                self._give_up(str(outcome), "")
            else:
                take(outcome)

        def make() -> Any:
            try:
                return work()
            except TfstabError as error:
                return error

        self._background.run(make, done, owner=self)

    def _give_up(self, sentence: str, details: str) -> None:
        """Say why the latest picture cannot be shown."""
        self._latest = None
        self._fail(sentence, details)

    def _score(
        self,
        path: Path,
        image: NDArray[np.uint8],
        form: Resize | None,
        looks: tuple[tuple[str, str], ...],
        undone: NDArray[np.uint8],
    ) -> None:
        def show(_: str, values: dict[str, Any]) -> None:
            self._ticket, run = None, self._explorer.run
            picture = OwnPicture(path, image, form, values["scores"][0], looks, undone=undone)
            self._work(path, lambda: recognised(picture, run), self._show)

        images = {"images": image[None].astype(np.float32)}
        model = model_of(self._explorer.run.info)
        self._ticket = self._scorer.ask(model, "scores", images, show, self._give_up, self)


def _fitted(image: NDArray[np.uint8], form: Resize, run: Any) -> _Ready:
    """Return a picture resized for a run."""
    fitting = resized(image, form)
    return fitting, form, looks_of(fitting, run), undone_for(run, image, form)


def _named(image: int, values: State) -> str:
    """Return a key of the picture that a state of the explorer describes."""
    explained = image if EXPLAINED in values else None
    return json.dumps([explained, values.value(EXPLAINED), values.value(PICTURE)])
