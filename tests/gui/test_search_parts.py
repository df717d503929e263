"""The parts of a search's page, each by itself and without a window: results, comparison, curves, replay, live list."""

import numpy as np
import pytest
from doubles import AtOnce, Held, heard
from made_up_runs import search
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from tfstab import open_run
from tfstab.gui.actions import Actions
from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.widgets.search.compared_line import WAITING, ComparedLine
from tfstab.gui.widgets.search.history_plot import WIDE, make_plots
from tfstab.gui.widgets.search.live_list import LiveList
from tfstab.gui.widgets.search.replay_bar import FINAL, ReplayBar
from tfstab.gui.widgets.search.results_table import ResultsTable
from tfstab.gui.widgets.thumbnails import PICTURES
from tfstab.stepwise import finished


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    for name in ("search", "other"):
        search(folder / name)
    return folder


# --- results ---


def test_results_stay_sorted_and_selected_while_others_come(show, qtbot, folder):
    window = QMainWindow()
    qtbot.addWidget(window)
    session = SearchSession(open_run(folder / "search"), AtOnce())
    page = show(ResultsTable(session, Actions(window), session.compared), 900, 300)
    header, model = page.table.horizontalHeader(), page.model
    assert header.sortIndicatorSection() == -1 and page.count.text() == "4 images" and not page.all.isVisible()
    assert page.told.text() == "Norms in grey levels. Click a column title to sort."

    def chosen():
        return [int(model.rows[row]) for row in page.table.selected_rows()]

    def column(name):
        return next(n for n, column in enumerate(model.columns) if column.name == name)

    assert chosen() == [0] == [session.place]
    (image, clean), _ = model.index(3, column("pictures")).data(PICTURES)
    assert image == session.entries[3].image and np.array_equal(clean, session.entries[3].clean)
    selected = heard(session.selected)
    page.table.selectRow(2)
    assert selected == [(2,)] and session.place == 2
    for name, order in (("queries", Qt.SortOrder.AscendingOrder), ("marked", Qt.SortOrder.DescendingOrder)):
        page.table.sortByColumn(column(name), order)
        rows = model.rows.tolist()
        session.marks.toggle([(session.entries[1].image,)])
        assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (column(name), order)
        assert chosen() == [2] and (model.rows.tolist() == rows) == (name == "queries")
    session.marks.toggle([(session.entries[1].image,)])
    assert model.rows.tolist() == [1, 0, 2, 3], "the marked one is first"
    assert selected == [(2,)], "filling the table again selects no other image"
    note = len(model.columns) - 1
    page.table.sortByColumn(note, Qt.SortOrder.AscendingOrder)
    other = SearchSession(open_run(folder / "other"), AtOnce())
    session.compared.compare([other])
    assert len(model.columns) == note + 3 and header.sortIndicatorSection() == note + 2 == column("note")
    page.table.sortByColumn(note, Qt.SortOrder.AscendingOrder)
    session.compared.compare([])
    assert header.sortIndicatorSection() == -1, "its column is gone"
    session.select(3)
    assert chosen() == [3]
    session.marks.toggle([(session.entries[1].image,)])


def test_results_are_listed_by_tag_and_conditions(show, qtbot, folder):
    window = QMainWindow()
    qtbot.addWidget(window)
    session = SearchSession(open_run(folder / "search"), AtOnce())
    page = show(ResultsTable(session, Actions(window), session.compared), 900, 300)
    images = [entry.image for entry in session.entries]
    session.marks.tag([(images[1],), (images[2],)], "odd")
    page.restore({"results-tag": "odd"})
    assert page.model.rows.tolist() == [1, 2] and page.tags.currentData() == "odd"
    assert page.count.text() == "2 of 4 images (#odd)"
    page.restore({"results": {"actual": session.entries[1].class_index}})
    assert page.model.rows.tolist() == [1] and page.all.isVisible()
    name = session.run.class_names[session.entries[1].class_index]
    assert page.count.text() == f"1 of 4 images ({name}, #odd)"
    state = page.viewpoint_state()
    page.all.click()
    assert page.model.rows.tolist() == [0, 1, 2, 3] and not page.all.isVisible() and page.tags.currentData() == ""
    page.restore({})
    assert page.model.rows.tolist() == [0, 1, 2, 3]
    page.restore(state)
    assert page.model.rows.tolist() == [1]
    session.marks.tag([(images[1],), (images[2],)], "odd")


def test_a_row_can_be_chosen_where_the_first_result_is_not_listed(show, qtbot, folder):
    window = QMainWindow()
    qtbot.addWidget(window)
    session = SearchSession(open_run(folder / "search"), held := Held())
    page = show(ResultsTable(session, Actions(window), session.compared), 900, 300)
    page.restore({"results": {"actual": 1}})  # as a saved view does, before any result is read
    held.answer_all()
    assert session.place == 0 and page.model.rows.tolist() == [2]
    page.table.selectRow(0)
    assert session.place == 2


def test_the_latest_comparison_is_said(qtbot, folder):
    session, other = (SearchSession(open_run(folder / name), AtOnce()) for name in ("search", "other"))
    session.background = held = Held()
    line = ComparedLine(session, session.compared)
    qtbot.addWidget(line)
    assert line.isHidden() and held.waiting == []
    session.compared.compare([other])
    assert line.isVisible() and line.text() == WAITING
    held.answer()
    said = line.text()
    assert "McNemar" in said
    session.entries_changed.emit()
    session.entries_changed.emit()
    assert line.text() == WAITING
    held.answer(0)
    assert line.text() == WAITING, "of entries before"
    held.answer()
    assert line.text() == said
    session.entries_changed.emit()
    session.compared.compare([])
    held.answer()
    assert not line.isVisible() and line.text() == WAITING and held.waiting == []


# --- curves and replay ---


def test_titles_of_curves_have_the_room_that_there_is(show):
    fitness, norm, _ = (show(plot, WIDE, 150) for plot in finished(make_plots()))
    box = norm.getViewBox()

    def title():
        return norm._heading.text

    norm.retitle("Noise norm (dB)")
    assert title() == "Noise norm (dB)"
    before = box.width()
    norm.resize(WIDE - 1, 150)
    assert title() == "Noise norm"
    norm.resize(WIDE + 100, 150)
    assert title() == "Noise norm (dB)" and box.width() == pytest.approx(before + 100)
    norm.retitle("Noise norm (pixels)")
    assert title() == "Noise norm (pixels)"
    shown = fitness._heading.text
    assert "━</span> best" in shown and "┅</span> mean" in shown
    assert norm.values_at(1, 1) == ""
    for plot in (norm, fitness):
        plot.set_history(np.array([[9.0, 9.0, 7.0, 0.5], [8.0, 9.0, 6.0, 0.5], [7.0, 8.0, 5.5, 0.5]]))
    norm.setXRange(0, 4, padding=0)
    assert norm.values_at(1.9, 0) == "generation 2: 6" and norm.values_at(1.5, 0) == ""
    fitness.setXRange(0, 4, padding=0)
    assert fitness.values_at(3, 0).startswith("generation 3: best ")


def test_a_replay_says_whose_noise_is_shown(show):
    bar = show(ReplayBar(), 900, 300)
    moved = heard(bar.moved)
    bar.explain(None)
    bar.set_history(np.tile([9.0, 9.0, 7.0, 0.5], (3, 1)))
    assert moved == [(None,)] and bar.slider.pageStep() == 1 and bar.values.text().startswith("Generation 3 of 3")
    for place, start in ((2, f"{FINAL}Generation 2"), (1, f"{FINAL}Generation 1"), (3, "Generation 3")):
        bar.slider.setValue(place)
        assert bar.values.text().startswith(start) and bar.values.toolTip() == bar.values.text()
    assert moved == [(None,), (2,), (1,), (None,)]
    bar.explain(2)
    bar.slider.setValue(2)
    assert bar.values.text().startswith("Generation 2") and "2 generations" in bar.play.toolTip()
    bar.play.setChecked(True)
    assert bar.slider.value() == 2, "from here"
    bar.slider.sliderPressed.emit()
    assert not bar.play.isChecked()
    bar.play.setChecked(True)
    for count in (1, 0):
        bar.set_history(np.tile([9.0, 9.0, 7.0, 0.5], (count, 1)))
        assert bar.slider.maximum() == 1 and moved[-1] == (None,) and not bar.play.isChecked()
        assert bar.values.text().startswith("Generation 1 of 1" if count else "")
    assert bar.values.text() == ""


def test_news_of_all_images_in_work_are_told(show):
    view = show(LiveList(), 900, 300)
    images = [LiveImage(4), LiveImage(9), LiveImage(2)]
    view.show_images(images, 9)
    changed, chosen = heard(view.table.dataChanged), heard(view.chosen)
    view.show_images([LiveImage(4, 8), LiveImage(9, 3), LiveImage(2, 1)], 9)
    assert [(a.row(), a.column(), b.row(), b.column()) for a, b, *_ in changed] == [(0, 0, 2, 3)]
    assert view.table.index(2, 2).data() == "1" and view.currentIndex().row() == 1
    view.show_images([], None)
    view.show_images([], None)
    assert len(changed) == 1 and chosen == []
