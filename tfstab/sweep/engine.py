"""Runs a sweep: draw noise, add it, score, write; the next batch is drawn while one is scored."""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq

from tfstab.datasets import Dataset
from tfstab.degradations import add_gaussian_noise
from tfstab.metrics import psnr
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.clean import fit
from tfstab.runs.writer import describe
from tfstab.sweep.config import SweepConfig, plan_parts
from tfstab.sweep.results import SweepRun
from tfstab.sweep.table import make_table

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is: degraded images scored, of how many."""

    done: int
    total: int


OnProgress = Callable[[SweepProgress], None]


def run_sweep(
    classifier: "Classifier", dataset: Dataset, config: SweepConfig | None = None, out: str | Path = "runs/sweep",
    on_progress: OnProgress | None = None,
) -> SweepRun:
    """Score every noisy copy of every image and write a run folder; resume it where it was stopped.

    Returns the finished run, opened. Raises InputError where model and data do not fit, RunError where `out`
    holds another run.
    """
    config = config or SweepConfig()
    dataset = fit(classifier, dataset)
    clean = CleanImages.score(classifier, dataset)
    plan = plan_parts(dataset.labels, config)
    settings = {k: v for k, v in asdict(config).items() if k != "seed"} | {"degradation": "gaussian_noise"}
    info = describe("sweep", config.seed, settings, classifier, dataset, list(plan))
    total = len(dataset) * config.rows_per_image
    with RunWriter(out, info, clean) as run, ThreadPoolExecutor(1) as drawing:
        done = sum(len(rows) for name, rows in plan.items() if name in run.done) * config.rows_per_image
        for name, rows in plan.items():
            if name in run.done:
                continue
            started = time.perf_counter()
            part = _Part(rows, clean, config)
            for scored in part.score(classifier, drawing):
                if on_progress is not None:
                    on_progress(SweepProgress(done + scored, total))
            done += part.size
            run.write(name, "parquet", part.save, rows=part.size, seconds=round(time.perf_counter() - started, 3))
        run.log("finished")
    return SweepRun(out)


class _Part:
    """The degraded images of one part, in the order image, sigma, copy."""

    def __init__(self, rows: np.ndarray, clean: CleanImages, config: SweepConfig) -> None:
        self.rows, self.clean, self.config = rows, clean, config
        self.size = len(rows) * config.rows_per_image
        self.psnr = np.empty(self.size, np.float32)
        self.scores = np.empty((self.size, clean.scores.shape[1]), np.float32)

    def score(self, classifier: "Classifier", drawing: ThreadPoolExecutor) -> Iterator[int]:
        """Fill the arrays batch by batch; yields how many are done."""
        batch = classifier.batch_size
        starts = range(0, self.size, batch)
        ahead = drawing.submit(self._degraded, 0, batch)
        for start in starts:
            images, decibels = ahead.result()
            if start + batch < self.size:
                ahead = drawing.submit(self._degraded, start + batch, start + 2 * batch)
            self.scores[start : start + batch] = classifier.scores(images)
            self.psnr[start : start + batch] = decibels
            yield min(start + batch, self.size)

    def _degraded(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """float32 (B, H, W, C) degraded images and their PSNR, for these places of the part's order."""
        keys = list(itertools.islice(self._keys(start), min(stop, self.size) - start))
        images = np.empty((len(keys), *self.clean.images.shape[1:]), np.float32)
        noise = np.empty_like(images)
        for k, (row, sigma_index, copy) in enumerate(keys):
            clean = self.clean.images[row]
            index, sigma = int(self.clean.indices[row]), self.config.sigmas[sigma_index]
            images[k] = add_gaussian_noise(clean, sigma, self.config.seed, index, sigma_index, copy)
            np.subtract(images[k], clean, out=noise[k])
        return images, psnr(noise).astype(np.float32)

    def _keys(self, start: int) -> Iterator[tuple[int, int, int]]:
        copies, per_image = self.config.copies, self.config.rows_per_image
        for place in range(start, self.size):
            image, rest = divmod(place, per_image)
            yield int(self.rows[image]), rest // copies, rest % copies

    def save(self, path: Path) -> None:
        table = make_table(self.rows, self.clean, self.config, self.psnr, self.scores)
        pq.write_table(
            table, path, compression="zstd", use_dictionary=["degradation"], write_statistics=True,
            use_byte_stream_split=["psnr", "score", "true_score"],
            column_encoding={
                "image": "DELTA_BINARY_PACKED", "class_index": "DELTA_BINARY_PACKED", "copy": "DELTA_BINARY_PACKED",
            },
        )  # fmt: skip
