"""The parts of a window on runs of NumPy classifiers: all are in it; filters, galleries and panels do as they say."""

from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import NAMES, search_and_sweep
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from tfstab.gui.background import Background
from tfstab.gui.content.gallery import Gallery, SortKey
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.run_watcher import RunWatcher
from tfstab.gui.widgets.gallery_page import GalleryPage
from tfstab.gui.widgets.run_header import RunHeader
from tfstab.gui.widgets.triple_panel import TriplePanel
from tfstab.gui.widgets.view_and_images import ViewAndImages


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return search_and_sweep(tmp_path_factory.mktemp("parts"), queries=150)


@pytest.fixture
def window(open_window, folder):
    return open_window(folder / "search", folder / "sweep")


def parts_of(widget, seen):
    """All widgets of the viewer's own that are attributes of this one, of theirs, and so on."""
    for name, part in vars(widget).items():
        several = part if isinstance(part, list | tuple) else part.values() if isinstance(part, dict) else [part]
        for one in several:
            if isinstance(one, QWidget) and not isinstance(one, QMenu | QDialog) and id(one) not in seen:
                seen[id(one)] = f"{type(widget).__name__}.{name}", one
                parts_of(one, seen)
    return seen


def test_every_part_is_somewhere_in_the_window(window, settle):
    for session in window.controller.sessions:
        window.controller.select(session)
        settle(window)
        tabs = window.page().tabs
        for tab in range(tabs.count()):
            tabs.setCurrentIndex(tab)
            settle(window)
    parts = parts_of(window, {})
    assert len(parts) > 60
    assert [name for name, part in parts.values() if part.window() is not window and part.isWindow()] == []
    menus = [action.menu() for action in window.menuBar().actions()]
    assert len(menus) == 7 and all(menu.toolTipsVisible() for menu in menus)


def test_the_panels_follow_the_run_in_view(window, settle):
    panels = window.panels
    assert window.size() == QSize(1280, 800) and panels.runs.isVisible() and panels.facts.isVisible()
    assert not panels.jobs.isVisible() and panels.runs.toggleViewAction().isEnabled()
    first, second = window.controller.sessions[:2]
    assert first.triple is not None and second.triple is None
    window.controller.select(second)
    assert not panels.facts.isVisible(), "it would be empty"
    second.select_point(0)
    assert panels.facts.isVisible()
    second.select_class(None)
    assert second.triple is None and panels.facts.isVisible(), "a panel that comes and goes would disturb"
    window.controller.select(first)
    window.controller.select(second)
    assert not panels.facts.isVisible()
    panels.facts.toggleViewAction().trigger()
    assert panels.facts.isVisible(), "the user wants it"
    panels.facts.close()
    window.controller.select(first)
    assert first.triple is not None and not panels.facts.isVisible(), "the user does not want it"
    panels.facts.toggleViewAction().trigger()
    assert panels.facts.isVisible()
    for session in list(window.controller.sessions):
        window.controller.close(session)
    settle(window)
    assert not panels.runs.isVisible() and not panels.runs.toggleViewAction().isEnabled()
    panels.want_jobs(True)
    assert panels.jobs.isVisible()
    panels.jobs.close()
    panels._follow()
    assert not panels.jobs.isVisible()
    window.commands["reset-layout"].trigger()
    assert window.size() == panels.first_size() and not panels.facts.isVisible()
    assert [dock.objectName() for dock in panels.all] == ["dock-runs", "dock-jobs", "dock-image"]


def test_the_filters_of_a_sweep_are_set_by_hand_and_follow(window, settle):
    session = window.controller.sessions[1]
    window.controller.select(session)
    settle(window)
    window.page().tabs.show_view("Scatter")
    filters = window.page().filters
    boxes = (filters.classes, filters.severities, filters.predicted)
    assert [[box.itemText(k) for k in range(box.count())] for box in boxes] == [
        ["cat [0]", "dog [1]", "2", "all classes"], ["all", "5", "30", "90"], ["all", *NAMES],
    ]  # fmt: skip
    assert filters.count.text() == "36 of 36 shown"
    filters.severities.setCurrentIndex(3)
    assert session.filter.severity_index == 1  # 90 is the second of the run
    filters.predicted.setCurrentIndex(2)
    filters.low.setValue(0.25)
    filters.high.setValue(0.75)
    filters.clean_wrong.setChecked(False)
    filters.image.setText("0")
    filters.image.editingFinished.emit()
    chosen = session.filter
    assert (chosen.predicted, chosen.low, chosen.high, chosen.clean_wrong, chosen.image) == (1, 0.25, 0.75, False, 0)
    settle(window)
    points = session.points
    expected = (points.severity_index == 1) & (points.predicted == 1) & (points.image == 0)
    expected &= (points.score >= 0.25) & (points.score <= 0.75)
    assert filters.count.text() == f"{expected.sum()} of 36 shown"
    filters.image.clear()
    assert session.filter.image is None
    session.set_filter(severity_index=0, low=0.5)
    assert filters.severities.currentText() == "5" and filters.low.value() == 0.5
    window.commands["show-all"].trigger()
    settle(window)
    assert filters.count.text() == "36 of 36 shown" and filters.severities.currentIndex() == 0
    filters.classes.setCurrentIndex(1)
    settle(window)
    assert session.class_index == 1 and filters.count.text() == "108 of 108 shown"
    session.select_class(None)
    settle(window)
    assert filters.classes.currentText() == "all classes" and filters.count.text() == "162 of 162 shown"


def test_the_filters_of_a_sweep_show_whatever_the_session_has_chosen(window, settle):
    session = window.controller.sessions[1]
    window.controller.select(session)
    settle(window)
    filters = window.page().filters
    told = []
    session.filter_changed.connect(lambda: told.append(session.filter))
    session.set_filter(severity_index=1, predicted=2, low=0.125, high=0.875, clean_wrong=False, image=4)
    boxes = [box.currentText() for box in (filters.severities, filters.predicted)]
    assert boxes == ["90", "2"] and (filters.low.value(), filters.high.value()) == (0.125, 0.875)
    assert filters.image.text() == "4" and not filters.clean_wrong.isChecked() and len(told) == 1
    session.set_filter(image=None, clean_wrong=True)
    assert filters.image.text() == "" and filters.clean_wrong.isChecked() and len(told) == 2


@pytest.fixture
def gallery(qtbot):
    page = GalleryPage(LazyPictures(Background(), None))
    qtbot.addWidget(page)
    page.resize(500, 300)
    page.show()
    pictures = np.zeros((5, 4, 4, 1), np.uint8)
    page.set_gallery(
        Gallery(
            np.array([10, 11, 12, 13, 14]),
            np.array([0, 1, 0, 2, 1]),
            pictures,
            np.arange(5),
            keys=(SortKey("index", np.arange(10, 15)), SortKey("L2", np.array([5.0, 3, 9, np.inf, 1]), True)),
            only=(("few", np.array([True, False, True, True, False])),),
            names=NAMES,
            predicted=np.full(5, -1),
            outcome=("a", "b", "c", "d", "e"),
        )
    )
    return page


def test_a_gallery_is_sorted_and_filtered(gallery):
    page = gallery
    assert page.sorting.isVisible() and page.count.text() == "5 of 5 shown"
    assert page.model.places.tolist() == [0, 1, 2, 3, 4] and not page.descending.isChecked()
    page.sorting.setCurrentIndex(1)
    assert page.descending.isChecked() and page.model.places.tolist() == [3, 2, 0, 1, 4]
    page.descending.setChecked(False)
    assert page.model.places.tolist() == [4, 1, 0, 2, 3]
    page.classes.setCurrentIndex(2)
    assert page.classes.currentText() == "dog [1]" and page.model.places.tolist() == [4, 1]
    page.classes.setCurrentIndex(0)
    page.only.setCurrentIndex(1)
    assert page.model.places.tolist() == [0, 2, 3] and page.count.text() == "3 of 5 shown"
    chosen = []
    page.chosen.connect(chosen.append)
    page.mark(12)
    assert page.list.currentIndex().row() == 1 and chosen == []
    page.list.setCurrentIndex(page.model.index(0))
    assert chosen == [10]
    page.mark(11)
    assert not page.list.currentIndex().isValid() and page.model.row_of(11) is None and page.model.row_of(None) is None
    index = page.model.index(1)
    assert index.data() == "cat\nc" and index.data(Qt.ItemDataRole.ToolTipRole) == "Image 12: cat, c"
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()
    grid = page.list.gridSize()
    width = page.list.viewport().width() - 2
    assert grid.width() * (width // grid.width()) <= width < grid.width() * (width // grid.width() + 1)


def test_other_images_of_a_gallery_are_made_at_once(gallery, qtbot, qapp):
    page, made = gallery, []
    page.model.degraded = LazyPictures(Background(), lambda key: made.append(key) or np.zeros((4, 4, 1)), page)
    page.set_gallery(replace(page._gallery, degraded=(("first wrong", None),)))
    page.showing.addItem("degraded, sigma 5", 0)
    for _ in range(5):
        qapp.processEvents()  # everything is painted
    assert made == []
    page.showing.setCurrentIndex(page.showing.count() - 1)
    qtbot.waitUntil(lambda: (10, 0) in made)


def test_a_gallery_keeps_its_filters_when_images_come(gallery):
    page, old = gallery, gallery._gallery
    page.sorting.setCurrentIndex(1)
    page.only.setCurrentIndex(1)
    more = Gallery(
        np.append(old.image, 15),
        np.append(old.class_index, 0),
        np.zeros((6, 4, 4, 1), np.uint8),
        np.arange(6),
        keys=(SortKey("index", np.arange(10, 16)), SortKey("L2", np.array([5.0, 3, 9, np.inf, 1, 20]), True)),
        only=(("few", np.array([True, False, True, True, False, True])),),
        names=NAMES,
        predicted=np.full(6, -1),
        outcome=tuple("abcdef"),
    )
    page.set_gallery(more)
    assert page.model.places.tolist() == [3, 5, 2, 0] and page.count.text() == "4 of 6 shown"
    told = []
    page.model.modelAboutToBeReset.connect(lambda: told.append("begun"))
    page.model.modelReset.connect(lambda: told.append(page.model.rowCount()))
    page.only.setCurrentIndex(0)
    assert told == ["begun", 6], "the list loads its images again"


def test_the_line_above_a_run(window, settle, qtbot):
    session = window.controller.sessions[0]
    header = RunHeader(session, window.commands)
    qtbot.addWidget(header)
    header.show()
    assert header.text.text().startswith("<b>Search</b>: brightness on levels")
    assert header.state.text() == "9 of 9 images" and not header.bar.isVisible() and not header.live.isVisible()
    session.progress, session.share_done, session.extent = (4, 9), 4 / 9, "4 of 9 images"
    session.changed.emit()
    assert header.state.text() == "4 of 9 images" and header.bar.isVisible()
    assert header.bar.value() == pytest.approx(4 / 9 * header.bar.maximum(), abs=1)
    assert header.bar.text() == "44 % done", "what the bar is needs no tool tip"
    tip = "44 % of the planned work is finished. File > Measure more… does the rest."
    assert header.bar.toolTip() == tip and header.state.toolTip() == f"4 of 9 images\n{tip}"
    assert window.commands["more"].isEnabled(), "which is the command that the tip names"
    session.at_work = True
    session.changed.emit()
    assert header.bar.toolTip() == "44 % of the planned work is finished.", "a job does the rest"
    session.at_work = False
    session.gone = True
    session.changed.emit()
    assert "the run folder no longer exists" in header.state.text()
    session.progress, session.extent, session.gone = (9, 9), "9 of 9 images", False
    session.changed.emit()
    assert not header.bar.isVisible() and header.state.toolTip() == "9 of 9 images"
    session.extent = "9 of 9 images of a run that is described at great length"
    session.changed.emit()
    header.resize(header.text.sizeHint().width() + 120, header.height())
    assert header.text.fits and not header.state.fits, "what it is has its room first"


def test_nothing_is_looked_at_where_there_are_no_runs(qapp):
    watcher = RunWatcher(lambda: [])
    watcher.look()
    assert not watcher._background.busy
    watcher.stop()
    stopped, done = Background(), []
    stopped.stop()
    stopped.run(lambda: 1, done.append)
    assert not stopped.busy and done == []


def test_images_get_their_room_again_after_a_view_without_them(qtbot, qapp):
    whole = ViewAndImages(QWidget(), TriplePanel("hint"))
    qtbot.addWidget(whole)
    whole.resize(600, 660)
    whole.show_for(True, beside=False, selected=True)
    whole.show()
    room = whole.sizes()
    for shown, selected in ((False, True), (False, False), (True, True)):  # as when another class is chosen in Metrics
        whole.show_for(shown, beside=False, selected=selected)
        qapp.processEvents()
    assert whole.sizes() == room and room[1] > 200
    whole.show_for(True, beside=True, selected=False)
    assert whole.widget(1).isVisible(), "its hint says how to select an image"
