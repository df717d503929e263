"""Whether all of a widget is in sight, as in a figure that is saved."""

from PySide6.QtWidgets import QGraphicsView, QLabel, QWidget

from tfstab.gui.widgets.bars import BarRow
from tfstab.gui.widgets.elided import ElidedLabel


def whole(widget):
    """Return True if no part of a widget is cut or shortened; else say which one."""
    for part in widget.findChildren(QWidget):
        if not part.isVisibleTo(widget) or isinstance(part.parent(), QGraphicsView) or hasattr(part, "only_on_screen"):
            continue
        assert part.parentWidget().rect().contains(part.geometry()), part
        if isinstance(part, QLabel) and part.wordWrap():
            assert part.height() >= part.heightForWidth(part.width()), part.text()
        if isinstance(part, ElidedLabel):
            assert part.fits, part.text()
        if isinstance(part, BarRow):
            assert part.height() >= part.sizeHint().height() and 2 * part.label_width <= part.width() - 8, part.label
    return True
