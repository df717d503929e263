"""How often the cause that an explanation names is the one that was planted.

    python tests/benchmarks/planted_causes.py plant --out build/planted      # resumes; --bases to share the work
    python tests/benchmarks/planted_causes.py score --out build/planted

`plant` takes untouched networks (the bundled ones, members of their ensembles, and small ones that it trains), plants
one cause in a copy of each, as strongly as is needed for the minimum noise of the affected images to fall to EFFECT
while the clean accuracy falls by at most FALL, and explains the copy. `score` says how many causes are named correctly,
separately for the bases that the thresholds in `tfstab.explanation.cause` were fixed with, and for the others.
"""

import argparse
import json
import time
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

EFFECT = 0.55  # the median ratio of minimum noise, after to before, of the affected images: at most this
FALL = 0.03  # by how much the clean accuracy may fall
AFFECTED = 16  # images whose minimum noise tells the effect
QUERIES = 100  # of each search
GAIN, HIGH, SLIM, UNSURE, CONTROL, NONE = "gain", "high frequency", "slim margin", "unsure", "control", "none"
LOWS = (0.01, 0.001, 0.0001)  # of a layer's input variance, in directions that a gain amplifies: the first that works
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
    effect : float
        Median ratio of the affected images' minimum noise, after to before.
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
    effect: float = 1.0
    accuracy: float = 0.0
    base_accuracy: float = 0.0


class Ground:
    """A base, and what is needed to measure changed copies of it without compiling each of them."""

    def __init__(self, base: Base) -> None:
        self.base = replace(base, model=planting.copy_of(base.model))  # each layer is called once in it
        self._live = planting.copy_of(base.model)
        self.classifier = Classifier(self._live, base.explained.class_names, base.name.replace(" ", "-"))
        self.bench = base.bench
        self.before = self.predicted(base.model)
        self.accuracy = float((self.before == self.bench.labels).mean())

    def predicted(self, model: Any) -> np.ndarray:
        """Return the classes (n,) that a changed copy predicts for the bench."""
        self._live.set_weights(model.get_weights())
        return self.classifier.scores(self.bench.images).argmax(axis=1)

    def affected(self, classes: list[int]) -> np.ndarray:
        """Return rows of the bench that are right before, of some classes or of all if none is given."""
        right = self.before == self.bench.labels
        if classes:
            right &= np.isin(self.bench.labels, classes)
        return np.flatnonzero(right)[:AFFECTED]

    def noise(self, model: Any, rows: np.ndarray) -> np.ndarray:
        """Return the minimum noise (n,) of rows of the bench; 0 where the copy is wrong."""
        self._live.set_weights(model.get_weights())
        some = self.bench.select(rows)
        config = SearchConfig("boundary", max_queries=QUERIES)
        found = search_minimum_noise(self.classifier, some.images, some.labels, config)
        return np.array([one.l2 if one.found else np.inf for one in found])


def weakest(ground: Ground, make: Callable[[float], Any], strengths: list[float], truth: Truth) -> Any:
    """Return the copy of the smallest strength that has the effect, and record it; None if there is none."""
    rows = ground.affected(truth.classes)
    models, accuracies = list[Any](), list[float]()
    for strength in strengths:
        model = make(strength)
        accuracy = float((ground.predicted(model) == ground.bench.labels).mean())
        if accuracy < ground.accuracy - FALL:
            break
        models.append(model)
        accuracies.append(accuracy)
    before = ground.noise(ground.base.model, rows)
    low, high, found = 0, len(models) - 1, None
    while low <= high:
        middle = high if found is None else (low + high) // 2
        effect = float(np.median(ground.noise(models[middle], rows) / before))
        if effect <= EFFECT:
            truth.strength, truth.effect, truth.accuracy = strengths[middle], effect, accuracies[middle]
            found, high = models[middle], middle - 1
        elif found is None:
            print(f"    {truth.name}: effect {effect:.2f} at {strengths[middle]:g}, above which accuracy falls", flush=True)
            return None
        else:
            low = middle + 1
    return found


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
    model = weakest(ground, lambda a: planting.high_frequency(base.model, a), [0.25 * 1.5**k for k in range(9)], one)
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
            model = weakest(ground, make, [1.5**k for k in range(11)], one)
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


def plant(out: Path, bases: list[str], queries: int) -> None:
    """Plant causes in some bases and explain the copies; what is there already is left."""
    for name in bases:
        began = time.perf_counter()
        done = out / "networks" / f"{name.replace(' ', '-')}.done"
        if not done.exists():
            ground = Ground(base_of(name, out / "bases"))
            print(f"{name}: {ground.accuracy:.3f} right, {time.perf_counter() - began:.0f} s", flush=True)
            for truth, model in plants(ground):
                _keep(out, truth, model)
                print(
                    f"  {truth.name}: strength {truth.strength:g}, effect {truth.effect:.2f}, accuracy "
                    f"{truth.accuracy:.3f}, {time.perf_counter() - began:.0f} s", flush=True,
                )
            done.touch()


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
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args()
    names = [name for some in names_of_bases().values() for name in some]
    if options.command == "plant":
        plant(options.out, options.bases or names, options.queries)


if __name__ == "__main__":
    main()
