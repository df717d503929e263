"""Every remedy keeps the contract of `Remedy`, and its views are what it says."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from frozen import RECORD, record
from PIL import Image, ImageOps

from tfstab.degradations import augment
from tfstab.training.noise import LARGEST_SIGMA
from tfstab.training.remedies import REMEDIES, augmix, prime
from tfstab.training.remedies.consistency import divergence, jensen_shannon

AGAINST = augment({"speckle": (0.1, 0.5), "rotation": (5, 40)})  # for the mixtures
WITH_CLEAN = ("mixture_consistent", "stability", "augmix")


@pytest.fixture(scope="module")
def pictures():
    """Twelve smooth pictures in colour, 20 x 28, from black to white; the first two are the same."""
    rng = np.random.default_rng(4)
    coarse = rng.uniform(0, 255, (12, 5, 7, 3))
    images = tf.image.resize(coarse, (20, 28), "bicubic").numpy().clip(0, 255).round().astype(np.float32)
    images[1] = images[0]
    return images


def in_graph(remedy):
    """Its views of colour images, as a graph that knows neither their number nor their size."""

    specs = [tf.TensorSpec([None, None, None, 3]), tf.TensorSpec([2], tf.int64)]

    @tf.function(input_signature=specs, autograph=False)  # as in a training step
    def views(images, seed):
        return remedy.views(images, seed, AGAINST)

    return views


def drawn(views, images, seed=(3, 8)):
    return [view.numpy() for view in views(tf.constant(images), tf.constant(seed, tf.int64))]


@pytest.mark.parametrize("remedy", REMEDIES.values(), ids=REMEDIES)
def test_views_depend_on_the_seed_alone_and_are_images(remedy, pictures):
    for images, views in (
        (pictures, in_graph(remedy)),
        (pictures[:, :, :13, :1], lambda images, seed: remedy.views(images, seed, AGAINST)),
    ):
        first, again, other = drawn(views, images), drawn(views, images), drawn(views, images, seed=(3, 9))
        assert len(first) == remedy.passes
        for view, same, different in zip(first, again, other, strict=True):
            assert view.shape == images.shape and view.dtype == np.float32
            assert np.isfinite(view).all() and view.min() >= 0 and view.max() <= 255
            assert (view == same).all()
            clean = (view == images).all()
            assert clean == (remedy.name in WITH_CLEAN and view is first[0])
            assert clean or (view != different).any(axis=(1, 2, 3)).mean() > 0.8, "images of other seeds are the same"
            assert clean or (view[0] != view[1]).any(), "all images of a batch are changed in the same way"
        for view in drawn(views, images[:1]):  # too few to be changed in all ways
            assert view.shape == images[:1].shape and np.isfinite(view).all()


@pytest.mark.parametrize("remedy", REMEDIES.values(), ids=REMEDIES)
def test_the_loss_is_low_for_the_right_class_in_all_views_and_its_gradient_is_finite(remedy):
    labels = tf.constant([0, 2, 1], tf.int64)
    right = tf.constant(20 * np.eye(3, dtype=np.float32)[labels.numpy()])

    def loss(*logits):
        return float(remedy.loss(labels, [tf.nn.log_softmax(view) for view in logits]))

    assert loss(*[right] * remedy.passes) < 1e-3
    assert loss(*[-right] * remedy.passes) > 1
    for k in range(remedy.passes):
        assert loss(*[-right if k == view else right for view in range(remedy.passes)]) > 0.1, f"view {k} is not learnt"
    extreme = tf.Variable([[1e4, 0, -1e4], [-1e4, 1e4, 0], [0, 0, 0]])
    with tf.GradientTape() as tape:
        value = remedy.loss(labels, [tf.nn.log_softmax(extreme * (1 - k)) for k in range(remedy.passes)])
    assert np.isfinite(value) and np.isfinite(tape.gradient(value, extreme)).all()


def test_fresh_noise_has_each_sigma_up_to_the_largest(pictures):
    grey = np.full((400, 8, 8, 3), 128, np.float32)
    [noisy] = drawn(in_graph(REMEDIES["fresh_noise"]), grey)
    sigmas = noisy.std(axis=(1, 2, 3))
    np.testing.assert_allclose(np.quantile(sigmas, (0.25, 0.5, 0.75)) / LARGEST_SIGMA, (0.25, 0.5, 0.75), atol=0.07)


def test_patch_gaussian_leaves_what_is_outside_its_square():
    [noisy] = drawn(in_graph(REMEDIES["patch_gaussian"]), np.full((300, 40, 32, 3), 128, np.float32))
    changed = (noisy != 128).any(axis=3)
    rows, columns = changed.any(axis=2), changed.any(axis=1)
    assert (changed == rows[:, :, None] & columns[:, None]).all()
    assert rows.sum(axis=1).max() == columns.sum(axis=1).max() == 25
    assert rows[:, 0].any() and rows[:, -1].any() and columns[:, 0].any() and columns[:, -1].any()


def test_divergences_of_known_scores():
    a, b = tf.math.log([[0.5, 0.5]]), tf.math.log([[0.25, 0.75]])
    assert float(divergence(a, b)) == pytest.approx(0.5 * np.log(2) + 0.5 * np.log(2 / 3), abs=1e-6)
    assert float(jensen_shannon([a, a, a])) == pytest.approx(0, abs=1e-6)
    one, other = tf.math.log([[1.0, 0.0]]), tf.math.log([[0.0, 1.0]])
    assert float(jensen_shannon([one, other])) == pytest.approx(np.log(2), abs=1e-6)


def test_the_tables_of_augmix_are_those_of_pillow(pictures):
    images = tf.round(tf.image.resize(pictures, (128, 128)))  # Pillow's whole numbers are coarse in small ones
    for ours, theirs in ((augmix.CHANGES[0], ImageOps.autocontrast), (augmix.CHANGES[1], ImageOps.equalize)):
        expected = [np.asarray(theirs(Image.fromarray(image.astype(np.uint8)))) for image in images.numpy()]
        assert np.abs(ours(images, None) - np.stack(expected)).max() <= 4
        assert (ours(tf.fill((2, 5, 5, 1), 7.0), None) == 7).numpy().all(), "one grey level stays as it is"


@pytest.mark.parametrize(
    ("levels", "stretched", "equalised"),
    [
        ([7, 8], [0, 255], [0, 255]),
        ([10, 10, 20, 30], [0, 0, 128, 255], [0, 0, 170, 255]),  # none, two and three of the pixels are darker
        ([200, 100, 100], [255, 0, 0], [255, 0, 0]),
    ],
)
def test_the_tables_of_augmix_by_hand(levels, stretched, equalised):
    images = tf.reshape(tf.constant(levels, tf.float32), [1, 1, -1, 1])
    tables = [change(images, None).numpy().ravel().tolist() for change in augmix.CHANGES[:2]]
    assert tables == [stretched, equalised]


def test_augmix_leaves_black_images_black():
    views = REMEDIES["augmix"].views(tf.zeros((20, 6, 5, 1)), tf.constant([3, 8], tf.int64), AGAINST)
    assert not any(view.numpy().any() for view in views)


def test_the_changes_of_augmix_go_either_way_equally_often():
    """A bright pixel is shifted by up to a third of 0.3 of the width, 40 pixels."""
    images = np.zeros((4000, 1, 41, 1), np.float32)
    images[:, 0, 20] = 255
    shifts = (
        augmix.CHANGES[7](tf.constant(images), tf.constant([1, 2], tf.int64)).numpy()[:, 0, :, 0].argmax(axis=1) - 20
    )
    assert (shifts.min(), shifts.max()) == (-4, 4)
    assert abs((shifts > 0).sum() / (shifts != 0).sum() - 0.5) < 0.035


def test_the_changes_of_prime_are_a_filter_a_colour_curve_and_a_warp():
    across = np.tile(np.linspace(0, 255, 32, dtype=np.float32).round()[:, None], (300, 32, 1, 1))  # grey level: column
    seed = tf.constant([1, 2], tf.int64)
    filtered, coloured, warped = (change(tf.constant(across), seed).numpy() for change in prime.CHANGES)
    inner = filtered[:, 1:-1, 1:-1]
    assert (inner == inner[:, :1]).all(), "equal surroundings have equal results"
    assert filtered.min() == coloured.min() == 0 and filtered.max() == coloured.max() == 255
    assert (coloured == coloured[:, :1]).all(), "equal grey levels stay equal"
    np.testing.assert_allclose(coloured[:, :, (0, -1)], across[:, :, (0, -1)], atol=0.02)  # black and white stay
    assert ((coloured != across).any(axis=(1, 2, 3))).mean() > 0.95
    moved = np.abs(warped - across) * 31 / 255
    assert max(moved[:, :, (0, -1)].max(), moved[:, (0, -1)].max()) < 1e-3, "the edge stays in place"
    typical = np.sqrt((moved**2).mean(axis=(1, 2, 3)))
    assert 0.1 < np.quantile(typical, 0.1) < 0.6 and 1 < typical.max() < 6, "from half a pixel to a few pixels"


def test_views_changes_and_losses_are_as_recorded(pictures):
    """Drawn as the draws of a seed have it; within what last bits may move (`make frozen`)."""
    images, seed = tf.constant(pictures), tf.constant([5, 11], tf.int64)
    weights = np.random.default_rng(0).normal(size=(3, 20 * 28 * 3)) / 20
    seen = {f"{module.REMEDY.name} {change.__name__}": [change(images, seed)]
            for module in (augmix, prime) for change in module.CHANGES}  # fmt: skip
    seen |= {name: remedy.views(images, seed, AGAINST) for name, remedy in REMEDIES.items()}
    now = {name: [(weights @ view.numpy().reshape(12, -1).T).round(2).tolist() for view in views]
           for name, views in seen.items()}  # fmt: skip
    labels, logits = tf.constant([0, 2, 1], tf.int64), np.random.default_rng(1).normal(size=(3, 3, 3))
    for name, remedy in REMEDIES.items():
        log_scores = [tf.nn.log_softmax(tf.constant(view, tf.float32)) for view in logits[: remedy.passes]]
        now[f"{name} loss"] = round(float(remedy.loss(labels, log_scores)), 4)
    file = Path(__file__).with_name("remedies.json")
    if RECORD in os.environ:
        record(file, json.dumps(now, indent=0).replace(",\n", ", ").replace("[\n", "["))
    kept = json.loads(file.read_text("utf-8"))
    assert now.keys() == kept.keys()
    for name, values in now.items():
        np.testing.assert_allclose(values, kept[name], rtol=1e-3, atol=0.3 if " loss" not in name else 0, err_msg=name)
