"""Recalls under degradation that fall with a remedy: which are named, and which are called chance."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from remedy_runs import leaves

from tfstab.experiments.also_taken import LITTLE, MARKED
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.recall_changes import (
    NOTABLE,
    Compared,
    RecallChange,
    largest_likely,
    recall_changes,
    recall_sentences,
)
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import lead, loss_sentences, points
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.report.comparison_json import comparison_json
from tfstab.report.comparison_report import headline, tables
from tfstab.report.recall_change_tables import before_after_recalls


def test_a_likely_loss_is_named_beside_certain_ones_that_say_little():
    """Of 19 recalls, one certainly falls, but says little, and one seems to fall by 10 points."""
    ones, other = np.ones(150), np.zeros(150)
    sure = np.where(np.arange(150) < 60, 0.0, ones)
    some = np.where(np.arange(150) < 15, 0.0, ones)
    little = RecallChange("fog", 0, "bird", mean_difference(ones, sure), (ones, sure), 0.999, -1, (0.4, 0.02))
    likely = RecallChange("blur", 1, "ship", mean_difference(ones, some), (ones, some), 0.999, 0)
    never = RecallChange("noise", 2, "cat", mean_difference(other, other), (other, other), 0.999, 0)
    changes = [*[never] * 17, little, likely]
    assert little.says_little and largest_likely(changes, -1, NOTABLE) is likely
    *_, named = recall_sentences(changes, "old", "new")
    assert "The largest other fall from old to new whose own 95 % interval excludes 0 is that of class ship" in named
    clean = SimpleNamespace(recalls={1: SimpleNamespace(count=150)})
    (said,) = loss_sentences(SimpleNamespace(recalls=changes, on_clean=clean))
    assert said.startswith(
        "One of the 19 recalls under the degradations is certainly lower, but far fewer images of other classes are "
        "now taken for this class. The largest likely loss is that of class ship under blur (from 100.0 % to 90.0 %"
    )
    table = before_after_recalls(changes)
    assert [row[0] for row in table.rows[:3]] == ["bird", "ship", "cat"]
    likely = "likely falls, which are not decided although their own 95 % intervals exclude 0"
    assert f"certain falls (first those without *); then {likely}; then the lowest recalls after" in table.notes[0]


@pytest.mark.parametrize(("less", "chance"), [(20, False), (11, True)])
def test_a_likely_loss_in_nearly_all_of_a_few_images_is_not_called_chance(less, chance):
    """Each image that is right less often loses half of its copies; 95 recalls are compared at once."""
    before = np.ones(28)
    after = np.where(np.arange(28) < less, 0.5, before)
    fall = RecallChange("fog", 1, "bird", mean_difference(before, after), (before, after), 0.999, 0)
    clean = SimpleNamespace(recalls={1: SimpleNamespace(count=28)})
    (said,) = loss_sentences(SimpleNamespace(recalls=[fall] * 95, on_clean=clean))
    assert f"of 28 images, none are right more often than before, and {less} less often. " in said
    assert ("This may be chance, because 95 recalls are compared at once; more images" in said) == chance
    assert (
        "Chance is unlikely to explain this, so the loss is probably real. It is not called certain, because rare "
        "images that change strongly in the other direction may be missing among only 28 images; more images of this "
        "class can decide it." in said
    ) != chance
    sure = "Chance is unlikely to explain this, so the fall is probably real. It is not called certain, because a wider"
    *_, named = recall_sentences([fall] * 95, "old", "new")
    *_, again = recall_sentences([fall] * 95, "old", "new", fall)
    assert (f"less often. {sure}" in named) != chance and "Chance is" not in again
    assert (" It is not decided, because a wider interval" in named) == chance
    clean.recalls[1].count = 29
    (said,) = loss_sentences(SimpleNamespace(recalls=[fall] * 95, on_clean=clean))
    assert said.endswith(
        "more images of this class can decide it: run the same command again, which degrades more images."
    )


@pytest.mark.parametrize(
    ("jpeg", "differ"),
    [
        (40, "No recall is certainly lower; for the other 5, it is not decided whether the networks differ."),
        (12, "whether the two networks differ."),
    ],
)
def test_the_largest_fall_is_named_as_not_decided_if_none_is_decided(tmp_path, jpeg, differ):
    """Six of 40 images: the interval of this fall alone excludes 0, that for all six recalls at once does not."""
    old = {"fog": (40, 30, 40, 0), "jpeg": (40, 12, 40, 9)}
    new = {"fog": (40, 30, 34, 0), "jpeg": (40, jpeg, 40, 9)}
    compared = RemedyComparison(*leaves(tmp_path, families_of={"old": old, "new": new}))
    named = (
        "The largest fall from 'old' to 'new' whose own 95 % interval excludes 0 is that of class 2 under fog: from "
        "100.0 % to 85.0 %, of 40 images (-15.0 points, -29.7 to -0.3). On none of them, 'new' is right more often, "
        "and on 6 less often. It is not decided, because a wider interval contains 0 (-35.1 to +3.3): 6 "
        "comparisons are made at once, and among 40 images, rare ones that change the other way may be missing."
    )
    assert lead(compared).endswith(
        " None of the 6 recalls under the degradations is certainly lower. The largest likely loss is that of class 2 "
        "under fog (from 100.0 % to 85.0 %): of 40 images, none are right more often than before, and 6 less often. "
        "This may be chance, because 6 recalls are compared at once; more images of this class can decide it."
    )
    rest = (
        "\nThe recall of class 2 under fog changes by -15.0 points (its own 95 % interval: -29.7 to -0.3). "
        f"{named[named.index('It is not decided') :]}"
    )
    assert rest in compared.summary() and named not in compared.summary(), "the lead has its counts"
    assert "No recall is certainly lower" not in compared.summary(), "the lead says so"
    folders = [Folder.open(tmp_path / name) for name in ("old", "new")]
    assert f"{differ}\n{named}" in "\n".join(headline(FolderComparison(*folders)))
    rise = (
        "The largest rise from 'new' to 'old' whose own 95 % interval excludes 0 is that of class 2 under fog: from "
        "85.0 % to 100.0 %, of 40 images (+15.0 points, +0.3 to +29.7). On 6 of them, 'old' is right more often, and "
        "on none less often. It is not decided"
    )
    assert rise in " ".join(headline(FolderComparison(*folders[::-1])))
    small = {"fog": (40, 30, 38, 0), "jpeg": (40, jpeg, 40, 9)}
    said = RemedyComparison(*leaves(tmp_path / "small", families_of={"old": old, "new": small})).summary()
    assert differ in said and "The largest fall" not in said and "likely loss" not in said


@pytest.mark.parametrize(("right", "told"), [(28, True), (22, False), (15, False)])
def test_a_likely_loss_is_told_with_the_images_that_are_no_longer_taken_for_its_class(tmp_path, right, told):
    """The original takes 20 of 89 images of other classes for the class: the wrong ones of 40 images of class 1."""
    old, new = ({"fog": (40, *own, 0), "jpeg": (40, 12, 40, 9)} for own in ((20, 40), (right, 34)))
    compared = RemedyComparison(*leaves(tmp_path, families_of={"old": old, "new": new}))
    said = (
        "more images of this class can decide it. At the same time, fewer degraded images of other classes are taken "
        "for this class: 13 % instead of 22 %."
    )
    assert (said in lead(compared)) == told == ("At the same time" in lead(compared))
    assert "The largest likely loss is that of class 2" in lead(compared)
    for fewer in (0.03, math.nan):
        compared.__dict__["recalls"] = [replace(change, taken=(0.4, fewer)) for change in compared.recalls]
        assert ("likely loss" in lead(compared)) == math.isnan(fewer), "its recall was high out of habit"


@pytest.mark.parametrize(("right", "fewer"), [(38, True), (32, False)])
def test_recalls_that_fall_without_an_excuse_are_named_and_listed_before_the_others(tmp_path, right, fewer):
    """Under fog, class 1 loses most, but the original takes nearly half of all other images for it.

    Under JPEG, the original takes 10 of 89 other images for class 2, and the remedy fewer: 2 or, undecided, 8.
    """
    old = {"fog": (0, 40, 40, 9), "jpeg": (40, 30, 40, 9)}
    new = {"fog": (40, 10, 15, 9), "jpeg": (40, right, 14, 9)}
    compared = RemedyComparison(*leaves(tmp_path, families_of={"old": old, "new": new}))
    less = ", while fewer degraded images of other classes are taken for this class: 2.2 % instead of 11.2 %"
    assert (
        "; 2 of the 6 recalls under the degradations, such as that of class 2 under JPEG compression (from 100.0 % to "
        f"35.0 %{less if fewer else ''}); the recall of class 1 under fog, but far fewer images of other classes are "
        "now taken for this class; more false alarms for class " in lead(compared)
    )
    unexcused, excused = [("2", "JPEG compression"), ("2", "fog")], ("1", "fog")
    table = before_after_recalls(compared.recalls)
    assert [row[:2] for row in table.rows[:3]] == [*unexcused, excused]
    assert [row[-1] for row in table.rows[:3]] == ["falls", "falls", f"falls {LITTLE}"]
    record = {(one["class"], one["degradation"]): one for one in compared.to_json()["recalls"]}
    assert [record[which]["says_little"] for which in (*unexcused, excused)] == [False, False, True]
    taken = [round(89 * record[unexcused[0]][key]) for key in ("taken_before", "taken_after")]
    assert taken == [10, 40 - right]
    pair = FolderComparison(*(Folder.open(tmp_path / name) for name in ("old", "new")))
    (*_, few) = tables(pair, recalls=4)
    assert [(*row[:2], row[-1]) for row in few.rows[:2]] == [(*which, "first") for which in unexcused]
    assert few.notes[0].startswith(
        "4 of the 6 recalls: certain falls from the first network to the second (not counting 1 that says little); "
        "then the lowest recalls of the second. `--json` has all. "
    )
    assert few.rows[2][-1] == "first *" and few.notes[1:] == [f"{MARKED}."]
    every = comparison_json([pair])[0][few.title]
    assert [(one["class"], one["better"], one["says_little"]) for one in every[:3]] == [
        ("2", "first", False),
        ("2", "first", False),
        ("1", "first", True),
    ]
    assert [round(89 * every[0][key]) for key in ("taken_first", "taken_second")] == taken and len(every) == 6


def test_an_end_just_below_zero_keeps_its_sign():
    """A change from -0.04 to +2.86 points is not decided; "-0.0 to +2.9" would not show why."""
    change = Difference(0.87, 0.884, 0.014, -0.0004, 0.0286, 1200, 0.06)
    assert points(change) == "+1.4 points, 95 % interval -0.04 to +2.9"


@pytest.mark.parametrize(("only_first", "notable"), [(170, False), (190, True)])
def test_a_fall_that_is_not_decided_is_named_but_a_small_one_not_in_the_first_lines(only_first, notable):
    """Of 1,000 images, a fall of 4 points and one of 5 points, whose own intervals exclude 0."""
    labels, number = np.repeat([0, 1], 1000), np.tile(np.arange(1000), 2)
    other = 130 if only_first == 170 else 140
    first = np.where(labels == 0, number >= other, 1).astype(float)
    second = np.where(labels == 0, number < 1000 - only_first, 1).astype(float)
    same = [Compared(family, labels, first, first) for family in "abcd"]
    changes = recall_changes([Compared("fog", labels, first, second), *same], str)
    said = recall_sentences(changes, "old", "new")[-1]
    assert "The largest fall from old to new whose own 95 % interval excludes 0 is that of class 0 under fog" in said
    assert (largest_likely(changes, -1, NOTABLE) is not None) == notable


@pytest.mark.parametrize(
    ("only_first", "place"), [(190, "The largest fall"), (500, "For one of them, new has a lower recall than old, ")]
)
def test_a_recall_falls_without_harm_if_other_images_were_taken_for_the_class(only_first, place):
    """The old network takes 62 % of the others for class 0 under fog, the new one 29 %, and then 53 %.

    So the fall says little at first, and is told only if it is decided.
    """
    labels, number = np.repeat([0, 1], 1000), np.tile(np.arange(1000), 2)
    first = np.where(labels == 0, number >= 140, 1).astype(float)
    second = np.where(labels == 0, number < 1000 - only_first, 1).astype(float)
    same = [Compared(family, labels, first, first) for family in "abcd"]
    for taken, told in ((0.29, True), (0.53, False)):
        fog = Compared("fog", labels, first, second, (np.array([0.62, 0]), np.array([taken, 0])))
        changes = recall_changes([fog, *same], str)
        said = recall_sentences(changes, "old", "new")[-1]
        merit = (
            " In this case, old also takes far more images of other classes for the class, so its higher recall says "
            "little: 62 % of them for class 0 under fog (new: 29 %)."
        )
        decided = only_first == 500
        assert (place in said) == (decided or not told) and (merit in said) == (decided and told)
        table = before_after_recalls(changes)
        marked = [row[:2] for row in table.rows if row[-1].endswith(" *")]
        assert marked == [("0", "fog")] * told and (f"{MARKED}." in table.notes) == told
