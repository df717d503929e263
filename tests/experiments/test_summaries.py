"""Every result sums itself up in plain text, and converts to a table and to HTML; from runs whose numbers are given."""

import math

import numpy as np
import pytest

from made_runs import made_search, made_sweep
from tfstab import SweepConfig, open_run
from tfstab.cli.robustness import sweeps_in
from tfstab.errors import InputError
from tfstab.experiments.comparison import compare
from tfstab.experiments.robustness import Robustness
from tfstab.metrics import mean_interval
from tfstab.report import accuracy_figure
from tfstab.search.summary import SearchSummary
from tfstab.training.trainer import TrainingResult

NOISE = SweepConfig(sigmas=(40, 10), copies=4)
# Copies of each image that are right, at sigma 40 and at sigma 10; the last image is wrong when clean.
RIGHT, LABELS, CLEAN = np.array([[2, 4], [0, 3], [4, 4], [1, 1]]), [0, 0, 1, 1], [0, 0, 1, 2]


def copies(right, labels=LABELS):
    return np.where(np.arange(4) < right[:, :, None], np.reshape(labels, (-1, 1, 1)), 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two sweeps of one network, a sweep and a search of others."""
    path = tmp_path_factory.mktemp("runs")
    made_sweep(path / "all" / "noise", NOISE, copies(RIGHT), LABELS, CLEAN)
    blur = SweepConfig(degradation="gaussian_blur", severities=(1, 2))
    made_sweep(path / "all" / "blur", blur, copies(RIGHT)[:, :, :1], LABELS, CLEAN)
    made_search(path / "all" / "search", [10, np.inf, 30, 0], LABELS, CLEAN)
    made_sweep(path / "other", NOISE, copies(np.minimum(RIGHT, 2)), LABELS, CLEAN, name="other")
    made_search(path / "better", [20, 40, 60, 0], LABELS, CLEAN, name="better")
    return path


@pytest.fixture(scope="module")
def sweep(folder):
    return sweeps_in([folder / "all" / "noise"])[0]


def test_a_sweep_in_a_few_lines(sweep):
    ends = mean_interval(RIGHT.mean(axis=1) / 4)
    low, high = math.floor(100 * ends[0]), math.ceil(100 * ends[1])
    assert sweep.summary().splitlines() == [
        "noise sweep of made on made (test), 4 images",
        "clean accuracy: 75 % (30–96)",
        f"accuracy (top-1) over all noise: 59 % ({low}–{high}) of 32 degraded images",
        *sweep.summary().splitlines()[3:-1],
        "weakest class: 0, recall 56.2 %",
    ]
    assert sweep.summary().splitlines()[3].startswith("sigma50 (half of the clean accuracy): ")


def test_a_sweep_as_a_table_of_severities(sweep):
    frame = sweep.to_pandas()
    assert frame.index.name == "severity" and frame.index.tolist() == [40, 10]
    assert frame["accuracy"].tolist() == [7 / 16, 12 / 16]
    assert frame["clean_correct_accuracy"].tolist() == [6 / 12, 11 / 12]
    for name, images in (("accuracy", 4), ("clean_correct", 3)):
        ends = frame[[f"{name}_low", f"{name}_high"]].to_numpy().T
        np.testing.assert_allclose(ends, mean_interval(RIGHT[:images] / 4))
    assert frame[["accuracy_kept", "accuracy_kept_low"]].isna().all(axis=None), "only three images are right when clean"
    assert frame["images"].tolist() == [4, 4] and frame["degraded_images"].tolist() == [16, 16]
    np.testing.assert_allclose(frame["psnr"], sweep.measures.psnr)
    np.testing.assert_allclose(frame["calibration_error"], sweep.measures.calibration.error)
    html = sweep._repr_html_()
    assert html.startswith("<p>noise sweep of made on made (test), 4 images<br>") and "<td>0.4375" in html


def test_the_plot_of_a_sweep_is_its_accuracy_curve(sweep):
    axis = sweep.plot().axes[0]
    accuracy, right, clean = (line.get_ydata() for line in axis.lines)
    np.testing.assert_allclose(accuracy, [75, 43.75])  # in the order of the axis, from sigma 10 on
    np.testing.assert_allclose(right, [1100 / 12, 50])
    np.testing.assert_allclose(clean, 75)
    corners = axis.collections[0].get_paths()[0].vertices
    low, high = 100 * mean_interval(RIGHT[:, 0] / 4)
    at_40 = corners[corners[:, 0] == 40, 1]
    assert (at_40.min(), at_40.max()) == pytest.approx((low, high))
    assert axis.get_xlabel() == "sigma of the noise, grey levels" and axis.get_title() == "made: noise sweep"
    assert len(sweep.plot(0).axes) == 3  # the clean image and a copy at each sigma


def test_a_notebook_shows_a_plot_although_pyplot_is_not_imported(sweep):
    for figure in (sweep.plot(), sweep.plot(0), accuracy_figure([sweep])):
        assert figure._repr_png_().startswith(b"\x89PNG")


def test_an_axis_of_falling_severities_runs_from_mild_to_strong(tmp_path):
    jpeg = SweepConfig(degradation="jpeg", severities=(90, 10))
    axis = made_sweep(tmp_path / "run", jpeg, np.zeros((2, 2, 1), int)).plot().axes[0]
    assert axis.get_xlim()[0] > axis.get_xlim()[1]


def test_a_search_counts_only_images_that_needed_noise(folder):
    search = open_run(folder / "all" / "search")
    assert search.summary().splitlines() == [
        "minimum noise of made on made (test), 4 images",
        "Noise was found for 2 of the 3 images that needed it.",
        "1 further image is misclassified when clean and needs none.",
        "L2 of the minimum noise in grey levels: median 30.0, quartiles 10.0 and not reached; median PSNR "
        f"{20 * np.log10(255 / 15):.1f} dB.",
        "300 degraded images were scored.",
    ]
    assert SearchSummary.of(search).to_json() == {
        "images": 4, "images_given": 4, "needed_noise": 3, "found": 2,
        "l2": {"lower_quartile": 10, "median": 30, "upper_quartile": None, "median_low": 0, "median_high": None},
        "median_psnr": pytest.approx(20 * np.log10(255 / 15)), "queries": 300, "gradients": 0,
    }  # fmt: skip
    needless = SearchSummary.of(result for result in search if not result.needed_noise)
    assert needless.lines()[0] == "Noise was found for 0 of the 0 images that needed it."
    assert needless.to_json()["l2"]["median"] is None
    assert SearchSummary.of([]).lines() == ["No image has been searched yet."]
    assert [result.summary() for result in search] == [
        "image 0, class 0: taken for 1 with noise of L2 10.0 grey levels (PSNR 34.2 dB), found in 100 queries (stopped "
        "by: converged).",
        "image 1, class 0: no noise was found in 100 queries (stopped by: queries).",
        "image 2, class 1: taken for 2 with noise of L2 30.0 grey levels (PSNR 24.6 dB), found in 100 queries (stopped "
        "by: converged).",
        "image 3, class 1: misclassified as 2 when clean, so it needs no noise.",
    ]
    assert "class cat" in next(iter(search)).summary(("cat", "dog", "ox"))


def test_a_comparison_in_sentences(folder, sweep):
    first, second, third, last = compare(sweep, open_run(folder / "other")).summary().splitlines()
    assert first.startswith("Clean accuracy 75.00 % ('made') and 75.00 % ('other') on 4 images, a difference")
    assert second.startswith("Over all noise 59.38 % and 37.50 %, a difference (second less first) of -21.88 points (")
    assert third.startswith("With 95 % confidence, 'other' is at most 96.1 points less accurate than 'made' on clean")
    assert last.startswith("All this is about these two networks, not about how they were trained: two networks")
    lines = compare(open_run(folder / "all" / "search"), open_run(folder / "better")).summary().splitlines()
    assert lines[1].startswith(
        "The median L2 of the noise found is 20.0 grey levels ('made') and 40.0 grey levels ('better'), over the 2 "
        "images that both get right when clean and find noise for. The median of these images' own ratios, 'better' "
        "over 'made', is 2.000"
    )
    assert lines[2] == "Left out, because no noise was found: 1 image of 'made', 0 of 'better'."


def test_robustness_in_a_few_lines_and_as_a_table(folder, sweep):
    r = Robustness(sweeps_in([folder / "all" / "noise", folder / "all" / "blur"]), [])
    lines = r.summary().splitlines()
    assert lines[0] == "made, 2 degradations, 4 images" and lines[1].startswith("clean accuracy: 75 % (")
    assert lines[2:] == ["mean accuracy kept: not known, as fewer than 5 of the images are right when clean"]
    frame = r.to_pandas()
    assert frame.index.tolist() == ["gaussian_noise", "gaussian_blur"]
    assert frame.loc["gaussian_noise", "accuracy"] == pytest.approx(19 / 32)
    assert (
        (frame["accuracy_low"] <= frame["accuracy"]).all()
        and frame["accuracy_kept"].isna().all()
        and "corruption_error" not in frame
    )
    compared = Robustness([sweep], [open_run(folder / "other")])
    assert compared.summary().splitlines()[-1].startswith("mean corruption error, compared with other: 65 % (")
    assert compared.to_pandas().loc["gaussian_noise", "corruption_error"] == pytest.approx(13 / 20)
    assert "<td>0.65" in compared._repr_html_()


def test_searches_in_a_folder_are_left_out_of_robustness(folder, capsys):
    assert [run.path.name for run in sweeps_in([folder / "all"])] == ["blur", "noise"]
    assert f"not sweeps, and left out: search (search) in {folder / 'all'}" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(InputError, match="search is a search run; expected sweeps"):
        sweeps_in([folder / "all" / "search"])


def test_a_folder_of_searches_alone_has_no_robustness(tmp_path):
    made_search(tmp_path / "one", [10, 20])
    made_search(tmp_path / "two", [10, 20])
    with pytest.raises(InputError, match=r"has no sweep, only one \(search\), two \(search\); expected sweeps"):
        sweeps_in([tmp_path])


def test_a_training_in_a_few_lines():
    measured = {"correct": 9, "images": 10, "accuracy": 0.9, "interval_95": [0.6, 0.98]}
    card = {
        "name": "tiny", "parameters": 1234, "data": {"training": {"name": "digits", "images": 5000}},
        "accuracy": {"validation": measured, "test": measured}, "epochs_run": 4, "best_epoch": 3,
    }  # fmt: skip
    result = TrainingResult(None, card, [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    assert result.summary().splitlines() == [
        "tiny, 1,234 parameters, trained on 5,000 images of digits",
        "best of 4 epochs: 3",
        "validation accuracy: 90 % (60–98), 9 of 10 images",
        "test accuracy: 90 % (60–98), 9 of 10 images",
    ]
    assert result.to_pandas()["loss"].tolist() == [0.5, 0.25]
    ensemble = {key: card[key] for key in ("name", "parameters", "data")} | {"accuracy": {"test": measured}}
    assert len(TrainingResult(None, ensemble, []).summary().splitlines()) == 2
