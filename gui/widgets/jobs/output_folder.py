"""Choosing the folder of the results of a new run."""

from collections.abc import Collection
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from tfstab.gui.dialogs import ask_for_folder
from tfstab.gui.jobs.draft import Draft
from tfstab.gui.jobs.plan import named_folder, new_folder
from tfstab.gui.settings import Settings
from tfstab.gui.widgets.path_line import PathLine
from tfstab.paths import user_path


class OutputFolder(QHBoxLayout):
    """A field with the folder, and a button to browse; a new folder is proposed until the user names one.

    Parameters
    ----------
    parent : QWidget
        The dialog.
    settings : Settings
        Remember where the user keeps runs.
    draft : Draft
        May name the folder, or where a new one is proposed.
    taken : collection of Path
        Folders that are not proposed.

    Attributes
    ----------
    line : PathLine
        The field.
    browse : QPushButton
        The button.
    """

    def __init__(self, parent: QWidget, settings: Settings, draft: Draft, taken: Collection[Path]) -> None:
        super().__init__()
        self._dialog, self._settings, self._draft, self._taken = parent, settings, draft, taken
        self.line = PathLine()
        self.line.setAccessibleName("Output folder")
        self.browse = QPushButton("Browse…", autoDefault=False)
        self.browse.setAccessibleName("Choose the output folder")
        self.addWidget(self.line, 1)
        self.addWidget(self.browse)
        self.line.dropped.connect(self.take)
        self.browse.clicked.connect(self._ask)

    @property
    def path(self) -> str:
        """The absolute path of the folder; raises InputError if what was typed cannot be one."""
        return str(named_folder(self.line.text()))

    @property
    def is_named(self) -> bool:
        """Whether the user, or the draft, has named the folder."""
        return self.line.isModified()

    def propose(self, name: str) -> None:
        """Propose a new folder of this name."""
        self.line.setText(str(new_folder(self._base, name, self._taken)))

    def take(self, path: str) -> None:
        """Take a folder that the user, or the draft, has named."""
        self.line.setText(path)
        self.line.setModified(True)

    def remember(self, path: str) -> None:
        """Remember the place of a run that was ordered, if the user has chosen it, for the next proposals."""
        if self.is_named and self.line.text() != self._draft.out:
            self._settings.remember_runs_folder(user_path(path).parent)

    @property
    def _base(self) -> Path:
        """The folder in which the results go by default: beside the run at which the user began, if there is one."""
        return self._draft.beside or self._settings.runs_folder()

    def _ask(self) -> None:
        ask_for_folder(self._dialog, "A new or empty folder for the results", self.take, str(self._base))
