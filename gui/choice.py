"""Buttons that stay down show clearly that they are chosen, which the platform's style hardly does in dark colours."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton

LINE = 3  # pixels


class ChoiceButton(QPushButton):
    """A push button that is underlined while it is checked."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button, and the line."""
        super().paintEvent(event)
        _underline(self)


class ChoiceToolButton(QToolButton):
    """A tool button that is underlined while it is checked."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button, and the line."""
        super().paintEvent(event)
        _underline(self)


def _underline(button: QAbstractButton) -> None:
    if button.isChecked():
        painter = QPainter(button)
        line = QRectF(3, button.height() - LINE - 1, button.width() - 6, LINE)
        painter.fillRect(line, button.palette().color(QPalette.ColorRole.Highlight).lighter(130))
        painter.end()
