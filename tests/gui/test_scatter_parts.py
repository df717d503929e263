"""The plots of a sweep, each by itself and without a window: scatter plots, classes, accuracy."""

import numpy as np
import pytest
from doubles import AtOnce, heard
from made_up_runs import sweep
from PySide6.QtCore import QRectF, QSize
from PySide6.QtWidgets import QApplication

from tfstab import open_run
from tfstab.degradations import get_degradation
from tfstab.gui.content.comparison import Curve
from tfstab.gui.content.points import CORRECT, WRONG, Cloud
from tfstab.gui.sessions.beside import Neighbour
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.sweep.accuracy_plot import SIGNS, AccuracyPlot
from tfstab.gui.widgets.sweep.beside_plots import BesidePlots
from tfstab.gui.widgets.sweep.class_multiples import HEIGHT, WIDTH, ClassMultiples
from tfstab.gui.widgets.sweep.confusion_view import percent
from tfstab.gui.widgets.sweep.scatter_plot import CELL, SINGLE, ScatterPlot


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return open_run(sweep(tmp_path_factory.mktemp("parts") / "sweep"))


def test_points_leave_the_range_in_view_as_it_is(show):
    plot = show(ScatterPlot(), 600, 400)
    few = Cloud.sort(np.float32([120, 200]), np.float32([3, 6]), np.array([1, 0]))
    rng = np.random.default_rng(0)
    many = Cloud.sort(*rng.uniform(0.1, 0.9, (2, 6000)).astype(np.float32), np.arange(6000))
    before = plot.viewRange()
    for clouds in ({WRONG: few}, {CORRECT: many}):
        plot.set_clouds(clouds)
        plot.mark_near((120.0, 3.0))
        plot.mark_selected((200.0, 6.0))
        QApplication.processEvents()
        assert plot.viewRange() == before
    plot.fit()
    plot.draw()
    size, (across, up) = plot.getViewBox().size(), plot.viewRange()
    assert plot._image.shown.shape == (int(size.height()) // CELL, int(size.width()) // CELL, 4)
    rect = QRectF(across[0], up[0], across[1] - across[0], up[1] - up[0])
    assert plot._image.boundingRect() == rect
    assert plot.selected == (200.0, 6.0)


def test_the_plots_of_other_runs_come_and_go(show, swept):
    session, other = SweepSession(swept, AtOnce()), SweepSession(swept, AtOnce())
    own = ScatterPlot()
    beside = show(BesidePlots(session, own), 900, 400)
    points = other.points
    places = np.arange(len(points))
    one = Neighbour(other, "<other>", points, other.view.shown, places, points.predicted)
    named, chosen = heard(beside.named), heard(beside.chosen)
    titles = beside.findChildren(type(beside._own_title))
    assert not titles[0].isVisible()
    session.beside.neighbours = [one, one]
    session.beside.changed.emit()
    first, second = beside.plots
    assert titles[0].isVisible() and beside.count() == 3 and first.viewRange() == second.viewRange() == own.viewRange()
    second.hovered.emit(4)
    at = (float(points.psnr[4]), float(points.score[4]))
    assert named[-1] == (other.describe(4),) and tuple(second._near.points()[0].pos()) == pytest.approx(at)
    second.clicked.emit(4)
    assert chosen == [(other, points.key(4))]
    session.beside.neighbours = [one]
    session.beside.changed.emit()
    assert beside.plots == [first]
    count = len(named)
    second.hovered.emit(4)
    second.clicked.emit(4)
    assert len(named) == count and len(chosen) == 1, "its plot is being removed"
    first.hovered.emit(None)
    assert named[-1] == ("",)


# --- classes and confusions ---


def test_one_class_takes_all_the_room(show, swept):
    session = SweepSession(swept, AtOnce())
    classes = ClassMultiples(session)
    assert classes.gridSize() == QSize(WIDTH, HEIGHT) and classes.model().rowCount() == 3
    changed = heard(classes.model().dataChanged)
    session.grids.changed.emit()
    assert [(first.row(), last.row()) for first, last, *_ in changed] == [(0, 2)]
    session.classes = session.classes[:1]
    show(classes, 900, 300)
    room = classes.viewport().size()
    assert classes.gridSize() == QSize(room.width() - 2, room.height() - 2)
    told = heard(classes.chosen)
    classes.clicked.emit(classes.model().index(0))
    assert told == [(0,)]


def test_shares_have_few_digits():
    assert [percent(share) for share in (1, 0.38, 0.1, 0.0994, 0.032, 0.0004)] == [
        "100",
        "38",
        "10",
        "9.9",
        "3.2",
        "0.0",
    ]


# --- accuracy ---


def curve(name, severities):
    values = np.linspace(0.9, 0.5, len(severities))
    ends = np.stack([values - 0.1, values + 0.05])
    return Curve(name, np.array(severities, float), values, ends, values + 0.02, np.arange(3), 2)


def test_accuracy_at_one_severity_and_of_nothing(show):
    quality = get_degradation("jpeg")
    for family, inverted in ((quality, True), (get_degradation("gaussian_noise"), False)):
        plot = show(AccuracyPlot(family), 600, 400)
        plot.set_curves([curve("own", [40])])
        left, right = plot.viewRange()[0]
        assert plot.getViewBox().xInverted() == inverted and min(left, right) < 40 < max(left, right)
        plot.set_curves([curve("own", []), curve("other", [40, 60])])
        assert not plot.getViewBox().xInverted() and plot.values_at(40, 50).startswith("other, ")
        assert " 40: 90.0 % (80.0–95.0); 92.0 % of images right when clean" in plot.values_at(40, 50)
        (_, far), (bottom, top) = plot.viewRange()
        assert far > 60 and 30 < bottom < 40 and 100 < top < 105


def test_more_curves_than_symbols_begin_again(show):
    plot = show(AccuracyPlot(get_degradation("gaussian_noise")), 600, 400)
    plot.set_curves([curve(f"run {k}", [5, 90]) for k in range(8)])
    symbols = [everything.opts["symbol"] for everything, _ in plot.lines]
    assert len(set(symbols[:6])) == 6 and symbols[6:] == symbols[:2]
    pens = [everything.opts["pen"].color().name() for everything, _ in plot.lines]
    assert len(set(pens[:6])) == 6 and pens[6:] == pens[:2]
    signs = [plot.legend.text().count(sign) for sign in SIGNS]
    assert signs == [2, 2, 1, 1, 1, 1]


def test_how_many_points_are_drawn_one_by_one(qtbot):
    plot = ScatterPlot()
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    for count in (SINGLE - 1, SINGLE):
        x = np.linspace(10, 40, count).astype(np.float32)
        plot.set_clouds({0: Cloud(x, np.full(count, 0.5, np.float32), np.arange(count))})
        plot.fit()
        plot.draw()
        assert sum(plot.drawn_single.values()) == (count if count < 5_000 else 0)
