"""Charts in the report of runs, from runs whose every prediction is given."""

import re

import numpy as np
import pytest
from given_assessment import sweep

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.assessment.finding import Finding
from tfstab.report.chapter import Chapter
from tfstab.report.charts import noise_strip
from tfstab.report.curves import curve_panel, networks_panel
from tfstab.report.run_report import report_page
from tfstab.search.summary import Quartiles


def test_severities_too_near_to_each_other_have_no_ticks(tmp_path):
    for near, texts in ((85, ["85", "100"]), (85.5, ["100"])):
        config = SweepConfig(degradation="fog", severities=(near, 100))
        panel = curve_panel(made_sweep(tmp_path / f"{near}", config, np.zeros((1, 2, 1), int)))
        assert [tick.text for tick in panel.ticks] == texts


def test_a_curve_goes_from_mild_to_strong(runs):
    by_name = {run.path.name: run for run in runs}
    jpeg = curve_panel(by_name["jpeg"])
    assert [round(x, 1) for x, _ in jpeg.dots] == [11.1, 100] and jpeg.half is None  # from quality 100 to 10
    assert jpeg.lines[0].startswith("0.00,12.50 ") and [t.text for t in jpeg.ticks] == ["90", "10"]
    noise = curve_panel(by_name["gaussian_noise"])
    assert noise.dots == [(25, 12.5), (50, 12.5), (100, 100)] and noise.half == (pytest.approx(75), 56.25)
    assert "0.0 % at sigma 40" in noise.text and "87.5 % when clean" in noise.text
    assert len(noise.band.split()) == 6


def test_curves_of_several_networks_share_their_axes(tmp_path, runs):
    fog = next(run for run in runs if run.path.name == "fog")
    strong = SweepConfig(degradation="fog", severities=(100,))
    other = sweep(tmp_path / "fog", strong, {k: [0] for k in range(7)}, name="other")
    panel = networks_panel([fog, None, other])
    own, none, theirs = panel.lines
    assert own.startswith("0.00,12.50 20.00,62.50 55.00,75.00 80.00,87.50") and none == ""
    assert theirs == "0.00,12.50 100.00,12.50" and [t.text for t in panel.ticks] == ["20", "55", "80", "100"]
    assert "made: 87.5 % when clean; 37.5 % at density 20" in panel.text and "other: " in panel.text


def test_the_middle_half_of_the_minimum_noise_ends_at_the_quartiles_of_the_text(tmp_path):
    """Of eight images, the second and the sixth; the axis ends at 200."""
    page = report_page([made_search(tmp_path / "search", [10, 20, 26, 33, 50, 63, 113, 190])])
    low, high = re.search(r'class="quarters" x1="([\d.]+)%" x2="([\d.]+)%"', page).groups()
    assert (float(low), float(high)) == pytest.approx((10, 31.5), abs=0.01)
    assert "20 or less" in page and "63 or more" in page


@pytest.mark.parametrize(
    ("found", "quarters", "said"),
    [
        (7, 1, "It has no end, because no noise was found for more than a quarter of the images."),
        (4, 1, "and there is no median, because no noise was found for half of the images or more."),
        (1, 0, "No noise was found for more than three quarters of the images, so there are no quartiles."),
    ],
)
def test_a_median_or_quartile_that_is_not_known_is_not_drawn(found, quarters, said, tmp_path):
    sizes = [10, 20, 26, 33, 50, 63, 113][:found] + [np.nan] * (10 - found)
    page = report_page([made_search(tmp_path / "search", sizes)])
    assert (page.count('class="quarters"'), page.count(">median</span>")) == (quarters, found > 5)
    assert said in page and "The shaded range" not in page


def test_the_axis_of_minimum_noise_begins_at_0_and_has_round_ticks():
    strip = noise_strip([10, 20, 30, 86], ["a", "b", "c", "d"], Quartiles(10, 25, np.inf))
    assert [t.text for t in strip.ticks] == ["0", "20", "40", "60", "80", "100"]
    assert strip.points[3] == (86, "d") and (strip.low, strip.middle, strip.high) == (10, 25, None)
    for largest, step, last in ((0.9, 0.2, 1), (1.1, 0.2, 1.2), (1.2, 0.2, 1.4), (1.25, 0.5, 1.5), (3, 0.5, 3.5),
                                (3.1, 1, 4), (6, 1, 7), (6.1, 2, 8), (9.9, 2, 10), (0, 0.2, 0.2),
                                (0.05, 0.01, 0.06)):  # fmt: skip
        ticks = [float(tick.text) for tick in noise_strip([largest], [""], Quartiles(0, 0, 0)).ticks]
        assert ticks == pytest.approx(np.arange(0, last + step / 2, step))


def test_no_sentence_has_a_mark_of_the_chart_which_the_legend_explains_as_the_accuracy_kept(runs, monkeypatch):
    """A red square before a sentence on a class said that less than half of the accuracy is kept."""
    monkeypatch.setattr(Chapter, "findings", lambda self, *kinds: [Finding(kinds[0], "bad", "Said.")])
    marked = {}
    for section in report_page(runs).split("<section")[1:]:
        for listed in re.findall(r"<ul class=\"?findings.*?</ul>", section, re.DOTALL):
            marked[re.search(r"<h2[^>]*>(.*?)</h2>", section)[1]] = bool(re.search('class="?mark', listed))
    assert {"Against what does it break?", "Which classes suffer"} <= marked.keys() and not any(marked.values())
