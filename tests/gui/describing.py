"""Widgets in words: all that a program sets and that is the same with all fonts and on all screens."""

import functools
import re
from collections.abc import Callable
from enum import Enum

from frozen import number, rows
from painting_in_words import painted, painted_cell, told
from plots_in_words import plotted
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QBrush, QFont, QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QSplitter,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid
from wiring import heard, wired

from tfstab.glossary import terms
from tfstab.gui.widgets.image_pane import ImagePane
from tfstab.gui.widgets.simple_plot import SimplePlot
from tfstab.gui.widgets.wrapped import SentenceLabel

# Of the screen, the fonts or the theme, or told elsewhere; said() and parts() tell the rest.
PASSED_OVER = {
    "geometry", "frameGeometry", "normalGeometry", "x", "y", "pos", "frameSize", "size", "width", "height", "rect",
    "childrenRect", "childrenRegion", "minimumSize", "maximumSize", "minimumWidth", "minimumHeight", "maximumWidth",
    "maximumHeight", "sizePolicy", "sizeIncrement", "baseSize", "palette", "font", "cursor", "sizeHint",
    "minimumSizeHint", "locale", "visible", "isActiveWindow", "focus", "underMouse", "minimized", "maximized",
    "fullScreen", "windowIcon", "windowIconText", "icon", "iconSize", "pixmap", "objectName", "modal", "frameWidth",
    "gridSize", "contentsMargins", "styleSheet", "windowFlags", "sliderDown", "minimumSectionSize", "actions", "view",
    "defaultSectionSize", "maximumSectionSize", "sceneRect", "foregroundBrush", "backgroundBrush", "currentFont",
    "cleanText", "displayText", "hasSelectedText", "selectedText", "cursorPosition", "undoAvailable", "redoAvailable",
    "windowModified", "acceptDrops", "inputMethodHints", "layoutDirection", "autoFillBackground", "updatesEnabled",
    "mouseTracking", "tabletTracking", "transformationAnchor", "resizeAnchor", "viewportUpdateMode", "renderHints",
    "optimizationFlags", "down", "currentData", "modelColumn", "selection", "childrenCollapsible", "frameRect",
}  # fmt: skip

ROWS = 4  # of a table or list that are told
ROLES = (
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.TextAlignmentRole,
    Qt.ItemDataRole.BackgroundRole,
    Qt.ItemDataRole.ForegroundRole,
    Qt.ItemDataRole.FontRole,
    Qt.ItemDataRole.CheckStateRole,
)


def described(widget: QWidget, depth: int = 0, top: QWidget | None = None, in_sight: bool = False) -> list[str]:
    """Return a line for a widget and one for each that it contains, in the order in which they were made.

    in_sight: nothing of what is hidden, and not who listens to what.
    """
    top = top or widget
    lines = ["  " * depth + " ".join([type(widget).__name__, *_said(widget, top)])]
    lines += ["  " * (depth + 1) + part for part in [*_parts(widget), *([] if in_sight else wired(widget))]]
    if isinstance(widget, QComboBox | QAbstractSpinBox | QLineEdit):  # their insides are Qt's
        return lines
    for child in widget.children():
        if isValid(child) and isinstance(child, QWidget) and not child.isWindow() and not _of_qt(child):
            lines += described(child, depth + 1, top, in_sight) if child.isVisible() or not in_sight else []
    return lines


def _of_qt(widget: QWidget) -> bool:
    return widget.objectName().startswith("qt_") and not widget.findChildren(QLabel)


def _said(widget: QWidget, top: QWidget) -> list[str]:
    """Return the properties that differ from those of an untouched widget of its kind."""
    plain = _plain(type(widget))
    said = [] if widget is top or widget.isVisibleTo(widget.parentWidget()) else ["hidden"]
    for name, (usual, in_words) in _usual(type(widget)).items():
        value = widget.text() if name == "text" and isinstance(widget, SentenceLabel) else widget.property(name)
        if type(value) is type(usual) and value == usual:  # as nearly always, so that no words are made for it
            continue
        if (text := _text(value)) != in_words:
            said.append(f"{name}={text}")
    stretch = widget.sizePolicy().horizontalStretch(), widget.sizePolicy().verticalStretch()
    said = sorted(said) + ([f"stretch={stretch}"] if any(stretch) else [])
    parent, role = widget.parentWidget(), widget.backgroundRole()
    if plain is not None and role not in (plain.backgroundRole(), parent and parent.backgroundRole()):
        said.append(f"on {role.name}")
    return said


@functools.cache
def _plain(kind: type) -> QWidget | None:
    """Make an untouched widget of the nearest class of Qt's."""
    made = next(base for base in kind.__mro__ if base.__module__.startswith("PySide6"))
    try:
        return made(Qt.Orientation.Horizontal) if made is QHeaderView else made()
    except (TypeError, NotImplementedError):  # a base that nothing can be made of
        return None


@functools.cache
def _usual(kind: type[QWidget]) -> dict[str, tuple[object, str | None]]:
    """Return the properties to look at, and their values in an untouched widget of Qt's, also in words.

    If there is no such widget, the value is one that no property has, and the words are None.
    """
    plain, meta = _plain(kind), kind.staticMetaObject
    names = [meta.property(k).name() for k in range(meta.propertyCount())]
    values = {name: object() if plain is None else plain.property(name) for name in names if name not in PASSED_OVER}
    return {name: (value, None if plain is None else _text(value)) for name, value in values.items()}


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return value.name or str(value.value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, QIcon):
        return str(not value.isNull())
    return repr(value) if isinstance(value, str | bool | int) or value is None else type(value).__name__


def _parts(widget: QWidget) -> list[str]:
    """Return what is no property: entries, buddies, stretches, headers, cells."""
    parts = [part for tell in _tellers(type(widget)) for part in tell(widget)]
    if widget.focusProxy() is not None:
        parts.append(f"gives the focus to {widget.focusProxy().accessibleName()!r}")
    return parts + painted(widget) + _stretches(widget.layout())


@functools.cache
def _tellers(kind: type[QWidget]) -> list[Callable[..., list[str]]]:
    """Return the functions that tell the parts of widgets of a class."""
    return [tell for told_kind, tell in TOLD.items() if issubclass(kind, told_kind)]


def _entries(box: QComboBox) -> list[str]:
    tip = Qt.ItemDataRole.ToolTipRole
    return [f"entry {box.itemText(k)!r} {box.itemData(k)!r} {box.itemData(k, tip)!r}" for k in range(box.count())]


def _range(line: QLineEdit) -> list[str]:
    valid = line.validator()
    return [] if valid is None else [f"from {valid.bottom()} to {valid.top()}"]


def _buddy(label: QLabel) -> list[str]:
    return [] if label.buddy() is None else [f"label of {label.buddy().accessibleName()!r}"]


def _action(button: QToolButton) -> list[str]:
    return [] if button.defaultAction() is None else [f"does {button.defaultAction().text()!r}"]


def _sections(header: QHeaderView) -> list[str]:
    if not header.count():
        return []
    modes = [header.sectionResizeMode(k).name for k in range(min(header.count(), 3))]
    told = f"sorted by {header.sortIndicatorSection()} {header.sortIndicatorOrder().name} {modes}"
    model, side = header.model(), header.orientation()
    roles = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.TextAlignmentRole
    return [
        told,
        *(
            "section " + " ".join(_text(model.headerData(k, side, role)) for role in roles)
            for k in range(min(header.count(), 20 if side == Qt.Orientation.Horizontal else ROWS))
        ),
    ]


def _icons(view: QAbstractItemView) -> list[str]:
    """Return the size of a view's icons, if one was set."""
    size = view.iconSize()
    return [f"icons {size.width()} x {size.height()}"] if size.isValid() else []


def _cells(view: QAbstractItemView) -> list[str]:
    """Return the texts of the first rows of a table or list, what else their cells have, and what is painted."""
    model = view.model()
    if model is None or isinstance(view, QHeaderView):
        return []
    columns = range(model.columnCount() if isinstance(view, QTableView) else 1)
    cells = [[model.index(r, c) for c in columns] for r in range(min(model.rowCount(), ROWS))]
    lines = ["row " + " | ".join(str(cell.data()).replace("\n", " / ") for cell in row) for row in cells]
    for place, row in enumerate(cells[:2]):
        more = [(column, _of_cell(cell)) for column, cell in enumerate(row)]
        lines += [f"cell {place} {column} {' '.join(said)}" for column, said in more if said]
    lines += [call for row in cells[:2] for cell in row[:3] for call in painted_cell(view, cell)]
    return lines + _chosen(view)


def _chosen(view: QAbstractItemView) -> list[str]:
    """Return which item is the current one, and which rows are selected."""
    current, selection = view.currentIndex(), view.selectionModel()
    places = sorted({index.row() for index in selection.selectedIndexes()}) if selection is not None else []
    return [f"current {current.row()} {current.column()} selected {places}"] if current.isValid() or places else []


def _image(pane: ImagePane) -> list[str]:
    """Return the image that a pane shows, unless it is too large to be written down."""
    if pane.shown is None or not pane.item.isVisible():
        return []
    return [f"image {pane.shown.shape} {rows(pane.shown) if pane.shown.size < 100 else ''}"]


def _of_cell(cell: object) -> list[str]:
    """Return what a cell has beside its text."""
    said = [f"{role.name.removesuffix('Role')}={_in_cell(cell.data(role))}" for role in ROLES if cell.data(role)]
    spoken = cell.data(Qt.ItemDataRole.AccessibleTextRole)
    return said + ([f"spoken={spoken!r}"] if spoken and spoken != cell.data() else [])


def _in_cell(value: object) -> str:
    return (
        told(value) if isinstance(value, QBrush) else repr("bold" * value.bold() if isinstance(value, QFont) else value)
    )


def _stretches(layout: object) -> list[str]:
    """Return the factors of a box's items, spaces included, and the labels of a form; also of the boxes inside."""
    if layout is None:
        return []
    parts = []
    if isinstance(layout, QBoxLayout):
        parts.append(f"{layout.direction().name} " + " ".join(map(str, map(layout.stretch, range(layout.count())))))
    if isinstance(layout, QFormLayout):
        parts.append(f"form of {layout.rowCount()} rows, growing {layout.fieldGrowthPolicy().name}")
    inner = [layout.itemAt(k).layout() for k in range(layout.count())]
    return parts + [part for one in inner for part in _stretches(one)]


TOLD = {
    QComboBox: _entries,
    QLineEdit: _range,
    QLabel: _buddy,
    QTabWidget: lambda tabs: [f"tabs {[tabs.tabText(k) for k in range(tabs.count())]}"],
    QStackedWidget: lambda stack: [f"shows {stack.currentIndex()} of {stack.count()}"],
    QSplitter: lambda splitter: [f"collapsible {splitter.childrenCollapsible()}"],
    QHeaderView: _sections,
    QTableView: lambda table: [f"selects {table.selectionBehavior().name} {table.selectionMode().name}"],
    QListView: lambda view: [f"flows {view.flow().name} {view.movement().name} rows {view.model().rowCount()}"],
    QAbstractItemView: lambda view: [*_icons(view), *_cells(view)],
    QToolButton: _action,
    QCheckBox: lambda box: [] if box.icon().isNull() else ["with an icon"],
    QDialog: lambda dialog: [f"deleted when closed {dialog.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)}"],
    SimplePlot: plotted,
    ImagePane: _image,
}


def listened_to(thing: object) -> list[str]:
    """Return what is heard of an object and of the objects that it has as attributes, such as a session's view."""
    parts = {
        type(thing).__name__: thing,
        **{name: part for name, part in vars(thing).items() if isinstance(part, QObject)},
    }
    return [f"{name} heard {heard(part)}" for name, part in parts.items() if heard(part)]


def told_of(part: object) -> list[str]:
    """Return a widget or a session in words, without what the glossary says and what takes another time each time."""
    return without_glossary(described(part) if isinstance(part, QWidget) else listened_to(part))


def without_glossary(lines: list[str]) -> list[str]:
    """Return lines without the explanations of terms, and without what takes another time each time."""
    whole = "\n".join(lines)
    for term, broken in _explanations().items():
        whole = broken.sub(f"(the glossary on {term})", whole)
    return [line for line in whole.splitlines() if "accessibleName='Estimated time'" not in line]


@functools.cache
def _explanations() -> dict[str, re.Pattern[str]]:
    """Return what each term's explanation looks like, wherever it is broken into lines."""
    return {term: re.compile(re.escape(text).replace("\\ ", r"(?: |\\n)")) for term, text in terms().items() if text}
