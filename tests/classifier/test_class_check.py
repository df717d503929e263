"""The check of inputs notices outputs in another order than the classes of the images, and says how to repair it."""

from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from clothes_models import CENTRES, CLASSES, EVEN, NAMES, SIDE, accuracy, images_of, said, trained

from tfstab import Classifier, Dataset, load_classifier
from tfstab.classifier.class_check import best_outputs, doubt_about, far_better_outputs
from tfstab.classifier.input_check import check_inputs
from tfstab.classifier.input_note import classes_note, set_for_all
from tfstab.classifier.matching import match_classes
from tfstab.classifier.preprocess import FORMS
from tfstab.classifier.source import Source


def permuted(order):
    """The classifier whose output k is class order[k], without class names."""
    model = trained("none")
    plain = model.function
    return Classifier.from_function(
        lambda images: plain(images)[:, order], (SIDE, SIDE, 1), CLASSES, fingerprint=f"{order}", outputs="logits"
    )


def test_classes_in_another_order_are_noticed_and_what_is_to_be_pasted_repairs_it(clothes):
    from tfstab.classifier.class_names import parse_class_names

    model = permuted([3, 0, 1, 4, 2])
    told = said(model, match_classes(model, clothes))
    assert (
        "output 0 = dress, 1 = bag, 2 = boot and so on. If these are right, use --classes dress,bag,boot,shirt," in told
    )
    assert "class_names=['dress', 'bag', 'boot', 'shirt', 'coat'])." in told
    pasted = parse_class_names(told.split("--classes ")[1].split(" ")[0])
    repaired = Classifier.from_function(
        model.function, (SIDE, SIDE, 1), CLASSES, fingerprint="repaired", outputs="logits", class_names=pasted
    )
    assert accuracy(repaired, match_classes(repaired, clothes)) > 0.8
    assert said(repaired, match_classes(repaired, clothes)) == ""


def test_two_classes_that_are_exchanged_are_noticed(clothes):
    model = trained("none")
    labels = np.choose(EVEN, [1, 0, 2, 3, 4])
    exchanged = Dataset.from_arrays("clothes", "test", clothes.images, labels, NAMES)
    assert "output 0 = boot, 1 = bag. If these are right, use --classes boot,bag,coat,dress,shirt" in said(
        model, exchanged
    )


@pytest.mark.parametrize(("spread", "order", "certain"), [(120, [0, 1, 3, 4, 2], True), (250, [1, 0, 2, 3, 4], False)])
def test_a_few_exchanged_classes_of_a_model_that_is_often_wrong_are_noticed(spread, order, certain):
    many = images_of(np.arange(2000) % CLASSES, spread)
    right, wrong = (match_classes(model, many) for model in (trained("none"), permuted(order)))
    assert said(trained("none"), right) == ""
    note = check_inputs(permuted(order), wrong, permuted(order).scores(wrong.images))
    assert f"use --classes {','.join(NAMES[k] for k in order)} (in Python" in note.text
    assert note.certain == certain and "only in part" not in note.text


@pytest.mark.parametrize("form", ["none", "unit", "signed"])
def test_classes_and_form_that_are_both_wrong_are_noticed(form, clothes):
    order = [3, 0, 1, 4, 2]
    function = trained(form).function
    model = Classifier.from_function(
        lambda images: function(images)[:, order], (SIDE, SIDE, 1), CLASSES, fingerprint=f"both {form}",
        outputs="logits", class_names=NAMES,
    )  # fmt: skip
    told = said(model, clothes)
    assert ("let the function scale its images to" in told) == (form != "none")
    assert "output 0 = dress, 1 = bag, 2 = boot and so on" in told and "--classes dress,bag,boot,shirt,coat" in told
    assert told.startswith(f"Accuracy is {100 * accuracy(model, clothes):.1f} %")


def test_classes_are_sought_in_other_forms_where_the_form_in_use_tells_nothing(clothes):
    """Grey levels, of which none is 0, are all 1 for a model that clips its inputs to 0..1."""
    function = trained("unit").function
    clothes = Dataset.from_arrays("clothes", "test", np.maximum(clothes.images, 1), clothes.labels, NAMES)
    model = Classifier.from_function(
        lambda images: function(np.clip(images, 0, 1))[:, [3, 0, 1, 4, 2]], (SIDE, SIDE, 1), CLASSES,
        fingerprint="clipped", outputs="logits", class_names=NAMES,
    )  # fmt: skip
    assert accuracy(model, clothes) == pytest.approx(1 / CLASSES)
    told = said(model, clothes)
    assert (
        "inputs 0..1 if the model's outputs mean other classes: output 0 = dress, 1 = bag, 2 = boot and so on" in told
    )
    assert "let the function scale its images to 0..1 and use --classes dress,bag,boot,shirt,coat (in Python" in told
    assert told.startswith(f"Accuracy is {100 * accuracy(model, clothes):.1f} % ")
    assert "and so on (400 images). If" in told


def misleading(repaired):
    """A network that, with grey levels as inputs, predicts in a wrong order and never the class coat.

    repaired: whether it predicts all classes, in the order 3, 0, 1, 4, 2, with inputs -1..1.
    """
    function = trained("none").function

    def scaled(images):
        if repaired and images.max() <= 1:
            return function((images + 1) * 127.5)[:, [3, 0, 1, 4, 2]]
        logits = function(images)[:, [4, 3, 0, 2, 1]]
        logits[:, 3] = logits.min(axis=1) - 1
        return logits

    return Classifier.from_function(
        scaled, (SIDE, SIDE, 1), CLASSES, fingerprint=f"misleading {repaired}", outputs="logits", class_names=NAMES
    )


def test_another_order_is_proposed_for_another_form_though_one_fits_in_part_with_the_form_in_use(clothes):
    model = misleading(repaired=True)
    note = check_inputs(model, clothes, model.scores(clothes.images))
    assert note.certain and note.text.startswith(
        f"Accuracy is {100 * accuracy(model, clothes):.1f} % with inputs 0..255"
    )
    assert "let the function scale its images to -1..1 and use --classes dress,bag,boot,shirt,coat (in" in note.text
    assert note.options == {"classes": "dress,bag,boot,shirt,coat"}, "a function scales its images itself"


def test_an_order_that_leaves_a_class_without_a_right_image_is_not_advised(clothes):
    model = misleading(repaired=False)
    note = check_inputs(model, clothes, model.scores(clothes.images))
    assert note.certain and "if the model's outputs mean other classes: output 0 = shirt" in note.text
    assert "only in part, so do not rely on this order: accuracy on the class coat would be only 0.0 % (" in note.text
    assert " images). The whole order is --classes " in note.text
    assert "use --classes" not in note.text and not note.lasting and not note.options
    text = check_inputs(model, replace(clothes, numbered=True), model.scores(clothes.images)).text
    assert "accuracy on the class 2 would be only 0.0 % (" in text and "--classes" not in text
    assert " images). The whole order is labels = np.array([" in text


@pytest.mark.parametrize("form", ["none", "unit"])
def test_labels_without_names_are_renumbered_whatever_the_outputs_are_called(form, clothes, tmp_path):
    """Names given to outputs would not change which output such a label is."""
    order = [3, 0, 1, 4, 2]
    weights = FORMS[form](CENTRES.astype(np.float32)).reshape(CLASSES, -1)[order]
    variance = (FORMS[form](np.float32(60)) - FORMS[form](np.float32(0))) ** 2
    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), keras.layers.Flatten(), keras.layers.Dense(CLASSES)])
    model.set_weights([weights.T / variance, -(weights**2).sum(axis=1) / 2 / variance])
    model.save(tmp_path / "signs.keras")
    named = load_classifier(tmp_path / "signs.keras", class_names=["30", "50", "70", "3", "stop"], outputs="logits")
    arrays = Dataset.from_arrays("arrays", "test", clothes.images, clothes.labels)
    note = check_inputs(named, arrays, named.scores(clothes.images))
    renumber = f"renumber the labels, as in labels = np.array({np.argsort(order).tolist()})[labels]."
    first = "use --preprocess unit (in Python preprocess='unit') and " if form == "unit" else ""
    assert "output 0 = label 3, 1 = label 0, 2 = label 1 and so on" in note.text
    assert f" If these are right, {first}{renumber}" in note.text and "--classes" not in note.whole
    assert note.options == ({"preprocess": "unit"} if form == "unit" else {})
    assert ('"class_names"' in note.lasting) == ('"preprocess": "unit"' in note.lasting) == (form == "unit")


@pytest.mark.parametrize(
    ("right", "counts", "doubted"),
    [
        ([20, 20, 19, 0], [20, 20, 20, 20], 3),
        ([20, 20, 20, 0], [20, 20, 20, 2], None),  # may be chance
        ([20, 20, 20, 2], [20, 20, 20, 20], None),
        ([20, 20, 20, 1], [20, 20, 20, 20], 3),
        ([9, 10, 10, 10], [20, 20, 20, 20], 0),  # most images are wrong
        ([10, 10, 10, 10], [20, 20, 20, 20], None),
    ],
)
def test_when_an_order_is_doubted(right, counts, doubted):
    labels = np.repeat(np.arange(4), counts)
    correct = np.concatenate([np.arange(count) < few for few, count in zip(right, counts, strict=True)])
    doubt = doubt_about(correct, labels)
    assert (doubt and doubt.label) == doubted and (doubt is None or doubt.accuracy == right[doubted] / counts[doubted])


def test_two_of_many_classes_that_are_exchanged_are_noticed():
    labels = np.arange(400) % 20
    scores = np.full((400, 20), 0.01)
    scores[np.arange(400), np.where(labels < 2, 1 - labels, labels)] = 0.81
    dataset = Dataset.from_arrays("many", "test", np.zeros((400, 1, 1, 1), np.uint8), labels)
    order = [1, 0, *range(2, 20)]
    assert say_classes(dataset, scores)[0].endswith(
        "other classes: output 0 = label 1, 1 = label 0. If these are right, renumber the labels, as in labels = "
        f"np.array({order})[labels]."
    )
    named = replace(dataset, numbered=False)
    assert "output 0 = 1, 1 = 0. If these are right, use --classes 1,0,2," in say_classes(named, scores)[0]
    scores = scores[:, [1, 0, *range(2, 20)]]  # each is right now
    assert say_classes(dataset, scores) == []


def test_labels_that_begin_at_1_are_recognised():
    """All names are advised: also those of classes without images, and of a rare one that is taken for another."""
    labels = np.append(1 + np.arange(399) % 14, 17)  # 18 outputs, no images of 0, 15 and 16
    scores = np.full((400, 18), 0.01)
    scores[np.arange(400), np.where(labels == 17, 3, labels - 1)] = 0.83
    pixels = np.zeros((400, 1, 1, 1), np.uint8)
    numbered = Dataset.from_arrays("many", "test", pixels, labels)
    (told,) = say_classes(numbered, scores)
    assert told.endswith("The labels seem to begin at 1: subtract 1 from them.")
    (told,) = say_classes(replace(numbered, numbered=False), scores)  # as of folders 1, 2 and so on
    option = "--classes " + ",".join(f"{k + 1}={k}" for k in range(17))
    python = "in Python class_names={k: str(k + 1) for k in range(17)}"
    assert told.endswith(f"The labels seem to begin at 1: subtract 1 from them, or use {option} ({python}).")
    named = Dataset.from_arrays("many", "test", pixels, labels, [f"n{k}" for k in range(18)])
    (told,) = say_classes(named, scores)
    assert "If the classes of the data are numbers, these seem to begin at 1: subtract 1 from them." in told
    assert "use --classes n1=0,n2=1" in told


@pytest.mark.parametrize("classes", [12, 13])
def test_names_are_listed_for_python_unless_they_are_many(classes):
    """Three classes take each other's places, which is as many as are named; the others keep theirs."""
    order = np.array([1, 2, 0, *range(3, classes)])
    labels = np.arange(20 * classes) % classes
    scores = np.full((len(labels), classes), 0.01)
    scores[np.arange(len(labels)), order[labels]] = 0.5
    names = [f"n{k}" for k in range(classes)]
    pixels = np.zeros((len(labels), 1, 1, 1), np.uint8)
    (told,) = say_classes(Dataset.from_arrays("many", "test", pixels, labels, names), scores)
    option = ",".join(["n2", "n0", "n1", *names[3:]])
    python = f"in Python class_names={['n2', 'n0', 'n1', *names[3:]]}" if classes == 12 else "class_names= in Python"
    assert told.endswith(f"output 0 = n2, 1 = n0, 2 = n1. If these are right, use --classes {option} ({python}).")


def test_an_assignment_is_tried_on_other_images_than_those_it_was_found_in():
    """One image a class, whose scores are random, can be assigned so that most are right."""
    for seed in range(5):
        random = np.random.default_rng(seed)
        dataset = Dataset.from_arrays("few", "test", np.zeros((50, 1, 1, 1), np.uint8), np.arange(50))
        assert say_classes(dataset, random.dirichlet(np.full(50, 0.05), 50)) == []


def test_few_images_are_enough_to_notice_that_outputs_have_another_order(mnist_lenet, digits):
    """Twenty images, two of each class; ten, one of each, cannot show it, however certain the model is."""
    turned = replace(digits, labels=(digits.labels + 3) % 10)
    assert "if the model's outputs mean other classes" in said(mnist_lenet, turned.take(20))
    assert said(mnist_lenet, turned.take(10)) == ""


def test_classes_without_images_keep_their_outputs_or_get_free_ones():
    scores = np.log(np.array([[0.1, 0.1, 0.7, 0.1], [0.1, 0.7, 0.1, 0.1]]))
    assert best_outputs(scores, np.array([0, 1])).tolist() == [2, 1, 0, 3]
    assert best_outputs(scores, np.array([2, 1])).tolist() == [0, 1, 2, 3]
    assert best_outputs(np.log([[0.7, 0.1, 0.1, 0.1]]), np.array([1])).tolist() == [1, 0, 2, 3]


def test_no_alarm_for_classes_without_reason(mnist_lenet, digits):
    alarms = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        labels = random.integers(0, CLASSES, 60)
        dataset = Dataset.from_arrays("clothes", "test", np.zeros((60, 4, 4, 1), np.uint8), labels, NAMES)
        alarms += [say_classes(dataset, random.dirichlet(np.full(CLASSES, 0.1), 60))]  # knows nothing
        constant = np.tile(random.dirichlet(np.full(CLASSES, 0.1)), (60, 1))
        unbalanced = Dataset.from_arrays("clothes", "test", dataset.images, np.minimum(labels, 1), NAMES)
        alarms += [say_classes(unbalanced, constant)]  # predicts one class for all
    few = digits.take(300)
    alarms += [said(mnist_lenet, few)]
    assert not any(alarms)


def say_classes(dataset, scores):
    predicted = scores.argmax(axis=1)
    outputs = far_better_outputs(scores, dataset.labels, predicted == dataset.labels)
    return [] if outputs is None else [classes_note(trained("none"), dataset, outputs, scores).text]


def test_many_names_are_told_to_go_into_the_file_beside_the_model_without_a_list_of_them(tmp_path):
    model = SimpleNamespace(source=Source.of(tmp_path / "signs.keras", {}))
    few, many = (set_for_all(model, [f"class {k}" for k in range(count)], "unit") for count in (50, 51))
    assert few.endswith('"class 49"]} into signs.json beside the model.')
    given = SimpleNamespace(source=Source.of(tmp_path / "my.keras", {"threshold": 0.3}, class_names=["cat", "dog"]))
    assert '{"form": {"preprocess": "unit", "threshold": 0.3}, "class_names": ["cat", "dog"]}' in set_for_all(
        given, (), "unit"
    )
    assert many == (
        'To set this for all commands, write {"form": {"preprocess": "unit"}, "class_names": ["..."]} into signs.json '
        "beside the model, with all names in this order in place of the dots."
    )
