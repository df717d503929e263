"""The page that the window shows when no run is open."""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tfstab.gui.content.guide import START
from tfstab.gui.controller import Controller
from tfstab.gui.sessions.session import Session
from tfstab.gui.theme import scaled
from tfstab.gui.widgets.page import Page
from tfstab.gui.widgets.tips import plain

WIDTH, MARGIN = 560, 12
TEXT = (
    "tfstab measures how stable an image classifier is against image degradation. This viewer shows what the model "
    "breaks under, which images it loses, and why. To begin with a model and images of your own, choose New run, and "
    "there Assess: in about five minutes it ends with a verdict."
)
EXAMPLE = "The example searches ten bundled digits and sweeps fifty, with a bundled network, in about a minute."
DROP = (
    "You can also drop files on this window: the folder of a run or an assessment is opened; a .keras, .onnx or "
    ".tflite model, an image or a folder of images starts a new run."
)


class WelcomePage(Page):
    """An introduction, buttons that open or start a run, and the runs opened last."""

    open_asked = Signal()
    new_asked = Signal()
    example_asked = Signal()
    tutorial_asked = Signal()

    def __init__(self, controller: Controller, icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.open_button = QPushButton("&Open run…")
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self.open_asked)
        self.new_button = QPushButton("&New run…")
        self.new_button.clicked.connect(lambda _checked=False: self.new_asked.emit())
        self.example_button = QPushButton("Run the &example")
        self.example_button.setToolTip(EXAMPLE)
        self.example_button.clicked.connect(lambda _checked=False: self.example_asked.emit())
        self.tutorial_button = QPushButton("Read the &tutorial")
        self.tutorial_button.setToolTip("From a model to a remedy by mouse, in five steps")
        self.tutorial_button.clicked.connect(lambda _checked=False: self.tutorial_asked.emit())
        self.state = QLabel("Opening…")
        self.state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._content = QWidget()
        self._content.setFixedWidth(WIDTH + 2 * MARGIN)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._arrange(icon)
        controller.current_changed.connect(self._update)
        self._update(None)

    def first(self) -> QWidget:
        """Return the button that opens a run."""
        return self.open_button

    def guide_place(self) -> str:
        """Return the guide's table of contents."""
        return START

    def _arrange(self, icon: QIcon) -> None:
        picture, title = QLabel(), QLabel("tfstab viewer")
        picture.setPixmap(icon.pixmap(QSize(56, 56)))
        title.setFont(scaled(self.font(), 1.8))
        head = QHBoxLayout()
        head.addWidget(picture)
        head.addWidget(title, 1)
        buttons = QHBoxLayout()
        for button in (self.open_button, self.new_button, self.example_button, self.tutorial_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        content = QVBoxLayout(self._content)
        content.setSpacing(12)
        content.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        content.addLayout(head)
        content.addWidget(_paragraph(TEXT))
        content.addLayout(buttons)
        content.addWidget(_paragraph(EXAMPLE))
        content.addLayout(self._recent)
        content.addWidget(_paragraph(DROP))
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self._content, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.state)
        layout.addStretch(2)

    def _update(self, session: Session | None) -> None:
        opening = self._controller.opening > 0
        self.state.setVisible(opening)
        self._content.setVisible(not opening)
        if session is None:
            self._fill_recent()

    def _fill_recent(self) -> None:
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        paths = self._controller.settings.recent()[:4]
        if paths:
            self._recent.addWidget(QLabel("<b>Recent runs</b>"))
        for path in paths:
            button = QPushButton(str(path))
            button.setFlat(True)
            button.setMinimumHeight(
                button.fontMetrics().height() + 10
            )  # with a style sheet, Qt's size hint is too small
            button.setStyleSheet("text-align: left; padding: 4px")
            button.setAccessibleName(f"Open {path}")
            button.setToolTip(plain(str(path)))
            button.clicked.connect(partial(self._open, path))
            self._recent.addWidget(button)

    def _open(self, path: object, _checked: bool = False) -> None:
        self._controller.open([str(path)])


def _paragraph(text: str) -> QLabel:
    """Make a label that wraps text to the width of the page."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setFixedWidth(WIDTH)
    label.setMinimumHeight(label.heightForWidth(WIDTH))  # layouts that centre their content ignore heightForWidth
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
