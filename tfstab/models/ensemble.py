"""Ensembles: several networks as one classifier (paper section 4, "Effect of Ensemble")."""

from collections.abc import Sequence
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.classifier.logits import gives_scores, member_models
from tfstab.errors import InputError, ModelError, unknown_name
from tfstab.models.loading import load_classifier


def make_ensemble(members: Sequence[Any], combine: str = "mean", name: str = "ensemble") -> Classifier:
    """One Classifier whose model holds copies of all members and combines their softmax scores.

    members: two or more of what `load_classifier` takes, with the same input shape and the same classes; what wants
    other inputs than grey levels is given as `load_classifier(path, preprocess="unit")`, and the ensemble then takes
    grey levels. combine:
    "mean" of the scores, "geometric" mean, or "vote" (see `tfstab.classifier.combine.CombineScores`). The model saves
    to one `.keras` file that every command takes, and `ensemble_members` gives the members back. Raises InputError for
    members that do not fit together, ModelError for one that cannot be copied.

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
    """Raise InputError unless this is a way to combine scores."""
    from tfstab.classifier.combine import MODES

    if combine not in MODES:
        raise unknown_name("combine", combine, MODES)


def ensemble_members(ensemble: Classifier) -> list[Classifier]:
    """The members of an ensemble, each a Classifier. Raises InputError for a model that is none.

    >>> from tfstab.models import ensemble_members
    >>> both = tfstab.make_ensemble([classifier, tfstab.build_model("mnist-lenet", seed=1)])
    >>> [member.name for member in ensemble_members(both)]
    ['ensemble/member-1', 'ensemble/member-2']
    """
    models = member_models(ensemble.model)
    if not models:
        raise InputError(f"{ensemble.name} is not an ensemble: expected a model made by make_ensemble.")
    return [Classifier(model, ensemble.class_names, f"{ensemble.name}/{model.name}") for model in models]


def _common_classes(classifiers: list[Classifier]) -> tuple[str, ...]:
    """The class names that all share; numbers give way to names. Raises InputError where they do not fit together."""
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
                    "ensemble must take the same images and know the same classes."
                )
        if _are_numbers(class_names):
            class_names = other.class_names
        elif not _are_numbers(other.class_names) and other.class_names != class_names:
            a, b = next((a, b) for a, b in zip(class_names, other.class_names, strict=True) if a != b)
            raise InputError(
                f"{first.name} has a class '{a}' where {other.name} has '{b}': the members of an ensemble must know "
                "the same classes in the same order."
            )
    return class_names


def _are_numbers(names: tuple[str, ...]) -> bool:
    return names == tuple(str(k) for k in range(len(names)))


def _copy(member: Classifier, name: str) -> Any:
    """The member's model under another name, with a softmax where it gives logits."""
    keras, model = backend.keras(), member.model
    try:
        copy = type(model).from_config({**model.get_config(), "name": name})
        copy.set_weights(model.get_weights())
    except Exception as error:  # Keras raises nearly anything for a model of one's own making
        raise ModelError(f"{member.name} cannot be copied into an ensemble: {error}") from error
    return copy if gives_scores(model) else keras.Sequential([copy, keras.layers.Softmax()], name=f"{name}-scores")
