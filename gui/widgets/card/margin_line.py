"""The margin of an image on the way to its degraded copy, as a line."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from tfstab.gui.theme import BAD, GOOD, tone_colour
from tfstab.gui.widgets.card.drawing import Drawing, Spot, write
from tfstab.wording import percent, rounded_to

LINES = 6.5  # height in lines of text


class MarginLine(Drawing):
    """From the clean image at the left to the degraded one at the right; below the level line, the image is lost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Margin from the clean to the degraded image", LINES, parent)
        self._margins: list[float] = []
        self._taken: list[str] = []

    def set_margins(self, margins: list[float], taken: list[str]) -> None:
        """Show margins, in nats, in equal steps from clean to degraded, and the classes predicted there."""
        self._margins, self._taken = margins, taken
        self.describe([self._said(k) for k in range(len(margins))])

    def blank(self) -> None:
        """Show nothing until there are margins again."""
        self.set_margins([], [])

    def draw(self, painter: QPainter) -> list[Spot]:
        """Paint the line, the level 0 and the ends."""
        margins = self._margins
        if not margins:
            return []
        line, palette = painter.fontMetrics().height(), self.palette()
        top, bottom = line * 0.3, self.height() - 1.3 * line
        low, high = min(0.0, *margins), max(0.0, *margins)
        span, step = (high - low) or 1.0, (self.width() - 8) / max(len(margins) - 1, 1)

        def at(k: float, margin: float) -> QPointF:
            return QPointF(4 + k * step, top + (high - margin) / span * (bottom - top))

        painter.setPen(QPen(self.faint, 1, Qt.PenStyle.DashLine))
        painter.drawLine(at(0, 0), at(len(margins) - 1, 0))
        spots = []
        for k, margin in enumerate(margins):
            colour = tone_colour(palette, GOOD if margin >= 0 else BAD)
            if k:
                painter.setPen(QPen(colour, 2))
                painter.drawLine(at(k - 1, margins[k - 1]), at(k, margin))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(at(k, margin), 2.5, 2.5)
            spots.append((QRectF(4 + (k - 0.5) * step, 0, step, self.height()), self._said(k)))
        foot = QRectF(0, self.height() - line, self.width(), line)
        write(painter, foot, f"clean {signed(margins[0])}", self.faint, Qt.AlignmentFlag.AlignLeft)
        write(painter, foot, f"degraded {signed(margins[-1])}", self.faint, Qt.AlignmentFlag.AlignRight)
        return spots

    def _said(self, k: int) -> str:
        share = k / max(len(self._margins) - 1, 1)
        return f"{percent(share)} of the way: margin {self._margins[k]:+.2f} nats, taken for {self._taken[k]}"


def signed(margin: float) -> str:
    """Return a margin with its sign, in two digits: "+3", "−0.79"."""
    return f"{'+' if margin >= 0 else ''}{rounded_to(margin)}".replace("-", "−")
