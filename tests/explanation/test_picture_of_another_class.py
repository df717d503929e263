"""When the verdict on a picture advises to check whether it shows its class at all."""

import pytest
from judged_pictures import DARK, IMPROVE, UNSEEN, UNSURE, said

from tfstab.explanation.picture_why import PictureWhy
from tfstab.explanation.shortfall import Place
from tfstab.explanation.similar_images import Similar

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
