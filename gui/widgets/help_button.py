"""A small question mark that opens the guide where a term or a page is explained."""

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from tfstab.gui.content.guide import explained, term_place
from tfstab.gui.theme import SMALL, caption_colour, scaled

SIDE = 18  # pixels


@runtime_checkable
class ShowsGuide(Protocol):
    """A window that can open the guide."""

    def show_guide(self, place: str) -> object:
        """Open the guide at "TOPIC" or "TOPIC#ANCHOR"."""


def show_guide(widget: QWidget, place: str) -> None:
    """Open the guide at a place, through the window to which a widget or its dialog belongs."""
    above: QWidget | None = widget
    while above is not None and not isinstance(above, ShowsGuide):
        above = above.parentWidget()
    if above is not None:
        above.show_guide(place)


class HelpButton(QToolButton):
    """Opens the guide at a place, or at a term of the glossary, whose explanation is then the tool tip.

    Attributes
    ----------
    term : str
        The term, or "".
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.term = self._place = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(SIDE, SIDE)
        self.setFont(scaled(self.font(), SMALL, bold=True))
        self.clicked.connect(lambda _checked=False: show_guide(self, self.place))

    @classmethod
    def of_term(cls, term: str) -> "HelpButton":
        """Return a button that opens a term of the glossary."""
        button = cls()
        button.explain_term(term)
        return button

    @property
    def place(self) -> str:
        """The place, "TOPIC" or "TOPIC#ANCHOR"."""
        return term_place(self.term) if self.term else self._place

    def explain_term(self, term: str) -> None:
        """Open this term of the glossary."""
        self.term = term
        self.setAccessibleName(f"Explain {term}")
        self.setToolTip("")

    def explain(self, place: str, name: str, tip: str) -> None:
        """Open this place; name: what it explains, for screen readers."""
        self.term, self._place = "", place
        self.setAccessibleName(f"Explain {name}")
        self.setToolTip(tip)

    def event(self, event: QEvent) -> bool:
        """Read the explanation of the term when it is first to be shown."""
        if event.type() == QEvent.Type.ToolTip and self.term:
            self.setToolTip(explained(self.term))
        return super().event(event)

    def sizeHint(self) -> QSize:
        """Return its size."""
        return QSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a question mark in a circle, which is brighter under the mouse or the keyboard."""
        palette, role = self.palette(), QPalette.ColorRole
        lit = self.underMouse() or self.hasFocus()
        colour = palette.color(role.Link) if lit else caption_colour(palette)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.6 if self.hasFocus() else 1))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "?")
        painter.end()
