"""The network before hardening, for pictures that the hardened network is to get right."""

from typing import TYPE_CHECKING

from tfstab.errors import TfstabError
from tfstab.orders.model_of_run import model_of_run
from tfstab.orders.picture import fitted
from tfstab.orders.picture_run import ComparedRun
from tfstab.runs.together import original_beside
from tfstab.warning import warn

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def network_before(reference: ComparedRun, resize: str | None) -> "Classifier | None":
    """Return the network that was hardened, for pictures in the form in which the hardened network takes them.

    reference: a run of the hardened network. resize: as the user gave it. None for the run of another network, or, with
    a warning, if the network before hardening cannot be loaded.
    """
    folder = original_beside(reference.path)
    if folder is None:
        return None
    try:
        original = ComparedRun.of(folder)
        classifier = model_of_run(original.run.info).load()
        return fitted(classifier, original, resize)[0]
    except TfstabError as error:
        warn(f"what the network before hardening predicts is left out: {error}")
        return None
