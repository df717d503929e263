"""Degraded images that are made only for what is in view, in worker threads."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.colours import as_levels

ROOM = 64 << 20  # bytes of images kept
MOST_WANTED = 256  # images asked for and not made yet; older requests are out of view by then
AT_ONCE = 8  # images made before the first of them is shown


class LazyPictures(QObject):
    """Images by key, those asked for last first.

    Parameters
    ----------
    background : Background
        Runs `make`.
    make : callable
        Returns the image (H, W, C) with a key, in grey levels; called in a worker. After a TfstabError there is no such
        image.
    parent : QObject, optional

    Signals
    -------
    arrived
        More images have been made.
    """

    arrived = Signal()

    def __init__(
        self, background: Background, make: Callable[[Any], np.ndarray], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._background, self._make = background, make
        self._kept: OrderedDict[Hashable, np.ndarray | None] = OrderedDict()
        self._used = 0
        self._wanted: OrderedDict[Hashable, None] = OrderedDict()
        self._making = False
        # Started after everything in view has been painted, so that it is asked for together.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._start)

    def get(self, key: Hashable) -> np.ndarray | None:
        """Return an image, or None if it is not made yet; `arrived` follows, unless it cannot be made."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._wanted[key] = None
        self._wanted.move_to_end(key)
        if len(self._wanted) > MOST_WANTED:
            self._wanted.popitem(last=False)
        if not self._making:
            self._soon.start()
        return None

    def _start(self) -> None:
        if self._making or not self._wanted:
            return
        keys = [self._wanted.popitem()[0] for _ in range(min(AT_ONCE, len(self._wanted)))]
        self._making = True
        self._background.run(lambda: {key: self._try(key) for key in keys}, self._keep, self._end, self)

    def _try(self, key: Hashable) -> np.ndarray | None:
        try:
            return as_levels(self._make(key))
        except TfstabError:  # reported when the image is selected
            return None

    def _keep(self, made: dict[Hashable, np.ndarray | None]) -> None:
        self._making = False
        for key, image in made.items():
            self._kept[key] = image
            self._used += _bytes(image)
        while self._used > ROOM and len(self._kept) > 1:
            self._used -= _bytes(self._kept.popitem(last=False)[1])
        self.arrived.emit()
        self._start()

    def _end(self) -> None:
        self._making = False


def _bytes(image: np.ndarray | None) -> int:
    return 0 if image is None else image.nbytes
