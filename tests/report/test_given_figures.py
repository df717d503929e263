"""What figures draw, from runs whose every prediction is given."""

import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.degradations import get_degradation
from tfstab.errors import DiskError
from tfstab.report import accuracy_figure, class_curves_figure, triples_figure
from tfstab.report.degradation_figure import degradation_figure
from tfstab.report.explanation.neighbours import LABEL, _apart
from tfstab.report.figures import RIGHT, WRONG, WRONG_CLEAN, paper_scatter_figures, save_figure, scatter_figure

FALLING = SweepConfig(sigmas=(40, 10), copies=4)
LABELS, CLEAN = [0, 0, 1, 1], [0, 0, 1, 2]
PREDICTED = np.array(
    [
        [[0, 1, 1, 2], [0, 0, 0, 0]],
        [[1, 1, 1, 2], [0, 0, 0, 1]],
        [[1, 0, 0, 0], [1, 1, 1, 1]],
        [[0, 0, 2, 2], [2, 2, 1, 1]],
    ]
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Accuracies 13/16 at sigma 10 and 2/16 at 40; of the three images right when clean 11/12 and 2/12."""
    psnr = np.full((4, 2, 4), 30.0)
    psnr[0, 1, 0] = np.inf
    return made_sweep(tmp_path_factory.mktemp("given") / "run", FALLING, PREDICTED, LABELS, CLEAN, psnr=psnr)


def visible(figure):
    return [axis for axis in figure.axes if axis.axison]


def shapes(axis):
    """Its lines as (style, x, y)."""
    return [(line.get_linestyle(), list(line.get_xdata()), list(line.get_ydata())) for line in axis.lines]


def test_accuracies_over_all_images_and_over_those_right_when_clean(run):
    figure = accuracy_figure([run])
    (axis,) = visible(figure)
    cross, everything, right, clean = shapes(axis)
    half = 10 + 30 * (13 / 16 - 3 / 8) / (11 / 16)  # between the sigmas, where it is half of 3/4
    assert cross[1] == pytest.approx([half]) and cross[2] == [0.375]
    assert everything == ("-", [10, 40], [13 / 16, 2 / 16])
    assert right == ("--", [10, 40], pytest.approx([11 / 12, 2 / 12]))
    assert clean[0] == ":" and clean[2] == [0.75, 0.75]
    intervals = run.measures.intervals
    for band, ends in zip(axis.collections, (intervals.accuracy, intervals.accuracy_of_clean_correct), strict=True):
        drawn = band.get_paths()[0].vertices
        for k, sigma in ((1, 10), (0, 40)):
            at = drawn[drawn[:, 0] == sigma, 1]
            assert (at.min(), at.max()) == pytest.approx(ends[:, k])
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.texts] == [
        f"made, 75.00% clean, sigma50 = {half:.3g}",
        "still right, of images right when clean",
        "clean accuracy",
        "half of the clean accuracy",
        "95 % interval",
    ]
    assert not axis.xaxis_inverted() and axis.get_xlabel() == "sigma of the noise, grey levels"
    assert figure.get_size_inches().tolist() == pytest.approx([5.5, 4.2])


def test_each_degradation_has_a_panel_and_each_network_a_colour(tmp_path):
    families = {"jpeg": (90, 10), "brightness": (20, 40), "fog": (20, 40), "contrast": (0.5, 0.3), "rotation": (5, 10)}
    runs = [
        made_sweep(
            tmp_path / f"{name}-{network}",
            SweepConfig(degradation=name, severities=severities),
            np.array([[[0], [1]], [[0], [0]]]),
            name=network,
        )
        for network in ("a", "b")
        for name, severities in families.items()
        if (network, name) != ("b", "fog")
    ]
    empty = made_sweep(tmp_path / "empty", SweepConfig(degradation="gamma", severities=(2,)), np.zeros((1, 1, 1), int))
    for part in empty.parts.values():
        part.unlink()
    figure = accuracy_figure([*runs, empty])
    panels = visible(figure)
    assert len(figure.axes) == 6 and len(panels) == 5
    assert figure.get_size_inches().tolist() == pytest.approx([12, 8.2])
    colours = [[line.get_color() for line in axis.lines if line.get_linestyle() == "-"] for axis in panels]
    assert colours == [["C0", "C1"], ["C0", "C1"], ["C0"], ["C0", "C1"], ["C0", "C1"]]
    assert [axis.xaxis_inverted() for axis in panels] == [True, False, False, True, False]
    assert {axis.get_ylim() for axis in panels} == {(0, 1.03)}, "degradations can be compared"
    assert panels[0].yaxis.get_major_formatter()(0.995) == "99.5 %"
    assert panels[0].get_xlabel() == "JPEG compression: quality"
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.texts][:2] == ["a", "b"]
    assert len(accuracy_figure(runs[:3]).axes) == 3 and len(accuracy_figure([empty]).axes) == 1
    assert accuracy_figure([empty]).get_size_inches().tolist() == pytest.approx([5.5, 4.2])


def test_recall_and_precision_of_each_class(run):
    figure = class_curves_figure(run)
    zero, one = visible(figure)
    assert [axis.get_title() for axis in (zero, one)] == ["0", "1"]
    # The clean images stand at sigma 0.
    assert shapes(zero) == [("-", [0, 10, 40], [1, 7 / 8, 1 / 8]), ("--", [10, 40], [1, 1 / 6])]
    assert shapes(one) == [("-", [0, 10, 40], [0.5, 6 / 8, 1 / 8]), ("--", [10, 40], [6 / 7, 1 / 6])]
    for k, axis in enumerate((zero, one)):
        drawn = axis.collections[0].get_paths()[0].vertices
        at = drawn[drawn[:, 0] == 40, 1]
        assert (at.min(), at.max()) == pytest.approx(run.measures.intervals.class_metrics(40.0).recall[:, k])


@pytest.mark.parametrize(("classes", "panels"), [(2, 2), (4, 4), (6, 10), (20, 20), (21, 24)])
def test_many_classes_have_smaller_panels(tmp_path, classes, panels):
    labels = np.arange(classes)
    config = SweepConfig(sigmas=(10,), copies=1)
    run = made_sweep(tmp_path / "run", config, labels[:, None, None], labels, classes=classes)
    figure = class_curves_figure(run)
    assert len(figure.axes) == panels and len(visible(figure)) == classes


def test_recalls_of_a_quality_go_from_mild_to_strong(tmp_path):
    config = SweepConfig(degradation="jpeg", severities=(90, 10))
    run = made_sweep(tmp_path / "run", config, np.array([[[0], [1]], [[0], [0]]]))
    (axis,) = class_curves_figure(run).axes
    assert axis.xaxis_inverted() and shapes(axis)[0][1:] == ([10, 90, 100], [0.5, 1, 1])


def test_points_of_each_class_in_three_colours(run):
    figure = scatter_figure(run)
    for axis, (right, already, wrong), title in zip(
        visible(figure), [(8, 0, 8), (7, 6, 3)], ["0: 50.00% wrong", "1: 56.25% wrong"], strict=True
    ):
        assert [len(points.get_offsets()) for points in axis.collections] == [right, already, wrong]
        assert axis.get_title() == title
    from matplotlib.colors import to_rgba

    colours = [tuple(points.get_facecolors()[0]) for points in visible(figure)[1].collections]
    assert colours == [to_rgba(colour) for colour in (RIGHT, WRONG_CLEAN, WRONG)]
    told = figure.get_suptitle()
    assert told.startswith("red: misclassified; orange: misclassified, and when clean too; grey: correct; not drawn: 1")
    plain = scatter_figure(run, [1], clean_apart=False)
    (axis,) = visible(plain)
    assert [len(points.get_offsets()) for points in axis.collections] == [7, 0, 9]
    assert "orange" not in plain.get_suptitle()


@pytest.mark.parametrize(
    ("classes", "captions"),
    [(1, ["classes 0 to 0"]), (15, ["classes 0 to 14"]), (16, ["classes 0 to 14", "classes 15 to 15"])],
)
def test_scatters_of_many_classes_are_in_figures_of_fifteen(tmp_path, classes, captions):
    config = SweepConfig(sigmas=(10,), copies=1)
    labels = np.arange(classes)
    run = made_sweep(tmp_path / "run", config, labels[:, None, None], labels, classes=max(2, classes))
    figures = paper_scatter_figures(run)
    assert [caption for caption, _ in figures] == captions
    assert sum(len(visible(figure)) for _, figure in figures) == classes
    assert len(figures[0][1].axes) == (15 if classes > 1 else 1)


@pytest.mark.parametrize(("count", "columns", "blocks"), [(3, 3, 1), (10, 10, 1), (11, 10, 2)])
def test_minimum_noise_is_drawn_ten_beside_each_other_on_one_scale(tmp_path, count, columns, blocks):
    run = made_search(tmp_path / "run", [10.0 * (k + 1) for k in range(count)])
    figure = triples_figure(list(run), run.class_names)
    assert len(figure.axes) == 3 * columns * blocks + 1
    noises = [image for axis in figure.axes[:-1] for image in axis.images if image.get_clim() != (0, 255)]
    assert len(noises) == count and {image.get_clim() for image in noises} == {(-5.0 * count, 5.0 * count)}
    assert figure.axes[-1].get_ylabel() == "noise, grey levels"


def test_one_image_under_families_with_few_and_many_severities():
    families = [get_degradation(name) for name in ("gaussian_noise", "jpeg", "gamma")]
    image = np.full((4, 4, 1), 100, np.uint8)
    figure = degradation_figure(image, families)
    drawn = [[axis.get_title() for axis in figure.axes[start : start + 7]] for start in (0, 7, 14)]
    assert drawn == [  # the third family stands beside the first
        ["gaussian_noise", "1", "8", "18", "25", "40", ""],
        ["gamma", "1.5", "2", "3", "4", "6", ""],
        ["jpeg", "90", "70", "50", "30", "10", ""],
    ]
    fog_like = figure.axes[8].images[0].get_array()
    assert np.array_equal(fog_like, np.rint(families[2](image, 1.5)).squeeze())
    names = [axis.texts[0].get_text() for axis in (figure.axes[0], figure.axes[14])]
    assert names == ["sigma (grey levels)", "quality"]


def test_one_family_alone_has_one_row():
    figure = degradation_figure(np.full((4, 4, 3), 100, np.uint8), [get_degradation("fog")])
    assert [axis.get_title() for axis in figure.axes[:6]] == ["fog", "20", "40", "55", "70", "80"]
    assert figure.axes[5].images[0].get_array().shape == (4, 4, 3)


def test_names_that_would_cover_others_on_a_map_move_up():
    places = np.array([[0.0, 10.0], [1.0, 0.5], [0.0, 0.0], [9.0, 0.2], [0.5, 0.6]])
    moved = _apart(places, np.array([20.0, 10.0]))  # a name needs 2.8 x 0.55
    assert moved[[0, 2, 3]].tolist() == places[[0, 2, 3]].tolist() and (moved[:, 0] == places[:, 0]).all()
    assert moved[1, 1] == pytest.approx(0.55) and moved[4, 1] == pytest.approx(1.1)
    width, height = np.array(LABEL) * (20, 10)
    beside = np.array([[0.0, 0.0], [width, 0.0], [0.0, height]])
    assert (_apart(beside, np.array([20.0, 10.0])) == beside).all()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes")
@pytest.mark.parametrize("suffix", [".pdf", ".png", ".svg"])
def test_a_figure_that_the_disk_cannot_hold_is_an_error_in_a_sentence(tmp_path, suffix):
    import resource

    figure = Figure(figsize=(2, 2))
    figure.add_subplot().plot(np.random.default_rng(0).random(3000))  # more than is written at once
    save_figure(figure, tmp_path / f"whole{suffix}")
    whole, before = (tmp_path / f"whole{suffix}").stat().st_size, resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in range(0, whole, whole // 4):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            with pytest.raises(DiskError, match="File too large"):
                save_figure(figure, tmp_path / f"part{suffix}")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == [f"whole{suffix}"]


def test_points_are_the_smaller_the_more_there_are(tmp_path):
    for copies, size in ((20, 6), (500, 6), (1000, 3), (4000, 1.5)):
        taken = np.zeros((1, 1, copies), int)
        run = made_sweep(tmp_path / str(copies), SweepConfig(sigmas=(10,), copies=copies), taken)
        assert {float(points.get_sizes()[0]) for points in scatter_figure(run).axes[0].collections} == {size}


def test_images_that_need_no_noise_are_drawn_on_a_scale_of_one(tmp_path):
    run = made_search(tmp_path / "run", [0.0], [0], [1])
    assert {image.get_clim() for axis in triples_figure(list(run), "ABC").axes[:3] for image in axis.images} >= {
        (-1, 1)
    }


@pytest.mark.parametrize(("letters", "columns", "shown"), [(40, 2, 40), (41, 1, 41), (60, 1, 48)])
def test_a_legend_of_long_names_has_one_column(tmp_path, letters, columns, shown):
    runs = [
        made_sweep(tmp_path / family, SweepConfig(degradation=family, severities=severities), taken, name="n" * letters)
        for family, severities, taken in (
            ("fog", (20, 40), np.array([[[0], [1]], [[0], [1]]])), ("brightness", (-40, 20), np.zeros((2, 2, 1)))
        )
    ]  # fmt: skip
    figure = accuracy_figure(runs)
    (legend,) = figure.legends
    name, *styles = [text.get_text() for text in legend.texts]
    assert legend._ncols == columns and len(name) == shown and styles[-1] == "95 % interval"
    assert not any(axis.xaxis_inverted() for axis in visible(figure)), "severities lie on both sides"
