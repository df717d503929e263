"""What a model makes of changed images of a run, kept for the next picture that is compared with the same images."""

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

_kept: "WeakKeyDictionary[CleanImages, dict[Any, dict[Any, Any]]]" = WeakKeyDictionary()  # while the run is open


def kept_of(classifier: "Classifier", clean: "CleanImages") -> dict[Any, Any]:
    """Return the dictionary in which results for these images and this model are kept while the run is open.

    A key must have all that a result depends on, except the model, its batch size and the clean images.
    """
    model = classifier.fingerprint, repr(classifier.form), classifier.batch_size
    return _kept.setdefault(clean, {}).setdefault(model, {})
