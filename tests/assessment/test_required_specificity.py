"""Requirements on specificity: how many images of other classes may be taken for a class, clean and degraded."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, check, parse_requirements
from tfstab.errors import InputError
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.kept import share_of

LABELS = np.repeat([0, 1, 2], [20, 50, 50])
NOISE = SweepConfig(severities=(20, 60), copies=2)


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """Of 100 images of classes 1 and 2, four are taken for class 0 when clean, and one copy each of 30 at sigma 60."""
    clean = np.where(np.isin(np.arange(120), [20, 21, 22, 119]), 0, LABELS)
    predicted = np.repeat(LABELS[:, None, None], 2, axis=1).repeat(2, axis=2)
    predicted[20:50, 1, 0] = 0
    return Figures.of([made_sweep(tmp_path_factory.mktemp("s") / "noise", NOISE, predicted, LABELS, clean)], 120)


def checked(figures, *texts):
    return check(figures, parse_requirements(texts))


def test_false_alarms_are_limited_on_clean_images_at_a_severity_and_over_all(figures):
    clean, mild, dense, mean = checked(
        figures,
        "specificity 0:90",
        "specificity 0 under gaussian_noise@20:96",
        "specificity 0 under gaussian_noise@60:95",
        "specificity 0 under gaussian_noise:80",
    )
    assert clean.estimate == accuracy_of(np.arange(100) >= 4)
    alarmed = np.repeat([0.5, 1], [30, 70])
    assert dense.estimate == share_of(alarmed) and mean.estimate == share_of((1 + alarmed) / 2)
    assert mild.estimate.value == 1
    assert [one.status for one in (clean, mild, dense, mean)] == ["met", "met", "missed", "met"]
    assert [one.sentence.partition(": ")[2] for one in (clean, dense, mean)] == [
        "of the 100 clean images of other classes, 96.0 % (90.1–98.5) are not taken for 0; 90 % is required.",
        "of the 100 images of other classes, 85 % (79–90) are not taken for 0 under Gaussian noise, sigma 60; 95 % is "
        "required.",
        "of the 100 images of other classes, 92 % (88–96) are not taken for 0 under Gaussian noise, averaged over the "
        "severities; 80 % is required.",
    ]


def test_a_class_without_images_can_have_false_alarms(figures, tmp_path):
    nobody = LABELS != 0
    predicted = np.where(np.arange(100) < 7, 0, LABELS[nobody])[:, None, None]
    run = made_sweep(tmp_path / "noise", NOISE, predicted, LABELS[nobody])
    (outcome,) = checked(Figures.of([run], 100), "specificity 0 under gaussian_noise:95")
    assert (outcome.status, outcome.estimate.value) == ("not decided", pytest.approx(0.93))
    assert "images of other classes in all would decide this (so far 100)." in outcome.sentence
    assert outcome.sentence.endswith(
        " All 100 images given of other classes have been measured, so more minutes hardly help."
    )
    with pytest.raises(InputError, match="no image is of class 9"):
        checked(figures, "specificity 9:95")


def test_images_of_one_class_alone_say_nothing_about_false_alarms_for_it(tmp_path):
    only = made_sweep(tmp_path / "noise", NOISE, np.zeros((30, 2, 2), int))
    with pytest.raises(InputError, match="'specificity 0:95' cannot be checked, as all images are of class 0: give"):
        checked(Figures.of([only], 30), "specificity 0:95")
    noisy, clean = checked(Figures.of([only], 90), "specificity 0 under gaussian_noise:95", "specificity 0:95")
    assert noisy.status == clean.status == "not decided"
    assert clean.sentence == (
        "specificity 0:95 is not decided: no image of another class than 0 was measured; give it more minutes."
    )
    assert "no image of another class than 0 was measured under Gaussian noise;" in noisy.sentence
