"""A verdict proposes another decision threshold of a model for two classes only if it certainly helps."""

import re

import keras
import numpy as np
import pytest
from own_time import own_time

from tfstab import Classifier, assess
from tfstab.assessment.other_threshold import other_threshold
from tfstab.datasets import Dataset


@pytest.fixture
def same_time():
    """A minute is the same work on every machine: on a busy one, seconds would leave too few images to decide."""
    with own_time(0.001):
        yield


def drawn(rng, images, share, shift):
    """Labels, and scores of class 1, of two classes alike but for the shift of the logit by which one is preferred."""
    labels = (rng.random(images) < share).astype(np.int64)
    logits = rng.normal(0, 1.5, images) + np.where(labels == 1, 1.5, -1.5) + shift
    return labels, 1 / (1 + np.exp(-logits))


def test_no_threshold_is_proposed_where_the_present_one_is_the_best():
    rng = np.random.default_rng(0)
    cases = [(images, share) for images in (100, 400, 2000) for share in (0.5, 0.1)]
    found = [other_threshold(*drawn(rng, *case, shift=0)) for case in cases for _ in range(60)]
    assert sum(one is not None for one in found) <= len(found) // 100


def test_always_answering_the_same_class_is_not_proposed_to_a_network_that_does_worse():
    """Of its images 60 % are right, which is more than by chance, but the mean recall is below 50 %."""
    rng = np.random.default_rng(2)
    labels = (rng.random(2000) < 0.1).astype(np.int64)
    scores = np.clip(0.42 + rng.normal(0, 0.2, 2000) - 0.1 * labels, 0.01, 0.98)
    right = (scores > 0.5) == (labels == 1)
    assert right.mean() > 0.59 and right[labels == 0].mean() + right[labels == 1].mean() < 0.95
    assert other_threshold(labels, scores) is None


def test_a_better_one_is_found_and_its_gain_is_that_of_other_images():
    rng = np.random.default_rng(1)
    labels, scores = drawn(rng, 400_000, 0.3, 1.5)

    def mean_recall(threshold):
        above = scores > threshold
        return (above[labels == 1].mean() + 1 - above[labels == 0].mean()) / 2

    found = [other_threshold(*drawn(rng, 1000, 0.3, 1.5)) for _ in range(100)]
    assert sum(one is not None for one in found) >= 95
    proposed = [one for one in found if one is not None]
    assert all(one.recalls[0] > one.recalls_now[0] and one.gain.low > 0 for one in proposed)
    truth = [mean_recall(one.threshold) - mean_recall(0.5) for one in proposed]
    covered = [one.gain.low <= true <= one.gain.high for one, true in zip(proposed, truth, strict=True)]
    assert np.mean(covered) >= 0.9


def test_its_accuracy_is_not_claimed_from_the_images_on_which_it_was_chosen():
    """None of these loses an image of those on which it was chosen, but most lose accuracy on others."""
    rng = np.random.default_rng(3)
    found = [other_threshold(*drawn(rng, 400, 0.3, -1)) for _ in range(100)]
    proposed = [one for one in found if one is not None]
    labels, scores = drawn(rng, 400_000, 0.3, -1)
    now, *then = (np.mean((scores > t) == (labels == 1)) for t in (0.5, *(one.threshold for one in proposed)))
    change = np.array(then) - now
    assert len(proposed) > 20 and np.mean(change < -0.001) > 0.5
    covered = [one.accuracy.low <= true <= one.accuracy.high for one, true in zip(proposed, change, strict=True)]
    assert np.mean(covered) >= 0.9 and all(one.accuracy.high >= 0 for one in proposed)


def test_the_verdict_names_it_and_the_report_shows_it_until_the_model_has_it(same_time, tmp_path):
    """The model calls everything brighter than 150 bright; the bright images begin at 120."""
    dense = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.GlobalAveragePooling2D(), dense])
    dense.set_weights([np.float32([[0.05]]), np.float32([-0.05 * 150])])
    levels = np.concatenate([np.linspace(40, 110, 40), np.linspace(120, 220, 40)]).astype(np.uint8)
    pixels = np.repeat(levels, 16).reshape(-1, 4, 4, 1)
    data = Dataset.from_arrays("parts", "test", pixels, np.int64(levels > 115), class_names=("dark", "bright"))
    given = {"minutes": 0.02, "degradations": ["fog"], "search": False}
    before = assess(Classifier(model), data, out=tmp_path / "before", **given)
    (found,) = before.verdict.of_kind("threshold")
    assert (
        "100 % of the images of class dark are right when clean (now 100 %), and 100 % of class bright (now 68 %)"
        in found.text
    )
    assert re.search(r"The mean recall changes by \+\S+ points \(.*\), and the accuracy by \+\S+ points \(", found.text)
    assert found.text.split(":")[0] in before.report.read_text("utf-8") and found.text in str(before)
    threshold = float(re.search(r": --threshold (0\.\d+) \(now 0\.5\)", found.text)[1])
    after = assess(Classifier(model, threshold=threshold), data, out=tmp_path / "after", **given)
    assert after.figures.clean.value == 1 and not after.verdict.of_kind("threshold")


def test_a_network_that_seems_to_guess_because_of_its_threshold_is_told_so_in_words_for_what_it_is(same_time, tmp_path):
    """It takes everything for bright, but the scores of the bright ones are higher; a function has no option."""

    def scores(images):
        bright = 1 / (1 + np.exp(-0.05 * (np.asarray(images).mean(axis=(1, 2, 3)) - 30)))
        return np.stack([1 - bright, bright], axis=1)

    levels = np.concatenate([np.linspace(40, 110, 40), np.linspace(120, 220, 40)]).astype(np.uint8)
    data = Dataset.from_arrays(
        "parts",
        "test",
        np.repeat(levels, 16).reshape(-1, 4, 4, 1),
        np.int64(levels > 115),
        class_names=("dark", "bright"),
    )
    network = Classifier.from_function(scores, (4, 4, 1), 2, fingerprint="bright", name="bright")
    found = assess(network, data, minutes=0.05, degradations=["fog"], search=False, out=tmp_path / "run")
    assert "no better than guessing among 2 classes" in str(found)
    said = (
        "recall of clean images: 0.99, which your predict function must apply itself (now 0.5). With it, 100 % of the"
    )
    assert said in str(found) and said.partition(" (")[0] in found.report.read_text("utf-8")
