"""Lets the mouse wheel scroll a form or page, and not change the fields that come under the mouse meanwhile."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QScrollArea, QScrollBar
from shiboken6 import isValid

FIELDS = QComboBox, QAbstractSpinBox, QAbstractSlider  # kinds of fields whose value the wheel changes
CHANGED = QEvent.Type.LayoutRequest, QEvent.Type.Show


def keep_wheel(area: QScrollArea, *, always: bool = True) -> None:
    """Let the wheel scroll an area even if the mouse is over one of its fields, also one that is added later.

    Call it once the area has its content. Fields are changed by a click or a key only, also those with the focus:
    whoever scrolls on after filling one in does not mean to change it.

    always: if False, fields take the wheel as long as the area has nothing to scroll.
    """
    _WheelKeeper(area, always=always)


class _WheelKeeper(QObject):
    """Watches the content of an area for new fields, and the fields for the wheel."""

    def __init__(self, area: QScrollArea, *, always: bool) -> None:
        super().__init__(area)
        content = area.widget()
        assert content is not None
        self._area, self._always, self._content = area, always, content
        content.installEventFilter(self)
        self._watch()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to what is around a field."""
        turned, changed = event.type() == QEvent.Type.Wheel, event.type() in CHANGED
        if not (turned or changed):
            return False
        if not hasattr(self, "_content") or not isValid(self._content):  # the window is being deleted
            return False
        own = watched is self._content
        if own and changed:
            self._watch()
        if own or not turned or not (self._always or self._area.verticalScrollBar().maximum() > 0):
            return False
        event.ignore()
        return True

    def _watch(self) -> None:
        for field in (found for kind in FIELDS for found in self._content.findChildren(kind)):
            if not isinstance(field, QScrollBar):
                field.installEventFilter(self)  # the second time, this has no effect
