"""Where noise works and how margins bend, over all images of a run, and the report's sections on both."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from networks import convolutional, fast, images
from small import of_function

from tfstab import Classifier, Dataset
from tfstab.explanation import run_explanation
from tfstab.explanation.attribution import TOLERANCE
from tfstab.explanation.bends import curvature_figures
from tfstab.explanation.places import even_share, share_figures
from tfstab.metrics.median import estimate_median
from tfstab.models import make_ensemble
from tfstab.report.explanation import curvature, maps, place
from tfstab.report.page import Picture

ANALYSES = ("attribution", "occlusion", "curvature")


def labelled(classifier, count, wrong=()):
    """Images with the labels that the network gives them, but for some that it gets wrong."""
    given = images(count)
    labels = classifier.scores(given.images).argmax(axis=1)
    labels[list(wrong)] = (labels[list(wrong)] + 1) % 3
    return Dataset.from_arrays("random", "test", given.images, labels, given.class_names)


@pytest.fixture(scope="module")
def network():
    return Classifier(convolutional(), batch_size=32)


@pytest.fixture(scope="module")
def run(network, tmp_path_factory):
    data = labelled(network, 9, wrong=(0, 4))
    return run_explanation(network, data, fast(*ANALYSES), tmp_path_factory.mktemp("places") / "run")


def test_share_figures_are_medians_over_the_images_with_noise(run):
    found, arrays = run.arrays("noise")["found"], run.arrays("occlusion")
    assert found.sum() == 7
    for k, figures in enumerate(share_figures(run)):
        assert figures.factor == arrays["factors"][k] and figures.images == 7
        shares = arrays["share"][found, k]
        assert figures.flipped == np.isfinite(shares).sum()
        assert figures.share.value == np.median(shares) and figures.share.low <= figures.share.value
        np.testing.assert_array_equal(arrays["mask"][found, k].mean(axis=(1, 2)), shares)
    assert np.isnan(arrays["share"][~found]).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_even_share_is_that_of_white_noise(channels):
    squares = np.random.default_rng(0).normal(size=(100_000, channels)) ** 2
    ordered = np.sort(squares.sum(axis=1))[::-1].cumsum()
    for factor in (1, 2, 4):
        needed = (1 + np.searchsorted(ordered, ordered[-1] / factor)) / len(ordered)
        np.testing.assert_allclose(even_share(factor, channels), needed, atol=0.01)


def test_curvature_figures_are_paired_by_image(run):
    figures = curvature_figures(run)
    bends = run.arrays("curvature")["bends"][run.arrays("noise")["found"]]
    assert figures.images == 7 and figures.noise.value == np.median(bends[:, 0])
    difference = np.abs(bends[:, 0]) - np.median(np.abs(bends[:, 1:5]), axis=1)
    assert figures.more == estimate_median(difference, least=-np.inf)
    length = run.arrays("curvature")["length"][run.arrays("noise")["found"]]
    np.testing.assert_allclose(length[:, 0], run.arrays("noise")["l2"][run.arrays("noise")["found"]], rtol=1e-4)


def test_sections_show_the_least_the_median_and_the_most_noise(run):
    order = run.arrays("noise")["l2"][maps.shown_images(run)]
    found = np.sort(run.arrays("noise")["l2"][run.arrays("noise")["found"]])
    assert order.tolist() == [found[0], found[3], found[-1]]
    for topic, names in ((place, ["place_noise", "place_image"]), (curvature, ["curvature_lines", "curvature_planes"])):
        section = topic.section(run)
        pictures = [part for part in section.parts if isinstance(part, Picture)]
        assert [picture.name for picture in pictures] == names and len(section.parts) == 3
        for picture in pictures:
            picture.figure.savefig(io.BytesIO(), dpi=20)
        assert "nan" not in " ".join(section.lines)


def test_of_one_image(run):
    noisy, wrong = (int(run.images[run.arrays("noise")["found"] == found][0]) for found in (True, False))
    assert [part.name for part in place.of_image(run, noisy)] == ["place_noise", "place_image"]
    assert [part.name for part in place.of_image(run, wrong)] == ["place_image"]
    assert [part.name for part in curvature.of_image(run, noisy)] == ["curvature_lines", "curvature_planes"]
    assert curvature.of_image(run, wrong) == place.of_image(run, 1000) == curvature.of_image(run, 1000) == []


def test_images_that_are_all_wrong_when_clean(network, tmp_path):
    run = run_explanation(network, labelled(network, 2, wrong=(0, 1)), fast(*ANALYSES), tmp_path / "wrong")
    assert share_figures(run) == [] and curvature_figures(run) is None
    assert "No image has minimum noise" in place.section(run).lines[0] and len(place.section(run).parts) == 1
    assert "No image has minimum noise" in curvature.section(run).lines[0] and not curvature.section(run).parts


def test_a_network_without_gradients_and_a_single_image(tmp_path):
    pixels = np.full((1, 6, 6, 1), 120, np.uint8)
    data = Dataset.from_arrays("one", "test", pixels, np.zeros(1, np.int64), ("bright", "dark"))
    classifier = of_function(lambda images: images[:, 2, 3, 0] / 10 - 10, (6, 6, 1))
    run = run_explanation(classifier, data, fast(*ANALYSES), tmp_path / "one")
    assert not run.has("attribution") and run.arrays("noise")["found"].all()
    assert run.arrays("occlusion")["mask"][0, :, 2, 3].all()
    section = place.section(run)
    assert [part.name for part in section.parts[:2]] == ["place_noise", "place_image"]
    assert "gradients" in section.lines[-1] and "inf" not in " ".join(curvature.section(run).lines)


def test_maps_of_large_images_are_summed_over_blocks():
    large = np.random.default_rng(0).normal(size=(150, 224))
    small = maps.in_blocks(large)
    assert small.shape == (38, 56)
    np.testing.assert_allclose(small[3, 5], large[12:16, 20:24].sum())
    np.testing.assert_array_equal(maps.in_blocks(large[:60, :64]), large[:60, :64])


def test_blocks_of_a_large_image_are_outlined_if_most_of_their_pixels_are_needed():
    """Four pixels are a block. Of one, three are needed, of another two, and of a third one."""
    mask = np.zeros((1, 1, 128, 128), bool)
    mask[0, 0, 20:22, 60:62] = [[True, True], [True, False]]
    mask[0, 0, 40:42, 60] = mask[0, 0, 80, 60] = True
    image = np.zeros((1, 128, 128, 1))
    arrays = {"noise": {"noise": image, "predicted": [1]}, "occlusion": {"factors": np.array([2.0]), "mask": mask}}
    clean = SimpleNamespace(images=image, class_index=[0])
    run = SimpleNamespace(rows=[0], clean=clean, class_names=("cat", "dog"), arrays=arrays.get, has=arrays.__contains__)
    _, noise, _ = place.noise_figure(run, np.array([0])).axes
    lines = {
        tuple(map(tuple, np.sort(segment, axis=0))) for drawn in noise.collections for segment in drawn.get_segments()
    }
    assert lines == {((30, 10), (31, 10)), ((30, 11), (31, 11)), ((30, 10), (30, 11)), ((31, 10), (31, 11))}


def test_the_attributions_of_an_ensemble_are_complete_too(tmp_path):
    members = [Classifier(convolutional(seed=seed), batch_size=32) for seed in (0, 1)]
    ensemble = make_ensemble(members, combine="mean")
    run = run_explanation(ensemble, labelled(ensemble, 2), fast("attribution"), tmp_path / "ensemble")
    arrays = run.arrays("attribution")
    baseline, clean, degraded = arrays["margins"].T
    for name, change in (("clean", clean - baseline), ("path", clean - degraded)):
        found = arrays[name].sum(axis=(1, 2), dtype=float)
        assert (np.abs(found - change) <= TOLERANCE * np.maximum(np.abs(change), 1) + 0.01).all()
