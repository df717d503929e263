"""A sweep's tables, files and figures, and `tfstab inspect`, say what the measures are."""

import csv
import json
import math
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from processes import refused, tfstab_here
from tfstab import Classifier, SearchConfig, SweepConfig, run_sweep, search_minimum_noise
from tfstab.metrics.shares import rounded
from tfstab.report import (
    accuracy_figure,
    certificate_table,
    class_curves_figure,
    class_severity_table,
    confusion_by_severity_table,
    severity_table,
    sweep_json,
    triples_figure,
    weakest_classes_table,
    weakest_images_table,
)
from tfstab.report.sweep_image_tables import image_facts
from tfstab.report.sweep_tables import headline


def test_accuracies_by_sigma(small_sweep):
    clean, *rows = severity_table(small_sweep).records()
    assert clean["sigma"] == "clean" and clean["copies"] == 11 and clean["accuracy"] == pytest.approx(1000 / 11)
    for row, entry in zip(rows, small_sweep.accuracy_by_severity(), strict=True):
        assert row["sigma"] == f"{entry.severity:g}" and row["accuracy"] == pytest.approx(100 * entry.accuracy)
        assert row["accuracy from"] <= row["accuracy"] <= row["accuracy to"]
        assert row["still right"] == pytest.approx(100 * entry.accuracy_of_clean_correct)
        assert 0 <= row["ECE"] <= 100


def test_classes_weakest_first_and_by_sigma(small_sweep):
    table = weakest_classes_table(small_sweep)
    metrics = small_sweep.class_metrics()
    recall = [row["recall"] for row in table.records()]
    assert recall == sorted(recall) and len(recall) == 10
    for row in table.records():
        assert row["precision"] == pytest.approx(metrics.precision[row["class"]], nan_ok=True)
        assert row["recall from"] <= row["recall"] <= row["recall to"]
    assert weakest_classes_table(small_sweep, 3).records() == table.records()[:3]
    by_sigma = class_severity_table(small_sweep).records()
    assert len(by_sigma) == 4 * 10
    for row in by_sigma:
        assert row["recall"] == small_sweep.class_metrics(row["sigma"]).recall[row["class"]]


def test_sigmas_between_grey_levels_are_printed_in_full(mnist_lenet, few_digits, tmp_path):
    run = run_sweep(mnist_lenet, few_digits.take(2), SweepConfig(sigmas=(0.25, 120.5), copies=3), tmp_path)
    table = weakest_images_table(run, clean_correct=False).only("a copy fails at")
    printed = {value for row in table.text_rows() for value in row}
    assert "120.5" in printed and printed <= {"0", "0.25", "120.5", "–"}


def test_images_weakest_first(small_sweep):
    rows = weakest_images_table(small_sweep, clean_correct=False).records()
    assert len(rows) == 11 and rows[0]["a copy fails at"] == 0  # wrong when clean
    half = [math.inf if row["half fail at"] is None else row["half fail at"] for row in rows]
    assert half == sorted(half)
    assert len(weakest_images_table(small_sweep, 4).rows) == 4


def test_certified_radii_are_summed_up_and_say_of_what_they_speak(small_sweep):
    table = certificate_table(small_sweep)
    *rows, best = table.records()
    radii = small_sweep.measures.certified_radii()
    for row, r in zip(rows, radii.T, strict=True):
        assert row["certified %"] == pytest.approx(100 * (r > 0).mean())
        assert row["median L2"] == np.median(r) and row["largest L2"] == r.max() <= row["limit"]
    assert best["certified %"] == pytest.approx(100 * (radii.max(axis=1) > 0).mean())
    said = " ".join(table.notes)
    assert "smoothed classifier" in said and "no bound on the minimum noise of the network" in said
    assert "20 copies cannot certify more than" in said


def test_confusions_by_sigma_count_all_mistakes(small_sweep):
    rows = confusion_by_severity_table(small_sweep).records()
    for entry in small_sweep.accuracy_by_severity():
        here = [row for row in rows if row["sigma"] == entry.severity]
        assert sum(row["copies"] for row in here) == entry.total - entry.correct
        assert here == sorted(here, key=lambda row: -row["copies"])


def test_json_holds_everything_and_is_json(small_sweep):
    everything = json.loads(json.dumps(sweep_json(small_sweep), allow_nan=False))
    measures = small_sweep.measures
    assert everything["sigma50"]["value"] == measures.severity50
    assert everything["sigmas"] == list(small_sweep.severities)
    assert [row["image"] for row in everything["images"]] == measures.images[measures.weakest_images(False)].tolist()
    image = everything["images"][5]
    place = measures.images.tolist().index(image["image"])
    assert image["wrong_share"] == measures.wrong_share[place].tolist()
    assert image["certified_l2"] == measures.certified_radii()[place].tolist()
    assert "smoothed" in everything["certificate"]["meaning"]


def test_figures_have_a_band_and_a_curve_for_each(small_sweep):
    (axis,) = accuracy_figure([small_sweep]).axes
    assert len(axis.collections) == 2 and len(axis.lines) == 4  # with the clean accuracy and sigma50
    solid = next(line for line in axis.lines if line.get_linestyle() == "-")
    assert solid.get_xdata().tolist() == sorted(small_sweep.severities)
    panels = class_curves_figure(small_sweep).axes
    assert [p.get_title() for p in panels] == list(small_sweep.class_names)
    recall = small_sweep.measures.recall_by_severity[np.argsort(small_sweep.severities)]
    for k, panel in enumerate(panels):
        np.testing.assert_array_equal(panel.lines[0].get_ydata()[1:], recall[:, k])


def test_a_legend_of_long_names_stays_within_the_figure(small_sweep, mnist_lenet, few_digits, tmp_path):
    names = [f"an-ensemble-of-networks-for-signs/member-{k}" for k in range(2)]
    classifiers = [Classifier(mnist_lenet.model, name=name) for name in names]
    runs = [run_sweep(c, few_digits, small_sweep.config, tmp_path / c.name[-1]) for c in classifiers]
    figure = accuracy_figure(runs)
    figure.canvas.draw()
    (legend,) = figure.legends
    ends = legend.get_window_extent()
    assert ends.x0 >= 0 and ends.y0 >= 0 and ends.x1 <= figure.bbox.width
    told = [text.get_text() for text in legend.texts]
    assert [text.split(",")[0] for text in told[:2]] == names
    assert told[2:] == [
        "still right, of images right when clean", "clean accuracy", "half of the clean accuracy", "95 % interval",
    ]  # fmt: skip


def test_names_above_minimum_noise_do_not_run_into_each_other(mnist_lenet, few_digits):
    config = SearchConfig(max_queries=300)
    results = search_minimum_noise(mnist_lenet, few_digits.images[:4], few_digits.labels[:4], config)
    figure = triples_figure(results, ["Beware of ice or snow on the next miles of the road"] * 10)
    figure.canvas.draw()
    for row in range(3):
        titles = [axis.title.get_window_extent() for axis in figure.axes[4 * row : 4 * row + 4]]
        assert all(left.x1 < right.x0 for left, right in pairwise(titles))


def test_the_facts_of_one_image(small_sweep):
    measures = small_sweep.measures
    for place in (measures.weakest_images()[0], np.flatnonzero(~measures.clean_correct)[0]):
        facts = dict(image_facts(small_sweep, int(measures.images[place])).rows)
        right, taken_for = measures.clean_correct[place], small_sweep.class_names[measures.wrong_class[place]]
        assert facts["mostly taken for, over all severities" if right else "the others mostly taken for"] == taken_for
        if right:
            assert f"{measures.failing_severity()[place]:g}" in facts["a copy fails at"]
        else:
            share = rounded(float((measures.correct[place] / measures.total[place]).mean()))
            assert (
                facts["copies right, averaged over the severities"] == f"{share} %" and "a copy fails at" not in facts
            )
        assert ("certified L2, predicted class" in facts) == (not measures.clean_correct[place])


def test_inspect_shows_a_whole_sweep_and_writes_its_files(small_sweep, tmp_path):
    said = tfstab_here("inspect", small_sweep.path, "--out", tmp_path / "files")
    assert said.returncode == 0, said.stderr
    for line in headline(small_sweep):
        assert line in said.stdout
    assert len(said.stdout.splitlines()) < 80
    written = {path.name for path in (tmp_path / "files").iterdir()}
    assert {"sigmas.csv", "classes-by-sigma.csv", "images.csv", "accuracy.png", "class-curves.png"} <= written
    with (tmp_path / "files" / "images.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 11
    for name in ("accuracy.png", "class-curves.png"):
        with Image.open(tmp_path / "files" / name) as figure:
            assert min(figure.size) > 300 and len(set(np.asarray(figure.convert("L")).ravel())) > 20
    (tmp_path / "file").write_text("")
    assert "is a file" in refused(tfstab_here("inspect", small_sweep.path, "--out", tmp_path / "file"))


def test_inspect_shows_one_image_of_a_sweep(small_sweep):
    image = int(small_sweep.measures.images[small_sweep.measures.weakest_images()[0]])
    said = tfstab_here("inspect", small_sweep.path, "--image", image).stdout
    for words in ("a copy fails at", "half of the copies fail at", "mostly taken for", "certified L2", "no bound on"):
        assert words in said
