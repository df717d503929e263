"""Integrated gradients have the axioms of Sundararajan et al. (2017), as far as equal steps allow."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import SHAPE, dense, material

from tfstab.explanation.analysis import problem_of
from tfstab.explanation.attribution import ATTRIBUTION, MOST_STEPS, TOLERANCE, compute, integrated_gradients

PIXELS, HIDDEN, CLASSES = 16, 12, 3
MARGIN = np.array([1, -1, 0], np.float32)  # weights of the log-scores


@pytest.fixture(scope="module")
def relu():
    return dense(HIDDEN, HIDDEN, CLASSES)


@pytest.fixture(scope="module")
def linear():
    return dense(CLASSES)


def random_weights(rng, *sizes):
    """Kernels and biases of dense layers, for grey levels, with margins of a few nats."""
    weights = []
    for k, (given_size, size) in enumerate(itertools.pairwise(sizes)):
        scale = (1 / 128 if k == 0 else 1) * 2 / np.sqrt(given_size)
        weights += [rng.normal(0, scale, (given_size, size)), rng.normal(0, 1, size)]
    return [array.astype(np.float32) for array in weights]


def margin_of(weights, images):
    """f_0 - f_1 of a network of dense layers, in NumPy."""
    values = images.reshape(len(images), -1).astype(np.float64)
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        values = np.maximum(values @ kernel + bias, 0)
    logits = values @ weights[-2] + weights[-1]
    return logits[:, 0] - logits[:, 1]


def integrate(classifier, start, stop, weights=MARGIN, **options):
    return integrated_gradients(classifier, start, stop, np.tile(weights, (len(start), 1)), **options)


def two_images(rng, count=4):
    return rng.uniform(0, 255, (2, count, *SHAPE)).astype(np.float32)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_attributions_sum_to_the_difference_of_the_margins(relu, seed):
    rng = np.random.default_rng(seed)
    weights = random_weights(rng, PIXELS, HIDDEN, HIDDEN, CLASSES)
    relu.model.set_weights(weights)
    start, stop = two_images(rng)
    integral = integrate(relu, start, stop)
    difference = margin_of(weights, stop) - margin_of(weights, start)
    np.testing.assert_allclose(integral.stop - integral.start, difference, rtol=1e-4, atol=1e-4)
    missing = np.abs(integral.attributions.sum(axis=(1, 2, 3)) - difference)
    assert (missing <= TOLERANCE * np.maximum(np.abs(difference), 1) + 1e-3).all()
    np.testing.assert_allclose(integral.error, missing / np.maximum(np.abs(difference), 1), atol=1e-3)
    assert (integral.steps <= MOST_STEPS).all()


def test_of_a_linear_network_they_are_gradient_times_difference(linear):
    rng = np.random.default_rng(0)
    kernel, bias = random_weights(rng, PIXELS, CLASSES)
    linear.model.set_weights([kernel, bias])
    start, stop = two_images(rng)
    expected = (kernel[:, 0] - kernel[:, 1]).reshape(SHAPE) * (stop - start).astype(np.float64)
    np.testing.assert_allclose(integrate(linear, start, stop).attributions, expected, rtol=1e-4, atol=1e-5)


def test_a_pixel_that_the_network_ignores_gets_nothing(relu):
    rng = np.random.default_rng(1)
    weights = random_weights(rng, PIXELS, HIDDEN, HIDDEN, CLASSES)
    weights[0][5] = 0
    relu.model.set_weights(weights)
    flat = integrate(relu, *two_images(rng)).attributions.reshape(4, -1)
    assert (flat[:, 5] == 0).all() and (np.delete(flat, 5, axis=1) != 0).all()


def test_they_are_linear_in_the_output_that_is_attributed(relu):
    rng = np.random.default_rng(2)
    relu.model.set_weights(random_weights(rng, PIXELS, HIDDEN, HIDDEN, CLASSES))
    start, stop = two_images(rng)
    other = np.array([0, 2, -2], np.float32)
    fixed = {"first": 16, "most": 16}
    together = integrate(relu, start, stop, MARGIN + 3 * other, **fixed).attributions
    apart = [integrate(relu, start, stop, weights, **fixed).attributions for weights in (MARGIN, other)]
    np.testing.assert_allclose(together, apart[0] + 3 * apart[1], rtol=1e-3, atol=1e-4)


def test_networks_that_compute_the_same_get_the_same(relu):
    rng = np.random.default_rng(3)
    weights = random_weights(rng, PIXELS, HIDDEN, HIDDEN, CLASSES)
    start, stop = two_images(rng)
    relu.model.set_weights(weights)
    first = integrate(relu, start, stop).attributions
    order, scale = rng.permutation(HIDDEN), rng.uniform(0.5, 2, HIDDEN).astype(np.float32)
    same = [weights[0][:, order] * scale, weights[1][order] * scale, weights[2][order] / scale[:, None], *weights[3:]]
    relu.model.set_weights(same)
    np.testing.assert_allclose(integrate(relu, start, stop).attributions, first, rtol=1e-3, atol=1e-4)


def test_the_maps_of_a_run(linear):
    rng = np.random.default_rng(4)
    kernel, bias = random_weights(rng, PIXELS, CLASSES)
    linear.model.set_weights([kernel, bias])
    images = rng.integers(60, 200, (3, *SHAPE), np.uint8)
    noise = rng.uniform(-50, 50, (3, *SHAPE))
    found, classes = np.array([True, False, True]), np.array([0, 1, 2])
    given = material(linear, images, noise * found[:, None, None, None], classes, found)
    arrays = compute(given)
    sizes = {"image": 3, "h": 4, "w": 4, "c": 1, "class": CLASSES}
    assert problem_of(arrays, ATTRIBUTION.fields, sizes) is None
    assert (arrays["rival"] != classes).all()
    baseline, clean, degraded = arrays["margins"].T
    np.testing.assert_allclose(arrays["clean"].sum(axis=(1, 2), dtype=float), clean - baseline, atol=0.02)
    for name, expected in (("path", clean - degraded), ("degraded", degraded - baseline)):
        np.testing.assert_allclose(arrays[name].sum(axis=(1, 2), dtype=float)[found], expected[found], atol=0.02)
        assert np.isnan(arrays[name][~found]).all()
    np.testing.assert_allclose(arrays["gradient_noise"], arrays["path"], atol=0.01)  # the network is linear
    assert arrays["steps"].tolist() == [[16, 16, 16], [16, 0, 0], [16, 16, 16]]


def test_dividing_steps_gives_what_as_many_steps_give_at_once(relu):
    rng = np.random.default_rng(5)
    relu.model.set_weights(random_weights(rng, PIXELS, HIDDEN, HIDDEN, CLASSES))
    start, stop = two_images(rng)
    divided = integrate(relu, start, stop, tolerance=0, first=4, most=36)
    at_once = integrate(relu, start, stop, first=36, most=36)
    assert divided.steps.tolist() == at_once.steps.tolist() == [36] * 4
    np.testing.assert_allclose(divided.attributions, at_once.attributions, rtol=1e-5, atol=1e-6)


def test_a_path_of_no_length_is_not_divided(linear):
    start, _ = two_images(np.random.default_rng(6))
    integral = integrate(linear, start, start, tolerance=0, first=4, most=36)
    assert integral.steps.tolist() == [4] * 4 and not integral.attributions.any() and not integral.error.any()
