"""What the rows of a sweep come down to: counted part by part, so that they are never all in memory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tfstab.metrics import Calibration

if TYPE_CHECKING:
    from tfstab.sweep.config import SweepConfig


@dataclass(frozen=True, eq=False)
class Counts:
    """How often images (by their index in the split) were taken for which class at which severity; a row what occurs.

    image, severity_index, predicted, count: int64 (E,). calibration: all predictions, a group a severity.
    squared_error: float64 (S,), the sum over degraded images of their mean squared error, as a share of 255^2.
    wrong_image: int64 (W,) and wrong_psnr: float32 (W,), images with misclassified copies, and the highest PSNR in dB
    of these. failing_image: int64 (F,) and failing: float32 (F, copies), with common noise the smallest sigma, in
    grey levels, at which each copy of the image is misclassified, infinite where none is; F = 0 with independent noise.
    """

    image: NDArray[np.int64]
    severity_index: NDArray[np.int64]
    predicted: NDArray[np.int64]
    count: NDArray[np.int64]
    calibration: Calibration
    squared_error: NDArray[np.float64]
    wrong_image: NDArray[np.int64]
    wrong_psnr: NDArray[np.float32]
    failing_image: NDArray[np.int64]
    failing: NDArray[np.float32]

    @classmethod
    def of(cls, table: pa.Table, config: "SweepConfig", classes: int) -> "Counts":
        """Count rows with the columns of `counted_columns(config)`."""
        column = {name: table[name].to_numpy() for name in table.column_names}
        severities = np.array(config.severities, np.float32)
        by_value = np.argsort(severities)
        place = by_value[np.searchsorted(severities[by_value], column["severity"])]
        predicted = column["predicted"].astype(np.int64)
        wrong = predicted != column["class_index"]
        code = (column["image"].astype(np.int64) * len(severities) + place) * classes + predicted
        occurring, count = np.unique(code, return_counts=True)
        error = np.bincount(place, np.float32(10) ** (column["psnr"] / np.float32(-10)), len(severities))
        return cls(
            occurring // (len(severities) * classes), occurring // classes % len(severities), occurring % classes,
            count, Calibration.of(column["score"], ~wrong, place, len(severities)),
            error.astype(np.float64, copy=False),
            *_mildest(column["image"][wrong], column["psnr"][wrong]), *_failing(column, wrong, config.copies),
        )  # fmt: skip

    @classmethod
    def sum(cls, several: "list[Counts]", config: "SweepConfig") -> "Counts":
        """The counts of parts, which share no images, together."""
        none = np.empty(0, np.int64)

        def joined(name: str) -> NDArray[np.int64]:
            return np.concatenate([none, *(getattr(c, name) for c in several)])

        failing = np.concatenate([np.empty((0, config.copies), np.float32), *(c.failing for c in several)])
        return cls(
            joined("image"), joined("severity_index"), joined("predicted"), joined("count"),
            Calibration.sum([c.calibration for c in several], len(config.severities)),
            np.sum([c.squared_error for c in several], axis=0) if several else np.zeros(len(config.severities)),
            joined("wrong_image"), np.concatenate([np.empty(0, np.float32), *(c.wrong_psnr for c in several)]),
            joined("failing_image"), failing,
        )  # fmt: skip


def counted_columns(config: "SweepConfig") -> list[str]:
    """The columns that counting reads."""
    names = ["image", "class_index", "severity", "predicted", "score", "psnr"]
    return [*names, "copy"] if config.common_noise else names


def _mildest(image: np.ndarray, psnr: np.ndarray) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The images among these (R,), and the highest PSNR of each."""
    images, place = np.unique(image, return_inverse=True)
    highest = np.full(len(images), -np.inf, np.float32)
    np.maximum.at(highest, place, psnr)
    return images.astype(np.int64), highest


def _failing(
    column: dict[str, np.ndarray], wrong: np.ndarray, copies: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    if "copy" not in column:
        return np.empty(0, np.int64), np.empty((0, copies), np.float32)
    images, row = np.unique(column["image"], return_inverse=True)
    failing = np.full((len(images), copies), np.inf, np.float32)
    np.minimum.at(failing, (row[wrong], column["copy"][wrong].astype(np.int64)), column["severity"][wrong])
    return images.astype(np.int64), failing
