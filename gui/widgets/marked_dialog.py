"""The dialog that lists the marked images of a run or assessment."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.placing import fitting, place_over
from tfstab.gui.sessions.marked_images import MarkedImage, marked_images
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.array_model import ArrayModel, Column
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.wording import counted

SIZE = QSize(640, 360)


class MarkedDialog(QDialog):
    """Lists the marked images of a run, or of all runs of an assessment; a click goes to one of them.

    Parameters
    ----------
    session : Session
        The run or assessment.
    visit : callable
        Brings a viewpoint into view.
    parent : QWidget
    """

    def __init__(self, session: Session, visit: Callable[[Viewpoint], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._visit = session, visit
        self._images: list[MarkedImage] = []
        self.setWindowTitle("Marked images")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.said = QLabel("Reading the marks…")
        self.said.setWordWrap(True)
        self.table = ArrayTable(ArrayModel(self), "Marked images", own_sorting=True)
        self.table.hide()
        for signal in (self.table.clicked, self.table.activated):
            signal.connect(self._go)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.said)
        column.addWidget(self.table, 1)
        column.addStretch()
        column.addWidget(buttons)
        self.resize(fitting(self, SIZE))
        place_over(self, parent)
        session.background.run(partial(marked_images, session.markable), self._show, owner=self)

    def _show(self, found: tuple[list[MarkedImage], list[str]]) -> None:
        self._images, problems = found
        if problems:
            self._session.background.failed.emit("\n\n".join(problems), "")
        if not self._images:
            self.said.setText(f"No image is marked. {self._session.how_to_mark}")
            return
        self.said.setText(f"{counted(len(self._images), 'marked image')}. Click one to go to it.")
        self.table.array.set_columns(columns_of(self._images))
        self.table.show()
        self.table.fit_columns()
        self.table.setFocus()

    def _go(self, index: QModelIndex) -> None:
        there = self._images[int(self.table.array.rows[index.row()])].there
        self.close()
        self._visit(there)


def columns_of(images: Sequence[MarkedImage]) -> list[Column]:
    """Return the columns of a table of marked images."""

    def words(name: str, title: str, values: list[str]) -> Column:
        return Column(name, title, np.array(values), str, right=False)

    severities = np.array([image.severity for image in images])
    return [
        words("degradation", "Degradation", [image.degradation for image in images]),
        Column("severity", "Severity", severities, str, right=False, texts=[image.at for image in images]),
        words("image", "Image", [image.name for image in images]),
        words("note", "Tags and note", [image.text for image in images]),
    ]
