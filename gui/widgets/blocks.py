"""Building blocks of overview pages: rounded blocks with a title, headline numbers, bars and a verdict.

All follow the theme, and what can be clicked can also be reached by Tab and pressed by Enter.
"""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from tfstab.gui.theme import (
    NUMBER,
    PLAIN,
    SMALL,
    SPACE,
    block_colour,
    caption_colour,
    heading,
    mixed,
    scaled,
    tone_colour,
)
from tfstab.gui.widgets.layouts import BreakingRow
from tfstab.gui.widgets.pressable import Do, LinkButton, Pressable, Rounded, fill_rounded

LEFT, RIGHT, CENTRE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
BAR = 8  # pixels, height of a bar
LEAST_NUMBER = 140  # pixels, smallest width of a caption below a headline number
LEAST_BAR = 60  # pixels, smallest width of the longest bar
WIDEST_TEXT = 900  # pixels; longer lines are hard to read


class Block(Rounded):
    """A titled block of a page, with a link at the right of the title if there is more to see elsewhere.

    Attributes
    ----------
    body : QVBoxLayout
        Where the content goes.
    link : LinkButton
        The link, hidden if there is none.
    """

    def __init__(
        self, title: str, link_text: str = "", on_link: Do | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.title = heading(QLabel(title))
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)  # or a long title would widen the page
        self.link = LinkButton(link_text, on_link, self)  # without a parent, it would be shown as a window
        self.link.setVisible(bool(link_text))
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.link)
        self.body = QVBoxLayout()
        self.body.setSpacing(SPACE // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[SPACE * 3 // 2] * 4)
        layout.setSpacing(SPACE)
        layout.addLayout(top)
        layout.addLayout(self.body, 1)

    def add(self, widget: QWidget, stretch: int = 0) -> QWidget:
        """Add a widget at the end of the body, and return it."""
        self.body.addWidget(widget, stretch)
        return widget

    def clear(self) -> None:
        """Remove everything from the body."""
        while (item := self.body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()


class NumberBlock(Pressable):
    """A headline number with a caption below it; a click leads to where it comes from."""

    def __init__(
        self, number: str, caption: str, on_click: Do | None = None, tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__("", on_click, tip, parent)
        self.number, self.caption = number, caption
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_number(number, caption)

    def set_number(self, number: str, caption: str, on_click: Do | None = None) -> None:
        """Show another number; without `on_click`, a click does the same as before."""
        self.number, self.caption = number, caption
        self.set_action(f"{number}, {caption}", on_click or self._do)
        self.updateGeometry()
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Paint number and caption."""
        palette, (big, small) = self.palette(), self._fonts()
        background = block_colour(palette)
        if self.lit:
            background = mixed(background, palette.color(QPalette.ColorRole.Text), 0.06)
        fill_rounded(painter, self.rect(), background)
        room = self.rect().adjusted(SPACE * 3 // 2, SPACE, -SPACE, -SPACE)
        painter.setFont(big)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        height = painter.fontMetrics().height()
        painter.drawText(QRect(room.left(), room.top(), room.width(), height), LEFT | CENTRE, self.number)
        painter.setFont(small)
        painter.setPen(caption_colour(palette))
        below = room.adjusted(0, height + SPACE // 2, 0, 0)
        painter.drawText(below, LEFT | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, self.caption)

    def sizeHint(self) -> QSize:
        """Return room for the number and two lines of the caption."""
        big, small = (QFontMetrics(font) for font in self._fonts())
        width = max(big.horizontalAdvance(self.number), small.horizontalAdvance(self.caption) // 2 + 2 * SPACE)
        return QSize(width + 3 * SPACE, big.height() + 2 * small.height() + SPACE * 5 // 2)

    def minimumSizeHint(self) -> QSize:
        """Return room for the number, and for a caption that wraps."""
        width = QFontMetrics(self._fonts()[0]).horizontalAdvance(self.number)
        return QSize(max(width, LEAST_NUMBER) + 3 * SPACE, self.sizeHint().height())

    def _fonts(self) -> tuple[QFont, QFont]:
        return scaled(self.font(), NUMBER, bold=True), scaled(self.font(), SMALL)


class BarRow(Pressable):
    """A labelled bar with a number at its right; a click leads to what it stands for.

    Parameters
    ----------
    label, text : str
        What the bar is about, and its value in words.
    share : float
        Length, 0 to 1.
    tone : str
        `GOOD`, `MIDDLE`, `BAD` or `PLAIN` of `tfstab.gui.theme`.
    on_click : callable, optional
    interval : tuple of float, optional
        Ends of an interval around `share`, drawn as a thin line over the bar.
    tip : str
        Tool tip.
    """

    def __init__(
        self,
        label: str,
        share: float,
        text: str,
        tone: str = PLAIN,
        on_click: Do | None = None,
        interval: tuple[float, float] | None = None,
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(f"{label}: {text}", on_click, tip, parent)
        self.label, self.share, self.text_right, self.tone, self.interval = label, share, text, tone, interval
        self.label_width = self.fontMetrics().horizontalAdvance(label) + 2
        self.text_width = self.fontMetrics().horizontalAdvance(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def draw(self, painter: QPainter) -> None:
        """Paint label, bar, interval and value."""
        palette, room = self.palette(), self.rect().adjusted(4, 0, -4, 0)
        text = palette.color(QPalette.ColorRole.Text)
        if self.lit:
            fill_rounded(painter, self.rect(), mixed(block_colour(palette), text, 0.06))
        label_width = min(self.label_width, room.width() // 2)
        painter.setPen(text)
        label = painter.fontMetrics().elidedText(self.label, Qt.TextElideMode.ElideRight, label_width)
        painter.drawText(QRect(room.left(), room.top(), label_width, room.height()), LEFT | CENTRE, label)
        painter.drawText(room, RIGHT | CENTRE, self.text_right)
        left, right = room.left() + label_width + SPACE, room.right() - self.text_width - SPACE
        length, middle = max(right - left, 0), room.center().y() + 0.5
        bar = QRectF(left, middle - BAR / 2, max(length * min(max(self.share, 0), 1), 2), BAR)
        fill_rounded(painter, bar, tone_colour(palette, self.tone), BAR / 2)
        if self.interval is not None:
            low, high = (left + length * min(max(end, 0), 1) for end in self.interval)
            fill_rounded(painter, QRectF(low, middle - 1, max(high - low, 1), 2), text, 1)

    def sizeHint(self) -> QSize:
        """Return room for label, value and a short bar."""
        width = min(self.label_width, 160) + self.text_width + LEAST_BAR + 2 * SPACE + 8
        return QSize(width, self.fontMetrics().height() + SPACE // 2)


def align_bars(rows: Iterable[BarRow]) -> None:
    """Let bars of one block begin and end in the same places."""
    rows = list(rows)
    for row in rows:
        row.label_width = max(other.fontMetrics().horizontalAdvance(other.label) + 2 for other in rows)
        row.text_width = max(other.fontMetrics().horizontalAdvance(other.text_right) for other in rows)
        row.updateGeometry()
        row.update()


class TextVerdict(QFrame):
    """A sentence or two in larger type, with a line in the colour of its tone at the left."""

    def __init__(self, text: str = "", tone: str = PLAIN, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tone = tone
        self.label = QLabel()
        self.label.setFont(scaled(self.font(), 1.15))
        self.label.setWordWrap(True)
        self.label.setMaximumWidth(WIDEST_TEXT)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE * 3 // 2, 2, 0, 2)
        layout.addWidget(self.label, 1000)  # against the stretch, which gets what exceeds the widest text
        layout.addStretch(1)
        self.set_text(text, tone)

    def set_text(self, text: str, tone: str = PLAIN) -> None:
        """Show another verdict; text may be HTML, so names from files must be escaped."""
        self.tone = tone
        self.label.setText(text)
        self.setVisible(bool(text))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        fill_rounded(painter, QRect(0, 0, 3, self.height()), tone_colour(self.palette(), self.tone), 1)
        painter.end()


class Caption(QLabel):
    """Text in smaller and fainter type, such as what a block is waiting for."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(scaled(self.font(), SMALL))
        self.setForegroundRole(QPalette.ColorRole.WindowText)  # on a page of blocks, Qt would choose another role
        self.setWordWrap(True)
        self._recolour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()

    def _recolour(self) -> None:
        palette, colour = self.palette(), caption_colour(self.palette())
        if palette.color(QPalette.ColorRole.WindowText) != colour:
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)


class BlockColumn(QScrollArea):
    """A page of blocks below one another, which scrolls if it is higher than its room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[BreakingRow] = []
        content = QWidget()
        content.setBackgroundRole(QPalette.ColorRole.Base)
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(*[2 * SPACE] * 4)
        self.column.setSpacing(SPACE * 3 // 2)
        self.column.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def add(self, *parts: QWidget) -> None:
        """Add a row of equally wide blocks below the others; where there is no room, it breaks into several rows."""
        row = BreakingRow(parts)
        self._rows.append(row)
        self.column.insertLayout(self.column.count() - 1, row)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break rows as the width demands."""
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Break rows again when blocks need another width, or are shown or hidden."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return bool(super().eventFilter(watched, event))

    def _arrange(self) -> None:
        margins = self.column.contentsMargins()
        room = self.viewport().width() - margins.left() - margins.right()
        for row in self._rows:
            row.arrange(room)
