"""A button beside a field for the names of degradations: its menu lists all of them by their titles, to be ticked."""

import contextlib
from functools import partial

from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from tfstab.degradations import degradation_names, get_degradation
from tfstab.errors import InputError
from tfstab.gui.widgets.staying_menu import StayingMenu
from tfstab.orders.degradations import ALL
from tfstab.wording import capital


class DegradationButton(QPushButton):
    """Ticking a degradation adds its name to the field, and unticking it removes it, with its severities if given.

    The menu stays open while entries are ticked, so that several can be chosen; a click elsewhere, or Esc, closes it.

    Parameters
    ----------
    line : QLineEdit
        The field, with names and perhaps severities, as in "fog, gaussian_noise@5:40".
    """

    def __init__(self, line: QLineEdit, parent: QWidget | None = None) -> None:
        super().__init__("Choose…", parent, autoDefault=False)
        self._line = line
        menu = StayingMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)

    def _fill(self) -> None:
        menu, chosen = self.menu(), [_name_of(part) for part in self._parts]
        menu.clear()
        for name in degradation_names():
            with contextlib.suppress(InputError):  # a broken package is reported when its name is used
                family = get_degradation(name)
                action = menu.addAction(capital(family.title).replace("&", "&&"))
                action.setToolTip(family.about)
                action.setCheckable(True)
                action.setChecked(name in chosen)
                action.toggled.connect(partial(self._choose, name))

    def _choose(self, name: str, on: bool) -> None:
        parts = [part for part in self._parts if _name_of(part) != name]
        self._line.setText(", ".join([*parts, name] if on else parts))

    @property
    def _parts(self) -> list[str]:
        """What the field names; nothing if it says "all"."""
        parts = (part.strip() for part in self._line.text().split(","))
        return [part for part in parts if part and part != ALL]


def _name_of(part: str) -> str:
    """Return the name in a part of the field, which may have severities: NAME or NAME@A:B."""
    return part.partition("@")[0].strip()
