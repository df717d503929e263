"""What an epoch is made of: its order, its batches, its noise; and what is augmented by how much."""

import errno
import json
from dataclasses import replace

import numpy as np
import pytest

from tfstab import Dataset
from tfstab.degradations import standard_normal
from tfstab.errors import DiskError, InputError, RunError
from tfstab.metrics import wilson_interval
from tfstab.training import RECIPES, Augmentation, Recipe, TrainingNoise
from tfstab.training import ensemble as ensemble_module
from tfstab.training.augment import augment
from tfstab.training.card import measured as accuracy_on
from tfstab.training.checks import FIGURES, damage_reported, rank
from tfstab.training.folder import TrainingFolder
from tfstab.training.noise import LARGEST_SIGMA, STREAM, _even
from tfstab.training.trainer import _Batches, _stalled

PLAIN = replace(RECIPES["mnist-lenet"], batch_size=4, augmentation=Augmentation())
SHAPE = (4, 4, 1)


@pytest.fixture(scope="module")
def few():
    """Ten images that are told apart by their level, in places 20, 23, ... of their split."""
    images = np.repeat(np.arange(10, dtype=np.uint8) * 20 + 30, 16).reshape(10, *SHAPE)
    return replace(Dataset.from_arrays("few", "train", images, np.arange(10) % 3), indices=np.arange(20, 50, 3))


def epoch(dataset, number, recipe=PLAIN, seed=0):
    """(images (N, ...), labels (N,), sizes of the batches) of one epoch."""
    batches = _Batches(dataset, recipe, seed)
    images, labels = zip(*batches.epoch(number).as_numpy_iterator(), strict=True)
    assert batches.count == len(images)
    return np.concatenate(images), np.concatenate(labels), [len(batch) for batch in images]


def test_each_epoch_has_every_image_once_in_an_order_of_its_own(few):
    orders = {}
    for number, seed in ((0, 0), (1, 0), (2, 0), (0, 1)):
        images, labels, sizes = epoch(few, number, seed=seed)
        rows = ((images[:, 0, 0, 0] - 30) / 20).astype(int)
        assert sorted(rows) == list(range(10)) and sizes == [4, 4, 2]
        np.testing.assert_array_equal(labels, few.labels[rows])
        np.testing.assert_array_equal(images, few.images[rows].astype(np.float32))
        orders[number, seed] = rows.tolist()
        generator = np.random.Generator(np.random.Philox(key=seed, counter=number << 64))
        assert orders[number, seed] == generator.permutation(10).tolist()
    assert len({tuple(order) for order in orders.values()}) == 4


def test_augmentation_differs_between_epochs_and_batches(few):
    recipe = replace(PLAIN, batch_size=2, augmentation=Augmentation(brightness=40))
    same = replace(few, images=np.full_like(few.images, 128))
    lifts = np.stack([epoch(same, number, recipe)[0][:, 0, 0, 0] - 128 for number in (0, 1)])
    assert len(np.unique(lifts.round(3))) == 20 and np.abs(lifts).max() <= 40
    np.testing.assert_array_equal(epoch(same, 1, recipe)[0][:, 0, 0, 0] - 128, lifts[1])
    third = augmented(same.images[:2], recipe.augmentation, seed=(0, 16 * (2**20 + 2)))  # as ever: see below
    np.testing.assert_allclose(third[:, 0, 0, 0] - 128, lifts[1, 4:6], atol=1e-4)


@pytest.mark.parametrize("noise", [TrainingNoise.fixed(2, (10, 30)), TrainingNoise.fresh((20,))])
def test_training_noise_is_of_the_image_and_no_sweeps(few, noise):
    recipe = replace(PLAIN, noise=noise)
    grey = replace(few, images=np.full_like(few.images, 128))
    images, _, sizes = epoch(grey, 3, recipe, seed=5)
    assert len(images) == 10 * noise.per_image and sum(sizes) == len(images)
    made = {tuple(np.round(image.ravel() - 128, 3)) for image in images}
    copies = (1, 2) if noise.copies else (3,)  # fresh noise is numbered by the epoch
    expected = {
        tuple(np.round(np.float32(sigma) * standard_normal(SHAPE, 5, int(index), STREAM, copy).ravel(), 3))
        for index in grey.indices
        for copy, sigma in zip(copies, noise.sigmas, strict=True)
    }
    clean = {tuple(np.zeros(16))} if noise.copies else set()
    assert all(any(np.allclose(m, e, atol=2e-3) for e in expected | clean) for m in made)
    assert len(made) == len(expected) + len(clean)
    # A sweep's severities are numbered from 0: none of its fields is among these.
    for severity in range(20):
        field = standard_normal(SHAPE, 5, int(grey.indices[0]), severity, copies[0])
        assert not any(np.allclose(field * noise.sigmas[0], m, atol=1) for m in made)
    assert STREAM > 2**63


def test_sigmas_of_training_noise():
    assert _even(1) == (1.0,) and _even(2) == (1.0, 40.0) and _even(3) == (1.0, 20.5, 40.0) and LARGEST_SIGMA == 40
    assert TrainingNoise.fixed(15).sigmas[1] == 3.8  # 1 + 39 / 14, rounded
    assert TrainingNoise.fixed(3).sigmas == (1.0, 20.5, 40.0) and TrainingNoise.fixed(3).per_image == 4
    assert TrainingNoise.fresh((5,)).per_image == 1 and TrainingNoise.fresh().sigmas == (0.0, *_even(15))
    assert TrainingNoise.fixed(1000, (0,)).copies == 1000 and TrainingNoise((0.0,), 1).sigmas == (0.0,)
    for sigmas, copies in (((1,), 1001), ((), 1), ((np.inf,), None), ((1,), 0)):
        with pytest.raises(InputError, match="expected"):
            TrainingNoise(sigmas, copies)


def test_recipes_at_the_edge():
    for edge in ({"epochs": 1}, {"batch_size": 2}, {"validation": 1e-9}, {"validation": 1 - 1e-9}):
        assert replace(PLAIN, **edge)
    assert PLAIN.name == "mnist-lenet" and PLAIN.settings["data"] == "mnist" and "noise" not in PLAIN.settings
    noisy = replace(PLAIN, noise=TrainingNoise.fixed(2, (1, 2)), mixed_precision=True)
    assert noisy.name == "mnist-lenet-augmented" and noisy.settings["mixed_precision"] is True
    assert noisy.settings["noise"] == {"sigmas": [1.0, 2.0], "copies": 2}
    assert replace(PLAIN, noise=TrainingNoise.fresh()).name == "mnist-lenet-fresh-noise"


def test_the_recipes_of_the_paper():
    figures = {
        name: (r.data, r.epochs, r.batch_size, r.learning_rate, r.weight_decay, r.validation, r.patience, r.exclude)
        for name, r in RECIPES.items()
    }
    assert figures == {
        "mnist-lenet": ("mnist", 20, 128, 2e-3, 1e-2, 0.1, 20, "mnist-5k"),
        "cifar10-quick": ("cifar10", 60, 128, 2e-3, 3e-2, 0.04, 30, None),
        "gtsrb-aghdam": ("gtsrb", 30, 64, 1e-3, 1e-2, 0.1, 20, None),
    }
    assert RECIPES["mnist-lenet"].augmentation == Augmentation(2, 0.1, 10, 0, 0, False, "constant")
    assert RECIPES["cifar10-quick"].augmentation == Augmentation(3, flip=True)
    assert RECIPES["gtsrb-aghdam"].augmentation == Augmentation(4, 0.15, 10, 0.4, 30, False, "nearest")


def history(*accuracies, losses=None):
    losses = losses or [1.0] * len(accuracies)
    return [
        {"validation_accuracy": accuracy, "validation_loss": loss}
        for accuracy, loss in zip(accuracies, losses, strict=True)
    ]


def test_when_a_training_has_stalled():
    assert not _stalled([], 1) and not _stalled(history(0.5), 1)
    assert _stalled(history(0.5, 0.4), 1) and not _stalled(history(0.5, 0.4), 2)
    assert not _stalled(history(0.5, 0.4, 0.6), 1) and _stalled(history(0.5, 0.4, 0.4), 2)
    assert not _stalled(history(0.5, 0.5, losses=[1.0, 0.9]), 1)  # the loss decides between equals
    assert _stalled(history(0.5, 0.5, losses=[0.9, 1.0]), 1)
    assert rank(history(0.5)[0]) == (0.5, -1.0)


# --- augmentation ---


def augmented(images, settings, seed=(3, 16)):
    import tensorflow as tf

    return augment(tf.constant(images, tf.float32), settings, tf.constant(seed, tf.int64)).numpy()


def test_contrast_and_brightness_by_hand():
    rng = np.random.default_rng(0)
    images = rng.uniform(100, 150, (200, 4, 4, 1)).astype(np.float32)
    brighter = augmented(images, Augmentation(brightness=30)) - images
    lifts = brighter.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(brighter, np.broadcast_to(lifts[:, None, None, None], brighter.shape), atol=1e-3)
    assert 28 < lifts.max() <= 30 and -30 <= lifts.min() < -28 and abs(lifts.mean()) < 5
    apart = augmented(images, Augmentation(contrast=0.4))
    means = images.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(apart.mean(axis=(1, 2, 3), keepdims=True), means, rtol=1e-4)
    factors = (apart - means).std(axis=(1, 2, 3)) / (images - means).std(axis=(1, 2, 3))
    assert 1.38 < factors.max() <= 1.4001 and 0.5999 <= factors.min() < 0.62


def test_zoom_and_rotation_by_hand():
    ramp = np.broadcast_to(np.arange(21, dtype=np.float32)[None, None, :, None] * 10, (200, 21, 21, 1))
    zoomed = augmented(ramp, Augmentation(zoom=0.2))
    slopes = (zoomed[:, 10, 13, 0] - zoomed[:, 10, 7, 0]) / 6
    assert 11.9 < slopes.max() <= 12.01 and 7.99 <= slopes.min() < 8.1
    np.testing.assert_allclose(zoomed[:, 10, 10, 0], 100, atol=0.01)  # the centre stays
    turned = augmented(ramp, Augmentation(rotation=30))
    across, along = turned[:, 10, 13, 0] - turned[:, 10, 7, 0], turned[:, 13, 10, 0] - turned[:, 7, 10, 0]
    np.testing.assert_allclose(np.hypot(across, along), 60, rtol=0.02)
    angles = np.degrees(np.arctan2(along, across))
    assert 29 < angles.max() <= 30.5 and -30.5 <= angles.min() < -29
    np.testing.assert_allclose(turned[:, 10, 10, 0], 100, atol=0.01)


def test_a_shift_alone_is_of_whole_pixels_and_fills_as_told():
    image = np.random.default_rng(1).integers(1, 256, (40, 9, 9, 1)).astype(np.float32)
    for fill, outside in (("constant", True), ("nearest", False)):
        out = augmented(image, Augmentation(shift=2, fill=fill))
        moves = set()
        for before, after in zip(image[..., 0], out[..., 0], strict=True):
            found = [
                (y, x)
                for y in range(-2, 3)
                for x in range(-2, 3)
                if np.allclose(after[2:-2, 2:-2], before[2 + y : 7 + y, 2 + x : 7 + x], atol=1e-3)
            ]
            assert len(found) == 1
            moves.add(found[0])
        assert len(moves) > 12 and {y for y, _ in moves} == {x for _, x in moves} == {-2, -1, 0, 1, 2}
        assert (out == 0).any() == outside


def test_a_seed_stands_for_the_same_changes_as_ever():
    """Recorded, because a training that is resumed or repeated must see the same images: x and y at two places."""
    rows, columns = np.mgrid[:21, :21].astype(np.float32)
    place = np.broadcast_to(np.stack([columns, rows], axis=2), (4, 21, 21, 2)) * 5 + 50
    for settings, expected in (
        (Augmentation(shift=3, flip=True),
         [[7, 11, 10, 11], [8, 11, 5, 11], [7, 12, 10, 12], [10, 11, 7, 11]]),
        (Augmentation(shift=2, zoom=0.2, rotation=20),
         [[8.26, 10.64, 10.72, 11.3], [8.5, 10.8, 11.9, 11.58], [8.32, 11.66, 11.18, 11.6], [10.14, 10.6, 13.1, 9.78]]),
        (Augmentation(contrast=0.4, brightness=30),
         [[6.78, 6.78, 9.46, 6.78], [15.62, 15.62, 19.32, 15.62],
          [8.84, 8.84, 12.26, 8.84], [5.98, 5.98, 10.16, 5.98]]),
    ):  # fmt: skip
        found = (augmented(place, settings)[:, 10, (10, 13)].reshape(4, 4) - 50) / 5
        np.testing.assert_allclose(found, expected, atol=0.02)


# --- folders and cards ---


def test_a_folder_of_a_training_remembers_what_it_is_of(tmp_path):
    folder = TrainingFolder(tmp_path / "new", PLAIN)
    with folder.lock():
        identity = {"recipe": {"epochs": 1}, "seed": 3, "data": "abc"}
        state = folder.open(identity)
        assert state == {"identity": identity, "history": [], "last": None, "best": None}
        assert folder.open(identity) == state == json.loads(folder.state_path.read_text())
        diverged = dict.fromkeys(FIGURES, np.inf) | {"epoch": 1, "validation_accuracy": 0}
        names = {"last": "last-0001.keras", "best": "best-0001.keras", "random": []}
        folder.state_path.write_text(json.dumps(state | {"history": [diverged]} | names))
        assert folder.open(identity)["history"] == [diverged]
        with pytest.raises(RunError, match="holds a training that differs in its seed and training images: repeat"):
            folder.open({**identity, "seed": 4, "data": "x"})
    assert (folder.model_path.name, folder.card_path.name) == ("mnist-lenet.keras", "mnist-lenet.json")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".hidden").touch()
    with TrainingFolder(tmp_path / "other", PLAIN).lock():
        pass
    (tmp_path / "other" / "mine.txt").touch()
    with pytest.raises(RunError, match="holds other files"), TrainingFolder(tmp_path / "other", PLAIN).lock():
        pass


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (OSError(errno.EIO, "Input/output error"), DiskError, "cannot be read or written, the disk has failed"),
        (OSError("no HDF5 file"), RunError, r"is damaged \(no HDF5 file\): restore it, or train again in"),
        (KeyError("history"), RunError, r"is damaged \('history' is missing\)"),
        (ValueError(" a\n b "), RunError, r"is damaged \(a b\)"),
        (ValueError(""), RunError, r"is damaged \(ValueError\)"),
        (RunError("as it is"), RunError, "^as it is$"),
    ],
)  # fmt: skip
def test_errors_of_a_damaged_file_and_of_a_failing_disk(tmp_path, error, kind, said):
    with pytest.raises(RunError, match=said) as told, damage_reported(tmp_path / "training.json"):
        raise error
    assert type(told.value) is kind


def test_what_an_ensembles_folder_may_hold(tmp_path):
    check = ensemble_module._check_folder
    check(tmp_path / "new", "net")
    for name in ("net-ensemble.keras", "net-ensemble.json", "member-1", ".hidden"):
        (tmp_path / name).touch()
    check(tmp_path, "net")
    (tmp_path / "net.keras").touch()
    with pytest.raises(RunError, match=r"holds other files \(net.keras\)"):
        check(tmp_path, "net")


def test_when_a_bundled_network_is_what_a_training_would_make(few):
    recipe = Recipe("mnist-lenet", "few", 1, 2, 1e-3, 0)
    fitting, _ = few.split_off(recipe.validation, 4)
    card = {"recipe": recipe.settings, "seed": 4, "data": {"training": {"fingerprint": fitting.fingerprint}}}
    is_of = ensemble_module._is_of
    assert is_of(card, recipe, 4, few) and is_of(card, replace(recipe, mixed_precision=True), 4, few)
    assert not is_of(card, recipe, 5, few) and not is_of(card, replace(recipe, epochs=2), 4, few)
    assert not is_of(card, recipe, 4, few.select(np.arange(9)))


def test_a_measured_accuracy_has_its_interval(few):
    from tfstab import Classifier

    def says_one(images):
        return np.tile([0.1, 0.8, 0.1], (len(images), 1))

    measured = accuracy_on(Classifier.from_function(says_one, SHAPE, 3, fingerprint="one"), few)
    assert measured == {
        "correct": 3, "images": 10, "accuracy": 0.3, "interval_95": list(wilson_interval(3, 10)),
    }  # fmt: skip
