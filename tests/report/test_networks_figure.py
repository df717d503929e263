"""The chart of several assessments compared has what the tables of the comparison say."""

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from typer.testing import CliRunner

from tfstab.cli.app import app
from tfstab.orders.comparing import compared_pairs, opened
from tfstab.report.comparison_report import comparison_report, tables

RIGHT = {"one": (0.5, 0.3), "two": (0.9, 0.6), "three": (1, 0.4)}


@pytest.fixture
def folders(tmp_path):
    """Three networks under fog and JPEG compression; the second one has fewer images under fog."""
    for name, of in RIGHT.items():
        few = 20 if name == "two" else 40
        clean = np.arange(40) < 38
        sweep_of(tmp_path / name, "jpeg", first_of(of, 40), (90, 50), clean=clean, name=name)
        sweep_of(tmp_path / name, "fog", first_of((of[1], 0.1), few), (20, 40), clean=clean[:few], name=name)
    return [tmp_path / name for name in RIGHT]


def test_the_accuracies_of_all_networks_are_drawn(folders):
    pairs = compared_pairs([opened(folder) for folder in folders])
    drawn = comparison_report(pairs).sections[0].parts[0].figure
    (axis,) = drawn.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["clean images", "fog", "JPEG compression"]
    assert [text.get_text() for text in drawn.legends[0].texts] == list(RIGHT)
    points = [errors[0].get_xdata() for errors in axis.containers]
    table = {row["degradation"]: row for row in tables(pairs[0])[0].records()}
    for k, side in ((0, "first"), (1, "second")):
        shown = [100 * share for share in points[k]]
        assert shown[1:] == pytest.approx([table[title][side] for title in ("fog", "JPEG compression")])
    assert points[2] == pytest.approx([0.95, 0.5, 0.7]), "fog on the 20 images that all have, not on its 40"
    for errors, values in zip(axis.containers, points, strict=True):
        (lines,) = errors[2]
        ends = np.array([segment[:, 0] for segment in lines.get_segments()])
        assert (ends[:, 0] <= values).all() and (ends[:, 1] >= values).all() and (np.ptp(ends, axis=1) > 0).all()


def test_the_chart_is_in_the_page_and_in_files(folders, tmp_path):
    done = CliRunner().invoke(app, ["compare", *map(str, folders), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    written = {path.name for path in (tmp_path / "out" / "figures").iterdir()}
    assert written == {f"01-accuracy.{suffix}" for suffix in ("pdf", "png", "svg")}
    assert (tmp_path / "out" / "report.html").read_text().count("data:image/png") == 1


def test_a_comparison_of_two_draws_the_same_by_itself(folders):
    both = compared_pairs([opened(folder) for folder in folders[:2]])[0]
    (axis,) = both.plot().axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["clean images", "fog", "JPEG compression"]
    assert [text.get_text() for text in both.plot().legends[0].get_texts()] == ["one", "two"]
