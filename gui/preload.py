"""What pages need, imported before the first of them is made."""

import gc
from functools import cache
from importlib import import_module

from tfstab.gui.kinds import KINDS


@cache
def load_pages() -> None:
    """Import all modules of the pages, half a second of work; meant for a worker.

    What they hold stays for good. Python's collector is told so: looking through it again and again would stop the
    window for a tenth of a second each time.
    """
    for kind in KINDS.values():
        kind.load("session")
        kind.load("page")
    # pyqtgraph imports numpy.ma when it first draws.
    for name in ("tfstab.gui.widgets.search.live_page", "tfstab.runs.opening", "numpy.ma", "tfstab.search.engines"):
        import_module(name)
    gc.freeze()
