"""`run_explanation`: looks at a network in all ways that it allows, and writes what is found to a run folder."""

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.checks import of_type
from tfstab.classifier.classifier import check_classifier
from tfstab.classifier.input_note import heed
from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset
from tfstab.datasets.groups import warn_of_groups
from tfstab.datasets.registry import as_dataset
from tfstab.errors import InputError, RunError
from tfstab.explanation.analyses import analyses
from tfstab.explanation.analysis import Analysis, Arrays, Material
from tfstab.explanation.budget import Budget, too_little
from tfstab.explanation.classes import LEAST_OF_NETWORK
from tfstab.explanation.config import ExplanationConfig
from tfstab.explanation.features import FEATURES, features_of
from tfstab.explanation.layers import has_layers
from tfstab.explanation.more_images import AVAILABLE
from tfstab.explanation.plan import Piece, pieces_of, plan, with_shorter_block
from tfstab.explanation.run import ExplanationRun
from tfstab.paths import user_path
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.description import describe
from tfstab.runs.growth import in_sweep_order
from tfstab.runs.info import is_run
from tfstab.runs.locking import check_free
from tfstab.runs.other_model import check_model_of
from tfstab.warning import warn
from tfstab.wording import OUT, percent

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MOST_IMAGES = 500  # explained by default: enough for figures of each layer and of most classes
# Images with which others are compared, five with each: with 32, the spread of CIFAR-10's images would differ by 3.6 %
# (standard deviation) from one choice of them to the next, with 256 by 1.8 %.
POOL = 256
# Images of a block: a part of a small network takes seconds, one of a large network about a minute.
BLOCK, LARGE_BLOCK, LARGE = 32, 8, 1e8  # images, images, multiply-adds of one image
# Images of the first block of a new run with limited time, so that it has results soon, and its first part, whose
# time cannot be predicted, does not take all of the time: 20 of a network with fewer multiply-adds than SMALL, 2 of
# one with more than LARGE, and 8 of others, whose second block has the rest of the 20.
FIRST_BLOCK, SMALL, FIRST_OF_LARGE = LEAST_OF_NETWORK, 2.5e7, 2
FEWEST = 8  # images of a block that is divided for lack of time
# Share by which features may differ from those of another device: far above rounding, far below those of another layer.
SAME_FEATURES = 0.05


@dataclass(frozen=True)
class Progress:
    """How far an explanation is.

    Attributes
    ----------
    what : str
        The analysis that is at work.
    done, total : float
        Finished work and all work, in passes of an image through the network.
    """

    what: str
    done: float
    total: float

    def __str__(self) -> str:
        """Return in one line how far the explanation is, for those who print progress."""
        return f"{self.what}: {percent(self.done / self.total)}" if self.total else self.what


def run_explanation(
    classifier: "Classifier",
    dataset: Dataset | Any,
    config: ExplanationConfig | None = None,
    out: str | Path = "runs/explanation",
    *,
    on_progress: Callable[[Progress], None] | None = None,
    minutes: "float | Budget | None" = None,
    as_is: bool = False,
) -> ExplanationRun:
    """Measure why a classifier loses images and write it to a run folder.

    An existing run with the same settings is resumed; it takes more images than it was begun with.

    Parameters
    ----------
    classifier : Classifier
        Model under test. Without gradients or layers, the analyses that need them are left out.
    dataset : Dataset, str, Path, tf.data.Dataset or (images, labels)
        Images (N, H, W, C), uint8 grey levels 0..255, with labels (N,): a data set, or what `load_dataset` takes.
    config : ExplanationConfig, optional
        Settings.
    out : str or Path
        The run folder.
    on_progress : callable, optional
        Gets a Progress before each part.
    minutes : float or Budget, optional
        Time to take at most, from now or as a Budget that has begun. What does not fit into it is left out: images, and
        then analyses that are made once.
    as_is : bool
        Whether to go on if other inputs or another order of classes make the model far more accurate; a run that is
        resumed goes on in any case.

    Returns
    -------
    ExplanationRun
        The run, opened: finished, unless the time was too short.

    Raises
    ------
    InputError, ModelError
        Images and model do not fit each other, or the model fails; without `as_is`, also if inputs or classes are
        certainly wrong (WrongInputsError).
    RunError
        `out` holds a different run, or one with features that an earlier version took from another layer.
    """
    check_classifier(classifier)
    if classifier.labels_only:
        raise InputError(
            f"{classifier.name} returns only the predicted class; expected a classifier with scores, from which an "
            "explanation is made."
        )
    if classifier.combine == "vote":
        raise InputError(
            f"{classifier.name} is an ensemble that votes, whose scores are steps without a slope: make it again with "
            "combine='mean' or 'geometric'."
        )
    check_free(user_path(out))
    config = of_type("config", config or ExplanationConfig(), ExplanationConfig, "tfstab.ExplanationConfig(sigma=5)")
    budget = minutes if isinstance(minutes, Budget) else Budget(minutes)
    dataset = as_dataset(dataset)
    warn_of_groups(dataset)
    dataset, classifier = match_classes(classifier, dataset), classifier.for_images(dataset.image_shape)
    check_model_of(user_path(out), classifier, comparable=False)
    wanted = _wanted(config)
    possible = [one for one in analyses().values() if one.name in wanted and _is_possible(one, classifier)]
    size = BLOCK if not classifier.differentiable or classifier.multiply_adds < LARGE else LARGE_BLOCK
    early: list[int] = []
    if budget.limited and size == LARGE_BLOCK:
        early = [FIRST_OF_LARGE]
    elif budget.limited:
        small = classifier.differentiable and classifier.multiply_adds < SMALL
        early = [FIRST_BLOCK] if small else [LARGE_BLOCK, FIRST_BLOCK]
    names = [piece.name for piece in plan(len(dataset), possible, size, early=early)]
    info = describe("explanation", config.seed, config.settings, classifier, dataset, names)
    if dataset.sampled_from is not None:
        info["data"][AVAILABLE] = dataset.sampled_from
    on_note = functools.partial(heed, as_is=as_is or is_run(out))

    def score() -> CleanImages:
        """Score the clean images, once the folder is locked."""
        return in_sweep_order(CleanImages.score(classifier, dataset, info, [out], on_note, keep=out))

    def grown(there: dict[str, Any], images: CleanImages) -> tuple[dict[str, Any], list[str]]:
        pieces = plan(len(images.indices), possible, size, there["parts"])
        return there["settings"], [piece.name for piece in pieces]

    with RunWriter(out, info, score, grown, classifier.source) as run:
        budget.learn_from(run.path)
        pieces = pieces_of(run.info["parts"])
        _check_features(classifier, run, pieces)
        total, materials = sum(piece.work for piece in pieces), _Materials(classifier, config, run)
        for piece in _fitting(pieces, run, budget):
            if on_progress is not None:
                left = [one for one in pieces_of(run.info["parts"]) if one.name not in run.done]
                done = total - sum(one.work for one in left)
                on_progress(Progress(piece.analysis.name, done, total))
            began = time.perf_counter()
            arrays = piece.analysis.compute(materials.of(piece))
            seconds = time.perf_counter() - began
            run.write(piece.name, "npz", functools.partial(_save, arrays), seconds=round(seconds, 3))
            budget.learn(piece, seconds)
        run.log("stopped" if set(run.info["parts"]) - run.done else "finished")
    return ExplanationRun(out)


def _check_features(classifier: "Classifier", run: RunWriter, pieces: Sequence[Piece]) -> None:
    """Raise RunError if parts are left, and finished ones have other features than are computed here.

    Earlier versions of tfstab took the features of some networks from another layer: the two must not be mixed.
    """
    done = [piece for piece in pieces if piece.analysis is FEATURES and piece.name in run.done]
    if not done or run.done.issuperset(piece.name for piece in pieces):
        return
    assert run.clean.order is not None
    there = ExplanationRun(run.path).part(FEATURES.name, *done[0][1:])["clean"][:1]
    image = run.clean.select(run.clean.order[done[0].first :][:1]).images
    here = features_of(classifier, np.asarray(image, np.float32))
    if here.shape != there.shape or np.linalg.norm(here - there) > SAME_FEATURES * np.linalg.norm(there):
        raise RunError(
            f"{run.path} cannot be resumed: its features of the last hidden layer are not those computed here, because "
            f"an earlier version of tfstab took them from another layer; choose another folder with {OUT}."
        )


def _fitting(pieces: Sequence[Piece], run: RunWriter, budget: Budget) -> Iterator[Piece]:
    """Yield the unfinished parts for which there is time.

    A block of images counts only with all its analyses. The first block is begun all the same and goes on part by part,
    as its first parts also compile the network, so that they tell too long a time for the rest. What is computed once
    may be left out. A block for which there is no time is divided and begins with as many images as there is time for.
    """
    left, said = [piece for piece in pieces if piece.name not in run.done], False
    for piece in left:
        if not piece.analysis.of_images and budget.fits([piece]):
            yield piece
        elif piece.analysis.of_images:
            block = [one for one in left if one[1:] == piece[1:] and one.name not in run.done]
            block = [one for one in block if one.analysis.of_images]
            if not piece.first and not said and not budget.fits(block):
                said = True
                warn(too_little(block, budget))
            if not budget.fits(block if piece.first else [piece]):
                begun = any(one.first == piece.first and one.name in run.done for one in pieces)
                if not begun and (images := _affordable(block, budget)):
                    shorter = with_shorter_block(pieces, piece.first, piece.first + images)
                    run.replan([one.name for one in shorter])
                    yield from _fitting(shorter, run, budget)
                return
            yield piece


def _affordable(block: Sequence[Piece], budget: Budget) -> int:
    """Return for how many images of a block there is time, a multiple of FEWEST; 0 for too few."""
    first, whole = block[0].first, block[0].images
    numbers = range((whole - 1) // FEWEST * FEWEST, 0, -FEWEST)
    return next((n for n in numbers if budget.fits([one._replace(stop=first + n) for one in block])), 0)


def _wanted(config: ExplanationConfig) -> set[str]:
    """Return the names of the analyses to make, with the minimum noise if one of them needs it."""
    chosen = set(config.only) or set(analyses())
    return chosen | ({"noise"} if any(analyses()[name].noise for name in chosen) else set())


def _is_possible(analysis: Analysis, classifier: "Classifier") -> bool:
    """Return whether a classifier has what an analysis needs."""
    if analysis.gradients and not classifier.differentiable:
        return False
    return not analysis.layers or has_layers(classifier)


class _Materials:
    """Makes what each part is computed from.

    The images with which others are compared, and the minimum noise of a block, serve several parts.
    """

    def __init__(self, classifier: "Classifier", config: ExplanationConfig, run: RunWriter) -> None:
        assert run.clean.order is not None
        self._classifier, self._config, self._run, self._order = classifier, config, run, run.clean.order
        self._pool = run.clean.select(self._order[:POOL])
        self._noise = functools.lru_cache(maxsize=1)(functools.partial(_read_noise, run.path))  # of the latest block

    def of(self, piece: Piece) -> Material:
        """Return what one part is computed from."""
        some = self._run.clean.select(self._order[piece.first : piece.stop])
        if not piece.analysis.noise:
            return Material(self._classifier, self._config, some, self._pool)
        noise = self._noise(piece.first, piece.stop)
        return Material(self._classifier, self._config, some, self._pool, noise["noise"], noise["found"])


def _read_noise(path: Path, first: int, stop: int) -> Arrays:
    """Return the minimum noise of a block of images."""
    return ExplanationRun(path).part("noise", first, stop)


def _save(arrays: Arrays, path: Path) -> None:
    """Write arrays to a file."""
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
