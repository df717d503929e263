"""What pages need, imported before the first of them is made."""

import gc
from functools import cache
from importlib import import_module


@cache
def load_pages() -> None:
    """Import all modules of the pages, half a second of work; meant for a worker.

    What they hold stays for good. Python's collector is told so: looking through it again and again would stop the
    window for a tenth of a second each time.
    """
    for name in ("tfstab.gui.widgets.pages", "tfstab.gui.widgets.search.live_page", "tfstab.runs.opening", "numpy.ma",
        "tfstab.search.engines",
    ):  # fmt: skip
        import_module(name)  # the last one is what pyqtgraph imports when it first draws
    gc.freeze()
