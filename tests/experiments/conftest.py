"""Two networks that differ, and their runs of the same digits."""

import keras
import numpy as np
import pytest

from tfstab import Classifier, SearchConfig, SweepConfig, run_search, run_sweep

SWEEP = SweepConfig(sigmas=(1, 60, 120), copies=6)
SEARCH = SearchConfig(max_queries=300)


@pytest.fixture(scope="session")
def shaken(mnist_lenet):
    """The bundled network with its weights changed at random: another one, about as good."""
    model = keras.models.clone_model(mnist_lenet.model)
    rng = np.random.default_rng(0)
    model.set_weights([w * rng.normal(1, 0.3, w.shape) for w in mnist_lenet.model.get_weights()])
    return Classifier(model, mnist_lenet.class_names, "shaken")


@pytest.fixture(scope="session")
def sweeps(mnist_lenet, shaken, digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweeps")
    return [run_sweep(c, digits.take(40), SWEEP, folder / c.name) for c in (mnist_lenet, shaken)]


@pytest.fixture(scope="session")
def searches(mnist_lenet, shaken, digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("searches")
    return [run_search(c, digits.take(5), SEARCH, folder / c.name) for c in (mnist_lenet, shaken)]
