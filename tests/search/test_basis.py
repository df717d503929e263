"""The basis is orthonormal, and its coefficients know their place, frequency and colour."""

import numpy as np
import pytest

from tfstab.search.basis import Basis

SHAPES = [(28, 28, 1), (9, 6, 3), (2, 3, 4)]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_basis_is_orthonormal_and_its_atoms_are_its_rows(shape):
    basis, genes = Basis(shape), int(np.prod(shape))
    atoms = basis.atoms(np.arange(genes))
    np.testing.assert_allclose(atoms @ atoms.T, np.eye(genes), atol=1e-5)
    np.testing.assert_allclose(basis.images(np.eye(genes, dtype=np.float32)), atoms, atol=1e-6)
    noise = np.random.default_rng(0).normal(size=(2, 3, genes)).astype(np.float32)
    np.testing.assert_allclose(basis.coefficients(noise), noise @ atoms.T, atol=1e-5)
    np.testing.assert_allclose(basis.images(basis.coefficients(noise)), noise, atol=1e-5)


def test_a_coefficient_knows_its_place_frequency_and_colour():
    basis = Basis((16, 32, 3))
    rows, columns, channels = np.indices((16, 32, 3))
    # One cycle in the upper right block of 4 x 8 pixels, so four an image; red against blue.
    block = (rows < 4) & (columns >= 24)
    wave = np.cos(np.pi / 8 * 2 * (columns - 24 + 0.5)) * block * (1 - channels)
    coefficients = basis.coefficients(wave.reshape(-1).astype(np.float32))
    (k,) = np.flatnonzero(np.abs(coefficients) > 1e-4)
    assert (basis.place[k], basis.frequency[k], basis.colour[k]) == (3, 4.0, 1)
    assert basis.places == 16
    # The prior falls with the frequency, in cycles along the longer side, and is lower for colours than for brightness.
    assert basis.prior[k] == pytest.approx(0.4 / (1 + 6 * 4 / 32)) and basis.prior.max() == 1
    two = Basis((4, 8, 2))
    assert two.prior[two.frequency == 0].tolist() == [1] * 32  # of which none is brightness
