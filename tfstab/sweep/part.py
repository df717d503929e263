"""Checks a part of a sweep when it is first read, as run folders may come from strangers.

A part holds the images and copies of a block, as its name says: one row for each severity and copy of each image, in
the order image, severity, copy. So a checked part has each degraded image once, and its values can be used as indices.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tfstab import limits
from tfstab.runs import CleanImages
from tfstab.runs.clean import ROUNDING, is_score
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.pages import unpacked_bytes
from tfstab.sweep.plan import block_of, legacy_class
from tfstab.sweep.table import SCHEMA


class PartError(ValueError):
    """A part holds values that no sweep writes; the message says which."""


def read_part(path: Path, name: str, config: SweepConfig, clean: CleanImages) -> pa.Table:
    """Read all columns of a part and check them. Raises PartError, or pyarrow's errors for a damaged file."""
    _check_size(path, name, config, clean)
    table = _stored_table(path)
    check_table(table, name, config, clean)
    return table.cast(SCHEMA)


def _stored_table(path: Path) -> pa.Table:
    """Read all columns of a part; threads and a pyarrow dataset would take longer, as parts are small."""
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        if not set(SCHEMA.names) <= {*names} or any(names.count(name) > 1 for name in SCHEMA.names):
            raise PartError("it has not the columns of a part")
        table = file.read(SCHEMA.names, use_threads=False).select(SCHEMA.names)
    return table.cast(pa.schema([field.with_nullable(True) for field in SCHEMA]))


def copies_of(name: str, config: SweepConfig) -> range:
    """Return the copies that a part of this name holds; raise PartError if no part of a sweep has it."""
    if (block := block_of(name)) is not None:
        return range(block.first_copy, block.stop_copy)
    if legacy_class(name) is None:
        raise PartError("no part of a sweep has its name")
    return range(config.copies)


def rows_of(name: str, clean: CleanImages) -> np.ndarray:
    """Return the rows of the clean images that a part holds; of an older run's part, those that it may hold."""
    if (block := block_of(name)) is None or clean.order is None:
        return np.flatnonzero(clean.class_index == legacy_class(name))
    rows = clean.order[block.first : block.stop]
    return rows[np.argsort(clean.class_index[rows], kind="stable")]


def check_table(table: pa.Table, name: str, config: SweepConfig, clean: CleanImages) -> None:
    """Raise PartError unless this can be the part of this name, with all columns and whole images."""
    if any(column.null_count for column in table.columns):
        raise PartError("it has empty values")
    columns = {name: table[name].to_numpy() for name in SCHEMA.names if name != "degradation"}
    copies = copies_of(name, config)
    _check_images(columns, name, len(config.severities) * len(copies), clean)
    _check_severities(table, columns, config, copies)
    _check_scores(columns, clean.scores.shape[1], config.clip)


def _check_size(path: Path, name: str, config: SweepConfig, clean: CleanImages) -> None:
    """Check the sizes that the file declares before reading it: 6 MB can hold 100 million rows of one value."""
    described = pq.read_metadata(path)
    per_image = len(config.severities) * len(copies_of(name, config))
    most = min(len(rows_of(name, clean)) * per_image, max(limits.MOST_ROWS_OF_PART, per_image))
    if described.num_rows > most:
        raise PartError(f"it has too many rows, {described.num_rows:,}; expected at most {most:,}")
    if not described.num_rows or described.num_rows % per_image:
        raise PartError(f"it has {described.num_rows:,} rows; expected {per_image:,} for each image")
    unpacked = unpacked_bytes(path, described)
    if unpacked > len(SCHEMA) * (limits.PART_BYTES_PER_VALUE * described.num_rows + limits.PART_BYTES_PER_COLUMN):
        raise PartError(f"its pages unpack to {unpacked:,} bytes, far more than its {described.num_rows:,} rows need")


def _check_images(columns: dict[str, np.ndarray], name: str, per_image: int, clean: CleanImages) -> None:
    """Check that the part holds whole images, each once, those that its name says. per_image: rows of each."""
    images = columns["image"].reshape(-1, per_image)
    if (images != images[:, :1]).any():
        raise PartError("the rows of its images are mixed")
    if len(np.unique(images[:, 0])) < len(images):
        raise PartError("it has an image twice")
    rows, block = rows_of(name, clean), block_of(name)
    if block is None and not np.isin(images[:, 0], clean.indices[rows]).all():
        raise PartError("it has images that the run has not, or of another class than its name says")
    if block is not None and not np.array_equal(images[:, 0], clean.indices[rows]):
        raise PartError("its images are not those that its name says")
    actual = clean.class_index[[clean.row(int(image)) for image in images[:, 0]]]
    if (columns["class_index"].reshape(images.shape) != actual[:, None]).any():
        raise PartError("its images have other classes than the run says")


def _check_severities(table: pa.Table, columns: dict[str, np.ndarray], config: SweepConfig, copies: range) -> None:
    """Check that severities and copies are those of the part, in their order."""
    shape = -1, len(config.severities), len(copies)
    severities = np.array(config.severities, np.float32)[:, None]
    if (columns["severity"].reshape(shape) != severities).any():
        raise PartError("its severities are not those of the run, in their order")
    if (columns["copy"].reshape(shape) != np.array(copies)).any():
        raise PartError("its copies are not those that its name says, in their order")
    sigma = columns["sigma"].reshape(shape)
    if not (sigma == severities if config.stores_sigmas else np.isnan(sigma)).all():
        raise PartError("its sigmas are not its severities, or not NaN where it is no Gaussian noise")
    kinds = {kind for chunk in table["degradation"].chunks for kind in chunk.dictionary.to_pylist()}
    if kinds != {config.degradation.name}:
        raise PartError("it is of another degradation")


def _check_scores(columns: dict[str, np.ndarray], classes: int, clip: bool) -> None:
    """Check that predictions, scores and PSNR are possible; clip: whether degraded images are clipped."""
    predicted, score, true_score = columns["predicted"], columns["score"], columns["true_score"]
    if not ((predicted >= 0) & (predicted < classes)).all():
        raise PartError("it predicts classes that the run has not")
    if not (is_score(score) and is_score(true_score)):
        raise PartError("its scores are not all from 0 to 1")
    right = predicted == columns["class_index"]
    if not np.where(right, true_score == score, true_score <= score).all():
        raise PartError("a predicted class has not the largest score")
    least = -ROUNDING if clip else np.finfo(np.float32).min  # noise that is not clipped can be of any size
    if not (columns["psnr"] >= least).all():  # false for NaN; of equal images it is infinite
        raise PartError("its PSNR is not all from 0 dB" if clip else "its PSNR is not all a number of dB")
