"""Writes damaged clean images of an assessment's runs again, so that what was measured with them is not lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.errors import RunError
from tfstab.runs import CleanImages
from tfstab.runs.atomic import write_atomically
from tfstab.runs.files import of_rare_classes
from tfstab.runs.growth import in_sweep_order
from tfstab.runs.info import is_run, read_info

Sample = Callable[[int], tuple[Dataset, NDArray[np.int64], CleanImages]]


def restorable(run: Path) -> bool:
    """Return whether only the clean images of a run are damaged, and the data and the model may give them again.

    Of a run that was given further images, only clean.npz knows which of them came when.
    """
    return _described(run) is not None


def restore_clean(run: Path, sample: Sample) -> None:
    """Write the clean images of a run again if they are damaged, and if these are certainly the same images.

    Parameters
    ----------
    run : Path
        The run folder, which need not exist.
    sample : callable
        As of `FamilySweep`.
    """
    data = _described(run)
    if data is None:
        return
    count = data["images"]
    dataset, order, clean = sample(count)
    if len(dataset) != count or dataset.fingerprint != data["fingerprint"]:  # of the images, labels and indices
        return
    for name, save in in_sweep_order(clean, order).files(data).items():
        write_atomically(run / name, save)


def _described(run: Path) -> dict[str, Any] | None:
    """Return the entry "data" of the run.json of a restorable run; None of any other."""
    if not is_run(run) or of_rare_classes(run):
        return None
    try:
        info = read_info(run)
    except RunError:
        return None
    data: dict[str, Any] = info["data"]
    if info["kind"] != "sweep" or "begun" in data:
        return None
    try:
        CleanImages.load(run / "clean.npz", data)
    except RunError:
        return data
    return None
