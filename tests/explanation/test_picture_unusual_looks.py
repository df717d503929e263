"""What the verdict on a picture says of looks that are unusual, or nearly so."""

from dataclasses import replace

import numpy as np
import pytest
from judged_pictures import BLURRED, BRIGHT, EVEN, FLAT, GRAINY, LOOK, LOOKS

from tfstab.degradations import get_degradation
from tfstab.explanation.made_alike import Lost
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_compared import Compared
from tfstab.explanation.standing import Standing
from tfstab.explanation.traits import TRAITS
from tfstab.explanation.tried import Tried


def test_a_fault_that_is_rarer_than_the_one_that_is_shown_to_be_the_reason_is_named_beside_it():
    """Blur lowers contrast, too: of a blurred picture, the contrast may be what can be shown to be the reason."""
    tried = (Tried(get_degradation("contrast"), (2.0, 3.0), np.array([[0, 1], [0, 1]]), np.full(2, 0.1)),)
    lost = {FLAT: Lost(FLAT.alike, 12, 20, 3, 60, True), BLURRED: Lost(BLURRED.alike, 2, 20, 3, 60, True)}
    standings = tuple(
        Standing(trait, {FLAT: 590, BLURRED: 600}.get(trait, 300), 600, None, lost.get(trait)) for trait in TRAITS
    )
    scores = np.float32([0.7, 0.3])
    found = PictureFindings("x.png", np.zeros((4, 4, 1), np.uint8), ("cat", "dog"), scores, 1, tried, ())
    verdict = replace(found, compared=Compared("run", standings, of_class=(3, 60))).verdict
    assert verdict.brief == "photograph: less contrast for its brightness than 98 % and less sharp than all 600"
    assert verdict.fault == "less contrast for its brightness"
    assert verdict.sentence.endswith(f"In addition, it is less sharp than all 600 images of the run. {LOOK}.")


def test_a_fault_that_is_not_the_reason_names_which_of_several_changes_undo_it():
    """Of two kinds of blur that lower noise, one makes the picture right."""
    blurs = [Tried(get_degradation(f"{name}_blur"), (2.0, 3.0), np.int64([[1, 0], [k, 1 - k]]), np.full(2, 0.1))
             for k, name in ((1, "gaussian"), (0, "defocus"))]  # fmt: skip
    standing = Standing(GRAINY, 600, 600, (21, 32), Lost(GRAINY.alike, 0, 20, 3, 60, True))
    grainy = standing.doubt(blurs, 1)
    assert grainy.startswith("and it is right when blurred (defocus blur), but none of 20 right images of its class")
    assert standing.doubt(blurs[1:], 1).startswith("and it is right when blurred, but none of 20")


NOTHING = f"The picture is {LOOKS} (unusual means more so than 98 % of the 600 images of the run"


@pytest.mark.parametrize(
    ("exceeded", "looks"),
    [
        ({}, [f"{NOTHING}; {EVEN})."]),
        ({BRIGHT: 569}, [f"{NOTHING}; {EVEN})."]),
        ({BRIGHT: 571, FLAT: 588}, [f"{NOTHING}; it is brighter than 95 % and has less contrast for its brightness "
                                    f"than 97 %; {EVEN})."]),
        ({BRIGHT: 600, FLAT: 577}, ["The picture is brighter than all 600 images of the run.",
                                    "In addition, it has less contrast for its brightness than 96 % of the images; "
                                    "unusual means more so than 98 %."]),
    ],
)  # fmt: skip
def test_looks_that_are_nearly_unusual_are_named(exceeded, looks):
    standings = tuple(Standing(trait, exceeded.get(trait, 300), 600) for trait in TRAITS)
    found = PictureFindings("x.png", np.zeros((4, 4, 1), np.uint8), ("a", "b"), np.float32([0.7, 0.3]), None, (), ())
    assert Compared("run", standings).looks(found) == looks


def test_in_a_table_the_answer_model_names_looks_that_are_nearly_unusual():
    for exceeded, said in (
        ({}, ""),
        ({FLAT: 588, BRIGHT: 571}, " (brighter than 95 % and less contrast for its brightness than 97 %)"),
    ):
        standings = tuple(Standing(trait, exceeded.get(trait, 300), 600) for trait in TRAITS)
        found = PictureFindings("x.png", np.zeros((4, 4, 1), np.uint8), ("a", "b"), np.float32([0.7, 0.3]), 1, (), ())
        found = replace(found, compared=Compared("run", standings, of_class=(20, 60)))
        assert found.verdict.brief == f"model: 20 of 60 images of its class are wrong, too{said}"
