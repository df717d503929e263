"""Which losses of classes under degradation the verdict names, and which it only counts."""

import re

import numpy as np
from assessment_runs import texts
from class_sweeps import one_copy_each

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, verdict
from tfstab.assessment.harmed_findings import harmed_elsewhere, harmed_under
from tfstab.assessment.verdict import deepest_fall
from tfstab.report.numbers import family_table
from tfstab.report.recall_tables import harmed_table, recall_tables
from tfstab.report.run_report import report_page


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
    """Half of each class is lost in contrast; of four classes, less and less in fog, and half if blurred."""
    labels, number = np.arange(960) % 6, np.arange(960) // 6
    half = np.where(number % 2 == 0, labels, (labels + 1) % 6)
    fog, blurred = (
        np.where(number % 8 < np.array(lost)[labels], (labels + 1) % 6, labels)
        for lost in ((0, 0, 7, 6, 5, 4), (0, 0, 4, 4, 4, 4))
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
            "and 4 more cases, which also concern class 5 (a table in the report lists all cases, including those "
            "named elsewhere in the verdict)."
        )
        and told in v.lead
    )


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
        said = next(t for t in texts(verdict(figures, ()), "undecided") if "of its accuracy under" in t)
        falls = [line for line in said.split(". ") if "certainly fall" in line]
        return ". ".join(falls), "lowest recall of a class" in family_table(figures).columns

    darker = "But the recall of class 0 certainly falls under {} (from 90 % when clean to 50 %, 44–56)"
    assert told("underexposure") == (darker.format("underexposure"), True)
    assert told("contrast")[0] == (
        "But the recall of class 2 certainly falls under contrast (from 90 % when clean to 69 %, 63–75), as does that "
        "of 1 other class"
    )
    assert told("fog") == ("", False), "no class certainly loses a tenth of its recall"
    assert told("brightness") == ("", True), "a sentence of its own says it"
    assert told(*runs)[0] == (
        f"{darker.format('underexposure')}. Recalls also certainly fall under contrast and brightness"
    )


def test_a_class_that_is_harmed_more_is_named_though_another_sentence_says_that_its_recall_falls(tmp_path):
    """Of 200 images of each class, these are right: of 0 to 3, 130, if foggy 130 and in contrast 110; of 4 and 5, all
    when clean. In fog, where the accuracy hardly falls, class 4 loses 50; in contrast, both lose most.
    """
    labels, number = np.arange(1200) % 6, np.arange(1200) // 6
    clean, fog, contrast = (
        np.where(number < np.array([*[most] * 4, *two])[labels], labels, (labels + 1) % 6)
        for most, two in ((130, (200, 200)), (130, (150, 200)), (110, (100, 40)))
    )
    v = verdict(Figures.of(one_copy_each(tmp_path, labels, clean, 6, fog=fog, contrast=contrast)), ())
    assert "recall of class 4 falls" in texts(v, "recall")[0] and not v.of_kind("class")
    (harmed,) = v.of_kind("harmed classes")
    assert harmed.text.startswith("Degradation harms class 5 more than the others: over all degradations it keeps 60 %")
    assert harmed.text.endswith(" Also harmed more than the others: 4 (keeps 62 %, 56–69).")


def test_a_weak_class_without_a_sentence_of_its_own_is_among_those_that_are_harmed_more(tmp_path):
    """Under fog, of 100 images each, all of which are right when clean, 30, 32, 34 and 36 of four classes are right."""
    labels, number = np.arange(800) % 8, np.arange(800) // 8
    fog = np.where(number < np.array([30, 32, 34, 36, *[100] * 4])[labels], labels, 7)
    v = verdict(Figures.of(one_copy_each(tmp_path, labels, labels, 8, fog=fog)), ())
    assert [one.about for one in v.of_kind("class")] == [("0",), ("1",), ("2",)]
    (harmed,) = texts(v, "harmed classes")
    assert "Weaker than the others too: 3." in v.text and harmed.startswith(
        "Degradation harms class 3 more than the others taken together: under fog it keeps 36 % ("
    )
