"""Scores a sample of images with other forms of preprocessing, for the check of the inputs."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.preprocess import FORMS, RGB_ONLY, in_reverse_order, is_reversed, prepared, undone
from tfstab.classifier.running import reason_of
from tfstab.errors import TfstabError

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier
    from tfstab.datasets import Dataset

BATCH = 32  # images at most that are scored at once


class Scorer:
    """Scores a sample with each form of preprocessing, without compiling the model for each.

    A model that preprocesses in one form is given images that this form turns into the inputs of another one.

    Parameters
    ----------
    classifier : Classifier
        The model, with the form in use.
    sample : Dataset
        The images.

    Attributes
    ----------
    form : str
        The form in use.
    scalings, reversed : list of str
        Other forms that fit the model: those that differ in scale, and those that are one of these, or the one in use,
        in the order blue, green, red. There are none of the second kind for grey images.
    failed : dict
        Why the model failed on images in other forms, by the name of the form.
    """

    def __init__(self, classifier: "Classifier", sample: "Dataset") -> None:
        channels = 3 if classifier.takes_colours else 1
        exchanged = in_reverse_order(classifier.preprocess)  # it is no form of a name if the one in use is none
        fitting = [form for form in FORMS if channels == 3 or form not in RGB_ONLY]
        fitting += [exchanged] if exchanged and exchanged not in FORMS and channels == 3 else []
        fitting = [form for form in fitting if form != classifier.preprocess]
        images = np.asarray(sample.images)
        coloured = images.shape[3] > 1 and bool((images != images[..., :1]).any())
        self.scalings = [form for form in fitting if not is_reversed(form)]
        self.reversed = [form for form in fitting if is_reversed(form) and coloured]
        if images.shape[3] < channels:  # some forms treat each colour in its own way
            images = np.broadcast_to(images, (*images.shape[:3], channels))  # a view: 1,000 images may be large
            classifier = classifier.for_images(images.shape[1:])
        self._images, self.form = images, classifier.preprocess
        self.failed: dict[str, str] = {}
        self._classifier = classifier.with_batch_size(min(BATCH, classifier.batch_size))

    def __call__(self, form: str, rows: slice) -> NDArray[np.float64]:
        """Return the log-scores (n, K) of these rows of the sample, of which one batch at a time is in memory."""
        images, step = self._images[rows], self._classifier.batch_size
        batches = (images[start : start + step].astype(np.float32) for start in range(0, max(1, len(images)), step))
        return np.concatenate([self._classifier.log_scores(self._as_taken(batch, form)) for batch in batches])

    def attempt(self, form: str, rows: slice) -> NDArray[np.float64] | None:
        """Return the log-scores with another form; None if the model fails on such inputs, or returns NaN.

        A function of the user's may raise anything. It is called once more, as a server may have failed by chance.
        """
        reason = ""
        for _ in range(2 if self._classifier.prepares_itself else 1):
            try:
                return self(form, rows)
            except Exception as error:
                if not (self._classifier.prepares_itself or isinstance(error, TfstabError)):
                    raise
                reason = reason_of(error)
        self.failed[form] = reason
        return None

    @property
    def untested(self) -> bool:
        """Whether the model failed on images in each other form, so that none can be compared."""
        return bool(self.failed) and {*self.scalings, *self.reversed} <= self.failed.keys()

    def _as_taken(self, images: NDArray[np.float32], form: str) -> NDArray[np.float32]:
        """Return images that give the classifier, after its own preprocessing, the inputs of another form."""
        return images if form == self.form else undone(self.form, prepared(form, images))
