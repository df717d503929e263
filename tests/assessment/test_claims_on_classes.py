"""Which classes a verdict calls weak, and which losses of recall not decided, just inside and outside its limits."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from findings_by_hand import said

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, verdict
from tfstab.assessment.classes import CleanClass, Example
from tfstab.assessment.clean_findings import clean_class_finding
from tfstab.assessment.ranking import others
from tfstab.assessment.recall_findings import WIDER, doubtful_findings, open_sentence
from tfstab.metrics import Estimate
from tfstab.metrics.kept import Kept, estimate, share_of
from tfstab.names import quoted


def test_why_an_interval_does_not_decide_a_recall_is_said_at_the_first_class_where_that_is_so():
    recalls = {"cat": Estimate(0.5, 0.2, 0.95), "dog": Estimate(0.6, 0.45, 0.7), "elk": Estimate(0.7, 0.5, 0.8)}
    fog = SimpleNamespace(title="fog", name="fog")
    doubtful = [
        SimpleNamespace(index=k, name=name, family=fog, images=30, recall=recall, clean=1.0, most_kept=0.95)
        for k, (name, recall) in enumerate(recalls.items())
    ]
    assert [WIDER in finding.text for finding in doubtful_findings(doubtful)] == [False, True, False]


def recall_of(index, name, family, keeps=False):
    return SimpleNamespace(family=family, index=index, class_name=name, name=quoted(name), images=30 + 10 * index,
                           clean=1.0, keeps=keeps, recall=Estimate(1.0, 0.9, 1.0))  # fmt: skip


def test_classes_that_are_listed_are_quoted_alike():
    family = SimpleNamespace(one_common=True, title="fog")
    few = [recall_of(k, name, family) for k, name in enumerate(("deer", "fire truck"))]
    assert open_sentence(few) == (
        " The images of classes 'deer' (30) and 'fire truck' (40) are too few to exclude a loss of more than a tenth "
        "of their recall."
    )


@pytest.mark.parametrize(
    ("fog", "noise", "said"),
    [
        ([False, None], [True, None], "class deer (30) are too few to exclude a loss of more than a tenth of its "
         "recall under fog."),
        ([False, False], [True, True], "classes deer (30) and elk (40) are too few to exclude a loss of more than a "
         "tenth of their recall under fog."),
        ([False, False], [True, False], "classes deer (30 under fog) and elk (40 under fog and noise) are too few to "
         "exclude a loss of more than a tenth of their recall under these degradations."),
        ([False, None], [False, None], "class deer (30) are too few to exclude a loss of more than a tenth of its "
         "recall."),
    ],
)  # fmt: skip
def test_a_loss_of_recall_is_left_open_only_under_the_degradations_that_do_not_exclude_it(fog, noise, said):
    """For each of two degradations: whether classes deer and elk certainly keep their recall; None for no class."""
    recalls = [
        recall_of(k, name, SimpleNamespace(one_common=True, title=title), keeps[k])
        for title, keeps in (("fog", fog), ("noise", noise))
        for k, name in enumerate(("deer", "elk"))
        if keeps[k] is not None
    ]
    assert open_sentence(recalls) == f" The images of {said}"


def test_the_others_of_a_class_are_the_images_of_all_other_classes():
    parts = [np.array(part) for part in ([1, 0.5, 0.25], [0, 1], [0.75, 0.75, 1, 0.5])]
    classes = [
        SimpleNamespace(right=Kept(np.arange(len(part)), part, np.ones(len(part))), counted=np.ones(len(part), bool))
        for part in parts
    ]
    for k, found in enumerate(others(classes)):
        rest = share_of(np.concatenate(parts[:k] + parts[k + 1 :]))
        assert (found.value, found.low, found.high) == pytest.approx((rest.value, rest.low, rest.high))


def test_each_family_and_each_image_weighs_the_same_in_what_a_class_is_mistaken_for(tmp_path):
    """Noise has four copies of ten images, taken for class 2; fog one of twelve, taken for class 1.

    By copies, class 2 would be the commonest mistake. Image 4 is wrong when clean, and the last two images, which only
    fog has, are an example but do not count.
    """
    labels = np.where(np.isin(np.arange(12), (0, 8)), 1, 0)
    mine = np.array([1, 2, 3, 4, 5, 6, 7, 9])  # of class 0, in both runs
    clean = np.where(np.arange(12) == 4, 1, labels)
    noise = np.broadcast_to(labels[:10, None, None], (10, 2, 4)).copy()
    for image, copies in zip(mine, (0, 1, 3, 1, 0, 0, 0, 0), strict=True):
        noise[image, 0, :copies] = 2
        noise[image, 1, :2] = 2
    fog = np.broadcast_to(labels[:, None, None], (12, 2, 1)).copy()
    fog[[4, 10, 11], 0] = 1
    fog[labels == 0, 1] = 1
    runs = [
        made_sweep(tmp_path / name, SweepConfig(degradation=name, severities=severities, copies=copies), *made)
        for name, severities, copies, made in (
            ("gaussian_noise", (10, 20), 4, (noise, labels[:10], clean[:10])),
            ("fog", (20, 40), 1, (fog, labels, clean)),
        )
    ]
    figures = Figures.of(runs)
    weak, good = figures.weakest_classes
    assert [family.name for family in figures.families] == ["fog", "gaussian_noise"]
    assert (weak.index, weak.images, weak.clean.value, weak.mistaken_for) == (0, 8, 7 / 8, 1)
    ones = np.array([2, 2, 2, 4, 2, 2, 2, 2]) / 8
    twos = np.array([2, 3, 5, 3, 2, 2, 2, 2]) / 16
    assert weak.accuracy.value == pytest.approx(1 - (ones + twos).mean())
    assert weak.share_of_errors == pytest.approx(estimate(Kept(mine, ones, ones + twos)))
    assert weak.example() == Example("fog", 10, 0, 0, 20, 1)
    assert (good.index, good.accuracy.value, good.mistaken_for, good.share_of_errors) == (1, 1, None, None)
    assert good.example() is None
    only_noise = Figures.of(runs[:1]).weakest_classes[0]
    assert only_noise.example() == Example("gaussian_noise", 3, 0, 0, 10, 2), "the image with most such copies"
    fog[:, 0, 0] = labels
    later = made_sweep(tmp_path / "later", SweepConfig(degradation="fog", severities=(20, 40), copies=1), fog, labels)
    assert Figures.of([later]).weakest_classes[0].example() == Example("fog", 1, 1, 0, 40, 1)


def test_the_class_that_comes_closest_to_weak_is_the_one_with_the_lowest_upper_end(tmp_path):
    labels = np.repeat([0, 1, 2], [20, 10, 20])
    right = np.r_[np.arange(20) < 18, np.arange(10) < 7, np.arange(20) < 17]
    predicted = np.where(right, labels, (labels + 1) % 3)[:, None, None]
    run = made_sweep(tmp_path / "fog", SweepConfig(degradation="fog", severities=(50,), copies=1), predicted, labels)
    ((level, text),) = said(Figures.of([run]), "classes")
    assert level == "unsure" and "Class 1 comes closest: under fog 70 % (" in text
    assert "of its 10 measured images are right, and 100 % (" in text


def test_a_class_that_is_mostly_wrong_when_clean_is_in_the_lead(tmp_path):
    labels = np.repeat([0, 1, 2, 3], [100, 100, 40, 9])
    right = np.r_[np.arange(100) < 97, np.arange(100) < 80, np.arange(40) < 1, np.zeros(9, bool)]
    clean = np.where(right, labels, (labels + 1) % 4)
    config = SweepConfig(degradation="fog", severities=(50,), copies=1)
    figures = Figures.of([made_sweep(tmp_path / "fog", config, clean[:, None, None], labels, clean, classes=4)])
    assert [c.index for c in figures.clean_classes] == [3, 2, 1, 0]
    told = verdict(figures)
    assert [found.about for found in told.of_kind("class")] == [("2",)], "nine images of class 3 are too few"
    ((level, text),) = said(figures, "clean classes")
    assert (
        level == "bad"
        and told.lead.endswith(text)
        and text
        == (
            "When clean, 1 of the 40 images of class 2 is right (2 %, 0–13), compared with 85 % (79–89) of the others; "
            "39 of the 40 are taken for 3. If class 2 is rare among the training images, more training images of it "
            "may raise its recall; so may a weight on its score, which needs no training. The guide shows how: "
            "`tfstab guide rare-classes`."
        )
    )
    ((_, bullet),) = said(figures, "class")
    assert "Of the same images when clean, 2 % (0–13) are right." in bullet, "Wilson's here too; the exact one is 0–14"
    few = CleanClass(4, "few", np.r_[np.full(4, 4), np.zeros(6, int)])  # fewer are right than of class 2, perhaps
    many = replace(figures, clean_classes=[few, CleanClass(2, "2", np.zeros(400, int)), *figures.clean_classes[2:]])
    assert clean_class_finding(many).about == ("2",), "the surest first"
    mended = np.where(np.arange(249) < 226, labels, clean)  # 26 of the 40 are right: weak, but not mostly wrong
    figures = Figures.of([made_sweep(tmp_path / "b", config, labels[:, None, None], labels, mended, classes=4)])
    assert said(figures, "clean classes") == [], "the lead says it all"
    assert clean_class_finding(figures, ["2"]) is None, "another finding says it"
    named = verdict(figures).lead
    assert verdict(figures).text.count("When clean, 26 of the 40 images of class 2") == 1
    assert "When clean, 26 of the 40 images of class 2 are right (65 %, " in named
    assert (
        verdict(figures).text.count("of the others; 14 of the 40 are taken for 3.")
        == named.count("; 14 of the 40 are taken for 3.")
        == 1
    )
    assert "little harm" not in named
    both = np.where(np.r_[np.ones(100), np.arange(100) < 68, np.arange(40) < 20, np.ones(9)], labels, (labels + 1) % 4)
    figures = Figures.of([made_sweep(tmp_path / "c", config, labels[:, None, None], labels, both, classes=4)])
    assert "Right less often than the others when clean, too: 1 (68 of 100)." in verdict(figures).lead


def test_a_lead_that_names_the_weakest_class_has_four_parts_at_most(tmp_path):
    labels = np.repeat([0, 1, 2], [100, 100, 40])
    right = np.r_[np.arange(100) < 97, np.arange(100) < 90, np.arange(40) < 26]
    clean = np.where(right, labels, (labels + 1) % 3)
    lost = np.where(np.arange(240) % 2, labels, (labels + 1) % 3)
    noise = made_sweep(
        tmp_path / "noise", SweepConfig(sigmas=(20,), copies=1), clean[:, None, None], labels, clean, classes=3
    )
    fog, jpeg = (
        made_sweep(
            tmp_path / name,
            SweepConfig(degradation=name, severities=(50,), copies=1),
            np.where(rows % 5, taken, (labels + 1) % 3)[:, None, None],
            labels,
            clean,
            classes=3,
        )
        for name, taken, rows in (("fog", lost, np.arange(240)), ("jpeg", clean, np.ones(240)))
    )
    told = verdict(Figures.of([noise, fog, jpeg]), ())
    assert "of class 2 are right (65 %, " in told.lead and told.lead.count(". ") <= 4
    assert "little harm" not in told.lead and any("little harm" in f.text for f in told.of_kind("spared"))
