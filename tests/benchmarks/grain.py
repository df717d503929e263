"""How many pictures count as unusually grainy: with noise, without any, and with other faults that raise the figure.

    TFSTAB_DATA=... python tests/benchmarks/grain.py

Each picture is one of 500 test images with a fault. It counts as grainy if its figure is at least that of 98 % of 1,000
other test images. Columns: the figure that is used (`tfstab.explanation.traits.noise`), and for comparison that of
Immerkaer (1996), the mean over the whole image instead of over the quieter three quarters of its 4 x 4 parts. Takes
half a minute on two cores. On 30 November 2026, it printed, in per cent:

    cifar10
                           pictures grainy by the whole image
                           no fault      3                  3
                   noise of sigma 8     57                 21
                  noise of sigma 15    100                100
               salt and pepper, 3 %     99                100
              salt and pepper, 10 %    100                100
    turned, black corners, bilinear     36                 73
     turned, black corners, nearest     99                100
                 JPEG of quality 20      0                  0

    mnist-5k
                           pictures grainy by the whole image
                           no fault      3                  3
                   noise of sigma 8     46                 33
                  noise of sigma 15     99                 85
               salt and pepper, 3 %     93                 96
              salt and pepper, 10 %    100                100
    turned, black corners, bilinear      0                  0
     turned, black corners, nearest     59                 89
                 JPEG of quality 20      0                  0
"""

import io
import math

import numpy as np
from PIL import Image

import tfstab
from tfstab.explanation.traits import grey_levels, noise
from tfstab.report.tables import Table

RUN, PICTURES = 1000, 500
UNUSUAL = 0.98


def whole(grey):
    """Return the standard deviation (N,) of the noise in images (N, H, W), as by Immerkaer."""
    left = np.abs(np.diff(np.diff(grey, 2, axis=1), 2, axis=2))
    return math.sqrt(math.pi / 2) * left.mean(axis=(1, 2)) / 6


def by_pillow(images, change):
    """Return images (N, H, W, C), uint8, each changed as a Pillow image."""
    return np.stack([np.asarray(change(Image.fromarray(one.squeeze()))).reshape(one.shape) for one in images])


def turned(images, resample):
    """Return images turned by 35 degrees, with black corners."""
    return by_pillow(images, lambda image: image.rotate(35, resample))


def as_jpeg(image):
    """Return an image after JPEG compression of quality 20."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=20)
    return Image.open(file)


def noisy(images, sigma):
    """Return images with Gaussian noise."""
    added = images + np.random.default_rng(1).normal(0, sigma, images.shape)
    return np.clip(np.rint(added), 0, 255).astype(np.uint8)


def with_salt_and_pepper(images, share):
    """Return images with this share of their pixels black or white."""
    drawn = np.random.default_rng(2).random(images.shape[:3])[..., None]
    return np.where(drawn < share / 2, 0, np.where(drawn > 1 - share / 2, 255, images)).astype(np.uint8)


KINDS = {
    "no fault": lambda images: images,
    "noise of sigma 8": lambda images: noisy(images, 8),
    "noise of sigma 15": lambda images: noisy(images, 15),
    "salt and pepper, 3 %": lambda images: with_salt_and_pepper(images, 0.03),
    "salt and pepper, 10 %": lambda images: with_salt_and_pepper(images, 0.1),
    "turned, black corners, bilinear": lambda images: turned(images, Image.Resampling.BILINEAR),
    "turned, black corners, nearest": lambda images: turned(images, Image.Resampling.NEAREST),
    "JPEG of quality 20": lambda images: by_pillow(images, as_jpeg),
}


def table_of(name):
    """Return the table of a data set."""
    images = tfstab.load_dataset(name).images
    order = np.random.default_rng(0).permutation(len(images))[: RUN + PICTURES]
    run, pictures = (np.stack([images[row] for row in rows]) for rows in np.split(order, [RUN]))
    rows = []
    for kind, change in KINDS.items():
        changed = grey_levels(change(pictures))
        grainy = [measure(changed) >= np.quantile(measure(grey_levels(run)), UNUSUAL) for measure in (noise, whole)]
        rows.append((kind, *(100 * float(one.mean()) for one in grainy)))
    columns = ("pictures", "grainy", "by the whole image")
    return Table(name, columns, rows, (), digits=dict.fromkeys(columns[1:], 0))


if __name__ == "__main__":
    for data in ("cifar10", "mnist-5k"):
        print(table_of(data), "\n")
