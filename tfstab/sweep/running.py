"""Runs a sweep: degraded images are scored, here or on a cluster, and written to a run folder."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.checks import of_type, whole_number
from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.groups import warn_of_groups
from tfstab.datasets.registry import as_dataset
from tfstab.errors import RunError
from tfstab.execution import executor
from tfstab.execution.stopping import StopRule
from tfstab.paths import user_path
from tfstab.runs import CleanImages
from tfstab.runs.files import find_parts
from tfstab.runs.locking import check_free
from tfstab.runs.other_model import check_model_of
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.in_time import sweep_in_time
from tfstab.sweep.plan import MOST_ROWS, block_of
from tfstab.sweep.progress import OnProgress
from tfstab.sweep.run import SweepRun
from tfstab.sweep.score import in_large_batches
from tfstab.sweep.sweeping import Sweeping
from tfstab.sweep.table import BYTES_PER_ROW
from tfstab.warning import warn
from tfstab.wording import OUT

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

BYTES_PER_PART = 8 << 10  # a Parquet file's own description
TRIED = 4  # images with which it is tried whether a model's scores depend on grey levels outside 0..255


def run_sweep(
    classifier: "Classifier",
    dataset: Dataset | Any,
    config: SweepConfig | None = None,
    out: str | Path = "runs/sweep",
    on_progress: OnProgress | None = None,
    cluster: Any = None,
    *,
    scored_in: Iterable[str | Path | CleanImages] = (),
    minutes: float | None = None,
    precision: float | None = None,
    as_is: bool = False,
    degraded: int | None = None,
    in_order: bool = False,
) -> SweepRun:
    """Score degraded copies of every image and write them to a run folder.

    The sweep goes copy by copy over all images, so it can be stopped at any time and is then a whole sweep of fewer
    copies. An existing run is resumed; it takes more copies or more images than it was begun with, and nothing is
    scored twice.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    dataset : Dataset, str, Path, tf.data.Dataset or (images, labels)
        Images (N, H, W, C), uint8 grey levels 0..255, with labels (N,): a data set, or what `load_dataset` takes.
    config : SweepConfig, optional
        Degradation, severities and copies; by default Gaussian noise with the paper's sigmas.
    out : str or Path
        The run folder.
    on_progress : callable, optional
        Gets a SweepProgress about every second while the clean images are scored, then at the beginning of the sweep,
        and whenever degraded images have been scored.
    cluster : str or distributed.Client, optional
        Address of a Dask scheduler ("tcp://HOST:8786"), or a client, to score on its workers. The run is written here
        and is the same.
    scored_in : iterable of str, Path or CleanImages
        Run folders from which the scores of the clean images are taken, if model, images and environment are the same,
        or images that this model has scored.
    minutes : float, optional
        Stop after so many minutes, or a little earlier, but not before the first part. If the time is not enough for
        all images, the run takes only as many as can be scored clean and degraded once; a warning says how many, and
        the next call adds the others. With `degraded`, it takes all.
    precision : float, optional
        Stop when the 95 % interval of the accuracy over all severities reaches at most so many percentage points to
        either side. That may never be: more copies of the same images do not remove the differences between images.
    as_is : bool
        Whether to go on if other inputs or another order of classes make the model far more accurate; a run that is
        resumed goes on in any case.
    degraded : int, optional
        Number of images to degrade, a stratified sample; the others are only scored when clean. By default, all are
        degraded.
    in_order : bool
        Whether to take the images in the order given, so that those degraded are the first ones. By default, they are
        taken in a random order, whose beginnings all have each class's share.

    Returns
    -------
    SweepRun
        The run, opened.

    Raises
    ------
    InputError
        The images do not fit the model, minutes or precision is not above 0, or `degraded` is below 1; without `as_is`,
        also if inputs or classes are certainly wrong (WrongInputsError).
    RunError
        `out` holds a different run, the disk is too small, or the cluster cannot be used.

    References
    ----------
    Section 4 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> run = tfstab.run_sweep(classifier, digits, tfstab.SweepConfig(degradation="rotation"), "runs/rotation")
    >>> run.degradation.axis, run.severities
    ('angle (degrees)', (5.0, 10.0, 20.0, 30.0, 45.0))
    >>> run.class_metrics().total
    50
    >>> noise = tfstab.SweepConfig(sigmas=(20, 80), copies=1)
    >>> tfstab.run_sweep(classifier, digits, noise, "runs/grown").copies_done
    (1, 1)
    >>> noise = tfstab.SweepConfig(sigmas=(20, 80), copies=3)
    >>> tfstab.run_sweep(classifier, digits, noise, "runs/grown").copies_done  # two more of each image
    (3, 3)
    """
    rule = StopRule(minutes, precision)
    if degraded is not None:
        degraded = whole_number("degraded", degraded, 1)
    config = of_type("config", config or SweepConfig(), SweepConfig, "tfstab.SweepConfig(degradation='fog')")
    dataset = as_dataset(dataset)
    warn_of_groups(dataset)
    dataset, classifier = match_classes(classifier, dataset), classifier.for_images(dataset.image_shape)
    check_model_of(user_path(out), classifier)
    return sweep_in_own_batches(
        in_large_batches(classifier),
        dataset,
        config,
        out,
        on_progress,
        cluster,
        scored_in=scored_in,
        rule=rule,
        as_is=as_is,
        degraded=degraded,
        in_order=in_order,
    )


def sweep_in_own_batches(
    classifier: "Classifier",
    dataset: Dataset,
    config: SweepConfig,
    out: str | Path,
    on_progress: OnProgress | None = None,
    cluster: Any = None,
    *,
    scored_in: Iterable[str | Path | CleanImages] = (),
    rule: StopRule | None = None,
    as_is: bool = False,
    degraded: int | None = None,
    in_order: bool = False,
) -> SweepRun:
    """Sweep as `run_sweep` does, but in batches of the classifier's size, which the caller chooses.

    The classes of the data set are those of the classifier, which takes its images as they are. rule: when to stop.
    """
    needed = _check_disk(user_path(out), dataset, config, degraded)
    if not config.clip and needed:
        _warn_of_own_clipping(classifier, dataset)
    order = np.arange(len(dataset)) if in_order else stratified_order(dataset.labels)
    known, rule = tuple(scored_in), rule or StopRule()

    def open_sweep(some: Dataset, order: NDArray[np.int64]) -> Sweeping:
        """Return the sweep of some images."""
        more: dict[str, Any] = {"as_is": as_is, "degraded": degraded, "order": order, "on_progress": on_progress}
        return Sweeping(classifier, some, config, out, known, **more)

    with executor(classifier, cluster, needed=needed) as workers:
        if rule.minutes is not None and degraded is None:
            each, where = len(config.severities), user_path(out)
            sweep_in_time(open_sweep, classifier, dataset, order, where, workers, on_progress, rule, each)
        else:
            with open_sweep(dataset, order) as sweeping:
                if short := sweeping.score(sweeping.left, workers, on_progress, rule):
                    warn(short)
    return SweepRun(out)


def _warn_of_own_clipping(classifier: "Classifier", dataset: Dataset) -> None:
    """Warn if the model seems to clip its inputs itself, as a model that takes whole grey levels does.

    Scores that are all exactly 0 or 1 show nothing: they are saturated, or the model gives only the predicted class.
    """
    images = np.asarray(dataset.images[:TRIED], np.float32)
    stronger = 2 * images - np.float32(127.5)  # more contrast: -127.5 to 382.5
    clipped = stronger.clip(0, 255)
    if np.array_equal(stronger, clipped):
        return
    scores = classifier.scores(clipped)
    graded = bool(np.any((scores > 0) & (scores < 1)))
    if graded and np.array_equal(classifier.scores(stronger), scores):
        warn(
            f"{classifier.name} seems to clip its inputs to 0..255 itself, so clipping makes no difference.",
        )


def _check_disk(out: Path, dataset: Dataset, config: SweepConfig, degraded: int | None) -> bool:
    """Return whether work is left, as far as the names of the finished parts tell.

    Raises RunError if `out` cannot be used, or if what is left does not fit on its disk.
    """
    check_free(out)
    done = [block for block in map(block_of, find_parts(out)) if block is not None]
    planned = len(dataset) if degraded is None else min(degraded, len(dataset))
    left = planned * config.copies - sum(block.images * min(block.copies, config.copies) for block in done)
    rows = max(0, left) * len(config.severities)
    images = 0 if (out / "clean.npz").exists() else dataset.images.nbytes
    needed = rows * BYTES_PER_ROW + (rows // MOST_ROWS + 1) * BYTES_PER_PART + images
    parent = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    free = shutil.disk_usage(parent).free
    if needed > free:
        raise RunError(
            f"the sweep's {rows:,} degraded images need about {_gigabytes(needed)} and {parent} has {_gigabytes(free)} "
            f"free: free some space, choose another folder with {OUT}, or sweep fewer images or copies."
        )
    return rows > 0


def _gigabytes(count: int) -> str:
    """Write a number of bytes in GB, or in MB if it is small."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"
