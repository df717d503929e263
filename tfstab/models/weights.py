"""Check of the weights in a `.keras` file, made in a child process with limits before Keras reads them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tfstab.errors import ModelError
from tfstab.limits import HDF5_PATIENCE, cpu_seconds

CHILD = "tfstab.models.hdf5_child"


def check_weights(path: Path) -> int:
    """Check that the weights in a file can be read, and count them.

    Parameters
    ----------
    path : Path
        The `.keras` file.

    Returns
    -------
    int
        Number of weights in the file.

    Raises
    ------
    ModelError
        The weights are damaged, are not in the file, or take too much time or memory to read.
    """
    seconds = cpu_seconds(path.stat().st_size)
    # -P prevents modules in the current folder from replacing packages. One thread is enough and takes less memory.
    command = [sys.executable, "-P", "-m", CHILD, str(path.absolute())]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    try:
        child = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=HDF5_PATIENCE * seconds,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{path} is refused: its weights took more than {error.timeout:.0f} s to read.") from error
    except OSError as error:
        raise ModelError(f"{path} was not loaded: no process could be started to check it ({error}).") from error
    answer = _answer(child.stdout)
    if isinstance(answer.get("numbers"), int):
        numbers: int = answer["numbers"]
        return numbers
    reason = answer.get("refused") or f"take more than {seconds} s to read, or crash the reader"
    raise ModelError(f"{path} is refused: its weights {reason}; save the model again with model.save('NAME.keras').")


def _answer(printed: bytes) -> dict[str, Any]:
    """Parse the child's answer; {} if it gave none."""
    try:
        answer = json.loads(printed)
    except ValueError:  # the child exceeded a limit or crashed
        return {}
    return answer if isinstance(answer, dict) else {}
