"""What is decided about models by numbers and words: smoothing, compression, cards, names, configs and errors."""

import json
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from tfstab import Classifier, limits, load_classifier
from tfstab.degradations import standard_normal
from tfstab.errors import InputError, ModelError
from tfstab.models import archive, import_modules, keras_files, make_smoothed, missing
from tfstab.models.archive import check_config, save_compressed
from tfstab.models.bundled import bundled_names, own_data
from tfstab.models.cards import class_names, form
from tfstab.models.child import answer_of_child
from tfstab.models.copying import copy_classifier
from tfstab.models.noise_layer import AddNoise

SHAPE = (4, 3, 1)


def test_a_smoothed_function_averages_over_noise():
    seen = []

    def scores(images):
        seen.append(len(images))
        share = images.mean(axis=(1, 2, 3)) / 255
        return np.stack([share**2, 1 - share**2], axis=1)

    plain = Classifier.from_function(scores, SHAPE, 2, fingerprint="square", class_names=("a", "b"), batch_size=3)
    smoothed = make_smoothed(plain, 90.0, copies=5, seed=7, name="soft")
    images = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), np.uint8)
    noise = [90 * standard_normal(SHAPE, 7, copy, 2**64 - 3, 0) for copy in range(5)]
    expected = np.mean([scores(np.clip(images + one, 0, 255)) for one in noise], axis=0)
    np.testing.assert_allclose(smoothed.scores(images), expected, rtol=1e-5)
    assert (smoothed.name, smoothed.class_names, smoothed.batch_size) == ("soft", ("a", "b"), 3)
    changes = ({"sigma": 91.0}, {"copies": 6}, {"seed": 8})
    others = [make_smoothed(plain, **{"sigma": 90.0, "copies": 5, "seed": 7} | change) for change in changes]
    assert len({one.fingerprint for one in (plain, smoothed, *others)}) == 5
    free = Classifier.from_function(scores, SHAPE, 2, fingerprint="square")
    assert make_smoothed(free, 90.0, copies=2).any_batch and not smoothed.any_batch
    for sigma in (0.5, 999.9):
        assert make_smoothed(plain, sigma, copies=2).scores(images).shape == (4, 2)
    for sigma in (0, -1, 1000):
        with pytest.raises(InputError, match="expected a sigma above 0 and below 1000"):
            make_smoothed(plain, sigma, copies=2)


class Saved:
    """What Keras would save: a zip file with this content."""

    def __init__(self, **parts):
        self.parts = parts

    def save(self, path):
        with zipfile.ZipFile(path, "w") as made:
            for name, content in self.parts.items():
                made.writestr(name.replace("_json", ".json"), content)


def test_weights_of_few_different_bytes_are_compressed_with_lzma(tmp_path, monkeypatch):
    """Judged by a sample from the middle, which must lose more than a fifth."""
    monkeypatch.setattr(archive, "SAMPLE", 1000)
    random = np.random.default_rng(0).bytes(5000)
    few, many = random[:700] + bytes(300), random[:840] + bytes(160)
    parts = {
        "random": random, "short": random[:850] + bytes(50), "few": few, "many": many,
        "middle": random[:2000] + bytes(1000) + random[:2000], "ends": bytes(2000) + random[:1000] + bytes(2000),
    }  # fmt: skip
    metadata = json.dumps({"keras_version": "3", "date_saved": "today"})
    save_compressed(Saved(metadata_json=metadata, **parts), tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as made:
        kinds = {name: made.getinfo(name).compress_type for name in parts}
        assert {name for name, kind in kinds.items() if kind == zipfile.ZIP_LZMA} == {"few", "middle"}
        assert set(kinds.values()) == {zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED}
        assert all(made.read(name) == content for name, content in parts.items())
        assert json.loads(made.read("metadata.json")) == {"keras_version": "3"}
        assert {one.date_time[0] for one in made.infolist()} == {1980}


def test_each_bundled_network_has_the_data_of_its_kind():
    kinds = {"mnist-lenet": "mnist-5k", "cifar10-quick": "cifar10", "gtsrb-aghdam": "gtsrb"}
    for name in bundled_names():
        assert own_data(name) == next(data for kind, data in kinds.items() if name.startswith(kind))
    assert bundled_names()[:3] == tuple(kinds) and list(bundled_names()[3:]) == sorted(bundled_names()[3:])
    assert own_data("mnist-lenet.keras") is own_data("mnist-lenet-of-mine") is own_data("") is None


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"preprocess": "unit", "outputs": "logits"}, {"preprocess": "unit", "outputs": "logits"}),
        ({"preprocess": None, "outputs": "scores"}, {"outputs": "scores"}),
        ({"batch": 3}, {}), (["preprocess"], {}), (None, {}),
    ],
)  # fmt: skip
def test_what_a_card_says_of_inputs_and_outputs(told, known, tmp_path):
    (tmp_path / "m.json").write_text(json.dumps({"form": told}))
    assert form(tmp_path / "m.json") == known
    assert form(tmp_path / "none.json") == {}


def test_a_card_may_say_that_a_figure_is_no_number(tmp_path):
    (tmp_path / "m.json").write_text('{"history": [NaN], "class_names": ["a", "b"]}')
    assert class_names(tmp_path / "m.json") == ("a", "b")


def test_the_nearest_names_of_a_mistyped_file(tmp_path, monkeypatch):
    names = ("model-1.keras", "model-2.keras", "model-3.keras", "model-4.keras", "model-5.kerat", "other.onnx")
    for name in names:
        (tmp_path / name).touch()

    def near(name):
        return [Path(one).name for one in missing._nearest(tmp_path / name, (".keras", ".onnx", ".h5"))]

    assert near("model-5.keras") == ["model-4.keras", "model-3.keras", "model-2.keras"], "three at most"
    assert near("model-1.kera")[0] == near("mydel_1.kras")[0] == "model-1.keras" and near("otter.onnx") == [
        "other.onnx"
    ]
    assert near("nothing") == [] and missing._nearest(tmp_path / "no" / "x", (".keras",)) == []
    with monkeypatch.context() as patch:
        patch.setattr(limits, "NAMES_COMPARED", 2)  # of those with the right suffix, by name
        assert near("model-4.keras") == ["model-2.keras", "model-1.keras"]
    said = str(missing.missing_model(tmp_path / "other.onx", ("mnist-lenet",), (".keras", ".onnx")))
    assert said.endswith(f"other.onx does not exist: did you mean {tmp_path / 'other.onnx'}?")
    (tmp_path / "signs_v1").mkdir()
    (tmp_path / "signs_v1" / "saved_model.pb").touch()
    monkeypatch.chdir(tmp_path)
    for name in ("signs_V1", "./signs_V1"):
        told = str(missing.missing_model(Path(name), ("mnist-lenet",), (".keras",)))
        assert told == "signs_V1 does not exist: did you mean signs_v1?"
    told = str(missing.missing_model(Path("nothing"), ("mnist-lenet",), (".keras",)))
    assert told.startswith("there is neither a file or folder 'nothing' nor a bundled model of this name: give a .ker")
    for name, file in (("mnist-lenet.v2", False), ("mine.v2", True), ("mine", False), ("mine.keras", True)):
        told = missing.missing_model(Path(name), ("mnist-lenet", "cifar10-quick"), (".keras",))
        assert isinstance(told, ModelError if file else InputError), name


CLASS = {"class_name": "Dense", "module": "keras.layers", "config": {}, "registered_name": None}
FUNCTION = {"class_name": "function", "module": "builtins", "config": "relu", "registered_name": "function"}


@pytest.mark.parametrize(
    ("node", "fine"),
    [
        (CLASS, True), (CLASS | {"module": None}, True), (CLASS | {"module": "keras.src.layers.core.dense"}, True),
        (CLASS | {"module": "keras"}, True), (CLASS | {"module": "keras.utils"}, False),
        (CLASS | {"module": "kerasx.layers"}, False), (CLASS | {"module": 3}, False),
        (CLASS | {"class_name": "dense"}, False), (CLASS | {"class_name": "De nse"}, False),
        (CLASS | {"class_name": "Own", "registered_name": "pkg>Own"}, True),
        (CLASS | {"class_name": "Own", "module": None, "registered_name": "pkg>Other"}, False),
        (CLASS | {"class_name": "Own", "module": "mine", "registered_name": "Own"}, True),
        (CLASS | {"class_name": "Dense", "module": None, "registered_name": "other>Dense"}, False),
        (CLASS | {"class_name": 3}, False), (CLASS | {"class_name": "TFSMLayer"}, False),
        ({"class_name": "__numpy__", "module": "anything", "config": {}}, True),
        (FUNCTION, True), (FUNCTION | {"module": "keras.src.activations.activations"}, True),
        (FUNCTION | {"module": "keras.layers"}, False), (FUNCTION | {"module": None}, False),
        (FUNCTION | {"config": "os.system"}, False), (FUNCTION | {"config": {}}, False),
        (FUNCTION | {"module": "mine", "config": "pkg>own"}, True),
        (FUNCTION | {"module": "mine", "config": "own"}, True),
        (CLASS | {"config": {"vocabulary": "words.txt"}}, False), (CLASS | {"config": {"vocabulary": ["a"]}}, True),
        (CLASS | {"config": {"idf_weights": "x"}}, False), (CLASS | {"config": {"name": ".."}}, False),
        (CLASS | {"config": {"name": "..."}}, True), (CLASS | {"config": ["name"]}, True),
        (CLASS | {"config": {"batch_shape": [None, 10, 10, 1]}}, True),
        (CLASS | {"config": {"batch_shape": [None, 101, 1]}}, False),
        (CLASS | {"config": {"batch_input_shape": [2, 50]}}, True),
        (CLASS | {"config": {"batch_input_shape": [2, 51]}}, False),
        (CLASS | {"config": {"batch_shape": "large"}}, True),
    ],
)  # fmt: skip
def test_what_a_config_may_name(node, fine, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MODEL_IMAGE", 100)

    def written(config):
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as made:
            made.writestr("config.json", json.dumps(config))
        check_config(tmp_path / "m.keras", ["pkg>Own", "pkg>own"])

    for config in (node, {"layers": [{"inner": [1, node]}]}):
        if fine:
            written(config)
        else:
            with pytest.raises(ModelError, match=r"m\.keras was not loaded: it"):
                written(config)
    written({"compile_config": node, "class_name": "Sequential"})
    written([])


def test_layers_have_as_many_weights_as_the_file_and_few_more(monkeypatch):
    monkeypatch.setattr(keras_files, "SPARE_WEIGHTS", 3)
    monkeypatch.setattr(keras_files, "NOISE_FIELDS", 12)
    path = Path("m.keras")
    with keras_files._no_more_weights_than(7, path):
        keras.layers.Dense(4, use_bias=False).build((None, 2))
        keras.layers.Layer().add_weight(shape=(2,))
        with pytest.raises(ModelError, match=r"^m\.keras is refused: its layers need more weights than the file holds"):
            keras.layers.Layer().add_weight(shape=())
    with keras_files._no_more_weights_than(0, path):
        keras.layers.Layer().add_weight(shape=[2])
        keras.layers.Layer().add_weight()  # one number
        with pytest.raises(ModelError, match="need more weights"):
            keras.layers.Layer().add_weight()
        AddNoise(1.0, 0, 0).build((None, 3, 2, 1))
        AddNoise(1.0, 0, 0).build((None, 6))
        with pytest.raises(ModelError, match="its noise fields have more than 12 numbers"):
            AddNoise(1.0, 0, 0).build((None, 1))
    keras.layers.Dense(40).build((None, 2))
    AddNoise(1.0, 0, 0).build((None, 40))


def caused(error, cause, context=None):
    error.__cause__, error.__context__ = cause, context
    return error


KNOWN = InputError("unknown degradation 'rain'.")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("No model config found in\nthe file"), "it holds weights only: save"),
        (
            ValueError("Could not locate class 'Own'"),
            "it uses a custom class or function that Keras does not know ('Own')",
        ),
        (
            ValueError("Unknown layer: 'mine>Own'. Use custom_object_scope"),
            "it uses a custom class or function that Keras does not know ('mine>Own')",
        ),
        (ValueError("calling Lambda.call(). \x1b[1mWe could"), "the function of its Lambda layer does not work here."),
        (ValueError("bad marshal data (unknown type code)"), "the function of its Lambda layer does not work here."),
        (ValueError("\x1b[1mbold\x1b[0m"), "it is damaged or not a Keras model (bold)."),
        (TypeError("wrap it in custom_object_scope"), "it uses a custom class or function"),
        (ValueError("line one\n  line two"), "it is damaged or not a Keras model (line one line two)."),
        (ValueError("x" * 200), f"it is damaged or not a Keras model ({'x' * 160})."),
        (ValueError(), "it is damaged or not a Keras model (ValueError)."),
        (caused(ValueError("a"), InputError("sigma is 0.")), "it holds a layer that cannot be made: sigma is 0."),
        (caused(ValueError("a"), None, KNOWN), f"it holds a layer that cannot be made: {KNOWN} Give the module"),
        (caused(ValueError("a"), caused(KeyError("b"), None, KNOWN)), f"it holds a layer that cannot be made: {KNOWN}"),
        (caused(ValueError("a"), KeyError("b")), "it is damaged or not a Keras model (a)."),
    ],
)
def test_why_keras_does_not_load_a_model(error, said):
    assert keras_files._reason(error).startswith(said)
    assert not said.endswith("sigma is 0.") or keras_files._reason(error) == said


@pytest.mark.parametrize(("printed", "answer"), [('{"a": 1}', {"a": 1}), ("[1]", {}), ("damaged", {}), ('"a"', {})])
def test_the_answer_of_a_child_is_an_object_or_nothing(printed, answer, tmp_path):
    (tmp_path / "said.json").write_text(printed)
    assert answer_of_child("json.tool", [str(tmp_path / "said.json")], 60, tmp_path) == answer


def test_modules_are_looked_for_in_their_folder_and_in_the_current_one_at_last(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "by_value_one.py").write_text("")
    (tmp_path / "by_value_two.py").write_text("")
    (tmp_path / "by_value_bad.py").write_text("raise KeyError('a  b' + 300 * 'c')")
    (tmp_path / "json.py").write_text("")
    before = list(sys.path)
    import_modules(["sub/by_value_one.py", "by_value_two"])
    assert sys.path == [*before, str(tmp_path / "sub"), str(tmp_path)]
    import_modules([tmp_path / "sub" / "by_value_one.py", "by_value_two"])
    assert sys.path == [*before, str(tmp_path / "sub"), str(tmp_path)], "each folder once"
    with pytest.raises(InputError, match=r"'by_value_bad' cannot be imported \(KeyError: 'a b'?c{10}") as told:
        import_modules(["by_value_bad"])
    assert "'a b" + 196 * "c" + ")" in str(told.value), "200 characters"
    with pytest.raises(InputError, match=r"json\.py cannot be imported, as there is another module 'json': rename"):
        import_modules(["json.py"])


def own_loss(labels, scores):
    """A loss that no file can name."""
    return keras.ops.mean(keras.ops.square(labels - scores), axis=-1)


def test_the_training_of_a_model_does_not_matter_when_it_is_loaded_or_copied(tmp_path):
    """Compiled models of a loss of one's own, with a Lambda layer if the file is trusted."""
    layers = [keras.layers.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential(layers)
    model.compile(loss=own_loss)
    for name, trust in (("a.keras", False), ("b.keras", True), ("c.h5", True)):
        model.save(tmp_path / name)
        loaded = load_classifier(tmp_path / name, trust=trust)
        assert not loaded.model.compiled and loaded.fingerprint == Classifier(model).fingerprint
    twice = keras.Sequential([keras.layers.Input(SHAPE), keras.layers.Lambda(lambda images: 2 * images), *layers[1:]])
    twice.compile(loss=own_loss)
    images = np.random.default_rng(1).integers(0, 256, (3, *SHAPE), np.uint8)
    copy = copy_classifier(Classifier(twice), "copy")
    np.testing.assert_array_equal(copy.scores(images), Classifier(twice).scores(images))
    assert not copy.model.compiled
    twice.save(tmp_path / "twice.h5")
    trusted = load_classifier(tmp_path / "twice.h5", trust=True)
    np.testing.assert_array_equal(trusted.scores(images), copy.scores(images))
