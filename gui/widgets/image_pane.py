"""One image with square pixels that can be zoomed and moved with the mouse."""

from html import escape

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tfstab.gui.figures import copy_pixels
from tfstab.gui.widgets.colour_scale import ColourScale
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import obey

IN_FIGURE = 180  # pixels, least width and height in a figure, with the title


class ImagePane(QWidget):
    """Title, image without interpolation, and colour scale.

    Attributes
    ----------
    shown : ndarray of uint8, shape (H, W) or (H, W, 3), or None
        The image on the screen.

    Signals
    -------
    range_changed : QRectF
        The user has zoomed or moved the image: the part in view, in pixels.
    hovered : int, int
        Row and column of the pixel under the mouse.
    left
        The mouse has left the image.
    reset_asked
        The user has double-clicked to undo zooming.
    """

    range_changed = Signal(QRectF)
    hovered = Signal(int, int)
    left = Signal()
    reset_asked = Signal()

    def __init__(self, title: str, scale: ColourScale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: np.ndarray | None = None
        self.scale = scale
        self._fitted = False  # the whole image stays in view when the pane's size changes
        self._fitting = False
        self._size = QSizeF()  # of the view, since the last range that was set for it
        self.title = ElidedLabel(title)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.graphics = pg.GraphicsView(background=None)
        self.graphics.setAccessibleName(title)
        self.graphics.setMinimumSize(60, 60)
        self.copy_action = QAction("&Copy this image", self)
        self.copy_action.triggered.connect(self._copy)
        self.graphics.addAction(self.copy_action)
        self.graphics.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.view = pg.ViewBox(lockAspect=True, invertY=True, enableMenu=False, defaultPadding=0)
        self.graphics.setCentralItem(self.view)
        self.item = pg.ImageItem(axisOrder="row-major")
        self.view.addItem(self.item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.title)
        layout.addWidget(self.graphics, 1)
        layout.addWidget(scale)
        self.view.sigRangeChanged.connect(self._tell_range)
        self.view.sigResized.connect(self._follow_size)
        self.graphics.scene().sigMouseMoved.connect(self._hover)
        self.graphics.scene().sigMouseClicked.connect(self._clicked)
        self.graphics.installEventFilter(self)
        self._paint_background()

    def least_in_figure(self) -> QSize:
        """Return enough room to recognize what the image shows."""
        return QSize(*[IN_FIGURE] * 2)

    def set_title(self, heading: str, text: str) -> None:
        """Show a bold heading followed by text."""
        self.title.setText(f"<b>{heading}</b> {escape(text)}")
        self.title.setToolTip(plain(text))

    def set_image(self, image: np.ndarray) -> None:
        """Show an image, uint8 (H, W) or (H, W, 3), in its own colours."""
        self.shown = image
        self.item.setImage(image, autoLevels=False, levels=(0, 255))
        self.item.show()

    def clear(self) -> None:
        """Show no image."""
        self.shown = None
        self.item.hide()

    def fit(self) -> None:
        """Show the whole image, also after the pane's size changes, until another part is asked for."""
        self._fitted = True
        if self.shown is not None:
            self._fitting = True
            height, width = self.shown.shape[:2]
            # The limits keep the image from being dragged out of sight.
            self.view.setLimits(xMin=-3 * width, xMax=4 * width, yMin=-3 * height, yMax=4 * height)
            self.view.setRange(QRectF(0, 0, width, height), padding=0.02)
            self._fitting = False

    def show_range(self, rectangle: QRectF) -> None:
        """Show this part of the image, in pixels."""
        self._fitted = False
        self.view.setRange(rectangle, padding=0)

    def pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return (row, column) of the pixel at a scene position; None outside the image."""
        if self.shown is None:
            return None
        point = self.view.mapSceneToView(position)
        row, column = int(np.floor(point.y())), int(np.floor(point.x()))
        height, width = self.shown.shape[:2]
        return (row, column) if 0 <= row < height and 0 <= column < width else None

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Announce that the mouse has left, and let keys zoom and move the image."""
        if event.type() == QEvent.Type.Leave:
            self.left.emit()
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and obey(self.view, event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_background()

    def _paint_background(self) -> None:
        self.graphics.setBackground(self.palette().color(QPalette.ColorRole.Window))

    def _copy(self) -> None:
        if self.shown is not None:
            copy_pixels(self.shown)

    def _tell_range(self) -> None:
        # A view with another shape shows another part of the image; the other panes are not to follow that.
        if not self._fitting and self.view.size() == self._size:
            self._fitted = False
            self.range_changed.emit(self.view.viewRect())

    def _follow_size(self) -> None:
        self._size = self.view.size()
        if self._fitted:
            self.fit()

    def _hover(self, position: QPointF) -> None:
        pixel = self.pixel_at(position)
        if pixel is None:
            self.left.emit()
        else:
            self.hovered.emit(*pixel)

    def _clicked(self, event: object) -> None:
        if event.double():  # type: ignore[attr-defined]
            self.reset_asked.emit()
