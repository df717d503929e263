"""What the cause of an image is called, and how much of a difference is needed, from figures made by hand."""

import numpy as np
import pytest
from arrays_by_hand import LOST

from tfstab.explanation.image_words import ImageFindings, crossing
from tfstab.explanation.random_noise import RandomNoise
from tfstab.explanation.shortfall import HIDDEN, Place

NONE = "No single cause stands out"


@pytest.mark.parametrize(
    ("known", "title"),
    [
        ({"gains": {"a": 1.5}}, "Layer a reacts more strongly to the noise than to random noise"),
        ({"gains": {"a": 1.45}}, NONE),
        ({"gains": {"a": 1.5}, "others": [(1.0,)] * 40},
         "Layer a reacts more strongly to this noise than to the noise of images that stay right"),
        ({"gains": {"a": 1.5}, "others": [(1.0,)] * 30 + [(1.5,)] * 10}, NONE),  # it is so for others, too
        ({"gains": {"a": 1.5}, "others": []}, NONE),
        ({"gains": {"a": 1.2, "b": 1.1, "c": 1.6}, "change": "change"},
         "Layer c reacts more strongly to the change than to random noise"),
        ({"gains": {"a": 2.0, "b": 0.0}}, NONE),
        ({"gains": {"a": 0.0, "b": 2.0}}, NONE),
        ({"gains": {"a": 1.4, "b": 1.6}}, "Layer a reacts more strongly to the noise than to random noise"),
        ({"random": None}, "Lost: taken for dog"), ({"places": None}, "Lost: taken for dog"),
        ({"gains": {"a": np.nan, "b": 2.0}}, NONE),
        ({"random": RandomNoise((1, 2, 4, 8), (0, 6, 24, 64))},
         "The pattern of the noise matters, not only its strength"),
        ({"random": RandomNoise((1, 2, 4, 8), (1, 6, 24, 64))}, NONE),  # some noise as strong does the same
        ({"random": RandomNoise((1, 2, 4, 8), (0, 6, 25, 64))}, NONE),  # at 4, perhaps half of the tries
        ({"random": RandomNoise((1, 2, 2.2, 2.4, 4), (0, 6, 30, 60, 64))}, NONE),
        ({"random": RandomNoise((1, 2, 4, 8), (32, 20, 6, 6))}, NONE),  # stronger noise changes it less
        ({"random": RandomNoise((1, 2, 4), (0, 0, 6)), "gains": {"a": 1.5}},
         "The pattern of the noise matters, not only its strength; layer a reacts more strongly to the noise than to "
         "random noise"),
        ({"random": RandomNoise((1, 4), (0, 0)), "gains": {"a": 1.5}, "others": [(1.0,)] * 19, "change": "change"},
         "The kind of change matters, not only its strength; layer a reacts more strongly to this change than to the "
         "changes of images that stay right"),
        ({"random": RandomNoise((1, 2, 4), (0, 0, 6)), "gains": {"a": 1.5}, "others": [(1.5,)] * 40},
         "The pattern of the noise matters, not only its strength"),
        ({"random": RandomNoise((1, 2, 4), (0, 0, 0)), "places": [Place(HIDDEN, 0.2)]},
         "The clean image has a slim margin, and the pattern of the noise matters, not only its strength"),
        ({"random": RandomNoise((1, 2), (0, 0))}, NONE),
        ({"random": RandomNoise((1,), (60,), 40)}, "The strength of the noise alone is enough"),
        ({"random": RandomNoise((1,), (60,), 39)}, NONE),  # perhaps to the same class in half of the tries
        ({"random": RandomNoise((1,), (64,), 64), "gains": {"a": 1.6}}, "The strength of the noise alone is enough"),
        ({"random": RandomNoise((1,), (64,), 0, "cow", 64), "gains": {"a": 1.6}}, NONE),
        ({"random": RandomNoise((1,), (64,), 64, "dog", 64, (53, 60))}, "The strength of the noise alone is enough"),
        ({"random": RandomNoise((1,), (64,), 64, "dog", 64, (54, 60))}, NONE),
        ({"random": RandomNoise((1,), (64,), 64, "dog", 64, shift=9.9)}, "The strength of the noise alone is enough"),
        ({"random": RandomNoise((1,), (64,), 64, "dog", 64, shift=-10)}, NONE),  # darker: that may be the reason
        ({"random": RandomNoise((1,), (64,), 64), "places": [Place(HIDDEN, 0.2)]},
         "The clean image has a slim margin, and the strength of the noise alone is enough"),
        ({"places": [Place(HIDDEN, 0.2, 0.94)]}, NONE),
        ({"places": [Place(HIDDEN, 0.2, 0.95)]}, "The clean image has a slim margin"),
        ({"places": [Place("b", 0.2)], "gains": {"a": 1.5}},
         "Layer b amplifies small changes of this image more than those of a typical one, and layer a reacts more "
         "strongly to the noise than to random noise"),
    ],
)  # fmt: skip
def test_what_the_cause_of_an_image_is_called(known, title):
    assert ImageFindings(**LOST, **({"random": RandomNoise(), "places": []} | known)).title == title


@pytest.mark.parametrize("place", [HIDDEN, "b"])
def test_a_slim_margin_is_no_cause_where_a_degradation_leads_to_another_class(place):
    """The margin is that over the next class of the clean image; a search leads to the nearest class by itself."""
    known = LOST | {"random": RandomNoise(), "places": [Place(place, 0.2)], "others": [], "change": "change"}
    near = ImageFindings(**known, next_class="dog", next_score=0.05)
    far = ImageFindings(**known, next_class="cow", next_score=0.05)
    assert near.title != NONE and far.title == NONE
    assert ImageFindings(**known | {"others": None}, next_class="cow").title == near.title
    (_, said), (_, told) = near.sentences, far.sentences
    assert told == (
        f"{said} But this margin is the one over cow, and the degraded image is taken for dog. So the small margin is "
        "not named as the cause."
    )
    typical = ImageFindings(**known | {"places": [Place(place, 0.6)]}, next_class="cow", next_score=0.05)
    assert "But this" not in typical.sentences[-1]


def test_where_margins_cross_0():
    assert crossing((3, 1, 0, -1)) == pytest.approx(2 / 3) and crossing((1, -3)) == 0.25
    assert crossing((-1, 1)) == 0 and crossing((1, 0)) is None and crossing((4, -1, 2, -2)) == pytest.approx(0.8 / 3)


@pytest.mark.parametrize(
    ("change", "share", "said"),
    [
        ("noise", 0.97, "About 97 % of the noise is enough"),
        ("noise", 0.502, "About 51 % of the noise"),
        ("noise", 0.98, "All of the noise is needed"),
        ("change", 0.502, "Blended with the clean image, it is wrong once about 51 % of the blend is the degraded"),
        ("change", 0.98, "Blended with a little of the clean image, it is right again."),
    ],
)
def test_how_much_of_the_difference_to_the_clean_image_is_needed(change, share, said):
    (sentence,) = ImageFindings(**LOST, margins=(share, share - 1), change=change).sentences
    assert sentence.startswith(said)


def test_a_blend_that_is_right_again_in_part_of_the_way_is_told():
    known = LOST | {"change": "change"}
    once, again = (ImageFindings(**known, margins=margins).sentences[0] for margins in ((2, -1, -2), (2, -2, 1, -2)))
    assert once.endswith("of the blend is the degraded image.")
    assert again == (
        "Blended with the clean image, it is wrong once about 17 % of the blend is the degraded image, though right "
        "again at some larger shares."
    )
