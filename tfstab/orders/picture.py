"""One picture of the user's own: read as data sets are, scored, and degraded in all ways."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.class_names import ClassNames, are_numbers
from tfstab.datasets.images import KINDS, Resize, look, parse_resize
from tfstab.degradations.registry import BUILT_IN
from tfstab.errors import DataError, InputError, did_you_mean
from tfstab.explanation.picture import PictureFindings, findings_of
from tfstab.models import load_classifier
from tfstab.names import composed
from tfstab.orders.images import size_taken
from tfstab.orders.unlabelled import read_image
from tfstab.paths import check_path, user_path
from tfstab.wording import listed

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MOST_CLASSES = 12  # that an error names


def inspect_picture(
    model: Any,
    picture: str | Path,
    true_class: str | None = None,
    *,
    resize: str | None = None,
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: ClassNames | None = None,
) -> PictureFindings:
    """Say what a model predicts for one picture, and which degradations change the prediction or make it right.

    The built-in degradations are tried at their default severities, each alone, and those with two directions in both:
    brighter and darker, for example. This takes seconds to a few minutes.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier
        What `load_classifier` takes.
    picture : str or Path
        An image file. It is rotated as its EXIF data say, as in data sets.
    true_class : str, optional
        Name of the picture's true class. Without it, nothing is called right or wrong.
    resize : str, optional
        As in `load_dataset`, such as "crop" or "stretch:bilinear"; by default a picture of another size is stretched
        to that of the model.
    preprocess, outputs, threshold, trust, imports, class_names
        As in `load_classifier`.

    Returns
    -------
    PictureFindings
        The scores, and the predictions under each degradation. `print` shows them in sentences.

    Raises
    ------
    InputError
        The model has no such class, or takes images of any size and `resize` names none.
    ModelError, DataError
        The model or the picture cannot be read.

    Examples
    --------
    >>> from PIL import Image
    >>> Image.fromarray(digits.images[0, ..., 0]).save("digit.png")
    >>> name = digits.class_names[digits.labels[0]]
    >>> found = tfstab.inspect_picture(classifier, "digit.png", name)
    >>> found.right, str(found).splitlines()[0] == f"digit.png: {name}, as predicted"
    (True, True)
    """
    file = user_path(picture)
    check_path(file)
    if not file.is_file():
        kind = "a folder; expected one picture: `tfstab assess` takes folders" if file.is_dir() else "not there"
        raise DataError(f"{file} is {kind}; give an image file ({KINDS}).")
    classifier = load_classifier(
        model,
        preprocess=preprocess,
        outputs=outputs,
        threshold=threshold,
        trust=trust,
        imports=imports,
        class_names=class_names,
    )
    label = None if true_class is None else _class_of(true_class, classifier)
    way, size, chosen = parse_resize(resize or "stretch")
    form = Resize(size or size_taken(classifier.name, classifier.input_shape), way, chosen)
    image = read_image(file, file, classifier.input_shape[2] == 1, form)
    own = look(file).size
    note = "" if own == form.size else f"{form}, from {own[1]} x {own[0]}"
    return findings_of(classifier.for_images(image.shape), image, list(BUILT_IN.values()), file.name, label, note)


def _class_of(name: str, classifier: "Classifier") -> int:
    """Return the output of the class with a name; raise InputError if there is none."""
    name, names = composed(name), list(classifier.class_names)
    if name in names:
        return names.index(name)
    if are_numbers(names):
        card = "" if classifier.source is None else f" {Path(classifier.source.path).with_suffix('.json').name}"
        raise InputError(
            f"unknown class '{name}': the outputs of {classifier.name} have no names, only the numbers 0 to "
            f"{len(names) - 1}. Give the number, or name the outputs with --classes NAME,NAME,... (in Python "
            f'class_names=), or for all commands in the file{card} beside the model: {{"class_names": ["NAME", ...]}}, '
            "a line that `tfstab assess` prints at its end, and its report has in its notes, if it can tell the order."
        )
    hint = did_you_mean(name, names) or f"the model has {listed(names, most=MOST_CLASSES)}."
    raise InputError(f"unknown class '{name}': {hint}")
