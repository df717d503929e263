"""Counts of a sweep's rows, made part by part so that the rows are never all in memory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tfstab import limits
from tfstab.classifier.threshold import own_scores
from tfstab.metrics import Calibration

if TYPE_CHECKING:
    from tfstab.sweep.config import SweepConfig


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each image was predicted as each class at each severity, and sums over degraded images.

    Attributes
    ----------
    image, severity_index, predicted, count : ndarray
        int64 (E,): one entry for each image (index in the full split), severity and class that occur together.
    calibration : Calibration
        All predictions, one group for each severity.
    squared_error : ndarray
        float64 (S,): sum over degraded images of their mean squared error, as a share of 255**2.
    wrong_image, wrong_psnr : ndarray
        int64 (W,) and float32 (W,): images with misclassified copies, and the highest PSNR of these copies, in dB.
    failing_image, failing_copy, failing : ndarray
        int64 (F,) each, and float64 (F,): with common noise, the smallest severity at which a copy of an image is
        misclassified, infinite if none is. F = 0 with independent noise.
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
    failing_copy: NDArray[np.int64]
    failing: NDArray[np.float64]

    @classmethod
    def of(cls, table: pa.Table, config: "SweepConfig", classes: int, threshold: float = 0.5) -> "Counts":
        """Count samples that have the columns of `counted_columns(config)`.

        threshold: the decision threshold, by which scores are shifted; calibration is of the model's own scores.
        """
        column = {name: table[name].to_numpy() for name in table.column_names}
        severities = len(config.severities)
        place = column["severity_index"].astype(np.int64)
        predicted = column["predicted"].astype(np.int64)
        wrong = predicted != column["class_index"]
        code = (column["image"].astype(np.int64) * severities + place) * classes + predicted
        occurring, count = np.unique(code, return_counts=True)
        error = np.bincount(place, np.float32(10) ** (column["psnr"] / np.float32(-10)), severities)
        wrong_image, wrong_psnr = _mildest(column["image"][wrong], column["psnr"][wrong])
        failing_image, failing_copy, failing = _failing(column, wrong, config)
        return cls(
            image=occurring // (severities * classes),
            severity_index=occurring // classes % severities,
            predicted=occurring % classes,
            count=count,
            calibration=Calibration.of(own_scores(column["score"], predicted, threshold), ~wrong, place, severities),
            squared_error=error.astype(np.float64, copy=False),
            wrong_image=wrong_image,
            wrong_psnr=wrong_psnr,
            failing_image=failing_image,
            failing_copy=failing_copy,
            failing=failing,
        )

    @classmethod
    def sum(cls, several: "list[Counts]", config: "SweepConfig") -> "Counts":
        """Return the counts of several parts together; no two of them have a degraded image in common."""
        none = np.empty(0, np.int64)

        def joined(name: str) -> NDArray[np.int64]:
            """Join one array of whole numbers."""
            return np.concatenate([none, *(getattr(c, name) for c in several)])

        severities = len(config.severities)
        predicted = joined("predicted")
        classes = int(predicted.max(initial=0)) + 1
        code = (joined("image") * severities + joined("severity_index")) * classes + predicted
        occurring, place = np.unique(code, return_inverse=True)  # several parts may have copies of the same image
        return cls(
            image=occurring // (severities * classes),
            severity_index=occurring // classes % severities,
            predicted=occurring % classes,
            count=np.bincount(place, joined("count"), len(occurring)).astype(np.int64),
            calibration=Calibration.sum([c.calibration for c in several], severities),
            squared_error=np.sum([c.squared_error for c in several], axis=0) if several else np.zeros(severities),
            wrong_image=joined("wrong_image"),
            wrong_psnr=np.concatenate([np.empty(0, np.float32), *(c.wrong_psnr for c in several)]),
            failing_image=joined("failing_image"),
            failing_copy=joined("failing_copy"),
            failing=np.concatenate([np.empty(0, np.float64), *(c.failing for c in several)]),
        )


def counted_columns(config: "SweepConfig") -> list[str]:
    """Return the columns of samples that `Counts.of` needs."""
    names = ["image", "class_index", "severity_index", "predicted", "score", "psnr"]
    return [*names, "copy"] if config.common_noise else names


def _mildest(image: np.ndarray, psnr: np.ndarray) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the distinct images among these (R,), and the highest PSNR of each."""
    images, place = np.unique(image, return_inverse=True)
    highest = np.full(len(images), -np.inf, np.float32)
    np.maximum.at(highest, place, psnr)
    return images.astype(np.int64), highest


def _failing(
    column: dict[str, np.ndarray], wrong: np.ndarray, config: "SweepConfig"
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return images and copies and, with common noise, the smallest severity at which each copy fails."""
    if not config.common_noise:
        none = np.empty(0, np.int64)
        return none, none, np.empty(0, np.float64)
    code = column["image"].astype(np.int64) * limits.MOST_COPIES + column["copy"]
    codes, row = np.unique(code, return_inverse=True)
    failing = np.full(len(codes), np.inf, np.float64)
    np.minimum.at(failing, row[wrong], np.array(config.severities, np.float64)[column["severity_index"]][wrong])
    return codes // limits.MOST_COPIES, codes % limits.MOST_COPIES, failing
