"""Labels are matched to the model's classes by name, or by position where there are only numbers."""

import re

import keras
import numpy as np
import pytest
from PIL import Image

from tfstab import Classifier, Dataset, load_dataset, run_sweep, search_minimum_noise
from tfstab.classifier.class_names import classes_text, parse_class_names
from tfstab.classifier.matching import match_classes
from tfstab.errors import DataError, InputError
from tfstab.experiments import evaluate
from tfstab.sweep import SweepConfig


def _dataset(labels, names=(), shape=(28, 28)):
    images = np.random.default_rng(0).integers(0, 256, (len(labels), *shape), dtype=np.uint8)
    return Dataset.from_arrays("mine", "test", images, np.array(labels), names)


def _numbered_files(labels):
    """Images of files, whose classes are called by these numbers."""
    files = [f"{label}/a.png" for label in labels]
    blank = np.zeros((len(labels), 28, 28), np.uint8)
    return Dataset.from_arrays("mine", "test", blank, range(len(labels)), list(map(str, labels)), names=files)


@pytest.fixture(scope="module")
def animals(mnist_lenet):
    names = ("cat", "dog", "eel", "fly", "gnu", "hen", "ibex", "jay", "koi", "lynx")
    return Classifier(mnist_lenet.model, names, "animals")


def test_images_that_are_no_dataset_are_refused(mnist_lenet):
    with pytest.raises(InputError, match=r"a str was given as images; expected a Dataset"):
        match_classes(mnist_lenet, "photos")


def test_names_are_matched_whatever_their_order(animals):
    fitted = match_classes(animals, _dataset([0, 1, 1], ("koi", "cat")))
    assert list(fitted.labels) == [8, 0, 0] and fitted.class_names == animals.class_names


def test_files_with_three_equal_channels_are_grey_and_coloured_ones_are_named(mnist_lenet, tmp_path):
    (tmp_path / "3").mkdir()
    grey = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    for name, image in (("a", grey), ("b", np.repeat(grey[..., None], 3, 2))):
        Image.fromarray(image).save(tmp_path / "3" / f"{name}.png")
    fitted = match_classes(mnist_lenet, load_dataset(tmp_path))
    assert fitted.images.tolist() == [grey[..., None].tolist()] * 2 and list(fitted.labels) == [3, 3]
    Image.new("RGB", (28, 28), (9, 80, 200)).save(tmp_path / "3" / "c.png")
    said = "mnist-lenet takes grey images, but 1 of the 3 files of folder:.* is in colour .3/c.png.: convert"
    with pytest.raises(InputError, match=said):
        match_classes(mnist_lenet, load_dataset(tmp_path))


def test_numbered_folders_are_those_classes(mnist_lenet, animals):
    fitted = match_classes(mnist_lenet, _dataset([0, 1], ("3", "7")))
    assert list(fitted.labels) == [3, 7] and fitted.class_names == mnist_lenet.class_names == tuple("0123456789")
    assert list(match_classes(animals, _dataset([0, 1], ("00003", "00007"))).labels) == [3, 7]


def test_a_model_without_names_takes_the_data_sets_in_order(mnist_lenet):
    names = ("ant", "bee", "cat", "dog", "eel", "fly", "gnu", "hen", "ibex", "jay")
    fitted = match_classes(mnist_lenet, _dataset([0, 9], names))
    assert fitted.class_names == names and list(fitted.labels) == [0, 9]


def test_another_number_of_classes_is_refused_unless_outputs_are_named(mnist_lenet):
    two = Classifier.from_function(lambda x: np.zeros((len(x), 2)), (28, 28, 1), 2, fingerprint="0", name="one-of-two")
    with pytest.raises(InputError, match=r"mine has 2 classes \(cat, dog\) and mnist-lenet has 10 outputs .*") as error:
        match_classes(mnist_lenet, _dataset([0, 1], ("cat", "dog")))
    assert "as in --classes cat=0,dog=1 (in Python class_names={0: 'cat', 1: 'dog'})" in str(error.value)
    with pytest.raises(InputError, match=r"mine has 1 class \(cat\) and mnist-lenet has 10 outputs"):
        match_classes(mnist_lenet, _dataset([0], ("cat",)))
    named = Classifier(mnist_lenet.model, {8: "cat", 5: "dog"})
    assert named.class_names == ("0", "1", "2", "3", "4", "dog", "6", "7", "cat", "9")
    assert list(match_classes(named, _dataset([0, 1, 1], ("cat", "dog"))).labels) == [8, 5, 5]
    for names, listed in (
        ("abcdefghij", "a, b, c, d, e, f, g, h, i, j"),
        ("abcdefghijk", "a, b, c, d, e, f, g, h, i, j, ..."),
    ):
        with pytest.raises(
            InputError, match=re.escape(f"mine has {len(names)} classes ({listed}) and one-of-two has 2")
        ):
            match_classes(two, _dataset([0, 1], tuple(names)))


def test_names_may_be_numbers_that_are_no_text(mnist_lenet):
    assert classes_text(range(3)) == "0,1,2" and classes_text([np.int64(7), "a,b"]) == '7,"a,b"'
    assert Classifier(mnist_lenet.model, range(10, 20)).class_names[0] == "10"


def test_folders_named_by_other_numbers_than_those_of_the_outputs_fit_as_the_message_says():
    """The outputs of a model that was trained on the folders 3, 7 and 9 alone."""
    layers = [keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    model, data = keras.Sequential(layers), _dataset([0, 1, 2, 2], ("3", "7", "9"))
    with pytest.raises(InputError, match="mine has the classes 3, 7, 9, but the 3 outputs of the model ") as told:
        match_classes(Classifier(model), data)
    assert "say so with --classes 3,7,9 (class_names= in Python)." in str(told.value)
    named = Classifier(model, parse_class_names("3,7,9"))
    assert match_classes(named, data).labels.tolist() == [0, 1, 2, 2]


def test_classes_from_one_fit_outputs_named_as_the_message_says(mnist_lenet):
    """Given names are never passed over."""
    option = "--classes 1,2,3,4,5,6,7,8,9,10 (in Python class_names={k: str(k + 1) for k in range(10)})"
    with pytest.raises(InputError, match="mine has classes from 1 to 10, but the 10 outputs of the model") as told:
        match_classes(mnist_lenet, _numbered_files([1, 10, 3]))
    assert f"subtract 1 from them, or use {option}." in str(told.value)
    for names in ({k: str(k + 1) for k in range(10)}, parse_class_names("1,2,3,4,5,6,7,8,9,10")):
        named = Classifier(mnist_lenet.model, names)
        assert match_classes(named, _numbered_files([1, 10, 3])).labels.tolist() == [0, 9, 2]
        with pytest.raises(InputError, match=r"has 1 image of a class '0' that .* does not know"):
            match_classes(named, _numbered_files([0, 1, 2]))
    some = Classifier(mnist_lenet.model, parse_class_names("1=0,2=1,3=2"))
    fitted = match_classes(some, _numbered_files([1, 3]))
    assert fitted.labels.tolist() == [0, 2] and fitted.class_names[:4] == ("1", "2", "3", "output 3")
    with pytest.raises(DataError, match="labels run from 0 to 1: if yours begin at 1, subtract 1 from them"):
        _dataset([1, 2], ("cat", "dog"))


def test_an_unknown_class_is_refused(animals, mnist_lenet):
    with pytest.raises(InputError, match="unicorn"):
        match_classes(animals, _dataset([0, 1], ("cat", "unicorn")))
    with pytest.raises(InputError, match=r"has 2 images of a class 'Lynxes' that .* did you mean 'lynx'\? If they are"):
        match_classes(animals, _dataset([0, 1, 1], ("cat", "Lynxes")))
    for beyond in (10, 12):
        with pytest.raises(InputError, match=f"labels from 0 to {beyond}, but the 10 outputs"):
            match_classes(mnist_lenet, _dataset([0, beyond]))
    assert match_classes(mnist_lenet, _dataset([0, 9])).labels.tolist() == [0, 9]
    with pytest.raises(InputError, match=r"images of shape \(1, 5, 5, 1\) were given"):
        match_classes(mnist_lenet, _dataset([0, 1], shape=(5, 5)))


def test_fewer_classes_in_the_data_than_in_the_model_count_right(mnist_lenet, digits, tmp_path):
    few = digits.select(np.flatnonzero(digits.labels < 2)[::100])
    few = Dataset.from_arrays("few", "test", few.images, few.labels)
    config = SweepConfig(sigmas=(5, 200), copies=4)
    run = run_sweep(mnist_lenet, few, config, tmp_path / "run")
    rows = run.samples().to_pandas()
    assert (rows["predicted"] >= 2).any()
    for entry in run.accuracy_by_severity():
        of_sigma = rows[rows["severity"] == entry.severity]
        assert entry.accuracy == pytest.approx((of_sigma["predicted"] == of_sigma["class_index"]).mean())
    assert len(run.class_names) == 10 == len(evaluate(mnist_lenet, few).class_names)


def test_a_run_without_parts_has_no_accuracy(mnist_lenet, digits, tmp_path):
    run = run_sweep(mnist_lenet, digits.take(2), SweepConfig(sigmas=(5,), copies=1), tmp_path / "run")
    for part in run.parts.values():
        part.unlink()
    from tfstab import open_run

    assert np.isnan(open_run(run.path).class_metrics().accuracy)
    assert np.isnan(open_run(run.path).accuracy_by_severity()[0].accuracy)


def test_a_model_is_no_classifier(mnist_lenet, tmp_path):
    images = _dataset([0, 1])
    with pytest.raises(InputError, match=r"of type \w+ was given; expected a Classifier"):
        search_minimum_noise(mnist_lenet.model, images.images, images.labels)
    with pytest.raises(InputError, match="expected a Classifier"):
        run_sweep(mnist_lenet.model, _dataset([0, 1]), SweepConfig(sigmas=(1,), copies=1), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_numbers_of_any_length_as_class_names(mnist_lenet):
    huge = ("3", "9" * 900)
    with pytest.raises(InputError, match=r"has class 9{19}… but the model mnist-lenet has 10 classes"):
        match_classes(mnist_lenet, _dataset([0, 1], huge))
    assert match_classes(mnist_lenet, _dataset([0, 0], huge)).labels.tolist() == [3, 3]
