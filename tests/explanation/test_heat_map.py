"""The Fourier heat map: networks that look at one frequency, its strength, and what is read from it."""

import io

import numpy as np
import pytest
from explanation.networks import convolutional, explained, images
from explanation.small import material, of_function

from tfstab import Classifier
from tfstab.explanation import fourier, frequency
from tfstab.explanation.bands import (
    HIGH,
    LOW,
    FrequencyFigures,
    HeatMap,
    frequency_figures,
    heat_map,
    kernel_ratio,
    ratio_of_means,
)
from tfstab.metrics import Estimate
from tfstab.report.explanation.frequency import of_image, section
from tfstab.report.explanation.spectra import heat_map_figure, rings_figure, shows_errors
from tfstab.report.page import Picture

SIZE = 8
SHAPE = (SIZE, SIZE, 1)
HALF = fourier.half_plane(SIZE, SIZE)


def flat(count=6):
    """Images of one grey level each."""
    return np.linspace(100, 150, count).astype(np.uint8)[:, None, None, None] * np.ones((1, *SHAPE), np.uint8)


def looking_at(place, lead=5.0, phase=0.0):
    """A linear classifier that looks at one basis matrix."""
    [pattern] = fourier.waves(HALF[[place]], np.array([phase]), SIZE, SIZE)
    return of_function(lambda given: lead + (given[..., 0] * pattern).sum(axis=(1, 2)), SHAPE)


@pytest.mark.parametrize("place", [1, 9, 20, len(HALF) - 1])
def test_a_network_that_looks_at_one_frequency_fails_there_only(place):
    given = material(looking_at(place), flat(), np.zeros((6, *SHAPE)))
    margins, kept = frequency.margins_under(given, np.arange(6), np.arange(len(HALF)), 40.0)
    assert kept == pytest.approx(1, abs=1e-5)  # nothing was clipped
    wrong = (margins <= 0).any(axis=(1, 2))
    assert np.flatnonzero(wrong).tolist() == [place]
    others = np.delete(margins, place, axis=0)
    np.testing.assert_allclose(others, 5, atol=1e-3)
    np.testing.assert_allclose(margins.mean(axis=2), 5, atol=1e-3)  # what one sign takes, the other one gives
    fall = 5 - margins[place].min(axis=1)
    phases, _ = frequency.draws(given, np.arange(6), len(HALF))
    alone = fourier.alone(HALF[[place]], SIZE, SIZE)[0]
    np.testing.assert_allclose(fall, 40 * (1 if alone else np.abs(np.cos(phases[:, place]))), rtol=1e-3)


def test_stripes_have_the_norm_eps_over_all_channels_and_are_the_same_for_an_image_wherever_it_is():
    seen = []

    def function(given):
        seen.append(given)
        return np.zeros((len(given), 2))

    classifier = Classifier.from_function(function, (6, 5, 3), 2, fingerprint="keeps", outputs="logits", batch_size=40)
    pixels = np.full((4, 6, 5, 3), 128, np.uint8)
    given = material(classifier, pixels, np.zeros(pixels.shape))
    of_image_3 = []
    for rows in (np.array([1, 3]), np.array([3])):
        seen.clear()
        frequency.margins_under(given, rows, np.array([4]), 30.0)
        stripes = np.concatenate(seen)[: 2 * len(rows)] - 128
        np.testing.assert_allclose(np.linalg.norm(stripes.reshape(len(stripes), -1), axis=1), 30, rtol=1e-5)
        np.testing.assert_allclose(stripes[-2], -stripes[-1], atol=1e-4)
        np.testing.assert_allclose(np.abs(stripes[..., 0]), np.abs(stripes[..., 2]), atol=1e-4)
        of_image_3.append(stripes[-2])
    np.testing.assert_allclose(*of_image_3)


def test_stripes_are_clipped_for_a_function_only():
    pixels = np.zeros((3, *SHAPE), np.uint8)
    function = of_function(lambda given: 1 - given.min(axis=(1, 2, 3)), SHAPE)
    margins, kept = frequency.margins_under(material(function, pixels, pixels), np.arange(3), np.arange(5, 9), 40.0)
    assert (margins == 1).all() and 0.4 < kept < 0.6  # of stripes on black, the dark half is lost
    model = Classifier(convolutional(SHAPE), batch_size=16)
    _, kept = frequency.margins_under(material(model, pixels, pixels), np.arange(3), np.arange(5, 9), 40.0)
    assert kept == pytest.approx(1, abs=1e-12)


def test_eps_is_chosen_so_that_some_images_are_lost_and_others_not():
    for strength in (1.0, 30.0, 300.0):
        # The brighter an image, the more noise of any frequency it bears; without noise all are right.
        def margin(given, strength=strength):
            level = given.mean(axis=(1, 2, 3), keepdims=True)
            return strength * (level[:, 0, 0, 0] - 90) / 20 - np.sqrt(((given - level) ** 2).sum(axis=(1, 2, 3)))

        given = material(of_function(margin, SHAPE), flat(20), np.zeros((20, *SHAPE)))
        found = frequency.compute(given)
        assert len(found["images"]) == 20
        assert frequency.ERRORS[0] <= (found["margin"] <= 0).mean() <= frequency.ERRORS[1]
        doublings = np.log2(found["eps"][0] / (10 * SIZE))
        assert doublings == pytest.approx(round(doublings))


def test_a_network_that_no_stripes_disturb_gets_the_strongest_ones():
    found = frequency.compute(
        material(of_function(lambda given: np.ones(len(given)), SHAPE), flat(), np.zeros((6, *SHAPE)))
    )
    assert found["eps"][0] / SIZE == pytest.approx(40)  # 10 grey levels, doubled until 64 would be exceeded
    assert (found["margin"] == 1).all()
    colours = np.full((2, 4, 4, 3), 128, np.uint8)
    given = material(of_function(lambda given: np.ones(len(given)), (4, 4, 3)), colours, 0 * colours)
    assert frequency.chosen_eps(given, np.arange(2)) == pytest.approx(40 * np.sqrt(48))


def test_eps_is_not_doubled_once_a_twentieth_is_lost():
    """Of 20 images, stripes of a root mean square of 15 grey levels or more change one."""

    def margin(given):
        size = np.sqrt(((given - 128.0) ** 2).mean(axis=(1, 2, 3)))
        return np.where((given.std(axis=(1, 2, 3)) < 60) & (size > 15), 0.0, 1.0)

    checks = np.where(np.indices((SIZE, SIZE)).sum(axis=0) % 2, 48, 208)[None, :, :, None]  # never changed
    pixels = np.where(np.arange(20)[:, None, None, None] == 7, 128, checks).astype(np.uint8)
    given = material(of_function(margin, SHAPE), pixels, 0 * pixels)
    assert frequency.chosen_eps(given, np.arange(20)) == pytest.approx(20 * SIZE)


@pytest.mark.parametrize(
    ("lost", "sigma", "expected"),
    [
        (12, 10.0, 10.0),  # 60 %: as many as may be lost
        (13, 10.0, 10.0 / 2**12),  # 65 % are lost under the weakest stripes too
        (1, 10.0, 10.0),  # 5 %: as few as may be lost
        (0, 8.0, 64.0),  # doubled up to the strongest stripes exactly
        (0, 100.0, 64.0),
        (12, 100.0, 64.0),
    ],
)
def test_eps_is_kept_at_the_ends_of_the_range(lost, sigma, expected):
    """Of 20 images some are lost under any stripes, and the others under none."""

    def margin(given):
        dark, clean = given.mean(axis=(1, 2, 3)) < 125, np.isin(given, (40, 210)).all(axis=(1, 2, 3))
        return np.where(dark & ~clean, 0.0, 1.0)

    levels = np.where(np.arange(20) < lost, 40, 210).astype(np.uint8)
    pixels = np.broadcast_to(levels[:, None, None, None], (20, *SHAPE))
    given = material(of_function(margin, SHAPE), pixels, np.zeros(pixels.shape), sigma=sigma)
    assert frequency.chosen_eps(given, np.arange(20)) == pytest.approx(expected * SIZE, rel=1e-9)


def test_images_that_are_wrong_when_clean_are_left_out():
    given = material(of_function(lambda x: (x.mean(axis=(1, 2, 3)) - 120) / 20, SHAPE), flat(), np.zeros((6, *SHAPE)))
    found = frequency.compute(given)
    assert found["images"].tolist() == [3, 4, 5]
    assert (found["clean_margin"] > 0).all()
    none = frequency.compute(material(of_function(lambda x: -np.ones(len(x)), SHAPE), flat(), np.zeros((6, *SHAPE))))
    assert none["margin"].shape == (len(HALF), 0, 2)


def test_the_work_is_bounded_whatever_the_network():
    assert frequency.sampling(28, 28, 2.3e6) == (32, True)
    assert frequency.sampling(32, 32, 1.2e7) == (32, True)
    images, whole = frequency.sampling(48, 48, 7.7e7)
    assert whole and 8 <= images < 16
    assert frequency.sampling(224, 224, 3e8)[1] is False
    assert frequency.sampling(32, 32, 1e10) == (frequency.LEAST_IMAGES, False)
    assert frequency.sampling(224, 224, 4e8) == (22, False)  # of 4,000 passes, 2 for each of 6 frequencies of 15 rings
    assert frequency.sampling(48, 48, 1.6e12 / (48 * 48 * 8)) == (8, True)
    assert frequency.sampling(48, 48, 1.6e12 / (48 * 48 * 8 - 1)) == (32, False) == frequency.sampling(49, 4, 1e6)


def test_large_images_get_a_few_frequencies_of_each_ring():
    shape = (60, 60, 1)
    pixels = np.full((3, *shape), 120, np.uint8)
    found = frequency.compute(material(of_function(lambda x: np.ones(len(x)), shape), pixels, np.zeros(pixels.shape)))
    rings = np.bincount(fourier.ring_of(fourier.radii_of(found["frequencies"], 60, 60)), minlength=fourier.RINGS)
    assert rings.max() == frequency.PER_RING and rings.min() >= 1
    assert len(np.unique(found["frequencies"], axis=0)) == len(found["frequencies"])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The explanation of a small network for colours."""
    model = convolutional((8, 8, 3))
    return explained(model, tmp_path_factory.mktemp("f") / "run", only=("noise", "spectrum", "frequency", "kernels"))


def test_figures_of_a_run_agree_with_its_arrays(run):
    found, figures = heat_map(run), frequency_figures(run)
    arrays = run.arrays("frequency")
    high, low = found.radius >= HIGH - 1e-9, found.radius < LOW - 1e-9
    assert figures.high_error.value == pytest.approx((arrays["margin"][high] <= 0).mean())
    assert figures.low_error.value == pytest.approx((arrays["margin"][low] <= 0).mean())
    fall = arrays["clean_margin"] - arrays["margin"].min(axis=2)
    assert figures.fall_ratio.value == pytest.approx(fall[high].mean() / fall[low].mean(), rel=1e-4)
    assert figures.fall_ratio.low <= figures.fall_ratio.value <= figures.fall_ratio.high
    assert figures.images == 12 and figures.eps == arrays["eps"][0]
    assert figures.noise_median.value == np.median(run.arrays("spectrum")["noise_median"])
    median, ratio = figures.noise_median, figures.noise_ratio
    assert np.multiply([ratio.value, ratio.low, ratio.high], fourier.white_median(8, 8)) == pytest.approx(
        [median.value, median.low, median.high]
    )
    assert figures.kernel_ratios == (kernel_ratio(run.arrays("kernels")["response"][0]),)
    rings = [found.error(*ring).value for ring in found.rings()]
    assert found.whole and len(rings) == len(np.unique(fourier.ring_of(found.radius))) and np.isfinite(rings).all()


def test_a_network_without_gradients_or_right_images_has_the_figures_that_are_possible(tmp_path):
    dark = of_function(lambda given: given.mean(axis=(1, 2, 3)) - 300)
    run = explained(
        dark, tmp_path / "run", images(4, (4, 4, 1), 2).select(np.array([0, 2])), only=("frequency", "kernels")
    )
    assert run.has("frequency") and not run.has("kernels")
    assert heat_map(run) is None
    assert frequency_figures(run) == FrequencyFigures()


def test_a_ratio_of_means_has_an_interval_over_images():
    rng = np.random.default_rng(0)
    whole = rng.uniform(1, 2, 40)
    found = ratio_of_means(whole * rng.uniform(0.5, 1.5, 40), whole)
    assert 0.8 < found.low < found.value < found.high < 1.2
    assert np.isnan(ratio_of_means(np.ones(3), np.zeros(3)).value)
    assert ratio_of_means(np.ones(1), np.full(1, 2.0)) == Estimate(0.5, 0, np.inf)  # of others, one tells nothing


def test_the_report_shows_every_measurement_and_says_the_finding_first(run):
    shown = section(run)
    kinds = {part.name if isinstance(part, Picture) else part.title: part for part in shown.parts}
    assert list(kinds) == [
        "fourier-heat-map", "frequency-rings", "noise-spectrum", "kernel-response", "Spectral norm of each layer",
    ]  # fmt: skip
    assert kinds["Spectral norm of each layer"].columns == ("layer", "spectral norm")
    ratio = frequency_figures(run).fall_ratio
    assert f"{ratio.value:.2f} ({ratio.low:.2f}–{ratio.high:.2f}) times as much" in shown.lines[0]
    assert len(shown.lines) == 4
    drawn = kinds["fourier-heat-map"].figure.axes[0].images[0].get_array()
    assert drawn.shape == (8, 8) and np.isfinite(drawn).all()
    found = heat_map(run)
    value = (100 * found.wrong if shows_errors(found) else found.fall / found.clean_margin.mean()).mean(axis=1)
    for (down, across), expected in zip(found.frequencies.tolist(), value, strict=True):
        for sign in (1, -1):  # the centre, at (4, 4), is the constant grey level
            assert drawn[(4 + sign * down) % 8, (4 + sign * across) % 8] == pytest.approx(expected)


def test_the_report_of_an_image_shows_the_spectrum_of_its_noise(run):
    row = 4
    [picture] = of_image(run, int(run.images[row]))
    assert f"below {run.arrays('spectrum')['noise_median'][row]:.2f} of the" in picture.caption
    white = fourier.white(8, 8)
    curve = picture.figure.axes[0].lines[1].get_ydata()
    np.testing.assert_allclose(curve, run.arrays("spectrum")["noise"][row][white > 0] / white[white > 0], atol=2e-3)
    assert of_image(run, 99) == []


def test_a_heat_map_of_some_frequencies_is_drawn_as_points():
    rng = np.random.default_rng(0)
    half = fourier.half_plane(60, 50)[::7]
    radius = fourier.radii_of(half, 60, 50)
    fall = rng.uniform(0, 1, (len(half), 3))
    found = HeatMap(half, radius, np.zeros_like(fall), fall, np.ones(3), np.arange(3), (60, 50), 9.0, 1.0)
    assert not found.whole and not shows_errors(found)
    figure = heat_map_figure(found)
    [points] = figure.axes[0].collections
    assert len(points.get_offsets()) == 2 * len(half)
    figure.savefig(io.StringIO(), format="svg")
    figure.set_layout_engine("none")
    assert figure.get_tightbbox().x0 > 0, "the label at the left is not cut off"
    assert len(rings_figure(found).axes) == 2


def test_a_run_without_measurements_of_frequency_has_no_section(tmp_path):
    run = explained(convolutional(), tmp_path / "run", only=("copies",))
    assert section(run) is None
    assert of_image(run, int(run.images[0])) == []
    dark = of_function(lambda given: given.mean(axis=(1, 2, 3)) - 300)
    wrong = explained(dark, tmp_path / "wrong", images(4, (4, 4, 1), 2).select(np.array([0, 2])), only=("frequency",))
    assert section(wrong) is None
