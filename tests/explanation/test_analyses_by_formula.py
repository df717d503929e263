"""What analyses return, against short formulas in NumPy: every value, with batches that end in the middle of images."""

from dataclasses import replace

import numpy as np
import pytest
from small import material

from tfstab import Classifier
from tfstab.degradations import add_gaussian_noise
from tfstab.explanation import (
    copies,
    curvature,
    frequency,
    occlusion,
)
from tfstab.explanation.fourier import half_plane

COLOURS = (5, 4, 3)
RNG = np.random.default_rng(8)
PIXELS = RNG.integers(0, 256, (4, *COLOURS)).astype(np.uint8)
PIXELS[:, 0] = 0, 255, 0  # noise is clipped here
WEIGHTS = RNG.normal(0, 0.02, COLOURS)
CLASSES = np.array([0, 1, 2, 0])
FOUND = np.array([True, False, True, True])
NOISE = (RNG.normal(0, 30, (4, *COLOURS)) * FOUND[:, None, None, None]).astype(np.float32)


def logits(images):
    """Three classes, of which the last two bend."""
    level = (np.asarray(images, np.float64) * WEIGHTS).sum(axis=(1, 2, 3))
    return np.stack([level, 0.1 * level**2 - 1, 2 - np.abs(level)], axis=1)


def lead(images, classes):
    """By how much a class leads."""
    found, rows = logits(images), np.arange(len(images))
    own = found[rows, classes].copy()
    found[rows, classes] = -np.inf
    return own - found.max(axis=1)


def given(batch=7, **settings):
    """The images with a classifier in NumPy; they are numbered from 20."""
    classifier = Classifier.from_function(logits, COLOURS, 3, fingerprint="bends", outputs="logits", batch_size=batch)
    made = material(classifier, PIXELS, NOISE, CLASSES, FOUND, **settings)
    numbered = replace(made.clean, indices=20 + np.arange(4))
    return replace(made, clean=numbered, pool=numbered)


def rivals():
    """The best other class with the noise."""
    found = logits(np.clip(PIXELS + NOISE, 0, 255))
    found[np.arange(4), CLASSES] = -np.inf
    return found.argmax(axis=1)


def over_rival(images, row):
    """The margin of images made from one over its rival."""
    found = logits(images)
    return found[:, CLASSES[row]] - found[:, rivals()[row]]


def test_others_differ_from_image_to_image():
    made = given()
    indices = np.array([3, 5, 8, 9, 10, 11, 12])
    pixels = np.arange(7, dtype=np.uint8)[:, None, None, None] * np.ones(COLOURS, np.uint8)
    pool = replace(made.clean, images=pixels, indices=indices)
    made = replace(made, clean=replace(made.clean, indices=np.array([8, 3, 99, 4])), pool=pool)
    found = [made.others(row)[:, 0, 0, 0].tolist() for row in range(4)]
    # The others, in their order, from the place that is the image's number on: 8, 3, 99 and 4.
    assert found == [[3, 4, 5, 6, 0], [4, 5, 6, 1, 2], [1, 2, 3, 4, 5], [4, 5, 6, 0, 1]]
    assert made.others(0, 2)[:, 0, 0, 0].tolist() == [3, 4] and made.others(0).dtype == np.float32


def test_copies_by_formula():
    found = copies.compute(given(sigma=7.0, copies=3, seed=5))
    np.testing.assert_allclose(found["sigmas"], [0.7, 7, 28])
    for row in range(4):
        noisy = np.array(
            [
                [add_gaussian_noise(PIXELS[row], sigma, 5, 20 + row, 0, copy) for copy in range(3)]
                for sigma in (0.7, 7, 28)
            ]
        )
        expected = [lead(some, np.full(3, CLASSES[row])) for some in noisy]
        np.testing.assert_allclose(found["margins"][row], expected, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(found["clipped"][row], np.isin(noisy, (0, 255)).mean(axis=(1, 2, 3, 4)))
    np.testing.assert_allclose(found["clean_margin"], lead(PIXELS, CLASSES), rtol=1e-4, atol=1e-4)


def test_occlusion_by_formula():
    found = occlusion.compute(given())
    clean, degraded = PIXELS.astype(float), np.clip(PIXELS + NOISE, 0, 255)
    for name, whole in (("clean", clean), ("degraded", degraded)):
        for row in range(4):
            for i in range(5):
                for j in range(4):
                    filled = whole[row].copy()
                    filled[i, j] = clean[row].mean(axis=(0, 1))
                    fall = over_rival(whole[[row]], row) - over_rival(filled[None], row)
                    expected = fall[0] if name == "clean" or FOUND[row] else np.nan
                    assert found[name][row, i, j] == pytest.approx(expected, rel=1e-3, abs=1e-3, nan_ok=True)
    for row, f in np.ndindex(4, 3):
        factor, mask = occlusion.FACTORS[f], found["mask"][row, f]
        flips = lead(np.clip(PIXELS[row] + factor * NOISE[row], 0, 255)[None], CLASSES[[row]])[0] < 0
        assert np.isnan(found["share"][row, f]) == (not (FOUND[row] and flips)) == (not mask.any())
        if mask.any():
            squares = (NOISE[row].astype(float) ** 2).sum(axis=2)
            assert found["share"][row, f] == mask.mean() and squares[mask].min() > squares[~mask].max(initial=-1)
            kept = np.clip(PIXELS[row] + factor * NOISE[row] * mask[..., None], 0, 255)
            assert lead(kept[None], CLASSES[[row]])[0] < 0


def test_nothing_is_found_in_images_without_noise():
    made = replace(given(), found=np.zeros(4, bool), noise=0 * NOISE)
    found, bent = occlusion.compute(made), curvature.compute(made)
    assert np.isnan(found["share"]).all() and not found["mask"].any() and np.isnan(found["degraded"]).all()
    assert np.isfinite(found["clean"]).all() and all(
        np.isnan(bent[name]).all() for name in ("random", "plane", "length")
    )


def test_curvature_by_formula():
    made = given(sigma=12.0)
    found = curvature.compute(made)
    t, along, across = np.linspace(0, 2, 9), np.linspace(-0.5, 2, 11), np.linspace(-2, 2, 11)
    for row in np.flatnonzero(FOUND):
        normal = made.random_noise(row, 4).astype(float)
        inside = np.where(((PIXELS[row] == 0) & (normal < 0)) | ((PIXELS[row] == 255) & (normal > 0)), 0, normal)
        size = np.linalg.norm(NOISE[row])
        short = [one * size / np.linalg.norm(one) for one in inside]
        lines = [NOISE[row], *short, *(12 * normal)]
        expected = [over_rival(np.clip(PIXELS[row] + t[:, None, None, None] * line, 0, 255), row) for line in lines]
        for name, some in (("noise", expected[0]), ("random", expected[1:5]), ("copies", expected[5:])):
            np.testing.assert_allclose(found[name][row], some, rtol=1e-3, atol=1e-3)
        bends = [(one[0] - 2 * one[2] + one[4]) / 0.25 / abs(one[0]) for one in expected]
        np.testing.assert_allclose(found["bends"][row], bends, rtol=1e-2, atol=1e-2)
        np.testing.assert_allclose(found["length"][row], [size, 12 * np.linalg.norm(normal[0])], rtol=1e-5)
        flat = NOISE[row].astype(float)
        side = 12 * (normal[0] - (normal[0] * flat).sum() / (flat**2).sum() * flat)
        plane = [[np.clip(PIXELS[row] + a * flat + b * side, 0, 255) for b in across] for a in along]
        expected = lead(np.array(plane).reshape(-1, *COLOURS), np.full(121, CLASSES[row])).reshape(11, 11)
        np.testing.assert_allclose(found["plane"][row], expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("batch", [1, 13, 64])
def test_stripes_by_formula(batch):
    made, rows, places, eps = given(batch, seed=3), np.array([0, 2, 3]), np.array([0, 3, 4, 7, 9]), 150.0
    margins, kept = frequency.margins_under(made, rows, places, eps)
    half, energy = half_plane(5, 4), 0.0
    down, across = np.mgrid[:5, :4]
    for k, row in enumerate(rows):
        rng = np.random.default_rng((3, 20 + row))
        phases, signs = rng.uniform(0, 2 * np.pi, len(half)), rng.choice((-1.0, 1.0), (len(half), 3))
        for f, place in enumerate(places):
            i, j = half[place]
            alone = (2 * i) % 5 == 0 and (2 * j) % 4 == 0
            wave = np.cos(2 * np.pi * (i * down / 5 + j * across / 4) + (0 if alone else phases[place]))
            stripes = (wave / np.linalg.norm(wave))[..., None] * signs[place] * eps / np.sqrt(3)
            if alone:
                stripes = np.abs(stripes) * np.sign(wave)[..., None] * signs[place]
            both = np.clip(np.stack([PIXELS[row] + stripes, PIXELS[row] - stripes]), 0, 255)
            np.testing.assert_allclose(margins[f, k], lead(both, np.full(2, CLASSES[row])), rtol=1e-3, atol=1e-3)
            energy += ((both - PIXELS[row]) ** 2).sum()
    assert margins.shape == (5, 3, 2) and kept == pytest.approx(energy / (30 * eps**2), rel=1e-5)
    for no_rows, no_places in ((rows[:0], places), (rows, places[:0])):
        assert frequency.margins_under(made, no_rows, no_places, eps)[1] == 1


def test_only_the_first_images_that_are_right_are_tested(monkeypatch):
    monkeypatch.setattr(frequency, "MOST_IMAGES", 2)
    made = given()
    right = np.flatnonzero(lead(PIXELS, CLASSES) > 0)
    found = frequency.compute(replace(made, clean=replace(made.clean, class_index=logits(PIXELS).argmax(axis=1))))
    assert found["images"].tolist() == [20, 21] and found["frequencies"].tolist() == half_plane(5, 4).tolist()
    assert frequency.compute(made)["images"].tolist() == (20 + right[:2]).tolist()


def test_the_frequencies_of_a_large_image_are_drawn_from_its_seed():
    half = half_plane(60, 52)
    rng, rings = np.random.default_rng(4), np.floor(2 * np.hypot(half[:, 0] / 60, half[:, 1] / 52) * 10 + 1e-9)
    expected = [rng.permutation(np.flatnonzero(rings == ring))[:6] for ring in range(15)]
    assert frequency.in_rings(half, 60, 52, 4).tolist() == sorted(np.concatenate(expected).tolist())
