"""Judges by log-scores which of two forms of preprocessing a network was more likely trained with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from tfstab.classifier.class_check import is_far_better
from tfstab.classifier.input_sample import Weights
from tfstab.classifier.logits import log_softmax

FLOOR = -20.0  # of log-scores, so that a few images do not outweigh all others
SURE, SURE_OF_ONE = 0.975, 0.99875  # one-sided confidence: of one difference, and of each of up to eight
CLEARLY = 0.9995
LEAST_GAIN = 0.02  # of the mean log-score: less does not matter
HIGHER = 0.1  # gain of accuracy that is enough where the scores, too, show that the form in use is wrong
# The logits of a trained network can be up to 4 times too small, as after training with smoothed labels, and up to 16
# times too large: overfitting makes them 2 to 5 times too large, and training with inputs 0..255 up to 15 times. Inputs
# 0..255 in place of 0..1 make them up to 255 times too large, which shows that the form is wrong.
TOO_SMALL, TOO_LARGE = 4.0, 16.0
# Two forms, such as -1..1 and ImageNet's, may have nearly the same log-scores. Then the one whose logits have the right
# size is chosen: for each factor of e by which the temperature is too high or low, this is taken off the log-score.
AWAY = 0.05
COLDEST, HOTTEST = -6.0, 12.0  # natural logarithms of the temperatures that are tried


@dataclass(frozen=True)
class FormScores:
    """Log-scores of the true classes of the sample with one form of preprocessing.

    Attributes
    ----------
    plain : ndarray of float64 (n,)
        As the model gives them, with a floor.
    best : ndarray of float64 (n,)
        At the best temperature, so that only the order of the classes and not the size of the logits counts.
    likely : ndarray of float64 (n,)
        At the best of the temperatures that a trained network can need, with a floor.
    temperature : float
        Natural logarithm of the best temperature.
    correct : ndarray of bool (n,)
        Which images are classified correctly.
    """

    plain: NDArray[np.float64]
    best: NDArray[np.float64]
    likely: NDArray[np.float64]
    temperature: float
    correct: NDArray[np.bool_]

    @property
    def doubtful(self) -> bool:
        """Whether the best temperature is one that no trained network needs."""
        return _nearest(self.temperature) != self.temperature

    def value(self, weights: Weights) -> float:
        """Return a number that is highest for the form that the network was most likely trained with."""
        return weights.mean(self.likely) - AWAY * abs(_nearest(self.temperature))

    @classmethod
    def of(cls, log_scores: NDArray[np.float64], labels: NDArray[np.int64], weights: Weights) -> "FormScores":
        """Return the figures of log-scores (n, K)."""
        actual = np.arange(len(labels)), labels

        def at(temperature: float) -> NDArray[np.float64]:
            return log_softmax(log_scores / np.exp(temperature))[actual]

        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            lambda t: -weights.mean(at(t)), bounds=(COLDEST, HOTTEST), method="bounded", options={"xatol": 0.01}
        )
        correct = log_scores.argmax(axis=1) == labels
        best = float(found.x)
        plain, likely = np.maximum(log_scores[actual], FLOOR), np.maximum(at(_nearest(best)), FLOOR)
        return cls(plain, at(best), likely, best, correct)


def _nearest(temperature: float) -> float:
    """Return the nearest temperature that a trained network can need; both are natural logarithms."""
    return float(np.clip(temperature, -np.log(TOO_SMALL), np.log(TOO_LARGE)))


def is_surely_far_better(other: FormScores, used: FormScores, weights: Weights) -> bool:
    """Return whether accuracy is certainly far higher with another form than with the one in use."""
    gain = other.correct.astype(np.float64) - used.correct
    return weights.bound(gain, CLEARLY) > 0 and is_far_better(weights.mean(gain), 1 - weights.mean(other.correct))


def shows_wrong_form(other: FormScores, used: FormScores, labels: NDArray[np.int64], weights: Weights) -> bool:
    """Return whether scores and accuracy together show that the form in use is wrong, and another one is right.

    The scores of the form in use certainly say less about the classes than the frequency of each class does, those of
    the other form certainly say more, and its accuracy is certainly higher, as measured by at least `HIGHER`. This also
    recognises the wrong form for a weak network, whose accuracy can never be far higher.
    """
    gain, guessed = other.correct.astype(np.float64) - used.correct, entropy_of(labels, weights)
    higher = weights.mean(gain) >= HIGHER and weights.bound(gain, CLEARLY) > 0
    more = weights.bound(other.plain + guessed, SURE_OF_ONE) > 0
    return higher and more and weights.bound(-used.plain - guessed, SURE_OF_ONE) > 0


def is_better(other: FormScores, used: FormScores, labels: NDArray[np.int64], weights: Weights) -> bool:
    """Return whether another form of preprocessing is better than the one in use: see `input_check.better_form`."""
    guessed = entropy_of(labels, weights)
    if weights.bound(other.likely + guessed, SURE_OF_ONE) <= 0:
        return False
    # If all images are right, nothing shows that logits are too large: larger ones always give better scores. So better
    # scores count only if those of the form in use are nearer to those of a guess than to 1.
    if used.correct.all() and weights.mean(used.plain) > -guessed / 2:
        return False
    if not gains(other, used, weights) or weights.bound(used.best - other.best, SURE) > 0:
        return False
    # The note shows the scores as they are. If they fall, nobody would believe it, unless accuracy rises far.
    return weights.mean(other.plain) > weights.mean(used.plain) or is_surely_far_better(other, used, weights)


def gains(other: FormScores, used: FormScores, weights: Weights) -> bool:
    """Return whether log-scores are certainly higher with another form, and by an amount that matters."""
    gain = other.likely - used.likely
    return weights.mean(gain) >= LEAST_GAIN and weights.bound(gain, SURE if used.doubtful else SURE_OF_ONE) > 0


def entropy_of(labels: NDArray[np.int64], weights: Weights) -> float:
    """Return the entropy of the classes: minus the mean log-score of a model that knows only how frequent each is."""
    return float(entr([weights.mean(labels == k) for k in np.unique(labels)]).sum())
