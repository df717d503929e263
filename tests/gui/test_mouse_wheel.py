"""The mouse wheel scrolls forms and panels; it never changes a field that comes under the mouse meanwhile."""

import numpy_runs
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QToolButton, QVBoxLayout, QWidget

from tfstab.gui.background import Background
from tfstab.gui.content.explorer import Exploring, Step
from tfstab.gui.sessions.explorer import Explorer
from tfstab.gui.widgets.explorer.step_list import StepList
from tfstab.gui.widgets.jobs.forms import ScrolledForm
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog
from tfstab.gui.widgets.layouts import Shrinkable

FIELDS = QComboBox | QAbstractSpinBox | QSlider
NOTCH = 120  # Qt's unit of a wheel


def turn(widget, at, notches=-1):
    """Turn the wheel over a place of a widget, as the system does: what takes no wheel leaves it to its parent."""
    window = widget.window()
    QTest.wheelEvent(window.windowHandle(), QPointF(widget.mapTo(window, at)), QPoint(0, NOTCH * notches))


def values(area):
    """What all fields in an area hold, from their order among the widgets."""
    held = [field.currentText() for field in area.findChildren(QComboBox)]
    held += [field.text() for field in area.findChildren(QAbstractSpinBox)]
    return held + [field.value() for field in area.findChildren(QSlider)]


def field_at(view, place):
    """The field at a place of a view; None between fields."""
    under = view.childAt(place)
    while under is not None and not isinstance(under, FIELDS):
        under = under.parentWidget()
    return under


def scroll_over_everything(area, step=60):
    """Turn the wheel over each place of an area's view, down to its end; the fields over which it was turned."""
    view, bar, met = area.viewport(), area.verticalScrollBar(), set()
    bar.setValue(0)
    while (before := bar.value()) < bar.maximum():
        for place in (QPoint(x, y) for x in range(5, view.width(), step) for y in range(5, view.height(), 12)):
            field = field_at(view, place)
            turn(view, place)
            if field is not None:
                assert bar.value() > before, f"the wheel does not scroll over {field}"
                met.add(field)
            bar.setValue(before)
        bar.setValue(before + view.height() // 2)
    return met


@pytest.mark.parametrize("kind", ["assess", "harden", "search"])
def test_a_new_runs_form(open_window, qtbot, settle, kind):
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = window.findChildren(NewRunDialog)
    dialog.kinds.choose(kind)
    part = dialog.kinds.stack.currentWidget()
    for more in part.findChildren(QToolButton):
        if more.text() == "More":
            more.click()
    dialog.resize(dialog.width(), 420)
    (area,) = dialog.findChildren(ScrolledForm)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    # The estimated time comes later and may need a second line, which is taken from the form.
    qtbot.waitUntil(lambda: dialog.time.text().strip() != "" and not dialog.estimate.timer.isActive())
    settle(window)
    dialog.limit.setFocus()
    before = values(area)
    met = scroll_over_everything(area)
    assert {dialog.model.list, dialog.data.list, dialog.resizing, dialog.limit} <= met, "also the one with the focus"
    assert values(area) == before
    if kind == "harden":
        assert dialog.kinds.field("remedy") in met
    dialog.resize(dialog.width(), 2000)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)
    for field in (dialog.data.list, dialog.limit):
        turn(field, field.rect().center())
    assert values(area) == before, "also where there is nothing to scroll"


class Scorer(QObject):
    """Knows the model, and does not answer."""

    located = Signal()

    def ask(self, *_):
        return 1

    def drop(self, _ticket):
        pass

    def knows(self, _model):
        return True


def test_the_explorers_list(show, qtbot, tmp_path):
    explorer = Explorer(numpy_runs.sweep(tmp_path / "run"), Scorer(), Background())
    listed = show(StepList(explorer), 300, 200)
    explorer.restore(Exploring(0, (Step("jpeg", 40.0), Step("gaussian_noise", 10.0), Step("contrast", 0.5))))
    qtbot.waitUntil(lambda: listed.verticalScrollBar().maximum() > 0)
    before = values(listed)
    met = scroll_over_everything(listed, 20)
    assert listed.rows[0].number in met and listed.rows[1].slider.slider in met and listed.adding in met
    assert values(listed) == before and [step.severity for step in explorer.state.steps] == [40.0, 10.0, 0.5]


def test_the_card(open_window, qtbot, runs, settle):
    window = open_window(runs / "sweep")
    area, card = window.facts, window.facts.card
    window.panels.facts.show()
    card.show()
    for block in card.blocks.values():
        block.fill("")
    maps = card.maps
    window.resize(1280, 500)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    settle(window)
    for field in (maps.kind, maps.blend):
        area.ensureWidgetVisible(field)
        area.verticalScrollBar().setValue(area.verticalScrollBar().value() - 30)
        held, bar = values(area), area.verticalScrollBar().value()
        turn(field, field.rect().center(), -1 if bar < area.verticalScrollBar().maximum() else 1)
        assert values(area) == held and area.verticalScrollBar().value() != bar


def test_a_page_keeps_the_wheel_for_its_fields_until_it_scrolls(show, qtbot):
    page = QWidget()
    column = QVBoxLayout(page)
    box = QComboBox()
    box.addItems(["all classes", "cat", "dog"])
    column.addWidget(box)
    below = QWidget()
    below.setMinimumHeight(400)
    column.addWidget(below)
    area = show(Shrinkable(page), 300, 600)
    qtbot.wait(1)
    turn(box, box.rect().center())
    assert box.currentText() == "cat", "a page that is in view as a whole has nothing to scroll"
    area.resize(300, 320)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    turn(box, box.rect().center())
    assert box.currentText() == "cat" and area.verticalScrollBar().value() > 0
    area.verticalScrollBar().setValue(0)
    later = QSlider(Qt.Orientation.Horizontal)
    column.insertWidget(0, later)
    qtbot.waitUntil(lambda: later.isVisible() and later.height() > 0)
    turn(later, later.rect().center())
    assert later.value() == 0 and area.verticalScrollBar().value() > 0
    area.resize(300, 700)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)
    turn(box, box.rect().center())
    assert box.currentText() == "dog"
