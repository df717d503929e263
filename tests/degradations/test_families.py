"""Every family keeps one contract, does what its name says, and gives the frozen values."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import frozen
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import rgb2xyz
from skimage.transform import rotate
from skimage.util import random_noise

from tfstab.degradations import (
    BUILT_IN,
    COMMON,
    GAUSSIAN_NOISE,
    NoiseStreams,
    add_gaussian_noise,
    chain,
    get_degradation,
)
from tfstab.degradations.blur import disk, line
from tfstab.errors import InputError

FAMILIES = list(BUILT_IN.values())
SHAPES = [(1, 1, 1), (2, 2, 1), (1, 5, 3), (28, 28, 1), (33, 17, 3)]
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)


def picture(shape, content=0):
    """Neither smooth nor all noise, as pictures are."""
    rng = np.random.default_rng(content)
    y, x = np.mgrid[: shape[0], : shape[1]]
    waves = 127 + 60 * np.sin(x / 3 + content)[..., None] + 60 * np.cos(y / 4)[..., None] * np.ones(shape)
    return np.clip(waves + rng.normal(0, 8, shape), 0, 255).astype(np.uint8)


def decibels(clean, degraded):
    return 10 * np.log10(255**2 / max(1e-9, np.mean((degraded - clean.astype(np.float64)) ** 2)))


def stream(*key, seed=5):
    return NoiseStreams(seed).at(*key)


@every_family
@settings(max_examples=10)
@given(st.sampled_from(SHAPES), st.integers(0, 2**32 - 1), st.data())
def test_the_contract(family, shape, content, data):
    clean = np.random.default_rng(content).integers(0, 256, shape, np.uint8)
    before, severity = clean.copy(), data.draw(st.sampled_from(family.severities))
    key = data.draw(st.tuples(*[st.integers(0, 100)] * 3))
    degraded = family(clean, severity, stream(*key))
    assert degraded.dtype == np.float32 and degraded.shape == shape
    assert degraded.min() >= 0 and degraded.max() <= 255
    streams = NoiseStreams(5)
    family(clean, severity, streams.at(1, 2, 3))  # what was drawn before changes nothing
    np.testing.assert_array_equal(family(clean.astype(np.float32), severity, streams.at(*key)), degraded)
    np.testing.assert_array_equal(clean, before)


@every_family
def test_it_gets_worse_from_severity_to_severity(family):
    clean = [picture((32, 32, 3), content) for content in range(4)]
    psnr = [
        np.mean([decibels(x, family(x, s, stream(i, 0, copy))) for i, x in enumerate(clean) for copy in range(3)])
        for s in family.severities
    ]
    # What moves leaves nothing in its place at once; after that the difference of two places is all one.
    slack = 1.0 if family.name in ("rotation", "translation", "scaling") else 0.0
    assert (np.diff(psnr) < slack).all() and psnr[0] > psnr[-1] + 1, psnr


@every_family
def test_the_neutral_severity_leaves_the_image(family):
    clean = picture((28, 28, 1))
    nearly = {"jpeg": (100, 50), "poisson": (family.low, 50)}  # JPEG rounds, and photons are never all counted
    severity, least = nearly.get(family.name, (family.neutral, 100))
    assert decibels(clean, family.degrade(clean, severity, stream(0, 0, 0))) > least


@every_family
def test_copies_differ_where_something_is_drawn_and_only_there(family):
    clean, severity = picture((28, 28, 3)), family.severities[-1]
    copies = {family(clean, severity, stream(0, 0, copy)).tobytes() for copy in range(4)}
    assert len(copies) == (4 if family.random else 1)


def test_gaussian_noise_is_the_papers_to_the_bit():
    clean = picture((28, 28, 1))
    expected = add_gaussian_noise(clean, 20, seed=5, image=9, severity_index=3, copy=7)
    np.testing.assert_array_equal(GAUSSIAN_NOISE(clean, 20, stream(9, 3, 7)), expected)


def test_each_step_of_a_chain_draws_for_itself():
    clean, noise = picture((5, 4, 1)), GAUSSIAN_NOISE
    first = noise(clean, 10, stream(0, COMMON, 0))
    second = noise(first, 20, stream(0, COMMON, 1))
    np.testing.assert_array_equal(chain(clean, [("gaussian_noise", 10), (noise, 20)], seed=5), second)
    later = chain(clean, [("fog", 0), ("gaussian_noise", 10)], seed=5)  # the neutral step is one too
    np.testing.assert_array_equal(later, noise(clean, 10, stream(0, COMMON, 1)))
    assert chain(clean, []).dtype == np.float32 and (chain(clean, []) == clean).all()


def test_noise_has_the_statistics_of_its_name():
    clean = np.full((200, 200, 1), 100, np.uint8)

    def noise(name, severity):
        return get_degradation(name)(clean, severity, stream(0, 0, 0)) - 100.0

    assert noise("poisson", 4).std() == pytest.approx(np.sqrt(4 * 100), rel=0.02)
    assert noise("speckle", 0.3).std() == pytest.approx(30, rel=0.02)
    uniform = noise("uniform_noise", 40)
    assert np.abs(uniform).max() <= 40 and uniform.std() == pytest.approx(40 / np.sqrt(3), rel=0.02)
    hit = noise("salt_and_pepper", 10)
    theirs = random_noise(clean / 255, "s&p", rng=0, amount=0.1) * 255 - 100
    for value in (-100, 155):
        assert (hit == value).mean() == pytest.approx(np.isclose(theirs, value).mean(), abs=0.005)
    assert ((hit == 0) | (hit == -100) | (hit == 155)).all()


def test_rotation_is_scikit_images():
    clean = picture((28, 28, 3))
    theirs = rotate(clean.astype(np.float64), 20, order=1, mode="edge", preserve_range=True)
    np.testing.assert_allclose(get_degradation("rotation")(clean, 20), theirs, atol=1e-2)


def test_each_stop_halves_the_light():
    """XYZ is linear light; scikit-image decodes sRGB to it."""
    clean = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    clean[..., 1] = clean[::-1, :, 1]
    for stops in (0.5, 1, 3, 8):
        darker = get_degradation("underexposure")(clean, stops)
        np.testing.assert_allclose(rgb2xyz(darker / 255), rgb2xyz(clean / 255) / 2**stops, rtol=1e-4, atol=1e-7)
    lighter = get_degradation("underexposure")(clean // 8, -2)
    np.testing.assert_allclose(rgb2xyz(lighter / 255), 4 * rgb2xyz(clean // 8 / 255), rtol=1e-4, atol=1e-7)
    two = get_degradation("underexposure")(get_degradation("underexposure")(clean, 1), 1)
    np.testing.assert_allclose(two, get_degradation("underexposure")(clean, 2), atol=1e-3)


def test_what_is_moved_is_found_in_its_place():
    clean = np.zeros((41, 41, 1), np.uint8)
    clean[20, 20] = 255
    y, x = np.mgrid[:41, :41]

    def centre(image):
        return np.array([(y * image[..., 0]).sum(), (x * image[..., 0]).sum()]) / image.sum() - 20

    moved = [centre(get_degradation("translation")(clean, 10, stream(0, 0, copy))) for copy in range(8)]
    np.testing.assert_allclose(np.hypot(*np.transpose(moved)), 4.1, atol=0.05)
    assert len({tuple(np.sign(m)) for m in moved}) > 2  # in all directions
    clean[20, 30] = 255
    np.testing.assert_allclose(centre(get_degradation("scaling")(clean, 0.5)), [0, 2.5], atol=0.2)


def test_what_moves_the_image_repeats_its_edge_and_says_so():
    framed = np.zeros((21, 21, 1), np.uint8)
    framed[[0, -1]] = framed[:, [0, -1]] = 200
    for name, severity in (("rotation", 45), ("scaling", 0.5), ("translation", 24)):
        family = get_degradation(name)
        assert "repeats its edge" in family.about, name
        assert (family(framed, severity) > 100).sum() > (framed > 100).sum(), name


def test_kernels_keep_the_light_and_have_their_size():
    for size in (0.0, 0.3, 1.0, 2.5, 9.0):
        for kernel in (disk(size), *(line(size, angle) for angle in (0, 0.7, np.pi / 2, 3))):
            assert kernel.sum() == pytest.approx(1) and kernel.min() >= 0
            assert kernel.shape[0] == kernel.shape[1] and kernel.shape[0] % 2 == 1
    assert (line(8, 0) > 0).sum() == 9 and (line(8, 0)[4] > 0).all()
    assert (disk(4) > 0).sum() == pytest.approx(np.pi * 4.5**2, abs=10)


def test_kernels_by_hand():
    np.testing.assert_allclose(line(2, 0), np.array([[0, 0, 0], [2.5, 4, 2.5], [0, 0, 0]]) / 9)
    np.testing.assert_allclose(line(2, np.pi / 2), line(2, 0).T, atol=1e-12)
    down = line(3, np.pi / 4)  # y grows downwards: from the upper left to the lower right
    np.testing.assert_allclose(down, down.T, atol=1e-12)
    np.testing.assert_allclose(down, down[::-1, ::-1], atol=1e-12)
    assert down[1, 1] > 5 * down[1, 3] and down.shape == (5, 5)
    rim = (1.5 - np.sqrt(2), 1.0)
    expected = np.array([[rim[0], 0.5, rim[0]], [0.5, rim[1], 0.5], [rim[0], 0.5, rim[0]]])
    np.testing.assert_allclose(disk(1), expected / expected.sum())


def test_what_covers_may_lie_in_every_place():
    """Two of four pixels a side: the corner is 0, 1 or 2 in either direction, each about as often."""
    corners = []
    for copy in range(300):
        covered = get_degradation("occlusion")(np.zeros((4, 4, 1)), 25, stream(0, 0, copy))[..., 0] == 127.5
        rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
        assert len(rows) == len(columns) == 2 and covered.sum() == 4
        corners.append((rows[0], columns[0]))
    count = np.bincount([3 * row + column for row, column in corners], minlength=9)
    assert len(count) == 9 and count.min() > 15


def test_tone_and_blocks_and_cover():
    clean = picture((10, 12, 3))
    x = clean.astype(np.float64)
    np.testing.assert_allclose(get_degradation("brightness")(clean, -30), np.clip(x - 30, 0, 255), atol=1e-3)
    np.testing.assert_allclose(get_degradation("gamma")(clean, 2), x**2 / 255, atol=1e-3)
    np.testing.assert_allclose(get_degradation("fog")(clean, 40), 0.6 * x + 0.4 * 255, atol=1e-3)
    mean = x.mean(axis=(0, 1))
    np.testing.assert_allclose(get_degradation("contrast")(clean, 0.3), mean + 0.3 * (x - mean), atol=1e-3)
    blocks = get_degradation("pixelate")(clean, 4)
    np.testing.assert_allclose(blocks[8:, 4:8], np.broadcast_to(x[8:, 4:8].mean(axis=(0, 1)), (2, 4, 3)), atol=1e-3)
    covered = get_degradation("occlusion")(clean, 25, stream(0, 0, 0)) != clean
    rows, columns = np.flatnonzero(covered.any(axis=(1, 2))), np.flatnonzero(covered.any(axis=(0, 2)))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (5, 6)


# Without packages the SHA-256 of the bytes, which any machine gives; else values that these packages may change by
# a little (JPEG by more) from version to version.
FROZEN = Path(__file__).with_name("frozen.json")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_frozen(family):
    clean = np.arange(16 * 16 * 3, dtype=np.int64).reshape(16, 16, 3) ** 2 % 256
    degraded = family(clean.astype(np.uint8), family.severities[2], stream(7, 2, 1, seed=11))
    digest = hashlib.sha256(degraded.tobytes()).hexdigest()[:16]
    now = degraded[::5, 3, 1].round(3).tolist() if family.packages else digest
    kept = json.loads(FROZEN.read_text("utf-8"))
    tolerance = 2 if family.name == "jpeg" else 1e-2
    same = kept.get(family.name) == (now if isinstance(now, str) else pytest.approx(now, abs=tolerance))
    if frozen.RECORD in os.environ and not same:
        kept = {name: now if name == family.name else kept[name] for name in BUILT_IN if name in {*kept, family.name}}
        frozen.record(FROZEN, json.dumps(kept, indent=1) + "\n")
    else:
        assert same, f"{family.name} gives {now}: if this is intended, record it with `make frozen`"


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("gaussian_noise", "numbers above 0"),
        ("poisson", "numbers from 0.001 to 255"),
        ("jpeg", "whole numbers from 1 to 99"),
        ("brightness", "numbers from -255 to 255, without 0"),
        ("occlusion", "numbers above 0 to 100"),
    ],
)
def test_the_range_in_words(name, span):
    assert get_degradation(name).range == span


@every_family
def test_the_ends_of_the_range(family):
    least = 2 if family.name == "pixelate" else max(family.low, 1e-30) if family.low == family.neutral else family.low
    most = family.high if np.isfinite(family.high) else 1e30
    assert family.check((least, most)) == (least, most)
    for beyond in (np.nextafter(family.low, -np.inf) if family.low else -1e-30, np.nextafter(family.high, np.inf)):
        with pytest.raises(InputError, match="expected"):
            family.check((beyond,))


@every_family
def test_severities_out_of_range_are_refused(family):
    for wrong in ((), (float("nan"),), (family.neutral,), (family.severities[0],) * 2, (-1e9,), (1e39,)):
        with pytest.raises(InputError, match=f"of {family.name} is .*; expected"):
            family.check(wrong)
    with pytest.raises(InputError, match="expected"):
        family(picture((4, 4, 1)), family.neutral)
    if family.whole:
        with pytest.raises(InputError, match="whole numbers from"):
            family.check((family.severities[0] + 0.5,))


def test_families_that_do_not_fit_are_refused():
    fog = get_degradation("fog")
    for wrong in ({"name": "Fog "}, {"function": None}, {"severities": (200,)}):
        with pytest.raises(InputError):
            replace(fog, **wrong)
    with pytest.raises(InputError, match=r"made an image \(1, 2, 1\) of one \(2, 2, 1\)"):
        replace(fog, function=lambda x, s, rng: x[:1])(np.zeros((2, 2, 1)), 10)
    with pytest.raises(InputError, match="1 or 3 channels; these have 2"):
        get_degradation("jpeg")(np.zeros((4, 4, 2)), 50)
