"""An assessment beside others: what the paired differences say, in a sentence and a table."""

from PySide6.QtWidgets import QWidget

from tfstab.gui.content.pairing import sentence
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.robustness.pair_table import DECIDED, PairTable

HOW = f"Accuracy over the severities that both have, on the images that both have. {DECIDED}"
NOTHING = "Open another assessment, and choose it with “Compare with…” above, to see paired differences here."


class PairView(QWidget):
    """A line for each compared network, and the table."""

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.said = Caption()
        self.said.setContentsMargins(8, 2, 8, 2)
        self.table = PairTable()
        fill_column(self, self.said, self.table)
        session.compared.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        compared, own = self._session.compared, self._session.compared.names[0]
        self.table.set_pairings(own, compared.pairings)
        self.table.setVisible(bool(compared.pairings))
        if not compared.runs:
            self.said.setText(NOTHING)
        elif not compared.pairings:
            self.said.setText(compared.problem or "The images are being compared…")
        else:
            self.said.setText("\n".join([*(sentence(p, own) for p in compared.pairings), HOW]))
