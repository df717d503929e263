"""What is shown of one degraded image: clean, degraded, the difference, and the facts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import SweepPoints

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise
    from tfstab.sweep import SweepRun

Picture = tuple[str, np.ndarray, np.ndarray]  # a name for files, clean and degraded image (H, W, C)
TOP = 5  # classes whose scores are shown
Facts = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # (heading, ((name, value), ...)), ...


@dataclass(frozen=True, eq=False)
class Triple:
    """One degraded image.

    clean: uint8 (H, W, C). noise, degraded: float32 (H, W, C), degraded = clean + noise in 0..255. noise_is: what
    the noise is called, which blur or fog is not.
    clean_says, degraded_says: what the classifier says of the two. facts: in headed groups. bars: the scores of the
    classes that matter, the highest first.
    """

    title: str
    clean: NDArray[np.uint8]
    noise: NDArray[np.float32]
    degraded: NDArray[np.float32]
    clean_says: str
    degraded_says: str
    facts: Facts
    bars: "tuple[ScoreBar, ...]" = ()
    noise_is: str = "Noise"


@dataclass(frozen=True)
class ScoreBar:
    """A class's score on the clean and on the degraded image; None where the run does not tell."""

    name: str
    clean: float | None
    degraded: float | None
    actual: bool = False
    predicted: bool = False


def triple_of_search(result: "MinimumNoise", names: Sequence[str]) -> Triple:
    """The triple of a search's result."""
    actual, clean_class, clean_score = result.class_index, int(result.clean_scores.argmax()), result.clean_scores.max()
    facts: Facts = (
        (
            f"Image {result.image}",
            (
                *_predictions(
                    actual, result.clean_scores, result.predicted, result.score, result.true_score, names
                ),
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
        score_bars(result.clean_scores, dict(enumerate(result.scores.tolist())), actual, names),
    )  # fmt: skip


def triple_of_point(run: "SweepRun", points: SweepPoints, place: int) -> Triple:
    """The triple of one point of a sweep: its degraded image made again, to the bit."""
    image, severity_index, copy = points.key(place)
    row = run.clean.row(image)
    clean, clean_scores = run.clean.images[row], run.clean.scores[row]
    degraded = run.degraded_image(image, severity_index, copy)
    noise = degraded - clean
    actual, clean_class = int(points.actual[place]), int(clean_scores.argmax())
    predicted, score, true_score = (
        int(points.predicted[place]), float(points.score[place]), float(points.true_score[place]),
    )  # fmt: skip
    names, family = run.class_names, run.degradation
    changed = run.changed_packages
    noise_is = "Noise" if run.config.gaussian else "Difference"
    facts: Facts = (
        (
            f"Image {image}",
            (
                *_predictions(actual, clean_scores, predicted, score, true_score, names),
                ("Margin", _margin(predicted != actual, score, true_score)),
                ("Correct clean", "yes" if clean_class == actual else "no"),
                ("Correct degraded", "yes" if predicted == actual else "no"),
            ),
        ),
        (
            noise_is,
            (
                (family.parameter.capitalize(), f"{run.severities[severity_index]:g} {family.unit}".strip()),
                *((("Copy", f"{copy} (0 to {run.config.copies - 1})"),) if run.config.copies > 1 else ()),
                *_norms(noise), ("PSNR", decibels(float(points.psnr[place]))),
                *((("Made with", f"{changed}: may differ a little here"),) if changed else ()),
            ),
        ),
    )  # fmt: skip
    return Triple(
        f"Image {image}, {', '.join(copy_of(run, severity_index, copy))}", clean, noise, degraded,
        says(clean_class, float(clean_scores.max()), names), says(predicted, score, names), facts,
        score_bars(clean_scores, {predicted: score, actual: true_score}, actual, names), noise_is,
    )  # fmt: skip


def copy_of(run: "SweepRun", severity_index: int, copy: int) -> tuple[str, ...]:
    """Which of an image's degraded images it is: "sigma 5", "copy 2"; without the copy where there is only one."""
    severity = f"{run.degradation.parameter} {run.severities[severity_index]:g}"
    return (severity, f"copy {copy}") if run.config.copies > 1 else (severity,)


def score_bars(
    clean: np.ndarray, degraded: dict[int, float], actual: int, names: Sequence[str]
) -> tuple[ScoreBar, ...]:
    """The TOP classes by their scores (K,) on the clean image and those known on the degraded one, the actual too."""
    predicted = max(degraded, key=lambda k: degraded[k])
    height = np.maximum(clean, [degraded.get(k, 0.0) for k in range(len(clean))])
    height[[predicted, actual]] += (2, 1)  # these come first, whatever the others have
    order = np.argsort(-height, kind="stable")[:TOP]
    return tuple(
        ScoreBar(names[k], float(clean[k]), degraded.get(int(k)), bool(k == actual), bool(k == predicted))
        for k in order
    )  # fmt: skip


def _predictions(
    actual: int, clean_scores: np.ndarray, predicted: int, score: float, true_score: float, names: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """What the classifier says of the clean image, with scores (K,), and of the degraded one."""
    clean_class = int(clean_scores.argmax())
    return (
        ("True class", class_label(actual, names)),
        ("Predicted clean", f"{class_label(clean_class, names)}  ({clean_scores.max():.4f})"),
        ("Predicted degraded", f"{class_label(predicted, names)}  ({score:.4f})"),
        ("True class's score", f"{clean_scores[actual]:.4f} → {true_score:.4f}"),
    )


def _margin(wrong: bool, score: float, true_score: float) -> str:
    """L[k] - L[c]: score of the best other class less the true one's; a correct point's runner-up is not recorded."""
    return f"{score - true_score:+.3g}" if wrong else f"at most {1 - 2 * score:+.3g}"


def class_label(index: int, names: Sequence[str]) -> str:
    """The class's name, with its number where the name is not the number."""
    return names[index] if names[index] == str(index) else f"{names[index]} [{index}]"


def says(index: int, score: float, names: Sequence[str]) -> str:
    """A prediction in short: "7, score 0.512"."""
    return f"{names[index]}, score {score:.3f}"


def decibels(value: float) -> str:
    return f"{value:.2f} dB" if math.isfinite(value) else "infinite (unchanged)"


def _norms(noise: np.ndarray) -> tuple[tuple[str, str], ...]:
    l2 = float(np.linalg.norm(noise.astype(np.float64)))
    return ("L2", f"{l2:.2f}"), ("L2 / 255", f"{l2 / 255:.4f}"), ("Linf", f"{np.abs(noise).max():.2f}")


def _eight_bit(result: "MinimumNoise") -> str:
    if math.isfinite(result.l2_uint8):
        return f"{result.l2_uint8:.2f}"
    return "none found that flips" if result.found else "–"
