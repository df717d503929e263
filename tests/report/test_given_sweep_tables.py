"""Every number of a sweep's tables, from predictions that are given."""

import json
import math

import numpy as np
import pytest
from given_sweep import CONFIG

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.degradations import get_degradation
from tfstab.errors import InputError
from tfstab.experiments.robustness import Robustness
from tfstab.report import (
    Table,
    class_severity_table,
    confusion_by_severity_table,
    severity_table,
    sweep_json,
    sweep_tables,
    weakest_classes_table,
)
from tfstab.report.class_tables import class_table
from tfstab.report.sweep_files import save_sweep_files
from tfstab.report.sweep_image_tables import image_table
from tfstab.report.sweep_tables import headline as sweep_headline

WILSON = (0.375535, 0.963769)  # of 4 in 5


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
        "A dash as precision means that no image was taken for the class; as recall, that the class has no images.",
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
    names = run.class_names
    places = [(row[0], names.index(row[1]), names.index(row[2]), *row[3:]) for row in rows]
    assert places == [(40, 1, 0, 5, 3), (40, 0, 1, 4, 4), (40, 0, 2, 2, 2), (40, 1, 2, 2, 0), (10, 1, 2, 3, 0),
                    (10, 0, 1, 1, 1)]  # fmt: skip


def test_the_headline(run):
    accuracy, half, area, *_ = sweep_headline(run)
    ends = run.measures.intervals.overall
    low, high = math.floor(100 * ends[0]), math.ceil(100 * ends[1])
    assert accuracy == f"accuracy (top-1) over all noise: 58 % ({low}–{high}) of 40 degraded images"
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


def test_a_column_of_numbers_has_nothing_but_numbers():
    table = Table("Given", ("either", "numbers"), [("clean", 1), (2.5, None)])
    assert not table.is_numeric(0) and table.is_numeric(1) and r"\begin{tabular}{lr}" in table.latex()


def test_shares_of_the_grey_level_are_told_as_such(tmp_path):
    speckle = get_degradation("speckle")
    assert speckle.unit == "of the grey level"
    config = SweepConfig(degradation="speckle", severities=(0.1,), copies=1)
    note = severity_table(made_sweep(tmp_path / "run", config, np.zeros((1, 1, 1)))).notes[0]
    assert note.endswith(" Sigma as a multiple of the grey level; PSNR in dB, of the mean squared error of all images.")


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
