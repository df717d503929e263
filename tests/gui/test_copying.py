"""Images, figures, errors and what is marked: copied, saved, or it is said why not."""

import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QInputDialog,
    QLineEdit,
    QMessageBox,
)

from tfstab import open_run
from tfstab.gui.dialogs import show_error
from tfstab.gui.figures import Look
from tfstab.gui.widgets.figure_dialog import FigureDialog

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def dialog_of(window, kind):
    (dialog,) = [d for d in window.findChildren(kind) if d.isVisible()]
    return dialog


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


def asked_figure(window, qtbot):
    """The dialog that saves the figure in view."""
    window.commands["save-figure"].trigger()
    return dialog_of(window, FigureDialog)


def test_figures_are_copied_and_saved(window, qtbot, settle, tmp_path):
    page = window.page()
    window.controller.current.select_class(None)
    settle(window)
    for title in ("Scatter", "Metrics"):
        page.tabs.show_view(title)
        settle(window)
        window.commands["copy-figure"].trigger()
        copied = QApplication.clipboard().image()
        assert (
            copied.width() > 600
            and len({copied.pixel(x, y) for y in (100, 300) for x in range(0, copied.width(), 3)}) > 1
        )
    shown, ground = page.metrics.accuracy.size(), page.metrics.accuracy.palette().base().color().name()
    for end, theme in (("png", "dark"), ("pdf", "dark"), ("svg", "light")):
        asked = asked_figure(window, qtbot)
        asked.theme.setCurrentIndex(asked.theme.findData(theme))
        assert 4 < asked.width_cm.value() < 60 and 4 < asked.height_cm.value() < 60, "as large as on the screen"
        for field, value in ((asked.width_cm, 12), (asked.height_cm, 8), (asked.dpi, 150)):
            field.setValue(value)
        qtbot.waitUntil(lambda asked=asked: not asked.preview.pixmap().isNull())
        qtbot.mouseClick(asked.copy_button, Qt.MouseButton.LeftButton)
        copied = QApplication.clipboard().image()
        qtbot.mouseClick(asked.save_button, Qt.MouseButton.LeftButton)
        dialog = dialog_of(asked, QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / f"figure.{end}"))
        dialog.close()
        assert not asked.isVisible()
    saved = QImage(str(tmp_path / "figure.png"))
    assert (saved.width(), saved.height(), saved.dotsPerMeterX()) == (709, 472, 5906)
    assert saved.pixelColor(1, 1).lightness() < 100 and copied.pixelColor(1, 1).lightness() > 200
    assert page.metrics.accuracy.size() == shown and page.metrics.accuracy.palette().base().color().name() == ground
    written = (tmp_path / "figure.pdf").read_bytes()
    page = [float(side) for side in re.search(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", written).groups()]
    assert written.startswith(b"%PDF") and page == pytest.approx([12 / 2.54 * 72, 8 / 2.54 * 72], abs=1)
    assert b"/FontFile" in written and b"/DCTDecode" not in written, "letters stay letters, and nothing is blurred"
    drawing = (tmp_path / "figure.svg").read_text()
    assert "<svg" in drawing and "Accuracy by sigma" in drawing and drawing.count("<path") + drawing.count("<poly") > 10


def test_a_figure_of_any_size_shows_all_classes(window, settle):
    page = window.page()
    window.controller.current.select_class(None)
    settle(window)
    figure, view = page.scatter_page.figure(), page.scatter_page.multiples
    before = view.size(), view.viewport().size(), view.gridSize()
    for width, height in ((16, 9), (20, 13), (34, 17), (8, 8), (4, 4), (60, 4)):
        with figure._dressed(Look("light", width, height, 150)) as scale:
            room = view.viewport().rect()
            rows = range(view.model().rowCount())
            assert all(room.contains(view.visualRect(view.model().index(row))) for row in rows), (width, height)
            assert (scale == 1) == (width == 34), "the largest of them has enough room"
    assert before == (view.size(), view.viewport().size(), view.gridSize())


def test_enter_saves_the_figure(window, qtbot, settle, tmp_path):
    window.page().tabs.show_view("Scatter")
    settle(window)
    qtbot.keyClick(window, Qt.Key.Key_S, CONTROL)
    asked = dialog_of(window, FigureDialog)
    for field in (None, asked.theme, asked.width_cm):
        if field is not None:
            field.setFocus()
        qtbot.keyClick(asked.focusWidget(), Qt.Key.Key_Return)
        dialog = dialog_of(asked, QFileDialog)
        assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
        if field is not asked.width_cm:
            dialog.reject()
    dialog.selectFile(str(tmp_path / "figure.png"))
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert (tmp_path / "figure.png").exists() and not asked.isVisible()


def test_a_figure_that_cannot_be_written_is_said(window, qtbot, tmp_path):
    for end in ("png", "svg", "pdf"):
        asked = asked_figure(window, qtbot)
        qtbot.mouseClick(asked.save_button, Qt.MouseButton.LeftButton)
        dialog = dialog_of(asked, QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / "nowhere" / f"figure.{end}"))
        dialog.close()
        asked.close()
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
