"""A model and images as a Python caller gives them: names and paths, or objects that are loaded already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.class_names import classes_text
from tfstab.datasets import Dataset
from tfstab.datasets.groups import independent
from tfstab.models import load_classifier
from tfstab.orders.images import ImageOptions, load_object
from tfstab.orders.model import ModelOptions, default_model
from tfstab.orders.order import Subject
from tfstab.runs.form import form_of

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


@dataclass(frozen=True)
class Loaded:
    """A model and images that are loaded already.

    Attributes
    ----------
    classifier : Classifier
        The model.
    dataset : Dataset
        The images.
    model_options, image_options : mapping
        Options with which they were loaded and that differ from the defaults, by name of parameter.
    source : str or None
        Name or path of the images; None for objects, such as arrays.
    is_classifier : bool
        Whether the caller gave a Classifier, not a Keras model, for example.
    """

    classifier: "Classifier"
    dataset: Dataset
    model_options: Mapping[str, Any] = field(default_factory=dict)
    image_options: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    is_classifier: bool = True

    @property
    def changed(self) -> dict[str, Any]:
        """The options that differ from their defaults and that a resumed run must repeat."""
        return form_of(self.classifier)


def subject_of(
    model: Any = None,
    data: Any = None,
    *,
    split: str = "test",
    data_dir: str | Path | None = None,
    limit: int | None = None,
    resize: str | None = None,
    damaged: str = "fail",
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: Sequence[str] | None = None,
) -> Subject | Loaded:
    """Return a model and images; those given by name or path are loaded when they are first needed.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier, optional
        What `load_classifier` takes; by default the bundled network of the data set.
    data : str, Path, Dataset, tf.data.Dataset or (images, labels), optional
        What `load_dataset` takes, or a data set; by default that of the bundled network. Of images with groups, one
        image of each group is taken.
    split, data_dir, resize, damaged
        As in `load_dataset`.
    limit : int, optional
        Size of a stratified sample of the images.
    preprocess, outputs, threshold, trust, imports, class_names
        As in `load_classifier`.

    Raises
    ------
    InputError, ModelError, DataError
        Model or images are not there or cannot be read.
    """
    by_name = data is None or isinstance(data, str | Path)
    named_data = str(data) if data is not None and by_name else None
    folder = None if data_dir is None else Path(data_dir)
    images = ImageOptions(named_data, split, folder, limit, None, resize, damaged)
    given: dict[str, Any] = {
        "preprocess": preprocess, "outputs": outputs, "threshold": threshold, "trust": trust, "imports": imports,
        "class_names": class_names,
    }  # fmt: skip
    named = default_model(images) if model is None else model
    if isinstance(named, str | Path) and by_name:
        classes = None if class_names is None else classes_text(class_names)
        options = ModelOptions(str(named), preprocess, outputs, trust, list(imports), classes, threshold)
        subject = Subject(options, images, load_model=lambda _: load_classifier(named, **given))
        subject.check()
        return subject
    classifier = load_classifier(named, **given)
    is_classifier = classifier is named
    of_model = {} if is_classifier else {name: value for name, value in given.items() if value not in (None, False, ())}
    of_images = {"split": split} if split != ImageOptions.split else {}
    of_images |= {"resize": resize} if resize is not None else {}
    if by_name:
        of_images |= {"data_dir": str(data_dir)} if data_dir is not None else {}
        of_images |= {"damaged": damaged} if damaged != ImageOptions.damaged else {}
        return Loaded(classifier, images.load(lambda: classifier), of_model, of_images, named_data, is_classifier)
    dataset = independent(load_object(data, split, resize, lambda: classifier))
    dataset = dataset if limit is None else dataset.take(limit)
    return Loaded(classifier, dataset, of_model, of_images, None, is_classifier)
