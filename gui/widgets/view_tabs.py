"""Several views of a run, one of them in sight."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtWidgets import QTabWidget, QWidget

from tfstab.gui.commands import Offer, Offers
from tfstab.gui.widgets.view_keys import keep_arrows


class ViewTabs(QTabWidget):
    """name: what a screen reader calls the tabs. views: by name, which is a tab's title and may be its command's."""

    def __init__(self, name: str, views: Mapping[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(views)
        self.setDocumentMode(True)
        self.setAccessibleName(name)
        keep_arrows(self.tabBar())
        for title, view in views.items():
            self.addTab(view, title.capitalize())

    def offers(self) -> Offers:
        """The commands that bring a view in sight."""
        here = self.currentIndex()
        return {name: Offer(partial(self.setCurrentIndex, n), n == here) for n, name in enumerate(self._names)}
