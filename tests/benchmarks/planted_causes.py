"""How often the cause that an explanation names is the one that was planted.

    python tests/benchmarks/planted_causes.py plant --out build/planted      # resumes; --bases to share the work
    python tests/benchmarks/planted_causes.py score --out build/planted

`plant` takes untouched networks (the bundled ones, members of their ensembles, and small ones that it trains), plants
one cause in a copy of each, as strongly as is needed for the minimum noise of the affected images to fall to EFFECT
while the clean accuracy falls by at most FALL, and explains the copy. `score` says how many causes are named correctly,
separately for the bases that the thresholds in `tfstab.explanation.cause` were fixed with, and for the others.
"""

import argparse
import bisect
import json
import time
import weakref
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import planted_bases
import planting
from planted_bases import Base, base_of, names_of_bases

from tfstab import Classifier, Dataset, SearchConfig, search_minimum_noise
from tfstab.explanation import ExplanationConfig, run_explanation

EFFECT = 0.55  # of the affected images, the minimum noise or the noise that half of them bear falls to this share
FALL = 0.04  # by how much the clean accuracy may fall
AFFECTED = 16  # images whose minimum noise is searched, with QUERIES each
QUERIES = 100
BEARING = 48  # images that random noise is added to
SIGMAS = 2 ** np.arange(1, 8.1, 0.5)  # of random noise, grey levels
GAIN, HIGH, SLIM, UNSURE, CONTROL, NONE = "gain", "high frequency", "slim margin", "unsure", "control", "none"
LOWS = (0.01, 0.001, 0.0001, 0.00001)  # of a layer's input variance, in directions that a gain amplifies: the first that works
ANALYSES = ("layers",)  # that causes are read from
GAINS = 2  # layers of each base in which a gain is planted, one at a time


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
    strength : float
        How strongly, in units of the plant.
    effect : tuple of float
        Ratios, after to before, of the affected images' minimum noise and of the random noise that half of them bear.
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
    effect: tuple[float, float] = (1.0, 1.0)
    accuracy: float = 0.0
    base_accuracy: float = 0.0


class Ground:
    """A base, and what is needed to measure changed copies of it without compiling each of them."""

    def __init__(self, base: Base) -> None:
        self.base = replace(base, model=planting.copy_of(base.model))  # each layer is called once in it
        self._live = planting.copy_of(base.model)
        self.classifier = Classifier(self._live, base.explained.class_names, base.name.replace(" ", "-"))
        self.bench = base.bench
        self._known: dict[tuple[int, ...], tuple[np.ndarray, float]] = {}
        self._minimum = weakref.WeakKeyDictionary[Any, float]()
        self.before = self.predicted(base.model)
        self.accuracy = float((self.before == self.bench.labels).mean())

    def predicted(self, model: Any) -> np.ndarray:
        """Return the classes (n,) that a changed copy predicts for the bench."""
        self._live.set_weights(model.get_weights())
        return self.classifier.scores(self.bench.images).argmax(axis=1)

    def affected(self, classes: list[int], most: int) -> np.ndarray:
        """Return rows of the bench that are right before, of some classes or of all if none is given."""
        right = self.before == self.bench.labels
        if classes:
            right &= np.isin(self.bench.labels, classes)
        return np.flatnonzero(right)[:most]

    def minimum(self, model: Any, classes: list[int]) -> np.ndarray:
        """Return the minimum noise (n,) of affected images; 0 where the copy is wrong."""
        self._live.set_weights(model.get_weights())
        some = self.bench.select(self.affected(classes, AFFECTED))
        config = SearchConfig("boundary", max_queries=QUERIES)
        found = search_minimum_noise(self.classifier, some.images, some.labels, config)
        return np.array([one.l2 if one.found else np.inf for one in found])

    def borne(self, model: Any, classes: list[int]) -> float:
        """Return the sigma of random noise that half of the affected images bear."""
        self._live.set_weights(model.get_weights())
        some = self.bench.select(self.affected(classes, BEARING))
        field = np.random.default_rng(0).normal(size=some.images.shape).astype(np.float32)
        kept = 1.0
        for sigma in SIGMAS:
            noisy = np.clip(some.images + np.float32(sigma) * field, 0, 255)
            before, kept = kept, float((self.classifier.scores(noisy).argmax(axis=1) == some.labels).mean())
            if kept <= 0.5:
                return float(sigma * 2 ** (-0.5 * (0.5 - kept) / max(before - kept, 1e-9)))
        return float(SIGMAS[-1])

    def effect(self, model: Any, classes: list[int]) -> tuple[float, float]:
        """Return the ratios, after to before, of the affected images' minimum noise and of the noise that half bear."""
        minimum, borne = self._untouched(classes)
        if model not in self._minimum:
            self._minimum[model] = float(np.median(self.minimum(model, classes) / minimum))
        return round(self._minimum[model], 3), round(self.borne(model, classes) / borne, 3)

    def has_effect(self, model: Any, classes: list[int]) -> bool:
        """Return whether a plant has the effect that is wanted of it."""
        return self.borne(model, classes) / self._untouched(classes)[1] <= EFFECT or (
            self.effect(model, classes)[0] <= EFFECT
        )

    def _untouched(self, classes: list[int]) -> tuple[np.ndarray, float]:
        """Return minimum noise and borne noise of the affected images before."""
        key = tuple(classes)
        if key not in self._known:
            self._known[key] = self.minimum(self.base.model, classes), self.borne(self.base.model, classes)
        return self._known[key]


def weakest(ground: Ground, make: Callable[[float], Any], strengths: list[float], truth: Truth) -> Any:
    """Return the copy of the smallest strength that has the effect, and record it; None if there is none.

    Accuracy and effect fall with the strength, so both are bisected.
    """
    models: dict[int, Any] = {}

    def model(k: int) -> Any:
        if k not in models:
            models[k] = make(strengths[k])
        return models[k]

    def accuracy(k: int) -> float:
        return float((ground.predicted(model(k)) == ground.bench.labels).mean())

    high = bisect.bisect_left(range(len(strengths)), True, key=lambda k: accuracy(k) < ground.accuracy - FALL) - 1
    if high < 0 or not ground.has_effect(model(high), truth.classes):
        print(f"    {truth.name}: no effect at strength {strengths[max(high, 0)]:g}, above which accuracy falls", flush=True)
        return None
    k = bisect.bisect_left(range(high), True, key=lambda k: ground.has_effect(model(k), truth.classes))
    truth.strength, truth.effect, truth.accuracy = strengths[k], ground.effect(model(k), truth.classes), accuracy(k)
    return model(k)


def plants(ground: Ground) -> Iterator[tuple[Truth, Any]]:
    """Plant every cause in copies of a base, one at a time."""
    base = ground.base
    rng = np.random.default_rng(zlib.crc32(base.name.encode()))

    def truth(cause: str, detail: str = "", **more: Any) -> Truth:
        name = f"{base.name} {cause} {detail}".strip().replace(" ", "-")
        return Truth(name, base.name, base.family, cause, base_accuracy=ground.accuracy, accuracy=ground.accuracy, **more)

    yield truth(NONE), base.model
    yield from _controls(ground, truth, rng)
    yield from _gains(ground, truth, rng)
    one = truth(HIGH)
    model = weakest(ground, lambda a: planting.high_frequency(base.model, a), [0.35 * 1.4**k for k in range(12)], one)
    if model is not None:
        yield one, model
    yield from _slim(ground, truth)
    yield from _unsure(ground, truth, rng)


def _controls(ground: Ground, truth: Callable[..., Truth], rng: np.random.Generator) -> Iterator[tuple[Truth, Any]]:
    """Scale layers up and the next ones down."""
    model = ground.base.model
    layers = [layer.name for layer in planting.kernel_layers(model) if planting.following_layer(model, layer.name)]
    if layers:
        some = rng.permutation(layers)[:2]
        for layer in some:
            model = planting.rescaled(model, str(layer), float(rng.choice([0.1, 5, 20])))
        yield truth(CONTROL, layer="+".join(some)), model


def _gains(ground: Ground, truth: Callable[..., Truth], rng: np.random.Generator) -> Iterator[tuple[Truth, Any]]:
    """Amplify what images hardly vary in, in some layers."""
    names = [layer.name for layer in planting.kernel_layers(ground.base.model)]
    planted = 0
    for name in rng.permutation(names):
        one = truth(GAIN, str(name), layer="logits" if name == names[-1] else str(name))
        for low in LOWS:
            mean, hardly = planting.hardly_varying(ground.base.model, str(name), ground.bench.images[:200], low)
            make = lambda a: planting.gain(ground.base.model, str(name), mean, hardly, a)  # noqa: B023, E731
            model = weakest(ground, make, [2.0**k for k in range(8)], one)
            if model is not None:
                planted += 1
                yield one, model
                break
        if planted == GAINS:
            return


def _slim(ground: Ground, truth: Callable[..., Truth]) -> Iterator[tuple[Truth, Any]]:
    """Move the output weights of the two classes together whose images are closest to the other classes then."""
    base, bench = ground.base, ground.bench
    import keras

    layer = planting.kernel_layers(base.model)[-1]
    features = keras.Model(base.model.inputs, layer.input).predict(bench.images.astype(np.float32), verbose=0)
    kernel, *bias = layer.get_weights()
    logits = features @ kernel + (bias[0] if bias else 0)
    classes, counts = np.unique(bench.labels, return_counts=True)
    classes = classes[counts >= 8]

    def kept(pair: tuple[int, int]) -> float:
        """Return the share of their distance to the boundary in these features that the two classes keep, or 1."""
        moved = planting.together(logits, pair, 0.4)
        rows = np.flatnonzero(np.isin(bench.labels, pair) & (ground.before == bench.labels))
        if (moved.argmax(axis=1) == bench.labels).mean() < ground.accuracy - FALL:
            return 1.0  # too many become wrong
        after = _distance(moved[rows], bench.labels[rows], planting.together(kernel, pair, 0.4))
        return float(np.median(after / _distance(logits[rows], bench.labels[rows], kernel)))

    pairs = sorted(((int(a), int(b)) for a in classes for b in classes if a < b), key=kept)
    for pair in pairs[:5]:
        one = truth(SLIM, f"{pair[0]}-{pair[1]}", classes=list(pair))
        make = lambda t: planting.slim_margin(base.model, pair, t)  # noqa: B023, E731
        model = weakest(ground, make, [0.2, 0.25, 0.3, 0.34, 0.37, 0.4, 0.42, 0.44, 0.46, 0.48], one)
        if model is not None:
            yield one, model
            return


def _distance(logits: np.ndarray, labels: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the distance (n,) of features to the boundary of their actual class, from logits and output weights."""
    apart = np.linalg.norm(kernel.T[labels][:, None] - kernel.T[None], axis=2)
    rows = np.arange(len(labels))
    lead = logits[rows, labels][:, None] - logits
    apart[rows, labels], lead[rows, labels] = 1, np.inf
    return np.asarray((lead / apart).min(axis=1))


def _unsure(ground: Ground, truth: Callable[..., Truth], rng: np.random.Generator) -> Iterator[tuple[Truth, Any]]:
    """Train with wrong labels in one class."""
    base = ground.base
    classes = np.unique(base.explained.labels)
    for cls in rng.permutation(classes)[:3]:
        one = truth(UNSURE, str(cls), classes=[int(cls)])

        def make(share: float, cls: int = int(cls)) -> Any:
            labels = planting.noisy_labels(base.fit.labels, cls, share, classes)
            if base.retrain is not None:
                return base.retrain(labels)
            return planting.fine_tuned(base.model, base.fit.images, labels)

        model = weakest(ground, make, [0.3, 0.4, 0.5, 0.6, 0.7], one)
        if model is not None:
            yield one, model
            return


def plant(out: Path, bases: list[str]) -> None:
    """Plant causes in copies of some bases; bases that are finished are left."""
    for name in bases:
        done = out / "networks" / f"{name.replace(' ', '-')}.done"
        if done.exists():
            continue
        began = time.perf_counter()
        ground = Ground(base_of(name, out / "bases"))
        print(f"{name}: {ground.accuracy:.3f} right, {time.perf_counter() - began:.0f} s", flush=True)
        for truth, model in plants(ground):
            _keep(out, truth, model)
            print(
                f"  {truth.name}: strength {truth.strength:g}, effect {truth.effect}, accuracy "
                f"{truth.accuracy:.3f}, {time.perf_counter() - began:.0f} s",
                flush=True,
            )
        done.touch()


def explain(out: Path, bases: list[str]) -> None:
    """Explain the networks that are planted so far; runs that are finished are left."""
    import keras

    for truth in truths(out):
        folder = out / "runs" / truth.name
        if truth.base not in bases or (out / "runs" / f"{truth.name}.done").exists():
            continue
        began = time.perf_counter()
        keras.backend.clear_session()
        model = keras.models.load_model(out / "networks" / f"{truth.name}.keras", compile=False)
        images = planted_bases.explained(truth.family)
        classifier = Classifier(model, images.class_names, truth.name)
        run_explanation(classifier, images, ExplanationConfig(only=ANALYSES), folder)
        (out / "runs" / f"{truth.name}.done").touch()
        print(f"{truth.name}: {time.perf_counter() - began:.0f} s", flush=True)


def truths(out: Path) -> list[Truth]:
    """Return what is planted in each network so far."""
    return [Truth(**json.loads(path.read_text())) for path in sorted((out / "networks").glob("*.json"))]


def _keep(out: Path, truth: Truth, model: Any) -> None:
    """Write a network and what was planted in it."""
    folder = out / "networks"
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / f"{truth.name}.keras")
    (folder / f"{truth.name}.json").write_text(json.dumps(asdict(truth), indent=1))


def main() -> None:
    """Read the options and do what they say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["plant", "explain", "score"])
    parser.add_argument("--out", type=Path, default=Path("build/planted"))
    parser.add_argument("--bases", nargs="*")
    options = parser.parse_args()
    bases = options.bases or [name for some in names_of_bases().values() for name in some]
    {"plant": plant, "explain": explain}[options.command](options.out, bases)


if __name__ == "__main__":
    main()
