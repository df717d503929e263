"""What a window shows on a screen with two pixels for one, looked at pixel by pixel: look_at_dense_screen.py SWEEP.

A process of its own, since Qt reads the scale when it starts. Fails where something is blurred or in another place.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

os.environ |= {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "2"}

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSettings, QSize, Qt
from PySide6.QtGui import QImage

from tfstab.gui.app import create_window
from tfstab.gui.widgets.simple_plot import SimplePlot

SCALE = 2


def main(run):
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        patience = mock.patch("tfstab.gui.sessions.failure_card.PATIENCE", 10**6)  # or a child process would start
        with patience, mock.patch("tfstab.gui.jobs.unfinished.user_data_path", lambda *_, **__: Path(folder)):
            app, window = create_window([run])
        window.resize(1280, 800)
        window.show()
        settle(app, window)
        assert window.devicePixelRatio() == SCALE
        page = window.page()
        page.tabs.show_view("Scatter")
        window.controller.current.select_point(3)
        settle(app, window)
        the_pixels_of_an_image_are_squares(page.triple.clean)
        points_are_in_their_places(app, page.scatter)
        lines_are_as_wide_as_on_other_screens(app, window)
        page.tabs.show_view("Gallery")
        settle(app, window)
        thumbnails_and_icons_are_sharp(window, page)
        window.close()


def settle(app, window):
    begun = time.monotonic()
    while time.monotonic() < begun + (30 if window.controller.busy else 0.3):
        app.processEvents()
        time.sleep(0.005)  # or waiting would use all of a core


def seen(widget):
    """What a widget shows, int (H, W, 3), in pixels of the screen."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGBX8888)
    assert image.width() == SCALE * widget.width()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), :3].astype(int)


def lines_are_as_wide_as_on_other_screens(app, window):
    plot = SimplePlot()
    plot.addItem(curve := pg.PlotCurveItem([0, 1], [0, 0], pen=pg.mkPen("#0000ff", width=3)))
    plot.setRange(xRange=(0, 1), yRange=(-1, 1))
    plot.resize(300, 200)
    plot.show()
    settle(app, window)
    red, _, blue = np.moveaxis(seen(plot), 2, 0)
    assert abs(((blue > 200) & (red < 60)).sum(axis=0)[300] - 3 * SCALE) <= 1 and curve.opts["pen"].widthF() == 3
    plot.close()


def the_pixels_of_an_image_are_squares(pane):
    screen, shown = seen(pane.graphics), pane.shown
    unit = SCALE / pane.view.viewPixelSize()[0]
    assert unit > 8, "too small to be looked at"
    for row in range(shown.shape[0]):
        for column in range(shown.shape[1]):
            corner = SCALE * pane.view.mapViewToScene(QPointF(column, row))
            x, y = corner.x(), corner.y()
            square = screen[int(y) + 2 : int(y + unit) - 1, int(x) + 2 : int(x + unit) - 1]
            assert square.size and (square == shown[row, column]).all(), (row, column)


def points_are_in_their_places(app, scatter):
    """As a density, whose picture is stretched over the plot."""
    with mock.patch("tfstab.gui.widgets.sweep.scatter_plot.SINGLE", 0):
        scatter.mark_selected(None)
        scatter.draw()
        app.processEvents()
        screen = seen(scatter)
    background = scatter.palette().base().color().getRgb()[:3]
    box = scatter.getViewBox()
    points = [(x, y) for cloud in scatter.clouds.values() for x, y in zip(cloud.x, cloud.y, strict=True)]
    for x, y in points[:: max(1, len(points) // 100)]:
        at = SCALE * box.mapViewToScene(QPointF(float(x), float(y)))
        near = screen[max(round(at.y()) - 6, 0) : round(at.y()) + 7, max(round(at.x()) - 6, 0) : round(at.x()) + 7]
        assert np.abs(near - background).sum(axis=2).max() > 100, f"nothing is shown at {x}, {y}"
    empty = SCALE * box.mapViewToScene(QPointF(box.viewRect().left() + 0.3, 0.98))
    assert np.abs(screen[round(empty.y()), round(empty.x())] - background).sum() < 60, "all is covered"


def thumbnails_and_icons_are_sharp(window, page):
    thumbnail = page.gallery.model.index(0).data(Qt.ItemDataRole.DecorationRole)
    for icon, side in ((thumbnail, 56), (window.commands["open"].icon(), 24), (window.windowIcon(), 24)):
        assert icon.pixmap(QSize(side, side), SCALE).width() == SCALE * side


main(sys.argv[1])
