"""One picture of the user's own: read as data sets are, scored, and degraded in all ways."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_names import MOST_PROPOSED, ClassNames, are_numbers
from tfstab.datasets.images import KINDS
from tfstab.datasets.resize import Resize, parse_resize, resize_option
from tfstab.degradations.registry import BUILT_IN
from tfstab.errors import DataError, InputError
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_trials import BATCH, OnProgress, findings_of, mild_changes, silent
from tfstab.models import import_modules, load_classifier
from tfstab.names import composed
from tfstab.orders.images import size_taken
from tfstab.orders.model_of_run import model_of_run
from tfstab.orders.picture_reading import Reading
from tfstab.orders.picture_run import ComparedRun, class_given, class_of_picture, unknown_class
from tfstab.orders.unlabelled import read_image
from tfstab.paths import check_path, user_path
from tfstab.wording import scored

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def inspect_picture(
    model: Any,
    picture: str | Path,
    true_class: str | int | None = None,
    *,
    run: Any = None,
    why: bool = False,
    resize: str | None = None,
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: ClassNames | None = None,
    on_progress: OnProgress | None = None,
) -> PictureFindings:
    """Say what a model predicts for one picture, and which degradations change the prediction or make it right.

    The built-in degradations are tried at their default severities, each alone, and those with two directions in both:
    brighter and darker, for example. This takes seconds to a few minutes. With a run of the same model, the picture is
    read as its images were, and compared with them: in brightness, contrast, sharpness and noise, and in what the
    changes do. If it is misclassified, `verdict` then says whether the photograph or the model is probably the reason.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier
        What `load_classifier` takes.
    picture : str or Path
        An image file. It is rotated as its EXIF data say, as in data sets.
    true_class : str or int, optional
        Name or number of the picture's true class. Without it, nothing is called right or wrong.
    run : str, Path, Assessment or run, optional
        An assessment or run of the same model, or its folder. The folder of a hardening stands for the runs of the
        hardened model in it.
    why : bool
        Whether to say, too, how firm the prediction is: margins in the layers, random noise that changes it, and the
        most similar images. Needs `run`.
    resize : str, optional
        As in `load_dataset`, such as "crop" or "stretch:bilinear"; by default a picture of another size is resized as
        the images of the run were, and without a run stretched to the size of the model.
    preprocess, outputs, threshold, trust, imports, class_names
        As in `load_classifier`. Of a model's file with a `run`, the first three and the names are those of the run if
        none of them is given.
    on_progress : callable, optional
        Called as on_progress(what, done, total) with what is being done, and how much of it is done.

    Returns
    -------
    PictureFindings
        The scores, and the predictions under each degradation. `print` shows them in sentences.

    Raises
    ------
    InputError
        The model has no such class, or takes images of any size and `resize` names none; the run is of another model;
        or `why` has nothing to compare with, or a model that returns only classes.
    ModelError, DataError, RunError
        The model, the picture or the run cannot be read.

    Examples
    --------
    >>> from PIL import Image
    >>> Image.fromarray(digits.images[0, ..., 0]).save("digit.png")
    >>> name = digits.class_names[digits.labels[0]]
    >>> found = tfstab.inspect_picture(classifier, "digit.png", name)
    >>> found.right, str(found).splitlines()[0] == f"digit.png: {name}, as predicted"
    (True, True)
    """
    file = picture_file(picture)
    true_class = None if true_class is None else str(true_class)
    if why and run is None:
        raise InputError(
            "why=True compares a picture with images of a run: give the model and, as run=, an assessment or a run "
            "of this model, or its path. tfstab.assess(model, data) makes an assessment."
        )
    reference = None if run is None else ComparedRun.of(run)
    label = None
    if reference is not None and true_class is not None:
        label = class_given(true_class, reference.class_of)  # before a model loads
    check_resize(resize, reference)
    form = {"preprocess": preprocess, "outputs": outputs, "threshold": threshold, "class_names": class_names}
    classifier = loaded(model, form, reference, trust=trust, imports=imports)
    fitting, resizing, chosen = fitted(classifier, reference, resize)
    if reference is None and true_class is not None:
        label = class_given(true_class, partial(class_of_model, classifier=fitting))
    read = Reading.of(file, file, resizing, grey=fitting.input_shape[2] == 1, chosen=chosen)
    image, undone_images = read.image, read.undone
    found = findings_of(
        fitting,
        image,
        list(BUILT_IN.values()),
        file.name,
        label,
        on_progress=on_progress or silent,
        undone_scores=fitting.scores(undone_images),
        undone_images=undone_images,
        model=model_line(classifier),
        resize=resize_option(resizing.way, resizing.size, resizing.filter) if read.resized else None,
        cautions=(*([] if reference else scale_cautions(fitting, image)), *read.cautions),
        remarks=tuple(read.remarks),
    )
    if reference is None:
        return found
    return reference.compare(fitting, found, why=why, on_progress=on_progress or silent)


def loaded(
    model: Any, form: dict[str, Any], reference: ComparedRun | None, *, trust: bool, imports: Sequence[str]
) -> "Classifier":
    """Load a model; from a file, in the form in which a run has read it, unless another form is given."""
    given = any(value is not None for value in form.values())
    if reference is None or given or not isinstance(model, str | Path):
        return load_classifier(model, trust=trust, imports=imports, **form)
    import_modules(imports)
    return model_of_run(reference.run.info, str(model), trust).load()


def fitted(
    classifier: "Classifier", reference: ComparedRun | None, resize: str | None
) -> tuple["Classifier", Resize, bool]:
    """Return the model for pictures, how they are resized, and whether the user or the run says so.

    resize: what the user says. Raises InputError if the run is of another model, or if no size is known.
    """
    fitting = classifier.with_batch_size(BATCH)  # a copy, which may get other names
    if reference is not None:
        reference.check_model(fitting)
        fitting = fitting.for_images(reference.shape)
        fitting.class_names, resize = reference.class_names, reference.resize_of(resize)
    way, size, chosen = parse_resize(resize or "stretch")
    form = Resize(size or size_taken(fitting.name, fitting.input_shape), way, chosen)
    return fitting.for_images((*form.size, fitting.input_shape[2])), form, resize is not None


def picture_file(picture: str | Path) -> Path:
    """Return the path of a picture after reading it, so that faults are found before a model is loaded for seconds.

    Raises DataError if it is missing or cannot be read, and InputError if it is no path.
    """
    if not isinstance(picture, str | os.PathLike):
        raise InputError(
            f"a {type(picture).__name__} was given as the picture; expected the path of an image file: save it first, "
            "for example with PIL.Image.fromarray(image).save('picture.png')."
        )
    file = user_path(picture)
    check_path(file)
    if file.is_dir():
        raise DataError(
            f"{file} is a folder: give an image file ({KINDS}), or give the folder to tfstab.inspect_pictures."
        )
    if not file.is_file():
        raise DataError(f"{file} is not there; give an image file ({KINDS}).")
    read_image(file, file, grey=False)
    return file


def check_resize(resize: str | None, reference: ComparedRun | None) -> None:
    """Raise InputError if a picture cannot be resized as the user says, before a model is loaded."""
    if resize is not None:
        parse_resize(resize)
        if reference is not None:
            reference.resize_of(resize)


def model_line(classifier: "Classifier") -> str:
    """Return in one line what a model was taken for, as all commands print it."""
    from tfstab.classifier.taken import describe_model

    return describe_model(classifier)


def scale_cautions(classifier: "Classifier", image: NDArray[np.uint8], which: str = "this picture") -> list[str]:
    """Return a warning if the inputs seem to be scaled wrongly, or that this is not known if nothing says it.

    which: what the picture is called.
    """
    from tfstab.classifier.scale_doubt import may_be_unscaled, scores_if_unscaled

    if not may_be_unscaled(classifier):
        return []
    scores = scores_if_unscaled(classifier, mild_changes(image, list(BUILT_IN.values())))
    if scores is None:
        return [
            "It is not known whether the model takes grey levels 0..255, because one picture rarely shows it: "
            "`tfstab assess MODEL PHOTOS` checks it."
        ]
    given, small = map(scored, scores)
    return [
        "The inputs are probably scaled wrongly: if they are, do not rely on what follows. With grey levels 0..255, "
        f"the highest score of {which} and its mild changes is typically {given}, higher than usual for a trained "
        f"network. With inputs 0..1, it is {small}. State with --preprocess how images were scaled in training, such "
        "as unit (0..1), signed (-1..1) or mean=M/std=S (your own mean and standard deviation in grey levels). "
        "`tfstab assess MODEL PHOTOS` says which of the forms that have a name fits photographs of known classes best."
    ]


def class_of_model(name: str, classifier: "Classifier") -> int:
    """Return the output of the class with a name, or with a number; raise InputError if there is none."""
    name, names = composed(name), list(classifier.class_names)
    found = class_of_picture(name, names)
    if found is not None:
        return found
    if are_numbers(names):
        card = "" if classifier.source is None else f" {Path(classifier.source.path).with_suffix('.json').name}"
        raise InputError(
            f"unknown class '{name}': the outputs of {classifier.name} have no names, only the numbers 0 to "
            f"{len(names) - 1}. Give the number, or name the outputs with --classes NAME,NAME,... (in Python "
            f'class_names=), or for all commands in the file{card} beside the model: {{"class_names": ["NAME", ...]}}. '
            "If the images confirm the order, `tfstab assess` prints this line at its end, and its report has it in "
            f"its notes (for up to {MOST_PROPOSED} classes). Or give the folder of an assessment in place of the model."
        )
    raise unknown_class(name, names, "model")
