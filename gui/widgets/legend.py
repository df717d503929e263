"""A line that explains marks and colours."""

from collections.abc import Sequence
from html import escape

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from tfstab.gui.theme import tone_colour
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.run_marks import SIGNS

Mark = tuple[str, str | None, str]  # the sign or "", the tone that it has if it is coloured, and what it means


def marks_of(runs: Sequence[str]) -> list[Mark]:
    """Return the marks of compared runs, by their names; "" for one that is not marked."""
    return [(SIGNS[n % len(SIGNS)], None, name) for n, name in enumerate(runs, 1) if name]


class Legend(Caption):
    """Signs in their colours, each followed by what it means."""

    def __init__(self, marks: Sequence[Mark] = (), parent: QWidget | None = None) -> None:
        self._marks = marks
        super().__init__(parent=parent)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Explain these marks."""
        self._marks = marks
        self._recolour()

    def _recolour(self) -> None:
        super()._recolour()
        text = self.palette().color(QPalette.ColorRole.Text).name()  # as of the marks, which are drawn in it
        said = []
        for sign, tone, meaning in self._marks:
            colour = text if tone is None else tone_colour(self.palette(), tone).name()
            shown = f'<span style="color:{colour}">{sign}</span>&nbsp;' if sign else ""
            said.append(f"{shown}{escape(meaning)}")
        self.setText(" &nbsp; ".join(said))
