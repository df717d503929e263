"""Copying and saving pictures: plots with captions, and triples of images."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPaintDevice, QPainter, QPalette, QPen
from PySide6.QtWidgets import QApplication, QGraphicsView, QGraphicsWidget, QWidget

from tfstab.errors import DiskError
from tfstab.gui.content.colours import as_levels, diverging, signed_extreme
from tfstab.gui.focus_frame import FocusFrame
from tfstab.gui.theme import palette_of
from tfstab.runs.atomic import write_atomically

SCREEN = 96  # dots per inch of a screen, by which sizes in cm become sizes of widgets
INCH = 2.54  # cm
SHARP = 2  # resolution of a saved picture relative to the screen
MOST_SHAPES = 20_000  # points of a plot that are drawn one by one, which takes a second
LARGE = 256  # minimum width or height of a triple's images, in pixels
GAP, MARGIN = 8, 10
ON_SCREEN = "only_on_screen"  # attribute of widgets that pictures leave out


@dataclass(frozen=True)
class Look:
    """How a figure is saved.

    Attributes
    ----------
    theme : str
        `LIGHT` or `DARK` of `tfstab.gui.theme`.
    width, height : float
        Size in cm, with caption and margins.
    dpi : int
        Dots per inch of pictures made of pixels.
    """

    theme: str
    width: float
    height: float
    dpi: int

    @property
    def pixels(self) -> QSize:
        """Size in pixels at this resolution."""
        return QSize(round(self.width / INCH * self.dpi), round(self.height / INCH * self.dpi))


@dataclass(frozen=True)
class Figure:
    """A widget that can be saved as a picture.

    Attributes
    ----------
    widget : QWidget
        The widget.
    name : str
        Proposed name of the file, without suffix.
    caption : str
        Text above the picture.
    """

    widget: QWidget
    name: str
    caption: str

    def copy(self) -> None:
        """Copy the picture to the clipboard."""
        QApplication.clipboard().setImage(self.image())

    def on_screen(self) -> tuple[float, float]:
        """Return width and height, in cm, at which the widget has the size that it has on the screen."""
        size = self._size()
        return size.width() / SCREEN * INCH, size.height() / SCREEN * INCH

    def image(self, look: Look | None = None) -> QImage:
        """Return the picture with the caption above, by default as on the screen and twice as sharp."""
        if look is None:
            return self._image(self._size() * SHARP, SHARP)
        with self._dressed(look):
            image = self._image(look.pixels, look.dpi / SCREEN)
        image.setDotsPerMeterX(round(look.dpi / INCH * 100))
        image.setDotsPerMeterY(round(look.dpi / INCH * 100))
        return image

    def save(self, path: str, look: Look | None = None) -> None:
        """Save the picture as SVG or as an image, depending on the suffix; raise DiskError if it cannot be written.

        An existing file is replaced when the new one is complete.
        """
        target = Path(path)
        write_atomically(target, lambda temporary: self._write(str(temporary), path, look), target.suffix)

    def _image(self, pixels: QSize, sharp: float) -> QImage:
        image = QImage(pixels, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(sharp)
        with _as_shapes(self.widget, sharp, MOST_SHAPES):
            self._paint(image, self._size() + QSize(1, 1))  # sizes in pixels were rounded
        return image

    @contextmanager
    def _dressed(self, look: Look) -> Iterator[None]:
        """Give the widget the size and theme of a look, and then its own again."""
        widget, before = self.widget, self.widget.size()
        size = QSize(round(look.width / INCH * SCREEN), round(look.height / INCH * SCREEN))
        widget.setPalette(palette_of(look.theme))
        widget.resize(size - QSize(2 * MARGIN, self._head() + MARGIN))
        _lay_out(widget)
        try:
            yield
        finally:
            widget.resize(before)
            widget.setPalette(QPalette())

    def _write(self, path: str, target: str, look: Look | None) -> None:
        if path.lower().endswith(".svg"):
            from PySide6.QtSvg import QSvgGenerator

            with self._dressed(look) if look is not None else nullcontext(), _as_shapes(self.widget):
                size, drawing = self._size(), QSvgGenerator()
                drawing.setFileName(path)
                drawing.setSize(size)
                drawing.setViewBox(QRect(QPoint(0, 0), size))
                drawing.setTitle(self.caption)
                written = self._paint(drawing, size)
            if not written:
                raise DiskError(f"{target} cannot be written: choose another folder.")
        elif not self.image(look).save(path):
            advice = "choose another folder, or a name that ends with .png or .svg"
            raise DiskError(f"{target} cannot be written: {advice}.")

    def _size(self) -> QSize:
        return self.widget.size() + QSize(2 * MARGIN, self._head() + MARGIN)

    def _head(self) -> int:
        return QFontMetrics(self._font()).height() + 2 * MARGIN

    def _font(self) -> QFont:
        font = QFont(self.widget.font())
        font.setBold(True)
        return font

    def _paint(self, device: QPaintDevice, size: QSize) -> bool:
        painter = QPainter()
        if not painter.begin(device):
            return False
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, head = self.widget.palette(), self._head()
        painter.fillRect(QRect(QPoint(0, 0), size), palette.base())
        painter.setFont(self._font())
        painter.setPen(palette.text().color())
        line = QRect(MARGIN, 0, size.width() - 2 * MARGIN, head)
        caption = painter.fontMetrics().elidedText(self.caption, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, caption)
        for frame in self.widget.findChildren(FocusFrame):
            frame.hide()
        with _without_buttons(self.widget):
            # Without its background, whose colour differs from a plot's.
            # QWidget's render, because a QGraphicsView has another one.
            QWidget.render(self.widget, painter, QPoint(MARGIN, head), renderFlags=QWidget.RenderFlag.DrawChildren)
        return bool(painter.end())


@contextmanager
def _without_buttons(widget: QWidget) -> Iterator[None]:
    """Hide what only leads elsewhere on the screen, such as links and question marks."""
    focused = QApplication.focusWidget()
    hidden = [part for part in widget.findChildren(QWidget) if hasattr(part, ON_SCREEN) and not part.isHidden()]
    for part in hidden:
        part.hide()
    try:
        yield
    finally:
        for part in hidden:
            part.show()
        if focused in hidden and focused is not None:
            focused.setFocus()


def _lay_out(widget: QWidget) -> None:
    """Let the layouts in a widget follow its size at once; those around it must not, or they would undo it."""
    inside = [widget, *widget.findChildren(QWidget)]
    scenes = [view.scene() for view in inside if isinstance(view, QGraphicsView)]
    items = [item for scene in scenes for item in scene.items() if isinstance(item, QGraphicsWidget)]
    for part in (*inside, *items):
        QApplication.sendPostedEvents(part, QEvent.Type.LayoutRequest)


@contextmanager
def _as_shapes(widget: QWidget, sharp: float = 1.0, most: float = math.inf) -> Iterator[None]:
    """Let pyqtgraph draw points as shapes instead of copies of a small picture, and lines as wide as on the screen.

    Parameters
    ----------
    widget : QWidget
        Holds the plots.
    sharp : float
        Pixels of the picture for one of a screen.
    most : float
        Plots of more points are drawn as on the screen.
    """
    views = [widget, *widget.findChildren(QGraphicsView)]
    items: list[Any] = [i for view in views if isinstance(view, QGraphicsView) for i in view.scene().items()]
    exporting = [item for item in items if hasattr(item, "setExportMode") and _spots(item) <= most]
    for item in exporting:
        item.setExportMode(True, {"antialias": True})
    try:
        with wide_lines(items, sharp / widget.devicePixelRatioF()):  # a plot widens them for its screen when it paints
            yield
    finally:
        for item in exporting:
            item.setExportMode(False)


@contextmanager
def wide_lines(items: Sequence[Any], factor: float) -> Iterator[None]:
    """Widen lines while pyqtgraph paints them: it counts in pixels of the screen or picture, which may be small.

    Parameters
    ----------
    items : sequence of QGraphicsItem
        The items of a scene.
    factor : float
        By how much.
    """
    pens = [(item.opts, item.opts["pen"]) for item in items if hasattr(item, "getPath") and item.opts.get("pen")]
    for options, pen in pens:
        options["pen"] = wide = QPen(pen)
        wide.setWidthF(pen.widthF() * factor)
    try:
        yield
    finally:
        for options, pen in pens:
            options["pen"] = pen


def _spots(item: Any) -> int:
    """Return how many points an item of pyqtgraph draws, if it draws points."""
    data = getattr(item, "data", None)
    return len(data) if isinstance(data, np.ndarray) else 0


def triple_picture(clean: np.ndarray, noise: np.ndarray, degraded: np.ndarray) -> np.ndarray:
    """Return clean image, noise and degraded image side by side, enlarged, uint8 (H, W, 3)."""
    plane = signed_extreme(noise)
    colours = diverging(plane, max(float(np.abs(plane).max()), 1.0))
    side = max(1, LARGE // max(clean.shape[:2]))
    large = [np.kron(part, np.ones((side, side, 1), np.uint8)) for part in (rgb(clean), colours, rgb(degraded))]
    gap = np.full((large[0].shape[0], GAP, 3), 255, np.uint8)
    return np.concatenate([large[0], gap, large[1], gap, large[2]], axis=1)


def copy_pixels(pixels: np.ndarray) -> None:
    """Copy an image, uint8 (H, W) or (H, W, 3), to the clipboard without scaling."""
    QApplication.clipboard().setImage(as_image(pixels if pixels.ndim == 3 else rgb(pixels[..., None])))


def rgb(image: np.ndarray) -> np.ndarray:
    """Return an image in grey levels (H, W, 1 or 3) as uint8 (H, W, 3); values beyond 0..255 are clipped."""
    levels = as_levels(image)
    return np.repeat(levels, 3, axis=2) if levels.shape[2] == 1 else levels


def as_image(pixels: np.ndarray) -> QImage:
    """Return an image, uint8 (H, W, 3), as QImage."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    # copy(): a QImage made of a buffer does not own its memory
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def save_pixels(pixels: np.ndarray, path: str) -> None:
    """Write an image, uint8 (H, W, 3), without scaling; raise DiskError if it cannot be written."""

    def write(temporary: Path) -> None:
        if not as_image(pixels).save(str(temporary)):
            raise DiskError(f"{path} cannot be written: choose another folder.")

    write_atomically(Path(path), write, Path(path).suffix)
