"""Shares of confusions with intervals by images, and which confusions may lead."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig


@pytest.fixture
def swept(tmp_path):
    """Returns a function that makes a sweep of classes with so many images, some of which are taken for others."""

    def make(sizes, taken, copies=1):
        """taken: the number of images by true class and predicted class; all of their copies are taken."""
        labels = np.repeat(np.arange(len(sizes)), sizes)
        predicted, start = labels.copy(), np.concatenate([[0], np.cumsum(sizes)])
        for (actual, other), images in taken.items():
            predicted[start[actual] : start[actual] + images] = other
            start[actual] += images
        run = made_sweep(
            tmp_path / "run",
            SweepConfig(sigmas=(10,), copies=copies),
            predicted[:, None, None],
            labels,
            classes=len(sizes),
        )
        return run.measures

    return make


# (0, 1) leads all of these, in the order of the classes.
CASES = {
    "a clear case": ([50] * 3, {(0, 1): 30, (1, 0): 10, (2, 0): 9}, 1),
    "a clear case within one class": ([50] * 3, {(0, 1): 22, (0, 2): 8}, 1),
    "two classes, and none is taken the other way": ([50, 50], {(0, 1): 20}, 1),
    "a tie": ([50] * 3, {(0, 1): 15, (1, 0): 15}, 2),
    "a tie within one class": ([50] * 3, {(0, 1): 15, (0, 2): 15}, 2),
    "a tie of two classes": ([50, 50], {(0, 1): 20, (1, 0): 20}, 2),
    "three, and others that are certainly behind": (
        [100] * 4,
        {(0, 1): 30, (1, 0): 28, (2, 0): 26, (3, 0): 3, (3, 1): 3},
        3,
    ),
    "more than are asked for": ([50] * 6, {(k, (k + 1) % 6): 10 for k in range(6)}, None),
    "few images": ([50] * 3, {(0, 1): 3, (1, 0): 1}, None),
    "a rare class, all of whose images are taken": ([3, 200], {(0, 1): 3}, None),
    "a rare class behind a common one": ([200, 3], {(0, 1): 40, (1, 0): 3}, 1),
    "no confusion": ([50] * 3, {}, 0),
}


@pytest.mark.parametrize("case", CASES)
def test_the_most_frequent_confusion_is_certainly_among_the_first(swept, case):
    sizes, taken, leaders = CASES[case]
    assert swept(sizes, taken).confusion_shares().leaders(most=5) == leaders


def test_images_decide_which_confusion_leads_not_their_copies(swept):
    taken = {(0, 1): 12, (1, 0): 6}
    assert swept([50, 50], taken, copies=100).confusion_shares().leaders() == 2


def test_shares_of_an_image_in_both_confusions_are_paired(tmp_path):
    """Each of 50 images has 6 copies taken for class 1 and 4 for class 2: little, but the same each time."""
    predicted = np.zeros((60, 1, 20), int)
    predicted[:50, 0, :6], predicted[:50, 0, 6:10] = 1, 2
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10,), copies=20), predicted)
    assert run.measures.confusion_shares().leaders() == 1


def test_intervals_of_confusions_are_by_images_and_that_of_the_diagonal_is_the_recalls(swept):
    measures = swept([50, 20, 1, 0], {(0, 1): 10, (0, 2): 5, (1, 0): 1}, copies=7)
    shares, recalls = measures.confusion_shares(), measures.intervals.class_metrics().recall
    assert shares.images.tolist() == [50, 20, 1, 0] and shares.possible == 9
    one = shares.estimate(0, 1)
    assert (one.value, round(one.low, 3), round(one.high, 3)) == (0.2, 0.1, 0.337)  # Clopper and Pearson's of 10 of 50
    never = shares.estimate(1, 2)
    assert never.value == never.low == 0 and 0.1 < never.high < 0.2
    for k in range(3):
        e = shares.estimate(k, k)
        np.testing.assert_allclose([e.value, e.low, e.high], [measures.class_metrics().recall[k], *recalls[:, k]])
    assert np.isnan(shares.estimate(3, 0).value)


def test_confusions_of_one_severity_and_of_images_that_are_right_when_clean(tmp_path):
    labels, clean = [0] * 10 + [1] * 10, [1] * 4 + [0] * 6 + [1] * 10
    predicted = np.repeat(np.array(labels)[:, None, None], 2, axis=1)
    predicted[:5, 1] = 1
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(5, 10), copies=1), predicted, labels, clean, classes=2)
    shares = run.measures.confusion_shares
    values = [shares(*chosen).estimate(0, 1).value for chosen in ((), (5,), (10,), (10, True))]
    assert values == [0.25, 0, 0.5, 1 / 6] and shares(10, True).images.tolist() == [6, 10]
    assert shares(5).leaders() == 0
