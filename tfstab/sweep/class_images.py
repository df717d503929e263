"""The images from which the recall of classes under a degradation is computed: a sweep's, and more of rare classes.

The images of an assessment's sweep are a sample in which each class has its share, so a rare class has few. More of its
images are then swept into a folder `rare` beside the sweep. They count only where classes are looked at one by one:
never for an accuracy, which would need weights.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import RunError
from tfstab.runs.files import RARE
from tfstab.runs.form import recorded_form
from tfstab.runs.info import is_run
from tfstab.sweep.run import SweepRun


@dataclass(frozen=True, eq=False)
class ClassImages:
    """Images of which recalls are computed, each once.

    Attributes
    ----------
    images : ndarray
        int64 (M,): indices of the images, ascending.
    labels : ndarray
        int64 (M,): their classes.
    share_right : ndarray
        float64 (M, S): share of each image's copies that are right at each severity.
    clean_right : ndarray
        bool (M,): images that are right when clean.
    sampled : ndarray
        bool (M,): images of the sweep itself; the others are further ones of rare classes.
    """

    images: NDArray[np.int64]
    labels: NDArray[np.int64]
    share_right: NDArray[np.float64]
    clean_right: NDArray[np.bool_]
    sampled: NDArray[np.bool_]

    def with_more(self, rare: SweepRun | None) -> "ClassImages":
        """Return these images and those of another sweep that are not among them. rare: as `rare_sweep` returns it."""
        if rare is None or not len(rare.measures):
            return self
        m = rare.measures
        new = ~np.isin(m.images, self.images)
        images = np.append(self.images, m.images[new])
        order = np.argsort(images)
        return ClassImages(
            images[order],
            np.append(self.labels, m.labels[new])[order],
            np.concatenate([self.share_right, 1 - m.wrong_share[new]])[order],
            np.append(self.clean_right, m.clean_correct[new])[order],
            np.append(self.sampled, np.zeros(int(new.sum()), bool))[order],
        )


def rare_folder(run: SweepRun) -> Path | None:
    """Return the folder of the sweep of more images of rare classes beside a sweep, or None if there is none."""
    folder = run.path.parent / RARE / run.path.name
    return folder if is_run(folder) else None


def rare_sweep(run: SweepRun) -> SweepRun | None:
    """Return the sweep of more images of rare classes beside a sweep, opened and read.

    None if there is none, or if it is damaged, which `tfstab.assessment.damage.rare_damages` reports. Recalls are then
    computed from the sweep's own images.

    Raises
    ------
    RunError
        It is of another model, other data or other settings.
    """
    folder = rare_folder(run)
    if folder is None:
        return None
    try:
        rare = SweepRun(folder).snapshot()
        _ = rare.clean, rare.measures
    except RunError:
        return None
    if _of_what(rare) != _of_what(run):
        raise RunError(
            f"{folder} is not of the same model, images and settings as {run.path}: move it elsewhere, or make both "
            "again."
        )
    return rare


def _of_what(run: SweepRun) -> tuple[object, ...]:
    """Return what must be the same in both sweeps: all but images and copies."""
    info = run.info
    settings = {name: value for name, value in info["settings"].items() if name != "copies"}
    data = [info["data"][name] for name in ("name", "split", "class_names")]
    return info["model"]["fingerprint"], recorded_form(info["model"]), info["seed"], settings, data
