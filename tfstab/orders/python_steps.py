"""What to do after an assessment or an explanation of a model or images that exist only in Python, as calls."""

from tfstab.assessment.opened import Assessment
from tfstab.assessment.shown_recalls import class_of_unnamed_falls
from tfstab.assessment.words import name
from tfstab.classifier.class_names import parse_class_names
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.folders import TRAINING
from tfstab.degradations import BUILT_IN
from tfstab.degradations.ranges import ALL
from tfstab.explanation import ExplanationRun
from tfstab.names import quoted
from tfstab.orders.after_explanation import WHY_ASSESS, after_explanation
from tfstab.orders.call import python_call
from tfstab.orders.hardening import MINUTES
from tfstab.orders.loaded import Loaded
from tfstab.orders.proposed import (
    TRAINING_IMAGES,
    TRAINING_LOOP,
    LostImage,
    chosen_degradations,
    minutes_to_continue,
    own_degradations,
    proposed,
    training_images,
    why_advised,
    why_explain,
    why_harden,
    why_more,
    why_training_loop,
)
from tfstab.orders.step import Call, Step

OBJECTS = "degradations"  # stands for degradations of the user's own
TRAINING_ARRAYS = "(train_images, train_labels)"  # stands for images that are not known


def python_steps(loaded: Loaded, assessment: Assessment) -> list[Call | Step]:
    """Return which calls to make next: see `next_steps`.

    In them, `model` (`classifier` for a Classifier), `data` and other names stand for what `assess` was given, with the
    same options, and `assessment` for what it returned.

    Parameters
    ----------
    loaded : Loaded
        The model and the images.
    assessment : Assessment
        Their assessment.
    """
    if assessment.advised:
        return _advised(loaded, assessment)
    steps = list[Call | Step]()
    found = proposed(loaded.classifier, _of_test(loaded), False, assessment)
    if found.lost is not None:
        steps.append(_look_at(loaded, found.lost, assessment))
    if (more := class_of_unnamed_falls(assessment.figures)) is not None:
        why = f"recall of class {quoted(name(more))} under each degradation"
        steps.append(Call('assessment.to_pandas()["recall"]', why))
    if found.rare is not None:
        steps.append(Call("assessment.recalls()", found.rare.why))
    if (open_ := why_more(assessment)) is not None:
        steps.append(_again(loaded, assessment, open_))
    if found.explain_minutes is not None:
        call = python_call("explain", *_same(loaded), **_options(loaded), minutes=str(found.explain_minutes))
        steps.append(Call(call, why_explain(found.explain_minutes)))
    if found.trainable:
        call = python_call(
            "harden", *_same(loaded), **_training(loaded), **_options(loaded), **_degradations(assessment)
        )
        steps.append(Call(f"hardening = {call}", why_harden(assessment)))
    elif found.trainable is not None:
        steps.append(Step(TRAINING_LOOP, why_training_loop(loaded.classifier)))
    return steps


def python_steps_explained(loaded: Loaded, explained: ExplanationRun) -> list[Call | Step]:
    """Return what to do after an explanation; an image to look at comes from an assessment beside it.

    Parameters
    ----------
    loaded : Loaded
        The model and the images.
    explained : ExplanationRun
        Their explanation.
    """
    steps, after, options = list[Call | Step](), after_explanation(explained), _options(loaded)
    if after.limit is not None:
        own = {
            name: repr(value) for name, value in explained.config.changed.items() if name in ("sigma", "copies", "seed")
        }
        minutes = {} if after.minutes is None else {"minutes": str(after.minutes)}
        more = {"limit": str(after.limit), **minutes, "out": repr(str(explained.path))}
        steps.append(Call(python_call("explain", *_same(loaded), **options, **own, **more), after.why_limit))
    if after.assess:
        steps.append(Call(f"assessment = {python_call('assess', *_same(loaded), **options)}", WHY_ASSESS))
    found = proposed(loaded.classifier, _of_test(loaded), True, after.assessment)
    if found.lost is not None:
        steps.append(_look_at(loaded, found.lost))
    if found.trainable:
        for more, what in after.hardenings:
            own = {name: repr(value.split(",") if name == "against" else value) for name, value in more.items()}
            call = python_call("harden", *_same(loaded), **_training(loaded), **options, **own)
            steps.append(Call(f"hardening = {call}", f"{what} ({MINUTES:g} minutes)"))
    elif found.trainable is not None:
        steps.append(Step(TRAINING_LOOP, why_training_loop(loaded.classifier)))
    return steps


def _of_test(loaded: Loaded) -> bool:
    """Return whether these are test images with classes, as `harden` takes them."""
    return loaded.dataset.split not in TRAINING and AS_PREDICTED not in loaded.dataset.remarks


def _look_at(loaded: Loaded, lost: LostImage, assessment: Assessment | None = None) -> Call:
    """Return the call that explains one image. assessment: that of the variable `assessment`, if there is one."""
    known = assessment is not None and lost.run.path.parent == assessment.path
    of = f"assessment.run({lost.run.path.name!r})" if known else f"tfstab.open_run({str(lost.run.path)!r})"
    given, _ = _same(loaded)
    model = given if loaded.is_classifier else python_call("load_classifier", given, **_of_model(loaded))
    return Call(python_call("explain_failure", model, of, str(lost.image)), lost.why)


def _advised(loaded: Loaded, assessment: Assessment) -> list[Call | Step]:
    """Return the assessment with the options that the check of the inputs advises.

    [] for a Classifier, which has its options already; the note says which ones it should have.
    """
    if loaded.is_classifier:
        return []
    own = {name: value if name == "threshold" else repr(value) for name, value in assessment.advised.items()}
    if "classes" in own:
        own.pop("classes")
        own["class_names"] = repr(parse_class_names(assessment.advised["classes"]))
    minutes = f"{assessment.repeat['minutes']:g}"
    call = python_call("assess", *_same(loaded), **{"minutes": minutes, **_options(loaded), **own})
    return [Call(f"assessment = {call}", why_advised(assessment.advised))]


def _again(loaded: Loaded, assessment: Assessment, why: str) -> Call:
    """Return the call that continues the assessment with the same options. why: what it is for."""
    repeat = assessment.repeat
    own = {name: repr(repeat[name]) for name in ("seed", "require") if repeat.get(name)}
    own |= {"search": "False"} if repeat.get("no_search") else {}
    given = {"minutes": f"{minutes_to_continue(assessment):g}", "out": repr(str(assessment.path))}
    call = python_call("assess", *_same(loaded), **given, **_options(loaded), **own, **_measured(assessment))
    return Call(f"assessment = {call}", why)


def _same(loaded: Loaded) -> tuple[str, str]:
    """Return the names that stand for the model and the images.

    A Classifier has one of its own: after a hardening, `model` is probably the user's name for the original.
    """
    return "classifier" if loaded.is_classifier else "model", "data"


def _training(loaded: Loaded) -> dict[str, str]:
    """Return the argument for training images: those beside the test images, if there are any, or a name for them."""
    train = TRAINING_IMAGES if loaded.source is None else training_images(loaded.source)
    return {} if train is None else {"train": TRAINING_ARRAYS if train == TRAINING_IMAGES else repr(train)}


def _degradations(assessment: Assessment) -> dict[str, str]:
    """Return the arguments for the degradations to train on and to measure, if they are not the built-in ones.

    If any that was chosen is the user's own, a variable stands for these, because they are objects.
    """
    measured, own = _measured(assessment), own_degradations(assessment)
    against = f"[{ALL!r}, *degradations]" if measured.get("degradations") == OBJECTS else repr([ALL, *own])
    return ({"against": against} if own else {}) | measured


def _measured(assessment: Assessment) -> dict[str, str]:
    """Return the argument for the degradations to measure, if they were chosen."""
    chosen = chosen_degradations(assessment)
    names = [] if chosen is None else chosen.split(",")
    objects = not set(names) <= set(BUILT_IN)
    return {"degradations": OBJECTS if objects else repr(names)} if names else {}


def _options(loaded: Loaded) -> dict[str, str]:
    """Return the options with which model and images were loaded, as they are written in a call."""
    return _of_model(loaded) | {name: repr(value) for name, value in loaded.image_options.items()}


def _of_model(loaded: Loaded) -> dict[str, str]:
    """Return those of the model alone; a variable stands for class names, because there may be many."""
    own = {name: repr(value) for name, value in loaded.model_options.items()}
    return own | ({"class_names": "class_names"} if "class_names" in own else {})
