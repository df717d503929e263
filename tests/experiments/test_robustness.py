"""The summary of several degradations is the arithmetic of Hendrycks and Dietterich, of runs that fit each other."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from processes import refused, tfstab_here
from tfstab import SearchConfig, SweepConfig, run_search, run_sweep
from tfstab.cli.robustness import sweeps_in
from tfstab.degradations import degradation_names
from tfstab.errors import InputError
from tfstab.experiments.robustness import Robustness
from tfstab.report.figures import accuracy_figure, save_figure
from tfstab.report.robustness_tables import networks_table, robustness_json, robustness_table

CONFIGS = [
    SweepConfig(degradation="gaussian_blur", severities=(1, 2, 3)),
    SweepConfig(degradation="brightness", severities=(60, 120, 180)),
    SweepConfig(degradation="salt_and_pepper", severities=(20, 40), copies=3),
]


@pytest.fixture(scope="module")
def folder(mnist_lenet, shaken, digits, tmp_path_factory):
    """A folder a network, of the runs of each family."""
    path = tmp_path_factory.mktemp("robustness")
    for classifier in (mnist_lenet, shaken):
        for config in CONFIGS:
            run_sweep(classifier, digits.take(40), config, path / classifier.name / config.degradation.name)
    return path


@pytest.fixture(scope="module")
def runs(folder, mnist_lenet, shaken):
    return sweeps_in([folder / mnist_lenet.name]), sweeps_in([folder / shaken.name])


def errors(run):
    m = run.measures
    return 1 - m.clean_accuracy, 1 - m.accuracy


def test_accuracy_kept_and_corruption_errors(runs):
    mine, other = runs
    r = Robustness(mine, other)
    ces, relative_ces, relative = [], [], []
    for f, run, baseline in zip(r.families, mine, other, strict=True):
        (clean, error), (their_clean, their_error) = errors(run), errors(baseline)
        relative.append((1 - error.mean()) / (1 - clean))
        ces.append(error.sum() / their_error.sum())
        relative_ces.append((error - clean).sum() / (their_error - their_clean).sum())
        assert f.run.path == run.path and f.kept.value == pytest.approx(relative[-1])
        assert f.ce.value == pytest.approx(ces[-1]) and f.relative_ce.value == pytest.approx(relative_ces[-1])
        for e in (f.accuracy, f.kept, f.ce):
            assert e.low <= e.value <= e.high
    assert r.kept.value == pytest.approx(np.mean(relative)) and r.mce.value == pytest.approx(np.mean(ces))
    assert r.relative_mce.value == pytest.approx(np.mean(relative_ces))
    assert r.clean_accuracy.value == mine[0].measures.clean_accuracy
    assert r.accuracy.value == pytest.approx(np.mean([f.accuracy.value for f in r.families]))
    assert r.accuracy.low < r.accuracy.value < r.accuracy.high
    assert r.to_pandas()["images"].tolist() == [40, 40, 40]


def test_a_network_against_itself_has_an_error_of_one_but_other_images_might_differ(runs):
    r = Robustness(runs[0], runs[0])
    for e in (r.mce, *(f.ce for f in r.families)):
        assert e.value == 1 and e.low < 0.9 and e.high > 1.1


def test_the_search_among_the_runs_of_an_assessment_is_left_out(runs, mnist_lenet, digits, tmp_path):
    search = run_search(mnist_lenet, digits.take(2), SearchConfig("boundary", max_queries=100), tmp_path)
    sweeps, _ = runs
    assert Robustness([search, *sweeps]).kept == Robustness(sweeps).kept
    with pytest.raises(InputError):
        Robustness([search])


def test_several_networks_side_by_side(runs, mnist_lenet, digits, tmp_path):
    one, other = (Robustness(of) for of in runs)
    table = networks_table([one, other])
    assert table.columns == ("degradation", *(f"{r.model}{end}" for r in (one, other) for end in ("", " from", " to")))
    clean, *rows, mean = table.with_intervals().to_pandas().itertuples(index=False)
    assert [row[0] for row in (clean, *rows, mean)] == [
        "clean",
        "brightness",
        "gaussian_blur",
        "salt_and_pepper",
        "mean",
    ]
    e = other.families[1].accuracy
    assert rows[1][2] == f"{100 * e.value:.1f} ({100 * e.low:.1f}–{100 * e.high:.1f})"
    e = one.accuracy
    assert mean[1] == f"{100 * e.value:.1f} ({100 * e.low:.1f}–{100 * e.high:.1f})"
    for titled in (networks_table([one, other], titles=True), robustness_table(one, titles=True)):
        assert ["Gaussian blur"] in titled.only("degradation").text_rows()
    with pytest.raises(InputError, match="have the same name"):
        networks_table([one, one])
    with pytest.raises(InputError, match="different degradations or severities"):
        networks_table([one, Robustness(runs[1][:2])])
    fewer = run_sweep(mnist_lenet, digits.take(10), CONFIGS[1], tmp_path / "fewer")
    with pytest.raises(InputError, match=r"10 images and shaken 40 images.*`tfstab report` with --files writes"):
        networks_table([Robustness(runs[1][:1]), Robustness([fewer])])


def test_where_the_baseline_makes_no_error_there_is_no_corruption_error(runs, mnist_lenet, digits, tmp_path):
    right = digits.take(40)
    right = right.select(np.flatnonzero(mnist_lenet.scores(right.images).argmax(1) == right.labels)[:20])
    harmless = run_sweep(mnist_lenet, right, SweepConfig(degradation="jpeg", severities=(95,)), tmp_path / "jpeg")
    r = Robustness([harmless, runs[0][0]], [harmless, runs[0][0]])
    assert np.isnan(r.families[0].ce.value) and r.mce.value == r.families[1].ce.value == 1
    assert "no error there: jpeg" in " ".join(robustness_table(r).notes)
    json.dumps(robustness_json(r), allow_nan=False)


def test_without_a_baseline_there_is_no_corruption_error(runs):
    r = Robustness(runs[0])
    assert r.mce is None and r.families[0].ce is None and r.baseline is None
    *rows, mean = robustness_table(r).records()
    assert [row["degradation"] for row in rows] == ["brightness", "gaussian_blur", "salt_and_pepper"]
    assert rows[1]["severity"] == "sigma (pixels) 1 to 3" and "CE" not in mean
    assert mean["accuracy kept"] == pytest.approx(100 * r.kept.value)
    json.dumps(robustness_json(r), allow_nan=False)


def test_severities_on_both_sides_are_told_from_end_to_end(mnist_lenet, digits, tmp_path):
    config = SweepConfig(degradation="brightness", severities=(-60, -20, 20, 60))
    table = robustness_table(Robustness([run_sweep(mnist_lenet, digits.take(10), config, tmp_path)]))
    assert table.records()[0]["severity"] == "shift (grey levels) -60 to 60"


def test_runs_that_do_not_fit_are_refused(runs, sweeps, mnist_lenet, digits, tmp_path):
    mine, other = runs
    with pytest.raises(InputError, match="no sweep was given"):
        Robustness([])
    with pytest.raises(InputError, match="both of gaussian_blur"):
        Robustness([*mine, mine[1]])
    with pytest.raises(InputError, match="of several networks"):
        Robustness([mine[0], other[1]])
    with pytest.raises(InputError, match="no sweep of brightness"):
        Robustness(mine, other[1:])
    with pytest.raises(InputError, match=r"in common|different images"):
        few = digits.select(np.setdiff1d(np.arange(len(digits)), mine[0].measures.images)[:3])
        Robustness([mine[0], run_sweep(mnist_lenet, few, CONFIGS[0], tmp_path / "others")])
    with pytest.raises(InputError, match="different severities"):
        config = replace(CONFIGS[0], severities=(1, 2))
        Robustness([run_sweep(mnist_lenet, digits.take(3), config, tmp_path / "less")], other)


def test_the_command(folder, mnist_lenet, shaken, tmp_path):
    mine, other = folder / mnist_lenet.name, folder / shaken.name
    said = tfstab_here("robustness", mine, "--baseline", other, "--out", tmp_path / "files")
    assert said.returncode == 0, said.stderr
    assert "mCE" in said.stdout and "salt_and_pepper" in said.stdout
    with (tmp_path / "files" / "robustness.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 and float(rows[-1]["CE"]) > 0
    both = accuracy_figure(sweeps_in([mine]), sweeps_in([other]))
    save_figure(both, tmp_path / "both.png")
    assert (tmp_path / "files" / "accuracy.png").read_bytes() == (tmp_path / "both.png").read_bytes()
    named = [text.get_text() for text in both.legends[0].texts]
    assert named[:2] == [mnist_lenet.name, f"{shaken.name}, the baseline"]
    told = json.loads(tfstab_here("robustness", mine / "gaussian_blur", "--json").stdout)
    assert told["families"][0]["degradation"] == "gaussian_blur" and told["mean_corruption_error"] is None
    assert "no run folder" in refused(tfstab_here("robustness", tmp_path)).replace("not a run folder", "no run folder")
    unlike = tfstab_here("compare", mine / "gaussian_blur", mine / "brightness")
    assert "compare sweeps of one degradation" in refused(unlike)


def test_all_families_are_swept_by_one_command(tmp_path):
    arguments = ("sweep", "--degradation", "all", "--images", "0:2", "--copies", 1, "--out", tmp_path / "all")
    said = tfstab_here(*arguments)
    assert said.returncode == 0, said.stderr
    parts = [p.stat().st_mtime_ns for p in sorted((tmp_path / "all").rglob("*.parquet"))]
    told = json.loads(tfstab_here(*arguments, "--json").stdout)  # finished: nothing is made anew
    assert [f["degradation"] for f in told["families"]] == degradation_names() and told["images"] == 2
    assert parts == [p.stat().st_mtime_ns for p in sorted((tmp_path / "all").rglob("*.parquet"))]
    into_a_run = ("sweep", "--degradation", "all", "--images", "0:2", "--out", tmp_path / "all" / "jpeg")
    assert "is a run folder" in refused(tfstab_here(*into_a_run))
