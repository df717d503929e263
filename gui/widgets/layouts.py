"""Layouts that several widgets share."""

from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

NO_LIMIT = 16_777_215  # Qt's QWIDGETSIZE_MAX, which PySide6 does not name


def fill_column(owner: QWidget, *parts: QWidget | QLayout, spacing: int = 2) -> None:
    """Stack parts in a widget from top to bottom, without margins; the last one takes the remaining height."""
    layout = QVBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for place, part in enumerate(parts):
        stretch = int(place == len(parts) - 1)
        if isinstance(part, QWidget):
            layout.addWidget(part, stretch)
        else:
            layout.addLayout(part, stretch)
