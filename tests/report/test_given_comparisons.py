"""Every number of the comparison of two sweeps and of robustness against a baseline, from given predictions."""

import json

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.errors import InputError
from tfstab.experiments.robustness import Robustness
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.report.comparison_json import comparison_json
from tfstab.report.comparison_report import comparison_report, headline, tables
from tfstab.report.robustness_tables import robustness_json, robustness_table


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
