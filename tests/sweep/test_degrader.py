"""Batches of degraded images, made fast in blocks, are the images that `degraded_image` makes one at a time."""

import numpy as np
import pytest

from tfstab import SweepConfig
from tfstab.degradations import standard_normal
from tfstab.sweep.degrade import degraded_image, degrader

PAPER = {"seed": 11, "preset": "paper"}  # 12 sigmas, 150 copies
CONFIGS = {
    "paper": SweepConfig(**PAPER), "common": SweepConfig(**PAPER, common_noise=True),
    "few sigmas": SweepConfig(sigmas=(9, 3), copies=450, seed=11, common_noise=True),
    "family": SweepConfig(degradation="salt_and_pepper", severities=(5, 60), copies=400, seed=11),
    "not clipped": SweepConfig(**PAPER, clip=False),
    "common, not clipped": SweepConfig(sigmas=(9, 300), copies=450, seed=11, common_noise=True, clip=False),
    "family, not clipped": SweepConfig(degradation="uniform_noise", severities=(5, 60), copies=400, clip=False),
}  # fmt: skip
rng = np.random.default_rng(0)
IMAGES, INDICES = rng.integers(0, 256, (3, 16, 16, 1)).astype(np.uint8), np.array([70, 4, 12])


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("span", [(0, 600), (701, 1204), (1790, 1810)], ids=str)
def test_a_batch_is_what_is_made_one_by_one(config, span):
    """16 x 16 grey levels: 256 images a block, so that spans begin and end within blocks and images."""
    made = degrader(config, IMAGES, INDICES, range(config.copies))
    made.batch(0, 5)  # what it keeps from batch to batch must not show
    images, decibels = made.batch(*span)
    assert images.dtype == np.float32 and len(images) == len(decibels) == span[1] - span[0]
    for place, image, psnr in zip(range(*span), images, decibels, strict=True):
        row, rest = divmod(place, config.rows_per_image)
        copy, severity = divmod(rest, len(config.severities))
        expected = degraded_image(config, IMAGES[row], int(INDICES[row]), severity, copy)
        np.testing.assert_array_equal(image, expected)
        error = np.mean((expected.astype(np.float64) - IMAGES[row]) ** 2)
        assert psnr == pytest.approx(10 * np.log10(255**2 / error) if error else np.inf, abs=1e-4)


def test_one_image_alone_is_the_definition():
    clean, config = IMAGES[1], CONFIGS["paper"]
    field = standard_normal(clean.shape, 11, 4, 9, 149)
    expected = np.clip(clean + np.float32(30) * field, 0, 255)  # the tenth sigma of the paper
    np.testing.assert_array_equal(degraded_image(config, clean, 4, 9, 149), expected)


def test_large_images_are_made_one_a_block():
    clean = rng.integers(0, 256, (1, 300, 300, 1)).astype(np.uint8)
    config = SweepConfig(sigmas=(2, 30), copies=2, common_noise=True)
    images, _ = degrader(config, clean, np.array([8]), range(2)).batch(1, 4)
    for image, (copy, severity) in zip(images, [(0, 1), (1, 0), (1, 1)], strict=True):
        np.testing.assert_array_equal(image, degraded_image(config, clean[0], 8, severity, copy))


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_some_copies_are_made_without_those_before(config):
    severities, copies = len(config.severities), range(3, 8)
    images, _ = degrader(config, IMAGES, INDICES, copies).batch(0, 3 * severities * 5)
    for place, image in enumerate(images):
        row, number, severity = np.unravel_index(place, (3, 5, severities))
        expected = degraded_image(config, IMAGES[row], int(INDICES[row]), severity, copies[number])
        np.testing.assert_array_equal(image, expected)
