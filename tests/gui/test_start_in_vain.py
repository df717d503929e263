"""*Start* of a form that is not filled in right leads the eye to what is wrong."""

import pytest
from PySide6.QtCore import Qt

from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(window_with_jobs, settle):
    """The form, in too little room for all of its fields."""
    window_with_jobs.commands["new"].trigger()
    (dialog,) = (each for each in window_with_jobs.findChildren(NewRunDialog) if each.isVisible())
    dialog.resize(860, 420)
    settle(window_with_jobs)
    return dialog


def reddish(widget):
    """Whether a widget is drawn on a red ground: most pixels of its middle row are, the others may be letters."""
    image = widget.grab().toImage()
    row = [image.pixelColor(x, widget.height() // 2) for x in range(image.width())]
    return 2 * sum(colour.red() > colour.green() + 15 for colour in row) > len(row)


def in_sight(dialog, field):
    area = dialog._scrolled.viewport()
    return area.rect().contains(field.mapTo(area, field.rect().center()))


def press_start(dialog, qtbot):
    """Click *Start*, and wait for the answer."""
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: dialog.problem.isVisible() and reddish(dialog.problem))


def test_a_field_out_of_sight_is_scrolled_to_until_it_is_edited(dialog, qtbot, settle):
    field, more = dialog.kinds.field("seed"), dialog.kinds.part.more
    dialog.kinds.part.fields["seed"].fill("seven")
    more.setChecked(False)
    settle(dialog.parent())
    assert not field.isVisible()
    qtbot.waitUntil(dialog.problem.isVisible)  # said by the estimate of the time
    assert not reddish(dialog.problem) and not reddish(field)
    press_start(dialog, qtbot)
    qtbot.waitUntil(lambda: in_sight(dialog, field))
    assert reddish(field) and dialog.focusWidget() is field
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, "3")
    assert not reddish(field) and not dialog.problem.isVisible()


def test_the_output_folder_and_what_is_not_chosen_are_pointed_out(dialog, qtbot, settle, tmp_path):
    (tmp_path / "other.txt").touch()
    dialog.kinds.buttons["search"].click()
    dialog.out.clear()
    qtbot.keyClicks(dialog.out, str(tmp_path))
    press_start(dialog, qtbot)
    assert reddish(dialog.out) and dialog.focusWidget() is dialog.out
    dialog.data.choose("")
    press_start(dialog, qtbot)
    assert reddish(dialog.data.list) and in_sight(dialog, dialog.data.list)
