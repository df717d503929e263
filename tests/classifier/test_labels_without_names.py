"""Labels without names, as in arrays, are the numbers of a model's outputs, whatever these are called."""

import numpy as np
import pytest
from explanation.networks import fast
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy_runs import brightness
from PIL import Image

import tfstab
from tfstab import Classifier, Dataset, SearchConfig, SweepConfig, load_dataset
from tfstab.errors import InputError, WrongInputsError
from tfstab.explanation import run_explanation

SIGNS = ["30", "50", "70", "crossroad", "priority", "yield", "stop", "no entry", "caution", "works"]
NAMES = {
    "numbers": ["30", "50", "70", "80", "100", "120", "130", "5", "10", "20"],
    "numbers among words": SIGNS,
    "one number among words": ["30 km/h", "50", *SIGNS[2:]],
    "numbers that are ids": [1, 2, 4, 11, 12, 13, 14, 17, 18, 25],
    "from one": [str(k) for k in range(1, 11)],
    "permuted": [str(k) for k in [3, 2, 1, 0, 5, 4, 7, 6, 9, 8]],
    "two exchanged": [str(k) for k in [0, 1, 9, 3, 4, 5, 6, 7, 8, 2]],
    "a dict": dict(enumerate(SIGNS)),
    "a dict of some": {0: "2", 5: "1", 7: "50"},
    "words": list("abcdefghij"),
    "none": None,
}


@pytest.fixture(scope="module")
def some(digits):
    """100 digits as arrays, and the bundled network's accuracy on them as Keras counts it."""
    few = digits.take(100)
    model = tfstab.load_classifier("mnist-lenet").model
    right = model.predict(few.images.astype(np.float32), verbose=0).argmax(axis=1) == few.labels
    assert right.mean() > 0.9
    return model, few.images, few.labels, float(right.mean())


def called(names):
    """The names of ten outputs that are given these."""
    own = dict(names.items() if isinstance(names, dict) else enumerate(names or []))
    taken = set(map(str, own.values()))
    return [str(own.get(k, f"output {k}" if str(k) in taken else k)) for k in range(10)]


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_label_k_of_arrays_is_output_k(names, some, recwarn):
    model, images, labels, accuracy = some
    for source, more in ((model, {"class_names": names}), (tfstab.load_classifier(model, class_names=names), {})):
        found = tfstab.evaluate(source, (images, labels), **more)
        assert found.metrics.accuracy == accuracy and list(found.class_names) == called(names)
    assert not [one for one in recwarn if "Accuracy is" in str(one.message)]


def as_pair(images, labels, folder):
    return images, labels


def as_npz(images, labels, folder):
    np.savez(folder / "mine.npz", images=images, labels=labels)
    return folder / "mine.npz"


def as_npy(images, labels, folder):
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", labels)
    return folder


def as_tf_data(images, labels, folder):
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)


def as_dataset(images, labels, folder):
    return Dataset.from_arrays("mine", "test", images, labels)


@pytest.mark.parametrize("form", [as_pair, as_npz, as_npy, as_tf_data, as_dataset])
def test_label_k_is_output_k_in_every_form_of_data_without_names(form, some, tmp_path):
    model, images, labels, accuracy = some
    source = form(images, labels, tmp_path)
    dataset = source if isinstance(source, Dataset) else load_dataset(source)
    assert dataset.numbered and dataset.take(20).numbered
    for names in ("numbers", "permuted", "from one"):
        assert tfstab.evaluate(model, source, class_names=NAMES[names]).metrics.accuracy == accuracy


def test_names_that_the_data_have_are_matched_by_name(some, tmp_path):
    """Numbers, too: of folders, in a file of arrays, and as they are given in Python."""
    model, images, labels, accuracy = some
    outputs = NAMES["permuted"]
    own = [outputs.index(str(k)) for k in range(10)]  # the output that is called k
    moved = np.array([int(outputs[label]) for label in labels])
    assert own != list(range(10))
    np.savez(tmp_path / "mine.npz", images=images, labels=moved, class_names=[str(k) for k in range(10)])
    for k, (image, label) in enumerate(zip(images, moved, strict=True)):
        (tmp_path / "photos" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(tmp_path / "photos" / str(label) / f"{k}.png")
    named = Dataset.from_arrays("mine", "test", images, moved, [str(k) for k in range(10)])
    for source in (tmp_path / "mine.npz", tmp_path / "photos", named):
        dataset = source if isinstance(source, Dataset) else load_dataset(source)
        assert not dataset.numbered
        assert tfstab.evaluate(model, source, class_names=outputs).metrics.accuracy == accuracy
    assert not load_dataset("mnist-5k").numbered


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 12).map(str) | st.sampled_from(["a", "007", "2b"]), min_size=3, max_size=3, unique=True))
def test_whatever_the_outputs_are_called(names):
    images = np.repeat(np.array([20, 128, 240, 25, 230], np.uint8), 16).reshape(5, 4, 4, 1)
    model = Classifier.from_function(brightness, (4, 4, 1), 3, fingerprint="x", class_names=names)
    found = tfstab.evaluate(model, (images, [0, 1, 2, 0, 0]))
    assert found.metrics.accuracy == 0.8 and list(found.class_names) == names


def test_every_job_takes_label_k_for_output_k(some, tmp_path):
    model, images, labels, accuracy = some
    names = NAMES["permuted"]
    classifier = tfstab.load_classifier(model, class_names=names)
    data = load_dataset((images, labels))
    assessed = tfstab.assess(
        model, (images, labels), minutes=0.1, degradations=["fog"], search=False, class_names=names,
        out=tmp_path / "assessed", require=["recall 3 under fog:0"],
    )  # fmt: skip
    assert assessed.figures.clean.value == accuracy and list(assessed.figures.classes) == names
    [outcome] = assessed.outcomes
    run, third = assessed.run("fog"), labels[assessed.run("fog").clean.indices] == 0  # output 0 is called 3
    assert run.class_names == tuple(names) and "class 3" in outcome.sentence and third.any()
    again = tfstab.assess(
        model, (images, labels), minutes=0.02, degradations=["fog"], search=False, class_names=names,
        out=tmp_path / "assessed",
    )  # fmt: skip
    assert again.figures.clean.value == accuracy
    runs = [
        tfstab.run_sweep(classifier, data, SweepConfig(sigmas=(5,), copies=1), tmp_path / "sweep"),
        tfstab.run_search(classifier, data.take(4), SearchConfig(max_queries=100), tmp_path / "search"),
        run_explanation(classifier, data.take(4), fast("layers"), tmp_path / "why"),
    ]
    for run in runs:
        assert list(run.class_names) == names
        assert np.array_equal(run.clean.class_index, labels[run.clean.indices])
    plain = tfstab.run_sweep(
        Classifier(model, name="plain"), data, SweepConfig(sigmas=(5,), copies=1), tmp_path / "plain"
    )
    both = tfstab.compare(runs[0], plain)
    assert (both.image_table()["class"] == [names[k] for k in labels]).all() and both.accuracy().value == 0
    Image.fromarray(images[labels == 0][0][..., 0]).save(tmp_path / "zero.png")
    for known in ({"run": tmp_path / "assessed"}, {"class_names": names}):
        seen = tfstab.inspect_picture(model, tmp_path / "zero.png", "3", **known)
        assert seen.true_class == seen.predicted == 0
    results = tfstab.search_minimum_noise(classifier, images[:3], labels[:3], SearchConfig(max_queries=100))
    assert [one.class_index for one in results] == labels[:3].tolist()


def test_training_images_and_test_images_without_names_are_outputs_too(some, digits, tmp_path):
    from tfstab.orders.hardening import hardening_subject

    model, images, labels, _ = some
    more = digits.select(np.setdiff1d(np.arange(len(digits)), digits.take(100).indices)).take(150)
    for names in (NAMES["permuted"], SIGNS, NAMES["from one"]):
        subject = hardening_subject(model, (images, labels), (more.images, more.labels), class_names=names)
        assert list(subject.classifier.class_names) == list(subject.train.class_names) == names
        assert np.array_equal(subject.train.labels, more.labels) and np.array_equal(subject.test.labels, labels)
    words = Dataset.from_arrays("named", "train", more.images, more.labels, list("abcdefghij"))
    # Outputs without names take those of the training images.
    subject = hardening_subject(model, (images, labels), words)
    assert subject.test.class_names == words.class_names and np.array_equal(subject.test.labels, labels)
    with pytest.raises(InputError, match=r"images of class '10', but there are no training images of it"):
        hardening_subject(model, (images, np.where(labels == 9, 10, labels)), words)


def test_labels_beyond_the_outputs_are_refused_with_what_to_do_about_arrays(some):
    model, images, labels, _ = some

    def said(labels, names=None):
        with pytest.raises(InputError) as error:
            tfstab.evaluate(model, (images, labels), class_names=names)
        return str(error.value)

    has = "but the 10 outputs of the model mnist-lenet are numbered from 0 to 9"
    for names in (None, NAMES["from one"], SIGNS):
        assert said(labels + 1, names) == (
            f"arrays has labels from 1 to 10, {has}. The labels seem to begin at 1: subtract 1 from them."
        )
    ids = np.array(NAMES["numbers that are ids"])
    assert said(ids[labels], ids) == (
        f"arrays has labels from 1 to 25, {has}, and a label without a name is the number of an output. The labels "
        "seem to be names of outputs: renumber them, as in labels = [class_names.index(str(label)) for label in "
        "labels], with the names of all outputs in their order."
    )
    assert said(labels * 3, ids).endswith(
        "is the number of an output: correct the labels, leave these images out, or choose a model trained on such "
        "data."
    )
    named = Dataset.from_arrays("mine", "test", images, labels, ["0", *SIGNS[1:]])
    with pytest.raises(InputError) as error:
        tfstab.evaluate(model, named, class_names=SIGNS)
    assert "of a class '0' that" in str(error.value) and str(error.value).endswith(
        "give both the same name, in the class_names of the data, or with --classes (class_names= in Python); to leave "
        "out the images of a class that the model does not know, give only the others, as in images[labels != 0] and "
        "labels[labels != 0]."
    )


def test_a_wrong_order_is_still_noticed_and_what_is_advised_repairs_it(some):
    """Whatever the outputs are called: names do not change which output a label is."""
    model, images, labels, accuracy = some
    order = np.array([3, 0, 1, 4, 2, 5, 6, 7, 9, 8])
    wrong = np.argsort(order)[labels]
    for names in (None, SIGNS, NAMES["permuted"]):
        with pytest.raises(WrongInputsError, match="if the model's outputs mean other classes: output ") as error:
            tfstab.evaluate(model, (images, wrong), class_names=names, as_is=False)
        assert not error.value.options and "beside the model" not in str(error.value)
        line = error.value.note.split("renumber the labels, as in ")[1].removesuffix(".")
        scope = {"np": np, "labels": wrong}
        exec(line, scope)
        assert tfstab.evaluate(model, (images, scope["labels"]), class_names=names).metrics.accuracy == accuracy
