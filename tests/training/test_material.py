"""Images are checked before they train anything: one sentence says what is wrong, and with which of them."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tfstab import Classifier, Dataset, load_dataset
from tfstab.classifier.source import Source
from tfstab.errors import DataError, InputError, TfstabError
from tfstab.training import RECIPES
from tfstab.training.images import hold_out, load_divided, save_images, training_material
from tfstab.training.material import check_training_images

LENET, QUICK = RECIPES["mnist-lenet"], RECIPES["cifar10-quick"]
PETS = ("cat", "dog", "horse")


def photos(count=12, shape=(28, 28, 1), names=PETS, seed=0, split="train", **changes):
    """Images of noise, whose classes take turns."""
    images = np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)
    made = Dataset.from_arrays("photos", split, images, np.arange(count) % len(names), names)
    return replace(made, names=np.array([f"{split}/{k}.png" for k in range(count)]), **changes)


def unseen(**changes):
    return photos(**({"seed": 1, "split": "test"} | changes))


def mixed(own, others, rows):
    """Images, of which some are replaced by those of others."""
    images = own.images.copy()
    images[rows] = others.images[rows]
    return replace(own, images=images)


WRONG = {
    "size": (lambda: (photos(shape=(20, 30, 1)), unseen()), "images of 30 x 20 pixels but mnist-lenet takes 28 x 28"),
    "size of the test images": (lambda: (photos(), unseen(shape=(9, 9, 1))), "of 9 x 9 pixels but .* --resize crop"),
    "colours": (lambda: (photos(shape=(28, 28, 3)), unseen()), "in colour but mnist-lenet takes grey ones"),
    "one class": (lambda: (photos(names=("cat",)), unseen()), "images of one class, 'cat'; expected two or more"),
    "one class of several": (
        lambda: (photos(labels=np.zeros(12, int)), unseen(labels=np.zeros(12, int))), "all training .* 'cat'",
    ),
    "a class of one image": (lambda: (photos(count=4), unseen()), "class 'dog' of photos has 1 training image, too"),
    "one group": (lambda: (photos(groups=np.zeros(12, int)), unseen()), "has 4 training images, too few to hold some"),
    "a class of its own": (
        lambda: (photos(names=PETS[:2]), unseen()), "test images of class 'horse', but .* it, only of cat, dog: ",
    ),
    "a class without images": (
        lambda: (photos(labels=np.arange(12) % 2), unseen()), "test images of class 'horse', but there are no",
    ),
    "a test image in training": (
        lambda: (photos(), mixed(unseen(), photos(), [5])),
        r"^1 of the 12 test images of photos, test/5.png, is among the training images of photos \(train/5.png there\)",
    ),
    "test images in training": (
        lambda: (photos(), mixed(unseen(), photos(), [3, 5])), "^2 of the 12 .* such as test/3.png, are among",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_images_are_refused_in_one_sentence(case):
    make, said = WRONG[case]
    with pytest.raises(TfstabError, match=said) as error:
        training_material(LENET, *make())
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_a_grey_test_image_is_found_among_colour_ones():
    grey = unseen()
    colour = replace(grey, images=grey.images.repeat(3, axis=3))
    with pytest.raises(DataError, match="12 of the 12 test images"):
        check_training_images((28, 28, 3), PETS, colour, grey)


def test_test_images_are_matched_by_name_and_grey_ones_fit_a_network_for_colours():
    test = unseen(shape=(32, 32, 1), names=("horse", "cat"))
    material = training_material(QUICK, photos(shape=(32, 32, 1)), test)
    assert material.test.labels.tolist() == [2, 0] * 6 and material.test.class_names == PETS
    assert not material.held_out and material.train.image_shape == (32, 32, 3)
    np.testing.assert_array_equal(material.test.images, test.images.repeat(3, axis=3))


def test_a_fifth_is_held_out_of_undivided_images():
    whole = photos(count=60)
    twice = mixed(whole, replace(whole, images=np.roll(whole.images, 30, axis=0)), np.arange(30))  # each one twice
    for images in (whole, twice):
        material = training_material(LENET, images)
        assert material.held_out and material.test.split == "test" and "held out" in material.test.note
        assert np.bincount(material.test.labels).tolist() == [4, 4, 4]
        both = np.concatenate([material.train.indices, material.test.indices])
        assert sorted(both.tolist()) == list(range(60))
        assert "12 others are held out for testing" in material.summary()
    again, _ = hold_out(whole)
    assert again.fingerprint == training_material(LENET, whole, seed=7).train.fingerprint
    tracks = replace(whole, groups=np.arange(60) // 6)
    train, test = hold_out(tracks)
    assert not set(train.groups) & set(test.indices // 6) and len(test) == 12
    material = training_material(LENET, tracks)
    assert len(material.train) == 48 and sorted(material.test.groups) == sorted(set(test.groups)), (
        "one of each is tested"
    )


def test_two_images_of_a_class_are_enough():
    assert len(training_material(LENET, photos(count=6), unseen()).train) == 6


def test_a_data_set_of_one_split_is_divided_too(digits):
    material = training_material(LENET.on("mnist-5k"), digits.take(100))
    assert material.held_out and (len(material.train), len(material.test)) == (80, 20)


def test_what_is_held_out_can_be_loaded_again(tmp_path):
    _, test = hold_out(photos(count=60))
    save_images(test, tmp_path / "test.npz")
    loaded = load_dataset(tmp_path / "test.npz")
    assert loaded.fingerprint == test.fingerprint and not loaded.numbered
    arrays = Dataset.from_arrays("arrays", "test", test.images, test.labels)
    save_images(arrays, tmp_path / "arrays.npz")
    assert load_dataset(tmp_path / "arrays.npz").numbered


def test_divided_images_keep_their_own_test_images(tmp_path):
    train, test = photos(), unseen()
    np.savez(
        tmp_path / "photos.npz",
        x_train=train.images, y_train=train.labels, x_test=test.images, y_test=test.labels, class_names=PETS,
    )  # fmt: skip
    path = str(tmp_path / "photos.npz")
    loaded = load_divided(path, lambda split: load_dataset(path, split))
    assert [images.fingerprint for images in loaded] == [train.fingerprint, test.fingerprint]
    material = training_material(LENET.on(path))
    assert not material.held_out and material.train.fingerprint == train.fingerprint
    assert material.summary().endswith(", for training; 12 images for testing")
    given = training_material(LENET.on(path), loaded[0])
    assert not given.held_out and given.test.fingerprint == test.fingerprint


def test_names_of_networks_that_are_trained_on_other_images():
    assert (LENET.name, LENET.on("mnist").name) == ("mnist-lenet", "mnist-lenet")
    named = {data: QUICK.on(data).name for data in ("folder:/a/my photos/", "b/c.npz", "/", "x" * 99)}
    assert list(named.values()) == [
        "cifar10-quick-my-photos", "cifar10-quick-c", "cifar10-quick", f"cifar10-quick-{'x' * 40}",
    ]  # fmt: skip
    assert QUICK.on("b.npz").validation == 0.1 and LENET.on("b.npz").exclude is None


# --- an existing model ---


def test_a_preprocessing_that_does_not_fit_is_refused(mnist_lenet, digits):
    train, test = digits.take(300), digits.take(330).without(digits.take(300))
    check_training_images(mnist_lenet, mnist_lenet.class_names, train, test)
    with pytest.raises(InputError, match=r"training images of mnist-5k do not fit mnist-lenet\. .* --preprocess none"):
        check_training_images(mnist_lenet.with_preprocess("unit"), mnist_lenet.class_names, train, test)
    wrong = mnist_lenet.with_preprocess("unit")
    wrong.source = Source.of(Path("my.keras"), {"preprocess": "unit"})
    with pytest.raises(
        InputError, match=r'\. To set this for all commands, write \{"form": \{"preprocess": "none"\}\} into'
    ):
        check_training_images(wrong, mnist_lenet.class_names, train, test)
    with pytest.raises(InputError, match=r"takes \(N, 28, 28, 1\)"):
        check_training_images(mnist_lenet, mnist_lenet.class_names, replace(train, images=train.images[:, :20]))


def test_networks_for_any_size_and_for_one_image_at_a_time_are_checked(digits):
    train = digits.take(300)
    for given in (keras.Input((None, None, 3)), keras.Input((28, 28, 1), batch_size=1)):
        model = keras.Sequential([given, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)])
        check_training_images(Classifier(model, digits.class_names), digits.class_names, train)
    any_size = keras.Sequential([keras.Input((None, None, 1)), *model.layers])
    lower = replace(digits.take(330).without(train), images=digits.images[300:330, :20])
    with pytest.raises(InputError, match="test images of 28 x 20 x 1 but mnist-5k has training images of 28 x 28 x 1"):
        check_training_images(Classifier(any_size, digits.class_names), digits.class_names, train, lower)


def test_classes_that_may_be_forgotten_are_named(mnist_lenet, digits):
    few = digits.take(300)
    few = few.select(few.labels < 8)
    with pytest.warns(UserWarning, match=r"no training images of 2 of the 10 classes of mnist-lenet \(8, 9\)"):
        check_training_images(mnist_lenet, mnist_lenet.class_names, few)
