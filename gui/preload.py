"""Importing the modules of pages before the first page is made."""

import contextlib
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
    for name in (
        "tfstab.gui.widgets.search.live_page",
        "tfstab.gui.widgets.jobs.new_run_dialog",
        "tfstab.gui.widgets.guide.window",
        "tfstab.glossary",
        "tfstab.runs.opening",
        "tfstab.explanation.image_words",  # for the card of the first image selected
        "numpy.ma",
    ):
        import_module(name)
    import_module("tfstab.gui.content.explorer").families()
    engines = import_module("tfstab.search.engines")
    for name in engines.engine_names():
        with contextlib.suppress(Exception):  # a broken engine of another package is reported by the dialog
            engines.get_engine(name)
    gc.freeze()
