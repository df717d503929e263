"""Models: the paper's three ConvNets with bundled weights, ensembles, and loading of any Keras model.

Examples
--------
>>> from tfstab.models import NAMES, OWN_DATA
>>> {name: OWN_DATA[name] for name in NAMES}
{'mnist-lenet': 'mnist-5k', 'cifar10-quick': 'cifar10', 'gtsrb-aghdam': 'gtsrb'}
"""

from tfstab.models.bundled import bundled_card, bundled_names, card_of, own_data
from tfstab.models.convnets import NAMES, OWN_DATA, build_model
from tfstab.models.ensemble import ensemble_members, make_ensemble
from tfstab.models.loading import check_model, import_modules, load_classifier
from tfstab.models.smoothed import make_smoothed

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
