"""What is said of the copies of an image and of two networks or searches that are compared."""

from types import SimpleNamespace

import made_up_runs
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.gui.content.copies import copies_of
from tfstab.gui.content.pair_sentences import sentences_of_searches
from tfstab.gui.content.pairing import Pairing, PairRow
from tfstab.gui.theme import BAD, GOOD, tone_colour
from tfstab.gui.widgets.robustness.pair_table import HOW, PairTable
from tfstab.metrics.paired import Difference


def difference(value, low, high):
    return Difference(0.5, 0.5 + value, value, low, high, 20, 0.04)


def test_paired_differences_as_a_table(qtbot):
    table = PairTable()
    qtbot.addWidget(table)
    rows = [
        PairRow("better here", difference(0.2, 0.1, 0.3), sign=1),
        PairRow("worse here", difference(-0.2, -0.3, -0.1), sign=-1),
        PairRow("equal", difference(-1e-17, -0.1, 0.1)),
        PairRow("other", None, "theirs has no sigma in common: sweep both", "theirs has no sigma in common"),
    ]
    fewer = PairRow("equal", difference(-0.2, -0.4, 0.1))  # on other images, on which the own accuracy is another one
    table.set_pairings("own", [Pairing("theirs", rows), Pairing("third", [fewer, rows[3]])])
    reason = "not compared: theirs has no sigma in common"
    texts = [[table.item(y, x).text() if table.item(y, x) else None for x in range(11)] for y in range(4)]
    none, unlike = [None] * 5, "-20.0 (-40.0 to +10.0)"
    assert texts == [
        ["better here", "70.0", "50.0", "+20.0 (+10.0 to +30.0)", "20", "own", *none],
        ["worse here", "30.0", "50.0", "-20.0 (-30.0 to -10.0)", "20", "theirs", *none],
        ["equal", "50.0", "50.0", "+0.0 (-10.0 to +10.0)", "20", "not decided", "30.0", "50.0", unlike, "20",
         "not decided"],
        ["other", "–", reason, None, None, None, "–", reason, None, None, None],
    ]  # fmt: skip
    assert table.columnSpan(3, 2) == table.columnSpan(3, 7) == 4 and table.columnSpan(2, 3) == 1
    titles = [""]
    for name in ("theirs", "third"):
        titles += ["own (%)", f"{name} (%)", f"own minus {name} (points)", "images", "better"]
    heads = [table.horizontalHeaderItem(x) for x in range(11)]
    assert [head.text() for head in heads] == titles and [head.toolTip() for head in heads[:2]] == ["", HOW]
    assert table.sizeHintForColumn(7) < table.fontMetrics().horizontalAdvance(reason), "it is elided instead"

    def looks():
        return [(table.item(y, 3).foreground().color(), table.item(y, 5).font().bold()) for y in range(3)]

    good, bad = (tone_colour(table.palette(), tone) for tone in (GOOD, BAD))
    assert looks()[:2] == [(good, True), (bad, True)] and not looks()[2][1]
    assert looks()[2][0] not in (good, bad)
    assert table.item(0, 3).toolTip() == "p = 0.057" and table.item(3, 2).toolTip() == rows[3].problem
    assert table.item(0, 5).textAlignment() & Qt.AlignmentFlag.AlignLeft
    dark = QPalette(table.palette())
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
        dark.setColor(role, QColor("black"))
    dark.setColor(QPalette.ColorRole.WindowText, QColor("white"))
    table.setPalette(dark)
    assert looks()[0][0] == tone_colour(dark, GOOD)
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    titles, line = (row.split("\t") for row in QApplication.clipboard().text().split("\n"))
    assert titles[5:8] == ["second minus first (points)", "from", "to"]
    assert line[:4] == ["worse here", "theirs", "50.0", "own"]
    assert [float(number) for number in line[5:8]] == pytest.approx([-20, -30, -10])
    table.set_pairings("own", [])
    assert (table.rowCount(), table.columnCount()) == (0, 0) and table.columnSpan(3, 3) <= 1


def test_searches_that_cannot_be_compared_say_why(tmp_path):
    first, other = (open_run(made_up_runs.search(tmp_path / name)) for name in ("one", "two"))
    unlike = made_up_runs.search(tmp_path / "unlike", norm="linf")
    assert sentences_of_searches(first, []) == ""
    said = sentences_of_searches(first, [other, open_run(unlike)]).split("\n")
    assert len(said) == 2 and "McNemar" in said[0] and said[1].endswith("compare searches of the same norm.")


def test_copies_taken_for_more_classes_than_are_told_apart(tmp_path):
    config = SweepConfig(sigmas=(5,), copies=2)
    run = open_run(made_up_runs.sweep(tmp_path / "sweep", config))
    counts = [4, 1, 3, 2, 5, 1]
    measures = SimpleNamespace(entries=lambda severity: (None, np.arange(6), np.array(counts)))
    wide = SimpleNamespace(
        measures_of=lambda image: measures, clean=run.clean, class_names=list("abcdef"), severities=(5.0,),
        config=config, degradation=run.degradation,
    )  # fmt: skip
    copies = copies_of(wide, 2)
    assert copies.names == ("a", "e", "c", "d", "other classes")
    np.testing.assert_allclose(copies.shares, np.array([[4, 5, 3, 2, 2]]) / 16)


@pytest.mark.parametrize(
    ("taken", "says"),
    [
        (((3, 0), (1, 2), (0, 3)), "Most copies are misclassified from sigma 20 on, first as "),
        (((1, 2), (3, 0), (0, 3)), "Most copies are misclassified at 2 of 3 severities, first at sigma 10 as "),
        (((1, 0), (0, 1), (0, 1)), "The copy is misclassified from sigma 20 on, first as "),
        (((0, 1), (1, 0), (1, 0)), "The copy is misclassified at 1 of 3 severities, first at sigma 10 as "),
        (((2, 1), (2, 1), (3, 0)), "Most copies stay right at every severity; the others are mostly taken for "),
        (((3, 2), (5, 0), (4, 1)), "Most copies stay right at every severity; the others are mostly taken for "),
        (
            ((2, 0), (2, 1), (1, 1)),
            "At least half of the copies stay right at every severity; the others are mostly taken for ",
        ),
    ],
)
def test_copies_in_a_sentence(tmp_path, taken, says):
    run = open_run(made_up_runs.sweep(tmp_path / "sweep", SweepConfig(sigmas=(10, 20, 30), copies=3)))
    image = int(run.clean.indices[0])
    actual = int(run.clean.class_index[0])
    wrong = (actual + 1) % len(run.class_names)
    counts = dict(zip(run.severities, taken, strict=True))
    measures = SimpleNamespace(entries=lambda severity: (None, np.array([actual, wrong]), np.array(counts[severity])))
    made = SimpleNamespace(
        measures_of=lambda image: measures, clean=run.clean, class_names=run.class_names, severities=run.severities,
        config=run.config, degradation=run.degradation,
    )  # fmt: skip
    assert copies_of(made, image).says == f"{says}{run.class_names[wrong]}, the second class when clean."


@pytest.mark.parametrize(
    ("image", "says"),
    [(3, "from sigma 10 on, first as fox; dog was second when clean."), (8, "at every severity, too, as cat.")],
)
def test_what_copies_are_taken_for_beside_the_second_class_when_clean(tmp_path, image, says):
    run = open_run(made_up_runs.sweep(tmp_path / "sweep", SweepConfig(sigmas=(10, 20), copies=3)))
    actual, wrong = (0, 2) if image == 3 else (2, 0)
    measures = SimpleNamespace(entries=lambda severity: (None, np.array([actual, wrong]), np.array([1, 2])))
    made = SimpleNamespace(
        measures_of=lambda image: measures, clean=run.clean, class_names=run.class_names, severities=run.severities,
        config=run.config, degradation=run.degradation,
    )  # fmt: skip
    assert copies_of(made, image).says == f"Most copies are misclassified {says}"
    none = SimpleNamespace(entries=lambda severity: (None, np.array([], int), np.array([], int)))
    made.measures_of = lambda image: none
    assert copies_of(made, image) is None, "there are no copies yet"


def test_copies_of_images_that_are_wrong_when_clean_in_a_sentence(tmp_path):
    taken = np.array([[[2, 2], [2, 1]], [[0, 0], [1, 1]], [[0, 0], [0, 0]], [[0, 1], [0, 0]]])
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10, 20), copies=2), taken, clean=[1] * 4)
    assert [copies_of(run, image).says for image in range(4)] == [
        "Most copies are misclassified at every severity, too, mostly as 2.",
        "Most copies are misclassified at 1 of 2 severities, too, as 1.",
        "All copies are right, unlike the clean image.",
        "At least half of the copies are right at every severity; the others are mostly taken for 1.",
    ]
