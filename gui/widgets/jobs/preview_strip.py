"""The first images of a new run with their classes, and what to do if they do not fit the model."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tfstab.gui.background import Background
from tfstab.gui.jobs.field_words import as_sentence
from tfstab.gui.jobs.preview import SHOWN, Preview
from tfstab.gui.widgets.thumbnails import pixmap
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.wrapped import SentenceLabel
from tfstab.wording import capital

SIDE = 44  # pixels of a picture
READING = "Reading the images …"
SETTLE = 200  # ms after the last change before the images are read


class PreviewStrip(QWidget):
    """Shows a preview, read in a worker; the latest request wins, and one is read at a time.

    Signals
    -------
    resize_asked : str
        The user wants the images resized: "crop" or "stretch".
    splits_found : tuple of str
        The splits of the data; empty if they are not divided.
    """

    resize_asked = Signal(str)
    splits_found = Signal(tuple)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._turn = 0
        self._reading = self._again = False  # whether a worker reads a preview, and another one waits for its end
        self._read: Callable[[], Preview] | None = None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE)
        self._timer.timeout.connect(self._ask)
        self.pictures = [_Picture() for _ in range(SHOWN)]
        self.text = SentenceLabel(READING)
        self.text.setAccessibleName("Images")
        self.problem = SentenceLabel()
        self.problem.setAccessibleName("Why the images do not fit")
        for label in (self.text, self.problem):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.crop, self.stretch = (QPushButton(text, autoDefault=False) for text in ("Crop", "Stretch"))
        self.crop.setToolTip("Cut out the largest centred part with the model's proportions, and scale it")
        self.stretch.setToolTip("Scale the whole image to the model's size")
        self.crop.clicked.connect(lambda _=False: self.resize_asked.emit("crop"))
        self.stretch.clicked.connect(lambda _=False: self.resize_asked.emit("stretch"))
        row, mend = QHBoxLayout(), QHBoxLayout()
        for picture in self.pictures:
            row.addWidget(picture)
        row.addStretch(1)
        mend.addWidget(self.problem, 1)
        mend.addWidget(self.crop)
        mend.addWidget(self.stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.text)
        layout.addLayout(mend)
        self._show_problem("", False)

    def ask(self, read: Callable[[], Preview]) -> None:
        """Show another preview, which `read` returns; it is called in a worker, a moment after the last request."""
        self._read = read
        self._turn += 1
        self._again = False
        self._timer.start()

    def _ask(self) -> None:
        if self._read is None:
            return
        self.text.setText(READING)
        self._again = self._reading  # previews that are asked for meanwhile are never begun, except for the last
        if not self._reading:
            self._reading = True
            self._background.run(self._read, partial(self._take, self._turn), self._end, self)

    def _end(self) -> None:
        self._reading = False
        if self._again:
            self._ask()

    def _take(self, turn: int, preview: Preview) -> None:
        self._end()
        if turn != self._turn:
            return
        self.text.setText("\n".join([preview.text, *([capital(preview.note)] if preview.note else [])]))
        for place, picture in enumerate(self.pictures):
            picture.setVisible(place < len(preview.images))
            if place < len(preview.images):
                picture.show_image(preview.images[place], preview.labels[place])
        self._show_problem(preview.problem, preview.can_resize)
        self.splits_found.emit(preview.splits)

    def _show_problem(self, problem: str, can_resize: bool) -> None:
        self.problem.setText(f"⚠  {as_sentence(problem)}" if problem else "")
        self.problem.setVisible(bool(problem))
        self.crop.setVisible(can_resize)
        self.stretch.setVisible(can_resize)


class _Picture(QWidget):
    """An image with the name of its class below it."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.label = QLabel(), QLabel(textFormat=Qt.TextFormat.PlainText)
        self.image.setFixedSize(SIDE, SIDE)
        self.label.setFixedWidth(SIDE + 14)
        self.label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.image)
        layout.addWidget(self.label)
        self.hide()

    def show_image(self, image: np.ndarray, name: str) -> None:
        """Show an image (H, W, C) and the name of its class, shortened if it is long."""
        self.image.setPixmap(pixmap(image, SIDE, self.devicePixelRatioF()))
        room = self.label.fontMetrics()
        self.label.setText(room.elidedText(name, Qt.TextElideMode.ElideMiddle, SIDE + 12))
        self.setToolTip(plain(name))
