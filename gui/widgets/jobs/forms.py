"""What the forms of a new run share."""

from PySide6.QtWidgets import QFormLayout, QFrame, QWidget


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


def align(form: object, width: int) -> None:
    """Give the labels of several forms one width, so that their fields stand below each other."""
    assert isinstance(form, QFormLayout)
    for row in range(form.rowCount()):
        item = form.itemAt(row, QFormLayout.ItemRole.LabelRole)
        label = item.widget() if item is not None else None
        if label is not None:
            label.setMinimumWidth(width)
