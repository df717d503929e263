"""Models of one's own, by whatever way they were saved, score as they did where they were made."""

import sys

import keras
import numpy as np
import pytest
from keras import layers

from processes import tfstab_here
from tfstab import Classifier, SearchConfig, load_classifier, search_minimum_noise
from tfstab.classifier import backend
from tfstab.errors import InputError, ModelError
from tfstab.models import import_modules

SHAPE = (6, 5, 3)
IMAGES = np.random.default_rng(3).integers(0, 256, (20, *SHAPE), np.uint8)


def network():
    start = keras.initializers.RandomNormal(stddev=2.0, seed=7)
    return keras.Sequential(
        [layers.Input(SHAPE), layers.Flatten(), layers.Dense(4, kernel_initializer=start), layers.Softmax()], name="own"
    )


def test_classes_are_named_where_it_is_loaded_or_beside_it(tmp_path):
    model, names = network(), ("ant", "bee", "cat", "dog")
    assert load_classifier(model, class_names=names).class_names == names
    model.save(tmp_path / "own.keras")
    (tmp_path / "own.json").write_text('{"class_names": ["a", "b", "c", "d"]}')
    assert load_classifier(tmp_path / "own.keras").class_names == ("a", "b", "c", "d")
    assert load_classifier(tmp_path / "own.keras", class_names=names).class_names == names
    for given, said in ((("one",), "4 classes but 1 class names"), ("abcd", "expected a list of 4 names")):
        with pytest.raises(ModelError, match=said):
            load_classifier(model, class_names=given)
    for content, said in (("{", "repair or remove it"), ('{"class_names": "abcd"}', "not a list of names")):
        (tmp_path / "own.json").write_text(content)
        with pytest.raises(ModelError, match=said):
            load_classifier(tmp_path / "own.keras")
    (tmp_path / "own.json").write_text('{"name": "own"}')
    assert load_classifier(tmp_path / "own.keras").class_names == ("0", "1", "2", "3")


WAYS = {
    "keras": lambda model, folder: model.save(folder / "own.keras"),
    "h5": lambda model, folder: model.save(folder / "own.h5"),
    "exported": lambda model, folder: model.export(folder / "own", verbose=False),
    "weights compressed": lambda model, folder: _compressed(model, folder / "own.keras"),
}


def _compressed(model, path):
    import zipfile

    model.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


@pytest.mark.parametrize("way", WAYS)
def test_a_saved_model_scores_as_the_live_one(way, tmp_path):
    model = network()
    WAYS[way](model, tmp_path)
    (path,) = tmp_path.iterdir()
    options = {"preprocess": "unit", "trust": path.suffix != ".keras"}
    live, loaded = Classifier(model, preprocess="unit"), load_classifier(path, **options)
    np.testing.assert_allclose(loaded.scores(IMAGES), live.scores(IMAGES), atol=1e-6)
    np.testing.assert_allclose(loaded.log_scores(IMAGES), live.log_scores(IMAGES), rtol=1e-4, atol=1e-3)
    assert loaded.fingerprint == load_classifier(path, **options).fingerprint
    assert (loaded.fingerprint == live.fingerprint) == (way != "exported")
    weights = np.eye(4)[live.scores(IMAGES).argmax(axis=1)]
    for ours, theirs in zip(loaded.gradients(IMAGES, weights), live.gradients(IMAGES, weights), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3)
    if way == "exported":
        labels = live.scores(IMAGES).argmax(axis=1)
        for engine in ("pygad", "lbfgs"):
            config = SearchConfig(engine=engine, max_queries=1000)
            (found,) = search_minimum_noise(loaded, IMAGES[:1], labels[:1], config)
            assert found.found and found.l2 > 0


OUTPUTS = {
    "scores": (4, "softmax"), "logits": (4, "linear"), "sigmoid": (1, "sigmoid"), "logit": (1, "linear"),
}  # fmt: skip


def dense(units, activation):
    start = keras.initializers.RandomNormal(stddev=2.0, seed=7)
    return layers.Dense(units, activation, kernel_initializer=start)


def functional(units, activation):
    images = keras.Input(SHAPE)
    return keras.Model(images, dense(units, activation)(layers.Flatten()(images)))


KINDS = {
    "sequential": lambda *last: keras.Sequential([layers.Input(SHAPE), layers.Flatten(), dense(*last)]),
    "functional": functional,
    "nested": lambda *last: keras.Sequential([layers.Input(SHAPE), functional(*last)]),
}


# Once loaded, a model from an HDF5 file is the same as from a .keras file; an exported one has no layers of a kind.
@pytest.mark.parametrize(
    ("kind", "output", "way"),
    [
        *((kind, output, "keras") for kind in KINDS for output in OUTPUTS),
        *((kind, "logits", "h5") for kind in KINDS),
        *(("nested", output, "exported") for output in OUTPUTS),
    ],
)
def test_every_kind_of_model_comes_back_from_a_file(kind, output, way, tmp_path):
    model = KINDS[kind](*OUTPUTS[output])
    WAYS[way](model, tmp_path)
    (path,) = tmp_path.iterdir()
    told = {"outputs": "logits" if "logit" in output else "scores"} if OUTPUTS[output][0] == 1 else {}
    loaded = load_classifier(path, trust=way != "keras", preprocess="signed", **told)
    raw = model(IMAGES.astype(np.float32) / 127.5 - 1).numpy()
    if "logit" in output:
        raw = np.exp(raw) if raw.shape[1] > 1 else 1 / (1 + np.exp(-raw))
    expected = raw / raw.sum(axis=1, keepdims=True) if raw.shape[1] > 1 else np.hstack([1 - raw, raw])
    np.testing.assert_allclose(loaded.scores(IMAGES), expected, atol=1e-5)


def test_a_graph_of_whole_numbers_and_one_batch_size(tmp_path):
    import tensorflow as tf

    model = network()

    class Graph(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((8, *SHAPE), tf.uint8)])
        def serve(self, images):
            return {"scores": model(tf.cast(images, tf.float32))}

        @tf.function(input_signature=[tf.TensorSpec((8, *SHAPE)), tf.TensorSpec((8,))])
        def of_two(self, images, weights):
            return {"scores": model(images), "weights": weights}

        @tf.function(input_signature=[tf.TensorSpec(None)])
        def of_any(self, images):
            return {"scores": tf.reshape(images, (-1, 4))}

        @tf.function(input_signature=[tf.TensorSpec((8, *SHAPE))])
        def to_any(self, images):
            return {"scores": tf.reshape(images, tf.range(tf.random.uniform((), 2, 3, tf.int32)))}

    graph = Graph()
    graph.model = model
    tf.saved_model.save(graph, str(tmp_path / "one"), signatures={"serving_default": graph.serve})
    tf.saved_model.save(graph, str(tmp_path / "two"), signatures={"serving_default": graph.of_two})
    tf.saved_model.save(graph, str(tmp_path / "only"), signatures={"classify": graph.serve})
    tf.saved_model.save(graph, str(tmp_path / "other"), signatures={"predict": graph.serve, "train": graph.of_two})
    for name in ("of_any", "to_any"):
        tf.saved_model.save(graph, str(tmp_path / name), signatures={"serving_default": getattr(graph, name)})
    loaded = load_classifier(tmp_path / "one", trust=True)
    assert loaded.batch_size == 8
    np.testing.assert_allclose(loaded.scores(IMAGES + 0.3), Classifier(model).scores(IMAGES), atol=1e-6)
    with pytest.raises(ModelError, match="no gradients"):
        loaded.gradients(IMAGES, np.ones((20, 4)))
    only = load_classifier(tmp_path / "only", trust=True)
    np.testing.assert_array_equal(only.scores(IMAGES), loaded.scores(IMAGES), "its only signature is taken")
    said_of = {"two": "has 2 inputs", "other": "has the signatures predict, train, none of which is called 'serving_d"}
    for name, said in (said_of | dict.fromkeys(("of_any", "to_any"), "does not state the shapes")).items():
        with pytest.raises(ModelError, match=said):
            load_classifier(tmp_path / name, trust=True)


MODULE = """
import keras

@keras.saving.register_keras_serializable("{package}")
class Scorer(keras.Model):
    def __init__(self, units=4, **settings):
        super().__init__(**settings)
        self.units = units
        self.flat, self.dense = keras.layers.Flatten(), keras.layers.Dense(units, activation="softmax")

    def call(self, images):
        return self.dense(self.flat(images / 255))

    def get_config(self):
        return {{**super().get_config(), "units": self.units}}
"""


def test_a_module_of_ones_own_finds_all_packages_that_keras_can_use(tmp_path):
    """Commands let Keras do without them, unless such a module may need them."""
    loaded = "from tfstab.classifier import backend\nloaded = backend.tensorflow.cache_info().currsize"
    (tmp_path / "own_module.py").write_text(loaded)
    backend.need_optional()
    try:
        assert tfstab_here("--version").returncode == 0
        import_modules([])
        assert backend.left_out == set(backend.OPTIONAL)
        backend.tensorflow.cache_clear()  # as in a process that has not loaded it
        import_modules([str(tmp_path / "own_module.py")])
        assert not backend.left_out and sys.modules["own_module"].loaded, "TensorFlow's log is silenced before"
    finally:
        backend.need_optional()


def test_a_class_of_ones_own_needs_its_module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    (tmp_path / "my_scorer.py").write_text(MODULE.format(package="tfstab_test"))
    path = tmp_path / "own.keras"
    namespace = {}
    exec(MODULE.format(package="tfstab_test"), namespace)
    model = namespace["Scorer"]()
    before = model(IMAGES.astype(np.float32)).numpy()
    model.save(path)
    keras.saving.get_custom_objects().pop("tfstab_test>Scorer")  # as in another process
    with pytest.raises(ModelError, match=r"'Scorer'.*--import"):
        load_classifier(path)
    loaded = load_classifier(path, imports=["my_scorer"])
    np.testing.assert_allclose(loaded.scores(IMAGES), before, atol=1e-6)
    assert loaded.fingerprint == Classifier(model).fingerprint
    keras.saving.get_custom_objects().pop("tfstab_test>Scorer")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "my_scorer.py").rename(tmp_path / "elsewhere" / "my_scorer_file.py")
    assert load_classifier(path, imports=["elsewhere/my_scorer_file.py"]).fingerprint == loaded.fingerprint
    (tmp_path / "broken.py").write_text("1 / 0")
    (tmp_path / "ending.py").write_text("import sys; sys.exit()")  # a script without `if __name__ == "__main__"`
    said_of = {"no_such_module": "No module named", "broken": "ZeroDivisionError", "ending": r"\(SystemExit\)"}
    for name, said in said_of.items():
        with pytest.raises(InputError, match=f"module '{name}' cannot be imported .*{said}"):
            load_classifier(path, imports=[name])
