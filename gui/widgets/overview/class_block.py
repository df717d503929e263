"""The block of an overview with the bars of the weakest classes."""

from collections.abc import Callable

from tfstab.gui.content.class_bars import WEAK, ClassBar, ClassBars
from tfstab.gui.widgets.bars import BarBlock, BarRow
from tfstab.gui.widgets.legend import Legend, Mark


class ClassBlock(BarBlock):
    """Bars of classes, with a legend of the colours that they have."""

    def show_classes(self, classes: ClassBars, bar: Callable[[ClassBar], BarRow], elsewhere: str = "") -> None:
        """Show these classes, each as the bar that `bar` makes of it. elsewhere: where the other classes are."""
        tones = {each.tone for each in classes.bars}
        marks: list[Mark] = [("●", tone, text) for tone, text in WEAK.items() if tone in tones]
        if classes.more:
            marks.append(("", None, f"{classes.more:,} more{elsewhere}"))
        legend = Legend(marks) if marks else ""
        more = f" {classes.more:,} more{elsewhere}." if classes.more else ""
        self.show_bars([bar(each) for each in classes.bars], classes.note + more if classes.note else legend)
