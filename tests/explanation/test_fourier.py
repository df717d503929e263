"""The real Fourier basis, its rings, and the spectrum of images."""

import numpy as np
import pytest
from explanation.small import material, of_function
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tfstab.explanation import fourier
from tfstab.explanation.image_words import spectrum_of
from tfstab.explanation.spectrum import SPECTRUM

sizes = st.integers(1, 9)


@given(sizes, sizes)
def test_cosines_and_sines_of_half_the_frequencies_are_an_orthonormal_basis_of_all_images(height, width):
    half = fourier.half_plane(height, width)
    pairs = half[~fourier.alone(half, height, width)]
    cosines = fourier.waves(half, np.zeros(len(half)), height, width)
    sines = fourier.waves(pairs, np.full(len(pairs), -np.pi / 2), height, width)
    basis = np.concatenate([cosines, sines]).reshape(-1, height * width)
    np.testing.assert_allclose(basis @ basis.T, np.eye(height * width), atol=1e-12)


@given(sizes, sizes, st.floats(0, 7))
def test_a_basis_matrix_is_real_and_has_a_frequency_and_its_partner_only(height, width, phase):
    half = fourier.half_plane(height, width)
    for (down, across), matrix in zip(half, fourier.waves(half, np.full(len(half), phase), height, width), strict=True):
        assert np.isrealobj(matrix)
        spectrum = np.abs(np.fft.fft2(matrix, norm="ortho")) ** 2
        there = {(down % height, across % width), (-down % height, -across % width)}
        assert set(zip(*np.nonzero(spectrum > 1e-12), strict=True)) == there
        np.testing.assert_allclose(spectrum.sum(), 1)


@given(sizes, sizes)
def test_the_opposite_frequency_has_the_same_matrix(height, width):
    half = fourier.half_plane(height, width)
    phases = np.linspace(0, 6, len(half))
    np.testing.assert_allclose(
        fourier.waves(half, phases, height, width), fourier.waves(-half, -phases, height, width), atol=1e-12
    )
    both = {tuple(pair % (height, width)) for pair in np.concatenate([half, -half])}
    assert len(both) == height * width  # with their partners, they are all frequencies


@given(arrays(np.float64, (2, 5, 6, 3), elements=st.floats(-255, 255, width=16)))
def test_energy_is_the_sum_of_squares_and_shares_sum_to_1(images):
    energy = fourier.energy(images)
    np.testing.assert_allclose(energy.sum(axis=(1, 2)), (images**2).sum(axis=(1, 2, 3)), rtol=1e-9, atol=1e-9)
    sums = fourier.by_ring(fourier.shares(energy)).sum(axis=1)
    np.testing.assert_allclose(sums, np.where(images.any(axis=(1, 2, 3)), 1, np.nan))


def test_values_that_cancel_have_no_shares():
    assert np.isnan(fourier.shares(np.array([[1.0, -1.0]]))).all()


def test_white_noise_has_the_spectrum_that_is_stated():
    energy = fourier.energy(np.random.default_rng(0).normal(size=(2000, 12, 9, 1)))
    np.testing.assert_allclose(fourier.by_ring(energy).sum(axis=0) / energy.sum(), fourier.white(12, 9), atol=0.003)
    assert fourier.white(12, 9).sum() == pytest.approx(1)
    assert fourier.white_median(200, 200) == pytest.approx(
        2 * np.sqrt(0.5 / np.pi), abs=0.01
    )  # half of a square's area


@pytest.mark.parametrize(("down", "across", "radius"), [(0, 1, 0.2), (3, 0, 0.6), (3, 4, 1.0), (5, 5, 1.41421)])
def test_spectrum_of_stripes_is_their_frequency(down, across, radius):
    noise = 20 * fourier.waves(np.array([[down, across]]), np.array([0.3]), 10, 10)[:, :, :, None]
    pixels = np.random.default_rng(0).integers(0, 256, (1, 10, 10, 1), np.uint8)
    given = material(of_function(lambda images: images.mean(axis=(1, 2, 3)), (10, 10, 1)), pixels, noise)
    found = SPECTRUM.compute(given)
    assert found["noise_median"][0] == pytest.approx(radius, abs=1e-4)
    assert found["noise"][0, int(fourier.ring_of(np.array([radius]))[0])] == pytest.approx(1)
    assert found["image"].sum() == pytest.approx(1)


def test_spectra_of_an_image_have_each_of_its_frequencies():
    """Waves of four pixels down and across have together as much energy as stripes of two."""
    wave, stripes = np.array([1, 0, -1, 0]), np.array([1, -1, 1, -1])
    image = (100 + 20 * (wave[:, None] + wave + stripes)).astype(np.uint8)[..., None]
    given = material(of_function(lambda images: images.mean(axis=(1, 2, 3))), image[None], np.zeros((1, 4, 4, 1)))
    expected = np.where(np.isin(np.arange(fourier.RINGS), (5, 10)), 0.5, 0)
    for found in (SPECTRUM.compute(given)["image"][0], spectrum_of(image, image).image):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    assert fourier.median_radius(np.ones((1, 1, 1))).tolist() == [0]


def test_no_spectrum_where_there_is_no_noise_or_one_grey_level():
    pixels = np.full((2, 4, 4, 1), 100, np.uint8)
    noise = np.random.default_rng(0).normal(size=pixels.shape)
    given = material(
        of_function(lambda images: images.mean(axis=(1, 2, 3))), pixels, noise, found=np.array([True, False])
    )
    found = SPECTRUM.compute(given)
    assert np.isfinite(found["noise"][0]).all() and np.isnan(found["noise"][1]).all()
    assert np.isnan(found["noise_median"][1])
    assert np.isnan(found["image"]).all()
