"""Sweeps without clipping: what they are compared with, and what reports, figures and pages call them."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment.figures import Figures
from tfstab.assessment.reference import comparable, reference_figures
from tfstab.degradations import PAPER_SIGMAS, get_degradation, severity_ranges
from tfstab.errors import InputError
from tfstab.experiments.comparison import compare
from tfstab.experiments.robustness import Robustness
from tfstab.explanation.noisy_copies import copies_of_sweep
from tfstab.orders.comparing import compared_pairs
from tfstab.report import accuracy_figure, sweep_json
from tfstab.report.comparison_report import comparison_report
from tfstab.report.run_report import report_page
from tfstab.report.sweep_image_tables import image_table
from tfstab.report.sweep_tables import severity_table

PREDICTED = np.tile([[[0, 1], [1, 1]], [[0, 0], [0, 1]]], (3, 1, 1))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A clipped and an unclipped sweep of one network, and an unclipped one of another."""
    place = tmp_path_factory.mktemp("unclipped")
    settings = {"clipped": (True, "made"), "unclipped": (False, "made"), "other": (False, "another")}
    return {
        folder: made_sweep(place / folder, SweepConfig((20, 40), 2, clip=clip), PREDICTED, psnr=psnr, name=name)
        for (folder, (clip, name)), psnr in zip(settings.items(), (20, -3, 20), strict=True)
    }


def test_both_kinds_of_one_network_are_compared_and_those_of_two_are_not(runs):
    kinds = "clipped to grey levels 0 to 255 in {} and not clipped in {}."
    said, back = (compare(runs[a], runs[b]).summary() for a, b in (("clipped", "unclipped"), ("unclipped", "clipped")))
    assert kinds.format("the first", "the second") in said and kinds.format("the second", "the first") in back
    assert "clipped to" not in compare(runs["unclipped"], runs["other"]).summary()
    with pytest.raises(InputError, match=r"/clipped clips grey levels .*/other does not, .*: sweep both"):
        compare(runs["other"], runs["clipped"])
    with pytest.raises(InputError, match="cannot be compared"):
        Robustness([runs["clipped"]], [runs["other"]])
    assert Robustness([runs["unclipped"]], [runs["other"]]).mce.value == 1


def test_tables_figures_and_json_say_it(runs):
    run = runs["unclipped"]
    assert severity_table(run).title == "Accuracy under unclipped Gaussian noise"
    assert severity_table(run).rows[1][1] == pytest.approx(-3)  # clipped noise has 0 dB or more
    assert image_table(run, 0).title.endswith("under unclipped Gaussian noise")
    assert sweep_json(run)["degradation"]["clip"] is False and sweep_json(runs["clipped"])["degradation"]["clip"]
    figure = accuracy_figure([run, runs["clipped"]])
    axis, legend = figure.axes[0], [text.get_text() for text in figure.legends[0].get_texts()]
    assert axis.get_xlabel() == "sigma of the noise, grey levels"
    assert len(legend) == 6 and sum("not clipped" in text for text in legend) == 1
    page = comparison_report(compared_pairs([run, runs["clipped"]]))
    assert any("not clipped in the first." in line for section in page.sections for line in section.lines)


def test_a_report_keeps_both_kinds_apart(runs):
    page = report_page([runs["clipped"], runs["unclipped"]])
    assert "How stable is &#39;made&#39;?" in page and "made, not clipped" in page
    assert "unclipped Gaussian noise" in page and "Unclipped</dt>" in page
    assert "Unclipped</dt>" not in report_page([runs["clipped"]])


def test_a_page_says_under_which_noise_images_stay_right(tmp_path):
    config = SweepConfig((20,), 1, clip=False)
    page = report_page([made_sweep(tmp_path / "run", config, np.zeros((9, 1, 1)))])
    assert "are still right under unclipped Gaussian noise of sigma 20" in page


def test_the_bundled_figures_are_of_clipped_noise(tmp_path):
    for clip in (True, False):
        config = SweepConfig(PAPER_SIGMAS, 1, clip=clip)
        figures = Figures.of([made_sweep(tmp_path / str(clip), config, np.zeros((5, 12, 1)))])
        assert comparable(figures, reference_figures()[0]) == (["gaussian_noise"] if clip else [])


def test_nothing_is_clipped_in_the_copies_of_an_unclipped_sweep(runs):
    clipped, unclipped = (copies_of_sweep(runs[name], np.arange(2)).clipped for name in ("clipped", "unclipped"))
    assert (clipped > 0).any() and not unclipped.any()


def test_training_images_are_always_clipped():
    with pytest.raises(InputError, match="unclipped Gaussian noise is for sweeps; expected a degrad"):
        severity_ranges([get_degradation("gaussian_noise").without_clipping()])
