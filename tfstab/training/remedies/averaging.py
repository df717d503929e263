"""Weight averaging: weights between those of a network and those after fine-tuning (WiSE-FT, Wortsman et al. 2022).

On the way from the original weights to the fine-tuned ones, accuracy on degraded images often rises before clean
accuracy falls. So one training gives networks with different balances between the two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tfstab.errors import InputError

SHARES = tuple(step / 10 for step in range(11))
ROUNDING = 1e-9  # tolerance for a computed floor, such as 0.7 - 0.01


@dataclass(frozen=True)
class ShareFigures:
    """How accurate a network with averaged weights is on validation images.

    Attributes
    ----------
    share : float
        Share of the fine-tuned weights: 0 for the original network, 1 for the fine-tuned one.
    clean, degraded : float
        Accuracy on clean and on degraded images, 0 to 1.
    """

    share: float
    clean: float
    degraded: float


def interpolate(original: Sequence[np.ndarray], tuned: Sequence[np.ndarray], share: float) -> list[np.ndarray]:
    """Return the weighted average of the weights of a network and of the same network after fine-tuning.

    Parameters
    ----------
    original, tuned : sequence of ndarray
        Weights before and after, as `model.get_weights()` returns them: arrays of the same shapes in the same order.
    share : float
        Share of the fine-tuned weights, 0 to 1.

    Returns
    -------
    list of ndarray
        (1 - share) * original + share * tuned, in the types of `tuned`; exact for shares 0 and 1. Whole numbers, such
        as counters and the states of random generators, are not averaged but taken from `tuned`.

    Raises
    ------
    InputError
        The share is not between 0 and 1, or the weights are of different networks.

    References
    ----------
    Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022.

    Examples
    --------
    >>> from tfstab.training.remedies.averaging import interpolate
    >>> interpolate([np.zeros(2), np.array([3])], [np.array([1.0, 2.0]), np.array([7])], 0.5)
    [array([0.5, 1. ]), array([7])]
    """
    if not 0 <= share <= 1:
        raise InputError(f"share is {share}; expected 0 to 1.")
    if [weight.shape for weight in original] != [weight.shape for weight in tuned]:
        raise InputError(
            "the weights to average are of different networks; expected those of one network before and after training."
        )
    return [_average(before, after, share) for before, after in zip(original, tuned, strict=True)]


def _average(before: np.ndarray, after: np.ndarray, share: float) -> np.ndarray:
    """Return the average of one weight."""
    if share == 1 or after.dtype.kind in "iub":
        return after.copy()
    if share == 0:  # not 0 * after: a training that has diverged has infinite weights
        return before.copy()
    # In float64, because the weights may be in half precision.
    return ((1 - share) * before.astype(np.float64) + share * after.astype(np.float64)).astype(after.dtype)


def choose_share(
    evaluate: Callable[[float], tuple[float, float]], floor: float, shares: Sequence[float] = SHARES
) -> tuple[float, list[ShareFigures]]:
    """Choose the share of the fine-tuned weights that is best on degraded images and good enough on clean ones.

    Parameters
    ----------
    evaluate : callable
        Called as evaluate(share). Returns the accuracies, 0 to 1, on clean and on degraded validation images of the
        network with this share.
    floor : float
        Lowest clean accuracy that is acceptable, 0 to 1.
    shares : sequence of float
        The shares to try; 0, the original network, should be one of them.

    Returns
    -------
    share : float
        Among the shares whose clean accuracy is at least `floor`, the one with the highest accuracy on degraded images;
        of equal ones, the one with the highest clean accuracy, then the smallest. 0 if none is accurate enough.
    figures : list of ShareFigures
        The accuracies of all shares, in their order.

    Examples
    --------
    >>> from tfstab.training.remedies.averaging import choose_share
    >>> share, figures = choose_share(lambda share: (0.9 - 0.1 * share, 0.5 + 0.3 * share), floor=0.85)
    >>> share, figures[0]
    (0.5, ShareFigures(share=0.0, clean=0.9, degraded=0.5))
    """
    figures = [ShareFigures(share, *map(float, evaluate(share))) for share in shares]
    accepted = [row for row in figures if row.clean >= floor - ROUNDING]
    if not accepted:
        return 0.0, figures
    return max(accepted, key=lambda row: (row.degraded, row.clean, -row.share)).share, figures
