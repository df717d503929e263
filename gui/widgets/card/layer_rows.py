"""Gain and margin of an image in each layer, as bars."""

import math
from typing import Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tfstab.explanation.image_words import gain_ratios
from tfstab.gui.theme import BAD, MIDDLE, PLAIN
from tfstab.gui.widgets.bars import BarRow, align_bars
from tfstab.wording import percent

MOST = 8  # layers that are shown: of deep networks those whose gain is furthest above that of random noise
HIGH, RAISED = 1.5, 1.1  # gain over that of random noise from which a bar is coloured
ABOUT = (
    "Bar and number: gain, how far the noise or change moves the layer's output, relative to the distance to another "
    "image. In brackets: the gain of random noise of the same L2. {}Amber and red: hidden layers whose gain is at "
    f"least {RAISED} and {HIGH} times that of random noise; the logits stay blue."
)
PERCENTAGE = "Percentage: margin of the clean image, relative to a typical one. "


class LayerRows(QWidget):
    """One bar for each layer, the first layer on top.

    Attributes
    ----------
    margins : bool
        Whether the margin of a layer is shown; an image that is wrong when clean has none.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[BarRow] = []
        self.margins = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    def set_layers(self, layers: dict[str, Any]) -> str:
        """Show the part "layers" of the card's answer, and return a line about it."""
        gain, of_random = np.asarray(layers["gain"], float), np.asarray(layers["random_gain"], float)
        ratios = [*gain_ratios(layers["names"], layers["gain"], layers["random_gain"]).values(), math.nan]
        shown = np.sort(np.argsort(-np.nan_to_num(ratios), kind="stable")[:MOST])
        largest = max((float(g) for g in gain[shown] if np.isfinite(g)), default=1.0) or 1.0
        self._make(len(shown))
        for row, k in zip(self.rows, shown, strict=True):
            _show(row, layers["names"][k], gain[k], of_random[k], layers["margin"][k], ratios[k], largest)
        align_bars(self.rows)
        of = "" if len(shown) == len(gain) else f" {len(shown)} of {len(gain)} layers are shown."
        member = "" if layers["member"] is None else f" Member {layers['member'] + 1} of the ensemble."
        self.margins = bool(np.isfinite(np.asarray(layers["margin"], float)[shown]).any())
        return f"{ABOUT.format(PERCENTAGE if self.margins else '')}{member}{of}"

    def blank(self) -> None:
        """Show bars without length until there are values again."""
        for row in self.rows:
            row.share, row.text_right = 0.0, ""
            row.update()

    def _make(self, count: int) -> None:
        """Make rows until there are so many, and show only these."""
        while len(self.rows) > count:
            row = self.rows.pop()
            row.hide()
            row.deleteLater()
        while len(self.rows) < count:
            row = BarRow("", 0.0, "")
            row.setMinimumWidth(1)  # a narrow panel cuts the bars, not the numbers
            self._column.addWidget(row)
            self.rows.append(row)


def _show(row: BarRow, name: str, gain: float, of_random: float, margin: float, ratio: float, largest: float) -> None:
    """Show a layer in a row."""
    known = math.isfinite(gain)
    said = f"gain {gain:.2f} (random noise of the same L2: {of_random:.2f})" if known else "nothing has changed"
    kept = f"margin {percent(margin)} of a typical image's" if math.isfinite(margin) else "margin not known"
    row.label, row.share = name, gain / largest if known else 0.0
    share = f" · {percent(margin)}" if math.isfinite(margin) else ""
    row.text_right = (f"{gain:.2f} ({of_random:.2f})" if known else "–") + share
    row.tone = BAD if ratio >= HIGH else MIDDLE if ratio >= RAISED else PLAIN
    row.setToolTip(f"{name}: {said}; {kept}")
    row.setAccessibleName(f"{name}: {said}; {kept}")
