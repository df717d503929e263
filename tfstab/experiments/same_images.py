"""Checks that compared runs are of the same images, degraded in the same way. No TensorFlow is imported."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfstab.errors import InputError
from tfstab.runs import RunFolder
from tfstab.runs.info import without_classes
from tfstab.runs.pixels import fingerprints, rows_of, same_pixels
from tfstab.runs.probe import DRAW_NOTHING, changed_versions
from tfstab.sweep import SweepRun
from tfstab.sweep.probe import degrade_alike


def check_finished(first: RunFolder, second: RunFolder, images: np.ndarray) -> None:
    """Check that there are images that two runs have both finished; raises InputError if there are none."""
    if not len(images):
        raise InputError(
            f"{first.path} and {second.path} have no finished image in common: make both with the same --data, "
            "--limit and --images, or go on with both until they share images."
        )


def check_same_images(first: RunFolder, second: RunFolder, images: np.ndarray) -> None:
    """Check that two runs have the same pixels and the same true classes of some images.

    Parameters
    ----------
    first, second : RunFolder
        The runs. If their images have the same fingerprints, the pixels are not read.
    images : ndarray of int, (N,)
        Indices of the images, which both runs have.

    Raises
    ------
    InputError
        The pixels or the true classes differ, or what counts as right for images without classes.
    """
    if not same_pixels(first, second, images):
        raise InputError(
            f"{first.path} and {second.path} are of different images ({first.info['data']['name']} and "
            f"{second.info['data']['name']}): compare runs of the same data. For one network on the images of two "
            "sites or cameras, see Two scanners or sites in `tfstab guide images`."
        )
    _check_labels(first, second, images)


def _check_labels(first: RunFolder, second: RunFolder, images: np.ndarray) -> None:
    """Check that the images have the same true classes; the same name may stand for different outputs."""
    one, other = (run.clean.class_index[rows_of(run, images)] for run in (first, second))
    for place in np.flatnonzero(one != other):
        names = first.class_names[one[place]], second.class_names[other[place]]
        if names[0] != names[1]:
            if without_classes(first.info) and without_classes(second.info):
                raise InputError(
                    f"the images of {first.path} and {second.path} came without classes, so what each network predicts "
                    f"for a clean image counts as right, and for image {images[place]} that is {names[0]} and "
                    f"{names[1]}: to compare the accuracies of two networks, make both runs of images with classes."
                )
            raise InputError(
                f"image {images[place]} is labelled {names[0]} in {first.path} and {names[1]} in {second.path}: "
                "compare runs with the same labels."
            )


def check_clipped_alike(first: SweepRun, second: SweepRun) -> None:
    """Check that two sweeps both clip, or both do not; otherwise their networks were given different images.

    Parameters
    ----------
    first, second : SweepRun
        Sweeps of the same degradation.

    Raises
    ------
    InputError
        One clips, and the other does not.
    """
    if first.config.clip != second.config.clip:
        clipped, other = (first, second) if first.config.clip else (second, first)
        raise InputError(
            f"{clipped.path} clips grey levels to 0..255 and {other.path} does not, so their networks cannot be "
            "compared: sweep both with --no-clip or both without."
        )


def check_degraded_alike(first: SweepRun, second: SweepRun) -> None:
    """Check that two sweeps degrade the same image in the same way, as far as their run.json show it.

    Parameters
    ----------
    first, second : SweepRun
        Sweeps of the same degradation. Nothing is known of images of different shapes.

    Raises
    ------
    InputError
        The versions of the degradation differ, or its code did when the sweeps were made.
    """
    title = first.degradation.title
    versions = first.degradation.version, second.degradation.version
    if versions[0] != versions[1]:
        raise InputError(
            f"{first.path} is of version '{versions[0]}' of {title} and {second.path} of version '{versions[1]}', "
            "which may degrade differently: measure both with the same version."
        )
    same_shape = first.clean.images.shape[1:] == second.clean.images.shape[1:]
    if not same_shape or degrade_alike(first.config, second.config, first.info, second.info):
        return
    one, other = (run.info["environment"]["versions"] for run in (first, second))
    changed = [name for name in changed_versions(one, other) if name not in DRAW_NOTHING]
    if changed:
        first_has, second_has = (" and ".join(f"{name} {has[name]}" for name in changed) for has in (one, other))
        raise InputError(
            f"{title} made different images in {first.path} (with {first_has}) than in {second.path} (with "
            f"{second_has}), so their networks cannot be compared: measure both again with the same packages and the "
            "same code of the degradation."
        )
    raise InputError(
        f"{title} made different images in {first.path} than in {second.path}, although both are of version "
        f"'{versions[0]}', so their networks cannot be compared: measure both again with the same code of the "
        "degradation, and change its `version` whenever the code changes."
    )


def check_pixels(runs: Sequence[RunFolder]) -> None:
    """Check that images with the same index are the same in all runs; those with equal fingerprints are not read.

    Parameters
    ----------
    runs : sequence of RunFolder
        The runs, which may have different images.

    Raises
    ------
    InputError
        The pixels of an image differ.
    """
    different: dict[tuple[Any, Any], RunFolder] = {}
    for run in runs:
        different.setdefault(fingerprints(run), run)
    first, *others = different.values()
    for run in others:
        common = np.intersect1d(run.clean.indices, first.clean.indices)
        if len(common):
            check_same_images(first, run, common)
