"""Several views of a run in tabs."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QWidget

from tfstab.gui.commands import TABS, Offer, Offers
from tfstab.gui.widgets.view_keys import keep_arrows


class ViewTabs(QTabWidget):
    """Tabs for the views of a run.

    A view that has a method `shown` is told each time it comes into sight, so that it can prepare what takes long only
    when it is needed.

    Parameters
    ----------
    name : str
        Accessible name of the tabs.
    views : mapping of str to QWidget
        Views by title, in the order of their tabs.

    Signals
    -------
    chosen
        The user has chosen the tab in sight, by a click or a command; arrow keys on the tabs themselves do not count.
    """

    chosen = Signal()

    def __init__(self, name: str, views: Mapping[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setAccessibleName(name)
        keep_arrows(self.tabBar())
        for title, view in views.items():
            self.addTab(view, title)
        self.currentChanged.connect(self.updateGeometry)
        self.currentChanged.connect(self._tell)
        # Later, because Qt shows the tab only after this signal.
        self.tabBarClicked.connect(lambda place: QTimer.singleShot(0, self, self.chosen.emit) if place >= 0 else None)

    def title(self) -> str:
        """Return the title of the tab in sight."""
        return self.tabText(self.currentIndex())

    def titles(self) -> list[str]:
        """Return the titles of all tabs."""
        return [self.tabText(place) for place in range(self.count())]

    def show_view(self, title: str) -> bool:
        """Bring the tab with this title into sight; return False if there is none."""
        titles = self.titles()
        if title in titles:
            self.setCurrentIndex(titles.index(title))
        return title in titles

    def offers(self) -> Offers:
        """Return the commands that show one of the views."""
        here = self.currentIndex()
        return {
            name: Offer(partial(self._choose, place), place == here, self.tabText(place))
            for place, name in zip(range(self.count()), TABS, strict=False)
        }

    def _choose(self, place: int) -> None:
        self.setCurrentIndex(place)
        self.chosen.emit()

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size of the view in sight with its tab."""
        view, bar = self.currentWidget(), self.tabBar().minimumSizeHint()
        least = view.minimumSizeHint().expandedTo(view.minimumSize()) if view is not None else QSize()
        return QSize(max(least.width(), bar.width()), least.height() + bar.height())

    def showEvent(self, event: QShowEvent) -> None:
        """Tell the view in sight, which was hidden with the tabs."""
        super().showEvent(event)
        self._tell()

    def _tell(self) -> None:
        shown = getattr(self.currentWidget(), "shown", None)
        if callable(shown) and self.isVisible():  # other widgets have an attribute of this name
            shown()
