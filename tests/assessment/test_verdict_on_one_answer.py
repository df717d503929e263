"""What the verdict says where most images are taken for one class, or the model always gives the same answer."""

import numpy as np
import pytest
from assessment_runs import CLASSES, texts

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, verdict
from tfstab.assessment.chance import lost_from
from tfstab.metrics import Estimate
from tfstab.metrics.chance import constant_answer
from tfstab.report.numbers import big_numbers
from tfstab.report.run_report import report_page


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (
            (0.1, 0.7, 0.95),
            "0 under fog from density 40 % on (95 %, 88–99, at density 60 %). A high recall of that class then says "
            "little, because most other images get the same answer. Under fog at density 60 %, more than 80 % of them "
            "are taken for one class, so the",
        ),
        ((0.1, 0.95, 0.2), "0 under fog at density 40 % (95 %, 88–99). The network then"),
        ((0.95, 0.1, 0.98), "0 under fog at density 20 % and others (98 %, 92–100, at density 60 %). The network then"),
        ((0.1, 0.7, 0.75), "0 under fog from density 40 % on (75 %, 65–84, at density 60 %). A high recall of that"),
        ((0.1, 0.2, 0.54), None),  # not certainly more than half
        ((0.0, 0.0, 0.0), None),
    ],
)
def test_where_most_images_of_other_classes_are_taken_for_one_class_is_said(tmp_path, shares, said):
    """Of 100 images of the classes 1 and 2, so many are taken for 0 at each severity; gamma takes none for another."""
    labels = np.append(np.arange(100) % 2 + 1, [0] * 50)
    rows = np.arange(150)
    taken = np.stack([np.where(rows < 100 * share, 0, labels) for share in shares], axis=1)[:, :, None]
    fog = SweepConfig(degradation="fog", copies=1, severities=(20, 40, 60))
    gamma = SweepConfig(degradation="gamma", copies=1, severities=(1.5,))
    runs = [
        made_sweep(tmp_path / "fog", fog, taken, labels, labels),
        made_sweep(tmp_path / "gamma", gamma, labels[:, None, None], labels, labels),
    ]
    v = verdict(Figures.of(runs), ())
    found = texts(v, "taken")
    assert bool(found) == bool(said)
    if said:
        assert found[0].startswith(f"Most images of other classes are taken for {said}")
        assert ("nearly the same answer whatever" in found[0]) == (max(shares) > 0.9), "otherwise it is not so"
        assert found[0] in v.text and "Most images of other classes" in report_page(runs)
    always = made_sweep(tmp_path / "always", fog, np.zeros((150, 3, 1), int), labels, np.where(rows < 70, 0, labels))
    assert not texts(verdict(Figures.of([always]), ()), "taken"), "so it is when clean"


@pytest.mark.parametrize(("classes", "end"), [(3, "under contrast"), (4, "for 2 more classes under others")])
def test_classes_for_which_most_images_are_taken_are_named_and_only_several_more_are_counted(tmp_path, classes, end):
    labels = np.repeat(np.arange(5), 40)
    runs = []
    strong = {"fog": 80, "gamma": 6, "contrast": 0.15, "jpeg": 10}
    for k, (family, severity) in enumerate(list(strong.items())[:classes]):
        config = SweepConfig(degradation=family, copies=1, severities=(severity,))
        all_alike = np.full((200, 1, 1), k)
        runs.append(made_sweep(tmp_path / family, config, all_alike, labels, labels, classes=5))
    (found,) = texts(verdict(Figures.of(runs), ()), "taken")
    told = found.partition(". ")[0]
    assert end in told and ("for 2 under" in told) == (classes == 3)


def test_a_class_that_becomes_the_answer_to_everything_is_not_called_harmed_less(tmp_path):
    """Under dense fog all images are taken for class 1, of which few are right elsewhere."""
    labels, number = np.arange(150) % CLASSES, np.arange(150) // CLASSES
    first = np.where((labels == 1) & (number >= 10), 2, labels)
    lost, answer = np.where(labels == 1, 2, labels), np.ones(150, int)
    runs = [
        made_sweep(
            tmp_path / name,
            SweepConfig(degradation=name, copies=1, severities=severities),
            np.stack(predicted, axis=1)[:, :, None],
            labels,
            first,
        )
        for name, severities, predicted in (
            ("fog", (20, 80), (lost, answer)),
            ("contrast", (0.5,), (lost,)),
            ("jpeg", (20,), (np.where(number < 26, 1, lost),)),
            ("pixelate", (2,), (np.where(number < 25, 1, lost),)),
        )
    ]
    (weak,) = (finding for finding in verdict(Figures.of(runs), ()).findings if finding.kind == "class")
    assert "Degradation harms" not in weak.text and "is not decided" not in weak.text
    assert (
        "but this says little: at density 80 % under fog, 100 % (96–100) of the images of other classes are taken for "
        "it, and more than half under JPEG compression. In" in weak.text
    )


def test_where_all_images_are_of_one_class_nothing_is_lost_by_guessing(tmp_path):
    """The same answer for all images is right for all of them, so no accuracy can be better."""
    right = made_sweep(tmp_path / "fog", SweepConfig(degradation="fog", copies=1), np.zeros((9, 1, 1), int))
    (family,) = Figures.of([right]).families
    assert family.chance == 1 and lost_from(family) is None


def test_a_model_that_always_gives_the_same_answer_is_called_no_better(tmp_path):
    labels = (np.arange(500) % 25 == 0).astype(int)
    run = made_sweep(tmp_path / "fog", SweepConfig(degradation="fog", severities=(50,), copies=1),
                     np.zeros((500, 1, 1), int), labels, labels * 0, classes=2)  # fmt: skip
    figures = Figures.of([run])
    v = verdict(figures)
    assert "a model that always answers 0 would be right on 96 %, and this one is not clearly better." in v.lead
    worse = constant_answer(Estimate(0.5, 0.4, 0.6), [("good", 48, 96), ("defect", 2, 4)])
    assert "would be right on 96 %, and this one is right less often." in worse
    assert "0 of 20 when clean (0 %, 0–17)" in v.lead
    assert not v.of_kind("reference", "spared") and "little harm" not in v.text
    search = made_search(tmp_path / "search", np.full(10, 5.0), labels[:10], labels[:10] * 0, classes=2)
    (noise,) = texts(verdict(Figures.of([run, search])), "noise")
    assert noise.endswith(" 9 of these 10 images are of class 0, so this says little of the other classes.")
    assert big_numbers(figures)[1].what == "of the 20 clean images of class 1 are right"
