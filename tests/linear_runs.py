"""An explanation, a sweep and a search of one linear network, whose distances to the decision boundary are known."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfstab import Classifier, Dataset, SearchConfig, SweepConfig, run_search, run_sweep
from tfstab.explanation import ExplanationConfig, ExplanationRun, run_explanation
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

SIDE, CLASSES, IMAGES, SIGMA, COPIES = 4, 3, 24, 8.0, 100
ONLY = ("noise", "copies", "features")
RNG = np.random.default_rng(3)
WEIGHTS = RNG.normal(0, 0.02, (SIDE * SIDE, CLASSES)).astype(np.float32)
BIAS = -128 * WEIGHTS.sum(axis=0)  # grey images are undecided


@dataclass(frozen=True)
class Runs:
    explanation: ExplanationRun
    sweep: SweepRun
    search: SearchRun
    distance: np.ndarray  # of each image of the explanation from the decision boundary, in grey levels; 0 if wrong


def make_runs(folder: Path) -> Runs:
    import keras

    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), keras.layers.Flatten(), keras.layers.Dense(CLASSES)])
    model.layers[-1].set_weights([WEIGHTS, BIAS])
    classifier = Classifier(model, name="linear")
    images = RNG.integers(100, 157, (IMAGES, SIDE, SIDE, 1)).astype(np.uint8)
    labels = logits(images).argmax(axis=1)
    labels[-1] = (labels[-1] + 1) % CLASSES  # wrong when clean
    dataset = Dataset.from_arrays("linear", "test", images, labels, ("a", "b", "c"))
    explanation = run_explanation(
        classifier, dataset, ExplanationConfig(sigma=SIGMA, copies=COPIES, only=ONLY), folder / "explanation"
    )
    sweep = run_sweep(classifier, dataset, SweepConfig(sigmas=(SIGMA, 0.8), copies=COPIES), folder / "sweep")
    search = run_search(classifier, dataset, SearchConfig("boundary"), folder / "search")
    return Runs(explanation, sweep, search, distances(images, labels)[explanation.images])


def logits(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float64) @ WEIGHTS + BIAS


def distances(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    rows, lead = np.arange(len(images)), logits(images)
    lead = lead[rows, labels][:, None] - lead
    apart = np.linalg.norm(WEIGHTS.T[labels][:, None] - WEIGHTS.T[None], axis=2)
    lead[rows, labels], apart[rows, labels] = np.inf, 1
    return np.maximum(0, (lead / apart).min(axis=1))
