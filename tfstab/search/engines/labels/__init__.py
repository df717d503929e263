"""The engine `labels`: searches classifiers that return only a class.

Walks along the decision boundary (`walk`) start at several places (`start`), and the one with the least noise goes on.
A walk remembers what all its earlier labels said about the slope of the boundary (`belief`, `spread`). Several images
share each batch.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.blas import one_thread
from tfstab.search.engine import Engine, Variant
from tfstab.search.engines.labels.image import Asking, Image
from tfstab.search.engines.labels.start import find_starts
from tfstab.search.engines.labels.walk import Walk
from tfstab.search.norm import GREY
from tfstab.search.progress import Observer
from tfstab.search.result import MinimumNoise
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, Trace

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

BATCH = 32  # degraded images that are labelled in one call
IMAGES = 8  # that are searched beside each other
FIRST = 2  # rounds of each walk before the best one goes on alone


def search(
    classifier: "Classifier",
    tasks: list[Task],
    config: "SearchConfig",
    on_result: Callable[[MinimumNoise], None],
    observer: Observer,
) -> None:
    """Search as `tfstab.search.engines` describes; a generation is one request of labels."""
    classifier, left = classifier.with_batch_size(BATCH), iter(tasks)
    searches: list[_Search] = []
    with one_thread():
        while True:
            while len(searches) < IMAGES and not observer.stopped and (task := next(left, None)) is not None:
                searches.append(_Search(task, config, observer))
            if not searches:
                return
            images = np.concatenate([one.task.pixels + one.asked for one in searches])
            log_scores = classifier.log_scores(images.reshape(-1, *classifier.input_shape))
            ends = np.cumsum([len(one.asked) for one in searches])[:-1]
            for one, scores in zip(searches, np.split(log_scores, ends), strict=True):
                one.take(scores)
                if one.stopped is not None:
                    on_result(one.trace.result(classifier, config, one.image.best, one.stopped))
            searches = [one for one in searches if one.stopped is None]


def walked(image: Image) -> Asking[None]:
    """Search an image without end."""
    best: Walk | None = None  # the others are not kept: their memories are large
    for noise in (yield from find_starts(image)):
        walk = Walk(image, (yield from image.back(noise)))
        for _ in range(FIRST):
            yield from walk.round()
        best = walk if best is None or walk.size < best.size else best
    assert best is not None  # there is at least one start
    while True:
        yield from best.round()


class _Search:
    """The search of one image, and the noise (B, G) that it asks about."""

    def __init__(self, task: Task, config: "SearchConfig", observer: Observer) -> None:
        self.task, self.config, self.observer = task, config, observer
        self.trace, self.image = Trace(task, observer), Image(task, config.seed)
        self.rounds = walked(self.image)
        self.asked = next(self.rounds)
        self.stopped: StopReason | None = None

    def take(self, log_scores: np.ndarray) -> None:
        """Record the noise's log-scores (B, K), of which the walks get only whether they have flipped, and go on."""
        scored = self.task.evaluate(log_scores, self.task.norm.length(self.asked), self.config)
        self.trace.queries += len(self.asked)
        self.asked, asked = self.rounds.send(scored.flipped), self.asked
        found = bool(np.isfinite(self.image.best_norm))
        noise = self.image.best if found else asked[-1]
        generation = self.trace.generation(scored, float(self.task.norm.length(noise)))
        self.stopped = self.trace.record(generation, noise, found)
        if self.stopped is None and self.observer.stopped:
            self.stopped = StopReason.OBSERVER
        if self.stopped is None and self.trace.queries + len(self.asked) > self.config.max_queries:
            self.stopped = StopReason.QUERIES


ENGINE = Engine(
    search,
    (
        Variant(
            "Labels only",
            "Walks along the decision boundary, needs only the predicted class",
            max_queries=5_000,
            norms=GREY,
        ),
    ),
    scores=False,
)
