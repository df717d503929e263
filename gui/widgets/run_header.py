"""The line above a run that says what it is and how much of it is done."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.tips import plain
from tfstab.metrics.shares import rounded

STEPS = 1000  # of the bar


class RunHeader(QWidget):
    """Describes a session's run and follows its progress."""

    def __init__(self, session: Session, commands: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.text = ElidedLabel()
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.state = QLabel()
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of this run")
        self.bar.setFixedWidth(self.fontMetrics().horizontalAdvance("99.9 % done") + 16)
        self.live = commands.button("live")
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 2)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.state)
        layout.addWidget(self.live)
        session.changed.connect(self._show)
        self._show()

    def add(self, widget: QWidget) -> None:
        """Add a control at the right end."""
        self._row.addWidget(widget)

    def _show(self) -> None:
        session = self._session
        self.text.setText(f"<b>{session.kind.capitalize()}</b>: {escape(session.about)}")
        self.text.setToolTip(plain(f"{session.about}\n{session.path}"))
        self.bar.setRange(0, STEPS)
        self.bar.setValue(round(STEPS * session.share_done))
        # What an assessment plans beyond its time makes its figures more precise, but it is finished without.
        self.bar.setVisible(not session.complete and session.kind != "assessment")
        more = " with more minutes" if session.kind == "assessment" else ""
        share = f"{rounded(session.share_done)} %"
        self.bar.setFormat(f"{share} done")
        tip = f"{share} of the planned work is finished. The same command{more} does the rest."
        for widget in (self.bar, self.state):
            widget.setToolTip("" if session.complete else tip)
        self.live.setVisible(session.live)
        self.state.setText(session.extent)
        if session.gone:
            self.state.setText("<b>the run folder no longer exists</b>; showing what was read before")
