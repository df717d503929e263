"""One picture of the user's own: what is said of it with and without its class, and what is refused."""

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, classifier
from PIL import Image

from tfstab import Classifier, inspect_picture
from tfstab.degradations import BUILT_IN, Degradation, get_degradation
from tfstab.errors import DataError, InputError
from tfstab.explanation.picture_trials import findings_of
from tfstab.explanation.tried import Tried
from tfstab.report.tried_tables import changes_table, picture_table, right_table


@pytest.fixture
def grey(tmp_path):
    """A file of one grey level."""

    def make(level, size=8):
        Image.fromarray(np.full((size, size), level, np.uint8)).save(tmp_path / "grey.png")
        return tmp_path / "grey.png"

    return make


def test_equal_highest_scores_are_called_a_tie(tmp_path):
    """As of a quantised model, whose scores change in steps."""
    even = Classifier.from_function(
        lambda images: np.tile(np.float32([[0.2, 0.4, 0.4]]), (len(images), 1)),
        (8, 8, 1), 3, fingerprint="even", class_names=NAMES,
    )  # fmt: skip
    Image.fromarray(np.full((8, 8), 90, np.uint8)).save(tmp_path / "even.png")
    tie = f"a tie, in which the class that comes first, {NAMES[1]}, is predicted"
    wrong, alone = (inspect_picture(even, tmp_path / "even.png", name) for name in (NAMES[2], None))
    assert f"- Its highest scores are 0.400 for both class {NAMES[1]} and the true class, {NAMES[2]}: {tie}." in str(
        wrong
    )
    assert f". {NAMES[1]} and {NAMES[2]} are {tie}." in str(alone)


def test_a_picture_that_is_too_dark_becomes_right_when_it_is_brighter(grey):
    model = classifier()
    levels = {name: [] for name in NAMES}
    for level in range(0, 256, 5):
        scores = model.scores(np.full((1, *model.input_shape), level, np.uint8))[0]
        levels[NAMES[scores.argmax()]].append(level)
    darker, brighter = sorted((min(found), name) for name, found in levels.items() if found)[:2]
    file = grey(brighter[0] - 5)
    found = inspect_picture(model, file, brighter[1])
    assert found.right is False and found.title == f"grey.png: {brighter[1]}, taken for {darker[1]}"
    assert repr(found) == f"PictureFindings('{found.title}')"
    assert found._repr_html_().count("<li>") == len(found.sentences) and "<p>grey.png: " in found._repr_html_()
    assert inspect_picture(model, str(file), NAMES.index(brighter[1])).true_class == found.true_class
    with pytest.raises(InputError, match="a ndarray was given as the picture; expected the path"):
        inspect_picture(model, found.image)
    scores, changes, *_ = found.sentences
    assert f"the true class, {brighter[1]}" in scores
    tried = rf"Of the \d+ changes that were tried \({len(BUILT_IN)} degradations, \d of them in both directions\), "
    assert re.match(tried, changes)
    table = picture_table(found)
    bright = next(row for row in table.records() if row["degradation"] == "brightness (brighter)")
    assert table.title == "Where its degraded copies are right" and bright["right at"].startswith("shift 20")
    assert next(row for row in table.records() if row["degradation"] == "gamma (darker)")["copies right"] == "0 %"
    assert next(row for row in table.records() if row["degradation"] == "gamma (brighter)")["right at"] != "–"
    helping = [one for one in found.tried if one.right(NAMES.index(brighter[1])).any()]
    drawn = [panel for panel in found.plot().axes if panel.images]
    assert len(drawn) == len(helping) + 1 and drawn[0].get_title() == f"as given\n{darker[1]}"
    assert {panel.get_title().split("\n")[-1] for panel in drawn[1:]} == {brighter[1]}
    for one, copies in zip(found.tried, found.copies, strict=True):
        counting = [row[5:] if (row[5:] >= 0).any() else row[:5] for row in copies]
        assert one.votes.tolist() == [[(row == k).sum() for k in range(3)] for row in counting]
    right = inspect_picture(model, file, darker[1]).sentences[1]
    assert "make it wrong. The mildest of them: " in right and "brightness (brighter), shift 20" in right
    alone = inspect_picture(model, file)
    assert alone.right is None and alone.title == f"grey.png: predicted as {darker[1]}"
    assert alone.sentences[0].startswith(f"{darker[1]} has the highest score, ") and "alter" in alone.sentences[1]
    table = picture_table(alone)
    assert next(row for row in table.records() if row["degradation"] == "brightness (brighter)")["to"] == brighter[1]
    assert not {"right", "wrong", "true"} & set(re.findall(r"\w+", str(alone) + str(table.text_rows())))
    assert (alone.to_json()["class"], alone.to_json()["right"]) == (None, None)


def test_severities_with_more_copies_do_not_count_more_in_the_share_of_copies():
    votes = np.array([[5, 0], [5, 0], [5, 0], [4, 1], [0, 40]])  # forty copies where most of the first five differ
    tried = [Tried(get_degradation("gaussian_noise"), (10.0, 20.0, 30.0, 40.0, 50.0), votes)]
    still = changes_table(tried, 0, ("cat", "dog"))
    assert still.records()[0]["copies still cat"] == "76 %" and "averaged over the severities" in still.notes[0]
    right = right_table(tried, 1, ("cat", "dog"))
    assert right.records()[0]["copies right"] == "24 %" and "averaged over the severities" in right.notes[0]


def test_a_picture_that_is_too_bright_becomes_right_when_it_is_darker(grey):
    found = inspect_picture(classifier(), grey(250), NAMES[0])
    table = picture_table(found)
    darker = next(row for row in table.records() if row["degradation"] == "brightness (darker)")
    assert darker["right at"] == "–" and found.right is False  # 250 - 100 is not dark enough
    found = inspect_picture(classifier(), grey(120), NAMES[0])
    rows = {row["degradation"]: row["right at"] for row in picture_table(found).records()}
    assert rows["brightness (darker)"].startswith("shift -") and rows["brightness (brighter)"] == "–"
    assert rows["gamma (darker)"] != "–" and rows["gamma (brighter)"] == "–"
    assert {"rotation (clockwise)", "rotation (counter-clockwise)", "scaling (larger)"} < set(rows)
    assert any(text.startswith("brightness (darker),") for text in titles(found))


def test_a_random_change_is_claimed_only_if_fresh_copies_confirm_it():
    """Each copy is white with the probability that its severity names, and only white is right."""
    likely = (30, 33, 36, 39, 42, 45, 95)

    def white(image, severity, rng):
        return image * 0 + 255 * (rng.random() < severity / 100)

    coin = Degradation("coin", "coin", "makes white", white, "chance", "%", likely, 0, 0, 100, "1", copies=20)
    model, black = classifier(), np.zeros((SIDE, SIDE, 1), np.uint8)
    found = findings_of(model, black, [coin], "black.png", 2)
    tempted = [s for s, row in zip(likely, found.copies[0], strict=True) if (row[:5] == 2).sum() > 2]
    assert len(tempted) > 1 and found.tried[0].votes.sum(axis=1).tolist() == [40 if s in tempted else 5 for s in likely]
    assert found.sentences[1] == "Of the 7 severities of coin that were tried, 1 makes it right: chance 95 %."
    alone = findings_of(model, black, [coin], "black.png")
    assert alone.sentences[1].endswith(" 1 alters the prediction: coin, chance 95 %.")
    assert titles(found) == titles(alone) == ["as given", "coin, chance 95 %"]


def test_changes_that_say_nothing_about_a_wrong_picture_are_drawn_last():
    """Noise undoes no fault, and of one change, half of the other images are taken for the class, too."""

    def making(name, title):
        def bright(image, severity, rng):
            return image * 0 + severity

        return Degradation(name, title, "makes bright", bright, "shift", "", (200, 250), 0, 0, 255, "1")

    changes = [making("speckle", "speckle"), making("blind", "blind"), making("useful", "useful")]
    found = findings_of(classifier(), np.zeros((SIDE, SIDE, 1), np.uint8), changes, "black.png", 2)
    blind = tuple(replace(one, others=np.full(2, 0.6)) if one.family.name == "blind" else one for one in found.tried)
    found = replace(found, tried=blind)
    useful, *others = titles(found)[1:]
    assert useful == "useful, shift 200"
    assert sorted(others) == ["blind, shift 200 (says nothing)", "speckle, shift 200 (says nothing)"]
    right = replace(found, true_class=found.predicted)
    assert not any("says nothing" in title for title in titles(right))


def titles(found):
    """What was done to the images of a figure."""
    return [" ".join(panel.get_title().split("\n")[:-1]) for panel in found.plot().axes]


def test_how_it_was_resized_is_said_and_first_if_it_may_matter(grey, tmp_path):
    model = classifier()
    side = model.input_shape[0]
    found = inspect_picture(model, grey(100, side))
    assert found.cautions == found.remarks == () and np.unique(found.image).tolist() == [100]
    large = inspect_picture(model, grey(100, 40), resize="crop:bilinear")
    assert large.image.shape == model.input_shape
    assert large.sentences[-1] == f"The picture was resized to {side} x {side} (crop, bilinear), from 40 x 40."
    Image.fromarray(np.zeros((30, 40), np.uint8)).save(tmp_path / "wide.png")
    wide = inspect_picture(model, tmp_path / "wide.png")
    assert wide.sentences[0] == (
        f"The picture, 40 x 30 pixels, was stretched to {side} x {side}, which distorts it: if your model was trained "
        "on cropped images, add --resize crop (in Python resize='crop')."
    )
    assert not wide.remarks and not inspect_picture(model, tmp_path / "wide.png", resize="stretch").cautions
    Image.fromarray(np.zeros((2, 1), np.uint8)).save(tmp_path / "tiny.png")
    tiny = inspect_picture(model, tmp_path / "tiny.png", resize="crop")
    said = f"The picture has only 1 x 2 pixels and was enlarged {side} times: details are missing."
    assert tiny.sentences[0] == said and not tiny.remarks


def test_transparent_parts_are_said_to_be_laid_on_white(tmp_path):
    said = "Transparent parts of the picture were laid on white."
    for opaque, told in ((255, False), (128, True)):
        levels = np.full((8, 8, 4), (90, 90, 90, 255), np.uint8)
        levels[:4, ..., 3] = opaque
        Image.fromarray(levels).save(tmp_path / "alpha.png")
        assert (said in inspect_picture(classifier(), tmp_path / "alpha.png").sentences) is told


@pytest.mark.parametrize(("orientation", "turned"), [(1, False), (6, True)])
def test_a_picture_that_its_exif_data_turn_upright_is_said_to_be_turned(tmp_path, orientation, turned):
    picture = Image.fromarray(np.zeros((8, 8, 3), np.uint8))
    exif = picture.getexif()
    exif[0x0112] = orientation
    picture.save(tmp_path / "photo.jpg", exif=exif)
    said = "The picture was turned upright, as its EXIF data say."
    assert (said in inspect_picture(classifier(), tmp_path / "photo.jpg").sentences) is turned


def test_a_quarter_turn_that_makes_it_right_is_said(tmp_path):
    """The class is the side that is bright: top, left, or another one."""

    def sides(images):
        top, left = (images[:, :4].mean(axis=(1, 2, 3)), images[:, :, :4].mean(axis=(1, 2, 3)))
        return np.stack([top, left, 0 * top + 129], axis=1) / 10

    model = Classifier.from_function(sides, (8, 8, 1), 3, fingerprint="sides", class_names=NAMES, outputs="logits")
    Image.fromarray(np.pad(np.full((8, 4), 255, np.uint8), ((0, 0), (4, 0)))).save(tmp_path / "right.png")
    found = inspect_picture(model, tmp_path / "right.png", NAMES[0])
    said = (
        f"Turned by 90 degrees counter-clockwise, it is right with a score of {found.undone_scores[0, 0]:.3f}: check "
        "whether the picture is upright. This may be chance, so ignore it if the picture is upright. Some misclassified"
    )
    assert any(one.startswith(said) for one in found.sentences) and list(found.undone.values())[:3] == [0, 1, 2]
    turned = f"turned by 90 degrees counter-clockwise score {found.undone_scores[0, 0]:.3f}"
    assert titles(found)[:2] == ["as given", turned]
    upright = found.plot().axes[1].images[0].get_array()
    assert (upright[:4] == 255).all() and not upright[4:].any()
    assert not any("Turned" in sentence for sentence in inspect_picture(model, tmp_path / "right.png").sentences)


def test_a_negative_and_swapped_colours_are_tried_too(tmp_path):
    """The class is what is brightest: red, blue, or both alike. A reddish picture is taken for red."""

    def brightest(images):
        red, blue = images[..., 0].mean(axis=(1, 2)), images[..., 2].mean(axis=(1, 2))
        return np.stack([red, blue, 0 * red + 50], axis=1) / 10

    model = Classifier.from_function(brightest, (8, 8, 3), 3, fingerprint="b", class_names=NAMES, outputs="logits")
    Image.new("RGB", (8, 8), (230, 0, 90)).save(tmp_path / "reddish.png")
    found = inspect_picture(model, tmp_path / "reddish.png", NAMES[1])
    assert list(found.undone.items())[3:] == [("as a negative", 1), ("with red and blue swapped", 1)]
    swapped, negative = (
        next(one for one in found.sentences if one.startswith(lead)) for lead in ("With red", "As a neg")
    )
    assert swapped.startswith("With red and blue swapped, it is right with a score of 1.000: check whether red")
    assert negative.startswith("As a negative, it is right with a score of 1.000: check whether dark and bright are")
    assert titles(found)[1:3] == ["with red and blue swapped score 1.000", "as a negative score 1.000"]
    Image.new("L", (8, 8), 230).save(tmp_path / "grey.png")
    grey = inspect_picture("mnist-lenet", tmp_path / "grey.png", "3", resize="stretch")
    assert "as a negative" in grey.undone and "with red and blue swapped" not in grey.undone


def test_inputs_that_seem_to_be_scaled_wrongly_are_said_first(tmp_path):
    """A network for inputs 0..1 is saturated with grey levels; one for grey levels cannot tell inputs 0..1 apart."""
    from tfstab.classifier.backend import keras

    layers = keras().layers
    weights = 8 * np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32) / np.sqrt(64)

    def network(scale, *before, bias=(1, 0, -1)):
        net = keras().Sequential([layers.Input((8, 8, 1)), *before, layers.Flatten(), layers.Dense(3)])
        net.layers[-1].set_weights([scale * weights, np.array(bias, np.float32)])
        return net

    Image.fromarray(np.random.default_rng(1).integers(0, 256, (8, 8), np.uint8)).save(tmp_path / "x.png")
    found = inspect_picture(network(1), tmp_path / "x.png")
    warning, *others = found.sentences
    assert warning.startswith("The inputs are probably scaled wrongly") and "is typically 1.000, " in warning
    assert found.model.endswith(": 8 x 8 x 1, 3 outputs, logits, grey levels 0..255")
    unchecked = "It is not known whether the model takes grey levels 0..255"
    assert not any(unchecked in sentence for sentence in others)
    for right in (network(1 / 255), network(5 / 255, bias=(0, 0, 0))):  # the second one is too sure of itself
        assert inspect_picture(right, tmp_path / "x.png").sentences[0].startswith(unchecked)
    for told in (
        inspect_picture(network(1), tmp_path / "x.png", preprocess="unit"),
        inspect_picture(network(1, layers.Rescaling(1 / 255)), tmp_path / "x.png"),
    ):
        assert not told.cautions and not told.remarks


def test_what_is_refused(grey, tmp_path):
    model = classifier()
    there = "model has cat, dog and 2"
    for name, said in (("dg", f"unknown class 'dg': did you mean 'dog'? The {there}"), ("x", f"the {there}")):
        with pytest.raises(InputError, match=re.escape(said)):
            inspect_picture(model, grey(100), name)
    nameless = classifier()
    nameless.class_names = ("0", "1", "2")
    with pytest.raises(
        InputError,
        match=r"unknown class 'cat': the outputs of .* have no names, only the numbers 0 to 2.*prints this line at its",
    ):
        inspect_picture(nameless, grey(100), "cat")
    assert inspect_picture(nameless, grey(100), "1").title.startswith("grey.png: 1")
    with pytest.raises(DataError, match="is a folder: give an image file"):
        inspect_picture(model, tmp_path)
    with pytest.raises(DataError, match=r"none\.png is not there"):
        inspect_picture(model, tmp_path / "none.png")
