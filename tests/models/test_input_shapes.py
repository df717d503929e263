"""The images that a model takes, read from its file without TensorFlow."""

import json
import zipfile

import keras
import pytest

from tfstab.classifier.adapt import ModelInput
from tfstab.models.bundled import bundled_names
from tfstab.models.input_shape import input_of_file, misfit, outputs_of_file

LARGE = 1 << 14  # of a side: so many squared are the largest image of a model


def saved(path, *shapes, key="batch_shape", build=None):
    """A .keras file whose config declares inputs of these shapes, and whose model was built on one of a shape."""
    layers = [{"class_name": "InputLayer", "config": {key: shape}} for shape in shapes]
    inner = {"class_name": "Sequential", "config": {"layers": [{"class_name": "InputLayer", "config": {}}]}}
    config = {"config": {"layers": [*layers, inner]}} | ({} if build is None else {"build_config": build})
    with zipfile.ZipFile(path / "own.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", "")
    return input_of_file(str(path / "own.keras"))


@pytest.mark.parametrize(
    ("shape", "taken"),
    [
        ([None, 4, 5, 3], ModelInput((4, 5, 3), "NHWC", None)), ([8, 3, 4, 5], ModelInput((4, 5, 3), "NCHW", 8)),
        ([None, 4, 5], ModelInput((4, 5, 1), "NHW", None)), ([None, 1, 4, 5], ModelInput((4, 5, 1), "NCHW", None)),
        ([2, None, 5, 1], ModelInput((None, 5, 1), "NHWC", 2)),
        ([2, None, None], ModelInput((None, None, 1), "NHW", 2)),
        ([None, 1, 1, 3], ModelInput((1, 1, 3), "NHWC", None)),
        ([None, LARGE, LARGE, 1], ModelInput((LARGE, LARGE, 1), "NHWC", None)),
        ([None, None, LARGE**2, 1], ModelInput((None, LARGE**2, 1), "NHWC", None)),
        ([None, LARGE, LARGE + 1, 1], None), ([None, 4, 5, 2], None), ([None, 20], None), ([None, 1, 2, 3, 4], None),
        ([None, 4, 0, 1], None), ([None, 4, -5, 1], None), ([None, 4, 5.0, 1], None), ([None, "4", 5, 1], None),
        (7, None),
    ],
)  # fmt: skip
def test_an_input_is_told_from_its_shape(shape, taken, tmp_path):
    assert saved(tmp_path, shape) == taken == saved(tmp_path, shape, key="batch_input_shape")
    assert saved(tmp_path, build={"input_shape": shape}) == taken


def test_several_inputs_or_none_are_not_told(tmp_path):
    assert saved(tmp_path, [None, 4, 4, 1], [None, 4, 4, 1]) is None
    assert saved(tmp_path) is None and saved(tmp_path, build={}) is None
    given = saved(tmp_path, [None, 4, 4, 3], build={"input_shape": [None, 9, 9, 1]})
    assert given == ModelInput((4, 4, 3), "NHWC", None)
    sizes = {"mnist-lenet": (28, 28, 1), "cifar10-quick": (32, 32, 3), "gtsrb-aghdam": (48, 48, 3)}
    for name in bundled_names():
        assert input_of_file(name).shape == next(size for kind, size in sizes.items() if name.startswith(kind))
    for name in ("none.keras", "none.h5", "own.onnx"):
        (tmp_path / "own.onnx").write_text("damaged")
        assert input_of_file(str(tmp_path / name)) is None


def test_a_model_that_keras_has_saved(tmp_path):
    layers = [keras.layers.Input((6, 5, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    keras.Sequential(layers).save(tmp_path / "own.keras")
    taken = input_of_file(str(tmp_path / "own.keras"))
    assert outputs_of_file(str(tmp_path / "own.keras")) == 2
    end = keras.layers.Softmax()(keras.layers.Dense(7)(keras.layers.Flatten()(start := keras.Input((6, 5, 3)))))
    keras.Model(start, end).save(tmp_path / "functional.keras")
    assert outputs_of_file(str(tmp_path / "functional.keras")) == 7
    keras.Model(start, [end, start]).save(tmp_path / "several.keras")
    keras.Model(start, keras.layers.Dense(1)(keras.layers.Flatten()(start))).save(tmp_path / "single.keras")
    keras.Model(start, keras.layers.Flatten()(start)).save(tmp_path / "flat.keras")
    for unknown in ("several.keras", "single.keras", "flat.keras", "none.keras", "own.h5"):
        assert outputs_of_file(str(tmp_path / unknown)) is None
    assert taken == ModelInput((6, 5, 3), "NHWC", None)
    assert not misfit(taken, (6, 5, 3)) and not misfit(taken, (6, 5, 1)) and not misfit(None, (1, 1, 1))
    for size in ((6, 6, 3), (6, 6, 1)):  # grey images are made colour images
        assert misfit(taken, size).endswith("takes 6 x 5 x 3: crop or stretch them to its size.")
    any_size = ModelInput((None, 5, 1), "NHWC", None)
    assert misfit(any_size, (9, 5, 3)) == "the images are 9 x 5 x 3; the model takes any x 5 x 1: give it grey images."
    assert misfit(taken, (6, 5, 2)).endswith("give it colour images.")


@pytest.mark.parametrize(
    ("outputs", "count"),
    [
        (["end", 0, 0], 9), ([["end", 0, 0]], 9), (["start", 0, 0], None), ([["start", 0, 0]], None),
        ([["end", 0, 0], ["start", 0, 0]], None), ([["start", 0, 0], ["end", 0, 0]], None), ([], None),
    ],
)  # fmt: skip
def test_the_outputs_of_the_last_layer_count_if_it_is_the_only_output(outputs, count, tmp_path):
    layers = [{"class_name": "Dense", "config": {"name": name, "units": 9}} for name in ("start", "end")]
    path = tmp_path / "own.keras"
    for more, expected in (((), count), (("../outside",), None)):  # an archive that is not safe to open tells nothing
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps({"config": {"layers": layers, "output_layers": outputs}}))
            for name in ("model.weights.h5", *more):
                archive.writestr(name, "")
        assert outputs_of_file(str(path)) == expected
