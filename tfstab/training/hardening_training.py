"""The training of a hardening: as many steps as the time allows, then the choice of the weights."""

import math
import time
from typing import Any

import numpy as np

from tfstab.classifier import Classifier
from tfstab.datasets import Dataset
from tfstab.degradations.augment import augment
from tfstab.models.copying import copy_classifier
from tfstab.training.checks import damage_reported
from tfstab.training.finetune import FineTuning
from tfstab.training.hardening_card import data_of, hardening_card
from tfstab.training.hardening_config import FEWEST_WATCHED, HardenConfig
from tfstab.training.hardening_folder import HardeningFolder, steps_taken
from tfstab.training.recipes import RECIPES, Augmentation
from tfstab.training.remedies import REMEDIES
from tfstab.training.remedies.averaging import SHARES, ShareFigures, choose_share, interpolate
from tfstab.training.remedies.measure import measure_for, measured
from tfstab.training.rounds import FEWEST_ROUNDS, ROUNDS, OnProgress, Rounds, most_steps, planned_steps
from tfstab.training.step_plan import FEWEST_STEPS, fitting, seconds_per_step
from tfstab.training.too_slow import GRACE, TooSlowError

MINUTES = 10.0
SHORTEST = 3.0  # seconds after compiling, at least: with less, hardly anything is gained
MOST_WATCHED = 4_000  # validation images that are used, at most
FEWEST_IF_SLOW = 20  # of a network so slow that 200 would take more than the second of these shares of the time
WATCH_SHARE, MOST_WATCH_SHARE = 0.1, 0.3  # for scoring them after each round and for choosing the share
WATCHED_BYTES = 1 << 30  # of the degraded validation images, at most; they are kept in memory
DEGRADED_TOGETHER, TOGETHER_BYTES = 256, 128 << 20  # validation images degraded at a time, and their bytes, at most


class HardeningTraining:
    """The work of a hardening with training, from the first step to the finished file.

    Parameters
    ----------
    classifier : Classifier
        The network, which stays unchanged.
    fitting, validation : Dataset
        Training images, and the images on which the share of the fine-tuned weights is chosen.
    config : HardenConfig
        Settings.
    folder : HardeningFolder
        Where the state and the hardened network are written.
    """

    def __init__(
        self,
        classifier: Classifier,
        fitting: Dataset,
        validation: Dataset,
        config: HardenConfig,
        folder: HardeningFolder,
    ) -> None:
        self._began = time.perf_counter()  # copying and compiling take a part of the time
        self.classifier, self.fitting, self.validation = classifier, fitting, validation
        self.config, self.folder = config, folder
        self.tuned = copy_classifier(classifier, folder.model_path.stem)
        self.tuned.compile()  # before training, so that scoring keeps the model's own precision
        self.mixture = augment(config.against, clean_share=config.clean_share, seed=config.seed)

    def run(self, state: dict[str, Any], minutes: float | None, on_progress: OnProgress | None) -> None:
        """Train, choose the share of the fine-tuned weights, and write the network.

        Raises
        ------
        TooSlowError
            The time is too short for the fewest steps and validation images.
        """
        deadline = self._deadline(minutes)
        original = self.tuned.model.get_weights()
        tuning = self._tuning(state.get("steps", 1))
        if state.get("checkpoint"):
            self._restore(tuning, state)  # before compiling, so that a damaged file is reported at once
        tuning.compile()
        if "steps" not in state:
            spent = None if self.config.epochs is not None else MINUTES if minutes is None else float(minutes)
            state |= self._planned(tuning, deadline) | {"history": [], "minutes": spent}
            state["planned"] = self.config.steps or state["steps"]
            tuning.plan(state["steps"])
        deadline = max(deadline, time.perf_counter() + SHORTEST)
        watched = self.validation.take(state["watched"], self.config.seed)
        if steps_taken(state) and math.isfinite(deadline):
            self._plan_again(tuning, state, watched, deadline)
        Rounds(tuning, self.tuned, self.folder, state).run(watched, deadline, on_progress)
        tuned = self.tuned.model.get_weights()
        self.tuned.model.set_weights(original)
        if tried := state.get("tried"):  # by a call that was stopped meanwhile
            watched = watched.take(min(tried["images"], len(watched)), self.config.seed)
        else:
            watched = self._affordable(watched, deadline)
        share, figures = self._choose(original, tuned, watched, state)
        self.tuned.model.set_weights(interpolate(original, tuned, share))
        card = hardening_card(self.classifier, self.tuned, self.config, figures, share, len(watched))
        card["validation"]["measure"] = measure_for(watched.labels)
        card |= {"data": data_of(self.fitting, self.validation), "minutes": state.get("minutes")}
        card |= {"steps": state["steps"], "planned_steps": planned_steps(state), "history": state["history"]}
        self.folder.finish(self.tuned.given, card, state)

    def _tuning(self, steps: int) -> FineTuning:
        """Return the fine-tuning of so many steps."""
        recipes = (recipe.augmentation for recipe in RECIPES.values() if recipe.data == self.fitting.name)
        augmentation = next(recipes, Augmentation())  # of a bundled network's data; other images are only degraded
        remedy = REMEDIES[self.config.remedy]
        # Trained on its own scores: shifted ones would teach the network to undo its decision threshold.
        own = self.tuned.with_threshold(None)
        return FineTuning(own, self.fitting, remedy, self.mixture, augmentation, self.config, steps)

    def _deadline(self, minutes: float | None) -> float:
        """Return when the network is to be finished, by `time.perf_counter`; infinite if epochs are given."""
        if self.config.epochs is not None:
            return math.inf
        return self._began + 60 * (MINUTES if minutes is None else minutes)

    def _planned(self, tuning: FineTuning, deadline: float) -> dict[str, int]:
        """Return the numbers of steps, rounds and validation images, chosen by the time unless epochs are given."""
        most = max(1, min(MOST_WATCHED, WATCHED_BYTES // _float_bytes(self.validation)))
        if self.config.epochs is not None:
            batch = self.config.batch_size_for(self.classifier, len(self.fitting))
            steps = max(1, round(self.config.epochs * len(self.fitting) / batch))
            return {"steps": steps, "rounds": ROUNDS, "watched": most}
        seconds = deadline - self._began
        few = self.validation.images[: self.tuned.batch_size]
        self.tuned.scores(few)
        scoring = self._scoring(few)
        step = seconds_per_step(tuning)
        watched, rounds = _watching(max(seconds, SHORTEST) / scoring, most, len(self.validation.images))
        # Each share is tried on all clean images and as many degraded ones; after each round, clean ones are scored.
        watching = max(WATCH_SHARE * seconds, (2 * len(SHARES) + rounds) * watched * scoring)
        now = time.perf_counter()
        left, least = max(deadline - now, SHORTEST) - watching, FEWEST_STEPS * step
        if least + watching > max(0.0, deadline - now) + GRACE:
            raise TooSlowError(self.classifier.name, now - self._began + watching + least)
        affordable = max(FEWEST_STEPS, int(left / step))
        return {"steps": min(affordable, self.config.steps or affordable), "rounds": rounds, "watched": watched}

    def _plan_again(self, tuning: FineTuning, state: dict[str, Any], watched: Dataset, deadline: float) -> None:
        """Set the number of steps of a training that goes on in a new call, which has its own time."""
        done = steps_taken(state)
        if done == state["steps"]:
            return
        few = watched.images[: self.tuned.batch_size]
        self.tuned.scores(few)  # the first call is slow
        step, scoring = seconds_per_step(tuning), self._scoring(few) * len(watched)
        left = deadline - time.perf_counter() - 2 * len(SHARES) * scoring
        state["steps"] = fitting(state["steps"], most_steps(state), done, step, left)
        tuning.plan(state["steps"])

    def _scoring(self, images: np.ndarray) -> float:
        """Return how many seconds scoring takes for each of these images."""
        began = time.perf_counter()
        self.tuned.scores(images)
        return (time.perf_counter() - began) / len(images)

    def _affordable(self, watched: Dataset, deadline: float) -> Dataset:
        """Return those of the validation images on which there is time to try all shares; all of them if it may be."""
        if math.isinf(deadline):
            return watched
        passes = 2 * len(SHARES) * self._scoring(watched.images[: self.tuned.batch_size])
        left = max(GRACE, deadline - time.perf_counter())  # the training may have taken a little longer
        if passes * len(watched) <= left:
            return watched
        return watched.take(max(FEWEST_IF_SLOW, int(left / passes)), self.config.seed)

    def _restore(self, tuning: FineTuning, state: dict[str, Any]) -> None:
        """Set the weights and the optimiser's state of the last checkpoint."""
        arrays = self.folder.arrays(state, tuning.array_names)
        with damage_reported(self.folder.path / state["checkpoint"]):
            tuning.restore(arrays)

    def _choose(
        self,
        original: list[np.ndarray],
        tuned: list[np.ndarray],
        watched: Dataset,
        state: dict[str, Any] | None = None,
    ) -> tuple[float, list[ShareFigures]]:
        """Return the share of the fine-tuned weights: the best under degradations that keeps enough clean accuracy.

        state: that of the training, which keeps what was found for each share; None keeps nothing.
        """
        degraded = self.degraded(watched)
        found = {share: (clean, lost) for share, clean, lost in (state or {}).get("tried", {}).get("figures", ())}

        def measure(images: np.ndarray) -> float:
            return measured(self.tuned.scores(images).argmax(axis=1) == watched.labels, watched.labels)

        def evaluate(share: float) -> tuple[float, float]:
            if share not in found:
                self.tuned.model.set_weights(interpolate(original, tuned, share))
                found[share] = measure(watched.images), measure(degraded)
                if state is not None:
                    figures = [[share, *accuracies] for share, accuracies in found.items()]
                    state["tried"] = {"images": len(watched), "figures": figures}
                    self.folder.save_state(state)
            return found[share]

        unchanged = evaluate(0.0)
        floor = unchanged[0] - self.config.keep_clean / 100
        return choose_share(lambda share: evaluate(share) if share else unchanged, floor)

    def degraded(self, images: Dataset) -> np.ndarray:
        """Return a degraded copy of each image, float32 (N, H, W, C), by the families to harden against."""
        mixture = augment(self.config.against, seed=self.config.seed)
        together = max(1, min(DEGRADED_TOGETHER, TOGETHER_BYTES // _float_bytes(images)))
        degraded = np.empty(images.images.shape, np.float32)
        for start in range(0, len(images), together):
            few = slice(start, start + together)
            degraded[few] = mixture.degrade(np.float32(images.images[few]), np.array([self.config.seed, -1 - start]))
        return degraded


def _float_bytes(images: Dataset) -> int:
    """Return the memory of one image in float32, in bytes."""
    return 4 * math.prod(images.image_shape)


def _watching(scored: float, most: int, available: int) -> tuple[int, int]:
    """Return the numbers of validation images and of rounds, if so many images could be scored in the whole time."""
    watched = min(most, int(WATCH_SHARE * scored / (2 * len(SHARES) + ROUNDS)))
    wanted = min(most, FEWEST_WATCHED, available)
    if watched >= wanted:
        return watched, ROUNDS
    rounds = min(ROUNDS, max(FEWEST_ROUNDS, int(MOST_WATCH_SHARE * scored / wanted) - 2 * len(SHARES)))
    affordable = int(MOST_WATCH_SHARE * scored / (2 * len(SHARES) + rounds))
    return min(wanted, max(FEWEST_IF_SLOW, affordable)), rounds
