"""Tiny run folders made up without TensorFlow, as sweeps and searches write them, and ways to spoil them."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from tfstab import SweepConfig
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.environment import environment
from tfstab.runs.files import checksum
from tfstab.runs.info import FORMAT
from tfstab.search.result import MinimumNoise
from tfstab.sweep.part import copies_of, rows_of
from tfstab.sweep.plan import Block
from tfstab.sweep.score import ShardScores
from tfstab.sweep.table import make_table, save_table

CLASSES = 3
CONFIG = SweepConfig(sigmas=(5, 40), copies=3)
LABELS = np.array([0, 0, 1, 2])


def clean_images() -> CleanImages:
    """Four images, 4 x 4 and grey, the last of which is misclassified when clean."""
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 4, 1), np.uint8)
    scores = np.array([[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.6, 0.2, 0.2]], np.float32)
    return CleanImages(pixels, LABELS, np.array([2, 3, 5, 8]), scores)


def described(kind: str, settings: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    data = dict.fromkeys(("note", "fingerprint", "images_fingerprint", "indices_fingerprint"), "")
    data |= {"name": "made up", "split": "test", "images": len(LABELS), "class_names": ["cat", "dog", "fox"]}
    info = {
        "format": FORMAT, "kind": kind, "seed": 0, "settings": settings, "data": data,
        "environment": environment("CPU"),
        "model": {"name": "made up", "fingerprint": ""}, "parts": parts,
    }  # fmt: skip
    return json.loads(json.dumps(info))


def sweep(path: Path, config: SweepConfig = CONFIG) -> Path:
    """A sweep of these images, finished, in two blocks of all copies of two images."""
    clean = replace(clean_images(), order=np.arange(4))
    blocks = [Block(first, first + 2, 0, config.copies) for first in (0, 2)]
    return _swept(path, config, clean, [block.name for block in blocks])


def older_sweep(path: Path, config: SweepConfig = CONFIG) -> Path:
    """The same as format 1 had it: a part has all copies of some images of one class, and images have no order."""
    _swept(path, config, clean_images(), [f"class-{k:05d}-00000" for k in range(CLASSES)])
    return change_info(path, lambda info: info.update(format=1))


def _swept(path: Path, config: SweepConfig, clean: CleanImages, parts: list[str]) -> Path:
    made = _scores(config)
    with RunWriter(path, described("sweep", config.settings, parts), clean) as run:
        for name in parts:
            rows, copies = rows_of(name, clean), copies_of(name, config)
            scores = ShardScores(*(values[rows][:, :, copies].ravel() for values in made))
            table = make_table(rows, copies, clean, config, scores)
            run.write(name, "parquet", lambda part, table=table: save_table(table, part), rows=len(table))
    return path


def _scores(config: SweepConfig) -> list[np.ndarray]:
    """PSNR, prediction, its score and the true score, (N, S, copies) each.

    Of the degraded images of a class, every second one is taken for the next class.
    """
    found = []
    for k, images in zip(*np.unique(LABELS, return_counts=True), strict=True):
        count = images * config.rows_per_image
        predicted = np.where(np.arange(count) % 2, (k + 1) % CLASSES, k).astype(np.int16)
        score = np.linspace(0.5, 0.9, count, dtype=np.float32)
        true_score = np.where(predicted == k, score, np.float32(0.1))
        found.append((np.linspace(40, 10, count, dtype=np.float32), predicted, score, true_score))
    shape = -1, len(config.severities), config.copies
    return [np.concatenate(columns).reshape(shape) for columns in zip(*found, strict=True)]


def search(path: Path, **settings: Any) -> Path:
    """A search of these images, finished."""
    clean = clean_images()
    parts = [f"image-{image:09d}" for image in clean.indices]
    given = {"engine": "pygad", "preset": "default"} | settings
    with RunWriter(path, described("search", given, parts), clean) as run:
        for row, name in enumerate(parts):
            run.write(name, "npz", result(clean, row).save)
    return path


def search_and_sweeps(folder: Path) -> Path:
    """A folder with a search, a sweep, and another sweep to compare it with."""
    search(folder / "search")
    sweep(folder / "sweep")
    sweep(folder / "other")
    return folder


def result(clean: CleanImages, row: int) -> MinimumNoise:
    image, scores, label = clean.images[row], clean.scores[row], int(clean.class_index[row])
    if not clean.correct[row]:
        none = np.zeros(image.shape, np.float32)
        return MinimumNoise(
            int(clean.indices[row]),
            label,
            True,
            image,
            none,
            scores,
            scores,
            0.0,
            0.4,
            0,
            0,
            "misclassified when clean",
            np.empty((0, 4)),
            0.0,
            size_uint8=0.0,
        )
    noise = np.where(image < 128, 3.5, -3.5).astype(np.float32)
    flipped = np.full(CLASSES, 0.2, np.float32)
    flipped[(label + 1) % CLASSES] = 0.6
    return MinimumNoise(
        int(clean.indices[row]),
        label,
        True,
        image,
        noise,
        flipped,
        scores,
        16.0,
        14.4,
        400,
        2,
        "patience",
        np.array([[15.0, 20.0, 15.0, 0.5], [14.4, 18.0, 14.0, 0.5]]),
        size_uint8=16.0,
    )


def first_part(run: Path) -> Path:
    return min((run / "parts").iterdir())


def seal(part: Path) -> Path:
    """Give the part the name that its content asks for: whoever makes a run can compute checksums."""
    return part.rename(part.with_name(f"{part.stem.rsplit('-', 1)[0]}-{checksum(part)}{part.suffix}"))


def change_table(run: Path, change: Callable[[Any], Any]) -> Path:
    """A sweep whose first part has another table."""
    part = first_part(run)
    table = change(pq.read_table(part))
    pq.write_table(table, part, compression="zstd")
    seal(part)
    return run


def change_arrays(path: Path, **changes: Any) -> None:
    """Other arrays in an npz file; None leaves one out."""
    with np.load(path) as archive:
        arrays = {**archive, **changes}
    written = io.BytesIO()
    np.savez_compressed(written, **{name: array for name, array in arrays.items() if array is not None})
    path.write_bytes(written.getvalue())


def change_result(run: Path, **changes: Any) -> Path:
    """A search whose first part has other values."""
    part = first_part(run)
    change_arrays(part, **changes)
    seal(part)
    return run


def name_files(run: Path) -> None:
    """Give each image the name of a file, such as cats/7.png for image 7."""
    with np.load(run / "clean.npz") as arrays:
        names = np.array([f"cats/{k}.png" for k in arrays["indices"]])
    change_arrays(run / "clean.npz", names=names)


def change_info(run: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """A run with another run.json."""
    info = json.loads((run / "run.json").read_text("utf-8"))
    change(info)
    (run / "run.json").write_text(json.dumps(info), "utf-8")
    return run
