"""The parts of the atlas one by one: colours, the plot, the picture under the mouse, picked points, and the page."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from doubles import Held
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPalette
from PySide6.QtWidgets import QToolButton
from skimage.color import deltaE_ciede2000, rgb2lab

from tfstab.errors import InputError
from tfstab.gui.content.atlas import CLASS, PREDICTED, SEVERITY, VERDICT, AtlasMap, map_sweep
from tfstab.gui.jobs.mapping import CLEAN
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.theme import DARK, LIGHT, SYSTEM, apply_theme, palette_of
from tfstab.gui.widgets.atlas.atlas_page import HINT, AtlasPage
from tfstab.gui.widgets.atlas.atlas_plot import AtlasPlot, Spots
from tfstab.gui.widgets.atlas.colours import group_colour
from tfstab.gui.widgets.atlas.peek import Peek
from tfstab.gui.widgets.atlas.picked_list import PickedList
from tfstab.gui.widgets.pick_box import Tool

pytestmark = pytest.mark.usefixtures("mouse_away")


def test_the_colours_of_groups(qapp):
    try:
        for theme, grey, red, last in (
            (LIGHT, (120, 120, 120), (205, 20, 30), 0.8), (DARK, (165, 165, 165), (255, 85, 80), 1.0),
        ):  # fmt: skip
            apply_theme(qapp, theme)
            palette = palette_of(theme)

            def of(by, number, count=3, palette=palette):
                return group_colour(palette, by, number, count).getRgb()[:3]

            assert (of(VERDICT, 0), of(VERDICT, 1), of(SEVERITY, 0)) == (grey, red, grey)
            assert of(CLASS, 3) == of(PREDICTED, 3) == of(CLASS, 23) != of(CLASS, 4)
            lab = rgb2lab(np.array([of(CLASS, k) for k in range(20)])[None] / 255)[0]
            assert min(deltaE_ciede2000(*two) for two in combinations(lab, 2)) > 9, "any two can be told apart"
            ends = [of(SEVERITY, k, 5) for k in (1, 4)]
            assert of(SEVERITY, 4, 5) == of(SEVERITY, 1, 2) == of(SEVERITY, 1, 1), "the strongest of any number"
            # Of plasma, from violet to yellow; light themes leave out the yellow, dark ones the darkest.
            assert ends[0][2] > ends[0][1] and ends[1][0] > 200 and (ends[1][1] > 240) == (last == 1.0)
    finally:
        apply_theme(qapp, SYSTEM)


# --- the plot ---

POINTS = np.float32([[0, 0], [10, 0], [10, 5], [4, 2]])


def spots(*places, symbol=0):
    return Spots(np.array(places), QColor("red"), symbol)


def test_the_plot_shows_all_points_and_finds_the_nearest(show):
    plot = show(AtlasPlot())
    plot.fit()
    centre = plot.box.sceneBoundingRect().center()
    assert plot.nearest(centre) is None
    plot.set_spots(POINTS, [spots(0, 1), spots(2, symbol=2)])
    plot.fit()
    (left, right), (bottom, top) = plot.viewRange()
    assert max(left, bottom) < 0 and right > 10 and top > 5 and right - left < 12 and plot.shown.tolist() == [0, 1, 2]
    wide, high = plot.box.viewPixelSize()

    def at(place, right=0, up=0):
        return plot.box.mapViewToScene(QPointF(place[0] + right * wide, place[1] + up * high))

    assert [plot.nearest(at(POINTS[k])) for k in range(4)] == [0, 1, 2, None], "the last is not shown"
    for right, up in ((11.9, 0), (-11.9, 0), (0, 11.9), (8.4, 8.4)):
        assert plot.nearest(at(POINTS[1], right, up)) == 1
    assert plot.nearest(at(POINTS[1], 12.1)) is plot.nearest(at(POINTS[1], 8.6, 8.6)) is None
    assert plot.nearest(plot.box.sceneBoundingRect().bottomRight() + QPointF(5, 5)) is None
    plot.set_spots(np.float32([[3, 3], [3, 3]]), [spots(0)])
    plot.fit()
    (left, right), (bottom, top) = plot.viewRange()
    assert left < 3 < right and bottom < 3 < top and right - left < 1e-3
    before = len(plot.contents)
    plot.set_spots(np.empty((0, 2), np.float32), [])
    assert len(plot.contents) == before - 1 and plot.shown.tolist() == []


def test_rings_and_lines_of_the_plot(show):
    plot = show(AtlasPlot())
    plot.set_spots(POINTS, [spots(0, 1, 2, 3)])
    plot.hovered.emit(2)
    assert plot._near.getData()[0].tolist() == [10] and plot._near.getData()[1].tolist() == [5]
    plot.set_spots(POINTS, [spots(0)])
    assert not len(plot._near.getData()[0]), "of other points none is under the mouse"
    places = np.array([0, 2, 3])
    plot.mark_selected(places, 3, True)
    assert plot._path.getData()[0].tolist() == [0, 10, 4] and plot.ringed() == ([(0, 0), (10, 5), (4, 2)], [(4, 2)])
    plot.mark_selected(places, None, False)
    assert plot._path.getData()[0].tolist() == [0, 0, 0, 10, 0, 4] and plot.ringed()[1] == []
    told = []
    plot.hovered.connect(told.append)
    plot.leaveEvent(QEvent(QEvent.Type.Leave))
    assert told == [None]


# --- the picture under the mouse ---


def test_only_the_latest_picture_is_shown_beside_the_mouse(show):
    plot, held, read = show(AtlasPlot()), Held(), []
    atlas = SimpleNamespace(image=lambda place: read.append(place) or np.full((2, 2, 1), place, np.uint8))
    peek = Peek(atlas, held, plot)
    QCursor.setPos(plot.mapToGlobal(plot.rect().center()))
    peek.show_point(1)
    peek.show_point(1)
    peek.show_point(2)
    peek.show_point(3)
    assert len(held.waiting) == 1
    held.answer()
    assert read == [1] and not peek.isVisible() and len(held.waiting) == 1
    held.answer()
    assert read == [1, 3] and peek.isVisible() and not held.waiting
    assert peek.pixmap().deviceIndependentSize().toTuple() == (96, 96)
    assert peek.pos() - plot.mapFromGlobal(QCursor.pos()) == QPointF(18, 18).toPoint()
    peek.show_point(3)
    assert not held.waiting, "it is shown already"
    peek.show_point(None)
    assert not peek.isVisible()
    peek.show_point(3)
    peek.show_point(None)
    held.answer()
    assert not peek.isVisible(), "the mouse has left meanwhile"
    QCursor.setPos(plot.mapToGlobal(plot.rect().bottomRight()))
    peek.show_point(4)
    _, _, failed = held.waiting.pop()
    failed()
    peek.show_point(5)
    held.answer()
    assert peek.isVisible() and plot.rect().contains(peek.geometry())
    assert peek.geometry().bottomRight() == plot.rect().bottomRight()


# --- what is picked ---


class Picking(QObject):
    """An atlas with points of which the test picks some."""

    picked_changed = Signal()

    def __init__(self, count):
        super().__init__()
        keys = np.stack([np.arange(count), np.where(np.arange(count) == 1, 0, CLEAN), np.zeros(count, int)], axis=1)
        self.points = AtlasMap(keys, np.zeros(count, int), (np.arange(count) % 3 == 1).astype(int))
        self.states, self.picked, self.read = ["sigma 5"], np.empty(0, int), []

    def image(self, place):
        self.read.append(place)
        return np.zeros((2, 2, 1), np.uint8)

    def pick(self, places):
        self.picked = np.array(places, int)
        self.picked_changed.emit()


def test_the_first_picked_points_are_listed_with_pictures(show, qtbot):
    atlas, held, chosen = Picking(300), Held(), []
    listed = show(PickedList(atlas, numpy_runs.NAMES, held))
    listed.chosen.connect(chosen.append)
    atlas.pick([])
    assert not listed.isVisible() and not held.waiting
    atlas.pick([5, 1])
    assert listed.isVisible() and listed.summary.text() == "2 points, 1 wrong: cat (2)."
    assert [listed.list.item(row).text() for row in range(2)] == ["cat", "cat → dog"]
    assert listed.list.item(1).toolTip() == "Image 1, sigma 5: cat taken for dog"
    held.answer()
    assert atlas.read == [5, 1] and not held.waiting and not listed.list.item(1).icon().isNull()
    for signal in (listed.list.itemClicked, listed.list.itemActivated):
        signal.emit(listed.list.item(1))
    assert chosen == [1, 1]
    for count, more in ((200, False), (201, True)):
        atlas.read.clear()
        atlas.pick(range(count))
        assert listed.summary.text().endswith(". The first 200 are shown.") == more and listed.list.count() == 200
        held.answer()
        assert atlas.read == list(range(20)) and len(held.waiting) == 1
        held.answer_all()
        assert atlas.read == list(range(200)) and not any(listed.list.item(k).icon().isNull() for k in (0, 20, 199))
    atlas.pick(range(30))
    atlas.read.clear()
    atlas.pick(range(40, 45))
    held.answer()
    assert listed.list.item(0).icon().isNull() and len(held.waiting) == 1, "others were picked meanwhile"
    held.answer_all()
    assert not listed.list.item(4).icon().isNull() and atlas.read == [*range(20), *range(40, 45)]
    listed.list.setCurrentRow(0)
    for key, row in ((Qt.Key.Key_Space, 0), (Qt.Key.Key_Right, 1)):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        listed.list.keyPressEvent(event)
        assert event.isAccepted() == bool(row) and listed.list.currentRow() == row


# --- the page ---


class Scorer(QObject):
    located = Signal()

    def __init__(self):
        super().__init__()
        self.dropped = []

    def knows(self, model):
        return True

    def drop(self, ticket):
        self.dropped.append(ticket)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return numpy_runs.sweep(tmp_path_factory.mktemp("atlas-page") / "run")


@pytest.fixture
def page(run, show, qapp):
    """The page with its map, in which each point is at (its image, its state); nothing is computed."""
    session, held, selected = SweepSession(run, held_session := Held()), Held(), []
    held_session.answer_all()
    controller = SimpleNamespace(scorer=Scorer(), background=held)
    commands = SimpleNamespace(button=lambda name: QToolButton())
    page = AtlasPage(controller, session, commands, lambda: mapped, lambda *point: selected.append(point))
    show(page, 700, 500)
    mapped = map_sweep(run)
    keys = mapped.keys
    predicted = np.where(keys[:, 1] == 2, 2, 0)
    points = AtlasMap(
        keys, run.clean.class_index[keys[:, 0]].astype(int), predicted, {"PCA": keys[:, :2].astype(np.float32)}
    )
    page.chosen, page.answers, page.in_view = selected, held_session, session
    assert page.plot.shown.tolist() == [] and page.legend.text() == "" and page.atlas.start() is None
    page.atlas.mapped, page.atlas.points, page.atlas.waiting = mapped, points, ""
    page.atlas.changed.emit()
    return page


def test_what_the_boxes_of_the_atlas_choose(page, run):
    keys, points = page.atlas.points.keys, page.atlas.points
    assert (
        page.boxes.method.currentText() == "PCA"
        and len(page.plot.shown) == 36
        and page.about.text().startswith("The axes")
    )
    assert page.legend.text().count("■") == 3 and "more" not in page.legend.text()
    page._names = tuple(map(str, range(24)))
    for last, alike in ((20, True), (19, False)):  # the colour of class 20 is that of class 0
        points.actual[points.actual == points.actual.max()] = last
        page.boxes.colouring.setCurrentText(PREDICTED)
        assert "same colour" not in page.legend.text()
        page.boxes.colouring.setCurrentText(CLASS)
        assert ("Some classes have the same colour: choose one class" in page.legend.text()) == alike
    page.boxes.classes.setCurrentIndex(1)
    assert sorted(page.plot.shown.tolist()) == np.flatnonzero(points.actual == 0).tolist()
    page.boxes.states.setCurrentText("misclassified")
    shown = np.flatnonzero((points.actual == 0) & points.wrong)
    assert sorted(page.plot.shown.tolist()) == shown.tolist()
    everywhere = np.array([(-99.0, -99.0), (99.0, -99.0), (99.0, 99.0), (-99.0, 99.0)])
    assert "pick-nothing" not in page.offers()
    page.plot.picked.emit(everywhere)
    assert sorted(page.atlas.picked.tolist()) == shown.tolist() and len(page.plot._outline.getData()[0]) == 5
    page.offers()["pick-nothing"]()
    assert len(page.atlas.picked) == 0 and not len(page.plot._outline.getData()[0])
    page.boxes.classes.setCurrentIndex(0)
    page.boxes.states.setCurrentIndex(0)
    colours = []
    for by in (CLASS, PREDICTED, VERDICT, SEVERITY):
        page.boxes.colouring.setCurrentText(by)
        colours.append({item.opts["brush"].color().name() for item in page.plot._spots})
    assert [len(found) for found in colours] == [3, 2, 2, 4]
    strongest = group_colour(page.palette(), SEVERITY, 3, 4).name()
    assert strongest in colours[3] and "sigma 90" in page.legend.text()
    symbols = {item.opts["symbol"] for item in page.plot._spots}
    assert symbols == {"o", "t1", "x"}
    tools = page.offers()
    assert [tools[tool.value].checked for tool in Tool] == [True, False, False]
    told = []
    page.offers_changed.connect(lambda: told.append(1))
    tools["lasso"].do()
    assert page.plot.box.tool is Tool.LASSO and told == [1] and page.offers()["lasso"].checked
    page.plot.setRange(xRange=(1, 2))
    page.fit()
    assert page.plot.viewRange()[0][1] > 8 and len(keys) == 36
    assert page.figure().name.endswith("-atlas")
    page.boxes.states.setCurrentText("misclassified")
    page.boxes.classes.setCurrentIndex(1)
    figure = page.figure()
    assert figure.name.endswith("-atlas-misclassified-class-cat")
    assert figure.caption.endswith("; only misclassified, class cat")


def test_points_of_the_atlas_are_named_and_chosen(page, run):
    keys = page.atlas.points.keys
    clean, noisy = (int(np.flatnonzero((keys[:, 0] == 4) & (keys[:, 1] == state))[0]) for state in (CLEAN, 2))
    page.plot.hovered.emit(noisy)
    assert page.hint.text().startswith("Image 4, sigma 30")
    page.plot.hovered.emit(None)
    assert page.hint.text() == HINT
    page.plot.clicked.emit(clean)
    page.list.chosen.emit(noisy)
    assert [(image, state and state.name, copy) for image, state, copy in page.chosen] == [
        (4, None, 0), (4, "sigma 30", 0),
    ]  # fmt: skip
    session = page.in_view
    session.select((6, 2, 0))
    page.answers.answer_all()
    assert page.plot.ringed() == ([(6, CLEAN), (6, 0), (6, 1), (6, 2)], [(6, 2)])
    state = page.viewpoint_state()
    page.restore({"atlas": {"colours": "severity", "show": "no such thing"}})
    assert page.boxes.colouring.currentText() == "severity" and page.boxes.states.currentIndex() == 0
    page.restore(state)
    assert page.viewpoint_state() == state
    with pytest.raises(InputError):
        page.restore({"atlas": []})


def test_what_the_atlas_waits_for_and_lacks(page, monkeypatch):
    atlas = page.atlas
    assert not page.waiting.isVisible() and not page.again.isVisible()
    model = page.boxes.method.model()
    enabled = [model.item(n).isEnabled() for n in range(page.boxes.method.count())]
    assert enabled == [page.boxes.method.itemText(n) == "PCA" for n in range(page.boxes.method.count())]
    atlas.waiting = "Mapping…"
    atlas.changed.emit()
    assert page.waiting.isVisible() and page.waiting.text() == "Mapping…"
    atlas.waiting, atlas.problem = "", "It failed."
    atlas.changed.emit()
    assert page.waiting.text() == "It failed." and not page.again.isVisible(), "a Python function cannot be loaded"
    atlas.points.places["t-SNE"] = atlas.points.places["PCA"] * 2
    page.plot.picked.emit(np.array([(-99.0, -99.0), (99.0, -99.0), (99.0, 99.0)]))
    assert len(atlas.picked)
    atlas.changed.emit()
    assert page.boxes.method.currentText() == "t-SNE" and page.about.text().startswith("Neighbours")
    assert len(atlas.picked) == 0, "an outline of another map means nothing"
    page.boxes.method.setCurrentText("PCA")
    atlas.changed.emit()
    assert page.boxes.method.currentText() == "PCA", "what was chosen by hand stays"
    started = []
    monkeypatch.setattr(atlas, "start", lambda: started.append(1))
    page.shown()
    assert not started, "what has failed is not tried again by itself"
    atlas.problem = ""
    page.shown()
    atlas.problem, atlas.mapped = "It failed.", None
    page.shown()
    page.hide()
    page.shown()
    assert len(started) == 2
    dark = QPalette(page.palette())
    dark.setColor(QPalette.ColorRole.Window, QColor("black"))
    page.boxes.colouring.setCurrentText(VERDICT)
    page.setPalette(dark)
    assert "#ff5550" in page.legend.text()
    page.atlas.points = None
    atlas.changed.emit()
    assert page.legend.text() == page.about.text() == "" and page.plot.shown.tolist() == []
