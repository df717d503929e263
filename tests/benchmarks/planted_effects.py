"""What a plant costs, and the strongest plant that clean accuracy allows.

The weights of one model are changed and measured again and again, so that it is compiled only once.
"""

import bisect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from planted_bases import Base
from planting import copy_of

from tfstab import Classifier, SearchConfig, search_minimum_noise

EFFECT = 0.55  # of the affected images, the minimum noise or the noise that half of them bear falls to this share
FALL, CLASS_FALL = 0.04, 0.15  # by how much the clean accuracy may fall, and that of a class whose margin is made slim
BORNE = 0.9  # a gain for noise is only planted if random noise, too, is borne less
AFFECTED, QUERIES = 12, 100  # images whose minimum noise is searched, and queries for each
BEARING = 48  # images that random noise is added to
SIGMAS = 2 ** np.arange(1, 8.1, 0.5)  # of random noise, grey levels
Weights = list[np.ndarray]


@dataclass
class Truth:
    """What was planted in a network, and what it costs.

    Attributes
    ----------
    name, base, family : str
        The network, the untouched one, and its architecture.
    cause : str
        What was planted.
    layer : str
        The layer, of a gain.
    classes : list of int
        The classes, of a slim margin or of noisy labels.
    strength, low : float
        How strongly, in units of the plant, and of a gain the share of the variance.
    effect : list of float
        Ratios, after to before, of the affected images' minimum noise and of the random noise that half of them bear;
        the first is 1 if the second is enough and it was not searched.
    accuracy, base_accuracy : float
        Of clean images, after and before.
    """

    name: str
    base: str
    family: str
    cause: str
    layer: str = ""
    classes: list[int] = field(default_factory=list)
    strength: float = 0.0
    low: float = 0.0
    effect: list[float] = field(default_factory=lambda: [1.0, 1.0])
    accuracy: float = 0.0
    base_accuracy: float = 0.0


class Ground:
    """A base in which causes are planted, one after the other.

    Attributes
    ----------
    base : Base
        The untouched network.
    model : keras.Model
        A copy of it, whose weights are changed.
    classifier : Classifier
        Scores images with that copy.
    before : ndarray of int (n,)
        Classes that the untouched network predicts for the bench.
    accuracy : float
        Its accuracy there.
    """

    def __init__(self, base: Base) -> None:
        self.base, self.model, self.bench = base, copy_of(base.model), base.bench
        self.classifier = Classifier(self.model, base.explained.class_names, base.name.replace(" ", "-"))
        self._untouched = self.model.get_weights()
        self._known: dict[tuple[int, ...], tuple[np.ndarray, float]] = {}
        self.before = self.predicted()
        self.accuracy = float((self.before == self.bench.labels).mean())

    def load(self, weights: Weights | None = None) -> None:
        """Put weights into the model, by default those of the untouched network."""
        self.model.set_weights(weights or self._untouched)
        vars(self.classifier).pop("fingerprint", None)  # of the weights before

    def predicted(self) -> np.ndarray:
        """Return the classes (n,) that the model predicts for the bench."""
        return np.asarray(self.classifier.scores(self.bench.images).argmax(axis=1))

    def affected(self, classes: list[int], most: int) -> np.ndarray:
        """Return rows of the bench that are right before, of some classes or of all if none is given."""
        right = self.before == self.bench.labels
        if classes:
            right &= np.isin(self.bench.labels, classes)
        return np.flatnonzero(right)[:most]

    def minimum(self, classes: list[int]) -> np.ndarray:
        """Return the minimum noise (n,) of affected images; 0 where the model is wrong."""
        most = AFFECTED if self.base.family != "gtsrb-aghdam" else AFFECTED // 2
        some = self.bench.select(self.affected(classes, most))
        config = SearchConfig("boundary", max_queries=QUERIES)
        found = search_minimum_noise(self.classifier, some.images, some.labels, config)
        return np.array([one.l2 if one.found else np.inf for one in found])

    def borne(self, classes: list[int]) -> float:
        """Return the sigma of random noise that half of the affected images bear."""
        some = self.bench.select(self.affected(classes, BEARING))
        noise = np.random.default_rng(0).normal(size=some.images.shape).astype(np.float32)
        kept = 1.0
        for sigma in SIGMAS:
            noisy = np.clip(some.images + np.float32(sigma) * noise, 0, 255)
            before, kept = kept, float((self.classifier.scores(noisy).argmax(axis=1) == some.labels).mean())
            if kept <= 0.5:
                return float(sigma * 2 ** (-0.5 * (0.5 - kept) / max(before - kept, 1e-9)))
        return float(SIGMAS[-1])

    def untouched(self, classes: list[int]) -> tuple[np.ndarray, float]:
        """Return minimum noise and borne noise of the affected images before."""
        key = tuple(classes)
        if key not in self._known:
            self.load()
            self._known[key] = self.minimum(classes), self.borne(classes)
        return self._known[key]

    def strongest(self, change: Callable[[float], Any], strengths: list[float], truth: Truth) -> Weights | None:
        """Return the weights with the strongest plant that clean accuracy allows, and record it.

        None if it does not cost stability. Accuracy falls with the strength, so that it is bisected.

        Parameters
        ----------
        change : callable
            Changes the untouched model, given a strength.
        strengths : list of float
            From the weakest.
        truth : Truth
            What is planted.
        """
        made: dict[int, Weights] = {}

        def load(k: int) -> None:
            self.load(made.get(k))
            if k not in made:
                change(strengths[k])
                made[k] = self.model.get_weights()

        def costs_accuracy(k: int) -> bool:
            load(k)
            right = self.predicted() == self.bench.labels
            falls = [(self.before == self.bench.labels).mean() - right.mean() - FALL]
            if truth.cause == "slim margin":
                before = self.before == self.bench.labels
                of = [self.bench.labels == c for c in truth.classes]
                falls += [before[rows].mean() - right[rows].mean() - CLASS_FALL for rows in of]
            return max(falls) > 1e-9

        k = bisect.bisect_left(range(len(strengths)), True, key=costs_accuracy) - 1
        if k < 0:
            print(f"    {truth.name}: no strength is allowed by accuracy", flush=True)
            return None
        minimum, borne = self.untouched(truth.classes)
        load(k)
        truth.strength, truth.effect = strengths[k], [1.0, round(self.borne(truth.classes) / borne, 3)]
        if truth.effect[1] > EFFECT:  # otherwise the search, which takes much longer, is not needed
            truth.effect[0] = round(float(np.median(self.minimum(truth.classes) / minimum)), 3)
        truth.accuracy = float((self.predicted() == self.bench.labels).mean())
        if min(truth.effect) > EFFECT or (truth.cause == "gain" and truth.effect[1] > BORNE):
            print(
                f"    {truth.name}: {truth.effect} at {strengths[k]:.3g} is the most that accuracy allows", flush=True
            )
            return None
        return made[k]
