"""What is said first of a remedy: what became better and what worse, and rare classes before the average."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.datasets.groups import drawn_remark
from tfstab.experiments.recall_changes import recall_sentences
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_rare import rare_recall_sentences
from tfstab.experiments.remedy_text import lead
from tfstab.experiments.too_few_degraded import too_few_sentences
from tfstab.report.harden_page import big_numbers


def test_what_became_worse_is_said_right_after_what_became_better(tmp_path):
    """Class 1 loses clean images and class 2 some under fog. Under JPEG, the original takes everything for class 0."""
    labels, number = np.repeat([0, 1, 2], 200), np.tile(np.arange(200), 3)
    runs = []
    for name, clean, fog, jpeg in (
        ("old", (200, 190, 100), (20, 20, 160), None), ("new", (200, 140, 190), (190, 190, 80), (100, 190, 190)),
    ):  # fmt: skip
        predicted = {
            what: np.zeros(600, int)
            if right is None
            else np.where(number < np.array(right)[labels], labels, labels == 0)
            for what, right in (("clean", clean), ("fog", fog), ("jpeg", jpeg))
        }
        runs.append([
            made_sweep(tmp_path / name / family, SweepConfig(degradation=family, severities=(50,)),
                       predicted[family][:, None, None], labels, predicted["clean"], classes=3, name=name)
            for family in ("fog", "jpeg")
        ])  # fmt: skip
    compared, same = RemedyComparison(*runs), RemedyComparison(runs[0], runs[0])
    told = lead(compared)
    assert told.endswith(
        "). Worse than before: recall on clean images of class 1 (190 of 200 right before, 140 after); the recall "
        "of class 2 under fog (from 80.0 % to 40.0 %); the recall of class 0 under JPEG compression, but far fewer "
        "images of other classes are now taken for this class; more false alarms for class 1 under JPEG compression "
        "(from 0.0 % to 25.0 % of the images of other classes), but fewer in 4 cases."
    )
    assert compared.summary().splitlines()[1] == told and "orse than before" not in same.summary()


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (30, "The recall of class 1 falls from 43 to 30 of 48 clean images (13 lost, 0 won). "),
        (41, "Of 48 clean images of class 1, 43 are right before and 41 after (2 lost, 0 won); whether it changes is "
             "not decided. "),
    ],
)  # fmt: skip
def test_the_recall_of_a_rare_class_comes_before_an_accuracy_that_rises(tmp_path, after, said):
    """Of 1,200 images 48 are of class 1. Noise made all of them class 1, and after the remedy makes them class 0."""
    labels = (np.arange(1200) % 25 == 0).astype(int)
    runs = []
    for name, found, answer in (("old", 43, 1), ("new", after, 0)):
        clean = np.where(np.cumsum(labels) <= found, labels, 0)
        noisy = np.full((1200, 2, 1), answer)
        config = SweepConfig(sigmas=(10, 40), copies=1)
        runs.append([made_sweep(tmp_path / name, config, noisy, labels, clean, classes=2, name=name)])
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    assert lead(compared).startswith(
        f"{said}Accuracy says little here: always answering the same class would be right on 96 % of the images. "
        "Accuracy under Gaussian noise rises from 4.0 % to 96.0 % ("
    )
    assert big_numbers(compared)[0].value == f"89.6 → {100 * after / 48:.1f} %"


@pytest.mark.parametrize(
    ("rises", "falls", "said"),
    [
        ({"fog": 40, "jpeg": 80}, 160, "JPEG compression (+40.0 points) and fog (+20.0 points)"),
        ({"fog": 40, "jpeg": 80, "gamma": 60, "contrast": 50}, 199,
         "JPEG compression (+40.0 points), gamma (+30.0 points) and 2 others"),
        ({"fog": 40, "jpeg": 80}, 20, None),
        ({"fog": 2}, 199, None),
    ],
)  # fmt: skip
def test_what_certainly_rises_is_said_before_what_became_worse_unless_the_average_rises(tmp_path, rises, falls, said):
    """Of 200 images, so many more are right under some degradations (`rises`), and fewer under brightness (`falls`)."""
    labels, number, runs = np.arange(200) % 3, np.arange(200), []
    after = {name: 60 + more for name, more in rises.items()} | {"brightness": 199 - falls}
    severities = {"gamma": 2, "contrast": 0.5, "brightness": 60}
    for name, right in (("old", dict.fromkeys(rises, 60) | {"brightness": 199}), ("new", after)):
        runs.append([
            made_sweep(tmp_path / name / family,
                       SweepConfig(degradation=family, severities=(severities.get(family, 50),), copies=1),
                       np.where(number < count, labels, (labels + 1) % 3)[:, None, None], labels, labels, classes=3,
                       name=name)
            for family, count in right.items()
        ])  # fmt: skip
    told = lead(RemedyComparison(*runs))
    assert (f". Accuracy certainly rises under {said}. Worse than before: " in told) == (said is not None)
    assert said or "certainly rises" not in told


@pytest.mark.parametrize(("common", "rare"), [(188, False), (225, False), (226, True)])
def test_no_class_is_rare_because_another_one_has_just_more_than_half_of_the_images(tmp_path, common, rare):
    """Of 375 images of two classes, one has 188 at least."""
    labels = (np.arange(375) >= common).astype(int)
    clean = np.where(np.arange(375) % 5 == 0, 1 - labels, labels)
    runs = [
        [
            made_sweep(tmp_path / name, SweepConfig(sigmas=(10,), copies=1), predicted[:, None, None], labels, clean,
                       classes=2, name=name)
        ]
        for name, predicted in (("old", 1 - clean), ("new", clean))
    ]  # fmt: skip
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    assert lead(compared).startswith("Of " if rare else "Accuracy under Gaussian noise rises")
    assert ("Accuracy says little here" in lead(compared)) == rare
    assert big_numbers(compared)[0].what.startswith("clean recall of class 1") == rare


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (30, "Of the 2 rarer classes, class 2 loses the most recall, which falls from 43 to 30 of 48 clean images ("),
        (41, "Of the 2 rarer classes, class 2 has the least favourable change of recall: of 48 clean images, 43 are "
             "right before and 41 after (2 lost, 0 won); whether it changes is not decided. "),
        (48, "Of the 2 rarer classes, class 1 gains the least recall, which rises from 20 to 40 of 48 clean images ("),
    ],
)  # fmt: skip
def test_the_worst_of_several_rare_classes_is_said_to_be_chosen(tmp_path, after, said):
    labels, number = np.repeat([0, 1, 2], [1104, 48, 48]), np.r_[np.zeros(1104, int), np.arange(48), np.arange(48)]
    runs = []
    for name, right in (("old", (1, 20, 43 if after < 48 else 20)), ("new", (1, 40, after))):
        clean = np.where(number < np.array(right)[labels], labels, 0)
        config = SweepConfig(sigmas=(10,), copies=1)
        runs.append([made_sweep(tmp_path / name, config, clean[:, None, None], labels, clean, classes=3, name=name)])
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    assert lead(compared).startswith(said)
    assert "(of the 2 rarer classes, that with the worst change)" in big_numbers(compared)[0].what


def test_each_rare_class_with_too_few_degraded_images_is_named_and_groups_are_counted_where_one_of_each_is_drawn(
    tmp_path,
):
    """Of 800 images, 24 degraded images of class 1 decide nothing; of classes 2 and 3, 6 and 1 are degraded."""
    labels = np.repeat([1, 2, 3, 0], [24, 6, 1, 769])
    runs = []
    for name, right in (("old", 10), ("new", 12)):
        noisy = np.where((np.arange(800) < right) | (labels == 0), labels, 0)[:, None, None]
        config = SweepConfig(sigmas=(10,), copies=1)
        runs.append([made_sweep(tmp_path / name, config, noisy, labels, labels, classes=4, name=name)])
        runs[-1][0].info["data"]["remarks"] = drawn_remark(800, 8000)
    weakest, few = rare_recall_sentences(RemedyComparison(*runs, ["gaussian_noise"]))
    assert "half of this width takes images of four times as many groups of this class" in weakest
    assert weakest.endswith("It takes test images of more groups of this class.")
    assert few == (
        "Only 1 image of class 3 and 6 of class 2 were degraded. Recalls of fewer than 10 images are not compared, so "
        "it is not known how the two networks' recalls of these classes differ under degradation. It takes test images "
        "of more groups of these classes."
    )


def test_a_class_that_may_lose_when_clean_is_named_where_only_gains_are_decided(tmp_path):
    """Of 100 images each, class 0 goes from 40 to 80, class 1 loses 20 of 70 and wins 8 others, class 2 stays."""
    labels, number = np.repeat([0, 1, 2], 100), np.tile(np.arange(100), 3)
    runs = []
    for name, first, last in (("old", (0, 0, 0), (40, 70, 90)), ("new", (0, 20, 0), (80, 78, 90))):
        right = (number >= np.array(first)[labels]) & (number < np.array(last)[labels])
        clean = np.where(right, labels, labels == 0)
        config = SweepConfig(sigmas=(10,), copies=1)
        runs.append([made_sweep(tmp_path / name, config, clean[:, None, None], labels, clean, classes=3, name=name)])
    said = RemedyComparison(*runs, ["gaussian_noise"]).summary()
    assert "'new' is right more often than 'old' in class 0 (80 against 40 of 100 images)" in said
    assert (
        "Not decided: whether 'old' is right more often than 'new' on clean images of class 1 (70 against 58 of 100 "
        "images). The 95 % interval of its difference alone, 1.2 to 22.8 points, excludes 0, but 3 classes are "
        "compared at once." in said
    )


def test_classes_of_too_few_degraded_images_are_named_where_no_class_is_rare(tmp_path):
    """Of 40 images each, 7 of class 2 and none of class 3 are degraded: their recalls are not compared."""
    labels = np.repeat([0, 1, 2, 3], 40)
    seen = np.r_[:80, 80:87]
    runs = [
        [made_sweep(tmp_path / name, SweepConfig(sigmas=(10,), copies=1), labels[seen][:, None, None], labels[seen],
                    labels[seen], classes=4, name=name)]
        for name in ("old", "new")
    ]  # fmt: skip
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    said = rare_recall_sentences(compared)
    assert said == [
        "Only 7 images of class 2 were degraded. Recalls of fewer than 10 images are not compared, so it is not known "
        "how the two networks' recalls of this class differ under degradation. It takes more test images of this class."
    ]
    assert "(one of each class)" in recall_sentences(compared.recalls, "old", "new")[0]
    none = too_few_sentences([compared.compared[0].by_class], labels, str, "More of %s.")
    assert none[0].startswith("Only 0 images of class 3 and 7 of class 2 were degraded.")
    assert none[0].endswith(" More of these classes.")


@pytest.mark.parametrize(
    ("degraded", "helped", "said"),
    [
        ((5, 6), 0, "Only 6 images of class 1 were degraded. Recalls of fewer than 10 images are not compared, "
                    "so it is not known how the two networks' recalls of this class differ under degradation. Run the "
                    "same command again, which degrades more images."),
        ((20, 20), 2, "The 20 degraded images of class 1 do not decide under any degradation whether its recall "
                      "changes: the 95 % intervals of the changes are up to 47 points wide, and half of this width "
                      "takes four times as many images of this class. It takes more test images of this class."),
        ((20, 12), 2, "The 12 to 20 degraded images of class 1 do not decide under any degradation whether its recall "
                      "changes: the 95 % intervals of the changes are up to 77 points wide, and half of this width "
                      "takes four times as many images of this class. Run the same command again, "
                      "which degrades more images."),
        ((20, 20), 20, ""),
    ],
)  # fmt: skip
def test_too_few_degraded_images_of_a_rare_class_are_said_to_decide_nothing(tmp_path, degraded, helped, said):
    """Of 300 clean images, 20 are of class 1: of them none is right before when degraded, and some are after.

    So many of class 1 are degraded by noise, and by fog.
    """
    labels, number = np.repeat([1, 0], [20, 280]), np.r_[np.arange(20), np.zeros(280, int)]
    runs = []
    for name, right in (("old", 0), ("new", helped)):
        noisy = np.where(number < right, labels, 0)[:, None, None]
        runs.append([])
        for family, count in zip(("gaussian_noise", "fog"), degraded, strict=True):
            config = SweepConfig(degradation=family, severities=(10,), copies=1)
            rows, folder = np.r_[np.arange(count), np.arange(20, 300)], tmp_path / name / family
            given = noisy[rows], labels[rows], labels[rows], rows
            runs[-1].append(made_sweep(folder, config, *given, classes=2, name=name))
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    lines = [line for line in compared.summary().splitlines() if "of class 1" in line and "degraded" in line]
    assert "".join(lines) == said
