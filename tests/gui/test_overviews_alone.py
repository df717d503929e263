"""The overviews of a search and of a sweep, and what is offered about marks, without a window."""

import numpy as np
import pytest
from doubles import Steps
from numpy_runs import NAMES, search, sweep
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget

from tfstab.gui.content.gallery import FLIPPED
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.marking import described, mark_of, mark_offers
from tfstab.gui.widgets.overview.search_overview import KEY, SearchOverviewPage
from tfstab.gui.widgets.overview.sweep_overview import SweepOverviewPage
from tfstab.stepwise import finished


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("overviews-alone")
    return search(folder / "search", queries=150), sweep(folder / "sweep"), sweep(folder / "other")


def shown(qtbot, page):
    """Build and show an overview; return what is visited from it."""
    visited = []
    qtbot.addWidget(page)
    finished(page.build())
    page.visit_asked.connect(lambda there: visited.append((there.view, dict(there.state))))
    page.resize(900, 700)
    page.show()
    page.shown()
    return visited


def click(plot, x, y, button=Qt.MouseButton.LeftButton):
    QTest.mouseClick(plot.viewport(), button, pos=plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y))))


def test_the_overview_of_a_search_leads_to_its_results(made, qtbot):
    held = Steps()
    session = SearchSession(made[0], held)
    page = SearchOverviewPage(session)
    visited = shown(qtbot, page)
    assert page.waiting.isVisible() and not any(block.isVisible() for block in page.blocks())
    held.answer_all()
    assert not page.waiting.isVisible() and all(block.isVisible() for block in page.blocks()[4:])
    assert page.left_out.text().startswith(KEY)
    qtbot.wait(1)
    assert page.matrix.verticalScrollBar().maximum() == 0, "all classes are in view"
    found = [entry for entry in session.entries if entry.found and not entry.wrong_when_clean]
    assert len(found) > 3

    def least(keep):
        return min((entry for entry in found if keep(entry)), key=lambda entry: entry.size)

    first = least(lambda _: True)
    page.boxes.class_asked.emit(first.class_index)
    page.boxes.image_asked.emit(found[1].image)
    page.matrix.chosen.emit(first.class_index, first.predicted)
    page.histogram.range_asked.emit(0.25, 1e3)
    page.matrix.chosen.emit(0, 0)
    (one, by_class), image, (_, by_pair), (_, by_size), (_, none) = visited
    assert one == "Results" and image == ("Images", {"selected": found[1].image})
    assert by_class["selected"] == least(lambda entry: entry.class_index == first.class_index).image
    assert by_class["results"]["actual"] == first.class_index and by_class["results"]["outcome"] == "found"
    assert by_pair["selected"] == by_size["selected"] == first.image and "selected" not in none
    assert (by_pair["results"]["actual"], by_pair["results"]["predicted"]) == (first.class_index, first.predicted)
    assert (by_size["results"]["low"], by_size["results"]["high"]) == (0.25, 1e3)
    visited.clear()
    page.weakest.tiles[0].click()
    page.pairs.tiles[0].click()
    page.weakest.link.click()
    assert visited[0] == ("Images", {"selected": first.image}) and visited[1][0] == "Results"
    assert visited[2] == ("Gallery", {"gallery": {"only": FLIPPED, "class": None, "predicted": None, "sort": "L2"}})
    whole = page.histogram.viewRange(), page.boxes.viewRange()
    for plot in (page.histogram, page.boxes):
        plot.setXRange(50, 60)
    page.fit()
    np.testing.assert_allclose((page.histogram.viewRange(), page.boxes.viewRange()), whole)
    assert page.figure().name == "search-minimum-noise" and page.has_figure
    session.entries_changed.emit()
    assert len(held.waiting) == 1
    held.answer_all()
    other = SearchSession(made[0], held)
    session.compared.compare([other])
    held.answer_all()
    assert page.left_out.text().startswith("Bars: ") and "Outline: " in page.left_out.text()


def test_the_overview_of_a_sweep_leads_to_its_misclassifications(made, qtbot):
    held = Steps()
    session = SweepSession(made[1], held)
    page = SweepOverviewPage(session)
    visited = shown(qtbot, page)
    assert "Reading" in page.waiting.text() and not page.curve_block.isVisible()
    held.answer_all()
    page.shown()
    held.answer_all()
    qtbot.wait(1)
    assert page.curve_block.isVisible() and page.key.isVisible() and not page.curve.legend.isVisible()
    severities = made[1].config.severities
    for x, button in (
        (25, Qt.MouseButton.LeftButton),
        (25, Qt.MouseButton.RightButton),
        (61, Qt.MouseButton.LeftButton),
    ):
        click(page.curve, x, 60, button)
    assert visited == [
        ("Misclassifications", {"class": None, "filter": {"severity_index": severities.index(value)}})
        for value in (30, 90)
    ]
    visited.clear()
    bar = page.classes_block.bars[0]
    bar.click()
    assert visited == [("Misclassifications", {"class": NAMES.index(bar.label), "filter": {}})]
    visited.clear()
    page.curve_block.link.click()
    page.pairs.link.click()
    tables = [state["metrics"]["table"] for _, state in visited]
    assert tables == ["Classes", "Confusion"]
    assert all((s["metrics"]["severity_index"], s["metrics"]["right_when_clean"]) == (None, False) for _, s in visited)
    visited.clear()
    tile = page.pairs.tiles[0]
    tile.click()
    tile.pictures[0].do()
    (view, pair), (_, taken) = visited
    assert view == "Misclassifications" and "predicted" in pair["filter"] and "selected" not in pair
    assert len(taken["selected"]) == 3 and taken["filter"] == pair["filter"]
    whole = page.curve.viewRange()
    page.curve.setXRange(50, 60)
    page.fit()
    np.testing.assert_allclose(page.curve.viewRange(), whole)
    assert page.figure().name == f"{session.name}-accuracy"
    page.curve.set_curves([])
    count = len(visited)
    click(page.curve, 25, 60)
    assert len(visited) == count, "without curves there is no severity"
    others = [SweepSession(made[2], held), SweepSession(made[2], held)]
    held.answer_all()
    for compared in (others[:1], others):
        session.beside.compare(compared)
        held.answer_all()
        assert len(page.curve.curves) == 1 + len(compared)
        assert page.curve.legend.isVisible() and not page.key.isVisible()
    session.measures_changed.emit()
    assert len(held.waiting) == 1


def test_what_is_offered_about_marks(made, qtbot, tmp_path):
    held, said, failed, parent = Steps(), [], [], QWidget()
    qtbot.addWidget(parent)
    session = SweepSession(made[1], held)
    held.answer_all()
    held.failed.connect(lambda *of: failed.append(of))

    def offers(keys=None):
        return mark_offers(session, parent, said.append, keys)

    first, second = (4, 1, 0), (5, 2, 3)
    assert offers(lambda: iter(())) == {}
    session.select(first)
    held.answer_all()
    assert set(offers()) == {"mark", "note", "tag"} and offers()["mark"].text == "" and mark_of(session) == ""
    offers()["mark"].do()
    assert first in session.marks and mark_of(session) == "★" and offers()["mark"].text == "Un&mark"
    assert set(offers()) == {"mark", "note", "tag", "undo", "save-marked"}
    assert offers()["undo"].text.startswith("&Undo ")
    assert offers(lambda: iter((first, second)))["mark"].text == "", "one of them is not marked"
    session.marks.tag([second], "odd&even")
    assert offers()["tag-again"].text == "Tag with odd&&even again"
    assert offers(lambda: iter((second,)))["tag-again"].text == "Remove tag odd&&even"
    assert offers(lambda: iter((first, second)))["tag-again"].text.startswith("Tag with")
    offers()["tag-again"].do()
    assert session.marks.of(first).tags == session.marks.of(second).tags and "odd&even" in mark_of(session)
    offers()["undo"].do()
    assert offers()["redo"].text.startswith("&Redo ") and mark_of(session) == "★"
    assert described(session, first) == f"{made[1].clean.name(4)}, sigma {made[1].severities[1]:g}, copy 0"
    assert described(session, (4,)) == str(made[1].clean.name(4))
    folder = tmp_path / "marked"
    folder.mkdir()
    session.marks.mark([(99, 0, 0)])
    offers()["save-marked"]()
    (dialog,) = parent.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(folder))
    dialog.close()
    qtbot.waitUntil(lambda: not parent.findChildren(QFileDialog))  # it deletes itself
    held.answer()
    count = len(list(folder.iterdir()))
    assert said == [f"Saved {count} pictures in {folder}."] and count >= 4
    assert len(failed) == 1 and failed[0][0].startswith("1 marked image was not saved: ")
    session.marks.mark([(99, 0, 0)], False)
    offers()["save-marked"]()
    (dialog,) = parent.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(folder))
    dialog.close()
    qtbot.waitUntil(lambda: not parent.findChildren(QFileDialog))  # it deletes itself
    held.answer()
    assert len(said) == 2 and len(failed) == 1
