"""Base of the settings of a new run."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class KindSettings(QWidget):
    """The settings of one task; for kinds of runs, `tfstab.gui.kinds` names a class for each.

    Signals
    -------
    changed
        A setting was changed.
    """

    changed = Signal()

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The arguments of the kind's configuration; raises InputError for text that cannot be read."""

    @property
    def goal(self) -> tuple[str | None, str | None]:
        """The target class, by name or number, and the mask's file; None for none."""
        return None, None

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill in values as `settings` and `goal` return them; values that have no field are ignored."""

    def offer_classes(self, names: Sequence[str]) -> None:
        """Offer the model's classes wherever a class can be chosen."""
