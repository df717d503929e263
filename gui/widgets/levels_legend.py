"""The legend of charts of the accuracy kept, in the words of the report."""

from html import escape

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from tfstab.assessment.levels import LEVELS, OPEN
from tfstab.gui.content.robustness import TONES
from tfstab.gui.theme import tone_colour
from tfstab.gui.widgets.blocks import Caption


class LevelsLegend(Caption):
    """What the colours mean, and open marks and dotted lines if there are any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._doubts = self._guessing = False
        super().__init__(parent=parent)

    def explain(self, doubts: bool, guessing: bool = False) -> None:
        """Explain the colours; doubts: whether there are open marks; guessing: whether dotted lines show guessing."""
        self._doubts, self._guessing = doubts, guessing
        self._recolour()

    def _recolour(self) -> None:
        super()._recolour()
        tones = {level: tone_colour(self.palette(), TONES[level]).name() for level in LEVELS}
        marks = [("●", tones[level], text.replace(" ", "\N{NO-BREAK SPACE}")) for level, text in LEVELS.items()]
        text = self.palette().color(QPalette.ColorRole.WindowText).name()
        if self._doubts:
            marks.append(("○", text, f"open: {OPEN}"))
        if self._guessing:
            marks.append(("┊", text, "dotted: always answering the same class"))
        said = (f'<span style="color:{colour}">{mark}</span>&nbsp;{escape(text)}' for mark, colour, text in marks)
        self.setText(" &nbsp; ".join(said))
