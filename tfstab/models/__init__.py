"""Models: the paper's three ConvNets with bundled weights, ensembles, and loading of any Keras model.

Each name is imported when it is first used (PEP 562), because the child processes in this package that check files need
none of them, and each of their starts would take a third longer.

Examples
--------
>>> from tfstab.models import NAMES, OWN_DATA
>>> {name: OWN_DATA[name] for name in NAMES}
{'mnist-lenet': 'mnist-5k', 'cifar10-quick': 'cifar10', 'gtsrb-aghdam': 'gtsrb'}
"""

from typing import TYPE_CHECKING

from tfstab.lazy import importing

if TYPE_CHECKING:
    from tfstab.models.bundled import bundled_card, bundled_names, card_of, own_data
    from tfstab.models.convnets import NAMES, OWN_DATA, build_model
    from tfstab.models.ensemble import ensemble_members, make_ensemble
    from tfstab.models.loading import check_model, import_modules, load_classifier
    from tfstab.models.smoothed import make_smoothed

_HOMES = {
    "NAMES": "tfstab.models.convnets",
    "OWN_DATA": "tfstab.models.convnets",
    "build_model": "tfstab.models.convnets",
    "bundled_card": "tfstab.models.bundled",
    "bundled_names": "tfstab.models.bundled",
    "card_of": "tfstab.models.bundled",
    "check_model": "tfstab.models.loading",
    "ensemble_members": "tfstab.models.ensemble",
    "import_modules": "tfstab.models.loading",
    "load_classifier": "tfstab.models.loading",
    "make_ensemble": "tfstab.models.ensemble",
    "make_smoothed": "tfstab.models.smoothed",
    "own_data": "tfstab.models.bundled",
}

__all__ = [
    "NAMES",
    "OWN_DATA",
    "build_model",
    "bundled_card",
    "bundled_names",
    "card_of",
    "check_model",
    "ensemble_members",
    "import_modules",
    "load_classifier",
    "make_ensemble",
    "make_smoothed",
    "own_data",
]


__getattr__, __dir__ = importing(__name__, _HOMES, __all__)
