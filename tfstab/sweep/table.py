"""A sweep's tables: one row for each degraded image, as parts store them and as samples give them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tfstab.runs import CleanImages
from tfstab.sweep.config import SweepConfig

if TYPE_CHECKING:
    from tfstab.sweep.score import ShardScores

# What parts store. `sigma` is older than other degradations and than `severity`. Both are kept, because a run that was
# begun before goes on with parts of the same columns, and programs that read `sigma` go on to work.
# Samples replace `sigma` and the rounded `severity`; see `SAMPLES`.
SCHEMA = pa.schema(
    [
        pa.field("image", pa.int32(), nullable=False),  # index in the full split
        pa.field("class_index", pa.int16(), nullable=False),  # true class, below `limits.MOST_CLASSES`
        pa.field("sigma", pa.float32(), nullable=False),  # severity of Gaussian noise, in grey levels; else NaN
        pa.field("copy", pa.int16(), nullable=False),
        pa.field("psnr", pa.float32(), nullable=False),  # dB, after any clipping
        pa.field("predicted", pa.int16(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),  # softmax score of the predicted class
        pa.field("true_score", pa.float32(), nullable=False),  # and of the true class
        pa.field("degradation", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("severity", pa.float32(), nullable=False),  # rounded to float32
    ]
)

# What `SweepRun.samples` gives.
SAMPLES = pa.schema(
    [
        SCHEMA.field("image"),
        SCHEMA.field("class_index"),
        pa.field("severity_index", pa.int16(), nullable=False),  # index in the run's severities
        pa.field("severity", pa.float64(), nullable=False),  # exactly as it was given
        *(SCHEMA.field(name) for name in ("copy", "psnr", "predicted", "score", "true_score", "degradation")),
    ]
)

GROUP_ROWS = 8_192  # whose smallest and largest class are stored, so that one class is found without reading all
BYTES_PER_ROW = 16  # on disk, compressed; an upper bound, reached by networks that are unsure of every image


FILE, GROUP = "file", "group"  # further columns of samples, if the images have file names or groups


def texts_of(clean: CleanImages) -> dict[str, NDArray[np.str_]]:
    """Return the texts that images have, by the column of samples in which they are given."""
    return {name: each for name, each in ((FILE, clean.names), (GROUP, clean.groups)) if each is not None}


def with_texts(table: pa.Table, clean: CleanImages, columns: Sequence[str]) -> pa.Table:
    """Return samples with further columns, of those of `texts_of`. clean: the images, which have such texts."""
    order = np.argsort(clean.indices, kind="stable")
    rows = order[np.searchsorted(clean.indices, table["image"].to_numpy(), sorter=order)]
    texts = texts_of(clean)
    for name in columns:
        each = pa.DictionaryArray.from_arrays(pa.array(rows, pa.int32()), pa.array(texts[name].tolist()))
        table = table.append_column(name, each.cast(pa.string()))
    return table


def make_table(
    rows: NDArray[np.int64], copies_made: range, clean: CleanImages, config: SweepConfig, scores: "ShardScores"
) -> pa.Table:
    """Return the table of a part with some copies of some clean images, from the scores of the degraded images.

    rows: rows (M,) of the images in `clean`. copies_made: numbers of the K copies. The table has M x S x K rows for S
    severities, and so has each array of `scores`, in the order image, severity, copy.
    """
    images, severities, copies = len(rows), len(config.severities), len(copies_made)
    severity = np.tile(np.repeat(np.array(config.severities, np.float32), copies), images)
    kind = pa.array(np.zeros(len(scores.psnr), np.int8))
    columns = [
        pa.array(np.repeat(clean.indices[rows], severities * copies).astype(np.int32)),
        pa.array(np.repeat(clean.class_index[rows], severities * copies).astype(np.int16)),
        pa.array(severity if config.stores_sigmas else np.full_like(severity, np.nan)),
        pa.array(np.tile(np.array(copies_made, np.int16), images * severities)),
        pa.array(scores.psnr),
        pa.array(scores.predicted),
        pa.array(scores.score),
        pa.array(scores.true_score),
        pa.DictionaryArray.from_arrays(kind, pa.array([config.degradation.name])),
        pa.array(severity),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def save_table(table: pa.Table, path: Path) -> None:
    """Write a part's table as Parquet, with an encoding that suits each column."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=GROUP_ROWS,
        use_dictionary=["degradation"],
        write_statistics=True,
        use_byte_stream_split=["psnr", "score", "true_score"],
        column_encoding=dict.fromkeys(("image", "class_index", "copy"), "DELTA_BINARY_PACKED"),
    )


def stored_columns(columns: Sequence[str]) -> list[str]:
    """Return the stored columns from which these columns of samples are made."""
    return list(dict.fromkeys("severity" if name == "severity_index" else name for name in columns))


def as_samples(table: pa.Table, columns: Sequence[str], config: SweepConfig) -> pa.Table:
    """Return columns of samples, in this order, from a table with their stored columns."""
    made: dict[str, pa.Array] = {}
    if {"severity", "severity_index"} & {*columns}:
        index = _severity_index(table["severity"].to_numpy(), config)
        made["severity_index"] = pa.array(index)
        if "severity" in columns:
            made["severity"] = pa.array(np.array(config.severities, np.float64)[index])
    arrays = [made[name] if name in made else table[name] for name in columns]
    return pa.Table.from_arrays(arrays, schema=pa.schema([SAMPLES.field(name) for name in columns]))


def _severity_index(stored: NDArray[np.float32], config: SweepConfig) -> NDArray[np.int16]:
    """Return the index in the run's severities of each stored severity; they are distinct as float32."""
    severities = np.array(config.severities, np.float32)
    order = np.argsort(severities)
    # The copies of an image at one severity follow each other, so only the first of them is looked up.
    first = np.flatnonzero(np.concatenate([[True], stored[1:] != stored[:-1]])[: len(stored)])
    index = order.astype(np.int16)[np.searchsorted(severities[order], stored[first])]
    return np.repeat(index, np.diff(np.append(first, len(stored))))
