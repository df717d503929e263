"""The searches that a search is compared with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal, SignalInstance

from tfstab.gui.sessions.comparison import Comparison

if TYPE_CHECKING:
    from tfstab.gui.content.entry import Entry
    from tfstab.gui.sessions.search_session import SearchSession


class ComparedSearches(Comparison):
    """The compared searches.

    Signals
    -------
    changed
        Other searches are compared, or one of them has new results.
    """

    changed = Signal()
    runs: "list[SearchSession]"

    def _news(self, session: "SearchSession") -> SignalInstance:
        return session.entries_changed

    def _tell(self) -> None:
        self.changed.emit()


def entries_elsewhere(entries: "Sequence[Entry]", others: "Sequence[Entry]") -> "list[Entry | None]":
    """Return the entry of another search for each image, None if its index, pixels or class do not occur there."""
    by_image = {other.image: other for other in others}

    def same(entry: "Entry") -> "Entry | None":
        other = by_image.get(entry.image)
        alike = other is not None and other.class_index == entry.class_index
        return other if other is not None and alike and np.array_equal(other.clean, entry.clean) else None

    return [same(entry) for entry in entries]
