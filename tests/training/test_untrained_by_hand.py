"""Remedies without training, worked out by hand: statistics of a few pixels, tests on a few images, and words."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tfstab import Classifier, Dataset
from tfstab.metrics.paired import mean_difference
from tfstab.training.remedies import candidates, untrained
from tfstab.training.remedies.batchnorm import batch_norm_layers, measure_statistics, with_statistics
from tfstab.training.remedies.candidates import Candidate, single_candidates
from tfstab.training.remedies.measuring import Measured
from tfstab.training.remedies.untrained import is_better, summary, without_training

L = keras.layers


def normalised():
    """A network that normalises images of one pixel, behind dropout; its own mean is 0 and its variance 1."""
    layers = [L.Input((1, 1, 1)), L.Dropout(0.5), L.BatchNormalization(), L.Flatten(), L.Dense(2)]
    return Classifier(keras.Sequential(layers), outputs="logits")


def column(*levels):
    return np.float32(levels).reshape(-1, 1, 1, 1)


def pixels(count):
    return Dataset.from_arrays("mine", "train", np.uint8(column(*range(count))), np.arange(count) % 2)


def test_statistics_of_two_batches_are_those_of_all_their_images():
    """0, 2, 10 and 14 have the mean 6.5 and the variance 32.75, half of which is between the batches."""
    network = normalised()
    statistics = measure_statistics(network, [column(0, 2), column(10, 14)])
    ((mean, variance),) = statistics.moments
    assert (statistics.images, mean.tolist(), variance.tolist()) == (4, [6.5], [32.75])
    (layer,) = batch_norm_layers(with_statistics(network, statistics, prior=12).model)
    assert layer.moving_mean.numpy().tolist() == [1.625]
    assert layer.moving_variance.numpy().tolist() == [0.75 + 32.75 / 4]


class Shifted:
    """Adds 3 to batches of a size, and keeps what it was asked."""

    def __init__(self, size):
        self.size, self.calls, self.seen = size, [], []

    def __call__(self, images, seed, number):
        self.calls.append((len(images), seed, number))
        self.seen.append(np.float32(images) + 3)
        return self.seen[-1]


def test_statistics_are_measured_on_whole_batches_as_long_as_there_is_time(monkeypatch):
    seconds = iter([100.0, 159.0, 160.0])
    monkeypatch.setattr(candidates, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    degrade = Shifted(16)
    found, left_out = single_candidates(normalised(), pixels(80), degrade, 7, minutes=1)
    assert degrade.calls == [(16, 7, 0), (16, 7, 1)] and not left_out, "the third would begin after a minute"
    mean = np.mean(degrade.seen)
    for one, share in zip(found[1:4], (1, 2 / 3, 1 / 3), strict=True):
        (layer,) = batch_norm_layers(one.make("new").model)
        assert layer.moving_mean.numpy() == pytest.approx(share * mean, rel=1e-5)
        assert one.name == f"batchnorm-{100 * share:.0f}" and one.cost == 1
        assert ("averaged with its original ones" in one.about) == (share < 1)


def test_a_batch_that_statistics_are_measured_on_has_sixteen_images(monkeypatch):
    monkeypatch.setattr(candidates, "ORIGINAL_SHARES", (0.0,))
    few = Shifted(64)
    found, _ = single_candidates(normalised(), pixels(16), few, 0, minutes=0)  # time for one batch
    assert few.calls == [(64, 0, 0)] and len(found) == 5, "images are repeated to fill the batch"
    for images, size in ((15, 16), (40, 15)):
        found, (reason,) = single_candidates(normalised(), pixels(images), Shifted(size), 0)
        assert "a batch has fewer than 16 images" in reason and len(found) == 4


# --- the choice ---


def measured(*right, name="any", cost=1, clean=1.0):
    """A remedy of which it is given which degraded images of class 1 are right; `clean` is the share of clean ones."""
    scores = np.eye(2, dtype=np.float32)[np.array(right, int)]
    clean_scores = np.eye(2, dtype=np.float32)[(np.arange(len(right)) < clean * len(right)).astype(int)]
    candidate = Candidate(name, f"the network {name}", cost, str, str)
    return Measured(candidate, np.ones(len(right), np.int64), clean_scores, scores[:, None])


@pytest.mark.parametrize(
    ("gained", "images", "comparisons", "better"),
    [
        (3, 10, 1, True),  # z = sqrt(3 x 9 / 7) = 1.964, and the normal quantile is 1.960
        (3, 11, 1, False),  # 1.936
        (3, 8, 1, True),  # 2.049
        (3, 8, 2, False),  # against 2.241
        (1, 1, 1, False),
        (2, 2, 1, True),
        (0, 2, 1, False),
    ],
)
def test_what_is_better_by_a_paired_z_test(gained, images, comparisons, better):
    none, some = measured(*[0] * images), measured(*[1] * gained, *[0] * (images - gained))
    assert is_better(some, none, comparisons) == better and not is_better(none, some, comparisons)


def test_what_was_chosen_in_words():
    original, better = (
        measured(*[1] * 10, *[0] * 30),
        measured(*[1] * 30, *[0] * 10, name="smoothed", cost=8, clean=0.9),
    )
    for keep_clean, points in ((1, "1 point"), (0.5, "0.5 points"), (2, "2 points")):
        said = summary(original, original, keep_clean)
        assert f"loses at most {points} of clean accuracy (40 validation images): it stays unchanged." in said
    gain = mean_difference(original.right, better.right)
    assert summary(better, original, 1) == (
        "Chosen without training: the network smoothed. On degraded copies of 40 validation images, accuracy rises "
        f"from 25.0 to 75.0 %, by 50.0 points (95 % interval {100 * gain.low:.1f} to {100 * gain.high:.1f}); on clean "
        "ones, it goes from 100.0 to 90.0 %. Scoring an image takes about 8 times as long."
    )


def of_classes(common, rare, name="any"):
    """A remedy with which so many of 180 images of class 0 and of 20 of class 1 are right, clean and degraded."""
    right = np.r_[np.arange(180) < common, np.arange(20) < rare]
    labels = np.repeat([0, 1], [180, 20])
    scores = np.eye(2, dtype=np.float32)[np.where(right, labels, 1 - labels)]
    return Measured(Candidate(name, f"the network {name}", 1, str, str), labels, scores, scores[:, None])


def test_where_one_class_is_common_remedies_are_chosen_by_mean_recall():
    original, constant, finding = of_classes(108, 10, "original"), of_classes(180, 0), of_classes(90, 20, "finding")
    assert (original.degraded, constant.degraded, finding.degraded) == (0.55, 0.5, 0.75), "accuracy: 0.59, 0.9, 0.55"
    assert untrained.choose([original, constant], 5) is original, "it finds no image of class 1"
    assert untrained.choose([original, constant, finding], 5) is finding
    said = summary(finding, original, 5)
    assert "mean recall rises from 55.0 to 75.0 %, by 20.0 points (95 % interval " in said
    assert "No remedy that needs no training clearly raises the mean recall on" in summary(original, original, 5)
    row = untrained._row(finding, original)
    assert row["gain_points"] == pytest.approx(20) and 0 < row["interval_95"][0] < 20 < row["interval_95"][1] < 40


def test_ensembles_are_of_the_original_with_the_best_cheap_and_the_best_smoothed_one():
    tried = [
        measured(1, 0, 0, name="original"),
        measured(1, 1, 0, name="a", cost=8),
        measured(1, 1, 1, name="b", cost=8),
    ]
    assert [each.candidate.name for each in untrained._ensembles(tried)] == ["original+b"]
    tried += [measured(1, 1, 1, name="c"), measured(1, 0, 1, name="d")]
    tried[2] = measured(1, 1, 0, name="b", cost=8)
    names = [each.candidate.name for each in untrained._ensembles(tried)]
    assert names == ["original+c", "original+a", "original+c+a"]


def test_a_fifth_of_the_time_at_most_is_for_statistics_and_what_is_left_for_scores(monkeypatch):
    given = {}

    def recorded(name, real):
        def call(*arguments):
            given[name] = arguments[4]
            return real(*arguments[:4])

        monkeypatch.setattr(untrained, name, call)

    recorded("single_candidates", single_candidates)
    recorded("measure", untrained.measure)
    network = Classifier.from_function(
        lambda images: np.eye(2)[(images.mean(axis=(1, 2, 3)) > 20).astype(int)], (1, 1, 1), 2, fingerprint="bright 1"
    )
    mixture = SimpleNamespace(degrade=lambda images, seed: images)
    _, card = without_training(network, pixels(40), pixels(40), mixture, 0, 0, minutes=10)
    assert given == {"single_candidates": 2, "measure": pytest.approx(10, abs=0.5)}, "the statistics took no time"
    assert (card["validation_images"], card["degraded_copies"]) == (40, 5)
    for row in card["compared"]:
        assert row["gain_points"] == pytest.approx(100 * (row["degraded"] - card["compared"][0]["degraded"]))
        assert row["interval_95"][0] <= row["gain_points"] <= row["interval_95"][1]
