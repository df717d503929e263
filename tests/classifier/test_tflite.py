"""TFLite models: what they take and return, and which files are refused."""

import json
import threading

import cloudpickle
import flatbuffers
import numpy as np
import pytest
from PIL import Image
from tflite_files import by_interpreter, converted, network
from typer.testing import CliRunner

pytest.importorskip("ai_edge_litert", reason="needs ai-edge-litert")

from ai_edge_litert import schema_py_generated as schema

from tfstab import (
    Dataset,
    SearchConfig,
    SweepConfig,
    explain_failure,
    inspect_picture,
    load_classifier,
    run_sweep,
    search_minimum_noise,
)
from tfstab.classifier import tflite_graph, tflite_model
from tfstab.classifier.adapt import ModelInput
from tfstab.classifier.taken import describe_model
from tfstab.classifier.tflite_model import TfliteClassifier
from tfstab.cli.app import app
from tfstab.errors import InputError, ModelError
from tfstab.models import check_model, tflite_child, tflite_file
from tfstab.models.input_shape import input_of_file

RNG = np.random.default_rng(2)
COLOURS, NOISE = RNG.integers(0, 206, (40, 1, 1, 3)), RNG.integers(0, 50, (40, 12, 12, 3))
IMAGES = (COLOURS + NOISE).astype(np.uint8)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files of the same network: of float32, and quantised, for inputs 0..1 and -1..1 and for grey levels."""
    folder = tmp_path_factory.mktemp("tflite")
    contents = {
        "float": converted(network(rescaled=True)),
        "unit": converted(network(), np.int8),
        "signed": converted(network(), np.int8, -1, 1),
        "grey": converted(network(rescaled=True), np.uint8, 0, 255),
    }
    for name, content in contents.items():
        (folder / f"{name}.tflite").write_bytes(content)
    return folder


def test_a_float_file_gives_the_scores_of_the_interpreter(files):
    path = files / "float.tflite"
    (files / "float.json").write_text(json.dumps({"class_names": ["cat", "dog", "fox"]}))
    loaded = load_classifier(path)
    assert describe_model(loaded) == "float: 12 x 12 x 3, 3 outputs, scores, grey levels 0..255"
    assert loaded.class_names == ("cat", "dog", "fox") and loaded.kind == "a TFLite model"
    assert input_of_file(str(path)) == ModelInput((12, 12, 3), "NHWC", None)
    expected = by_interpreter(path.read_bytes(), IMAGES.astype(np.float32))
    np.testing.assert_allclose(loaded.scores(IMAGES), expected, atol=1e-6)
    assert len(np.unique(expected.argmax(axis=1))) > 1  # not a network that always says the same
    np.testing.assert_array_equal(loaded.scores(IMAGES[:1]), loaded.scores(IMAGES)[:1])
    sent = cloudpickle.loads(cloudpickle.dumps(loaded))  # to a worker
    np.testing.assert_array_equal(sent.scores(IMAGES), loaded.scores(IMAGES))
    assert loaded.fingerprint == sent.fingerprint != loaded.with_preprocess("unit").fingerprint
    with pytest.raises(InputError, match="refine needs gradients, which float"):
        search_minimum_noise(loaded, IMAGES[:1], [0], SearchConfig(refine=True))


@pytest.mark.parametrize(
    ("name", "form", "inputs"),
    [
        ("unit", "unit", IMAGES.astype(np.int16) - 128), ("grey", "none", IMAGES),
        ("signed", "signed", IMAGES.astype(np.int16) - 128),
    ],
)  # fmt: skip
def test_a_quantised_file_says_itself_which_inputs_it_takes(files, name, form, inputs):
    path = files / f"{name}.tflite"
    loaded = load_classifier(path)
    assert loaded.preprocess == form == load_classifier(path, preprocess=form).preprocess
    assert load_classifier(path, preprocess="none").preprocess == "none", "what is given counts more"
    given = by_interpreter(path.read_bytes(), inputs.astype(np.uint8 if name == "grey" else np.int8))
    assert np.ptp(given.sum(axis=1)) > 0  # the scores are rounded, and their sums with them
    np.testing.assert_allclose(loaded.scores(IMAGES), given / given.sum(axis=1, keepdims=True), atol=1e-6)
    np.testing.assert_array_equal(loaded.scores(IMAGES), loaded.scores(IMAGES + np.float32(0.3)))  # inputs are rounded
    stated = {"none": "mean=0/std=1.000001", "unit": "mean=0/std=255", "signed": "unit/mean=0.5/std=0.5"}[form]
    np.testing.assert_allclose(
        load_classifier(path, preprocess=stated).scores(IMAGES), loaded.scores(IMAGES), atol=0.02
    )
    same = load_classifier(path, image_shape=(12, 12, 1)).scores(IMAGES[..., :1])
    np.testing.assert_array_equal(same, loaded.scores(np.repeat(IMAGES[..., :1], 3, axis=3)))


def test_several_threads_get_the_same_scores(files):
    loaded, found = load_classifier(files / "unit.tflite"), {}
    several = [loaded, loaded.with_batch_size(5), loaded.with_batch_size(8)]  # which share one interpreter

    def score(i):
        found[i] = [several[i % 3].scores(IMAGES) for _ in range(10)]

    threads = [threading.Thread(target=score, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for scores in [one for made in found.values() for one in made]:
        np.testing.assert_array_equal(scores, loaded.scores(IMAGES))
    assert len(found) == 6


def test_forms_of_outputs_and_of_input():
    sigmoid = TfliteClassifier(converted(network("sigmoid", 1), np.uint8), "tiny")
    assert (sigmoid.num_classes, sigmoid.returns, sigmoid.preprocess) == (2, "scores", "unit")
    np.testing.assert_allclose(sigmoid.scores(IMAGES).sum(axis=1), 1)
    logits = TfliteClassifier(converted(network(None), batch=1), "tiny", preprocess="unit")
    scores = TfliteClassifier(converted(network()), "tiny", preprocess="unit")
    assert (logits.returns, logits.batch_size, scores.batch_size) == ("logits", 1, 256)
    np.testing.assert_allclose(logits.scores(IMAGES), scores.scores(IMAGES), atol=1e-5)
    with pytest.raises(ModelError, match="ends in a softmax"):
        TfliteClassifier(scores.network.content, "tiny", outputs="logits")
    with pytest.raises(InputError, match=r"were given, but tiny takes \(N, 12, 12, 3\)"):
        scores.for_images((5, 5, 3))


def test_files_that_are_damaged_and_a_package_that_is_missing(files, tmp_path, monkeypatch):
    good = (files / "unit.tflite").read_bytes()
    path = tmp_path / "net.tflite"
    for content in (b"", b"not a model", good[:4] + b"TFL2" + good[8:], good[:600], good[:8] + bytes(range(256)) * 4):
        path.write_bytes(content)
        assert input_of_file(str(path)) is None
        for trust in (False, True):
            with pytest.raises(ModelError, match=r"net.tflite (is damaged or not a TFLite model|was not loaded by)"):
                load_classifier(path, trust=trust)
    monkeypatch.setattr(tflite_file, "NEEDED", "litert_on_mars")
    with pytest.raises(InputError, match=r"needs ai-edge-litert: install it with pip install 'tfstab\[tflite\]'"):
        check_model(path)


def test_graphs_that_are_refused(files, monkeypatch):
    from keras import layers, ops

    class Last(layers.Layer):  # what Keras has no layer for
        def call(self, features):
            many = ops.cast(9 * ops.max(features), "int32")
            return features + ops.cast(ops.sum(ops.arange(many)), "float32")

    content = converted([*network(), Last()])
    with pytest.raises(ModelError, match=r"tiny is refused: the size of what its operator 'RANGE' returns depends"):
        tflite_child.check_operators(content, "tiny")
    tflite_child.check_operators((files / "unit.tflite").read_bytes(), "tiny")
    builtin = set(vars(schema.BuiltinOperator))
    assert set(tflite_child.SIZED_BY) | {*tflite_child.KEEPING, *tflite_child.REFUSED} - {"unknown"} <= builtin
    for kind, said in (("REFUSED", "'CONV_2D' is a loop, or none"), ("KEEPING", "'CONV_2D' keeps values from one ba")):
        monkeypatch.setattr(tflite_child, kind, ("CONV_2D",))
        with pytest.raises(ModelError, match=f"tiny is refused: its operator {said}"):
            tflite_child.check_operators(content, "tiny")
        monkeypatch.undo()
    for change, said in ((backwards, "takes what is computed only later"), (twice, "it holds more than one graph")):
        with pytest.raises(ModelError, match=f"tiny is refused: .*{said}"):
            tflite_child.check_operators(changed((files / "float.tflite").read_bytes(), change), "tiny")


def changed(content, change):
    """A file, changed by a function of its content as an object."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    change(model)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), tflite_graph.MAGIC)
    return bytes(builder.Output())


def backwards(model):
    model.subgraphs[0].operators.reverse()


def twice(model):
    model.subgraphs.append(model.subgraphs[0])


def test_a_file_may_not_declare_millions_of_inputs_or_dimensions(files):
    """Which would fill the memory of the process that looks at the input, such as the viewer."""

    def inputs(model):
        model.subgraphs[0].inputs = np.zeros(1_000, np.int32)

    def dimensions(model):
        first = model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]]
        first.shape = first.shapeSignature = np.ones(1_000, np.int32)

    for change in (inputs, dimensions):
        with pytest.raises(ModelError, match="tiny is damaged or not a TFLite model"):
            tflite_graph.parsed(changed((files / "float.tflite").read_bytes(), change), "tiny")


def test_a_batch_that_would_fill_the_memory_is_refused(files, monkeypatch):
    loaded = load_classifier(files / "float.tflite")
    monkeypatch.setattr(tflite_model, "TENSOR_OF_BATCH", 4 * 12 * 12 * 12 * 3)
    with pytest.raises(ModelError, match="for 256 images; choose a smaller batch_size"):
        loaded.scores(IMAGES)
    assert loaded.with_batch_size(4).scores(IMAGES).shape == (40, 3)


def test_the_sentences_of_a_message_of_litert_do_not_run_together(files, monkeypatch):
    classifier = load_classifier(files / "float.tflite")

    def fail(*given):
        raise RuntimeError(
            "XNNPack delegate failed to reshape runtimeNode number 7 (X) failed to prepare.Failed to apply."
        )

    monkeypatch.setattr(tflite_model.TfliteNetwork, "_resize", fail)
    with pytest.raises(ModelError) as error:
        classifier.scores(IMAGES)
    assert str(error.value).endswith(
        "cannot score images: XNNPack delegate failed to reshape runtime. Node number 7 (X) failed to prepare. "
        "Failed to apply."
    )


def test_evaluate_and_assess_take_a_quantised_file(files, tmp_path, capsys):
    loaded = load_classifier(files / "unit.tflite")
    labels = loaded.scores(IMAGES).argmax(axis=1)
    labels[:4] = (labels[:4] + 1) % 3
    np.savez(tmp_path / "twelve.npz", images=IMAGES, labels=labels)
    np.savez(tmp_path / "train.npz", images=IMAGES[:, ::-1], labels=labels)
    model, data, out = str(files / "unit.tflite"), str(tmp_path / "twelve.npz"), str(tmp_path / "out")
    commands = {
        "evaluate": ["--model", model, "--data", data],
        "assess": [model, data, "--minutes", "0.05", "--no-search", "--degradation", "contrast", "--out", out],
        "harden": [model, data, "--train", str(tmp_path / "train.npz"), "--out", str(tmp_path / "hard")],
    }
    said = {name: CliRunner().invoke(app, [name, *words]) for name, words in commands.items()}
    assert "36 of 40 images" in said["evaluate"].output
    assert "unit: 12 x 12 x 3, 3 outputs, scores, inputs 0..1" in said["assess"].output
    assert said["assess"].exit_code == 0 and (tmp_path / "out" / "report.html").exists(), said["assess"].output
    assert "unit cannot be trained: it is a TFLite model, whose weights tfstab cannot change" in said["harden"].output


def test_why_a_picture_is_predicted_so_names_the_keras_model_that_shows_more(files, tmp_path):
    loaded = load_classifier(files / "grey.tflite")
    data = Dataset.from_arrays("noise", "test", IMAGES, loaded.scores(IMAGES).argmax(axis=1), loaded.class_names)
    run = run_sweep(loaded, data, SweepConfig(degradation="fog", severities=(20,), copies=1), tmp_path / "run")
    Image.fromarray(IMAGES[0]).save(tmp_path / "picture.png")
    why = inspect_picture(loaded, tmp_path / "picture.png", run=run, why=True).why
    assert why.cause == "The layers of this model cannot be examined"
    assert why.sentences[-1].startswith("If the file was made from a Keras model, assess that model and give its ")
    lost = explain_failure(loaded, run, int(run.measures.images[run.measures.wrong_share.any(axis=1)][0]))
    assert lost.sentences[-1] == (
        "It is not known where in the network it is lost: tfstab cannot look inside a TFLite model. If the file was "
        "made from a Keras model, look at the image with that model."
    )
