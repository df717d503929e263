"""What the window shows when no run is open."""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tfstab.gui.controller import Controller
from tfstab.gui.session import Session

WIDTH = 560
TEXT = (
    "tfstab measures how stable an image classifier is against image degradation. This viewer shows what it measured: "
    "for each image the smallest noise that changes the prediction, and for each class which noisy copies are "
    "misclassified, down to the single image."
)
EXAMPLE = "No run yet? <code>tfstab demo</code> in a terminal makes two in about a minute, a search and a sweep."
DROP = "A run is a folder with a run.json in it; you can also drop one on this window."


class WelcomePage(QWidget):
    """Text, a button that opens a run, and the runs opened last."""

    open_asked = Signal()

    def __init__(self, controller: Controller, icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.open_button = QPushButton("&Open run…")
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self.open_asked)
        self.state = QLabel("Opening…")
        self.state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._content = QWidget()
        self._content.setFixedWidth(WIDTH)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._arrange(icon)
        controller.current_changed.connect(self._update)
        self._update(None)

    def _arrange(self, icon: QIcon) -> None:
        picture, title = QLabel(), QLabel("tfstab viewer")
        picture.setPixmap(icon.pixmap(QSize(56, 56)))
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.8)
        title.setFont(font)
        head = QHBoxLayout()
        head.addWidget(picture)
        head.addWidget(title, 1)
        button = QHBoxLayout()
        button.addWidget(self.open_button)
        button.addStretch(1)
        content = QVBoxLayout(self._content)
        content.setSpacing(12)
        content.addLayout(head)
        content.addWidget(_paragraph(TEXT))
        content.addLayout(button)
        content.addWidget(_paragraph(DROP))
        content.addLayout(self._recent)
        content.addWidget(_paragraph(EXAMPLE))
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
            button.setMinimumHeight(button.fontMetrics().height() + 10)  # the style sheet makes the hint too small
            button.setStyleSheet("text-align: left; padding: 4px")
            button.setAccessibleName(f"Open {path}")
            button.setToolTip(str(path))
            button.clicked.connect(partial(self._open, path))
            self._recent.addWidget(button)

    def _open(self, path: object, _checked: bool = False) -> None:
        self._controller.open([str(path)])


def _paragraph(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
