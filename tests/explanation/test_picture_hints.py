"""Hints of the verdict on a picture: the one kind of change that makes it right, and what is nearly unusual."""

from dataclasses import replace

import numpy as np
import pytest
from judged_pictures import DARK, GRAINY, IMPROVE, UNSEEN, said

from tfstab.degradations import get_degradation
from tfstab.explanation.one_kind import OneKind, one_kind
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_compared import Compared
from tfstab.explanation.standing import Standing
from tfstab.explanation.traits import TRAITS
from tfstab.explanation.tried import Tried


def _rotated(*right, others=0.1, family="rotation"):
    """Predictions for a picture of class 1, which is right at these of five severities."""
    rotation = get_degradation(family)
    votes = np.array([[0, 1] if s in right else [1, 0] for s in range(5)])
    return Tried(rotation, tuple(rotation.severities[:5]), votes, np.full(5, others))


@pytest.mark.parametrize(
    ("named", "tried"),
    [
        (True, [_rotated(2, 3)]),
        (True, [_rotated(2, 3), _rotated(0, family="fog")]),
        (True, [_rotated(2, 3), _rotated(0, 1, 2, family="gaussian_noise")]),
        (True, [_rotated(2, 3, family="scaling")]),
        (False, [_rotated(2, 3), _rotated(0, 2, family="fog")]),  # as many at single severities
        (False, [_rotated(2, 3), _rotated(0, 1, family="fog")]),
        (False, [_rotated(0, 2, 4)]),
        (False, [_rotated(2, 3, others=0.2)]),
        (False, [_rotated(2, 3, family="fog")]),  # would show in its looks
        (False, [replace(_rotated(2, 3), others=None)]),
        (False, []),
    ],
)
def test_one_kind_of_change_is_named_only_if_it_alone_helps_at_several_severities_in_a_row(named, tried):
    assert (one_kind(tried, 1) is not None) is named


def test_the_one_kind_of_change_is_told_unless_it_is_usual():
    standings = tuple(Standing(trait, 300, 600) for trait in TRAITS)
    found = PictureFindings("x.png", np.zeros((4, 4, 1), np.uint8), ("a", "b"), np.float32([0.7, 0.3]), 1, (), ())
    for wrong, of_class, told in (((9, 20), 3, True), ((10, 20), 3, False), (None, 3, True), ((9, 20), 20, True)):
        alone = OneKind("rotation (clockwise), angle 5 to 10", "the picture may be tilted", (0.02, 0.04), wrong)
        verdict = replace(found, compared=Compared("run", standings, of_class=(of_class, 60), one_kind=alone)).verdict
        assert (alone.sentences in verdict.sentence) is bool(verdict.hint) is told
    assert "It also makes 9 of 20 misclassified images of the run right: the fewer, the surer" in alone.sentences
    assert "only 2 to 4 % of the images of other classes that were tried are taken for the" in alone.sentences


@pytest.mark.parametrize(
    ("told", "given"),
    [
        ("It is darker than 96 % of the 600 images of the run, and it is right when brighter; 12 of 20 right images of "
         "its class that were tried become wrong when darkened as much. This may be why it is misclassified, "
         "but it may also be chance: one in twenty ordinary pictures stands out as much. ",
         {"helps": [1], "lost": (12, 20, 3, 60, True)}),
        ("", {"helps": [], "lost": (12, 20, 3, 60, True)}),
        ("", {"helps": [1]}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("of_class", [(3, 60), (40, 60)])
def test_what_is_nearly_unusual_is_a_hint_if_it_would_be_the_reason_otherwise(told, given, of_class):
    sentence = said(near=(DARK,), of_class=of_class, **given)
    if told:
        assert sentence.startswith(
            f"Not known whether it is the photograph or the model. {told}Nothing else about it stands out, and "
        )
    elif of_class == (3, 60):
        assert sentence.startswith("Not known whether it is the photograph or the model: it is not unusually dark")
    else:
        assert sentence.startswith("Probably the model: it is not unusually dark")
        assert sentence.endswith(f"{UNSEEN}. {IMPROVE}")


@pytest.mark.parametrize("of_class", [(3, 60), (40, 60)])
def test_what_is_nearly_unusual_and_helps_when_undone_is_told_although_it_is_not_the_reason(of_class):
    sentence = said(near=(DARK,), of_class=of_class, helps=[1], lost=(1, 20, 20, 60, True))
    remark = (
        "It is darker than 96 % of the 600 images of the run, and it is right when brighter, but only 1 of 20 right "
        "images of its class that were tried becomes wrong when darkened as much, too few to call this the reason."
    )
    assert remark in sentence and "This may be why" not in sentence
    if of_class == (40, 60):
        assert sentence.startswith("Probably the model: it is not unusually dark")
        assert sentence.endswith(f"{UNSEEN}. {remark} {IMPROVE}")


def test_two_traits_that_are_nearly_unusual_share_the_caution():
    sentence = said(near=(DARK, GRAINY), helps=[1], lost=(12, 20, 3, 60, True))
    assert "It is darker than 96 %" in sentence and "It is grainier than 96 %" in sentence
    assert sentence.count("Each of these may be why it is misclassified, but each may also be chance: one in") == 1
    assert "This may be why" not in sentence
