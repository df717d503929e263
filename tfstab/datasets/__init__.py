"""Data sets: the `Dataset` type, the sets that tfstab knows by name, and images of the user's own.

`NAMED` maps the names of the known data sets to their descriptions.

Examples
--------
>>> from tfstab.datasets import NAMED
>>> NAMED["cifar10"].splits
('train', 'test')
"""

from tfstab.datasets.dataset import Dataset
from tfstab.datasets.registry import NAMED, load_dataset
from tfstab.datasets.splits import splits_of

__all__ = ["NAMED", "Dataset", "load_dataset", "splits_of"]
