"""What analyses return, against short formulas in NumPy: every value, with batches that end in the middle of images."""

from dataclasses import replace

import numpy as np
import pytest
from small import dense, material

from tfstab import Classifier
from tfstab.degradations import add_gaussian_noise
from tfstab.explanation import attribution, copies, curvature, features, frequency, layers, noise, occlusion
from tfstab.explanation.analysis import problem_of
from tfstab.explanation.config import MOST_QUERIES
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


# --- networks ---

HIDDEN = RNG.normal(0, 0.01, (60, 6)), RNG.normal(0, 0.3, 6)
LAST = RNG.normal(0, 1, (6, 3)), RNG.normal(0, 0.1, 3)


@pytest.fixture(scope="module")
def network():
    """A hidden layer of six units with ReLU, and three logits."""
    classifier = dense(6, 3, shape=COLOURS)
    classifier.model.set_weights([*HIDDEN, *LAST])
    return classifier


def linear_and_active(images):
    """What the hidden layer computes before and after its activation."""
    before = images.reshape(len(images), 60) @ HIDDEN[0] + HIDDEN[1]
    return before, np.maximum(before, 0)


def outputs(images):
    return linear_and_active(images)[1] @ LAST[0] + LAST[1]


@pytest.mark.parametrize("batch", [3, 20])
def test_layers_by_formula(network, batch):
    """A batch holds an image with two of the five others, or three of the four images with all of them."""
    images = PIXELS.astype(float)
    noisy, others = (RNG.uniform(0, 255, (4, m, *COLOURS)).astype(np.float32) for m in (2, 5))
    found = layers.measured(network.with_batch_size(batch), PIXELS.astype(np.float32), CLASSES, noisy, others)
    for row in range(4):
        before, active = linear_and_active(images[[row]])
        for kind, some in (("noise", noisy[row]), ("image", others[row])):
            away, hidden = linear_and_active(some)
            input_ = np.linalg.norm((some - images[row]).reshape(len(some), -1), axis=1)
            between = np.linalg.norm(hidden - active, axis=1)
            logit = np.linalg.norm((hidden - active) @ LAST[0], axis=1)
            for name, distances in (
                ("distance", [input_, between, logit]),
                ("taken", [input_, input_, between]),
                ("linear", [input_, np.linalg.norm(away - before, axis=1), logit]),
            ):
                mean = [one.mean() if kind == "noise" else np.sqrt((one**2).mean()) for one in distances]
                np.testing.assert_allclose(found[f"{kind}_{name}"][row], mean, rtol=1e-4)
        scores, k = outputs(images[[row]])[0], CLASSES[row]
        rival = max(set(range(3)) - {k}, key=lambda j: scores[j])
        slope = LAST[0][:, k] - LAST[0][:, rival]
        assert found["rival"][row, 0] == rival
        assert found["margin"][row, 0] == pytest.approx(scores[k] - scores[rival], rel=1e-4, abs=1e-4)
        norms = [np.linalg.norm(HIDDEN[0] @ (slope * (before[0] > 0))), np.linalg.norm(slope), np.sqrt(2)]
        np.testing.assert_allclose(found["gradient"][row], norms, rtol=1e-4)
    assert found["sizes"].tolist() == [60, 6, 3] and found["network"].tolist() == [0, 0, 0]
    assert found["names"][[0, -1]].tolist() == ["input", "logits"]


def test_without_other_images_there_are_only_distances_of_noise(network):
    images, noisy = PIXELS[:2].astype(np.float32), np.zeros((2, 1, *COLOURS), np.float32)
    found = layers.measured(network, images, CLASSES[:2], noisy, noisy[:, :0])
    assert np.isnan(found["image_linear"]).all() and found["image_distance"].shape == (2, 3)
    np.testing.assert_allclose(found["noise_distance"][:, 0], np.linalg.norm(images.reshape(2, -1), axis=1), rtol=1e-5)


def of_network(network, **settings):
    made = material(network, PIXELS, NOISE, CLASSES, FOUND, **settings)
    numbered = replace(made.clean, indices=20 + np.arange(4))
    return replace(made, clean=numbered, pool=numbered)


def test_what_the_analysis_layers_gives_to_be_measured(network):
    made = of_network(network, sigma=9.0, copies=3, seed=2)
    found = layers.compute(made)
    for row in range(4):
        away = [
            add_gaussian_noise(PIXELS[row], 9.0, 2, 20 + row, 0, copy).astype(float) - PIXELS[row] for copy in range(3)
        ]
        np.testing.assert_allclose(
            found["noise_distance"][row, 0], np.mean([np.linalg.norm(one) for one in away]), rtol=1e-5
        )
        others = np.delete(PIXELS, row, axis=0).astype(float) - PIXELS[row]
        np.testing.assert_allclose(found["image_distance"][row, 0], np.sqrt((others**2).sum() / 3), rtol=1e-5)


def test_features_by_formula(network):
    found = features.compute(of_network(network, sigma=9.0, seed=2))
    noisy = np.stack([add_gaussian_noise(PIXELS[row], 9.0, 2, 20 + row, 0, 0) for row in range(4)])
    for name, images in (("clean", PIXELS), ("degraded", np.clip(PIXELS + NOISE, 0, 255)), ("noisy", noisy)):
        np.testing.assert_allclose(found[name], linear_and_active(images)[1], rtol=1e-4, atol=1e-4)


def test_attribution_by_formula(network):
    made = of_network(network)
    found = attribution.compute(made)
    degraded = np.clip(PIXELS + NOISE, 0, 255)
    for row in range(4):
        scores, k = outputs(degraded[[row]])[0], CLASSES[row]
        rival = max(set(range(3)) - {k}, key=lambda j: scores[j])
        slope = LAST[0][:, k] - LAST[0][:, rival]
        assert found["rival"][row] == rival

        def margin(image, slope=slope, k=k, rival=rival):
            return linear_and_active(image[None])[1][0] @ slope + LAST[1][k] - LAST[1][rival]

        def integral(start, stop, slope=slope):
            points = (np.arange(4000) + 0.5) / 4000
            open_ = linear_and_active(start + points[:, None, None, None] * (stop - start))[0] > 0
            return (
                ((stop - start).reshape(60) * (HIDDEN[0] @ (slope * open_.mean(axis=0)))).reshape(COLOURS).sum(axis=2)
            )

        clean, uniform = PIXELS[row].astype(float), np.broadcast_to(PIXELS[row].mean(axis=(0, 1)), COLOURS)
        there = 1 if FOUND[row] else np.nan
        close = {"atol": 0.25, "rtol": 0.05}  # of maps that add up to differences of several nats
        np.testing.assert_allclose(found["clean"][row], integral(uniform, clean), **close)
        np.testing.assert_allclose(found["degraded"][row], there * integral(uniform, degraded[row]), **close)
        np.testing.assert_allclose(found["path"][row], -there * integral(clean, degraded[row]), **close)
        gradient = (HIDDEN[0] @ (slope * (linear_and_active(clean[None])[0][0] > 0))).reshape(COLOURS)
        first_order = -(gradient * (degraded[row] - clean)).sum(axis=2)
        np.testing.assert_allclose(found["gradient_noise"][row], there * first_order, rtol=1e-2, atol=2e-3)
        ends = margin(uniform), margin(clean), there * margin(degraded[row])
        np.testing.assert_allclose(found["margins"][row], ends, rtol=1e-3, atol=1e-3)


def test_the_noise_of_each_pixel_counts_by_what_it_does_over_all_colours(network):
    made, rows = of_network(network), np.array([0, 3])
    slope = np.zeros((2, 3), np.float32)
    slope[:, 0], slope[:, 1] = 1, -1
    falls = occlusion.noise_falls(made, rows, slope)
    assert falls.shape == (2, 5, 4)
    ends = outputs(PIXELS[rows]) - outputs(np.clip(PIXELS[rows] + NOISE[rows], 0, 255))
    np.testing.assert_allclose(falls.sum(axis=(1, 2)), ends[:, 0] - ends[:, 1], rtol=0.05, atol=0.05)
    assert occlusion.ranks_of(np.array([[[1.0, 3], [3, 2]]])).tolist() == [[[3, 0], [1, 2]]]


@pytest.mark.parametrize(("asked", "made"), [(100, 2000), (2100, 2100)])
def test_the_minimum_noise_without_gradients_takes_2000_images_at_least(asked, made):
    """Of one image it is found, the second is wrong when clean; of the third no noise leads away."""

    def function(images):
        level = images.mean(axis=(1, 2, 3)) - 100
        return np.stack([np.where(images.max(axis=(1, 2, 3)) < 60, 1.0, level), 0 * level], axis=1)

    classifier = Classifier.from_function(function, (2, 2, 1), 2, fingerprint="f", outputs="logits")
    pixels = np.repeat(np.array([110, 90], np.uint8), 4).reshape(2, 2, 2, 1)
    found = [
        noise.compute(replace(one, clean=replace(one.clean, indices=np.array(indices))))
        for one in [material(classifier, pixels, 0 * pixels, max_queries=asked)]
        for indices in ([0, 1], [70, 7])
    ]
    first, again = found
    assert all((first[name] == again[name]).all() for name in first), "random numbers depend on the place alone"
    assert first["found"].tolist() == [True, False] and first["l2"][1] == 0 and not first["noise"][1].any()
    assert first["l2"][0] == pytest.approx(np.linalg.norm(first["noise"][0])) and 20 <= first["l2"][0] < 30
    over = {"queries": MOST_QUERIES + first["queries"] - asked}  # as with the largest setting
    assert problem_of(over, {"queries": noise.NOISE.fields["queries"]}, {"image": 2}) is None
    assert first["predicted"].tolist() == [1, 1] and made <= first["queries"][0] < made + 200
    never = Classifier.from_function(lambda images: np.tile([1.0, 0], (len(images), 1)), (2, 2, 1), 2, fingerprint="n")
    lost = noise.compute(material(never, pixels[:1], 0 * pixels[:1], max_queries=100))
    assert np.isnan(lost["l2"]).all() and not lost["found"].any() and not lost["noise"].any()
