"""Results turn into data frames and pictures, and a run knows how long each search took."""

import os
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy_networks import curved, images_of
from rich.progress import Progress

from tfstab import SearchConfig, open_run, run_search, search_minimum_noise
from tfstab.cli.search_watch import SearchWatch
from tfstab.report.run_files import run_section
from tfstab.report.tables import search_class_table
from tfstab.runs import CleanImages
from tfstab.search import run as run_module
from tfstab.search.part import problem_of
from tfstab.search.result import MinimumNoise


@pytest.fixture(scope="module")
def run(mnist_lenet, few_digits, tmp_path_factory):
    return run_search(mnist_lenet, few_digits, SearchConfig(max_queries=500), tmp_path_factory.mktemp("run") / "run")


def test_a_result_says_the_same_in_every_unit(run):
    for result in run:
        assert result.l2_unit == pytest.approx(np.linalg.norm(result.noise.astype(np.float64) / 255), rel=1e-6)
        assert result.linf == np.abs(result.degraded - result.clean).max()
        assert (result.seconds > 0) == (result.queries > 0)
        assert repr(result).startswith(f"MinimumNoise(image={result.image}, ") and len(repr(result)) < 120


def test_a_run_is_a_data_frame_with_a_row_an_image(run):
    frame = run.to_pandas()
    assert list(frame.index) == list(run.images)
    for result in run:
        row = frame.loc[result.image]
        assert (row.l2, row.predicted, row.queries) == (result.l2, result.predicted, result.queries)
        assert row.seconds == result.seconds
        assert row.clean_score == run.clean.scores[run.clean.row(result.image), result.class_index]
    assert f"<td>{frame.stop_reason.iloc[0]}</td>" in run._repr_html_()


def test_a_history_is_a_data_frame_with_a_row_a_generation(run):
    result = run.sample(int(run.images[0]))
    frame = result.to_pandas()
    assert len(frame) == result.generations and frame.index[0] == 1
    assert frame.norm.iloc[-1] == pytest.approx(result.l2, rel=1e-5)
    assert frame.best.is_monotonic_decreasing


def test_a_result_draws_itself(run):
    result = run.sample(int(run.images[0]))
    assert result._repr_png_().startswith(b"\x89PNG")
    assert len(result.plot(run.class_names).axes) == 4  # with the colour bar


def test_seconds_are_not_known_of_a_run_without_its_log(run, tmp_path):
    log = run.path / "log.jsonl"
    kept = log.read_text("utf-8")
    log.unlink()
    try:
        assert all(np.isnan(result.seconds) for result in run)
    finally:
        log.write_text(kept, "utf-8")


def test_to_look_at_each_result_lists_the_folder_and_reads_the_log_once(run, monkeypatch):
    counts = Counter()

    def counted(name, function):
        return lambda *a, **k: counts.update([name]) or function(*a, **k)

    monkeypatch.setattr(os, "scandir", counted("scandir", os.scandir))
    monkeypatch.setattr(run_module, "read_log", counted("log", run_module.read_log))
    opened = open_run(run.path)
    assert [opened.result(int(image)).image for image in run.clean.indices] == list(run.clean.indices)
    assert counts == {"scandir": 3, "log": 1}  # twice when it is opened, and once for all results


def test_a_torn_line_of_the_log_costs_no_other_seconds(run):
    log = run.path / "log.jsonl"
    kept, known = log.read_bytes(), [result.seconds for result in run]
    first, *others = kept.splitlines(keepends=True)
    log.write_bytes(first + b'{"time": 17, "ev\n\xff\x00\n' + b"".join(others))
    try:
        assert [result.seconds for result in run] == known
    finally:
        log.write_bytes(kept)


def test_the_report_sums_up_what_the_results_say(run):
    results = list(run)
    searched = [result for result in results if result.queries and result.found]
    section, l2 = run_section(run), np.array([result.l2 for result in searched])
    found, needed = sum(result.found for result in results), sum(result.queries > 0 for result in results)
    assert len(searched) == needed < 11  # of those that needed noise all were found
    assert section.lines[0] == f"Noise was found for {needed} of the {needed} images that needed it."
    assert needed == 10 and section.lines[1] == "1 further image is misclassified when clean and needs none."
    low, high = np.quantile(l2, (0.25, 0.75), method="inverted_cdf")
    between = f"(95 % interval {np.sort(l2)[1]:.1f} to {np.sort(l2)[-2]:.1f})"  # of ten images
    assert f"median {np.median(l2):.1f} {between}, quartiles {low:.1f} and {high:.1f}" in section.lines[2]
    assert section.lines[3] == f"{sum(result.queries for result in results):,} degraded images were scored."
    assert len(section.parts[0].figure.axes) == 3 * min(10, found) * -(-found // 10) + 1  # with the colour bar


def test_the_bar_of_a_resumed_search_begins_with_what_is_done(run, tmp_path):
    for path, done in ((run.path, len(run)), (tmp_path / "new", 0)):
        (task,) = SearchWatch(Progress(disable=True), 20, path).bar.tasks
        assert (task.completed, task.total) == (done, 20)


def test_the_table_of_classes_agrees_with_the_data_frame(run):
    frame = run.to_pandas()
    *rows, together = search_class_table(run, run.class_names).rows
    needed = frame[frame.queries > 0]
    assert 0 < len(needed) < len(frame)
    by_class = needed.assign(l2=needed.l2.where(needed.found, np.inf)).groupby("class_index")
    with_images = [row for row in rows if row[1]]
    assert [row[1:3] for row in with_images] == list(zip(by_class.size(), by_class.found.sum(), strict=True))
    pd.testing.assert_series_equal(
        pd.Series([r[3] for r in with_images]), by_class.l2.median().reset_index(drop=True), check_names=False
    )
    assert together[1:3] == (len(needed), needed.found.sum())


def test_a_result_says_what_it_is():
    network = curved()
    images, labels = images_of(network, 1)
    (result,) = search_minimum_noise(network, images, labels, SearchConfig(max_queries=300))
    np.testing.assert_array_equal(result.degraded, np.clip(images[0] + result.noise, 0, 255))
    for far, end in ((300, 255), (-300, 0)):  # noise of a run folder from anybody
        assert (replace(result, noise=np.full_like(result.noise, far)).degraded == end).all()
    assert result.predicted == network.scores(result.degraded[None]).argmax()
    others = np.delete(result.scores, labels[0])
    assert result.margin == pytest.approx(float(others.max() - result.scores[labels[0]]))
    assert (result.score, result.true_score) == (result.scores.max(), result.scores[labels[0]])
    assert result.linf == np.abs(result.noise).max() and result.l2_unit == result.l2 / 255
    assert result.psnr == pytest.approx(20 * np.log10(255 * 8 / result.l2))
    assert f"found, predicted={result.predicted}, l2={result.l2:.1f}, queries=401)" in repr(result)
    assert "not found, queries=401)" in repr(replace(result, found=False))
    figures = result.figures()
    assert list(figures) == [
        "image", "class_index", "needed_noise", "found", "predicted", "score", "true_score", "margin", "objective",
        "norm", "size", "size_uint8", "l2", "l2_unit", "l2_uint8", "linf", "l1", "l0", "psnr", "queries", "gradients",
        "generations", "seconds", "stop_reason",
    ]  # fmt: skip
    assert all(figures[name] == getattr(result, name) for name in figures)
    clean = CleanImages(images, labels, np.arange(1), network.scores(images))
    assert problem_of(result, clean, 0, None, "l2") is None
    for other in (
        replace(result, clean=result.clean[:4]),
        replace(result, clean_scores=result.clean_scores[:3]),
        replace(result, class_index=(result.class_index + 1) % 4),
        replace(result, history=result.history[:, :3]),
        replace(result, norm="linf"),
        replace(result, size_uint8=255.0 * 9),
    ):
        assert problem_of(other, clean, 0, None, "l2")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"noise": [0, 0, 0, -1.1e-3]}, "leads out"), ({"noise": [0.5, 0, 0, 0]}, "leads out"),
        ({"size_uint8": 1020.5}, "8-bit norm"), ({"l2_uint8": 510.5}, "8-bit norm"),
        ({"l2_uint8": -1e-9}, "8-bit norm"), ({"noise": [0, -1.5e-3, 0, 255]}, "leads out"),
        ({"queries": 10**12 + 1}, "its queries"), ({"queries": -1}, "its queries"),
        ({"generations": 10**12 + 1}, "its queries"), ({"generations": 0}, "its queries"),
        ({"repair_queries": 10**12 + 1}, "its repair's"), ({"gradients": 10**12 + 1}, "its gradients"),
        ({"history": [[1, 2, 3, np.nan]]}, "its history"), ({"stop_reason": "x" * 101}, "its stop_reason"),
        ({"stop_reason": "a\nb"}, "its stop_reason"),
    ],
)  # fmt: skip
def test_what_is_read_may_reach_each_limit_and_not_exceed_it(wrong, said):
    """Noise goes to the ends of the grey levels and 1e-3 beyond, norms from 0 to that of four values of 255."""
    image, scores = np.array([255, 0, 0, 0], np.uint8).reshape(2, 2, 1), np.array([0.3, 0.7], np.float32)
    clean = CleanImages(image[None], np.array([0]), np.arange(1), np.array([[0.0, 0.9]], np.float32))
    result = MinimumNoise(
        0, 0, True, image, noise_of([1e-3, 255, 0, -1e-3]), scores, np.array([0.1, 0.9], np.float32), 510.0, 1.0,
        10**12, 10**12, "x" * 100, np.ones((1, 4)), repair_queries=10**12, gradients=10**12, norm="l1",
        size_uint8=1020.0,
    )  # fmt: skip
    assert problem_of(result, clean, 0, None, "l1") is None
    least = replace(result, l2_uint8=0.0, size_uint8=0.0, queries=0, repair_queries=0, gradients=0, generations=1)
    assert problem_of(least, clean, 0, None, "l1") is None
    arrays = {"noise": noise_of, "history": np.array}
    changed = {name: arrays.get(name, type(value))(value) for name, value in wrong.items()}
    assert said in problem_of(replace(result, **changed), clean, 0, None, "l1")
    assert "shape" in problem_of(replace(result, noise=result.noise[:, :1]), clean, 0, None, "l1")


def noise_of(values):
    return np.array(values, np.float32).reshape(2, 2, 1)
