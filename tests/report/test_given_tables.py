"""Every number of a sweep's, a search's and a comparison's tables, from runs whose every prediction is given."""

import json
import math

import numpy as np
import pytest

from made_runs import made_search, made_sweep
from tfstab import SearchConfig, SweepConfig, open_run
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.degradations import get_degradation
from tfstab.errors import InputError
from tfstab.experiments.comparison_text import SAME_SEARCHED, SEARCHED, UNREFINED
from tfstab.experiments.robustness import Robustness
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.report import (
    Table,
    class_severity_table,
    confusion_by_severity_table,
    severity_table,
    sweep_json,
    sweep_tables,
    weakest_classes_table,
    weakest_images_table,
)
from tfstab.report.class_tables import class_table
from tfstab.report.comparison_json import comparison_json
from tfstab.report.comparison_report import comparison_report, headline, tables
from tfstab.report.robustness_tables import robustness_json, robustness_table
from tfstab.report.run_files import run_section
from tfstab.report.sweep_files import save_sweep_files
from tfstab.report.sweep_image_tables import image_facts, image_table
from tfstab.report.sweep_tables import certificate_table
from tfstab.report.sweep_tables import headline as sweep_headline
from tfstab.report.tables import search_class_table, search_table

CONFIG = SweepConfig(sigmas=(40, 10), copies=4)
LABELS, CLEAN = [0, 0, 1, 1, 0], [0, 0, 1, 2, 0]
PREDICTED = np.array(
    [
        [[0, 0, 1, 2], [0, 0, 0, 0]],
        [[1, 1, 1, 2], [0, 0, 0, 1]],
        [[1, 0, 0, 0], [1, 1, 1, 1]],
        [[0, 0, 2, 2], [2, 2, 2, 1]],
        [[0, 0, 0, 0], [0, 0, 0, 0]],
    ]
)
WILSON = (0.375535, 0.963769)  # of 4 in 5


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Five images of two classes, the fourth wrong when clean; a third class has none. Its sigmas fall."""
    psnr = np.broadcast_to(np.array([[[10, 10, 10, 20]]]), (5, 1, 4)) + np.array([[[0], [20]]])
    folder = tmp_path_factory.mktemp("given")
    return made_sweep(folder / "run", CONFIG, PREDICTED, LABELS, CLEAN, indices=[3, 9, 4, 8, 30], psnr=psnr)


def test_accuracy_by_severity(run):
    clean, strong, mild = severity_table(run).records()
    assert (clean["sigma"], clean["PSNR"], clean["copies"], clean["accuracy"]) == ("clean", None, 5, 80)
    assert (clean["accuracy from"], clean["accuracy to"]) == pytest.approx([100 * x for x in WILSON], abs=1e-3)
    assert clean["still right"] == clean["still right from"] == clean["still right to"] == 100
    assert clean["ECE"] == pytest.approx(10)  # all scores are 0.7, and four of five are right
    assert (strong["sigma"], strong["copies"], strong["accuracy"]) == ("40", 20, 35)
    assert (strong["still right"], mild["still right"]) == (43.75, 93.75)
    assert (strong["ECE"], mild["ECE"]) == pytest.approx((35, 10))
    # Of the mean squared error: three errors of 10 dB and one of 20.
    assert (strong["PSNR"], mild["PSNR"]) == pytest.approx([k - 10 * math.log10(3.1 / 4) for k in (10, 30)], abs=1e-4)
    table = severity_table(run)
    assert table.notes[0].startswith(
        "Accuracies and ECE (expected calibration error) in %. Still right: of the 4 images (of 5) that are right when "
        "clean. Sigma in grey levels; PSNR"
    )
    assert table.text_rows()[1][:4] == ["40", "11.1", "20", "35.00"] and table.text_rows()[1][-1] == "35.00"


def test_classes_the_weakest_first(run, monkeypatch):
    few = weakest_classes_table(run)
    assert few.notes == ("No sigma50 of classes with fewer than 10 images right when clean.",)
    assert [row["sigma50"] for row in few.records()] == [None, None]
    monkeypatch.setattr(sweep_tables, "FEWEST", 1)
    worst, best = weakest_classes_table(run).records()
    assert (worst["class"], worst["name"], worst["copies"], worst["mostly as"]) == (1, "1", 16, "0")
    assert (worst["clean recall"], worst["recall"], worst["precision"]) == pytest.approx((0.5, 6 / 16, 6 / 11))
    assert (best["class"], best["clean recall"], best["recall"]) == pytest.approx((0, 1, 17 / 24))
    assert best["precision"] == pytest.approx(17 / 22) and best["mostly as"] == "1"
    # Recall 1 is 0.5 clean, 5/8 at sigma 10 and 1/8 at 40, so 0.25 on the way; of 0 it is 6/12 at 40.
    assert worst["sigma50"] == pytest.approx(10 + 30 * (5 / 8 - 1 / 4) / (1 / 2)) and best["sigma50"] == 40
    table = class_table("Given", run.measures.class_metrics(), run.class_names, ("Another.",))
    assert table.notes == (
        "– as precision: no image was taken for this class. – as recall: it has no images.",
        "Another.",
    )
    every = table.text_rows()
    assert every == [
        ["0", "0", "0.7727", "0.7083", "24"],
        ["1", "1", "0.5455", "0.3750", "16"],
        ["2", "2", "0.0000", "–", "0"],
    ]
    few = weakest_classes_table(run, 1)
    assert few.notes == ("The first 1 of 2 classes; tfstab inspect RUN --json has all.",) and len(few.rows) == 1
    assert weakest_classes_table(run, 2).notes == ()
    assert few.text_rows()[0][3:5] == ["0.5000", "0.5455"] and few.text_rows()[0][-2] == "32.5"


def test_classes_by_severity(run):
    rows = class_severity_table(run).records()
    assert [(row["sigma"], row["class"], row["copies"]) for row in rows] == [
        (40, 0, 12), (40, 1, 8), (10, 0, 12), (10, 1, 8)
    ]  # fmt: skip
    names = ("precision", "recall", "precision, right when clean", "recall, right when clean")
    told = [[row[name] for name in names] for row in rows]
    expected = [[6 / 11, 6 / 12, 6 / 9, 6 / 12], [1 / 5, 1 / 8, 1 / 5, 1 / 4], [1, 11 / 12, 1, 11 / 12],
                [5 / 6, 5 / 8, 4 / 5, 1]]  # fmt: skip
    np.testing.assert_allclose(told, expected)
    for row in rows:
        assert row["recall from"] <= row["recall"] <= row["recall to"]


def test_numbers_are_printed_with_the_decimals_of_their_column(run, monkeypatch):
    """Of accuracies and ECE in % two, of shares four, of L2 and PSNR one; with intervals by numbers of images above."""
    assert severity_table(run).text_rows()[1] == [
        "40", "11.1", "20", "35.00", "4.69", "79.51", "43.75", "6.06", "88.39", "35.00",
    ]  # fmt: skip
    monkeypatch.setattr(sweep_tables, "FEWEST", 1)
    assert weakest_classes_table(run).text_rows()[0] == [
        "1", "1", "16", "0.5000", "0.5455", "0.0540", "0.9703", "0.3750", "0.0058", "0.9541", "32.5", "0",
    ]  # fmt: skip
    assert class_severity_table(run).text_rows()[0] == [
        "40.00", "0", "0", "12", "0.5455", "0.1056", "0.9343", "0.5000", "0.0474", "0.9526", "0.6667", "0.0895",
        "0.9924", "0.5000", "0.0474", "0.9526",
    ]  # fmt: skip
    assert image_table(run, 3).text_rows() == [
        ["40", "10.0", "4", "50.00", "1", "0.400", "0.100"],
        ["10", "30.0", "4", "0.00", "–", "0.700", "0.700"],
    ]


def test_shares_are_printed_in_percent_where_asked_for():
    given = Table("shares", ("name", "ECE", "score"), [("a", 0.25, 0.5), ("b", None, 1.0)], ["A note."])
    table = given.in_percent("ECE", "lacking")
    assert table.rows == [["a", 25, 0.5], ["b", None, 1.0]] and tuple(table.notes) == ("A note.", "In %: ECE.")
    assert table.text_rows() == [["a", "25.00", "0.50"], ["b", "–", "1.00"]] and given.rows[0] == ("a", 0.25, 0.5)


def test_confusions_the_most_frequent_first(run):
    rows = [tuple(row.values()) for row in confusion_by_severity_table(run).records()]
    assert rows == [(40, 1, 0, 5, 3), (40, 0, 1, 4, 4), (40, 0, 2, 2, 2), (40, 1, 2, 2, 0), (10, 1, 2, 3, 0),
                    (10, 0, 1, 1, 1)]  # fmt: skip


def test_images_the_weakest_first(run):
    table = weakest_images_table(run)
    assert [row[:6] for row in table.text_rows()] == [
        ["9", "0", "1", "10", "40", "62.50"], ["4", "1", "0", "40", "40", "37.50"],
        ["3", "0", "1", "40", "40", "25.00"], ["30", "0", "–", "–", "–", "0.00"],
    ]  # fmt: skip
    assert table.notes[0].endswith("Of the 4 images that are right when clean; 1 other is wrong.")
    everything = weakest_images_table(run, 2, clean_correct=False)
    assert [row[0] for row in everything.rows] == [8, 9] and everything.rows[0][4:7] == (0, 0, 87.5)
    assert everything.columns[2] == "predicted clean" and everything.rows[0][1:3] == ("1", "2")
    assert "wrong when clean fails at sigma 0, which leaves it unchanged." in everything.notes[0]
    assert "wrong when clean" not in table.notes[0]
    assert everything.notes[1] == "The first 2 of 5 images; tfstab inspect RUN --json has all."
    assert "right when clean" not in everything.notes[0]


def test_the_images_that_tie_at_the_top_are_counted(tmp_path):
    config = SweepConfig(degradation="jpeg", severities=(10,), copies=1)
    score = [0.9, 0.8, 0.99, 0.7]
    run = made_sweep(tmp_path / "run", config, [[[1]], [[1]], [[0]], [[1]]], clean_score=score)
    table = weakest_images_table(run, 1)
    assert [row[0] for row in weakest_images_table(run).rows] == [3, 1, 0, 2] and table.rows[0][0] == 3
    assert table.notes[1] == "The weakest 3 images tie; the lowest clean score of the true class comes first."


def test_radii_below_a_grey_level_are_certified_too(tmp_path):
    config = SweepConfig(sigmas=(0.1, 0.2), copies=40)
    run = made_sweep(tmp_path / "run", config, np.zeros((2, 2, 40), int))
    assert [row["certified %"] for row in certificate_table(run).records()] == [100, 100, 100]


def test_certified_radii(tmp_path):
    config = SweepConfig(sigmas=(10, 20), copies=40)
    right = np.array([[40, 40], [40, 0], [0, 40], [0, 0]])[:, :, None]
    run = made_sweep(tmp_path / "run", config, np.where(np.arange(40) < right, 0, 1), clean=[0, 0, 1, 1])
    cap = run.measures.largest_certifiable()
    mild, strong, best = (tuple(row.values()) for row in certificate_table(run).records())
    assert mild == pytest.approx(("10", 50, 5 * cap, 10 * cap, 10 * cap))
    assert strong == pytest.approx(("20", 50, 10 * cap, 20 * cap, 20 * cap))
    assert best == pytest.approx(("best", 75, 15 * cap, 20 * cap, 20 * cap))
    assert certificate_table(run).text_rows()[0] == ["10", "50.00", "4.7", "9.4", "9.4"]
    of_clean = [row["certified %"] for row in certificate_table(run, "clean").records()]
    assert of_clean == [100, 50, 100]
    assert "40 copies cannot certify more than" in certificate_table(run).notes[0]
    facts = dict(image_facts(run, 3).rows)
    assert facts["certified L2, true class"] == "abstains at every sigma"
    radius = f"{20 * cap:.1f} grey levels, at sigma 20, of the smoothed classifier"
    assert facts["certified L2, predicted class"] == radius
    assert "certified L2, predicted class" not in dict(image_facts(run, 0).rows)
    assert [row["certified L2"] for row in image_table(run, 1).records()] == pytest.approx([10 * cap, 0])
    weakest = {row["image"]: row for row in weakest_images_table(run, clean_correct=False).records()}
    found = [(weakest[k]["certified L2"], weakest[k]["certified at"]) for k in range(4)]
    assert found == [pytest.approx(pair) for pair in [(20 * cap, 20), (10 * cap, 10), (20 * cap, 20), (0, None)]]
    texts = [row[-2:] for row in weakest_images_table(run).text_rows()]
    assert ["9.4", "10"] in texts and image_table(run, 1).text_rows()[0][-1] == "9.4"


def test_an_image_without_a_class_has_no_score_of_a_true_one(run, monkeypatch):
    monkeypatch.setitem(run.info["data"], "remarks", AS_PREDICTED)
    facts = dict(image_facts(run, 9).rows)
    assert (
        facts["true class"] == "unknown; the prediction when clean counts as right"
        and "true class's score" not in facts
    )
    assert list(image_table(run, 9).columns) == ["sigma", "median PSNR", "copies", "wrong %", "mostly as"]
    assert image_table(run, 9).text_rows()[0] == ["40", "10.0", "4", "100.00", "1"]


def test_one_image(run):
    rows = [tuple(row.values()) for row in image_table(run, 9).records()]
    # Three of the four copies at sigma 40 are taken for 1, one for 2; a copy's true score is 0.1 where it is wrong.
    assert rows[0] == pytest.approx(("40", 10, 4, 100, "1", 0.1, 0.1))
    assert rows[1] == pytest.approx(("10", 30, 4, 25, "1", (0.7 * 3 + 0.1) / 4, 0.1))
    assert image_table(run, 30).records()[0]["mostly as"] is None
    assert dict(image_facts(run, 9).rows) == {
        "true class": "0", "predicted clean": "0 (0.700)", "true class's score": "0.700",
        "a copy fails at": "sigma 10", "half of the copies fail at": "sigma 40",
        "mostly taken for, over all severities": "1",
    }  # fmt: skip
    half, as_first = dict(image_facts(run, 3).rows), dict(image_facts(run, 4).rows)
    assert half["half of the copies fail at"] == "sigma 40"  # two of four
    assert as_first["mostly taken for, over all severities"] == "0"
    wrong, never = dict(image_facts(run, 8).rows), dict(image_facts(run, 30).rows)
    assert wrong["predicted clean"] == "2 (0.700)" and wrong["true class's score"] == "0.150"
    told = (
        wrong["right at"],
        wrong["copies right, averaged over the severities"],
        wrong["the others mostly taken for"],
    )
    assert told == ("–", "12 %", "2") and "a copy fails at" not in wrong
    assert never["a copy fails at"] == "never fails" and never["mostly taken for, over all severities"] == "–"


def test_common_noise_tells_when_each_copy_fails(tmp_path):
    config = SweepConfig(sigmas=(10, 20), copies=4, common_noise=True)
    run = made_sweep(tmp_path / "run", config, np.array([[[0, 0, 0, 1], [0, 0, 1, 1]], [[0] * 4, [0, 1, 1, 1]]]))
    assert dict(image_facts(run, 0).rows)["first to last copy fails at"] == "10, 10, 20, –, –"
    assert dict(image_facts(run, 1).rows)["first to last copy fails at"] == "20, 20, 20, 20, –"
    rows = weakest_images_table(run).text_rows()
    assert [(row[0], row[5]) for row in rows] == [("0", "–"), ("1", "20")]
    assert weakest_images_table(run).columns[5] == "median copy fails at"


def test_the_headline(run):
    accuracy, half, area, *_ = sweep_headline(run)
    ends = run.measures.intervals.overall
    low, high = math.floor(100 * ends[0]), math.ceil(100 * ends[1])
    assert accuracy == f"accuracy (top-1) over all noise: 57 % ({low}–{high}) of 40 degraded images"
    # Accuracy is 0.8 clean, 0.8 at sigma 10 and 0.35 at 40, so 0.4 at 10 + 30 * 8/9.
    assert half == (
        "sigma50 (half of the clean accuracy): 36.7 grey levels, without an interval, as fewer than 5 of the images "
        "are right when clean"
    )
    assert area.startswith("area under the curve (mean accuracy over sigma 0 to 40): 63 % (")


@pytest.mark.parametrize(
    ("predicted", "clean", "said"),
    [
        (0, 0, "not reached up to sigma 40"),
        (1, 1, "no image is right when clean"),
        (1, 0, "before sigma 10, the mildest tried"),
    ],
)
def test_where_half_of_the_clean_accuracy_is_not_reached(tmp_path, predicted, clean, said):
    run = made_sweep(tmp_path / "run", CONFIG, np.full((3, 2, 4), predicted), clean=[clean] * 3)
    assert sweep_headline(run)[1] == f"sigma50 (half of the clean accuracy): {said}"


def test_json_of_a_sweep(run):
    told = json.loads(json.dumps(sweep_json(run), allow_nan=False))
    assert (told["images_swept"], told["copies"], told["sigmas"], told["accuracy"]) == (5, 4, [40, 10], 0.575)
    family = {"name": "gaussian_noise", "parameter": "sigma", "unit": "grey levels", "neutral": 0, "clip": True}
    assert told["degradation"] == family
    assert told["sigma50"]["value"] == pytest.approx(10 + 30 * 8 / 9) and told["area_under_curve"]["value"] == 0.63125
    assert [row["image"] for row in told["images"]] == [8, 9, 4, 3, 30]
    image = {"image": 9, "class": 0, "predicted_clean": 0, "a_copy_fails_at": 10, "half_fail_at": 40, "mostly_as": 1,
             "wrong_share": [1, 0.25], "certified_l2": [0, 0], "certified_l2_of_predicted_clean": [0, 0],
             "largest_certified_l2": 0, "largest_certified_at_sigma": None}  # fmt: skip
    assert told["images"][1] == image
    assert [row["mostly_as"] for row in told["images"]] == [2, 1, 0, 1, None]
    assert told["images"][4]["a_copy_fails_at"] is None and told["images"][3]["half_fail_at"] == 40
    assert told["certificate"]["confidence"] == 0.999 and told["certificate"]["of"] == "label"
    assert [row["name"] for row in told["classes"]] == ["0", "1", "2"]


# --- searches ---


@pytest.fixture(scope="module")
def searches(tmp_path_factory):
    folder, inf = tmp_path_factory.mktemp("searches"), np.inf
    labels = [0, 0, 0, 1, 1]
    first = made_search(folder / "a", [10, 30, inf, 50, 0], labels, clean=[0, 0, 0, 1, 2])
    second = made_search(folder / "b", [20, 15, 10, inf, 8], labels, clean=labels, name="other")
    return first, second


def test_minimum_noise(searches):
    rows = search_table(searches[0], "ABC").text_rows()
    assert [row[:5] for row in rows] == [
        ["0", "A", "B", "10.0", "0.039"], ["1", "A", "B", "30.0", "0.118"], ["2", "A", "not found", "–", "–"],
        ["3", "B", "C", "50.0", "0.196"], ["4", "B", "C", "–", "–"],
    ]  # fmt: skip
    assert rows[0][6] == f"{20 * math.log10(255 / 5):.2f}" and rows[0][7:] == ["0.55000", "100", "0", "converged"]
    (note,) = search_table(searches[0], "ABC").notes
    reasons = "queries (--max-queries was reached; more may find noise) or converged (the engine finished)."
    assert note.endswith(f"stop: why the search ended, {reasons}")
    assert rows[4][7:] == ["–", "0", "0", "misclassified when clean"] and rows[2][7:] == ["–", "100", "0", "queries"]


def test_minimum_noise_by_class_counts_only_images_that_needed_noise(searches):
    table, psnr = search_class_table(searches[0], "ABC"), [20 * math.log10(255 / half) for half in (15, 25)]
    assert table.columns == (
        "class", "images", "found", "median L2", "lower quartile", "upper quartile", "median PSNR", "falls to"
    )  # fmt: skip
    # Of class 0 the third image was not found and counts as the largest; the last image is wrong when clean.
    assert table.text_rows() == [
        ["A", "3", "2", "30.0", "10.0", "–", f"{psnr[0]:.2f}", "B (2)"],
        ["B", "1", "1", "50.0", "50.0", "50.0", f"{psnr[1]:.2f}", "C (1)"],
        ["all", "4", "3", "40.0", "10.0", "50.0", f"{(psnr[0] + psnr[1]) / 2:.2f}", "B (2), C (1)"],
    ]
    assert table.notes[1:] == [
        "Images misclassified when clean need no noise and are not counted: 1.",
        "An image for which no noise was found counts as needing more than all others.",
    ]
    assert table.records()[0]["upper quartile"] is None
    only = search_class_table([result for result in searches[0] if not result.needed_noise], "ABC")
    assert only.text_rows() == [["B", "0", "0", "–", "–", "–", "–", ""], ["all", "0", "0", "–", "–", "–", "–", ""]]
    assert len(only.notes) == 2


def test_of_what_images_are_taken_for_the_three_most_frequent_are_told(tmp_path):
    labels = [0, 1, 1, 2, 3]
    table = search_class_table(made_search(tmp_path / "run", np.ones(5), labels, classes=5), "ABCDE")
    assert [row[-1] for row in table.rows] == ["B (1)", "C (2)", "D (1)", "E (1)", "C (2), B (1), D (1)"]


def test_the_number_of_changed_values_has_no_decimals(tmp_path):
    run = made_search(tmp_path / "run", [8.0], config=SearchConfig(norm="l0"))
    assert search_table(run, "ABC").text_rows()[0][3] == "4" and "L0/255" not in search_table(run, "ABC").columns


def test_a_column_of_numbers_has_nothing_but_numbers():
    table = Table("Given", ("either", "numbers"), [("clean", 1), (2.5, None)])
    assert not table.is_numeric(0) and table.is_numeric(1) and r"\begin{tabular}{lr}" in table.latex()


def test_shares_of_the_grey_level_are_told_as_such(tmp_path):
    speckle = get_degradation("speckle")
    assert speckle.unit == "of the grey level"
    config = SweepConfig(degradation="speckle", severities=(0.1,), copies=1)
    note = severity_table(made_sweep(tmp_path / "run", config, np.zeros((1, 1, 1)))).notes[0]
    assert note.endswith(" Sigma as a multiple of the grey level; PSNR in dB, of the mean squared error of all images.")


def test_a_search_in_a_few_sentences(searches):
    section = run_section(searches[0])
    decibels = [20 * math.log10(255 / half) for half in (15, 25)]
    assert section.lines == [
        "Noise was found for 3 of the 4 images that needed it.",
        "1 further image is misclassified when clean and needs none.",
        "L2 of the minimum noise in grey levels: median 40.0, quartiles 10.0 and 50.0; median PSNR "
        f"{sum(decibels) / 2:.1f} dB.",
        "400 degraded images were scored.",
    ]
    assert [part.caption for part in section.parts if hasattr(part, "caption")] == [
        "Clean image, minimum noise and degraded image of the first 4"
    ]
    assert not section.warnings


# --- comparisons ---


def test_two_searches(searches):
    pair = SearchComparison(*searches)
    assert headline(pair)[1].startswith(
        "The median L2 of the noise found is 20.0 grey levels ('made') and 17.5 grey levels ('other'), over the 2 "
        "images that both get right when clean and find noise for. The median of these images' own ratios, 'other' "
        "over 'made', is 1.250 (too few images for an interval)."
    )
    assert headline(pair)[2] == "Left out, because no noise was found: 1 image of 'made', 1 of 'other'."
    (table,) = tables(pair)
    assert table.text_rows() == [["0", "2", "20.0", "17.5", "1.250", "–", "–"], ["1", "0", *["–"] * 5]]
    (told,) = comparison_json([pair])
    assert told["clean"]["images"] == 5 and told["clean"]["first"] == 0.8 and told["clean"]["second"] == 1
    assert told["mcnemar"] == {"only_first": 0, "only_second": 1, "p_value": 1}


@pytest.mark.parametrize(("first", "second"), [(np.inf, 9), (9, np.inf)])
def test_what_one_search_alone_did_not_find_is_told(tmp_path, first, second):
    pair = SearchComparison(made_search(tmp_path / "a", [5, first]), made_search(tmp_path / "b", [5, second], name="b"))
    missing = "1 image of 'made', 0 of 'b'" if first > 9 else "0 images of 'made', 1 of 'b'"
    assert headline(pair)[2:] == [f"Left out, because no noise was found: {missing}.", UNREFINED + SEARCHED]
    both = SearchComparison(pair.first, pair.first)
    assert len(headline(both)) == (4 if first > 9 else 3) and headline(both)[-1] == SAME_SEARCHED


def test_two_sweeps(run, tmp_path):
    config = SweepConfig(sigmas=(10, 20), copies=2)
    predicted = np.array([[[0, 1], [1, 1]], [[0, 0], [0, 0]], [[1, 1], [0, 0]], [[1, 1], [0, 0]]])
    # The same pictures in another order, and one that is not in the first run.
    other = made_sweep(tmp_path / "b", config, predicted, [0, 0, 1, 0], [1, 0, 1, 0], [30, 3, 4, 77], name="other")
    pair = SweepComparison(run, other)
    assert pair.images.tolist() == [3, 4, 30] and pair.severities == (10,)
    by_severity, by_class, _ = tables(pair)
    (row,) = by_severity.records()
    assert (row["sigma"], row["first"], row["difference"]) == ("10", 100, pytest.approx(-100 / 6))
    assert (row["first, right when clean"], row["difference, right when clean"]) == (100, 0)
    assert by_severity.notes[0] == "2 of 3 images are right when clean in both; in %."
    rows = [(r["class"], r["images"], r["first"], r["second"], r["difference"]) for r in by_class.records()]
    assert rows == [("0", 2, 100, 75, -25), ("1", 1, 100, 100, 0)]
    assert headline(pair)[0].startswith(
        "Clean accuracy 100.00 % ('made') and 66.67 % ('other') on 3 images, a difference (second less first) of "
        "-33.33 points (-100.00 to +100.00), undecided. Of these images, 1 is right with 'made' only, and none with "
        "'other' only (McNemar's exact test: p = 1)."
    )
    (told,) = comparison_json([pair])
    assert told["only_right"] == {"first": ["image 30"], "second": []}
    assert told["left_out"] == [
        "2 images of the first run are not in the other run and are left out.",
        "1 image of the second run is not in the other run and is left out.",
        "sigma 40 of the first run are left out.", "sigma 20 of the second run are left out.",
        "The first run has 4 copies of an image at each severity, the second 2.",
    ]  # fmt: skip
    page = comparison_report([pair])
    assert page.title == "2 runs compared" and len(page.sections) == 4
    assert page.sections[0].parts[0].caption == "Accuracy, each run on its own images"
    for table in (by_severity, by_class):
        assert "about the two is wrong. Each further network is decided by itself." in table.notes[-1]


def test_a_comparison_with_an_unfinished_run_says_so(run, tmp_path):
    config = SweepConfig(sigmas=(10, 40), copies=2)
    other = made_sweep(tmp_path / "b", config, np.zeros((2, 2, 2), int), [0, 0], [0, 1], [3, 30], name="other")
    finished = comparison_report([SweepComparison(run, other)]).sections[1].warnings
    assert not any("only what both" in warning for warning in finished)
    next((other.path / "parts").iterdir()).unlink()
    warnings = comparison_report([SweepComparison(run, open_run(other.path))]).sections[1].warnings
    said = "b has 1 copy of each of 2 images (2 planned): only what both runs have is compared."
    assert warnings[0] == said


ENDS = ("", " from", " to")


def test_robustness_against_a_baseline(tmp_path):
    config = SweepConfig(degradation="brightness", severities=(20, 40))
    predicted = np.array([[[0, 0], [0, 1], [1, 1], [0, 0]], [[0, 1], [1, 1], [0, 1], [1, 1]]])[..., None]
    predicted = np.tile(predicted, (1, 2, 1, 1))
    mine = made_sweep(tmp_path / "a", config, predicted[0], clean=[0, 0, 1, 0] * 2)
    other = made_sweep(tmp_path / "b", config, predicted[1], clean=[0] * 8, name="b")
    r = Robustness([mine], [other])
    row, mean = robustness_table(r).records()
    assert (row["degradation"], row["severity"]) == ("brightness", "shift (grey levels) 20 to 40")
    assert (row["accuracy"], row["accuracy kept"]) == pytest.approx((62.5, 62.5 / 0.75))
    assert row["CE"] == pytest.approx(50) == mean["CE"] and mean["accuracy"] == 62.5
    for name in ("accuracy", "accuracy kept"):  # of one degradation, the mean is its own
        assert [mean[f"{name}{end}"] for end in ENDS] == [row[f"{name}{end}"] for end in ENDS]
    assert not any("Not in mCE" in note for note in robustness_table(r).notes)
    assert robustness_table(r).text_rows()[0] == [
        "brightness", "shift (grey levels) 20 to 40", "20.0", "20.0", "62.5", "26.9", "90.1", "83.3", "40.7", "99.3",
        "50.0", "0.0", "185.9", "16.7", "-53.6", "83.2",
    ]  # fmt: skip
    intervals = "Intervals: 95 %, from the differences between images (Korn and Graubard; Wilson for clean accuracy)."
    fieller = "Intervals of corruption errors: 95 %, by Fieller's method."
    assert list(robustness_table(r).notes[-2:]) == [intervals, fieller]
    assert robustness_table(Robustness([mine])).notes[-1] == intervals
    kept = robustness_table(r).with_intervals().only("degradation", "accuracy kept")
    assert kept.notes[1:] == ["Accuracy kept: accuracy divided by clean accuracy.", intervals]
    with_ce = robustness_table(r).with_intervals().only("degradation", "accuracy", "CE").latex()
    assert "CE: the corruption error" in with_ce and "Fieller" in with_ce
    assert not any(words in with_ce for words in ("PSNR", "elative", "ccuracy kept"))
    with pytest.raises(InputError, match="unknown column 'acuracy kept': did you mean 'accuracy kept'"):
        kept.only("acuracy kept")
    (family,) = r.families
    for name, estimate in (
        ("accuracy", family.accuracy), ("accuracy kept", family.kept), ("CE", family.ce),
        ("relative CE", family.relative_ce),
    ):  # fmt: skip
        assert [row[f"{name}{end}"] for end in ENDS] == [100 * x for x in (estimate.value, estimate.low, estimate.high)]
    told = json.loads(json.dumps(robustness_json(r), allow_nan=False))
    assert told["families"][0]["degradation"] == "brightness"


def test_a_corruption_error_of_few_images_has_no_upper_end(tmp_path):
    config = SweepConfig(degradation="brightness", severities=(20,))
    mine, other = (
        made_sweep(tmp_path / name, config, np.array(predicted)[:, None, None], name=name)
        for name, predicted in (("a", [0, 0, 1, 0]), ("b", [0, 1, 1, 0]))
    )
    r = Robustness([mine], [other])
    row, _ = robustness_table(r).records()
    assert (row["CE"], row["CE from"], row["CE to"]) == (50, 0, None)
    assert r.summary().endswith("mean corruption error, compared with b: 50 % (0–∞)")
    said = "Where the interval of a CE ends in –, it has no upper end, as b makes too few errors on these images."
    table = robustness_table(r)
    assert said in table.notes
    assert "the degradation adds too few errors to those of b on these images, perhaps none." in table.notes[-1]
    joined = table.with_intervals()
    assert joined.records()[0]["CE"] == "50.0 (0.0 to –)" and joined.records()[0]["relative CE"] == "50.0 (–)"
    assert robustness_json(r)["mean_corruption_error"] == {"value": 0.5, "interval_95": [0, None]}


def test_robustness_on_both_sides_and_against_a_baseline_without_errors(tmp_path):
    config = SweepConfig(degradation="brightness", severities=(20, -40, 30))
    mine = made_sweep(tmp_path / "a", config, np.array([[0, 0, 1], [0, 1, 1]])[..., None])
    right = made_sweep(tmp_path / "b", config, np.zeros((2, 3, 1)), name="b")
    r = Robustness([mine], [right])
    table = robustness_table(r)
    assert r.summary().endswith("mean corruption error, compared with b: not known, as b makes no error")
    assert table.rows[0][1] == "shift (grey levels) -40 to 30" and table.to_pandas()["CE"][0] == np.inf
    assert "Not in mCE, as b makes no error there: brightness." in table.notes
    assert "Not in relative mCE, as the degradation adds no errors to those of b: brightness." in table.notes
    assert not any("no such end" in note for note in table.notes)


def test_what_is_rounded_to_zero_has_no_sign():
    table = Table("Given", ("difference", "exact"), [(-1e-9, -0.0)], digits={"exact": None})
    assert table.text_rows() == [["0.00", "0"]]


def test_an_unfinished_sweep_has_no_tables(tmp_path):
    (tmp_path / "file").touch()
    swept = made_sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1), np.zeros((2, 1, 1), int))
    with pytest.raises(InputError, match=rf"^{tmp_path}/file is a file: choose a folder for the tables"):
        save_sweep_files(swept, tmp_path / "file")
    written = save_sweep_files(swept, tmp_path / "tables")
    assert all(path.stat().st_size for path in written) and {path.name for path in written} >= {
        "sigmas.csv", "classes.csv", "classes-by-sigma.csv", "confusions-by-sigma.csv", "images.csv", "accuracy.png",
        "class-curves.png",
    }  # fmt: skip
    for part in swept.parts.values():
        part.unlink()
    empty = open_run(swept.path)
    for refused in (lambda: save_sweep_files(empty, tmp_path / "none"), lambda: Robustness([empty])):
        with pytest.raises(InputError, match=rf"^{tmp_path}/run has no finished part yet: resume the sweep first\.$"):
            refused()
    assert not (tmp_path / "none").exists() and image_table(empty, 0).rows == []
