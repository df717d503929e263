"""The report's table of the images of other classes that are taken for each class."""

import numpy as np
from class_sweeps import one_copy_each

from tfstab.assessment import Figures
from tfstab.assessment.others_taken import others_taken
from tfstab.report.recall_tables import false_alarms_table
from tfstab.report.run_report import report_page


def shares(table):
    """The rows without intervals."""
    return [[cell.partition(" (")[0] for cell in row] for row in table.rows]


def test_each_class_under_each_degradation_and_when_clean(tmp_path):
    """Of 100 images of each of four classes, fog takes 90 of the others for 1, and contrast 15 for 2."""
    labels, number = np.arange(400) % 4, np.arange(400) // 4
    clean = np.where((labels == 0) & (number < 30), 3, labels)
    fog, contrast = np.where(number < 30, 1, labels), np.where(number < 5, 2, labels)
    runs = one_copy_each(tmp_path, labels, clean, 4, contrast=contrast, fog=fog)
    figures = Figures.of(runs)
    table = false_alarms_table(figures)
    assert table.title == "False alarms of each class, in %" and table.columns == ("degradation", "0", "1", "2", "3")
    assert shares(table) == [
        ["clean", "0.0", "0.0", "0.0", "10"], ["fog", "0.0", "30", "0.0", "0.0"], ["contrast", "0.0", "0.0", "5", "0.0"]
    ]  # fmt: skip
    marked = others_taken(figures.families)[0][1].said("1")
    assert marked.startswith(f"{table.rows[1][2].replace(' (', ' % (')} of the images of other classes"), "elsewhere"
    page = report_page(runs)
    assert page.count("False alarms of each class, in %</span></caption>") == 1
    assert "<code>tfstab inspect ASSESSMENT --class NAME</code>" in page


def test_of_many_classes_those_with_the_most_under_any_degradation(tmp_path):
    """Fog takes ever more images for classes 5, 4, 3 and 2, and contrast for 0; none are taken for 1 and 6."""
    labels, number = np.arange(700) % 7, np.arange(700) // 7
    fog, contrast = labels.copy(), np.where(number < 50, 0, labels)
    for first, k in ((0, 5), (10, 4), (25, 3), (45, 2)):
        fog[(number >= first) & (number < first + (10 if k == 5 else 40 - 5 * k))] = k
    figures = Figures.of(one_copy_each(tmp_path, labels, labels, 7, contrast=contrast, fog=fog))
    table = false_alarms_table(figures)
    assert table.title == "False alarms of 5 of 7 classes, in %" and table.columns[1:] == ("0", "2", "3", "4", "5")
    assert any("largest shares" in note for note in table.notes)


def test_none_for_two_classes_and_a_single_one(tmp_path):
    labels = np.arange(40) % 2
    fog = np.where(np.arange(40) < 20, 1, labels)
    runs = one_copy_each(tmp_path / "two", labels, labels, 2, fog=fog)
    assert false_alarms_table(Figures.of(runs)) is None and "False alarms of" not in report_page(runs)
    zeros = np.zeros(40, int)
    assert false_alarms_table(Figures.of(one_copy_each(tmp_path / "one", zeros, zeros, 3, fog=fog))) is None
    (run,) = one_copy_each(tmp_path / "some", labels, labels, 3, fog=fog)
    (note,) = [note for note in false_alarms_table(Figures.of([run])).notes if "inspect" in note]
    assert note == "Any class, also by severity: `tfstab inspect RUN --class NAME`."
