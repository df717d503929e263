"""A run keeps its target and mask, on the command line too; what asks for no noise, and odd images, are reported."""

import json
import os
import struct
import sys
import zlib

import numpy as np
import pytest
from numpy_networks import NumpyNetwork, curved, images_of
from PIL import Image
from typer.testing import CliRunner

from processes import refused, tfstab_here
from tfstab import SearchConfig, open_run, run_search, search_minimum_noise
from tfstab.cli.app import app
from tfstab.errors import InputError, RunError
from tfstab.gui.jobs.plan import order_of
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.search.aim import class_named, read_mask

FEW = SearchConfig(max_queries=1_000)


@pytest.fixture(scope="module")
def three(digits):
    return digits.select([30, 600, 1_100])  # a zero, a one and a two


@pytest.fixture(scope="module")
def mask():
    mask = np.zeros((28, 28), bool)
    mask[4:24, 4:24] = True
    return mask


def test_a_run_has_the_target_and_mask_it_was_begun_with(mnist_lenet, three, mask, tmp_path):
    run = run_search(mnist_lenet, three, FEW, tmp_path / "run", target=8, mask=mask)
    assert run.target == 8 and run.config == FEW
    expected = search_minimum_noise(mnist_lenet, three.images, three.labels, FEW, target=8, mask=mask)
    for kept, result in zip(run, expected, strict=True):
        assert np.array_equal(kept.noise, result.noise) and not kept.noise[~mask].any()
        assert kept.predicted == 8 or not kept.found
    assert any(r.found for r in run)
    for other in ({"target": 8}, {"mask": mask}, {"target": 9, "mask": mask}, {"target": 8, "mask": ~mask}):
        with pytest.raises(RunError, match=r"begun with (target|mask)"):
            run_search(mnist_lenet, three, FEW, tmp_path / "run", **other)


def test_the_command_line_takes_them_and_leaves_out_images_of_the_target_class(three, mask, tmp_path):
    Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / "mask.png")
    assert np.array_equal(read_mask(tmp_path / "mask.png"), mask)
    search = ["search", "--images", "495:505", "--max-queries", "200", "--out", str(tmp_path / "run"), "--json"]
    said = CliRunner().invoke(app, [*search, "--target", "0", "--mask", str(tmp_path / "mask.png")])
    assert said.exit_code == 0, said.output
    assert "5 images of the target class are left out" in said.stderr
    assert [i["true"] for i in json.loads(said.stdout)["images"]] == ["1"] * 5
    run = open_run(tmp_path / "run")
    assert run.target == 0 and not any(r.noise[~mask].any() for r in run)


def test_the_target_is_named_as_the_data_set_names_it(digits, tmp_path):
    for name, place in (("cat", 30), ("dog", 600)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.fromarray(digits.images[place, ..., 0]).save(tmp_path / "photos" / name / "one.png")
    photos, out = str(tmp_path / "photos"), str(tmp_path / "run")
    search = ["search", "--model", "mnist-lenet", "--data", photos, "--classes", "cat=0,dog=1", "--max-queries", "200"]
    said = CliRunner().invoke(app, [*search, "--out", out, "--target", "cat"])
    assert said.exit_code == 0, said.output
    run = open_run(tmp_path / "run")
    assert run.target == 0 and [result.class_index for result in run] == [1]


def test_a_class_has_a_name_or_a_number():
    assert class_named("stop", ("yield", "stop")) == class_named("1", ("yield", "stop")) == 1
    assert class_named("000000001", ("yield", "stop")) == 1
    for wrong in ("2", "-1", "halt", "0" * 5000 + "1"):
        with pytest.raises(InputError, match="unknown class"):
            class_named(wrong, ("yield", "stop"))


def test_pixels_brighter_than_half_of_white_may_change(tmp_path):
    Image.fromarray(np.array([[127, 128, 0], [255, 129, 126]], np.uint8)).save(tmp_path / "mask.png")
    assert read_mask(tmp_path / "mask.png").tolist() == [[False, True, False], [True, True, False]]


EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 28 28
%%EndComments
0 0 28 28 rectfill
showpage
%%EOF
"""


def png_of(width, height):
    """A PNG that says it is this large and holds no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks
    )


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and scripts are POSIX'")
@pytest.mark.parametrize(
    "content",
    [
        b"white", EPS, png_of(20_000, 20_000), png_of(28, 28), b"SIMPLE  = T", b"P5 28 x 255\n", None,
        "pipe", "folder",
    ],
    ids=["text", "eps", "bomb", "no pixels", "fits", "damaged", "missing", "pipe", "folder"],
)  # fmt: skip
def test_a_mask_that_is_no_image_is_refused_and_starts_no_program(content, tmp_path, monkeypatch):
    mask, ran, ghostscript = tmp_path / "m.png", tmp_path / "ran", tmp_path / "bin" / "gs"
    ghostscript.parent.mkdir()
    ghostscript.write_text(f"#!/bin/sh\ntouch '{ran}'\necho 10.0\n")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ghostscript.parent}{os.pathsep}{os.environ['PATH']}")
    if content == "pipe":
        os.mkfifo(mask)
    elif content == "folder":
        mask.mkdir()
    elif content is not None:
        mask.write_bytes(content)
    said = refused(tfstab_here("search", "--mask", mask, "--out", tmp_path / "run"))
    assert "white where pixels may change" in said
    order = RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(tmp_path / "run"), {}, mask=str(mask))
    with pytest.raises(InputError, match="white where pixels may change"):
        order_of(order).check()
    assert not ran.exists() and not (tmp_path / "run").exists()


def test_an_objective_that_asks_for_no_noise_is_reported(mnist_lenet, three):
    config = SearchConfig(max_queries=2_000, lambda_=10, beta=1)
    with pytest.warns(UserWarning, match=r"for \d of 3 images the objective is smallest without any noise"):
        results = search_minimum_noise(mnist_lenet, three.images, three.labels, config)
    assert all(r.l2 > 0 for r in results)


@pytest.mark.parametrize(
    "config",
    [
        SearchConfig(max_queries=300), SearchConfig(preset="paper", max_queries=300),
        SearchConfig(engine="lbfgs", max_queries=100), SearchConfig(engine="random", max_queries=300),
        SearchConfig(max_queries=100, refine=True),
    ],
    ids=["default", "paper", "lbfgs", "random", "refined"],
)  # fmt: skip
def test_where_all_classes_are_always_tied_nothing_is_found(config):
    images = np.stack([np.full((8, 8, 1), level, np.uint8) for level in (0, 128)])
    for result in search_minimum_noise(NumpyNetwork(np.zeros((64, 4))), images, [0, 0], config):
        assert not result.found and result.margin == 0 and np.isnan(result.l2_uint8)
        assert np.isfinite(result.noise).all()


def test_a_constant_image_is_searched_like_any_other(mnist_lenet):
    image = np.zeros((1, 28, 28, 1), np.uint8)
    (result,) = search_minimum_noise(mnist_lenet, image, mnist_lenet.scores(image).argmax(axis=1), FEW)
    assert result.noise.any() and result.noise.min() >= 0


def test_where_nothing_flips_for_long_the_search_begins_anew(mnist_lenet, monkeypatch):
    # Around a grey image without any structure all maximum pools are tied, and what mutants say is not a slope.
    image = np.full((1, 28, 28, 1), 96, np.uint8)
    label, config = mnist_lenet.scores(image).argmax(axis=1), SearchConfig(max_queries=2_500)
    (result,) = search_minimum_noise(mnist_lenet, image, label, config)
    assert result.found and not result.history[:20, 3].any()
    monkeypatch.setattr("tfstab.search.engines.pygad.steps.RESTART", 10**9)
    (without,) = search_minimum_noise(mnist_lenet, image, label, config)
    assert not without.found and np.array_equal(without.history[:20], result.history[:20])


def test_more_targets_of_lbfgs_never_end_with_more_noise(monkeypatch):
    monkeypatch.setattr("tfstab.search.engines.lbfgs.BISECTIONS", 3)
    monkeypatch.setattr("tfstab.search.engines.lbfgs.ITERATIONS", 20)
    network = curved(6, seed=1)
    images, labels = images_of(network, 2)
    l2 = {}
    for targets in (1, 3):
        config = SearchConfig(engine="lbfgs", targets=targets, max_queries=100_000)
        results = search_minimum_noise(network, images, labels, config)
        l2[targets] = [result.l2 for result in results]
        assert all(result.found and len(result.history) == 3 * targets for result in results)
    assert l2[3][0] <= l2[1][0] * (1 + 1e-6) and l2[3][1] < 0.95 * l2[1][1]
