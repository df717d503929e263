"""Degradations of images, each a pure function of the image, a severity and a key."""

from tfstab.degradations.gaussian import add_gaussian_noise, standard_normal

__all__ = ["add_gaussian_noise", "standard_normal"]
