"""Makes the run folders that the viewer's tests open; run as a process of its own: make_runs.py FOLDER."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfstab import (
    Classifier,
    Dataset,
    SearchConfig,
    SweepConfig,
    build_model,
    load_classifier,
    load_dataset,
    run_search,
    run_sweep,
)
from tfstab.classifier import backend
from tfstab.degradations import Degradation


def main(folder: Path) -> None:
    backend.leave_out_optional()
    network, digits = load_classifier("mnist-lenet"), load_dataset("mnist-5k").take(30)
    run_search(network, _mislabelled(digits.take(4)), SearchConfig(max_queries=600), folder / "search")
    # The classes 0 to 4 first, so that the run has parts with these alone.
    noise, images = SweepConfig(sigmas=(5, 60, 100), copies=20), _mislabelled(digits)
    for labels in (5, 10):
        run_sweep(network, images.select(np.flatnonzero(images.labels < labels)), noise, folder / "sweep")
    jpeg = SweepConfig(degradation="jpeg", severities=(60, 5, 1))
    run_sweep(network, _mislabelled(digits), jpeg, folder / "jpeg")
    occlusion = SweepConfig(degradation="occlusion", severities=(0.01, 36), copies=4)  # the first covers no pixel
    run_sweep(network, _mislabelled(digits), occlusion, folder / "occlusion")
    run_sweep(network, digits.take(10), SweepConfig(degradation=_rain()), folder / "rain")
    run_sweep(*_untrained_colour(), SweepConfig(sigmas=(2, 10), copies=5), folder / "rgb")


def _mislabelled(digits: Dataset) -> Dataset:
    """The digits with the first one labelled as the next class: it is wrong when clean."""
    labels = digits.labels.copy()
    labels[0] = (labels[0] + 1) % 10
    return replace(digits, labels=labels)


def _rain() -> Degradation:
    """A family that the viewer does not know."""
    return Degradation(
        "rain",
        "rain",
        "draws white columns",
        lambda image, drops, _: np.maximum(image, 99),
        "drops",
        "a picture",
        severities=(1, 3),
        neutral=0,
        low=0,
        high=99,
        version="1",
    )


def _untrained_colour() -> tuple[Classifier, Dataset]:
    """A network that knows nothing, and colourful images."""
    names = ("airplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "<truck>")
    images = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)
    labels = np.array([0, 1, 2, 9, 4, 4])
    dataset = Dataset.from_arrays("colours", "test", images, labels, names)
    return Classifier(build_model("cifar10-quick"), names), dataset


main(Path(sys.argv[1]))
