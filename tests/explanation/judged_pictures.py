"""Verdicts on a misclassified picture with given evidence, and sentences in which several tests expect them."""

import numpy as np

from tfstab.degradations import get_degradation
from tfstab.explanation.made_alike import Lost
from tfstab.explanation.mix_ups import MIX_UPS
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_compared import Compared
from tfstab.explanation.standing import Standing
from tfstab.explanation.traits import TRAITS
from tfstab.explanation.tried import Tried

DARK, BRIGHT, FLAT, BLURRED, GRAINY, APART, GREY = TRAITS
EVEN = "an off-centre position shows only on an even background"
LOOKS = "not unusually dark, bright, blurred, grainy, low in contrast or off-centre"
UNSEEN = (
    "Compression, a colour cast, hidden parts, cropping, most turns and tilts, and an object that is too dark or too "
    "bright against its background would not be noticed, so look for these yourself"
)
LOOK = "Look at the picture before you rely on this"
IMPROVE = (
    "To improve the model, look through the training images of this class for wrong labels; if the labels are right, "
    "longer training or more images of the class may help."
)
WRONG = "misclassified images of the run"
CHANCE, NOT_CHANCE = "This may be chance, so ignore it if", "This is probably not chance: "
TURNS, AS_HIGH = "after a turn", "right with a score as high"
SURE, UNSURE = 0.9, 0.5  # scores after a turn and so on
TURNED, NEGATIVE, SWAPPED = MIX_UPS
GIVEN = "Given its unusual brightness, this is probably not chance"
OTHERS = "and none of 99 images of other classes is taken for the picture's class with such a score."


def said(*unusual, **given):
    """The sentence of `judged`."""
    return judged(*unusual, **given).sentence


def judged(
    *unusual,
    near=(),
    helps=(),
    blind=False,
    of_class=(3, 60),
    undone=None,
    rates=(),
    images=600,
    lost=None,
    wrong=None,
    as_sure=None,
    why=None,
    same="",
    weak=None,
):
    """The verdict on a picture of class 1 that is taken for class 0."""
    brighter, blurred = get_degradation("underexposure"), get_degradation("gaussian_blur")
    votes = np.array([[0, 1] if s in helps else [1, 0] for s in range(2)])
    others = np.full(2, 0.7 if blind else 0.1)
    tried = (Tried(brighter, (-1.0, -2.0), votes, others), Tried(blurred, (1.0, 2.0), votes, others))
    scores = np.tile(np.float32([0.6, 0.4]), (3 + 2, 1))
    for way, score in enumerate(undone or ()):
        scores[way] = 1 - score, score + 0.01
    made = {trait: Lost(trait.alike, *lost) for trait in TRAITS if lost and trait.alike}
    standings = tuple(
        Standing(
            trait, _exceeded(trait, unusual, near, images), images, wrong if trait.undone else None, made.get(trait)
        )
        for trait in TRAITS
    )
    found = PictureFindings(
        "x.png",
        np.zeros((4, 4, 3), np.uint8),
        ("cat", "dog"),
        np.float32([0.7, 0.3]),
        1,
        tried,
        (),
        scores,
        compared=Compared(
            "run",
            standings,
            rates={rate.mix_up: rate for rate in rates},
            of_class=of_class,
            as_sure=as_sure,
            same=same,
            weak_class=weak,
        ),
        why=why,
    )
    assert found.verdict.sentence in str(found).splitlines()[1]
    return found.verdict


def _exceeded(trait, unusual, near, images):
    """How many of the images a picture exceeds in a trait."""
    return images if trait in unusual else images * 24 // 25 if trait in near else images // 2
