"""Which evidence leads to which verdict on a picture that is misclassified."""

from dataclasses import replace

import numpy as np
import pytest

from tfstab.degradations import get_degradation
from tfstab.explanation import mix_up_words
from tfstab.explanation.made_alike import Lost
from tfstab.explanation.mix_up_rate import OfItsClass, Rate
from tfstab.explanation.mix_ups import MIX_UPS, Suitable
from tfstab.explanation.one_kind import OneKind, one_kind
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_compared import Compared
from tfstab.explanation.picture_why import PictureWhy
from tfstab.explanation.shortfall import Place
from tfstab.explanation.similar_images import Similar
from tfstab.explanation.standing import Standing
from tfstab.explanation.traits import TRAITS
from tfstab.explanation.tried import Tried
from tfstab.explanation.weak_class import WeakClass

DARK, BRIGHT, FLAT, BLURRED, GRAINY, APART, GREY = TRAITS
EVEN = "an off-centre position shows only on an even background"
LOOKS = "not unusually dark, bright, blurred, grainy, low in contrast or off-centre"
USUAL = f"it is {LOOKS} (unusual means more so than 98 % of the 600 images of the run; {EVEN}), and"
UNSEEN = (
    "Compression, a colour cast, hidden parts, cropping, most turns and tilts, and an object that is too dark or too "
    "bright against its background would not be noticed, so look for these yourself"
)
LOOK = "Look at the picture before you rely on this"
SHARE = (
    "Of misclassified pictures that look like this{}, about {} would be right if they did not look like this. " + LOOK
)
ALSO = SHARE.replace(LOOK, f"In addition, it is {{}} than all 600 images of the run. {LOOK}")
BRIGHTER, BLURRY = " and are right when brighter", " and are right when blurred"  # what undoes darkness, and grain
HIGH = SHARE.format(BRIGHTER, "90 %")
EVEN_AREAS = "sharpness is measured relative to contrast, so a sharp picture with large even areas may count as blurred"
IMPROVE = (
    "To improve the model, look through the training images of this class for wrong labels; if the labels are right, "
    "longer training or more images of the class may help."
)
BELOW = f"(the model would be called the reason if certainly more than a fifth were). {UNSEEN}"
FEW_WRONG = f"Not known whether it is the photograph or the model: {USUAL} 3 of the 60 images of its class are"
WRONG = "misclassified images of the run"
EITHER = "Not known whether it is the photograph or the model."
AND_FEW_WRONG = f"{USUAL[0].upper()}{USUAL[1:]} 3 of the 60 images of its class are misclassified {BELOW}."
CHANCE, NOT_CHANCE = "This may be chance, so ignore it if", "This is probably not chance: "
UPRIGHT = f"{CHANCE} the picture is upright"
TOO = "Other images of the run get a score as high {}, too:"
TURNS, AS_HIGH = "after a turn", "right with a score as high"
SURE, UNSURE = 0.9, 0.5  # scores after a turn and so on
TURNED, NEGATIVE, SWAPPED = MIX_UPS
GIVEN = "Given its unusual brightness, this is probably not chance"
IF_UPRIGHT, IF_NO_NEGATIVE, IF_NOT_SWAPPED = (
    f"Look at the picture: {one.condition}, this is chance after all." for one in MIX_UPS
)
HABIT = (
    "other images of its class that are taken for the same wrong class are right, too, though of 99 misclassified "
    "images that were tried, none is right with a score as high."
)
AS_NEGATIVE = (
    "Check whether dark and bright are swapped in the picture: as a negative, it is right with a score of 0.910. "
    f"{CHANCE} the picture is not a negative."
)
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


@pytest.mark.parametrize(
    ("verdict", "given"),
    [
        ("Probably the photograph: it is darker than all 600 images of the run, and it is right when brighter; "
         f"12 of 20 right images of its class that were tried become wrong when darkened as much. "
         f"{ALSO.format(BRIGHTER, '55 %', 'less sharp')}.",
         {"unusual": [DARK, BLURRED], "helps": [1], "lost": (12, 20, 20, 60, True), "of_class": (20, 60)}),
        ("Not known whether it is the photograph or the model: it is darker than all 600 images of the run, and it is "
         "right when brighter, but only 6 of 20 right images of its class that were tried become wrong when "
         "darkened as much, too few to call this the reason, as 20 of all "
         f"60 are wrong anyway, about 13 of which would be right when brighter, too. {UNSEEN}.",
         {"unusual": [DARK], "helps": [1], "lost": (6, 20, 20, 60, True), "wrong": (21, 32), "of_class": (20, 60)}),
        ("Probably the photograph: it is darker than all 600 images of the run, and it is right when brighter; 6 of 20 "
         f"right images of its class that were tried become wrong when darkened as much. "
         f"{SHARE.format(BRIGHTER, '53 %')}.",
         {"unusual": [DARK], "helps": [1], "lost": (6, 20, 20, 60, True), "wrong": (17, 32), "of_class": (20, 60)}),
        ("Probably the photograph: it is darker than all 600 images of the run, and it is right when brighter; 3 of 20 "
         f"right images of its class that were tried become wrong when darkened as much. {HIGH}.",
         {"unusual": [DARK], "helps": [1], "lost": (3, 20, 20, 60, True), "wrong": (0, 32), "of_class": (20, 60)}),
        ("Not known whether it is the photograph or the model: it is darker than all 600 images of the run, and it is "
         "right when brighter, but only 2 of 48 right images of its class that were tried become wrong when darkened "
         f"as much, too few to call this the reason. {UNSEEN}.",
         {"unusual": [DARK], "helps": [1], "lost": (2, 48, 6, 449, True), "wrong": (0, 32), "of_class": (6, 449)}),
        ("Not known whether it is the photograph or the model: it is darker than all 600 images of the run, and it is "
         "right when brighter, but none of 20 right images of its class that were tried becomes wrong when "
         f"darkened as much. {UNSEEN}.",
         {"unusual": [DARK], "helps": [1], "lost": (0, 20, 20, 60, True), "wrong": (21, 32), "of_class": (20, 60)}),
        ("Not known whether it is the photograph or the model: it is darker than all 600 images of the run, and it is "
         "right when brighter, but too few images of the run are known to be right to test whether this is why it is "
         f"misclassified. {UNSEEN}.", {"unusual": [DARK], "helps": [1]}),
        ("Probably the photograph: it is grainier than all 600 images of the run (fine texture and hard edges count as "
         "grain, too, such as fur or the black corners of a turned picture), and it is right when blurred; 12 of 20 "
         f"right images of its class that were tried become wrong with as much noise. {SHARE.format(BLURRY, '55 %')}.",
         {"unusual": [GRAINY], "helps": [1], "lost": (12, 20, 20, 60, True), "of_class": (20, 60)}),
        ("Not known whether it is the photograph or the model: it is grainier than all 600 images of the run "
         "(fine texture and hard edges count as grain, too, such as fur or the black corners of a turned picture), "
         "and it is right when blurred, but only 6 of 20 right images of its class that were tried become wrong with "
         "as much noise, too few to call this the reason, as 20 of all 60 are wrong anyway, about 13 of which would be "
         f"right when blurred, too. {UNSEEN}.",
         {"unusual": [GRAINY], "helps": [1], "lost": (6, 20, 20, 60, True), "wrong": (21, 32), "of_class": (20, 60)}),
        ("Probably the photograph: it is less sharp than all 600 images of the run, and 12 of 48 right "
         f"images of its class that were tried become wrong when blurred as much. "
         f"{ALSO.format('', '59 %', 'darker')}: {EVEN_AREAS}.",
         {"unusual": [DARK, BLURRED], "lost": (12, 48, 9, 60, True)}),
        ("Not known whether it is the photograph or the model: it is less sharp than all 600 images of the run, "
         "but only 8 of "
         "48 right images of the run that were tried become wrong when blurred as much, too few to call this the "
         "reason, as 100 of all 600 "
         f"are wrong anyway. {UNSEEN}.",
         {"unusual": [BLURRED], "lost": (8, 48, 100, 600, False), "of_class": (50, 60)}),
        ("Not known whether it is the photograph or the model: it is less sharp than all 600 images of the run, but "
         "too few images of the run are known to be right to test whether this is why it is misclassified. "
         f"{UNSEEN}.", {"unusual": [BLURRED]}),
        ("Not known whether it is the photograph or the model: it is darker than all 600 images of the run, but it is "
         "not right in any of the 2 ways of making it brighter that were tried. 50 of the 60 images of its class are "
         f"misclassified, too, so the model itself may be the reason. {UNSEEN}.",
         {"unusual": [DARK], "of_class": (50, 60)}),
        ("Not known whether it is the photograph or the model: it is darker than all 600 images of the run, but it is "
         f"not right in any of the 2 ways of making it brighter that were tried. {UNSEEN}.",
         {"unusual": [DARK], "of_class": (15, 60)}),
        ("Not known whether it is the photograph or the model: it is darker than all 600 images of the run, and it "
         "is right when brighter, but at least half of the images of other classes are then taken for this class, so "
         f"this says nothing about the image. {UNSEEN}.", {"unusual": [DARK], "helps": [0], "blind": True}),
        ("Probably the photograph: it has less colour than all 600 images of the run, and 6 of 24 right "
         f"images of its class that were tried become wrong without colours. {SHARE.format('', '56 %')}.",
         {"unusual": [GREY], "lost": (6, 24, 10, 60, True), "of_class": (50, 60)}),
        (f"Probably the model: {USUAL} 20 of the 60 images of its class are misclassified, too. {UNSEEN}. {IMPROVE}",
         {"of_class": (20, 60)}),
        (f"Probably the model: {USUAL} 20 of the 60 other images of its class are misclassified, too. {UNSEEN}. "
         f"{IMPROVE}",
         {"of_class": (20, 60), "same": "dog/5.png"}),
        (f"Not known whether it is the photograph or the model: {USUAL} the run has only 9 other images of its class. "
         f"{UNSEEN}.",
         {"of_class": (9, 9), "same": "dog/5.png"}),
        (f"Not known whether it is the photograph or the model: {USUAL} the run has no other image of its class. "
         f"{UNSEEN}.",
         {"of_class": (0, 0), "same": "dog/5.png"}),
        (f"Not known whether it is the photograph or the model: {USUAL} 15 of the 60 images of its class are "
         f"misclassified {BELOW}.", {"of_class": (15, 60)}),
        (f"Not known whether it is the photograph or the model: {USUAL} 1 of the 10 images of its class is "
         f"misclassified {BELOW}.", {"of_class": (1, 10)}),
        (f"{FEW_WRONG} misclassified {BELOW}.", {}),
        (f"{FEW_WRONG} misclassified, a larger share than of the other classes together {BELOW}.",
         {"weak": WeakClass(56, 60)}),
        (f"Not known whether it is the photograph or the model: {USUAL} none of the 60 images of its class is "
         f"misclassified. {UNSEEN}.", {"of_class": (0, 60)}),
        (f"Not known whether it is the photograph or the model: {USUAL} the run has only 9 images of its class. "
         f"{UNSEEN}.",
         {"of_class": (9, 9)}),
        (f"Not known whether it is the photograph or the model: {USUAL} the run has no image of its class. "
         f"{UNSEEN}.",
         {"of_class": (0, 0)}),
        (f"Probably the model, if the picture is upright: {USUAL} 20 of the 60 images of its class are misclassified, "
         f"too. {UNSEEN}. Check whether the picture is upright: turned by 90 degrees counter-clockwise, it is right "
         f"with a score of 0.510. {UPRIGHT}. {TOO.format(TURNS)} 9 of 99 misclassified ones become right. "
         f"{IMPROVE}",
         {"of_class": (20, 60), "undone": [UNSURE], "rates": [Rate(TURNED, 30, 99, 9, 0, 99)]}),
        (f"Probably the model: {USUAL} 20 of the 60 images of its class are misclassified, too. {UNSEEN}. {IMPROVE}",
         {"of_class": (20, 60), "undone": [UNSURE], "rates": [Rate(TURNED, 30, 99, 10, 0, 99)]}),
        (f"{EITHER} "
         "Check whether the picture is upright: turned by 90 degrees counter-clockwise, it is right with a "
         f"score of 0.510. {UPRIGHT}. {AND_FEW_WRONG}", {"undone": [UNSURE], "rates": []}),
        (f"{EITHER} "
         "Check whether the picture is upright: turned by 90 degrees counter-clockwise, it is right with a "
         f"score of 0.510. {UPRIGHT}. {TOO.format(TURNS)} 2 of 99 misclassified ones become right. {AND_FEW_WRONG}",
         {"undone": [UNSURE], "rates": [Rate(TURNED, 30, 99, 2, 0, 99)]}),
        (f"{EITHER} Check whether the picture is upright: turned by 90 degrees "
         f"counter-clockwise, it is right with a score of 0.910. {UPRIGHT}. {TOO.format(TURNS)} 5 of 57 misclassified "
         f"ones become right, and 16 of 99 from other classes are taken for the picture's class. {AND_FEW_WRONG}",
         {"undone": [SURE], "rates": [Rate(TURNED, 16, 57, 5, 16, 99, OfItsClass(12, 0, 4, 1))]}),
        (f"{EITHER} Check whether the picture is upright: turned by 90 degrees "
         f"counter-clockwise, it is right with a score of 0.910. {UPRIGHT}. Too few images of the run were compared "
         f"to exclude that: 12 misclassified ones and 30 from other classes. {AND_FEW_WRONG}",
         {"undone": [SURE], "rates": [Rate(TURNED, 3, 12, 0, 0, 30)]}),
        (f"Probably the photograph: turned by 90 degrees counter-clockwise, it is right with a score of 0.910. "
         f"{NOT_CHANCE}{TURNS}, only 1 of 99 {WRONG} is {AS_HIGH}, {OTHERS} {IF_UPRIGHT}",
         {"undone": [SURE], "rates": [Rate(TURNED, 30, 99, 1, 0, 99)]}),
        ("Probably the photograph: turned by 90 degrees counter-clockwise (score 0.910) or 90 degrees clockwise (score "
         f"0.810), it is right. {NOT_CHANCE}{TURNS}, none of 98 {WRONG} is {AS_HIGH}, {OTHERS} {IF_UPRIGHT}",
         {"undone": [SURE, 0.0, 0.8], "rates": [Rate(TURNED, 30, 98, 0, 0, 99)]}),
        ("Probably the photograph: turned by 90 degrees clockwise (score 0.910) or 180 degrees (score 0.810), it is "
         f"right. {NOT_CHANCE}{TURNS}, none of 98 {WRONG} is {AS_HIGH}, {OTHERS} {IF_UPRIGHT}",
         {"undone": [0.0, 0.8, SURE], "rates": [Rate(TURNED, 30, 98, 0, 0, 99)]}),
        (f"Probably the photograph: turned by 90 degrees counter-clockwise, it is right with a score of 0.910. "
         f"{NOT_CHANCE}{TURNS}, none of 98 {WRONG} is {AS_HIGH}, {OTHERS} {IF_UPRIGHT.removesuffix('.')}, and the "
         "model is probably the reason: 20 of the 60 images of its class are misclassified, too.",
         {"of_class": (20, 60), "undone": [SURE], "rates": [Rate(TURNED, 30, 98, 0, 0, 99)]}),
        (f"{EITHER} "
         "Check whether the picture is upright: turned by 90 degrees counter-clockwise (score 0.910), 180 "
         f"degrees (score 0.810) or 90 degrees clockwise (score 0.810), it is right. {UPRIGHT}. Each of the "
         f"three turns makes it right, though it can need only one. {AND_FEW_WRONG}",
         {"undone": [SURE, 0.8, 0.8], "rates": [Rate(TURNED, 30, 98, 0, 0, 99)]}),
        (f"{EITHER} "
         "Check whether the picture is upright: turned by 90 degrees counter-clockwise, it is right with a "
         f"score of 0.910. {UPRIGHT}. {TOO.format(TURNS)} 2 of 99 from other classes are taken for the picture's "
         f"class. {AND_FEW_WRONG}",
         {"undone": [SURE], "rates": [Rate(TURNED, 30, 98, 0, 2, 99)]}),
        ("Probably the photograph: as a negative, it is right with a score of 0.910. "
         f"{NOT_CHANCE}as negatives, only 1 of 99 {WRONG} is {AS_HIGH}, {OTHERS} {IF_NO_NEGATIVE}",
         {"undone": [0, 0, 0, SURE], "rates": [Rate(NEGATIVE, 30, 99, 1, 0, 99)]}),
        ("Probably the photograph: it is brighter than all 600 images of the run, and as a negative, it is right with "
         f"a score of 0.910. {GIVEN}: as negatives, {OTHERS.removeprefix('and ')} {IF_NO_NEGATIVE}",
         {"unusual": [BRIGHT], "undone": [0, 0, 0, SURE], "rates": [Rate(NEGATIVE, 30, 40, 5, 0, 99)]}),
        ("Probably the photograph: it is darker than all 600 images of the run, and as a negative, it is right with a "
         f"score of 0.910. {GIVEN}: as negatives, only 1 of 99 images of other classes is taken for the picture's "
         f"class with such a score. {IF_NO_NEGATIVE}",
         {"unusual": [DARK], "helps": [1], "undone": [0, 0, 0, SURE], "rates": [Rate(NEGATIVE, 0, 0, 0, 1, 99)]}),
        ("Probably the photograph: it is darker than all 600 images of the run, and it is right when brighter; "
         "12 of 20 "
         f"right images of its class that were tried become wrong when darkened as much. {HIGH}.",
         {"unusual": [DARK], "helps": [1], "lost": (12, 20, 3, 60, True), "undone": [0, 0, 0, SURE],
          "rates": [Rate(NEGATIVE, 9, 50, 0, 2, 99)]}),
        ("Probably the photograph: with red and blue swapped, it is right with a score of 0.910. "
         f"{NOT_CHANCE}after the same swap, none of 98 {WRONG} is {AS_HIGH}, {OTHERS} {IF_NOT_SWAPPED}",
         {"undone": [0.95, 0, 0, 0, SURE], "rates": [Rate(TURNED, 30, 98, 2, 0, 99), Rate(SWAPPED, 9, 98, 0, 0, 99)]}),
        ("Not known whether it is the photograph or the model: it is less sharp than all 600 images of the run, but "
         f"too few images of the run are known to be right to test whether this is why it is misclassified. {UNSEEN}. "
         "Check whether dark and bright are swapped in the picture: as a negative, it is right with a score of 0.910. "
         f"{CHANCE} the picture is not a negative.",
         {"unusual": [BLURRED], "undone": [0, 0, 0, SURE]}),
        ("Probably the photograph: as a negative, it is right with a score of 0.910. "
         f"{NOT_CHANCE}as negatives, none of 20 {WRONG} is {AS_HIGH}, {OTHERS} {IF_NO_NEGATIVE}",
         {"undone": [0, 0, 0, SURE], "rates": [Rate(NEGATIVE, 3, 20, 0, 0, 99)]}),
        ("Probably the photograph: as a negative, it is right with a score of 0.910. "
         f"{NOT_CHANCE}as negatives, none of 99 {WRONG} is {AS_HIGH}, {OTHERS} {IF_NO_NEGATIVE}",
         {"undone": [0, 0, 0, SURE], "rates": [Rate(NEGATIVE, 30, 99, 0, 0, 99, OfItsClass(18, 0, 6, 3))]}),
        (f"{EITHER} "
         "Check whether dark and bright are swapped in the picture: as a negative, it is right with a score "
         f"of 0.910. {CHANCE} the picture is not a negative. {TOO.format('as negatives')} 1 of 18 misclassified ones "
         f"of its class becomes right. {AND_FEW_WRONG}",
         {"undone": [0, 0, 0, SURE], "rates": [Rate(NEGATIVE, 30, 99, 1, 0, 99, OfItsClass(18, 1, 4, 4))]}),
        (f"{EITHER} {AS_NEGATIVE} As negatives, 4 of 6 {HABIT} {AND_FEW_WRONG}",
         {"undone": [0, 0, 0, SURE], "rates": [Rate(NEGATIVE, 30, 99, 0, 0, 99, OfItsClass(18, 0, 6, 4))]}),
        (f"{EITHER} Check whether the picture is upright: turned by 90 degrees "
         f"counter-clockwise, it is right with a score of 0.910. {UPRIGHT}. After a turn, all 5 {HABIT} "
         f"{AND_FEW_WRONG}",
         {"undone": [SURE], "rates": [Rate(TURNED, 30, 99, 0, 0, 99, OfItsClass(18, 0, 5, 5))]}),
        (f"{EITHER} "
         "Check whether red and blue are swapped in the picture: with red and blue swapped, it is right with a "
         f"score of 0.510. {CHANCE} red and blue are not swapped. {TOO.format('after the same swap')} 5 of 99 "
         f"misclassified ones become right. {AND_FEW_WRONG}",
         {"undone": [0, 0, 0, SURE, UNSURE], "rates": [Rate(NEGATIVE, 30, 99, 10, 0, 99, OfItsClass(18, 0, 5, 5)),
                                                       Rate(SWAPPED, 9, 99, 5, 0, 99)]}),
        (f"Probably the model, if the picture is not a negative: {USUAL} 20 of the 60 images of its class are "
         f"misclassified, too. {UNSEEN}. {AS_NEGATIVE} As negatives, 3 of 5 {HABIT} {IMPROVE}",
         {"of_class": (20, 60), "undone": [0, 0, 0, SURE],
          "rates": [Rate(NEGATIVE, 30, 99, 0, 0, 99, OfItsClass(18, 0, 5, 3))]}),
        ("Not known whether it is the photograph or the model: it is brighter than all 600 images of the run, but it "
         f"is not right in any of the 0 ways of making it darker that were tried. {UNSEEN}. {AS_NEGATIVE} As "
         f"negatives, all 5 {HABIT}",
         {"unusual": [BRIGHT], "undone": [0, 0, 0, SURE],
          "rates": [Rate(NEGATIVE, 30, 99, 0, 0, 99, OfItsClass(18, 0, 5, 5))]}),
        (f"Probably the model, if red and blue are not swapped: {USUAL} 20 of the 60 images of its class are "
         f"misclassified, too. {UNSEEN}. Check whether red and blue are swapped in the picture: with red and blue "
         f"swapped, it is right with a score of 0.910. {CHANCE} red and blue are not swapped. {IMPROVE}",
         {"of_class": (20, 60), "undone": [0, 0, 0, UNSURE, SURE]}),
        # Hardly one image of a run alone has them swapped.
        (f"Probably the model: {USUAL} 20 of the 60 other images of its class are misclassified, too. {UNSEEN}. "
         f"{IMPROVE}",
         {"of_class": (20, 60), "undone": [0, 0, 0, 0, SURE], "same": "dog/5.png"}),
        (f"{EITHER} "
         "Check whether dark and bright are swapped in the picture: as a negative, it is right with a score "
         f"of 0.910. {CHANCE} the picture is not a negative. {TOO.format('as negatives')} 2 of 98 misclassified ones "
         f"become right. {AND_FEW_WRONG}",
         {"undone": [UNSURE, 0, 0, SURE], "rates": [Rate(TURNED, 30, 98, 30, 0, 99), Rate(NEGATIVE, 3, 98, 2, 0, 99)]}),
        ("Not known whether it is the photograph or the model: the run has 40 images, too few to say whether the "
         "picture is unusual among them.", {"images": 40, "of_class": (30, 40)}),
    ],
)  # fmt: skip
def test_the_first_evidence_that_fits_decides(verdict, given):
    given = dict(given)
    assert said(*given.pop("unusual", ()), **given) == verdict


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


def test_mix_ups_that_fit_equally_well_are_all_named():
    negative, swapped = Rate(NEGATIVE, 3, 99, 0, 0, 99), Rate(SWAPPED, 3, 99, 1, 0, 99)
    undone, counts = [0, 0, 0, SURE, 0.8], f"misclassified images of the run is {AS_HIGH}, {OTHERS.removesuffix('.')}"
    both = judged(undone=undone, rates=[negative, swapped], of_class=(20, 60))
    ways = "as a negative (score 0.910) or with red and blue swapped (score 0.810), it is right"
    assert both.sentence == (
        f"Probably the photograph: {ways}: check which of these it needs. {NOT_CHANCE}as negatives, none of 99 "
        f"{counts}; after the same swap, only 1 of 99 {counts}. {LOOK}."
    )
    assert both.brief == "photograph: right as a negative or with red and blue swapped"
    assert both.mix_ups == (NEGATIVE, SWAPPED) and ways in both.to_json()["reason"]
    bright = said(BRIGHT, undone=undone, rates=[replace(negative, as_sure=20), swapped])
    assert f"brighter than all 600 images of the run, and {ways}: check which" in bright
    assert f"as negatives, {OTHERS.removeprefix('and ').removesuffix('.')}; after the same swap, only 1" in bright
    alike = said(undone=undone, rates=[negative, replace(swapped, as_sure=0)])
    assert alike.endswith(f" {NOT_CHANCE}in each case, none of 99 {counts}. {LOOK}.")
    alone = judged(undone=undone, rates=[negative, replace(swapped, as_sure=2)])
    assert alone.brief == "photograph: right as a negative" and "red and blue" not in alone.sentence


def test_what_may_be_mixed_up_is_named_in_few_words_beside_unusual_looks():
    turned = judged(BRIGHT, undone=[UNSURE], rates=[Rate(TURNED, 30, 99, 9, 0, 99)])
    assert turned.says == "not known" and "Check whether the picture is upright" in turned.reason
    assert turned.brief == "not known: check whether the picture is upright, though brighter than all 600"


def test_darkness_that_may_be_the_reason_is_named_beside_a_negative_that_may_be():
    dark = judged(DARK, undone=[0, 0, 0, SURE], rates=[Rate(NEGATIVE, 3, 99, 0, 0, 99)], helps=[1],
                  lost=(12, 20, 3, 60, True))  # fmt: skip
    assert dark.brief == "photograph: right as a negative, or darker than all 600"
    assert dark.fault == "negative or darker" and "and as a negative, it is right with a score" in dark.sentence
    assert dark.sentence.endswith(
        " But it is right when brighter; 12 of 20 right images of its class that were tried become wrong when darkened "
        "as much: this may be the reason instead. Look at the picture to see which it is."
    )
    usual = judged(undone=[0, 0, 0, SURE], rates=[Rate(NEGATIVE, 3, 99, 0, 0, 99)], helps=[1])
    assert usual.brief == "photograph: right as a negative" and "instead" not in usual.sentence


def test_of_an_unusually_bright_picture_the_misclassified_images_are_told_for_comparison_only():
    negative = Suitable(NEGATIVE, {"as a negative": SURE})
    assert mix_up_words.told(negative, Rate(NEGATIVE, 30, 40, 5, 0, 99), unusual=True) == (
        "As a negative, it is right with a score of 0.900: check whether dark and bright are swapped in the picture. "
        f"{GIVEN}: as negatives, {OTHERS.removeprefix('and ')} For comparison, of 40 {WRONG}, 30 are right as "
        "negatives, 5 of them with a score as high (none of them of its class)."
    )


@pytest.mark.parametrize(
    ("right", "as_sure", "said"),
    [
        (27, 27, "27 are right after a turn, all of them with a score as high (12 of 18 of its class);"),
        (27, 26, "27 are right after a turn, 26 of them with a score as high (12 of 18 of its class);"),
        (1, 1, "1 is right after a turn, with a score as high (1 of 18 of its class);"),
    ],
)
def test_no_number_is_said_twice_if_all_that_become_right_have_a_score_as_high(right, as_sure, said):
    rate = Rate(TURNED, right, 99, as_sure, 0, 99, OfItsClass(18, min(as_sure, 12)))
    assert said in mix_up_words.told(Suitable(TURNED, {"by 90 degrees clockwise": UNSURE}), rate)


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


FIRM, SLIM = ([Place("dense", share, 0.0)] for share in (2.0, 0.2))
CHECK = (
    " Check whether it shows dog at all: {} images most similar to it are of class cat and right, its score for cat, "
    "0.700, is at least as high as for {} right images of this class, and no change that was tried makes it right."
)
ELSE = (
    " None of the 10 images most similar to it is of class dog: it may show something else, even none of the 2 classes "
    "among which the model must choose."
)
THIS = (
    " None of the 10 images most similar to it is of class dog, and all 10 are of class cat: it may show this, or even "
    "none of the 2 classes among which the model must choose."
)


@pytest.mark.parametrize(
    ("advice", "given"),
    [
        (CHECK.format("all 10", "all 40"), {}),
        (CHECK.format("9 of the 10", "10 of the 40"), {"near": ["cat"] * 9 + ["dog"], "as_sure": (10, 40)}),
        ("", {"near": ["cat"] * 8 + ["dog"] * 2}),
        ("", {"near": []}),
        ("", {"as_sure": (9, 40)}),  # the score is low for a cat
        ("", {"as_sure": (9, 9)}),  # too few cats to say so
        ("", {"as_sure": None}),
        (THIS, {"helps": [0]}),
        (THIS, {"places": SLIM}),
        (ELSE, {"taken": "dog"}),
        (" Check whether the picture is upright", {"undone": [UNSURE]}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("of_class", [(3, 60), (20, 60), (0, 3)])
def test_a_picture_that_may_not_show_its_class_is_to_be_looked_at(advice, given, of_class):
    """Of a class that is often misclassified, too; there, a turn is a condition of the answer instead."""
    given = dict(given)
    near, taken = given.pop("near", ["cat"] * 10), given.pop("taken", "cat")
    nearest = tuple(Similar(f"{k}.png", label, taken if k < 2 else label) for k, label in enumerate(near))
    why = PictureWhy("cat", given.pop("places", FIRM), 40.0, (5.0, 5.0, 5.0, 90.0), nearest)
    sentence = said(**{"as_sure": (40, 40)} | given, of_class=of_class, why=why).removesuffix(f" {IMPROVE}")
    if advice.startswith(" Check whether the picture"):
        assert "most similar" not in sentence
    elif advice:
        assert sentence.endswith(advice)
    else:
        assert sentence.endswith(f". {UNSEEN}.")


def test_advice_on_the_class_needs_the_similar_images_and_a_picture_that_looks_usual():
    assert "most similar" not in said(as_sure=(40, 40))
    why = PictureWhy("cat", FIRM, 40.0, (5.0, 5.0, 5.0, 90.0), tuple(Similar("x", "cat", "cat") for _ in range(10)))
    assert "most similar" not in said(DARK, as_sure=(40, 40), why=why)


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
        ("", {"helps": [1], "lost": (1, 20, 20, 60, True)}),
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


def test_two_traits_that_are_nearly_unusual_share_the_caution():
    sentence = said(near=(DARK, GRAINY), helps=[1], lost=(12, 20, 3, 60, True))
    assert "It is darker than 96 %" in sentence and "It is grainier than 96 %" in sentence
    assert sentence.count("Each of these may be why it is misclassified, but each may also be chance: one in") == 1
    assert "This may be why" not in sentence
