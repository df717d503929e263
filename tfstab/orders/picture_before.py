"""The network before hardening, for pictures that the hardened network is to get right."""

from typing import TYPE_CHECKING

from tfstab.errors import InputError, TfstabError
from tfstab.orders.model import ModelOptions
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
        known = _known(original)
        if known is None:
            warn(
                "the predictions of the network before hardening are left out, because it is not known where this "
                f"network is. To see them, inspect the pictures with that network and the run {folder}."
            )
            return None
        return fitted(known.load(), original, resize)[0]
    except TfstabError as error:
        warn(f"the predictions of the network before hardening are left out: {error}")
        return None


def _known(original: ComparedRun) -> ModelOptions | None:
    """Return how the model of a run is loaded; None if it is not known where it is, as of one in memory."""
    try:
        return model_of_run(original.run.info)
    except InputError:
        return None
