"""One degradation of the explorer: its severity as a slider and a number, and buttons to move and remove it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from tfstab.gui.content.explorer import Step
from tfstab.gui.content.track import Track
from tfstab.gui.jobs.severities import bounds, direction, ends
from tfstab.gui.widgets.elided import ElidedNames
from tfstab.gui.widgets.explorer.severity_slider import SeveritySlider
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import keep_arrows

ARROWS = {-1: "◀", 1: "▶"}  # where on the slider a direction is
FLIP = "where the prediction becomes wrong, or right"


class StepRow(QWidget):
    """Shows one step.

    Attributes
    ----------
    name : str
        Name of the family.
    flips : list of ElidedNames
        A line for each direction of the slider, the left one first.

    Signals
    -------
    chosen : float
        The user has chosen another severity.
    moved : int
        The user has asked to apply it earlier (-1) or later (1).
    removed
        The user has asked to remove it.
    """

    chosen = Signal(float)
    moved = Signal(int)
    removed = Signal()

    def __init__(self, step: Step, place: int, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        family, self.name = step.family, step.name
        self.title = QLabel(f"<b>{family.title[:1].upper()}{family.title[1:]}</b>")
        self.title.setToolTip(family.about)
        towards = {side: direction(family, side) for side in ends(family)}
        self._starts = [f"{ARROWS[side]} {word}" if word else "" for side, word in towards.items()]
        self.flips = [ElidedNames() for _ in towards]
        for flip, word in zip(self.flips, towards.values(), strict=True):
            flip.setMinimumHeight(self.fontMetrics().height())  # also while it is empty, so that nothing jumps
            flip.setAccessibleName(f"{word}: {FLIP}" if word else f"{FLIP[0].upper()}{FLIP[1:]}")
        self.slider = SeveritySlider(family)
        self.number = QDoubleSpinBox()
        low, high = bounds(family)
        self.number.setRange(low, high)
        self.number.setDecimals(0 if family.whole else 2)
        self.number.setSingleStep(1 if family.whole else abs(family.severities[-1] - family.neutral) / 40)
        self.number.setKeyboardTracking(False)
        self.number.setAccessibleName(f"{family.parameter} of {family.title}, as a number")
        both = "; lower numbers: {}, higher numbers: {}".format(*towards.values()) if len(towards) == 2 else ""
        self.number.setToolTip(f"{family.axis}: {family.range}; {family.neutral:g} leaves the image unchanged{both}")
        keep_arrows(self.number)
        self.unit = QLabel(family.axis)
        self.earlier = _button("▲", f"Apply {family.title} earlier", place > 0)
        self.later = _button("▼", f"Apply {family.title} later", place < count - 1)
        self.remove = _button("✕", f"Remove {family.title}", True)
        self._arrange()
        self.slider.chosen.connect(self.chosen)
        self.number.valueChanged.connect(self.chosen)
        self.earlier.clicked.connect(lambda: self.moved.emit(-1))
        self.later.clicked.connect(lambda: self.moved.emit(1))
        self.remove.clicked.connect(self.removed)
        self.set_severity(step.severity)
        self.set_tracks((), ())

    def set_severity(self, severity: float) -> None:
        """Show another severity without emitting a signal."""
        self.slider.set_severity(severity)
        self.number.blockSignals(True)
        self.number.setValue(severity)
        self.number.blockSignals(False)

    def set_tracks(self, tracks: Sequence[Track], names: tuple[str, ...]) -> None:
        """Show the predictions along the slider, the left side first; () while they are not known."""
        self.slider.set_tracks(tracks, names)
        for place, (flip, start) in enumerate(zip(self.flips, self._starts, strict=True)):
            if not tracks:
                flip.set_line(start)
                flip.setToolTip("")
                continue
            line, named = tracks[place].line(names)
            certain = line.removesuffix(tracks[place].draw)  # the list says below that draws may differ
            shorter = [certain, certain.removeprefix(f"{tracks[place].direction}: ")]
            whole, *shorter = (f"{start[:1]} {each}".lstrip() for each in (line, *shorter))
            flip.set_line(whole, named, shorter)
            text = tracks[place].text(names)
            flip.setToolTip(plain(f"The prediction along this slider, while the others stay: {text}"))

    def _arrange(self) -> None:
        top = QHBoxLayout()
        for widget in (self.title, self.earlier, self.later, self.remove):
            top.addWidget(widget, 1 if widget is self.title else 0)
        bottom = QHBoxLayout()
        bottom.addWidget(self.number)
        bottom.addWidget(self.unit)
        bottom.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.slider)
        for flip in self.flips:
            layout.addWidget(flip)
        layout.addLayout(bottom)


def _button(text: str, tip: str, enabled: bool) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setEnabled(enabled)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a click first ends the typing of a number
    return button
