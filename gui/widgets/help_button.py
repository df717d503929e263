"""A small question mark that opens the guide where a term or a page is explained."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from tfstab.gui.content.guide import explained, term_place
from tfstab.gui.help import show_guide
from tfstab.gui.theme import SMALL, caption_colour, scaled
from tfstab.gui.widgets.tips import plain

SIDE = 18  # pixels


def term_menu(widget: QWidget, terms: Sequence[str]) -> QMenu:
    """Return a menu of terms of the glossary, each of which opens the guide; it deletes itself."""
    menu = QMenu(widget)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for term in terms:
        action = menu.addAction(f"Explain “{term}”")
        action.triggered.connect(lambda _checked=False, term=term: show_guide(widget, term_place(term)))
    return menu


class HelpButton(QToolButton):
    """Opens the guide at a place, or at terms of the glossary, among which a menu lets the user choose.

    Attributes
    ----------
    terms : sequence of str
        The terms. The explanation of a single one is the tool tip.
    """

    only_on_screen = True

    def __init__(self, *terms: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(SIDE, SIDE)
        self.setFont(scaled(self.font(), SMALL, bold=True))
        self.clicked.connect(lambda _checked=False: self._open())
        self.explain_terms(*terms)

    @property
    def place(self) -> str:
        """Where a click leads, "TOPIC" or "TOPIC#ANCHOR"; "" if there are several terms."""
        return term_place(self.terms[0]) if len(self.terms) == 1 else self._place

    def explain_terms(self, *terms: str) -> None:
        """Open these terms of the glossary."""
        self.terms, self._place = terms, ""
        self.setAccessibleName(f"Explain {', '.join(terms)}".strip())
        self.setToolTip(f"Explain {', '.join(terms)}" if len(terms) > 1 else "")

    def explain(self, place: str, name: str, tip: str) -> None:
        """Open this place; name: what it explains, for screen readers."""
        self.terms, self._place = (), place
        self.setAccessibleName(f"Explain {name}")
        self.setToolTip(tip)

    def event(self, event: QEvent) -> bool:
        """Read the explanation of the term when it is first to be shown."""
        if event.type() == QEvent.Type.ToolTip and len(self.terms) == 1:
            self.setToolTip(plain(explained(self.terms[0])))
        return super().event(event)

    def _open(self) -> None:
        if self.place:
            show_guide(self, self.place)
        else:
            term_menu(self, self.terms).popup(self.mapToGlobal(self.rect().bottomLeft()))

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
