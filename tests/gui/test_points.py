"""The numbers behind the scatter, without a window."""

import numpy as np
import pytest

from tfstab import open_run
from tfstab.gui.content.colours import DIVERGING, Hatch, density_image, diverging, signed_extreme
from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG, Cloud, read_points

VIEW = (10.0, 0.2, 30.0, 0.9)


@pytest.fixture
def cloud():
    random = np.random.default_rng(0)
    x, y = random.normal(20, 8, 5000).astype(np.float32), random.random(5000).astype(np.float32)
    return Cloud.sort(x, y, np.arange(5000) + 7)


def test_density_counts_what_is_in_view(cloud):
    left, bottom, right, top = VIEW
    expected, _, _ = np.histogram2d(cloud.y, cloud.x, bins=(35, 50), range=((bottom, top), (left, right)))
    counts = cloud.density(VIEW, 50, 35)
    assert counts.shape == (35, 50)
    assert counts.sum() == len(cloud.inside(VIEW)) == expected.sum()
    # Points on a cell's edge may fall to either side in float32.
    assert np.abs(counts - expected).sum() <= 4


def test_nearest_is_by_pixels_not_by_data(cloud):
    distance, place = cloud.nearest(20, 0.5, x_unit=0.1, y_unit=0.002)
    every = np.hypot((cloud.x - 20) / 0.1, (cloud.y - 0.5) / 0.002)
    assert place == cloud.places[every.argmin()]
    assert distance == pytest.approx(every.min(), rel=1e-4)
    assert Cloud().nearest(0, 0, 1, 1) is None


def test_points_are_those_of_the_run(runs):
    run = open_run(runs / "sweep")
    wrong_when_clean = run.clean.indices[~run.clean.correct]
    class_index = int(run.clean.class_index[run.clean.row(int(wrong_when_clean[0]))])
    points = read_points(run, class_index)
    order = [(name, "ascending") for name in ("image", "severity_index", "copy")]
    rows = run.samples(class_index=class_index).sort_by(order).to_pylist()
    assert len(points) == len(rows)
    for place, row in enumerate(rows):
        assert points.key(place) == (row["image"], row["severity_index"], row["copy"])
        kind = WRONG if row["predicted"] != class_index else CORRECT
        assert points.kind[place] == (CLEAN_WRONG if row["image"] in wrong_when_clean else kind)
    assert points.find(points.key(11)) == 11 and points.find((10**6, 0, 0)) is None


def test_noise_colours_are_symmetric_around_zero():
    colours = diverging(np.array([[-9.0, -2.0, 0.0, 2.0, 9.0]]), limit=2)[0]
    assert (colours[0] == colours[1]).all() and (colours[0] == DIVERGING[0]).all()
    assert (colours[2] == DIVERGING[127]).all() and colours[2].min() == colours[2].max()
    assert (colours[3] == DIVERGING[-1]).all() and colours[3][0] > colours[3][2]
    assert colours[0][2] > colours[0][0]


def test_signed_extreme_keeps_the_sign():
    noise = np.array([[[1, -5, 3], [2, 0, -1]]], np.float32)
    assert signed_extreme(noise).tolist() == [[-5, 2]]


def test_a_few_mistakes_hardly_tint_many_correct_points():
    correct, wrong = np.array([[0, 982, 1, 0]]), np.array([[0, 18, 1, 1]])
    image = density_image([(correct, (100, 100, 100), Hatch.NONE), (wrong, (200, 0, 50), Hatch.NONE)], (1, 4))
    assert image[0, :, :3].tolist() == [[0, 0, 0], [102, 98, 99], [150, 50, 75], [200, 0, 50]]
    assert image[0, :, 3].tolist() == [0, 255, 140 + int(115 * np.log(2) / np.log(1000)), 140]


def test_hatches_fade_with_the_share():
    correct, wrong = np.full((5, 5), 3), np.full((5, 5), 1)
    correct[0] = 0
    image = density_image([(correct, (100, 100, 100), Hatch.NONE), (wrong, (200, 0, 60), Hatch.LEVEL)], (5, 5))
    assert image[0, 2].tolist() == [100, 0, 30, 255] and image[1, 2, :3].tolist() == [125, 75, 90]
    correct[0] = 3
    image = density_image([(correct, (100, 100, 100), Hatch.NONE), (wrong, (200, 0, 60), Hatch.LEVEL)], (5, 5))
    assert image[0, 2, :3].tolist() == [100, 75, 82]  # a quarter of the darker shade
