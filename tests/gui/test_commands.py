"""One table of commands feeds menus, toolbar, keys, palette and help."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QTextBrowser,
    QToolBar,
    QToolButton,
)

from tfstab.gui.commands import TABS, TOOLBAR, all_commands
from tfstab.gui.toolbar import LEAST_FIELD, SEPARATORS
from tfstab.gui.widgets.palette import Palette, score

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def palette_of(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_P, CONTROL | SHIFT)
    (palette,) = [p for p in window.findChildren(Palette) if p.isVisible()]
    return palette


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
    tabs = [window.commands[name] for name in TABS if window.commands[name].isVisible()]
    titles = [window.page().tabs.tabText(n) for n in range(window.page().tabs.count())]
    assert [action.text() for action in tabs] == titles and [a for a in tabs if a.isChecked()] == tabs[1:2]
    (bar,) = window.findChildren(QToolBar, "toolbar")
    buttons = [window.commands[name] for group in TOOLBAR for name in group]
    assert [a for a in bar.actions() if not a.isSeparator()][: len(buttons)] == buttons
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
    assert palette.model.entries[0].text == "View: Gallery" and palette.model.entries[0].keys == "Ctrl+4"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.page().gallery is window.page().view.made
    palette = palette_of(window, qtbot)
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not [p for p in window.findChildren(Palette) if p.isVisible()])


def test_a_click_on_the_field_in_the_toolbar_opens_the_palette_ready_for_typing(window, qtbot):
    qtbot.mouseClick(window.toolbar.field, Qt.MouseButton.LeftButton)
    (palette,) = [p for p in window.findChildren(Palette) if p.isVisible()]
    assert palette.focusWidget() is palette.line
    palette.close()


def test_the_field_in_the_toolbar_is_as_wide_as_the_buttons_allow(open_window, qtbot):
    toolbar = open_window().toolbar
    wide, buttons = toolbar.field.sizeHint().width(), toolbar.findChildren(QToolButton)
    hints = [b.sizeHint().width() for b in buttons if b.defaultAction() in toolbar.actions()]
    taken = sum(hints) + SEPARATORS
    assert LEAST_FIELD < 100 < wide and len(hints) == sum(map(len, TOOLBAR))

    def resized(room):
        toolbar.resize(taken + room, toolbar.height())  # again if the window, which is laid out once more, undoes it
        return toolbar.field.width()

    for room, width in ((wide + 50, wide), (100, 100), (LEAST_FIELD - 9, LEAST_FIELD)):
        qtbot.waitUntil(lambda room=room, width=width: resized(room) == width)


def test_text_in_the_toolbar_is_switched_off_for_good(window, qtbot, open_window):
    under, without = Qt.ToolButtonStyle.ToolButtonTextUnderIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
    assert window.toolbar.toolButtonStyle() == under and window.commands["toolbar-text"].isChecked()
    window.commands["toolbar-text"].trigger()
    assert window.toolbar.toolButtonStyle() == without and not window.commands["toolbar-text"].isChecked()
    again = open_window()
    assert again.toolbar.toolButtonStyle() == without
    qtbot.keyClick(again.welcome.new_button, Qt.Key.Key_Return)
    assert again.findChild(QDialog).isVisible()


def test_letters_at_the_beginnings_of_words_fit_best():
    assert score("sf", "File: Save figure") < score("sf", "View: Misclassifications")
    assert score("save f", "File: Save figure") < score("save f", "File: Save table as if") < 10
    by_hand = {"save": -1, "file": -1, "ave": -0.5, "sf": 1, "fl": 1.01, "s g": 0.5 + 1.06, "le f": 1.02 + 0.5}
    assert {letters: score(letters, "File: Save figure") for letters in by_hand} == pytest.approx(by_hand)
    assert score("xyz", "File: Save figure") is None and score("", "anything") is not None


def test_the_question_mark_lists_all_keys(window, qtbot):
    qtbot.keyClick(window, "?")
    shown = window.findChild(QTextBrowser).toPlainText()
    for _, command in all_commands():
        assert all(QKeySequence(key).toString() in shown for key in command.keys), command.name
    assert "Hold Space" in shown and "Right click" in shown


def test_keys_reach_every_view_and_class(window, qtbot, settle):
    page, session = window.page(), window.controller.current
    for key, title in enumerate(page.tabs.titles(), 1):
        qtbot.keyClick(window, str(key), CONTROL)
        assert page.tabs.title() == title
    qtbot.keyClick(window, Qt.Key.Key_2, CONTROL)
    session.select_class(session.classes[0])
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
    whole = page.scatter.viewRange()[0]
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
    assert page.scatter.viewRange()[0] == pytest.approx(whole)


def test_the_question_mark_lists_all_keys_also_while_a_number_is_typed(window, qtbot, settle):
    window.page().tabs.show_view("Explorer")
    settle(window)
    view = window.page().explorer.view
    for field in (view.steps.rows[0].number, view.image):
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        before = field.text()
        field.setFocus()
        qtbot.keyClick(field, "?")
        (keys,) = keys_of(window)
        assert keys.isVisible() and field.text() == before
        keys.close()
        qtbot.waitUntil(lambda: not keys_of(window))
        field.selectAll()
        qtbot.keyClicks(field, "7")
        assert field.text() == "7", "numbers are typed as before"


def keys_of(window):
    return [dialog for dialog in window.findChildren(QDialog) if dialog.windowTitle() == "Keyboard and mouse"]
