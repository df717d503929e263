"""What a comparison says of recalls on clean images where a network predicts a class more often, right or wrong."""

import numpy as np
import pytest
from typer.testing import CliRunner

from made_runs import made_sweep
from tfstab.cli.app import app
from tfstab.experiments.comparison import compare
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import lead
from tfstab.report.harden_tables import classes_table
from tfstab.sweep import SweepConfig

ONE = SweepConfig(degradation="fog", severities=(20,), copies=1)
LABELS = np.repeat([0, 1], 100)
ALSO = " also takes far more images of other classes for the class, so its higher recall says little: "
MORE = " also takes more images of other classes for the class, so its higher recall alone does not mean that it is "
MORE += "better: "
SHIFT = (
    "predicts class 1 more often than {old} (for 78 % of the clean images instead of 50 %), which raises the recall of "
    "class 1 and lowers that of class 0. With another decision threshold (--threshold, in Python threshold=), the two "
    "networks may differ less."
)


def runs_of(folder, old, new, classes=2, labels=LABELS):
    """Two networks that are right on so many of the images of each class; wrong images are taken for the next class."""
    number = np.arange(len(labels)) - np.searchsorted(labels, labels)
    runs = []
    for name, right in (("old", old), ("new", new)):
        clean = np.where(number < np.array(right)[labels], labels, (labels + 1) % classes)
        runs.append(made_sweep(folder / name, ONE, labels[:, None, None], labels, clean, classes=classes, name=name))
    return runs


def test_of_two_classes_the_one_that_is_predicted_more_often_explains_both_differences(tmp_path):
    """Of 100 images each, the new network is right on 36 of class 0 and 92 of class 1, the old one on 70 of each."""
    old, new = runs_of(tmp_path, (70, 70), (36, 92))
    said = compare(old, new).summary()
    assert "'new' is right more often than 'old' in class 1 (92 against 70 of 100 images)" in said
    assert "'old' is right more often than 'new' in class 0 (70 against 36 of 100 images)" in said
    assert f"'new' {SHIFT.format(old=repr('old'))}" in said and ALSO not in said
    assert f"'new' {SHIFT.format(old=repr('old'))}" in RemedyComparison([old], [new]).summary()


@pytest.mark.parametrize("chosen", [[], ["--class", "0"]])
def test_the_gate_says_so_if_a_class_fails_it_in_either_direction(tmp_path, chosen):
    paths = [str(run.path) for run in runs_of(tmp_path, (70, 70), (36, 92))]
    gate = CliRunner().invoke(app, ["compare", *paths, "--fail-if-worse", *chosen])
    last = gate.output.splitlines()[-1]
    assert (
        gate.exit_code == 1 and "class 0 (36.0 % against 70.0 %)" in last and f" new {SHIFT.format(old='old')}" in last
    )
    back = CliRunner().invoke(app, ["compare", *reversed(paths), "--fail-if-worse"])
    assert (
        back.exit_code == 1
        and " old predicts class 0 more often than new (for 50 % of " in back.output.splitlines()[-1]
    )
    tolerant = CliRunner().invoke(app, ["compare", *paths, "--fail-if-worse", "--tolerance", "50"])
    assert tolerant.exit_code == 0 and "predicts" not in tolerant.output.splitlines()[-1]


@pytest.mark.parametrize(("second", "share"), [(75, "25 %"), (88, None), (97, None)])
def test_a_clean_recall_says_little_if_far_more_images_of_other_classes_are_taken_for_it(tmp_path, second, share):
    """Of 3 classes, the new network is better in class 1, for which it also takes some of 100 images of class 0."""
    old, new = runs_of(tmp_path, (100, 40), (second, 80), classes=3)
    said = compare(old, new).summary()
    little = f" with 95 % confidence. In this case, 'new'{ALSO}{share} of them for class 1 ('old': 0 %)."
    assert "in class 1 (80 against 40 of 100 images)" in said
    assert (little in said) == (share is not None) == (ALSO in said) and "predicts" not in said


@pytest.mark.parametrize(("second", "told"), [(92, True), (97, False)])
def test_it_is_told_if_certainly_more_are_taken_although_not_far_more(tmp_path, second, told):
    """The new network is better in class 1, for which it also takes 8 or 3 of 100 images of class 0."""
    old, new = runs_of(tmp_path, (100, 40), (second, 80), classes=3)
    said, more = compare(old, new).summary(), f" In this case, 'new'{MORE}8.0 % of them for class 1 ('old': 0.0 %)."
    assert ALSO not in said and (f" with 95 % confidence.{more}" in said) == told == (MORE in said)


@pytest.mark.parametrize(("others", "told"), [(95, True), (50, False)])
def test_where_more_are_taken_is_decided_for_all_named_classes_at_once(tmp_path, others, told):
    """Seven more of 700 images decide if only class 1 is named, but not if three others, which fall, are named, too."""
    labels = np.repeat([0, 1, 2, 3, 4], [400, 100, 100, 100, 100])
    old, new = runs_of(tmp_path, (400, 40, 95, 95, 95), (393, 80, *[others] * 3), classes=5, labels=labels)
    said = compare(old, new).summary()
    assert "in class 1 (80 against 40 of 100 images)" in said and ("in the classes 2 (95 against" in said) != told
    assert (f"'new'{MORE}1.0 % of them for class 1 ('old': 0.0 %)." in said) == told == (f"'new'{MORE}" in said)


@pytest.mark.parametrize(
    ("of_class_0", "but"),
    [(95, ", but fewer images of other classes are taken for it (14.0 % before, 5.0 % after)"), (86, "")],
)
def test_a_remedy_that_lowers_a_clean_recall_may_take_fewer_other_images_for_the_class(tmp_path, of_class_0, but):
    """The old network takes 14 of 100 images of class 0 for class 1, of which it is right more often."""
    compared = RemedyComparison(*([run] for run in runs_of(tmp_path, (86, 95), (of_class_0, 70), classes=3)))
    worse = f" Worse than before: recall on clean images of class 1 (95 of 100 right before, 70 after){but}."
    more = " In this case, 'old' also takes more images of other classes for the class, so its higher recall alone "
    assert lead(compared).endswith(worse) and (more in compared.summary()) == bool(but)
    note = "Fewer images of other classes are taken for 1 (14.0 % before, 5.0 % after)."
    assert (note in classes_table(compared).notes) == bool(but)


def test_of_several_classes_each_that_takes_fewer_others_is_named_a_rare_one_in_its_own_sentence(tmp_path):
    """Class 0 loses nothing to class 1 now; class 2 still loses 10 to it, and class 1 as many as before to class 2."""
    labels = np.repeat([0, 1, 2], 100)
    runs = runs_of(tmp_path / "several", (86, 95, 95), (95, 70, 70), classes=3, labels=labels)
    assert lead(RemedyComparison(*([run] for run in runs))).endswith(
        "of the classes 1 (95 of 100 right before, 70 after) and 2 (95 of 100 right before, 70 after), but fewer "
        "images of other classes are taken for 1 (7.0 % before, 2.5 % after); more false alarms for class 0 on clean "
        "images (from 2.5 % to 15.0 % of the images of other classes) and in 1 other case, but fewer in 1 case."
    )
    rare = runs_of(tmp_path / "rare", (250, 38), (280, 20), classes=3, labels=np.repeat([0, 1], [300, 40]))
    assert (
        "The recall of class 1 falls from 38 to 20 of 40 clean images (18 lost, 0 won). At the same time, fewer images "
        "of other classes are taken for it (16.7 % before, 6.7 % after). Accuracy says little here"
    ) in lead(RemedyComparison(*([run] for run in rare)))


def test_so_it_is_with_a_clean_recall_whose_difference_is_not_decided(tmp_path):
    """Class 1 gains 8 of 40 images, and 12 of 100 images of class 0 are taken for it; 3 classes are compared."""
    labels = np.repeat([0, 1, 2], [60, 40, 40])
    old, new = runs_of(tmp_path, (60, 20, 40), (48, 26, 40), classes=3, labels=labels)
    said = compare(old, new).summary()
    assert "Not decided: whether 'new' is right more often than 'old' on clean images of class 1 (26 against 20" in said
    assert f"compared at once. In this case, 'new'{ALSO}12 % of them for class 1 ('old': 0 %)." in said


def test_two_classes_of_which_one_is_undecided_get_the_caveat_alone(tmp_path):
    """Of 20 images each, the new network is right on 9 more of class 1, and on 5 fewer of class 0."""
    old, new = runs_of(tmp_path, (14, 6), (9, 15), labels=np.repeat([0, 1], 20))
    said = compare(old, new).summary()
    assert f"In this case, 'new'{ALSO}55 % of them for class 1 ('old': 30 %)." in said and "predicts" not in said


def test_a_class_that_both_networks_mostly_misclassify_is_named(tmp_path):
    labels = np.repeat([0, 1, 2, 3], (100, 100, 30, 30))
    old, new = runs_of(tmp_path, (90, 90, 0, 9), (95, 90, 2, 20), classes=4, labels=labels)
    said = (
        "Both networks misclassify most clean images of class 2 (0 and 2 of 30 are right). If class 2 is rare among "
        "the training images, more training images of it may raise its recall; so may a weight on its score, which "
        "needs no training. The guide shows how: `tfstab guide rare-classes`."
    )
    assert said in compare(old, new).summary().splitlines(), "class 3 is often right with the new one"
    assert said in lead(RemedyComparison([old], [new]))
    weak = runs_of(tmp_path / "weak", (90, 2, 0, 9), (95, 3, 2, 20), classes=4, labels=labels)
    said = compare(*weak).summary()
    assert "of class 1 (2 and 3 of 100 are right) and class 2 (0 and 2 of 30 are right)." in said
    assert "rare among" not in said, "most classes cannot be rare"
    assert "Both networks misclassify" not in compare(old, old).summary()
