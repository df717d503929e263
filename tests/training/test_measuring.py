"""Scores of remedies on validation images: how many images and copies, in which order, and for how long."""

from types import SimpleNamespace

import numpy as np
import pytest

from tfstab import Dataset
from tfstab.training.remedies import measuring
from tfstab.training.remedies.candidates import Candidate
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


@pytest.mark.parametrize(("size", "scored"), [(100, 200), (150, 300), (64, 256), (1000, 600)])
def test_without_time_two_hundred_images_are_scored(size, scored):
    (measured,) = measure([candidate("a", 1)], images(600), degrader(size), 0, minutes=0)
    assert len(measured.labels) == len(measured.clean_scores) == len(measured.degraded_scores) == scored


def test_the_time_is_in_minutes(monkeypatch):
    seconds = iter([100.0, 159.0, 160.0, 161.0])
    monkeypatch.setattr(measuring, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    (measured,) = measure([candidate("a", 1)], images(1200), degrader(200), 0, minutes=1)
    assert len(measured.labels) == 600, "the third batch ends after more than a minute"


def test_the_share_of_right_copies_of_each_image():
    scores = np.array([[[1, 0], [0, 1]], [[0, 1], [0, 1]]], np.float32)
    made = measuring.Measured(candidate("a", 1), np.array([0, 1]), scores[:, 0], scores)
    assert made.right.tolist() == [0.5, 1.0] and made.degraded == 0.75 and made.clean == 1
