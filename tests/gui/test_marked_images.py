"""The list of marked images: of an assessment and of one run, found by its name, and the way from it to each image."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from tfstab import open_run
from tfstab.gui.sessions.marks import Marks
from tfstab.gui.widgets.marked_dialog import MarkedDialog
from tfstab.gui.widgets.palette import Palette

LEFT = Qt.MouseButton.LeftButton


def find_marked(qtbot, window, settle):
    """Type "mark" into the palette, choose the list, and return its dialog."""
    window.commands["palette"].trigger()
    palette = next(p for p in window.findChildren(Palette) if p.isVisible())
    qtbot.keyClicks(palette.line, "mark")
    texts = [entry.text for entry in palette.model.entries]
    palette.list.setCurrentIndex(palette.model.index(texts.index("Go: Marked images")))
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    settle(window)
    return opened(window)[0]


def listed(dialog):
    model = dialog.table.array
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def click_row(qtbot, table, row):
    table.scrollTo(table.array.index(row, 0))
    qtbot.mouseClick(table.viewport(), LEFT, pos=table.visualRect(table.array.index(row, 0)).center())


def opened(window):
    return [dialog for dialog in window.findChildren(MarkedDialog) if dialog.isVisible()]


def mark_one(window, qtbot, settle, folder):
    """Mark the first row of a sweep's list by the key, with the class of most mistakes in view; return its key."""
    window.controller.open([folder])
    settle(window)
    session, page = window.controller.current, window.page()
    page.tabs.show_view("Misclassifications")
    settle(window)
    click_row(qtbot, page.points_page.table, 0)
    qtbot.keyClick(window, Qt.Key.Key_M)
    return session.mark_key


def test_marks_of_an_assessment_are_found_the_next_day(open_window, together, qtbot, settle):
    day = open_window(together)
    noisy = mark_one(day, qtbot, settle, together / "sweep")
    hidden = mark_one(day, qtbot, settle, together / "jpeg")
    day.controller.current.marks.write(hidden, "like a 9")
    day.close()
    window = open_window(together)
    assert "For a list of the marked images, choose Go › Marked images" in window.commands["mark"].toolTip()
    dialog = find_marked(qtbot, window, settle)
    assert dialog.said.text() == "2 marked images. Click one to go to it."
    rows = {row[0]: row for row in listed(dialog)}
    assert rows["JPEG compression"][2:] == [f"image {hidden[0]}", "like a 9"]
    assert rows["Gaussian noise"][1].endswith(f", copy {noisy[2]}") and rows["Gaussian noise"][3] == ""
    click_row(qtbot, dialog.table, [row[0] for row in listed(dialog)].index("JPEG compression"))
    settle(window)
    session, page = window.controller.current, window.page()
    assert session.path == together / "jpeg" and page.tabs.title() == "Misclassifications" and not opened(window)
    assert session.class_index is None and page.points_page.marked.isChecked() and len(session.view.rows) == 1
    assert session.points.key(session.point) == hidden
    window.activateWindow()  # off screen, nothing does this when a dialog has closed
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    settle(window)
    (own,) = opened(window)
    assert own.said.text().startswith("1 marked image.")
    qtbot.keyClick(own, Qt.Key.Key_Escape)


def test_a_marked_image_of_a_search_is_gone_to_by_the_keyboard(open_window, together, qtbot, settle):
    window = open_window(together / "search")
    session = window.controller.current
    session.select(2)
    session.marks.tag([session.mark_key], "odd")
    image = session.image
    session.select(0)
    window.controller.open([together])
    settle(window)
    dialog = find_marked(qtbot, window, settle)
    assert listed(dialog) == [["minimum noise", "–", f"image {image}", "#odd"]]
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    settle(window)
    assert window.controller.current is session and session.image == image and not opened(window)


@pytest.mark.parametrize("whole", [True, False])
def test_where_nothing_is_marked_the_list_says_how_to_mark(open_window, together, qtbot, settle, whole):
    window = open_window(together if whole else together / "jpeg")
    dialog = find_marked(qtbot, window, settle)
    how = "click a cell of Robustness to open one." if whole else "Select an image and press M to mark it."
    assert dialog.said.text().startswith("No image is marked.") and dialog.said.text().endswith(how)
    assert dialog.table.isHidden()


def test_marks_that_cannot_be_read_are_said_and_others_listed(open_window, together, qtbot, settle):
    window = open_window(together)
    sweep, jpeg = (open_run(together / name) for name in ("sweep", "jpeg"))
    image = int(jpeg.clean.indices[0])
    Marks.of_run(jpeg.info).mark([(image, 0, 0), (10**6, 0, 0), (image, 99, 0)])  # two are not in this run
    damaged = Marks.of_run(sweep.info)
    damaged.mark([(0, 0, 0)])
    damaged.path.write_text("[")
    dialog = find_marked(qtbot, window, settle)
    assert [row[0] for row in listed(dialog)] == ["JPEG compression"]
    (box,) = [box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox) and box.isVisible()]
    assert f"The marks in {damaged.path} cannot be read" in box.text()
    box.close()


def test_marked_images_that_other_filters_hide_are_shown_without_unticking(open_window, together, qtbot, settle):
    window = open_window(together / "sweep")
    session, page = window.controller.current, window.page()
    page.tabs.show_view("Misclassifications")
    session.select_class(None)
    settle(window)
    table, points = page.points_page, session.points
    place = int(session.view.rows[0])
    actual, severity = int(points.actual[place]), int(points.severity_index[place])
    click_row(qtbot, table.table, 0)
    qtbot.keyClick(window, Qt.Key.Key_M)
    table.marked.click()
    settle(window)
    assert table.model.rowCount() == 1 and table.all_marked.isHidden()
    session.select_class(next(k for k in session.classes if k != actual))
    settle(window)
    name = session.run.class_names[session.class_index]
    assert table.empty.text() == (
        f"No image of class {name}. “marked only” is ticked, and 1 image is marked in other classes. "
        "“Show all marked” lists those of all classes."
    )
    session.set_filter(severity_index=(severity + 1) % len(session.run.severities))
    settle(window)
    assert table.empty.text() == (
        "No image here. “marked only” is ticked, and 1 image is marked in this run, but hidden by other filters. "
        "“Show all marked” removes only these filters."
    )
    qtbot.mouseClick(table.all_marked, LEFT)
    settle(window)
    assert table.model.rowCount() == 1 and table.marked.isChecked() and table.all_marked.isHidden()
