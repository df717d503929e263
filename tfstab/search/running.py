"""`search_minimum_noise`: from images to their minimum noise, in memory or into a run folder."""

import contextlib
import functools
import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tfstab.checks import of_type
from tfstab.classifier import Classifier
from tfstab.classifier.input_note import heed
from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.groups import warn_of_groups
from tfstab.datasets.registry import as_dataset
from tfstab.errors import InputError
from tfstab.execution import executor
from tfstab.execution.stopping import StopRule
from tfstab.paths import user_path
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.affordable import known_images, rows_in_time, seconds_an_image, too_few
from tfstab.runs.description import describe
from tfstab.runs.files import find_parts
from tfstab.runs.info import is_run
from tfstab.runs.locking import check_free
from tfstab.runs.other_model import check_model_of
from tfstab.runs.scoring import OnClean
from tfstab.search.aim import Aim
from tfstab.search.checks import check_model, prefers_no_noise, warn_of_collapse
from tfstab.search.config import SearchConfig
from tfstab.search.doubts import doubts_in_words, find_doubts, too_few_queries
from tfstab.search.group import groups_of, search_clean, search_group
from tfstab.search.precision import MedianRule
from tfstab.search.progress import Answers, OnGeneration
from tfstab.search.result import MinimumNoise
from tfstab.search.run import SearchRun, part_name
from tfstab.search.trace import StopReason
from tfstab.warning import warn

SEARCHED = 3  # if the time is limited, this many times that of scoring the clean images is kept to search them
LARGEST_GROUP = 16  # images that a worker of a cluster searches at a time: a few more than fill its islands


def search_minimum_noise(
    classifier: Classifier,
    images: np.ndarray | Dataset,
    labels: Sequence[int] | np.ndarray | None = None,
    config: SearchConfig | None = None,
    on_generation: OnGeneration | None = None,
    *,
    target: int | None = None,
    mask: np.ndarray | None = None,
    as_is: bool = False,
) -> list[MinimumNoise]:
    """Search the minimum noise of each image.

    Warns if lambda and beta make the objective smallest without any noise; if the model's gradients do not fit its
    scores; for a search without gradients, if the scores change in steps; and if no noise was found for some images
    with a limit of queries that is too low for the engine.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    images : ndarray or Dataset
        Images (N, H, W, C), uint8, grey levels 0..255; or a data set, whose classes are matched with the model's by
        name.
    labels : sequence of int, optional
        The model's output that stands for the true class of each image (N,); not given with a data set.
    config : SearchConfig, optional
        Settings of the search.
    on_generation : callable, optional
        Gets a SearchProgress after each generation of each image, and may answer Stop.IMAGE or Stop.ALL.
    target : int, optional
        The class that the images must be classified as; by default any wrong class.
    mask : ndarray, optional
        The pixels that may change, (H, W) or (H, W, C), bool; by default all.
    as_is : bool
        Whether to go on if other inputs or another order of classes make the model far more accurate.

    Returns
    -------
    list of MinimumNoise
        One result an image, in the order given, or of the data set's indices. An image that is misclassified when clean
        (as the target, if there is one) has zero noise. Images not started after Stop.ALL are omitted. If no noise was
        found, `found` is False.

    Raises
    ------
    InputError
        Images, labels, target or mask do not fit the model, or the engine cannot search it; without `as_is`, also if
        inputs or classes are certainly wrong (WrongInputsError).
    ModelError
        The model returns NaN.

    References
    ----------
    Section 3 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> [result] = tfstab.search_minimum_noise(classifier, digits.images[:1], digits.labels[:1], few)
    >>> result.found, 0 < result.l2 < 2000
    (True, True)
    >>> upper = np.zeros((28, 28), bool)
    >>> upper[:14] = True
    >>> [result] = tfstab.search_minimum_noise(classifier, digits.images[:1], digits.labels[:1], few, mask=upper)
    >>> bool(result.noise[14:].any())
    False
    """
    config = of_type("config", config or SearchConfig(), SearchConfig, "tfstab.SearchConfig(max_queries=1000)")
    check_model(classifier, config)
    dataset = match_classes(classifier, _dataset_of(classifier, images, labels))
    classifier = classifier.for_images(dataset.image_shape)
    aim = Aim.checked(classifier, dataset.labels, target, mask)
    clean = CleanImages.score(classifier, dataset, on_note=functools.partial(heed, as_is=as_is))
    for doubt in doubts_in_words(find_doubts(classifier, clean.images, config)):
        warn(doubt)
    results: list[MinimumNoise] = []
    search_clean(classifier, clean, config, aim, results.append, on_generation)
    warn_of_collapse(sum(prefers_no_noise(r, config, aim) for r in results), len(results))
    for doubt in too_few_queries(config, results):
        warn(doubt)
    return sorted(results, key=lambda result: result.image)


def _dataset_of(classifier: Classifier, images: np.ndarray | Dataset, labels: Any) -> Dataset:
    """Return images and labels as a data set."""
    if isinstance(images, Dataset) != (labels is None):
        raise InputError(
            "give arrays of images and labels, or a Dataset, which has its labels; and settings as config=..."
        )
    if isinstance(images, Dataset):
        return images
    given = Dataset.from_arrays("images", "given", images, np.asarray(labels), tuple(classifier.class_names))
    return replace(given, numbered=True)  # the names are the model's


def run_search(
    classifier: Classifier,
    dataset: Dataset | Any,
    config: SearchConfig | None = None,
    out: str | Path = "runs/search",
    on_generation: OnGeneration | None = None,
    on_result: Callable[[MinimumNoise], None] | None = None,
    cluster: Any = None,
    *,
    target: int | None = None,
    mask: np.ndarray | None = None,
    minutes: float | None = None,
    precision: float | None = None,
    as_is: bool = False,
    in_order: bool = False,
    on_clean: OnClean | None = None,
) -> SearchRun:
    """Search the minimum noise of every image of a data set and write it to a run folder.

    An existing run with the same settings is resumed; it takes more images than it was begun with, and nothing is
    searched twice.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    dataset : Dataset, str, Path, tf.data.Dataset or (images, labels)
        Images (N, H, W, C), uint8 grey levels 0..255, with labels (N,): a data set, or what `load_dataset` takes.
    config : SearchConfig, optional
        Settings of the search.
    out : str or Path
        The run folder.
    on_generation : callable, optional
        Gets a SearchProgress after each generation of each image, and may answer Stop.IMAGE, which keeps what was found
        for the image, or Stop.ALL, after which the images being searched are searched again on resuming. Not supported
        on a cluster.
    on_result : callable, optional
        Gets each MinimumNoise when its search has ended.
    cluster : str or distributed.Client, optional
        Address of a Dask scheduler ("tcp://HOST:8786"), or a client, to search on its workers. The run is written here
        and is the same.
    target, mask
        As in `search_minimum_noise`.
    minutes : float, optional
        Stop after so many minutes: no group of images is begun that would probably end later. If scoring all clean
        images would take more than about a quarter of the time, the run takes fewer images; a warning says how many,
        and the next call adds others.
    precision : float, optional
        Stop once the median noise of the images that need any is known within so many per cent: when its 95 % interval
        reaches at most this far to either side. If the images are too few, a warning says how many it takes.

        With `minutes` or `precision`, the images come in a random order, whose beginnings all have each class's share.
    as_is : bool
        Whether to go on if other inputs or another order of classes make the model far more accurate; a run that is
        resumed goes on in any case.
    in_order : bool
        Whether to take the images in the order given even with `minutes` or `precision`.
    on_clean : callable, optional
        Called as on_clean(done, total) about every second while the clean images are scored, which comes first.

    Returns
    -------
    SearchRun
        The run, opened: finished, unless the observer or the clock stopped it.

    Raises
    ------
    InputError, ModelError
        As in `search_minimum_noise`.
    RunError
        `out` holds a different run, or the cluster cannot be used.

    References
    ----------
    Section 3 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> run = tfstab.run_search(classifier, digits.take(2), few, "runs/two")
    >>> run.complete, len(run.images)
    (True, 2)
    >>> tfstab.run_search(classifier, digits.take(2), few, "runs/two").complete  # nothing is searched twice
    True
    """
    if cluster is not None and on_generation is not None:
        raise InputError("on_generation was given with a cluster, whose searches cannot be observed: leave one out.")
    check_free(user_path(out))
    config = of_type("config", config or SearchConfig(), SearchConfig, "tfstab.SearchConfig(max_queries=1000)")
    check_model(classifier, config)
    warn_of_groups(dataset := as_dataset(dataset))
    dataset, classifier = match_classes(classifier, dataset), classifier.for_images(dataset.image_shape)
    check_model_of(user_path(out), classifier)
    # On a cluster, each worker compiles at a different time, so not all of it falls into the first part.
    aim, rule = Aim.checked(classifier, dataset.labels, target, mask), StopRule(minutes, precision, cluster is None)
    dataset = _in_time(classifier, dataset, user_path(out), rule.left, in_order)
    asked = [part_name(image) for image in dataset.indices]
    unfinished = not find_parts(user_path(out)).keys() >= set(asked)
    with executor(classifier, cluster, needed=unfinished) as workers:
        info = describe("search", config.seed, config.settings | aim.settings, classifier, dataset, asked)
        doubts = {} if is_run(out) else find_doubts(classifier, dataset.images, config)
        score = functools.partial(
            CleanImages.score,
            classifier,
            dataset,
            info,
            [out],
            functools.partial(heed, as_is=as_is or is_run(out)),
            keep=out,
            on_clean=on_clean,
        )
        with RunWriter(out, info | doubts, score, _grown, classifier.source) as run:
            clean, started, collapsed, open_parts = run.clean, time.perf_counter(), 0, set(asked) - run.done
            left = np.flatnonzero([part_name(image) in open_parts for image in clean.indices])
            median = MedianRule(precision, SearchRun(out) if precision is not None else ())
            answers = Answers(on_generation)

            def write(result: MinimumNoise) -> None:
                nonlocal collapsed
                collapsed += prefers_no_noise(result, config, aim)
                figures = {
                    "queries": result.queries,
                    "search_seconds": round(result.seconds, 3),
                    "seconds": round(time.perf_counter() - started, 3),
                }
                # A search that was cut short with all others is repeated on resuming.
                if result.stop_reason != StopReason.OBSERVER or result.image in answers.ended:
                    run.write(part_name(result.image), "npz", result.save, **figures)
                median.take(result)
                if on_result is not None:
                    on_result(result)

            if median.reached:
                pieces = []
            elif minutes is None and precision is None:
                pieces = [left[rows] for rows in workers.split(len(left), LARGEST_GROUP)]
            else:
                pieces = _growing(_in_given_order(left, clean, dataset) if in_order else _stratified(left, clean))
            search = functools.partial(search_group, on_generation=None if on_generation is None else answers)
            rule.start()
            sizes = {part_name(clean.indices[rows[0]]): len(rows) for rows in pieces}
            left_sizes = itertools.chain(itertools.islice(sizes.values(), 1, None), itertools.repeat(0))
            with contextlib.closing(workers.run(search, groups_of(clean, pieces, config, aim), write)) as searched:
                for name, _ in searched:  # each result is written and reported as soon as it arrives
                    rule.count(sizes[name])
                    if rule.reached(next(left_sizes)) or median.reached:
                        break
            warn_of_collapse(collapsed, len(left))
            finished = not set(run.info["parts"]) - run.done
            if finished and median.shortage:
                warn(median.shortage)
            run.log("finished" if finished else "stopped")
    return SearchRun(out)


def _in_time(classifier: Classifier, dataset: Dataset, run: Path, seconds: float, in_order: bool) -> Dataset:
    """Return the images of a run, and others that can be scored in about a quarter of the time; warn if not all can."""
    known = known_images(run, dataset)
    if math.isinf(seconds) or known.all():
        return dataset
    order = np.arange(len(dataset)) if in_order else stratified_order(dataset.labels)
    waiting = {part_name(image) for image in dataset.indices[known]} - find_parts(run).keys()
    scored = max(seconds, 1.0) / seconds_an_image(classifier, dataset.images, seconds)
    rows = np.sort(rows_in_time(order, known, scored, SEARCHED, SEARCHED * len(waiting)))
    if len(rows) == len(dataset):
        return dataset
    warn(too_few(len(rows), len(dataset)))
    return dataset.select(rows)


def _stratified(rows: np.ndarray, clean: CleanImages) -> np.ndarray:
    """Return rows of clean images in an order whose beginnings all have each class's share."""
    return rows[stratified_order(clean.class_index[rows])]


def _in_given_order(rows: np.ndarray, clean: CleanImages, dataset: Dataset) -> np.ndarray:
    """Return rows of clean images of a run, whose own order may differ, in the order in which a data set has them."""
    places = {int(index): place for place, index in enumerate(dataset.indices)}
    return np.array(sorted(rows, key=lambda row: places[int(clean.indices[row])]), np.int64)


def _growing(rows: np.ndarray) -> list[np.ndarray]:
    """Divide rows into groups of 1, 1, 2, 4, ... so that the speed is known early.

    The first search also compiles. As the second group is no larger, it does not take longer than the first.
    """
    pieces: list[np.ndarray] = []
    while len(rows):
        size = min(LARGEST_GROUP, 2 * len(pieces[-1]) if len(pieces) > 1 else 1)
        pieces.append(rows[:size])
        rows = rows[size:]
    return pieces


def _grown(there: dict[str, Any], clean: CleanImages) -> tuple[dict[str, Any], list[str]]:
    """Return settings and parts of a search that has these images, from its run.json; see `RunWriter`."""
    return there["settings"], [part_name(image) for image in clean.indices]
