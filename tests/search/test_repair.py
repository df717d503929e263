"""The repair, which finds an 8-bit image that flips: compared with all candidates, worked out by hand."""

import itertools
import zlib
from dataclasses import replace

import numpy as np
import pytest
from numpy_networks import SHAPE

from tfstab import Classifier, SearchConfig
from tfstab.search.goal import AnyWrongClass, TargetClass
from tfstab.search.norm import L1, L2, Linf
from tfstab.search.repair import nearest_uint8
from tfstab.search.task import Task
from tfstab.search.trace import make_result


def l2_of(noise):
    return np.nan if noise is None else np.linalg.norm(noise)


def candidates_by_hand(pixel, noise):
    """(scale, threshold) -> the 8-bit value of one pixel."""
    for scale, threshold in itertools.product([1 + 0.005 * 400 ** (k / 24) for k in range(25)], (0.5, 0.35, 0.2, 0.05)):
        size = int(scale * abs(noise) + 1 - threshold)
        yield min(255, max(0, pixel + (size if noise > 0 else -size)))


@pytest.mark.parametrize(
    ("pixel", "noise", "needed"),
    [(0, 2.6, 3), (0, 2.4, 3), (1, -0.7, -1), (2, -2.0, -2), (254, 0.9, 1), (255, -0.3, -1), (253, 2.0, 2),
     (100, 10.2, 11), (100, -10.2, -14), (0, 0.04, 1), (10, 3.0, 9), (10, 3.0, 10), (254, 1.0, 2)],
)  # fmt: skip
def test_the_repair_finds_the_nearest_rounded_image_near_black_and_white_too(pixel, noise, needed):
    """It flips where the pixel has changed by `needed` or more."""

    def scores(images):
        changed = images[:, 3, 3, 0] - pixel
        flipped = changed >= needed if needed > 0 else changed <= needed
        return np.stack([~flipped, flipped], axis=1).astype(float)

    classifier = Classifier.from_function(scores, SHAPE, 2, fingerprint="step")
    clean = np.full(SHAPE, 77, np.uint8)
    clean[3, 3] = pixel
    task = Task(0, AnyWrongClass(0), clean, np.array([1, 0], np.float32), np.array([0.0, -90.0]))
    field = np.zeros(SHAPE, np.float32)
    field[3, 3] = noise
    changes = [value - pixel for value in candidates_by_hand(pixel, noise)]
    flips = [abs(c) for c in changes if (c >= needed if needed > 0 else c <= needed)]
    expected = min(flips, default=np.nan)
    np.testing.assert_equal(l2_of(nearest_uint8(classifier, task, field)), expected)
    targeted = replace(task, goal=TargetClass(0, 1))
    np.testing.assert_equal(l2_of(nearest_uint8(classifier, targeted, field)), expected)
    others = min((abs(c) for c in changes if not (c >= needed if needed > 0 else c <= needed)), default=np.nan)
    np.testing.assert_equal(l2_of(nearest_uint8(classifier, replace(task, goal=TargetClass(1, 0)), field)), others)


@pytest.mark.parametrize("needed", [1000, 4000, 10**6])
def test_the_repair_changes_only_pixels_with_noise_and_returns_the_least_norm_of_what_flips(needed):
    rng, seen = np.random.default_rng(0), []
    clean = rng.integers(0, 256, (4, 4, 3), np.uint8)
    noise = (rng.normal(0, 9, clean.shape) * (rng.random(clean.shape) < 0.5)).astype(np.float32)

    def scores(images):
        seen.extend(images)
        flipped = ((images - clean) * noise).sum(axis=(1, 2, 3)) >= needed
        return np.stack([~flipped, flipped], axis=1).astype(float)

    classifier = Classifier.from_function(scores, clean.shape, 2, fingerprint="along the noise")
    task = Task(0, AnyWrongClass(0), clean, np.array([1, 0], np.float32), np.array([0.0, -90.0]))
    found = {norm: nearest_uint8(classifier, replace(task, norm=norm), noise) for norm in (L2(), L1(), Linf())}
    images = np.array(seen[:100])  # images of zeros fill the batch
    assert len({image.tobytes() for image in images}) > 50
    np.testing.assert_array_equal(images, images.astype(np.uint8))
    np.testing.assert_array_equal(
        images[:, noise == 0], np.broadcast_to(clean[noise == 0], images[:, noise == 0].shape)
    )
    moves = images.astype(np.float64) - clean
    flips = [move.reshape(-1) for move in moves if (move * noise).sum() >= needed]
    for norm, repaired in found.items():
        assert (repaired is None) == (needed == 10**6)
        if repaired is not None:
            assert norm.length(repaired.reshape(-1)) == min(norm.length(move) for move in flips)


def test_the_8_bit_image_that_a_result_finds_again_by_its_lengths_flips_even_if_others_are_as_long():
    """Little noise on few pixels: in most of the 60 cases, two different candidates have the same length."""
    rng, found = np.random.default_rng(0), 0

    def scores(images):
        flips = np.array([zlib.crc32(image.astype(np.uint8).tobytes()) % 12 == 0 for image in images])
        return np.stack([~flips, flips], axis=1).astype(float)

    classifier = Classifier.from_function(scores, (6, 6, 1), 2, fingerprint="by chance")
    for _ in range(60):
        clean = rng.integers(60, 180, (6, 6, 1), np.uint8)
        noise = rng.normal(0, 1, clean.shape).astype(np.float32)
        task = Task(0, AnyWrongClass(0), clean, np.array([1, 0], np.float32), np.array([0.0, -90.0]))
        counts = {"queries": 0, "seconds": 0.0, "gradients": 0, "stop_reason": "", "history": []}
        result = make_result(classifier, task, SearchConfig(), noise, **counts)
        repaired = nearest_uint8(classifier, task, noise)
        if repaired is not None:
            length = float(np.linalg.norm(repaired.astype(float)))
            image = replace(result, l2_uint8=length, size_uint8=length).degraded_uint8
            assert scores(image[None])[0, 1] == 1 and np.linalg.norm(image.astype(float) - clean) == length
            found += 1
    assert found > 50
