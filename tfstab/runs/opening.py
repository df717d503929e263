"""Opens a run folder of any kind."""

from pathlib import Path
from typing import Any

from tfstab.paths import user_path
from tfstab.runs.info import read_info
from tfstab.runs.kinds import kind_of


def open_run(path: str | Path) -> Any:
    """Open a run folder, finished or still being written.

    Neither TensorFlow nor the model is needed.

    Parameters
    ----------
    path : str or Path
        The run folder.

    Returns
    -------
    SearchRun, SweepRun or ExplanationRun
        The run, depending on its kind.

    Raises
    ------
    RunError
        The folder is not a run, is damaged, or was written by a newer tfstab. A folder of runs, such as that of an
        assessment, is opened by `open_assessment`.

    Examples
    --------
    >>> run = tfstab.open_run("runs/search")
    >>> type(run).__name__, run.complete, run.info["model"]["name"]
    ('SearchRun', True, 'mnist-lenet')
    """
    kind = read_info(user_path(path))["kind"]
    return kind_of(kind, path).load("reader")(path)
