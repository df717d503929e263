"""What is read from Keras' private attributes is there, and means what the module says."""

import re
from pathlib import Path

import keras
import pytest

import tfstab
from tfstab.classifier.keras_graph import is_functional, last_layer, nested_layers, producer

layers = keras.layers


@pytest.fixture(scope="module")
def inner():
    return keras.Sequential([layers.Input((4,)), layers.Dense(3, name="first"), layers.Softmax(name="last")])


@pytest.fixture(scope="module")
def shared(inner):
    """A model that uses another one twice, and adds both results."""
    images = keras.Input((4,))
    return keras.Model(images, layers.Add(name="sum")([inner(images), inner(-images)]))


def test_nested_layers_lists_the_layers_of_inner_models_but_not_the_model_itself(shared, inner):
    found = list(nested_layers(shared))
    assert shared not in found and inner in found
    assert {"first", "last", "sum"} <= {layer.name for layer in found}
    assert [layer.name for layer in nested_layers(inner) if layer.name in ("first", "last")] == ["first", "last"]


def test_the_last_layer_comes_with_the_tensors_that_it_takes(shared, inner):
    layer, terms = last_layer(shared)
    assert layer.name == "sum" and len(terms) == 2
    # One layer with two uses: each output leads to the inputs of its own use.
    (one, (plain,)), (other, (negated,)) = map(producer, terms)
    assert one is other is inner
    assert plain is shared.inputs[0] and negated is not plain
    assert producer(negated)[1][0] is plain


def test_a_subclassed_model_does_not_show_its_connections(shared):
    class Own(keras.Model):
        def call(self, images):
            return images

    assert is_functional(shared) and not is_functional(Own())


def test_one_module_alone_reads_private_attributes_of_keras():
    root = Path(tfstab.__file__).parent
    private = re.compile(r"\._(flatten_layers|keras_history|inbound_nodes|outbound_nodes|operations|nodes)\b")
    found = {path.name for path in [*root.rglob("*.py")] if private.search(path.read_text("utf-8"))}
    assert found == {"keras_graph.py"}
