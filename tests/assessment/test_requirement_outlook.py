"""How many images an undecided requirement says would decide it."""

import re

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, check, parse_requirements
from tfstab.metrics.kept import share_of

NEAR = (
    "This is too close to say how many images{} would decide it: intervals of half the width take about four times as "
)
AS_MEASURED = "If the value stays as measured,"


@pytest.fixture
def said(tmp_path):
    """said(requirement, *classes) -> what follows the limit in the sentence; the numbers of given images as an option.

    For each class: its images, how many are right when clean, and how many under fog, which are the first ones.
    """

    def outlook(text, *classes, available=None, others=()):
        labels = np.repeat(np.arange(len(classes)), [images for images, _, _ in classes])
        place = np.concatenate([np.arange(images) for images, _, _ in classes])
        clean, fog = (np.repeat([one[k] for one in classes], [one[0] for one in classes]) for k in (1, 2))
        wrong = (labels + 1) % 3
        taken, degraded = (np.where(place < right, labels, wrong) for right in (clean, fog))
        runs = []
        for family, count in (("fog", len(labels)), *others):
            config = SweepConfig(degradation=family, severities=(20,), copies=1)
            some = slice(None, count)
            runs.append(
                made_sweep(
                    tmp_path / family, config, degraded[some, None, None], labels[some], taken[some], classes=3,
                    indices=np.arange(count),
                )
            )  # fmt: skip
        (outcome,) = check(Figures.of(runs, available), parse_requirements([text]))
        assert outcome.status == "not decided"
        return outcome.sentence.partition(" is required. ")[2]

    return outlook


@pytest.mark.parametrize(
    ("text", "right", "says"),
    [
        # 63.8 % (59.1-68.3), 3.8 points above the limit: 420 * (4.7 / 3.8) ** 2
        ("clean:60", 268, f"{AS_MEASURED} about 640 images in all would decide this (so far 420)."),
        ("clean:80", 328, f"{AS_MEASURED} about 1,600 images in all would decide this (so far 420)."),
        ("clean:80", 334, NEAR.format("") + "many."),
        ("clean:60", 252, f"{AS_MEASURED} it takes more than 100 times as many images to decide this."),
        ("recall 0:60", 268, f"{AS_MEASURED} about 640 images of this class in all would decide this (so far 420)."),
        ("recall:60", 268, f"{AS_MEASURED} about 670 images in all would decide this (so far 420)."),
        ("fog:47", 268, f"{AS_MEASURED} about 1,800 images in all would decide this (so far 420)."),
        ("mean:47", 268, f"{AS_MEASURED} about 1,800 images in all would decide this (so far 420)."),
    ],
)
def test_the_number_is_that_which_brings_the_end_to_the_limit(text, right, says, said):
    assert said(text, (420, right, 134)) == says


@pytest.mark.parametrize(
    ("text", "classes", "says"),
    [
        # One class below the limit decides it: the one that takes the fewest further images.
        (
            "lowest recall under fog:60", [(50, 50, 24), (90, 90, 50), (60, 60, 60)],
            f"{AS_MEASURED} about 110 images of class 0 in all would decide this (so far 50).",
        ),
        (
            "lowest recall under fog:60", [(50, 50, 30), (90, 90, 55), (60, 60, 60)],
            f"{AS_MEASURED} it takes more than 100 times as many images of class 0 to decide this.",
        ),
        (
            "lowest recall under fog:60", [(50, 50, 31), (90, 90, 80), (60, 60, 60)],
            NEAR.format(" of class 0") + "many.",
        ),
        # No class is below the limit: all must certainly reach it.
        (
            "lowest recall under fog:60", [(50, 50, 34), (90, 90, 60), (60, 60, 60)],
            "If the recalls stay as measured, about 240 images of each of these 2 classes would decide this.",
        ),
        ("lowest recall under fog:60", [(4, 4, 4), (90, 90, 90), (60, 60, 60)],
         "4 images of class 0 cannot tell how many would decide this."),
    ],
)  # fmt: skip
def test_the_lowest_recall_is_decided_by_images_of_the_classes_that_leave_it_open(text, classes, says, said):
    assert re.sub(r"^\d class.*? to decide: .*?\)\. ", "", said(text, *classes)) == says


def test_more_images_than_given_are_said_to_be_missing(said):
    assert said("clean:60", (420, 268, 134), available=500).endswith(
        " The 500 images given are probably too few for this."
    )


def test_images_left_to_measure_are_named_if_they_are_enough(said):
    assert said("clean:60", (420, 268, 134), available=900).endswith(
        " More minutes measure more of the 900 images given."
    )


def test_a_mean_over_sweeps_of_different_images_has_no_number(said):
    assert said("mean:57", (420, 268, 134), others=[("jpeg", 200)]) == (
        "An interval of half this width takes about four times as many images."
    )


def test_so_many_images_decide_about_every_other_time_if_the_true_value_is_the_measured_one(said):
    (number,) = re.findall("about (.*) images", said("accuracy fog:60", (420, 420, 268)))
    count = int(number.replace(",", ""))
    right = np.random.default_rng(0).binomial(count, 268 / 420, 300)
    decided = [share_of(np.arange(count) < k).low >= 0.6 for k in right]
    assert 0.4 < np.mean(decided) < 0.6
    right = np.random.default_rng(0).binomial(2 * count, 268 / 420, 300)
    assert 0.7 < np.mean([share_of(np.arange(2 * count) < k).low >= 0.6 for k in right]) < 0.9
