"""A search as gallery and table."""

import shutil

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog

from tfstab import open_run


@pytest.fixture
def run(runs):
    return open_run(runs / "search")


@pytest.fixture
def window(open_window, runs):
    return open_window(runs / "search")


def test_the_gallery_of_a_search(window, run, qtbot, settle):
    page, results = window.page(), list(run)
    page.tabs.setCurrentWidget(page.gallery.parentWidget())
    settle(window)
    model = page.gallery.model
    assert model.rowCount() == len(results)
    page.gallery.sorting.setCurrentIndex(page.gallery.sorting.findText("L2"))
    l2 = [r.l2 if r.found else np.inf for r in results]
    assert [l2[place] for place in model.places] == sorted(l2)
    index = model.index(model.rowCount() - 1)
    view = page.gallery.list
    view.scrollTo(index)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    settle(window)
    assert window.controller.current.triple.title == f"Image {results[model.places[-1]].image}"
    page.gallery.only.setCurrentIndex(page.gallery.only.findText("misclassified when clean"))
    assert model.places.tolist() == [n for n, r in enumerate(results) if r.stop_reason == "misclassified when clean"]
    page.gallery.only.setCurrentIndex(page.gallery.only.findText("not found"))
    assert model.places.tolist() == [n for n, r in enumerate(results) if not r.found]


def test_the_table_of_results_is_sorted_and_selects(window, run, qtbot, settle):
    page, results = window.page(), list(run)
    page.tabs.setCurrentWidget(page.results.parentWidget())
    settle(window)
    table, model = page.results.table, page.results.model
    assert [int(model.index(r, 1).data()) for r in range(model.rowCount())] == [r.image for r in results]
    header, column = table.horizontalHeader(), next(n for n, c in enumerate(model.columns) if c.name == "psnr")
    spot = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    shown = [float(model.index(r, column).data().replace("–", "inf")) for r in range(model.rowCount())]
    assert shown == sorted(shown)
    rect = table.visualRect(model.index(2, 0))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    settle(window)
    assert window.controller.current.triple.title == f"Image {model.index(2, 1).data()}"
    page.tabs.show_view("Images")
    assert page.strip.currentIndex().row() == window.controller.current.place


def test_the_table_is_saved(window, run, qtbot, settle, tmp_path):
    page = window.page()
    page.tabs.setCurrentWidget(page.results.parentWidget())
    qtbot.mouseClick(page.results.save, Qt.MouseButton.LeftButton)
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    dialog.fileSelected.emit(str(tmp_path / "results.csv"))
    dialog.close()
    lines = (tmp_path / "results.csv").read_text().splitlines()
    assert len(lines) == 1 + len(run) and lines[0].startswith(
        "Marked,Image,True,Predicted,Runner-up,Second when clean,L2"
    )


def test_all_top_scores_of_a_search_are_bars(window, run, qtbot, settle):
    session = window.controller.current
    session.select(2)
    settle(window)
    result, bars = run.result(session.image), window.facts.scores.bars
    assert len(bars) == 5 and all(bar.degraded is not None for bar in bars)
    for bar in bars:
        k = run.class_names.index(bar.name)
        assert bar.clean == pytest.approx(result.clean_scores[k]) and bar.degraded == pytest.approx(result.scores[k])
    assert bars[0].predicted and any(bar.actual for bar in bars)


def test_sorting_leaves_the_highlight_on_the_image_in_view(window, run, qtbot, settle):
    page, session = window.page(), window.controller.current
    page.tabs.setCurrentWidget(page.results.parentWidget())
    table, model = page.results.table, page.results.model
    session.select(0)
    settle(window)
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    row = table.currentIndex().row()
    assert row == len(run) - 1 and [i.row() for i in table.selectionModel().selectedRows()] == [row]
    qtbot.keyClick(table, Qt.Key.Key_M)
    assert list(session.marks.keys()) == [(session.image,)] and model.index(row, 0).data() == "★"


def test_another_search_stands_beside_this_one(open_window, runs, run, settle, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(runs / "search", other)
    gone = int(run.images[-1])
    next(part for part in (other / "parts").iterdir() if str(gone) in part.name).unlink()
    window = open_window(runs / "search", other)
    page = window.page()
    page.tabs.setCurrentWidget(page.results.parentWidget())
    model = page.results.model
    own = [c.title for c in model.columns]
    (choice,) = page.compare.choices.values()
    choice.trigger()
    settle(window)
    titles = [c.title for c in model.columns]
    assert titles == [*own[:-1], "L2 in other", "Predicted in other", "Note"]
    rows = [[model.index(r, c).data() for c in range(len(titles))] for r in range(model.rowCount())]
    for row in rows:
        there = int(row[1]) != gone
        for title in ("L2", "Predicted"):
            assert row[titles.index(f"{title} in other")] == (row[titles.index(title)] if there else "–")
    said = page.results.compared_line
    assert said.isVisible() and "McNemar's exact test: p = 1" in said.text() and "images' own ratios" in said.text()
    page.results.table.sortByColumn(titles.index("L2 in other"), Qt.SortOrder.AscendingOrder)
    assert int(model.index(model.rowCount() - 1, 1).data()) in {gone, *(r.image for r in run if not r.found)}
    window.controller.close(window.controller.sessions[1])
    assert [c.title for c in model.columns] == own
    assert page.results.table.horizontalHeader().sortIndicatorSection() == -1
