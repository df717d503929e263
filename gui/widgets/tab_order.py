"""The order in which Tab visits the controls of a page."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSpinBox, QComboBox, QLayout, QScrollArea, QWidget

CLOSED = QAbstractScrollArea, QAbstractSpinBox, QComboBox  # the parts of which belong to them
_BY_TAB = Qt.FocusPolicy.TabFocus.value  # a number, as Python takes long to compare flags


def tab_in_order(area: QWidget, parts: Iterable[QWidget] | None = None) -> None:
    """Let Tab visit an area and then its controls in the order of the layout; Qt would take the order of creation.

    parts: what `parts_of` returned for the area, if it was called already.
    """
    for before, after in pairwise(part for part in parts or parts_of(area) if _is_stop(part)):
        QWidget.setTabOrder(before, after)


def _is_stop(part: QWidget) -> bool:
    """Return whether Tab stops at a widget; Qt also stops at one that hands the focus on."""
    return bool(part.focusPolicy().value & _BY_TAB) or part.focusProxy() is not None


def parts_of(widget: QWidget | None) -> Iterator[QWidget]:
    """Yield a widget, then the widgets in its layout, then its other child widgets, each with its own parts."""
    if widget is None:
        return
    yield widget
    if isinstance(widget, CLOSED):
        if isinstance(widget, QScrollArea):
            yield from parts_of(widget.widget())
        return
    layout = widget.layout()
    placed = {} if layout is None else dict.fromkeys(_placed(layout))
    own = [part for part in widget.children() if isinstance(part, QWidget) and part not in placed]
    for part in (*placed, *own):
        if not part.isWindow():
            yield from parts_of(part)


def _placed(layout: QLayout) -> Iterator[QWidget]:
    """Yield the widgets of a layout, and of those in it."""
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is not None and (part := item.widget()) is not None:
            yield part
        elif item is not None and (inner := item.layout()) is not None:
            yield from _placed(inner)
