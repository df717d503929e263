"""Probes go where most of the slopes' energy is unknown, and stay within the genes that may change."""

import numpy as np
import pytest
from numpy_networks import images_of, linear

from tfstab import Classifier, SearchConfig, search_minimum_noise
from tfstab.search.basis import Basis
from tfstab.search.engines.pygad.energy import EnergyModel
from tfstab.search.engines.pygad.probes import FADES, benefits, choose, faded
from tfstab.search.norm import L2

BASIS = Basis((24, 24, 3))


def made_energies(rng):
    """Energies (G,) that are much greater at one place and in one colour, times chi-squared noise."""
    energies = EnergyModel(BASIS).prior * np.where(BASIS.place == 5, 50, 1) * np.where(BASIS.colour == 2, 20, 1)
    return energies, energies * rng.chisquare(1, len(energies))


def test_the_model_finds_where_the_energy_is_from_few_measurements():
    rng = np.random.default_rng(0)
    true, measured = made_energies(rng)
    known = rng.random(len(true)) < 0.2
    expected = EnergyModel(BASIS).predict(measured, known.astype(float))
    prior = EnergyModel(BASIS).prior
    before, after = (np.corrcoef(np.log(true), np.log(found))[0, 1] for found in (prior, expected))
    assert before < 0.5 and after > 0.9
    assert np.median(np.abs(np.log2(expected / true))) < 1


def test_the_model_does_not_depend_on_the_scale_of_the_slopes():
    rng = np.random.default_rng(1)
    _, measured = made_energies(rng)
    known, model = (rng.random(len(measured)) < 0.1) * 0.8, EnergyModel(BASIS)
    np.testing.assert_allclose(model.predict(1e-9 * measured, known), 1e-9 * model.predict(measured, known))


def test_without_measurements_the_prior_is_expected():
    model = EnergyModel(BASIS)
    nothing = np.zeros(len(model.prior))
    np.testing.assert_array_equal(model.predict(nothing, nothing), model.prior)
    np.testing.assert_array_equal(model.predict(nothing, nothing + 1), model.prior)  # measured, and flat everywhere
    assert model.prior.argmax() in np.flatnonzero((BASIS.frequency == 0) & (BASIS.colour == 0))


def test_the_greatest_are_chosen_once_each_unless_there_are_too_few():
    rng = np.random.default_rng(2)
    expected = rng.random(100)
    assert set(choose(expected, 7, rng)) == set(np.argsort(-expected)[:7])
    counts = np.bincount(choose(expected[:4], 11, rng), minlength=4)
    assert counts.sum() == 11 and counts.min() >= 2


def test_old_measurements_are_worth_less_than_first_ones():
    assert benefits(np.array([1.0, 0.5]), np.array([1.0, 3.0])).argmax() == 0
    np.testing.assert_allclose(benefits(np.array([0.0, 0.5]), np.array([2.0, 4.0])), [0, 1])


def test_how_fast_slopes_change_is_learnt_from_surprises_at_any_scale():
    rng = np.random.default_rng(5)
    fade = 0.02
    for _ in range(60):  # what is unknown, and so what is expected, is proportional to the estimate
        fade = faded(fade, 1e-6 * 0.002 * rng.chisquare(1, 10), np.full(10, 1e-6 * fade))
    assert 0.001 < fade < 0.004
    assert faded(fade, np.zeros(3), np.zeros(3)) == fade
    assert faded(0.3, np.ones(9), np.ones(9) / 9) == FADES[1]


@pytest.mark.parametrize("shape", [(24, 24, 3), (7, 5, 2)])
def test_the_share_of_an_atom_within_the_free_pixels(shape):
    basis = Basis(shape)
    free = np.random.default_rng(3).random(int(np.prod(shape))) < 0.3
    atoms = basis.atoms(np.arange(len(free)))
    np.testing.assert_allclose(basis.share(free), (atoms**2 * free).sum(axis=1), atol=1e-6)


def test_half_a_probe_for_each_pixel_is_enough_for_smooth_slopes():
    rng = np.random.default_rng(4)
    energies = 1 / (1 + BASIS.frequency) ** 4 * np.where(BASIS.colour == 0, 1, 0.1)
    slopes = BASIS.images((np.sqrt(energies) * rng.standard_normal(len(energies))).astype(np.float32))
    slopes /= np.linalg.norm(slopes)
    offset = float(slopes.sum() * 128) - 30  # the boundary is 30 grey levels away from a grey image

    def scores(images):
        lead = images.reshape(len(images), -1) @ slopes - offset
        return np.stack([lead, np.zeros_like(lead)], axis=1)

    classifier = Classifier.from_function(scores, (24, 24, 3), 2, outputs="logits", fingerprint="smooth")
    image = np.full((1, 24, 24, 3), 128, np.uint8)
    (result,) = search_minimum_noise(classifier, image, [0], SearchConfig(max_queries=800))
    assert result.l2 < 30 * 1.05  # random directions would need 30 * sqrt(1728 / 720) = 46


def test_probes_stay_within_the_mask_and_find_what_it_allows():
    network = linear(0.2, classes=5)
    images, labels = images_of(network, 3)
    mask = np.zeros((8, 8), bool)
    mask[0, :4] = True  # pixels 1 to 3 are the boundaries of classes 1 to 3
    results = search_minimum_noise(network, images, labels, SearchConfig(max_queries=600), mask=mask)
    for result, image in zip(results, images, strict=True):
        assert not result.noise[~mask].any()
        if result.found:
            assert result.l2 <= L2().length(image.astype(float).reshape(-1) - 128) + 255
