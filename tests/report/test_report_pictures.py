"""Which degraded images a report shows and how, and how its charts scale, from runs whose every prediction is given."""

import base64
import io
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures
from tfstab.metrics import Estimate
from tfstab.report import photographs
from tfstab.report.charts import dot, share_axis
from tfstab.report.explanation.drawing import drawing
from tfstab.report.page import Picture
from tfstab.search import SearchRun


def of_classes(path, family, wrong, **other):
    """A sweep of five images of class 0 and one of class 1 at one severity; those in `wrong` are taken for class 2."""
    labels = np.array([0, 0, 0, 0, 0, 1])
    taken = np.where(np.isin(np.arange(6), wrong), 2, labels)[:, None, None]
    config = SweepConfig(degradation=family, severities=(20,), copies=1)
    return made_sweep(path / family, config, taken, labels, **other)


def test_each_degradation_shows_mistakes_of_images_that_were_not_shown_before(tmp_path):
    surest_last = np.linspace(0.5, 0.9, 6)[:, None, None]
    fog = of_classes(tmp_path, "fog", (0, 1, 2, 3, 4), score=surest_last)
    brightness = of_classes(tmp_path, "brightness", (1, 2, 3, 4), score=surest_last[::-1])
    shown = [(m.family, m.name) for m in photographs.family_mistakes(Figures.of([brightness, fog]))]
    assert shown == [("fog", f"image {k}") for k in (4, 3, 2)] + [("brightness", f"image {k}") for k in (1, 2, 3)]


def test_the_most_frequent_mistake_is_shown_rather_than_the_surest(tmp_path):
    labels = np.array([0, 0, 0, 0, 0, 1])
    taken, score = np.array([2, 2, 1, 2, 0, 1])[:, None, None], np.array([0.5, 0.7, 0.9, 0.6, 0.8, 0.9])[:, None, None]
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    figures = Figures.of([made_sweep(tmp_path / "fog", config, taken, labels, score=score)])
    shown = [(m.name, m.taken) for m in photographs.family_mistakes(figures)]
    assert shown == [("image 1", "2"), ("image 2", "1"), ("image 3", "2"), ("image 0", "2")]


def test_a_class_without_mistakes_shows_none(tmp_path):
    figures = Figures.of([of_classes(tmp_path, "fog", (3,))])
    assert [weak.name for weak in figures.weakest_classes] == ["0", "1"]
    assert [(m.name, m.true, m.taken) for m in photographs.class_mistakes(figures)] == [("image 3", "0", "2")]


@pytest.mark.parametrize(("common", "most", "gain"), [(0, 30, 3), (1, 30, 100), (5, 127, 20)])
def test_noise_of_a_few_pixels_does_not_keep_the_rest_from_being_seen(tmp_path, monkeypatch, common, most, gain):
    """One value in 144 may be cut off; if all others are 0, it decides."""
    [found] = run = made_search(tmp_path / "run", [3.0])
    noise = np.full((12, 12, 1), common, np.float32)
    noise[7, 5] = most
    large = replace(found, noise=noise, clean=np.full((12, 12, 1), 100, np.uint8))
    monkeypatch.setattr(SearchRun, "result", lambda *_: large)
    assert photographs.triples(run)[0].gain == gain


def test_grey_levels_beyond_black_and_white_are_cut_off():
    shown = photographs.shown(np.array([[[-5.0], [0]], [[255], [300]]]), "")
    picture = Image.open(io.BytesIO(base64.b64decode(shown.uri.partition(",")[2])))
    assert np.asarray(picture).tolist() == [[0, 0], [255, 255]]


@pytest.mark.parametrize(
    ("shapes", "scaled"),
    [([(192, 192, 3)], False), ([(192, 192, 3), (193, 5, 1)], True), ([(5, 193, 1)], True), ([(5, 5, 200)], False)],
)
def test_that_images_are_scaled_down_is_said_if_one_is_larger_than_its_picture(shapes, scaled):
    runs = [SimpleNamespace(clean=SimpleNamespace(images=np.empty((1, *shape), np.uint8))) for shape in shapes]
    assert photographs.scaled_down(runs) is scaled


def test_an_axis_of_shares_reaches_beyond_1_where_an_interval_does():
    most = Estimate(0.9, 0.8, 1.25)
    top, ticks = share_axis([Estimate(0.5, 0.25, 0.75), most, Estimate(0.5, np.nan, np.nan)])
    assert top == 1.25 and [(tick.at, tick.text) for tick in ticks] == [(20 * k, f"{25 * k} %") for k in range(5)]
    drawn = dot("fog", most, top)
    assert (drawn.low, drawn.at, drawn.high) == pytest.approx((64, 72, 100))
    assert dot("fog", Estimate(0.03, -0.01, 0.05)).low == 0 and dot("fog", Estimate(0.5, 0.05, 0.6)).low == 5
    alone = dot("fog", Estimate(0.5, np.nan, np.nan), top)
    assert (alone.low, alone.at, alone.high, alone.interval) == (40, 40, 40, "")


def test_a_figure_is_drawn_as_svg_or_as_png_where_that_is_smaller(monkeypatch):
    figure = Figure(figsize=(2, 1.5))
    figure.add_subplot().plot([0.123456789, 1], [2, 3])
    picture = Picture("name", "First. Second. Third", figure)
    small = drawing(picture)
    content = content_of(small)
    assert (small.width, small.height, small.has_dark) == (192, 144, True)
    assert (small.lead, small.rest) == ("First.", "Second. Third")
    assert content.startswith(b"<?xml") and b"<metadata>" not in content and content.count(b"</style>") == 1
    assert not re.search(rb' (?:d|x|y)="[^"]*\d\.\d{3}', content) and content == content_of(drawing(picture))
    assert drawing(Picture("name", "Alone", figure)).lead == "Alone"
    monkeypatch.setattr("tfstab.report.explanation.drawing.LARGEST_SVG", len(content))
    assert drawing(picture).uri == small.uri
    monkeypatch.setattr("tfstab.report.explanation.drawing.LARGEST_SVG", len(content) - 1)
    large = drawing(picture)
    with Image.open(io.BytesIO(content_of(large))) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", (260, 195))
    assert not large.has_dark and (large.width, large.height) == (192, 144)


def content_of(drawn):
    return base64.b64decode(drawn.uri.partition(",")[2])
