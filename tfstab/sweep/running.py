"""Runs a sweep: shards are degraded and scored, here or on a cluster; each is written while the next is scored."""

import contextlib
import functools
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset
from tfstab.datasets.lazy import pick
from tfstab.errors import RunError
from tfstab.execution import executor
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.files import check_room, find_parts
from tfstab.runs.writer import describe
from tfstab.sweep.config import SweepConfig, plan_parts
from tfstab.sweep.progress import OnProgress, SweepProgress
from tfstab.sweep.run import SweepRun
from tfstab.sweep.score import SweepShard, in_large_batches, score_shard
from tfstab.sweep.table import BYTES_PER_ROW, make_table, save_table

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

BYTES_PER_PART = 8 << 10  # a Parquet file's own description


def run_sweep(
    classifier: "Classifier",
    dataset: Dataset,
    config: SweepConfig | None = None,
    out: str | Path = "runs/sweep",
    on_progress: OnProgress | None = None,
    cluster: Any = None,
    *,
    scored_in: Iterable[str | Path] = (),
) -> SweepRun:
    """Score degraded copies of every image and write them to a run folder.

    An existing run with the same settings is resumed; nothing is scored twice.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    dataset : Dataset
        Images (N, H, W, C), uint8 grey levels 0..255, with labels (N,).
    config : SweepConfig, optional
        Degradation, severities and copies; by default the paper's Gaussian noise.
    out : str or Path
        The run folder.
    on_progress : callable, optional
        Gets a SweepProgress whenever degraded images have been scored.
    cluster : str or distributed.Client, optional
        Address of a Dask scheduler ("tcp://HOST:8786"), or a client, to score on its workers. The run is written here
        and is the same.
    scored_in : iterable of str or Path
        Run folders from which the scores of the clean images are taken, if model, images and environment are the same.

    Returns
    -------
    SweepRun
        The finished run, opened.

    Raises
    ------
    InputError
        The images do not fit the model.
    RunError
        `out` holds a different run, the disk is too small, or the cluster cannot be used.

    References
    ----------
    Section 4 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> run = tfstab.run_sweep(classifier, digits, tfstab.SweepConfig(degradation="rotation"), "runs/rotation")
    >>> run.degradation.axis, run.severities
    ('angle (degrees)', (5.0, 10.0, 20.0, 30.0, 45.0))
    >>> run.class_metrics().total
    50
    """
    config = config or SweepConfig()
    dataset, classifier = match_classes(classifier, dataset), classifier.for_images(dataset.image_shape)
    classifier = in_large_batches(classifier)
    plan = plan_parts(dataset.labels, config)
    unfinished = _check_disk(Path(out).expanduser(), dataset, config, list(plan))
    with executor(classifier, cluster, needed=unfinished > 0) as workers:
        info = describe("sweep", config.seed, config.settings, classifier, dataset, list(plan))
        info["environment"]["versions"] |= config.degradation.package_versions
        clean = CleanImages.score(classifier, dataset, info, [out, *scored_in])
        with RunWriter(out, info, clean) as run, _Writing(run) as writing:
            left = {name: rows for name, rows in plan.items() if name not in run.done}
            tally = _Tally(len(dataset) * config.rows_per_image, on_progress)
            tally.add(tally.total - sum(map(len, left.values())) * config.rows_per_image)

            def on_rows(rows: int) -> None:
                """Count rows that have been scored."""
                writing.check()
                tally.add(rows)

            shards = ((name, _shard(clean, rows, config)) for name, rows in left.items())
            with contextlib.closing(workers.run(score_shard, shards, on_rows)) as results:
                for name, scores in results:
                    writing.add(name, make_table(plan[name], clean, config, scores))
            writing.finish()
            run.log("finished")
    return SweepRun(out)


def _shard(clean: CleanImages, rows: NDArray[np.int64], config: SweepConfig) -> SweepShard:
    """Return the shard of work for a part that holds these rows of the clean images."""
    class_index, packages = int(clean.class_index[rows[0]]), config.degradation.package_versions
    return SweepShard(config, pick(clean.images, rows), clean.indices[rows], class_index, packages)


class _Tally:
    """Counts scored rows and reports progress."""

    def __init__(self, total: int, on_progress: OnProgress | None) -> None:
        self.done, self.total, self.on_progress = 0, total, on_progress

    def add(self, rows: int) -> None:
        """Count more rows, and report progress if there are any."""
        self.done += rows
        if self.on_progress is not None and rows:
            self.on_progress(SweepProgress(self.done, self.total))


class _Writing:
    """Writes one part while the next one is scored. As a context manager, it waits for the last part.

    An error in writing, such as a full disk, is raised by the next method call.
    """

    def __init__(self, run: RunWriter) -> None:
        self.run = run
        self._pool = ThreadPoolExecutor(1, "tfstab-write")
        self._pending: Future[object] | None = None
        self._begun = time.perf_counter()

    def __enter__(self) -> "_Writing":
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.shutdown(wait=True)

    def add(self, name: str, table: pa.Table) -> None:
        """Write a part after the one before it has been written, so that at most two are in memory."""
        self.finish()
        seconds = round(time.perf_counter() - self._begun, 3)
        self._begun = time.perf_counter()
        save = functools.partial(save_table, table)
        self._pending = self._pool.submit(self.run.write, name, "parquet", save, rows=len(table), seconds=seconds)

    def check(self) -> None:
        """Raise the error of a write that has failed, without waiting."""
        if self._pending is not None and self._pending.done():
            self.finish()

    def finish(self) -> None:
        """Wait until the current part is written."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()


def _check_disk(out: Path, dataset: Dataset, config: SweepConfig, parts: list[str]) -> int:
    """Return how many parts are left to write.

    Raises RunError if `out` cannot be used, or if these parts do not fit on its disk.
    """
    check_room(out)
    done = find_parts(out)
    left = sum(name not in done for name in parts)
    rows = len(dataset) * config.rows_per_image * left // len(parts)
    images = 0 if (out / "clean.npz").exists() else dataset.images.nbytes
    needed = rows * BYTES_PER_ROW + left * BYTES_PER_PART + images
    parent = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    free = shutil.disk_usage(parent).free
    if needed > free:
        raise RunError(
            f"the sweep's {rows:,} degraded images need about {_gigabytes(needed)} and {parent} has {_gigabytes(free)} "
            "free: free some space, choose another folder with --out, or sweep fewer images or copies."
        )
    return left


def _gigabytes(count: int) -> str:
    """Write a number of bytes in GB, or in MB if it is small."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"
