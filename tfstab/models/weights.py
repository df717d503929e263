"""Check of the weights in a `.keras` file, made in a child process with limits before Keras reads them."""

import subprocess
from pathlib import Path

from tfstab.errors import ModelError
from tfstab.limits import HDF5_PATIENCE, cpu_seconds
from tfstab.models.child import answer_of_child

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
    try:
        answer = answer_of_child(CHILD, [str(path.absolute())], HDF5_PATIENCE * seconds, path)
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{path} is refused: its weights took more than {error.timeout:.0f} s to read.") from error
    if isinstance(answer.get("numbers"), int):
        numbers: int = answer["numbers"]
        return numbers
    reason = answer.get("refused") or f"take more than {seconds} s to read, or crash the reader"
    raise ModelError(f"{path} is refused: its weights {reason}; save the model again with model.save('NAME.keras').")
