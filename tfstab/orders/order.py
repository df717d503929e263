"""A run that is asked for: of which model, on which images, with which settings, into which folder."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.matching import match_classes
from tfstab.datasets import NAMED, Dataset
from tfstab.models import card_of, own_data
from tfstab.names import composed
from tfstab.orders.images import ImageOptions
from tfstab.orders.model import ModelOptions, check_not_swapped
from tfstab.orders.naming import kind_name, run_name
from tfstab.paths import user_path
from tfstab.runs.files import check_room
from tfstab.runs.kinds import KINDS
from tfstab.runs.locking import check_free

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

LoadModel = Callable[[ModelOptions], "Classifier"]


@dataclass(frozen=True)
class Subject:
    """A model and images, and what a search must reach; each is loaded when it is first needed, and kept.

    Parameters
    ----------
    model : ModelOptions
        The model.
    images : ImageOptions
        The images; by default those of a bundled network's own data set.
    target : str, optional
        Name or number of the class that a search must reach; by default any wrong class.
    mask : Path, optional
        Image file that is white where a search may change pixels; by default all.
    load_model : callable
        Loads the model; a process that makes several runs may keep it.

    Examples
    --------
    >>> from tfstab.orders import ImageOptions, ModelOptions, Subject
    >>> subject = Subject(ModelOptions("mnist-lenet"), ImageOptions(limit=100), target="3")
    >>> dataset, goal = subject.aimed
    >>> len(dataset), goal
    (90, {'target': 3})
    """

    model: ModelOptions
    images: ImageOptions
    target: str | None = None
    mask: Path | None = None
    load_model: LoadModel = ModelOptions.load

    def check(self) -> None:
        """Check everything that can be checked without TensorFlow and without reading images; raises TfstabError."""
        self._check_model()
        self._images.check()
        _ = self._free
        classes = classes_of(self.model.name)
        if self.target is not None and self._images.data in NAMED and classes:
            from tfstab.search.aim import class_named

            class_named(self.target, classes)

    @cached_property
    def classifier(self) -> "Classifier":
        """The model."""
        return self.load_model(self.model)

    @cached_property
    def dataset(self) -> Dataset:
        """The images, grey if the model takes such; its options and the mask are checked before they are read."""
        from tfstab.classifier.grey_files import in_grey

        self._check_model()
        _ = self._free
        dataset = self._images.load(lambda: self.classifier)
        if dataset.image_shape[2] == 1:
            return dataset  # without loading the model
        return in_grey(dataset, self.classifier.model_shape, self.classifier.name)

    @cached_property
    def matched(self) -> Dataset:
        """The images, with labels that are outputs of the model."""
        return match_classes(self.classifier, self.dataset)

    @property
    def taken_for(self) -> tuple[str, ...]:
        """What the model and the images are taken for, in one line each; and notes on images that it may know."""
        from tfstab.classifier.taken import describe_images, describe_model, training_note
        from tfstab.models.validation import validation_note

        matched = self.matched
        lines = describe_model(self.classifier.for_images(matched.image_shape)), describe_images(matched)
        notes = training_note(matched), validation_note(self.classifier, matched)
        return (*lines, *filter(None, notes))

    @cached_property
    def aimed(self) -> tuple[Dataset, dict[str, Any]]:
        """The images to search, none of which is of the target class, and the arguments target and mask of a search."""
        goal: dict[str, Any] = {}
        dataset = self.dataset
        if self._free is not None:
            goal["mask"] = self._free
        if self.target is not None:
            from tfstab.search.aim import aim_at

            goal["target"], dataset = aim_at(self.target, self.matched)
        return dataset, goal

    @property
    def changed(self) -> dict[str, Any]:
        """The options that differ from their defaults and that a resumed run must repeat.

        They include the first image of a span, but not the number of images, because a resumed run may get more. How
        the model is read may be said by its card instead of the options.
        """
        options = {
            "split": self.images.split if self.images.split != "test" else None,
            "from": self.images.first or None,
            "resize": self.images.resize,
            **self.model.form,
            "classes": self.model.classes,
            "target": self.target,
            "mask": None if self.mask is None else self.mask.stem,
        }
        return {name: value for name, value in options.items() if value is not None}

    def _check_model(self) -> None:
        check_not_swapped(self.model.name, self._images.data)
        self.model.check()

    @property
    def _images(self) -> ImageOptions:
        """The images, with the data set named."""
        return replace(self.images, data=self.images.data or own_data(self.model.name))

    @cached_property
    def _free(self) -> NDArray[np.bool_] | None:
        """The pixels (H, W) that may change, read from the mask."""
        if self.mask is None:
            return None
        from tfstab.search.aim import read_mask

        return read_mask(user_path(self.mask))


@dataclass(frozen=True)
class Order:
    """A run to make or to resume.

    Parameters
    ----------
    kind : str
        A kind of run, one of `tfstab.runs.kinds.KINDS`.
    subject : Subject
        Model and images.
    config : SearchConfig or SweepConfig
        Settings of that kind.
    out : Path, optional
        The run folder; by default in the folder `runs`, named after kind, model, data and changed settings.

    Examples
    --------
    >>> from tfstab.orders import ImageOptions, ModelOptions, Order, Subject
    >>> subject = Subject(ModelOptions("mnist-lenet"), ImageOptions("mnist-5k", limit=10))
    >>> order = Order("sweep", subject, tfstab.SweepConfig(sigmas=(20,), copies=5))
    >>> order.check()
    >>> run = order.run(on_progress=lambda progress: None)
    >>> run.path.name, run.complete
    ('sweep-mnist-lenet-mnist-5k-sigmas-20', True)
    """

    kind: str
    subject: Subject
    config: Any
    out: Path | None = None

    def check(self) -> None:
        """Check everything that can be checked without TensorFlow and without reading images; raises TfstabError."""
        self.subject.check()
        if self.out is not None:
            check_room(user_path(self.out), "for the run")

    @cached_property
    def folder(self) -> Path:
        """The run folder; images are read for its default name. Raises RunError if no run can be written there."""
        folder = self.out or default_folder(kind_name(self.kind, self.config), self.subject, self.config)
        check_free(user_path(folder))
        return folder

    def run(self, classifier: "Classifier | None" = None, **given: Any) -> Any:
        """Make the run.

        Parameters
        ----------
        classifier : Classifier, optional
            The subject's model, if it was prepared; by default as loaded.
        **given
            Observers and cluster, as the runner of this kind takes them.

        Returns
        -------
        SearchRun or SweepRun
            The run, opened.

        Raises
        ------
        TfstabError
            What `run_search` or `run_sweep` raises.
        """
        dataset, goal = self.subject.aimed
        model = classifier or self.subject.classifier
        make = KINDS[self.kind].load("runner")
        return make(model, dataset, self.config, self.folder, **given, **goal)


def default_folder(kind: str, subject: Subject, config: Any = None) -> Path:
    """Return `runs/KIND-MODEL-DATA-SETTINGS` in the current folder, with the settings that differ from the defaults.

    The images are read, as their name says whether they are resized.
    """
    changed = subject.changed | ({} if config is None else config.changed)
    return Path("runs") / run_name(kind, subject.model.name, subject.dataset.name, changed)


def classes_of(model: str) -> tuple[str, ...]:
    """Return the names of a model's classes if its card has them, else none."""
    names = (card_of(model) or {}).get("class_names", ())
    return tuple(composed(str(name)) for name in names) if isinstance(names, list | tuple) else ()
