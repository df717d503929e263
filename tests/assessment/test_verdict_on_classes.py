"""What the verdict says of classes: weak ones, rare ones, and the answer that is given most."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from assessment_runs import CLASSES, texts

from made_runs import made_search, made_sweep
from tfstab import SweepConfig, open_run
from tfstab.assessment import Figures, classes, recalls, verdict
from tfstab.assessment.chance import lost_from
from tfstab.assessment.classes import clean_classes
from tfstab.assessment.frames import degradations_frame
from tfstab.assessment.harmed_findings import harmed_elsewhere, harmed_under
from tfstab.assessment.losses import instead_of_half
from tfstab.assessment.ranking import standings
from tfstab.assessment.recall_findings import WIDER
from tfstab.assessment.record import assessment_json
from tfstab.assessment.verdict import deepest_fall
from tfstab.gui.content.class_bars import bars_of_assessment
from tfstab.gui.content.robustness import family_rows
from tfstab.metrics import Estimate
from tfstab.metrics.chance import constant_answer
from tfstab.metrics.kept import share_of
from tfstab.names import quoted
from tfstab.report.charts import family_dots, hidden_falls
from tfstab.report.numbers import big_numbers, family_table, loss_table
from tfstab.report.recall_tables import clean_recall_table, harmed_table, recall_tables
from tfstab.report.run_report import report_page

SEVERITY = {"fog": 50, "contrast": 0.5, "gaussian_blur": 2, "brightness": 60, "underexposure": 3}


def one_copy_each(folder, labels, clean, classes, **predicted):
    """Make a sweep of each degradation at one severity; labels, clean classes and those of the one copy are given."""
    return [
        made_sweep(
            folder / name,
            SweepConfig(degradation=name, severities=(SEVERITY[name],), copies=1),
            taken_for[:, None, None],
            labels,
            clean,
            classes=classes,
        )
        for name, taken_for in predicted.items()
    ]


def test_a_class_known_to_be_weak_when_clean_is_not_denied_of_the_fewer_degraded_images(tmp_path):
    """Of 300 clean images those of class 1 are nearly all wrong; 36 are degraded, 12 of each class."""
    labels = np.arange(300) % CLASSES
    right = np.where(labels == 1, np.arange(300) % 50 == 1, np.arange(300) % 10 != 0)
    clean = np.where(right, labels, (labels + 1) % CLASSES)
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    degraded = np.where(np.arange(36) % 4 == 0, labels[:36], (labels[:36] + 1) % CLASSES)
    some = made_sweep(tmp_path / "fog", config, degraded[:, None, None], labels[:36], clean[:36], classes=CLASSES)
    figures = replace(Figures.of([some]), clean_classes=clean_classes(labels, clean, some.class_names))
    v = verdict(figures, ())
    assert "of the 100 images of class 1" in texts(v, "clean classes")[0]
    assert texts(v, "classes")[0].startswith(
        "The 100 clean images of class 1 show that it is weaker than the others. The degraded images, at most 12 of a "
        "class, do not show this for any class. Class "
    )


def test_the_classes_that_are_weaker_under_the_worst_degradation_are_named(tmp_path):
    """In fog, 7 of 8 images of class 2 and half of those of class 3 are taken for 1; else nearly all are right."""
    labels, number = np.arange(320) % 4, np.arange(320) // 4
    lost = number % 8 >= np.array([8, 8, 1, 4])[labels]
    fog, clean = np.where(lost, 1, labels), np.where(number < 2, 0, labels)
    runs = one_copy_each(tmp_path, labels, clean, 4, contrast=labels, fog=fog)
    (found,) = texts(verdict(Figures.of(runs), ()), "worst classes")
    assert found == (
        "Under fog, class 2 is weaker than the others: 12 % (6–22) of its 80 images are right, averaged over the "
        "severities (98 % when clean), compared with 83 % (78–88) of the others; when wrong, it is most often taken "
        "for 1. Also weaker under fog: 3 (50 %, 38–62; 98 % when clean)."
    )
    lead = verdict(Figures.of(runs), ()).lead
    assert lead.index("fog does the most harm") < lead.index(found) and "class 2 is weaker" in report_page(runs)
    tables = recall_tables(Figures.of(runs))
    assert [table.title for table in tables] == ["Fog", "Contrast"]
    alike = np.where(number % 8 >= 4, (labels + 1) % 4, labels)
    same = one_copy_each(tmp_path / "alike", labels, labels, 4, contrast=labels, fog=alike)
    assert not texts(verdict(Figures.of(same), ()), "worst classes")


def test_a_class_found_weak_when_degraded_is_still_said_to_be_weak_when_clean(tmp_path):
    """Of 200 clean images of each of four classes; of the first 50 of each, class 2 loses most in fog, but not all."""
    labels, number = np.arange(800) % 4, np.arange(800) // 4
    clean = np.where(number >= np.array([0, 60, 45, 0])[labels], labels, (labels + 1) % 4)
    seen, numbers = labels[-200:], number[-200:] - 150
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    degraded = np.where(numbers >= np.array([5, 5, 40, 5])[seen], seen, (seen + 1) % 4)
    some = made_sweep(tmp_path / "fog", config, degraded[:, None, None], seen, clean[-200:], classes=4)
    figures = replace(Figures.of([some]), clean_classes=clean_classes(labels, clean, some.class_names))
    v = verdict(figures, ())
    weaker = "are right (78 %, 71–83), compared with 90 % (87–93) of the others."
    (found,) = texts(v, "class")
    assert found.startswith("Class 2 is weaker than the others: under fog 20 % ")
    assert found.endswith(f"When clean, 155 of the 200 images of class 2 {weaker}")
    assert "When clean, 140 of the 200 images of class 1 are right" in v.lead


def test_the_recall_of_a_rare_class_on_all_its_clean_images_is_everywhere(tmp_path):
    """Of the clean images, 40 are of class 3, of which 18 are right; one of them is degraded, and six of each other."""
    labels = np.repeat([0, 1, 2, 3], [300, 300, 300, 40])
    number = np.concatenate([np.arange(300)] * 3 + [np.arange(40)])
    clean = np.where(number < np.array([290, 290, 90, 18])[labels], labels, (labels + 1) % 4)
    seen = number < np.array([6, 6, 6, 1])[labels]
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    some = made_sweep(tmp_path / "fog", config, labels[seen][:, None, None], labels[seen], clean[seen], classes=4)
    figures = replace(Figures.of([some]), clean_classes=clean_classes(labels, clean, some.class_names))
    v = verdict(figures, ())
    assert "too: 3 (18 of 40)." in texts(v, "clean classes")[0]
    rare = assessment_json(figures, v)["clean_classes"][1]
    assert (rare["index"], rare["images"], rare["recall"]["value"]) == (3, 40, 0.45)
    table = clean_recall_table(figures)
    assert [row[:3] for row in table.rows] == [("2", "300", "90"), ("3", "40", "18"), ("0", "300", "290"),
                                               ("1", "300", "290")]  # fmt: skip
    assert table.rows[1][3].startswith("45 (") and "all clean images that were scored" in table.notes[0]
    bars = bars_of_assessment(figures)
    assert {bar.name: bar.text for bar in bars.bars} == {"0": "100 % of 6", "1": "100 % of 6", "2": "100 % of 6",
                                                         "3": "100 % of 1"}  # fmt: skip
    assert "45 % (30–61) of all its 40 images" in next(bar.tip for bar in bars.bars if bar.name == "3")
    assert bars.note.startswith("No class has as many as 10 images that were degraded: too few to say")
    assert "Recall of each class when clean" in report_page([some])


def test_of_many_classes_the_file_that_has_all_is_named_where_there_is_one(tmp_path):
    labels, config = np.arange(42) % 21, SweepConfig(degradation="fog", severities=(20,), copies=1)
    figures = Figures.of([made_sweep(tmp_path / "fog", config, labels[:, None, None], labels, classes=21)])
    table = clean_recall_table(figures)
    assert (len(table.rows), table.notes[1]) == (20, "The 20 classes with the lowest recall of 21.")
    (tmp_path / "assessment.json").write_text("{}")
    assert clean_recall_table(figures).notes[1].endswith(" of 21; assessment.json has all.")


def test_names_of_classes_that_are_no_single_word_are_in_quotes():
    assert [quoted(name) for name in ("8", "deer-2", "Zebra", "deer 2", "a, b", "ça_va", "4x4.")] == [
        "8", "deer-2", "Zebra", "'deer 2'", "'a, b'", "ça_va", "'4x4.'",
    ]  # fmt: skip


def test_weak_classes_what_they_are_taken_for_and_an_example(tmp_path):
    labels = np.arange(150) % CLASSES
    right = np.where(labels == 1, np.arange(150) % 5 == 0, True)[:, None, None]
    predicted = np.where(right, labels[:, None, None], 2)
    runs = [
        made_sweep(tmp_path / name, SweepConfig(degradation=name, copies=1, severities=(s,)), predicted, labels)
        for name, s in (("fog", 50), ("contrast", 0.5))
    ]
    v = verdict(Figures.of(runs), ())
    assert texts(v, "class") == [
        "Class 1 is weaker than the others: over all degradations 20 % (10–34) of its 50 measured images are right, "
        "compared with 100 % (96–100) of the others. Of the same images when clean, 100 % (92–100) are right. "
        "Degradation harms it more than the others: it keeps 20 % (10–34) of this accuracy, the others keep "
        "100 % (96–100) of theirs. In 100 % (91–100) of its errors it is taken for 2 (an example: image 1 under "
        "fog, density 50 %)."
    ]


def test_a_class_that_is_harmed_more_than_the_others_taken_together_names_the_one_that_keeps_still_less(tmp_path):
    """Of 200 images each, class 1 keeps 55 % and class 2 50 %; of class 4, too small to judge, nothing is kept."""
    labels = np.append(np.arange(800) % 4, [4] * 5)
    number = np.append(np.arange(800) // 4, [0] * 5)
    kept = np.array([200, 110, 100, 200, 0])
    fog = np.where(number < kept[labels], labels, 3)
    (one, least) = texts(verdict(Figures.of(one_copy_each(tmp_path, labels, labels, 5, fog=fog)), ()), "class")[::-1]
    assert "Class 1 is weaker" in one and "harms it more than the others taken together: it keeps 55 % (" in one
    assert " of theirs; as measured, class 2 keeps even less (50 %)." in one
    assert "harms it more than the others: it keeps 50 % (" in least and "keeps even less" not in least


@pytest.mark.parametrize(
    ("clean", "degraded", "level", "said"),
    [
        (20, 20, "mid", "Degradation harms it less than the others: it keeps 100 %"),
        (20, 14, "mid", "Whether degradation harms it more than the others, or less, is not decided: it keeps 70 %"),
        (50, 20, "bad", "Degradation harms it more than the others: it keeps 40 %"),
        (0, 0, "mid", None),
    ],
)
def test_a_class_that_is_weak_when_clean_is_not_called_harmed_more_than_the_others(
    tmp_path, clean, degraded, level, said
):
    """Of 50 images of class 1 so many are right, of 100 others all when clean and 70 when degraded."""
    labels, number = np.arange(150) % CLASSES, np.arange(150) // CLASSES
    right = np.where(labels == 1, number < degraded, number < 35)[:, None, None]
    predicted = np.where(right, labels[:, None, None], 2 - (labels == 2)[:, None, None])
    first = np.where((labels == 1) & (number >= clean), 2, labels)
    config = SweepConfig(degradation="fog", copies=1, severities=(50,))
    figures = Figures.of([made_sweep(tmp_path / "fog", config, predicted, labels, first)])
    (weak,) = (finding for finding in verdict(figures, ()).findings if finding.kind == "class")
    assert weak.level == level
    assert said in weak.text if said else "Degradation harms" not in weak.text and "the others keep" not in weak.text
    # Of the 50 images of class 2, the 15 wrong ones are taken for class 1; of the 100 when clean, none.
    taken = "of theirs. But images of other classes are taken for it more often: 15 % (8–24), when clean 0 % (0–4). In"
    assert (taken in weak.text) == (clean == degraded == 20)


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


def test_the_class_that_falls_deepest_is_named_even_if_it_is_as_good_as_the_others_then(tmp_path):
    """Of 120 images each, class 3 is right on all when clean, the others on 80; when degraded, all four on 56."""
    labels, number = np.arange(480) % 4, np.arange(480) // 4
    clean = np.where((labels == 3) | (number < 80), labels, (labels + 1) % 4)
    fog = np.where(number < 56, labels, (labels + 2) % 4)
    figures = Figures.of(one_copy_each(tmp_path, labels, clean, 4, fog=fog))
    v = verdict(figures, ())
    (found,) = texts(v, "harmed classes")
    assert not v.of_kind("class") and found == (
        "Degradation harms class 3 more than the others: under fog it keeps 47 % (37–56) of its accuracy, the others "
        "keep 70 % (63–76) of theirs. Of its 120 measured images, 100 % (96–100) are right when clean, and "
        "47 % (37–56) when degraded. When wrong, it is most often taken for 1."
    )
    assert "Degradation harms class 3 more" in report_page([figures.families[0].run])
    assert "keeps even less" not in v.text, "class 3 keeps the least"
    alike = one_copy_each(tmp_path / "alike", labels, labels, 4, fog=fog)
    assert not texts(verdict(Figures.of(alike), ()), "harmed classes")


def test_a_class_that_one_degradation_harms_far_more_is_named_though_another_one_is_the_worst(tmp_path):
    """All are right when clean; under rotation half of each class, under fog all but class 2, of which a quarter is."""
    labels, number = np.arange(240) % 4, np.arange(240) // 4
    fog = np.where((labels == 2) & (number % 4 > 0), 3, labels)
    half = np.where(number % 2 == 0, labels, (labels + 1) % 4)
    spared = np.where(number % 2 == 0, labels, np.where(labels == 1, 0, labels))
    runs = one_copy_each(tmp_path, labels, labels, 4, contrast=half, fog=fog, brightness=labels)
    v = verdict(Figures.of(runs), ())
    assert texts(v, "class falls") == [
        "Under other degradations, these classes lose far more of their recall than the others: 2 under fog (keeps "
        "25 %, 14–38; the others 100 %, 97–100)."
    ]
    page = report_page(runs)
    assert "2 under fog (keeps" in page and "Classes that lose far more than the others under single" in page
    assert harmed_table(Figures.of(runs)).rows == [("fog", "2", "25 (14–38)", "100 (97–100)", "3 (100 %)")]
    told = verdict(Figures.of(one_copy_each(tmp_path / "alike", labels, labels, 4, contrast=half, fog=spared)), ())
    assert not told.of_kind("class falls") or "1 under fog" in told.text
    figures = Figures.of(runs)
    assert harmed_elsewhere(figures, harmed_under(figures.families), {("fog", 2)}) == []


def test_a_rarer_class_that_seems_to_lose_far_more_is_named_as_not_decided(tmp_path):
    """All are right when clean; when degraded, half of classes 0 to 2 (80 images each) and few of class 3 (24)."""
    labels, number = np.repeat(np.arange(4), [80, 80, 80, 24]), np.r_[np.tile(np.arange(80), 3), np.arange(24)]

    def keeps(of_rarer):
        return np.where(number < np.where(labels == 3, of_rarer, 40), labels, (labels + 1) % 4)

    runs = one_copy_each(tmp_path, labels, labels, 4, contrast=keeps(11), fog=keeps(4), brightness=keeps(11))
    (told,) = (text for text in texts(verdict(Figures.of(runs), ()), "undecided") if "class 3" in text)
    assert told == (
        "Not decided: whether this rarer class loses far more of its recall than the others, as measured: class 3 (24 "
        "images) under fog (keeps 17 %, 4–38; the others 50 %, 43–57). More images of it can decide it."
    )
    certain = one_copy_each(tmp_path / "certain", labels, labels, 4, contrast=keeps(4), fog=keeps(0))
    assert "rarer" not in verdict(Figures.of(certain), ()).text, "another finding names it"


def test_the_lead_names_the_deepest_loss_of_a_class_before_lesser_ones_that_accuracy_does_not_show(tmp_path):
    """Half of each class is lost in contrast, 7/8 of class 2 or less in fog, a quarter of class 1 or more if bright."""
    labels, number = np.arange(640) % 4, np.arange(640) // 4
    half = np.where(number % 2 == 0, labels, (labels + 1) % 4)
    fog = np.where((labels == 2) & (number % 8 > 0), 3, labels)
    brighter = np.where((labels == 1) & (number % 4 == 0), 0, labels)
    shown = {"contrast": half, "fog": fog, "brightness": brighter}
    v = verdict(Figures.of(one_copy_each(tmp_path, labels, labels, 4, **shown)), ())
    (elsewhere,), (recall,) = texts(v, "class falls"), texts(v, "recall")
    assert "others: 2 under fog (keeps 12 %, " in elsewhere and elsewhere in v.paragraphs
    assert recall.startswith("Brightness costs less than a tenth") and recall not in v.lead and f"- {recall}" in v.text
    shown["brightness"] = np.where((labels == 1) & (number % 16 < 6), 0, labels)
    shown["fog"] = np.where(number % 16 < np.where(labels == 2, 5, 1), (labels + 1) % 4, labels)
    v = verdict(Figures.of(one_copy_each(tmp_path / "deeper", labels, labels, 4, **shown)), ())
    (elsewhere,), (recall,) = texts(v, "class falls"), texts(v, "recall")
    assert "2 under fog" in elsewhere and elsewhere not in v.lead and recall in v.lead


def test_of_many_losses_of_classes_each_class_has_its_deepest_and_the_others_are_counted(tmp_path):
    """Half of each class is lost in contrast; of four classes, less and less in fog, and half of three if blurred."""
    labels, number = np.arange(960) % 6, np.arange(960) // 6
    half = np.where(number % 2 == 0, labels, (labels + 1) % 6)
    fog, blurred = (
        np.where(number % 8 < np.array(lost)[labels], (labels + 1) % 6, labels)
        for lost in ((0, 0, 7, 6, 5, 4), (0, 0, 4, 4, 4, 0))
    )
    runs = one_copy_each(tmp_path, labels, labels, 6, contrast=half, fog=fog, gaussian_blur=blurred)
    v, page = verdict(Figures.of(runs)), report_page(runs)
    (told,) = texts(v, "class falls")
    assert (
        '(<a href="#c1-harmed">a table below</a> lists all cases, ' in page and page.count('<div id="c1-harmed">') == 1
    )
    named = re.findall(r"(\d) under ([A-Z a-z]+) \(keeps (\d+) %, \d+–\d+; the others", told)
    assert named == [("2", "fog", "12"), ("3", "fog", "25"), ("4", "fog", "38")]
    assert (
        told.endswith(
            "and 3 more cases (a table in the report lists all cases, including those named elsewhere in the verdict)."
        )
        and told in v.lead
    )


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


def test_the_clean_accuracy_of_a_class_is_that_of_the_images_that_are_degraded(tmp_path):
    """One family has 300 images, the other the first 60 of them, of which all are right when clean."""
    labels = np.arange(300) % CLASSES
    clean = np.where((labels == 1) & (np.arange(300) >= 60), 2, labels)
    degraded = np.where(labels == 1, 2, labels)[:, None, None]
    runs = [
        made_sweep(tmp_path / name, SweepConfig(degradation=name, copies=1, severities=(s,)), *made)
        for name, s, count in (("fog", 50, 300), ("contrast", 0.5, 60))
        for made in [(degraded[:count], labels[:count], clean[:count])]
    ]
    weakest = Figures.of(runs).weakest_classes[0]
    assert (weakest.name, weakest.images, weakest.clean.value) == ("1", 20, 1)
    page = report_page(runs)
    assert "on the 60 images measured under all of them" in page
    assert '<td class="clean count">20</td><td class="clean">100 %</td><td class="value">0 %</td>' in page


@pytest.mark.parametrize(("images", "said"), [(9, []), (10, ["Class 1 is weaker than the others"])])
def test_a_class_is_called_weak_from_ten_images_on(tmp_path, images, said):
    labels = np.repeat([0, 1, 2], [100, images, 100])
    predicted = np.where(labels == 1, 2, labels)[:, None, None]
    run = made_sweep(tmp_path / "fog", SweepConfig(degradation="fog", copies=1, severities=(50,)), predicted, labels)
    v = verdict(Figures.of([run]), ())
    assert [text.split(":")[0] for text in texts(v, "class")] == said
    too_few = "Class 1 (9) cannot be compared with the others: fewer than 10 of its images were degraded."
    assert [too_few in text for text in texts(v, "classes")] == ([True] if images < 10 else []), "and it says so"
    other = made_sweep(
        tmp_path / "jpeg", SweepConfig(degradation="jpeg", copies=1, severities=(50,)), predicted, labels
    )
    both = verdict(Figures.of([run, other]), ()).text
    assert ("fewer than 10 of its images were measured under all degradations." in both) == (images < 10)
    more = verdict(Figures.of([run, other], available=500), ()).text
    helps = "With more minutes, or fewer degradations (--degradation), more images are measured."
    assert (helps in more, helps in both) == (images < 10, False), "only if there are more images"


def test_the_classes_beyond_those_that_are_explained_are_named(tmp_path):
    """Thirteen of 23 classes are right in 1 of 10 images, the others always: three are explained, eight named."""
    classes, labels = 23, np.arange(460) % 23
    for weak, told in ((13, " and 2 more"), (11, "")):
        right = np.where(labels < weak, np.arange(460) // 23 < 2, True)[:, None, None]
        run = made_sweep(
            tmp_path / str(weak), SweepConfig(degradation="fog", copies=1, severities=(50,)),
            np.where(right, labels[:, None, None], 22), labels, classes=classes,
        )  # fmt: skip
        v = verdict(Figures.of([run]), ())
        *explained, more = v.of_kind("class", "classes")
        assert [f.about for f in explained] == [("0",), ("1",), ("2",)]
        assert more.text == f"Weaker than the others too: 3, 4, 5, 6, 7, 8, 9, 10{told}."
        assert more.about == tuple(map(str, range(3, weak))) and more.level == "mid"
    predicted = np.where(right | (labels >= 3)[:, None, None], labels[:, None, None], 22)
    config = SweepConfig(degradation="fog", copies=1, severities=(50,))
    run = made_sweep(tmp_path / "3", config, predicted, labels, classes=classes)
    assert [f.about for f in verdict(Figures.of([run]), ()).of_kind("class", "classes")] == [("0",), ("1",), ("2",)]


def test_classes_that_are_only_named_as_weak_are_told_of_when_weak_on_clean_images_too(tmp_path):
    """Of 30 images of each of 23 classes, 18 of the first five are right when clean and 3 under fog, else all."""
    labels, number = np.arange(690) % 23, np.arange(690) // 23
    clean, fog = (np.where((labels < 5) & (number >= right), 22, labels) for right in (18, 3))
    for name, weak in (("five", 5), ("three", 3)):
        of_clean, of_fog = (np.where(labels < weak, taken, labels) for taken in (clean, fog))
        v = verdict(Figures.of(one_copy_each(tmp_path / name, labels, of_clean, 23, fog=of_fog)), ())
        assert [f.about for f in v.of_kind("class")] == [("0",), ("1",), ("2",)]
        assert v.text.count("When clean, 18 of the 30 images of class") == (4 if weak == 5 else 3), "one is in the lead"
        assert [f.about for f in v.of_kind("clean classes")] == ([("3",)] if weak == 5 else []), name


def test_where_all_images_are_of_one_class_nothing_is_lost_by_guessing(tmp_path):
    """The same answer for all images is right for all of them, so no accuracy can be better."""
    right = made_sweep(tmp_path / "fog", SweepConfig(degradation="fog", copies=1), np.zeros((9, 1, 1), int))
    (family,) = Figures.of([right]).families
    assert family.chance == 1 and lost_from(family) is None


def test_little_harm_is_not_said_where_one_of_two_classes_of_like_size_loses_recall_and_the_other_gains(tmp_path):
    """Of 300 images of each class, 270 and 240 are right when clean, and 210 and 300 under fog."""
    labels, number = np.arange(600) % 2, np.arange(600) // 2
    clean, fog, contrast, worse = (
        np.where(number < np.where(labels == 0, *right), labels, 1 - labels)
        for right in ((270, 240), (210, 300), (240, 300), (180, 240))
    )
    runs = one_copy_each(tmp_path, labels, clean, 2, fog=fog, contrast=contrast, gaussian_blur=worse, brightness=clean)
    figures = Figures.of(runs)
    v = verdict(figures, ())
    assert texts(v, "recall") == [
        "Fog costs less than a tenth of the accuracy as measured, but the recall of class 0 falls from 90 % when clean "
        "to 70 % (64–76) under it, averaged over the severities (300 images)."
    ], "none under Gaussian blur, where the accuracy shows the loss"
    assert v.lead.index("Gaussian blur costs the most accuracy") < v.lead.index("but the recall of class 0")
    assert deepest_fall(figures) is None
    assert texts(v, "spared") == [
        "Brightness does little harm: the network keeps more than 90 % of its accuracy, averaged over the severities."
    ]
    assert [text for text in texts(v, "undecided") if "recall" in text] == [
        "Not decided: whether class 0 (300 images, of which 90 % are right when clean) really loses more than a tenth "
        "of its recall, as measured under contrast (recall 80 %, 75–85)."
    ]
    found = {f["name"]: f for f in assessment_json(figures, v)["families"]}
    assert {name: f["standing"] for name, f in found.items()} == {
        "fog": "between", "contrast": "undecided", "gaussian_blur": "between", "brightness": "hardly touches",
    }  # fmt: skip
    assert [len(found[name]["recall_falls"]) for name in ("fog", "gaussian_blur")] == [1, 0]


def test_why_a_loss_is_not_decided_is_said_though_only_the_interval_of_the_recall_kept_excludes_the_limit(tmp_path):
    """Of 300 images of each class, 270 and 240 are right when clean, 231 and 300 in contrast, 100 and 100 in fog."""
    labels, number = np.arange(600) % 2, np.arange(600) // 2
    clean, contrast, fog = (
        np.where(number < np.where(labels == 0, *right), labels, 1 - labels)
        for right in ((270, 240), (231, 300), (100, 100))
    )
    v = verdict(Figures.of(one_copy_each(tmp_path, labels, clean, 2, contrast=contrast, fog=fog, brightness=clean)), ())
    assert "0 under contrast (keeps 86 %, 80–90; the others 125 %" in v.text
    (told,) = [text for text in texts(v, "undecided") if "recall" in text]
    assert told.endswith(f"its recall, as measured under contrast (recall 77 %, 71–82). {WIDER}")


def test_a_lead_has_no_room_for_the_recalls_of_many_classes_of_like_size(tmp_path):
    """Of 300 images of each of six classes, three have 270 right when clean and 210 under fog, three 240 and 300."""
    labels, number = np.arange(1800) % 6, np.arange(1800) // 6
    clean, fog = (
        np.where(number < np.where(labels < 3, *right), labels, (labels + 3) % 6) for right in ((270, 240), (210, 300))
    )
    v = verdict(Figures.of(one_copy_each(tmp_path, labels, clean, 6, fog=fog)), ())
    (told,) = texts(v, "recall")
    assert told.startswith(
        "Fog costs less than a tenth of the accuracy as measured, but the recall of class 0 falls from"
    )
    assert told.count("The recall of class ") == 2 == told.count("when clean to 70 % (64–76) under fog (300")
    assert told not in v.lead and f"- {told}" in v.text


def test_of_several_degradations_that_cost_recall_the_deepest_fall_has_its_figure(tmp_path):
    """Of 300 images of each class, 270 and 240 are right when clean, 210 and 300 under fog, 200 and 300 in contrast."""
    labels, number = np.arange(600) % 2, np.arange(600) // 2
    clean, fog, contrast = (
        np.where(number < np.where(labels == 0, *right), labels, 1 - labels)
        for right in ((270, 240), (210, 300), (200, 300))
    )
    v = verdict(Figures.of(one_copy_each(tmp_path, labels, clean, 2, fog=fog, contrast=contrast)), ())
    assert texts(v, "recall") == [
        "Contrast and fog cost less than a tenth of the accuracy as measured, but the recall of class 0 falls from "
        "90 % when clean to 67 % (61–72) under contrast, averaged over the severities (300 images), and to "
        "70 % (64–76) under fog."
    ]
    below = v.text.split("\n\nIn detail:\n")[1]
    assert below.startswith(f"- {v.of_kind('clean')[0].text}\n"), "how good it is as a whole comes first"


def test_the_sentence_on_a_second_class_does_not_begin_like_that_on_the_first(tmp_path):
    """Of 300 images of each of eight classes, most have 240 right when clean; two have 270, and fewer when degraded."""
    labels, number = np.arange(2400) % 8, np.arange(2400) // 8
    clean, fog, contrast = (
        np.where(number < np.array([*two, *[others] * 6])[labels], labels, (labels + 4) % 8)
        for two, others in (((270, 270), 240), ((200, 205), 270), ((265, 215), 270))
    )
    v = verdict(Figures.of(one_copy_each(tmp_path, labels, clean, 8, fog=fog, contrast=contrast)), ())
    assert texts(v, "recall") == [
        "Contrast and fog cost less than a tenth of the accuracy as measured, but the recall of class 0 falls from "
        "90 % when clean to 67 % (61–72) under fog, averaged over the severities (300 images). The recall of class 1 "
        "falls from 90 % when clean to 68 % (62–74) under fog (300 images), and to 72 % (66–77) under contrast."
    ]


@pytest.mark.parametrize(("first", "common"), [(51, False), (60, False), (61, True)])
def test_no_class_is_common_because_it_has_just_more_than_half_of_the_images(tmp_path, first, common):
    """In fog, all images are taken for the larger of two classes."""
    labels, number = (np.arange(100) >= first).astype(int), np.arange(100)
    clean = np.where(number % 2 == 0, 0, labels)
    figures = Figures.of(one_copy_each(tmp_path, labels, clean, 2, fog=np.zeros(100, int)))
    assert figures.families[0].one_common == common
    assert (recalls.common_class(figures.clean_classes) is not None) == common
    answer = constant_answer(Estimate(0.7, 0.6, 0.8), [("cat", first, first), ("dog", 10, 100 - first)])
    assert ("So look at the recall of class dog" in answer) == common
    assert common or answer == f"Always answering the same class would be right on {first} %."


def test_a_fall_of_the_common_class_is_named_where_the_accuracy_does_not_show_it(tmp_path):
    """Of 620 images of class 0 and 380 of class 1, 589 and 266 are right when clean, and 496 and 380 under fog."""
    labels = np.repeat([0, 1], [620, 380])
    number = np.r_[:620, :380]
    clean, fog, worse = (
        np.where(number < np.where(labels == 0, *right), labels, 1 - labels)
        for right in ((589, 266), (496, 380), (413, 95))
    )
    runs = one_copy_each(tmp_path, labels, clean, 2, fog=fog, contrast=worse)
    figures = Figures.of(runs)
    v = verdict(figures, ())
    (told,) = texts(v, "recall")
    assert v.lead.index(told) < v.lead.index("costs the most accuracy") and deepest_fall(figures).recall.value == 0.25
    assert "as measured, but the recall of class 0 falls from 95 % when clean to 80 % (76–84) under it" in told
    assert told.startswith("The recall of class 1 falls from 70 % when clean to 25 % (20–30) under contrast, averaged ")
    assert "67 %" not in told, "the accuracy shows that class 0 loses recall under contrast"


def test_many_classes_of_like_size_have_no_sentence_each_where_the_accuracy_is_not_decided(tmp_path):
    """Of five classes of 20 images, all right when clean, three lose 3 images each under fog."""
    labels = np.arange(100) % 5
    fog = np.where((labels < 3) & (np.arange(100) < 15), 4, labels)
    config = SweepConfig(degradation="fog", severities=(50,), copies=1)
    run = made_sweep(tmp_path / "fog", config, fog[:, None, None], labels, labels, classes=5)
    (told,) = texts(verdict(Figures.of([run]), ()), "undecided")
    assert told.startswith("Not decided: whether it loses more than a tenth of its accuracy under fog")


def test_where_the_loss_of_accuracy_is_not_decided_a_recall_that_certainly_falls_is_named(tmp_path):
    """Of 300 images of each of four classes, 270 are right when clean; then 89 or 91 % of the accuracy is kept."""
    labels, number = np.arange(1200) % 4, np.arange(1200) // 4
    right = {
        "underexposure": (150, 270, 270, 270), "contrast": (270, 212, 208, 270), "brightness": (270, 270, 270, 170),
        "fog": (240, 240, 240, 240), "clean": (270, 270, 270, 270),
    }  # fmt: skip
    taken = {k: np.where(number < np.array(of)[labels], labels, (labels + 1) % 4) for k, of in right.items()}
    clean = taken.pop("clean")
    runs = dict(zip(taken, one_copy_each(tmp_path, labels, clean, 4, **taken), strict=True))

    def told(*families):
        """Return what follows the families in the sentence on them, and whether a table has the lowest recalls."""
        figures = Figures.of([runs[family] for family in families])
        said = next(t for t in texts(verdict(figures, ()), "undecided") if "of its accuracy under" in t).split(". ")[0]
        return said.partition(", though ")[2], "lowest recall of a class" in family_table(figures).columns

    darker = "the recall of class 0 certainly falls under {} (from 90 % when clean to 50 %, 44–56)"
    assert told("underexposure") == (darker.format("it"), True)
    assert told("contrast")[0] == (
        "the recall of class 2 certainly falls under it (from 90 % when clean to 69 %, 63–75), as does that of 1 "
        "other class"
    )
    assert told("fog") == ("", False), "no class certainly loses a tenth of its recall"
    assert told("brightness") == ("", True), "a sentence of its own says it"
    assert told(*runs)[0] == (
        f"{darker.format('underexposure')}; recalls certainly fall under contrast and brightness, too"
    )


def test_no_degradation_is_called_harmless_under_which_a_rare_class_is_no_longer_found(tmp_path):
    """Of 100 defects among 1,200 images, 90 are found when clean and 20 under fog; brightness changes nothing."""
    labels = (np.arange(1200) % 12 == 0).astype(int)
    found = np.cumsum(labels)
    clean, fog = (np.where(found <= count, labels, 0) for count in (90, 20))
    runs = one_copy_each(tmp_path, labels, clean, 2, fog=fog, brightness=clean)
    v = verdict(Figures.of(runs), ())
    assert v.lead.startswith(
        "Of 1,200 clean images, 99.2 % (98.4–99.6) are right. Of the images, 92 % are of class 0: a model that always "
        "answers 0 would be right on 92 %. So look at the recall of class 1: 90 of 100 when clean (90 %, 82–95). Fog "
        "costs less than a tenth of the accuracy as measured, but the recall of class 1 falls from 90 % when clean to "
        "20 % (12–30) under it, averaged over the severities (100 images). "
    )
    assert [f.level for f in v.of_kind("family")] == ["mid", "good"] and "loses less than 10 %" not in v.text
    assert texts(v, "spared") == [
        "Brightness does little harm: the network keeps more than 90 % of its accuracy, averaged over the severities."
    ]
    assert [row[3] for row in family_table(Figures.of(runs)).rows] == ["20 (12–30)", "90 (82–96)"]
    table = degradations_frame(Figures.of(runs))[["recall_class", "recall_low", "recall", "recall_high"]].round(2)
    assert table.values.tolist() == [["1", 0.13, 0.2, 0.29], ["1", 0.82, 0.9, 0.95]], "as in the report"
    assert {row[1] for row in loss_table(Figures.of(runs)).rows} == {"not shown"}
    assert [dot.level for dot in family_dots(Figures.of(runs).families)[0]] == ["mid", "good"]
    page, recall = report_page(runs), recall_tables(Figures.of(runs))[0]
    assert "Recall at each severity" in page and "recall of class 1 falls to" in page and "recall of 1</th>" in page
    assert list(recall.columns) == ["density (%)", "0 (1,100)", "1 (100)"]
    assert [row[2] for row in recall.rows] == ["90 (82–95)", "20 (12–30)"]
    few = made_sweep(tmp_path / "few", SweepConfig(degradation="fog", severities=(50,), copies=1),
                     clean[:100, None, None], labels[:100], clean[:100], classes=2)  # fmt: skip
    (s,) = standings(Figures.of([few]).families)
    assert (s.words, s.level, s.sure) == ("undecided", "mid", False), "four defects cannot show that nothing is lost"
    undecided = texts(verdict(Figures.of([few]), ()), "undecided")
    assert undecided[0].startswith("Not decided: whether a class loses more than a tenth of its recall under fog.")


def test_little_harm_is_said_only_where_no_class_loses_recall_as_measured_and_names_classes_of_few_images(tmp_path):
    """Of 400, 60 and 30 images, all right when clean, 24 of class 1 are lost under fog, 8 of class 2 under contrast."""
    labels = np.repeat([0, 1, 2], [400, 60, 30])
    fog, contrast = (np.where(np.arange(490) < end, 0, labels) for end in (424, 0))
    contrast[460:468] = 0
    runs = one_copy_each(tmp_path, labels, labels, 3, fog=fog, contrast=contrast, brightness=labels)
    figures = Figures.of(runs)
    v = verdict(figures, ())
    assert texts(v, "recall") == [
        "Fog costs less than a tenth of the accuracy as measured, but the recall of class 1 falls from 100 % when "
        "clean to 60 % (46–73) under it, averaged over the severities (60 images)."
    ]
    assert texts(v, "spared") == [
        "Brightness does little harm: the network keeps more than 90 % of its accuracy, averaged over the severities. "
        "The images of class 2 (30) are too few to exclude a loss of more than a tenth of its recall."
    ]
    assert (
        "Not decided: whether class 2 (30 images, of which 100 % are right when clean) really loses more than a tenth "
        "of its recall, as measured under contrast (recall 73 %, 54–88)." in v.text
    )
    found = {f["name"]: f for f in assessment_json(figures, v)["families"]}
    assert {name: f["standing"] for name, f in found.items()} == {
        "fog": "between", "contrast": "undecided", "brightness": "hardly touches",
    }  # fmt: skip
    assert [[one["class"] for one in found[name]["recall_falls"]] for name in ("fog", "contrast")] == [[1], []]
    assert [[one["class"] for one in found[name]["recall_undecided"]] for name in ("fog", "contrast")] == [[], [2]]
    assert {(dot.level, dot.sure) for dot in family_dots(figures.families)[0]} == {
        ("mid", True), ("mid", False), ("good", True),
    }  # fmt: skip
    table = family_table(Figures.of(runs[1:]))
    assert table.columns[3] == "lowest recall of a class" and table.rows[0][3] == "2: 73 (54–88)", "also if undecided"


def test_no_sentence_spares_a_degradation_under_which_a_rare_class_is_lost(tmp_path):
    """Of 24 images of class 3, which is 3 % of all, 18 are found when clean, 4 under brightness, 18 under fog."""
    labels = np.repeat([0, 1, 2, 3], [560, 160, 56, 24])
    clean, fog, bright = labels.copy(), labels.copy(), labels.copy()
    for taken in (clean, fog, bright):
        taken[:700:35], taken[776:782] = 1, 0
    fog[1:120], bright[782:796] = 1, 0
    runs = one_copy_each(tmp_path, labels, clean, 4, brightness=bright, fog=fog)
    figures = Figures.of(runs)
    v, falls = verdict(figures, ()), "the recall of class 3 falls to 17 % (4–38)"
    assert "class 3 falls from 75 % when clean to 17 % (4–38)" in v.lead, "decided"
    assert not v.of_kind("spared") and "harm:" not in v.text
    assert "Of the 2 degradations measured, fog costs the most accuracy: the network keeps 8" in v.lead
    (told,) = (f.text for f in v.of_kind("family") if f.text.startswith("Brightness"))
    assert told.endswith(f"are still right. But {falls}.") and "loses less than" not in told
    note = hidden_falls(figures.families)
    said = f"even where more than 90 % of the accuracy is kept: under brightness, {falls}."
    assert said in note, "and others are not shown"
    page, levels = report_page(runs), {dot.label: (dot.level, dot.value) for dot in family_dots(figures.families)[0]}
    assert "Single classes may lose far more of their recall, even where" in page
    assert levels["brightness"] == ("mid", "98 %") and "or a class loses more than a tenth of its recall</li>" in page
    (row,) = (row for row in family_rows(figures) if row.name == "brightness")
    assert row.tone == "middle" and row.in_words.endswith(
        f"averaged over the severities, but {falls}; measured on 800 images"
    )
    assert instead_of_half(figures.family("brightness"))[0] == "not known"
    assert family_table(figures).columns[3:5] == ("lowest recall of a class", "still right")
    required = {"settings": {"require": ["recall 3:60", "fog:50", "recall 3 under fog:60", "no such form"]}}
    (tmp_path / "assessment.json").write_text(json.dumps(required))
    table = family_table(figures)
    assert table.columns[3:6] == ("lowest recall of a class", "recall of 3", "still right")
    assert [row[4] for row in table.rows] == ["75 (53–91)", "17 (4–38)"]
    assert texts(verdict(Figures.of(runs[1:]), ()), "recall") == []


def test_the_lowest_recall_of_hundreds_of_classes_takes_one_interval_for_each_degradation(tmp_path, monkeypatch):
    """With a thousand classes and all degradations, the intervals of all recalls took half a minute."""
    labels = np.repeat(np.arange(300), 2)
    half = np.where(np.arange(600) == 399, 0, labels)
    figures = Figures.of(one_copy_each(tmp_path, labels, labels, 300, fog=half, brightness=labels))
    counted = []
    monkeypatch.setattr(recalls, "share_of", lambda *given: counted.append(0) or share_of(*given))
    table = family_table(figures)
    assert table.columns[3] == "lowest recall of a class" and table.rows[0][3].startswith("199: 50 ")
    assert len(counted) == 2
    assert len(figures.weakest_classes) == 300
    monkeypatch.setattr(classes, "estimate", lambda *_: pytest.fail("figures of all classes again"))
    assert [table.columns[1] for table in recall_tables(figures)] == ["199 (2)", "0 (2)"]


def test_where_accuracy_rises_and_a_recall_falls_the_images_are_not_too_few_to_exclude_a_loss_of_accuracy(tmp_path):
    """Of 1,100 good images 200 are false alarms when clean, and none under fog, where no defect is found."""
    labels = (np.arange(1200) % 12 == 0).astype(int)
    clean = np.where(np.arange(1200) % 6 == 1, 1, labels)
    runs = one_copy_each(tmp_path, labels, clean, 2, fog=labels * 0, brightness=labels)
    v = verdict(Figures.of(runs), ())
    (told,) = v.of_kind("worst")
    assert told.text == "The images tested show no loss of accuracy under any of the 2 degradations."
    assert told.level == "unsure" and "when clean to 0 % (0–4) under it" in v.lead


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


def test_in_a_list_of_classes_all_are_in_quotes_if_one_needs_them(tmp_path):
    labels = np.repeat([0, 1, 2], [100, 9, 5])
    config = SweepConfig(degradation="fog", copies=1, severities=(50,))
    file = made_sweep(tmp_path / "fog", config, labels[:, None, None], labels).path / "run.json"
    info = json.loads(file.read_text())
    info["data"]["class_names"] = ["priority", "no entry", "stop"]
    file.write_text(json.dumps(info))
    said = verdict(Figures.of([open_run(tmp_path / "fog")]), ()).text
    assert "Classes 'stop' (5) and 'no entry' (9) cannot be compared with the others: fewer than" in said
