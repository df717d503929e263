"""Neighbours in feature space, and the map of all images."""

from types import SimpleNamespace

import numpy as np
import pytest

from tfstab.errors import InputError
from tfstab.explanation.analysis import problem_of
from tfstab.explanation.neighbours import FeatureSpace
from tfstab.explanation.noise import NOISE


def space(clean, degraded, classes, predicted, found=None, order=None):
    """A feature space of an explanation that has these features; images are numbered from 100."""
    n = len(clean)
    order = np.arange(n) if order is None else order
    found = np.ones(n, bool) if found is None else np.asarray(found)
    arrays = {
        "features": {"clean": clean[order], "degraded": degraded[order], "noisy": clean[order]},
        "noise": {"found": found[order], "predicted": np.asarray(predicted)[order]},
    }
    run = SimpleNamespace(
        arrays=arrays.get, images=100 + order, rows=order, clean=SimpleNamespace(class_index=np.asarray(classes))
    )
    return FeatureSpace(run)


def two_groups(moved=0.9, n=10):
    """Two classes on a line, at 0 and at 10, and degraded images that have gone part of the way to the other."""
    rng = np.random.default_rng(0)
    classes = np.arange(n) % 2
    clean = np.zeros((n, 3), np.float32)
    clean[:, 0] = 10 * classes + rng.normal(size=n)
    clean[:, 1] = rng.normal(size=n)
    degraded = clean + moved * 10 * np.outer(1 - 2 * classes, [1, 0, 0])
    return clean, degraded.astype(np.float32), classes, 1 - classes


def test_neighbours_are_the_nearest_images_of_both_classes():
    clean = np.array([[0], [2], [1], [5], [9], [8]], np.float32)
    degraded = clean + 4
    found = space(clean, degraded, [0, 0, 0, 1, 1, 2], [1, 1, 1, 0, 0, 0])
    near = found.of(100, count=2)  # at 4 with its noise
    assert (near.class_index, near.predicted) == (0, 1)
    assert [one.image for one in near.own] == [101, 102] and [one.image for one in near.other] == [103, 104]
    # Distances within a class are 1, 1, 2 and 4; their median is 1.5.
    assert [one.distance for one in near.own] == pytest.approx([2 / 1.5, 3 / 1.5])
    assert [one.clean_distance for one in near.other] == pytest.approx([5 / 1.5, 9 / 1.5])


@pytest.mark.parametrize(("moved", "nearer"), [(0.9, 1), (0.1, 0)])
def test_degraded_images_are_nearer_to_the_class_that_they_have_come_to(moved, nearer):
    clean, noisy, degraded = space(*two_groups(moved)).nearness()
    assert (clean.nearer.value, degraded.nearer.value) == (0, nearer) and degraded.images == 10
    assert noisy.nearer.value == 0
    assert (degraded.own.value > degraded.other.value) == bool(nearer)


def test_images_without_noise_or_without_others_of_a_class_are_left_out():
    clean, degraded, classes, predicted = two_groups()
    found = np.arange(10) > 3
    assert space(clean, degraded, classes, predicted, found).nearness()[2].images == 6
    assert space(clean, degraded, classes, predicted, found).of(100) is None
    alone = space(clean, degraded, np.arange(10), np.full(10, 99))
    assert alone.nearness()[2].images == 0 and np.isnan(alone.nearness()[2].nearer.value)
    assert alone.of(100).own == alone.of(100).other == ()
    predicted = np.append(predicted[:-1], 99)
    assert [one.images for one in space(clean, degraded, classes, predicted).nearness()] == [9] * 3


def test_image_that_is_not_explained_is_refused():
    with pytest.raises(InputError, match="image 3 is not explained"):
        space(*two_groups()).of(3)


def test_minimum_noise_that_leads_to_a_class_beyond_the_last_is_damaged():
    fields = {"predicted": NOISE.fields["predicted"]}
    sizes = {"image": 2, "class": 3}
    assert problem_of({"predicted": np.array([0, 2])}, fields, sizes) is None
    assert problem_of({"predicted": np.array([0, 3])}, fields, sizes) == "predicted names a class that is not there"


def test_map_has_the_principal_axes_of_the_clean_images():
    clean, degraded, *classes = two_groups(n=40)
    found = space(clean, degraded, *classes).map()
    assert sum(found.explained) == pytest.approx(1) and found.explained[0] > 0.9
    np.testing.assert_allclose(np.abs(found.degraded - found.clean), np.tile([9, 0], (40, 1)), atol=0.5)


def test_map_does_not_depend_on_the_order_of_the_images():
    rng = np.random.default_rng(1)
    clean = rng.normal(size=(30, 8)).astype(np.float32)
    degraded, classes = clean + 1, rng.integers(0, 3, 30)
    first = space(clean, degraded, classes, classes).map()
    order = rng.permutation(30)
    second = space(clean, degraded, classes, classes, order=order).map()
    np.testing.assert_allclose(first.clean[order], second.clean, atol=1e-5)
    np.testing.assert_allclose(first.degraded[order], second.degraded, atol=1e-5)


def test_tsne_keeps_groups_apart_and_is_the_same_each_time():
    given = space(*two_groups(n=12))
    one, two = given.map("tsne"), given.map("tsne")
    assert (one.clean == two.clean).all() and one.explained == ()
    same = np.linalg.norm(one.clean[0] - one.clean[2])
    assert same < np.linalg.norm(one.clean[0] - one.clean[1])


def test_map_needs_three_images_that_differ_and_a_known_method():
    clean, degraded, classes, predicted = two_groups()
    assert space(clean[:2], degraded[:2], classes[:2], predicted[:2]).map() is None
    assert space(clean * 0, degraded * 0, classes, predicted).map() is None
    assert np.isnan(space(clean[:1], degraded[:1], classes[:1], predicted[:1]).typical)
    with pytest.raises(InputError, match="unknown method 'umap'"):
        space(clean, degraded, classes, predicted).map("umap")
    one_feature = space(clean[:, :1], degraded[:, :1], classes, predicted).map()
    assert one_feature.clean.shape == (10, 2) and not one_feature.clean[:, 1].any()
