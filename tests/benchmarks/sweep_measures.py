"""How fast a paper-scale sweep is read and measured: one class's points, and all measures from one pass.

    python tests/benchmarks/sweep_measures.py                      # 10,000 images, 10 classes: 18 million rows
    python tests/benchmarks/sweep_measures.py --images 12630 --classes 43
    python tests/benchmarks/sweep_measures.py --run FOLDER         # a run that is there

Without --run the rows are made up, but written as a sweep writes them. One core is used; the files are in the page
cache, as after a sweep.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tfstab import SweepConfig, open_run
from tfstab.report.sweep_json import sweep_json
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.environment import environment
from tfstab.runs.growth import in_sweep_order
from tfstab.runs.info import FORMAT
from tfstab.sweep.part import rows_of
from tfstab.sweep.plan import MOST_ROWS, plan_blocks
from tfstab.sweep.score import ShardScores
from tfstab.sweep.table import make_table, save_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--common-noise", action="store_true")
    parser.add_argument("--run", type=Path)
    options = parser.parse_args()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    with tempfile.TemporaryDirectory() as folder:
        path = options.run or Path(folder) / "run"
        if options.run is None:
            make_up(
                path, options.images, options.classes, SweepConfig(preset="paper", common_noise=options.common_noise)
            )
        measure(path)


def measure(path: Path) -> None:
    run = open_run(path)
    print(f"{len(run.clean.indices):,} images x {run.config.rows_per_image:,}, {len(run.class_names)} classes")
    k, image = int(run.clean.class_index[0]), int(run.clean.indices[0])
    rows = timed("one class's points, all columns", lambda: run.samples(class_index=k))
    timed("the same again", lambda: run.samples(class_index=k))
    timed("the columns of a scatter plot", lambda: run.samples(class_index=k, columns=["psnr", "score", "predicted"]))
    timed("one class at one sigma", lambda: run.samples(class_index=k, severity=run.severities[-1]))
    timed("one image", lambda: run.samples(image=image))
    measures = timed("the pass over all parts", lambda: run.measures)
    values = ("accuracy", "severity50")
    timed("intervals by sigma and of the headline", lambda: [getattr(measures.intervals, name) for name in values])
    timed("failing sigmas, certified radii", measures.to_pandas)
    timed("everything as JSON", lambda: json.dumps(sweep_json(run)))
    print(f"one class: {rows.num_rows:,} rows, {rows.nbytes / 2**20:.0f} MiB")


def timed(what: str, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    value = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(f"  {what:42s} {time.perf_counter() - started:6.2f} s, peak memory so far {peak:5.0f} MiB")
    return value


def make_up(path: Path, images: int, classes: int, config: SweepConfig) -> None:
    """A run folder whose scores are those of a network that grows unsure with sigma."""
    rng = np.random.default_rng(0)
    labels = np.arange(images) % classes
    logits = rng.normal(0, 1, (images, classes)).astype(np.float32)
    logits[np.arange(images), labels] += rng.normal(5, 1.5, images)
    pixels = rng.integers(0, 256, (images, 4, 4, 1), np.uint8)
    clean = in_sweep_order(CleanImages(pixels, labels, np.arange(images), softmax(logits)))
    blocks = plan_blocks(images, config.copies, len(config.severities), MOST_ROWS, MOST_ROWS)
    data = dict.fromkeys(("note", "fingerprint", "images_fingerprint", "indices_fingerprint"), "")
    data |= {"name": "made up", "split": "test", "images": images, "class_names": [str(k) for k in range(classes)]}
    info = {"format": FORMAT, "kind": "sweep", "seed": 0, "settings": config.settings, "data": data,
            "environment": environment("CPU"), "model": {"name": "made up", "fingerprint": ""},
            "parts": [block.name for block in blocks]}  # fmt: skip
    with RunWriter(path, json.loads(json.dumps(info)), clean) as run:
        for block in blocks:
            rows, copies = rows_of(block.name, clean), range(block.first_copy, block.stop_copy)
            scores = made_up_scores(rng, logits[rows], labels[rows], config, len(copies))
            table = make_table(rows, copies, clean, config, scores)
            run.write(block.name, "parquet", lambda part, table=table: save_table(table, part), rows=len(table))


def made_up_scores(
    rng: np.random.Generator, logits: np.ndarray, labels: np.ndarray, config: SweepConfig, copies: int
) -> ShardScores:
    sigmas = np.array(config.severities, np.float32)[:, None, None]
    shape = len(logits), len(sigmas), copies, logits.shape[1]
    scores = softmax(logits[:, None, None] + rng.standard_normal(shape, np.float32) * sigmas / 15)
    scores = scores.reshape(-1, logits.shape[1])
    decibels = 20 * np.log10(255 / sigmas[..., 0]) + rng.normal(0, 0.2, shape[:3])
    true = np.repeat(labels, len(sigmas) * copies)
    return ShardScores(
        decibels.astype(np.float32).ravel(),
        scores.argmax(axis=1).astype(np.int16),
        scores.max(axis=1),
        scores[np.arange(len(true)), true],
    )


def softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (raised / raised.sum(axis=-1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    main()
