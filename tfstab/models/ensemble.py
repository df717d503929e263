"""Ensembles: several networks combined into one classifier (the paper's section 4, "Effect of Ensemble")."""

from collections.abc import Sequence
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.classifier.logits import member_models
from tfstab.errors import InputError, ModelError, unknown_name
from tfstab.models.copying import copy_model
from tfstab.models.loading import load_classifier


def make_ensemble(members: Sequence[Any], combine: str = "mean", name: str = "ensemble") -> Classifier:
    """Combine several classifiers into one whose scores are a combination of theirs.

    The ensemble's model contains a copy of every member. It can be saved to a single `.keras` file, which every command
    accepts, and `ensemble_members` returns the members.

    Parameters
    ----------
    members : sequence
        Two or more models, in any form that `load_classifier` accepts, with the same input shape and the same classes.
        Give a model that expects other inputs than grey levels as, for example,
        `load_classifier(path, preprocess="unit")`; the ensemble itself takes grey levels.
    combine : str
        How to combine the softmax scores: "mean", "geometric" (mean) or "vote"; see
        `tfstab.classifier.combine.CombineScores`.
    name : str
        Name of the ensemble.

    Returns
    -------
    Classifier
        The ensemble.

    Raises
    ------
    InputError
        The members do not fit together, or there is no such combination.
    ModelError
        A member cannot be copied.

    References
    ----------
    Aghdam, Heravi and Puig, section 4, "Effect of Ensemble".

    Examples
    --------
    >>> both = tfstab.make_ensemble([classifier, tfstab.build_model("mnist-lenet", seed=1)])
    >>> both
    Classifier('ensemble', input=(28, 28, 1), classes=10)
    >>> both.model.save("both.keras")
    >>> tfstab.load_classifier("both.keras").fingerprint == both.fingerprint
    True
    """
    from tfstab.classifier.combine import CombineScores

    check_combine(combine)
    if not isinstance(members, Sequence) or isinstance(members, str):
        raise InputError(f"members is {members!r}; expected a list of two members or more.")
    classifiers = [load_classifier(member) for member in members]
    class_names = _common_classes(classifiers)
    keras = backend.keras()
    inputs = keras.Input(classifiers[0].input_shape)
    scores = [_copy(member, f"member-{k}")(inputs) for k, member in enumerate(classifiers, start=1)]
    model = keras.Model(inputs, CombineScores(combine, name="combined")(scores), name=name)
    return Classifier(model, class_names, name)


def check_combine(combine: str) -> None:
    """Check that there is a way of this name to combine scores.

    Parameters
    ----------
    combine : str
        Name of the combination, such as "mean".

    Raises
    ------
    InputError
        There is none.
    """
    from tfstab.classifier.combine import MODES

    if combine not in MODES:
        raise unknown_name("combine", combine, MODES)


def ensemble_members(ensemble: Classifier) -> list[Classifier]:
    """Return the members of an ensemble.

    Parameters
    ----------
    ensemble : Classifier
        A classifier made by `make_ensemble`, or loaded from a file that holds one.

    Returns
    -------
    list of Classifier
        The members, in the order in which they were given, with the ensemble's form of preprocessing.

    Raises
    ------
    InputError
        The model is not an ensemble.

    Examples
    --------
    >>> from tfstab.models import ensemble_members
    >>> both = tfstab.make_ensemble([classifier, tfstab.build_model("mnist-lenet", seed=1)])
    >>> [member.name for member in ensemble_members(both)]
    ['ensemble/member-1', 'ensemble/member-2']
    """
    models = member_models(ensemble.given)  # as a model that is preprocessed hides them
    if not models:
        raise InputError(f"{ensemble.name} is not an ensemble: expected a model made by make_ensemble.")
    names, form = ensemble.class_names, ensemble.preprocess
    return [Classifier(model, names, f"{ensemble.name}/{model.name}", preprocess=form) for model in models]


def _common_classes(classifiers: list[Classifier]) -> tuple[str, ...]:
    """Return the class names that all members share; members whose names are only numbers adopt those of others."""
    if len(classifiers) < 2:
        raise InputError(f"an ensemble of {len(classifiers)} was asked for; expected 2 members or more.")
    first = classifiers[0]
    class_names = first.class_names
    for other in classifiers[1:]:
        for what in ("input_shape", "num_classes"):
            here, there = getattr(first, what), getattr(other, what)
            if here != there:
                words = "takes images of shape {}" if what == "input_shape" else "has {} classes"
                raise InputError(
                    f"{first.name} {words.format(here)} but {other.name} {words.format(there)}: the members of an "
                    "ensemble must have the same input shape and the same classes."
                )
        if _are_numbers(class_names):
            class_names = other.class_names
        elif not _are_numbers(other.class_names) and other.class_names != class_names:
            a, b = next((a, b) for a, b in zip(class_names, other.class_names, strict=True) if a != b)
            raise InputError(
                f"{first.name} has a class '{a}' where {other.name} has '{b}': the members of an ensemble must have "
                "the same classes in the same order."
            )
    return class_names


def _are_numbers(names: tuple[str, ...]) -> bool:
    """Return True if the class names are only the numbers of the classes."""
    return names == tuple(str(k) for k in range(len(names)))


def _copy(member: Classifier, name: str) -> Any:
    """Copy the member's model under another name, and add a softmax if it returns logits."""
    keras, model = backend.keras(), member.model
    try:
        copy = copy_model(model, name)
    except Exception as error:  # Keras raises nearly anything for a custom model
        raise ModelError(f"{member.name} cannot be copied into an ensemble: {error}") from error
    return copy if member.logits.of_scores else keras.Sequential([copy, keras.layers.Softmax()], name=f"{name}-scores")
