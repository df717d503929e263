"""One picture of the user's own beside a run of the same model."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from fog_sweep import FOG
from numpy_runs import NAMES, SIDE, classifier, dataset, search, sweep
from PIL import Image

from processes import refused, tfstab_here
from tfstab import Dataset, inspect_picture
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.remarks import remarked
from tfstab.datasets.resize import Resize
from tfstab.errors import DataError, InputError
from tfstab.explanation.appearance import in_short
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.picture_verdict import NOT_EXAMINED
from tfstab.explanation.remedies import OFTEN_WRONG_CLASS
from tfstab.explanation.run_looks import stands
from tfstab.orders.picture_run import class_of_picture


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


def test_right_images_of_the_predicted_class_that_have_no_higher_score_are_counted(grey, run):
    found = inspect_picture(classifier(), grey(20), "dog", run=run)
    clean, k = run.clean, found.predicted
    own = clean.scores[clean.correct & (clean.class_index == k), k]
    shown = [f"{score:.3f}" <= f"{found.scores[k]:.3f}" for score in own]
    assert found.compared.as_sure == (sum(shown), len(own)) and len(own) > 10
    assert inspect_picture(classifier(), grey(20), run=run).compared.as_sure is None


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
    with pytest.raises(InputError, match=r"why=True compares .*: give the model and, as run=, .*"):
        inspect_picture(run.path, grey(130), why=True)
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
