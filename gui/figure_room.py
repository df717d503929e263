"""The room that a widget needs in a figure, so that nothing in it is cut or shortened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QAbstractItemView, QApplication, QGraphicsView, QGraphicsWidget, QWidget

LEAST = "least_in_figure"  # method of widgets that need more room in a figure than on the screen, where tool tips help
WIDEST = 400  # pixels; longer names, such as those of folders, are shortened
STEPS = 10  # halvings of the interval in which a layout's size is searched
SMALLEST = 100.0  # times smaller than on the screen; no figure needs more
Needs = Callable[[int], QSize]  # of a width in pixels: the least width, and the least height at this width


@contextmanager
def in_full(widget: QWidget) -> Iterator[None]:
    """Let the parts of a widget demand the room that they need in a figure; afterwards, restore all sizes."""
    parts = [part for part in (widget, *widget.findChildren(QWidget)) if hasattr(part, LEAST)]
    before, size = [part.minimumSize() for part in parts], widget.size()
    bar = widget.verticalScrollBar() if isinstance(widget, QAbstractItemView) else None
    scrolled = 0 if bar is None else bar.value()
    for part, least in zip(parts, before, strict=True):
        demanded = getattr(part, LEAST)().boundedTo(QSize(WIDEST, part.maximumHeight()))
        part.setMinimumSize(least.expandedTo(demanded))
    try:
        yield
    finally:
        for part, least in zip(parts, before, strict=True):
            part.setMinimumSize(least)
        widget.resize(size)
        lay_out(widget)
        if bar is not None:
            bar.setValue(scrolled)


def least_size(widget: QWidget, width: int) -> QSize:
    """Return the least width of a widget, and its least height at this width, which it is given."""
    widget.resize(width, widget.height())
    lay_out(widget)
    least, layout = widget.minimumSizeHint().expandedTo(widget.minimumSize()), widget.layout()
    if layout is not None and layout.hasHeightForWidth():
        return QSize(least.width(), max(layout.totalMinimumHeightForWidth(width), widget.minimumHeight()))
    if layout is None and widget.hasHeightForWidth():
        return QSize(least.width(), max(widget.heightForWidth(width), least.height()))
    return least


def times_larger(size: QSize, needs: Needs) -> float:
    """Return by which factor, at least 1, this size must be enlarged so that a layout of these proportions fits."""

    def fits(times: float) -> bool:
        width = round(size.width() * times)
        least = needs(width)
        return least.width() <= width and least.height() <= round(size.height() * times)

    low = high = 1.0
    while not fits(high) and high < SMALLEST:
        low, high = high, high * 2
    for _ in range(STEPS if high > 1 else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def lay_out(widget: QWidget) -> None:
    """Let the layouts in a widget follow its size at once; those around it must not, or they would undo it."""
    if isinstance(widget, QAbstractItemView):
        widget.doItemsLayout()  # a list would place its items only some time later
    inside = [widget, *widget.findChildren(QWidget)]
    scenes = [view.scene() for view in inside if isinstance(view, QGraphicsView)]
    items = [item for scene in scenes for item in scene.items() if isinstance(item, QGraphicsWidget)]
    # Parts ask for room from the inside outwards, and then get it from the outside inwards.
    for part in chain(reversed(inside), inside, items):
        QApplication.sendPostedEvents(part, QEvent.Type.LayoutRequest)
