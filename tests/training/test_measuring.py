"""Scores of remedies on validation images: how many images and copies, in which order, and for how long."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tfstab import Classifier, Dataset
from tfstab.training.remedies import measuring
from tfstab.training.remedies.candidates import Candidate, single_candidates
from tfstab.training.remedies.kept import KeptArrays
from tfstab.training.remedies.measure import ACCURACY, MEAN_RECALL, image_weights, measure_for, measured
from tfstab.training.remedies.measuring import measure, measured_ensemble


def images(count):
    """Images of one pixel, whose grey level is their place modulo 251; every second is of class 1."""
    pixels = (np.arange(count) % 251).astype(np.uint8).reshape(-1, 1, 1, 1)
    return Dataset.from_arrays("mine", "train", pixels, np.arange(count) % 2)


def scores_by(factor):
    return lambda batch: np.pad(np.float32(factor) * batch[:, 0, 0], ((0, 0), (0, 1)))


def candidate(name, factor):
    """A remedy whose score of class 0 is its factor times the grey level."""
    return Candidate(name, name, 1, scores_by(factor), str)


def degrader(size):
    """It adds the number of the draw, counted from that of the first; `calls` keeps what it was asked."""
    calls = []

    def degrade(batch, seed, number):
        calls.append((len(batch), seed, number - measuring.DRAWS))
        return batch + np.float32(number - measuring.DRAWS)

    return type("Degrader", (), {"size": size, "calls": calls, "__call__": staticmethod(degrade)})()


@pytest.mark.parametrize(
    ("count", "size", "copies", "used"),
    [(300, 128, 4, 300), (100, 60, 5, 100), (250, 250, 4, 250), (2100, 900, 1, 2000)],
)
def test_how_many_copies_are_drawn_and_with_which_numbers(count, size, copies, used):
    degrade, told, data = degrader(size), [], images(count)
    first, second = measure([candidate("a", 1), candidate("b", -1)], data, degrade, 7, on_progress=told.append)
    starts = range(0, used, size)
    assert degrade.calls == [(min(size, used - s), 7, 5 * s + k) for s in starts for k in range(copies)]
    assert first.degraded_scores.shape == (used, copies, 2) and first.clean_scores.shape == (used, 2)
    assert told == pytest.approx([(s + min(size, used - s) * k / 2) / used for s in starts for k in (1, 2)] + [1])
    assert np.bincount(first.labels).tolist() == [used // 2, used // 2]
    numbers = np.array([5 * (row // size * size) + np.arange(copies) for row in range(used)])
    assert np.array_equal(first.degraded_scores[..., 0] - first.clean_scores[:, None, 0], numbers)
    assert np.array_equal(second.clean_scores, -first.clean_scores)
    both = measured_ensemble(candidate("both", 0), [first, second])
    assert not both.clean_scores.any() and not both.degraded_scores.any() and both.labels is first.labels


class Timed:
    """Remedies by a clock of their own, by which an image takes so many seconds to score; `scored` counts images."""

    def __init__(self, monkeypatch, seconds):
        self.now, self.scored, self.seconds = 0.0, 0, seconds
        monkeypatch.setattr(measuring, "time", SimpleNamespace(monotonic=lambda: self.now))

    def remedies(self):
        def scores(batch):
            self.now += self.seconds * len(batch)
            self.scored += len(batch)
            return scores_by(1)(batch)

        return [Candidate(name, name, 1, scores, str) for name in ("original", "another")]


@pytest.mark.parametrize(
    ("minutes", "scored", "copies"),
    [(1000, 600, 2), (60, 500, 2), (24, 200, 2), (18, 200, 1), (15, 100, 1), (0, 100, 1)],
)
def test_with_less_time_there_are_fewer_images_then_fewer_copies_then_fewer_images(
    minutes, scored, copies, monkeypatch
):
    """A second an image: 600 images and 2 copies with 2 remedies take 3,600 s, the test of the speed 200 s."""
    timed = Timed(monkeypatch, 1.0)
    first, _ = measure(timed.remedies(), images(600), degrader(100), 0, minutes=minutes)
    assert first.degraded_scores.shape == (scored, copies, 2) and len(first.labels) == scored
    assert timed.now <= max(60 * minutes, 600), "one batch is scored in any case"


def test_if_scoring_gets_slower_it_ends_in_time_with_the_batches_that_are_whole(monkeypatch):
    """The first batch ends after 800 s, and the second would after 1,400 s; but its third part takes 500 s, not 100."""
    timed = Timed(monkeypatch, 1.0)
    first, second = timed.remedies()

    def slow(batch):
        timed.seconds = 1.0 if timed.scored < 1000 else 5.0
        return first.scores(batch)

    remedies = [Candidate("original", "original", 1, slow, str), second]
    measured, _ = measure(remedies, images(600), degrader(100), 0, minutes=24.5)
    assert len(measured.labels) == 100 and timed.now == 1500


def test_scores_that_were_kept_are_not_computed_again(tmp_path, monkeypatch):
    timed, data = Timed(monkeypatch, 0.0), images(250)
    alone = measure(timed.remedies(), data, degrader(100), 0)
    count, timed.scored = timed.scored, 0

    def stop(share):
        if share > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), KeptArrays(tmp_path, "work") as kept:
        measure(timed.remedies(), data, degrader(100), 0, None, stop, kept, 2)
    stopped = timed.scored
    assert len(list((tmp_path / "parts").glob("remedies-000000-*.npz"))) == 1
    with KeptArrays(tmp_path, "work") as kept:
        again = measure(timed.remedies(), data, degrader(100), 0, None, None, kept, 2)
    assert 0 < stopped < count == timed.scored
    for one, other in zip(alone, again, strict=True):
        assert np.array_equal(one.clean_scores, other.clean_scores)
        assert np.array_equal(one.degraded_scores, other.degraded_scores)


def test_with_time_for_all_copies_the_fewer_ones_of_a_shorter_call_are_not_enough(tmp_path, monkeypatch):
    timed, shapes = Timed(monkeypatch, 1.0), []
    for minutes in (8, 9, 1000):
        with KeptArrays(tmp_path, "work") as kept:
            first, _ = measure(timed.remedies(), images(150), degrader(50), 0, minutes, None, kept, 2)
        shapes.append(first.degraded_scores.shape[:2])
    assert shapes == [(50, 1), (150, 1), (150, 5)]


def test_scores_of_other_work_and_those_of_a_damaged_file_are_not_used(tmp_path, monkeypatch):
    timed, data = Timed(monkeypatch, 0.0), images(250)

    def scored(work="work", classes=2):
        timed.scored = 0
        with KeptArrays(tmp_path, work) as kept:
            measure(timed.remedies(), data, degrader(100), 0, None, None, kept, classes)
        return timed.scored

    whole = scored()
    assert scored() == 0 and scored("other") == whole and scored(classes=3) == whole
    for file in (tmp_path / "parts").iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert scored() == whole


def test_statistics_that_were_kept_are_not_measured_again(tmp_path):
    L = keras.layers
    layers = [L.Input((1, 1, 1)), L.BatchNormalization(), L.Flatten(), L.Dense(2)]
    network, found = Classifier(keras.Sequential(layers), outputs="logits"), []
    for minutes in (None, 0):
        degrade = degrader(16)
        with KeptArrays(tmp_path, "work") as kept:
            candidates, _ = single_candidates(network, images(100), degrade, 0, minutes, kept)
        found.append([candidate.make("new").fingerprint for candidate in candidates[1:4]])
        assert len(degrade.calls) == (6 if minutes is None else 0)
    assert found[0] == found[1]
    with KeptArrays(tmp_path, "other") as kept:
        kept.put("statistics: images", np.array([16.0]))
        kept.put("statistics of layer 0", np.zeros((2, 7)))
        again, _ = single_candidates(network, images(100), degrade, 0, None, kept)
    assert len(again) == 7 and again[1].make("new").fingerprint != found[0][0], "of another network: it is left out"


def test_the_share_of_right_copies_of_each_image():
    scores = np.array([[[1, 0], [0, 1]], [[0, 1], [0, 1]]], np.float32)
    made = measuring.Measured(candidate("a", 1), np.array([0, 1]), scores[:, 0], scores)
    assert made.right.tolist() == [0.5, 1.0] and made.degraded == 0.75 and made.clean == 1


@pytest.mark.parametrize(("sizes", "found"), [((63, 62), ACCURACY), ((3, 2), ACCURACY), ((61, 39), MEAN_RECALL)])
def test_two_classes_of_nearly_equal_size_are_judged_by_accuracy(sizes, found):
    labels = np.repeat([0, 1], sizes)
    assert measure_for(labels) == found and (image_weights(labels) == 1).all() == (found == ACCURACY)
    share = sizes[0] / sum(sizes)
    assert measured(labels == 0, labels) == pytest.approx(share if found == ACCURACY else 0.5)
