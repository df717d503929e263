"""The metrics of a sweep without a window: when they are computed, and which answer counts if several are late."""

import pytest
from doubles import Held
from made_up_runs import sweep
from PySide6.QtWidgets import QMainWindow

from tfstab import open_run
from tfstab.gui.actions import Actions
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.sweep.metrics_page import MetricsPage


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("metrics")
    for name in ("sweep", "other"):
        sweep(folder / name)
    return folder


@pytest.fixture
def made(qtbot, folder):
    """A page that is not shown, its session, which has read nothing, and what works for both."""
    window = QMainWindow()
    qtbot.addWidget(window)
    session = SweepSession(open_run(folder / "sweep"), held := Held())
    page = MetricsPage(session, Actions(window))
    qtbot.addWidget(page)
    yield page, session, held


def test_metrics_are_computed_once_and_anew_when_they_have_changed(made):
    page, session, held = made
    page.show()
    count = len(held.waiting)
    page.severities.setCurrentIndex(1)
    assert len(held.waiting) == count, "nothing is measured yet"
    page.severities.setCurrentIndex(0)
    held.answer_all()
    assert len(page.accuracy.curves) == 1 and page.headline.array.rowCount() == 1
    assert page.classes.array.rowCount() == 3 and len(page.confusion.shown) == 1
    page.hide()
    page.show()
    assert held.waiting == [], "they are up to date"
    page.hide()
    session.compared_changed.emit()
    session.measures_changed.emit()
    assert held.waiting == [], "out of sight"
    page.show()
    assert len(held.waiting) == 2
    held.answer_all()
    page.hide()
    page.show()
    assert held.waiting == []


def test_of_late_answers_the_latest_counts(made):
    page, session, held = made
    page.show()
    held.answer_all()
    whole = page.confusion.shown[0].counts
    for place in (1, 2):
        page.severities.setCurrentIndex(place)
    held.answer(1)
    strongest = page.confusion.shown[0].counts
    held.answer()
    assert page.confusion.shown[0].counts is strongest and 0 < strongest.sum() == whole.sum() / 2
    page.severities.setCurrentIndex(0)
    held.answer_all()
    curves, shown = page.accuracy.curves, []
    set_curves = page.accuracy.set_curves
    page.accuracy.set_curves = lambda curves: (shown.append(curves), set_curves(curves))
    for _ in range(2):
        session.measures_changed.emit()
    held.answer(2)
    held.answer(0)
    assert len(shown) == 1 and len(page.accuracy.curves) == len(curves) == 1
    held.answer_all()


def test_runs_that_are_not_measured_yet_are_left_out(made, folder):
    page, session, held = made
    other = SweepSession(open_run(folder / "other"), late := Held())
    page.show()
    session.beside.compare([other])
    held.answer_all()
    assert [curve.name for curve in page.accuracy.curves] == ["sweep"] and page.pairs.rowCount() == 0
    late.answer_all()
    held.answer_all()
    assert [curve.name for curve in page.accuracy.curves] == ["sweep", "other"] and page.pairs.rowCount() > 0
    assert [confusion.name for confusion in page.confusion.shown] == ["sweep", "other"]
    titles = [column.title for column in page.classes.array.columns]
    assert titles[2:] == ["Precision (%)\nsweep", "Recall (%)\nsweep", "Precision (%)\nother", "Recall (%)\nother"]
    page.tabs.show_view("Comparison")
    assert "other" in page.state.text()
    page.tabs.show_view("Confusion")
    assert page.state.text().startswith("Rows: true class.")
    assert page.figure().caption == "Accuracy by sigma: sweep, other"


def test_the_same_is_chosen_again(made):
    page, _, held = made
    page.show()
    held.answer_all()
    before = page.viewpoint_state()
    assert before == {"metrics": {"severity_index": None, "right_when_clean": False, "table": "Classes"}}
    chosen = {"metrics": {"severity_index": 1, "right_when_clean": True, "table": "Weakest images"}}
    page.restore(chosen)
    assert page.viewpoint_state() == chosen
    page.restore({})
    assert page.viewpoint_state() == chosen
    held.answer_all()
    asked = []
    page.image_asked.connect(asked.append)
    page.weakest.clicked.emit(page.weakest.array.index(2, 1))
    assert asked == [int(page.weakest.array.index(2, 0).data())]
    page.restore(before)
    assert page.viewpoint_state() == before
