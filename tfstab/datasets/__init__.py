"""Data sets: one `Dataset` type, the sets that tfstab knows by name, and the user's own folders and npz files.

>>> from tfstab.datasets import NAMED
>>> NAMED["cifar10"].splits
('train', 'test')
"""

from tfstab.datasets.dataset import Dataset
from tfstab.datasets.registry import NAMED, load_dataset

__all__ = ["NAMED", "Dataset", "load_dataset"]
