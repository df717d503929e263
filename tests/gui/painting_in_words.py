"""What widgets and delegates paint, in words: the calls of their painter, with metrics that no font changes."""

import functools
from typing import ClassVar
from unittest import mock

from frozen import number
from PySide6.QtCore import QModelIndex, QPoint, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QRegion,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from tfstab.gui.widgets.bars import BarRow
from tfstab.gui.widgets.card.pictures import SmallTriple
from tfstab.gui.widgets.thumbnails import PicturesDelegate

LINE, LETTER = 16, 8  # pixels: what the metrics say that a line is high and a letter wide
ROOM = QSize(300, 120)  # what a widget is given to paint on, and a cell of a table
TRIPLE = QSize(300, 40)  # less than its pictures want, which are as large as the font asks for
LABEL, VALUE = 80, 48  # pixels of a bar's label and number
TOLD = (
    "drawEllipse", "drawImage", "drawLine", "drawPolyline", "drawPolygon", "drawRect", "drawRoundedRect",
    "fillRect", "setBrush", "setClipRect", "setFont", "setOpacity", "setPen",
)  # fmt: skip


class Metrics:
    """Stands for QFontMetrics: the same with all fonts."""

    def __init__(self, font: QFont | None = None) -> None:
        del font

    def height(self) -> int:
        return LINE

    def horizontalAdvance(self, text: str) -> int:
        return LETTER * len(text)

    def elidedText(self, text: str, _mode: object, width: int) -> str:
        fits = max(width // LETTER, 1)
        return text if len(text) <= fits else f"{text[: fits - 1]}…"

    def __getattr__(self, name: str) -> object:
        return lambda *_: LINE


class Recorder(QPainter):
    """Writes down what it is asked to paint, which it does not; its image is as large as the device."""

    calls: ClassVar[list[str]] = []

    def __init__(self, device: object = None) -> None:
        size = device.size() if isinstance(device, QWidget) else ROOM
        self._image = QImage(size, QImage.Format.Format_ARGB32)
        super().__init__(self._image)

    def fontMetrics(self) -> Metrics:
        return Metrics()

    def drawPixmap(self, place: object, picture: QPixmap, *_: object) -> None:
        self.calls.append(f"drawPixmap {_told((place, picture))}")

    def drawText(self, *what: object) -> QRect:
        self.calls.append(f"drawText {_told(what)}")
        room = next((QRectF(one).toRect() for one in what if isinstance(one, QRect | QRectF)), QRect())
        return QRect(room.left(), room.top(), room.width(), LINE)


def _recording(name: str) -> object:
    def recorded(painter: Recorder, *what: object) -> object:
        painter.calls.append(f"{name} {_told(what)}")
        return getattr(QPainter, name)(painter, *what) if name.startswith("set") else None

    return recorded


for _name in TOLD:
    setattr(Recorder, _name, _recording(_name))


@functools.singledispatch
def told(value: object) -> str:
    """Return an argument of a painter in words."""
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _told(values: object) -> str:
    return " ".join(map(told, values)).replace("\n", " / ")


@told.register
def _(value: QColor) -> str:
    return value.name(QColor.NameFormat.HexArgb)


@told.register
def _(value: QPen) -> str:
    return f"{told(value.color())}/{number(value.widthF())}/{value.style().name}"


@told.register
def _(value: QBrush) -> str:
    return f"{told(value.color())}/{value.style().name}"


@told.register
def _(value: QRect | QRectF) -> str:
    return f"[{' '.join(f'{one:.4g}' for one in QRectF(value).getRect())}]"


@told.register
def _(value: QPoint | QPointF) -> str:
    return f"({value.x():.4g} {value.y():.4g})"


@told.register
def _(value: QPolygonF) -> str:
    return _told(value)


@told.register
def _(value: QPixmap | QImage) -> str:
    return "a picture" if not value.isNull() else "no picture"


@told.register
def _(value: QFont) -> str:
    size = value.pointSizeF() / QApplication.font().pointSizeF()
    return f"font {size:.3g}{' bold' * value.bold()}{' underlined' * value.underline()}"


@told.register
def _(value: QTextOption) -> str:
    return value.wrapMode().name


def painted(widget: QWidget) -> list[str]:
    """Return what a widget paints by itself on a fixed room, if it is one of the viewer's that do so."""
    paint = type(widget).paintEvent
    names = getattr(paint, "__globals__", {})
    if "QPainter" not in names or "__class__" in paint.__code__.co_freevars:  # none, or Qt's own as well
        return []
    drawn = getattr(getattr(type(widget), "draw", None), "__globals__", {})
    least, most, before = widget.minimumSize(), widget.maximumSize(), widget.size()
    widget.setFixedSize(TRIPLE if isinstance(widget, SmallTriple) else ROOM)
    if isinstance(widget, BarRow):
        widget.label_width, widget.text_width = LABEL, VALUE
    Recorder.calls = calls = []
    with mock.patch.dict(names, QPainter=Recorder), mock.patch.dict(drawn):
        for used in (names, drawn):
            if "QFontMetrics" in used:
                used["QFontMetrics"] = Metrics
        widget.fontMetrics = Metrics
        widget.paintEvent(QPaintEvent(QRegion(widget.rect())))
        del widget.fontMetrics
    widget.setMinimumSize(least)
    widget.setMaximumSize(most)
    widget.resize(before)
    spots = [f"says {told(place)} {text!r}" for place, text in getattr(widget, "_spots", [])]  # of a drawing
    return ([f"paints {'; '.join(calls)}"] if calls else []) + spots


class _Option(QStyleOptionViewItem):
    @property
    def fontMetrics(self) -> Metrics:
        return Metrics()


def painted_cell(view: QAbstractItemView, index: QModelIndex) -> list[str]:
    """Return what a delegate of the viewer's own paints in a cell; of the first row, also when it is selected."""
    delegate, lines = view.itemDelegateForIndex(index), []
    if isinstance(delegate, PicturesDelegate):  # how many pictures have been read is a matter of time
        lines.append(f"cell {index.row()} {index.column()} has pictures")
    elif type(delegate).__module__.startswith("tfstab."):
        for selected in (False, True)[: 2 if index.row() == 0 else 1]:
            place = f"cell {index.row()} {index.column()}{' selected' * selected}"
            calls = _painted(view, delegate, index, selected)
            lines += [f"{place} paints {'; '.join(calls)}"] if calls else []
    return lines


def _painted(view: QAbstractItemView, delegate: QAbstractItemDelegate, index: QModelIndex, selected: bool) -> list[str]:
    option = _Option()
    option.widget, option.palette, option.font = view, view.palette(), view.font()
    option.rect = QRect(QPoint(0, 0), ROOM)
    option.state = QStyle.StateFlag.State_Enabled
    if selected:
        option.state |= QStyle.StateFlag.State_Selected
    Recorder.calls = calls = []
    painter = Recorder()
    delegate.paint(painter, option, index)
    painter.end()
    return calls
