"""A classifier gives the same bits whatever the batch, logarithms that do not saturate, and says what is wrong."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from scipy.special import log_softmax, softmax

from tfstab import Classifier
from tfstab.errors import InputError, ModelError
from tfstab.sweep.score import in_large_batches

SHAPE, CLASSES = (6, 5, 3), 4
IMAGES = np.random.default_rng(1).integers(0, 256, (40, *SHAPE), np.uint8)


def body(seed=0):
    """Layers up to the features, with weights from the seed."""
    start = keras.initializers.HeNormal(seed)
    return [
        layers.Input(SHAPE),
        layers.Rescaling(1 / 255),
        layers.Conv2D(6, 3, activation="relu", kernel_initializer=start),
        layers.Flatten(),
    ]


def dense(activation=None, scale=1.0):
    start = keras.initializers.RandomNormal(stddev=scale, seed=5)
    return layers.Dense(CLASSES, activation=activation, kernel_initializer=start, bias_initializer=start)


def functional(scale):
    inputs, *steps = keras.Input(SHAPE), *body()[1:]
    x = inputs
    for step in [*steps, dense("softmax", scale)]:
        x = step(x)
    return keras.Model(inputs, x)


def shared(scale):
    """Its softmax layer has been used in another model before."""
    head = dense("softmax", scale)
    keras.Sequential([layers.Input((36 * 2,)), head])
    return keras.Sequential([*body(), head])


def branches(scale):
    """Another branch's layer is built last, and the last layer has two inputs."""
    inputs = keras.Input(SHAPE)
    features = keras.Sequential(body())(inputs)
    return keras.Model(inputs, layers.Average()([dense("softmax", scale)(features), dense("softmax", scale)(features)]))


# Models of the same function, softmax(dense(features)), and whether its logits can be seen.
FORMS = {
    "logits": lambda s: keras.Sequential([*body(), dense(None, s)]),
    "dense with softmax": lambda s: keras.Sequential([*body(), dense("softmax", s)]),
    "activation layer": lambda s: keras.Sequential([*body(), dense(None, s), layers.Activation("softmax")]),
    "softmax layer": lambda s: keras.Sequential([*body(), dense(None, s), layers.Softmax()]),
    "functional": functional,
    "nested": lambda s: keras.Sequential(
        [layers.Input(SHAPE), layers.Identity(), keras.Sequential([*body(), dense("softmax", s)])]
    ),
    "nested twice": lambda s: keras.Sequential([layers.Input(SHAPE), keras.Sequential([functional(s)])]),
    "nested logits": lambda s: keras.Sequential([layers.Input(SHAPE), keras.Sequential([*body(), dense(None, s)])]),
    "shared head": shared,
}
each_form = pytest.mark.parametrize("make", [*FORMS.values(), branches], ids=[*FORMS, "branches"])
each_form_with_logits = pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)


def logits(scale):
    return np.asarray(FORMS["logits"](scale)(IMAGES.astype(np.float32)), np.float64)


@pytest.fixture(scope="module")
def small():
    return Classifier(FORMS["dense with softmax"](1.0))


@pytest.fixture(scope="module")
def sized(small):
    """Classifiers of the same model, one a batch size."""
    made = {}
    return lambda size: made.setdefault(size, small.with_batch_size(size))


@given(n=st.integers(1, 40), batch_size=st.sampled_from([2, 3, 7, 16, 33, 64]), start=st.integers(0, 39))
def test_every_batch_size_gives_the_same_bits(small, sized, n, batch_size, start):
    images = np.roll(IMAGES, start, axis=0)[:n]
    np.testing.assert_array_equal(sized(batch_size).scores(images), small.scores(images))
    np.testing.assert_array_equal(sized(batch_size).log_scores(images), small.log_scores(images))
    np.testing.assert_array_equal(small.scores(images), np.roll(small.scores(IMAGES), start, axis=0)[:n])


@settings(max_examples=8)
@given(batch_size=st.integers(2, 64), n=st.integers(1, 40))
def test_any_batch_size_at_all(small, batch_size, n):
    np.testing.assert_array_equal(small.with_batch_size(batch_size).scores(IMAGES[:n]), small.scores(IMAGES[:n]))


def test_no_call_is_traced_anew(small):
    fresh = small.with_batch_size(8)
    for n in (1, 5, 8, 9, 40, 3):
        for images in (IMAGES[:n], IMAGES[:n].astype(np.float32), IMAGES[:n].astype(np.float64)):
            fresh.scores(images)
            fresh.log_scores(images)
    assert fresh._compiled.function.experimental_get_tracing_count() == 1


@each_form
def test_a_classifier_can_be_compiled_before_anything_else(make):
    classifier = Classifier(make(1.0))
    classifier.compile()
    scores = classifier.scores(IMAGES)
    assert classifier._compiled.function.experimental_get_tracing_count() == 1
    np.testing.assert_array_equal(scores, Classifier(make(1.0)).scores(IMAGES))


@each_form
def test_uint8_and_float_images_have_the_same_scores(make):
    classifier = Classifier(make(1.0))
    scores = classifier.scores(IMAGES)
    assert scores.dtype == np.float32 and scores.shape == (40, CLASSES)
    np.testing.assert_array_equal(scores, classifier.scores(IMAGES.astype(np.float32)))
    np.testing.assert_array_equal(scores, classifier.scores(IMAGES.astype(np.int64)))


@each_form
def test_scores_are_the_softmax_and_log_scores_its_logarithm(make):
    classifier = Classifier(make(1.0))
    np.testing.assert_allclose(classifier.scores(IMAGES), softmax(logits(1.0), axis=1), rtol=2e-5)
    log_scores = classifier.log_scores(IMAGES)
    assert log_scores.dtype == np.float64
    np.testing.assert_allclose(log_scores, log_softmax(logits(1.0), axis=1), atol=2e-5)


@each_form_with_logits
def test_log_scores_keep_their_slope_where_scores_have_saturated(make):
    classifier = Classifier(make(3000.0))
    scores, log_scores = classifier.scores(IMAGES), classifier.log_scores(IMAGES)
    assert (np.sort(scores)[:, -1] == 1).mean() > 0.9 and (np.sort(scores)[:, -2] == 0).mean() > 0.9
    np.testing.assert_allclose(log_scores, log_softmax(logits(3000.0), axis=1), rtol=1e-4, atol=1e-2)
    assert len(np.unique(log_scores.min(axis=1))) == 40  # each image its own, far below what float32 scores hold
    assert np.median(log_scores.min(axis=1)) < -1000


def test_a_model_whose_logits_cannot_be_seen_has_finite_log_scores():
    log_scores = Classifier(branches(3000.0)).log_scores(IMAGES)
    assert np.isfinite(log_scores).all() and log_scores.min() < -80


def test_looking_for_logits_leaves_the_model_as_it_was(small):
    before = small.model(IMAGES.astype(np.float32)).numpy()
    small.log_scores(IMAGES)
    np.testing.assert_array_equal(small.model(IMAGES.astype(np.float32)).numpy(), before)
    assert small.model.layers[-1].activation is keras.activations.softmax


def test_half_precision_models_are_scored():
    half = [
        layers.Input(SHAPE), layers.Rescaling(1 / 255), layers.Flatten(dtype="mixed_float16"),
        layers.Dense(CLASSES, activation="softmax", dtype="mixed_float16"),
    ]  # fmt: skip
    classifier = Classifier(keras.Sequential(half))
    expected = classifier.model(IMAGES.astype(np.float32)).numpy()
    np.testing.assert_allclose(classifier.scores(IMAGES), expected, atol=5e-3)


def test_dropout_is_off_and_no_images_are_no_scores():
    with_dropout = Classifier(keras.Sequential([*body(), layers.Dropout(0.9), dense("softmax")]))
    np.testing.assert_allclose(with_dropout.scores(IMAGES), softmax(logits(1.0), axis=1), rtol=2e-5)
    assert with_dropout.scores(IMAGES[:0]).shape == with_dropout.log_scores(IMAGES[:0]).shape == (0, CLASSES)


# --- what is refused ---


@pytest.mark.parametrize("ask", ["scores", "log_scores"])
@pytest.mark.parametrize(
    ("images", "said"),
    [
        (IMAGES[0], r"\(6, 5, 3\) were given, but .* takes \(N, 6, 5, 3\)"),
        (IMAGES[..., :1], r"\(40, 6, 5, 1\)"),
        (IMAGES.transpose(0, 2, 1, 3), r"\(40, 5, 6, 3\)"),
        (np.where(IMAGES > 250, np.nan, IMAGES), "NaN"),
        (np.where(IMAGES > 250, -np.inf, IMAGES), "infinite"),
        (IMAGES.astype(str), "type <U3"),
        (IMAGES.astype(complex), "complex"),
    ],
)
def test_images_of_another_kind_are_refused(small, ask, images, said):
    with pytest.raises(InputError, match=said):
        getattr(small, ask)(images)


def test_damaged_weights_are_named():
    model = FORMS["dense with softmax"](1.0)
    kernel, bias = model.layers[-1].get_weights()
    kernel[0, 0] = np.nan
    model.layers[-1].set_weights([kernel, bias])
    for ask in (Classifier(model).scores, Classifier(model).log_scores):
        with pytest.raises(ModelError, match="returned NaN"):
            ask(IMAGES)


def two_inputs():
    inputs = [keras.Input(SHAPE), keras.Input(SHAPE)]
    return keras.Model(inputs, dense()(layers.Flatten()(layers.Add()(inputs))))


def two_outputs():
    inputs = keras.Input(SHAPE)
    features = layers.Flatten()(inputs)
    return keras.Model(inputs, [dense()(features), dense()(features)])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: None, "NoneType was given; expected a built Keras 3 model"),
        (lambda: keras.Sequential([layers.Dense(2)]), "not built; expected a built model"),
        (lambda: keras.Sequential([layers.Input((9,)), layers.Dense(2)]), r"\(None, 9\); expected one image input"),
        (lambda: keras.Sequential([layers.Input((8, 8, 4)), layers.GlobalMaxPool2D()]), "of 1 or 3 channels"),
        (two_inputs, "takes 2 inputs; expected one image input"),
        (
            two_outputs,
            r"has 2 outputs \(dense.*\); expected one output, scores .*, model.get_layer\(\"dense\w*\"\).output\)",
        ),
        (lambda: keras.Sequential([layers.Input(SHAPE), layers.Conv2D(2, 3)]), "expected scores"),
        (lambda: keras.Sequential([layers.Input(SHAPE), layers.Flatten(), layers.Dense(1)]), "one number an image"),
        (lambda: keras.Sequential([*body(), dense("sigmoid")]), "several sigmoids"),
    ],
)
def test_models_of_another_kind_are_refused(make, said):
    with pytest.raises(ModelError, match=said):
        Classifier(make())


def test_names_and_batch_sizes_must_fit(small):
    with pytest.raises(ModelError, match="4 classes but 2 class names"):
        Classifier(small.model, ("a", "b"))
    for wrong in (1, 2.5, "3"):
        with pytest.raises(InputError, match=f"batch_size is {wrong!r}; expected a whole number, 2 or more"):
            small.with_batch_size(wrong)
    named = Classifier(small.model, tuple("abcd"), "mine", 8).with_batch_size(4)
    assert (named.class_names, named.name, named.batch_size) == (tuple("abcd"), "mine", 4)
    assert small.class_names == ("0", "1", "2", "3")


# --- fingerprints ---


def test_the_fingerprint_survives_saving_and_new_names(tmp_path):
    model = keras.Sequential([*body(), layers.Dropout(0.5), dense("softmax")], name="first")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    again = keras.Sequential([*body(), layers.Dropout(0.5), dense("softmax")], name="second")
    assert len({Classifier(m).fingerprint for m in (model, loaded, again)}) == 1
    assert Classifier(model).with_batch_size(8).fingerprint == Classifier(model).fingerprint


def test_the_fingerprint_is_of_every_weight_and_setting():
    original = FORMS["dense with softmax"](1.0)
    changed = [original, FORMS["logits"](1.0), FORMS["softmax layer"](1.0)]
    for position in range(len(original.weights)):
        other = keras.models.clone_model(original)
        weights = [w.copy() for w in original.get_weights()]
        weights[position].ravel()[0] = np.nextafter(weights[position].ravel()[0], np.float32(9))
        other.set_weights(weights)
        changed.append(other)
    leaky = keras.Sequential([*body(), dense("softmax")])
    leaky.layers[1].activation = keras.activations.leaky_relu
    brighter = keras.Sequential([layers.Input(SHAPE), layers.Rescaling(1 / 128), *body()[2:], dense("softmax")])
    half = keras.Sequential([layers.Input(SHAPE), layers.Flatten(), layers.Dense(2, dtype="mixed_float16")])
    whole = keras.Sequential([layers.Input(SHAPE), layers.Flatten(), layers.Dense(2)])
    whole.set_weights(half.get_weights())
    changed += [leaky, brighter, half, whole]
    prints = [Classifier(model).fingerprint for model in changed]
    assert len(set(prints)) == len(prints) == 11


OPERATIONS = {
    "divided": lambda images: images / 255.0,
    "divided by another number": lambda images: images / 127.0,
    "shifted as well": lambda images: images / 127.5 - 1,
    "divided by an array": lambda images: images / np.float32(254),
    "rounded": lambda images: keras.ops.round(images / 64) * 64,
    "exchanged": lambda images: 255.0 / (images + 1),
    "mirrored": lambda images: images[:, :, ::-1],
    "itself": lambda images: images,
}


def operating(operation, twice=False):
    images = keras.Input(SHAPE)
    features = layers.Flatten()(operation(images))
    dark = layers.Rescaling(-1.0)(features)
    sums = layers.Add()([features, features if twice else dark])
    return keras.Model(images, layers.Dense(2, "softmax", kernel_initializer="ones")(sums))


def test_the_fingerprint_is_of_operations_that_are_no_layers_and_of_how_layers_are_connected(tmp_path):
    models = [*map(operating, OPERATIONS.values()), operating(OPERATIONS["itself"], twice=True)]
    assert len({Classifier(model).fingerprint for model in models}) == len(models)
    within = [keras.Sequential([layers.Input(SHAPE), model]) for model in models]
    assert len({Classifier(model).fingerprint for model in within}) == len(models)
    for model in models:
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        again = keras.models.clone_model(loaded)
        again.set_weights(model.get_weights())
        assert Classifier(loaded).fingerprint == Classifier(again).fingerprint == Classifier(model).fingerprint


@pytest.mark.parametrize("same", [2.0, np.float32(2)])
def test_the_fingerprint_is_of_what_a_function_computes(same):
    def over(number):
        return operating(lambda images: keras.ops.vectorized_map(lambda image: image / number, images))

    turned = operating(lambda images: keras.ops.vectorized_map(lambda image: 1 - image, images))
    found = [Classifier(model).fingerprint for model in (over(2), over(same), over(3), turned)]
    assert found[0] == found[1] and len(set(found)) == 3


def test_the_fingerprint_does_not_depend_on_where_a_function_lies_in_memory():
    first, second = (operating(lambda images: keras.ops.vectorized_map(lambda image: image / 2, images)) for _ in "ab")
    assert Classifier(first).fingerprint == Classifier(second).fingerprint


class Times(keras.Model):
    """A model in a model that has no weights, but a setting."""

    def __init__(self, factor, **settings):
        super().__init__(**settings)
        self.factor = factor

    def call(self, images):
        return images * self.factor

    def get_config(self):
        return {"factor": self.factor}


def test_the_fingerprint_is_of_what_a_model_inside_computes_and_not_of_its_names():
    def holding(inner):
        parts = [layers.Input(SHAPE), inner, layers.Flatten(), layers.Dense(2, kernel_initializer="ones")]
        return Classifier(keras.Sequential(parts), outputs="logits").fingerprint

    def functional(scale):
        start = layers.Input(SHAPE)
        return keras.Model(start, layers.Rescaling(scale)(start))

    for made in (Times, functional):
        assert holding(made(2)) == holding(made(2)) != holding(made(3))


def test_scores_do_not_depend_on_the_place_in_a_batch_of_the_size_that_is_chosen():
    """With group normalisation, last bits depend on it in other sizes: in batches of 303, all that fit, and of 55."""
    start = keras.initializers.HeNormal(1)
    steps = [layers.Input((48, 48, 3)), layers.Rescaling(1 / 255)]
    steps += [layers.Conv2D(4, 3, kernel_initializer=start), layers.GroupNormalization(1), layers.Flatten()]
    classifier = Classifier(keras.Sequential([*steps, layers.Dense(10, "softmax", kernel_initializer=start)]))
    images = np.random.default_rng(2).integers(0, 256, (303, 48, 48, 3), np.uint8)
    large, expected = in_large_batches(classifier), classifier.with_batch_size(32).scores(images)
    for places in range(0, 56, 7):
        scores = np.roll(large.scores(np.roll(images, places, axis=0)), -places, axis=0)
        np.testing.assert_array_equal(scores, expected)
