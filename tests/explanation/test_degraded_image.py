"""One degraded image without a run: figures against linear networks, and the words for them."""

import dataclasses

import numpy as np
import numpy_runs
import pytest
from networks import agreeing, images
from small import SHAPE, dense

from tfstab.degradations import standard_normal
from tfstab.explanation import degraded_image
from tfstab.explanation.degraded_image import (
    DegradedImage,
    Reference,
    attribution_maps,
    blend_margins,
    layers_of,
    neighbours_of,
)
from tfstab.explanation.features import features_of
from tfstab.explanation.image_words import OF_CLASS, ImageFindings, clean_scores, crossing, spectrum_of
from tfstab.explanation.layers import has_layers
from tfstab.explanation.lost_class import LostClass
from tfstab.explanation.random_noise import RandomNoise
from tfstab.explanation.shared_mistake import SharedMistake
from tfstab.explanation.shortfall import HIDDEN, Place
from tfstab.runs import CleanImages

RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def linear():
    """A network of two classes whose margin is known: weights (16,) times the image."""
    classifier, weights = dense(2), RNG.normal(0, 0.05, 16)
    classifier.given.set_weights([np.stack([weights, 0 * weights], axis=1), np.zeros(2)])
    return classifier, weights


@pytest.fixture(scope="module")
def flipped(linear):
    """An image, and the same moved along the weights until its margin is as far below 0 as it was above."""
    classifier, weights = linear
    clean = 120 + 40 * np.sign(weights).reshape(SHAPE)
    noise = -2 * (clean.ravel() @ weights) / (weights @ weights) * weights
    return DegradedImage.of(classifier, 5, clean, clean + noise.reshape(SHAPE), 0)


def test_the_margin_of_a_linear_network_falls_evenly(linear, flipped):
    classifier, weights = linear
    margins, predicted = blend_margins(classifier, flipped, 5)
    whole = flipped.clean.ravel() @ weights
    np.testing.assert_allclose(margins, whole * np.array([1, 0.5, 0, -0.5, -1]), atol=1e-4 * whole)
    assert predicted[:2].tolist() == [0, 0] and predicted[3:].tolist() == [1, 1] and flipped.rival == 1
    assert crossing(tuple(margins)) == pytest.approx(0.5, abs=1e-3)
    assert DegradedImage.of(classifier, 5, flipped.clean, flipped.clean, 0).rival == 1, "the second, if it is right"


def test_an_image_that_is_wrong_when_clean_is_compared_with_what_it_is_taken_for_then():
    classifier, bright, dark = numpy_runs.classifier(), np.full((4, 4, 1), 230.0), np.full((4, 4, 1), 20.0)
    assert classifier.scores(np.stack([bright, dark])).argmax(axis=1).tolist() == [2, 0]
    assert (
        DegradedImage.of(classifier, 5, bright, dark, 1).rival == 2
        and DegradedImage.of(classifier, 5, bright, dark, 2).rival == 0
    )


def test_maps_add_up_to_the_margin(linear, flipped):
    classifier, weights = linear
    maps = dict(attribution_maps(classifier, flipped))
    by_hand = -(flipped.noise * weights.reshape(SHAPE))[..., 0]
    np.testing.assert_allclose(maps["path"], by_hand, atol=1e-3)
    for name, image in (("clean", flipped.clean), ("degraded", flipped.degraded)):
        away = image - flipped.clean.mean()
        np.testing.assert_allclose(maps[name], (away * weights.reshape(SHAPE))[..., 0], atol=1e-3)


@pytest.fixture(scope="module")
def reference(network):
    """A small network, its images, and what it makes of them."""
    data = agreeing(network, images(30))
    clean = CleanImages(data.images, data.labels, data.indices + 100, network.scores(data.images))
    made = Reference(network, clean)
    assert has_layers(network)
    assert list(made.read_features()) == [None] * 2 and list(made.read_features()) == []
    assert list(made.read_layers()) == [None] * 8 and list(made.read_layers()) == []
    return network, clean, made


def test_random_noise_moves_the_layers_of_an_image_as_far_as_random_noise_does(reference):
    network, clean, made = reference
    noise = 10 * standard_normal(clean.images.shape[1:], 0, 104, 0, 0)
    pair = DegradedImage.of(network, 104, clean.images[4], clean.images[4] + noise, int(clean.class_index[4]))
    found = layers_of(made, pair)
    assert found.names == ["one", "two", "logits"] and found.member is None
    ratios = np.array(found.gain) / found.random_gain
    assert (ratios > 1 / 3).all() and (ratios < 3).all() and all(margin > 0 for margin in found.margin)
    assert {place.name for place in found.places} == {HIDDEN, "one", "two"}
    # Noise along the gradient moves the logits further than random noise of the same length.
    weights = np.eye(3, dtype=np.float32)[[pair.class_index]] - np.eye(3, dtype=np.float32)[[pair.rival]]
    _, gradient = network.gradients(pair.clean[None], weights)
    steep = -gradient[0] / np.linalg.norm(gradient) * np.linalg.norm(pair.noise)
    worse = layers_of(made, DegradedImage(104, pair.clean, pair.clean + steep, pair.class_index, pair.rival))
    assert worse.gain[-1] > 1.5 * worse.random_gain[-1] and worse.margin == pytest.approx(found.margin, rel=1e-3)
    still = layers_of(made, DegradedImage(104, pair.clean, pair.clean, pair.class_index, pair.rival))
    assert (
        np.isnan(still.gain).all()
        and np.isnan(still.random_gain).all()
        and still.margin == pytest.approx(found.margin, rel=1e-3)
    )
    # An image that is wrong when clean has no margin to compare.
    wrong = layers_of(made, DegradedImage(104, pair.clean, pair.clean + noise, pair.rival, pair.class_index))
    assert np.isnan(wrong.margin).all() and np.isfinite(wrong.gain).all() and wrong.places == []


def test_neighbours_are_the_nearest_by_features_without_the_image_itself(reference):
    network, clean, made = reference
    pair = DegradedImage.of(network, 104, clean.images[4], clean.images[9], int(clean.class_index[4]))
    own, other = neighbours_of(made, pair, 3)
    points = features_of(network.with_batch_size(16), clean.images.astype(np.float32))
    distances = np.linalg.norm(points - points[9], axis=1)
    for found, k in ((own, pair.class_index), (other, pair.rival)):
        rows = [row for row in np.argsort(distances) if clean.class_index[row] == k and row != 4][:3]
        assert [one.image for one in found] == [int(clean.indices[row]) for row in rows]
        assert {one.class_index for one in found} <= {k}


GAINS = {"conv1": 1.2, "dense": 3.0}
SURE = {"actual": "cat", "predicted": "dog", "clean_prediction": "cat", "clean_score": 0.9}
TYPICAL = [Place("conv1", 0.9, 0), Place(HIDDEN, 1.1, 0)]


@pytest.mark.parametrize(
    ("known", "title", "sentences"),
    [
        ({}, "Lost: taken for dog", []),
        ({"margins": (4.0, 1.0, -1.0)}, "Lost: taken for dog", ["About 75 % of the noise is enough"]),
        ({"margins": (4.0, 2.0, -0.01)}, "Lost: taken for dog", ["All of the noise is needed"]),
        (
            {"random": RandomNoise((1, 2, 4, 5, 8), (0, 6, 13, 22, 50)), "places": TYPICAL, "gains": GAINS},
            "The pattern of the noise matters, not only its strength; layer dense reacts more strongly to the noise "
            "than to random noise",
            ["must be 5 to 8 times as strong", "a small margin is not why", "3.0 times as far"],
        ),
        (
            {"random": RandomNoise((1,), (52,), 48), "places": [Place("conv1", 0.2), Place(HIDDEN, 1.0)]},
            "Layer conv1 amplifies small changes of this image more than those of a typical one, and the strength of "
            "the noise alone is enough",
            ["leads to dog, too, in 48 of 64 tries", "layer conv1, which amplifies"],
        ),
        (
            {"random": RandomNoise((1,), (52,), 48), "places": TYPICAL},
            "The strength of the noise alone is enough",
            ["48 of 64", "typical"],
        ),
        (
            {"random": RandomNoise((1, 2), (0, 0)), "places": [Place(HIDDEN, 0.1), Place("conv1", 1.2)]},
            "The clean image has a slim margin",
            ["even if it is 2 times", "slim margin in the last hidden layer"],
        ),
        (
            {"random": RandomNoise((1,), (30,)), "places": []},
            "No single cause stands out",
            ["changes the prediction in 30 of 64 tries.", "not known where"],
        ),
        (
            {"random": RandomNoise((1, 2), (6, 45)), "places": []},
            "No single cause stands out",
            ["1 to 2 times", "not known"],
        ),
        (
            {"random": RandomNoise((1,), (30,)), "places": [Place(HIDDEN, 0.1)], "shared": SharedMistake(0.98, 0.1)},
            "At this severity, nearly all images are taken for dog",
            ["98 % of the images of other classes are taken for dog", "changes the prediction in 30", "slim margin"],
        ),
        (
            {"random": RandomNoise((1,), (30,)), "places": [], "shared": SharedMistake(0.6, 0.1, low=0.51)},
            "At this severity, most images of other classes are taken for dog, too",
            [
                "60 % of the images of other classes are taken for dog, too (10 % when clean): the mistake is not this "
                "image's alone",
                "changes the prediction in 30",
                "not known",
            ],
        ),
        (
            {
                "gains": {"a": 2.0},
                "others": [(1.0,)] * 40,
                "lost": LostClass(0.1, 0.86, 110),
                "places": TYPICAL,
                "random": RandomNoise((1,), (30,)),
                "shared": SharedMistake(0.6, 0.1, low=0.51),
            },
            "At this severity, nearly all images of class cat are misclassified",
            [
                "10 % of the 110 images of class cat are right (86 % when clean), so the cause is the degradation",
                "60 % of the images",
                "changes the prediction in 30",
                "typical",
                "2.0 times as far",
                OF_CLASS,
            ],
        ),
        (
            {
                "gains": {"a": 2.0},
                "others": [(1.0,)] * 40,
                "lost": LostClass(0.2, 0.86, 110),
                "places": [],
                "random": RandomNoise((1,), (30,)),
                "shared": SharedMistake(0.6, 0.1, low=0.51),
            },
            "At this severity, most images of class cat are misclassified",
            [
                "20 % of the 110 images of class cat are right (86 % when clean), so this image is no exception",
                "60 % of the images",
                "changes the prediction in 30",
                "not known",
                "2.0 times as far",
                OF_CLASS,
            ],
        ),
        (
            {"random": RandomNoise((1,), (30,)), "places": [], "shared": SharedMistake(0.6, 0.1, low=0.5)},
            "No single cause stands out",
            ["60 % of the images", "changes the prediction in 30", "not known"],
        ),
        (
            {"random": RandomNoise((1,), (30,)), "places": [], "shared": SharedMistake(0.98, 0.1, "density 80 %")},
            "No single cause stands out",
            [
                "At stronger severities, this mistake is a common one: at density 80 %, 98 % of the images of other "
                "classes are taken for dog (10 % when clean).",
                "changes the prediction in 30",
                "not known",
            ],
        ),
        (
            {"predicted": "cat", "margins": (4.0, 3.0, 1.0)},
            "Not lost: still cat",
            ["Its margin over the next class is 1; when clean, it is 4."],
        ),
        (
            {"predicted": "cat", "margins": (4.0, 3.0, 1.0), "shared": SharedMistake(0.96, 0.1, low=0.9)},
            "Not lost: still cat, as are most images of other classes at this severity",
            [
                "96 % of the images of other classes are taken for cat, too (10 % when clean), so being right says",
                "Its margin over the next class is 1; when clean, it is 4.",
            ],
        ),
        (
            {"predicted": "cat", "margins": (4.0, 3.0, 1.0), "shared": SharedMistake(0.98, 0.1, "density 80 %", 0.9)},
            "Not lost: still cat",
            ["Its margin over the next class is 1; when clean, it is 4."],
        ),
        (
            {"clean_prediction": "dog", "margins": (-4.0, -3.0), "random": RandomNoise((1,), (64,)), "places": []},
            "Wrong already when clean",
            ["taken for dog with a score of 0.900"],
        ),
    ],
)
def test_words_for_what_is_known(known, title, sentences):
    findings = ImageFindings(**SURE | known)
    assert findings.title == title
    assert len(findings.sentences) == len(sentences)
    assert all(part in said for part, said in zip(sentences, findings.sentences, strict=True))


def test_the_highest_scores_of_the_clean_image_come_first():
    scores = clean_scores(("cat", "dog", "cow"), np.array([0.67, 0.13, 0.2], np.float32), 0)
    findings = ImageFindings("cat", "dog", **scores, margins=(4.0, 1.0, -1.0))
    assert findings.sentences[0] == "When clean, it is right with a score of 0.670; the next class, cow, has 0.200."
    said = {
        1: "Its highest scores are 0.670 for class cat and 0.200 for class cow; the true class, dog, has 0.130: 0.540 "
        "less than the highest.",
        2: "Its highest scores are 0.670 for class cat and 0.200 for the true class, cow: 0.470 less.",
    }
    for label, sentence in said.items():
        wrong = scores | {"actual_index": label, "actual_score": (0.67, 0.13, 0.2)[label]}
        assert ImageFindings(("cat", "dog", "cow")[label], "cat", **wrong).sentences == [sentence]
    signs = "give way", "stop", "no entry"
    scores = clean_scores(signs, np.array([0.67, 0.13, 0.2], np.float32), 1)
    (said,) = ImageFindings("stop", "give way", **scores).sentences
    assert said.startswith(
        "Its highest scores are 0.670 for class 'give way' and 0.200 for class 'no entry'; the true cl"
    )
    equal = clean_scores(("cat", "dog", "cow"), np.array([0.4, 0.2, 0.4], np.float32), 1)
    tie = "a tie, in which the class that comes first, cat, is predicted"
    assert ImageFindings("dog", "cat", **equal).sentences == [
        f"Its highest scores are 0.400 for both class cat and class cow: {tie}; the true class, dog, has 0.200, 0.200 "
        "less."
    ]
    equal |= {"actual_index": 2, "actual_score": 0.4}
    assert ImageFindings("cow", "cat", **equal).sentences == [
        f"Its highest scores are 0.400 for both class cat and the true class, cow: {tie}."
    ]
    sure = clean_scores(("cat", "dog"), np.array([1, 0]), 1)
    assert ImageFindings("dog", "cat", **sure).sentences == [
        "It is taken for cat with a score of 1.000; the true class, dog, has 0.000."
    ]


def test_only_minimum_noise_unlike_white_noise_is_described_by_its_frequencies():
    rows, columns = np.mgrid[:16, :16]
    image, checks = np.full((16, 16, 1), 90, np.uint8), np.where((rows + columns) % 2, 9.0, -9.0)[..., None]
    high, white = spectrum_of(image, checks), spectrum_of(image, RNG.normal(0, 9, (16, 16, 1)))
    assert high.high == pytest.approx(1) and abs(white.high - white.white_high) < 0.05
    (said,) = ImageFindings(**SURE, spectrum=high).sentences
    assert said.startswith(
        "The noise varies more quickly from pixel to pixel than white noise does: 100 % of its energy is above half"
    )
    smooth = spectrum_of(image, np.sin(rows / 5)[..., None])
    (said,) = ImageFindings(**SURE, spectrum=smooth).sentences
    assert said.startswith("The noise varies more slowly from pixel to pixel than white noise does: ")
    assert ImageFindings(**SURE, spectrum=white).sentences == []
    assert ImageFindings(**SURE, spectrum=spectrum_of(image, 0 * checks)).sentences == []


def test_a_reference_has_as_many_images_as_the_network_and_the_memory_allow(monkeypatch):
    classifier = dense(2)
    pixels = np.random.default_rng(1).integers(0, 256, (80, *SHAPE), np.uint8)
    order = np.arange(80)[::-1]
    clean = CleanImages(pixels, np.zeros(80, int), np.arange(80), classifier.scores(pixels))
    monkeypatch.setattr(degraded_image, "MOST", 70)
    monkeypatch.setattr(degraded_image, "MOST_OF_LARGE", 66)

    def images(large, room):
        """Which images, if so many multiply-adds make a network large, and there is room for so many images."""
        monkeypatch.setattr(degraded_image, "LARGE", large)
        monkeypatch.setattr(degraded_image, "ROOM", 16 * room)
        return Reference(classifier, dataclasses.replace(clean, order=order)).clean.indices.tolist()

    adds = classifier.multiply_adds
    assert images(adds + 1, 1000) == list(range(79, 9, -1)) and len(images(adds, 1000)) == 66
    assert len(images(adds + 1, 68)) == 68 and len(images(adds + 1, 63)) == 64
    assert Reference(classifier, clean).clean.indices.tolist() == list(range(64))
    assert Reference(classifier, clean.select(np.arange(1))).clean.indices.tolist() == [0]
    assert (Reference(classifier, clean).others(2) == pixels[[3, 4, 5, 6, 7]]).all()
