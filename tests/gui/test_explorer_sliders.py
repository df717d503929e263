"""The places of the explorer's sliders, the predictions along them, and where the prediction flips."""

import math
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest

from tfstab.degradations import BUILT_IN, chain
from tfstab.degradations.directions import DIRECTIONS
from tfstab.errors import InputError
from tfstab.gui.content.explorer import Exploring, Step
from tfstab.gui.content.track import Track
from tfstab.gui.jobs.exploring import explore
from tfstab.gui.jobs.severities import bounds, direction, ends, settled, severity_at, share_at

BRIGHTER, NOISIER = BUILT_IN["brightness"], BUILT_IN["gaussian_noise"]


@pytest.mark.parametrize("family", BUILT_IN.values(), ids=lambda family: family.name)
def test_every_place_of_a_slider_is_a_severity_that_the_family_takes(family):
    for side, end in ends(family).items():
        severities = [severity_at(family, side * share) for share in np.linspace(0, 1, 201).tolist()]
        assert severities[0] == family.neutral and severities[-1] == end and share_at(family, end) == side
        assert all(s == family.neutral or family.check([s]) for s in severities)
        assert np.all(np.diff([abs(s - family.neutral) for s in severities]) >= 0)
    assert share_at(family, family.neutral) == 0 and family.severities[-1] in ends(family).values()


def test_the_sliders_of_six_families_have_two_directions():
    both = {name: family for name, family in BUILT_IN.items() if len(ends(family)) == 2}
    words = {name: (direction(family, -1), direction(family, 1)) for name, family in both.items()}
    assert words == DIRECTIONS, "the words are those of `tfstab inspect`"
    assert list(ends(both["gamma"]).items()) == [(-1, 0.17), (1, 6)], "the lower severity is at the left"
    assert list(ends(both["contrast"]).items()) == [(-1, 0.15), (1, 6.7)]
    assert direction(NOISIER, 1) == "", "the name says it"
    other = SimpleNamespace(name="hue", low=-9.0, neutral=0.0, high=9.0, two_sided=True, severities=(1.0, 3.0))
    assert (direction(other, -1), direction(other, 1), ends(other)) == ("below 0", "above 0", {-1: -3, 1: 3})
    other = SimpleNamespace(name="tint", low=0.0, neutral=1.0, high=5.0, two_sided=True, severities=(0.5, 0.1, 0.0))
    assert ends(other) == {-1: 0, 1: 2}, "10 is not allowed, and 0 has no inverse"


@pytest.mark.parametrize(
    ("name", "typed", "taken"),
    [("jpeg", 46.7, 47), ("jpeg", 99.6, 100), ("jpeg", -3, 1), ("poisson", 0.0004, 0), ("poisson", 0.0006, 0.001)],
)
def test_a_number_that_is_typed_becomes_the_nearest_severity(name, typed, taken):
    assert settled(BUILT_IN[name], typed) == taken


def test_between_a_range_and_a_neutral_severity_beside_it_the_nearer_is_taken():
    above = SimpleNamespace(whole=False, low=2.0, high=math.inf, neutral=-1.0)
    below = SimpleNamespace(whole=False, low=-math.inf, high=-2.0, neutral=1.0)
    for family, sign in ((above, 1), (below, -1)):
        taken = [sign * settled(family, sign * severity) for severity in (-3, -1, 0.4, 0.6, 2, 2.5, 20_000)]
        assert taken == [-1, -1, -1, 2, 2, 2.5, 10_000]
    assert bounds(above) == (-1, 10_000) and bounds(below) == (-10_000, 1)
    assert bounds(BUILT_IN["contrast"]) == (0, 100) and bounds(BUILT_IN["jpeg"]) == (1, 100)


def test_predictions_along_a_slider_are_those_of_the_images():
    classifier, image = numpy_runs.classifier(), numpy_runs.dataset().images[0]
    along = np.array([severity_at(BRIGHTER, share) for share in np.linspace(0, 1, 11).tolist()])
    arguments = {"image": image, "names": ["gaussian_noise", "brightness"], "severities": [10, 0], "seed": 3}
    arguments["class_index"] = 0
    *waits, (part, values) = explore(classifier, arguments | {"place": 1, "along": along})
    assert part == "track" and waits and not any(waits)
    severities, predicted = values["severities"], values["predicted"]
    images = [chain(image, [("gaussian_noise", 10), ("brightness", s)], seed=3) for s in severities.tolist()]
    assert np.array_equal(predicted, classifier.scores(np.stack(images)).argmax(axis=1))
    assert set(along) < set(severities) and np.all(np.diff(severities) > 0)
    track = Track.of(BRIGHTER, severities, predicted, 0)
    flip = int(np.flatnonzero(predicted != predicted[0])[0])
    # Dark images are cats, brighter ones dogs; where this changes, the severities lie closer together.
    assert track.flip == severities[flip] and severities[flip] - severities[flip - 1] < np.diff(along)[0] / 5
    assert track.text(numpy_runs.NAMES) == f"brighter: cat → dog at {track.flip:.3g}"
    pieces = track.pieces()
    assert pieces[0] == (0, share_at(BRIGHTER, track.flip), 0) and pieces[-1][1] == 1


def test_of_a_wrong_image_the_place_where_it_becomes_right_is_looked_for_in_small_steps():
    classifier, image, along = numpy_runs.classifier(), numpy_runs.dataset().images[0], np.arange(0.0, 151, 10)
    arguments = {"image": image, "names": ["brightness"], "severities": [0], "seed": 0, "place": 0, "along": along}
    *_, (_, values) = explore(classifier, arguments | {"class_index": 2})
    severities, predicted = values["severities"], values["predicted"]
    track = Track.of(BRIGHTER, severities, predicted, 2)
    place = int(np.flatnonzero(predicted == 2)[0])  # cats become dogs before
    assert predicted[0] == 0 and track.text(numpy_runs.NAMES) == f"brighter: dog → 2 at {track.flip:.3g}"
    assert track.flip == severities[place] and severities[place] - severities[place - 1] < 2


def test_a_step_in_words():
    assert Step("gaussian_noise", 20.0).text == "Gaussian noise, sigma 20 grey levels"
    assert [Step("jpeg", severity).text for severity in (100.0, 40.0)] == [
        "JPEG compression, none", "JPEG compression, quality 40",
    ]  # fmt: skip
    assert Exploring(3).seed == 0


def test_a_prediction_that_never_changes_is_said_to_stay():
    track = Track.of(NOISIER, np.array([0.0, 20, 40]), np.array([1, 1, 1]), 1)
    assert track.flip is None and track.pieces() == [(0, 1, 1)]
    assert track.text(numpy_runs.NAMES) == "stays dog up to 40 in this draw"
    less = Track.of(BUILT_IN["contrast"], np.array([1, 0.5, 0.15]), np.array([1, 1, 1]), 1)
    assert less.text(numpy_runs.NAMES) == "less contrast: stays dog down to 0.15"
    assert less.pieces() == [(0, -1, 1)], "from the middle of the slider to its left end"


@pytest.mark.parametrize(
    ("actual", "predicted", "flip", "said"),
    [
        (0, [0, 0, 1, 2, 0], 20, "cat → dog at 20 in this draw"),
        (0, [1, 2, 0, 0, 1], 20, "ship → cat at 20 in this draw"),  # from wrong to wrong at 10
        (0, [1, 2, 2, 1, 1], None, "never cat up to 40 in this draw"),
        (0, [1, 1, 1, 1, 1], None, "stays dog up to 40 in this draw"),
        (None, [1, 1, 2, 0, 1], 20, "dog → ship at 20 in this draw"),  # its true class is unknown
    ],
)
def test_of_all_changes_of_the_prediction_that_from_right_to_wrong_or_back_is_named(actual, predicted, flip, said):
    track = Track.of(NOISIER, np.arange(0.0, 50, 10), np.array(predicted), actual)
    assert track.flip == flip and track.text(("cat", "dog", "ship")) == said


def test_a_state_is_restored_and_that_of_a_stranger_refused():
    state = Exploring(7, (Step("jpeg", 40.0), Step("fog", 0.0)), 2)
    assert Exploring.from_json(state.to_json()) == state
    for damage in (
        {"image": -1},
        {"image": True},
        {"steps": [["jpeg"]]},
        {"steps": [["no-such", 3]]},
        {"steps": [["jpeg", 1]] * 9},
        {"steps": [["jpeg", float("nan")]]},
        {"seed": "0"},
    ):
        with pytest.raises(InputError):
            Exploring.from_json(state.to_json() | damage)
    with pytest.raises(InputError):
        Exploring.from_json(None)


def test_a_chain_of_degradations_in_words():
    noise, blur = Step("gaussian_noise", 20.0), Step("gaussian_blur", 1.5)
    assert Exploring(3, (Step("jpeg", 100.0),), 2).text == Exploring(3).text == "unchanged"
    assert Exploring(3, (blur, noise)).text == (
        "Gaussian blur, sigma 1.5 pixels, then Gaussian noise, sigma 20 grey levels"
    )
    assert Exploring(3, (noise,), 2).text.endswith("grey levels, seed 2"), "other random numbers"
    assert Exploring(3, (blur,), 2).text == "Gaussian blur, sigma 1.5 pixels", "nothing is random"
