"""One image under any degradations in a row: degraded here at once, scored in the child process."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.degradations import chain
from tfstab.errors import TfstabError
from tfstab.gui.background import Background, unexpected
from tfstab.gui.content.explorer import MOST_STEPS, Clean, Exploring, explored_triple, new_step
from tfstab.gui.content.own_picture import OwnPicture
from tfstab.gui.content.triple import Triple
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.jobs.severities import settled
from tfstab.gui.sessions.tracks import Tracks
from tfstab.runs.info import model_of

PAUSE = 120  # ms without a change after which the tracks of all sliders are computed


class Explorer(QObject):
    """Degrades and scores the image while sliders move; of several changes, only the latest is followed.

    Parameters
    ----------
    run : SearchRun or SweepRun
        Its images, its model and its classes.
    scorer : Scorer
        Scores images.
    background : Background
        Reports failures.
    parent : QObject, optional

    Attributes
    ----------
    state : Exploring
        Image, degradations and seed.
    made : Exploring
        What `degraded` shows, which follows `state`.
    degraded : ndarray of float32, shape (H, W, C)
        The degraded image.
    scores : ndarray, shape (K,), or None
        Its scores; None until they are computed.
    tracks : Tracks
        The predictions along the slider of each step.
    problem : str
        Why there are no scores, or "".
    awake : bool
        Whether anything is computed; not before the explorer is first in sight.

    Signals
    -------
    steps_changed
        Other degradations, or in another order.
    image_changed
        Another image, or a picture of the user's own, or its true class.
    degraded_changed
        The image was degraded again.
    scores_changed
        The scores, or the reason for having none, have changed.
    """

    steps_changed = Signal()
    image_changed = Signal()
    degraded_changed = Signal()
    scores_changed = Signal()

    def __init__(self, run: Any, scorer: Scorer, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scorer = scorer
        # Threads of its own: those of the window may be reading for seconds.
        self._worker = Background(self)
        self._worker.failed.connect(background.failed)
        self._later = QTimer(self, singleShot=True, interval=PAUSE)
        self._later.timeout.connect(self._ask_tracks)
        self._degrading = self._scoring = self.awake = False
        self._shown: Exploring | None = None  # to what `degraded` belongs
        self._scored: Exploring | None = None  # to what the scores that are computed or being computed belong
        self._score_ticket: int | None = None
        self.scores: NDArray[np.float32] | None = None
        self.tracks = Tracks(self._ask, scorer.drop, lambda: self.state, self)
        self.problem = ""
        self.take_run(run)

    def take_run(self, run: Any) -> None:
        """Use the same run, read again; the first image is shown if the one in view is not in it."""
        self.run = run
        state, first = getattr(self, "state", None), int(run.clean.indices[0])
        if state is None:
            self.state = Exploring(first)
            self._show_clean()
        elif state.image not in run.clean.indices:
            self._change(Exploring(first, state.steps))

    @property
    def followed(self) -> bool:
        """Whether the degraded image and its scores are those of `state`."""
        return self._scored == self._shown == self.state and not self._scoring

    @property
    def original(self) -> Clean:
        """What is degraded: an image of the run, or a picture of the user's own."""
        return Clean.of(self.run, self.state)

    @property
    def clean(self) -> NDArray[np.uint8]:
        """The clean image, (H, W, C)."""
        return self.original.image

    @property
    def triple(self) -> Triple:
        """What is shown: clean image, difference and degraded image, and their scores."""
        return explored_triple(self.run, self.made, self.degraded, self.scores)

    # What the user does

    def wake(self) -> None:
        """Begin to work; before, nothing is computed, because the explorer was never in sight."""
        if not self.awake:
            self.awake = True
            self._worker.run(_import_blurs, lambda _: None, owner=self)
            self._follow()

    def set_image(self, image: int) -> None:
        """Explore an image of the run."""
        if image in self.run.clean.indices:
            self._change(replace(self.state, image=image, own=None))

    def show_own(self, picture: OwnPicture | None) -> None:
        """Explore a picture of the user's own, or again the image of the run that was explored before (None).

        Opening the first picture removes the degradations that were chosen for an image of the run. Those chosen for a
        picture are applied to the next pictures, too.
        """
        first = picture is not None and self.state.own is None
        self._change(replace(self.state, own=picture, steps=() if first else self.state.steps))

    def say_class(self, actual: int | None) -> None:
        """Take the true class of the picture of the user's own, or None if it is unknown."""
        if (own := self.state.own) is not None:
            self.show_own(replace(own, actual=actual))

    def step_image(self, by: int) -> None:
        """Explore the image that many places further on in the run."""
        indices, row = self.run.clean.indices, int(self.run.clean.row(self.state.image))
        self.set_image(int(indices[min(max(row + by, 0), len(indices) - 1)]))

    def add(self, name: str) -> None:
        """Add a degradation after the others, at its neutral severity."""
        if len(self.state.steps) < MOST_STEPS:
            self._change(replace(self.state, steps=(*self.state.steps, new_step(name))))

    def remove(self, place: int) -> None:
        """Take a degradation away."""
        self._change(self.state.without(place))

    def move(self, place: int, by: int) -> None:
        """Apply a degradation earlier (-1) or later (1)."""
        self._change(self.state.moved(place, by))

    def set_severity(self, place: int, severity: float) -> None:
        """Apply a degradation at another severity."""
        self._change(self.state.with_severity(place, settled(self.state.steps[place].family, severity)))

    def set_seed(self, seed: int) -> None:
        """Draw other random numbers."""
        self._change(replace(self.state, seed=seed))

    def restore(self, state: Exploring) -> None:
        """Explore what was explored before; an image that is not in this run is ignored."""
        known = state.image in self.run.clean.indices
        self._change(state if known else replace(state, image=self.state.image))

    def ask_again(self) -> None:
        """Score the image again, because its model can be found now."""
        self.problem = ""
        self.scores_changed.emit()
        self._score()
        self._later.start()

    def stop(self) -> None:
        """Stop working, because the run is closed."""
        self._later.stop()
        self.tracks.stop()
        self._scorer.drop(self._score_ticket)
        self._worker.stop()

    # How it is followed

    def _change(self, state: Exploring) -> None:
        before, self.state = self.state, state
        if state == before:
            return
        if state.subject != before.subject:
            self._show_clean()
            self.scores = None
            self.image_changed.emit()
        self.tracks.follow(before, state)  # first, so that listeners find the tracks of the new steps
        if state.names != before.names:
            self.steps_changed.emit()
        self._follow()

    def _show_clean(self) -> None:
        """Show the image unchanged until it is degraded."""
        self._shown = self._scored = None  # even if they are of this state, to which the user has come back
        self.made = replace(self.state, steps=(), seed=0)
        self.degraded = self.clean.astype(np.float32)

    def _follow(self) -> None:
        """Degrade the image with the present steps; if that is being done, `_show` calls this again afterwards."""
        if self._degrading or not self.awake or self._shown == self.state:
            return
        wanted, clean = self.state, self.clean
        self._degrading = True
        self._worker.run(
            lambda: _degraded(clean, wanted),
            lambda image: self._show(wanted, image),
            lambda: self._show(wanted, unexpected("Degrading the image")),
            self,
        )

    def _show(self, wanted: Exploring, image: NDArray[np.float32] | str) -> None:
        """Show the degraded image, or say why there is none."""
        self._degrading = False
        if isinstance(image, str):
            self._shown, self.scores, self.problem = wanted, None, image
            self.scores_changed.emit()
        elif wanted.subject == self.state.subject:
            self._shown = self.made = wanted
            self.degraded = image
            self.degraded_changed.emit()
            self._score()
            self._later.start()
        self._follow()

    def _score(self) -> None:
        """Score the degraded image, unless another one is being scored."""
        if self._scoring or self._scored == self._shown:
            return
        shown = self._scored = self._shown
        self._scoring = True
        self._score_ticket = self._ask(
            "scores", {"images": self.degraded[None]}, lambda values: self._take_scores(shown, values["scores"][0])
        )

    def _take_scores(self, shown: Exploring | None, scores: NDArray[np.float32]) -> None:
        self._scoring = False
        if shown is not None and shown.subject == self.state.subject:
            self.scores, self.problem = scores, ""
            self.scores_changed.emit()
        self._score()

    def _ask(self, question: str, arguments: dict[str, Any], done: Callable[[Any], None]) -> int | None:
        model = model_of(self.run.info)
        return self._scorer.ask(model, question, arguments, lambda _, values: done(values), self._fail, self)

    def _fail(self, sentence: str, details: str) -> None:
        self._scoring, self._scored, self.scores, self.problem = False, None, None, sentence
        self.scores_changed.emit()

    def _ask_tracks(self) -> None:
        """Ask for the tracks that are missing, unless the model cannot be asked."""
        if not self.problem and self._shown == self.state:
            self.tracks.ask(self.state, self.original)


def _import_blurs() -> None:
    """Import what blurs and rotations need, which takes a tenth of a second, before the user moves their sliders."""
    import scipy.ndimage  # noqa: F401


def _degraded(clean: NDArray[np.uint8], state: Exploring) -> NDArray[np.float32] | str:
    """Return the degraded image, or why it cannot be made; runs in a worker."""
    try:
        return chain(clean, state.pairs, state.seed)
    except TfstabError as error:
        return str(error)
