"""Requirements on specificity: how many images of other classes may be taken for a class, clean and degraded."""

import json
from dataclasses import replace

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.assessment import Figures, check, check_runs, parse_requirements
from tfstab.errors import InputError
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.kept import share_of
from tfstab.names import quoted

LABELS = np.repeat([0, 1, 2], [20, 50, 50])
NOISE = SweepConfig(severities=(20, 60), copies=2)


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """Of 100 images of classes 1 and 2, four are taken for class 0 when clean, and one copy each of 30 at sigma 60."""
    clean = np.where(np.isin(np.arange(120), [20, 21, 22, 119]), 0, LABELS)
    predicted = np.repeat(LABELS[:, None, None], 2, axis=1).repeat(2, axis=2)
    predicted[20:50, 1, 0] = 0
    return Figures.of([made_sweep(tmp_path_factory.mktemp("s") / "noise", NOISE, predicted, LABELS, clean)], 120)


def checked(figures, *texts):
    return check(figures, parse_requirements(texts))


def test_false_alarms_are_limited_on_clean_images_at_a_severity_and_over_all(figures):
    clean, mild, dense, mean = checked(
        figures,
        "specificity 0:90",
        "specificity 0 under gaussian_noise@20:96",
        "specificity 0 under gaussian_noise@60:95",
        "specificity 0 under gaussian_noise:80",
    )
    assert clean.estimate == accuracy_of(np.arange(100) >= 4)
    alarmed = np.repeat([0.5, 1], [30, 70])
    assert dense.estimate == share_of(alarmed) and mean.estimate == share_of((1 + alarmed) / 2)
    assert mild.estimate.value == 1
    assert [one.status for one in (clean, mild, dense, mean)] == ["met", "met", "missed", "met"]
    assert [one.sentence.partition(": ")[2] for one in (clean, dense, mean)] == [
        "of the 100 clean images of other classes, 96.0 % (90.1–98.5) are not taken for 0; 90 % is required.",
        "of the 100 images of other classes, 85 % (79–90) are not taken for 0 under Gaussian noise, sigma 60; 95 % is "
        "required.",
        "of the 100 images of other classes, 92 % (88–96) are not taken for 0 under Gaussian noise, averaged over the "
        "severities; 80 % is required.",
    ]


def test_a_class_without_images_can_have_false_alarms(figures, tmp_path):
    nobody = LABELS != 0
    predicted = np.where(np.arange(100) < 7, 0, LABELS[nobody])[:, None, None]
    run = made_sweep(tmp_path / "noise", NOISE, predicted, LABELS[nobody])
    (outcome,) = checked(Figures.of([run], 100), "specificity 0 under gaussian_noise:95")
    assert (outcome.status, outcome.estimate.value) == ("not decided", pytest.approx(0.93))
    assert "images of other classes in all would decide this (so far 100)." in outcome.sentence
    assert outcome.sentence.endswith(
        " All 100 images given of other classes have been measured, so more minutes hardly help."
    )
    with pytest.raises(InputError, match="no image is of class 9"):
        checked(figures, "specificity 9:95")


def test_images_of_one_class_alone_say_nothing_about_false_alarms_for_it(tmp_path):
    only = made_sweep(tmp_path / "noise", NOISE, np.zeros((30, 2, 2), int))
    with pytest.raises(InputError, match="'specificity 0:95' cannot be checked, as all images are of class 0: give"):
        checked(Figures.of([only], 30), "specificity 0:95")
    noisy, clean = checked(Figures.of([only], 90), "specificity 0 under gaussian_noise:95", "specificity 0:95")
    assert noisy.status == clean.status == "not decided"
    assert clean.sentence == (
        "specificity 0:95 is not decided: no image of another class than 0 was measured; give it more minutes."
    )
    assert "no image of another class than 0 was measured under Gaussian noise;" in noisy.sentence


def test_false_alarms_of_one_other_class_alone_are_limited(figures):
    clean, dense, mean, spared, own = checked(
        figures,
        "specificity 0 of 1:80",
        "specificity 0 of 1 under gaussian_noise@60:85",
        "specificity 0 of 1 under gaussian_noise:75",
        "specificity 0 of 2 under gaussian_noise@60:85",
        "specificity 1 of 0:80",
    )
    alarmed = np.repeat([0.5, 1], [30, 20])
    assert clean.estimate == accuracy_of(np.arange(50) >= 3)
    assert dense.estimate == share_of(alarmed) and mean.estimate == share_of((1 + alarmed) / 2)
    assert spared.estimate == share_of(np.ones(50)) and own.estimate == accuracy_of(np.ones(20, bool))
    assert [one.status for one in (clean, dense, mean, spared, own)] == ["met", "missed", "met", "met", "met"]
    assert [one.sentence.partition(": ")[2] for one in (clean, dense, mean)] == [
        "of the 50 clean images of class 1, 94 % (83–98) are not taken for 0; 80 % is required.",
        "of the 50 images of class 1, 70 % (61–78) are not taken for 0 under Gaussian noise, sigma 60; 85 % is "
        "required.",
        "of the 50 images of class 1, 85 % (78–91) are not taken for 0 under Gaussian noise, averaged over the "
        "severities; 75 % is required.",
    ]


def test_images_of_the_other_class_would_decide_it(figures):
    clean, noisy = checked(figures, "specificity 0 of 1:90", "specificity 0 of 1 under gaussian_noise@60:74")
    for one in (clean, noisy):
        assert one.status == "not decided" and one.sentence.endswith(
            " images of class 1 in all would decide this (so far 50). All 50 images given of class 1 have been "
            "measured, so more minutes hardly help."
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "specificity 0 of 9:95",
            "cannot be checked, as no image is of class 9: choose one of the classes with images: 1 or 2.",
        ),
        ("specificity 9 of 1:95", "as no image is of class 9: choose one of the classes with images: 0, 1 or 2."),
        (
            "specificity 9 of 8:95",
            "as no image is of class '9 of 8': choose one of the classes with images: 0, 1 or 2.",
        ),
        (
            "specificity 2 of 00002 under gaussian_noise:95",
            "names class 2 twice: give another class after 'of', or require the recall of this class, as in 'recall "
            "2:95'.",
        ),
        ("specificity 0 of 1 under fog:95", "is about fog, which is not swept; swept are: gaussian_noise."),
    ],
)
def test_what_says_nothing_about_another_class_is_one_sentence(text, said, figures):
    with pytest.raises(InputError) as error:
        checked(figures, text)
    assert str(error.value).startswith(f"requirement '{text}' ") and str(error.value).endswith(said)


def test_another_class_has_to_have_images_unless_some_are_left_to_measure(tmp_path):
    only = made_sweep(tmp_path / "noise", NOISE, np.zeros((30, 2, 2), int), np.repeat([0, 1], 15))
    text = "specificity 0 of 2 under gaussian_noise:95"
    with pytest.raises(InputError, match="as no image is of class 2: choose one of the classes with images: 1"):
        checked(Figures.of([only], 30), text)
    noisy, clean = checked(Figures.of([only], 90), text, "specificity 0 of 2:95")
    assert clean.sentence == (
        "specificity 0 of 2:95 is not decided: no image of class 2 was measured; give it more minutes."
    )
    assert noisy.sentence == (
        f"{text} is not decided: no image of class 2 was measured under Gaussian noise; give it more minutes."
    )
    alone = made_sweep(tmp_path / "alone", NOISE, np.zeros((30, 2, 2), int))
    with pytest.raises(InputError, match="as no image is of class bird: give images of other classes, too"):
        checked(Figures.of([alone], 90), "specificity 0 of bird:95")


@pytest.mark.parametrize(
    ("names", "text", "what", "of"),
    [
        (("jar", "jam", "jar of jam"), "jar of jam", "jar of jam", ""),
        (("jar", "jam", "lid"), " jar  of jam ", "jar", "jam"),
        (("jar", "jam", "jar of jam"), "jar of jam of jam", "jar of jam", "jam"),
        (("jar", "jam", "jar of jam"), "jam of jar of jam", "jam", "jar of jam"),
        (("a", "a of b", "b of c", "c"), "a of b of c", "a of b", "c"),  # the longest first one
        (("a", "x of b", "of"), "a of of", "a", "of"),
        (("a of", "b"), "a of of b", "a of", "b"),
        (("stop under way", "stop"), "stop under way of stop under gaussian_noise", "stop under way", "stop"),
    ],
)
def test_a_name_with_of_in_it_is_that_of_a_class_if_there_is_one(names, text, what, of, tmp_path):
    labels = np.repeat(np.arange(len(names)), 9)
    run = made_sweep(
        tmp_path / "noise", NOISE, labels[:, None, None].repeat(2, 1).repeat(2, 2), labels, classes=len(names)
    )
    info = run.info | {"data": run.info["data"] | {"class_names": names}}
    (run.path / "run.json").write_text(json.dumps(info), "utf-8")
    (outcome,) = check_runs([open_run(run.path)], parse_requirements([f"specificity {text}:9"]))
    assert (outcome.requirement.what, outcome.requirement.of, outcome.status) == (what, of, "met")
    assert f" of {f'class {quoted(of)}' if of else 'other classes'}, " in outcome.sentence


def test_a_wrong_name_is_corrected_on_either_side_of_of(tmp_path):
    names = ("frog", "cat", "bird of prey")
    labels = np.repeat([0, 1, 2], 9)
    run = made_sweep(tmp_path / "noise", NOISE, np.zeros((27, 2, 2), int), labels)
    for text, advice in (
        ("frogs of cat", "no image is of class frogs: did you mean 'frog'?"),
        ("frog of cats", "no image is of class cats: did you mean 'cat'?"),
        ("bird of pray", "no image is of class 'bird of pray': did you mean 'bird of prey'?"),
        ("frog of bird of pray", "no image is of class 'bird of pray': did you mean 'bird of prey'?"),
        ("frog of bird of pray of cat", "no image is of class 'bird of pray of cat': did you mean 'bird of prey'?"),
        ("birds of prey of cat", "no image is of class 'birds of prey': did you mean 'bird of prey'?"),
    ):
        with pytest.raises(InputError) as error:
            checked(replace(Figures.of([run], 27), classes=names), f"specificity {text}:95")
        assert str(error.value).endswith(advice)
