"""Any Keras image classifier as one object: images in, scores out."""

from tfstab.classifier.classifier import Classifier

__all__ = ["Classifier"]
