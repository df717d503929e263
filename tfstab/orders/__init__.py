"""Orders: what the command line and the viewer's jobs both do.

They load a model with its options, choose images, aim at a target class or at pixels, and make or resume a run, which
an observer may follow.
"""

from tfstab.orders.images import IMAGES, ImageOptions, count_images
from tfstab.orders.loaded import Loaded, subject_of
from tfstab.orders.model import ModelOptions, default_model
from tfstab.orders.naming import data_name, kind_name, run_name, setting_words
from tfstab.orders.order import Order, Subject, classes_of, default_folder

__all__ = [
    "IMAGES",
    "ImageOptions",
    "Loaded",
    "ModelOptions",
    "Order",
    "Subject",
    "classes_of",
    "count_images",
    "data_name",
    "default_folder",
    "default_model",
    "kind_name",
    "run_name",
    "setting_words",
    "subject_of",
]
