"""Several views of a run in tabs."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtWidgets import QTabWidget, QWidget

from tfstab.gui.commands import Offer, Offers
from tfstab.gui.widgets.view_keys import keep_arrows


class ViewTabs(QTabWidget):
    """Tabs for the views of a run.

    Parameters
    ----------
    name : str
        Accessible name of the tabs.
    views : mapping of str to QWidget
        Views by name; a name is the tab's title and, where there is one, the command that shows the view.
    """

    def __init__(self, name: str, views: Mapping[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(views)
        self.setDocumentMode(True)
        self.setAccessibleName(name)
        keep_arrows(self.tabBar())
        for title, view in views.items():
            self.addTab(view, title.capitalize())

    def offers(self) -> Offers:
        """Return the commands that show one of the views."""
        here = self.currentIndex()
        return {name: Offer(partial(self.setCurrentIndex, n), n == here) for n, name in enumerate(self._names)}
