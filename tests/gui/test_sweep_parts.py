"""The parts of a sweep's page, each by itself and without a window: filters and table of points."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import AtOnce, Held, heard
from made_up_runs import sweep
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QMainWindow

from tfstab import open_run
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.gui.actions import Actions
from tfstab.gui.content.grouping import IMAGE, SEVERITY
from tfstab.gui.content.selection import BOTH, ELSEWHERE, Against, Order
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.sweep.points_page import PointsPage
from tfstab.gui.widgets.sweep.sweep_filters import SweepFilters
from tfstab.gui.widgets.thumbnails import PICTURES


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return open_run(sweep(tmp_path_factory.mktemp("parts") / "sweep"))


@pytest.fixture
def commands(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    yield Actions(window)


@pytest.fixture
def points_page(show, commands, swept):
    """points_page(background) -> the table of points of a sweep, and its session."""

    def make(background):
        session = SweepSession(swept, background)
        degraded = LazyPictures(background, lambda key: swept.degraded_image(*key))
        runners_up = RunnersUp(session, SimpleNamespace(lacks=lambda model: "It is gone."), session)
        return show(PointsPage(session, degraded, runners_up, commands), 600, 400), session

    return make


# --- filters ---


def test_filters_show_what_is_chosen_elsewhere_and_leave_it_as_it_is(show, commands, swept):
    session = SweepSession(swept, AtOnce())
    filters = show(SweepFilters(session, commands), 600, 400)
    told = heard(session.filter_changed)
    session.set_filter(severity_index=1, predicted=2, image=3, low=0.1234, high=0.75, clean_wrong=False)
    shown = (filters.severities, filters.predicted)
    assert [box.currentData() for box in shown] == [1, 2] and filters.image.text() == "3"
    assert (filters.low.value(), filters.high.value(), filters.clean_wrong.isChecked()) == (0.123, 0.75, False)
    assert len(told) == 1 and session.filter.low == 0.1234
    filters.image.clear()
    assert session.filter.image is None and session.filter.low == 0.1234
    filters.show_all()
    assert filters.clean_wrong.isChecked() and (filters.low.value(), filters.high.value()) == (0, 1)


def test_the_count_is_of_the_class_that_is_chosen(show, commands, swept, tmp_path):
    path = shutil.copytree(swept.path, tmp_path / "sweep")
    session = SweepSession(open_run(path), held := Held())
    filters = show(SweepFilters(session, commands), 600, 400)
    assert filters.count.text() == "Reading…"
    held.answer_all()
    assert filters.count.text() == session.said
    filters.count.setText("old")
    session.shown_changed.emit()
    assert filters.count.text() == session.said
    filters.classes.setCurrentIndex(1)
    session.shown_changed.emit()
    assert session.class_index == 1 and filters.count.text() == "Reading…"
    assert filters.only.isVisible() and f"class {session.run.class_names[1]} only" in filters.only.text()
    palette = filters.palette()
    palette.setColor(QPalette.ColorRole.Link, QColor(1, 2, 3))
    filters.setPalette(palette)
    assert "color: #010203" in filters.only.text(), "the link follows the theme"
    held.answer_all()
    assert filters.count.text() == session.said and session.points.class_index == 1
    again = show(SweepFilters(session, commands), 600, 400)
    assert again.count.text() == session.said and again.classes.currentData() == 1
    filters.only.linkActivated.emit("all")
    held.answer_all()
    assert filters.classes.currentText() == "all classes" and not filters.only.isVisible()
    assert session.class_index is None and filters.count.text() == session.grids.said
    for part in (path / "parts").iterdir():
        part.write_bytes(b"damaged")
    filters.classes.setCurrentIndex(0)
    held.answer_all()
    assert filters.count.text() == "cannot be read"


# --- table of points ---


def test_the_table_shows_what_is_asked_for_elsewhere_and_asks_for_nothing(points_page):
    page, session = points_page(AtOnce())
    header, columns = page.table.horizontalHeader(), [column.name for column in page.model.columns]
    assert session.point is None and page.table.columnWidth(columns.index("image")) == 66
    assert header.sortIndicatorSection() == -1
    told = heard(session.view.rows_changed)
    against = Against(f"{ELSEWHERE}0", BOTH)
    session.view.ask(correct_too=True, group=IMAGE, order=Order("psnr", True), against=against)
    assert len(told) == 1 and page.correct.isChecked() and page.groups.currentData() == IMAGE
    assert page.against.currentData() == BOTH and header.sortIndicatorSection() == columns.index("psnr")
    assert header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
    session.view.ask(correct_too=False, marked_only=True, group=None, order=Order(), against=None)
    assert len(told) == 2 and not page.correct.isChecked() and page.marked.isChecked()
    assert page.groups.currentData() is page.against.currentData() is None
    assert header.sortIndicatorSection() == -1 and page.model.rowCount() == 0
    page.marked.click()
    page.groups.setCurrentIndex(page.groups.findData(SEVERITY))
    assert not session.view.asked.marked_only and session.view.asked.group == SEVERITY


def test_the_selected_point_stays_selected_whatever_is_listed(points_page):
    page, session = points_page(AtOnce())
    page.resize(600, 200)
    selection = page.table.selectionModel()

    def chosen():
        rows = [index.row() for index in selection.selectedRows()]
        return [int(page.model.rows[row]) for row in rows]

    first, last = int(session.view.rows[0]), int(session.view.rows[-1])
    session.select_point(last)
    assert chosen() == [last]
    page.table.selectRow(0)
    assert session.point == first
    session.select_point(last)
    where = page.table.visualRect(page.table.currentIndex())
    assert page.table.viewport().rect().contains(where.center()), "it is scrolled to"
    page.table.clearSelection()
    session.select_point(last)
    assert chosen() == [last]
    session.set_filter(low=1.0)
    assert chosen() == [] and session.point == last
    session.set_filter(low=0.0)
    assert chosen() == [last]
    page.groups.setCurrentIndex(page.groups.findData(IMAGE))
    assert page.fold.text() == "Open all" and chosen() == [] and session.point == last
    page.fold.click()
    assert page.fold.text() == "Close all" and chosen() == [last]
    page.fold.click()
    assert page.fold.text() == "Open all" and chosen() == []
    session.select_point(last)
    assert page.fold.text() == "Close all" and chosen() == [last]
    page.table.setCurrentIndex(page.model.index(0, 3))
    assert page.model.group_at(0) == 0 and session.point == last, "the title of a group is no point"


def test_the_first_row_is_selected_once_those_asked_for_are_listed(points_page):
    page, session = points_page(held := Held())
    held.answer_all()
    session.view.ask(order=Order("psnr", False))
    page.select_first()
    assert session.point is None, "they are still sorted"
    held.answer_all()
    assert session.point == session.view.rows[0]
    session.select_point(int(session.view.rows[1]))
    session.view.ask(order=Order("psnr", True))
    held.answer_all()
    assert session.point != session.view.rows[0], "only once"
    session.select_class(1)
    page.select_first()
    held.answer(0)
    assert session.point is None, "these are of the class before"
    held.answer_all()
    assert session.points.class_index == 1 and session.point == session.view.rows[0]
    session.set_filter(low=1.0)
    page.select_first()
    held.answer_all()
    assert not len(session.view.rows)


def test_groups_are_opened_and_closed_where_they_are(points_page):
    page, session = points_page(AtOnce())
    model = page.model
    session.view.ask(group=IMAGE)
    groups = session.view.groups
    inserted, removed, changed = heard(model.rowsInserted), heard(model.rowsRemoved), heard(model.dataChanged)
    first, second = (int(count) for count in groups.counts[:2])
    model.toggle(1)
    assert [where[1:] for where in inserted] == [(2, 1 + second)]
    assert [(top.row(), top.column(), end.row(), end.column()) for top, end, *_ in changed] == [(1, 0, 1, 0)]
    start = int(groups.starts[1])
    assert model.rows[:4].tolist() == [-1, -2, *session.view.rows[start : start + 2]]
    model.toggle(0)
    assert inserted[1][1:] == (1, first) and model.group_at(1 + first) == 1
    down = Qt.Orientation.Vertical
    assert model.headerData(0, down) is None
    session.view.ask(order=Order("psnr", True))
    assert len(model.opened) == 2 and model.rowCount() == len(groups.codes) + first + second
    model.toggle(0)
    assert removed[-1][1:] == (1, first) and model.group_at(1) == 1
    note = len(model.columns) - 1
    assert not model.flags(model.index(0, note)) & Qt.ItemFlag.ItemIsEditable
    assert (
        not model.setData(model.index(0, note), "x") and model.flags(model.index(2, note)) & Qt.ItemFlag.ItemIsEditable
    )
    session.view.ask(group=SEVERITY)
    assert model.opened == set() and model.rowCount() == len(session.view.groups.codes)
    session.view.ask(group=None)
    assert not model.grouped and model.headerData(0, down) == "1"
    asked = heard(model.sort_asked)
    for column in (0, note, len(model.columns), -1):
        model.sort(column)
    assert [name for name, _ in asked] == ["marked", None, None]


def test_images_without_classes_have_no_column_for_the_score_of_the_true_one(points_page, swept, monkeypatch):
    labelled = [column.name for column in points_page(AtOnce())[0].model.columns]
    monkeypatch.setitem(swept.info["data"], "remarks", AS_PREDICTED)
    page, session = points_page(AtOnce())
    assert [name for name in labelled if name != "true_score"] == [column.name for column in page.model.columns]
    session.select_point(0)
    assert not any("orrect" in name or "Score" in name for name, _ in session.triple.facts[0][1])


def test_marks_are_told_of_rows_that_there_are(points_page, swept):
    page, session = points_page(AtOnce())
    key, changed = page.model.key(0), heard(page.model.dataChanged)
    (image, clean), _ = page.model.index(0, 2).data(PICTURES)
    assert image == key[0] and np.array_equal(clean, swept.clean.images[swept.clean.row(image)])
    session.set_filter(low=1.0)
    session.marks.toggle([key])
    assert changed == []
    session.marks.toggle([key])
