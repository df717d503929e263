"""Photographs and noise in the report of runs: which are shown, how large, and how much amplified."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from made_runs import made_search
from tfstab.report import photographs


def test_a_degraded_photograph_is_the_image_that_was_scored(chapter, runs):
    fog = next(run for run in runs if run.path.name == "fog")
    drawn = np.asarray(decoded(chapter.mistakes[0].degraded))
    assert np.array_equal(drawn, np.rint(fog.degraded_image(3, 1, 0)).astype(np.uint8)[..., 0])


def test_triples_go_from_the_least_noise_to_the_most(chapter):
    assert [t.size for t in chapter.triples] == [f"L2 {size}.0" for size in (2, 4, 8, 12, 16, 40)]
    assert [row[3] for row in chapter.noise_table.rows] == [2, 4, 8, 12, 16, 40]
    assert chapter.noise_table.notes == [
        "Misclassified when clean, so that they need no noise: 1 more.", "No noise was found for 1 more.",
    ]  # fmt: skip
    first = chapter.triples[0]
    assert first.gain == 100 and first.name == "image 5"  # each pixel differs by 1
    assert set(np.asarray(decoded(first.noise)).ravel()) == {228}
    assert np.array_equal(np.asarray(decoded(first.degraded)), np.asarray(decoded(first.clean)) + 1)


@pytest.mark.parametrize("gains", [(1000, 500, 300, 200, 100, 50), (30, 20, 10, 5, 3, 2), (1, 1)])
def test_noise_is_amplified_by_the_largest_round_gain_that_cuts_nothing_off(tmp_path, gains):
    """Each pixel differs by l2 / 2, and may differ by 127 once amplified."""
    below, above = (
        made_search(tmp_path / name, [2 * 127 / gain * factor for gain in gains])
        for name, factor in (("below", 0.9995), ("above", 1.0005))
    )
    assert [triple.gain for triple in photographs.triples(below)] == list(gains)
    [exact] = photographs.triples(made_search(tmp_path / "exact", [127.0]))
    assert exact.gain == 2  # 63.5, twice
    for triple, gain in zip(photographs.triples(above), gains, strict=True):
        assert triple.gain < gain or triple.gain == gain == 1, "the noise is never shown weaker than it is"


def decoded(shown):
    kind, data = shown.uri.removeprefix("data:image/").split(";base64,")
    picture = Image.open(io.BytesIO(base64.b64decode(data)))
    assert picture.format.lower() == kind and picture.size == (shown.width, shown.height)
    return picture


def test_large_photographs_are_scaled_down():
    image = np.random.default_rng(0).integers(0, 256, (300, 600, 3), np.uint8)
    shown = photographs.shown(image, "noise")
    assert decoded(shown).size == (photographs.SIDE, photographs.SIDE // 2) and not shown.pixelated
    assert len(shown.uri) < 60_000
    for channels, mode in ((1, "L"), (2, "L"), (3, "RGB"), (4, "RGB")):
        assert decoded(photographs.shown(np.zeros((2, 3, channels)), "")).mode == mode


@pytest.mark.parametrize(("side", "pixelated", "kind"), [(96, True, "PNG"), (97, False, "PNG"), (193, False, "JPEG")])
def test_small_photographs_keep_their_pixels_and_large_ones_their_colours(side, pixelated, kind):
    shown = photographs.shown(np.zeros((side - 1, side, 3)), "black")
    picture = decoded(shown)
    assert (shown.pixelated, picture.format) == (pixelated, kind) and max(picture.size) == min(side, photographs.SIDE)
    if kind == "JPEG":  # at the quality 92, and no colour shared by pixels
        assert picture.quantization[0][0] == 3 and [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3
    else:
        assert decoded(photographs.shown(np.zeros((192, 2, 1)), "")).format == "PNG"
