"""A cause that is planted in a network is named; tests/benchmarks/planted_causes.py does it with a hundred networks."""

import numpy as np
import pytest
from benchmarks import planting

from tfstab import Classifier
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.explanation.cause import causes_of
from tfstab.explanation.lead import lead


@pytest.fixture(scope="module")
def others(digits):
    """600 digits to plant with; the 120 before them are explained."""
    return digits.take(720).without(digits.take(120))


@pytest.fixture(scope="module")
def explain(mnist_lenet, digits, tmp_path_factory):
    """Change a copy of the bundled network for digits, and explain it."""
    model = planting.copy_of(mnist_lenet.model)
    untouched = model.get_weights()
    classifier = Classifier(model)

    def explained(change):
        model.set_weights(untouched)
        vars(classifier).pop("fingerprint", None)  # of the weights before
        change(model)
        config = ExplanationConfig(copies=4, only=("layers", "kernels"))
        return run_explanation(classifier, digits.take(150), config, tmp_path_factory.mktemp("planted") / "run")

    return explained


def test_no_cause_is_named_if_one_layer_is_scaled_up_and_the_next_one_down(explain):
    """The network computes the same as before."""

    def rescaled(model):
        planting.rescale(model, "conv2d", 10)
        planting.rescale(model, "dense", 0.2)

    run = explain(rescaled)
    assert causes_of(run) == []
    assert lead(run).startswith("No single cause")


def test_a_gain_is_named_with_its_layer(explain, others):
    def amplified(model):
        found = planting.directions(model, "conv2d_1", others.images[:100])
        planting.gain(model, "conv2d_1", found, low=0.01, strength=8)

    [cause] = causes_of(explain(amplified))
    assert (cause.kind, cause.layer) == ("gain", "conv2d_1") and cause.figure.low > cause.threshold


def test_high_frequencies_in_the_first_kernels_are_named(explain):
    [cause] = causes_of(explain(lambda model: planting.high_frequency(model, 1.4)))
    assert cause.kind == "high" and cause.figure.value > 1


def test_two_classes_moved_together_are_a_slim_margin(explain):
    [cause] = causes_of(explain(lambda model: planting.slim_margin(model, (6, 7), 0.3)))
    assert cause.kind == "margin" and set(cause.classes) == {6, 7}
    assert "6 and 7" in cause.text or "7 and 6" in cause.text


def test_wrong_labels_in_training_are_a_class_that_the_network_is_unsure_of(explain, others):
    labels = planting.noisy_labels(others.labels, 8, 0.6, np.arange(10))

    def trained(model):
        planting.fine_tune(model, planting.features(model, "dense_1", others.images), labels)

    [cause] = causes_of(explain(trained))
    assert (cause.kind, cause.classes) == ("clean", (8,))
