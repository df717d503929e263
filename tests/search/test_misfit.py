"""A model whose gradients do not fit its scores: searches that use them say so, and no ratio is made of their noise."""

import warnings

import keras
import numpy as np
import pytest
from keras import ops
from typer.testing import CliRunner

from tfstab import Classifier, Dataset, SearchConfig, run_search, search_minimum_noise
from tfstab.assessment.figures import Figures
from tfstab.assessment.noise_findings import noise_finding
from tfstab.cli.app import app
from tfstab.errors import InputError
from tfstab.experiments.comparison import compare
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.search_overview import overview_of_search
from tfstab.search.misfit import UNFIT

SHAPE = (6, 6, 1)
WALKS = SearchConfig("boundary", max_queries=100)


def in_pieces(values, width):
    return ops.multiply(ops.round(ops.divide(values, width)), width)


def backwards(scores):
    """The same values with slopes of the wrong sign."""
    return ops.add(ops.stop_gradient(ops.multiply(scores, 1.1)), ops.multiply(scores, -0.1))


def flat_pieces(values):
    """Steps of 32 grey levels with hardly a slope between them."""
    return ops.add(in_pieces(values, 32.0), ops.multiply(ops.subtract(values, in_pieces(values, 32.0)), 0.01))


def falling_pieces(values):
    """Rising steps of 32 grey levels that fall a little between them."""
    return ops.subtract(in_pieces(values, 32.0), ops.multiply(ops.subtract(values, in_pieces(values, 32.0)), 0.2))


def rounded_for_training(values):
    """Whole grey levels, with gradients that pass straight through, as in training for 8 bits."""
    return ops.add(values, ops.stop_gradient(ops.subtract(in_pieces(values, 1.0), values)))


def model(name, before=None, after=None, steep=1.0):
    """A model with fixed weights, with an operation before or after its layers."""
    rng = np.random.default_rng(0)
    given = values = keras.Input(SHAPE)
    values = before(values) if before else values
    hidden, last = keras.layers.Dense(12, "relu"), keras.layers.Dense(3, name="last")
    values = last(hidden(keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(values))))
    hidden.set_weights([rng.normal(size=(36, 12)), np.zeros(12)])
    last.set_weights([steep * rng.normal(size=(12, 3)), np.zeros(3)])
    values = after(values) if after else values
    return keras.Model(given, keras.layers.Softmax()(values), name=name)


def images_of(classifier, count=12):
    """Images with the model's own predictions as labels."""
    images = np.random.default_rng(1).integers(0, 256, (count, *SHAPE), np.uint8)
    return Dataset.from_arrays("random", "test", images, classifier.scores(images).argmax(axis=1))


@pytest.mark.parametrize(
    "operations",
    [{"after": backwards}, {"before": flat_pieces}, {"before": falling_pieces}],
    ids=["sign", "flat", "falling"],
)
def test_a_search_with_gradients_that_do_not_fit_says_so_wherever_its_noise_is_told(tmp_path, operations):
    classifier = Classifier(model("odd", **operations))
    data = images_of(classifier)
    with pytest.warns(UserWarning, match="The model's gradients do not fit its scores"):
        search_minimum_noise(classifier, data.take(1), config=WALKS)
    run = run_search(classifier, data.take(6), WALKS, tmp_path / "odd")
    assert run.notes == [UNFIT] and UNFIT in run.summary()
    assert UNFIT in noise_finding(Figures.of([run])).text
    assert UNFIT in overview_of_search(run, ("odd", [Entry.of(result) for result in run])).verdict[0]
    assert run_search(classifier, data, WALKS, tmp_path / "odd").notes == [UNFIT]  # resumed with more images
    plain = run_search(Classifier(model("plain", steep=2.0)), data, WALKS, tmp_path / "plain")
    with pytest.raises(
        InputError, match=r"gradients of at least one .* do not fit .* --engine labels --out FOLDER \(in P"
    ):
        compare(plain, run)
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / "odd")])
    assert "gradients do not fit its scores" in " ".join(told.output.split())
    without = run_search(classifier, data, SearchConfig("labels", max_queries=100), tmp_path / "labels")
    assert without.notes == []


@pytest.mark.parametrize(
    "honest",
    [{}, {"steep": 1000.0}, {"before": rounded_for_training}],
    ids=["plain", "saturated", "straight through"],
)
def test_nothing_is_said_of_honest_gradients(tmp_path, honest):
    classifier = Classifier(model("honest", **honest))
    data = images_of(classifier)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        search_minimum_noise(classifier, data.take(3), config=WALKS)
    assert run_search(classifier, data, WALKS, tmp_path / "honest").notes == []
