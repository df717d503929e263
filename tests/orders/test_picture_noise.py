"""How much noise changes the prediction of a picture, and how firm that is beside the images of a run."""

import math
from dataclasses import replace

import numpy as np
import pytest
from fog_sweep import FOG
from numpy_runs import NAMES, SIDE, sweep
from PIL import Image

from tfstab import Classifier, Dataset, inspect_picture
from tfstab.explanation.picture_why import PictureWhy
from tfstab.explanation.shortfall import Place


def test_why_says_how_much_noise_changes_the_prediction(grey, tmp_path):
    """The class is cat if grey levels vary by more than 10, which noise of about this sigma does."""

    def roughness(images):
        rough = images.std(axis=(1, 2, 3)) - 10
        return np.stack([rough, 0 * rough, 0 * rough - 50], axis=1)

    model = Classifier.from_function(
        roughness, (SIDE, SIDE, 1), 3, fingerprint="rough", class_names=NAMES, outputs="logits"
    )
    images = np.full((30, SIDE, SIDE, 1), 128, np.uint8)
    images[:, :, ::2] += np.arange(30, dtype=np.uint8).reshape(-1, 1, 1, 1) // 4  # nearer and nearer to the boundary
    smooth = Dataset.from_arrays("smooth", "test", images, np.ones(30, np.int64), NAMES)
    rough = sweep(tmp_path / "rough", FOG, smooth, model)
    why = inspect_picture(model, grey(128), "dog", run=rough, why=True).why
    assert why.predicted == "dog" and 9 < why.sigma < 12 and why.sigmas == tuple(sorted(why.sigmas))
    assert why.sentences == [
        f"Gaussian noise of sigma {why.sigma:.2g} is enough to change the prediction in half of the tries; weaker "
        f"noise is enough for {sum(one < why.sigma for one in why.sigmas)} of 24 images of the run that are right."
    ]
    assert why.cause == "The layers of this model cannot be examined"
    firm = inspect_picture(model, _striped(tmp_path, 200), "cat", run=rough, why=True)
    assert firm.why.sentences[0].startswith(
        "At no sigma that was tried, up to 128, does Gaussian noise change the prediction in half of the tries"
    )
    least = replace(why, sigma=0.5)
    assert least.sentences[0].endswith("; weaker noise is enough for none of 24 images of the run that are right.")
    assert firm.to_json()["why"]["noise_sigma"] is None
    assert str(firm).splitlines()[-2:] == [
        f"How firm is the prediction? {firm.why.cause}.",
        f"- {firm.why.sentences[0]}",
    ]


def test_noise_of_a_middle_sigma_may_change_the_prediction_more_often_than_the_strongest(grey, tmp_path):
    """The class is cat if the standard deviation of the grey levels is between 15 and 50."""

    def middle(images):
        inside = 17.5 - np.abs(images.std(axis=(1, 2, 3)) - 32.5)
        return np.stack([inside, 0 * inside, 0 * inside - 50], axis=1)

    model = Classifier.from_function(middle, (SIDE, SIDE, 1), 3, fingerprint="m", class_names=NAMES, outputs="logits")
    even = np.full((30, SIDE, SIDE, 1), 128, np.uint8)
    run = sweep(tmp_path / "even", FOG, Dataset.from_arrays("even", "test", even, np.ones(30, np.int64), NAMES), model)
    why = inspect_picture(model, grey(128), "dog", run=run, why=True).why

    def changed(sigma):
        noise = sigma * np.random.default_rng(5).standard_normal((400, SIDE, SIDE, 1))
        return (model.scores(np.clip(128 + noise, 0, 255).astype(np.float32)).argmax(axis=1) != 1).mean()

    assert changed(128) < 0.1 and changed(32) > 0.9
    assert 13 < why.sigma < 18 and 0.35 < changed(why.sigma) < 0.65 and all(10 < one < 22 for one in why.sigmas)
    assert why.sentences[0].startswith(
        f"Gaussian noise of sigma {why.sigma:.2g} is enough to change the prediction in half"
    )


def _striped(folder, height):
    """A file of dark and bright stripes."""
    levels = np.full((SIDE, SIDE), 20, np.uint8)
    levels[:, ::2] += height
    Image.fromarray(levels).save(folder / "striped.png")
    return folder / "striped.png"


SLIM, WIDE = [Place("last hidden layer", 0.1)], [Place("last hidden layer", 0.7)]
UNSURE, TYPICAL = [Place("dense", 0.4, 0.9)], [Place("dense", 0.97)]
WORST = "against changes in the worst direction"
FIRMER = "firmer against random noise than for most of the images compared"
AS_FIRM = "about as firm against random noise as for a typical image"
MARGINS = (0.6, 0.8, 0.8, 0.8, 1.0, 1.1, 1.2, 1.4, 1.5)


@pytest.mark.parametrize(
    ("places", "firmer", "as_firm", "alone"),
    [
        (SLIM, f"Not firm {WORST} (a slim margin), but {FIRMER}", f"Not firm {WORST} (a slim margin), but {AS_FIRM}",
         "Not firm: a slim margin"),
        (WIDE, f"Less firm {WORST} than for a typical image, but {FIRMER}",
         f"Less firm {WORST} than for a typical image, but about as firm against random noise",
         "Less firm than for a typical image"),
        (UNSURE, f"Probably not firm {WORST} (no single cause is certain), but {FIRMER}",
         f"Probably not firm {WORST} (no single cause is certain), but {AS_FIRM}",
         "Probably not firm (no single cause is certain)"),
    ],
)  # fmt: skip
def test_a_slim_margin_and_firmness_against_noise_are_reconciled(places, firmer, as_firm, alone):
    """The headline says what it is firm against, and a sentence why a slim margin and firmness may occur together."""
    mostly_weaker, half = (5.0, 5.0, 5.0, 90.0), (5.0, 5.0, 90.0, 90.0)
    easily = {firmer: "less easily than for most of the images", as_firm: "about as easily as for a typical image"}
    for sigma, sigmas, said in (
        (80.0, mostly_weaker, firmer),
        (math.inf, mostly_weaker, firmer),
        (20.0, half, as_firm),
        (math.inf, (5.0, 5.0, math.inf, math.inf), as_firm),  # no sigma that was tried tells them apart
        (math.inf, (5.0, math.inf, math.inf, math.inf), as_firm),
        (4.0, mostly_weaker, alone),
        (20.0, (5.0, 90.0, 90.0), as_firm),  # in the middle half of the images
        (20.0, (5.0, 90.0, 90.0, 90.0, 90.0), alone),
    ):
        why = PictureWhy("dog", places, sigma, sigmas, margins=MARGINS)
        assert why.cause == said
        if said != alone:
            assert "do not contradict each other" in why.sentences[2] and easily[said] in why.sentences[2]
        assert len(why.sentences) == (2 if said == alone else 3)


def test_a_slim_margin_between_two_wrong_classes_does_not_mean_that_the_picture_is_nearly_right():
    slim = PictureWhy("dog", SLIM, 4.0, (5.0,), second="cat")
    assert slim.sentences[1].startswith("The class with the second-highest score, cat, is wrong, too, so ")
    assert slim.to_json()["second_wrong_class"] == "cat"
    assert len(replace(slim, second="").sentences) == len(replace(slim, places=TYPICAL).sentences) == 2


def test_a_margin_that_is_not_slim_is_firm_unless_noise_changes_the_prediction_easily():
    for sigma, sigmas, said in (
        (40.0, (5.0, 5.0, 5.0, 90.0), "Firm: its margin is not slim"),
        (4.0, (5.0, 5.0, 5.0, 90.0), "Its margin is not slim, but random noise changes the prediction more easily"),
        (math.inf, (math.inf,) * 4, "Firm: its margin is not slim"),  # nothing is firmer in any of the tries
    ):
        why = PictureWhy("dog", TYPICAL, sigma, sigmas)
        assert why.cause.startswith(said) and len(why.sentences) == 2


def test_a_margin_within_the_middle_half_of_the_images_is_about_as_firm():
    """Half of all images are nearer than a typical one: the prediction for these is not called less firm for that."""
    middle = "only below 0.5 times. Of the 9 images compared, the middle half are 0.8 to 1.2 times as far."
    for share, cause in (
        (0.79, f"Less firm {WORST} than for a typical image, but {FIRMER}"),
        (0.81, "About as firm as for a typical image"),
        (0.94, "About as firm as for a typical image"),
        (0.96, "Firm: its margin is not slim"),
    ):
        why = PictureWhy("dog", [Place("dense", share, 0.0)], 40.0, (5.0, 5.0, 5.0, 90.0), margins=MARGINS)
        assert why.cause == cause, share
        assert why.sentences[0].endswith(middle) == (share < 0.95)
        assert any("do not contradict" in one for one in why.sentences) == (share < 0.8)


@pytest.mark.parametrize(("sigma", "said"), [(7.34, "7.3"), (99.7, "100"), (117.2, "120")])
def test_a_sigma_of_a_hundred_or_more_is_not_written_with_an_exponent(sigma, said):
    assert PictureWhy("dog", SLIM, sigma, (5.0,)).sentences[1].startswith(f"Gaussian noise of sigma {said} is enough ")


@pytest.mark.parametrize(("weaker", "said"), [(0, "none of"), (1, "1 of"), (24, "all")])
def test_if_no_noise_that_was_tried_changes_it_the_other_images_are_compared_with_the_strongest(weaker, said):
    sigmas = (9.0,) * weaker + (math.inf,) * (24 - weaker)
    assert PictureWhy("dog", SLIM, math.inf, sigmas).sentences[1] == (
        "At no sigma that was tried, up to 128, does Gaussian noise change the prediction in half of the tries; it "
        f"does for {said} 24 images of the run that are right."
    )
