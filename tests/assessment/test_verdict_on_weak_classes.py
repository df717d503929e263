"""Which classes the verdict calls weak on clean images, how they are named, and what they are taken for."""

import json
from dataclasses import replace

import numpy as np
import pytest
from assessment_runs import CLASSES, texts
from class_sweeps import one_copy_each

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.assessment import Figures, verdict
from tfstab.assessment.classes import clean_classes
from tfstab.assessment.record import assessment_json
from tfstab.gui.content.class_bars import bars_of_assessment
from tfstab.names import quoted
from tfstab.report.recall_tables import clean_recall_table
from tfstab.report.run_report import report_page


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
        "Class 1 is weaker than the others on clean images (100 of this class). Under fog, however, the recalls do not "
        "show that any class is weaker than the others (at most 12 images of a class). Class "
    )


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


def test_in_a_list_of_classes_all_are_in_quotes_if_one_needs_them(tmp_path):
    labels = np.repeat([0, 1, 2], [100, 9, 5])
    config = SweepConfig(degradation="fog", copies=1, severities=(50,))
    file = made_sweep(tmp_path / "fog", config, labels[:, None, None], labels).path / "run.json"
    info = json.loads(file.read_text())
    info["data"]["class_names"] = ["priority", "no entry", "stop"]
    file.write_text(json.dumps(info))
    said = verdict(Figures.of([open_run(tmp_path / "fog")]), ()).text
    assert "Classes 'stop' (5) and 'no entry' (9) cannot be compared with the others: fewer than" in said
