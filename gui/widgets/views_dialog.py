"""The dialog of saved views."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tfstab.errors import TfstabError
from tfstab.gui.content.explorer import without_folder
from tfstab.gui.content.saved_views import SavedView, clean_name, read_views, write_views
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.controller import Controller
from tfstab.gui.dialogs import ask_for_file, ask_to_open
from tfstab.gui.placing import place_over
from tfstab.gui.widgets.tips import plain

FILES = "Saved views (*.views.json)"
EMPTY = "No view is saved yet. Choose Go › Save this view to keep what is on screen."


class ViewsDialog(QDialog):
    """Lists the saved views; they can be opened, renamed, deleted, and exchanged as files."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller, self._saved = controller, controller.visits.saved
        self._views: list[SavedView] = []
        self.setWindowTitle("Saved views")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setAccessibleName("Saved views")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.empty = QLabel(EMPTY)
        self.empty.setWordWrap(True)
        self.buttons = {
            text: QPushButton(text) for text in ("&Open", "&Rename…", "&Delete", "E&xport…", "&Import…", "&Close")
        }
        buttons = QVBoxLayout()
        for button in self.buttons.values():
            buttons.addWidget(button)
        buttons.addStretch(1)
        left = QVBoxLayout()
        left.addWidget(self.empty)
        left.addWidget(self.list)
        row = QHBoxLayout(self)
        row.addLayout(left, 1)
        row.addLayout(buttons)
        does = (self._open, self._rename, self._delete, self._export, self._import, self.close)
        for button, do in zip(self.buttons.values(), does, strict=True):
            button.clicked.connect(partial(self._try, do))
        self.list.itemDoubleClicked.connect(partial(self._try, self._open))
        self.list.currentRowChanged.connect(self._follow)
        self.resize(520, 320)
        place_over(self, self.parentWidget())
        self._try(self._fill)

    @property
    def view(self) -> SavedView | None:
        """The view that is selected."""
        row = self.list.currentRow()
        return self._views[row] if 0 <= row < len(self._views) else None

    def _try(self, do: Callable[[], object], *_: object) -> None:
        """Do something with the views; if it fails, say why."""
        try:
            do()
        except TfstabError as error:
            self._controller.failed.emit(str(error), "")

    def _fill(self, name: str = "") -> None:
        self._views = self._saved.views()
        self.list.clear()
        for view in self._views:
            self.list.addItem(f"{view.name}  –  {view.viewpoint.view}, {Path(view.viewpoint.run).name}")
            self.list.item(self.list.count() - 1).setToolTip(plain(view.viewpoint.run))
        names = [view.name for view in self._views]
        self.list.setCurrentRow(names.index(name) if name in names else 0)
        self._follow()

    def _follow(self, _row: int = 0) -> None:
        self.empty.setVisible(not self._views)
        self.list.setVisible(bool(self._views))
        for text in ("&Open", "&Rename…", "&Delete", "E&xport…"):
            self.buttons[text].setEnabled(self.view is not None)

    def _open(self) -> None:
        if self.view is not None:
            self._controller.visits.visit_saved(self.view)
            self.close()

    def _rename(self) -> None:
        view = self.view
        if view is None:
            return

        def rename(name: str) -> None:
            self._saved.rename(view, name)
            self._fill(clean_name(name))

        ask_for_name(self, "Rename the view", view.name, lambda name: self._try(partial(rename, name)))

    def _delete(self) -> None:
        if self.view is not None:
            self._saved.delete(self.view)
            self._fill()

    def _export(self) -> None:
        view = self.view
        if view is not None:
            name = "".join(c if c.isalnum() else "-" for c in view.name)
            ask_for_file(
                self,
                "Export the view",
                f"{name}.views.json",
                FILES,
                lambda path: self._try(lambda: write_views(Path(path), [view])),
            )

    def _import(self) -> None:
        def take(path: str) -> None:
            views = [replace(v, viewpoint=_of_stranger(v.viewpoint)) for v in read_views(Path(path))]
            self._saved.add(views)
            self._fill()
            self.list.setCurrentRow(self.list.count() - 1)

        ask_to_open(self, "Import views", FILES, lambda path: self._try(partial(take, path)))


def _of_stranger(viewpoint: Viewpoint) -> Viewpoint:
    return replace(viewpoint, state=without_folder(viewpoint.state))


def ask_for_name(parent: QWidget, title: str, name: str, take: Callable[[str], object]) -> QInputDialog:
    """Ask for the name of a view."""
    dialog = QInputDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setLabelText("Name of the view:")
    dialog.setTextValue(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.textValueSelected.connect(take)
    dialog.open()
    return dialog
