"""Scores of clean images that are known already, so that they are not scored again."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.source import DEFAULTS
from tfstab.datasets import Dataset
from tfstab.datasets.store import slices
from tfstab.errors import TfstabError
from tfstab.paths import user_path
from tfstab.runs.clean import CleanImages
from tfstab.runs.environment import of_scores
from tfstab.runs.info import noted, read_info


def known_scores(
    known: "Iterable[str | Path | CleanImages]", info: dict[str, Any] | None, dataset: Dataset, classes: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_], str]:
    """Look up the scores of a data set's images, and what the check of the inputs said of the images there.

    Parameters
    ----------
    known : iterable of path or CleanImages
        Where to look: run folders, which need not exist, and images that the model has scored.
    info : dict or None
        What `describe` returned for the run at hand; without it, no folder is read.
    dataset : Dataset
        The images, with labels that index the model's classes.
    classes : int
        Number of the model's classes, K.

    Returns
    -------
    scores : ndarray of float32 (N, K)
        The scores that were found.
    missing : ndarray of bool (N,)
        The images without.
    note : str
        The text of the note, "" for none.
    """
    scores = np.zeros((len(dataset), classes), np.float32)
    missing, note = np.ones(len(dataset), bool), ""
    for source in known:
        if not missing.any():
            break
        clean = source if isinstance(source, CleanImages) else _of_run(user_path(source), info)
        if clean is None or clean.scores.dtype != np.float32 or clean.scores.shape[1] != classes:
            continue
        rows, there = same_images(dataset, clean)
        found = np.flatnonzero(missing)[np.isin(np.flatnonzero(missing), rows)]
        place = np.searchsorted(rows, found)
        scores[found] = clean.scores[there[place]]
        missing[found] = False
        note = note or clean.input_note
    return scores, missing, note


def same_images(dataset: Dataset, clean: CleanImages) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of a data set whose images, with their classes, are in `clean`, and their rows there."""
    order = np.argsort(clean.indices)
    place = np.minimum(np.searchsorted(clean.indices, dataset.indices, sorter=order), len(order) - 1)
    there = order[place]
    rows = np.flatnonzero((clean.indices[there] == dataset.indices) & (clean.class_index[there] == dataset.labels))
    if dataset.image_shape != clean.images.shape[1:]:
        return rows[:0], there[:0]
    equal = np.zeros(len(rows), bool)
    for few in slices(len(rows), int(np.prod(dataset.image_shape))):
        one, other = np.asarray(dataset.images[rows[few]]), clean.images[there[rows[few]]]
        equal[few] = (one == other).reshape(len(one), -1).all(axis=1)
    return rows[equal], there[rows[equal]]


def key_of_scores(info: dict[str, Any]) -> str:
    """Return a SHA-256 that is equal for two runs if they give an image the same scores, to the bit. info: run.json."""
    model = [info["model"].get(key) for key in ("fingerprint", *DEFAULTS)]
    return hashlib.sha256(json.dumps([model, of_scores(info["environment"])]).encode()).hexdigest()


def _of_run(run: Path, info: dict[str, Any] | None) -> CleanImages | None:
    """Return a run's clean images if their scores are those of the run at hand, to the bit; else None."""
    if info is None:
        return None
    try:
        there = read_info(run)
        if key_of_scores(there) != key_of_scores(info):
            return None
        return replace(CleanImages.load(run / "clean.npz", there["data"]), input_note=noted(there))
    except (TfstabError, OSError, LookupError, TypeError):  # no run, or damage, which is reported when it is opened
        return None
