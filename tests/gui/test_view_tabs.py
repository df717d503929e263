"""Tabs of a page, also such as a contributor adds."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSlider

from tfstab.gui.widgets.overview.sweep_overview import SweepOverviewPage
from tfstab.gui.widgets.sweep.points_table import PointsTable
from tfstab.gui.widgets.sweep.scatter_plot import ScatterPlot
from tfstab.gui.widgets.sweep.sweep_page import SweepPage
from tfstab.gui.widgets.view import View


class Plain(View, QLabel):
    """A view without signals, which is made at once."""

    shows_triple = False
    times = 0

    def shown(self):
        """Count how often it comes into sight."""
        self.times += 1


def test_a_view_may_be_made_at_once_and_have_no_signals(open_window, runs, monkeypatch):
    arrange = SweepPage._arrange

    def arranged(page):
        arrange(page)
        page.tabs.addTab(Plain("text"), "Mine")

    monkeypatch.setattr(SweepPage, "_arrange", arranged)
    page = open_window(runs / "sweep", view="Mine").page()
    assert page.view.text() == "text" and page.view.times >= 1 and page.viewpoint().view == "Mine"
    assert page.tabs.title() == "Mine" and page.images() is None and "fit" in page.offers()
    page.fit()


def test_a_tab_that_is_chosen_gets_the_keyboard(open_window, runs, qtbot, settle):
    window = open_window(runs / "sweep", overview=True)
    page, session, bar = window.page(), window.controller.current, window.page().tabs.tabBar()
    gets = [SweepOverviewPage, ScatterPlot, PointsTable, None, None, QSlider, QComboBox]
    for again in range(2):  # first, the views are made
        for place, kind in enumerate(gets):
            window.run_list.list.setFocus()
            if again:
                qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
            else:
                qtbot.keyClick(window, str(place + 1), Qt.KeyboardModifier.ControlModifier)
            settle(window)
            focused = window.focusWidget()
            assert page.view.isAncestorOf(focused) and (kind is None or isinstance(focused, kind)), page.tabs.title()
    qtbot.keyClick(window, "3", Qt.KeyboardModifier.ControlModifier)
    before = session.point
    assert before is None, "the keyboard alone selects nothing"
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Down)
    settle(window)
    assert session.point != before, "the arrows go through the table at once"
    bar.setFocus()
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert page.tabs.title() == "Gallery" and window.focusWidget() is bar, "the arrows go on from tab to tab"
