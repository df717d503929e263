"""The names of a model's outputs, which an assessment can tell from the classes of its images."""

from pathlib import Path

from tfstab.assessment.opened import Assessment
from tfstab.classifier import Classifier
from tfstab.classifier.class_names import MOST_PROPOSED, are_numbers
from tfstab.classifier.input_note import set_for_all
from tfstab.classifier.source import FORM, Source
from tfstab.models.cards import class_names

LEAST = 2  # images of each class that must be right; see `tfstab.classifier.input_check` on small samples


def names_confirmed(assessment: Assessment, classifier: Classifier) -> str:
    """Return that the classes of the images fit the outputs, and how to name these for all commands; "" if not.

    They fit if the check of the inputs found no better order, and the clean images of each class are taken for it more
    often than for any other class. Nothing is said of outputs that have names, classes that are numbers, or many
    classes; but names that were given for this assessment alone, by an option, are proposed whatever they are, unless
    the model's card has them. If no option was given, the sentence says that nothing needs to be done.
    """
    figures = assessment.figures
    names, found = figures.classes, figures.clean_classes
    if assessment.input_note != "" or not len(found) == len(names) <= MOST_PROPOSED:
        return ""
    given = classifier.source is not None and "classes" in classifier.source.options
    if not given and (are_numbers(names) or not are_numbers(classifier.class_names)):
        return ""
    source = classifier.source
    if source is not None and class_names(Path(source.path).with_suffix(".json")) == tuple(names):
        return ""
    fit = all(max(LEAST, one.mistaken_for[1] + 1) <= one.right.sum() for one in found)
    if not fit or not (advice := set_for_all(classifier, names)):
        return ""
    enough = "" if given or _with_options(source) else ", so nothing needs to be done for these images"
    return f"The classes of the images fit the outputs of {classifier.name} in this order{enough}. {advice}"


def _with_options(source: Source | None) -> bool:
    """Return whether a model was loaded with options that its card does not give, so other commands need them, too."""
    return source is not None and {name: source.options[name] for name in FORM if name in source.options} != source.told
