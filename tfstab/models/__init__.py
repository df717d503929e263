"""The paper's three ConvNets, their bundled weights, and `load_classifier`."""

from tfstab.models.convnets import NAMES, OWN_DATA, build_model
from tfstab.models.loading import bundled_card, check_model, load_classifier

__all__ = ["NAMES", "OWN_DATA", "build_model", "bundled_card", "check_model", "load_classifier"]
