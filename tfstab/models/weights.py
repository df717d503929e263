"""The weights in a `.keras` file, read in a child process with limits before Keras reads them in this one."""

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
    """How many numbers the weights are. Raises ModelError where they are not in the file, or cost too much to read."""
    seconds = cpu_seconds(path.stat().st_size)
    # -P, so that no module of the current folder takes the place of a package. One thread is enough, and takes less.
    command = [sys.executable, "-P", "-m", CHILD, str(path.absolute())]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            timeout=HDF5_PATIENCE * seconds, check=False, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{path} is refused: its weights took more than {error.timeout:.0f} s to read.") from error
    except OSError as error:
        raise ModelError(f"{path} was not loaded: no process can be started to check it ({error}).") from error
    answer = _answer(child.stdout)
    if isinstance(answer.get("numbers"), int):
        return answer["numbers"]
    reason = answer.get("refused") or f"take more than {seconds} s to read, or crash the reader"
    raise ModelError(f"{path} is refused: its weights {reason}; save the model anew with model.save('NAME.keras').")


def _answer(printed: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(printed)
    except ValueError:  # the child was ended by a limit or a fault
        return {}
    return answer if isinstance(answer, dict) else {}
