"""Run folders in which every prediction is given, made without a model: for tests that know what has to come out."""

import functools
from pathlib import Path

import numpy as np

from tfstab import Dataset, SearchConfig, SweepConfig
from tfstab.classifier import Classifier
from tfstab.explanation import ExplanationConfig, ExplanationRun
from tfstab.explanation.copies import MULTIPLES
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.description import describe
from tfstab.runs.growth import in_sweep_order
from tfstab.search import SearchRun
from tfstab.search.result import MinimumNoise
from tfstab.search.run import part_name
from tfstab.sweep import SweepRun
from tfstab.sweep.part import rows_of
from tfstab.sweep.plan import MOST_ROWS, plan_blocks
from tfstab.sweep.score import ShardScores
from tfstab.sweep.table import make_table, save_table

SURE = 0.7  # the score of every predicted class


def _clean(labels, predicted, indices, classes, sure=None):
    images = np.empty((len(labels), 2, 2, 1), np.uint8)
    images[:] = 100 + np.reshape(indices, (-1, 1, 1, 1)) % 100
    scores = np.full((len(labels), classes), (1 - SURE) / (classes - 1), np.float32)
    scores[np.arange(len(labels)), predicted] = SURE if sure is None else sure
    return CleanImages(images, np.asarray(labels, np.int64), np.asarray(indices, np.int64), scores)


def _described(kind, config, settings, clean, classes, name, parts):
    names = tuple(str(k) for k in range(classes))
    dataset = Dataset("made", "test", clean.images, clean.class_index, names, clean.indices)
    network = Classifier.from_function(np.asarray, (2, 2, 1), classes, fingerprint=name, name=name)
    network.device = "CPU"  # the viewer loads no function
    return describe(kind, config.seed, settings, network, dataset, parts)


def made_sweep(
    path: Path,
    config: SweepConfig,
    predicted,
    labels=None,
    clean=None,
    indices=None,
    psnr=None,
    classes=3,
    name="made",
    score=None,
    clean_score=None,
) -> SweepRun:
    """A finished sweep. predicted: the class that each copy is taken for, (N, S, copies); psnr: of each, in dB.

    labels, clean: the true class of each image and that of the clean image, (N,); by default 0 and the true one.
    indices: the images' places in the full split, (N,), in the order of the data set.
    score, clean_score: of the predicted class of each copy, and of each clean image; by default SURE.
    """
    predicted = np.broadcast_to(predicted, (len(predicted), len(config.severities), config.copies))
    labels = np.zeros(len(predicted), np.int64) if labels is None else np.asarray(labels)
    indices = np.arange(len(labels)) if indices is None else indices
    psnr = np.broadcast_to(np.float32(20) if psnr is None else psnr, predicted.shape)
    score = np.broadcast_to(SURE if score is None else score, predicted.shape)  # tests may change SURE
    images = in_sweep_order(_clean(labels, labels if clean is None else clean, indices, classes, clean_score))
    blocks = plan_blocks(len(labels), config.copies, len(config.severities), MOST_ROWS, MOST_ROWS)
    info = _described("sweep", config, config.settings, images, classes, name, [block.name for block in blocks])
    with RunWriter(path, info, images) as run:
        for block in blocks:
            rows, copies = rows_of(block.name, images), range(block.first_copy, block.stop_copy)
            taken = predicted[rows][:, :, copies].ravel().astype(np.int16)
            right = taken == np.repeat(labels[rows], len(config.severities) * block.copies)
            given = score[rows][:, :, copies].ravel().astype(np.float32)
            scores = ShardScores(
                psnr[rows][:, :, copies].ravel().astype(np.float32),
                taken,
                given,
                np.where(right, given, np.float32(0.1)),
            )
            table = make_table(rows, copies, images, config, scores)
            run.write(block.name, "parquet", functools.partial(save_table, table), rows=len(table))
    return SweepRun(path)


def made_search(
    path: Path, l2, labels=None, clean=None, classes=3, name="made", unrefined=None, config=None, queries=100
) -> SearchRun:
    """A finished search that found noise of this L2 for each image, (N,); infinite: it found none.

    unrefined: the L2 of each image before the refinement, (N,); by default nothing is refined.
    queries: of each image that needed noise.
    """
    config = config or SearchConfig(refine=unrefined is not None)
    before = np.zeros(len(l2)) if unrefined is None else np.asarray(unrefined, float)
    labels = np.zeros(len(l2), np.int64) if labels is None else np.asarray(labels)
    images = _clean(labels, labels if clean is None else clean, np.arange(len(l2)), classes)
    settings = config.settings | {"target": None}
    info = _described("search", config, settings, images, classes, name, [part_name(k) for k in range(len(l2))])
    with RunWriter(path, info, images) as run:
        for k, found in enumerate(np.isfinite(l2)):
            needless = not images.correct[k]
            noise = np.full((2, 2, 1), l2[k] / 2 if found and not needless else 0, np.float32)
            scores = np.roll(images.scores[k], int(found and not needless))
            history = np.array([[9.0, 9, before[k], 0.5] if np.isfinite(before[k]) else [9.0, 9, 1, 0]])
            reason = "misclassified when clean" if needless else "converged" if found else "queries"
            result = MinimumNoise(
                image=k,
                class_index=int(labels[k]),
                found=bool(found),
                clean=images.images[k],
                noise=noise,
                scores=scores,
                clean_scores=images.scores[k],
                l2_uint8=float("nan"),
                objective=float(l2[k]) if found else 0.0,
                queries=0 if needless else queries,
                generations=int(unrefined is not None),
                stop_reason=reason,
                history=history[: int(before[k] > 0)],
                norm=config.norm,
            )
            run.write(part_name(k), "npz", result.save)
    return SearchRun(path)


def made_explanation(path: Path, feature_margin, input_margin=None, gain=1.0, l2=None, clean=None, name="made"):
    """A finished explanation whose figures are given, (N,) for a network or (members, N) for an ensemble.

    feature_margin, input_margin: relative margins before the last layer and in the input; gain: up to there.
    l2: minimum noise of the whole. clean: the class that each image, all of class 0, is taken for.
    """
    margins = np.atleast_2d(np.asarray(feature_margin, float))
    networks, count = margins.shape
    inputs = margins if input_margin is None else np.broadcast_to(input_margin, margins.shape)
    gains = np.broadcast_to(gain, margins.shape)
    labels = np.zeros(count, np.int64)
    images = in_sweep_order(_clean(labels, labels if clean is None else np.asarray(clean, int), np.arange(count), 3))
    config, rows = ExplanationConfig(), images.order
    parts = [f"{part}-{0:07d}-{count:07d}" for part in ("noise", "copies", "layers")]
    info = _described("explanation", config, config.settings, images, 3, name, parts)
    ones = np.ones((count, networks))
    sure = np.full((count, len(MULTIPLES), config.copies), 1.0) + np.linspace(-1, 1, config.copies) / 10
    found = images.correct[rows]
    l2 = np.where(found, np.ones(count) if l2 is None else np.asarray(l2)[rows], 0)
    noise, image = (ones, gains.T[rows], ones), [np.sqrt(2) * ones] * 3
    by_layer = {  # of "input", "dense" and "logits", whose spread is 1, with a logit margin of `feature_margin`
        **dict.fromkeys(("noise_distance", "noise_taken", "noise_linear"), noise),
        **dict.fromkeys(("image_distance", "image_taken", "image_linear"), image),
        "gradient": ((margins / inputs).T[rows], ones, ones),
    }
    arrays = {
        "noise": {
            "found": found, "l2": l2, "noise": np.zeros((count, 2, 2, 1), np.float32),
            "predicted": labels + 1, "queries": labels,
        },
        "copies": {
            "sigmas": config.sigma * np.array(MULTIPLES), "margins": sure, "clipped": np.zeros(sure.shape[:2]),
            "clean_margin": np.ones(count),
        },
        "layers": {
            "names": np.array(["input", "dense", "logits"] * networks), "sizes": np.array([4, 2, 3] * networks),
            "network": np.repeat(np.arange(networks), 3), "margin": margins.T[rows], "rival": np.ones(ones.shape, int),
        } | {what: np.stack(layers, axis=2).reshape(count, -1) for what, layers in by_layer.items()},
    }  # fmt: skip
    with RunWriter(path, info, images) as run:
        for part in parts:
            run.write(part, "npz", functools.partial(_save, arrays[part.partition("-")[0]]))
    return ExplanationRun(path)


def _save(arrays, path):
    with path.open("wb") as file:
        np.savez(file, **arrays)
