"""How the user has an image of the run explained, or brings a picture of their own into the explorer and leaves it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMessageBox, QWidget

from tfstab.datasets.images import SUFFIXES
from tfstab.gui.content.explorer import Exploring
from tfstab.gui.content.predictions import class_label
from tfstab.gui.content.viewpoint import State
from tfstab.gui.controller import Controller
from tfstab.gui.dialogs import ask_to_open
from tfstab.gui.sessions.explorer import Explorer
from tfstab.gui.sessions.own_picture import PictureOpener, Unsized
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.explain_button import TEXT
from tfstab.gui.widgets.pressable import LinkButton

LETTERS = 10  # of a class, for which there is room; the opened list shows longer names
FILTER = f"Images ({' '.join(f'*{suffix}' for suffix in sorted(SUFFIXES))})"
EXPLAIN_TIP = (
    "Says whether the photograph or the model is probably the reason why this image is misclassified when clean"
)
KEPT = "The degradations are still applied: {}."
_opened_in = [""]  # the folder of the picture opened last since the start, in any run
WAYS = {
    "crop": ("&Crop", "cuts out the largest centred region with these proportions, and scales it"),
    "stretch": ("&Stretch", "scales the whole image, whatever its proportions"),
}


class OwnPictureBar(QWidget):
    """Opens a picture in the explorer; while one is shown, takes its true class and leads back to the run's images.

    An image of the run that is wrong when clean gets a link that explains it like such a picture.
    """

    said = Signal(str)
    absent_changed = Signal()  # `in_place_of` has changed

    def __init__(
        self, explorer: Explorer, controller: Controller, session: Session, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._explorer, self._session = explorer, session
        self._reading = False  # whether the status bar says that a picture is read
        self._returning = False  # whether the picture belongs to a view that is being restored, with its degradations
        self._absent = (-1, "")  # the image of the run that is shown in place of a view's picture, and its name
        self._kept = ""  # what the status bar says of the degradations that are still applied
        self._question: QMessageBox | None = None  # how to resize the latest picture
        self.opener = PictureOpener(explorer, controller.scorer, controller.background, self)
        self.opener.reading.connect(self._say_reading)
        self.opener.size_asked.connect(self._ask_for_way)
        self.opener.failed.connect(self._finish)
        self.opener.failed.connect(session.background.failed)
        self.opener.told.connect(self._tell)
        self.back = LinkButton("Back to the run's images", lambda: explorer.show_own(None))
        self.choose = LinkButton("Open image…", self.ask)
        self.explain = LinkButton(TEXT, lambda: self.open_image(explorer.state.image, degraded=True))
        self.explain.setToolTip(EXPLAIN_TIP)
        self.true_class, self._label = QComboBox(), QLabel("True class:")
        self.true_class.addItems(
            ["unknown", *(class_label(k, explorer.run.class_names) for k in range(len(explorer.run.class_names)))]
        )
        self.true_class.setAccessibleName("True class of your image")
        self.true_class.setToolTip("The class that your image shows: predictions are judged by it")
        self.true_class.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.true_class.setMinimumContentsLength(LETTERS)
        self.true_class.activated.connect(lambda place: explorer.say_class(place - 1 if place else None))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._label, self.true_class, self.back, self.explain, self.choose):
            row.addWidget(widget)
        explorer.image_changed.connect(self._follow)
        explorer.image_changed.connect(self._say_kept)
        for changed in (explorer.steps_changed, explorer.degraded_changed):
            changed.connect(self._forget_kept)
        controller.said.connect(self._hear)
        self._follow()

    @property
    def in_place_of(self) -> str:
        """Name of the picture in whose place the image in view is shown, because it is gone, for example; or ""."""
        state, (image, name) = self._explorer.state, self._absent
        return name if state.own is None and state.image == image else ""

    def ask(self) -> None:
        """Ask for a picture."""
        ask_to_open(self, "Open an image", FILTER, lambda path: self.open(Path(path)), _opened_in[0])

    def open(self, path: Path) -> None:
        """Show a picture once it is read and scored."""
        _opened_in[0] = str(path.absolute().parent)
        self._finish()
        self._returning = False
        self.opener.open(path)

    def open_image(self, index: int, degraded: bool = False) -> None:
        """Show an image of the run as if its file had been opened; degraded: as in `PictureOpener.open_image`."""
        self._finish()
        self.opener.open_image(index, degraded)

    def restore(self, there: Exploring, values: State) -> None:
        """Explore again what was explored before; there, values: as of `PictureOpener.restore`."""
        self._finish()
        self._returning, self._absent = True, (-1, "")
        self.opener.restore(there, values)

    def take_drops(self, widget: QWidget) -> None:
        """Open image files that are dropped on a widget."""
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take an image file that is dragged or dropped; everything else is left to the window."""
        if not isinstance(event, QDropEvent) or (path := picture_in(event)) is None:  # also what drags in and moves
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self.open(path)
        return True

    def show_in_panel(self, in_sight: bool) -> None:
        """Let the panel Image be about the image in view while the explorer is in sight, then about the selected one.

        If the selected image is the one in view, the panel keeps what it has about it, such as its card. What is said
        of a picture's degradations leaves the status bar with the explorer.
        """
        if self._kept and not in_sight:
            self.said.emit("")
        own = self._explorer.state.own is not None
        other = in_sight and (own or not self._is_selected())
        self._session.show_explored(self._explorer.triple if other else None, explained=own)

    def _is_selected(self) -> bool:
        """Whether the panel Image is about the image in view because it is the selected one."""
        session, explorer = self._session, self._explorer
        if session.triple is None:
            return session.without_card == explorer.state.image
        return np.array_equal(session.triple.clean, explorer.clean)

    def _follow(self) -> None:
        explorer, own = self._explorer, self._explorer.state.own
        if explorer.state.image != self._absent[0]:
            self._absent = -1, ""
        for widget in (self._label, self.true_class):
            widget.setVisible(own is not None)
        self.back.setVisible(own is not None and own.path is not None)  # else it is an image of the run
        self.explain.setVisible(own is None and explorer.original.wrong)
        self.true_class.setCurrentIndex(0 if own is None or own.actual is None else own.actual + 1)

    def _say_reading(self, path: Path) -> None:
        self._reading = True
        self.said.emit(f"Reading and scoring {path.name}…")

    def _finish(self, *_: object) -> None:
        """No longer say that a picture is read, nor ask how to resize it: it is shown, or given up."""
        if self._reading:
            self._reading = False
            self.said.emit("")
        if self._question is not None:
            self._question.close()

    def _say_kept(self) -> None:
        """If the picture that was read is in view, say which degradations are applied to it from the start."""
        state, read = self._explorer.state, self._reading
        self._finish()
        if read and not self._returning and state.own is not None and not state.unchanged:
            self._kept = KEPT.format(state.text)
            self.said.emit(self._kept)

    def _tell(self, said: str, absent: str) -> None:
        self._finish()
        self._absent = self._explorer.state.image, absent
        self.said.emit(said)
        self.absent_changed.emit()

    def _forget_kept(self) -> None:
        """Clear the message that degradations are still applied once others are."""
        if self._kept and self._kept != KEPT.format(self._explorer.state.text):
            self.said.emit("")

    def _hear(self, said: str) -> None:
        """Forget that message once the status bar shows another one, which must not be cleared."""
        if said != self._kept:
            self._kept = ""

    def _forget_question(self) -> None:
        self._question = None

    def _ask_for_way(self, picture: Unsized) -> None:
        """Ask how to resize a picture."""
        self._finish()
        height, width, _ = self.opener.shape
        own_height, own_width, _ = picture.image.shape
        self._question = ask_for_way(
            self,
            f"{picture.path.name} has {own_width} x {own_height} pixels, and the images of this run {width} x "
            f"{height}. How should it be resized?",
            partial(self.opener.resize, picture),
        )
        self._question.finished.connect(self._forget_question)


def ask_for_way(parent: QWidget, question: str, take: Callable[[str], object]) -> QMessageBox:
    """Ask how to resize a picture, and call `take` with "crop" or "stretch" unless the answer is to cancel."""
    box = QMessageBox(QMessageBox.Icon.Question, "Resize", question, QMessageBox.StandardButton.Cancel, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)  # file names may contain HTML tags
    box.setInformativeText("\n".join(f"{text.replace('&', '')}: {about}." for text, about in WAYS.values()))
    for way, (text, _) in WAYS.items():
        button = box.addButton(text, QMessageBox.ButtonRole.AcceptRole)
        button.clicked.connect(lambda _checked=False, way=way: take(way))
    box.open()
    return box


def picture_in(event: QDropEvent) -> Path | None:
    """Return the image file that is dragged; None for anything else, and for several files."""
    urls = event.mimeData().urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and path.suffix.lower() in SUFFIXES else None
