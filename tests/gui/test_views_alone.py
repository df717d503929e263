"""Views that are made or computed later, each alone: what they answer before, and what they do afterwards."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from doubles import Held, Steps
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from tfstab.datasets.groups import drawn_remark
from tfstab.errors import InputError, RunError
from tfstab.gui.background import Background
from tfstab.gui.content.gallery import Gallery
from tfstab.gui.content.overview import Number
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.theme import BAD, PLAIN
from tfstab.gui.widgets.gallery_model import CLEAN, GalleryModel
from tfstab.gui.widgets.lazy_view import LazyView
from tfstab.gui.widgets.overview.overview_page import OverviewPage
from tfstab.gui.widgets.view import View

Role = Qt.ItemDataRole


# --- overviews ---


def finished(**more):
    """A session that is not being measured, with what a test needs of it."""
    never = SimpleNamespace(connect=lambda _: None)
    return SimpleNamespace(path=Path("/runs/a"), changed=never, growing="", **more)


class Overview(OverviewPage):
    """An overview of one block, which shows what the test has computed."""

    def __init__(self, session):
        super().__init__(session)
        self.refreshed, self.found, self.block = 0, "first", QLabel()
        self.add(self.block)

    def refresh(self):
        self.refreshed += 1
        found = self.found

        def work():
            if isinstance(found, Exception):
                raise found
            return found

        self.compute(work)

    def show_overview(self, overview):
        self.wait_for("")
        yield
        assert not self.viewport().updatesEnabled()
        self.block.setText(overview)
        self.block.show()

    def blocks(self):
        return [*super().blocks(), self.block]


def test_an_overview_is_computed_when_it_is_in_sight_and_again_after_news(qtbot, show):
    held = Steps()
    page = Overview(finished(background=held))
    qtbot.addWidget(page)
    page.refresh_later()
    assert page.refreshed == 0, "it is not in sight"
    show(page)
    page.shown()
    page.shown()
    assert page.refreshed == 1 and len(held.waiting) == 1
    page.found = "second"
    page.refresh_later()
    page.refresh_later()
    assert page.refreshed == 1, "it is being computed"
    held.answer()
    assert page.block.text() == "first" and page.refreshed == 2 and len(held.waiting) == 1
    held.answer()
    assert page.block.text() == "second" and page.refreshed == 2 and page.viewport().updatesEnabled()
    assert not page.waiting.isVisible()
    page.shown()
    assert page.refreshed == 2, "nothing is new"
    page.found = RunError("The folder is gone.")
    page.refresh_later()
    held.answer()
    assert page.waiting.text() == "The folder is gone." and page.waiting.isVisible() and not page.block.isVisible()
    page.found = ZeroDivisionError()
    page.refresh_later()
    held.answer()
    assert "Computing the overview" in page.waiting.text() and not held.waiting
    page.found = "third"
    page.refresh_later()
    page.hide()
    page.refresh_later()
    held.answer()
    assert page.refreshed == 5 and page.block.text() == "third", "out of sight it waits"
    page.show()
    page.shown()
    assert page.refreshed == 6


def test_the_head_of_an_overview(show):
    run = SimpleNamespace(info={"data": {"name": "frames", "note": drawn_remark(400, 1200)}, "model": {}})
    page, visited = show(Overview(finished(background=Steps(), run=run)), 900, 500), []
    page.visit_asked.connect(visited.append)
    numbers = (
        Number("one", "82 %", "accuracy", "sigma", "what it is", ("80 % in b", "7 % in c")),
        Number("two", "3", "images", tip="how many"),
    )
    links = {"one": page.view("Metrics"), "two": page.view("Gallery", only="x")}
    page.show_head(("It <breaks>.", "Class 2 is weak."), "bad", numbers, links)
    assert page.verdict.label.text() == "It &lt;breaks&gt;.<br><br>Class 2 is weak." and page.verdict.tone == BAD
    first, second, *others = page.numbers
    assert [block.isVisible() for block in page.numbers] == [True, True, False, False] and len(others) == 2
    assert (first.number, first.caption) == ("82 %", "accuracy\n80 % in b\n7 % in c") and second.caption == "images"
    assert first.help.isVisible() and not second.help.isVisible() and second.toolTip() == "how many"
    assert second.heightForWidth(300) == second.sizeHint().height() < first.heightForWidth(300), "all runs are named"
    assert page.drawn.isVisible() and page.drawn.text().startswith(
        "frames has 1,200 images of 400 groups. One image of"
    )
    first.click()
    second.click()
    assert [(there.view, there.state) for there in visited] == [("Metrics", {}), ("Gallery", {"only": "x"})]
    run.info["data"]["note"] = "images in frames"
    page.show_head("fine", "no such level", (), {})
    assert not page.drawn.isVisible()
    assert page.verdict.tone == PLAIN and not any(block.isVisible() for block in page.numbers)


# --- a view in a tab ---


class Inner(View, QWidget):
    """A view that notes what it is asked for."""

    said, offers_changed = Signal(str), Signal()
    has_figure = True

    def __init__(self):
        super().__init__()
        self.asked, self.line = [], QLineEdit()
        QVBoxLayout(self).addWidget(self.line)

    def first(self):
        return self.line

    def shown(self):
        self.asked.append("shown")

    def offers(self):
        return {"fit": print}

    def fit(self):
        self.asked.append("fit")

    def figure(self):
        return "a figure"

    def viewpoint_state(self):
        return {"inner": "own"}

    def restore(self, state):
        self.asked.append(("restore", dict(state)))
        if state.get("bad"):
            raise InputError("It is damaged.")


def test_a_view_that_is_not_made_yet_keeps_what_is_meant_for_it(show, qtbot):
    background, told = Background(), []
    view = LazyView(Inner, Inner, background)
    view.said.connect(told.append)
    view.offers_changed.connect(lambda: told.append("offers"))
    assert view.has_figure and view.shows_triple and not view.uses_filters and view.first() is view
    assert view.offers() == {} and view.viewpoint_state() == {} and view.fit() is view.shown() is None
    view.restore({"inner": "asked"})
    assert view.viewpoint_state() == {"inner": "asked"}
    made = view.view
    assert made.asked == [("restore", {"inner": "asked"})] and told == ["offers"], "out of sight it prepares nothing"
    made.said.emit("hello")
    made.offers_changed.emit()
    assert told == ["offers", "hello", "offers"]
    assert view.first() is made.line and list(view.offers()) == ["fit"] and view.figure() == "a figure"
    assert view.viewpoint_state() == {"inner": "own"}
    made.asked.clear()
    view.fit()
    view.shown()
    view.restore({"more": 1})
    assert made.asked == ["fit", "shown", ("restore", {"more": 1})]
    made.shows_triple = False
    assert not view.shows_triple


def test_a_view_made_in_sight_gets_the_focus_and_says_what_is_damaged(show, qtbot):
    background, failed = Background(), []
    background.failed.connect(lambda *said: failed.append(said))
    page, other = QWidget(), QLineEdit()
    view = LazyView(Inner, Inner, background)
    box = QVBoxLayout(page)
    for part in (other, view):
        box.addWidget(part)
    view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    view.restore({"bad": True})
    show(page)
    view.setFocus()
    made = view.view
    qtbot.waitUntil(lambda: page.focusWidget() is made.line)
    assert made.asked[0] == "shown" and failed == [("It is damaged.", "")]
    quiet = LazyView(Inner, Inner, background)
    box.addWidget(quiet)
    other.setFocus()
    assert quiet.view.line is not None
    qtbot.wait(10)
    assert page.focusWidget() is other


# --- the model of a gallery ---


def gallery(names, **settings):
    count = 3
    return Gallery(
        image=np.array([5, 7, 9]), class_index=np.array([0, 1, 0]), pictures=[np.full((2, 2, 1), 90, np.uint8)] * count,
        rows=np.arange(count), names=names, predicted=np.array([1, -1, -1]), outcome=("L2 3", "", ""), **settings,
    )  # fmt: skip


def test_captions_of_a_gallery_take_another_line_for_long_names(qapp):
    held = Held()
    model = GalleryModel(LazyPictures(held, lambda key: np.zeros((2, 2, 1), np.uint8)))
    assert model.cell.toTuple() == (44 + 56, 42 + 56) and model.rowCount() == 0
    short = gallery(("a", "b"))
    model.show_places(short, np.array([2, 0]))
    assert model.cell.toTuple() == (100, 98) and model.rowCount() == 2 and model.rowCount(model.index(0)) == 0
    assert [model.index(row).data() for row in range(2)] == [short.caption(2), short.caption(0)]
    assert [model.row_of(image) for image in (5, 9, 7, None)] == [1, 0, None, None]
    assert model.index(0).data(Role.SizeHintRole) == model.cell and model.index(0).data(Role.FontRole) is None
    assert model.index(1).data(Role.ToolTipRole) == model.index(1).data(Role.AccessibleTextRole) == short.tip(0)
    icon = model.index(0).data(Role.DecorationRole)
    assert icon.pixmap(56, 56).toImage().pixelColor(3, 3).red() == 90
    model.severity = 0
    assert model.index(0).data(Role.DecorationRole).isNull(), "it is being degraded"
    model.severity = CLEAN
    long = gallery(("a name that is much too long for a line", "<b>"))
    model.show_places(long, np.arange(3))
    line = model.cell.height() - 98
    assert line > 10 and model.index(2).data().count("\n") < 2
    first, second, result = model.index(0).data().split("\n")
    assert "…" in first and second == "→ <b>" and result == long.result(0)
    assert "&lt;b&gt;" in model.index(0).data(Role.ToolTipRole) and "<b>" in model.index(0).data(
        Role.AccessibleTextRole
    )
    wide = QFontMetrics(QApplication.font()).horizontalAdvance("a name that is much too long for a line → <b>")
    for size, breaks in ((wide - 36, False), (wide - 37, True)):  # beside a picture, a caption has 44 pixels less 8
        model.size = size
        assert (model.cell.height() > size + 42) == breaks
    resets = []
    model.modelReset.connect(lambda: resets.append(model.rowCount()))
    other = gallery(("a", "b"))
    other.pictures[:] = [np.full((2, 2, 1), 200, np.uint8)] * 3
    model.size = 56
    model.show_places(other, np.array([2]))
    assert resets == [1]
    assert model.index(0).data(Role.DecorationRole).pixmap(56, 56).toImage().pixelColor(3, 3).red() == 200
    model.show_places(long, np.arange(3))
    model.size = 900
    assert model.cell.toTuple() == (944, 942) and model.index(0).data() == long.caption(0)
