"""Gain and margin of each layer: what they mean, and for which models they can be measured."""

from itertools import pairwise

import keras
import numpy as np
import pytest
from explanation.networks import agreeing, convolutional, explained, images, seeded

from tfstab import Classifier, Dataset, make_ensemble
from tfstab.classifier.layers import calls_of
from tfstab.degradations import add_gaussian_noise
from tfstab.explanation.gain import LayerFigures, gains_of, layer_table
from tfstab.explanation.lead import lead
from tfstab.explanation.plot import layers_figure
from tfstab.explanation.shortfall import HIDDEN
from tfstab.metrics import Estimate
from tfstab.report.explanation.layers import layers_table

LAYERS = ("layers",)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return explained(convolutional(), tmp_path_factory.mktemp("layers") / "run", only=(*LAYERS, "noise"))


def test_the_layers_with_a_kernel_are_there_between_input_and_logits(run):
    assert [one.name for one in layer_table(run)] == ["input", "one", "two", "logits"]
    assert run.arrays("layers")["sizes"].tolist() == [36, 4 * 4 * 4, 2 * 2 * 5, 3]
    assert next(one.gain.value for one in layer_table(run)) == 1


def test_distances_and_margins_are_those_of_the_layers_themselves(run):
    model = convolutional(end=None)
    arrays, clean = run.arrays("layers"), run.clean.images[run.rows].astype(np.float32)
    rows = run.clean.class_index[run.rows]
    logits = np.asarray(model(clean))
    others = np.where(np.eye(3)[rows] > 0, -np.inf, logits)
    np.testing.assert_allclose(arrays["margin"][:, 0], logits[range(12), rows] - others.max(axis=1), rtol=1e-4)
    assert (arrays["rival"][:, 0] == others.argmax(axis=1)).all()
    np.testing.assert_allclose(arrays["gradient"][:, -1], np.sqrt(2), rtol=1e-5)
    # A step against the gradient in the space of layer "two", where the rest of the network is linear, ends at a tie.
    kernel = model.get_layer("last").kernel.numpy()
    slope = kernel[:, rows] - kernel[:, arrays["rival"][:, 0]]
    np.testing.assert_allclose(arrays["gradient"][:, 2], np.linalg.norm(slope, axis=0), rtol=1e-4)


def test_noise_distances_are_of_the_runs_own_noise(run):
    image, place = int(run.images[3]), run.clean.images[run.rows[3]]
    copies = [add_gaussian_noise(place, run.config.sigma, run.seed, image, 0, copy) for copy in range(4)]
    at_input = np.mean([np.linalg.norm(copy - place) for copy in copies])
    np.testing.assert_allclose(run.arrays("layers")["noise_distance"][3, 0], at_input, rtol=1e-5)


def test_the_step_is_of_the_weights_alone(run):
    model, place = convolutional(), run.clean.images[run.rows[3]]
    taken = keras.Model(model.inputs, model.get_layer("one").output)  # "two" comes directly after it
    kernel, bias = model.get_layer("two").get_weights()
    copies = [add_gaussian_noise(place, run.config.sigma, run.seed, int(run.images[3]), 0, copy) for copy in range(4)]
    given = np.asarray(taken(np.stack([place, *copies]).astype(np.float32)))
    linear = np.asarray(keras.ops.conv(given, kernel)) + bias
    for name, values in (("noise_taken", given), ("noise_linear", linear)):
        distance = np.linalg.norm((values[1:] - values[0]).reshape(4, -1), axis=1).mean()
        np.testing.assert_allclose(run.arrays("layers")[name][3, 2], distance, rtol=1e-4, err_msg=name)
    assert model.get_layer("two").activation is keras.activations.relu


def test_scaling_one_layer_up_and_the_next_down_changes_nothing(run, tmp_path):
    model = convolutional()
    for name, factor in (("one", 8), ("two", 1 / 8)):
        kernel, bias = model.get_layer(name).get_weights()
        model.get_layer(name).set_weights([kernel * factor, bias * (factor if name == "one" else 1)])
    scaled = explained(model, tmp_path / "scaled", only=LAYERS)
    for name in ("gain", "margin", "step"):
        np.testing.assert_allclose(getattr(gains_of(scaled), name), getattr(gains_of(run), name), rtol=2e-3)


def test_a_layer_that_amplifies_noise_has_the_step(tmp_path):
    """All images are alike in what the second layer takes from channel 1, but noise is not."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((6, 6, 1)),
            layers.Rescaling(1 / 64),
            layers.Conv2D(2, 3, name="one"),
            layers.Conv2D(3, 3, name="two"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax", name="last"),
        ]
    )
    seeded(model)
    flat = np.repeat(np.arange(40, 216, 12, np.uint8)[:12], 36).reshape(12, 6, 6, 1)  # each image is of one grey
    mean, edge = np.full((3, 3), 1 / 9), np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]]) / 4
    model.get_layer("one").set_weights([np.stack([mean, edge], axis=-1)[:, :, None], np.zeros(2)])
    steps = {}
    for amplified in (1, 30):
        kernel = np.zeros((3, 3, 2, 3))
        kernel[1, 1] = [[1, 0.5, -1], [amplified, -amplified, 0]]
        model.get_layer("two").set_weights([kernel, np.zeros(3)])
        classifier = Classifier(model, batch_size=16)
        data = Dataset.from_arrays("flat", "test", flat, np.arange(12) % 3, tuple("abc"))
        run = explained(classifier, tmp_path / str(amplified), data, only=LAYERS)
        steps[amplified] = {one.name: one.step.value for one in layer_table(run)}
    assert steps[30]["two"] > 5 * steps[1]["two"]
    np.testing.assert_allclose(steps[30]["one"], steps[1]["one"], rtol=1e-5)


def test_the_table_in_python_has_what_happens_between_the_weights(tmp_path):
    """Batch normalisation and pooling, here by hand; and the same factor, however an activation is written."""
    layers, tables = keras.layers, []
    for own in (True, False):
        first = [layers.Conv2D(4, 3, activation="relu" if own else None, name="one"), *([] if own else [layers.ReLU()])]
        rest = [layers.BatchNormalization(), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(3, name="last")]
        model = keras.Sequential([layers.Input((6, 6, 1)), layers.Rescaling(1 / 64), *first, *rest])
        rng = np.random.default_rng(1)
        model.set_weights([rng.uniform(0.1, 1, weight.shape) for weight in model.get_weights()])
        run = explained(Classifier(model, batch_size=16, outputs="logits"), tmp_path / str(own), only=LAYERS)
        tables.append(run.layers())
    assert tables[0].index.tolist() == ["input", "one", "logits"] and "member" not in tables[0]
    parts = ["gain_before", "layer_gain"]
    np.testing.assert_allclose(tables[0][parts], tables[1][parts], rtol=1e-4)
    assert np.isnan(tables[0].gain_before.iloc[0]) and tables[0].gain_before["one"] == pytest.approx(1, rel=1e-5)
    clean, sigma = run.clean.images[run.rows].astype(np.float32), run.config.sigma
    images = [[image, *(add_gaussian_noise(image, sigma, run.seed, int(index), 0, copy) for copy in range(4))]
              for image, index in zip(run.clean.images[run.rows], run.images, strict=True)]  # fmt: skip
    ratios = []
    for place in (model.get_layer("one"), model.layers[-2]):  # the first weights, and what the last ones take
        look = keras.Model(model.inputs, place.output)
        noisy = np.asarray(look(np.concatenate(images).astype(np.float32))).reshape(len(images), 5, -1)
        noise = np.linalg.norm(noisy[:, 1:] - noisy[:, :1], axis=2).mean(axis=1)
        values = np.asarray(look(clean)).reshape(len(clean), -1)
        ratios.append(noise / np.sqrt(((values - values.mean(axis=0)) ** 2).sum(axis=1).mean()))
    by_hand = np.median(ratios[1] / ratios[0])
    row = tables[1].loc["logits"]
    assert abs(by_hand - 1) > 0.02 and row.gain_before == pytest.approx(by_hand, rel=0.03)  # others are a sample there
    assert row.gain_before_low <= row.gain_before <= row.gain_before_high
    [(_, *printed)] = [row for row in layers_table(layer_table(run)).rows if row[0] == "logits"]
    assert [row.relative_gain, row.layer_gain, row.relative_margin, row.margin_per_gain] == pytest.approx(
        [printed[0], printed[2], printed[3], printed[5]]
    )


def test_where_a_branch_begins_there_is_no_gain_before(tmp_path):
    inputs = keras.Input((6, 6, 1))
    body = keras.layers.Conv2D(3, 3, name="body")(inputs)
    branches = [keras.layers.Conv2D(3, 2, name=name)(body) for name in ("left", "right")]
    flat = keras.layers.Flatten()(keras.layers.Add()(branches))
    model = seeded(keras.Model(inputs, keras.layers.Softmax()(keras.layers.Dense(3)(flat))))
    table = explained(model, tmp_path / "run", only=LAYERS).layers()
    assert table.index[np.isnan(table["gain_before"])].tolist() == ["input", "right"]


class Subclassed(keras.Model):
    """A model whose layers are called by a method of its own."""

    def __init__(self):
        super().__init__()
        self.scale, self.inner = keras.layers.Rescaling(1 / 64), convolutional()
        self.flat, self.end = keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")

    def call(self, x):
        return self.end(self.inner(self.scale(x)))


def nested():
    """A model inside a model, used twice beside itself."""
    inputs = keras.Input((6, 6, 1))
    body = keras.Sequential([keras.layers.Conv2D(3, 3, name="inside"), keras.layers.ReLU(), keras.layers.Flatten()])
    both = keras.layers.Concatenate()([body(inputs), body(inputs / 2)])
    return seeded(keras.Model(inputs, keras.layers.Softmax()(keras.layers.Dense(3, name="end")(both))))


def subclassed():
    model = Subclassed()
    model(np.zeros((2, 6, 6, 1), np.float32))
    return seeded(model)


@pytest.mark.parametrize(
    ("make", "names"),
    [(nested, ["input", "inside", "logits"]), (subclassed, ["input", "one", "two", "last", "logits"])],
)
def test_layers_are_found_however_they_are_nested(make, names, tmp_path):
    run = explained(make(), tmp_path / "run", only=LAYERS)
    assert run.arrays("layers")["names"].tolist() == names
    assert np.isfinite(gains_of(run).gain).all()


def test_each_member_of_an_ensemble_is_a_network_of_its_own(run, tmp_path):
    members = [convolutional(seed=0), convolutional(seed=1)]
    ensemble = make_ensemble([Classifier(member) for member in members])
    dataset = images()
    both = explained(ensemble, tmp_path / "both", agreeing(ensemble, dataset), only=LAYERS)
    gains = gains_of(both)
    assert gains.networks == [0, 1] and both.layers()["member"].tolist() == [1] * 4 + [2] * 4
    alone = explained(members[1], tmp_path / "alone", agreeing(ensemble, dataset), only=LAYERS)
    for name in ("gain", "margin"):
        np.testing.assert_allclose(
            getattr(gains, name)[:, gains.layers(1)], getattr(gains_of(alone), name), rtol=1e-3, err_msg=name
        )


def test_without_gradients_there_are_no_layers(tmp_path):
    model = convolutional()
    function = Classifier.from_function(lambda x: np.asarray(model(x)), (6, 6, 1), 3, fingerprint="one")
    run = explained(function, tmp_path / "run", images(2), only=("layers", "copies"))
    assert run.complete and not run.has("layers") and layer_table(run) == []
    assert run.has("copies")
    right = next(one for one in map(run.of, run.images.tolist()) if one.right)
    unseen = "tfstab cannot look inside a Python function."
    assert right.cause == f"It is not known where in the network it is lost: {unseen}" and right.network == 0
    assert lead(run).endswith(f"Its layers were not examined, as {unseen}") and "no layer" not in lead(run)


def test_the_factors_of_one_image_multiply_to_its_share_of_the_margin(run):
    gains = gains_of(run)
    margins = gains.margin[:, 0]
    typical = np.median(margins)
    for position, image in enumerate(run.images.tolist()):
        one = run.of(image)
        np.testing.assert_allclose(one.share, margins[position] / typical, rtol=1e-9)
        assert {place.name for place in one.places} == {HIDDEN, "one", "two"}
        assert one.summary().count("\n") >= 1


class _Multiplied(keras.layers.Layer):
    """A layer with a kernel, whose activation is a property, and whose input has a name of its own."""

    activation = property(lambda self: keras.activations.relu)

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4), name="kernel")

    def call(self, pixels):
        return self.activation(keras.ops.matmul(pixels, self.kernel))


def test_layers_of_odd_kinds_are_recorded_and_left_as_they_were():
    image = keras.Input((4, 4, 1))
    odd, own = _Multiplied(name="odd"), keras.layers.Dense(4, name="own")
    model = keras.Model(image, keras.layers.Dense(3)(own(odd(pixels=keras.layers.Flatten()(image)))))
    call = own.call
    object.__setattr__(own, "call", lambda inputs, **options: 2 * call(inputs, **options))
    before = [dict(vars(layer)) for layer in model.layers]
    [calls] = calls_of(Classifier(model))
    assert [one.name for one in calls] == ["odd", "own", "logits"]
    after = [dict(vars(layer)) for layer in model.layers]
    assert all(
        one.get(name) is other.get(name)
        for one, other in zip(before, after, strict=True)
        for name in ("call", "activation")
    )


def dense(units=3, **given):
    """Two dense layers, of which the first may have as many units as there are classes."""
    layers = keras.layers
    inputs = keras.Input((6, 6, 1), **given)
    hidden = layers.Dense(units, name="h" * 1500)(layers.Flatten()(inputs / 64))
    return seeded(keras.Model(inputs, layers.Dense(3, activation="softmax")(hidden)))


def test_a_hidden_layer_with_a_unit_for_each_class_is_not_taken_for_the_logits(tmp_path):
    names = explained(dense(), tmp_path / "run", only=LAYERS).arrays("layers")["names"].tolist()
    assert len(names) == 3 and names[1].startswith("hhh") and len(names[1]) <= 200


def test_a_model_for_one_image_at_a_time_has_no_layers_but_the_rest(tmp_path):
    run = explained(dense(batch_size=1), tmp_path / "run", images(4), only=("layers", "copies"))
    assert run.complete and not run.has("layers") and run.has("copies")


@pytest.mark.parametrize("largest", [0.0016, 0.0033, 0.008, 0.02, 0.1, 0.5, 20, 1000])
def test_the_numbers_of_the_figure_do_not_overlap(largest):
    """They fit also if the interval is far wider than the values are apart."""
    one, wide = Estimate(1, 1, 1), Estimate(0.0015, 0.0015, largest)
    layers = [LayerFigures(0, name, one, one, wide, one, one) for name in ("input", "a_layer_of_a_long_name")]
    figure = layers_figure(layers)
    figure.draw_without_rendering()
    axis = figure.axes[1]
    low, high = axis.get_xlim()
    labels = [label for label in axis.get_xticklabels() if low <= label.get_position()[0] <= high]
    boxes = [label.get_window_extent() for label in labels]
    assert len(boxes) > 1
    assert all(box.x1 + 2 < after.x0 for box, after in pairwise(boxes))
