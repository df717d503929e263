"""The record of one image's search: what every engine keeps of its generations, and the result made from it."""

import time
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tfstab.metrics import l2_norm
from tfstab.search.course import Recorder
from tfstab.search.objective import Evaluation
from tfstab.search.progress import Observer, SearchProgress
from tfstab.search.repair import CANDIDATES, nearest_uint8
from tfstab.search.result import Generation, MinimumNoise
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig


CHECKS = 1  # images that `make_result` scores, apart from the repair's: the degraded image itself
CHECK_BATCH = 8  # for this one image: padding it to a batch of the search would take longer


class StopReason(StrEnum):
    """Why a search ended."""

    PATIENCE = "patience"
    QUERIES = "queries"
    OBSERVER = "observer"
    CONVERGED = "converged"
    MISCLASSIFIED = "misclassified when clean"


# Why a search ended, in words; not of images that need no noise.
_STOPS = {
    StopReason.PATIENCE: "no improvement for as many generations as this setting allows",
    StopReason.QUERIES: "--max-queries was reached; more may find {}",
    StopReason.CONVERGED: "the engine finished",
    StopReason.OBSERVER: "somebody stopped it",
}
_WITH_MORE: dict[tuple[bool, ...], str] = {
    (True,): "less noise",
    (False,): "noise",
    (False, True): "noise for more images, and less noise",
}


def stops_in_words(ended: Iterable[tuple[str, bool]]) -> list[str]:
    """Return each reason for which searches ended, with its meaning.

    Parameters
    ----------
    ended : iterable of (str, bool)
        The stop reason of each image, and whether noise was found for it.

    Examples
    --------
    >>> from tfstab.search.trace import stops_in_words
    >>> stops_in_words([("queries", False), ("converged", True)])
    ['queries (--max-queries was reached; more may find noise)', 'converged (the engine finished)']
    """
    found: dict[str, set[bool]] = {}
    for reason, there in ended:
        found.setdefault(reason, set()).add(there)
    return [
        f"{reason} ({why.format(_WITH_MORE[tuple(sorted(found[reason]))])})"
        for reason, why in _STOPS.items()
        if reason in found
    ]


class Trace:
    """Records the generations of one image's search and shows them to the observer.

    Attributes
    ----------
    queries : int
        Degraded images scored so far; the engine counts them. Those of the last check and the repair are added in the
        result.
    gradients : int
        Gradients computed so far; the engine counts them, too.
    history : list of Generation
        The generations so far.
    """

    def __init__(self, task: Task, observer: Observer) -> None:
        self.task, self.observer = task, observer
        self.queries = self.gradients = 0
        self.history: list[Generation] = []
        self._course = Recorder(task.clean.shape)
        self._started = time.perf_counter()

    def generation(self, scored: Evaluation, norm: float) -> Generation:
        """Return the figures of a generation, from its evaluated images and the norm of the best noise so far.

        While some of the images flip, only these count as the best.
        """
        reached = scored.objective[scored.flipped] if scored.flipped.any() else scored.objective
        best = min((earlier.best for earlier in self.history), default=np.inf)
        mean, share = float(scored.objective.mean()), float(scored.flipped.mean())
        return Generation(min(best, float(reached.min())), mean, norm, share)

    def record(self, generation: Generation, noise: np.ndarray, flipped: bool) -> StopReason | None:
        """Record a generation and show it to the observer.

        Parameters
        ----------
        generation : Generation
            The figures of the generation.
        noise : ndarray
            The best noise so far, (G,) or (H, W, C), in grey levels; copied.
        flipped : bool
            Whether this noise reaches the goal.

        Returns
        -------
        StopReason or None
            OBSERVER if the search must end.
        """
        self.history.append(generation)
        self._course.take(len(self.history), noise)
        return self._shown(noise, flipped) if self.observer.on_generation is not None else None

    def _shown(self, noise: np.ndarray, flipped: bool) -> StopReason | None:
        if self.observer.stopped:
            return StopReason.OBSERVER
        best, mean, norm, share = self.history[-1]
        progress = SearchProgress(
            self.task.image,
            len(self.history),
            self.queries,
            best,
            mean,
            norm,
            flipped,
            share,
            noise.reshape(self.task.clean.shape).astype(np.float32),
        )
        return StopReason.OBSERVER if self.observer.show(progress) else None

    def result(
        self, classifier: "Classifier", config: "SearchConfig", noise: np.ndarray, stop_reason: StopReason
    ) -> MinimumNoise:
        """Return the result for the noise (G,) that was found."""
        result = make_result(
            classifier,
            self.task,
            config,
            noise,
            queries=self.queries,
            gradients=self.gradients,
            seconds=time.perf_counter() - self._started,
            stop_reason=stop_reason,
            history=self.history,
        )
        return replace(result, course=self._course.course)


def make_result(
    classifier: "Classifier",
    task: Task,
    config: "SearchConfig",
    noise: np.ndarray,
    *,
    queries: int,
    seconds: float,
    stop_reason: str,
    history: list[Generation],
    gradients: int,
    repair_queries: int = 0,
) -> MinimumNoise:
    """Score the degraded image once more, repair it, and return everything reported about it.

    Parameters
    ----------
    noise : ndarray
        The noise that was found, (G,) or (H, W, C), in grey levels.
    queries, repair_queries : int
        Degraded images scored before, and how many of them by repairs; this repair's are added to both, and the check
        to the first.
    gradients : int
        Gradients computed before.
    """
    noise = noise.reshape(task.clean.shape).astype(np.float32)
    degraded = np.clip(task.clean + noise, 0, 255)[None]
    norm = task.norm.length(noise.reshape(-1)).reshape(1)
    log_scores = classifier.with_batch_size(CHECK_BATCH).log_scores(degraded)
    evaluation = task.evaluate(log_scores, norm, config)
    found = bool(evaluation.flipped[0])
    candidates = CANDIDATES if found else 0
    repaired = nearest_uint8(classifier, task, noise) if found else None
    return MinimumNoise(
        image=task.image,
        class_index=task.class_index,
        found=found,
        clean=task.clean,
        noise=noise,
        scores=np.exp(log_scores[0]).astype(np.float32),
        clean_scores=task.clean_scores,
        l2_uint8=float("nan") if repaired is None else float(l2_norm(repaired)),
        objective=float(evaluation.objective[0]),
        queries=queries + CHECKS + candidates,
        generations=len(history),
        stop_reason=str(stop_reason),
        history=np.array(history, np.float64).reshape(-1, len(Generation._fields)),
        seconds=seconds,
        repair_queries=repair_queries + candidates,
        gradients=gradients,
        norm=task.norm.name,
        size_uint8=float("nan") if repaired is None else float(task.norm.length(repaired.reshape(-1))),
    )
