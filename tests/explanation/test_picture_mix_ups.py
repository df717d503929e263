"""What the verdict on a picture says of turns, negatives and swapped colours that make it right."""

from dataclasses import replace

import pytest
from judged_pictures import (
    AS_HIGH,
    BRIGHT,
    DARK,
    GIVEN,
    LOOK,
    NEGATIVE,
    NOT_CHANCE,
    OTHERS,
    SURE,
    SWAPPED,
    TURNED,
    UNSURE,
    WRONG,
    judged,
    said,
)

from tfstab.explanation import mix_up_words
from tfstab.explanation.mix_up_rate import OfItsClass, Rate
from tfstab.explanation.mix_ups import Suitable


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
