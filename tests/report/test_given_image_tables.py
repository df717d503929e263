"""Every number that tables tell of the images of a sweep, from predictions that are given."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.report import weakest_images_table
from tfstab.report.sweep_image_tables import image_facts, image_table
from tfstab.report.sweep_tables import certificate_table


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
