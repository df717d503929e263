"""What analyses of a Keras network return, against its layers in NumPy; one degraded image, and the parts of a run."""

import json
from dataclasses import replace

import numpy as np
import pytest
from explanation.small import dense, material
from explanation.test_analyses_by_formula import CLASSES, COLOURS, FOUND, NOISE, PIXELS, WEIGHTS, given

from tfstab import Classifier, Dataset, make_ensemble
from tfstab.degradations import add_gaussian_noise, standard_normal
from tfstab.explanation import (
    ExplanationConfig,
    attribution,
    degraded_image,
    features,
    layers,
    noise,
    occlusion,
    run_explanation,
    running,
)
from tfstab.explanation.analysis import problem_of
from tfstab.explanation.config import MOST_QUERIES
from tfstab.explanation.degraded_image import DegradedImage, Reference, layers_of, neighbours_of
from tfstab.explanation.gain import gains_from
from tfstab.explanation.running import Progress
from tfstab.runs import CleanImages

RNG = np.random.default_rng(9)
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


@pytest.mark.parametrize("batch", [2, 3, 20])
def test_layers_by_formula(network, batch):
    """A batch holds an image with one or two of the five others, or three of the four images with all of them."""
    assert layers.has_layers(network.with_batch_size(batch))
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


# --- one degraded image ---


@pytest.fixture(scope="module")
def typical(network):
    """A reference of nine images, of which the first six are typical; of each second one the network is wrong."""
    pixels = np.random.default_rng(6).integers(0, 256, (9, *COLOURS)).astype(np.uint8)
    classes = (outputs(pixels).argmax(axis=1) + np.arange(9) % 2) % 3
    clean = CleanImages(pixels, classes, 30 + np.arange(9), network.scores(pixels))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(degraded_image, "TYPICAL", 6)
        made = Reference(network, clean)
        assert [*made.read_layers()] == [None] * 2 and not [*made.read_layers()]
        assert [*made.read_features()] == [None] and not [*made.read_features()]
    return made


def test_the_margins_of_an_image_are_compared_with_typical_ones_and_its_noise_with_random_noise(network, typical):
    pixels, classes = typical.clean.images.astype(np.float32), typical.clean.class_index
    others = [np.roll(np.delete(pixels, k, axis=0), -(30 + k), axis=0)[:5] for k in range(7)]
    small = network.with_batch_size(16)
    before = gains_from(layers.measured(small, pixels[:6], classes[:6], pixels[:6, None], np.array(others[:6])))
    degraded = np.clip(pixels[6] + 40 * WEIGHTS / np.abs(WEIGHTS).max(), 0, 255).astype(np.float32)
    pair = DegradedImage.of(network, 36, pixels[6], degraded, int(classes[6]))
    own = layers.measured(small, pixels[6:7], classes[6:7], degraded[None, None], others[6][None])
    spread = np.sqrt(
        (np.concatenate([before_distances(small, pixels, others[:6]), own["image_distance"]]) ** 2).mean(0) / 2
    )
    found, gains = layers_of(typical, pair), typical.gains_with(pair, degraded[None])
    assert gains.gain.shape == (7, 3) and gains.names.tolist() == own["names"].tolist() and found.member is None
    gain = own["noise_distance"][0] / spread / (own["noise_distance"][0, 0] / spread[0])
    np.testing.assert_allclose(found.gain, gain[1:], rtol=1e-3)
    np.testing.assert_allclose(gains.margin[:6] / gains.margin[0], before.margin / before.margin[0], rtol=1e-3)
    fields = np.array([standard_normal(COLOURS, 0, 36, 0, copy) for copy in range(8)], np.float32)
    strong = np.linalg.norm(degraded - pixels[6])
    copies = np.stack([clipped_to_length(pixels[6], field, strong) for field in fields])
    alike = layers.measured(small, pixels[6:7], classes[6:7], copies[None], others[6][None])
    moved, by_noise = own["noise_distance"][0], alike["noise_distance"][0]
    ratios = (moved / moved[0]) / (by_noise / by_noise[0])
    np.testing.assert_allclose(np.divide(found.gain, found.random_gain), ratios[1:], rtol=0.02)
    right = outputs(pixels[:6]).argmax(axis=1) == classes[:6]
    assert right.tolist() == [True, False] * 3
    np.testing.assert_allclose(
        found.margin, (gains.margin[6] / np.median(gains.margin[:6][right], axis=0))[1:], rtol=1e-6
    )
    assert [place.name for place in found.places] and found.names == own["names"][1:].tolist()


def clipped_to_length(image, field, length):
    """Add a field, scaled so that its L2 after clipping is `length`."""
    left, right = 0.0, 2000.0
    while right - left > 1e-3:
        middle = (left + right) / 2
        noisy = np.clip(image + middle * field, 0, 255)
        left, right = (middle, right) if np.linalg.norm(noisy - image) < length else (left, middle)
    return noisy.astype(np.float32)


def before_distances(classifier, pixels, others):
    """The distances of the first images from others."""
    noisy = np.zeros((6, 1, *COLOURS), np.float32)
    return layers.measured(classifier, pixels[:6], np.zeros(6, int), noisy, np.array(others))["image_distance"]


def test_distances_of_neighbours_are_in_units_of_the_typical_one(network, typical):
    pixels, classes = typical.clean.images, typical.clean.class_index
    points = linear_and_active(pixels)[1]
    pair = DegradedImage(
        32, pixels[2].astype(np.float32), pixels[7].astype(np.float32), int(classes[2]), int(classes[3])
    )
    same = [np.linalg.norm(points[a] - points[b]) for a in range(9) for b in range(a) if classes[a] == classes[b]]
    for found, k in zip(neighbours_of(typical, pair, 2), (classes[2], classes[3]), strict=True):
        rows = [row for row in np.flatnonzero(classes == k) if row != 2]
        rows.sort(key=lambda row: np.linalg.norm(points[row] - points[7]))
        assert [one.image for one in found] == [30 + row for row in rows[:2]] and found
        for one, row in zip(found, rows, strict=False):
            lengths = [np.linalg.norm(points[row] - points[at]) / np.median(same) for at in (7, 2)]
            assert [one.distance, one.clean_distance] == pytest.approx(lengths, rel=1e-3, abs=1e-4)


# --- the parts of a run ---


def test_the_blocks_of_a_run_and_its_progress(tmp_path, network, monkeypatch):
    config, told = ExplanationConfig(copies=2, only=("copies",)), []
    pixels = np.random.default_rng(1).integers(0, 256, (45, *COLOURS)).astype(np.uint8)
    data = Dataset.from_arrays("45", "test", pixels, outputs(pixels).argmax(axis=1), tuple("abc"))

    def blocks(classifier, name, **options):
        run = run_explanation(classifier, data, config, tmp_path / name, as_is=True, on_progress=told.append, **options)
        return [stop for _, stop in run.blocks]

    function, adds = given().classifier, network.multiply_adds
    assert blocks(function, "function") == [32, 45]
    assert told == [Progress("copies", 0, 45 * 60), Progress("copies", 32 * 60, 45 * 60)]
    assert blocks(function, "function in time", minutes=10) == [8, 20, 32, 45]
    assert blocks(network, "network") == [32, 45] and blocks(network, "in time", minutes=10) == [20, 32, 45]
    monkeypatch.setattr(running, "SMALL", adds)
    assert blocks(network, "not small", minutes=10) == [8, 20, 32, 45]
    monkeypatch.setattr(running, "LARGE", adds)
    assert blocks(network, "large") == [8, 16, 24, 32, 40, 45]
    assert blocks(network, "large in time", minutes=10) == [2, 8, 16, 24, 32, 40, 45]
    assert blocks(function, "function again") == [32, 45]
    told.clear()
    assert blocks(function, "function") == [32, 45] and told == []


def test_a_block_for_which_the_time_is_too_short_is_divided_and_the_images_keep_their_results(tmp_path, monkeypatch):
    """There is time for 43 images of 60, so after 32, 8 are explained of the block that would end at 60."""
    function, config, told = given().classifier, ExplanationConfig(copies=2, only=("copies",)), []
    pixels = np.random.default_rng(1).integers(0, 256, (60, *COLOURS)).astype(np.uint8)
    data = Dataset.from_arrays("60", "test", pixels, outputs(pixels).argmax(axis=1), tuple("abc"))
    whole = run_explanation(function, data, config, tmp_path / "whole", as_is=True)
    with monkeypatch.context() as patch:
        patch.setattr(running.Budget, "fits", lambda budget, pieces: all(piece.stop <= 43 for piece in pieces))
        run = run_explanation(function, data, config, tmp_path / "run", as_is=True, minutes=9, on_progress=told.append)
    assert [stop for _, stop in run.blocks] == [8, 20, 32, 40] and run.extent == "40 of 60 images"
    assert [progress.done for progress in told] == [0, 8 * 60, 20 * 60, 32 * 60] and told[-1].total == 60 * 60
    run = run_explanation(function, data, config, tmp_path / "run", as_is=True)
    assert run.complete and [stop for _, stop in run.blocks] == [8, 20, 32, 40, 60]
    for name, values in whole.arrays("copies").items():
        assert np.array_equal(values, run.arrays("copies")[name]), name


def test_a_run_logs_its_parts_and_whether_it_is_finished(tmp_path):
    function, config = given().classifier, ExplanationConfig(copies=2, only=("copies",))
    data = Dataset.from_arrays("40", "test", np.tile(PIXELS, (10, 1, 1, 1)), np.tile(CLASSES, 10), tuple("abc"))
    for name, minutes, end in (("whole", None, "finished"), ("cut", 1e-6, "stopped")):
        run = run_explanation(function, data, config, tmp_path / name, as_is=True, minutes=minutes)
        log = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
        assert log[-1]["event"] == end and run.complete == (end == "finished")
        seconds = {entry["part"]: entry["seconds"] for entry in log if "part" in entry}
        assert seconds.keys() == run.parts.keys()
        assert all(0 <= one < 60 and one == round(one, 3) for one in seconds.values())


def test_features_of_several_batches_and_of_members_are_few_enough(network, monkeypatch):
    images = PIXELS.astype(np.float32)
    expected = linear_and_active(PIXELS)[1]
    np.testing.assert_allclose(features.features_of(network.with_batch_size(3), images), expected, rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(features, "MOST_FEATURES", 6)  # as many as there are
    small = network.with_batch_size(4)
    np.testing.assert_allclose(features.features_of(small, images), expected, rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(features, "MOST_FEATURES", 9)
    both = features.features_of(make_ensemble([network, network]).with_batch_size(4), images)
    assert both.shape == (4, 8) and (both[:, :4] == both[:, 4:]).all(), "four of each"
