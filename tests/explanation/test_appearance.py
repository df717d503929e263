"""How one picture stands out among other images: in brightness, contrast, sharpness and noise, and without colours."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from tfstab.degradations import get_degradation
from tfstab.explanation.appearance import in_short, standings, usual_place
from tfstab.explanation.centring import centring
from tfstab.explanation.made_alike import Lost, as_blurred, as_bright, as_noisy, with_contrast, without_colours
from tfstab.explanation.traits import brightness, contrast, grey_levels, noise, position, sharpness
from tfstab.explanation.tried import Tried


@pytest.fixture(scope="module")
def images():
    """Grey levels that vary smoothly, about as much and about as bright in all images."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(60, 196, (100, 5, 5, 3))
    return np.asarray(np.kron(coarse, np.ones((1, 4, 4, 1))), np.uint8)


def unusual(image, images):
    return [one.trait.words for one in standings(image, images) if one.unusual]


@pytest.mark.parametrize(
    ("name", "severity", "said"),
    [
        ("brightness", -60, "is darker than"),
        ("brightness", 60, "is brighter than"),
        ("contrast", 0.5, "has less contrast for its brightness than"),
        ("gaussian_blur", 2, "is less sharp than"),
        ("gaussian_noise", 40, "is grainier than"),
    ],
)
def test_a_degraded_image_stands_out_in_what_was_degraded(images, name, severity, said):
    typical = images[50]
    assert unusual(typical, images) == []
    degraded = get_degradation(name).degrade(typical, severity, np.random.default_rng(1))
    assert said in unusual(degraded.astype(np.uint8), images)


def test_a_picture_of_low_contrast_is_not_called_grainy(images):
    """Its fine texture is weak, though strong for its contrast."""
    texture = np.zeros((20, 20, 1))
    texture[::2, ::2] = 20
    textured = (images + texture).clip(0, 255).astype(np.uint8)
    pale = 128 + 0.05 * (images[50].astype(float) - 128) + 0.3 * texture
    found = standings(pale.astype(np.uint8), textured)
    assert [one.trait.words for one in found if one.unusual] == ["has less contrast for its brightness than"]


def test_the_noise_of_an_image_is_measured():
    slope = np.add.outer(np.arange(300.0), 2 * np.arange(300.0))[None]
    noisy = slope + np.random.default_rng(2).normal(0, 12, slope.shape)
    assert noise(slope)[0] == 0 and 11.8 < noise(noisy)[0] < 12.2 and np.isnan(noise(slope[:, :2]))[0]


@pytest.mark.parametrize(
    ("down", "right", "how"),
    [(4, 0, " (4 pixels up)"), (-1, 2, " (2 pixels left, 1 down)"), (0, -1, " (1 pixel right)"), (0, 0, "")],
)
def test_a_picture_whose_content_lies_elsewhere_is_off_centre_until_it_is_centred(down, right, how):
    """Dark squares on a bright ground, usually in the middle of the upper half."""
    squares = np.full((100, 20, 21, 3), 220, np.uint8)
    squares[:, 2:7, 8:13] = 30
    squares[:10, 2, 8], squares[10:20, 6, 12] = 220, 220  # a few have a corner less
    moved = np.roll(squares[50], (down, right), (0, 1))
    usual = usual_place(position(grey_levels(squares)))
    assert np.allclose(usual, (-5.5, 0)) and ("is farther off-centre than" in unusual(moved, squares)) == bool(how)
    change = centring(moved, usual)
    assert change.title == f"centring{how}" and np.array_equal(change(moved, 100), squares[50])
    assert dict(in_short(standings(squares[50], squares)))["Position"] == "as usual"
    tail = squares[50].copy()
    tail[7:9, 10] = 30  # moves the centroid by less than a pixel
    assert "is farther off-centre than" not in unusual(tail, squares[20:])
    slightly = "0.3 pixels off-centre, farther than all 80 (not counted as a fault)"
    assert dict(in_short(standings(tail, squares[20:])))["Position"] == slightly
    even = np.full_like(moved, 7)
    assert np.isnan(position(grey_levels(even[None]))).all() and np.array_equal(centring(even, usual)(even, 100), even)
    assert np.isnan(usual_place(position(grey_levels(even[None])))).all()


def test_among_few_images_nothing_stands_out(images):
    dark = images[50] // 4
    assert "is darker than" in unusual(dark, images[:49]) and unusual(dark, images[:48]) == []
    assert [one.decided for one in standings(dark, images[:48])] == [False] * 7


def test_images_are_measured_a_few_at_a_time():
    photographs = np.random.default_rng(0).integers(0, 256, (300, 128, 128, 1), np.uint8)
    tracemalloc.start()
    standings(photographs[0], photographs)
    largest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert largest < 9 * photographs.nbytes  # the grey levels of all of them alone have 8 times as many bytes


def test_a_picture_of_one_grey_level_has_no_sharpness(images):
    found = standings(np.full_like(images[0], 128), images)
    assert [one.images for one in found] == [100, 100, 100, 0, 100, 0, 100] and not found[3].decided
    assert [one.trait.words for one in found if one.unusual] == [
        "has less contrast for its brightness than",
        "has less colour than",
    ]


def test_a_picture_without_colours_stands_out_among_images_with_colours(images):
    grey = np.repeat(images[50].mean(axis=-1, keepdims=True).astype(np.uint8), 3, axis=-1)
    assert unusual(grey, images) == ["has less colour than"]
    assert ("Colours", "less colour than all 100") in in_short(standings(grey, images))
    faint = np.minimum(grey + np.array([0, 0, 4]), 255).astype(np.uint8)
    mixed = np.concatenate([images[:90], np.repeat(grey[None], 10, axis=0)])
    assert unusual(faint, images) == unusual(grey, mixed) == unusual(images[50, ..., :1], images[..., :1]) == []
    assert "Colours" not in dict(in_short(standings(images[50], images)))


def test_a_picture_that_stands_out_the_other_way_is_not_called_usual(images):
    def short(image):
        return dict(in_short(standings(image, images)))

    values = grey_levels(images)
    order = np.argsort(values.std(axis=(1, 2)) / values.mean(axis=(1, 2)))
    assert short(images[order[50]])["Contrast"] == "as usual" and short(images[order[5]])["Contrast"].startswith("less")
    assert short(images[order[85]])["Contrast"] == "more contrast for its brightness than 85 %"
    assert short(images[order[97]])["Contrast"] == "more contrast for its brightness than 97 % (not counted as a fault)"
    textured = images[50].astype(int)
    textured[::2, ::2] += 40
    found = short(textured.astype(np.uint8))
    assert found["Sharpness"] == "sharper than all 100 (not counted as a fault)"
    assert found["Noise"] == "grainier than all 100", "that is counted as one"
    plain = short(np.full_like(images[0], 128))
    assert plain["Noise"] == "less grainy than all 100 (not counted as a fault)"
    assert (plain["Contrast"], "Sharpness" in plain) == ("less contrast for its brightness than all 100", False)


def test_it_is_said_whether_undoing_it_makes_the_picture_right(images):
    dark, *_, sharp, _, _, _ = standings(images[50] // 4, images)
    dark = replace(dark, lost=Lost("when darkened as much", 9, 20, 10, 100, False))
    family = get_degradation("brightness")
    right, wrong = np.array([[0, 1], [0, 1]]), np.array([[1, 0], [1, 0]])
    lead = "The picture is darker than all 100 images of the run"
    said = (
        f"{lead}, and it is right when brighter; 9 of 20 right images of the run that were tried become wrong when "
        "darkened as much, while 10 of all 100 are wrong anyway: this may be why it is misclassified."
    )
    where = "It is right under brightness (brighter), shift 20 to 40."
    assert dark.sentence([Tried(family, (20, 40), right)], 1) == f"{said} {where}"
    for severities, votes, others in (
        ((20, 40), wrong, None),
        ((-20, -40), right, None),  # darker still
    ):
        lit = Tried(get_degradation("underexposure"), (-1, -2, -3), wrong[[0, 0, 0]])
        said = dark.sentence([Tried(family, severities, votes, others), lit], 1)
        ways = 3 + 2 * (severities[0] > 0)
        assert said == f"{lead}, but it is not right in any of the {ways} ways of making it brighter that were tried."
    said = dark.sentence([Tried(family, (20, 40), wrong), replace(lit, votes=right[[0, 0, 0]])], 1)
    assert said.startswith(f"{lead}, and it is right when brighter (more light); "), "not underexposure"
    blind = Tried(family, (20, 40), right, np.array([0.5, 0.9]))
    assert dark.sentence([blind], 1).startswith(f"{lead}, and it is right when brighter, but at least half of the")
    assert dark.sentence([], None) == f"{lead}."
    few = replace(dark, lost=None).sentence([Tried(family, (20, 40), right)], 1)
    assert few.startswith(f"{lead}, and it is right when brighter, but too few images of the run are known to be right")
    assert sharp.sentence([], 1).endswith("right to test whether this is why it is misclassified.")


def test_an_image_becomes_as_dark_or_bright_as_a_picture_or_as_low_in_contrast(images):
    def far(made_like, measure, picture):
        made = np.stack([made_like(image, picture) for image in images[:10]])
        return np.abs(measure(grey_levels(made)) / measure(grey_levels(picture[None])) - 1).max()

    lit, pale = np.clip(images[50] * 1.7, 0, 255).astype(np.uint8), (100 + images[50] // 4).astype(np.uint8)
    assert max(far(as_bright, brightness, images[50] // 6), far(as_bright, brightness, lit)) < 0.02
    assert far(with_contrast, contrast, pale) < 0.03
    assert np.array_equal(with_contrast(pale, images[0]), pale), "it has less already"
    black = np.zeros_like(images[0])
    assert np.array_equal(as_bright(black, lit), black) and np.array_equal(as_bright(lit, lit), lit)


def test_an_image_is_blurred_as_much_as_a_picture(images):
    """Images of random grey levels, and a picture that is one of them, blurred with a sigma of 1.3 pixels."""
    picture = np.rint(gaussian_filter(images[50].astype(float), (1.3, 1.3, 0))).astype(np.uint8)
    wanted = float(sharpness(grey_levels(picture[None]))[0])
    made = np.stack([as_blurred(image, picture) for image in images[:10]])
    assert np.abs(sharpness(grey_levels(made)) / wanted - 1).max() < 0.1
    assert np.array_equal(as_blurred(picture, images[0]), picture), "it is less sharp already"
    grey = without_colours(images[0], picture)
    assert (np.ptp(grey, axis=-1) == 0).all() and np.abs(grey_levels(grey[None]) - grey_levels(images[:1])).max() < 1


def test_an_image_becomes_as_grainy_as_a_picture(images):
    """Smooth images, and a picture with noise of sigma 25."""
    smooth = np.rint([gaussian_filter(image.astype(float), (3, 3, 0)) for image in images[:11]]).astype(np.uint8)
    added = np.random.default_rng(1).normal(0, 25, smooth[10].shape)
    picture = np.rint(smooth[10] + added).clip(0, 255).astype(np.uint8)
    wanted = float(noise(grey_levels(picture[None]))[0])
    made = np.stack([as_noisy(image, picture) for image in smooth[:10]])
    assert np.abs(noise(grey_levels(made)) / wanted - 1).max() < 0.1
    assert abs((made.astype(float) - smooth[:10]).std() / 25 - 1) < 0.2, "not only the estimate, but the noise is alike"
    assert np.array_equal(made[0], as_noisy(smooth[0], picture)), "the noise is the same each time"
    assert np.array_equal(as_noisy(picture, smooth[0]), picture), "it is grainier already"
