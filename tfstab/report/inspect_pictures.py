"""`tfstab.inspect_pictures`: predictions for the pictures of a folder, and why the wrong ones probably are wrong."""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_names import ClassNames
from tfstab.datasets.resize import Resize
from tfstab.errors import DataError
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.picture_trials import BATCH, OnProgress, silent
from tfstab.orders.picture import check_resize, class_of_model, fitted, loaded, model_line, scale_cautions
from tfstab.orders.picture_before import network_before
from tfstab.orders.picture_folder import PictureFolder
from tfstab.orders.picture_reading import Reading, cautions_on
from tfstab.orders.picture_run import ComparedRun
from tfstab.report.folder_findings import FolderFindings, InspectedPicture
from tfstab.stepwise import finished
from tfstab.warning import warn

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def inspect_pictures(
    model: Any,
    folder: str | Path,
    true_class: str | int | None = None,
    *,
    run: Any = None,
    resize: str | None = None,
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: ClassNames | None = None,
    on_progress: OnProgress | None = None,
) -> FolderFindings:
    """Say what a model predicts for each picture of a folder and, for the wrong ones, what is probably the reason.

    The folder holds image files, or a folder for each class, which is named after the true class of its pictures. With
    a run, each wrong picture gets the same answer as from `inspect_picture`: whether the photograph or the model is
    probably the reason. It is quicker, because only the changes on which this answer rests are tried. With the run of a
    hardened network, or the folder of a hardening, each picture also has the prediction of the network before
    hardening. A file that cannot be read is listed with the reason.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier
        What `load_classifier` takes.
    folder : str or Path
        The folder.
    true_class : str or int, optional
        Name or number of the true class of all pictures. Without it and without folders for classes, nothing is called
        right or wrong.
    run, resize, preprocess, outputs, threshold, trust, imports, class_names
        As in `inspect_picture`.
    on_progress : callable, optional
        Called as on_progress(what, done, total) with what is being done, and for how many pictures it is done.

    Returns
    -------
    FolderFindings
        Prediction, score and answer for each picture. `print` shows a table and a summary.

    Raises
    ------
    InputError
        A folder is named after no class of the model; the model takes images of any size and `resize` names none; or
        the run is of another model.
    ModelError, DataError, RunError
        The model, the folder, all of its pictures or the run cannot be read.

    Examples
    --------
    >>> from PIL import Image
    >>> Path("complaints/7").mkdir(parents=True)
    >>> Image.fromarray(digits.images[digits.labels == 7][0, ..., 0]).save("complaints/7/one.png")
    >>> found = tfstab.inspect_pictures(classifier, "complaints", run=sweep)
    >>> found.summary, found.to_pandas().predicted.tolist()
    ('The picture is right.', ['7'])
    """
    reference, name = None if run is None else ComparedRun.of(run), None if true_class is None else str(true_class)
    pictures = None if reference is None else PictureFolder.of(folder, name, reference.class_of)  # before a model loads
    check_resize(resize, reference)
    options = {"preprocess": preprocess, "outputs": outputs, "threshold": threshold, "class_names": class_names}
    classifier = loaded(model, options, reference, trust=trust, imports=imports)
    fitting, form, chosen = fitted(classifier, reference, resize)
    if pictures is None:
        pictures = PictureFolder.of(folder, name, partial(class_of_model, classifier=fitting))
    if pictures.left_out:
        warn(pictures.left_out)
    before = None if reference is None else network_before(reference, resize)
    inspecting = _Inspecting(fitting, before, reference, pictures, form, chosen)
    found = inspecting.all(on_progress or silent)
    return FolderFindings(
        str(pictures.root),
        "" if reference is None else str(reference.path),
        model_line(classifier),
        tuple(fitting.class_names),
        tuple(found),
        tuple(inspecting.cautions),
        "" if before is None else before.name,
    )


class _Inspecting:
    """The pictures of a folder, inspected one after the other.

    Parameters
    ----------
    classifier : Classifier
        The model, for pictures in the form in which it takes them.
    before : Classifier or None
        The network before hardening, likewise.
    reference : ComparedRun or None
        The run.
    pictures : PictureFolder
        The pictures.
    form : Resize
        How they are resized.
    chosen : bool
        Whether the user or the run says so.
    """

    def __init__(
        self,
        classifier: "Classifier",
        before: "Classifier | None",
        reference: ComparedRun | None,
        pictures: PictureFolder,
        form: Resize,
        chosen: bool,
    ) -> None:
        self.classifier, self.before = classifier, before
        self.reference, self.pictures = reference, pictures
        self.form, self.chosen = form, chosen
        self.doubts, self.number = Counter[str](), 0  # of the pictures that were read
        self.on_scale: list[str] | None = None

    def all(self, on_progress: OnProgress) -> list[InspectedPicture]:
        """Return what was found out about each; raise DataError if none can be read."""
        found: list[InspectedPicture] = []
        total = len(self.pictures.files)
        for start in range(0, total, BATCH):  # a batch takes no more time than one picture: batches are filled up
            for one in self._some(slice(start, start + BATCH)):
                found.append(one)
                on_progress("inspecting pictures", len(found), total)
        if not self.number:
            which = "the only picture" if total == 1 else f"none of the {total:,} pictures"
            raise DataError(f"{which} in {self.pictures.root} can be read: {found[0].error}")
        return found

    @property
    def cautions(self) -> list[str]:
        """What may make the answers less reliable."""
        return [*(self.on_scale or []), *cautions_on(self.doubts, self.number, self.form)]

    def _some(self, part: slice) -> Generator[InspectedPicture, None, None]:
        """Yield what is found out about some of the pictures."""
        begun, images = list[tuple[Path, InspectedPicture]](), list[NDArray[np.uint8]]()
        for file, label in zip(self.pictures.files[part], self.pictures.labels[part], strict=True):
            one = InspectedPicture(self.pictures.name(file), label)
            try:
                read = self._read(file)
            except DataError as error:
                begun.append((file, replace(one, error=str(error))))
                continue
            self.number += 1
            self.doubts.update(read.doubts)
            images.append(read.image)
            begun.append((file, replace(one, cautions=tuple(read.cautions))))
        if images and self.on_scale is None and self.reference is None:
            self.on_scale = scale_cautions(self.classifier, images[0], "the first picture")
        scored = zip(*self._scored(np.stack(images)), strict=True) if images else iter(())
        for file, one in begun:
            if one.error:
                yield one
                continue
            row, before = next(scored)
            made = replace(one, predicted=int(row.argmax()), score=float(row.max()), before=before)
            yield self._answered(file, made)

    def _scored(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], list[int] | list[None]]:
        """Return the scores of images, and their predicted classes before hardening."""
        scores = self.classifier.scores(images)
        if self.before is None:
            return scores, [None] * len(images)
        return scores, self.before.scores(images).argmax(axis=1).tolist()

    def _read(self, file: Path) -> Reading:
        grey = self.classifier.input_shape[2] == 1
        return Reading.of(file, self.pictures.root, self.form, grey=grey, chosen=self.chosen)

    def _answered(self, file: Path, one: InspectedPicture) -> InspectedPicture:
        """Return a picture with the verdict, if it is wrong and there is a run."""
        if self.reference is None or one.true_class is None or one.right:
            return one
        read = self._read(file)  # again: whole photographs of a batch would take much memory
        found = finished(
            answer_steps(
                self.classifier,
                read.image,
                read.undone,
                self.reference.clean,
                one.true_class,
                with_classes=self.reference.with_classes,
            )
        )
        return replace(one, verdict=found.verdict)
