"""What the forms of a new run share."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QScrollArea, QSpinBox, QWidget

from tfstab.gui.widgets.wheel import keep_wheel

BESIDE = 250  # pixels of the dialog and its frame beside the form
MOST = 2**31 - 1  # of a whole number in a field
LABELS = 100  # pixels, width of the labels of all forms of the dialog


class ScrolledForm(QScrollArea):
    """Scrolls a form up and down; it is as wide as the form needs, or scrolls sideways too if the screen is narrow."""

    def __init__(self, form: QWidget) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(form)
        keep_wheel(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the width of the form, with room for the scroll bar."""
        form = self.widget()
        if watched is form and event.type() == QEvent.Type.LayoutRequest:
            needed = form.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
            room = self.screen().availableSize().width() - BESIDE
            policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if needed <= room else Qt.ScrollBarPolicy.ScrollBarAsNeeded
            self.setHorizontalScrollBarPolicy(policy)
            self.setMinimumWidth(min(needed, room))
        return super().eventFilter(watched, event)


def plain_form(parent: QWidget) -> QFormLayout:
    """Return a form without margins."""
    form = QFormLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    return form


def line() -> QFrame:
    """Return a horizontal line."""
    frame = QFrame()
    frame.setFrameShape(QFrame.Shape.HLine)
    frame.setFrameShadow(QFrame.Shadow.Sunken)
    return frame


def align(form: object) -> None:
    """Give the labels of a form the width that they have in all forms, so that fields stand below each other."""
    assert isinstance(form, QFormLayout)
    for row in range(form.rowCount()):
        item = form.itemAt(row, QFormLayout.ItemRole.LabelRole)
        label = item.widget() if item is not None else None
        if label is not None:
            label.setMinimumWidth(LABELS)


def spin(name: str, least: int, most: int, value: int, step: int = 1) -> QSpinBox:
    """Return a field for a whole number."""
    field = QSpinBox()
    field.setRange(least, most)
    field.setSingleStep(step)
    field.setGroupSeparatorShown(True)
    field.setValue(value)
    field.setAccessibleName(name)
    field.setMaximumWidth(260)
    return field
