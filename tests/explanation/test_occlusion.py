"""Occlusion points at what a network looks at, and the share of the noise's pixels is one that flips the image."""

import numpy as np
import pytest
from small import dense, material, of_function

from tfstab.explanation.analysis import problem_of
from tfstab.explanation.occlusion import FACTORS, OCCLUSION, compute, window_edges

SHAPE = (10, 12, 1)
PIXEL = (3, 7)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(100, 120, (3, *SHAPE), np.uint8)


def looks_at_one_pixel(images):
    return (images[:, PIXEL[0], PIXEL[1], 0] - 80) / 10


def test_a_classifier_of_one_pixel(images):
    images[:, PIXEL[0], PIXEL[1]] = 140
    noise = np.random.default_rng(1).uniform(-5, 5, (3, *SHAPE))
    noise[:, PIXEL[0], PIXEL[1]] = -60.5
    noise[1] = 0
    found = np.array([True, False, True])
    arrays = compute(material(of_function(looks_at_one_pixel, SHAPE), images, noise, found=found))
    assert problem_of(arrays, OCCLUSION.fields, {"image": 3, "h": 10, "w": 12, "c": 1, "class": 2}) is None
    window = [int(np.searchsorted(window_edges(n), p, "right") - 1) for n, p in zip(SHAPE, PIXEL, strict=False)]
    fall = (140 - images.mean(axis=(1, 2, 3))) / 10
    for k in range(3):
        np.testing.assert_allclose(arrays["clean"][k][tuple(window)], fall[k], rtol=1e-4)
        assert np.count_nonzero(np.abs(arrays["clean"][k]) > 1e-5) == 1
    assert arrays["degraded"][0][tuple(window)] < 0 and np.isnan(arrays["degraded"][1]).all()
    np.testing.assert_allclose(arrays["share"][found], 1 / 120)
    assert np.isnan(arrays["share"][1]).all() and not arrays["mask"][1].any()
    assert arrays["mask"][found].sum() == 2 * len(FACTORS) and arrays["mask"][found][:, :, PIXEL[0], PIXEL[1]].all()


def test_windows_are_few_and_cover_the_image():
    for size in (1, 2, 7, 8, 9, 28, 224):
        edges = window_edges(size)
        assert edges[0] == 0 and edges[-1] == size and len(edges) <= 9 and (np.diff(edges) > 0).all()


def test_the_masks_flip_and_one_pixel_less_does_not(images):
    classifier = dense(6, 2, shape=SHAPE)
    rng = np.random.default_rng(2)
    classifier.model.set_weights(
        [rng.normal(0, s, np.shape(w)) for w, s in zip(classifier.model.weights, (0.01, 0.1, 1, 0.1), strict=True)]
    )
    classes = classifier.scores(images).argmax(axis=1)
    weights = np.where(classes[:, None] == np.arange(2), 1, -1)
    _, gradients = classifier.gradients(images, weights)
    noise = -gradients / np.linalg.norm(gradients.reshape(3, -1), axis=1)[:, None, None, None]
    for k, image in enumerate(images):  # the first length along the gradient that flips it
        lengths = np.linspace(0, 1000, 2000, dtype=np.float32)[:, None, None, None]
        flipped = classifier.scores(np.clip(image + lengths * noise[k], 0, 255)).argmax(axis=1) != classes[k]
        noise[k] *= lengths[flipped.argmax()]
        assert flipped.any()
    arrays = compute(material(classifier, images, noise, classes))
    for f, factor in enumerate(FACTORS):
        mask = arrays["mask"][:, f, ..., None]
        degraded = np.clip(images + np.float32(factor) * noise * mask, 0, 255)
        assert (classifier.scores(degraded).argmax(axis=1) != classes).all()
        np.testing.assert_allclose(arrays["share"][:, f], mask.mean(axis=(1, 2, 3)))
    assert (np.diff(arrays["share"], axis=1) < 0).all()  # more noise, fewer pixels


def test_the_noise_found_flips_even_where_more_of_it_does_not():
    """The noise of the 4 largest pixels darkens enough; that of 8 does not, and that of all 12 does."""
    images = np.full((1, 3, 4, 1), 128, np.uint8)
    noise = np.repeat([-20, 15, -14], 4).reshape(images.shape)
    classifier = of_function(lambda images: (images.sum(axis=(1, 2, 3)) - 12 * 128 + 70) / 100, images.shape[1:])
    arrays = compute(material(classifier, images, noise))
    np.testing.assert_allclose(arrays["share"], [[4 / 12, 2 / 12, 1 / 12]])
    for factor, mask in zip(FACTORS, arrays["mask"][0], strict=True):
        assert classifier.scores(images + np.float32(factor) * noise * mask[..., None]).argmax() == 1


def test_without_gradients_the_largest_noise_counts_first(images):
    """Every pixel counts the same, so that the smallest number of pixels is known."""
    start = float(images[0].sum())
    classifier = of_function(lambda images: (images.sum(axis=(1, 2, 3)) - start) / 100 + 10, SHAPE)
    noise = -np.random.default_rng(3).uniform(5, 25, (1, *SHAPE)).astype(np.float32)
    arrays = compute(material(classifier, images[:1], noise))
    largest = np.sort(-noise.ravel())[::-1].cumsum()
    for factor, share in zip(FACTORS, arrays["share"][0], strict=True):
        assert round(share * noise.size) == 1 + np.flatnonzero(factor * largest <= 1000).max(initial=-1) + 1


def test_noise_is_clipped_and_a_margin_of_0_is_no_flip():
    """A dark image flips if a pixel is black, a bright one if a pixel is brighter than white."""
    images = np.repeat(np.array([5, 250], np.uint8), 6).reshape(2, 2, 3, 1)
    noise = np.where(images < 9, -30.0, 30.0) * (1 + (np.arange(6).reshape(2, 3, 1) == 4))

    def margin(images):
        darkest, brightest = images.min(axis=(1, 2, 3)), images.max(axis=(1, 2, 3))
        return np.where(brightest > 128, 255 - brightest, darkest - 0.5)

    arrays = compute(material(of_function(margin, (2, 3, 1)), images, noise))
    np.testing.assert_allclose(arrays["share"], [[1 / 6] * 3, [np.nan] * 3])
