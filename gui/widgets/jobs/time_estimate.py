"""The estimated time of a new run, which follows the form."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.estimate import Estimate, estimate_order
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.settings import Settings
from tfstab.gui.widgets.wrapped import SentenceLabel

SETTLE = 250  # ms without a change before the time is estimated again


class TimeEstimate(QObject):
    """Estimates the time in a worker, a moment after the last change; only the latest estimate is shown.

    Parameters
    ----------
    parent : QObject
        The dialog.
    settings, background
        Those of the window.
    order : callable
        Returns the order as filled in; raises TfstabError for a missing or malformed value.

    Attributes
    ----------
    label : SentenceLabel
        Shows the time.

    Signals
    -------
    wrong : str
        The order cannot work: why, in a sentence.
    """

    wrong = Signal(str)

    def __init__(
        self,
        parent: QObject,
        settings: Settings,
        background: Background,
        order: Callable[[], RunOrder | CommandOrder],
    ) -> None:
        super().__init__(parent)
        self._settings, self._background, self._order = settings, background, order
        self._turn = 0
        self.label = SentenceLabel(" ")
        self.label.setAccessibleName("Estimated time")
        self.timer = QTimer(self, singleShot=True, interval=SETTLE)
        self.timer.timeout.connect(self._estimate)

    def ask(self) -> None:
        """Estimate the time again once nothing has changed for a moment."""
        self.timer.start()

    def stop(self) -> None:
        """Show no other estimate."""
        self.timer.stop()
        self._turn += 1

    def _estimate(self) -> None:
        self._turn += 1
        turn = self._turn
        try:
            order = self._order()
        except TfstabError as error:
            self._show(turn, Estimate("–", str(error)))
            return
        known, recent = self._settings.rate(order.title, order.model), self._settings.recent()
        self._background.run(lambda: estimate_order(order, known, recent), partial(self._show, turn), owner=self)

    def _show(self, turn: int, estimate: Estimate) -> None:
        if turn == self._turn:  # two workers may end in any order
            self.label.setText(estimate.text)
            if estimate.problem:
                self.wrong.emit(estimate.problem)
