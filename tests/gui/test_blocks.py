"""The blocks of overview pages: what can be clicked obeys keys, and everything follows the theme."""

import pytest
from PySide6.QtCore import Qt

from tfstab.gui.theme import BAD, DARK, GOOD, LIGHT, SYSTEM, apply_theme, block_colour, tone_colour
from tfstab.gui.widgets.bars import BarRow, align_bars
from tfstab.gui.widgets.blocks import Block, BlockColumn, Caption, NumberBlock, TextVerdict


@pytest.fixture
def column(qtbot):
    column = BlockColumn()
    qtbot.addWidget(column)
    column.resize(600, 400)
    return column


def test_numbers_bars_and_links_obey_mouse_and_keys(column, qtbot):
    done = []
    number = NumberBlock("82.3 %", "clean accuracy", lambda: done.append("number"))
    block = Block("Accuracy kept", "all of them", lambda: done.append("link"))
    rows = [BarRow("fog", 0.5, "50 %", GOOD, lambda: done.append("bar")), BarRow("pixelation", 0.4, "4 %")]
    for row in rows:
        block.add(row)
    align_bars(rows)
    column.add(number)
    column.add(block)
    column.show()
    qtbot.mouseClick(number, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(block.link, Qt.MouseButton.LeftButton)
    qtbot.keyClick(rows[0], Qt.Key.Key_Space)
    qtbot.mouseClick(rows[1], Qt.MouseButton.LeftButton)  # leads nowhere
    assert done == ["number", "link", "bar"]
    assert number.accessibleName() == "82.3 %, clean accuracy" and rows[0].accessibleName() == "fog: 50 %"
    widths = [(row.label_width - 2, row.text_width) for row in rows]
    assert widths == [tuple(map(column.fontMetrics().horizontalAdvance, ("pixelation", "50 %")))] * 2
    assert rows[1].focusPolicy() == Qt.FocusPolicy.NoFocus
    number.set_number("90 %", "of 500 images")
    qtbot.mouseClick(number, Qt.MouseButton.LeftButton)
    assert done[-1] == "number" and number.accessibleName() == "90 %, of 500 images"
    block.clear()
    assert block.body.count() == 0


def test_blocks_follow_the_theme(column, qtbot, qapp):
    verdict, caption = TextVerdict("It breaks first under <b>fog</b>.", BAD), Caption("Computing…")
    number, bar = NumberBlock("82.3 %", "clean accuracy"), BarRow("fog", 1.0, "100 %", BAD)
    for part in (verdict, number, bar, caption):
        column.add(part)
    column.show()
    try:
        for theme in (LIGHT, DARK):
            apply_theme(qapp, theme)
            qtbot.wait(1)
            palette = column.palette()
            assert number.grab().toImage().pixelColor(300, 50) == block_colour(palette)
            middle = bar.grab().toImage().pixelColor(bar.width() // 2, bar.height() // 2)
            assert middle == tone_colour(palette, BAD)
            assert verdict.grab().toImage().pixelColor(1, verdict.height() // 2) == tone_colour(palette, BAD)
            faint = caption.palette().color(caption.foregroundRole()).lightness()
            text = palette.text().color().lightness()
            assert 0 < (faint - text if theme == LIGHT else text - faint) < 128
    finally:
        apply_theme(qapp, SYSTEM)
