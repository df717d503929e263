"""What a part of a search may hold: checked whenever one is read, as a run folder may be anybody's."""

import numpy as np

from tfstab import limits
from tfstab.runs import CleanImages
from tfstab.runs.clean import ROUNDING, is_score
from tfstab.search.result import HISTORY, MinimumNoise

NOISE_ROUNDING = 1e-3  # grey levels; clean + noise is rounded as float32, 1e-5 at 255
CLEAN_ROUNDING = 0.1  # of clean scores: a run that was resumed on a device of low precision has others in its parts
CLEAR_LEAD = 1e-2  # of a class over another, above all rounding


def problem_of(result: MinimumNoise, clean: CleanImages, row: int, target: int | None) -> str | None:
    """What no search has written, in words; None where all is well. row: of its image among the clean ones."""
    image, scores = clean.images[row], clean.scores[row]
    if result.clean.shape != image.shape or result.noise.shape != image.shape:
        return "its arrays are not of its image's size"
    if not np.array_equal(result.clean, image) or result.class_index != clean.class_index[row]:
        return "its clean image or class is not the run's"
    if result.scores.shape != scores.shape or result.clean_scores.shape != scores.shape:
        return "its scores are not of the run's classes"
    if not is_score(result.scores) or not (np.abs(result.clean_scores - scores) <= CLEAN_ROUNDING).all():
        return "its scores are not from 0 to 1, or its clean scores are not the run's"
    degraded = image + result.noise
    if not ((degraded >= -NOISE_ROUNDING) & (degraded <= 255 + NOISE_ROUNDING)).all():  # false for NaN
        return "its noise leads out of the grey levels 0..255"
    return _problem_of_flip(result, target) or _problem_of_counts(result)


def _problem_of_flip(result: MinimumNoise, target: int | None) -> str | None:
    """Whether the scores say what `found` says, but for a tie: a flip is told by log-scores, which are more exact."""
    wanted = result.class_index if target is None else target
    others = float(np.delete(result.scores, wanted).max(initial=0))
    lead = others - float(result.scores[wanted])  # of the other classes
    lead = lead if target is None else -lead
    if result.found and lead < -ROUNDING:
        return "it is said to be found, and its scores are not misclassified"
    if not result.found and lead > CLEAR_LEAD:
        return "it is said not to be found, and its scores are misclassified"
    largest = 255 * np.sqrt(result.noise.size)
    if not (np.isnan(result.l2_uint8) or (result.found and 0 <= result.l2_uint8 <= largest)):
        return "its 8-bit norm is that of no image that flips"
    return None


def _problem_of_counts(result: MinimumNoise) -> str | None:
    least = len(result.history)
    if not (0 <= result.queries <= limits.MOST_QUERIES and least <= result.generations <= limits.MOST_QUERIES):
        return "its queries or generations are negative, or do not fit its history"
    if result.history.shape[1] != len(HISTORY) or np.isnan(result.history).any() or np.isnan(result.objective):
        return "its history or objective is not a number"
    if len(result.stop_reason) > limits.LONGEST_REASON or not result.stop_reason.isprintable():
        return "its stop_reason is no short text"
    return None
