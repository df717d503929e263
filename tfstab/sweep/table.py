"""The columns of a sweep: one row a degraded image."""

import numpy as np
import pyarrow as pa

from tfstab.runs import CleanImages
from tfstab.sweep.config import SweepConfig

SCHEMA = pa.schema(
    [
        pa.field("image", pa.int32(), nullable=False),  # index in the full split
        pa.field("class_index", pa.int16(), nullable=False),  # actual class
        pa.field("sigma", pa.float32(), nullable=False),  # grey levels
        pa.field("copy", pa.int16(), nullable=False),
        pa.field("psnr", pa.float32(), nullable=False),  # dB, after clipping
        pa.field("predicted", pa.int16(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),  # softmax score of the predicted class
        pa.field("true_score", pa.float32(), nullable=False),  # and of the actual class
        pa.field("degradation", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("severity", pa.float32(), nullable=False),  # of the degradation; for noise, sigma
    ]
)


def make_table(
    rows: np.ndarray, clean: CleanImages, config: SweepConfig, decibels: np.ndarray, scores: np.ndarray
) -> pa.Table:
    """A part's table, from PSNR (R,) and scores (R, K) in the order image, sigma, copy."""
    images, sigmas, copies = len(rows), len(config.sigmas), config.copies
    class_index = np.repeat(clean.class_index[rows], sigmas * copies).astype(np.int16)
    predicted = scores.argmax(axis=1).astype(np.int16)
    each = np.arange(len(scores))
    sigma = np.tile(np.repeat(np.array(config.sigmas, np.float32), copies), images)
    kind = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(scores), np.int8)), pa.array(["gaussian_noise"]))
    columns = [
        pa.array(np.repeat(clean.indices[rows], sigmas * copies).astype(np.int32)),
        pa.array(class_index),
        pa.array(sigma),
        pa.array(np.tile(np.arange(copies, dtype=np.int16), images * sigmas)),
        pa.array(decibels),
        pa.array(predicted),
        pa.array(scores[each, predicted]),
        pa.array(scores[each, class_index]),
        kind,
        pa.array(sigma),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)
