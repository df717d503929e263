"""The legend of charts of the accuracy kept, in the words of the report."""

from collections.abc import Sequence
from html import escape

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from tfstab.assessment.levels import LEVELS, OPEN
from tfstab.gui.content.robustness import TONES
from tfstab.gui.theme import tone_colour
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.run_marks import SIGNS


class LevelsLegend(Caption):
    """What the colours mean, and open marks, dotted lines and marks of other networks if there are any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._doubts = self._guessing = False
        self._others: Sequence[str] = ()
        super().__init__(parent=parent)

    def explain(self, doubts: bool, guessing: bool = False, others: Sequence[str] = ()) -> None:
        """Explain the colours.

        Parameters
        ----------
        doubts : bool
            Whether there are open marks.
        guessing : bool
            Whether dotted lines show guessing.
        others : sequence of str
            Names of the networks that this one is compared with.
        """
        self._doubts, self._guessing, self._others = doubts, guessing, others
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
        marks += [(SIGNS[n % len(SIGNS)], text, name) for n, name in enumerate(self._others, 1)]
        said = (f'<span style="color:{colour}">{mark}</span>&nbsp;{escape(text)}' for mark, colour, text in marks)
        self.setText(" &nbsp; ".join(said))
