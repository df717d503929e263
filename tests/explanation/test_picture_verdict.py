"""Which evidence leads to which verdict on a picture that is misclassified."""

import pytest
from judged_pictures import (
    AS_HIGH,
    BLURRED,
    BRIGHT,
    CHANCE,
    DARK,
    EVEN,
    GIVEN,
    GRAINY,
    GREY,
    IMPROVE,
    LOOK,
    LOOKS,
    NEGATIVE,
    NOT_CHANCE,
    OTHERS,
    SURE,
    SWAPPED,
    TURNED,
    TURNS,
    UNSEEN,
    UNSURE,
    WRONG,
    said,
)

from tfstab.explanation.mix_up_rate import OfItsClass, Rate
from tfstab.explanation.mix_ups import MIX_UPS
from tfstab.explanation.weak_class import WeakClass

USUAL = f"it is {LOOKS} (unusual means more so than 98 % of the 600 images of the run; {EVEN}), and"
SHARE = (
    "Of misclassified pictures that look like this{}, about {} would be right if they did not look like this. " + LOOK
)
ALSO = SHARE.replace(LOOK, f"In addition, it is {{}} than all 600 images of the run. {LOOK}")
BRIGHTER, BLURRY = " and are right when brighter", " and are right when blurred"  # what undoes darkness, and grain
HIGH = SHARE.format(BRIGHTER, "90 %")
EVEN_AREAS = "sharpness is measured relative to contrast, so a sharp picture with large even areas may count as blurred"
BELOW = f"(the model would be called the reason if certainly more than a fifth were). {UNSEEN}"
FEW_WRONG = f"Not known whether it is the photograph or the model: {USUAL} 3 of the 60 images of its class are"
EITHER = "Not known whether it is the photograph or the model."
AND_FEW_WRONG = f"{USUAL[0].upper()}{USUAL[1:]} 3 of the 60 images of its class are misclassified {BELOW}."
UPRIGHT = f"{CHANCE} the picture is upright"
TOO = "Other images of the run get a score as high {}, too:"
IF_UPRIGHT, IF_NO_NEGATIVE, IF_NOT_SWAPPED = (
    f"Look at the picture: {one.condition}, this is chance after all." for one in MIX_UPS
)
HABIT = (
    "other images of its class that are taken for the same wrong class are right, too, although nothing is mixed up in "
    "them. For one: of 99 misclassified images that were tried, none is right with a score as high."
)
AS_NEGATIVE = (
    "Check whether dark and bright are swapped in the picture: as a negative, it is right with a score of 0.910. "
    f"{CHANCE} the picture is not a negative."
)


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
        (f"{EITHER} {AS_NEGATIVE} Against a mix-up: as negatives, 4 of 6 {HABIT} {AND_FEW_WRONG}",
         {"undone": [0, 0, 0, SURE], "rates": [Rate(NEGATIVE, 30, 99, 0, 0, 99, OfItsClass(18, 0, 6, 4))]}),
        (f"{EITHER} Check whether the picture is upright: turned by 90 degrees "
         f"counter-clockwise, it is right with a score of 0.910. {UPRIGHT}. Against a mix-up: "
         f"after a turn, all 5 {HABIT} {AND_FEW_WRONG}",
         {"undone": [SURE], "rates": [Rate(TURNED, 30, 99, 0, 0, 99, OfItsClass(18, 0, 5, 5))]}),
        (f"{EITHER} "
         "Check whether red and blue are swapped in the picture: with red and blue swapped, it is right with a "
         f"score of 0.510. {CHANCE} red and blue are not swapped. {TOO.format('after the same swap')} 5 of 99 "
         f"misclassified ones become right. {AND_FEW_WRONG}",
         {"undone": [0, 0, 0, SURE, UNSURE], "rates": [Rate(NEGATIVE, 30, 99, 10, 0, 99, OfItsClass(18, 0, 5, 5)),
                                                       Rate(SWAPPED, 9, 99, 5, 0, 99)]}),
        (f"Probably the model, if the picture is not a negative: {USUAL} 20 of the 60 images of its class are "
         f"misclassified, too. {UNSEEN}. {AS_NEGATIVE} Against a mix-up: as negatives, 3 of 5 {HABIT} {IMPROVE}",
         {"of_class": (20, 60), "undone": [0, 0, 0, SURE],
          "rates": [Rate(NEGATIVE, 30, 99, 0, 0, 99, OfItsClass(18, 0, 5, 3))]}),
        ("Not known whether it is the photograph or the model: it is brighter than all 600 images of the run, but it "
         f"is not right in any of the 0 ways of making it darker that were tried. {UNSEEN}. {AS_NEGATIVE} "
         f"Against a mix-up: as negatives, all 5 {HABIT}",
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
