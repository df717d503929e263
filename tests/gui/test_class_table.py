"""The table of recalls by class and degradation: names, colours and size."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from class_cells import shown
from doubles import heard
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from stories import click_cell

from tfstab.gui.content import class_recalls
from tfstab.gui.content.class_recalls import ClassRecalls
from tfstab.gui.widgets.robustness.class_table import GOOD, WIDEST_NAME, ClassTable
from tfstab.gui.widgets.robustness.heat_map import shade
from tfstab.metrics import Estimate


def named(names, share=0.5):
    """Recalls of classes with these names, all the same; under fog, the first class has no images."""
    cell = class_recalls.RecallCell(20, Estimate(share, 0.4, 0.6), 1.0, Path("fog"))
    cells = (cell,) * len(names)
    clean = class_recalls.RecallColumn("clean", "clean", "when clean", cells)
    fog = class_recalls.RecallColumn("fog", "fog", "under fog", (None, *cells[1:]))
    return ClassRecalls(tuple(range(len(names))), tuple(names), (clean, fog))


def test_long_and_strange_names_are_shown_literally(show):
    table = show(ClassTable(), 500, 300)
    name = "<b>bold</b>\nsecond line, " + 20 * "long "
    table.set_content(named([name, "a"]))
    header = table.verticalHeader()
    assert header.width() <= WIDEST_NAME and shown(table)[1] == [" ".join(name.split()), "a"]
    tip = table.model().headerData(0, Qt.Orientation.Vertical, Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;bold" in tip and "<b>" not in tip
    table.set_content(named(["a", "b"]))
    QApplication.processEvents()
    assert header.width() < 60
    asked, model = heard(table.cell_asked), table.model()
    for y in (0, 1):  # the first has no images
        click_cell(table, y, 2)
    assert [each[:2] for each in asked] == [(1, "fog")]
    assert model.index(0, 2).data() == "–" and np.isnan(model.index(0, 2).data(GOOD))
    assert model.index(0, 2).data(Qt.ItemDataRole.ToolTipRole) == "a under fog: no images"


def test_a_cell_has_the_colour_of_its_recall_in_both_themes(show):
    table = show(ClassTable(), 500, 300)
    table.set_content(named(["a", "b"]))
    places = [table.visualRect(table.model().index(1, x)).topLeft() + QPoint(3, 3) for x in (1, 2)]
    for dark in (True, False):
        palette = QPalette(table.palette())
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
            palette.setColor(role, QColor("black" if dark else "white"))
        table.setPalette(palette)
        picture = table.viewport().grab().toImage()
        assert [picture.pixelColor(place) for place in places] == [shade(0.5, dark)] * 2


def test_a_thousand_classes_are_shown_at_once(show):
    table = show(ClassTable(), 900, 500)
    many = named([f"class {k}" for k in range(1000)])
    many = replace(many, columns=(many.columns[0], *[many.columns[1]] * 19))
    begun = time.process_time()
    table.set_content(many)
    QApplication.processEvents()
    assert time.process_time() - begun < 2, "it takes 0.2 s"
    assert table.model().rowCount() == 1000 and table.verticalScrollBar().maximum() > 900
