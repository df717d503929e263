"""Models that fail when they are run, or return what is no score: one sentence, whatever TensorFlow says."""

import keras
import numpy as np
import pytest
from keras import layers

from tfstab import Classifier, load_classifier
from tfstab.classifier import backend, running
from tfstab.classifier.running import check_size, reason_of
from tfstab.errors import InputError, ModelError

WHITE = np.full((2, 4, 4, 1), 255, np.uint8)


def tiny(*more, **settings):
    return keras.Sequential([layers.Input((4, 4, 1)), layers.Flatten(), *more, layers.Dense(3, **settings)])


def refusal(call, *arguments):
    with pytest.raises(ModelError) as refused:
        call(*arguments)
    text = str(refused.value)
    assert "\n" not in text and len(text) < 400
    return text


def embedding():
    """Looks up grey levels in a table of three."""
    return [layers.Embedding(3, 2), layers.Flatten()]


def test_what_tensorflow_raises_in_a_call_is_one_sentence():
    classifier = Classifier(tiny(*embedding(), activation="softmax"))
    for method in (classifier.scores, classifier.log_scores):
        assert "cannot score images: indices" in refusal(method, WHITE)
    assert "cannot score images" in refusal(classifier.gradients, WHITE, np.ones((2, 3)))
    assert classifier.scores(WHITE // 255).shape == (2, 3)  # it goes on with images that it takes


def test_and_where_a_model_is_tried_to_see_whether_it_gives_scores():
    assert "cannot score images: indices" in refusal(Classifier(tiny(*embedding())).scores, WHITE)


@pytest.mark.parametrize("name", ["of two words", "größe"])
def test_a_layers_name_that_tensorflow_does_not_take(name):
    classifier = Classifier(tiny(layers.ReLU(name=name), activation="softmax"))
    assert "scope name" in refusal(classifier.scores, WHITE)
    assert "scope name" in refusal(classifier.compile)
    assert keras.Variable(np.zeros(1), name="after").path == "after"  # the name spoils no later model


class Moody(layers.Layer):
    """Raises once it is in a bad mood."""

    bad = False
    error = AttributeError

    def call(self, x):
        if self.bad:
            raise self.error("first line\nsecond line")
        return x


@pytest.mark.parametrize("error", [AttributeError, IndexError])
def test_a_layer_of_ones_own_that_raises(error):
    layer = Moody()
    layer.error = error
    classifier = Classifier(tiny(layer, activation="softmax"))
    layer.bad = True
    assert "cannot score images: first line" in refusal(classifier.scores, WHITE)


def test_a_batch_that_needs_more_memory_than_a_workstation_has():
    model = keras.Sequential(
        [
            layers.Input((4, 4, 1)),
            layers.Resizing(4000, 4000),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    said = refusal(Classifier(model).scores, WHITE)
    assert "resize" in said and "gives 16.4 GB for 256 images; choose a smaller batch_size" in said
    assert Classifier(model, batch_size=2).scores(WHITE).shape == (2, 2)


def test_the_largest_tensor_of_an_image_and_of_a_batch():
    """Of one image 1 GiB, of a batch as many times more, but not above 8 GiB; nothing of it is computed."""
    import tensorflow as tf

    def traced(numbers):
        function = tf.function(lambda x: tf.broadcast_to(x, [numbers]), input_signature=[tf.TensorSpec((), tf.float32)])
        return function.get_concrete_function()

    one = 1 << 28  # float32 numbers in 1 GiB
    for numbers, batch in ((one, 1), (2 * one, 2), (8 * one, 8), (8 * one, 99)):
        check_size(traced(numbers), "net", batch)
    for numbers, batch, said in (
        (one + 1, 1, r"gives 1.1 GB for 1 images\.$"), (2 * one + 1, 2, r"gives 2.1 GB for 2 images\.$"),
        (8 * one + 1, 99, "gives 8.6 GB for 99 images; choose a smaller batch_size"),
    ):  # fmt: skip
        with pytest.raises(ModelError, match=f"net is refused: its operation '.*' {said}"):
            check_size(traced(numbers), "net", batch)


@pytest.mark.parametrize("names", [["a", "b"], list("abcd"), ["a"] * 10**6], ids=len)
def test_another_number_of_class_names_than_scores(names):
    assert f"3 classes but {len(names)} class names" in refusal(Classifier, tiny(), names)


def test_names_of_classes_that_fit_nowhere():
    assert "has 50,000,000 characters" in refusal(Classifier, tiny(), ["a", "b", "c" * 50_000_000])
    assert "'\\ud800' is not valid text" in refusal(Classifier, tiny(), ["a", "b", "\ud800"])
    assert Classifier(tiny(), ["", "ä", "c" * 1000]).class_names[1] == "ä"


def of_function(function, outputs):
    return Classifier.from_function(function, (4, 4, 1), 2, fingerprint="x", outputs=outputs, batch_size=2)


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="no numbers beyond float64 here")
@pytest.mark.parametrize("outputs", ["scores", "logits"])
def test_float128_beyond_float64(outputs):
    beyond = np.full((2, 2), np.longdouble("1e4000"))
    assert f"infinite {outputs}" in refusal(of_function(lambda images: beyond, outputs).scores, WHITE)
    halves = np.full((2, 2), np.longdouble("0.5"))
    assert of_function(lambda images: halves, outputs).scores(WHITE).tolist() == [[0.5, 0.5]] * 2


def test_images_beyond_float32():
    with pytest.raises(InputError, match="beyond float32"):
        Classifier(tiny(activation="softmax")).scores(np.full((2, 4, 4, 1), 1e300))


def test_what_a_layer_says_at_length_is_cut_off():
    layer = Moody()
    layer.error = lambda _: ValueError("word " * 100)
    classifier = Classifier(tiny(layer, activation="softmax"))
    layer.bad = True
    said = refusal(classifier.scores, WHITE).partition("cannot score images: ")[2]
    assert said.startswith("word word") and len(said) <= 201 < len(said) + 5
    assert reason_of(ValueError("x" * 200)) == "x" * 200 and len(reason_of(ValueError("x" * 201))) <= 200


def test_gradients_of_damaged_weights_are_refused():
    model = tiny(activation="softmax")
    classifier = Classifier(model)
    model.set_weights([np.full(weight.shape, np.nan) for weight in model.get_weights()])
    said = refusal(classifier.gradients, WHITE, np.ones((2, 3)))
    assert said.endswith("returned NaN or infinite gradients: its weights are damaged or diverged.")


class Taking(keras.Model):
    """Takes its images in a dictionary, list or alone, and returns one or several outputs."""

    def __init__(self, several=False):
        super().__init__(name="own")
        self.several, self.dense = several, layers.Dense(3, activation="softmax")

    def build(self, input_shape):
        self.dense.build((None, 16))

    def call(self, given):
        images = given["x"] if isinstance(given, dict) else given[0] if isinstance(given, list | tuple) else given
        scores = self.dense(keras.ops.reshape(images, (-1, 16)))
        return [scores, scores] if self.several else scores


def test_models_that_take_or_return_several_things(tmp_path):
    images = np.zeros((2, 4, 4, 1), np.float32)
    for given in ({"x": images}, [images]):
        model = Taking()
        model(given)
        assert refusal(Classifier, model).endswith("takes its inputs in a dictionary or list; expected images alone.")
    model = Taking(several=True)
    model(images)
    assert refusal(Classifier, model).endswith(
        "own has 2 outputs; expected one output, scores (N, K): make a model with one of them."
    )
    start = layers.Input((4, 4, 1))
    flat = layers.Flatten()(start)
    ends = [layers.Dense(3, name="signs")(flat), layers.Dense(1, name="light")(flat)]
    model, file = keras.Model(start, ends[::-1], name="functional_4"), tmp_path / "two heads.keras"
    model.save(file)
    for said, name in ((refusal(Classifier, model), "functional_4"), (refusal(load_classifier, file), file)):
        assert said == (
            f"{name} has 2 outputs (light (None, 1), signs (None, 3)); expected one output, scores (N, K): make a "
            'model with one of them, as with keras.Model(model.inputs, model.get_layer("signs").output).'
        )
    assert Classifier(keras.Model(model.inputs, model.get_layer("signs").output)).num_classes == 3
    part = keras.Model(start, ends[1], name="part")
    said = refusal(Classifier, keras.Model(again := layers.Input((4, 4, 1)), [part(again), part(again) * 2]))
    assert "(0: (None, 1), 1: (None, 1))" in said and said.endswith(
        "as with keras.Model(model.inputs, model.outputs[0])."
    )
    model = Taking()
    model(images)
    assert Classifier(model).scores(WHITE).shape == (2, 3)
    start = layers.Input((4, 4, 1))
    flat = layers.Flatten()(start)
    two = keras.Model(start, [layers.Dense(2)(flat), layers.Dense(3)(flat)], name="two")
    assert "two has 2 outputs" in refusal(Classifier, two)


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (2, None), (3, None), (6, None),  # 32 bytes are allowed for an image, and 96 for a batch
        (7, "gives 0.0 GB for 4 images; choose a smaller batch_size"), (8, "choose a smaller batch_size"),
        (9, r"gives 0\.0 GB for 4 images\.$"), (None, None),  # of no size that is known
    ],
)  # fmt: skip
def test_how_large_what_an_operation_returns_may_be(width, said, monkeypatch):
    tf = backend.tensorflow()
    monkeypatch.setattr(running, "TENSOR_OF_IMAGE", 32)
    monkeypatch.setattr(running, "TENSOR_OF_BATCH", 96)
    concrete = tf.function(tf.identity).get_concrete_function(tf.TensorSpec((4, width), tf.float32))
    if said is None:
        check_size(concrete, "net", 4)
    else:
        with pytest.raises(ModelError, match=rf"^net is refused: its operation '\w+' .*{said}"):
            check_size(concrete, "net", 4)
