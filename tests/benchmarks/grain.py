"""How many pictures count as unusually grainy: with noise, without any, and with other faults that raise the figure.

    TFSTAB_DATA=... python tests/benchmarks/grain.py

Each picture is one of 500 test images with a fault. It counts as grainy if its figure is at least that of 98 % of 1,000
other test images. Columns: the figure that is used (`tfstab.explanation.traits.noise`), and for comparison that of
Immerkaer (1996), the mean over the whole image instead of over the quieter three quarters of its 4 x 4 parts. Takes
half a minute on two cores. On 1 December 2026, it printed, in per cent:

    cifar10
                           pictures grainy by the whole image
                           no fault      3                  3
                   noise of sigma 8     59                 20
                  noise of sigma 15    100                100
               salt and pepper, 3 %    100                100
              salt and pepper, 10 %    100                100
    turned, black corners, bilinear     36                 73
     turned, black corners, nearest     99                100
                 JPEG of quality 20      0                  0

    mnist-5k
                           pictures grainy by the whole image
                           no fault      3                  3
                   noise of sigma 8     46                 33
                  noise of sigma 15     99                 84
               salt and pepper, 3 %     91                 94
              salt and pepper, 10 %    100                100
    turned, black corners, bilinear      0                  0
     turned, black corners, nearest     59                 89
                 JPEG of quality 20      0                  0
"""

import math

import numpy as np
from picture_faults import faulty
from PIL import Image

import tfstab
from tfstab.explanation.standing import UNUSUAL
from tfstab.explanation.traits import grey_levels, noise
from tfstab.report.tables import Table

RUN, PICTURES = 1000, 500
# Degradation and severity of each kind, or, for pictures that are turned with black corners, how pixels are resampled.
KINDS = {
    "no fault": ("gaussian_noise", 0),
    "noise of sigma 8": ("gaussian_noise", 8),
    "noise of sigma 15": ("gaussian_noise", 15),
    "salt and pepper, 3 %": ("salt_and_pepper", 3),
    "salt and pepper, 10 %": ("salt_and_pepper", 10),
    "turned, black corners, bilinear": ("", Image.Resampling.BILINEAR),
    "turned, black corners, nearest": ("", Image.Resampling.NEAREST),
    "JPEG of quality 20": ("jpeg", 20),
}


def whole(grey):
    """Return the standard deviation (N,) of the noise in images (N, H, W), as by Immerkaer."""
    left = np.abs(np.diff(np.diff(grey, 2, axis=1), 2, axis=2))
    return math.sqrt(math.pi / 2) * left.mean(axis=(1, 2)) / 6


def changed(image, name, severity, index):
    """Return an image (H, W, C), uint8, with a fault of `KINDS`."""
    if name:
        return faulty(image, name, severity, index)
    turned = Image.fromarray(image.squeeze()).rotate(35, severity)
    return np.asarray(turned).reshape(image.shape)


def table_of(name):
    """Return the table of a data set."""
    images = tfstab.load_dataset(name).images
    order = np.random.default_rng(0).permutation(len(images))[: RUN + PICTURES]
    run, pictures = (np.stack([images[row] for row in rows]) for rows in np.split(order, [RUN]))
    rows = []
    for kind, fault in KINDS.items():
        grey = grey_levels(np.stack([changed(image, *fault, index) for index, image in enumerate(pictures)]))
        grainy = [measure(grey) >= np.quantile(measure(grey_levels(run)), UNUSUAL) for measure in (noise, whole)]
        rows.append((kind, *(100 * float(one.mean()) for one in grainy)))
    columns = ("pictures", "grainy", "by the whole image")
    return Table(name, columns, rows, (), digits=dict.fromkeys(columns[1:], 0))


if __name__ == "__main__":
    for data in ("cifar10", "mnist-5k"):
        print(table_of(data), "\n")
