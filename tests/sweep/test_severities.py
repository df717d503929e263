"""Sweeps of other degradations than noise: stored, measured, told of and made again like those of noise."""

import json
import pickle
from dataclasses import replace

import numpy as np
import PIL
import pytest
from skimage.metrics import peak_signal_noise_ratio

from processes import content, refused, tfstab_here
from tfstab import SweepConfig, open_run, run_sweep
from tfstab.degradations import BUILT_IN, get_degradation, register
from tfstab.errors import InputError, RunError
from tfstab.report import accuracy_figure, class_curves_figure, severity_table, sweep_json
from tfstab.report.run_files import run_section
from tfstab.report.sweep_image_tables import image_facts, image_table
from tfstab.report.sweep_tables import headline

JPEG = SweepConfig(degradation="jpeg", severities=(60, 5, 1), seed=3)
OCCLUSION = SweepConfig(degradation="occlusion", copies=4, seed=3)


@pytest.fixture(scope="module", params=[JPEG, OCCLUSION], ids=["jpeg", "occlusion"])
def config(request):
    return request.param


@pytest.fixture(scope="module")
def run(config, mnist_lenet, few_digits, tmp_path_factory):
    return run_sweep(mnist_lenet, few_digits, config, tmp_path_factory.mktemp("sweep") / "run")


def test_the_defaults_are_the_familys():
    config = SweepConfig(degradation="jpeg")
    assert (config.severities, config.copies) == ((90, 70, 50, 30, 10), 1)
    assert SweepConfig(degradation="occlusion").copies == 20
    assert SweepConfig(degradation="gaussian_noise", severities=(1, 2)) == SweepConfig(sigmas=(1, 2))
    assert replace(config, severities=(3,)).severities == (3,)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"degradation": "jpeg", "copies": 2}, "copies is 2; expected 1"),
        ({"degradation": "jpeg", "severities": (100,)}, "whole numbers from 1 to 99"),
        ({"degradation": "jpeg", "severities": (50.5,)}, "whole numbers"),
        ({"degradation": "jpeg", "severities": (50, 50)}, "only once"),
        ({"degradation": "jpeg", "severities": ()}, "one or more"),
        ({"degradation": "jpeg", "sigmas": (50,)}, "sigmas are of Gaussian noise"),
        ({"degradation": "occlusion", "common_noise": True}, "occlusion has none"),
        ({"degradation": "fogg"}, "did you mean 'fog'"),
        ({"sigmas": (1,), "severities": (2,)}, "expected one of them"),
    ],
)
def test_settings_that_do_not_fit_are_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        SweepConfig(**wrong)


def test_any_degraded_image_is_made_again_and_scores_what_is_stored(run, config, mnist_lenet):
    rng = np.random.default_rng(0)
    for _ in range(12):
        image, place = int(rng.choice(run.clean.indices)), int(rng.integers(len(config.severities)))
        copy = int(rng.integers(config.copies))
        row, degraded = run.sample(image, place, copy), run.degraded_image(image, place, copy)
        scores = mnist_lenet.scores(degraded[None])[0]
        assert (scores.argmax(), scores.max()) == (row["predicted"], np.float32(row["score"]))
        clean = run.clean.images[run.clean.row(image)].astype(np.float32)
        assert row["psnr"] == pytest.approx(peak_signal_noise_ratio(clean, degraded, data_range=255), abs=1e-3)
        assert row["degradation"] == config.degradation.name and row["severity"] == config.severities[place]
        assert row["severity_index"] == place and "sigma" not in row
    assert len(run.samples(severity=config.severities[1])) == 11 * config.copies


def test_it_is_the_same_in_other_batches_and_after_a_lost_part(
    run, config, mnist_lenet, few_digits, tmp_path, monkeypatch
):
    monkeypatch.setattr("tfstab.sweep.running.in_large_batches", lambda classifier: classifier)
    again = run_sweep(mnist_lenet.with_batch_size(16), few_digits, config, tmp_path / "run")
    next(iter(again.parts.values())).unlink()
    run_sweep(mnist_lenet.with_batch_size(16), few_digits, config, again.path)
    assert content(again.path) == content(run.path)
    with pytest.raises(RunError, match="begun with severities"):
        run_sweep(mnist_lenet, few_digits, replace(config, severities=config.severities[:2]), again.path)


def test_measures_count_the_rows(run, config):
    m, rows = run.measures, run.samples().to_pandas()
    rows["right"] = rows["predicted"] == rows["class_index"]
    for place, severity in enumerate(config.severities):
        here = rows[rows["severity"] == severity]
        assert m.accuracy[place] == pytest.approx(here["right"].mean())
        assert m.psnr[place] == pytest.approx(-10 * np.log10((10 ** (-here["psnr"] / 10)).mean()), abs=1e-3)
    failing = m.failing_severity()
    for image, right, value in zip(m.images, m.clean_correct, failing, strict=True):
        wrong = set(rows[(rows["image"] == image) & ~rows["right"]]["severity"].astype(float))
        if not right:
            assert value == config.degradation.neutral
        else:  # the mildest one, of quality the largest
            mildest = max if config.degradation.name == "jpeg" else min
            assert value == (mildest(wrong) if wrong else np.inf)
    with pytest.raises(InputError, match="certifies no radius; expected a sweep of Gaussian noise"):
        m.certified_radii()


def test_severity50_goes_down_where_severities_do(mnist_lenet, few_digits, tmp_path):
    config = SweepConfig(degradation="contrast", severities=(0.5, 0.05, 0.01))
    m = run_sweep(mnist_lenet, few_digits, config, tmp_path / "run").measures
    assert m.severity50 is not None and 0.01 < m.severity50 < 0.5
    x, y = [1, 0.5, 0.05, 0.01], [m.clean_accuracy, *m.accuracy]
    half = m.clean_accuracy / 2
    after = next(k for k, accuracy in enumerate(y) if accuracy <= half)
    expected = np.interp(half, [y[after], y[after - 1]], [x[after], x[after - 1]])
    assert m.severity50 == pytest.approx(expected)
    mild, strong = m.intervals.severity50
    assert mild >= m.severity50 and (strong <= m.severity50 or np.isinf(strong))
    assert m.accuracy.min() < m.area < m.clean_accuracy


def test_severities_on_both_sides_have_no_severity50(mnist_lenet, few_digits, tmp_path):
    config = SweepConfig(degradation="brightness", severities=(-100, 60, 200))
    run = run_sweep(mnist_lenet, few_digits, config, tmp_path / "run")
    m = run.measures
    assert m.severity50 is None and np.isnan(m.area) and np.isnan(m.intervals.area).all()
    assert config.mildest_first.tolist() == [1, 0, 2]
    assert not [line for line in headline(run) if line.startswith(("severity50", "area"))]
    json.dumps(sweep_json(run), allow_nan=False)
    class_curves_figure(run)


def test_what_is_told_names_the_severity(run, config, tmp_path):
    family = config.degradation
    clean, *rows = severity_table(run).records()
    assert clean[family.parameter] == "clean" and [row[family.parameter] for row in rows] == [
        f"{s:g}" for s in config.severities
    ]
    psnr = [row["PSNR"] for row in rows]
    assert psnr == sorted(psnr, reverse=True) == pytest.approx(run.measures.psnr.tolist())
    everything = json.loads(json.dumps(sweep_json(run), allow_nan=False))
    assert everything["severities"] == list(config.severities) and everything["degradation"]["name"] == family.name
    assert "certificate" not in everything and "severity50" in everything
    image = int(run.measures.images[0])
    told = str(image_facts(run, image).rows) + str(image_table(run, image).rows) + " ".join(headline(run))
    assert "sigma" not in told and "certified" not in told and family.parameter in told
    for figure in (accuracy_figure([run]), class_curves_figure(run)):
        left, right = figure.axes[0].get_xlim()
        assert (left > right) == (family.name == "jpeg")  # from mild to strong
        label = figure.axes[0].get_xlabel() or figure.get_supxlabel()
        assert family.axis in label and "sigma" not in label
    section = run_section(run)
    titles = [getattr(part, "title", getattr(part, "caption", "")) for part in section.parts]
    assert family.title in section.title
    assert not [title for title in titles if "ertif" in title or "sigma" in title]


def test_a_run_of_a_family_that_is_not_here_opens_but_makes_no_image(mnist_lenet, few_digits, tmp_path):
    mine = replace(
        get_degradation("fog"), name="mist", severities=(50, 90), version="1", function=lambda x, s, rng: x + s
    )
    config = SweepConfig(degradation=mine)
    path = run_sweep(mnist_lenet, few_digits, config, tmp_path / "run").path
    unknown = open_run(path)
    image = int(unknown.clean.indices[0])
    assert unknown.degradation.axis == "density (%)" and len(unknown.measures) == 11
    headline(unknown)
    with pytest.raises(RunError, match=r"'mist' is not loaded here: name the file .* --import test_severities\.py"):
        unknown.degraded_image(image, 0, 0)
    register(mine)
    np.testing.assert_array_equal(
        open_run(path).degraded_image(image, 1, 0), np.minimum(unknown.clean.images[0] + 90.0, 255)
    )
    newer = register(replace(mine, version="2"))
    with pytest.raises(RunError, match="'mist' has the version '2' here, and the run was made with '1': name the file"):
        open_run(path).degraded_image(image, 0, 0)
    with pytest.raises(RunError, match="resumed: it was begun with version '1' of the degradation 'mist', not '2';"):
        run_sweep(mnist_lenet, few_digits, SweepConfig(degradation=newer), path)


def test_another_version_of_what_degrades_is_told(mnist_lenet, few_digits, tmp_path):
    older = run_sweep(mnist_lenet, few_digits.take(2), JPEG, tmp_path / "run")
    assert older.info["environment"]["versions"]["pillow"] == PIL.__version__
    older.degraded_image(int(older.clean.indices[0]), 0, 0)
    older = open_run(older.path)
    older.info["environment"]["versions"]["pillow"] = "1.1.7"
    with pytest.warns(UserWarning, match=r"made with pillow 1\.1\.7: its degraded images may differ"):
        older.degraded_image(int(older.clean.indices[0]), 0, 0)


def test_the_command_sweeps_any_family(tmp_path):
    out = tmp_path / "run"
    arguments = ("sweep", "--degradation", "jpeg", "--severities", "70,10", "--images", "0:3", "--out", out)
    said = tfstab_here(*arguments)
    assert said.returncode == 0, said.stderr
    assert "quality" in said.stdout and "sigma" not in said.stdout.replace(str(tmp_path), "")
    assert json.loads(tfstab_here(*arguments, "--json").stdout)["severities"] == [70, 10]
    assert tfstab_here("inspect", out, "--image", 0).returncode == 0
    assert tfstab_here("inspect", out, "--out", tmp_path / "files").returncode == 0
    assert (tmp_path / "files" / "severities.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--degradation", "jpegs"], "did you mean 'jpeg'"),
        (["--degradation", "jpeg", "--severities", "0,50"], "from 1 to 99"),
        (["--degradation", "jpeg", "--severities", "many"], "expected numbers"),
        (["--degradation", "jpeg", "--severities", "nan"], "from 1 to 99"),
        (["--degradation", "jpeg", "--sigmas", "5"], "sigmas are of Gaussian noise"),
        (["--degradation", "jpeg", "--copies", "3"], "expected 1, as jpeg draws nothing"),
        (["--degradation", "jpeg", "--common-noise"], "jpeg has none"),
        (["--degradation", "all", "--severities", "3"], "sweeps each degradation at its own severities"),
        (["--severities", "3", "--sigmas", "3"], "expected one of them"),
    ],
)
def test_wrong_commands_get_a_sentence(arguments, said):
    assert said in refused(tfstab_here("sweep", *arguments))


def test_settings_of_every_family_travel_to_workers_and_into_run_json():
    for family in BUILT_IN.values():
        config = SweepConfig(degradation=family, seed=4)
        assert pickle.loads(pickle.dumps(config)) == config
        assert SweepConfig.of_settings(json.loads(json.dumps(config.settings)), 4) == config
    unknown = {"degradation": "mine", "severities": [1], "copies": 1}
    for damaged in ({}, unknown | {"family": 3}, unknown | {"family": {}}, {"degradation": 3, "sigmas": [1]}):
        with pytest.raises(RunError, match="is damaged"):
            SweepConfig.of_settings(damaged, 0)
