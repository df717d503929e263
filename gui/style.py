"""The style of all widgets where the desktop has none of its own."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle, QStyleOption, QWidget

from tfstab.gui.theme import PLAIN, Role, mixed, tone_colour

FUSION = "fusion"  # Qt's style for such desktops
FAINT = 0.5  # share of the text's colour in frames
FRAMED = QStyle.PrimitiveElement.PE_IndicatorCheckBox, QStyle.PrimitiveElement.PE_IndicatorRadioButton
FOCUSED = QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_KeyboardFocusChange


class FramedStyle(QProxyStyle):
    """Qt's Fusion with clear frames of check boxes and radio buttons, which are hardly visible on dark windows."""

    def __init__(self) -> None:
        super().__init__(FUSION)

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw an element, and the frame of a check box or radio button once more."""
        super().drawPrimitive(element, option, painter, widget)
        if element in FRAMED:
            _frame(painter, option, round_=element == FRAMED[1])


def use_framed_style(app: QApplication) -> None:
    """Replace Fusion, if the desktop has no style of its own."""
    if app.style().name() == FUSION:
        app.setStyle(FramedStyle())


def _frame(painter: QPainter, option: QStyleOption, *, round_: bool) -> None:
    palette = option.palette
    faint = mixed(palette.color(Role.Window), palette.color(Role.WindowText), FAINT)
    painter.save()
    painter.setPen(QPen(tone_colour(palette, PLAIN) if option.state & FOCUSED == FOCUSED else faint, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if round_:  # where Fusion draws the circle
        width = option.rect.width()
        radius = (width + (width + 1) % 2) / 2 - 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawEllipse(QPointF(option.rect.center()) + QPointF(1, 1), radius, radius)
    else:
        painter.drawRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()
