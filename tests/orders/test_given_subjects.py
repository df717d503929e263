"""Models and images that a Python caller gives, and what a hardening makes of them, with a NumPy classifier."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import NAMES, brightness, classifier, dataset
from PIL import Image

from tfstab import Classifier, Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.splits import validation_split_of
from tfstab.errors import DataError, InputError, ModelError
from tfstab.orders import Loaded, Subject, loaded, subject_of
from tfstab.orders.hardening import HELD_OUT, HardeningSubject, hardening_subject
from tfstab.orders.hardening_images import beside, check_given
from tfstab.training.material import check_training_images


@pytest.fixture
def divided(tmp_path):
    """A file with 60 training and 24 test images."""
    many = dataset(84)
    parts = {"train": slice(60), "test": slice(60, None)}
    arrays = {f"x_{name}": many.images[rows] for name, rows in parts.items()}
    arrays |= {f"y_{name}": many.labels[rows] for name, rows in parts.items()}
    np.savez(tmp_path / "divided.npz", **arrays, class_names=np.array(NAMES))
    return tmp_path / "divided.npz"


# --- a model and images ---


def test_what_is_given_by_name_is_loaded_later_and_objects_at_once(divided, monkeypatch):
    monkeypatch.setattr(loaded, "load_classifier", lambda named, **given: classifier())
    few = dataset()
    by_name = subject_of("mnist-lenet", data_dir="official", class_names=list("abcdefghij"))
    assert isinstance(by_name, Subject) and by_name.images.data is None and by_name.images.data_dir == Path("official")
    assert by_name.changed == {"classes": "a,b,c,d,e,f,g,h,i,j"}
    for found, count in (
        (subject_of("mnist-lenet", few), 9), (subject_of("mnist-lenet", few, limit=4), 4),
        (subject_of(classifier(), str(divided)), 24), (subject_of(classifier(), divided, split="train", limit=5), 5),
    ):  # fmt: skip
        assert isinstance(found, Loaded) and len(found.dataset) == count and found.changed == {}
    assert Loaded(SimpleNamespace(preprocess="unit", threshold=0.5), few).changed == {"preprocess": "unit"}


def test_arrays_are_taken_as_they_are_and_resized_to_the_model(monkeypatch):
    """They always have the same name, which is that of the run's folder, so that a run can be resumed."""
    monkeypatch.setattr(loaded, "load_classifier", lambda named, **given: classifier())
    few = dataset()
    for found in (
        subject_of(Path("net.keras"), (few.images, few.labels)),
        subject_of(classifier(), [few.images, few.labels.tolist()]),
    ):
        assert isinstance(found, Loaded) and found.dataset.name == "arrays"
        np.testing.assert_array_equal(found.dataset.images, few.images)
        np.testing.assert_array_equal(found.dataset.labels, few.labels)
    larger = np.repeat(np.repeat(few.images, 2, axis=1), 2, axis=2)
    assert subject_of(classifier(), (larger, few.labels), limit=4, resize="stretch").dataset.images.shape == (
        4,
        *few.images.shape[1:],
    )
    with pytest.raises(InputError, match=r"a tuple was given; expected .* or arrays as \(images, labels\)"):
        subject_of("net.keras", ((few.images, few.labels), (few.images, few.labels)))
    with pytest.raises(InputError, match=r"\(images, labels\): np\.stack\(images\) makes an array"):
        subject_of("net.keras", (list(few.images), few.labels))


def test_what_is_given_by_name_is_checked_at_once(divided):
    with pytest.raises(ModelError, match=r"none\.keras"):
        subject_of("none.keras", divided)
    with pytest.raises(InputError, match="unknown data set 'mnist-6k'"):
        subject_of("mnist-lenet", "mnist-6k")


# --- a hardening ---


def test_where_the_test_images_of_a_hardening_come_from(divided):
    many = dataset(100)
    train = many.take(60)
    for given, sizes, changed in (
        ((many, train), (60, 100), {"train": train.fingerprint[:8]}),
        ((None, divided), (60, 24), {}),
        ((divided, None), (60, 24), {}),
    ):
        subject = hardening_subject(classifier(), *given)
        assert (len(subject.train), len(subject.test)) == sizes and subject.changed == changed
        assert not subject.held_out and "held out" not in " ".join(subject.taken_for)
    pair, of_train = (many.images, many.labels), (train.images, train.labels)
    subject = hardening_subject(classifier(), pair, of_train)
    assert (len(subject.train), len(subject.test)) == (60, 100) and list(subject.changed) == ["train"]
    with pytest.raises(InputError, match="the data has no training images of its own"):
        check_given(pair, None)
    whole = divided.with_name("whole.npz")
    np.savez(whole, images=many.images, labels=many.labels, class_names=np.array(NAMES))
    for source in (many, whole, pair):
        subject = hardening_subject(classifier(), None, source)
        assert (len(subject.train), len(subject.test)) == (80, 20) and subject.held_out and subject.changed == {}
        assert "(a fifth of the images, held out of training)" in subject.taken_for[2]
        assert subject.taken_for[-1] == f"note: {HELD_OUT}"


def test_a_hardening_takes_20_test_images_or_more():
    many = dataset(100)
    assert len(hardening_subject(classifier(), many, many, limit=20).test) == 20
    with pytest.raises(DataError, match=r"has 19 test images: too few.* give 20 or more"):
        hardening_subject(classifier(), many, many, limit=19)


def test_a_quarter_of_the_test_images_but_at_most_2000_are_set_aside_for_validation():
    numbers = np.arange(10_000)
    pixels = np.stack([numbers // 256, numbers % 256], axis=1).astype(np.uint8).reshape(-1, 2, 1, 1)
    large = Dataset.from_arrays("large", "test", pixels, numbers % 2, ("even", "odd"))
    for images, sizes in ((large, (8000, 2000)), (large.take(100), (75, 25))):
        parts = HardeningSubject(None, images, images, False, False, {}).divided
        assert tuple(map(len, parts)) == sizes


def test_a_hardening_compares_first_the_images_that_an_assessment_takes_first():
    many = dataset(200)
    many = replace(many, indices=np.arange(300, 500))
    assessed = many.indices[stratified_order(many.labels)]
    for groups in (None, np.arange(200) // 2):
        test = replace(many, groups=groups)
        subject = HardeningSubject(None, many, test, False, False, {})
        compared, validation = subject.divided
        taken = compared.indices[subject.order]
        assert sorted(subject.order) == list(range(len(compared)))
        left_out = np.isin(assessed, validation.indices)
        assert taken.tolist() == assessed[~left_out].tolist()
        assert groups is not None or not left_out[:150].any()
    own = HardeningSubject(None, many, many, False, False, {}, validation=dataset(10))
    assert own.divided[0] is many and many.indices[own.order].tolist() == assessed.tolist()


def test_a_split_of_validation_images_is_used_and_all_test_images_are_compared(tmp_path):
    many, table = dataset(100), tmp_path / "labels.csv"
    split = np.random.default_rng(0).permutation(np.repeat(["train", "val", "test"], [40, 24, 36]))
    for k, image in enumerate(many.images):
        Image.fromarray(image[..., 0]).save(tmp_path / f"{k}.png")
    rows = [f"{k}.png,{NAMES[label]},{split[k]}" for k, label in enumerate(many.labels)]
    table.write_text("\n".join(["file,label,split", *rows]))
    arrays = {f"x_{name}": many.images[split == name] for name in ("train", "val", "test")}
    arrays |= {f"y_{name}": many.labels[split == name] for name in ("train", "val", "test")}
    np.savez(tmp_path / "parts.npz", **arrays, class_names=np.array(NAMES))
    own = many.select(np.flatnonzero(split == "test"))
    for data, train in ((table, None), (None, tmp_path), (own, tmp_path / "parts.npz")):
        subject = hardening_subject(classifier(), data, train)
        assert len(subject.train) == 40 and not subject.held_out
        compared, validation = subject.divided
        assert (len(compared), len(validation)) == (36, 24)
        assert sorted(validation.labels) == sorted(many.labels[split == "val"])
        assert subject.taken_for[3] == (
            "24 images of the split 'val' are used for validation, which chooses the remedy. Both models are compared "
            "on the 36 test images. If time is short, not all of these images are used."
        )
    for name in ("x_val", "y_val"):
        arrays[name] = arrays[name][:1]
    np.savez(tmp_path / "one.npz", **arrays, class_names=np.array(NAMES))
    few = hardening_subject(classifier(), None, tmp_path / "one.npz")
    assert [len(part) for part in few.divided] == [27, 9]
    assert few.taken_for[4].startswith("note: the split 'val' has only 1 image, too few for validation (5 or more")
    given = classifier(), NAMES, subject.train
    check_training_images(*given, own, validation=validation)
    with pytest.raises(DataError, match=r"24 of the 24 test images of .* are among the validation images of"):
        check_training_images(*given, validation, validation=validation)


def test_one_image_of_each_group_tests_a_hardening_and_no_group_is_on_both_sides(tmp_path):
    many, table = dataset(240), tmp_path / "labels.csv"
    for k, image in enumerate(many.images):
        Image.fromarray(image[..., 0]).save(tmp_path / f"{k}.png")
    whole = [f"{k}.png,{NAMES[label]},part {k // 2}" for k, label in enumerate(many.labels)]
    table.write_text("\n".join(["file,label,group", *whole]))
    subject = hardening_subject(classifier(), None, tmp_path)
    assert (len(subject.train), len(subject.test)) == (192, 24) and subject.held_out, "24 groups are held out"
    assert len(set(subject.train.groups)) == 96 and not set(subject.train.groups) & set(subject.test.groups)
    assert "; drawn at random from 48 images of 24 groups, one image of each group" in subject.taken_for[2]
    with pytest.raises(DataError, match="has 9 test images, one of each group: too few"):
        table.write_text("\n".join(["file,label,group", *whole[:90]]))
        hardening_subject(classifier(), None, tmp_path)

    divided = [f"{line},{'test' if k % 4 == 0 else 'train'}" for k, line in enumerate(whole)]
    table.write_text("\n".join(["file,label,group,split", *divided]))
    subject = hardening_subject(classifier(), table)
    with pytest.warns(UserWarning, match=r"^60 of the 60 groups of the test images of .*, such as part 0, also have"):
        check_training_images(classifier(), NAMES, subject.train, subject.test)


def test_the_split_of_the_test_images_is_named_and_never_also_used_for_validation(tmp_path):
    many, file = dataset(160), tmp_path / "parts.npz"
    parts = {"training": slice(100), "validation": slice(100, 140), "valid": slice(140, None)}
    arrays = {f"x_{name}": many.images[rows] for name, rows in parts.items()}
    arrays |= {f"y_{name}": many.labels[rows] for name, rows in parts.items()}
    np.savez(file, **arrays, class_names=np.array(NAMES))
    for given in ((file, None), (None, file), (file, file)):
        subject = hardening_subject(classifier(), *given, split="validation")
        assert (subject.train.split, len(subject.train), subject.test.split) == ("training", 100, "validation")
        assert [len(part) for part in subject.divided] == [30, 10] and subject.changed["split"] == "validation"
        assert "10 of the test images are set aside for validation" in subject.taken_for[3]
    by_others = hardening_subject(classifier(), file, split="valid")
    assert [len(part) for part in by_others.divided] == [20, 40], "the other one of the two is for validation"
    held_out = hardening_subject(classifier(), None, file)
    assert [len(part) for part in (held_out.train, *held_out.divided)] == [80, 20, 40] and held_out.held_out
    for given, said in (
        (
            {"data": file},
            "parts.npz has no split 'test', only validation, valid and training: choose one of these with",
        ),
        ({"data": file, "split": "training"}, "the split 'training' of .*parts.npz has the training images: choose an"),
        ({"train": file, "split": "val"}, "the images of --train have no split 'val' for testing: choose another one"),
    ):
        with pytest.raises((DataError, InputError), match=said):
            hardening_subject(classifier(), **given)
    np.savez(file, **{name: arrays[name] for name in arrays if not name.endswith("training")})
    with pytest.raises(InputError, match=r"training images of its own \(it has validation and valid\): name some"):
        check_given(file, None, split="valid")


def test_an_empty_folder_of_validation_images_is_as_none(tmp_path):
    for split in ("train", "test", "val"):
        (tmp_path / split / "dark").mkdir(parents=True)
    assert validation_split_of(tmp_path) is None
    (tmp_path / "val" / "dark" / "0.png").touch()
    assert validation_split_of(tmp_path) == "val"


def test_classes_that_are_numbers_get_the_names_of_the_training_images():
    model = Classifier.from_function(brightness, (4, 4, 1), 3, fingerprint="numbers")
    many = dataset(40)
    turned = Dataset.from_arrays("turned", "test", many.images, 2 - many.labels, NAMES[::-1])
    subject = hardening_subject(model, turned, many)
    assert subject.classifier.class_names == subject.test.class_names == NAMES != model.class_names
    assert (subject.test.labels == many.labels).all()


def test_what_a_hardening_is_given_is_checked_before_anything_is_imported(divided):
    for model, data, train, said in (
        ("none.keras", divided, None, r"none\.keras"), ("none.keras", divided, "mnist-6k", "mnist-6k"),
        ("none.keras", None, None, "which images"), (None, divided, None, "which model"),
    ):  # fmt: skip
        with pytest.raises((InputError, ModelError), match=said):
            hardening_subject(model, data, train, imports=["none.py"])


@pytest.mark.parametrize(
    ("model", "said"),
    [("m.onnx", "m.onnx, an ONNX model,"), ("m.tflite", "m.tflite, a TFLite model,"),
     (Classifier.from_function(brightness, (4, 4, 1), 3, fingerprint="f"), "brightness, a predict function,")],
)  # fmt: skip
def test_that_a_model_cannot_be_trained_is_said_before_training_images_are_asked_for(model, said):
    with pytest.raises(InputError) as refused:
        hardening_subject(model, dataset(40))
    assert str(refused.value) == (
        f"{said} cannot be trained, as tfstab cannot change its weights. To try remedies without training, such as "
        "smoothing, images are needed beside those for testing: name some with --train (in Python train=)."
    )


def test_training_images_are_found_beside_a_folder_of_test_images_only(tmp_path, monkeypatch):
    (tmp_path / "train").mkdir()
    monkeypatch.chdir(tmp_path)
    assert beside("folder:test") == beside("test") == "train" and beside("mnist-5k") == beside(dataset()) == ""
    assert beside("deeper/test") == ""
