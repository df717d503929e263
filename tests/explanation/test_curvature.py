"""Curvature is 0 for a linear network and known for a quadratic one; lines and plane are where they are said to be."""

import numpy as np
import pytest
from small import SHAPE, material, of_function

from tfstab.explanation.analysis import problem_of
from tfstab.explanation.curvature import ACROSS, ALONG, CURVATURE, RANDOM, STEPS, WHOLE, compute, directions_of

IMAGES = np.full((2, *SHAPE), 128, np.uint8)
NOISE = np.full((2, *SHAPE), -8.0)
FOUND = np.array([True, False])


def brightness(images):
    return (images.mean(axis=(1, 2, 3)) - 120) / 4  # 2 nats when clean, 0 with the noise


@pytest.fixture(scope="module")
def linear():
    given = material(of_function(brightness), IMAGES, NOISE, found=FOUND, sigma=5)
    return given, compute(given)


def test_a_linear_network_is_straight_everywhere(linear):
    given, arrays = linear
    assert problem_of(arrays, CURVATURE.fields, {"image": 2, "h": 4, "w": 4, "c": 1, "class": 2}) is None
    np.testing.assert_allclose(arrays["noise"][0], 2 * (1 - STEPS), atol=1e-5)
    np.testing.assert_allclose(arrays["bends"][0], 0, atol=1e-4)
    copy = np.linalg.norm(5 * given.random_noise(0, 1))  # the first, at sigma 5
    np.testing.assert_allclose(arrays["length"][0], [np.linalg.norm(NOISE[0]), copy], rtol=1e-5)
    for name in ("noise", "random", "copies", "bends", "length", "plane"):
        assert np.isnan(arrays[name][1]).all() and np.isfinite(arrays[name][0]).all()


@pytest.mark.parametrize(("power", "bend"), [(2, 2.0), (0.5, 4 - 8 * 0.5**0.5), (1, 0.0)])
def test_bends_of_known_functions(power, bend):
    def margin(images):
        lead = (images.mean(axis=(1, 2, 3)) - 120) / 8
        return np.sign(lead) * np.abs(lead) ** power

    arrays = compute(material(of_function(margin), IMAGES[:1], NOISE[:1]))
    np.testing.assert_allclose(arrays["bends"][0, 0], bend, atol=1e-3)


def test_the_plane_is_spanned_by_the_noise_and_what_a_copy_adds(linear):
    given, arrays = linear
    across = directions_of(given, 0)[-1]
    assert abs((across * NOISE[0]).sum()) < 1e-2
    images = 128 + ALONG[:, None, None, None, None] * NOISE[0] + ACROSS[:, None, None, None] * across
    expected = brightness(images.reshape(-1, *SHAPE)).reshape(len(ALONG), len(ACROSS))
    np.testing.assert_allclose(arrays["plane"][0], expected, atol=1e-4)
    clean, whole = np.flatnonzero(ALONG == 0)[0], np.flatnonzero(ALONG == 1)[0]
    middle = len(ACROSS) // 2
    np.testing.assert_allclose(arrays["plane"][0][[clean, whole], middle], arrays["noise"][0][[0, WHOLE]], atol=1e-5)


def test_random_directions_are_as_long_as_the_noise_and_stay_within_the_grey_levels():
    images = np.random.default_rng(0).choice(np.array([0, 255, 100], np.uint8), (1, *SHAPE))
    given = material(of_function(brightness), images, NOISE[:1], sigma=5)
    directions = directions_of(given, 0)
    short, far = directions[1 : 1 + RANDOM], directions[1 + RANDOM : 1 + 2 * RANDOM]
    np.testing.assert_allclose(np.linalg.norm(short.reshape(RANDOM, -1), axis=1), np.linalg.norm(NOISE[0]), rtol=1e-5)
    assert (short[:, images[0] == 0] >= 0).all() and (short[:, images[0] == 255] <= 0).all()
    np.testing.assert_allclose(far, 5 * given.random_noise(0, RANDOM), rtol=1e-5)
