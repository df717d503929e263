"""The layers of tfstab that a saved Keras model may contain; importing this module registers them with Keras.

Import it before `keras.models.load_model` reads such a file, for example an ensemble or a model with `augment` as a
layer. tfstab's own functions, such as `load_classifier`, do so themselves.

Examples
--------
>>> import keras
>>> import tfstab.models.layers
>>> keras.saving.get_registered_name(tfstab.models.layers.RandomDegradation)
'tfstab>RandomDegradation'
"""

from tfstab.classifier.adapting_layers import DecisionThreshold, PrepareImages, TwoClasses
from tfstab.classifier.combine import CombineScores
from tfstab.degradations.random_layer import RandomDegradation
from tfstab.models.noise_layer import AddNoise

__all__ = ["AddNoise", "CombineScores", "DecisionThreshold", "PrepareImages", "RandomDegradation", "TwoClasses"]
