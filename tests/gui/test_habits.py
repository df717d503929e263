"""What one expects of any desktop program: commands, keys, themes, layout, clipboard, files, screen readers."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QImage, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFileDialog,
    QGraphicsView,
    QInputDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSlider,
    QTextBrowser,
    QToolBar,
    QToolButton,
    QWidget,
)

from tfstab import open_run
from tfstab.gui.commands import TOOLBAR, Offer, all_commands
from tfstab.gui.dialogs import show_error
from tfstab.gui.theme import apply_theme
from tfstab.gui.widgets.palette import Palette, score

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(open_window, runs, settle):
    """A search and, in view, a sweep with a point selected."""
    window = open_window(runs / "search", runs / "sweep")
    window.controller.select(window.controller.sessions[1])
    settle(window)
    window.controller.current.select_point(3)
    settle(window)
    return window


@pytest.fixture
def keep_theme(qapp):
    yield
    apply_theme(qapp, "system")


def palette_of(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_P, CONTROL | SHIFT)
    (palette,) = [p for p in window.findChildren(Palette) if p.isVisible()]
    return palette


def dialog_of(window, kind):
    (dialog,) = [d for d in window.findChildren(kind) if d.isVisible()]
    return dialog


# Commands


def test_each_command_is_said_once_and_keys_do_not_clash(window, settle):
    names = [command.name for _, command in all_commands()]
    assert len(names) == len(set(names)) and {name for group in TOOLBAR for name in group} <= set(names)
    commands = {command.name: command for _, command in all_commands()}
    for session in window.controller.sessions:
        window.controller.select(session)
        settle(window)
        page = window.page()
        for tab in range(page.tabs.count()):
            page.tabs.setCurrentIndex(tab)
            possible = [c for c in commands.values() if window.commands[c.name].isEnabled()]
            keys = [QKeySequence(key).toString() for c in possible for key in c.keys]
            assert len(keys) == len(set(keys)), keys


def test_menus_toolbar_and_palette_hold_the_same_actions(window, qtbot):
    palette = palette_of(window, qtbot)
    listed = [action for _, action in window.commands.listed()]
    assert all(window.commands[command.name] in listed for _, command in all_commands())
    (bar,) = window.findChildren(QToolBar, "toolbar")
    assert [a for a in bar.actions() if not a.isSeparator()] == [window.commands[n] for g in TOOLBAR for n in g]
    offered = [entry.action for entry in palette.model.entries]
    assert offered == [a for a in listed if a.isEnabled()] and window.commands["live"] not in offered
    before = window.controller.current.point
    palette.close()
    button = bar.widgetForAction(window.commands["next"])
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.controller.current.point != before


def test_the_palette_finds_a_command_by_a_few_letters(window, qtbot):
    palette = palette_of(window, qtbot)
    qtbot.keyClicks(palette.line, "gallx")
    assert [e.text for e in palette.model.entries] == []
    palette.line.clear()
    qtbot.keyClicks(palette.line, "galle")
    assert palette.model.entries[0].text == "View: Gallery" and palette.model.entries[0].keys == "Ctrl+3"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.page().tabs.currentWidget() is window.page().gallery
    palette = palette_of(window, qtbot)
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not [p for p in window.findChildren(Palette) if p.isVisible()], timeout=2000)


def test_letters_at_the_beginnings_of_words_fit_best():
    assert score("sf", "File: Save figure") < score("sf", "View: Misclassifications")
    assert score("save f", "File: Save figure") < score("save f", "File: Save table as if") < 10
    assert score("xyz", "File: Save figure") is None and score("", "anything") is not None


def test_the_question_mark_lists_all_keys(window, qtbot):
    qtbot.keyClick(window, "?")
    shown = window.findChild(QTextBrowser).toPlainText()
    for _, command in all_commands():
        assert all(QKeySequence(key).toString() in shown for key in command.keys), command.name
    assert "Hold Space" in shown and "Right click" in shown


def test_keys_reach_every_view_and_class(window, qtbot, settle):
    page, session = window.page(), window.controller.current
    for key, part in zip("1234", (page.scatter_page, page.points_page, page.gallery, page.metrics), strict=True):
        qtbot.keyClick(window, key, CONTROL)
        assert page.tabs.currentWidget() is part
    qtbot.keyClick(window, Qt.Key.Key_1, CONTROL)
    first = session.class_index
    qtbot.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    settle(window)
    assert session.class_index == session.classes[1] and page.filters.classes.currentData() == session.classes[1]
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    settle(window)
    assert session.class_index is None and first == session.classes[0]


def test_keys_zoom_and_move_what_has_the_focus(window, qtbot):
    page = window.page()
    noise = page.triple.noise
    for view, widget in ((page.scatter.getViewBox(), page.scatter), (noise.view, noise.graphics)):
        widget.setFocus()
        (left, right), _ = view.viewRange()
        qtbot.keyClick(widget, Qt.Key.Key_Plus)
        (nearer_left, nearer_right), _ = view.viewRange()
        assert nearer_right - nearer_left == pytest.approx(0.8 * (right - left))
        qtbot.keyClick(widget, Qt.Key.Key_Right, SHIFT)
        assert view.viewRange()[0][0] > nearer_left
    assert page.triple.clean.view.viewRange()[0] == pytest.approx(page.triple.noise.view.viewRange()[0])
    qtbot.keyPress(noise.graphics, Qt.Key.Key_Space)
    assert page.triple._blink.isActive()
    qtbot.keyRelease(noise.graphics, Qt.Key.Key_Space)
    assert not page.triple._blink.isActive()
    qtbot.keyClick(window, Qt.Key.Key_0, CONTROL)
    assert page.scatter.viewRange()[0][0] == pytest.approx(left) or page.scatter.viewRange()[0][1] > right


# Look


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


def test_the_layout_is_reset(window, qtbot):
    window.panels.facts.toggleViewAction().trigger()
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.panels.runs)
    window.resize(900, 600)
    window.commands["reset-layout"].trigger()
    assert window.panels.facts.isVisible() and window.size().width() == 1240
    assert window.dockWidgetArea(window.panels.runs) == Qt.DockWidgetArea.LeftDockWidgetArea


def test_a_window_whose_screen_is_gone_comes_back(window, open_window, runs):
    window.move(20_000, 15_000)
    assert not QApplication.primaryScreen().availableGeometry().intersects(window.frameGeometry())
    window.close()
    again = open_window(runs / "search")
    seen = QApplication.primaryScreen().availableGeometry().intersected(again.frameGeometry())
    assert seen.width() >= 200 and seen.height() >= 200


def test_pictures_are_sharp_on_dense_screens(window):
    icon = window.page().gallery.model.index(0).data(Qt.ItemDataRole.DecorationRole)
    assert icon.availableSizes()[0].width() >= 56
    assert icon.pixmap(icon.availableSizes()[0], 2.0).width() >= 2 * 50


# Copying and saving


def test_images_are_copied(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_C, CONTROL | SHIFT)
    triple, copied = window.controller.current.triple, QApplication.clipboard().image()
    side = copied.height() // triple.clean.shape[0]
    assert side > 1 and copied.width() == 3 * 28 * side + 2 * 8
    at = copied.pixelColor(2 * (28 * side + 8) + 14 * side, 10 * side).red()
    assert at == np.rint(triple.degraded[10, 14, 0])
    window.page().triple.degraded.copy_action.trigger()
    copied = QApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (28, 28)
    assert copied.pixelColor(14, 10).red() == np.rint(triple.degraded[10, 14, 0])


def test_figures_are_copied_and_saved(window, qtbot, settle, tmp_path):
    page = window.page()
    window.controller.current.select_class(None)
    settle(window)
    for tab in (0, 3):
        page.tabs.setCurrentIndex(tab)
        settle(window)
        window.commands["copy-figure"].trigger()
        copied = QApplication.clipboard().image()
        assert copied.width() > 600 and len({copied.pixel(x, 100) for x in range(0, copied.width(), 3)}) > 1
    for end in ("png", "svg"):
        window.commands["save-figure"].trigger()
        dialog = dialog_of(page, QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / f"figure.{end}"))
        dialog.close()
    assert QImage(str(tmp_path / "figure.png")).size() == copied.size()
    drawing = (tmp_path / "figure.svg").read_text()
    assert "<svg" in drawing and "Accuracy by sigma" in drawing and drawing.count("<path") + drawing.count("<poly") > 10


def test_a_figure_that_cannot_be_written_is_said(window, tmp_path):
    for end in ("png", "svg"):
        window.commands["save-figure"].trigger()
        dialog = dialog_of(window.page(), QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / "nowhere" / f"figure.{end}"))
        dialog.close()
        box = dialog_of(window, QMessageBox)
        assert "cannot be written" in box.text() and "nowhere" in box.text()
        box.close()


def test_images_are_saved_or_it_is_said(window, tmp_path):
    for name in ("triple.png", "nowhere/triple.png"):
        window.commands["save-images"].trigger()
        dialog = dialog_of(window.page(), QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / name))
        dialog.close()
    assert QImage(str(tmp_path / "triple.png")).width() > 3 * 200
    assert "cannot be written" in dialog_of(window, QMessageBox).text()


def test_an_error_is_copied_with_its_details(window, qtbot):
    box = show_error(window, "It went wrong.", "in line 7")
    copy = next(b for b in box.buttons() if b.text() == "C&opy")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == "It went wrong.\n\nin line 7" and box.isVisible()
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()


# Marks


def test_the_point_in_view_is_marked_and_noted_from_the_scatter(window, qtbot):
    page, session = window.page(), window.controller.current
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert session.mark_key in session.marks and "★" in page.triple.heading.text()
    qtbot.keyClick(window, Qt.Key.Key_N)
    dialog = dialog_of(page, QInputDialog)
    qtbot.keyClicks(dialog.findChild(QLineEdit), "a <six>")
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert session.marks.note(session.mark_key) == "a <six>" and "&lt;six&gt;" in page.triple.heading.text()
    assert window.commands["undo"].text() == "&Undo note"
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert len(session.marks) == 0 and "★" not in page.triple.heading.text()
    assert not window.commands["undo"].isEnabled() and window.commands["redo"].isEnabled()


def test_images_of_a_search_are_marked_noted_and_saved(window, qtbot, settle, runs, tmp_path):
    session = window.controller.sessions[0]
    window.controller.select(session)
    settle(window)
    page = window.page()
    qtbot.keyClick(window, Qt.Key.Key_2, CONTROL)
    page.results.table.selectRow(1)
    qtbot.keyClick(window, Qt.Key.Key_M)
    session.marks.write(session.mark_key, "odd")
    settle(window)
    texts = [page.results.model.index(1, c).data() for c in range(page.results.model.columnCount())]
    image = session.entries[1].image
    assert texts[0] == "★" and texts[1] == str(image) and texts[-1] == "odd"
    window.commands["save-marked"].trigger()
    dialog = dialog_of(page, QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    settle(window)
    saved = QImage(str(tmp_path / f"image-{image}.png"))
    degraded = open_run(runs / "search").result(image).degraded
    assert saved.pixelColor(14, 10).red() == np.rint(degraded[10, 14, 0])


# For everybody


def pages(window, settle):
    """Every page and tab, one after the other."""
    for session in window.controller.sessions:
        window.controller.select(session)
        settle(window)
        for tab in range(window.page().tabs.count()):
            window.page().tabs.setCurrentIndex(tab)
            settle(window)
            yield window


def test_every_control_has_a_name(window, settle):
    kinds = (QAbstractButton, QAbstractItemView, QComboBox, QGraphicsView, QLineEdit, QSlider)
    seen = 0
    for _ in pages(window, settle):
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


def test_tab_reaches_every_control_from_left_to_right(window, settle, qtbot):
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    for _ in pages(window, settle):
        page = window.page()
        page.first().setFocus()
        reached = []
        for _ in range(80):
            reached.append(QApplication.focusWidget())
            qtbot.keyClick(reached[-1], Qt.Key.Key_Tab)
            if QApplication.focusWidget() in reached:
                break
        wanted = [
            w for w in page.findChildren(QWidget)
            if w.isVisible() and w.isEnabled() and isinstance(w, QPushButton | QComboBox | QSlider | QLineEdit | QTable)
            and w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.focusProxy() is None
        ]  # fmt: skip
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
    assert page.tabs.currentIndex() == 1 and session.point == point


def test_names_of_strangers_are_no_html(open_window, runs, settle):
    page = open_window(runs / "rgb").page()
    assert page.nearest.textFormat() == Qt.TextFormat.PlainText
    model, tip = page.gallery.model, Qt.ItemDataRole.ToolTipRole
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
    strip = window.page().strip
    rect: QRect = strip.visualRect(strip.model().index(2, 0))
    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() + QPoint(0, -10))
    by_click = window.controller.current.image
    window.controller.current.select(0)
    strip.setFocus()
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_Right)
    assert window.controller.current.image == by_click
