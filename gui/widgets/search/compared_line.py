"""What the comparison of a search with others says, in sentences."""

from functools import partial

from PySide6.QtWidgets import QWidget

from tfstab.gui.content.pair_sentences import sentences_of_searches
from tfstab.gui.sessions.compared_searches import ComparedSearches
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.widgets.blocks import Caption

WAITING = "The images of both searches are being compared…"


class ComparedLine(Caption):
    """Median ratio of the minimum noise and McNemar's test for each compared search; hidden while there is none."""

    def __init__(self, session: SearchSession, compared: ComparedSearches, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._session, self._compared = session, compared
        self._turn = 0
        self.setContentsMargins(8, 0, 8, 2)
        compared.changed.connect(self._follow)
        session.entries_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self._turn += 1
        turn, own, others = self._turn, self._session.run, [other.run for other in self._compared.runs]
        self.setVisible(bool(others))
        if not others:
            return

        def show(text: str) -> None:
            if turn == self._turn:
                self.setText(text)

        self.setText(WAITING)
        self._session.background.run(partial(sentences_of_searches, own, others), show, owner=self)
