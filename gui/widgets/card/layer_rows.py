"""Gain and margin of an image in each layer, as bars."""

import math
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from tfstab.gui.content.failure_card import gain_ratios
from tfstab.gui.theme import BAD, MIDDLE, PLAIN
from tfstab.gui.widgets.blocks import BarRow, Caption, align_bars
from tfstab.gui.widgets.layouts import fill_column

MOST = 8  # layers that are shown: of deep networks those whose gain is furthest above the typical one
HIGH, RAISED = 1.5, 1.1  # gain over the typical gain from which a bar is coloured
ABOUT = "Gain: how far its noise moves a layer, compared with another image. Percent: its margin, of a typical image's."


class LayerRows(QWidget):
    """One bar for each layer, the first layer on top."""

    def __init__(self, layers: dict[str, Any], parent: QWidget | None = None) -> None:
        """Take the part "layers" of the card's answer."""
        super().__init__(parent)
        gain, typical = np.asarray(layers["gain"], float), np.asarray(layers["typical_gain"], float)
        ratios = [*gain_ratios(layers).values(), math.nan]
        shown = np.sort(np.argsort(-np.nan_to_num(ratios), kind="stable")[:MOST])
        largest = max((float(g) for g in gain[shown] if np.isfinite(g)), default=1.0) or 1.0
        rows = [_row(layers["names"][k], gain[k], typical[k], layers["margin"][k], ratios[k], largest) for k in shown]
        align_bars(rows)
        for row in rows:
            row.setMinimumWidth(1)  # a narrow panel cuts the bars, not the numbers
        of = "" if len(shown) == len(gain) else f" {len(shown)} of {len(gain)} layers are shown."
        member = "" if layers["member"] is None else f" Member {layers['member'] + 1} of the ensemble."
        fill_column(self, *rows, Caption(f"{ABOUT}{member}{of}"))


def _row(name: str, gain: float, typical: float, margin: float, ratio: float, largest: float) -> BarRow:
    """Return the bar of a layer."""
    tone = BAD if ratio >= HIGH else MIDDLE if ratio >= RAISED else PLAIN
    known = math.isfinite(gain)
    said = f"gain {gain:.2f} (typical noise {typical:.2f})" if known else "no noise"
    kept = f"margin {margin:.0%} of a typical image's" if math.isfinite(margin) else "margin not known"
    text = (f"{gain:.2f}" if known else "–") + (f" · {margin:.0%}" if math.isfinite(margin) else "")
    return BarRow(name, gain / largest if known else 0.0, text, tone, tip=f"{name}: {said}; {kept}")
