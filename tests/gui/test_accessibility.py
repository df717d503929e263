"""For screen readers and keyboards: names, the order of Tab, arrows; names of strangers are text."""

import itertools

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QPushButton,
    QSlider,
    QToolBar,
    QToolButton,
    QWidget,
)

from tfstab.gui.commands import Offer
from tfstab.gui.focus_frame import UNFRAMED, FocusFrame
from tfstab.gui.widgets.lazy import Lazy

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_every_control_has_a_name(window, every_tab):
    kinds = (QAbstractButton, QAbstractItemView, QComboBox, QGraphicsView, QLineEdit, QSlider)
    seen = 0
    for _ in every_tab(window):
        for control in itertools.chain.from_iterable(window.findChildren(kind) for kind in kinds):
            ours = control.isVisible() and not control.objectName().startswith("qt_")
            inside = any(isinstance(parent, QComboBox | QAbstractItemView) for parent in ancestors(control))
            # The buttons of a panel's own title bar have names from Qt.
            if ours and not inside:
                named = control.accessibleName() or (isinstance(control, QAbstractButton) and control.text())
                assert named, (control, control.parent())
                seen += 1
    assert seen > 100


def ancestors(widget):
    while (widget := widget.parent()) is not None:
        yield widget


def test_tab_reaches_every_control_from_left_to_right(window, every_tab, qtbot):
    qtbot.waitUntil(window.isActiveWindow)
    for _ in every_tab(window):
        page = window.page()
        page.first().setFocus()
        reached = []
        for _ in range(80):
            reached.append(QApplication.focusWidget())
            qtbot.keyClick(reached[-1], Qt.Key.Key_Tab)
            if QApplication.focusWidget() in reached:
                break
        wanted = [
            w
            for w in page.findChildren(QWidget)
            if w.isVisible()
            and w.isEnabled()
            and isinstance(w, QPushButton | QComboBox | QSlider | QLineEdit | QTable)
            and w.focusPolicy() & Qt.FocusPolicy.TabFocus
            and w.focusProxy() is None
        ]
        # What is made late has its place in the order, too.
        owners = [next((w for w in ancestors(each) if isinstance(w, Lazy)), None) for each in reached]
        parts, groups = [w for w in (page.view, *page.beside) if w in owners], [w for w, _ in itertools.groupby(owners)]
        start = groups.index(parts[0])
        assert groups[start : start + len(parts)] == parts, page.tabs.title()
        missed = [w.accessibleName() or w for w in wanted if w not in reached]
        assert not missed, "; ".join(f"{type(w).__name__} {w.accessibleName()}" for w in reached)


QTable = QAbstractItemView | QToolButton


def test_buttons_are_announced_by_what_they_do_now(window):
    toolbar = window.findChild(QToolBar)
    button = next(b for b in toolbar.findChildren(QToolButton) if b.defaultAction() is window.commands["undo"])
    pause = window.commands.button("pause")
    window.commands.serve({"pause": Offer(str, text="&Go on"), "undo": Offer(str, text="&Undo note")})

    def announced(widget):
        return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)

    assert announced(pause) == "Go on" and announced(button) == "Undo note"
    assert window.page().metrics.tabs.accessibleName()


def test_tab_bars_and_sliders_keep_the_arrows(window, qtbot):
    page, session = window.page(), window.controller.current
    point, slider = session.point, page.triple.controls.slider
    gain = slider.value()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() > gain and session.point == point
    page.tabs.tabBar().setFocus()
    qtbot.keyClick(page.tabs.tabBar(), Qt.Key.Key_Right)
    assert page.tabs.title() == "Misclassifications" and session.point == point


def test_names_of_strangers_are_no_html(open_window, runs, settle):
    page = open_window(runs / "rgb").page()
    assert page.scatter_page.nearest.textFormat() == Qt.TextFormat.PlainText
    model, tip = page.gallery.model, Qt.ItemDataRole.ToolTipRole
    settle(page.window())
    tips = [model.index(row).data(tip) for row in range(model.rowCount())]
    assert any("&lt;truck&gt;" in text for text in tips) and not any("<truck>" in text for text in tips)
    pane = page.triple.clean
    pane.set_title("Clean:", "<img src='file:///x'>")
    assert "&lt;img" in pane.title.toolTip()
    confusion = page.metrics.confusion.views[0]
    confusion.set_counts(np.ones((1, 1), np.int64), ("<b>x</b>",))
    assert "&lt;b&gt;x" in confusion.matrix.index(0, 0).data(tip)


def test_a_click_on_the_strip_and_keys_do_the_same(window, settle, qtbot):
    window.controller.select(window.controller.sessions[0])
    settle(window)
    window.page().tabs.show_view("Images")
    strip = window.page().strip
    rect: QRect = strip.visualRect(strip.model().index(2, 0))
    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() + QPoint(0, -10))
    by_click = window.controller.current.image
    window.controller.current.select(0)
    strip.setFocus()
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_Right)
    assert window.controller.current.image == by_click


def test_what_the_keyboard_is_on_has_a_frame(open_window, runs, settle, qtbot):
    window = open_window(runs / "sweep")
    page = window.page()
    qtbot.waitUntil(window.isActiveWindow)
    page.tabs.show_view("Misclassifications")
    settle(window)

    def framed():
        frames = [frame for frame in window.findChildren(FocusFrame) if frame.isVisible()]
        return [(frame.mapTo(window, QPoint()), frame.size()) for frame in frames]

    qtbot.mouseClick(page.points_page.table.viewport(), Qt.MouseButton.LeftButton)
    for _ in range(12):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        expected = [(widget.mapTo(window, QPoint()), widget.size())] if isinstance(widget, UNFRAMED) else []
        assert framed() == expected, widget
    while QApplication.focusWidget() is not page.triple.clean.graphics:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    window.resize(window.width() + 40, window.height())
    settle(window)
    graphics = page.triple.clean.graphics
    assert framed() == [(graphics.mapTo(window, QPoint()), graphics.size())]
    qtbot.mouseClick(page.triple.degraded.graphics.viewport(), Qt.MouseButton.LeftButton)
    assert not framed() or QApplication.focusWidget() is graphics
