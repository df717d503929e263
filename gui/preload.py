"""Importing the modules of pages before the first page is made."""

import gc
from functools import cache
from importlib import import_module

from tfstab.gui.kinds import SHOWN


@cache
def load_pages() -> None:
    """Import all modules of pages and sessions, which takes half a second; meant for a worker.

    Their objects are excluded from garbage collection, which otherwise would block the window for a tenth of a second
    each time.
    """
    for kind in SHOWN.values():
        kind.load("session")
        kind.load("page")
    # pyqtgraph imports numpy.ma when it first draws.
    for name in ("tfstab.gui.widgets.search.live_page", "tfstab.runs.opening", "numpy.ma", "tfstab.search.engines"):
        import_module(name)
    gc.freeze()
