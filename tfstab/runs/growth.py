"""Gives a run more images: those that it has stay where they are, and others are added behind them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.groups import drawn_in
from tfstab.datasets.lazy import pick
from tfstab.datasets.remarks import remarks_of
from tfstab.datasets.store import slices, stored
from tfstab.errors import RunError
from tfstab.names import composed, printed
from tfstab.runs.clean import CleanImages, fingerprint_of
from tfstab.runs.description import other_data
from tfstab.runs.known import same_images


def joined(there: CleanImages, given: CleanImages, data: dict[str, Any], given_data: dict[str, Any]) -> CleanImages:
    """Return a run's images and those given that it does not have; the run's own if there are none.

    Parameters
    ----------
    there, given : CleanImages
        The images of the run, and those that were given for it.
    data, given_data : dict
        What run.json records of them.

    Raises
    ------
    RunError
        See `check_same_data`.
    """
    check_same_data(there, data, replace(_as_dataset(given, given_data), names=given.names))
    new = np.flatnonzero(~np.isin(given.indices, there.indices))
    if not len(new):
        return there
    images = there.images, pick(given.images, new)
    size = images[0][:1].nbytes
    chunks = (np.asarray(part[few]) for part in images for few in slices(len(part), size))
    order = None
    if there.order is not None:
        taken = stratified_order(given.class_index) if given.order is None else given.order
        ranks = np.searchsorted(new, taken[np.isin(taken, new)])  # the new images, in the order of those given
        order = np.concatenate([there.order, len(there.indices) + ranks])
    pairs = ((there.names, given.names), (there.groups, given.groups))
    names, groups = (None if a is None or b is None else np.concatenate([a, b[new]]) for a, b in pairs)
    return CleanImages(
        stored(chunks, images[0].shape[1:]),
        np.concatenate([there.class_index, given.class_index[new]]),
        np.concatenate([there.indices, given.indices[new]]),
        np.concatenate([there.scores, given.scores[new]]),
        names,
        order,
        groups,
    )


def check_same_data(there: CleanImages, data: dict[str, Any], given: Dataset, all_given: Dataset | None = None) -> None:
    """Raise RunError if images are of other data than a run's.

    None of them is the run's, or one with the same index has other pixels or another class, or the classes have other
    names once they are composed, which earlier versions did not do, or only one of the two has one image of each group.

    Parameters
    ----------
    there, data : CleanImages, dict
        The run's images, and what run.json records of them.
    given, all_given : Dataset
        The images to compare, and all images that were given, by default the same.
    """
    shared = np.isin(given.indices, there.indices)
    rows, _ = same_images(given, there)
    # run.json is read with control characters replaced.
    was, now = ([composed(printed(name)) for name in names] for names in (data["class_names"], given.class_names))
    if was != now and sorted(was) == sorted(now) and was != data["class_names"]:
        raise RunError(
            "an earlier version of tfstab began it with class names whose accents are stored separately (NFD), and "
            "sorted them in another order, so that the same class has another number now"
        )
    same = was == now and data["split"] == given.split
    same &= (drawn_in(remarks_of(data)) is None) == (drawn_in(given.remarks) is None)
    if not same or not shared.any() or len(rows) < shared.sum():
        if was == now and _moved(there, given if all_given is None else all_given):
            raise RunError(
                f"images have been added to {given.name} or removed from it since, so the other images have "
                "other numbers (new images must come after those of the run, as at the end of a table)"
            )
        raise RunError(other_data(data, {"name": given.name, "remarks": given.remarks}))


def _moved(there: CleanImages, given: Dataset) -> bool:
    """Return whether the files of a run are all among those given, and some at another place of the list."""
    if there.names is None or given.names is None:
        return False
    order = np.argsort(given.names)
    found = order[np.minimum(np.searchsorted(given.names, there.names, sorter=order), len(order) - 1)]
    same = np.array_equal(given.names[found], there.names)
    return same and not np.array_equal(given.indices[found], there.indices)


def describe_images(clean: CleanImages, data: dict[str, Any]) -> dict[str, Any]:
    """Return the entry "data" of run.json for a run that was given more images. data: the entry before."""
    dataset = _as_dataset(clean, data)
    own = ("fingerprint", "images_fingerprint", "indices_fingerprint", "images")
    return data | {
        "begun": data.get("begun", {k: data[k] for k in own if k in data}),  # by which the run is still recognised
        "fingerprint": dataset.fingerprint,
        "images_fingerprint": fingerprint_of(dataset.images),
        "indices_fingerprint": fingerprint_of(dataset.indices),
        "images": len(dataset),
    }


def in_sweep_order(clean: CleanImages, order: NDArray[np.int64] | None = None) -> CleanImages:
    """Return the images with the order of rows in which a sweep takes them, by default a stratified one."""
    return replace(clean, order=stratified_order(clean.class_index) if order is None else order)


def _as_dataset(clean: CleanImages, data: dict[str, Any]) -> Dataset:
    """Return the images as a data set."""
    names, note = tuple(data["class_names"]), str(data.get("note", ""))
    made = Dataset(data["name"], data["split"], clean.images, clean.class_index, names, clean.indices, note=note)
    return replace(made, remarks=remarks_of(data))
