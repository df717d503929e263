"""The frequencies of an image's noise, as bars beside those of white noise."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from tfstab.gui.theme import PLAIN, tone_colour
from tfstab.gui.widgets.card.drawing import Drawing, Spot, write

if TYPE_CHECKING:
    from tfstab.explanation.image_words import Spectrum

LINES = 6  # height in lines of text
RING = 0.1  # width of a ring in units of the Nyquist frequency, as in `tfstab.explanation.fourier`
AXIS = 1.0  # beyond the Nyquist frequency there are only the corners of the spectrum


class SpectrumBars(Drawing):
    """One bar for each ring of frequencies, low ones at the left; the line is what white noise would have."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Frequencies of the noise", LINES, parent)
        self._spectrum: Spectrum | None = None

    def set_spectrum(self, spectrum: "Spectrum") -> None:
        """Show another spectrum."""
        self._spectrum = spectrum
        self.describe([self._said(k) for k in range(len(spectrum.noise))] if np.isfinite(spectrum.high) else [])

    def blank(self) -> None:
        """Show nothing until there is a spectrum again."""
        self._spectrum = None
        self.describe([])

    def draw(self, painter: QPainter) -> list[Spot]:
        """Paint bars, line and axis."""
        spectrum = self._spectrum
        if spectrum is None or not np.isfinite(spectrum.high):
            return []
        line, count = painter.fontMetrics().height(), len(spectrum.noise)
        step, high = self.width() / count, self.height() - 1.3 * line
        largest = max(float(spectrum.noise.max()), float(spectrum.white.max()))
        painter.setPen(Qt.PenStyle.NoPen)
        spots = []
        for k, share in enumerate(spectrum.noise):
            tall = share / largest * high
            painter.fillRect(QRectF(k * step + 1, high - tall, step - 2, tall), tone_colour(self.palette(), PLAIN))
            spots.append((QRectF(k * step, 0, step, high), self._said(k)))
        painter.setPen(QPen(self.strong, 1.5))
        white = [QPointF((k + 0.5) * step, high - share / largest * high) for k, share in enumerate(spectrum.white)]
        painter.drawPolyline(QPolygonF(white))
        for radius, text in ((0.0, "0"), (AXIS / 2, "half"), (AXIS, "highest frequency")):
            place = radius / RING * step
            where = Qt.AlignmentFlag.AlignLeft if radius == 0 else Qt.AlignmentFlag.AlignHCenter
            room = QRectF(0 if radius == 0 else place - 60, high + 0.2 * line, 120, line)
            write(painter, room, text, self.faint, where)
        return spots

    def _said(self, k: int) -> str:
        assert self._spectrum is not None
        s, low = self._spectrum, k * RING
        shares = f"{100 * s.noise[k]:.1f} % of the noise, {100 * s.white[k]:.1f} % of white noise"
        image = f", {100 * s.image[k]:.1f} % of the image" if np.isfinite(s.image[k]) else ""
        return f"{low:.1f} to {low + RING:.1f} of the highest frequency: {shares}{image}"
