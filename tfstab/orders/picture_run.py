"""The run that a picture of the user's own is compared with, and how the images of this run were read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.assessment.opened import Assessment
from tfstab.classifier.class_names import class_called
from tfstab.datasets.remarks import remarks_of
from tfstab.datasets.resize import noted_resize, parse_resize
from tfstab.errors import InputError, did_you_mean
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_compared import compared
from tfstab.explanation.picture_trials import OnProgress, silent
from tfstab.explanation.picture_why import why_of
from tfstab.names import composed
from tfstab.paths import user_path
from tfstab.runs import open_run
from tfstab.runs.info import is_run, runs_in, without_classes
from tfstab.runs.other_model import refuse_other_model
from tfstab.runs.together import hardened_side
from tfstab.sweep import SweepRun
from tfstab.wording import capital, listed

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

MOST_CLASSES = 12  # that an error names
NEEDS_RUN = (
    "--why compares a picture with images of a run: give the folder of an assessment or run in place of the model, as "
    "in tfstab inspect RUN PICTURE --why. `tfstab assess MODEL PHOTOS` makes an assessment."
)


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """A run; of an assessment, the run with the most images.

    Attributes
    ----------
    path : Path
        The folder that was given.
    run : SweepRun, SearchRun or ExplanationRun
        The run.
    others : tuple of runs
        The other runs of the assessment.
    """

    path: Path
    run: Any
    others: tuple[Any, ...] = ()

    @classmethod
    def of(cls, given: Any) -> "ComparedRun":
        """Return the run of a folder, of an opened run or of an assessment; of a hardening, one of the hardened model.

        Raises RunError if it cannot be opened, and InputError if it is something else.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, str | Path):
            path = hardened_side(user_path(given))
            given = Assessment(path, skip_damaged=True) if not is_run(path) and runs_in(path) else open_run(path)
        if isinstance(given, Assessment):
            largest = max(given.whole, key=lambda run: len(run.clean.indices))
            return cls(given.path, largest, tuple(run for run in given.whole if run is not largest))
        if not hasattr(given, "clean"):
            raise InputError(f"{given!r} is not a run: give the folder of a run, or what tfstab.open_run returned.")
        return cls(given.path, given)

    @property
    def clean(self) -> "CleanImages":
        """Its clean images."""
        images: CleanImages = self.run.clean
        return images

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (H, W, C) of its images."""
        height, width, channels = self.clean.images.shape[1:]
        return height, width, channels

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the model's classes."""
        return tuple(self.run.class_names)

    @property
    def with_classes(self) -> bool:
        """Whether the classes of its images are known."""
        return not without_classes(self.run.info)

    @property
    def resize(self) -> str | None:
        """How its images were resized, as `parse_resize` takes it; None if they were not."""
        return noted_resize(remarks_of(self.run.info["data"]))

    def resize_of(self, resize: str | None) -> str | None:
        """Return how a picture is resized like these images. resize: what the user says, if the run does not.

        Raises InputError if the run says it already, or the size is another one.
        """
        height, width = self.clean.images.shape[1:3]
        own = self.resize
        if resize is not None and own is not None:
            raise InputError(f"{self.path} says how its images were resized ({own}): leave --resize out.")
        if resize is None:
            return own
        way, size, _ = parse_resize(resize)
        if size not in (None, (height, width)):
            raise InputError(
                f"the images of {self.path} have {width} x {height} pixels, but --resize says {size[1]} x {size[0]}: "
                f"leave the size out, as in --resize {way}."
            )
        return resize

    def check_model(self, classifier: "Classifier") -> None:
        """Raise InputError unless a classifier is the model of the run."""
        refuse_other_model(self.path, self.run.info["model"], classifier)

    def class_of(self, name: str) -> int:
        """Return the output of the class with a name, or with a number; raise InputError if there is none."""
        found = class_of_picture(name, self.class_names)
        if found is None:
            raise unknown_class(name, self.class_names, "run")
        return found

    def compare(
        self, classifier: "Classifier", found: PictureFindings, *, why: bool, on_progress: OnProgress = silent
    ) -> PictureFindings:
        """Return what was found out about a picture with what the images of the run add.

        why: whether to add how firm the prediction is. on_progress: as in `findings_of`.
        """
        given: dict[str, Any] = {"with_classes": self.with_classes, "on_progress": on_progress}
        found = compared(classifier, found, self.clean, str(self.path), **given)
        if found.compared is not None and found.compared.same:
            measured = self._measured(self.clean.find(found.compared.same))
            found = replace(found, compared=replace(found.compared, same_measured=measured))
        if not why:
            return found
        return replace(
            found, why=why_of(classifier, found.image, self.clean, self.class_names, found.true_class, **given)
        )

    def _measured(self, image: int) -> bool:
        """Return whether anything but the clean prediction was measured of an image."""
        runs = [run for run in (self.run, *self.others) if image in run.clean.indices]
        return any(image in (run.measures.images if isinstance(run, SweepRun) else run.images) for run in runs)


def class_given(name: str, class_of: Callable[[str], int]) -> int:
    """Return the class that --class names; the InputError if there is none says what to do without a class.

    class_of: returns the class with a name; raises InputError if there is none.
    """
    try:
        return class_of(name)
    except InputError as error:
        raise InputError(
            f"{error} If a picture shows none of the classes, leave --class out (in Python true_class=)."
        ) from None


def class_of_picture(name: str, names: Sequence[str]) -> int | None:
    """Return the class that a user names; None if there is none.

    If no class has this name or number, it may differ from a single name by small and capital letters.
    """
    name = composed(name)
    found = class_called(name, list(names))
    if found is not None:
        return found
    alike = [k for k, other in enumerate(names) if composed(other).casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def unknown_class(name: str, names: Sequence[str], of: str) -> InputError:
    """Return the error about a class that a model or a run does not have. of: "model" or "run"."""
    has = f"the {of} has {listed(names, most=MOST_CLASSES)}."
    meant = did_you_mean(name, names)  # which may be wrong: a user's "car" looks like "cat", not like "automobile"
    hint = f"{meant} {capital(has)}" if meant else has
    return InputError(f"unknown class '{name}': {hint}")
