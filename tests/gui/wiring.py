"""How many receivers the signals have that people and sessions send: what nothing listens to does nothing."""

import functools

from PySide6.QtCore import QMetaMethod, QObject, QTimer
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QGraphicsView, QListView, QTableView, QWidget

# Of Qt's own signals these, which its own parts do not listen to, or by as many as to an untouched view's.
OF_PEOPLE = {
    "clicked", "activated", "toggled", "triggered", "timeout", "textChanged", "editingFinished", "valueChanged",
    "sliderPressed", "currentIndexChanged", "currentTextChanged", "currentChanged", "currentRowChanged",
    "selectionChanged", "modelReset", "layoutChanged", "aboutToShow", "customContextMenuRequested", "idToggled",
    "sigMouseMoved", "sigMouseClicked", "accepted", "rejected", "indexChanged",
}  # fmt: skip


def heard(thing: QObject) -> dict[str, int]:
    """Return the number of receivers of each signal that has any."""
    meta, found = thing.metaObject(), {}
    own = {name for kind in type(thing).__mro__ if kind.__module__.startswith("tfstab") for name in vars(kind)}
    for k in range(meta.methodCount()):
        name = bytes(meta.method(k).name().data()).decode()
        if meta.method(k).methodType() == QMetaMethod.MethodType.Signal and name in own | OF_PEOPLE:
            count = thing.receivers(f"2{bytes(meta.method(k).methodSignature().data()).decode()}")
            found[name] = max(found.get(name, 0), count)
    return {name: count for name, count in sorted(found.items()) if count}


def wired(widget: QWidget) -> list[str]:
    """Return what is heard of a widget, its model and selection, its scene and the timers and actions that it has."""
    parts: dict[str, dict[str, int]] = {"": heard(widget)}
    if isinstance(widget, QTableView | QListView) and widget.model() is not None:
        parts |= _of_view(widget)
    if isinstance(widget, QGraphicsView):
        parts["scene"] = heard(widget.scene())
    own = [child for child in widget.children() if not isinstance(child, QWidget | QAbstractItemView)]
    parts |= {
        f"{type(child).__name__} {n}": heard(child)
        for n, child in enumerate(own)
        if type(child).__name__ in ("QTimer", "QAction", "QButtonGroup")
    }
    timers = [
        f"timer every {child.interval()} ms{' once' * child.isSingleShot()}"
        for child in own
        if isinstance(child, QTimer) and heard(child)
    ]
    return [f"heard {name}{' ' * bool(name)}{counts}" for name, counts in parts.items() if counts] + timers


def _of_view(view: QAbstractItemView) -> dict[str, dict[str, int]]:
    """Return what is heard of a model and a selection beyond what the view itself listens to."""
    usual = _usual(QTableView if isinstance(view, QTableView) else QListView)
    parts = {"model": heard(view.model()), "selection": heard(view.selectionModel())}
    return {
        part: {
            name: count - usual[part].get(name, 0) for name, count in counts.items() if count != usual[part].get(name)
        }
        for part, counts in parts.items()
    }


@functools.cache
def _usual(kind: type[QAbstractItemView]) -> dict[str, dict[str, int]]:
    view = kind()
    view.setModel(QStandardItemModel(view))
    if isinstance(view, QTableView):
        view.setSortingEnabled(True)
    return {"model": heard(view.model()), "selection": heard(view.selectionModel())}
