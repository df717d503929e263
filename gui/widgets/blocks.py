"""Building blocks of overview pages: rounded blocks with a title, headline numbers and a verdict.

All follow the theme, and what can be clicked can also be reached by Tab and pressed by Enter.
"""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
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
from tfstab.gui.widgets.help_button import SIDE, HelpButton
from tfstab.gui.widgets.layouts import BreakingRow
from tfstab.gui.widgets.pressable import Do, LinkButton, Pressable, Rounded, fill_rounded
from tfstab.gui.widgets.wheel import keep_wheel
from tfstab.gui.widgets.wrapped import SentenceLabel, unbroken

LEFT, RIGHT, CENTRE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
LEAST_NUMBER = 140  # pixels, smallest width of a caption below a headline number
WIDEST_TEXT = 900  # pixels; longer lines are hard to read
LEAST_TEXT = 120  # px of a caption or a verdict; longer words are cut off


class Block(Rounded):
    """A titled block of a page, with a link at the right of the title if there is more to see elsewhere.

    Attributes
    ----------
    body : QVBoxLayout
        Where the content goes.
    link : LinkButton
        The link, hidden if there is none.
    help : HelpButton or None
        Opens the term of the glossary that the block is about, if it was given one.
    """

    def __init__(
        self,
        title: str,
        link_text: str = "",
        on_link: Do | None = None,
        parent: QWidget | None = None,
        *,
        term: str = "",
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.title = heading(QLabel(title))
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)  # or a long title would widen the page
        self.link = LinkButton(link_text, on_link, self)  # without a parent, it would be shown as a window
        self.link.setVisible(bool(link_text))
        self.help = HelpButton(term) if term else None
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        if self.help is not None:
            top.addWidget(self.help)
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
        self.help = HelpButton(parent=self)
        self.help.hide()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_number(number, caption)

    def set_number(self, number: str, caption: str, on_click: Do | None = None) -> None:
        """Show another number; without `on_click`, a click does the same as before."""
        self.number, self.caption = number, caption
        self.set_action(f"{number}, {caption}", on_click or self._do)
        self.updateGeometry()
        self.update()

    def explain(self, term: str) -> None:
        """Show a button that opens a term of the glossary in the upper right corner; "" for none."""
        self.help.setVisible(bool(term))
        if term:
            self.help.explain_terms(term)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button in its corner."""
        super().resizeEvent(event)
        self.help.move(self.width() - SIDE - SPACE // 2, SPACE // 2)

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
        painter.drawText(below, LEFT | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, unbroken(self.caption))

    def heightForWidth(self, width: int) -> int:
        """Return room for the number and all lines of the caption, at least two."""
        big, small = (QFontMetrics(font) for font in self._fonts())
        room = QRect(0, 0, width - SPACE * 5 // 2, 1 << 20)
        wrapped = LEFT | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        caption = small.boundingRect(room, wrapped, unbroken(self.caption))
        return max(self.sizeHint().height(), big.height() + caption.height() + SPACE * 5 // 2)

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


class TextVerdict(QFrame):
    """A sentence or two in larger type, with a line in the colour of its tone at the left."""

    def __init__(self, text: str = "", tone: str = PLAIN, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tone = tone
        self.label = SentenceLabel()
        # By itself, Qt takes a text without tags for plain text, and would show an escaped apostrophe as "&#x27;".
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setFont(scaled(self.font(), 1.15))
        self.label.setMaximumWidth(WIDEST_TEXT)
        self.label.setMinimumWidth(LEAST_TEXT)  # a class name of 200 letters does not widen the page
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


class Caption(SentenceLabel):
    """Text in smaller and fainter type, such as what a block is waiting for."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(scaled(self.font(), SMALL))
        self.setForegroundRole(QPalette.ColorRole.WindowText)  # on a page of blocks, Qt would choose another role
        self._recolour()

    def minimumSizeHint(self) -> QSize:
        """Return the least size; a class name of 200 letters does not widen the page."""
        return super().minimumSizeHint().boundedTo(QSize(LEAST_TEXT, 1 << 20))

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


class BlockRow(QWidget):
    """Equally wide blocks beside each other as one widget, which can be saved as a figure."""

    def __init__(self, *blocks: QWidget) -> None:
        super().__init__()
        self._blocks, self._row = blocks, BreakingRow(blocks)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._row)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: where there is no room beside each other, the blocks are below one another."""
        widest = max(block.minimumSizeHint().width() for block in self._blocks)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the row as the width demands."""
        super().resizeEvent(event)
        self._row.arrange(event.size().width())


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
        keep_wheel(self)
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
