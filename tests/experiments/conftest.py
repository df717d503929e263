"""Two networks that differ and their runs of the same digits, and made-up runs before and after a remedy."""

import keras
import numpy as np
import pytest
from remedy_runs import BLUR, COUNT, NOISE, copies

from made_runs import made_search, made_sweep
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


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Noise helps half of the images more after than before; blur only changes one of 200; a tenth is wrong clean."""
    folder = tmp_path_factory.mktemp("remedy")
    wrong = (np.arange(COUNT) % 10 == 0).astype(int)
    half = (np.arange(COUNT) % 2)[:, None]
    shares = {"one": 0.25 + 0.25 * half, "two": 0.5 + 0.5 * half}
    made = {}
    for name, share in shares.items():
        given = copies(NOISE, np.repeat(share, 2, axis=1))
        noise = made_sweep(folder / name / "noise", NOISE, given, None, wrong, name=name)
        right = np.ones((COUNT, 2))
        right[:50] = 0
        right[0] = name == "two"
        blur = made_sweep(folder / name / "blur", BLUR, copies(BLUR, right), None, wrong, name=name)
        l2 = np.full(COUNT, 10.0 if name == "one" else 15.0)
        l2[1] = np.inf
        made[name] = [
            noise,
            blur,
            made_search(folder / name / "search", l2, None, wrong, name=name, config=SearchConfig("boundary")),
        ]
    return made
