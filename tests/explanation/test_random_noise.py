"""How strong random noise must be to change a prediction: against functions whose answer is known, and in words."""

import math

import numpy as np
import pytest
from small import SHAPE, of_function

from tfstab import Classifier
from tfstab.degradations import standard_normal
from tfstab.explanation.degraded_image import DegradedImage
from tfstab.explanation.image_words import ImageFindings
from tfstab.explanation.random_noise import STRENGTHS, TRIES, RandomNoise, random_noise
from tfstab.runs import CleanImages

CLEAN = np.full(SHAPE, 128, np.float32)
NAMES = ("cat", "dog", "cow")
LOST = {"actual": "cat", "predicted": "dog", "clean_prediction": "cat", "clean_score": 0.9, "places": []}


def pair(size, clean=CLEAN):
    """An image of class 0 and the same with noise of an L2, which is taken for class 1."""
    return DegradedImage(5, clean, clean + np.float32(size / 4), 0, 1)


def one():
    """One image of another class, which is too few to say anything about others."""
    return CleanImages(CLEAN[None].astype(np.uint8), np.array([1]), np.array([9]), np.eye(3)[:1])


def length(images):
    """The L2 of the noise of images that are `CLEAN` without it."""
    return np.linalg.norm((images - CLEAN).reshape(len(images), -1), axis=1)


def of_lengths(classes):
    """A classifier of three classes that sees the class classes(L2 of the noise)."""

    def scores(images):
        found = np.asarray(classes(length(images), images), int)
        return np.eye(3, dtype=np.float32)[found] * 0.8 + np.float32(0.2 / 3)

    return Classifier.from_function(scores, SHAPE, 3, fingerprint="made up")


def test_the_strength_that_is_needed_is_found_between_the_first_ones_that_are_tried():
    for needed in (1.3, 2.15, 3.25, 5.2, 13.4):
        found = random_noise(of_lengths(lambda l2, _, at=needed: l2 > 10 * at), pair(10), NAMES, one)
        low, high = found.needed
        assert low <= needed <= high <= 1.06 * low and found.special == (needed > 4), "half of them change it at once"
        assert set(found.changed) == {0, TRIES}
    assert "be 3.2 to 3.4 times as" in random_noise(of_lengths(lambda l2, _: l2 > 32.5), pair(10), NAMES, one).sentence(
        "noise", "dog"
    )


def test_directions_differ_in_the_strength_that_is_needed():
    """A linear boundary: how many directions cross it follows from their cosine with its normal."""
    needed = 2.6
    normal = np.zeros(SHAPE)
    normal[0, 0] = 1
    fields = np.stack([standard_normal(SHAPE, 0, 5, 0, copy) for copy in range(TRIES)]).reshape(TRIES, -1)
    cosines = np.abs(fields[:, 0]) / np.linalg.norm(fields, axis=1)
    far = 10 * needed * np.median(cosines)
    network = of_lengths(lambda _, images: np.abs(images - CLEAN)[:, 0, 0, 0] > far)
    found = random_noise(network, pair(10), NAMES, one)
    for strength, changed in zip(found.strengths, found.changed, strict=True):
        assert abs(changed - (10 * strength * cosines > far).sum()) <= 1
    assert found.needed[0] < needed < found.needed[1] and len(found.strengths) <= len(STRENGTHS) + 6


@pytest.mark.parametrize(
    ("size", "strengths"),
    [
        (64, (1, 2, 4)), (65, (1, 2)), (32, (1, 2, 4, 8)), (0.5, (1, 2, 4, 8, 16)), (256, (1,)), (300, (1,)), (0, ()),
    ],
)  # fmt: skip
def test_random_noise_is_at_most_a_quarter_of_the_range_strong_unless_its_own_is(size, strengths):
    """Of 16 pixels, 64 grey levels each are an L2 of 256."""
    network = of_function(lambda images: images.mean(axis=(1, 2, 3)) - 1)
    found = random_noise(network, pair(size, np.full(SHAPE, 100, np.float32)), NAMES, one)
    assert found.strengths == strengths and set(found.changed) <= {0} and found.mostly == ""


def test_random_noise_is_clipped():
    """On black and on white the mean can move in one direction only, and no value leaves the grey levels."""
    ends = []

    def margin(images):
        ends.append((images.min(), images.max()))
        return np.ones(len(images))

    for level in (0, 255):
        clean = np.full(SHAPE, level, np.float32)
        assert set(
            random_noise(of_function(margin), DegradedImage(3, clean, 128 + 0 * clean, 0, 1), NAMES, one).changed
        ) == {0}
    assert np.array(ends).max() == 255 and np.array(ends).min() == 0


def test_the_strength_is_that_of_what_clipping_leaves():
    """On black and on white, clipping removes nearly a third of the L2 of white noise."""
    clean = np.float32(255 * (np.indices(SHAPE).sum(axis=0) % 2))
    seen = []

    def scores(images):
        far = np.linalg.norm((images - clean).reshape(len(images), -1), axis=1)
        seen.append((far.min(), far.max()))
        return np.eye(2, dtype=np.float32)[(far > 98).astype(int)]

    network = Classifier.from_function(scores, SHAPE, 2, fingerprint="made up")
    shown = CleanImages(clean[None].astype(np.uint8), np.array([0]), np.array([9]), np.eye(2)[:1])
    noisy = np.abs(clean - 25)  # 25 grey levels everywhere: an L2 of 100
    found = random_noise(network, DegradedImage(5, clean, noisy, 0, 1), NAMES, lambda: shown)
    assert found.same == TRIES and found.others == (1, 1) and found.strengths == (1,)
    np.testing.assert_allclose(seen, 100, rtol=0.02)


def test_noise_that_does_the_same_is_compared_on_other_images():
    """Noise makes an image dog if it is that strong. Two of four are compared: right ones, not the image, no dogs."""
    images = np.stack([CLEAN, CLEAN, CLEAN, CLEAN, CLEAN + 60]).astype(np.uint8)

    def scores(given):
        far = length(given)
        return np.eye(3, dtype=np.float32)[np.where(far > 200, 2, (far > 5) * 1)]

    network = Classifier.from_function(scores, SHAPE, 3, fingerprint="made up")
    classes = np.array([0, 0, 1, 0, 2])
    shown = CleanImages(images, classes, np.array([5, 6, 7, 8, 9]), network.scores(images))
    assert shown.correct.tolist() == [True, True, False, True, True]
    found = random_noise(network, pair(10), NAMES, lambda: shown)
    assert (found.same, found.mostly, found.most, found.others) == (TRIES, "dog", TRIES, (2, 3))
    findings = ImageFindings(**LOST, random=found, change="change")
    assert findings.title == "The strength of the change alone is enough" and findings.sentences[0] == (
        "Random noise of the same strength (L2) leads to dog, too, in 64 of 64 tries. It changes the prediction of 2 "
        "of 3 other images."
    )


def test_noise_that_clipping_makes_brighter_may_do_it_by_its_brightness():
    """Whatever is brighter than 12 grey levels on average is a dog; on black, clipping leaves the bright noise only."""

    def scores(given):
        bright = given.reshape(len(given), -1).mean(axis=1) > 12
        return np.eye(3, dtype=np.float32)[bright.astype(int)]

    network = Classifier.from_function(scores, SHAPE, 3, fingerprint="made up")
    black, grey = np.zeros(SHAPE, np.float32), np.full(SHAPE, 11, np.float32)
    shown = CleanImages(black[None].astype(np.uint8), np.array([0]), np.array([9]), np.eye(3)[:1])
    found = random_noise(network, DegradedImage(5, black, black + 30, 0, 1), NAMES, lambda: shown)
    assert found.same > TRIES - 5 and 15 < found.shift < 20  # 30 x sqrt(1 / pi) = 17
    findings = ImageFindings(**LOST, random=found, change="change")
    assert "strength" not in findings.title
    assert (
        f"It also makes the image brighter, by {found.shift:.0f} grey levels on average, because grey levels beyond 0 "
        "and 255 are cut off. So this may be due to the brightness, and not to the strength alone."
    ) in findings.sentences[0]
    assert random_noise(network, DegradedImage(5, grey, grey + 2, 0, 1), NAMES, lambda: shown).shift < 1


def test_the_other_images_are_of_all_classes_though_the_data_are_sorted_by_class():
    """Noise makes every cat a dog, but no cow another animal; the run takes both in turn."""
    images = np.concatenate([np.repeat(CLEAN[None], 70, axis=0), np.repeat(CLEAN[None] + 90, 70, axis=0)])

    def scores(given):
        far = length(given)
        return np.eye(3, dtype=np.float32)[np.where(far > 200, 2, (far > 5) * 1)]

    network = Classifier.from_function(scores, SHAPE, 3, fingerprint="made up")
    order = np.arange(140).reshape(2, 70).T.ravel()
    classes, indices = np.repeat([0, 2], 70), np.arange(10, 150)
    shown = CleanImages(images.astype(np.uint8), classes, indices, network.scores(images), order=order)
    assert random_noise(network, pair(10), NAMES, lambda: shown).others == (32, 64)
    in_order = shown.select(order)  # as the viewer keeps them
    assert random_noise(network, pair(10), NAMES, lambda: in_order).others == (32, 64)


@pytest.mark.parametrize(("cats", "attracts"), [(64, True), (40, True), (32, False)])
def test_staying_right_under_noise_says_little_if_most_other_images_are_taken_for_the_class_then(cats, attracts):
    """Noise changes no cat, and makes some of 64 cows cats."""
    images = np.repeat(CLEAN[None], 64, axis=0)
    images[cats:] += 90

    def scores(given):
        return np.eye(3, dtype=np.float32)[np.where(length(given) > 200, 2, 0)]

    network = Classifier.from_function(scores, SHAPE, 3, fingerprint="made up")
    shown = CleanImages(images.astype(np.uint8), np.full(64, 2), np.arange(10, 74), np.eye(3)[[2] * 64])
    found = random_noise(network, pair(10), NAMES, lambda: shown)
    assert (found.taken, found.attracts, found.special) == ((cats, 64), attracts, not attracts)
    said = ImageFindings(**LOST, random=found, change="change").sentences[0]
    told = (
        f"This says little, because under noise as strong, {cats} of 64 images of other classes are taken for cat, too."
    )
    assert said.endswith(told) == attracts


def test_noise_that_leads_to_another_class_is_no_cause():
    found = random_noise(of_lengths(lambda l2, _: 2 * (l2 > 5)), pair(10), NAMES, one)
    findings = ImageFindings(**LOST, random=found, change="change", gains={"a": 2.0})
    assert findings.title == "No single cause stands out" and findings.sentences[0] == (
        "Random noise of the same strength (L2) changes the prediction, too, in 64 of 64 tries, but to class cow in "
        "64 of them, and to class dog in none."
    )


@pytest.mark.parametrize(
    ("found", "needed", "said"),
    [
        (RandomNoise((1, 2, 4), (32, 20, 6)), (0, math.inf),
         "Random noise of the same strength (L2) changes the prediction in 32 of 64 tries."),
        (RandomNoise((1,), (8,)), (1, math.inf),
         "Random noise of the same strength (L2) changes the prediction in 8 of 64 tries."),
        (RandomNoise((1, 2, 4), (8, 30, 10)), (1, math.inf),
         "Random noise up to 4 times as strong (L2) as this noise changes the prediction in at most 30 of 64 tries."),
        (RandomNoise((1, 2, 4), (8, 20, 10)), (4, math.inf),
         "Random noise changes the prediction in fewer than half of the tries, even if it is 4 times as strong (L2) as "
         "this noise. Random noise only as strong as this noise already changes it in 8 of 64 tries."),
        (RandomNoise((1, 2, 4, 8), (8, 30, 10, 64)), (1, 8),
         "Random noise must be 1 to 8 times as strong (L2) as this noise to change the prediction in half of the "
         "tries. Random noise only as strong as this noise already changes it in 8 of 64 tries."),
        (RandomNoise((1, 8, 11.31, 12.34, 16), (0, 0, 20, 60, 64)), (11.31, 12.34),
         "Random noise must be 11 to 13 times as strong (L2) as this noise to change the prediction in half of the "
         "tries."),
        (RandomNoise((1,), (60,), 35, "dog", 35), (0, 1),
         "Random noise of the same strength (L2) changes the prediction, too, in 60 of 64 tries, but to class dog in "
         "only 35 of them."),
        (RandomNoise((1,), (64,), 64, "dog", 64, (60, 64)), (0, 1),
         "Random noise of the same strength (L2) leads to dog, too, in 64 of 64 tries. It changes the prediction of 60 "
         "of 64 other images, so this says nothing about this image in particular."),
        (RandomNoise(), (0, math.inf), ""),
    ],
)  # fmt: skip
def test_what_is_said_of_random_noise(found, needed, said):
    assert found.needed == needed and found.sentence("noise", "dog") == said
