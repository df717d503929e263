"""How often the cause that an explanation names is the one that was planted.

    python tests/benchmarks/planted_causes.py plant     # resumes; --bases to share the work
    python tests/benchmarks/planted_causes.py score

`plant` takes untouched networks (the bundled ones, members of their ensembles, and small ones that it trains), plants
one cause in each copy, as strongly as clean accuracy allows (see `planted_effects.FALL`) and if it then costs stability
(EFFECT), and explains it. `score` says how many causes are named correctly, separately for the bases with which the
thresholds in `tfstab.explanation` were fixed and for the others.
"""

import argparse
import json
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import planting
from planted_bases import base_of, names_of_bases, train
from planted_effects import Ground, Truth, Weights

from tfstab.explanation import ExplanationConfig, run_explanation

GAIN, HIGH, SLIM, UNSURE, CONTROL, NONE = "gain", "high frequency", "slim margin", "unsure", "control", "none"
ANALYSES = ("layers", "kernels")  # that causes are read from
COPIES = 8  # of each image
GAINS = 2  # layers of each base in which a gain is planted, one at a time
LOWS = (0.01, 0.0003)  # of a layer's input variance, in directions that a gain amplifies: the first that works
MANY = 8  # explained images of a class that something is planted in, at least
MOST_DIRECTIONS = 1200  # a gain is planted in a layer with so many inputs: more are not known from so few images
NewTruth = Callable[..., Truth]
Plants = Iterator[tuple[Truth, Weights]]


def plants(ground: Ground) -> Plants:
    """Plant every cause in a base, one at a time."""
    base = ground.base
    rng = np.random.default_rng(zlib.crc32(base.name.encode()))

    def new(cause: str, detail: str = "", **more: Any) -> Truth:
        name = f"{base.name} {cause} {detail}".strip().replace(" ", "-")
        share = ground.accuracy
        return Truth(name, base.name, base.family, cause, accuracy=share, base_accuracy=share, **more)

    yield new(NONE), ground.model.get_weights()
    for part in (_controls, _gains, _high, _slim, _unsure):
        yield from part(ground, new, rng)


def _controls(ground: Ground, new: NewTruth, rng: np.random.Generator) -> Plants:
    """Scale two layers up and the next ones down."""
    ground.load()
    layers = planting.kernel_layers(ground.model)
    names = [layer.name for layer in layers if planting.following_layer(ground.model, layer.name)]
    if names:
        some = [str(name) for name in rng.permutation(names)[:2]]
        for name in some:
            planting.rescale(ground.model, name, float(rng.choice([0.1, 5, 20])))
        yield new(CONTROL, layer="+".join(some)), ground.model.get_weights()


def _gains(ground: Ground, new: NewTruth, rng: np.random.Generator) -> Plants:
    """Amplify what images hardly vary in, in some layers.

    Not in the last one, whose weights are what the margin in feature space is measured with.
    """
    names = [layer.name for layer in planting.kernel_layers(ground.model)][:-1]
    planted = 0
    for name in map(str, rng.permutation(names)):
        ground.load()
        kernel = ground.model.get_layer(name).kernel
        if planted == GAINS or np.prod(kernel.shape[:-1]) > MOST_DIRECTIONS:
            continue
        found = planting.directions(ground.model, name, ground.base.fit.images[: 2000 if kernel.ndim == 2 else 250])
        for low in LOWS:
            truth = new(GAIN, name, layer=name, low=low)

            def change(strength: float, name: str = name, found: Any = found, low: float = low) -> None:
                planting.gain(ground.model, name, found, low, strength)

            weights = ground.strongest(change, [2.0**k for k in range(8)], truth)
            if weights is not None:
                planted += 1
                yield truth, weights
                break


def _high(ground: Ground, new: NewTruth, rng: np.random.Generator) -> Plants:
    """Add a checkerboard to the first kernels."""
    truth = new(HIGH)
    strengths = [0.5 * 1.4**k for k in range(8)]
    weights = ground.strongest(lambda strength: planting.high_frequency(ground.model, strength), strengths, truth)
    if weights is not None:
        yield truth, weights


def _slim(ground: Ground, new: NewTruth, rng: np.random.Generator) -> Plants:
    """Move the output weights of the two classes together whose images are closest to the other classes then."""
    ground.load()
    bench, layer = ground.bench, planting.kernel_layers(ground.model)[-1]
    kernel, *bias = layer.get_weights()
    logits = planting.features(ground.model, layer.name, bench.images) @ kernel + (bias[0] if bias else 0)
    classes, counts = np.unique(ground.base.explained.labels, return_counts=True)

    def kept(pair: tuple[int, int]) -> float:
        """Return the share of their distance to the boundary in these features that the two classes keep, or 1."""
        moved = planting.together(logits, pair, 0.4)
        rows = np.flatnonzero(np.isin(bench.labels, pair) & (ground.before == bench.labels))
        after = _distance(moved[rows], bench.labels[rows], planting.together(kernel, pair, 0.4))
        return float(np.median(after / _distance(logits[rows], bench.labels[rows], kernel)))

    many = classes[counts >= MANY].tolist()
    for pair in sorted(((a, b) for a in many for b in many if a < b), key=kept)[:4]:
        truth = new(SLIM, f"{pair[0]}-{pair[1]}", classes=list(pair))

        def change(strength: float, pair: tuple[int, int] = pair) -> None:
            planting.slim_margin(ground.model, pair, strength)

        weights = ground.strongest(change, [0.2, 0.25, 0.3, 0.35, 0.4, 0.45], truth)
        if weights is not None:
            yield truth, weights
            return


def _distance(logits: np.ndarray, labels: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the distance (n,) of features to the boundary of their true class, from logits and output weights."""
    apart = np.linalg.norm(kernel.T[labels][:, None] - kernel.T[None], axis=2)
    rows = np.arange(len(labels))
    lead = logits[rows, labels][:, None] - logits
    apart[rows, labels], lead[rows, labels] = 1, np.inf
    return np.asarray((lead / apart).min(axis=1))


def _unsure(ground: Ground, new: NewTruth, rng: np.random.Generator) -> Plants:
    """Train with wrong labels in one class: a small network whole, of a bundled one the last layer."""
    base = ground.base
    classes, counts = np.unique(base.explained.labels, return_counts=True)
    ground.load()
    given = planting.features(ground.model, planting.kernel_layers(ground.model)[-1].name, base.fit.images)
    for cls in map(int, rng.permutation(classes[counts >= MANY])[:3]):
        truth = new(UNSURE, str(cls), classes=[cls])

        def change(share: float, cls: int = cls) -> None:
            labels = planting.noisy_labels(base.fit.labels, cls, share, classes)
            if base.family == "small":
                train(ground.model, base.fit.images, labels, epochs=2)
            else:
                planting.fine_tune(ground.model, given, labels)

        weights = ground.strongest(change, [0.4, 0.6, 0.8], truth)
        if weights is not None:
            yield truth, weights
            return


def plant(out: Path, bases: list[str]) -> None:
    """Plant causes in some bases and explain the networks; what is finished is left."""
    for name in bases:
        done = out / "networks" / f"{name.replace(' ', '-')}.done"
        there = [truth for truth in truths(out) if truth.base == name]
        if done.exists() and all((out / "runs" / truth.name).exists() for truth in there):
            continue
        began = time.perf_counter()
        try:
            ground = Ground(base_of(name, out / "bases"))
        except ValueError as error:  # a small network that did not become accurate enough
            print(error, flush=True)
            continue
        print(f"{name}: {ground.accuracy:.3f} right, {time.perf_counter() - began:.0f} s", flush=True)
        for truth, weights in _kept(out, there) if done.exists() else plants(ground):
            explain(out, ground, truth, weights)
            print(
                f"  {truth.name}: strength {truth.strength:.3g}, effect {truth.effect}, accuracy "
                f"{truth.accuracy:.3f}, {time.perf_counter() - began:.0f} s",
                flush=True,
            )
        done.touch()


def _kept(out: Path, there: list[Truth]) -> Plants:
    """Return networks that were planted earlier, to be explained."""
    import keras

    for truth in there:
        yield truth, keras.models.load_model(out / "networks" / f"{truth.name}.keras", compile=False).get_weights()


def explain(out: Path, ground: Ground, truth: Truth, weights: Weights) -> None:
    """Keep a network, explain it, and last write what was planted in it."""
    folder = out / "networks"
    folder.mkdir(parents=True, exist_ok=True)
    ground.load(weights)
    ground.model.save(folder / f"{truth.name}.keras")
    config = ExplanationConfig(copies=COPIES, only=ANALYSES)
    run_explanation(ground.classifier, ground.base.explained, config, out / "runs" / truth.name)
    (folder / f"{truth.name}.json").write_text(json.dumps(asdict(truth), indent=1), "utf-8")


def truths(out: Path) -> list[Truth]:
    """Return what is planted in each network so far."""
    return [Truth(**json.loads(path.read_text("utf-8"))) for path in sorted((out / "networks").glob("*.json"))]


def main() -> None:
    """Read the options and do what they say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["plant", "score"])
    parser.add_argument("--out", type=Path, default=Path("build/planted"))
    parser.add_argument("--bases", nargs="*")
    options = parser.parse_args()
    bases = options.bases or [name for some in names_of_bases().values() for name in some]
    if options.command == "plant":
        plant(options.out, bases)
    else:
        import planted_score

        planted_score.score(options.out, names_of_bases())


if __name__ == "__main__":
    main()
