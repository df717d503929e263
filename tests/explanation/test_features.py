"""Penultimate features: recorded for clean, noisy and degraded images, and reduced where there are many."""

from types import SimpleNamespace

import numpy as np
import pytest

from tfstab import Classifier
from tfstab.explanation import features
from tfstab.explanation.analysis import Material
from tfstab.explanation.features import FeatureReader, compute, pooling
from tfstab.runs import CleanImages


def small_network(flat=False):
    import keras

    keras.utils.set_random_seed(0)
    after = [keras.layers.Flatten()] if flat else [keras.layers.GlobalAveragePooling2D(), keras.layers.Rescaling(2.0)]
    body = [keras.layers.Conv2D(6, 3, padding="same", activation="relu"), *after, keras.layers.Dense(3)]
    return keras.Sequential([keras.Input((4, 4, 1)), *body])


def material(classifier, sigma=5.0):
    images = np.random.default_rng(0).integers(60, 190, (3, 4, 4, 1), np.uint8)
    classes = np.zeros(3, np.int64)
    clean = CleanImages(images, classes, np.array([4, 7, 9]), classifier.scores(images))
    noise = np.zeros(images.shape, np.float32)
    noise[0] = 3
    config = SimpleNamespace(sigma=sigma, seed=1)
    return Material(classifier, config, clean, clean, noise, np.array([True, False, False]))


def test_features_are_what_the_last_layer_takes():
    model = small_network()
    given = material(Classifier(model, name="small"))
    found = compute(given)
    inner = model.layers[0](given.images)
    np.testing.assert_allclose(found["clean"], 2 * np.mean(inner, axis=(1, 2)), rtol=1e-5)
    assert {name: (array.shape, array.dtype) for name, array in found.items()} == dict.fromkeys(
        ("clean", "degraded", "noisy"), ((3, 6), np.dtype(np.float32))
    )
    assert (found["degraded"][1:] == found["clean"][1:]).all()  # without minimum noise
    assert (found["degraded"][0] != found["clean"][0]).any() and (found["noisy"] != found["clean"]).any(axis=1).all()


def test_members_of_an_ensemble_stand_side_by_side():
    from tfstab import make_ensemble

    one, two = Classifier(small_network(), name="one"), Classifier(small_network(flat=True), name="two")
    found = compute(material(make_ensemble([one, two])))
    assert found["clean"].shape == (3, 6 + 96)


def test_many_features_are_projected_and_keep_their_distances(monkeypatch):
    classifier = Classifier(small_network(flat=True), name="flat")
    whole = compute(material(classifier))["clean"]
    monkeypatch.setattr(features, "MOST_FEATURES", 64)
    classifier = Classifier(small_network(flat=True), name="flat")
    few, again = compute(material(classifier)), compute(material(classifier))
    assert whole.shape[1] == 96 and few["clean"].shape[1] == 64
    assert all((few[name] == again[name]).all() for name in few)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        apart = np.linalg.norm(few["clean"][a] - few["clean"][b]) / np.linalg.norm(whole[a] - whole[b])
        assert apart == pytest.approx(1, abs=0.35)  # sqrt(2 / 64) is 0.18


def test_map_of_features_is_averaged():
    classifier = Classifier(small_network(), name="small")
    ramp = np.arange(32, dtype=np.float32).reshape(1, 4, 4, 2)
    network = SimpleNamespace(look=lambda images: SimpleNamespace(features=images[..., :1] * 0 + ramp))
    reader = FeatureReader(network, classifier, 8)
    found = reader(np.zeros((1, 4, 4, 1), np.float32))
    assert found.shape == (1, 8)
    np.testing.assert_allclose(found[0, :2], ramp[0, :2, :2].mean(axis=(0, 1)))


@pytest.mark.parametrize(
    ("shape", "side"), [((7, 7, 64), 1), ((14, 14, 64), 2), ((7, 7, 2048), 7), ((9, 5, 100_000), 9), ((15, 15, 64), 2)]
)
def test_pooling_is_the_least_that_makes_the_features_few_enough(shape, side):
    assert pooling(shape, 4096) == side
