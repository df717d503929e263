"""Two networks are compared in their false alarms: how many images of other classes each takes for a class."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig, compare
from tfstab.experiments.false_alarms import alarm_changes
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import lead
from tfstab.metrics.paired import mean_difference

LABELS = np.arange(600) % 3  # 200 images each of classes 0, 1 and 2
SEVERITIES = (20, 60)


def network(folder, name, foggy, clean=(0, 0), labels=LABELS, classes=3):
    """A sweep in which the first `foggy` images of classes 1 and 2 are taken for class 0 at the second severity.

    clean: how many images of class 1 are taken for class 2 when clean, and how many of class 2 for class 1.
    """
    predicted = np.repeat(labels[:, None], 2, axis=1)
    predicted[np.flatnonzero(labels != 0)[:foggy], 1] = 0
    when_clean = labels.copy()
    for one, other, count in ((1, 2, clean[0]), (2, 1, clean[1])):
        when_clean[np.flatnonzero(labels == one)[:count]] = other
    config = SweepConfig(degradation="fog", severities=SEVERITIES, copies=1)
    path = folder / name / "fog"
    return made_sweep(path, config, predicted[:, :, None], labels, when_clean, classes=classes, name=name)


def changes(pair):
    return alarm_changes(pair.on_clean, [pair])


def test_more_false_alarms_that_no_recall_shows_are_named_in_both_directions(tmp_path):
    old, new = network(tmp_path, "old", 20, (30, 0)), network(tmp_path, "new", 100)
    (foggy, clean) = changes(compare(old, new))
    assert (foggy.which, clean.which) == ("class 0 under fog", "class 2 on clean images")
    assert foggy.taken == pytest.approx((20 / 400 / 2, 100 / 400 / 2)) and clean.taken == pytest.approx((0.075, 0))
    taken = [np.arange(400) < count for count in (20, 100)]
    assert foggy.specificity.value == pytest.approx(mean_difference(*(1 - one / 2 for one in taken)).value)
    said = (
        "False alarms, which are images of other classes that are taken for a class: 'new' has more than 'old' for "
        "class 0 under fog (12.5 % against 2.5 %), and 'old' has more than 'new' for class 2 on clean images (7.5 % "
        "against 0.0 %)."
    )
    assert said in compare(old, new).summary()
    assert said in compare(old.path.parent, new.path.parent).summary()
    back = compare(new, old).summary()
    assert "'old' has more than 'new' for class 2 on clean images (7.5 % against 0.0 %), and 'new' has more" in back
    assert "alarms" not in compare(old, old).summary()


def test_a_remedy_that_causes_more_false_alarms_says_so_first_of_all(tmp_path):
    old, new = network(tmp_path, "old", 20, (30, 0)), network(tmp_path, "new", 100)
    said = lead(RemedyComparison([old], [new]))
    assert said.endswith(
        "more false alarms for class 0 under fog (from 2.5 % to 12.5 % of the images of other classes), but fewer in 1 "
        "case."
    )
    assert "Worse than before: " in said
    back = lead(RemedyComparison([new], [old]))
    assert "more false alarms for class 2 on clean images" in back and "but fewer in 1 case" in back


def test_a_small_change_is_not_named_although_it_is_certain(tmp_path):
    old, small, notable = (network(tmp_path, f"n{count}", count) for count in (20, 34, 38))
    assert compare(old, small).specificity(0).p_value < 0.05 / 6
    assert changes(compare(old, small)) == [] != changes(compare(old, notable))


def test_of_two_classes_and_of_few_images_nothing_is_said(tmp_path):
    two = np.arange(600) % 2
    runs = [network(tmp_path, name, count, labels=two) for name, count in (("old", 0), ("new", 200))]
    assert changes(compare(*runs)) == [], "the recall of the other class tells as much"
    few = LABELS[:12]
    runs = [network(tmp_path / "few", name, count, labels=few) for name, count in (("old", 0), ("new", 1))]
    assert changes(compare(*runs)) == [], "6.2 % of eight images"
