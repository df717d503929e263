"""`Sweeping`: a sweep whose folder is open for writing. Each part is written while the next one is scored."""

import contextlib
import functools
import itertools
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tfstab.classifier.input_note import heed
from tfstab.datasets import Dataset
from tfstab.datasets.groups import needed_images
from tfstab.datasets.lazy import pick
from tfstab.datasets.remarks import remarks_of
from tfstab.errors import RunError
from tfstab.execution import Executor
from tfstab.execution.stopping import StopRule
from tfstab.metrics import half_width, images_needed
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.changed_code import note_old_code
from tfstab.runs.description import describe
from tfstab.runs.evidence import degradation_evidence
from tfstab.runs.growth import in_sweep_order
from tfstab.runs.info import is_run
from tfstab.runs.known_degradations import remember_degradation
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.function_check import warn_of_function
from tfstab.sweep.part import rows_of
from tfstab.sweep.plan import Block, block_images, block_of, block_rows, check_plan, in_order, plan_blocks
from tfstab.sweep.probe import checked_probe
from tfstab.sweep.progress import OnProgress, SweepProgress
from tfstab.sweep.run import SweepRun
from tfstab.sweep.score import SweepShard, first_rows, score_shard
from tfstab.sweep.table import make_table, save_table

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


class Sweeping:
    """A sweep whose run folder is open for writing: a context manager.

    Parameters
    ----------
    classifier, dataset
        Model, and images that `match_classes` has matched to it.
    config, out, scored_in, as_is, degraded, on_progress
        As in `run_sweep`.
    order : ndarray of int64 (N,), optional
        Rows of the images in the order in which a new run takes them; by default one in which each beginning has the
        classes in proportion.

    Attributes
    ----------
    run : RunWriter
        The run folder.
    left : list of Block
        The blocks that are planned and not scored, in their order.
    """

    def __init__(
        self,
        classifier: "Classifier",
        dataset: Dataset,
        config: SweepConfig,
        out: str | Path,
        scored_in: Iterable[str | Path | CleanImages] = (),
        *,
        as_is: bool = True,
        degraded: int | None = None,
        order: NDArray[np.int64] | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.config, self._batch = config, first_rows(classifier)
        self._degraded, self._shape = degraded, dataset.image_shape
        self._most_rows = block_rows(classifier, len(config.severities))
        info = describe("sweep", config.seed, config.settings, classifier, dataset, [])
        info["environment"]["versions"] |= config.degradation.package_versions
        info["evidence"] |= degradation_evidence(config.degradation)
        info["probe"] = checked_probe(config, dataset.image_shape)
        if not is_run(out):
            warn_of_function(config, dataset.image_shape)
        planned = self._plan(len(dataset), config.copies)
        info["parts"] = [block.name for block in planned]
        total = sum(map(self._rows, planned))
        on_note = functools.partial(heed, as_is=as_is or is_run(out))

        def on_clean(done: int, of: int) -> None:
            """Report how many clean images are scored."""
            if on_progress is not None:
                on_progress(SweepProgress(0, total, done, of))

        def score() -> CleanImages:
            """Score the clean images, once the folder is locked."""
            known = [*scored_in, out]
            scored = CleanImages.score(classifier, dataset, info, known, on_note, keep=out, on_clean=on_clean)
            return in_sweep_order(scored, order)

        self.run = RunWriter(out, info, score, self._grow, classifier.source)

    def __enter__(self) -> "Sweeping":
        """Open the run folder."""
        note_old_code(self.config.degradation)
        self.run.__enter__()
        remember_degradation(self.config.degradation)
        blocks = in_order(block for block in map(block_of, self.run.info["parts"]) if block is not None)
        self._blocks = {block.name: block for block in blocks if block.first_copy < self.config.copies}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *traceback: object) -> None:
        """Close the run folder."""
        self.run.__exit__(kind, error, *traceback)

    @property
    def left(self) -> list[Block]:
        """The planned blocks that have not been scored, in their order."""
        return [block for name, block in self._blocks.items() if name not in self.run.done]

    def score(
        self,
        blocks: Sequence[Block],
        workers: Executor,
        on_progress: OnProgress | None = None,
        rule: StopRule | None = None,
    ) -> str:
        """Score blocks and write them, until a rule says to stop; return why its precision is not reached, or "".

        Parameters
        ----------
        blocks : sequence of Block
            Some of those that are left.
        workers : Executor
            What scores them.
        on_progress : callable, optional
            Gets a SweepProgress at the beginning, and whenever degraded images have been scored.
        rule : StopRule, optional
            By default all blocks are scored.
        """
        rule = rule or StopRule()
        total = sum(map(self._rows, self._blocks.values()))
        tally = _Tally(total - sum(map(self._rows, self.left)), total, on_progress)
        shares = _Shares(self.run) if rule.precision is not None else None

        def reached(rows: int) -> bool:
            """Return whether to stop before a part of so many rows."""
            return shares.reach(rule, rows) if shares is not None else rule.reached(rows)

        with _Writing(self.run) as writing:

            def on_rows(rows: int) -> None:
                """Count rows that have been scored."""
                writing.check()
                tally.add(rows)

            rule.start()
            next_rows = {one.name: self._rows(after) for one, after in itertools.pairwise(blocks)}
            shards = ((block.name, self._shard(block)) for block in blocks) if not reached(0) else iter(())
            with contextlib.closing(workers.run(score_shard, shards, on_rows)) as results:
                for name, scores in results:
                    block = self._blocks[name]
                    table = make_table(self._images(block), _copies(block), self.run.clean, self.config, scores)
                    writing.add(name, table)
                    rule.count(len(table))
                    if shares is not None:
                        shares.add(table)
                    if reached(next_rows.get(name, 0)):
                        break
            writing.finish()
        self.run.log("stopped" if self.left else "finished")
        return shares.why_short(rule) if shares is not None and (rule.out_of_reach or not self.left) else ""

    def _rows(self, block: Block) -> int:
        """Return the number of degraded images of a block."""
        return block.rows(len(self.config.severities))

    def _plan(self, images: int, copies: int, earlier: Sequence[Block] = ()) -> list[Block]:
        """Return the blocks of so many images that are planned beyond the earlier ones."""
        severities = len(self.config.severities)
        images = images if self._degraded is None else min(images, self._degraded)
        most_images = block_images(self._shape)
        return plan_blocks(images, copies, severities, self._most_rows, self._batch, earlier, most_images)

    def _grow(self, there: dict[str, Any], clean: CleanImages) -> tuple[dict[str, Any], list[str]]:
        """Return settings and parts of a run that has these images, from its run.json; see `RunWriter`."""
        earlier = [block for block in map(block_of, there["parts"]) if block is not None]
        if len(earlier) < len(there["parts"]):
            raise self.run.refused("it was planned by another version of tfstab")
        planned = SweepConfig.of_settings(there["settings"], self.config.seed).copies
        check_plan(self.run.path, there, planned)
        if clean.order is None:
            raise RunError(f"{self.run.path / 'clean.npz'} is damaged (its order is missing): make the run again.")
        copies = max(planned, self.config.copies)
        new = [block.name for block in self._plan(len(clean.indices), copies, earlier)]
        return there["settings"] | {"copies": copies}, [*there["parts"], *new]

    def _images(self, block: Block) -> NDArray[np.int64]:
        """Return the rows of a block's clean images."""
        return rows_of(block.name, self.run.clean)

    def _shard(self, block: Block) -> SweepShard:
        """Return the shard of work for a block."""
        rows, clean, packages = self._images(block), self.run.clean, self.config.degradation.package_versions
        classes = clean.class_index[rows]
        return SweepShard(self.config, pick(clean.images, rows), clean.indices[rows], classes, _copies(block), packages)


def _copies(block: Block) -> range:
    """Return the copies of a block."""
    return range(block.first_copy, block.stop_copy)


class _Shares:
    """Share of correct predictions of each image, kept up to date while a sweep runs."""

    def __init__(self, run: RunWriter) -> None:
        self._indices, self._remarks = np.sort(run.clean.indices), remarks_of(run.info["data"])
        self._correct, self._total = np.zeros((2, len(self._indices)), np.int64)
        m = SweepRun(run.path).measures  # whose parts are checked
        there = np.searchsorted(self._indices, m.images)
        self._correct[there], self._total[there] = m.correct.sum(axis=1), m.total.sum(axis=1)

    def add(self, table: pa.Table) -> None:
        """Count the rows of a part."""
        row = np.searchsorted(self._indices, table["image"].to_numpy())
        right = table["predicted"].to_numpy() == table["class_index"].to_numpy()
        self._correct += np.bincount(row, right, len(self._correct)).astype(np.int64)
        self._total += np.bincount(row, minlength=len(self._total))

    @property
    def now(self) -> NDArray[np.float64]:
        """The share of each image that has been swept, (M,)."""
        there = self._total > 0
        return self._correct[there] / self._total[there]

    def reach(self, rule: StopRule, rows: int) -> bool:
        """Return whether a rule says to stop before a part of so many rows."""
        even = self._total.min() == self._total.max() > 0
        return rule.reached(rows, self.now, self._total if even else None)

    def why_short(self, rule: StopRule) -> str:
        """Return that the precision needs more images, and how many, or "" if it is reached."""
        reached = 100 * half_width(self.now)
        if rule.precision is None or reached <= rule.precision:
            return ""
        needed = images_needed(self.now, rule.precision / 100)
        it_takes = needed_images(f"about {needed:,}", self._remarks)
        return (
            f"the accuracy over all severities is known within {reached:.2g} percentage points, and more copies of "
            f"these {len(self._total):,} images do not bring that down to {rule.precision:g}: it takes {it_takes}."
        )


class _Tally:
    """Counts scored rows and reports progress, also at the beginning."""

    def __init__(self, done: int, total: int, on_progress: OnProgress | None) -> None:
        self.done, self.total, self.on_progress = done, total, on_progress
        self.add(0)

    def add(self, rows: int) -> None:
        """Count more rows, and report progress."""
        self.done += rows
        if self.on_progress is not None and self.total:
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
