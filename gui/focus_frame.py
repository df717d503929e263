"""A frame around the widget that the keyboard is on, where Qt's styles draw none."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QSlider, QSplitter, QTabBar, QWidget
from shiboken6 import isValid

from tfstab.gui.theme import PLAIN, tone_colour

UNFRAMED = QAbstractScrollArea, QSlider, QTabBar  # lists, tables, plots, images and pages among them
WIDTH = 2  # pixels
MOVED = QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide


def show_focus(app: QApplication) -> None:
    """Frame the widget that gets the focus by the keyboard, as long as it has it."""
    if app.findChild(_Focus) is None:
        _Focus(app)


class FocusFrame(QWidget):
    """The frame, above its widget; it takes no clicks."""

    def __init__(self, widget: QWidget) -> None:
        parent = widget.parentWidget()
        while isinstance(parent, QSplitter):  # which would make it one of its parts
            parent = parent.parentWidget()
        super().__init__(parent)
        self._widget = widget
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        widget.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the widget."""
        if event.type() in MOVED:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame."""
        painter = QPainter(self)
        painter.setPen(QPen(tone_colour(self.palette(), PLAIN), WIDTH))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _place(self) -> None:
        widget, parent = self._widget, self.parentWidget()
        assert parent is not None
        whole = QRect(widget.mapTo(parent, QPoint()), widget.size())
        self.setGeometry(whole)
        inner = self.rect().adjusted(WIDTH, WIDTH, -WIDTH, -WIDTH)
        self.setMask(QRegion(self.rect()) - QRegion(inner))  # so that scrolling below it stays quick
        self.setVisible(widget.isVisibleTo(parent))
        self.raise_()


class _Focus(QObject):
    """Makes and removes the frame."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._frame: FocusFrame | None = None
        app.focusChanged.connect(self._follow)

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._frame is not None and isValid(self._frame):
            self._frame.hide()
            self._frame.deleteLater()
        self._frame = FocusFrame(new) if isinstance(new, UNFRAMED) and _by_keyboard(new) else None


def _by_keyboard(widget: QWidget) -> bool:
    """Return whether the focus came by a key, in a window with other widgets."""
    window = widget.window()
    if widget is window or window.windowType() == Qt.WindowType.Popup:
        return False
    return window.testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange) and not QGuiApplication.mouseButtons().value
