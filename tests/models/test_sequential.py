"""A Sequential model that is built only once while it is loaded is the same as the one that Keras loads."""

import copy
import threading

import keras
import numpy as np
import pytest

from tfstab import load_classifier
from tfstab.models import keras_files
from tfstab.models.copying import copy_classifier, copy_model
from tfstab.models.sequential import built_once

dense = keras.layers.Dense


@keras.saving.register_keras_serializable("tests")
class Called(dense):
    """A layer that counts its calls."""

    calls = 0

    def __call__(self, *given, **settings):
        Called.calls += 1
        return super().__call__(*given, **settings)


@keras.saving.register_keras_serializable("tests")
class OwnSequential(keras.Sequential):
    """A class of one's own, which may make itself from its settings in another way."""


def of(*layers, kind=keras.Sequential):
    return kind([keras.Input((3,)), *layers], name="given")


MODELS = {
    "layers": lambda: of(dense(4, activation="relu"), keras.layers.Dropout(0.5, seed=1), dense(2)),
    "one in another": lambda: of(of(dense(4), dense(3)), dense(2)),
    "without its input": lambda: built(keras.Sequential([dense(4), dense(2)], name="given")),
    "never built": lambda: keras.Sequential([dense(4), dense(2)], name="given"),
    "no layers": lambda: keras.Sequential(name="given"),
    "a class of one's own": lambda: of(dense(2), kind=OwnSequential),
    "in a functional one": lambda: functional(of(dense(4), dense(2))),
}


def built(model):
    model.build((None, 3))
    return model


def functional(inner):
    inputs = keras.Input((3,))
    return keras.Model(inputs, inner(inputs))


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_is_the_one_that_keras_makes(kind):
    given = MODELS[kind]()
    settings = given.get_config()
    expected = type(given).from_config(copy.deepcopy(settings))
    with built_once():
        made = type(given).from_config(copy.deepcopy(settings))
    assert type(made) is type(expected) and made.built == expected.built
    assert made.get_config() == expected.get_config() == settings
    if made.built and made.layers:
        made.set_weights(given.get_weights())
        images = np.random.default_rng(0).normal(size=(5, 3))
        assert np.array_equal(made.predict(images, verbose=0), given.predict(images, verbose=0))


def test_loading_and_copying_call_each_layer_once(tmp_path):
    images = [keras.Input((2, 2, 1)), keras.layers.Flatten()]
    model = keras.Sequential([*images, Called(4), *(dense(4) for _ in range(5)), dense(2)])
    classifier = load_classifier(model, outputs="logits")

    def calls(make):
        Called.calls = 0
        make()
        return Called.calls

    path = tmp_path / "m.keras"
    model.save(path)
    ways = (
        lambda: keras_files.read_keras(path, "m", trust=True),
        lambda: keras_files.read_keras(path, "m", trust=False, is_ours=True),
        lambda: copy_model(model),
    )
    assert [calls(way) for way in ways] == [1] * len(ways)
    assert calls(lambda: keras.saving.load_model(path)) == 7, "Keras calls it again for each layer after it"
    assert calls(lambda: copy_classifier(classifier, "copy")) < 7, "some calls are its checks"
    assert copy_classifier(classifier, "copy").fingerprint == classifier.fingerprint


def test_other_threads_and_what_comes_afterwards_are_left_to_keras():
    settings, original = of(dense(2)).get_config(), keras.Sequential.__dict__["from_config"]
    with pytest.raises(ValueError, match="'name' and 'layers' keys"), built_once():
        keras.Sequential.from_config({})
    assert keras.Sequential.__dict__["from_config"] is original
    settings["layers"][1]["class_name"] = "Unknown"
    with pytest.raises(ValueError, match="Unknown"), built_once():
        keras.Sequential.from_config(settings)
    assert keras.Sequential.__dict__["from_config"] is original
    model, made = of(Called(4), dense(2), dense(2)).get_config(), []
    Called.calls = 0
    with built_once():
        other = threading.Thread(target=lambda: made.append(keras.Sequential.from_config(model)))
        other.start()
        other.join()
    assert Called.calls == 3 and made[0].built
