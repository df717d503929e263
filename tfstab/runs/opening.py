"""`open_run`: the reader that fits a run folder."""

import importlib
from pathlib import Path
from typing import Any

from tfstab.errors import RunError
from tfstab.runs.info import read_info

# Named, not imported: the rooms that write runs stand above this one.
READERS = {"search": "tfstab.search:SearchRun", "sweep": "tfstab.sweep:SweepRun"}


def open_run(path: str | Path) -> Any:
    """A SearchRun or SweepRun for a run folder, finished or still being written.

    Needs no TensorFlow. Raises RunError where the folder is not a run.

    >>> run = tfstab.open_run("runs/search")
    >>> type(run).__name__, run.complete, run.info["model"]["name"]
    ('SearchRun', True, 'mnist-lenet')
    """
    kind = read_info(Path(path).expanduser())["kind"]
    if kind not in READERS:
        raise RunError(f"{path} is a run of unknown kind '{kind}'; known: {', '.join(READERS)}.")
    module, _, name = READERS[kind].partition(":")
    return getattr(importlib.import_module(module), name)(path)
