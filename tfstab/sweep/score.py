"""Scoring a shard of a sweep: drawing, model calls and what is kept of the scores, overlapped by threads."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import RunError
from tfstab.execution import cores
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.degrade import degrader

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MODEL_CALLS = 2  # at a time: while one waits for its slowest thread, or for a GPU, the other one is at work
MOST_THREADS = 16
BATCH_BYTES = 256 << 20  # for the degraded images of all threads together
# A model call costs something by itself, so that small images are scored in larger batches than a classifier's own.
LARGE_BATCH, LARGE_BATCH_BYTES = 1024, 8 << 20


@dataclass(frozen=True, eq=False)
class SweepShard:
    """images: uint8 (N, H, W, C), all of the class class_index. indices: int64 (N,), places in the full split.

    packages: the versions of the degradation's packages where the run is written; a worker must have the same.
    """

    config: SweepConfig
    images: NDArray[np.uint8]
    indices: NDArray[np.int64]
    class_index: int
    packages: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.indices) * self.config.rows_per_image


@dataclass(frozen=True, eq=False)
class ShardScores:
    """What is kept of each degraded image, (R,) each, in the order image, severity, copy: columns of `table.SCHEMA`.

    Not all scores (R, K): for 1,000 classes they would take 180 MB a shard.
    """

    psnr: NDArray[np.float32]
    predicted: NDArray[np.int16]
    score: NDArray[np.float32]
    true_score: NDArray[np.float32]


def in_large_batches(classifier: "Classifier") -> "Classifier":
    """The classifier for batches that are large enough for a sweep, which leaves every score the same to the bit."""
    size = min(LARGE_BATCH, LARGE_BATCH_BYTES // (4 * int(np.prod(classifier.input_shape))))
    return classifier.with_batch_size(size) if size > classifier.batch_size else classifier


def score_shard(
    classifier: "Classifier", shard: SweepShard, on_rows: Callable[[int], None] | None = None
) -> ShardScores:
    """Degrade and score a shard. on_rows: told how many more rows are done, from this thread.

    Each thread makes a batch, has it scored and makes the next one, so that a batch is ready whenever the model is.
    Raises ModelError for NaN scores, and RunError where the degradation's packages have other versions here.
    """
    _check_packages(shard)
    classifier.compile()
    count = _threads(classifier)
    keep = _Keeper(shard)
    work = _Worker(classifier, shard, keep)
    spans = _spans(shard.size, classifier.batch_size)
    with ThreadPoolExecutor(count, "tfstab-sweep") as pool:
        waiting: list[Future[int]] = []
        try:
            for start, stop in spans:
                waiting.append(pool.submit(work, start, stop))
                if len(waiting) > count:
                    _tell(on_rows, waiting.pop(0).result())
            for future in waiting:
                _tell(on_rows, future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return keep.scores()


def _check_packages(shard: SweepShard) -> None:
    here = shard.config.degradation.package_versions
    differing = [f"{name} {here[name]} and not {v}" for name, v in shard.packages.items() if here[name] != v]
    if differing:
        raise RunError(
            f"the cluster has {' and '.join(differing)}, by which {shard.config.degradation.title} may differ: install "
            "the same versions on all workers."
        )


def _tell(on_rows: Callable[[int], None] | None, rows: int) -> None:
    if on_rows is not None:
        on_rows(rows)


def _spans(size: int, batch: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + batch, size)) for start in range(0, size, batch))


def _threads(classifier: "Classifier") -> int:
    """One for a single core, else one more than there are cores, if their batches do not take too much memory."""
    if cores() == 1:
        return 1
    batch_bytes = 4 * classifier.batch_size * int(np.prod(classifier.input_shape))
    return min(cores() + 1, MOST_THREADS, max(2, BATCH_BYTES // batch_bytes))


class _Worker:
    """Makes and scores one batch, in whichever thread calls it."""

    def __init__(self, classifier: "Classifier", shard: SweepShard, keep: "_Keeper") -> None:
        self.classifier, self.shard, self.keep = classifier, shard, keep
        self._calls = threading.Semaphore(MODEL_CALLS)
        self._local = threading.local()

    def __call__(self, start: int, stop: int) -> int:
        if not hasattr(self._local, "degrader"):
            self._local.degrader = degrader(self.shard.config, self.shard.images, self.shard.indices)
        images, decibels = self._local.degrader.batch(start, stop)
        with self._calls:
            scores = self.classifier.scores(images)
        self.keep.put(start, decibels, scores)
        return stop - start


class _Keeper:
    """Gathers results in the order of the degrader and gives them in the order of the table."""

    def __init__(self, shard: SweepShard) -> None:
        self.shard = shard
        self.psnr = np.empty(shard.size, np.float32)
        self.predicted = np.empty(shard.size, np.int16)
        self.score = np.empty(shard.size, np.float32)
        self.true_score = np.empty(shard.size, np.float32)

    def put(self, start: int, decibels: np.ndarray, scores: np.ndarray) -> None:
        rows = slice(start, start + len(scores))
        self.psnr[rows] = decibels
        self.predicted[rows] = scores.argmax(axis=1)
        self.score[rows] = scores.max(axis=1)
        self.true_score[rows] = scores[:, self.shard.class_index]

    def scores(self) -> ShardScores:
        columns = (self.psnr, self.predicted, self.score, self.true_score)
        return ShardScores(*(self._severity_first(column) for column in columns))

    def _severity_first(self, column: np.ndarray) -> np.ndarray:
        by_copy = column.reshape(len(self.shard.indices), self.shard.config.copies, -1)
        return by_copy.transpose(0, 2, 1).reshape(-1)
