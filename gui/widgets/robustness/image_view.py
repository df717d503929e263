"""One image of an assessment under the families that were measured for it, with the choice of the image."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from tfstab.gui.content.image_grid import FamilyLine, ImageGrid, ShownCopy
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.image_field import ImageField
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.pressable import arrow_button
from tfstab.gui.widgets.robustness.image_table import ImageTable
from tfstab.gui.widgets.thumbnails import THUMBNAIL, pixmap
from tfstab.gui.widgets.tips import plain

WEAKEST = "The image, right when clean, that loses most over all degradations"
NONE_RIGHT = "The weakest image is the one, right when clean, that loses most. Here, no image is right when clean"


class ImageView(QWidget):
    """The image's clean picture and name, and its table of pictures.

    Signals
    -------
    family_asked : Path
        The user wants to see the run in this folder.
    said : str
        A message for the status bar.
    """

    family_asked = Signal(object)
    said = Signal(str)

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.clean, self.about = QLabel(), QLabel()
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.previous = arrow_button(Qt.ArrowType.LeftArrow, "Previous image")
        self.field = ImageField(lambda: session.run.clean)
        self.next = arrow_button(Qt.ArrowType.RightArrow, "Next image")
        self.weakest = QPushButton("Weakest image")
        self.table, self.notes = ImageTable(), Caption()
        self.notes.setContentsMargins(8, 0, 8, 2)
        self.notes.hide()
        top = QHBoxLayout()
        top.setContentsMargins(8, 2, 8, 2)
        top.addWidget(self.clean)
        top.addWidget(self.about, 1)
        label = QLabel("Image:")
        label.setBuddy(self.field)
        for part in (label, self.previous, self.field, self.next, self.weakest):
            top.addWidget(part)
        fill_column(self, top, self.notes, self.table)
        self.previous.clicked.connect(lambda: session.step(-1))
        self.next.clicked.connect(lambda: session.step(1))
        self.field.asked.connect(self._go_to)
        self.field.said.connect(self.said)
        self.weakest.clicked.connect(session.select_weakest)
        self.table.copy_asked.connect(self._select)
        self.table.family_asked.connect(lambda line: self.family_asked.emit(line.path))
        session.image_changed.connect(self._show)
        session.grid_changed.connect(self._show)
        session.triple_changed.connect(self._choose)
        self._show()

    def _go_to(self, image: int) -> None:
        if problem := self._session.lacks(image):
            self.said.emit(problem)
        else:
            self._session.select_image(image)

    def _select(self, line: FamilyLine, shown: ShownCopy) -> None:
        self._session.select_copy(line.name, shown.severity_index)

    def _choose(self) -> None:
        self.table.choose(self._session.copy)

    def _show(self) -> None:
        session = self._session
        none = session.computed is not None and session.computed.weakest is None
        self.weakest.setEnabled(not none)
        self.weakest.setToolTip(NONE_RIGHT if none else WEAKEST)
        self.field.show_image(session.image)
        grid: ImageGrid | None = session.grid
        if grid is None:
            # The pictures of the image before stay until the new ones are there, so that nothing flickers.
            some = session.image is not None
            waiting = f"Image {session.image}: degrading it…" if some else "No image has been swept yet."
            self.about.setText(session.problem or waiting)
            return
        self.about.setText(grid.title)
        self.about.setToolTip(plain(grid.title))
        self.clean.setPixmap(pixmap(grid.clean, THUMBNAIL, self.devicePixelRatioF()))
        self.notes.setText(grid.notes)
        self.notes.setVisible(bool(grid.notes))
        self.table.set_grid(grid)
        self._choose()
