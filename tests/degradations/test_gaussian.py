"""The noise, frozen: a change here would change every run that was ever made."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tfstab.degradations import COMMON, NoiseStreams, add_gaussian_noise, standard_normal

# (seed, image, sigma index, copy): the first four values of its field.
FROZEN = {
    (0, 0, 0, 0): ("0x1.eaca8cp-5", "0x1.fddbacp-7", "-0x1.2a18a4p+0", "-0x1.0fa94cp-3"),
    (0, 0, 0, 1): ("0x1.5ef066p+0", "-0x1.0cc586p-2", "0x1.8df650p-3", "0x1.d287d6p-2"),
    (0, 0, 1, 0): ("-0x1.0534aep+0", "0x1.f7ba2cp-1", "0x1.e1b5ecp-4", "0x1.49b206p-1"),
    (0, 1, 0, 0): ("0x1.815d54p+0", "0x1.096ec4p-1", "0x1.f1f7e2p-4", "-0x1.cd3a54p-1"),
    (1, 0, 0, 0): ("0x1.1778f0p+0", "0x1.d2c43cp-2", "0x1.6750fcp-1", "0x1.23c832p-2"),
    (2**32, 4999, 11, 149): ("0x1.6c44f8p+0", "-0x1.e774cep-1", "0x1.529fa8p+0", "-0x1.2a6cd2p+0"),
    (2**63, 7, 3, 2): ("0x1.9ff106p-3", "-0x1.1543e6p+0", "-0x1.5a0c22p-1", "-0x1.0b4306p+0"),
}
keys = st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 10**6), st.integers(0, 50), st.integers(0, 10**4))


@pytest.mark.parametrize("key", FROZEN)
def test_frozen_values(key):
    field = standard_normal((28, 28, 1), *key)
    assert field.dtype == np.float32 and field.shape == (28, 28, 1)
    assert [float(v) for v in field.ravel()[:4]] == [float.fromhex(v) for v in FROZEN[key]]


def test_no_two_seeds_are_one():
    seeds = [0, 1, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 2, 2**64 - 1]
    assert len({standard_normal((2, 2, 1), seed, 0, 0, 0).tobytes() for seed in seeds}) == len(seeds)
    for seed in (-1, 2**64):
        with pytest.raises(OverflowError):
            standard_normal((2, 2, 1), seed, 0, 0, 0)


def test_frozen_degraded_image():
    clean = np.array([[[0], [128]], [[255], [7]]], np.uint8)
    degraded = add_gaussian_noise(clean, 40, seed=0, image=5, severity_index=2, copy=3)
    assert degraded.dtype == np.float32
    frozen = ["0x1.5f3084p+6", "0x1.eaee3ap+6", "0x1.fep+7", "0x0p+0"]
    assert [float(v) for v in degraded.ravel()] == [float.fromhex(v) for v in frozen]


@given(keys, keys)
def test_each_key_has_a_field_of_its_own_whatever_was_drawn_before(one, other):
    first = standard_normal((8, 8, 3), *one)
    second = standard_normal((8, 8, 3), *other)
    np.testing.assert_array_equal(standard_normal((8, 8, 3), *one), first)
    np.testing.assert_array_equal(standard_normal((8, 8, 3), *other), second)
    assert np.array_equal(first, second) == (one == other)


@given(st.integers(0, 2**64 - 1), st.lists(st.tuples(*[st.integers(0, 200)] * 3), max_size=6), st.integers(1, 9))
def test_one_generator_moved_from_stream_to_stream_draws_the_same(seed, keys, size):
    streams = NoiseStreams(seed)
    for image, severity_index, copy in keys:
        field = np.empty((size, size, 1), np.float32)  # also of odd sizes, which leave half a draw behind
        streams.fill(field, image, severity_index, copy)
        np.testing.assert_array_equal(field, standard_normal(field.shape, seed, image, severity_index, copy))


def test_the_common_field_is_none_of_the_sigmas_own():
    fields = [standard_normal((8, 8, 1), 0, 3, key, 4) for key in (COMMON, *range(1000))]
    assert len({field.tobytes() for field in fields}) == 1001  # as many severities as a sweep may have


def test_neighbouring_fields_are_independent():
    keys = list(itertools.product((0, 1), (0, 1), (0, 1), (0, 1, 2)))
    fields = np.array([standard_normal((48, 48, 3), *key).ravel() for key in keys])
    correlations = np.corrcoef(fields)[np.triu_indices(len(keys), 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(fields.shape[1])
    values = fields.ravel()
    assert len(np.unique(values)) > 0.98 * len(values)  # none is another one moved along
    assert stats.kstest(values, "norm").pvalue > 1e-3


@given(keys, st.floats(0, 300), st.integers(0, 2**32 - 1))
def test_a_degraded_image_is_the_clipped_sum(key, sigma, content):
    clean = np.random.default_rng(content).integers(0, 256, (6, 5, 3), np.uint8)
    before = clean.copy()
    degraded = add_gaussian_noise(clean, sigma, *key)
    field = standard_normal((6, 5, 3), *key).astype(np.float64)
    np.testing.assert_allclose(degraded, np.clip(clean + sigma * field, 0, 255), rtol=1e-6, atol=1e-3)
    assert degraded.min() >= 0 and degraded.max() <= 255
    np.testing.assert_array_equal(clean, before)
    np.testing.assert_array_equal(degraded, add_gaussian_noise(clean.astype(np.float32), sigma, *key))


def test_no_noise_is_the_clean_image():
    clean = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    np.testing.assert_array_equal(add_gaussian_noise(clean, 0.0, 1, 2, 3, 4), clean)


def test_global_random_state_is_neither_read_nor_changed():
    np.random.seed(7)
    first = standard_normal((4, 4, 1), 0, 0, 0, 0)
    after = np.random.random()
    np.random.seed(7)
    assert after == np.random.random()
    np.testing.assert_array_equal(first, standard_normal((4, 4, 1), 0, 0, 0, 0))


def test_a_degraded_image_needs_no_tensorflow():
    code = (
        "import sys, numpy as np\n"
        "from tfstab.degradations import add_gaussian_noise\n"
        "print(float(add_gaussian_noise(np.full((1, 1, 1), 100, np.uint8), 1.0, 0, 0, 0, 0)[0, 0, 0]).hex())\n"
        "print([m for m in ('tensorflow', 'keras', 'PySide6') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    expected = np.float32(100) + np.float32(float.fromhex(FROZEN[0, 0, 0, 0][0]))
    assert printed.split("\n")[:2] == [float(expected).hex(), "[]"]
