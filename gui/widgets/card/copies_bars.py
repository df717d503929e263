"""What the copies of an image are taken for at each severity, as stacked bars."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from tfstab.gui.content.copies import OTHERS, Copies
from tfstab.gui.theme import GOOD, tone_colour
from tfstab.gui.widgets.card.drawing import Drawing, Spot, write
from tfstab.gui.widgets.theme import run_colours
from tfstab.wording import of_parameter, percent

BARS, AXIS = 5, 1.4  # heights in lines of text: of the bars, and of the severities below them
WRONG = (1, 3, 4)  # positions in `run_colours` of the colours of wrong classes; the true class is green
WIDEST = 28  # pixels of a bar


class CopiesBars(Drawing):
    """One bar for each severity, mild ones at the left; the true class is at the bottom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What copies of this image are taken for, by severity", BARS + AXIS, parent)
        self._copies: Copies | None = None

    def set_copies(self, copies: Copies) -> None:
        """Show other copies."""
        self._copies = copies
        # Two names in a row. It stays as high as it once was, so that what is below does not jump.
        self.set_lines(max(self.lines, BARS + AXIS + -(-len(copies.names) // 2)))
        self.describe([self._said(k) for k in range(len(copies.severities))])

    def blank(self) -> None:
        """Show nothing until there are copies again."""
        self._copies = None
        self.describe([])

    def colours(self) -> list[QColor]:
        """Return the colour of each class."""
        assert self._copies is not None
        palette, wrong = self.palette(), iter(WRONG)
        named = [tone_colour(palette, GOOD)]
        for name in self._copies.names[1:]:
            grey = palette.color(QPalette.ColorRole.Mid)
            named.append(grey if name == OTHERS else QColor(run_colours(palette)[next(wrong)]))
        return named

    def draw(self, painter: QPainter) -> list[Spot]:
        """Paint bars, severities and legend."""
        copies = self._copies
        if copies is None:
            return []
        line, count, colours, spots = painter.fontMetrics().height(), len(copies.severities), self.colours(), []
        step, high = self.width() / count, BARS * line
        wide = min(step * 0.7, WIDEST)
        every = 1 + max(painter.fontMetrics().horizontalAdvance(text) + 6 for text in copies.severities) // int(
            step + 1
        )
        for k, shares in enumerate(copies.shares):
            left, bottom = k * step + (step - wide) / 2, float(high)
            painter.setPen(Qt.PenStyle.NoPen)
            for colour, share in zip(colours, shares, strict=True):
                painter.fillRect(QRectF(left, bottom - share * high, wide, share * high), colour)
                bottom -= share * high
            room = QRectF(k * step, 0, step, high + line)
            spots.append((room, self._said(k)))
            if k % every == 0:
                below = QRectF(k * step - step, high, 3 * step, line)
                write(painter, below, copies.severities[k], self.faint, Qt.AlignmentFlag.AlignHCenter)
        self._draw_legend(painter, high + AXIS * line, line, colours)
        return spots

    def _draw_legend(self, painter: QPainter, top: float, line: int, colours: list[QColor]) -> None:
        """Name the classes, two in a row."""
        assert self._copies is not None
        wide = self.width() / 2
        for k, (name, colour) in enumerate(zip(self._copies.names, colours, strict=True)):
            left, y = (k % 2) * wide, top + (k // 2) * line
            painter.fillRect(QRectF(left, y + line * 0.25, line * 0.5, line * 0.5), colour)
            room = QRectF(left + line * 0.75, y, wide - line, line)
            write(painter, room, name, self.strong, Qt.AlignmentFlag.AlignLeft)

    def _said(self, k: int) -> str:
        """Return the shares at a severity in words."""
        assert self._copies is not None
        c = self._copies
        shares = [f"{name} {percent(share)}" for name, share in zip(c.names, c.shares[k], strict=True) if share > 0]
        return f"{of_parameter(c.parameter, c.severities[k])}: {', '.join(shares)}"
