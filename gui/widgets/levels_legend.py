"""The legend of charts of the accuracy kept, in the words of the report."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from tfstab.assessment.levels import LEVELS, OPEN
from tfstab.gui.content.robustness import TONES
from tfstab.gui.widgets.legend import Legend, Mark, marks_of


class LevelsLegend(Legend):
    """What the colours mean, and open marks, dotted lines and marks of other networks if there are any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.explain(doubts=False)

    def explain(
        self, doubts: bool, guessing: bool = False, others: Sequence[str] = (), *, framed: bool = False
    ) -> None:
        """Explain the colours.

        Parameters
        ----------
        doubts : bool
            Whether there are open marks.
        guessing : bool
            Whether dotted lines show guessing.
        others : sequence of str
            Names of the networks that this one is compared with; "" for one that is not marked.
        framed : bool
            Whether cells have a dotted frame, as they are no better than guessing.
        """
        unbroken = {level: text.replace(" ", "\N{NO-BREAK SPACE}") for level, text in LEVELS.items()}
        levels = {level: text.replace(",\N{NO-BREAK SPACE}", ", ") for level, text in unbroken.items()}
        marks: list[Mark] = [("●", TONES[level], text) for level, text in levels.items()]
        if doubts:
            marks.append(("○", None, f"open: {OPEN}"))
        if guessing:
            marks.append(("┊", None, "dotted: always answering the same class"))
        if framed:
            marks.append(("⬚", None, "dotted frame: not clearly better than always answering the same class"))
        self.show_marks([*marks, *marks_of(others)])
