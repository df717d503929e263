"""Themes, the layout of the window, and dense screens."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QListWidget, QListWidgetItem, QRadioButton

from tfstab.gui.choice import ChoiceButton, ChoiceToolButton
from tfstab.gui.style import FramedStyle
from tfstab.gui.theme import apply_theme

WINDOW = QPalette.ColorRole.Window
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def keep_theme(qapp):
    yield
    apply_theme(qapp, "system")


def test_light_and_dark_theme_plots_too(window, qtbot, keep_theme, open_window):
    page = window.page()

    def colours():
        picture = page.scatter.grab().toImage()
        return picture.pixelColor(3, 3).lightness(), window.palette().color(QPalette.ColorRole.Window).lightness()

    window.commands["theme-dark"].trigger()
    qtbot.wait(50)
    assert max(colours()) < 100 and window.commands["theme-dark"].isChecked()
    dark = page.scatter._selected.opts["pen"].color().lightness()
    window.commands["theme-light"].trigger()
    qtbot.wait(50)
    light = page.scatter._selected.opts["pen"].color().lightness()
    assert min(colours()) > 200 and light < 60 and dark > 200
    assert window.controller.settings.theme() == "light" and not window.commands["theme-dark"].isChecked()
    window.close()
    again = open_window()
    assert again.commands["theme-light"].isChecked()


def test_tables_follow_the_theme(window, qtbot, keep_theme):
    page = window.page()
    page.tabs.show_view("Misclassifications")

    def lightness():
        picture = page.points_page.table.viewport().grab().toImage()
        return picture.pixelColor(picture.width() - 3, picture.height() - 3).lightness()

    for theme, dark in (("dark", True), ("light", False), ("dark", True)):
        window.commands[f"theme-{theme}"].trigger()
        qtbot.wait(1)
        assert (lightness() < 128) == dark


def test_images_are_beside_the_scatter_of_a_wide_window(window, settle):
    page, triple = window.page(), window.page().triple
    for width, view, beside in ((1280, "Scatter", False), (1700, "Scatter", True), (1700, "Misclassifications", False)):
        window.resize(width, 900)
        page.tabs.show_view(view)
        settle(window)
        across = triple.mapTo(page, triple.rect().topLeft()).x() > 0
        assert across == beside and triple.isVisible()
        stacked = triple.degraded.y() > triple.clean.y()
        assert stacked == beside


def test_tables_use_their_width_unless_columns_were_changed_by_hand(window, settle):
    page = window.page()
    page.tabs.show_view("Metrics")
    settle(window)
    table = page.metrics.headline
    widths = [sum(map(table.columnWidth, range(table.array.columnCount())))]
    for by in (200, 200):
        room = table.viewport().width()
        assert room - table.array.columnCount() <= widths[-1] <= room
        window.resize(window.width() + by, window.height())
        settle(window)
        widths.append(sum(map(table.columnWidth, range(table.array.columnCount()))))
    assert widths[0] < widths[1] < widths[2]
    table.setColumnWidth(0, 20)
    chosen = [table.columnWidth(column) for column in range(table.array.columnCount())]
    window.resize(window.width() + 100, window.height())
    settle(window)
    assert [table.columnWidth(column) for column in range(table.array.columnCount())] == chosen


def test_the_layout_is_reset(window, qtbot):
    window.panels.facts.toggleViewAction().trigger()
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.panels.runs)
    window.resize(900, 600)
    window.commands["reset-layout"].trigger()
    assert window.panels.facts.isVisible() and window.panels.runs.isVisible()
    room = window.screen().availableSize()
    assert window.width() <= room.width() and window.height() <= room.height()
    assert window.dockWidgetArea(window.panels.runs) == Qt.DockWidgetArea.LeftDockWidgetArea


def test_a_window_whose_screen_is_gone_comes_back(window, open_window, runs):
    window.move(20_000, 15_000)
    assert not QApplication.primaryScreen().availableGeometry().intersects(window.frameGeometry())
    window.close()
    again = open_window(runs / "search")
    seen = QApplication.primaryScreen().availableGeometry().intersected(again.frameGeometry())
    assert seen.width() >= 200 and seen.height() >= 200


def test_all_is_sharp_and_in_its_place_on_a_dense_screen(runs):
    script = Path(__file__).with_name("look_at_dense_screen.py")
    look = [sys.executable, script, runs / "sweep"]
    looked = subprocess.run(look, capture_output=True, text=True, timeout=120, check=False)
    assert looked.returncode == 0, looked.stderr


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("made", [QCheckBox, QRadioButton, QListWidget])
def test_frames_of_boxes_that_are_not_ticked_stand_out(qtbot, keep_theme, qapp, theme, made):
    apply_theme(qapp, theme)
    widget = made()
    qtbot.addWidget(widget)
    widget.setStyle(style := FramedStyle())
    if made is QListWidget:
        QListWidgetItem("", widget).setCheckState(Qt.CheckState.Unchecked)
    widget.show()
    picture = widget.grab().toImage()
    middle = widget.visualItemRect(widget.item(0)).center().y() if made is QListWidget else picture.height() // 2
    lights = [light(picture.pixelColor(x, middle)) for x in range(3, 20)]
    background = light(widget.palette().color(widget.viewport().backgroundRole() if made is QListWidget else WINDOW))
    contrasts = [(max(one, background) + 0.05) / (min(one, background) + 0.05) for one in lights]
    assert max(contrasts) >= 3, style


def light(colour):
    """Relative luminance, as in WCAG 2."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("kind", [ChoiceButton, ChoiceToolButton])
def test_a_choice_is_underlined_while_it_is_checked(qtbot, kind):
    button = kind()
    qtbot.addWidget(button)
    button.setCheckable(True)
    button.resize(60, 30)
    colour = button.palette().color(QPalette.ColorRole.Highlight).lighter(130).rgb()

    def coloured():
        image = button.grab().toImage()
        return {(x, y) for x in range(60) for y in range(30) if image.pixel(x, y) == colour}

    assert coloured() == set()
    button.setChecked(True)
    assert coloured() == {(x, y) for x in range(3, 57) for y in range(26, 29)}
