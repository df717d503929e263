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
from tfstab.gui.content.explorer import COARSE_SHARES, MOST_STEPS, Clean, Exploring, Track, explored_triple, new_step
from tfstab.gui.content.own_picture import OwnPicture
from tfstab.gui.content.triple import Triple
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.jobs.severities import settled, severity_at
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
    tracks : list of Track or None
        Of each step, the predictions along its slider.
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
    tracks_changed
        The track of a slider was computed or is outdated.
    """

    steps_changed = Signal()
    image_changed = Signal()
    degraded_changed = Signal()
    scores_changed = Signal()
    tracks_changed = Signal()

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
        self._tickets: list[int | None] = []  # of the tracks
        self._score_ticket: int | None = None
        self.scores: NDArray[np.float32] | None = None
        self.tracks: list[Track | None] = []
        self.problem = ""
        self.take_run(run)

    def take_run(self, run: Any) -> None:
        """Use the same run, read again; the first image is shown if the one in view is not in it."""
        self.run = run
        state = getattr(self, "state", None)
        if state is None or state.image not in run.clean.indices:
            self.state = Exploring(int(run.clean.indices[0]), () if state is None else state.steps)
            self._show_clean()

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
        """Explore a picture of the user's own, or again the image of the run that was explored before (None)."""
        self._change(replace(self.state, own=picture))

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
        self._drop_tracks()
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
        if _names(state) != _names(before):
            self.steps_changed.emit()
        self._keep_tracks(before)
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

    # Tracks

    def _keep_tracks(self, before: Exploring) -> None:
        """Forget the tracks that do not hold any more: all but that of the only step that has changed."""
        after = self.state
        kept: list[Track | None] = [None] * len(after.steps)
        if _names(after) == _names(before) and (after.subject, after.seed) == (before.subject, before.seed):
            changed = [k for k, (a, b) in enumerate(zip(after.steps, before.steps, strict=True)) if a != b]
            if len(changed) == 1:
                kept[changed[0]] = self.tracks[changed[0]]
        self._drop_tracks()
        self.tracks = kept
        self.tracks_changed.emit()

    def _drop_tracks(self) -> None:
        for ticket in self._tickets:
            self._scorer.drop(ticket)
        self._tickets = []

    def _ask_tracks(self) -> None:
        """Ask for the tracks that are missing, unless the model cannot be asked."""
        state, clean = self.state, self.original
        if self.problem or self._shown != state:
            return
        for place in (k for k, track in enumerate(self.tracks) if track is None):
            family = state.steps[place].family
            arguments = {
                "image": clean.image,
                "class_index": clean.actual,
                "image_shape": list(clean.image.shape),
                "names": [step.name for step in state.steps],
                "severities": [step.severity for step in state.steps],
                "seed": state.seed,
                "place": place,
                "along": np.array([severity_at(family, share) for share in COARSE_SHARES]),
            }

            def take(values: Any, place: int = place) -> None:
                if state == self.state:
                    family, found = state.steps[place].family, (values["severities"], values["predicted"])
                    self.tracks[place] = Track.of(family, *found, clean.actual)
                    self.tracks_changed.emit()

            self._tickets.append(self._ask("explore", arguments, take))


def _import_blurs() -> None:
    """Import what blurs and rotations need, which takes a tenth of a second, before the user moves their sliders."""
    import scipy.ndimage  # noqa: F401


def _names(state: Exploring) -> list[str]:
    return [step.name for step in state.steps]


def _degraded(clean: NDArray[np.uint8], state: Exploring) -> NDArray[np.float32] | str:
    """Return the degraded image, or why it cannot be made; runs in a worker."""
    try:
        return chain(clean, state.pairs, state.seed)
    except TfstabError as error:
        return str(error)
