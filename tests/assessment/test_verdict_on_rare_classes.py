"""The verdict calls no degradation harmless under which a rare class may be lost."""

import json

import numpy as np
import pytest
from assessment_runs import texts
from class_sweeps import one_copy_each

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, classes, recalls, verdict
from tfstab.assessment.frames import degradations_frame
from tfstab.assessment.losses import instead_of_half
from tfstab.assessment.ranking import standings
from tfstab.assessment.recall_findings import WIDER
from tfstab.assessment.record import assessment_json
from tfstab.assessment.verdict import deepest_fall
from tfstab.gui.content.robustness import family_rows
from tfstab.metrics import Estimate
from tfstab.metrics.chance import constant_answer
from tfstab.metrics.kept import share_of
from tfstab.report.charts import family_dots, hidden_falls
from tfstab.report.numbers import family_table, loss_table
from tfstab.report.recall_tables import recall_tables
from tfstab.report.run_report import report_page


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
