"""The families in TensorFlow: those without random numbers agree with NumPy's, random ones in distribution."""

from dataclasses import replace

import numpy as np
import pytest

from tfstab.classifier import backend
from tfstab.degradations import BUILT_IN, get_degradation
from tfstab.degradations.batched import batched_function
from tfstab.degradations.blur import line
from tfstab.errors import InputError

SHAPES = [(1, 1, 1), (1, 5, 3), (28, 28, 1), (33, 17, 3)]
# Severities beside the default ones: the other side of the neutral one, and the ends of the range.
MORE = {
    "gaussian_blur": (0.05, 30),
    "defocus_blur": (0.3, 20),
    "jpeg": (1, 99),
    "pixelate": (100,),
    "brightness": (-40,),
    "underexposure": (0.1, 100, -3),
    "contrast": (2,),
    "gamma": (0.5,),
    "rotation": (-170, 90),
    "scaling": (0.01, 3, 100),
}
FIXED = [family for family in BUILT_IN.values() if not family.random]
RANDOM = [family for family in BUILT_IN.values() if family.random]


def pictures(shape, count):
    """Waves with a little noise, different for each picture."""
    rng, (y, x) = np.random.default_rng(0), np.mgrid[: shape[0], : shape[1]]
    waves = [127 + 60 * np.sin(x / 3 + k) + 60 * np.cos(y / 4) for k in range(count)]
    return np.clip(np.array(waves)[..., None] + rng.normal(0, 8, (count, *shape)), 0, 255).astype(np.float32)


def compiled(family):
    """The family as a function of arrays, compiled once for grey and once for colour images of any size."""
    tf, function = backend.tensorflow(), batched_function(family)
    graphs = {}

    def degrade(images, severities, seed=(3, 4)):
        channels = images.shape[-1]
        if channels not in graphs:
            specs = [((None, None, None, channels), tf.float32), ((None,), tf.float32), ((2,), tf.int64)]
            specs = [tf.TensorSpec(*spec) for spec in specs]
            graphs[channels] = tf.function(function, input_signature=specs, autograph=False)
        severities = tf.constant(severities, tf.float32)
        return np.clip(graphs[channels](images, severities, tf.constant(seed, tf.int64)), 0, 255)

    return degrade


def test_every_family_has_its_function_for_batches():
    assert all(family.batched for family in BUILT_IN.values())


@pytest.mark.parametrize("family", FIXED, ids=lambda family: family.name)
def test_without_random_numbers_it_is_numpys(family):
    """Within 0.01 grey levels; JPEG exactly where TensorFlow and Pillow have the same libjpeg."""
    degrade, severities = compiled(family), (*family.severities, *MORE.get(family.name, ()))
    for shape in SHAPES:
        clean = pictures(shape, len(severities))
        expected = [family(image, severity) for image, severity in zip(clean, severities, strict=True)]
        tolerance = {"jpeg": 2, "gaussian_blur": 0.002}.get(family.name, 0.01)  # where a kernel ends is hardly seen
        np.testing.assert_allclose(degrade(clean, severities), expected, atol=tolerance)


def test_lines_of_several_lengths_are_each_numpys():
    """The kernels of a batch are as large as the longest line needs."""
    from tfstab.degradations.batched.blur import lines

    drawn = [(2.5, 0.4), (7.0, 2.0), (1.0, 0.0), (10.0, 3.0)]
    for kernel, (length, angle) in zip(lines(*np.float32(drawn).T).numpy(), drawn, strict=True):
        expected = line(length, float(np.float32(angle)))
        np.testing.assert_allclose(kernel, np.pad(expected, (11 - len(expected)) // 2), atol=1e-6)


@pytest.mark.parametrize("family", RANDOM, ids=lambda family: family.name)
def test_with_random_numbers_it_has_numpys_distribution(family):
    """Mean and mean square of the change, over many copies of one picture, at a weak and a strong severity."""
    degrade, copies = compiled(family), 400
    clean = np.repeat(pictures((12, 10, 3), 1), copies, axis=0)
    rng = np.random.default_rng(1)
    for severity in (family.severities[0], family.severities[-1]):
        ours = degrade(clean, np.full(copies, severity)) - clean
        theirs = [family(image, severity, rng) - image for image in clean]
        for power in (1, 2):
            a, b = (np.mean(np.power(change, power), axis=(1, 2, 3)) for change in (ours, theirs))
            error = np.sqrt((a.var() + b.var()) / copies)
            assert abs(a.mean() - b.mean()) < 4 * error + 1e-4, (severity, power)
        # By place, too: what is drawn for whole images, such as a direction, must not prefer one.
        a, b = np.mean(ours, axis=0), np.mean(theirs, axis=0)
        error = np.sqrt((np.var(ours, axis=0) + np.var(theirs, axis=0)) / copies)
        assert (np.abs(a - b) < 5 * error + 0.05).all(), severity


@pytest.mark.parametrize("family", RANDOM, ids=lambda family: family.name)
def test_the_seed_decides_what_is_drawn(family):
    degrade, clean = compiled(family), pictures((28, 28, 1), 6)
    severities = np.full(6, family.severities[-1])
    first = degrade(clean, severities)
    np.testing.assert_array_equal(degrade(clean, severities), first)
    assert (degrade(clean, severities, (3, 5)) != first).any(axis=(1, 2, 3)).mean() > 0.5
    same = degrade(np.repeat(clean[:1], 6, axis=0), severities)
    assert len({image.tobytes() for image in same}) > 1  # each image of a batch draws for itself


def test_a_family_of_another_package_needs_no_function_for_batches():
    """It goes through NumPy: slow, but the same; each image has a random stream of its own."""
    clean = pictures((9, 7, 3), 3)
    fog = replace(get_degradation("fog"), name="mist", batched="")
    np.testing.assert_allclose(
        compiled(fog)(clean, (20, 40, 60)), compiled(get_degradation("fog"))(clean, (20, 40, 60)), atol=1e-3
    )
    rain = replace(get_degradation("gaussian_noise"), name="rain", batched="")
    degrade, same = compiled(rain), np.repeat(clean[:1], 2, axis=0)
    first = degrade(same, (20, 20))
    np.testing.assert_array_equal(degrade(same, (20, 20)), first)
    assert (first[0] != first[1]).any() and (degrade(same, (20, 20), (3, 5)) != first).any()


def test_a_function_for_batches_that_does_not_exist_is_named():
    with pytest.raises(InputError, match=r"'fog' has the function 'nowhere:fog'.*expected 'package\.module:function'"):
        batched_function(replace(get_degradation("fog"), batched="nowhere:fog"))
    with pytest.raises(InputError, match="1 or 3 channels; these have 2"):
        compiled(get_degradation("jpeg"))(np.zeros((1, 8, 8, 2), np.float32), (50,))
