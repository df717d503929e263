"""Frequencies, heat maps and how they are drawn, from arrays made by hand."""

import base64
import io
import warnings

import numpy as np
import pytest
from arrays_by_hand import LOST, holding
from matplotlib.figure import Figure
from PIL import Image

from tfstab.explanation import fourier
from tfstab.explanation.bands import HeatMap, frequency_figures, heat_map, kernel_ratio, ratio_of_means
from tfstab.explanation.image_words import ImageFindings, Spectrum, spectrum_of
from tfstab.explanation.one_image import draw_places
from tfstab.explanation.shortfall import Place
from tfstab.metrics import Estimate
from tfstab.report.explanation.drawing import drawing
from tfstab.report.explanation.spectra import heat_map_figure
from tfstab.report.page import Picture


def test_radii_and_rings_by_hand():
    np.testing.assert_allclose(fourier.radii(4, 2), [[0, 1], [0.5, 1.25**0.5], [1, 2**0.5], [0.5, 1.25**0.5]])
    assert fourier.ring_of(np.array([0, 0.099, 0.1, 0.3, 0.99, 1, 2**0.5])).tolist() == [0, 0, 1, 3, 9, 10, 14]
    assert fourier.half_plane(3, 2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert fourier.alone(np.array([[0, 0], [0, 1], [1, 0], [2, 1]]), 4, 2).tolist() == [True, True, False, True]
    # The energy of white noise in 4 x 2 frequencies: half of it lies up to a radius of 1, of a row of 4 up to 0.5.
    assert fourier.white_median(4, 2) == 1 and fourier.white_median(4, 1) == 0.5
    assert fourier.median_radius(np.array([[[0.0, 1], [1, 0], [1, 0], [0, 0]]])).tolist() == [1]


def test_a_heat_map_by_hand():
    frequencies = np.array([[0, 0], [0, 1], [3, 0], [0, 4], [5, 5], [4, 0]])  # radius 0, 0.2, 0.6, 0.8, 1.4, 0.8
    margin = np.full((6, 2, 2), 4.0)
    margin[0, 0] = 0, 4  # a margin of 0 counts as wrong
    margin[1, 0, 1], margin[3, 1], margin[4, 1] = 1, -2, (2, -4)
    arrays = {"frequencies": frequencies, "margin": margin, "clean_margin": np.array([4.0, 6]),
              "images": np.array([3, 7]), "eps": np.array([30.0]), "kept": np.array([0.9])}  # fmt: skip
    run = holding(np.zeros((9, 10, 10, 1)), frequency=arrays, spectrum={"noise_median": np.array([0.4, np.nan, 0.8])})
    found, figures = heat_map(run), frequency_figures(run)
    np.testing.assert_allclose(found.wrong.sum(axis=1), [0.5, 0, 0, 1, 0.5, 0])
    np.testing.assert_allclose(found.fall, [[4, 2], [3, 2], [0, 2], [0, 8], [0, 10], [0, 2]])
    assert (found.eps, found.kept, found.shape) == (30, 0.9, (10, 10)) and not found.whole
    np.testing.assert_allclose(found.rings(), [(0, 0.1), (0.2, 0.3), (0.6, 0.7), (0.8, 0.9), (1.4, 1.5)])
    assert (
        found.error(0.2, 0.8).value == 0
        and found.error(0.8, 1.4).value == 0.25
        and np.isnan(found.error(0.3, 0.6).value)
    )
    assert figures.low_error.value == 0.125 and figures.high_error.value == pytest.approx(0.25)
    assert figures.error_difference.value == pytest.approx(0.125 - 0.25)
    assert figures.low_fall.value == pytest.approx(5.5 / 10) and figures.high_fall.value == pytest.approx((20 / 3) / 10)
    assert figures.fall_ratio.value == pytest.approx((20 / 3) / 5.5) and figures.images == 2
    assert figures.noise_median.value == pytest.approx(0.6)
    assert figures.noise_ratio.value == pytest.approx(0.6 / fourier.white_median(10, 10))
    for some in ([0, 1, 2], [2, 3]):  # no high frequencies, and no low ones
        part = HeatMap(frequencies[some], found.radius[some], found.wrong[some], found.fall[some], found.clean_margin,
                       found.images, (10, 10), 1, 1)  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as one about the mean of nothing
            assert np.isnan(part.fall_ratio().value)
            assert np.isnan(part.error_difference().value)
        assert np.isfinite(part.mean_fall(0, 2).value)
    alone = HeatMap(
        frequencies, found.radius, found.wrong[:, 1:], found.fall[:, 1:], np.ones(1), np.ones(1, int), (10, 10), 1, 1
    )
    assert alone.error(0.8, 1.5).value == pytest.approx((1 + 0.5 + 0) / 3) and alone.mean_fall(0.8, 1.5).value > 0
    nobody = HeatMap(
        frequencies, found.radius, found.wrong[:, :0], found.fall[:, :0], np.empty(0), np.empty(0, int), (10, 10), 1, 1
    )
    assert np.isnan([nobody.error(0, 2).value, nobody.mean_fall(0, 2).value, nobody.fall_ratio().value]).all()


def test_ratios_by_hand():
    response = np.zeros((10, 10))
    response[0, 1] = response[0, 2] = 8  # radius 0.2 and 0.4; nine frequencies are below 0.3
    response[0, 4] = 1
    high = (fourier.radii(10, 10) >= 0.7).sum()
    low = (fourier.radii(10, 10) < 0.3).sum()
    assert kernel_ratio(response) == pytest.approx((1 / high) / (8 / low)) and low == 9
    assert np.isnan(kernel_ratio(np.zeros((10, 10))))
    part, whole = np.array([1.0, 3]), np.array([2.0, 2])
    found = ratio_of_means(part, whole)
    assert found == Estimate(1, 0.5, 1.5), "resamples of two images have all ratios that there can be at their ends"
    assert np.isnan(ratio_of_means(part, -whole).value) and np.isnan(ratio_of_means(part[:1], np.zeros(1)).value)


def test_what_is_drawn_of_a_heat_map_and_of_places():
    half = fourier.half_plane(4, 4)
    fall = np.linspace(-0.5, 1, len(half))[:, None]  # some stripes raise the margin
    found = HeatMap(half, fourier.radii_of(half, 4, 4), 0 * fall, fall, np.ones(1), np.arange(1), (4, 4), 9.0, 1.0)
    assert heat_map_figure(found).axes[0].images[0].get_clim() == (-0.5, 1)
    axes = Figure().subplots(1, 4)
    for axis, factors, end in zip(axes, ([0.1, 4], [0.5, 8], [0.9, 1.1], []), (11, 8.8, 2, None), strict=True):
        draw_places(axis, [Place(str(factor), factor) for factor in factors])
        assert not end or axis.get_xlim() == pytest.approx((1 / end, end))
    assert not axes[3].axison and [bar.get_x() + bar.get_width() for bar in axes[0].patches] == pytest.approx([0.1, 4])


def test_a_figure_has_96_pixels_an_inch_in_a_page():
    found = drawing(Picture("name", "What it shows. And more.", Figure((5, 2.5))))
    assert (found.width, found.height, found.lead, found.rest) == (480, 240, "What it shows.", "And more.")


@pytest.mark.parametrize(("high", "count"), [(0.84, 0), (0.86, 1), (0.76, 0), (0.74, 1), (np.nan, 0)])
def test_noise_like_white_noise_is_not_described_by_its_frequencies(high, count):
    spectrum = Spectrum(np.full(3, high), np.zeros(3), np.zeros(3), high, 0.8)
    assert len(ImageFindings(**LOST, spectrum=spectrum).sentences) == count
    flat = Spectrum(*[np.zeros(3)] * 3, 0.05, 0.0)
    assert ImageFindings(**LOST, spectrum=flat).sentences == [] and not ImageFindings(**LOST).amplified.much
    assert len(ImageFindings(**LOST, gains={"a": 1.5}).sentences) == 1


def test_the_spectrum_of_stripes_by_hand():
    across = np.tile(np.array([1.0, -1, 1, -1])[None, :, None], (4, 1, 1))  # the Nyquist frequency
    found = spectrum_of(100 + 7 * across + 0 * across, 5 + across)
    assert found.noise[[0, 10]] == pytest.approx([25 / 26, 1 / 26]) and found.image[10] == pytest.approx(1)
    assert found.high == pytest.approx(1 / 26) and found.white_high == pytest.approx(11 / 16)


def test_a_figure_of_very_many_lines_is_a_small_picture():
    figure = Figure((5, 2.5))
    axes, rng = figure.subplots(), np.random.default_rng(0)
    for colour in rng.random((300, 3)):
        axes.plot(rng.normal(size=60), lw=2, color=colour)
    found = drawing(Picture("name", "What it shows.", figure))
    kind, _, content = found.uri.partition(";base64,")
    picture = Image.open(io.BytesIO(base64.b64decode(content)))
    assert kind == "data:image/png" and picture.format == "PNG" and picture.size == (650, 325)
    assert 200 < len(picture.getcolors()) <= 255 and not found.has_dark and (found.width, found.height) == (480, 240)
