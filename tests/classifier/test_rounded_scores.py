"""Scores of quantised models: rounded, so that their sums differ from 1."""

import numpy as np
import pytest

from tfstab import Classifier
from tfstab.errors import ModelError

SIDE, LEVELS = 4, 256
IMAGES = np.random.default_rng(3).integers(0, 256, (40, SIDE, SIDE, 1), np.uint8)
WEIGHTS = np.random.default_rng(4).normal(size=(SIDE * SIDE, 5)) * 2


def exact(images):
    logits = images.reshape(len(images), -1) / 255 @ WEIGHTS
    scores = np.exp(logits - logits.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def dequantised(images):
    """As a TFLite model of 8 bits returns them."""
    return np.round(exact(images) * LEVELS).clip(0, LEVELS - 1) / np.float32(LEVELS)


def made(function, outputs="scores"):
    return Classifier.from_function(function, (SIDE, SIDE, 1), 5, fingerprint="r", outputs=outputs)


def test_rounded_scores_are_divided_by_their_sum():
    rounded = dequantised(IMAGES)
    sums = rounded.sum(axis=1, keepdims=True)
    assert np.abs(sums - 1).max() > 3e-3
    classifier = made(dequantised)
    np.testing.assert_allclose(classifier.scores(IMAGES), rounded / sums, atol=1e-6)
    np.testing.assert_allclose(np.exp(classifier.log_scores(IMAGES)), rounded / sums, atol=1e-6)
    np.testing.assert_array_equal(classifier.scores(IMAGES[3:4]), classifier.scores(IMAGES)[3:4])
    np.testing.assert_allclose(made(exact).log_scores(IMAGES), np.log(exact(IMAGES)), atol=1e-6)


def test_rounded_scores_are_no_logits():
    for outputs in (dequantised, exact):
        with pytest.raises(ModelError, match=r"sums are .*1.*: these are scores and no logits; say so .outputs='score"):
            made(outputs, "logits").scores(IMAGES)
    assert made(lambda images: dequantised(images) * 2, "logits").scores(IMAGES).shape == (40, 5)


def test_scores_that_nearly_sum_to_1_are_to_be_divided():
    with pytest.raises(ModelError, match=r"divide them by their sum, which is 0\.95"):
        made(lambda images: 0.95 * exact(images)).scores(IMAGES)


def onnx_scores(*behind, returned="scores"):
    """The classifier of an ONNX file that ends in a softmax and other operators."""
    pytest.importorskip("onnx", reason="needs onnx")
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    from onnx import TensorProto, numpy_helper
    from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info

    from tfstab.classifier.onnx_model import OnnxClassifier

    nodes = [
        make_node("Flatten", ["x"], ["row"]),
        make_node("Gemm", ["row", "weights"], ["logits"]),
        make_node("Softmax", ["logits"], ["exact"]),
        *(make_node(kind, inputs, [output]) for kind, inputs, output in behind),
    ]
    arrays = {"weights": np.float32(WEIGHTS / 255), "step": np.float32(1 / 255), "zero": np.uint8(0)}
    graph = make_graph(
        nodes, "quantised",
        [make_tensor_value_info("x", TensorProto.FLOAT, ("n", 1, SIDE, SIDE))],
        [make_tensor_value_info(returned, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )  # fmt: skip
    content = make_model(graph, opset_imports=[make_opsetid("", 17)], ir_version=8).SerializeToString()
    return lambda **settings: OnnxClassifier(content, "quantised", **settings)


QUANTISED = [
    ("QuantizeLinear", ["exact", "step", "zero"], "whole"), ("DequantizeLinear", ["whole", "step", "zero"], "scores"),
]  # fmt: skip


def test_an_onnx_file_that_ends_in_a_softmax_and_quantisation_gives_scores():
    """As `onnxruntime.quantization.quantize_static` writes it."""
    load = onnx_scores(*QUANTISED)
    for classifier in (load(), load(outputs="scores")):
        assert classifier.returns == "scores"
        np.testing.assert_allclose(classifier.scores(IMAGES), exact(IMAGES), atol=1e-5)
    with pytest.raises(ModelError, match="ends in a softmax"):
        load(outputs="logits")


def test_an_onnx_file_whose_scores_are_rounded_gives_scores_whatever_it_ends_in():
    load = onnx_scores(*QUANTISED, ("Abs", ["scores"], "end"), returned="end")
    rounded = np.round(exact(IMAGES) * 255) / 255
    for classifier in (load(), load(outputs="scores")):
        assert classifier.returns == "scores"
        np.testing.assert_allclose(classifier.scores(IMAGES), rounded / rounded.sum(axis=1, keepdims=True), atol=1e-5)
    with pytest.raises(ModelError, match=r"these are scores and no logits; say so .--outputs scores"):
        load(outputs="logits")
    third = onnx_scores(("Add", ["exact", "step"], "end"), returned="end")
    with pytest.raises(ModelError, match=r"a sum of 1: divide them by their sum, which is 1\.02"):
        third(outputs="scores")
