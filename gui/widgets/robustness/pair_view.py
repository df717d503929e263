"""An assessment beside others: what the paired differences say, in a sentence and in tables or a chart."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tfstab.errors import InputError
from tfstab.gui.content.pair_recalls import pairing_of_recalls, recall_lines
from tfstab.gui.content.pair_sentences import applied_notes, in_short, sentence
from tfstab.gui.content.pairing import DIRECTION, Pairing
from tfstab.gui.figures import Figure
from tfstab.gui.jobs.field_words import in_fields
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.forms import Forms
from tfstab.gui.widgets.robustness.pair_chart import PairChart, charted
from tfstab.gui.widgets.robustness.pair_table import DECIDED, PairTable
from tfstab.metrics.multiple import TOGETHER
from tfstab.wording import listed

HOW = f"Accuracy over the severities that both have, on the images that both have. {DECIDED}"
RECALLS = f"Recall in percent, on the images that both have. {DIRECTION} Beside it: its 95 % interval. {TOGETHER}"
NOISE = (
    "So is the minimum noise. Its row has a ratio in the column of differences: the noise of the network that the "
    "column's title names first, divided by that of the other (the median over the images that both get right when "
    "clean)."
)
NOISE_IN_TABLES = "The minimum noise is not an accuracy, so it is compared in the tables only."
NOTHING = "Open another assessment, and choose it with “Compare with…” above, to see paired differences here."
NO_CHART = "There is no figure yet: wait until the networks have been compared."
NO_NETWORK = "There is no figure yet: choose another assessment with “Compare with…” above."
FORMS = "Tables", "Chart"


class PairView(QScrollArea):
    """A line for each compared network; below, the tables of accuracies and of recalls by class, or a chart.

    Where there is too little height for the lines and some rows of both tables, it scrolls.

    Attributes
    ----------
    forms : Forms
        Two buttons that choose tables or chart; the page places them.

    Signals
    -------
    form_changed
        The tables or the chart came into view.
    """

    form_changed = Signal()

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.said = Caption()
        self.said.setContentsMargins(8, 2, 8, 2)
        self.table = PairTable()
        self.of_recalls = Caption()
        self.of_recalls.setContentsMargins(8, 6, 8, 2)
        self.recalls = PairTable(name="Recall by class and degradation", how=RECALLS, rows="class")
        self.chart, self.forms = PairChart(), Forms(FORMS)
        self.buttons = self.forms.buttons
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in (self.said, self.table, self.of_recalls, self.recalls):
            column.addWidget(part, int(isinstance(part, PairTable)))
        column.addWidget(self.chart)
        column.addStretch()  # below the chart; beside tables, which stretch more, it takes no room
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.buttons.idClicked.connect(self.show_form)
        session.compared.changed.connect(self._show)
        self._show()

    @property
    def shown(self) -> tuple[str, list[Pairing]]:
        """The network in view, and what both tables compare it with."""
        own, pairings = self.table.shown
        return own, [*pairings, *self.recalls.shown[1]]

    @property
    def form(self) -> int:
        """What is in view: 0 tables, 1 the chart."""
        return self.buttons.checkedId()

    @property
    def has_chart(self) -> bool:
        """Whether there is something to draw."""
        return any(map(charted, self._session.compared.pairings))

    def first(self) -> QWidget:
        """Return the widget that gets the focus."""
        return self.buttons.button(1) if self.form else self.table

    def show_form(self, form: int) -> None:
        """Bring the tables or the chart into view."""
        self.buttons.button(form).setChecked(True)
        self._show()
        self.form_changed.emit()

    def figure(self) -> Figure:
        """Bring the chart into view, and return it as a figure to save."""
        if not self.has_chart:
            raise InputError(NO_CHART if self._session.compared.runs else NO_NETWORK)
        if not self.form:
            self.show_form(1)
        session, names = self._session, self._session.compared.names
        return Figure(self.chart, f"{session.name}-networks", f"{listed(names)} on {session.data_name}")

    def _show(self) -> None:
        compared, names = self._session.compared, self._session.compared.names
        own, tables = names[0], not (self.form and self.has_chart)
        self.table.set_pairings(own, compared.pairings)
        self.table.setVisible(tables and bool(compared.pairings))
        self.recalls.set_pairings(own, [pairing_of_recalls(p) for p in compared.pairings if p.recalls])
        lines = [line for p in compared.pairings for line in recall_lines(p, own, names)]
        self.of_recalls.setText("\n".join(dict.fromkeys(lines)))
        for part in (self.of_recalls, self.recalls):
            part.setVisible(tables and bool(lines))
        self.chart.set_pairings(own, [] if tables else compared.pairings)
        self.chart.setVisible(not tables)
        if not compared.runs:
            self.said.setText(NOTHING)
        elif not compared.pairings:
            self.said.setText(compared.problem or "The images are being compared…")
        else:
            of_noise = NOISE if tables else NOISE_IN_TABLES
            how = f"{HOW} {of_noise}" if any(row.noise for p in compared.pairings for row in p.rows) else HOW
            sentences = [f"{in_short(p, own, names)}{sentence(p, own, names)}" for p in compared.pairings]
            trained = [in_fields(note) for p in compared.pairings for note in p.trained]
            self.said.setText("\n".join([*sentences, *trained, how, *applied_notes(compared.pairings, names)]))
