"""The columns of a sweep: one row a degraded image."""

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

SCHEMA = pa.schema(
    [
        pa.field("image", pa.int32(), nullable=False),  # index in the full split
        pa.field("class_index", pa.int16(), nullable=False),  # actual class
        pa.field("sigma", pa.float32(), nullable=False),  # grey levels; NaN where it is no Gaussian noise
        pa.field("copy", pa.int16(), nullable=False),
        pa.field("psnr", pa.float32(), nullable=False),  # dB, after clipping
        pa.field("predicted", pa.int16(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),  # softmax score of the predicted class
        pa.field("true_score", pa.float32(), nullable=False),  # and of the actual class
        pa.field("degradation", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("severity", pa.float32(), nullable=False),  # of the degradation; of Gaussian noise, sigma
    ]
)

BYTES_PER_ROW = 16  # on disk, compressed; an upper bound for networks that are unsure of every image


def make_table(
    rows: NDArray[np.int64], clean: CleanImages, config: SweepConfig, scores: "ShardScores"
) -> pa.Table:
    """A part's table, from what was scored of its images, which are these rows of the clean ones."""
    images, severities, copies = len(rows), len(config.severities), config.copies
    severity = np.tile(np.repeat(np.array(config.severities, np.float32), copies), images)
    kind = pa.array(np.zeros(len(scores.psnr), np.int8))
    columns = [
        pa.array(np.repeat(clean.indices[rows], severities * copies).astype(np.int32)),
        pa.array(np.repeat(clean.class_index[rows], severities * copies).astype(np.int16)),
        pa.array(severity if config.gaussian else np.full_like(severity, np.nan)),
        pa.array(np.tile(np.arange(copies, dtype=np.int16), images * severities)),
        pa.array(scores.psnr),
        pa.array(scores.predicted),
        pa.array(scores.score),
        pa.array(scores.true_score),
        pa.DictionaryArray.from_arrays(kind, pa.array([config.degradation.name])),
        pa.array(severity),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def save_table(table: pa.Table, path: Path) -> None:
    """Write a part's table as Parquet, each column coded as suits it."""
    pq.write_table(
        table, path, compression="zstd", use_dictionary=["degradation"], write_statistics=True,
        use_byte_stream_split=["psnr", "score", "true_score"],
        column_encoding={
            "image": "DELTA_BINARY_PACKED", "class_index": "DELTA_BINARY_PACKED", "copy": "DELTA_BINARY_PACKED",
        },
    )  # fmt: skip
