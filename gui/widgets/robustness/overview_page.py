"""The first page of an assessment: the verdict, and the numbers it rests on."""

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.run_page import View


class OverviewPage(View, QWidget):
    """Verdict and headline numbers.

    Signals
    -------
    robustness_asked
        The user wants to see all families.
    asked : Viewpoint
        A link was clicked.
    """

    robustness_asked = Signal()
    asked = Signal(object)
    shows_triple = False

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.verdict = QLabel("Reading the runs and computing the figures…")
        self.verdict.setWordWrap(True)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.findings = QLabel()
        self.findings.setWordWrap(True)
        self.findings.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.addWidget(self.verdict)
        layout.addWidget(self.findings)
        layout.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setWidget(inside)
        fill_column(self, self.area)
        session.computed_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        computed = self._session.computed
        if computed is not None:
            self.verdict.setText(computed.verdict.lead)
            rest = [f for f in computed.verdict.findings if f.kind != "family" and f.text not in computed.verdict.lead]
            self.findings.setText("<ul>" + "".join(f"<li>{escape(f.text)}</li>" for f in rest) + "</ul>")
