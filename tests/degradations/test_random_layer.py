"""The layer that degrades training images: what it draws, in which forms it is used, and how it is kept in a file."""

from dataclasses import replace

import numpy as np
import pytest

import tfstab
from tfstab.classifier import backend
from tfstab.degradations import BUILT_IN, augment, get_degradation, register, registry, severity_ranges
from tfstab.errors import InputError, ModelError


@pytest.fixture(scope="module")
def grey():
    """Even grey images, in which the severity of fog and brightness can be read off."""
    return np.full((600, 4, 4, 1), 100, np.uint8)


@pytest.fixture(scope="module")
def everything():
    """The mixture of all families, compiled once for images of 12 x 10 pixels."""
    layer = augment(seed=3)
    return layer, backend.tensorflow().function(layer.degrade)


def test_the_mixture_of_all_families(everything):
    layer, degrade = everything
    assert [part.family.name for part in layer.families] == list(BUILT_IN)
    clean = np.random.default_rng(0).integers(0, 256, (200, 12, 10, 3), np.uint8)
    degraded = degrade(clean, [1, 2]).numpy()
    assert degraded.dtype == np.float32 and degraded.shape == clean.shape
    assert degraded.min() >= 0 and degraded.max() <= 255 and not np.isnan(degraded).any()
    assert (degraded != clean).any(axis=(1, 2, 3)).mean() > 0.9
    np.testing.assert_array_equal(degrade(clean, [1, 2]), degraded)
    assert (degrade(clean, [1, 3]).numpy() != degraded).any(axis=(1, 2, 3)).mean() > 0.9


def test_families_severities_and_clean_images_are_drawn_evenly(grey):
    layer = augment({"fog": (20, 80), "brightness": (0, -40), "pixelate": (1, 3)}, clean_share=0.25)
    level = layer.degrade(grey, [0, 7]).numpy().mean(axis=(1, 2, 3))
    fog, dark = level[level > 100], level[level < 100]
    assert len(fog) / 600 == pytest.approx(0.25, abs=0.06) and len(dark) / 600 == pytest.approx(0.25, abs=0.06)
    density, shift = (fog - 100) / 155 * 100, dark - 100
    assert 20 < density.min() < 25 and 75 < density.max() <= 80 and density.mean() == pytest.approx(50, abs=4)
    assert -40 <= shift.min() < -37 and -3 < shift.max() < 0 and shift.mean() == pytest.approx(-20, abs=3)
    assert (augment(["fog"], clean_share=1.0).degrade(grey, [0, 7]).numpy() == 100).all()


def test_no_family_is_compiled_if_all_images_stay_clean():
    tf, counts = backend.tensorflow(), []
    for share in (1, 1.0, 0.99):
        signature = [tf.TensorSpec((None, 4, 4, 1), tf.float32), tf.TensorSpec((2,), tf.int64)]
        degrade = tf.function(augment(["fog"], clean_share=share).degrade, input_signature=signature, autograph=False)
        counts.append(len(degrade.get_concrete_function().graph.get_operations()))
    assert counts[0] == counts[1] < counts[2] / 2


@pytest.mark.parametrize("first", [True, False])
def test_noise_does_not_follow_the_severity(first):
    """Drawn from the same numbers, it would be at most 12 where it is positive."""
    noise, nothing = {"uniform_noise": (10, 60)}, {"brightness": (0, 0.001)}
    layer = augment(noise | nothing if first else nothing | noise)
    change = layer.degrade(np.full((500, 1, 1, 1), 128, np.uint8), [0, 9]).numpy().ravel() - 128
    assert change.max() > 40 and change.min() < -40 and (np.abs(change) < 0.01).mean() == pytest.approx(0.5, abs=0.1)


def test_what_an_image_gets_does_not_follow_whether_it_stays_clean():
    """Drawn from the same numbers, the shift would be below 50 for all, or the noise positive."""
    tf, changes = backend.tensorflow(), []
    for families in ({"brightness": (0, -100)}, {"brightness": (0, 0.001), "uniform_noise": (60, 61)}):
        signature = [tf.TensorSpec((1, 1, 1, 1), tf.float32), tf.TensorSpec((2,), tf.int64)]
        degrade = tf.function(augment(families, clean_share=0.5).degrade, input_signature=signature, autograph=False)
        changes.append([degrade(np.full((1, 1, 1, 1), 128.0), (seed, 3)).numpy().item() - 128 for seed in range(30)])
    shift, noise = changes
    assert min(shift) < -70 and max(noise) > 20 and min(noise) < -20


def test_one_image_is_degraded_and_none_is_no_batch(grey):
    thick = augment({"fog": (60, 80)})
    for one in (grey[:1], grey[0]):
        assert (thick.degrade(one, [0, 1]).numpy() > 190).all()
    assert (augment("motion_blur", clean_share=1.0).degrade(grey[:2], [0, 1]).numpy() == 100).all()
    assert (augment({"brightness": (-150, -200)}).degrade(grey[:2], [0, 1]).numpy() == 0).all()
    assert augment("fog", seed=np.int64(2**31 - 1)).seed == 2**31 - 1


def test_only_the_number_of_channels_has_to_be_known():
    tf, layer = backend.tensorflow(), augment(["fog"])
    for shape, fine in (((None, None, None, 1), True), ((None, 4, 4, None), False)):
        signature = [tf.TensorSpec(shape, tf.float32), tf.TensorSpec((2,), tf.int64)]
        degrade = tf.function(layer.degrade, input_signature=signature, autograph=False)
        if fine:
            assert degrade(np.ones((2, 3, 4, 1), np.float32), (0, 1)).shape == (2, 3, 4, 1)
        else:
            with pytest.raises(InputError, match=r"have the shape \(None, 4, 4, None\)"):
                degrade.get_concrete_function()


def test_whole_severities_are_drawn_whole_and_never_neutral():
    clean = np.random.default_rng(0).integers(0, 256, (200, 6, 6, 1), np.uint8)
    degraded = augment({"pixelate": (1, 3)}).degrade(clean, [0, 1]).numpy()
    twos, threes = (np.array([get_degradation("pixelate")(image, block) for image in clean]) for block in (2, 3))
    is_two, is_three = (np.isclose(degraded, like, atol=0.01).all(axis=(1, 2, 3)) for like in (twos, threes))
    assert (is_two ^ is_three).all() and 70 < is_two.sum() < 130


def test_ranges():
    (jpeg,), (noise,) = severity_ranges("jpeg"), severity_ranges(["gaussian_noise"])
    assert jpeg.ends == (10, 99) and noise.ends == (0, 40)
    assert severity_ranges({"poisson": (0, 16)})[0].ends == (0.001, 16)
    assert severity_ranges({"fog": (80, 20)})[0].ends == (20, 80)
    assert severity_ranges(replace(get_degradation("fog"), name="thinner", neutral=150.0))[0].ends == (80, 100)
    assert severity_ranges({"fog": None}) == severity_ranges("fog")
    every = {part.family.name: part for part in severity_ranges({"jpeg": (30, 2), "all": None, "gamma": (1, 2)})}
    assert {*every} == {*BUILT_IN} and (every["jpeg"].ends, every["gamma"].ends) == ((2, 30), (1, 2))
    assert {*severity_ranges("all")} == {*severity_ranges()} == {*severity_ranges(["fog", "all"])}
    with pytest.raises(InputError, match="'all' has severities; expected none"):
        severity_ranges({"all": (1, 2)})
    assert severity_ranges("rotation")[0].ends == (-45, 45), "images are turned to either side"
    assert severity_ranges([replace(get_degradation("fog"), name="mist", severities=(3,))])[0].ends == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"families": []}, "no degradation is given"),
        ({"families": ["fgo"]}, "unknown degradation 'fgo': did you mean 'fog'"),
        ({"families": ["fog", "fog"]}, "'fog' is given twice"),
        ({"families": {"fog": (20, 120)}}, r"density of fog is \[120\]; expected .* to 100"),
        ({"families": {"fog": (80, 0)}}, r"of fog are \(80, 0\), but 0 changes nothing; .*strongest: \(0, 80\)"),
        ({"families": {"fog": (0, 0)}}, r"density of fog is \[0\]; expected"),
        ({"families": {"jpeg": (90.5, 10)}}, "expected one or more whole numbers"),
        ({"families": {"fog": 20}}, r"fog are 20; expected the weakest and the strongest, such as \(20, 80\)"),
        ({"families": {"fog": ("a", 3)}}, "expected a number"),
        ({"families": {"fog": (True, 80)}}, "a severity of fog is True; expected a number"),
        ({"families": {"fog": (20, np.inf)}}, "a severity of fog is inf; expected a number"),
        *(({"clean_share": share}, f"clean_share is {share!r}; expected a number from 0 to 1")
          for share in (25, 1.01, -0.01, True, "1")),
        *(({"seed": seed}, f"seed is {seed!r}; expected") for seed in (-1, 2**31, 1.5, True, "1")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        augment(**arguments)


def test_batches_that_are_scaled_or_standardised_are_refused():
    tf, layer = backend.tensorflow(), augment(["fog"])
    scaled = np.random.default_rng(0).random((4, 6, 5, 3), np.float32)
    brightest = scaled.copy()
    brightest[0, 0, 0, 0] = 1
    standardised, without_mean = 5 * scaled - 2, 255 * scaled - 103.9
    for images in (scaled, 2 * scaled - 1, scaled[:2], brightest, 2.55 * scaled, standardised, without_mean):
        batches = tf.data.Dataset.from_tensor_slices(images).batch(4).apply(layer.epoch(0))
        with pytest.raises(tf.errors.InvalidArgumentError, match="expected grey levels"):
            next(iter(batches))
    dark = 4.5 * scaled / scaled.max()
    for images in (scaled[:1], dark, np.round(scaled), np.zeros_like(scaled), np.ones((4, 6, 5, 3), np.uint8)):
        assert layer.degrade(images, [0, 0]).shape == images.shape  # dark images are no mistake
    resized = np.float32([-20, 10.5, 275]).reshape(1, 3, 1, 1).repeat(2, axis=0)  # bicubic interpolation overshoots
    for family in ("gamma", "poisson"):
        degraded = augment([family]).degrade(resized, [0, 0]).numpy()
        assert degraded.min() >= 0 and degraded.max() <= 255, "without NaN"
    assert augment(clean_share=1).degrade(resized, [0, 0]).numpy()[0].ravel().tolist() == [0, 10.5, 255]


def test_an_epoch_of_a_pipeline_can_be_repeated(digits):
    tf, layer, few = backend.tensorflow(), augment("gaussian_noise", seed=5), digits.take(40)
    images = tf.data.Dataset.from_tensor_slices((few.images, few.labels))

    def drawn(dataset, epoch):
        """The degraded images of an epoch, in order; the labels stay with them."""
        pairs = [[part.numpy() for part in pair] for pair in dataset.apply(layer.epoch(epoch))]
        degraded, labels = (
            np.concatenate([np.reshape(pair[k], shape) for pair in pairs])
            for k, shape in ((0, (-1, 28, 28, 1)), (1, -1))
        )
        assert (labels == few.labels).all()
        return degraded

    for dataset in (images.batch(16), images):  # batches and single images
        first = drawn(dataset, 0)
        np.testing.assert_array_equal(drawn(dataset, 0), first)
        assert (drawn(dataset, 1) != first).any(axis=(1, 2, 3)).mean() > 0.9
    alone = next(iter(tf.data.Dataset.from_tensors(few.images).apply(layer.epoch(0))))
    assert alone.shape == few.images.shape
    mapped = images.batch(20).map(lambda x, y: (layer(x, training=True), y))
    assert next(iter(mapped))[0].shape == (20, 28, 28, 1)
    with pytest.raises(InputError, match="epoch's number is -1"):
        layer.epoch(-1)
    with pytest.raises(InputError, match="elements are neither images nor tuples that begin with images"):
        tf.data.Dataset.from_tensors({"image": few.images}).apply(layer.epoch(0))
    with pytest.raises(InputError, match=r"have the shape \(28, 28\); expected \(B, H, W, C\)"):
        layer.degrade(few.images[0, :, :, 0], [0, 0])


def test_a_model_with_the_layer_trains_and_is_saved_and_loaded(digits, tmp_path):
    """It degrades in training only; the loaded layer draws what the first one drew at first."""
    keras, few = backend.keras(), digits.take(50)
    mist = register(replace(get_degradation("fog"), name="mist_in_a_model"))
    layer = augment({"gaussian_noise": (5, 40), mist.name: (10, 20)}, clean_share=0.5, seed=4)
    first = layer(few.images, training=True)
    parts = [
        layer,
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ]
    model = keras.Sequential([keras.Input((28, 28, 1)), *parts])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(few.images, few.labels, batch_size=25, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = tfstab.load_classifier(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.scores(few.images), model.predict(few.images, verbose=0), atol=1e-6)
    again = loaded.model.layers[0]
    assert (again.families, again.clean_share, again.seed) == (layer.families, 0.5, 4)
    np.testing.assert_array_equal(again(few.images, training=True), first)
    assert (layer(few.images, training=False).numpy() == few.images).all()
    registry._registered.clear()
    with pytest.raises(ModelError, match=r"unknown degradation 'mist_in_a_model': .* registers it with --import"):
        tfstab.load_classifier(tmp_path / "model.keras")
