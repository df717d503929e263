"""A picture darker, less sharp or farther off-centre than the images of a run, and whether that is the reason."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from fog_sweep import FOG
from numpy_runs import NAMES, SIDE, classifier, dataset, sweep
from PIL import Image
from scipy.ndimage import gaussian_filter

from tfstab import Classifier, Dataset, inspect_picture, inspect_pictures, run_sweep
from tfstab.explanation.appearance import in_short
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.picture_verdict import LOOK, NOT_EXAMINED
from tfstab.explanation.run_looks import stands
from tfstab.report.tried_tables import picture_table

SHARE = (
    "Of misclassified pictures that look like this{}, about {} would be right if they did not look like this. " + LOOK
)
SURE = SHARE.format(" and are right when brighter", "90 %")
ALSO_FLAT = "In addition, it has less contrast for its brightness than all {} images of the run. " + LOOK


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
