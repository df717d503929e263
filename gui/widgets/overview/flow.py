"""The layout of tiles: rows that break like lines of text, and share out what is left of a single row."""

from PySide6.QtWidgets import QWidget

from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.layouts import FlowLayout

WIDEST = 6 * SPACE  # room between widgets of a row that is not full


class Flow(FlowLayout):
    """Places widgets from left to right, and below where there is no room; each as wide as it wants to be."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner, 2 * SPACE)
        self.setContentsMargins(0, 0, 0, 0)

    def gap(self, width: int) -> int:
        """Return the room between widgets: what is left of a single row is shared out."""
        sizes = [self.itemAt(place).sizeHint().width() for place in range(self.count())]  # type: ignore[union-attr]
        left = width - sum(sizes)
        return min(max(left // (len(sizes) - 1), SPACE), WIDEST) if len(sizes) > 1 else SPACE
