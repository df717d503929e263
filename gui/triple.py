"""What is shown of one degraded image: clean, noise, degraded, and the facts. No Qt in here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.points import SweepPoints

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise
    from tfstab.sweep import SweepRun

Facts = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # (heading, ((name, value), ...)), ...


@dataclass(frozen=True, eq=False)
class Triple:
    """One degraded image.

    clean: uint8 (H, W, C). noise, degraded: float32 (H, W, C), degraded = clean + noise in 0..255.
    clean_says, degraded_says: what the classifier says of the two. facts: in headed groups.
    """

    title: str
    clean: NDArray[np.uint8]
    noise: NDArray[np.float32]
    degraded: NDArray[np.float32]
    clean_says: str
    degraded_says: str
    facts: Facts


def triple_of_search(result: "MinimumNoise", names: Sequence[str]) -> Triple:
    """The triple of a search's result."""
    actual, clean_class, clean_score = result.class_index, int(result.clean_scores.argmax()), result.clean_scores.max()
    facts: Facts = (
        (
            f"Image {result.image}",
            (
                ("True class", class_label(actual, names)),
                ("Predicted clean", f"{class_label(clean_class, names)}  ({clean_score:.4f})"),
                ("Predicted degraded", f"{class_label(result.predicted, names)}  ({result.score:.4f})"),
                ("True class's score", f"{result.clean_scores[actual]:.4f} → {result.true_score:.4f}"),
                ("Margin", f"{result.margin:+.3g}"),
            ),
        ),
        (
            "Noise",
            (
                *_norms(result.noise),
                ("L2, 8-bit image", _eight_bit(result)),
                ("PSNR", decibels(result.psnr)),
            ),
        ),
        (
            "Search",
            (
                ("Found", "yes" if result.found else "no"),
                ("Stopped by", result.stop_reason),
                ("Queries", f"{result.queries:,}"),
                ("Generations", f"{result.generations:,}"),
                ("Objective", f"{result.objective:.6g}"),
            ),
        ),
    )
    return Triple(
        f"Image {result.image}", result.clean, result.noise, result.degraded,
        says(clean_class, float(clean_score), names), says(result.predicted, result.score, names), facts,
    )  # fmt: skip


def triple_of_point(run: "SweepRun", points: SweepPoints, place: int) -> Triple:
    """The triple of one point of a sweep: its degraded image made again, to the bit."""
    image, sigma_index, copy = points.key(place)
    row = run.clean.row(image)
    clean, clean_scores = run.clean.images[row], run.clean.scores[row]
    degraded = run.degraded_image(image, sigma_index, copy)
    noise = degraded - clean
    actual, clean_class = points.class_index, int(clean_scores.argmax())
    predicted, score = int(points.predicted[place]), float(points.score[place])
    names, sigma = run.class_names, run.sigmas[sigma_index]
    facts: Facts = (
        (
            f"Image {image}",
            (
                ("True class", class_label(actual, names)),
                ("Predicted clean", f"{class_label(clean_class, names)}  ({clean_scores.max():.4f})"),
                ("Predicted degraded", f"{class_label(predicted, names)}  ({score:.4f})"),
                ("True class's score", f"{clean_scores[actual]:.4f} → {points.true_score[place]:.4f}"),
                ("Correct clean", "yes" if clean_class == actual else "no"),
                ("Correct degraded", "yes" if predicted == actual else "no"),
            ),
        ),
        (
            "Noise",
            (("Sigma", f"{sigma:g}"), ("Copy", f"{copy} (0 to {run.config.copies - 1})"), *_norms(noise),
             ("PSNR", decibels(float(points.psnr[place])))),
        ),
    )  # fmt: skip
    return Triple(
        f"Image {image}, sigma {sigma:g}, copy {copy}", clean, noise, degraded,
        says(clean_class, float(clean_scores.max()), names), says(predicted, score, names), facts,
    )  # fmt: skip


def class_label(index: int, names: Sequence[str]) -> str:
    """The class's name, with its number where the name is not the number."""
    return names[index] if names[index] == str(index) else f"{names[index]} [{index}]"


def says(index: int, score: float, names: Sequence[str]) -> str:
    """A prediction in short: "7, score 0.512"."""
    return f"{names[index]}, score {score:.3f}"


def decibels(value: float) -> str:
    return f"{value:.2f} dB" if math.isfinite(value) else "infinite (no noise)"


def _norms(noise: np.ndarray) -> tuple[tuple[str, str], ...]:
    l2 = float(np.linalg.norm(noise.astype(np.float64)))
    return ("L2", f"{l2:.2f}"), ("L2 / 255", f"{l2 / 255:.4f}"), ("Linf", f"{np.abs(noise).max():.2f}")


def _eight_bit(result: "MinimumNoise") -> str:
    if math.isfinite(result.l2_uint8):
        return f"{result.l2_uint8:.2f}"
    return "none found that flips" if result.found else "–"
