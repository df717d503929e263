"""A slider of a severity, under which the predictions along it are drawn."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QStylePainter, QToolTip, QWidget

from tfstab.degradations import Degradation
from tfstab.gui.content.points import CORRECT, WRONG
from tfstab.gui.content.track import Track
from tfstab.gui.jobs.severities import direction, ends, severity_at, share_at
from tfstab.gui.theme import PLAIN, tone_colour
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.theme import point_colours
from tfstab.gui.widgets.view_keys import keep_arrows
from tfstab.wording import of_parameter, rounded_to

PLACES = 200  # places of the slider on each side of the neutral severity
NEAR = 4  # places around a neutral severity in the middle that the mouse takes for it
HEIGHT, BAND = 14, 5  # pixels: of the track, and of its coloured band


class SeveritySlider(QWidget):
    """A slider with the predictions along it.

    The neutral severity is at its left end or, in a family with two directions, in its middle.

    Signals
    -------
    chosen : float
        The user has chosen another severity.
    """

    chosen = Signal(float)

    def __init__(self, family: Degradation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family = family
        centred = -1 in ends(family)
        self.slider = (CentredSlider if centred else QSlider)(Qt.Orientation.Horizontal)
        self.slider.setRange(-PLACES if centred else 0, PLACES)
        self.slider.setPageStep(PLACES // 10)
        self.slider.setAccessibleName(f"{family.parameter} of {family.title}{_directions(family)}")
        keep_arrows(self.slider)
        self.track = FlipTrack(self.slider, family)
        fill_column(self, self.slider, self.track, spacing=0)
        self.slider.valueChanged.connect(self._choose)

    def set_severity(self, severity: float) -> None:
        """Move the slider without emitting a signal."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(PLACES * share_at(self._family, severity)))
        self.slider.blockSignals(False)

    def set_tracks(self, tracks: Sequence[Track], names: tuple[str, ...]) -> None:
        """Show the predictions along the slider; () while they are not known."""
        self.track.set_tracks(tracks, names)

    def _choose(self, place: int) -> None:
        """Tell of the severity at a place; while the mouse drags the handle near the middle, of the neutral one."""
        if self.slider.isSliderDown() and self.slider.minimum() < 0 and abs(place) <= NEAR:
            place = 0
            self.set_severity(self._family.neutral)
        self.chosen.emit(severity_at(self._family, place / PLACES))


class CentredSlider(QSlider):
    """A slider whose middle means nothing is done: without the fill from its left end, which would look like half."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the groove as if the handle were at the left end, then the handle where it is."""
        painter, option = QStylePainter(self), QStyleOptionSlider()
        self.initStyleOption(option)
        parts = QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle
        for part, place in zip(parts, (self.minimum(), self.sliderPosition()), strict=True):
            option.subControls, option.sliderPosition = part, place
            painter.drawComplexControl(QStyle.ComplexControl.CC_Slider, option)
        painter.end()


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
            else ("the class predicted without this degradation", "another class", "first change")
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

    If the true class is unknown, the class predicted at the neutral severity is plain, and others are hatched. If this
    severity is in the middle, a thin line is below it.
    """

    def __init__(self, slider: QSlider, family: Degradation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider, self._family = slider, family
        self._first = -1 if -1 in ends(family) else 0  # share at the left end
        self._tracks: tuple[Track, ...] = ()
        self._names: tuple[str, ...] = ()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What is drawn: one for each direction of the slider; () while they are not known."""
        return self._tracks

    def set_tracks(self, tracks: Sequence[Track], names: tuple[str, ...]) -> None:
        """Draw other tracks."""
        self._tracks, self._names = tuple(tracks), names
        said = "; ".join(track.text(names) for track in tracks)
        self.setAccessibleName(said and f"Predictions along the slider: {said}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that the slider has."""
        return QSize(self._slider.sizeHint().width(), HEIGHT)

    def event(self, event: QEvent) -> bool:
        """Name the prediction under the mouse in a tool tip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._tracks:
            share = self._share(event.pos().x())
            pieces = ((*piece, track.draw) for track in self._tracks for piece in track.pieces())
            found = next((one for one in pieces if min(one[:2]) <= share <= max(one[:2])), None)
            if found is not None:
                (_, _, predicted, draw), family = found, self._family
                severity = of_parameter(family.parameter, rounded_to(severity_at(family, share), 3))
                QToolTip.showText(event.globalPos(), f"{severity}: {self._names[predicted]}{draw}", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the band and the marks."""
        painter = QPainter(self)
        if self._first < 0:
            painter.setPen(QPen(self.palette().mid().color(), 1))
            painter.drawLine(round(self._x(0)), BAND + 1, round(self._x(0)), HEIGHT - 3)
        for track in self._tracks:
            self._paint_track(painter, track)
        painter.end()

    def _paint_track(self, painter: QPainter, track: Track) -> None:
        plain, hatched = band_colours(self.palette(), track.actual is not None)
        for start, end, predicted in track.pieces():
            box = QRectF(self._x(start), 1, self._x(end) - self._x(start), BAND).normalized()
            expected = predicted == track.expected
            painter.fillRect(box, plain if expected else hatched)
            if not expected:  # told apart without colour, too
                painter.fillRect(box, QBrush(self.palette().base().color(), Qt.BrushStyle.BDiagPattern))
        if track.flip is not None:
            x = self._x(share_at(self._family, track.flip))
            painter.setPen(QPen(self.palette().text().color(), 2))
            painter.drawLine(round(x), 0, round(x), HEIGHT - 2)

    def _ends(self) -> tuple[float, float]:
        """Return the middle of the slider's handle at both ends."""
        handle = self._slider.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self._slider)
        return handle / 2, self.width() - handle / 2

    def _x(self, share: float) -> float:
        left, right = self._ends()
        return left + (share - self._first) / (1 - self._first) * (right - left)

    def _share(self, x: float) -> float:
        left, right = self._ends()
        way = min(max((x - left) / max(1.0, right - left), 0.0), 1.0)
        return self._first + way * (1 - self._first)


def _directions(family: Degradation) -> str:
    """Return what the two ends of a slider make of an image, as the end of its name."""
    words = [direction(family, side) for side in ends(family)]
    return f", from {words[0]} to {words[1]}" if len(words) == 2 else ""
