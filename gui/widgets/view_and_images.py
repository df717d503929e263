"""The views of a page above the images of the selection, or beside them where the page is wide."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.layouts import NO_LIMIT

WIDE = 1000  # pixels of the page from which on the images are beside a view that allows it
HEIGHTS, WIDTHS = [380, 280], [640, 360]  # of views and images


class ViewAndImages(QSplitter):
    """Divides a page between its views and the images of the selection.

    Parameters
    ----------
    views : QWidget
    triple : QWidget
        The images.
    """

    def __init__(self, views: QWidget, triple: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._triple = triple
        self._beside = self._selected = False
        self._small = False  # the panel of images is only as high as its hint
        self._sizes = {Qt.Orientation.Vertical: HEIGHTS, Qt.Orientation.Horizontal: WIDTHS}
        self.addWidget(views)
        self.addWidget(triple)
        for place in range(2):
            self.setStretchFactor(place, 1)
        self.setSizes(HEIGHTS)
        self.setChildrenCollapsible(False)

    def show_for(self, shown: bool, beside: bool, selected: bool) -> None:
        """Divide the page for another view or selection.

        Parameters
        ----------
        shown : bool
            Whether the view leaves room for images.
        beside : bool
            Whether the images may be beside the view.
        selected : bool
            Whether an image is selected; otherwise the panel has a hint only.
        """
        self._beside, self._selected = beside, selected
        self._divide()
        self._triple.setVisible(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the images beside or below the view as the width allows."""
        super().resizeEvent(event)
        if (self.orientation() == Qt.Orientation.Horizontal) != self._across():
            self._divide()

    def _across(self) -> bool:
        return self._beside and self._selected and self.width() >= WIDE

    def _divide(self) -> None:
        wanted = Qt.Orientation.Horizontal if self._across() else Qt.Orientation.Vertical
        small = wanted == Qt.Orientation.Vertical and not self._selected
        if wanted == self.orientation() and small == self._small:
            return
        if self.isVisible() and self._triple.isVisible() and not self._small:
            self._sizes[self.orientation()] = self.sizes()  # as the user has left them
        self._small = small
        hint = self._triple.fontMetrics().height() + 2 * SPACE
        self._triple.setMaximumHeight(hint if small else NO_LIMIT)
        self.setOrientation(wanted)
        if not small:
            self.setSizes(self._sizes[wanted])
