"""An assessment beside others: what the paired differences say, in a sentence and a table."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tfstab.gui.content.pairing import DIRECTION, Pairing, pairing_of_recalls, recall_lines, sentence
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.robustness.pair_table import DECIDED, PairTable
from tfstab.metrics.multiple import TOGETHER

HOW = f"Accuracy over the severities that both have, on the images that both have. {DECIDED}"
RECALLS = f"Recall in percent, on the images that both have. {DIRECTION} Beside it: its 95 % interval. {TOGETHER}"
NOISE = (
    "So is the minimum noise. Its row has a ratio in place of a difference: the median, over the images that both get "
    "right when clean, of the noise of one network divided by that of the other."
)
NOTHING = "Open another assessment, and choose it with “Compare with…” above, to see paired differences here."


class PairView(QScrollArea):
    """A line for each compared network, the table of its accuracies, and that of its recalls by class.

    Where there is too little height for the lines and some rows of both tables, it scrolls.
    """

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.said = Caption()
        self.said.setContentsMargins(8, 2, 8, 2)
        self.table = PairTable()
        self.of_recalls = Caption()
        self.of_recalls.setContentsMargins(8, 6, 8, 2)
        self.recalls = PairTable(name="Recall by class and degradation", how=RECALLS)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in (self.said, self.table, self.of_recalls, self.recalls):
            column.addWidget(part, int(isinstance(part, PairTable)))
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        session.compared.changed.connect(self._show)
        self._show()

    @property
    def shown(self) -> tuple[str, list[Pairing]]:
        """The network in view, and what both tables compare it with."""
        own, pairings = self.table.shown
        return own, [*pairings, *self.recalls.shown[1]]

    def _show(self) -> None:
        compared, own = self._session.compared, self._session.compared.names[0]
        self.table.set_pairings(own, compared.pairings)
        self.table.setVisible(bool(compared.pairings))
        self.recalls.set_pairings(own, [pairing_of_recalls(p) for p in compared.pairings if p.recalls])
        lines = [line for p in compared.pairings for line in recall_lines(p, own)]
        self.of_recalls.setText("\n".join(dict.fromkeys(lines)))
        for part in (self.of_recalls, self.recalls):
            part.setVisible(bool(lines))
        if not compared.runs:
            self.said.setText(NOTHING)
        elif not compared.pairings:
            self.said.setText(compared.problem or "The images are being compared…")
        else:
            how = f"{HOW} {NOISE}" if any(row.noise for p in compared.pairings for row in p.rows) else HOW
            self.said.setText("\n".join([*(sentence(p, own) for p in compared.pairings), how]))
