"""Spectral norms of layers against their explicit matrices, and the frequency response of first kernels."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from explanation.networks import convolutional, explained, seeded
from scipy.sparse import diags_array
from scipy.sparse.linalg import aslinearoperator

from tfstab import Classifier, make_ensemble
from tfstab.classifier.layers import LayerCall, calls_of
from tfstab.explanation import fourier, kernels, operators
from tfstab.explanation.bands import kernel_ratio
from tfstab.explanation.kernels import first_response, output_distances, response
from tfstab.explanation.operators import _largest, is_linear, spectral_norm

L = keras.layers


class Squaring(L.Conv2D):
    """A convolution that squares its output."""

    def call(self, inputs):
        return super().call(inputs) ** 2


def built(layer, shape):
    """A layer with drawn weights and a bias, and its call."""
    layer(np.ones((1, *shape), np.float32))
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])
    return LayerCall("layer", layer, shape)


CASES = [
    (L.Conv2D(3, 3, activation="relu"), (6, 5, 2)),
    (L.Conv2D(3, 3, padding="same", activation="tanh"), (6, 5, 2)),
    (L.Conv2D(2, 3, 2, padding="same"), (5, 6, 3)),
    (L.Conv2D(4, (2, 3), groups=2, activation="softmax"), (5, 5, 4)),
    (L.Conv2D(2, 2, dilation_rate=2, use_bias=False), (5, 5, 2)),
    (L.Conv1D(3, 3, padding="causal"), (7, 2)),
    (L.DepthwiseConv2D(3, depth_multiplier=2), (5, 5, 2)),
    (L.SeparableConv2D(3, 2), (4, 4, 2)),
    (L.Conv2DTranspose(2, 3, 2), (4, 4, 3)),
    (L.Conv2D(1, 4), (4, 4, 1)),
    (L.Dense(5, activation="relu"), (7,)),
    (L.Dense(3), (4, 6)),
]


@pytest.mark.parametrize(
    ("layer", "shape"), CASES, ids=[f"{type(layer).__name__}-{k}" for k, (layer, _) in enumerate(CASES)]
)
def test_the_spectral_norm_is_the_largest_singular_value_of_the_layers_matrix(layer, shape):
    call = built(layer, shape)
    before = layer.activation, layer.use_bias
    found = spectral_norm(call)
    assert (layer.activation, layer.use_bias) == before
    layer.activation = None
    inputs = np.eye(int(np.prod(shape)), dtype=np.float32).reshape(-1, *shape)
    columns = (np.asarray(layer(inputs)) - np.asarray(layer(np.zeros_like(inputs)))).reshape(len(inputs), -1)
    assert found == pytest.approx(np.linalg.norm(columns.astype(np.float64), 2), rel=2e-3)


def test_a_large_dense_layer_is_decomposed_by_iteration(monkeypatch):
    call = built(L.Dense(40), (60,))
    exact = spectral_norm(call)
    monkeypatch.setattr("tfstab.explanation.operators.EXACT", 10)
    assert spectral_norm(call) == pytest.approx(exact, rel=2e-3)
    narrow = built(L.Dense(60), (10,))  # ten rows are few enough
    assert spectral_norm(narrow) == pytest.approx(np.linalg.norm(np.float64(narrow.layer.kernel), 2), rel=1e-12)


@pytest.mark.parametrize("layer", [Squaring(2, 3), L.MultiHeadAttention(1, 2), L.BatchNormalization()])
def test_a_layer_whose_map_is_not_known_has_no_norm(layer):
    assert not is_linear(layer)
    assert np.isnan(spectral_norm(LayerCall("layer", layer, (5, 5, 1))))


def test_a_high_pass_kernel_passes_high_frequencies_on():
    checks = np.indices((4, 4)).sum(axis=0) % 2 * 2.0 - 1
    high, low = (response(kernel[:, :, None, None]) for kernel in (checks, np.ones((4, 4))))
    assert kernel_ratio(high) > 3 and kernel_ratio(low) < 0.2
    assert np.unravel_index(high.argmax(), high.shape) == (16, 16)  # the corner of the spectrum
    np.testing.assert_allclose(low, np.roll(high, (16, 16), axis=(0, 1)), atol=1e-9)
    for one in (high, low):
        assert one.mean() == pytest.approx(1)


def test_responses_are_those_of_the_kernels_wherever_they_stand():
    rng = np.random.default_rng(0)
    one = np.zeros((3, 3, 2, 2))
    one[1, 2] = rng.normal(size=(2, 2))
    np.testing.assert_allclose(response(one), 1)  # a single pixel passes everything on
    kernel = rng.normal(size=(5, 5, 1, 1))
    power = np.abs(np.fft.fft2(kernel[:, :, 0, 0], (32, 32))) ** 2
    np.testing.assert_allclose(response(kernel), power / power.mean())
    large = rng.normal(size=(40, 3, 1, 1))  # at frequencies of 32 pixels, a larger kernel counts in full
    power = np.abs(np.fft.fft2(large[:, :, 0, 0], (64, 32))[::2]) ** 2
    np.testing.assert_allclose(response(large), power / power.mean())
    assert (response(np.zeros((3, 3, 1, 1))) == 0).all() and response(np.ones((1, 2, 1, 1))).mean() == pytest.approx(1)


def test_first_kernels_are_those_that_see_the_image():
    inputs = L.Input((8, 8, 3))
    scaled = L.DepthwiseConv2D(1)(inputs)
    branches = [L.Conv2D(2, 3)(L.Conv2D(4, 3, name=f"first{k}")(scaled)) for k in range(2)]
    model = seeded(keras.Model(inputs, L.Dense(3)(L.Flatten()(L.Concatenate()(branches)))))
    [calls] = calls_of(Classifier(model, outputs="logits", batch_size=2))
    assert calls[-1].name == "logits" and calls[-1].shape == (64,)
    kernel = np.concatenate([np.asarray(model.get_layer(f"first{k}").kernel) for k in range(2)], axis=3)
    np.testing.assert_allclose(first_response(calls), response(kernel.astype(np.float64)))
    assert np.isnan(first_response(calls[-1:])).all()


def test_an_ensemble_has_the_norms_and_the_response_of_each_member(tmp_path):
    members = [convolutional((6, 6, 1), seed=seed) for seed in range(2)]
    ensemble = make_ensemble([Classifier(member, name=f"m{k}", batch_size=16) for k, member in enumerate(members)])
    run = explained(ensemble, tmp_path / "run", only=("kernels", "layers"))
    arrays = run.arrays("kernels")
    assert arrays["names"].tolist() == ["one", "two", "logits"] * 2
    assert arrays["network"].tolist() == [0] * 3 + [1] * 3
    seen = run.arrays("layers")["names"]
    assert [str(name) for name in seen if name != "input"] == arrays["names"].tolist()
    for k, member in enumerate(members):
        kernel = np.asarray(member.get_layer("last").kernel, np.float64)
        assert arrays["norms"][3 * k + 2] == pytest.approx(np.linalg.norm(kernel, 2))
        np.testing.assert_allclose(
            arrays["response"][k], response(np.asarray(member.get_layer("one").kernel, np.float64))
        )
        assert fourier.radii(*arrays["response"][k].shape).shape == (32, 32)


def test_many_inputs_that_are_stretched_nearly_alike_do_not_stop_the_iteration():
    stretched = np.sqrt(np.linspace(0.2, 1, 3000)).astype(np.float32)
    assert _largest(aslinearoperator(diags_array(stretched))) == pytest.approx(1, rel=2e-3)


def test_the_columns_of_a_dense_layer_on_all_pixels_are_kernels():
    model = seeded(keras.Sequential([L.Input((4, 5, 3)), L.Flatten(), L.Dense(5, "relu"), L.Dense(60), L.Dense(2)]))
    [calls] = calls_of(Classifier(model, outputs="logits", batch_size=2))
    weights = np.asarray(model.layers[1].kernel, np.float64)
    found = first_response(calls, (4, 5, 3))
    np.testing.assert_allclose(found, response(weights.reshape(4, 5, 3, 5)))
    assert found.std() > 0.1
    for shape in ((), (60,), (5, 4, 2), (3, 4, 5, 1)):  # none that has an image's three axes and as many values
        assert np.isnan(first_response(calls, shape)).all()
    assert np.isnan(first_response([], (4, 5, 3))).all()
    assert np.isnan(first_response([built(L.Dense(3), (2, 60))], (4, 5, 3))).all(), "of two vectors, not of the image"
    for layer in (built(L.Dense(60), (7,)), built(L.BatchNormalization(), (60,))):
        assert np.isnan(first_response([LayerCall("layer", layer.layer, (60,))], (4, 5, 3))).all()


def call_of(layer, shape, weights):
    """The call of a layer with these weights and no bias."""
    layer.build((None, *shape))
    layer.set_weights([np.asarray(weights, np.float32)])
    return LayerCall("layer", layer, shape)


def test_the_distances_of_output_weights_by_hand():
    columns = np.array([[0.0, 0, 3, 6], [0, 0, 4, 8]])  # 0, 5, 10, 5, 10 and 5 apart, so typically 5
    last = call_of(L.Dense(4, use_bias=False), (2,), columns)
    other = call_of(L.Dense(3, use_bias=False), (4,), np.ones((4, 3)))
    nearest, near = output_distances([other, last], 4)
    assert nearest.tolist() == [1, 0, 0, 2] and near.tolist() == pytest.approx([0, 0, 1, 1])
    three = output_distances([call_of(L.Dense(3, use_bias=False), (2,), columns[:, 1:])], 3)
    assert three[0].tolist() == [1, 0, 1] and three[1].tolist() == pytest.approx([1, 1, 1])  # 5, 10 and 5 apart
    conv = call_of(L.Conv2D(4, 2, use_bias=False), (3, 3, 1), np.ones((2, 2, 1, 4)))
    two = call_of(L.Dense(2, use_bias=False), (2,), columns[:, :2])
    for calls, classes in (([], 4), ([last, conv], 4), ([last], 3), ([two], 2)):
        nearest, near = output_distances(calls, classes)
        assert nearest.tolist() == [0] * classes and np.isnan(near).all() and near.shape == (classes,)


def test_first_kernels_are_those_of_the_same_shape_that_are_given_the_same():
    rng = np.random.default_rng(2)

    def convolution(size, shape, **settings):
        kernel = rng.normal(size=(*size, shape[2], 2))
        return call_of(L.Conv2D(2, size, use_bias=False, **settings), shape, kernel), np.asarray(kernel, np.float32)

    wide, kernel = convolution((1, 2), (6, 6, 1))
    like, second = convolution((1, 2), (6, 6, 1))
    rest = [convolution((3, 3), (6, 6, 1))[0], convolution((1, 2), (5, 5, 1))[0]]
    pixel = convolution((1, 1), (6, 6, 1))[0]
    found = first_response([pixel, wide, *rest, like])
    np.testing.assert_allclose(found, response(np.concatenate([kernel, second], axis=3).astype(float)), rtol=1e-6)
    line = call_of(L.Conv1D(2, 3, use_bias=False), (6, 1), rng.normal(size=(3, 1, 2)))
    assert np.isnan(first_response([pixel, line])).all()
    depth = L.SeparableConv2D(2, 3, use_bias=False)
    depth.build((None, 6, 6, 1))
    found = first_response([LayerCall("layer", depth, (6, 6, 1))])
    np.testing.assert_allclose(found, response(np.asarray(depth.depthwise_kernel, np.float64)))


def test_layers_after_the_most_have_no_norm(monkeypatch):
    monkeypatch.setattr(kernels, "MOST_LAYERS", 1)
    classifier = Classifier(convolutional(), batch_size=2)
    found = kernels.compute(SimpleNamespace(classifier=classifier))
    assert np.isfinite(found["norms"]).tolist() == [True, False, False] and found["network"].tolist() == [0, 0, 0]


def test_the_norm_of_small_wide_and_unfinished_maps(monkeypatch):
    rng = np.random.default_rng(3)
    for shape in ((1, 5), (2, 5), (3, 5), (4, 5), (5, 4), (5, 3), (6, 6), (40, 60), (60, 40)):
        matrix = rng.normal(size=shape).astype(np.float32)
        exact = pytest.approx(np.linalg.norm(matrix.astype(float), 2), rel=2e-3)
        assert _largest(aslinearoperator(matrix)) == exact
        assert 1000 * _largest(aslinearoperator(matrix / 1000)) == exact
        for memory in (0, 1000):  # bytes: too few, so that the least number of vectors is kept; or room for some
            with monkeypatch.context() as patch:
                patch.setattr(operators, "MEMORY", memory)
                patch.setattr(operators, "RESTARTS", 100)
                assert _largest(aslinearoperator(matrix)) == exact
    pruned = np.diag(np.arange(6, dtype=np.float32))
    assert _largest(aslinearoperator(pruned)) == pytest.approx(5, rel=2e-3)
    nothing = call_of(L.Conv2D(2, 3, use_bias=False), (5, 5, 1), np.zeros((3, 3, 1, 2)))  # as of a pruned layer
    assert spectral_norm(nothing) == 0
    monkeypatch.setattr(operators, "RESTARTS", 1)
    monkeypatch.setattr(operators, "PRECISION", (1e-14, 1e-14))
    assert np.isnan(_largest(aslinearoperator(rng.normal(size=(300, 300)).astype(np.float32))))
    assert np.isnan(spectral_norm(LayerCall("layer", built(L.Conv2D(2, 3), (5, 5, 1)).layer, (None, 5, 1))))
