"""The training of a hardening, in rounds: steps, then the accuracy on validation images; and when it is saved."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfstab.classifier import Classifier
from tfstab.datasets import Dataset
from tfstab.errors import DiskError, ModelError
from tfstab.execution.undisturbed import undisturbed
from tfstab.runs.scoring import NotKeptInterrupt
from tfstab.training.finetune import FineTuning
from tfstab.training.hardening_folder import RAISED, HardeningFolder, steps_taken
from tfstab.training.remedies.averaging import SHARES
from tfstab.training.step_plan import Pace, fitting, raised
from tfstab.wording import counted

ROUNDS, FEWEST_ROUNDS = 20, 4  # of the training; after each, the network scores clean validation images
KEEP = 20.0  # seconds of training that a kill may lose; Ctrl-C loses none


@dataclass(frozen=True)
class HardeningProgress:
    """How far a hardening has got.

    Attributes
    ----------
    step, steps : int
        Steps taken, and steps in all.
    clean : float or None
        Accuracy on clean validation images, 0..1, after the latest round; None before the end of the first.

    Examples
    --------
    >>> from tfstab.training import HardeningProgress
    >>> HardeningProgress(step=30, steps=120, clean=0.91).clean
    0.91
    """

    step: int
    steps: int
    clean: float | None


OnProgress = Callable[[HardeningProgress], None]


class Rounds:
    """Takes the steps of a training that are still to be taken, and saves it from time to time.

    Parameters
    ----------
    tuning : FineTuning
        The compiled training.
    tuned : Classifier
        The network that is trained, which scores the validation images.
    folder : HardeningFolder
        Where the training is saved.
    state : dict
        Its state, which is changed.
    """

    def __init__(self, tuning: FineTuning, tuned: Classifier, folder: HardeningFolder, state: dict[str, Any]) -> None:
        self.tuning, self.tuned, self.folder, self.state = tuning, tuned, folder, state
        self.history: list[dict[str, Any]] = state["history"]
        self.done = self._saved_step = steps_taken(state)
        self._first = self.done  # step after which this call goes on
        self._losses: list[Any] = [np.float32(loss) for loss in state.get("losses", [])]  # since the last round
        self._saved = time.perf_counter()

    def run(self, watched: Dataset, deadline: float, on_progress: OnProgress | None) -> None:
        """Train until the last step; if Ctrl-C ends this earlier, save the training first.

        watched: validation images. deadline: when the network is to be finished, by `time.perf_counter`.
        """
        pace = Pace()
        try:
            while self.done < self.state["steps"] or self._losses:
                if not self._ends_round:
                    with undisturbed():  # or a step might be taken that is not counted
                        self._losses.append(self.tuning.take(self.done))
                        self.done += 1
                    if self.done == self._first + 1:
                        pace.note(self.done)
                if self._ends_round:
                    self._end_round(watched, deadline, pace)
                elif time.perf_counter() - self._saved >= KEEP:
                    self._save()
                if on_progress is not None:
                    clean = self.history[-1]["clean"] if self.history else None
                    on_progress(HardeningProgress(self.done, self.state["steps"], clean))
        except KeyboardInterrupt as stopped:
            self._save_stopped(stopped)
            raise

    @property
    def _ends_round(self) -> bool:
        """Whether a round has all its steps, and its end is due."""
        length = math.ceil(most_steps(self.state) / self.state.get("rounds", ROUNDS))
        return bool(self._losses) and (self.done % length == 0 or self.done == self.state["steps"])

    def _end_round(self, watched: Dataset, deadline: float, pace: Pace) -> None:
        """Score the validation images, plan the steps again by the time that is left, and save the training."""
        loss = float(np.mean([np.float32(float(loss)) for loss in self._losses]))
        if not math.isfinite(loss):
            raise ModelError(
                f"the training of {self.tuned.name} diverges: choose a learning rate below "
                f"{self.tuning.config.learning_rate:g} (in Python, HardenConfig(learning_rate=...))."
            )
        if time.perf_counter() - self._saved >= KEEP / 2:
            self._save()  # scoring may take long
        scoring = time.perf_counter()
        clean = accuracy(self.tuned, watched.images, watched.labels)
        now = time.perf_counter()
        # Seconds left for training: at the end, each share is tried on clean and on degraded images.
        left = deadline - now - 2 * len(SHARES) * (now - scoring)
        pace.note(self.done)
        with undisturbed():
            if pace.seconds is not None and self.done < self.state["steps"]:
                most = most_steps(self.state)
                # A training that goes on in another call ends as it would have ended in the first.
                if not self._first and self.tuning.config.steps is None:
                    most = self.state[RAISED] = raised(most, self.done, pace.seconds, left)
                self.state["steps"] = fitting(self.state["steps"], most, self.done, pace.seconds, left)
                self.tuning.plan(self.state["steps"])
            self.history.append({"step": self.done, "loss": loss, "clean": clean})
            self._losses = []
            self._save()

    def _save(self) -> None:
        """Save the training after its latest step; if it diverges, keep what was saved before."""
        losses = [float(loss) for loss in self._losses]
        self._saved = time.perf_counter()
        if all(map(math.isfinite, losses)):
            self.state["losses"] = losses
            self.folder.save(self.state, self.tuning.arrays())
            self._saved_step = self.done

    def _save_stopped(self, stopped: KeyboardInterrupt) -> None:
        """Save the training that is interrupted; if the disk has no room for it, the interruption says so."""
        lost = self.done - self._saved_step
        try:
            if lost:
                self._save()
        except DiskError as error:
            raise NotKeptInterrupt(
                f"what is finished is kept, but not the last {counted(lost, 'training step')}, as {error}"
            ) from stopped


def accuracy(classifier: Classifier, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images (N, H, W, C) whose highest score is that of their label (N,)."""
    return float((classifier.scores(images).argmax(axis=1) == labels).mean())


def planned_steps(state: dict[str, Any]) -> int:
    """Return how many steps were planned when the training began."""
    return int(state.get("planned", state["steps"]))


def most_steps(state: dict[str, Any]) -> int:
    """Return how many steps a plan may have: those planned first, or more if these turned out to be far too few."""
    return int(state.get(RAISED, planned_steps(state)))
