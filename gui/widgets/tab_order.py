"""The order in which Tab visits the controls of a page."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSpinBox, QComboBox, QLayout, QScrollArea, QWidget

CLOSED = QAbstractScrollArea, QAbstractSpinBox, QComboBox  # the parts of which belong to them


def tab_in_order(area: QScrollArea) -> None:
    """Let Tab visit an area and then its controls in the order in which they are laid out; Qt takes that of making."""
    order = [area, *(part for part in _inside(area.widget()) if part.focusPolicy() & Qt.FocusPolicy.TabFocus)]
    for before, after in pairwise(order):
        QWidget.setTabOrder(before, after)


def _inside(widget: QWidget | None) -> Iterator[QWidget]:
    """Yield a widget, then the widgets in its layout, then its other child widgets."""
    if widget is None:
        return
    yield widget
    if isinstance(widget, CLOSED):
        if isinstance(widget, QScrollArea):
            yield from _inside(widget.widget())
        return
    layout = widget.layout()
    placed = [] if layout is None else [*_placed(layout)]
    own = [part for part in widget.children() if isinstance(part, QWidget) and part not in placed]
    for part in (*placed, *own):
        if not part.isWindow():
            yield from _inside(part)


def _placed(layout: QLayout) -> Iterator[QWidget]:
    """Yield the widgets of a layout, and of those in it."""
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is not None and (part := item.widget()) is not None:
            yield part
        elif item is not None and (inner := item.layout()) is not None:
            yield from _placed(inner)
