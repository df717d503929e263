"""The line above a run that says what it is and how much of it is done."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.sessions.going_on import how_to_go_on
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.tips import plain
from tfstab.metrics.shares import rounded

GONE = "the run folder no longer exists"
STEPS = 1000  # of the bar


class RunHeader(QWidget):
    """Describes a session's run and follows its progress."""

    def __init__(self, session: Session, commands: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.text = ElidedLabel()
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # it gets its room first
        self.state = ElidedLabel()
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of this run")
        self.bar.setFixedWidth(self.fontMetrics().horizontalAdvance("99.9 % done") + 16)
        self.live = commands.button("live")
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 2)
        layout.addWidget(self.text)
        layout.addWidget(self.bar)
        layout.addWidget(self.state, 1)
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
        assessed = session.assessed or session.kind == "assessment"
        self.bar.setVisible(not session.complete and not assessed)
        self.bar.setFormat(f"{rounded(session.share_done)} % done")
        tip = how_to_go_on(session)
        self.bar.setToolTip(tip)
        self.live.setVisible(session.live)
        extent = f"Measuring… · {session.extent}" if session.at_work else session.extent
        self.state.setText(f"<b>{GONE}</b>; showing what was read before" if session.gone else extent)
        extent = GONE if session.gone else extent
        self.state.setToolTip(plain(extent if session.complete else f"{extent}\n{tip}"))
