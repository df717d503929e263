"""What the cells of the table of classes show: recalls, or false alarms."""

import math
from dataclasses import dataclass
from textwrap import fill

import numpy as np

from tfstab.experiments.also_taken import LITTLE
from tfstab.gui.content.class_column import ALL, CLEAN
from tfstab.gui.content.class_recalls import ClassRecalls, RecallCell, RecallColumn
from tfstab.gui.content.class_recalls import in_words as recall_in_words
from tfstab.gui.content.false_alarms import AlarmCell, AlarmColumn, FalseAlarms
from tfstab.gui.content.false_alarms import in_words as alarms_in_words
from tfstab.gui.widgets.array_model import Column
from tfstab.metrics.shares import rounded

MEAN, KEPT = "mean", "kept"  # titles of the columns of the average over all degradations
FALLS, RISES = "↓", "↑"
LINE = 10  # characters in a line of a title of a column
WORST_ALARMS = 0.5  # this share of the images of other classes, or more, has the colour of a recall of 0
Cell = RecallCell | AlarmCell


@dataclass(frozen=True)
class Shown:
    """A column of the table, of recalls or of false alarms.

    Attributes
    ----------
    of : RecallColumn or AlarmColumn
        What the column shows.
    """

    of: RecallColumn | AlarmColumn

    @property
    def key(self) -> str:
        """What tells the column from all others."""
        return self.of.name

    @property
    def title(self) -> str:
        """Title of the column, broken into short lines."""
        return MEAN if self.of.name == ALL else fill(self.of.title, LINE, break_long_words=False)

    @property
    def tip(self) -> str:
        """Which images and severities the column is about."""
        if self.of.name == ALL:
            return "Averaged over all degradations and their severities"
        return "Of all clean images" if self.of.name == CLEAN else f"Averaged over the severities of {self.of.title}"

    def share(self, cell: Cell | None) -> float:
        """Return the share that a cell shows; NaN if it shows none."""
        if cell is None:
            return math.nan
        return cell.share if isinstance(cell, AlarmCell) else cell.recall.value

    def good(self, cell: Cell | None) -> float:
        """Return what the colour of a cell stands for, from 0 for bad to 1 for good; NaN for no colour."""
        share = self.share(cell)
        return 1 - min(share / WORST_ALARMS, 1) if isinstance(cell, AlarmCell) else min(share, 1)

    def marked(self, cell: Cell | None) -> bool:
        """Return whether the cell is certainly bad, and has an arrow."""
        return cell is not None and (cell.more if isinstance(cell, AlarmCell) else cell.harmed)

    def text(self, cell: Cell | None) -> str:
        """Return the text of a cell."""
        if cell is None or not math.isfinite(share := self.share(cell)):
            return "–"
        arrow = RISES if isinstance(cell, AlarmCell) else FALLS
        little = isinstance(cell, RecallCell) and cell.others is not None
        return f"{arrow} " * self.marked(cell) + f"{rounded(share)} %" + f" {LITTLE}" * little

    def said(self, content: ClassRecalls | FalseAlarms, row: int) -> str:
        """Describe a cell in sentences. content: the table; row: place of the class in it."""
        name = content.names[row]
        if isinstance(self.of, RecallColumn):
            return recall_in_words(name, self.of, self.of.cells[row])
        assert isinstance(content, FalseAlarms)
        return alarms_in_words(content, name, self.of, self.of.cells[row])

    def for_table(self) -> Column:
        """Return the column with all its cells."""
        values, texts = np.array(list(map(self.share, self.of.cells))), list(map(self.text, self.of.cells))
        return Column(self.key, self.title, values, str, tip=self.tip, texts=texts)


class ShownKept(Shown):
    """The share of the clean recall that is kept, on average over all degradations."""

    @property
    def key(self) -> str:
        """What tells the column from all others."""
        return KEPT

    @property
    def title(self) -> str:
        """Title of the column."""
        return KEPT

    @property
    def tip(self) -> str:
        """What is divided by what."""
        return "Mean over all degradations, divided by the recall of the same images when clean"

    def share(self, cell: Cell | None) -> float:
        """Return the share that a cell shows; NaN if it shows none."""
        return cell.kept.value if isinstance(cell, RecallCell) else math.nan


def shown_columns(content: ClassRecalls | FalseAlarms) -> list[Shown]:
    """Return the columns of the table; what is kept of recalls is shown on average over all degradations."""
    columns: list[Shown] = []
    for of in content.columns:
        columns.append(Shown(of))
        if of.name == ALL and isinstance(content, ClassRecalls):
            columns.append(ShownKept(of))
    return columns
