"""Check of a search's parts whenever one is read, because a run folder may come from anybody."""

import numpy as np

from tfstab import limits
from tfstab.runs import CleanImages
from tfstab.runs.clean import is_score
from tfstab.search.norm import get_norm
from tfstab.search.result import HISTORY, MinimumNoise

NOISE_ROUNDING = 1e-3  # grey levels; clean + noise is rounded to float32, which is 1e-5 at 255
CLEAN_ROUNDING = 0.1  # of clean scores, which differ in the parts of a run that was resumed on a less precise device
CLEAR_LEAD = 1e-2  # difference of two scores that no rounding explains


def problem_of(result: MinimumNoise, clean: CleanImages, row: int, target: int | None, norm: str) -> str | None:
    """Return what no search would have written, in words, or None if the result is plausible.

    Parameters
    ----------
    result : MinimumNoise
        The result that was read.
    clean : CleanImages
        The run's clean images, with scores.
    row : int
        Position of the result's image in `clean`.
    target : int or None
        The class that images must be classified as; None for any wrong class.
    norm : str
        The run's norm.
    """
    image, scores = clean.images[row], clean.scores[row]
    if result.clean.shape != image.shape or result.noise.shape != image.shape:
        return "its arrays do not have its image's shape"
    if not np.array_equal(result.clean, image) or result.class_index != clean.class_index[row]:
        return "its clean image or class differs from the run's"
    if result.scores.shape != scores.shape or result.clean_scores.shape != scores.shape:
        return "it does not have one score for each of the run's classes"
    if not is_score(result.scores) or not (np.abs(result.clean_scores - scores) <= CLEAN_ROUNDING).all():
        return "its scores are not within 0..1, or its clean scores differ from the run's"
    degraded = image + result.noise
    if not ((degraded >= -NOISE_ROUNDING) & (degraded <= 255 + NOISE_ROUNDING)).all():  # NaN fails it too
        return "its noise leads out of the grey levels 0..255"
    return _problem_of_flip(result, target) or _problem_of_norm(result, norm) or _problem_of_counts(result)


def _problem_of_flip(result: MinimumNoise, target: int | None) -> str | None:
    """Return what is wrong if the scores contradict `found`."""
    flipped = result.predicted != result.class_index if target is None else result.predicted == target
    # Searches require a lead of FLIP_MARGIN in log-scores before noise is found: float32 scores show it, so none tie.
    if result.found and not flipped:
        return "it is recorded as found, but its scores are not misclassified"
    wanted = result.class_index if target is None else target
    others = float(np.delete(result.scores, wanted).max(initial=0))
    lead = abs(others - float(result.scores[wanted]))
    if not result.found and flipped and lead > CLEAR_LEAD:  # a smaller lead need not count
        return "it is recorded as not found, but its scores are misclassified"
    return None


def _problem_of_norm(result: MinimumNoise, norm: str) -> str | None:
    """Return what is wrong with the norm, or with those of the 8-bit image, which are NaN if none was found."""
    if result.norm != norm:
        return "its norm is not the run's"
    farthest = np.full(result.noise.size, 255.0)
    for name, length in (("l2", result.l2_uint8), (norm, result.size_uint8)):
        if not (np.isnan(length) or (result.found and 0 <= length <= get_norm(name).length(farthest))):
            return "its 8-bit norm cannot be that of an image that flips"
    return None


def _problem_of_counts(result: MinimumNoise) -> str | None:
    """Return what is wrong with counts, history, objective and stop reason."""
    least = len(result.history)
    if not (0 <= result.queries <= limits.MOST_QUERIES and least <= result.generations <= limits.MOST_QUERIES):
        return "its queries or generations are negative, or do not fit its history"
    if not 0 <= result.repair_queries <= result.queries:
        return "its repair's queries are negative, or more than all queries"
    if not 0 <= result.gradients <= limits.MOST_QUERIES:
        return "its gradients are negative, or more than any search computes"
    if result.history.shape[1] != len(HISTORY) or np.isnan(result.history).any() or np.isnan(result.objective):
        return "its history or objective is not a number"
    if len(result.stop_reason) > limits.LONGEST_REASON or not result.stop_reason.isprintable():
        return "its stop_reason is not a short text"
    return None
