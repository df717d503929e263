"""Content of the viewer by hand where numbers tie or lie at a bound, and where there is little or nothing."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import NAMES, classifier, sweep

from tfstab import SweepConfig
from tfstab.degradations import BUILT_IN
from tfstab.errors import DataError, InputError
from tfstab.gui.content import grouping, image_grid, obstacles, pairing
from tfstab.gui.content.examples import LARGEST, small
from tfstab.gui.content.explorer import Exploring, Step
from tfstab.gui.content.grouping import group_rows
from tfstab.gui.content.history import LONGEST, History
from tfstab.gui.content.pair_sentences import sentence
from tfstab.gui.content.points import SweepPoints, codes, psnr_range
from tfstab.gui.content.runner_up import UNKNOWN, certain_runner_up
from tfstab.gui.content.saved_views import SavedView, SavedViews, write_views
from tfstab.gui.content.search_overview import histogram
from tfstab.gui.content.selection import BOTH, GAINED, LOST, Against
from tfstab.gui.content.track import Track
from tfstab.gui.content.viewpoint import State, Viewpoint, is_point
from tfstab.gui.theme import BAD, GOOD, MIDDLE
from tfstab.limits import CLASS_NAME, LARGEST_MARK, LARGEST_VIEWPOINT, LONGEST_PATH
from tfstab.metrics.paired import Difference

# --- one image under all families ---


def family(images, clean_right, part, score=0.5):
    overall, scores = SimpleNamespace(part=np.array(part)), np.broadcast_to(score, len(images))
    run = SimpleNamespace(measures=SimpleNamespace(clean_true_score=scores))
    return SimpleNamespace(run=run, images=np.array(images), clean_right=np.array(clean_right), overall=overall)


FAMILIES = [
    family([2, 3, 5, 8], [True, True, False, True], [0.5, 0.25, 0.9, 1.0]),
    family([3, 5, 9], [True, False, True], [0.65, 0.1, 0.75]),
]


def test_images_that_all_families_have_and_what_they_keep():
    figures = SimpleNamespace(families=FAMILIES)
    assert image_grid.common_images(figures) == [3, 5]
    assert image_grid.common_images(SimpleNamespace(families=[*FAMILIES, family([7], [True], [1.0])])) == [3, 5]
    assert image_grid.common_images(SimpleNamespace(families=[])) == []
    assert image_grid.measured_images(figures) == {2, 3, 5, 8, 9}
    steps = {(3, 1): 5, (3, -1): 3, (5, -1): 3, (2, 1): 3, (2, -1): 3, (4, 1): 5, (4, -1): 3, (9, 1): 5, (9, -1): 5}
    assert {(image, by): image_grid.stepped([3, 5], image, by) for image, by in steps} == steps
    kept = image_grid.shares_kept(figures, [2, 3, 5, 9, 10, 1])
    assert kept == pytest.approx([0.5, 0.45, np.inf, 0.75, np.inf, np.inf])
    assert image_grid.weakest_image(figures, [2, 3, 5]) == 3
    assert image_grid.weakest_image(figures, []) is image_grid.weakest_image(figures, [5, 10]) is None, "none is right"


def test_of_images_that_keep_as_much_the_one_of_the_lowest_clean_score_is_weakest():
    """The families have the shares in another order, so that their sums differ in the last bit."""
    families = [
        family([1, 2, 3, 4], [True, True, True, False], part, [0.9, 0.9, 0.8, 0.1])
        for part in ([0.1, 0.3, 0.3, 0], [0.2, 0.2, 0.1, 0], [0.3, 0.1, 0.2, 0])
    ]
    figures = SimpleNamespace(families=families)
    kept = image_grid.shares_kept(figures, [1, 2, 3, 4])
    assert kept[1] != kept[2]
    assert image_grid.weakest_places(figures, kept, [1, 2, 3, 4]) == [2, 0, 1]
    assert image_grid.weakest_image(figures, [1, 2, 3, 4]) == 3


@pytest.mark.parametrize(("right", "tone"), [(3, GOOD), (2, MIDDLE), (1, MIDDLE), (0, BAD)])
def test_the_tone_of_copies(right, tone):
    copy = image_grid.ShownCopy(0, "sigma", 5.0, np.zeros((1, 1, 1), np.uint8), right > 0, "cat", 3, right, "")
    assert copy.tone == tone


# --- runs that cannot be compared ---


def of_images(count, changed=None, first=0):
    """A run of so many images, one of which has another pixel."""
    images = np.arange(first, first + count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 3, 1), np.uint8)
    if changed is not None:
        images[changed, 0, 0] += 1
    clean = SimpleNamespace(indices=np.arange(first, first + count), images=images, row=lambda image: image - first)
    return SimpleNamespace(clean=clean, info={"data": {"name": "levels", "split": "test"}})


def test_some_images_that_two_runs_have_are_looked_at():
    whole, few = of_images(20), of_images(5)
    for run, other in ((whole, of_images(20)), (whole, of_images(4, first=16)), (few, whole)):
        assert obstacles.of_images(run, other) == ""
    said = "measured on other images of the same name, levels (test)"
    for run, other in ((whole, of_images(20, 14)), (whole, of_images(20, 0)), (few, of_images(5, 1))):
        assert obstacles.of_images(run, other) == said
    assert obstacles.of_images(whole, of_images(20, 1)) == "", "of many, eight are looked at"
    assert obstacles.of_images(few, of_images(4, first=5)) == "measured on none of the images of this run"


def test_sweeps_of_other_severities_or_unlike_clipping_cannot_be_compared(tmp_path):
    run, other, unclipped = (
        sweep(tmp_path / str(k), SweepConfig(sigmas=sigmas, copies=1, clip=clip))
        for k, (sigmas, clip) in enumerate((((5, 9), True), ((7,), True), ((9,), False)))
    )
    assert obstacles.of_sweeps(run, other) == "no sigma in common with this sweep"
    assert obstacles.of_sweeps(run, unclipped) == obstacles.of_sweeps(run, run) == ""
    config = SweepConfig(sigmas=(9,), copies=1, clip=False)
    theirs = sweep(tmp_path / "theirs", config, model=classifier(fingerprint="another"))
    assert obstacles.of_sweeps(run, theirs).startswith("only one of the two sweeps clips")
    assert obstacles.of_sweeps(unclipped, theirs) == ""


# --- groups ---

ROWS = np.array([4, 0, 3, 1, 2])


def points_of(**columns):
    kinds = ("image", "actual", "severity_index", "copy", "psnr", "predicted", "score", "true_score", "kind")
    return SweepPoints(None, *(np.array(columns.get(name, [1] * 5), np.int32) for name in kinds))


@pytest.mark.parametrize(
    ("by", "columns", "rows", "starts", "titles"),
    [
        ("image", {"image": [7, 7, 9, 9, 9]}, [4, 3, 2, 0, 1], [0, 3, 5], ["Image 9: dog", "Image 7: cat"]),
        ("severity", {"severity_index": [0, 0, 1, 2, 1]}, [4, 2, 3, 0, 1], [0, 2, 3, 5],
         ["Sigma 5", "Sigma 20", "Sigma 90"]),
        ("pair", {"predicted": [2, 0, 2, 0, 2]}, [4, 0, 2, 3, 1], [0, 3, 5], ["dog → 2", "dog → cat"]),
        ("pair", {"predicted": [2, 0, 2, 0, 1], "actual": [0, 2, 0, 2, 1]}, [0, 2, 3, 1, 4], [0, 2, 4, 5],
         ["cat → 2", "2 → cat", "dog → dog"]),
    ],
)  # fmt: skip
def test_rows_in_groups(by, columns, rows, starts, titles):
    clean = SimpleNamespace(title="Image {}".format, row=lambda image: image - 7, class_index=np.array([0, 2, 1]))
    degradation = SimpleNamespace(at="sigma {}".format)
    run = SimpleNamespace(clean=clean, class_names=NAMES, degradation=degradation, severities=(90.0, 5.0, 20.0))
    listed, groups = group_rows(points_of(**columns), ROWS, by, np.array([90.0, 5.0, 20.0]))
    assert listed.tolist() == rows and groups.starts.tolist() == starts
    assert [groups.title(group, run) for group in range(len(titles))] == titles
    assert [groups.group_of(row) for row in range(5)] == np.repeat(range(len(titles)), np.diff(starts)).tolist()
    assert groups.lines(listed, set()).tolist() == [-1 - group for group in range(len(titles))]
    second = [-1, -2, *rows[starts[1] : starts[2]], *range(-3, -len(titles) - 1, -1)]
    assert groups.lines(listed, {int(groups.codes[1])}).tolist() == second
    assert groups.by == by in (grouping.IMAGE, grouping.PAIR, grouping.SEVERITY)


# --- points ---


def test_numbers_of_degraded_images_rise_with_image_severity_and_copy():
    image, severity, copy = np.array([0, 0, 0, 1, 1, 7]), np.array([0, 0, 2, 0, 1, 0]), np.array([0, 999, 0, 3, 0, 0])
    assert (np.diff(codes(image, severity, copy, 3)) > 0).all()


@pytest.mark.parametrize(("side", "clip", "below"), [(4, False, 37 / 4), (4, True, 1.0), (40, False, 1.0)])
def test_the_range_of_psnr_of_noise(side, clip, below):
    config = SweepConfig(sigmas=(300, 5), clip=clip)
    run = SimpleNamespace(config=config, clean=SimpleNamespace(images=np.zeros((2, side, side, 1))))
    ends = 20 * np.log10(255 / 300) - below, 20 * np.log10(255 / 5) + 3 + below
    assert psnr_range(run) == pytest.approx(ends)


def test_points_that_another_run_predicts_otherwise():
    points = points_of(actual=[0, 0, 0, 0, 1], predicted=[0, 1, 1, 0, 0])
    theirs, places = np.array([1, 0, 2, -1, 1]), np.array([4, 3, 2, 1, 0])
    chosen = {outcome: Against("", outcome).select(points, places, theirs).tolist() for outcome in (LOST, GAINED, BOTH)}
    assert chosen == {LOST: [4, 1], GAINED: [0], BOTH: [2]}


def test_a_runner_up_is_certain_only_if_no_other_class_can_have_as_much():
    assert [certain_runner_up(3, 1, 0.5, true_score, 4) for true_score in (0.25, 0.26)] == [UNKNOWN, 3]


@pytest.mark.parametrize(("count", "bins"), [(1, 5), (17, 6), (90, 11), (100, 11), (1_500, 40)])
def test_bins_of_minimum_noise(count, bins):
    entries = [
        SimpleNamespace(image=k, norm="l2", size=k + 1.0, found=True, wrong_when_clean=False) for k in range(count)
    ]
    shown = histogram([("run", entries), ("none", [])])
    np.testing.assert_allclose(shown.edges, np.arange(bins + 1) * count / bins)
    assert shown.counts[0].sum() == count and shown.names == ("run",) and shown.note == ""


# --- differences ---


@pytest.mark.parametrize("folders", [("x", "x-2"), ("x-2", "x"), ("a: b", "c"), ("c", "a: b")])
def test_why_two_sweeps_cannot_be_compared_names_both(tmp_path, folders):
    own, other = (
        sweep(tmp_path / folder, SweepConfig(sigmas=(sigma,), copies=1))
        for folder, sigma in zip(folders, (5, 9), strict=True)
    )
    (row,) = pairing.pair_of_sweeps(own, other, "net: old").rows
    assert row.reason == "net: old and this one have no sigma in common, so they cannot be compared"
    assert row.problem == f"{row.reason}."
    config = SweepConfig(sigmas=(5,), copies=1, clip=False)
    unclipped = sweep(tmp_path / "unclipped", config, model=classifier(fingerprint="another"))
    (row,) = pairing.pair_of_sweeps(own, unclipped, "net: old").rows
    start = "this one clips grey levels to 0..255 and net: old does not, so their networks cannot be compared"
    assert row.reason == start and row.problem == f"{start}: sweep both with --no-clip or both without."


def test_differences_in_words():
    def difference(value, low, high):
        return Difference(0.5, 0.5 + value, value, low, high, 20, 0.04)

    assert pairing.points(difference(0.062, 0.0414, 0.08349)) == "+6.2 (+4.1 to +8.3)"
    assert pairing.points(difference(-0.0001, -0.1, 0.0001)) == "-0.01 (-10.0 to +0.01)"
    every = [pairing.PairRow("fog", difference(0.2, 0.1, 0.3), sign=sign) for sign in (1, -1, 0)]
    assert [pairing.better(one, "theirs", "own") for one in every] == ["own", "theirs", "not decided"]
    known, test = difference(0.1, 0.0, 0.2), SimpleNamespace(only_first=1, only_second=1234, p_value=0.0456)
    clean = SimpleNamespace(
        images=range(5000),
        mcnemar=test,
        accuracy=known,
        changed_classes=[],
        class_changes=[],
        right=(4000, 4900),
        below_guessing=(False, False),
    )
    none = pairing.Pairing("theirs", [pairing.PairRow("fog", None, "it was not swept")], known)
    assert sentence(none, "own") == "'theirs' and 'own' cannot be compared: it was not swept"
    assert sentence(pairing.Pairing("theirs", [], None, clean), "own").endswith("cannot be compared: no runs")
    assert sentence(pairing.Pairing("theirs", [], known, clean), "own") == (
        "'own' minus 'theirs': +10.0 (+0.0 to +20.0) points over all degraded copies of the 20 images that both have, "
        "undecided: if the true effect is this large, about 96 images in all would decide. "
        "Of 5,000 clean images, 1 is right with 'theirs' only, and 1,234 with 'own' only (McNemar's exact test: p = "
        "0.0456; tfstab decides by the interval of the difference, +0.00 to +20.00 points, and the two may disagree in "
        "close cases)."
    )


# --- pictures, steps, history ---


def test_a_picture_is_reduced_from_twice_the_largest_size_on():
    for side, shown in ((2 * LARGEST - 1, 2 * LARGEST - 1), (2 * LARGEST, LARGEST)):
        assert small(np.zeros((4, side, 1), np.uint8)).shape[1] == shown
        assert small(np.zeros((side, 4, 3), np.uint8)).shape[0] == shown


def test_steps_of_an_exploration_are_moved_within_their_bounds():
    state = Exploring(0, tuple(Step(name, 0.0) for name in ("fog", "jpeg", "gamma")))
    moves = {(0, 1): "jpeg fog gamma", (0, 9): "jpeg gamma fog", (2, -1): "fog gamma jpeg", (2, -9): "gamma fog jpeg",
             (1, 0): "fog jpeg gamma"}  # fmt: skip
    for move, names in moves.items():
        assert " ".join(step.name for step in state.moved(*move).steps) == names
    assert [step.name for step in state.without(1).steps] == ["fog", "gamma"]
    most = Exploring(2**63 - 1, (Step("fog", 0.0),) * 8, 2**63 - 1)
    assert Exploring.from_json(most.to_json()) == most and Exploring.from_json(Exploring(0).to_json()) == Exploring(0)
    for wrong in ({"image": 2**63}, {"seed": 2**63}, {"seed": -1}, {"seed": True}, {"steps": "fog"}):
        with pytest.raises(InputError):
            Exploring.from_json(most.to_json() | wrong)


def test_stretches_of_a_track():
    track = Track.of(BUILT_IN["gaussian_noise"], np.arange(0.0, 41, 10), np.array([1, 1, 2, 0, 0]), 1)
    assert track.pieces() == [(0, 0.5, 1), (0.5, 0.75, 2), (0.75, 1, 0)]


def test_the_history_keeps_the_latest_places():
    history = History()
    assert history.look(0) is None and history.look(-1) is None
    for k in range(LONGEST + 2):
        history.note(Viewpoint("/run", str(k)))
        history.note(Viewpoint("/run", str(k), {"selected": k}))
    assert history.look(0) == Viewpoint("/run", str(LONGEST + 1), {"selected": LONGEST + 1})
    assert history.look(-LONGEST + 1).view == "2" and history.look(-LONGEST) is None and history.look(1) is None
    here = history.look(-3)
    history.move(-3, here)
    assert history.look(3) is not None and history.look(4) is None
    history.drop(1)
    assert history.look(0) == here and history.look(2) is not None and history.look(3) is None
    history.drop(-1)
    assert history.look(0) == here
    history.add(here)
    assert history.look(1) is not None, "it is in view already"
    history.add(Viewpoint("/run", "new"))
    assert history.look(1) is None and history.look(-1) == here


# --- viewpoints ---


def test_a_viewpoint_has_bounds():
    most = Viewpoint("/" + "r" * (LONGEST_PATH - 1), "v" * CLASS_NAME, {"name": "é"})
    assert Viewpoint.from_json(most.to_json()) == most and "é" in most.to_json()
    there = Viewpoint("/run").to_json()
    padded = there + " " * (LARGEST_VIEWPOINT - len(there))
    assert Viewpoint.from_json(padded) == Viewpoint("/run")
    longer = replace(most, run=most.run + "r"), replace(most, view=most.view + "v")
    for wrong in (padded + " ", *(viewpoint.to_json() for viewpoint in longer)):
        with pytest.raises(InputError, match="not a saved view"):
            Viewpoint.from_json(wrong)


def test_values_of_a_state_have_bounds():
    values = {"low": 0.25, "high": 0.75, "whole": LARGEST_MARK - 1, "none": None, "yes": True, "two": [1, 2]}
    state = State(values | {"text": "a"})
    assert "low" in state and "other" not in state and state.inner("other").value("low") is None
    assert [state.number(key, 9, 0.25, 0.75) for key in ("low", "high")] == [0.25, 0.75]
    assert [state.whole(key, 3) for key in ("whole", "none", "x")] == [LARGEST_MARK - 1, None, 3]
    assert state.items("two", 2) == [1, 2] and state.items("x", 2) is None and state.flag("yes", False)
    assert state.one_of("text", ("a", None), None) == "a" and state.one_of("x", ("a", None), None) is None
    for refused in (
        lambda: state.number("low", 0, 0.26, 1), lambda: state.number("high", 0, 0, 0.74),
        lambda: state.number("yes", 0, 0, 1), lambda: state.items("two", 1), lambda: state.items("text", 9),
        lambda: state.flag("low", False), lambda: state.one_of("yes", (1, 2), 1), lambda: state.one_of("two", "a", "a"),
        lambda: State({"whole": LARGEST_MARK}).whole("whole", None), lambda: state.one_of("text", ("b",), "b"),
    ):  # fmt: skip
        with pytest.raises(InputError, match="this run has no"):
            refused()
    points = [is_point(value) for value in ([0, 1.5], [0], [0, 1, 2], (0, 1), [0, True], [0, math.inf], [0, "1"], 3)]
    assert points == [True] + [False] * 7
    for length, shown in ((78, "x" * 78 + '"'), (79, "x" * 76 + "...")):
        with pytest.raises(InputError) as error:
            state.refuse("name", "x" * length)
        assert str(error.value) == f'The view cannot be shown: this run has no name "{shown}.'


def test_names_and_fingerprints_of_saved_views_have_bounds(tmp_path):
    views = SavedViews(tmp_path / "views.json")
    hexadecimal = "0123456789abcdef"
    view = SavedView("é" * 100, Viewpoint("/run"), (hexadecimal * 7)[:100])
    views.add([view, view, view])
    first, second, third = views.views()
    assert first == view and second.name == "é" * 96 + " (2)" and third.name == "é" * 96 + " (3)"
    assert "é" in (tmp_path / "views.json").read_text("utf-8")
    views.rename(first, " ")
    views.rename(second, "x" * 101)
    assert [v.name for v in views.views()] == ["View", "x" * 100, third.name]
    views.delete(third)
    assert [v.name for v in views.views()] == ["View", "x" * 100]
    for wrong in ("g", "0" * 101):
        views.add([replace(view, fingerprint=wrong)])
        with pytest.raises(DataError, match="no valid fingerprint"):
            views.views()
        write_views(tmp_path / "views.json", [])
