"""Robustness: the accuracy kept under each family of degradations, and at each severity."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from tfstab.gui.content.robustness import Cell, FamilyRow
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.robustness.heat_map import HeatMap
from tfstab.gui.widgets.run_page import View


class RobustnessPage(View, QWidget):
    """Heat map of families and severities.

    Signals
    -------
    run_asked : Path
        The user wants to see the run in this folder.
    """

    run_asked = Signal(object)

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.about = QLabel("Accuracy kept at each severity; a click lists the images of a cell.")
        self.about.setContentsMargins(8, 4, 8, 0)
        self.heat_map = HeatMap()
        self.heat_map.cell_asked.connect(self._open)
        fill_column(self, self.about, self.heat_map, spacing=4)
        session.computed_changed.connect(self._show)
        self._show()

    def first(self) -> QWidget:
        """Return the heat map."""
        return self.heat_map

    def _show(self) -> None:
        if self._session.computed is not None:
            self.heat_map.set_rows(self._session.computed.families)

    def _open(self, row: FamilyRow, cell: Cell) -> None:
        self.run_asked.emit(row.path)
