"""A slider of a severity, under which the predictions along it are drawn."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QToolTip, QWidget

from tfstab.degradations import Degradation
from tfstab.gui.content.points import CORRECT, WRONG
from tfstab.gui.content.track import Track
from tfstab.gui.jobs.severities import severity_at, share_at
from tfstab.gui.theme import PLAIN, tone_colour
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.theme import point_colours
from tfstab.gui.widgets.view_keys import keep_arrows

PLACES = 200  # places of the slider
HEIGHT, BAND = 14, 5  # pixels: of the track, and of its coloured band


class SeveritySlider(QWidget):
    """A slider with the neutral severity at its left end, and the predictions along it.

    Signals
    -------
    chosen : float
        The user has chosen another severity.
    """

    chosen = Signal(float)

    def __init__(self, family: Degradation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family = family
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, PLACES)
        self.slider.setPageStep(PLACES // 10)
        self.slider.setAccessibleName(f"{family.parameter} of {family.title}")
        keep_arrows(self.slider)
        self.track = FlipTrack(self.slider)
        fill_column(self, self.slider, self.track, spacing=0)
        self.slider.valueChanged.connect(lambda place: self.chosen.emit(severity_at(family, place / PLACES)))

    def set_severity(self, severity: float) -> None:
        """Move the slider without emitting a signal."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(PLACES * share_at(self._family, severity)))
        self.slider.blockSignals(False)

    def set_track(self, track: Track | None, names: tuple[str, ...]) -> None:
        """Show the predictions along the slider; None while they are not known."""
        self.track.set_track(track, names, self._family)


class TrackLegend(Caption):
    """Says what the bands under the sliders mean."""

    _judged = True  # whether the true class is known

    def set_judged(self, judged: bool) -> None:
        """Say what they mean for an image whose true class is known, or for one of which it is unknown."""
        if judged != self._judged:
            self._judged = judged
            self._recolour()

    def _recolour(self) -> None:
        super()._recolour()
        said = (
            ("correct", "misclassified", "becomes wrong, or right")
            if self._judged
            else ("the class predicted at its left end", "another class", "first change")
        )
        marks = (
            f'<span style="color: {colour.name()}">{mark}</span>&nbsp;{text}'
            for colour, mark, text in zip(band_colours(self.palette(), self._judged), "■▨", said, strict=False)
        )
        self.setText(f"Below a slider: {', '.join(marks)}, ┃&nbsp;{said[-1]}")


def band_colours(palette: QPalette, judged: bool) -> tuple[QColor, QColor]:
    """Return the colours of plain and hatched parts of a band; judged: whether the true class is known."""
    colours = point_colours(palette)
    return QColor(*colours[CORRECT]), QColor(*colours[WRONG]) if judged else tone_colour(palette, PLAIN)


class FlipTrack(QWidget):
    """A band under a slider: correct predictions plain, wrong ones hatched, and a mark where this first changes.

    If the true class is unknown, the class predicted at the left end is plain, and others are hatched.
    """

    def __init__(self, slider: QSlider, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = slider
        self._track: Track | None = None
        self._names: tuple[str, ...] = ()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def track(self) -> Track | None:
        """What is drawn."""
        return self._track

    def set_track(self, track: Track | None, names: tuple[str, ...], family: Degradation) -> None:
        """Draw another track."""
        self._track, self._names, self._family = track, names, family
        self.setAccessibleName("" if track is None else f"Predictions along the slider: {track.text(names)}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that the slider has."""
        return QSize(self._slider.sizeHint().width(), HEIGHT)

    def event(self, event: QEvent) -> bool:
        """Name the prediction under the mouse in a tool tip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._track is not None:
            share = self._share(event.pos().x())
            predicted = next((k for start, end, k in self._track.pieces() if start <= share <= end), None)
            if predicted is not None:
                family = self._family
                severity = f"{family.parameter} {severity_at(family, share):.3g}"
                QToolTip.showText(event.globalPos(), f"{severity}: {self._names[predicted]}", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the band and the mark."""
        track = self._track
        if track is None:
            return
        painter = QPainter(self)
        plain, hatched = band_colours(self.palette(), track.actual is not None)
        for start, end, predicted in track.pieces():
            box = QRectF(self._x(start), 1, self._x(end) - self._x(start), BAND)
            expected = predicted == track.expected
            painter.fillRect(box, plain if expected else hatched)
            if not expected:  # told apart without colour, too
                painter.fillRect(box, QBrush(self.palette().base().color(), Qt.BrushStyle.BDiagPattern))
        if track.flip is not None:
            x = self._x(share_at(self._family, track.flip))
            painter.setPen(QPen(self.palette().text().color(), 2))
            painter.drawLine(round(x), 0, round(x), HEIGHT - 2)
        painter.end()

    def _ends(self) -> tuple[float, float]:
        """Return the middle of the slider's handle at both ends."""
        handle = self._slider.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self._slider)
        return handle / 2, self.width() - handle / 2

    def _x(self, share: float) -> float:
        left, right = self._ends()
        return left + share * (right - left)

    def _share(self, x: float) -> float:
        left, right = self._ends()
        return min(max((x - left) / max(1.0, right - left), 0.0), 1.0)
