"""The shapes that tell compared runs apart without colour, as curves, lists of bars and legends show them."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

SYMBOLS = ("o", "s", "t", "d", "+", "x")  # in plots: of the run in view, then of compared runs
SIGNS = ("●", "■", "▼", "◆", "✚", "✖")  # the same in text
_PLUS = (1, 3), (1, 1), (3, 1), (3, -1), (1, -1), (1, -3), (-1, -3), (-1, -1), (-3, -1), (-3, 1), (-1, 1), (-1, 3)
_CORNERS = (
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((-1.1, -0.9), (1.1, -0.9), (0, 1.1)),
    ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    tuple((x / 2.5, y / 2.5) for x, y in _PLUS),
    tuple(((x + y) / 3.5, (x - y) / 3.5) for x, y in _PLUS),
)


def draw_mark(painter: QPainter, middle: QPointF, n: int, size: float) -> None:
    """Draw the shape of the n-th compared run, from 1, with the painter's pen and brush; size: half its width."""
    corners = [middle + QPointF(x, y) * size for x, y in _CORNERS[(n - 1) % len(_CORNERS)]]
    path = QPainterPath()
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()
    painter.drawPath(path)
