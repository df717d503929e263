"""What surrounds a model, without TensorFlow: shapes, batches, forms of preprocessing, logarithms, what is refused."""

import hashlib
import pickle

import numpy as np
import pytest

from tfstab import Classifier
from tfstab.classifier.adapt import ModelInput, checked_shape, layout_of
from tfstab.classifier.fingerprint import fingerprint_of_text
from tfstab.classifier.inputs import DEFAULT_BATCH, default_batch, steady
from tfstab.classifier.logits import log_softmax
from tfstab.classifier.preprocess import FAMILIES, FORMS, preprocess_form
from tfstab.errors import InputError, ModelError

SHAPE = (4, 5, 3)


def of_levels(seen=None, **settings):
    """Scores of two classes: the share of 255 of an image's first pixel."""

    def function(images):
        if seen is not None:
            seen.append(images.copy())
        share = images[:, 0, 0, 0] / 255
        return np.stack([1 - share, share], axis=1)

    return Classifier.from_function(function, SHAPE, 2, **{"fingerprint": "levels", **settings})


@pytest.mark.parametrize(
    ("shape", "batch"),
    [((28, 28, 1), 256), ((None, None, 3), 256), ((224, 224, 3), 48), ((181, 181, 1), 256), ((181, 182, 1), 248),
     ((600, 600, 3), 4), ((2000, 2000, 3), 2), ((256, 128, 1), 256)],
)  # fmt: skip
def test_how_many_images_are_scored_at_once(shape, batch):
    assert default_batch(shape) == batch
    if None not in shape:
        assert batch <= max(2, min(DEFAULT_BATCH, (32 << 20) // (4 * shape[0] * shape[1] * shape[2]))) < 2 * batch + 8


@pytest.mark.parametrize(
    ("size", "rounded"), [(1, 1), (2, 2), (3, 2), (7, 4), (8, 8), (15, 8), (16, 16), (55, 48), (682, 680)]
)
def test_batches_are_multiples_of_eight_or_small_powers_of_two(size, rounded):
    assert steady(size) == rounded


def test_batches_are_cut_padded_and_put_together():
    images = np.zeros((7, *SHAPE), np.uint8)
    images[:, 0, 0, 0] = np.arange(7) * 30
    for batch_size, batches in ((3, 3), (7, 1), (8, 1)):
        seen = []
        classifier = of_levels(seen, batch_size=batch_size)
        np.testing.assert_allclose(classifier.scores(images)[:, 1], np.arange(7) * 30 / 255, rtol=1e-6)
        assert len(seen) == batches and {len(batch) for batch in seen} == {classifier.batch_size}
        assert all(batch.dtype == np.float32 for batch in seen)
        last = 7 % classifier.batch_size or classifier.batch_size
        assert not seen[-1][last:].any()
    assert of_levels().scores(images[:0]).shape == (0, 2)
    one = of_levels(batch_size=1)
    assert one.batch_size == 1 and len(one.scores(images)) == 7
    for wrong in (0, -1):
        with pytest.raises(InputError, match=f"batch_size is {wrong}"):
            of_levels(batch_size=wrong)
    with pytest.raises(InputError, match="batch_size is 1; expected a whole number, 2 or more"):
        of_levels().with_batch_size(1)
    assert of_levels().with_batch_size(2).batch_size == 2 and of_levels().batch_size == 256
    assert of_levels(batch_size=5).with_batch_size(9).batch_size == 5, "what takes but one size keeps it"


def test_scores_and_their_logarithms():
    classifier = of_levels()
    images = np.zeros((2, *SHAPE))
    images[1] = 51
    np.testing.assert_allclose(classifier.scores(images), [[1, 0], [0.8, 0.2]], rtol=1e-6)
    np.testing.assert_allclose(
        classifier.log_scores(images), [[0, np.log(np.finfo(np.float32).tiny)], np.log([0.8, 0.2])], rtol=1e-6
    )
    logits = Classifier.from_function(
        lambda images: np.tile([0.0, np.log(3)], (len(images), 1)), SHAPE, 2, fingerprint="l", outputs="logits"
    )
    np.testing.assert_allclose(logits.scores(images), [[0.25, 0.75]] * 2, rtol=1e-6)
    assert logits.scores(images).dtype == np.float32 and logits.log_scores(images).dtype == np.float64
    np.testing.assert_allclose(log_softmax(np.array([[1000.0, 1000.0], [-5e3, 0.0]])), [[-np.log(2)] * 2, [-5e3, 0]])


def test_what_a_classifier_is():
    classifier = of_levels(class_names=("dark", "light"), name="levels")
    assert repr(classifier) == "Classifier('levels', input=(4, 5, 3), classes=2)"
    assert (classifier.device, classifier.combine, classifier.differentiable) == ("function", None, False)
    assert classifier.takes_colours and classifier.class_names == ("dark", "light")
    assert of_levels().class_names == ("0", "1") and classifier.for_images(SHAPE) is classifier
    assert classifier.fingerprint != of_levels(fingerprint="x").fingerprint
    assert classifier.fingerprint == of_levels(name="another").fingerprint
    assert fingerprint_of_text("ab") == hashlib.sha256(b"ab").hexdigest()
    with pytest.raises(ModelError, match="has 2 classes but 3 class names"):
        of_levels(class_names=("a", "b", "c"))
    with pytest.raises(ModelError, match="class_names is 'ab'; expected a list of 2 names"):
        of_levels(class_names="ab")
    for refused in (lambda: classifier.gradients(np.zeros((1, *SHAPE)), np.zeros((1, 2))),
                    lambda: classifier.with_preprocess("unit")):  # fmt: skip
        with pytest.raises(InputError, match="predict function"):
            refused()
    with pytest.raises(ModelError, match="is a predict function; expected a Keras model"):
        _ = classifier.model
    assert classifier.compile() is None


def test_a_function_of_a_module_is_sent_and_comes_back():
    sent = pickle.loads(pickle.dumps(Classifier.from_function(np.zeros_like, SHAPE, 2, fingerprint="z")))
    assert sent.input_shape == SHAPE and sent._lock.acquire(blocking=False)


@pytest.mark.parametrize(
    ("shape", "advice"),
    [((2, 9, 5, 3), r"resize them \(.*in Python resize='crop'"), ((2, 4, 9, 3), "resize them"),
     ((2, 5, 4, 3), r"height and width are exchanged, so turn .*; if they are upright, resize them \(--resize crop"),
     ((2, 4, 5, 1), "convert them, or choose"), ((4, 5, 3), "convert them, or choose"),
     ((2, 4, 5, 4), "convert them, or choose")],
)  # fmt: skip
def test_images_that_do_not_fit_are_advised(shape, advice):
    with pytest.raises(InputError, match=rf"takes \(N, 4, 5, 3\): {advice}"):
        of_levels().scores(np.zeros(shape))
    grey = Classifier.from_function(lambda images: images, (4, 5, 1), 2, fingerprint="g")
    with pytest.raises(InputError, match="convert them to grey, or choose a model for colours"):
        grey.scores(np.zeros((1, 4, 5, 3)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_images_with_values_that_are_no_numbers_are_refused(value):
    images = np.zeros((2, *SHAPE))
    images[1, 2, 3, 0] = value
    with pytest.raises(InputError, match="NaN or infinite"):
        of_levels().scores(images)
    for wrong in (np.zeros((1, *SHAPE), complex), np.zeros((1, *SHAPE), "U1")):
        with pytest.raises(InputError, match="grey levels 0..255 as numbers".replace(".", r"\.")):
            of_levels().scores(wrong)
    for largest, fits in ((np.finfo(np.float32).max, True), (-3.5e38, False)):
        images = np.zeros((2, *SHAPE))
        images[1, 2, 3, 0] = largest
        if fits:
            assert of_levels().scores(images).shape == (2, 2)
        else:
            with pytest.raises(InputError, match="values beyond float32"):
                of_levels().scores(images)
    huge = np.full((2, *SHAPE), 3e38, np.float32)
    huge[:, 0, 0, 0] = 0
    with np.errstate(over="ignore"):
        assert of_levels().scores(huge).shape == (2, 2), "a sum that overflows is looked into"


@pytest.mark.parametrize(
    ("returned", "fits"),
    [([0.5, 0.5], True), ([0.5, 0.5009], True), ([0.5, 0.52], False), ([0.5, 0.48], False), ([1, 0], True),
     ([1.0001, -0.0001], False), ([True, False], False)],
)  # fmt: skip
def test_scores_sum_to_one(returned, fits):
    made = Classifier.from_function(lambda images: np.tile(returned, (len(images), 1)), SHAPE, 2, fingerprint="r")
    if fits:
        assert made.scores(np.zeros((1, *SHAPE))).shape == (1, 2)
    else:
        with pytest.raises(ModelError, match="returned"):
            made.scores(np.zeros((1, *SHAPE)))


@pytest.mark.parametrize(
    ("change", "said"),
    [({"num_classes": 2.0}, "num_classes is 2.0"), ({"num_classes": 1}, "expected 2 or more"),
     ({"fingerprint": 5}, "empty"), ({"fingerprint": ""}, "empty"), ({"outputs": "logit"}, "did you mean 'logits'"),
     ({"input_shape": (0, 4, 3)}, "input_shape"), ({"input_shape": (4, 4, 2)}, "input_shape"),
     ({"input_shape": (4.0, 4, 3)}, "input_shape")],
)  # fmt: skip
def test_functions_just_out_of_range(change, said):
    right = {"function": len, "input_shape": SHAPE, "num_classes": 2, "fingerprint": "x"}
    with pytest.raises(InputError, match=said):
        Classifier.from_function(**(right | change))


def test_shapes_of_inputs():
    assert checked_shape("x", [np.int64(1), 2, 3]) == (1, 2, 3) and checked_shape("x", (5, 5, 1)) == (5, 5, 1)
    takes = ModelInput((None, 5, 3), "NHWC", None).takes
    assert takes((9, 5, 3)) and takes((9, 5, 1)) and not takes((9, 4, 3))
    grey = ModelInput((4, None, 1), "NHWC", None).takes
    assert grey((4, 9, 1)) and not grey((4, 9, 3)) and not grey((5, 9, 1))
    layouts = {(5, 5): "NHW", (5, 5, 3): "NHWC", (5, 5, 1): "NHWC", (3, 5, 5): "NCHW", (1, 5, 5): "NCHW",
               (3, 5, 3): "NHWC", (5, 5, 2): "", (5,): "", (1, 1, 1, 1): "", (None, None, 3): "NHWC"}  # fmt: skip
    assert {shape: layout_of(list(shape)) for shape in layouts} == layouts


def test_forms_of_preprocessing_by_hand():
    pixel = np.array([[[[255.0, 127.5, 0.0]]]], np.float32)
    forms = {name: np.ravel(form(pixel)) for name, form in FORMS.items()}
    np.testing.assert_allclose(forms["none"], [255, 127.5, 0])
    np.testing.assert_allclose(forms["unit"], [1, 0.5, 0])
    np.testing.assert_allclose(forms["signed"], [1, 0, -1])
    np.testing.assert_allclose(
        forms["imagenet"], [(1 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, -0.406 / 0.225], rtol=1e-5
    )
    np.testing.assert_allclose(forms["caffe"], [-103.939, 127.5 - 116.779, 255 - 123.68], rtol=1e-5)
    for form, of_bgr in {"none": "bgr", "unit": "unit-bgr", "signed": "signed-bgr", "imagenet": "imagenet-bgr"}.items():
        np.testing.assert_array_equal(forms[of_bgr], forms[form][::-1])
    assert all(form(pixel).dtype == np.float32 for form in FORMS.values())
    assert preprocess_form("unit") == "unit" and preprocess_form("vgg16") == "caffe" == FAMILIES["resnet50"]
    with pytest.raises(InputError, match="unknown preprocess 'uint': did you mean 'unit'"):
        preprocess_form("uint")
