"""Classes of which most alarms are false when clean are named, whatever their recall is."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, verdict


def swept(path, taken_for_last):
    """Of 100 images of two classes each, and 20 of a third, these numbers are taken for the third when clean."""
    labels = np.repeat([0, 1, 2], (100, 100, 20))
    clean = labels.copy()
    for label, number in enumerate(taken_for_last):
        clean[np.flatnonzero(labels == label)[:number]] = 2
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    return made_sweep(path / "fog", config, labels[:, None, None], labels, clean, classes=3)


@pytest.mark.parametrize(
    ("taken_for_last", "said"),
    [
        ((30, 40), "Of the 90 clean images that are taken for class 2, only 20 are of it (precision 22 %, 14–32)."),
        ((8, 8), ""),  # 20 of 36 are right
        ((12, 12), ""),  # 20 of 44: fewer than half as measured, but this may be chance
        ((0, 0), ""),
    ],
)
def test_a_class_of_high_recall_is_named_if_most_images_taken_for_it_are_certainly_of_others(
    tmp_path, taken_for_last, said
):
    run = swept(tmp_path, taken_for_last)
    found = verdict(Figures.of([run]), ()).of_kind("precision")
    assert [f.text.partition(" Precision depends")[0] for f in found] == ([said] if said else [])
    assert [f.about for f in found] == ([("2",)] if said else [])


def test_several_such_classes_are_named_the_worst_first(tmp_path):
    labels = np.repeat([0, 1, 2], (400, 10, 20))
    clean = np.where(np.arange(430) < 150, 1 + np.arange(430) % 2, labels)
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    run = made_sweep(tmp_path / "fog", config, labels[:, None, None], labels, clean, classes=3)
    (found,) = verdict(Figures.of([run]), ()).of_kind("precision")
    assert "taken for class 1, only 10 are of it" in found.text
    assert "Precision is certainly below 50 % for these classes, too: 2 (20 of 95)." in found.text
    assert found.about == ("1", "2")
