"""Scores a shard of a sweep: threads overlap making degraded images, calling the model and storing scores."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.inputs import default_batch, steady
from tfstab.errors import RunError
from tfstab.execution import cores
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.degrade import degrader

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MODEL_CALLS = 2  # at a time: while one waits for its slowest thread, or for a GPU, the other computes
MOST_THREADS = 16
BATCH_BYTES = 256 << 20  # for the degraded images of all threads together
# Each model call has a fixed cost, so small images are scored in larger batches than the classifier's own.
LARGE_BATCH, LARGE_BATCH_BYTES = 1024, 8 << 20


@dataclass(frozen=True, eq=False)
class SweepShard:
    """Images to be degraded and scored together: those of one part.

    Attributes
    ----------
    config : SweepConfig
        Settings of the sweep.
    images : ndarray
        Clean images, uint8 (N, H, W, C).
    indices : ndarray
        int64 (N,): their indices in the full split.
    class_index : ndarray
        int64 (N,): their true classes.
    copies : range
        The copies of each image.
    packages : dict
        Versions of the degradation's packages where the run is written; a worker must have the same.
    """

    config: SweepConfig
    images: NDArray[np.uint8]
    indices: NDArray[np.int64]
    class_index: NDArray[np.int64]
    copies: range
    packages: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of degraded images."""
        return len(self.indices) * self.rows_per_image

    @property
    def rows_per_image(self) -> int:
        """Degraded images of each image."""
        return len(self.copies) * len(self.config.severities)


@dataclass(frozen=True, eq=False)
class ShardScores:
    """What is stored of each degraded image, (R,) each, in the order image, severity, copy; see `table.SCHEMA`.

    Not all scores (R, K) are stored: for 1,000 classes they would take 180 MB for each shard.
    """

    psnr: NDArray[np.float32]
    predicted: NDArray[np.int16]
    score: NDArray[np.float32]
    true_score: NDArray[np.float32]


def large_batch(shape: tuple[int, int, int]) -> int:
    """Return how many degraded images (H, W, C) a sweep scores at once, at least."""
    return steady(max(2, min(LARGE_BATCH, LARGE_BATCH_BYTES // (4 * int(np.prod(shape))))))


def first_rows(classifier: "Classifier") -> int:
    """Return how many degraded images the first block of a sweep has, roughly: a batch, as fewer would be padded.

    Large images are scored in the default batches of a model, which are larger than `large_batch`. A predict function
    that takes any number of images gets no more than needed, as it may be slow.
    """
    large = large_batch(classifier.input_shape)
    return large if classifier.any_batch else max(large, default_batch(classifier.input_shape))


def in_large_batches(classifier: "Classifier", rows: int | None = None) -> "Classifier":
    """Return the classifier with batches large enough for a sweep.

    One that takes images of any size is returned unchanged. So is one on a CPU if there are so few rows that most of a
    large batch would be padding.
    """
    if None in classifier.input_shape:
        return classifier
    size = large_batch(classifier.input_shape)
    if rows is not None and 2 * rows <= size and classifier.device == "CPU":
        return classifier
    return classifier.with_batch_size(size) if size > classifier.batch_size else classifier


def score_shard(
    classifier: "Classifier", shard: SweepShard, on_rows: Callable[[int], None] | None = None
) -> ShardScores:
    """Degrade and score a shard. on_rows: called in this thread with the number of rows just done.

    Each thread makes a batch, scores it and makes the next one, so that the model never waits for a batch. Raises
    ModelError for NaN scores, and RunError if the degradation's packages have other versions here.
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
    """Raise RunError if the degradation's packages have other versions here than where the run is written."""
    here = shard.config.degradation.package_versions
    differing = [f"{name} {here[name]} and not {v}" for name, v in shard.packages.items() if here[name] != v]
    if differing:
        raise RunError(
            f"the cluster has {' and '.join(differing)}, by which {shard.config.degradation.title} may differ: install "
            "the same versions on all workers."
        )


def _tell(on_rows: Callable[[int], None] | None, rows: int) -> None:
    """Call on_rows, if it is given."""
    if on_rows is not None:
        on_rows(rows)


def _spans(size: int, batch: int) -> Iterator[tuple[int, int]]:
    """Return the start and stop of each batch."""
    return ((start, min(start + batch, size)) for start in range(0, size, batch))


def _threads(classifier: "Classifier") -> int:
    """Return the number of threads: one more than there are cores, or fewer if their batches take too much memory."""
    if cores() == 1:
        return 1
    batch_bytes = 4 * classifier.batch_size * int(np.prod(classifier.input_shape))
    return min(cores() + 1, MOST_THREADS, max(2, BATCH_BYTES // batch_bytes))


class _Worker:
    """Makes and scores one batch, in the thread that calls it."""

    def __init__(self, classifier: "Classifier", shard: SweepShard, keep: "_Keeper") -> None:
        self.classifier, self.shard, self.keep = classifier, shard, keep
        self._calls = threading.Semaphore(MODEL_CALLS)
        self._local = threading.local()

    def __call__(self, start: int, stop: int) -> int:
        if not hasattr(self._local, "degrader"):
            shard = self.shard
            self._local.degrader = degrader(shard.config, shard.images, shard.indices, shard.copies)
        images, decibels = self._local.degrader.batch(start, stop)
        with self._calls:
            scores = self.classifier.scores(images)
        self.keep.put(start, decibels, scores)
        return stop - start


class _Keeper:
    """Collects results in the order of the degrader and returns them in the order of the table."""

    def __init__(self, shard: SweepShard) -> None:
        self.shard = shard
        self.psnr = np.empty(shard.size, np.float32)
        self.predicted = np.empty(shard.size, np.int16)
        self.score = np.empty(shard.size, np.float32)
        self.true_score = np.empty(shard.size, np.float32)

    def put(self, start: int, decibels: np.ndarray, scores: np.ndarray) -> None:
        """Store the PSNR in dB and the scores of a batch that begins at start."""
        rows = slice(start, start + len(scores))
        self.psnr[rows] = decibels
        self.predicted[rows] = scores.argmax(axis=1)
        self.score[rows] = scores.max(axis=1)
        image = np.arange(rows.start, rows.stop) // self.shard.rows_per_image
        self.true_score[rows] = scores[np.arange(len(scores)), self.shard.class_index[image]]

    def scores(self) -> ShardScores:
        """Return all results."""
        columns = (self.psnr, self.predicted, self.score, self.true_score)
        return ShardScores(*(self._severity_first(column) for column in columns))

    def _severity_first(self, column: np.ndarray) -> np.ndarray:
        """Bring a column from the order image, copy, severity into the order image, severity, copy."""
        by_copy = column.reshape(len(self.shard.indices), len(self.shard.copies), -1)
        return by_copy.transpose(0, 2, 1).reshape(-1)
