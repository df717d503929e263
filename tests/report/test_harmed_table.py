"""The table of classes that lose far more than the others names what each is mostly taken for."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures
from tfstab.assessment.classes import class_figures, mistaken_under
from tfstab.gui.content.class_recalls import ALL, class_recalls, in_words
from tfstab.report.recall_tables import MOSTLY_TAKEN, harmed_table
from tfstab.report.run_report import report_page


def swept(folder, family, labels, *degraded, classes=4, indices=None):
    """Make a sweep of images that are right when clean. degraded: class predicted at each severity, mild to strong."""
    severities = {"fog": (20, 50), "gamma": (2, 4)}[family][: len(degraded)]
    config = SweepConfig(degradation=family, severities=severities, copies=1)
    return made_sweep(folder, config, np.stack(degraded, axis=1)[:, :, None], labels, labels, indices, classes=classes)


@pytest.fixture
def figures(tmp_path):
    """Figures of a network that takes class 2 for 3 in fog in 4 of 5 errors, but for 1 in most errors of all."""
    labels, number = np.arange(320) % 4, np.arange(320) // 4
    mild, dense = labels.copy(), labels.copy()
    mild[(labels == 2) & (number < 20)] = 3
    dense[(labels == 2) & (number < 60)] = 3
    dense[(labels == 2) & (number >= 60)] = 0
    lost = np.where(labels == 2, 1, labels)
    return Figures.of(
        [
            swept(tmp_path / "fog", "fog", labels, mild, dense),
            swept(tmp_path / "gamma", "gamma", labels, lost, lost),
        ]
    )


def test_each_row_says_what_the_class_is_taken_for_under_this_degradation(figures):
    (overall,) = (one for one in figures.weakest_classes if one.index == 2)
    assert overall.mistaken_for == 1
    table = harmed_table(figures)
    taken = {row[0]: row[table.columns.index(MOSTLY_TAKEN)] for row in table.rows}
    assert {row[1] for row in table.rows} == {"2"} and taken == {"gamma": "1 (100 %)", "fog": "3 (80 %)"}
    page = report_page([family.run for family in figures.families])
    assert MOSTLY_TAKEN in page and "3 (80 %)" in page


def test_the_viewer_says_so_of_marked_cells(figures):
    recalls = class_recalls(figures)
    fog = next(column for column in recalls.columns if column.name == "fog")
    said = {k: in_words(recalls.names[n], fog, fog.cells[n]) for n, k in enumerate(recalls.classes)}
    assert said[2].endswith(" of theirs. When wrong, it is most often taken for 3 (80 % of its errors)")
    assert all("most often taken for" not in said[k] for k in (0, 1, 3))


def test_the_mistaken_class_is_that_of_the_figures_of_a_single_family(tmp_path):
    rng = np.random.default_rng(3)
    labels = np.arange(400) % 8
    degraded = [np.where(rng.random(400) < 0.6, rng.integers(7, size=400), labels) for _ in range(2)]
    degraded = [np.where(labels == 5, labels, each) for each in degraded]  # class 5 has no errors
    (family,) = Figures.of([swept(tmp_path / "fog", "fog", labels, *degraded, classes=8)]).families
    found = mistaken_under(family, range(8))
    each = class_figures([family], list("abcdefgh"))
    assert 5 not in found and len(found) == 7
    assert {c.index: (c.mistaken_for, c.share_of_errors) for c in each if c.index != 5} == found


def test_further_images_of_rare_classes_count(tmp_path):
    """In the sweep, the 12 images of class 0 are taken for 1; the 30 more that only recalls count are taken for 2."""
    labels = np.concatenate([np.zeros(12, int), np.arange(300) % 3 + 1])
    more, indices = np.zeros(42, int), np.append(np.arange(12), 1000 + np.arange(30))
    run = swept(tmp_path / "fog", "fog", labels, np.where(labels == 0, 1, labels))
    swept(tmp_path / "rare" / "fog", "fog", more, np.where(indices < 12, 1, 2), indices=indices)
    figures = Figures.of([run, swept(tmp_path / "gamma", "gamma", labels, labels)])
    assert [row[-1] for row in harmed_table(figures).rows] == ["2 (71 %)"]


def test_between_two_classes_there_is_nothing_to_say(tmp_path):
    labels = np.arange(200) % 2
    runs = [
        swept(tmp_path / name, name, labels, np.where(labels == 1, wrong, labels), classes=2)
        for name, wrong in (("fog", 0), ("gamma", 1))
    ]
    figures = Figures.of(runs)
    table, recalls = harmed_table(figures), class_recalls(figures)
    assert [row[:2] for row in table.rows] == [("fog", "1")] and MOSTLY_TAKEN not in table.columns
    cells = [(column, n, cell) for column in recalls.columns for n, cell in enumerate(column.cells) if cell.harmed]
    assert [column.name for column, *_ in cells] == [ALL, "fog"]
    assert not [1 for column, n, cell in cells if "taken for" in in_words(recalls.names[n], column, cell)]
