"""Files of figures that are drawn from shapes and letters rather than pixels: SVG and PDF."""

from PySide6.QtCore import QMarginsF, QPoint, QRect, QSize, QSizeF
from PySide6.QtGui import QPageSize, QPaintDevice, QPdfWriter

MM = 25.4  # in an inch
DRAWN = (".svg", ".pdf")  # suffixes


def drawing(path: str, size: QSize, dots: int, title: str) -> QPaintDevice:
    """Return a device that paints into an SVG or PDF file, depending on the suffix.

    Parameters
    ----------
    path : str
        The file.
    size : QSize
        Size of the figure in dots.
    dots : int
        Dots per inch. At the resolution of the screen, letters are as large as in the layout.
    title : str
        Title of the document.
    """
    return _pdf(path, size, dots, title) if path.lower().endswith(".pdf") else _svg(path, size, dots, title)


def _svg(path: str, size: QSize, dots: int, title: str) -> QPaintDevice:
    from PySide6.QtSvg import QSvgGenerator

    made = QSvgGenerator()
    made.setFileName(path)
    made.setResolution(dots)
    made.setSize(size)
    made.setViewBox(QRect(QPoint(0, 0), size))
    made.setTitle(title)
    return made


def _pdf(path: str, size: QSize, dots: int, title: str) -> QPaintDevice:
    """Return a device that paints into a PDF file with a single page, as large as the figure."""
    made = QPdfWriter(path)
    made.setResolution(dots)
    page = QSizeF(size.width() / dots * MM, size.height() / dots * MM)
    made.setPageSize(QPageSize(page, QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch))
    made.setPageMargins(QMarginsF(0, 0, 0, 0))
    made.setTitle(title)
    return made
