"""One picture of the user's own beside a run of the same model."""

import json
import math
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, classifier, dataset, search, sweep
from PIL import Image
from scipy.ndimage import gaussian_filter

from processes import refused, tfstab_here
from tfstab import Classifier, Dataset, SweepConfig, inspect_picture, inspect_pictures, run_sweep
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.remarks import remarked
from tfstab.datasets.resize import Resize
from tfstab.errors import DataError, InputError
from tfstab.explanation.appearance import in_short
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.picture_verdict import LOOK, NOT_EXAMINED
from tfstab.explanation.picture_why import PictureWhy
from tfstab.explanation.remedies import OFTEN_WRONG_CLASS
from tfstab.explanation.run_looks import stands
from tfstab.explanation.shortfall import Place
from tfstab.orders.picture_run import class_of_picture
from tfstab.report.tried_tables import picture_table

FOG = SweepConfig(degradation="fog", severities=(20,), copies=1)
SHARE = (
    "Of misclassified pictures that look like this{}, about {} would be right if they did not look like this. " + LOOK
)
SURE = SHARE.format(" and are right when brighter", "90 %")
ALSO_FLAT = "In addition, it has less contrast for its brightness than all {} images of the run. " + LOOK


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("run") / "fog", FOG, dataset(120))


@pytest.fixture
def grey(tmp_path):
    """A file of one grey level."""

    def make(level, *size):
        Image.fromarray(np.full(size or (SIDE, SIDE), level, np.uint8)).save(tmp_path / "grey.png")
        return tmp_path / "grey.png"

    return make


def test_a_dark_picture_is_called_darker_than_the_images_of_the_run(grey, run):
    found = inspect_picture(classifier(), grey(20), "dog", run=run)
    why = (
        "is darker than all 120 images of the run, and it is right when brighter; all 48 right images of its class "
        "that were tried become wrong when darkened as much"
    )
    anyway = "while none of all 91 is wrong anyway"
    assert found.sentences[1].startswith(f"The picture {why}, {anyway}: this may be why it is misclassified. It is")
    assert (
        str(found).splitlines()[1] == f"Probably the photograph: it {why}. {SURE.replace(LOOK, ALSO_FLAT.format(120))}."
    )
    table = {row["degradation"]: row["other images as dog"] for row in picture_table(found).records()}
    brighter = next(one for one in found.tried if one.title == "brightness (brighter)")
    others = run.clean.class_index != 1  # all of them are tried
    lit = np.clip(run.clean.images[others].astype(np.float32) + brighter.severities[-1], 0, 255)
    assert brighter.others[-1] == (classifier().scores(lit).argmax(axis=1) == 1).mean()
    assert np.isnan(brighter.others[0])  # the picture is not right there
    assert table["brightness (brighter)"].endswith(" %") and table["brightness (darker)"] == "–"
    told = json.loads(json.dumps(found.to_json()))
    assert told["compared"]["appearance"][0] == {
        "trait": "darker", "exceeded": 120, "images": 120, "unusual": True, "right_when_undone": True,
        "wrong_images_right_when_undone": None,
        "right_images_wrong_when_made_alike": {
            "how": "when darkened as much", "wrong": 48, "images": 48, "clean_wrong": 0, "clean_images": 91,
            "of_class": True, "explains": True,
        },
    }  # fmt: skip
    assert told["verdict"]["says"] == "photograph" and told["verdict"]["sentence"] == found.verdict.sentence
    change = next(one for one in told["changes"] if one["degradation"] == "brightness (brighter)")
    assert change["name"] == "brightness" and change["severities"] == [20, 40, 60, 80, 100]
    assert change["right"] == [share > 0.5 for share in change["share_right"]] == [False, False, True, True, True]
    assert change["share_of_other_images"][0] is None and change["share_of_other_images"][4] == brighter.others[-1]


def test_how_many_misclassified_images_are_right_when_brighter_too_is_said_beside_it(grey, tmp_path):
    """Many dark images are dogs, or of the third class: the model takes them for cats unless they are brighter.

    Only the dogs count, as the picture is one, and all of them become right.
    """
    data = dataset(800)
    labels = np.where((data.labels == 0) & (np.arange(800) % 2 == 0), 1 + np.arange(800) // 2 % 2, data.labels)
    mixed = Dataset.from_arrays("mixed", "test", data.images, labels, NAMES)
    run = sweep(tmp_path / "mixed", FOG, mixed)
    found = inspect_picture(classifier(), grey(5), "dog", run=run)
    order = np.arange(800) if run.clean.order is None else run.clean.order
    rows = order[~run.clean.correct[order] & (run.clean.class_index[order] == 1)][:32]
    wrong = run.clean.images[rows]
    lit = np.zeros(len(wrong), bool)
    for one in found.tried:
        if one.title in ("brightness (brighter)", "underexposure (more light)", "gamma (brighter)"):
            for severity in one.severities:
                degraded = np.stack([one.family.degrade(image, severity, None) for image in wrong])
                lit |= classifier().scores(degraded).argmax(axis=1) == run.clean.class_index[rows]
    assert len(wrong) == 25 == lit.sum() and len(order[~run.clean.correct[order]]) > 32
    dark = found.compared.standings[0]
    dogs = int((run.clean.class_index == 1).sum()), int(((run.clean.class_index == 1) & ~run.clean.correct).sum())
    said = (
        "it is right when brighter (brightness or gamma); all 48 right images of its class that were tried become "
        "wrong when darkened as much"
    )
    anyway = f"while {dogs[1]} of all {dogs[0]} are wrong anyway, about 25 of which would be right when brighter, too"
    assert found.verdict.sentence.endswith(f", and {said}. {SURE.replace(LOOK, ALSO_FLAT.format(800))}.")
    assert f", and {said}, {anyway}: this may be why it is misclassified." in " ".join(found.sentences)
    assert found.verdict.brief == "photograph: darker than all 800"
    told = found.to_json()["compared"]["appearance"][0]["wrong_images_right_when_undone"]
    assert told == {"right": lit.sum(), "images": len(wrong), "of_class": True}
    assert replace(dark, wrong=(0, 30)).right_when.endswith(" (none of 30 misclassified images of its class is)")
    pooled = replace(dark, wrong=(1, 30), wrong_of_class=False)
    assert pooled.right_when.endswith(" (so is 1 of 30 misclassified images of the run)")


@pytest.mark.parametrize(
    ("limit", "says", "brief", "costs"),
    [
        (
            70,
            "photograph",
            "photograph: darker than all 400",
            "all 48 right images of its class that were tried become",
        ),
        (
            1,
            "not known",
            "not known, though darker than all 400 (harmless to other images of its class)",
            "none of 48 right images of its class",
        ),
    ],
)
def test_darkness_that_harms_no_image_is_not_called_the_reason(tmp_path, limit, says, brief, costs):
    """A dog is brighter on the right, but every eighth one has a mark, with which it is taken for a cat below a level.

    A model with a low limit misclassifies such a dark picture for its mark alone; yet it is right when brighter.
    """
    rng, dogs = np.random.default_rng(0), np.arange(400) % 2 == 0
    level = rng.uniform(90, 110, (400, 1, 1))
    images = np.broadcast_to(level, (400, SIDE, SIDE)).copy()
    images[dogs, :, SIDE // 2 :] += 40
    images[~dogs, :, : SIDE // 2] += 40
    images[::8, 0, 0] = 255
    images = images.astype(np.uint8)[..., None]

    def model(inputs):
        mean = inputs[:, 1:].mean(axis=(1, 2, 3))
        right, left = inputs[:, 1:, SIDE // 2 :].mean(axis=(1, 2, 3)), inputs[:, 1:, : SIDE // 2].mean(axis=(1, 2, 3))
        marked = inputs[:, 0, 0, 0] > 1.5 * inputs[:, 1, 0, 0]
        dog = (right > left) & (mean > limit) & ~(marked & (mean < 150))
        return np.stack([0.8 - 0.6 * dog, 0.2 + 0.6 * dog], axis=1).astype(np.float32)

    halves = Classifier.from_function(model, (SIDE, SIDE, 1), 2, fingerprint=f"halves-{limit}", class_names=NAMES[:2])
    data = Dataset.from_arrays("halves", "test", images, dogs.astype(int), NAMES[:2])
    run = run_sweep(halves, data, FOG, tmp_path / "run")
    dark = (0.4 * images[0]).astype(np.uint8)
    Image.fromarray(dark[..., 0]).save(tmp_path / "dark.png")
    found = inspect_picture(halves, tmp_path / "dark.png", "dog", run=run)
    assert found.verdict.says == says and found.verdict.brief == brief
    assert costs in found.verdict.sentence
    answer = answer_steps(halves, dark, np.stack(undone(dark)), run.clean, 1)
    with pytest.raises(StopIteration) as end:
        while True:
            next(answer)
    assert end.value.value.verdict == found.verdict


@pytest.mark.parametrize(
    ("needed", "true", "verdict"),
    [
        (850, "dog", "Probably the photograph: it is less sharp than all 120 images of the run, and all 45 right "
                      f"images of its class become wrong when blurred as much. "
                      f"{SHARE.format('', '75 %')}: sharpness is "
                      "measured relative to contrast, so a sharp picture with large even areas may count as blurred."),
        (0, "cat", "Not known whether it is the photograph or the model: it is less sharp than all 120 images of the "
                   "run, but none of 48 right images of its class that were tried becomes wrong when blurred as much. "
                   f"{NOT_EXAMINED}."),
    ],
)  # fmt: skip
def test_right_images_are_blurred_as_much_as_a_blurred_picture(tmp_path, needed, true, verdict):
    """Dogs have upright stripes and cats level ones; a dog is recognised by stripes of at least some strength."""
    rng, labels = np.random.default_rng(4), np.arange(120) % 2
    striped = 120 + np.where(np.arange(12) // 2 % 2, 1, -1) * np.linspace(60, 10, 120)[:, None, None]
    striped = striped + rng.integers(-5, 6, (120, 12, 12))
    images = np.where(labels[:, None, None] == 1, striped, striped.transpose(0, 2, 1)).astype(np.uint8)[..., None]

    def upright(inputs):
        strength = [(np.diff(inputs[..., 0], axis=axis) ** 2).mean(axis=(1, 2)) for axis in (2, 1)]
        dog = strength[0] > strength[1] + needed
        return np.stack([0.8 - 0.6 * dog, 0.2 + 0.6 * dog], axis=1).astype(np.float32)

    model = Classifier.from_function(upright, (12, 12, 1), 2, fingerprint="stripes")
    run = run_sweep(model, Dataset.from_arrays("stripes", "test", images, labels, NAMES[:2]), FOG, tmp_path / "run")
    blurred = np.rint(gaussian_filter(images[1].astype(float), (1, 1, 0))).astype(np.uint8)
    Image.fromarray(blurred[..., 0]).save(tmp_path / "blurred.png")
    found = inspect_picture(model, tmp_path / "blurred.png", true, run=run)
    assert found.verdict.sentence == verdict
    chance = (
        "Turned by 90 degrees counter-clockwise or 90 degrees clockwise, it is right with a score of up to 0.800. This "
        "says little: on average over the three turns, 67 % of 60 images of other classes are taken for the picture's "
        "class, too."
    )
    assert (chance in found.sentences) == (not needed)
    sharp = next(one for one in found.to_json()["compared"]["appearance"] if one["trait"] == "less sharp")
    assert sharp["right_images_wrong_when_made_alike"] == {
        "how": "when blurred as much", "wrong": 45 if needed else 0, "images": 45 if needed else 48,
        "clean_wrong": 15 if needed else 0, "clean_images": 60,
        "of_class": True, "explains": bool(needed),
    }  # fmt: skip


def squares(count):
    """Squares of 6 x 6 pixels, bright ones (class 1) and dim ones, within a pixel of the middle of 16 x 16 pixels."""
    images = np.full((count, 16, 16, 1), 90, np.uint8)
    for n, image in enumerate(images):
        down, right = 4 + n // 2 % 2, 4 + n // 4 % 3
        image[down : down + 6, right : right + 6] = (130, 200)[n % 2]
    return images


def bright_in_the_middle(images):
    dog = images[:, 6:9, 6:9].mean(axis=(1, 2, 3)) > 165
    return np.stack([0.8 - 0.6 * dog, 0.2 + 0.6 * dog], axis=1).astype(np.float32)


def test_a_picture_that_lies_off_centre_is_centred(tmp_path):
    model = Classifier.from_function(bright_in_the_middle, (16, 16, 1), 2, fingerprint="middle")
    images, folder = squares(120), tmp_path / "pictures"
    folder.mkdir()
    run = run_sweep(
        model, Dataset.from_arrays("squares", "test", images, np.arange(120) % 2, NAMES[:2]), FOG, tmp_path / "run"
    )

    def inspected(down, right, true="dog", way=1):
        Image.fromarray(np.roll(images[way, ..., 0], (down, right), (0, 1))).save(folder / "moved.png")
        return inspect_picture(model, folder / "moved.png", true, run=run)

    found = inspected(5, -3)  # the square of this image is 1 pixel left of the usual place, and half a pixel above it
    off = "it is 6.0 pixels off-centre, farther than all 120 images of the run"
    assert found.verdict.sentence == f"Probably the photograph: {off}, and it is right when centred. {LOOK}."
    number = sum(len(one.severities) for one in found.tried)
    assert (
        f"Of the {number} changes that were tried (19 degradations, 6 of them in both directions, and centring), 1 "
        "makes it right: centring (4 pixels right, 4 up), distance 100 %."
    ) in found.sentences
    assert len(found.copies) == len(found.tried) and found.plot() is not None
    assert found.verdict.brief == "photograph: 6.0 pixels off-centre, farther than all 120"
    (row,) = inspect_pictures(model, folder, "dog", run=run).pictures
    assert row.verdict == found.verdict
    dim = " ".join(inspected(5, -3, way=0).sentences)
    assert f"{off.replace('it', 'The picture')}, but centring it does not make it right." in dim
    assert (
        inspected(5, -3, None).sentences[-1]
        == "The picture is 6.0 pixels off-centre, farther than all 120 images of the run."
    )
    near = inspected(0, 0, "cat")
    assert "off-centre (unusual means more so than 98 % of the 120 images" in near.verdict.sentence
    assert not any(one.title.startswith("centring") for one in near.tried)
    assert dict(in_short(stands(found.image, run.clean)))["Position"] == "6.0 pixels off-centre, farther than all 120"


@pytest.mark.parametrize("moved", [24, 19])
def test_misclassified_images_of_its_class_tell_whether_centring_makes_such_images_right_anyway(tmp_path, moved):
    """A few dogs lie off-centre, as the picture does. Many more bright squares are called cats by mistake.

    All misclassified dogs are right when centred, but few of all misclassified images. Fewer than 20 dogs would say too
    little, so that all classes are counted.
    """
    model = Classifier.from_function(bright_in_the_middle, (16, 16, 1), 2, fingerprint="middle")
    images, labels = squares(600), np.arange(600) % 2
    dogs = np.flatnonzero(labels == 1)
    images[dogs[:moved]] = np.roll(images[dogs[:moved]], (4, -3), (1, 2))
    labels[dogs[moved : moved + 120]] = 0
    run = run_sweep(model, Dataset.from_arrays("squares", "test", images, labels, NAMES[:2]), FOG, tmp_path / "run")
    assert (~run.clean.correct).sum() == moved + 120
    Image.fromarray(np.roll(squares(2)[1, ..., 0], (5, -4), (0, 1))).save(tmp_path / "moved.png")
    found = inspect_picture(model, tmp_path / "moved.png", "dog", run=run)
    if moved == 24:
        little = "so are all 24 misclassified images of its class, so this proves little"
        assert f"it is right when centred, but {little}" in found.verdict.sentence
        assert found.verdict.says == "not known"
    else:
        few = r"right when centred \(so are \d of 32 misclassified images of the run\)"
        assert re.search(few, found.verdict.sentence)
        assert found.verdict.says == "photograph"


def test_changes_that_turn_other_images_into_the_class_are_named_apart(grey, run):
    """Darker, most images are taken for a cat, so a picture that is a cat when darker need not be one."""
    found = inspect_picture(classifier(), grey(130), "cat", run=run.path)
    darker = next(sentence for sentence in found.sentences if "underexposure" in sentence)
    assert "But at least half of the images of other classes are then taken for this class" in darker
    alone = " ".join(inspect_picture(classifier(), grey(130), "cat").sentences)
    assert "make it right: underexposure" in alone and "But at least half" not in alone


def test_of_a_right_picture_the_changes_are_counted_for_other_images_too(grey, run):
    for name in ("dog", None):
        found = inspect_picture(classifier(), grey(130), name, run=run)
        own = sum(int((one.predicted != 1).sum()) for one in found.tried)
        said = next(sentence for sentence in found.sentences if "typical image of the run" in sentence)
        assert f"For this picture, it is altered by {own}, " in said and said.endswith("of the 24 images compared.")
        assert len(found.compared.altered) == 24 and not any(one.others is not None for one in found.tried)
    sure = inspect_picture(classifier(), grey(5), "cat", run=run)
    assert "fewer than for 24 of the 24 images" in " ".join(sure.sentences)
    alike = replace(sure.compared, altered=(sure.compared.to_json(sure)["changes_altering_prediction"],) * 3)
    assert "as for each of the 3 images compared." in " ".join(alike.sentences(sure))


@pytest.fixture(scope="module")
def weak(tmp_path_factory):
    """A run in which most bright images are cats, which the model does not know."""
    data = dataset(200)
    labels = np.where(data.labels == 2, np.where(np.arange(200) % 8, 0, 2), data.labels)
    mixed = Dataset.from_arrays("mixed", "test", data.images, labels, NAMES)
    return sweep(tmp_path_factory.mktemp("weak") / "fog", FOG, mixed)


def ordinary(folder, run):
    """A file of a bright cat, which the model gets wrong."""
    rows = np.flatnonzero((run.clean.class_index == 0) & ~run.clean.correct)
    Image.fromarray(run.clean.images[rows[0], ..., 0]).save(folder / "ordinary.png")
    return folder / "ordinary.png"


def test_a_weak_class_is_named(tmp_path, weak):
    found = inspect_picture(classifier(), ordinary(tmp_path, weak), "cat", run=weak)
    said = " ".join(found.sentences)
    assert "Images of its class are misclassified more often than others: when clean, " in said
    wrong, images = found.compared.of_class
    cats = weak.clean.class_index == 0
    others = int((cats & ~weak.clean.correct).sum()) - 1, int(cats.sum()) - 1
    assert (wrong, images) == others, "the picture is one of the cats, and not counted"
    assert "more so than 98 % of the 200 images of the run" in found.verdict.sentence
    assert found.verdict.says == "model" and found.verdict.sentence.endswith(
        f"), and {wrong} of the {images} other images of its class are misclassified, too. {NOT_EXAMINED}. "
        f"{OFTEN_WRONG_CLASS}"
    )


def test_of_a_large_run_2000_images_are_compared_and_all_numbers_say_so(grey, tmp_path):
    large = sweep(tmp_path / "large", FOG, dataset(2010))
    compared = "2,000 images compared (of 2,010 in the run)"
    dark = inspect_picture(classifier(), grey(20), "dog", run=large)
    assert dark.verdict.sentence.startswith(
        f"Probably the photograph: it is darker than all {compared}, and it is right"
    )
    assert f"The picture is darker than all {compared}, and it is right when brighter" in str(dark)
    assert dark.to_json()["compared"]["appearance"][0]["images"] == 2000
    Image.fromarray(large.clean.images[1000, ..., 0]).save(tmp_path / "usual.png")
    usual = inspect_picture(classifier(), tmp_path / "usual.png", run=large)
    said = "(unusual means more so than 98 % of 2,000 of the 2,010 images of the run"
    assert said in str(usual)
    wrong = NAMES[(usual.predicted + 1) % 3]
    assert said in inspect_picture(classifier(), tmp_path / "usual.png", wrong, run=large).verdict.sentence
    assert in_short(stands(usual.image, large.clean))[0] == ("Images compared", "2,000 of 2,010")


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


def test_a_turn_that_makes_it_right_has_the_share_of_other_wrong_images(tmp_path):
    """The class is the side that is bright: top, left, or another one. Most images are taken for the third class."""

    def sides(images):
        top, left = images[:, : SIDE // 2].mean(axis=(1, 2, 3)), images[:, :, : SIDE // 2].mean(axis=(1, 2, 3))
        return np.stack([top, left, 0 * top + 129], axis=1) / 10

    model = Classifier.from_function(sides, (SIDE, SIDE, 1), 3, fingerprint="s", class_names=NAMES, outputs="logits")
    turned = np.zeros((SIDE, SIDE), np.uint8)
    turned[:, SIDE // 2 :] = 255
    Image.fromarray(turned // 255 * 254).save(tmp_path / "right.png")  # an image that equals it would be left out

    def said(wrong):
        """Of the run's images, these many are wrong; 7 of them are right when turned."""
        images = np.zeros((45, SIDE, SIDE, 1), np.uint8)
        images[:7, ..., 0] = turned
        labels = np.where(np.arange(45) < wrong, 0, 2)
        data = Dataset.from_arrays("sides", "test", images, labels, NAMES)
        run = sweep(tmp_path / str(wrong), FOG, data, model)
        found = inspect_picture(model, tmp_path / "right.png", NAMES[0], run=run)
        told = found.to_json()["compared"]["wrong_images_right_when_undone"].get("turn")
        sentence = next(one for one in found.sentences if one.startswith("Turned by 90 degrees counter-"))
        return sentence, told

    sentence, told = said(20)
    assert "This may well be chance, so ignore it if the picture is upright. Of 20 misclassified images" in sentence
    own = {"images": 20, "as_sure": 7, "alike": 20, "alike_right": 7}
    others = {"taken": 0, "others": 25, "taken_often": 0.0, "unlike": ""}
    assert told == {"right": 7, "images": 20, "as_sure": 7, **others, "of_its_class": own}
    sentence, told = said(19)
    assert "Of 19 misclassified images of its class with the same mistake, 7 are right after a turn, all of" in sentence
    assert told["others"] == 26


def test_a_negative_is_no_sign_if_others_are_then_taken_for_the_class_or_if_it_looks_like_no_image_of_the_run(tmp_path):
    """A digit on black is right as a negative, but no image of the run is on white; or the images are grey, and most
    of their negatives are taken for the picture's class."""
    rng = np.random.default_rng(8)
    picture = np.full((SIDE, SIDE), 60, np.uint8)
    picture[0, 0] = 61
    Image.fromarray(picture).save(tmp_path / "picture.png")

    def found_among(brightest):
        """What is said with images of up to this grey level if those brighter than 150 are surely cats."""

        def cats(images):
            grey = images.mean(axis=(1, 2, 3))
            cat = np.where(grey > 150, 0.6 + grey / 1000, 0.1)
            return np.stack([cat, 1 - cat], axis=1)

        levels = np.linspace(40, brightest, 120)[:, None, None, None]
        images = np.clip(levels + rng.integers(-3, 4, (120, SIDE, SIDE, 1)), 0, 255).astype(np.uint8)
        model = Classifier.from_function(cats, (SIDE, SIDE, 1), 2, fingerprint="150", class_names=NAMES[:2])
        labels = (images.mean(axis=(1, 2, 3)) <= 150).astype(int)
        run = sweep(tmp_path / str(brightest), FOG, Dataset.from_arrays("g", "test", images, labels, NAMES[:2]), model)
        return inspect_picture(model, tmp_path / "picture.png", NAMES[0], run=run)

    among_dark, among_all = found_among(80), found_among(215)
    assert among_dark.verdict.says == among_all.verdict.says == "not known"
    assert "the picture's brightness is usual, but as a negative, it is brighter than all 120" in str(among_dark)
    assert "This says little: as negatives, " in str(among_all)
    assert not any("says little" in one.verdict.sentence for one in (among_dark, among_all)), "the answer is short"
    assert " images of other classes are taken for the picture's class, too" in str(among_all)


def test_a_turn_after_which_it_is_surer_than_wrong_images_ever_are_tells_that_the_photograph_is_turned(tmp_path):
    """The class is the side that is bright. Of 60 wrong images of the run, 20 are barely right when turned."""

    def sides(images):
        top, left = images[:, : SIDE // 2].mean(axis=(1, 2, 3)), images[:, :, : SIDE // 2].mean(axis=(1, 2, 3))
        return np.stack([top, left, 0 * top + 129], axis=1) / 10

    model = Classifier.from_function(sides, (SIDE, SIDE, 1), 3, fingerprint="s", class_names=NAMES, outputs="logits")

    def half(level):
        right = np.zeros((SIDE, SIDE), np.uint8)
        right[:, SIDE // 2 :] = level
        return right

    images = np.stack([half(141 if n < 20 else 0)[..., None] for n in range(120)])
    data = Dataset.from_arrays("sides", "test", images, np.repeat([0, 2], 60), NAMES)
    run = sweep(tmp_path / "run", FOG, data, model)

    def verdict(level):
        Image.fromarray(half(level)).save(tmp_path / "half.png")
        return inspect_picture(model, tmp_path / "half.png", NAMES[0], run=run)

    sure, unsure = verdict(200), verdict(140)
    assert sure.verdict.says == "photograph" and sure.verdict.sentence.startswith(
        "Probably the photograph: turned by 90 degrees counter-clockwise, it is right with a score of 0.9"
    )
    assert sure.verdict.sentence.endswith(
        ". This is probably not chance: after a turn, none of 60 misclassified images of its class "
        "with the same mistake "
        "is right with a score as high, and none of 60 images of other classes is taken for the picture's class with "
        "such a score. Look at the picture: if the picture is upright, this is chance after all, and the model "
        "is probably the reason: all 60 images of its class are misclassified, too."
    )
    told = next(one for one in sure.sentences if one.startswith("Turned by"))
    assert told.endswith(
        "This is probably not chance: of 60 misclassified images of its class with the same mistake, 20 are right "
        "after a turn, none of them with a score as high; of 60 images of other "
        "classes, none is taken for the picture's class with such a score."
    )
    (rate,) = unsure.compared.rates.values()
    assert rate.as_sure == 20 and not rate.rarely_right
    assert unsure.verdict.says == "model" and unsure.verdict.sentence.startswith("Probably the model: ")
    assert next(one for one in unsure.sentences if one.startswith("Turned by")).endswith(
        "This may well be chance, so ignore it if the picture is upright. Of 60 misclassified images of its class "
        "with the same mistake, "
        "20 are right after a turn, all of them with a score as high; of 60 images of other "
        "classes, none is taken for the picture's class with such a score."
    )


def test_one_of_99_wrong_images_may_get_such_a_score_by_a_turn_too(tmp_path):
    """The class is the side that is bright. One image of the run is as sure as the picture when turned."""

    def sides(images):
        top, left = images[:, : SIDE // 2].mean(axis=(1, 2, 3)), images[:, :, : SIDE // 2].mean(axis=(1, 2, 3))
        return np.stack([top, left, 0 * top + 129], axis=1) / 10

    model = Classifier.from_function(sides, (SIDE, SIDE, 1), 3, fingerprint="s", class_names=NAMES, outputs="logits")
    Image.fromarray(np.repeat(np.uint8([[0, 0, 200, 200]]), SIDE, axis=0)).save(tmp_path / "half.png")

    def verdict(surest):
        images = np.zeros((198, SIDE, SIDE, 1), np.uint8)
        images[:40, :, SIDE // 2 :] = 140
        images[:surest, :, SIDE // 2 :] = 220
        data = Dataset.from_arrays("sides", "test", images, np.repeat([0, 2], 99), NAMES)
        run = sweep(tmp_path / str(surest), FOG, data, model)
        return inspect_picture(model, tmp_path / "half.png", NAMES[0], run=run).verdict

    assert verdict(1).sentence.endswith(
        ". This is probably not chance: after a turn, only 1 of 99 misclassified images of its class "
        "with the same mistake is "
        "right with a score as high, and none of 99 images of other classes is taken for the picture's class with "
        "such a score. Look at the picture: if the picture is upright, this is chance after all, and the model "
        "is probably the reason: all 99 images of its class are misclassified, too."
    )
    assert verdict(1).says == "photograph" and verdict(2).says == "not known"


def test_a_turn_that_makes_most_images_right_that_are_wrong_like_the_picture_is_no_reason(tmp_path):
    """The class is the side that is bright. The picture is itself among the images, which are wrong like it."""

    def sides(images):
        top, left = images[:, : SIDE // 2].mean(axis=(1, 2, 3)), images[:, :, : SIDE // 2].mean(axis=(1, 2, 3))
        return np.stack([top, left, 0 * top + 129, 0 * top], axis=1) / 10

    names = (*NAMES, "other")
    model = Classifier.from_function(sides, (SIDE, SIDE, 1), 4, fingerprint="s", class_names=names, outputs="logits")
    images = np.zeros((220, SIDE, SIDE, 1), np.uint8)
    images[102:106, :, SIDE // 2 :] = np.arange(200, 204, dtype=np.uint8)[:, None, None, None]
    labels = np.repeat([3, 0, 2], [100, 6, 114])  # there are enough wrong images of another class
    run = sweep(tmp_path / "run", FOG, Dataset.from_arrays("sides", "test", images, labels, names), model)
    Image.fromarray(images[105, ..., 0]).save(tmp_path / "half.png")
    found = inspect_picture(model, tmp_path / "half.png", names[0], run=run)
    (rate,) = found.compared.rates.values()
    assert (rate.right, rate.images, rate.as_sure) == (3, 99, 0)
    assert rate.to_json()["of_its_class"] == {"images": 5, "as_sure": 0, "alike": 5, "alike_right": 3}
    habit = (
        " This may be chance, so ignore it if the picture is upright. After a turn, 3 of 5 other images of its class "
        "that are taken for the same wrong class are right, too, though of 99 misclassified images that were tried, "
        "none is right with a score as high."
    )
    assert any(one.endswith(habit) for one in found.sentences) and found.verdict.says == "not known"
    assert habit in found.verdict.sentence


def test_an_image_of_the_run_is_recognised(tmp_path, run):
    Image.fromarray(run.clean.images[5, ..., 0]).save(tmp_path / "five.png")
    found = inspect_picture(classifier(), tmp_path / "five.png", run=run)
    index = int(run.clean.indices[5])
    assert found.to_json()["compared"]["image_of_run"] == str(index)
    shows = f"--image {index} (in Python, image({index}) of an assessment) shows what was measured for it."
    assert found.sentences[0] == f"The picture is itself an image of the run: {shows}"
    named = replace(found.compared, same="cat/5.png").known
    assert "--image cat/5.png (in Python, image('cat/5.png') of an assessment) shows" in named[0]
    spaces = replace(found.compared, same="a (cat)/5.png").known
    assert "--image 'a (cat)/5.png' (in Python, image('a (cat)/5.png') of an assessment) shows" in spaces[0]
    shutil.copytree(run.path, tmp_path / "begun")
    for part in (tmp_path / "begun").glob("parts/*.parquet"):
        part.unlink()
    begun = inspect_picture(classifier(), tmp_path / "five.png", run=tmp_path / "begun")
    assert begun.sentences[0] == (
        f"The picture is itself an image of the run (--image {index}), of which only the clean prediction was measured."
    )


def test_progress_is_told_until_all_is_done(grey, run):
    told = []
    inspect_picture(
        classifier(),
        grey(20),
        "dog",
        run=run,
        why=True,
        on_progress=lambda what, done, total: told.append((what, done, total)),
    )
    ends = {what: (done, total) for what, done, total in told}
    assert all(done == total for done, total in ends.values())
    assert list(ends) == [
        "changing the picture", "changing other images", "adding noise to other images",
    ]  # fmt: skip


def test_the_short_answer_of_the_viewer_is_the_same(grey, run, weak, tmp_path):
    """It tries only the changes that could undo what is unusual."""
    seen = set()
    for level, name in ((20, "dog"), (250, "dog"), (130, "cat"), (None, "cat"), (130, "dog")):
        of, file = (weak, ordinary(tmp_path, weak)) if level is None else (run, grey(level))
        found = inspect_picture(classifier(), file, name, run=of)
        steps = answer_steps(classifier(), found.image, np.stack(undone(found.image)), of.clean, found.true_class)
        with pytest.raises(StopIteration) as end:
            while True:
                next(steps)
        assert end.value.value.verdict == found.verdict
        seen.add(found.verdict and found.verdict.says)
    assert seen == {"photograph", "model", "not known", None}


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


def test_right_images_of_the_predicted_class_that_have_no_higher_score_are_counted(grey, run):
    found = inspect_picture(classifier(), grey(20), "dog", run=run)
    clean, k = run.clean, found.predicted
    own = clean.scores[clean.correct & (clean.class_index == k), k]
    shown = [f"{score:.3f}" <= f"{found.scores[k]:.3f}" for score in own]
    assert found.compared.as_sure == (sum(shown), len(own)) and len(own) > 10
    assert inspect_picture(classifier(), grey(20), run=run).compared.as_sure is None


@pytest.mark.parametrize(("weaker", "said"), [(0, "none of"), (1, "1 of"), (24, "all")])
def test_if_no_noise_that_was_tried_changes_it_the_other_images_are_compared_with_the_strongest(weaker, said):
    sigmas = (9.0,) * weaker + (math.inf,) * (24 - weaker)
    assert PictureWhy("dog", SLIM, math.inf, sigmas).sentences[1] == (
        "At no sigma that was tried, up to 128, does Gaussian noise change the prediction in half of the tries; it "
        f"does for {said} 24 images of the run that are right."
    )


def test_a_picture_is_compared_with_images_of_all_classes_of_a_search_whose_images_are_sorted(
    grey, tmp_path, monkeypatch
):
    """The 120 images become brighter; with the first 60 of them, the picture would be brighter than all."""
    monkeypatch.setattr("tfstab.explanation.run_looks.MOST", 60)
    searched = search(tmp_path / "search", dataset(120), queries=100)
    assert searched.clean.order is None
    found = inspect_picture(classifier(), grey(150), run=searched)
    brighter = next(one for one in found.compared.standings if one.trait.words == "is brighter than")
    assert (brighter.images, brighter.unusual) == (60, False) and 20 < brighter.exceeded < 55


def test_a_picture_is_read_as_the_images_of_the_run(grey, tmp_path):
    cropped = remarked(dataset(), Resize((SIDE, SIDE), "crop", "nearest"))
    file = tmp_path / "wide.png"
    Image.fromarray(np.pad(np.full((8, 8), 130, np.uint8), ((0, 0), (4, 4)))).save(file)
    cropping = sweep(tmp_path / "cropping", FOG, cropped)
    found = inspect_picture(classifier(), file, run=cropping)
    assert np.unique(found.image).tolist() == [130] and found.to_json()["resize"] == f"crop:{SIDE}x{SIDE}:nearest"
    with pytest.raises(InputError, match=r"says how its images were resized \(crop:4x4:nearest\): leave --resize out"):
        inspect_picture(classifier(), file, run=cropping, resize="crop")
    plain = sweep(tmp_path / "plain", FOG)
    stretched = inspect_picture(classifier(), file, run=plain)
    assert "was stretched to 4 x 4" in stretched.sentences[0] and len(np.unique(stretched.image)) > 1
    assert np.unique(inspect_picture(classifier(), file, run=plain, resize="crop:nearest").image).tolist() == [130]
    with pytest.raises(InputError, match=r"have 4 x 4 pixels, but --resize says 8 x 8: leave the size out, as in --re"):
        inspect_picture(classifier(), file, run=plain, resize="crop:8")


def test_the_names_of_classes_are_those_of_the_run(grey, run):
    nameless = classifier()
    nameless.class_names = ("0", "1", "2")
    found = inspect_picture(nameless, grey(130), "dog", run=run)
    assert found.right and found.class_names == NAMES and nameless.class_names == ("0", "1", "2")


def test_a_class_may_be_written_with_other_small_and_capital_letters(grey, run):
    for given in ({"run": run}, {}):
        assert inspect_picture(classifier(), grey(130), "DOG", **given).true_class == NAMES.index("dog")
    assert class_of_picture("Dog", ("dog", "Dog")) == 1  # the exact name comes first
    assert class_of_picture("DOG", ("dog", "Dog")) is None and class_of_picture("1", ("dog", "Dog")) == 1


def test_images_without_classes_are_not_called_right(grey, weak, tmp_path):
    unlabelled = sweep(tmp_path / "unlabelled", FOG, remarked(dataset(60), AS_PREDICTED))
    found = inspect_picture(classifier(), grey(130), run=unlabelled, why=True)
    assert "For a typical image of the run, the" in str(found) and "of 24 images of the run." in str(found)
    assert not {"right", "wrong", "class"} & set(re.findall(r"\w+", str(found)))
    wrong = inspect_picture(classifier(), grey(130), "cat", run=unlabelled)
    assert not any(one.others is not None for one in wrong.tried) and wrong.compared.weak_class is None
    assert wrong.verdict.says == "not known" and wrong.compared.of_class is None
    wrong = inspect_picture(classifier(), ordinary(tmp_path, weak), "cat", run=unlabelled)
    assert "98 % of the 60 images of the run" in wrong.verdict.sentence
    assert wrong.verdict.sentence.endswith(f"), and the classes of the run's images are not known. {NOT_EXAMINED}.")
    assert "What was found" not in str(found) and found.verdict is None


@pytest.mark.parametrize(
    ("picture", "resize", "said"),
    [("unreadable.png", None, "unreadable.png cannot be read as an image (cannot identify image file): repair it"),
     ("grey.png", "cut", "resize is 'cut'; expected crop or stretch"),
     ("grey.png", "crop:20", f"have {SIDE} x {SIDE} pixels, but --resize says 20 x 20")],
)  # fmt: skip
def test_a_picture_is_checked_before_a_model_is_loaded(picture, resize, said, grey, run, tmp_path, monkeypatch):
    monkeypatch.setattr("tfstab.orders.picture.load_classifier", pytest.fail)
    monkeypatch.setattr("tfstab.orders.model.load_classifier", pytest.fail)
    grey(100)
    (tmp_path / "unreadable.png").write_text("no image")
    with pytest.raises((DataError, InputError), match=re.escape(said)):
        inspect_picture("model.keras", tmp_path / picture, run=run, resize=resize)
    given = ["inspect", run.path, tmp_path / picture, *(["--resize", resize] if resize else [])]
    assert said in refused(tfstab_here(*given, "--model", "mnist-lenet"))


def test_what_is_refused(grey, run, tmp_path):
    other = classifier(fingerprint="another")
    with pytest.raises(InputError, match=r"was made with another model \(brightness\): give that one\."):
        inspect_picture(other, grey(130), run=run)
    with pytest.raises(InputError, match="--why compares a picture with images of a run: give the folder"):
        inspect_picture(classifier(), grey(130), why=True)
    without = r"cat, dog and 2\. If a picture shows none of the classes, leave --class out \("
    with pytest.raises(InputError, match=f"unknown class 'horse': the run has {without}"):
        inspect_picture(classifier(), grey(130), "horse", run=run)
    with pytest.raises(InputError, match=f"unknown class 'Horse': the model has {without}"):
        inspect_picture(classifier(), grey(130), "Horse")
    with pytest.raises(InputError, match="3 is not a run: give the folder"):
        inspect_picture(classifier(), grey(130), run=3)
    data = dataset()
    clean = classifier().scores(data.images).argmax(axis=1)
    wrong = Dataset.from_arrays("wrong", "test", data.images, (clean + 1) % 3, NAMES)
    nothing = sweep(tmp_path / "nothing", FOG, wrong)
    assert not nothing.clean.correct.any()
    with pytest.raises(InputError, match="no image of the run is right when clean, so there is nothing"):
        inspect_picture(classifier(), grey(130), run=nothing, why=True)
    assert "typical image" not in str(inspect_picture(classifier(), grey(130), run=nothing))


def _bar(angle):
    """A bright bar through the middle, turned counter-clockwise by an angle in degrees from upright."""
    y, x = np.mgrid[:24, :24] - 11.5
    across = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    along = y * np.cos(np.radians(angle)) - x * np.sin(np.radians(angle))
    return np.where((abs(across) < 2) & (abs(along) < 9), 200, 50).astype(np.uint8)


def test_a_tilted_picture_is_said_to_be_perhaps_tilted_before_looks_that_do_no_harm(tmp_path):
    """The class is dog if the picture is like an upright bar; contrast, brightness and blur make no difference."""
    upright = _bar(0) - _bar(0).mean()

    def likeness(images):
        grey = images[..., 0] - images[..., 0].mean(axis=(1, 2), keepdims=True)
        like = (grey * upright).sum(axis=(1, 2)) / np.sqrt((grey**2).sum(axis=(1, 2)) * (upright**2).sum() + 1e-6)
        return np.stack([0 * like, 20 * (like - 0.6), 0 * like - 50], axis=1)

    model = Classifier.from_function(
        likeness, (24, 24, 1), 3, fingerprint="upright", class_names=NAMES, outputs="logits"
    )
    images = np.stack([_bar(angle) for angle in (*np.linspace(-8, 8, 60), *np.linspace(75, 105, 60))])[..., None]
    data = Dataset.from_arrays("bars", "test", images, np.repeat([1, 0], 60), NAMES)
    bars = sweep(tmp_path / "bars", FOG, data, model)
    tilted = gaussian_filter(_bar(50).astype(float), 1.0)
    tilted = _bar(0).mean() + (tilted - tilted.mean()) * upright.std() / tilted.std()  # as bright, as much contrast
    Image.fromarray(tilted.astype(np.uint8)).save(tmp_path / "tilted.png")
    found = inspect_picture(model, tmp_path / "tilted.png", "dog", run=bars)
    change = "rotation (counter-clockwise), angle 30 to 45"
    harmless = (
        "less sharp than all 120 images of the run, but none of 48 right images of its class that were tried becomes "
        "wrong"
    )
    assert found.verdict.sentence == (
        "Not known whether it is the photograph or the model. Apart from noise, only one kind of change makes it right "
        f"at several severities in a row: {change}. With this change, none of the images of other classes that were "
        "tried is taken for the picture's class. So the picture may be tilted, but this may also be chance. "
        f"It is {harmless} when blurred as much. {NOT_EXAMINED}."
    )
    helps, looks = (next(n for n, said in enumerate(found.sentences) if part in said) for part in (change, harmless))
    assert helps < looks
    assert found.to_json()["compared"]["one_kind_of_change"] == {
        "change": change, "share_of_other_images": [0.0, 0.0], "wrong_images_right": None
    }  # fmt: skip
    folder = tmp_path / "complaints"
    folder.mkdir()
    (tmp_path / "tilted.png").rename(folder / "tilted.png")
    (row,) = inspect_pictures(model, folder, "dog", run=bars).table.records()
    assert (
        row["probable reason if wrong"]
        == "not known, though less sharp than all 120 (harmless to other images of its class)"
    )
