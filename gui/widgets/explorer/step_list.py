"""The degradations of the explorer, one below the other, and the list from which more are added."""

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from tfstab.gui.content.explorer import MOST_STEPS, families
from tfstab.gui.sessions.explorer import Explorer
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.explorer.severity_slider import TrackLegend
from tfstab.gui.widgets.explorer.step_row import StepRow
from tfstab.gui.widgets.tab_order import tab_in_order
from tfstab.gui.widgets.wheel import keep_wheel

ADD = "Add a degradation…"
EMPTY = "Add a degradation below, then move its slider."
AGAIN = "Draw new random numbers for noise and the other random degradations"
DRAWN = (
    "Random degradations use new random numbers here, so predictions may differ from those of the run's copies. Bands "
    "and marks hold for one draw of these numbers; “Draw again” makes another."
)
WIDTH = 216  # pixels, the least
SETTLED = 100  # ms after which the list is laid out, which takes several turns of the event loop


class StepList(QScrollArea):
    """Shows the steps of an explorer.

    Attributes
    ----------
    rows : list of StepRow
        One for each step.
    """

    def __init__(self, explorer: Explorer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._explorer = explorer
        self.rows: list[StepRow] = []
        self.empty = QLabel(EMPTY)
        self.empty.setWordWrap(True)
        self.adding = QComboBox()
        self.adding.setAccessibleName("Add a degradation")
        self.adding.setPlaceholderText(ADD)
        self.adding.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.again = QPushButton("Draw again")
        self.again.setToolTip(AGAIN)
        self.drawn, self.legend = Caption(DRAWN), TrackLegend()
        content = QWidget()
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(8, 8, 8, 8)
        self._below = QHBoxLayout()
        self._below.addWidget(self.adding, 1)
        self._below.addWidget(self.again)
        self._layout.addWidget(self.empty)
        self._layout.addLayout(self._below)
        self._layout.addWidget(self.drawn)
        self._layout.addWidget(self.legend)
        self._layout.addStretch(1)
        self.setWidget(content)
        keep_wheel(self)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(WIDTH)
        self._settling = QTimer(self, singleShot=True, interval=SETTLED)
        self.verticalScrollBar().rangeChanged.connect(self._keep_adding_in_view)
        self.adding.activated.connect(self._add)
        self.again.clicked.connect(lambda: explorer.set_seed(explorer.state.seed + 1))
        explorer.steps_changed.connect(self._make_rows)
        explorer.tracks.changed.connect(self._show_steps)
        self._offer()
        self._make_rows()

    def showEvent(self, event: QShowEvent) -> None:
        """Offer degradations that have been loaded since."""
        self._offer()
        super().showEvent(event)

    def _offer(self) -> None:
        """List the degradations to add."""
        offered = families()
        if self.adding.count() != len(offered):
            self.adding.clear()
            for name, title in offered.items():
                self.adding.addItem(title, name)
            self.adding.setCurrentIndex(-1)

    def _make_rows(self) -> None:
        explorer, steps = self._explorer, self._explorer.state.steps
        random = any(step.family.random for step in steps)
        self.drawn.setVisible(random)
        for row in self.rows:
            self._layout.removeWidget(row)
            row.blockSignals(True)  # its place is another step's now
            row.hide()  # at once: until it is deleted it would be drawn over the others
            row.deleteLater()
        self.rows = [StepRow(step, place, len(steps)) for place, step in enumerate(steps)]
        for place, row in enumerate(self.rows):
            row.chosen.connect(partial(explorer.set_severity, place))
            row.moved.connect(partial(explorer.move, place))
            row.removed.connect(partial(explorer.remove, place))
            self._layout.insertWidget(place, row)
        tab_in_order(self)
        self.empty.setVisible(not steps)
        self.again.setEnabled(random)
        self.adding.setEnabled(len(steps) < MOST_STEPS)
        self._show_steps()

    def _show_steps(self) -> None:
        explorer = self._explorer
        steps, tracks, names = explorer.state.steps, explorer.tracks.found, tuple(explorer.run.class_names)
        self.legend.setVisible(any(tracks))
        self.legend.set_judged(explorer.original.actual is not None)
        if [row.name for row in self.rows] != explorer.state.names:  # the rows are about to be made again
            return
        for row, step, found in zip(self.rows, steps, tracks, strict=True):
            row.set_severity(step.severity)
            row.set_tracks(found, names)

    def _add(self, place: int) -> None:
        name = self.adding.itemData(place)
        self.adding.setCurrentIndex(-1)
        self._settling.start()
        self._explorer.add(name)
        self._settling.start()  # again, as a busy machine may take longer for the rows than they take to settle

    def _keep_adding_in_view(self) -> None:
        if self._settling.isActive():
            self.ensureWidgetVisible(self.adding)
