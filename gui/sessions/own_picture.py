"""A picture of the user's own on its way into the explorer: read, resized, and scored while it is clean."""

import json
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


@dataclass(frozen=True, eq=False)
class Unsized:
    """A picture whose size is not that of the run's images: its file, and the picture (H, W, C), uint8."""

    path: Path
    image: NDArray[np.uint8]


class PictureOpener(QObject):
    """Brings pictures into an explorer; of several, the latest.

    Signals
    -------
    size_asked : Unsized
        The picture has other proportions, and the run does not say how its images were resized: call `resize`.
    failed : str, str
        A picture cannot be shown: one sentence, and details.
    """

    size_asked = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self, explorer: Explorer, scorer: Scorer, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._explorer, self._scorer, self._background = explorer, scorer, background
        self._latest: Path | None = None
        self._ticket: int | None = None
        self._seen: dict[str, OwnPicture] = {}  # pictures shown so far, the latest last
        explorer.image_changed.connect(self.forget)
        explorer.image_changed.connect(self._remember)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (H, W, C) of the run's images."""
        height, width, channels = self._explorer.run.clean.images.shape[1:]
        return height, width, channels

    def forget(self) -> None:
        """Do not show what is on its way, because another image was chosen."""
        self._scorer.drop(self._ticket)
        self._latest = self._ticket = None

    def open(self, path: Path) -> None:
        """Read a picture, and show it once it is scored."""
        self.forget()
        self._latest, run, shape = path, self._explorer.run, self.shape

        def read() -> _Ready | Unsized:
            image, form = read_picture(path, shape), form_of_run(run)
            if image.shape == shape:
                return image, None, looks_of(image, run), undone_for(run, image, None)
            form = form or any_way(image, shape)
            return Unsized(path, image) if form is None else _fitted(image, form, run)

        def take(found: _Ready | Unsized) -> None:
            if isinstance(found, Unsized):
                self.size_asked.emit(found)
            else:
                self._score(path, *found)

        self._work(path, read, take)

    def open_image(self, index: int) -> None:
        """Show an image of the run like a picture of the user's own; its class and scores are known."""
        run = self._explorer.run
        self._explorer.set_image(index)  # the explorer returns to this image from the picture
        self.forget()
        self._latest = token = Path(str(index))
        self._work(token, lambda: picture_of_run(run, index), self._explorer.show_own)

    def restore(self, there: Exploring, values: State) -> None:
        """Explore again what was explored before.

        A picture is shown if it was shown since the run was opened; no file is read, as a stranger may have named it.
        An image of the run is explained again.

        Parameters
        ----------
        there : Exploring
            The state without its picture.
        values : State
            What `Exploring.to_json` returned for it.

        Raises
        ------
        InputError
            The image is explained as one of a class that the run does not have.
        """
        explorer, run = self._explorer, self._explorer.run
        actual = values.one_of(EXPLAINED, (*range(len(run.class_names)), None), None)
        own = self._seen.get(_named(there.image, values))
        explorer.restore(replace(there, own=own))
        if own is None and EXPLAINED in values and there.image in run.clean.indices:
            self._latest = token = Path(str(there.image))
            self._work(
                token,
                lambda: replace(picture_of_run(run, there.image), actual=actual),
                lambda picture: explorer.restore(replace(explorer.state, own=picture)),
            )

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
                self.failed.emit(str(outcome), "")
            else:
                take(outcome)

        def make() -> Any:
            try:
                return work()
            except TfstabError as error:
                return error

        self._background.run(make, done, owner=self)

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
            self._work(path, lambda: recognised(picture, run), self._explorer.show_own)

        images = {"images": image[None].astype(np.float32)}
        model = model_of(self._explorer.run.info)
        self._ticket = self._scorer.ask(model, "scores", images, show, self.failed.emit, self)


def _fitted(image: NDArray[np.uint8], form: Resize, run: Any) -> _Ready:
    """Return a picture resized for a run."""
    fitting = resized(image, form)
    return fitting, form, looks_of(fitting, run), undone_for(run, image, form)


def _named(image: int, values: State) -> str:
    """Return a key of the picture that a state of the explorer describes."""
    explained = image if EXPLAINED in values else None
    return json.dumps([explained, values.value(EXPLAINED), values.value(PICTURE)])
