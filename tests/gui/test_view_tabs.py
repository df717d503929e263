"""Tabs of a page, also such as a contributor adds."""

from PySide6.QtWidgets import QLabel

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
