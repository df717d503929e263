"""Degradations of images, each a pure function of the image, a severity and a key."""

from tfstab.degradations.gaussian import COMMON, NoiseStreams, add_gaussian_noise, scale_and_add, standard_normal

__all__ = ["COMMON", "NoiseStreams", "add_gaussian_noise", "scale_and_add", "standard_normal"]
