"""The block of an overview with the bars of the weakest classes."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from tfstab.experiments.also_taken import LITTLE
from tfstab.gui.content.class_bars import LEGEND, ClassBar, ClassBars
from tfstab.gui.widgets.bars import BarBlock, BarRow
from tfstab.gui.widgets.legend import Legend, Mark, marks_of
from tfstab.gui.widgets.pressable import Do


class ClassBlock(BarBlock):
    """Bars of classes, with a legend of the colours and of the marks of compared runs that they have.

    Parameters
    ----------
    over : str
        Over what the accuracies are, as the title says: "over all degradations".
    link_text, on_link, parent
        As in Block.
    """

    def __init__(
        self, over: str, link_text: str = "", on_link: Do | None = None, parent: QWidget | None = None
    ) -> None:
        self._about = f"Classes, weakest first, {over}"
        super().__init__(self._about, link_text, on_link, parent)

    def show_classes(self, classes: ClassBars, bar: Callable[[ClassBar], BarRow], elsewhere: str = "") -> None:
        """Show these classes, each as the bar that `bar` makes of it. elsewhere: where the other classes are."""
        self.title.setText(f"{self._about}{classes.apart}")
        more = f"{classes.more:,} more{elsewhere}" if classes.more else ""
        if classes.note:
            marks: list[Mark] = [("", None, f"{classes.note} {more}." if more else classes.note)]
        else:
            tones = {each.tone for each in classes.bars}
            marks = [("●", tone, text) for tone, text in LEGEND.items() if tone in tones]
            marks += [("", None, more)] if more else []
        marks += [(LITTLE, None, classes.little)] if classes.little else []
        marks += marks_of(classes.others)
        self.show_bars([bar(each) for each in classes.bars], classes.lost, Legend(marks) if marks else "")
