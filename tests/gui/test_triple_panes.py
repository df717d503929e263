"""The panes of a degraded image beside its clean one are zoomed together, blink, and want the arrow keys."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent


def test_panes_are_zoomed_together_and_blink(sweep_page, settle, qtbot):
    panel, session = sweep_page.triple, sweep_page.window().controller.current
    session.select_point(1)
    settle(sweep_page.window())
    panel.clean.show_range(QRectF(1.5, 1.5, 1, 1))

    def across(pane):
        (left, right), (bottom, top) = pane.view.viewRange()
        return min(right - left, top - bottom)

    assert [across(pane) for pane in panel.panes] == pytest.approx([1] * 3, rel=0.2)
    panel.degraded.reset_asked.emit()
    assert [across(pane) for pane in panel.panes] == pytest.approx([4 * 1.04] * 3, rel=0.05)
    shown = panel.degraded.shown.copy()
    panel.start_blinking()
    assert np.array_equal(panel.degraded.shown, panel.triple.clean[..., 0]) and "Clean:" in panel.degraded.title.text()
    panel.start_blinking()
    assert np.array_equal(panel.degraded.shown, panel.triple.clean[..., 0]), "it blinks already"
    qtbot.waitUntil(lambda: np.array_equal(panel.degraded.shown, shown))
    panel.stop_blinking()
    assert "Degraded:" in panel.degraded.title.text()
    noise = panel.noise.shown.copy()
    panel.controls.slider.setValue(0)
    assert not np.array_equal(panel.noise.shown, noise), "the gain changes the colours"


def test_keys_zoom_an_image(sweep_page, settle, qapp):
    pane = sweep_page.triple.clean
    sweep_page.window().controller.current.select_point(1)
    settle(sweep_page.window())
    (left, right), _ = pane.view.viewRange()
    qapp.sendEvent(pane.graphics, QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Plus, Qt.KeyboardModifier.NoModifier))
    (nearer, further), _ = pane.view.viewRange()
    assert further - nearer == pytest.approx(0.8 * (right - left))


def test_sliders_and_tab_bars_want_the_arrows(sweep_page, qapp):
    for widget in (sweep_page.triple.controls.slider, sweep_page.tabs.tabBar(), sweep_page.metrics.tabs.tabBar()):
        for key, kept in ((Qt.Key.Key_Left, True), (Qt.Key.Key_Right, True), (Qt.Key.Key_N, False)):
            event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
            event.ignore()
            qapp.sendEvent(widget, event)
            assert event.isAccepted() == kept
