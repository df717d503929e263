"""The window of the guide."""

from PySide6.QtCore import QEvent, QSize, Qt, QThreadPool, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QToolButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from tfstab.gui.icons import app_icon, themed_icon
from tfstab.gui.placing import fitting
from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.guide.browser import GuideBrowser
from tfstab.gui.widgets.guide.contents import GuideContents
from tfstab.gui.widgets.layouts import fill_column
from tfstab.guide import CONTENTS, get_page, prepare

SIZE = QSize(1060, 720)
LEFT = 290  # pixels of the contents
PAUSE = 150  # ms after the last letter before the guide is searched
NAMES = {"back": "Back", "forward": "Forward", "contents": "All pages"}
KEYS = {
    "back": ("Alt+Left", "Alt+[", "Back"),
    "forward": ("Alt+Right", "Alt+]", "Forward"),
    "contents": ("Alt+Home",),
}


class GuideWindow(QWidget):
    """Contents and search at the left, the page in view at the right.

    It has no parent, so that it can be read beside the viewer, and while a dialog of the viewer is open. A worker
    prepares the search, which would keep the window from answering for half a second.
    """

    _prepared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._ready = self._first_wanted = False
        self.setWindowIcon(app_icon())
        self.browser, self.contents, self.line = GuideBrowser(), GuideContents(), QLineEdit()
        self.line.setPlaceholderText("Find in the guide")
        self.line.setAccessibleName("Find in the guide")
        self.line.setClearButtonEnabled(True)
        self.actions_by_name = {name: self._action(name) for name in NAMES}
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._search)
        self._prepared.connect(self._go_on, Qt.ConnectionType.QueuedConnection)
        self._arrange()
        self._connect()
        QThreadPool.globalInstance().start(self._prepare)

    def show_place(self, place: str = CONTENTS.topic) -> None:
        """Bring the window to the front with "TOPIC" or "TOPIC#ANCHOR" in view."""
        self.browser.show_place(place)
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()
        self.browser.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the search on Escape, or close the window."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.line.text():
            self.line.clear()
        else:
            self.close()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()

    def _action(self, name: str) -> QAction:
        action = QAction(NAMES[name], self)
        action.setShortcuts([QKeySequence(key) for key in KEYS[name]])
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{NAMES[name]} ({keys})")
        self.addAction(action)
        return action

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(SPACE, SPACE, SPACE, SPACE // 2)
        for action in self.actions_by_name.values():
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            top.addWidget(button)
        top.addWidget(self.line, 1)
        left = QWidget()
        fill_column(left, top, self.contents)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(left)
        parts.addWidget(self.browser)
        parts.setStretchFactor(1, 1)
        parts.setChildrenCollapsible(False)
        parts.setSizes([LEFT, SIZE.width() - LEFT])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts)
        self.resize(fitting(self, SIZE))
        self._recolour()

    def _connect(self) -> None:
        browser, actions = self.browser, self.actions_by_name
        actions["back"].triggered.connect(browser.backward)
        actions["forward"].triggered.connect(browser.forward)
        actions["contents"].triggered.connect(lambda: browser.show_place(CONTENTS.topic))
        for name, possible in (("back", browser.backwardAvailable), ("forward", browser.forwardAvailable)):
            actions[name].setEnabled(False)
            possible.connect(actions[name].setEnabled)
        find = QAction(self)
        find.setShortcut(QKeySequence.StandardKey.Find)
        find.triggered.connect(self._begin_search)
        self.addAction(find)
        self.line.textChanged.connect(lambda _: self._pause.start())
        self.line.returnPressed.connect(self._take_first)
        self.contents.chosen.connect(browser.show_place)
        browser.sourceChanged.connect(self._follow)

    def _follow(self, source: QUrl) -> None:
        topic = source.path()
        self.contents.mark(topic)
        self.setWindowTitle(f"{get_page(topic).title} – tfstab guide")

    def _begin_search(self) -> None:
        self.line.setFocus()
        self.line.selectAll()

    def _prepare(self) -> None:
        """Prepare the search, in a worker thread."""
        prepare()
        if isValid(self):
            self._prepared.emit()

    def _go_on(self) -> None:
        """Do what was asked for while the search was not ready."""
        self._ready = True
        if self._first_wanted:
            self._take_first()
        elif self.line.text():
            self._search()

    def _search(self) -> None:
        if self._ready:
            self.contents.search(self.line.text())

    def _take_first(self) -> None:
        self._first_wanted = not self._ready
        if self._ready:
            self._pause.stop()
            self._search()
            self.contents.choose_first()

    def _recolour(self) -> None:
        for name in ("back", "forward"):
            self.actions_by_name[name].setIcon(themed_icon(name, self.palette()))
        self.actions_by_name["contents"].setIcon(themed_icon("contents", self.palette()))
