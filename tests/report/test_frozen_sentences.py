"""The sentences and figures of an explanation for figures that are given, as last recorded with `make frozen`.

The figures lie on the bounds that decide between two sentences, and just beyond them; runs rarely have such.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from figures_in_words import described, part_in_words
from frozen import check, in_words
from test_frozen_pages import FROZEN

from tfstab.assessment.words import severity_range
from tfstab.explanation import fourier
from tfstab.explanation.bands import FrequencyFigures, HeatMap
from tfstab.explanation.bends import CurvatureFigures
from tfstab.explanation.flatness import FlatnessFigures
from tfstab.explanation.neighbours import Map, Nearness
from tfstab.explanation.places import ShareFigures
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import accuracy_of
from tfstab.report.explanation import curvature, flatness, frequency, layers, maps, neighbours, place, spectra

NONE = Estimate(np.nan, np.nan, np.nan)
MIDDLE = Estimate(1, 0.9, 1.1)


def test_flatness():
    ratios = [(0.4, 0.3, 0.499), (0.4, 0.3, 0.5), (0.7, 0.5, 0.799), (0.7, 0.5, 0.8), (1.5, 1.251, 2), (1.5, 1.25, 2),
              (1, 0.651, 1.5), (1, 0.65, 1.5), (1, 0.7, 1 / 0.65), (0.8, 0.7, 1.4), (1.25, 0.7, 1.4), (1, 0.7, np.inf),
              (np.inf, 2, np.inf)]  # fmt: skip
    made = [FlatnessFigures(25, Estimate(*ratio), NONE, 5, 0, {}) for ratio in ratios]
    lines = [flatness._finding(one, fair=True) for one in made]
    lines += [flatness._finding(made[0], fair=False), *(flatness._caption(one) for one in (made[0], made[-1]))]
    for correlation in ((0.81, 0.5, 1), (0.8, 0.5, 1), (0.51, 0, 0.99), (0.5, 0, 0.99), (0.9, 0, 1), (0.9, 0, 0.999)):
        lines.append(flatness._correlation(FlatnessFigures(25, NONE, Estimate(*correlation), 5, 0, {})))
    for images, beyond, flagged in ((1, 0, {}), (1200, 1100, {"clipped": 1300, "wrong": 0}), (2, 1, {"a": 1, "b": 2})):
        figures = FlatnessFigures(25, NONE, NONE, images, beyond, flagged)
        lines += [flatness._left_out(figures, images, ()), flatness._left_out(figures, 3000, ("clipped", "b"))]
    for values in ([0.0, 10, 1000], [10.0, 10], [-1.0, 10, 20], [0.5, 10]):
        lines += in_words("limits", flatness._limits(np.array(values)))
    check(FROZEN / "sentences-flatness.txt", lines)


def test_layers(monkeypatch):
    lines = [layers._meaning(Estimate(1, *ends)) for ends in ((1, 2), (1.01, 2), (0.5, 1), (0.5, 0.99))]
    lines += [layers._interval(one) for one in (Estimate(1, 1, 1), NONE, MIDDLE)]
    for count, places in ((0, {}), (1, {"one": 1}), (9, {layers.HIDDEN: 4, "one": 2, "two": 1, "three": 1}),
                          (5, {"one": 3, layers.HIDDEN: 1})):  # fmt: skip
        monkeypatch.setattr(layers, "lost_places", lambda _, found=(count, places): found)
        lines += layers._lost(None)
    names, steps = ("input", "one", "two", "three"), (9, 1.2, 1.5, np.nan)
    figures = [
        SimpleNamespace(name=name, step=Estimate(x, x - 0.1, x + 0.1)) for name, x in zip(names, steps, strict=True)
    ]
    gains = SimpleNamespace(names=names, network=(0, 0, 1, 1), networks=(0,), layers=lambda _: np.arange(3))
    known = {"one": (1, figures[1].step, 1.1), "two": (2, figures[2].step, 1.3), "first": (2, figures[2].step, 2.0)}
    for members, given in (((0,), ()), ((0, 1), ("one",)), ((0,), ("one", "two")), ((0,), ("first", "one")),
                           ((0, 1), ("one", "first"))):  # fmt: skip
        gains.networks = members
        monkeypatch.setattr(layers, "finite_steps", lambda *_, found=given: [known[name] for name in found])
        lines += layers._steps(None, gains, figures)
    slower = (1, Estimate(1.2, 1.1, 1.6), 1.3)  # closer to the same bound, though its step is smaller
    monkeypatch.setattr(layers, "finite_steps", lambda *_: [slower, known["two"]])
    lines += [*layers._steps(None, gains, figures), *layers._steps(None, gains, figures[:1])]
    check(FROZEN / "sentences-layers.txt", lines)


def test_frequency():
    falls = {"low_fall": Estimate(0.2, 0, 0.4), "high_fall": Estimate(-0.3, -0.5, -0.1)}
    errors_of = {"low_error": Estimate(0.1, 0, 0.2), "high_error": Estimate(0.3, 0.2, 0.4)}
    lines = []
    for ratio, errors in (((1.5, 1.01, 2), 0), ((1.5, 1.01, 2), 0.1), ((1.5, 1, 2), 0), ((0.5, 0.1, 0.99), 0),
                          ((0.5, 0.1, 0.99), -0.1), ((0.5, 0.1, 1), 0), ((0.5, 0, 0.9), 0), ((0.5, -0.1, 0.9), 0),
                          ((0, 0, 0), 0), ((np.nan, np.nan, np.nan), np.nan)):  # fmt: skip
        figures = FrequencyFigures(**falls, error_difference=Estimate(*3 * [errors]), fall_ratio=Estimate(*ratio))
        lines.append(frequency._of_falls(figures))
    for kept, images in ((0.9, 1), (0.899, 2)):
        told = FrequencyFigures(1200, images, **errors_of, **falls)
        lines += frequency._of_stripes(told, SimpleNamespace(kept=kept))
    lines += frequency._of_stripes(FrequencyFigures(1200, 2), SimpleNamespace(kept=1))
    for fall in ((0, -0.1, 0), (0.1, 0, 0.2), (0.1, 0.01, 0.2), (-0.1, -0.2, -0.01), (-0.1, -0.2, 0)):
        lines.append(frequency._change(Estimate(*fall)))
    responses = np.ones((2, 4, 4)) * np.array([1, 2])[:, None, None] + np.arange(16).reshape(4, 4) / 8
    arrays = {"response": responses, "names": np.array(["one", "two"]), "network": np.array([0, 1]),
              "norms": np.array([1.5, np.nan])}  # fmt: skip
    run = SimpleNamespace(arrays=lambda name: arrays)
    for ratios in ((0.5, 0.75), (0.5, np.nan)):
        parts = frequency._of_kernels(run, FrequencyFigures(kernel_ratios=ratios), lines)
    lines += [line for part in parts for line in part_in_words(part)]
    arrays["norms"] = np.full(2, np.nan)
    assert frequency._of_kernels(run, FrequencyFigures(kernel_ratios=(np.nan,)), lines) == []
    check(FROZEN / "sentences-frequency.txt", lines)


@pytest.mark.parametrize(("every", "wrong"), [(1, 0.1), (3, 0.1), (3, 0.09)])
def test_heat_maps(every, wrong):
    """Of all frequencies or of some, with errors at as few as make the map one of errors, or fewer."""
    found = fourier.half_plane(6, 8)[::every]
    share = np.full((len(found), 2), wrong)
    falls, radius = np.arange(2.0 * share[:, 0].size).reshape(-1, 2), np.hypot(found[:, 0] / 3, found[:, 1] / 4)
    drawn = HeatMap(found, radius, share, falls, np.array([2.0, 3]), np.arange(2), (6, 8), 100.0, 1.0)
    lines = [frequency._map_caption(drawn), *described(spectra.heat_map_figure(drawn))]
    check(FROZEN / f"heat-map-{every}-{wrong:g}.txt", lines)


def test_curvature():
    run = SimpleNamespace(clean=SimpleNamespace(images=np.zeros((1, 4, 4, 1))), config=SimpleNamespace(sigma=25.0))
    lines = []
    cases = [
        ((0.4, 0.3, 0.499), (-1, -2, -0.1), (1, 0.1, 2)),
        ((0.4, 0.3, 0.5), (-1, -2, 0), (1, 0, 2)),
        ((0.6, 0.5, 0.7), (1, 0, 2), (-1, -2, 0)),
        ((0.6, 0.51, 0.7), (1, 0.1, 2), (-1, -2, -0.1)),
        ((0.6, np.nan, np.nan), (1, np.nan, np.nan), (1, np.nan, np.nan)),
    ]
    for size, noise, more in cases:
        given = {"noise": Estimate(*noise), "size": Estimate(*size), "more": Estimate(*more)}
        figures = CurvatureFigures(**given, random=MIDDLE, copies=MIDDLE, longer=MIDDLE, images=3)
        lines += curvature._lines(run, figures)
        lines += part_in_words(curvature.curvature_table(run, figures))
    check(FROZEN / "sentences-curvature.txt", lines)


def test_places():
    lines = place._share_lines([])
    for ends in ((0.1, 0.299), (0.1, 0.3), (0.3, 0.5), (0.301, 0.5)):
        figures = [
            ShareFigures(factor, Estimate(share, *ends), 3, 2, 0.3) for factor, share in ((1, 0.0099), (2, 0.01))
        ]
        lines += place._share_lines(figures)
    check(FROZEN / "sentences-places.txt", [*lines, *part_in_words(place.share_table(figures))])


def test_rows_of_maps():
    """Signs stand on values above a quarter of the scale, white ones above six tenths of it."""
    image = np.linspace(-20, 300, 24).reshape(3, 2, 4)
    values = np.array([[0.5, 0.51, -0.51], [1.2, 1.21, -2]])
    shown = [image, image[..., :1], maps.Map(values, 2.0, outline=values > 1, signs=True),
             maps.Map(np.full((2, 2), np.nan), 1.0), maps.Map(values, 2.0, outline=values > 9)]  # fmt: skip
    lines = described(maps.rows_figure("abcde", [(maps.row_label("one", "two"), shown)]))
    many, last = np.arange(401.0), np.array([np.nan])
    lines += in_words("scales", [maps.scale_of(many, last), maps.scale_of(0 * many), maps.scale_of(last)])
    lines += in_words("seldom", maps.scale_of(many == 5))
    check(FROZEN / "maps.txt", lines)


def test_neighbours():
    lines = []
    for nearer, images in ((2, 12), (3, 12), (9, 12), (10, 12), (4, 4), (6, 6)):  # 4 of 4 are 51 to 100 % by Wilson
        share = accuracy_of(np.arange(images) < nearer)
        states = [Nearness(state, images, share, MIDDLE, MIDDLE) for state in neighbours.STATES]
        lines.append(neighbours._finding(states))
    lines += part_in_words(neighbours.nearness_table(states))
    for classes in (10, 11):  # as many as there are marks, and more; arrows are for some of 14 images
        belong = np.arange(16) % classes
        clean = np.stack([np.arange(16.0), np.arange(16) ** 2 % 7], axis=1)
        points = Map("pca", clean, clean, clean + 1, (0.5, 0.25))
        space = SimpleNamespace(classes=belong, predicted=(belong + 1) % classes, found=np.arange(16) > 1)
        run = SimpleNamespace(class_names=[f"class {k}" for k in range(classes)],
                              arrays=lambda name: {"l2": np.arange(16.0) * 5 % 17})  # fmt: skip
        lines += [neighbours._map_caption(points), *described(neighbours.map_figure(run, space, points))]
    check(FROZEN / "sentences-neighbours.txt", lines)


def test_ends_of_severities():
    ends = [severity_range(Estimate(1, *pair)) for pair in ((28, 37), (28, np.inf), (-np.inf, 28), (np.nan, np.nan))]
    assert ends == ["28–37", "28 or stronger", "28 or stronger", ""]
