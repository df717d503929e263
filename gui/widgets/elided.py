"""Labels of one line that are shortened where there is too little room."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QTextDocumentFragment
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from tfstab.gui.theme import scaled

BOLD = re.compile(r"^\s*<b>(.*?)</b>(.*)$", re.DOTALL)


class ElidedLabel(QLabel):
    """Shows text, or HTML that begins with a bold part, and takes any width that it is given.

    Owners set a tool tip with the whole text.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def fits(self) -> bool:
        """Whether the whole text is in sight."""
        return super().sizeHint().width() <= self.width()

    def minimumSizeHint(self) -> QSize:
        """Return the height of a line, and the width of a few letters."""
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def least_in_figure(self) -> QSize:
        """Return room for the whole text."""
        return super().sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text; if there is too little room, its ends and dots, as names may begin alike."""
        if self.fits:
            super().paintEvent(event)
            return
        bold, rest = self._parts()
        painter, room = QPainter(self), self.contentsRect()
        painter.setPen(self.palette().color(self.foregroundRole()))
        for text, font in ((bold, scaled(self.font(), 1.0, bold=True)), (rest, self.font())):
            metrics = QFontMetrics(font)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(room.width(), 0))
            painter.setFont(font)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
            room.setLeft(room.left() + metrics.horizontalAdvance(text))
        painter.end()

    def _parts(self) -> tuple[str, str]:
        """Return the bold part and the rest as plain text."""
        if self.textFormat() == Qt.TextFormat.PlainText or not {"<", "&"} & set(self.text()):
            return "", self.text()
        found = BOLD.match(self.text())
        bold, rest = found.groups() if found else ("", self.text())
        return _plain(bold), (" " if rest[:1] == " " else "") + _plain(rest)


class ElidedNames(ElidedLabel):
    """Shows a line with names in it, and shortens these in their middle, so that the rest and all names stay in sight.

    Owners set a tool tip with the whole text.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setTextFormat(Qt.TextFormat.PlainText)  # names may contain HTML tags
        self._lines: tuple[str, ...] = ("",)
        self._names: tuple[str, ...] = ()

    def set_line(self, line: str, names: Sequence[str] = (), shorter: Sequence[str] = ()) -> None:
        """Show a line, in which "{}" stands for each of the names.

        shorter: the line in ever fewer words, shown before any name is shortened.
        """
        self._lines, self._names = (line, *shorter), tuple(names)
        self.setText(line.format(*names))

    @property
    def shown(self) -> str:
        """The text as painted; names are shortened if the whole text does not fit."""
        if self.fits:
            return self.text()
        metrics, width = self.fontMetrics(), self.contentsRect().width()
        for line in self._lines:
            if metrics.horizontalAdvance(whole := line.format(*self._names)) <= width:
                return whole
        room = width - metrics.horizontalAdvance(line.format(*[""] * len(self._names)))
        shown = dict.fromkeys(range(len(self._names)), "")
        widths = [metrics.horizontalAdvance(name) for name in self._names]
        for left, k in enumerate(sorted(shown, key=widths.__getitem__)):  # a short name leaves its room to the others
            share = max(room // (len(shown) - left), 0)
            shown[k] = metrics.elidedText(self._names[k], Qt.TextElideMode.ElideMiddle, share)
            room -= metrics.horizontalAdvance(shown[k])
        return line.format(*shown.values())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line, with names shortened."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.shown)
        painter.end()


class ElidedBox(QComboBox):
    """A box that shortens the chosen text at its end, with dots, if there is too little room; the list shows it all."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the box with as much of the text as there is room for."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width()
        option.currentText = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()


def _plain(html: str) -> str:
    return QTextDocumentFragment.fromHtml(html).toPlainText()
