"""Opening a run shows no other window, not even for a moment."""

import shutil

import pytest
from made_up_runs import change_info, name_files
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget


class Watch(QObject):
    """Remembers each widget that is shown as a window of its own."""

    def __init__(self, parent):
        super().__init__(parent)
        self.shown = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


@pytest.fixture
def watch(qapp):
    watch = Watch(qapp)
    QApplication.instance().installEventFilter(watch)
    yield watch
    QApplication.instance().removeEventFilter(watch)


@pytest.mark.parametrize("names", [("sweep",), ("jpeg", "sweep"), ("search",)])
def test_a_run_opens_in_the_window_alone(open_window, runs, settle, tmp_path, watch, names):
    """The images are training images, which is said above the tabs, and have the names of files."""
    for name in names:
        shutil.copytree(runs / name, tmp_path / "mine" / name)
        change_info(tmp_path / "mine" / name, lambda info: info["data"].update(split="train"))
        name_files(tmp_path / "mine" / name)
    window = open_window(tmp_path / "mine" if len(names) > 1 else tmp_path / "mine" / names[0], overview=True)
    page = window.page()
    assert page.input_note.isVisible()
    for tab in range(page.tabs.count()):
        page.tabs.setCurrentIndex(tab)
        settle(window)
    if names == ("sweep",):
        assert page.points_page.file.isVisibleTo(page.points_page)
    assert set(watch.shown) == {"MainWindow"}
