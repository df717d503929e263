"""What plots, and the lists beside them, show and tell, against values worked out by hand; each without a window."""

from types import SimpleNamespace

import numpy as np
import pyqtgraph as pg
import pytest
from numpy_runs import sweep
from PySide6.QtCore import QPointF, QRectF, Qt

from tfstab.gui.content.comparison import Curve
from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG, Cloud
from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.sessions.class_grids import Grid
from tfstab.gui.widgets.pick_box import PickBox, Tool
from tfstab.gui.widgets.search.history_plot import HistoryPlot, make_plots
from tfstab.gui.widgets.search.live_list import LiveList, LiveModel
from tfstab.gui.widgets.search.replay_bar import ReplayBar, described
from tfstab.gui.widgets.sweep.accuracy_plot import AccuracyPlot
from tfstab.gui.widgets.sweep.class_multiples import _share, grid_image
from tfstab.gui.widgets.sweep.density_item import DensityItem
from tfstab.gui.widgets.sweep.scatter_plot import ScatterPlot
from tfstab.stepwise import finished

Role = Qt.ItemDataRole


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("widgets") / "sweep")


def test_the_history_of_a_search_by_hand(show):
    plot, moved = show(HistoryPlot(finished(make_plots())), 900, 200), []
    plot.replay.moved.connect(moved.append)
    history = np.array([[1e8, 2e8, 5.0, 0.0], [7.0, 1e8, 6.0, 0.25], [-1.0, 0.0, 4.0, 0.5]])
    plot.set_history(history)
    assert plot.norm.line.xData.tolist() == [1, 2, 3] and plot.norm.line.yData.tolist() == [5, 6, 4]
    assert plot.share.line.yData.tolist() == [0, 25, 50]
    assert plot.fitness.lines[0].getOriginalDataset()[1].tolist() == [1e8, 7, 0.01]
    assert plot.fitness.lines[1].getOriginalDataset()[1].tolist() == [2e8, 1e8, 0.01]
    assert plot.replay.isVisible() and moved == [None] and not plot.norm.cursor.isVisible()
    plot.replay.slider.setValue(2)
    assert moved[-1] == 2 and plot.norm.cursor.isVisible() and plot.share.cursor.value() == 2
    assert plot.replay.values.text() == (
        "Generation 2 of 3:  objective 7, mean 1e+08  ·  norm 6.0  ·  misclassified 25 %"
    )
    plot.replay.slider.setValue(3)
    assert moved[-1] is None and not plot.norm.cursor.isVisible()
    plot.set_others([np.array([1.0, 2.0]), np.array([3.0])])
    x, y = plot.norm._others.getData()
    np.testing.assert_array_equal(x, [np.nan, 1, 2, np.nan, 1, np.nan])
    np.testing.assert_array_equal(y, [np.nan, 1, 2, np.nan, 3, np.nan])
    plot.set_history(np.empty((0, 4)))
    assert plot.empty.isVisible() and not plot.replay.isVisible()


def test_a_replay_runs_through_the_generations_once(show):
    bar, moved = show(ReplayBar()), []
    bar.set_history(np.tile([1.0, 2.0, 3.0, 0.5], (400, 1)))
    bar.moved.connect(moved.append)
    assert bar.slider.value() == bar.slider.maximum() == 400 and bar.slider.pageStep() == 40
    bar.play.setChecked(True)
    bar._timer.stop()  # the test beats the time
    assert bar.slider.value() == 1 and moved == [1]
    for _ in range(9):
        bar._advance()
    assert bar.slider.value() == int(1 + 9 * 400 * 33 / 6000) == moved[-1]
    bar.play.setChecked(False)
    bar.play.setChecked(True)
    assert bar.slider.value() == 20 and bar._timer.isActive()
    while bar.play.isChecked():
        bar._advance()
    assert bar.slider.value() == 400 and moved[-1] is None and not bar._timer.isActive()
    assert described(np.array([1e8, 2.0, 3.04, 0.126]), 1234, 5000) == (
        "Generation 1,234 of 5,000:  objective 1e+08, mean 2  ·  norm 3.0  ·  misclassified 13 %"
    )


def test_the_list_of_images_in_work(show):
    view, chosen = show(LiveList()), []
    view.chosen.connect(chosen.append)
    images = [LiveImage(4, 7, 350, True, 12.34), LiveImage(9, 2)]
    view.table.classes = {4: "cat"}
    view.show_images(images, 9)
    model: LiveModel = view.table
    assert [[model.index(r, c).data() for c in range(4)] for r in range(2)] == [
        ["4", "cat", "7", "norm 12.3"], ["9", "", "2", "not flipped yet"],
    ]  # fmt: skip
    assert [model.headerData(c, Qt.Orientation.Horizontal) for c in range(4)] == ["Image", "Class", "Gen.", "Noise"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.index(0, 1).data(Role.AccessibleTextRole) == "Image 4, class cat: norm 12.3"
    assert model.index(0, 1).data(Role.TextAlignmentRole) is None and model.index(0, 2).data(Role.TextAlignmentRole)
    assert view.currentIndex().row() == 1 and chosen == []
    view.setCurrentIndex(model.index(0, 0))
    assert chosen == [4]
    changed = []
    model.dataChanged.connect(lambda *_: changed.append("data"))
    model.modelReset.connect(lambda: changed.append("reset"))
    view.show_images([LiveImage(4, 8), LiveImage(9, 3)], 4)
    view.show_images([LiveImage(9, 4)], 9)
    view.show_images([], None)
    assert changed == ["data", "reset", "reset"] and model.rowCount() == 0 and chosen == [4]


def test_curves_of_accuracy_by_hand(show, swept):
    plot = show(AccuracyPlot(swept.degradation))
    ends = np.array([[0.8, 0.4], [0.95, 0.7]])
    curve = Curve("<a>", np.array([5.0, 90.0]), np.array([0.9, 0.5]), ends, np.array([0.95, 0.3]), np.arange(3), 2)
    plot.set_curves([curve, curve])
    (all_images, right), _ = plot.lines
    assert all_images.yData.tolist() == [90, 50] and right.yData.tolist() == [95, 30]
    assert all_images.xData.tolist() == [5, 90] and len(plot.lines) == 2
    (left, far), (bottom, top) = plot.viewRange()
    assert left < 0 and far > 90 and left == pytest.approx(-0.04 * 90, abs=0.6) and bottom < 30 and 100 < top < 106
    assert "&lt;a&gt;" in plot.legend.text() and plot.legend.text().count("●") == 1 and "■" in plot.legend.text()
    assert not plot.getViewBox().xInverted()
    quality = SimpleNamespace(axis="quality", parameter="quality", at="quality {}".format, neutral=100)
    falling = show(AccuracyPlot(quality))
    falling.set_curves([curve])
    assert falling.getViewBox().xInverted()
    falling.set_curves([])
    assert falling.lines == []


def test_a_scatter_by_hand(show):
    plot = show(ScatterPlot(), 600, 400)
    rng = np.random.default_rng(0)
    many = Cloud.sort(
        rng.uniform(10, 30, 6000).astype(np.float32), rng.uniform(0.5, 1, 6000).astype(np.float32), np.arange(6000)
    )
    few = Cloud.sort(np.float32([12, 20]), np.float32([0.3, 0.6]), np.array([7001, 7000]))
    plot.set_clouds({CORRECT: many, WRONG: few})
    plot.fit()
    plot.draw()
    (left, right), (bottom, top) = plot.viewRange()
    pad = 0.03 * (many.x.max() - many.x.min())
    assert (left, right) == pytest.approx((many.x.min() - pad, many.x.max() + pad), abs=1e-3)
    assert (bottom, top) == pytest.approx((0.26, 1.04), abs=1e-3)
    assert plot.drawn_single == {CORRECT: 0, CLEAN_WRONG: 0, WRONG: 0}
    assert plot._image.shown is not None
    plot.set_clouds({WRONG: few})
    assert plot._image.shown is None and plot.drawn_single == {CORRECT: 0, CLEAN_WRONG: 0, WRONG: 2}
    plot.fit()
    assert plot.viewRange()[0] == pytest.approx([11.5, 20.5])
    spot = plot.getViewBox().mapViewToScene(QPointF(20, 0.6))
    assert plot.nearest(spot) == 7000 and plot.nearest(spot + QPointF(11, 0)) == 7000
    assert plot.nearest(spot + QPointF(14, 0)) is None and plot.nearest(QPointF(-50, -50)) is None
    told = []
    plot.clicked.connect(told.append)

    def click(button, double=False, at=spot):
        return SimpleNamespace(button=lambda: button, double=lambda: double, scenePos=lambda: at)

    plot._click(click(Qt.MouseButton.RightButton))
    plot._click(click(Qt.MouseButton.LeftButton, at=spot + QPointF(40, 40)))
    plot._click(click(Qt.MouseButton.LeftButton))
    assert told == [7000]
    plot.setRange(QRectF(0, 0, 1, 1))
    plot._click(click(Qt.MouseButton.LeftButton, double=True))
    assert plot.viewRange()[0] == pytest.approx([11.5, 20.5]) and told == [7000]
    plot.mark_outline(np.array([(0, 0), (1, 0), (1, 1)]))
    assert plot._outline.getData()[0].tolist() == [0, 1, 1, 0]
    plot.mark_outline(None)
    assert plot._outline.getData()[0] is None or not len(plot._outline.getData()[0])
    plot.mark_near((1.0, 2.0))
    assert len(plot._near.points()) == 1
    plot.set_clouds({})
    assert len(plot._near.points()) == 0


def test_drawing_an_outline_with_the_mouse(show):
    box = PickBox()
    view = show(pg.GraphicsView())
    view.setCentralItem(box)
    box.setRange(QRectF(0, 0, 10, 10), padding=0)
    drawn, picked = [], []
    box.drawing.connect(drawn.append)
    box.picked.connect(picked.append)

    def drag(points, down):
        for k, (x, y) in enumerate(points):
            box.mouseDragEvent(
                SimpleNamespace(
                    button=lambda: Qt.MouseButton.LeftButton,
                    accept=lambda: None,
                    isStart=lambda k=k: k == 0,
                    isFinish=lambda k=k: k == len(points) - 1,
                    pos=lambda x=x, y=y: box.mapFromView(QPointF(x, y)),
                    buttonDownPos=lambda: box.mapFromView(QPointF(*down)),
                )
            )

    box.tool = Tool.RECTANGLE
    drag([(3, 3), (5, 7)], (1, 2))
    np.testing.assert_allclose(picked[-1], [(1, 2), (5, 2), (5, 7), (1, 7)], atol=0.05)
    assert len(drawn) == 2 and len(picked) == 1
    box.tool = Tool.LASSO
    drag([(2, 2), (3, 5), (4, 1)], (1, 1))
    np.testing.assert_allclose(picked[-1], [(1, 1), (2, 2), (3, 5), (4, 1)], atol=0.05)
    drag([(1 + k / 100, 2) for k in range(319)], (1, 1))
    assert len(picked[-1]) == 320 // 3 + 1


def test_a_density_as_a_picture():
    item = DensityItem()
    image = np.zeros((2, 1, 4), np.uint8)
    image[0, 0] = (200, 100, 50, 255)
    image[1, 0] = (200, 100, 50, 51)
    item.show_image(image, QRectF(1, 2, 3, 4))
    assert item.boundingRect() == QRectF(1, 2, 3, 4) and item.shown is image
    assert item._picture.pixelColor(0, 1).getRgb() == (200, 100, 50, 255)  # its first row is the lowest
    faint = item._picture.pixelColor(0, 0)
    assert faint.alpha() == 51 and faint.red() == pytest.approx(200, abs=3)
    item.show_image(None, QRectF())
    assert item._picture is None


def test_a_class_in_small():
    counts = np.zeros((2, 3), np.int64)
    counts[0, 1] = 1
    grid = Grid(0, {CORRECT: counts, WRONG: np.zeros((2, 3), np.int64)}, 8, 9, 2, 0)
    picture = grid_image(grid, ((1, 2, 3), (4, 5, 6), (7, 8, 9)))
    assert (picture.width(), picture.height()) == (3, 2)
    assert picture.pixelColor(1, 1).getRgb() == (1, 2, 3, 140) and picture.pixelColor(1, 0).alpha() == 0
    assert _share(grid) == "25.0 % wrong" and _share(Grid(0, {}, 0, 9, 0, 0)) == "nothing shown"
