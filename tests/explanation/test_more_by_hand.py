"""Ends of ranges, defaults and rare cases of the analyses, by hand."""

from pathlib import Path

import numpy as np
import pytest
from arrays_by_hand import flat
from explanation.test_neighbours import space
from frozen import check
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from made_runs import made_explanation
from tfstab import limits
from tfstab.errors import RunError
from tfstab.explanation import layers, neighbours
from tfstab.explanation.analyses import analyses
from tfstab.explanation.analysis import Field, problem_of
from tfstab.explanation.features import pooling
from tfstab.explanation.flatness import FEW, NOT_FOUND, SATURATED
from tfstab.explanation.occlusion import window_edges
from tfstab.explanation.plan import plan


def test_images_without_a_minimum_or_an_implied_distance_are_never_compared():
    found = flat([[0], [0]], [np.nan, 30.0])
    assert found.comparable((NOT_FOUND,)).tolist() == [[False], [True]]
    few = flat([[0], [0]], [30.0, 30.0], count=[[9], [10]])
    assert few.comparable((FEW,)).tolist() == [[False], [True]]
    saturated = flat([[0], [0]], [30.0, 30.0], saturated=[[True], [False]])
    assert saturated.comparable((SATURATED, FEW)).tolist() == [[False], [True]]


@pytest.mark.parametrize(
    ("shape", "most", "side"),
    [
        ((5, 4, 1), 5, 3), ((4, 5, 1), 5, 3), ((5, 4, 1), 6, 2), ((5, 4, 3), 12, 3), ((5, 4, 1), 20, 1),
        ((5, 4, 1), 1, 5), ((4, 5, 1), 1, 5), ((3, 2, 9), 4, 3), ((2, 3, 9), 4, 3),
    ],
)  # fmt: skip
def test_the_side_of_the_squares_to_average(shape, most, side):
    assert pooling(shape, most) == side


def test_windows_end_at_the_nearest_pixel():
    assert window_edges(12).tolist() == [0, 2, 3, 4, 6, 8, 9, 10, 12]
    assert window_edges(5).tolist() == [0, 1, 2, 3, 4, 5]


def test_distances_within_a_class_and_without_one(monkeypatch):
    points = np.array([[0.0], [1], [4], [10]])
    assert neighbours.typical_distance(points, np.array([0, 1, 0, 1])) == (4 + 9) / 2
    assert neighbours.typical_distance(points, np.arange(4)) == (4 + 6) / 2  # of 1, 4, 10, 3, 9 and 6
    assert np.isnan(neighbours.typical_distance(points * 0, np.arange(4)))
    assert neighbours.typical_distance(points[:2], np.arange(2)) == 1
    monkeypatch.setattr(neighbours, "PAIRS", 3)
    assert neighbours.typical_distance(points, np.arange(4)) == 3


def test_a_class_is_as_near_as_the_mean_of_its_five_nearest_images():
    """Of more images than distances are computed for at a time, some without noise."""
    rng = np.random.default_rng(4)
    clean, moved = rng.normal(size=(230, 3)).astype(np.float32), rng.normal(size=(230, 3)).astype(np.float32)
    classes, found = np.arange(230) % 3, np.arange(230) % 10 != 7
    predicted = (classes + 1 + np.arange(230) // 3 % 2) % 3
    given = space(clean, clean + moved, classes, predicted, found)
    states = {one.state: one for one in given.nearness()}
    assert list(states) == ["clean", "noisy", "degraded"]
    for state, points in (("clean", clean), ("degraded", clean + moved)):
        means = []
        for k in np.flatnonzero(found):
            lengths = np.linalg.norm(np.float64(clean) - points[k], axis=1) / given.typical
            lengths[k] = np.inf
            means.append([np.sort(lengths[classes == one])[:5].mean() for one in (classes[k], predicted[k])])
        own, other = np.array(means).T
        assert states[state].images == len(own) == 207
        assert states[state].own.value == pytest.approx(np.median(own))
        assert states[state].other.value == pytest.approx(np.median(other))
        assert states[state].nearer.value == pytest.approx((other < own).mean())
    near = given.of(100)
    assert len(near.own) == len(near.other) == 5 and 100 not in [one.image for one in (*near.own, *near.other)]


def test_an_image_as_near_to_both_classes_is_not_nearer_to_the_other():
    clean = np.array([[0], [2], [4]], np.float32)
    found = space(clean, clean + np.float32([[2], [0], [0]]), [0, 0, 1], [1, 1, 1], [True, False, False])
    degraded = found.nearness()[2]  # at 2: on its own class
    assert (degraded.images, degraded.own.value, degraded.other.value) == (1, 0, 1)
    middle = space(clean, clean + np.float32([[3], [0], [0]]), [0, 0, 1], [1, 1, 1], [True, False, False])
    assert middle.nearness()[2].nearer.value == 0
    assert space(clean, clean, [0, 0, 1], [1, 1, 1]).map().clean.shape == (3, 2)


ROW = {"a": Field(np.floating, ("image",), 0, 2), "b": Field(np.integer, ("image", 2))}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"a": np.array([0.0, 2.0, 1.0])}, None),
        ({"a": np.array([0.0, 2.1, 1.0])}, "a has values that cannot be"),
        ({"a": np.array([-0.1, 2.0, 1.0])}, "a has values that cannot be"),
        ({"a": np.array([np.nan, 2.0, 1.0])}, "a has values that cannot be"),
        ({"a": np.zeros(3, int)}, "a is of another kind"),
        ({"a": np.zeros((3, 1))}, "a is of another kind"),
        ({"a": np.zeros(2)}, "a has length 2 along image, not 3"),
        ({"b": np.zeros((3, 1), int)}, "b has length 1 along 2, not 2"),
    ],
)
def test_arrays_that_an_analysis_would_not_have_written(change, said):
    arrays = {"a": np.ones(3), "b": np.ones((3, 2), np.int64)} | change
    assert problem_of(arrays, ROW, {"image": 3}) == said
    assert problem_of({"a": np.ones(3)}, ROW, {"image": 3}) == "b is not in it"


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ([0, 0], None), ([0, 0, 1, 1, 1], None), ([0, 0, 0, 0, 0, 0], "it has 6 layers"),
        ([0, 0, 1], "its layers are not those of one network after the other"),
        ([0, 1, 0, 1], "its layers are not those of one network after the other"),
    ],
)  # fmt: skip
def test_layers_that_no_run_has(network, said, monkeypatch):
    monkeypatch.setattr(limits, "MOST_LAYERS", 5)
    arrays = {"network": np.array(network), "margin": np.zeros((2, 1 + max(network)))}
    assert layers.LAYERS.check(arrays) == said
    if said is None:
        wider = arrays | {"margin": np.zeros((2, 2 + max(network)))}
        assert layers.LAYERS.check(wider) is not None, "a network without layers"


def test_blocks_follow_each_other_and_what_is_computed_once_comes_after_the_first():
    both = [analyses()["noise"], analyses()["frequency"]]
    assert both[0].of_images and not both[1].of_images

    def planned(*given, **options):
        return [(one.analysis.name, one.first, one.stop) for one in plan(*given, **options)]

    once, second = ("frequency", 0, 4), [("noise", 4, 8), ("noise", 8, 9)]
    assert planned(9, both, 4) == [("noise", 0, 4), once, *second]
    assert planned(9, both, 4, early=(3,)) == [
        ("noise", 0, 3),
        once,
        ("noise", 3, 4),
        ("noise", 4, 8),
        ("noise", 8, 9),
    ]
    assert planned(2, both, 4, early=(3,)) == [("noise", 0, 2), ("frequency", 0, 2)]
    assert [one[1:] for one in planned(9, both[:1], 6, early=(1, 3))] == [(0, 1), (1, 3), (3, 6), (6, 9)]
    earlier = [one.name for one in plan(5, both, 4)]
    assert planned(7, both, 4, earlier) == [("noise", 0, 4), once, ("noise", 4, 5), ("noise", 5, 7)]
    assert planned(5, both, 4, earlier) == planned(5, both, 4)


def test_the_arrays_of_a_run_folder_are_as_recorded():
    """What is written, and accepted from strangers, is the format of the run folders; `make frozen` records it."""
    lines = []
    for name, one in analyses().items():
        flags = "of_images", "gradients", "layers", "noise"
        needs = [flag for flag in flags if getattr(one, flag)]
        lines.append(f"{name}: {' '.join(needs)}, work {one.work:g}, check {one.check is not None}")
        for array, field in one.fields.items():
            told = [getattr(field, key) for key in ("axes", "low", "high", "missing", "along")]
            lines.append(f"  {array}: {field.kind.__name__} {' '.join(map(str, told))}")
    check(Path(__file__).with_name("arrays.txt"), lines)


def test_the_table_of_an_explanation_by_hand(tmp_path):
    """Image 1 is wrong when clean. Copies of the row's image fail from a place on that is the image's number."""
    run = made_explanation(tmp_path / "run", np.ones(4), l2=5.0 + np.arange(4), clean=[0, 1, 0, 0])
    arrays = run.part("copies", 0, 4)
    arrays["clean_margin"][:] = 10 + run.rows
    arrays["sigmas"][:] = 9, 21, 12  # 10 is nearest to the first
    arrays["margins"][:, 0] = np.where(np.arange(20) < run.rows[:, None], -1.0, np.arange(20) - 3)
    table = run.to_pandas()
    assert table["label"].tolist() == [0] * 4 and table["predicted"].tolist() == [0, 1, 0, 0]
    assert table["l2"].tolist() == [5, 0, 7, 8] and table["falls_to"].tolist() == [1, -1, 1, 1]
    assert table["margin"].tolist() == [10, 11, 12, 13], "the run's own order is another one"
    assert table["noisy_right"].tolist() == [16 / 20] * 4, "a margin of 0 is not right"


def test_the_map_of_groups_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    clean, degraded = rng.normal(size=(2, 8, 70)).astype(np.float32)
    found = space(clean, degraded, np.arange(8) % 2, np.ones(8)).map("tsne")
    pca = PCA(8, random_state=0).fit(np.float64(clean))
    start = np.concatenate([pca.transform(np.float64(one)) for one in (clean, clean, degraded)])
    with threadpool_limits(1):
        expected = TSNE(perplexity=23 / 3, init="pca", random_state=0).fit_transform(start)
    np.testing.assert_allclose(np.concatenate([found.clean, found.noisy, found.degraded]), expected, rtol=1e-4)


def test_an_explanation_without_an_order_of_its_images_is_damaged(tmp_path):
    run = made_explanation(tmp_path / "run", np.ones(4))
    assert sorted(run.rows) == [0, 1, 2, 3]
    vars(run.clean)["order"] = None
    with pytest.raises(RunError, match=r"is damaged \(no order of its images\): make the run again"):
        _ = run.rows
