"""Copying and saving pictures: plots with captions, and triples of images."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetrics, QImage, QImageWriter, QPaintDevice, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from tfstab.errors import DiskError
from tfstab.gui.content.colours import as_levels, diverging, signed_extreme
from tfstab.gui.figure_drawings import DRAWN, drawing
from tfstab.gui.figure_room import WIDEST, Needs, in_full, lay_out, least_size, times_larger
from tfstab.gui.figure_shapes import LOSSLESS, as_shapes
from tfstab.gui.focus_frame import FocusFrame
from tfstab.gui.theme import SMALL, palette_of
from tfstab.runs.atomic import write_atomically

SCREEN = 96  # dots per inch of a screen, by which sizes in cm become sizes of widgets
INCH = 2.54  # cm
SHARP = 2  # resolution of a saved picture relative to the screen
MOST_SHAPES = 20_000  # points of a plot that are drawn one by one, which takes a second
LARGE = 256  # minimum width or height of a triple's images, in pixels
GAP, MARGIN = 8, 10
LEGIBLE = 5.0  # points; smaller letters are hard to read on paper
WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
NAMED = "a figure is saved as PNG, SVG or PDF, so choose a name that ends with .png, .svg or .pdf"
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
class Letters:
    """How large a figure's smallest letters are.

    Attributes
    ----------
    points : float
        Their size on paper.
    width, height : float
        Smallest size of the figure in cm at which they have `LEGIBLE` points, with at least its present width.
    """

    points: float
    width: float
    height: float


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
    needs : callable, optional
        Returns the least width of the widget, and its least height at a width; by default as its layout says.
    proposed : callable, optional
        Returns the size of the widget that is proposed, given that on the screen; by default the same.
    """

    widget: QWidget
    name: str
    caption: str
    needs: Needs | None = None
    proposed: Callable[[QSize], QSize] | None = None

    def copy(self) -> None:
        """Copy the picture to the clipboard."""
        QApplication.clipboard().setImage(self.image())

    def on_screen(self) -> tuple[float, float]:
        """Return the width and height, in cm, to propose: those on the screen, unless `proposed` returns others."""
        size = self._size()
        if self.proposed is not None:
            own = self.widget.size()
            size += self.proposed(own) - own
        return size.width() / SCREEN * INCH, size.height() / SCREEN * INCH

    def letters(self, look: Look) -> Letters:
        """Return how large the smallest letters of a look are, and from which size of the figure they are legible."""
        font = QFontInfo(self.widget.font()).pointSizeF() * SMALL * self.widget.logicalDpiY() / SCREEN
        legible = max(font / LEGIBLE, 1.0)
        with self._dressed(look) as scale:
            wanted = round(look.width / INCH * SCREEN * legible)
            width = max(wanted, self._least(wanted).width())
            height = self._least(width).height()
        # Not rounded down: the next smaller layout would not have enough room.
        across, up = (math.ceil(10 * each / legible / SCREEN * INCH) / 10 for each in (width, height))
        return Letters(font * scale, look.width if width == wanted else across, up)

    def image(self, look: Look | None = None) -> QImage:
        """Return the picture with the caption above, by default as on the screen and twice as sharp."""
        if look is None:
            return self._image(self._size() * SHARP, SHARP)
        with self._dressed(look) as scale:
            image = self._image(look.pixels, look.dpi / SCREEN * scale)
        image.setDotsPerMeterX(round(look.dpi / INCH * 100))
        image.setDotsPerMeterY(round(look.dpi / INCH * 100))
        return image

    def save(self, path: str, look: Look | None = None) -> None:
        """Save the picture as SVG, PDF or an image, depending on the suffix; raise DiskError if it cannot be written.

        An existing file is replaced when the new one is complete.
        """
        target = Path(path)
        write_atomically(target, lambda temporary: self._write(str(temporary), path, look), target.suffix)

    def _image(self, pixels: QSize, sharp: float) -> QImage:
        image = QImage(pixels, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(sharp)
        with as_shapes(self.widget, sharp, MOST_SHAPES):
            self._paint(image, self._size() + QSize(1, 1))  # sizes in pixels were rounded
        return image

    @contextmanager
    def _dressed(self, look: Look) -> Iterator[float]:
        """Give the widget the theme of a look, and a size of its proportions at which nothing is cut; then undo both.

        Yields
        ------
        float
            Size of the figure divided by this size, at most 1.
        """
        widget = self.widget
        size = QSize(round(look.width / INCH * SCREEN), round(look.height / INCH * SCREEN))
        widget.setPalette(palette_of(look.theme))
        try:
            with in_full(widget):
                times = times_larger(size, self._least)
                size = QSize(round(size.width() * times), round(size.height() * times))
                width = size.width() - 2 * MARGIN
                widget.resize(width, size.height() - self._head(width) - MARGIN)
                lay_out(widget)
                yield 1 / times
        finally:
            widget.setPalette(QPalette())

    def _least(self, width: int) -> QSize:
        """Return the least width of the figure, and its least height at this width."""
        inside = max(width - 2 * MARGIN, 1)
        least = least_size(self.widget, inside) if self.needs is None else self.needs(inside)
        words = (QFontMetrics(self._font()).horizontalAdvance(word) for word in self.caption.split())
        word = min(max(words, default=0), WIDEST)
        return QSize(max(least.width(), word) + 2 * MARGIN, least.height() + self._head(inside) + MARGIN)

    def _write(self, path: str, target: str, look: Look | None) -> None:
        if path.lower().endswith(DRAWN):
            if look is None:
                written = self._draw(path, self._size(), 1.0)
            else:
                dots = self.widget.logicalDpiY() / INCH
                with self._dressed(look) as scale:
                    size = QSize(round(look.width * dots), round(look.height * dots))
                    written = self._draw(path, size, scale * self.widget.logicalDpiY() / SCREEN)
        else:
            written = self.image(look).save(path)
        if not written:
            known = (*DRAWN, *(f".{bytes(each.data()).decode()}" for each in QImageWriter.supportedImageFormats()))
            advice = "choose another folder" if path.lower().endswith(known) else NAMED
            raise DiskError(f"{target} cannot be written: {advice}.")

    def _draw(self, path: str, size: QSize, scale: float) -> bool:
        """Draw the figure in this size at the resolution of the screen; return whether that was possible."""
        made = drawing(path, size, self.widget.logicalDpiY(), self.caption)
        with as_shapes(self.widget):
            return self._paint(made, self._size() + QSize(1, 1), scale)

    def _size(self) -> QSize:
        return self.widget.size() + QSize(2 * MARGIN, self._head() + MARGIN)

    def _head(self, width: int | None = None) -> int:
        """Return the height of the caption, which may have several lines at this width, by default the widget's."""
        room = QRect(0, 0, self.widget.width() if width is None else width, 1 << 20)
        return QFontMetrics(self._font()).boundingRect(room, WRAPPED, self.caption).height() + 2 * MARGIN

    def _font(self) -> QFont:
        font = QFont(self.widget.font())
        font.setBold(True)
        return font

    def _paint(self, device: QPaintDevice, size: QSize, scale: float = 1.0) -> bool:
        painter = QPainter()
        if not painter.begin(device):
            return False
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | LOSSLESS)
        painter.scale(scale, scale)
        palette, head = self.widget.palette(), self._head()
        painter.fillRect(QRect(QPoint(0, 0), size), palette.base())
        painter.setFont(self._font())
        painter.setPen(palette.text().color())
        painter.drawText(QRect(MARGIN, 0, size.width() - 2 * MARGIN, head), WRAPPED, self.caption)
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
