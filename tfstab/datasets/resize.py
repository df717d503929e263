"""Resizing of images: the option that says how, and the remark on it in the note of a data set."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tfstab.errors import InputError

WAYS = ("crop", "stretch")
BICUBIC = "bicubic"  # the filter of an option, or of a note in a run, that names none
FILTERS = {name: Image.Resampling[name.upper()] for name in ("nearest", "bilinear", BICUBIC, "lanczos")}
KNOWN_FILTERS = "nearest, bilinear, bicubic (the default) or lanczos"
OPTION = re.compile(rf"({'|'.join(WAYS)})(?::(\d{{1,5}})(?:x(\d{{1,5}}))?)?(?::({'|'.join(FILTERS)}))?")
NOTED = re.compile(rf"(?:^|, )resized to (\d+) x (\d+) \(({'|'.join(WAYS)})(?:, ({'|'.join(FILTERS)}))?\)(?:,|$)")
FITTED = re.compile(r"fitted to (\d+) x (\d+), ")  # height x width: how notes of older runs without classes begin
ONE_SIZE = (
    "all images must have one size; have them resized with --resize crop or --resize stretch (in Python "
    "resize='crop', for load_dataset with the size as in 'crop:224')."
)


@dataclass(frozen=True)
class Resize:
    """How images are resized.

    Attributes
    ----------
    size : tuple of int
        The new (height, width), in pixels.
    way : str
        "crop" cuts out the largest centred region with these proportions and scales it; "stretch" scales the whole
        image.
    filter : str
        A name in `FILTERS`: the filter of Pillow that computes the new pixels. When an image shrinks, all but
        "nearest" average over all pixels that a new one covers, which avoids aliasing.
    """

    size: tuple[int, int]
    way: str
    filter: str = BICUBIC

    def __post_init__(self) -> None:
        """Raise InputError for an unknown way or filter, or a size out of range."""
        if self.way not in WAYS:
            raise InputError(f"resize is '{self.way}'; expected crop or stretch.")
        if self.filter not in FILTERS:
            raise InputError(f"the filter is '{self.filter}'; expected {KNOWN_FILTERS}.")
        if len(self.size) != 2 or not all(1 <= side <= 10_000 for side in self.size):
            raise InputError(f"the size {self.size} was given; expected (height, width), each from 1 to 10,000 pixels.")

    def __str__(self) -> str:
        """Return a description for notes, which `noted_resize` reads."""
        return f"resized to {self.size[1]} x {self.size[0]} ({self.way}, {self.filter})"

    def apply(self, image: Image.Image) -> Image.Image:
        """Return an image resized."""
        height, width = self.size
        if self.way == "crop":
            return ImageOps.fit(image, (width, height), FILTERS[self.filter])
        return image.resize((width, height), FILTERS[self.filter])


def parse_resize(text: str) -> tuple[str, tuple[int, int] | None, str]:
    """Return the way, (height, width) or None, and the filter for a text; raise InputError for any other text.

    The text is "crop" or "stretch", perhaps with a size (width x height) and a filter: "crop:224", "stretch:320x240",
    "stretch:bilinear", "crop:224:lanczos".
    """
    match = OPTION.fullmatch(text)
    if not match:
        raise InputError(
            f"resize is '{text}'; expected crop or stretch, with a size or a filter if needed, as in crop:224, "
            f"stretch:320x240 or stretch:bilinear; a filter is {KNOWN_FILTERS}."
        )
    way, width, height, named = match.groups()
    return way, None if width is None else (int(height or width), int(width)), named or BICUBIC


def resize_option(way: str, size: tuple[int, int] | None, named: str) -> str:
    """Return the text for `parse_resize` with this way, (height, width), or None for the model's, and filter."""
    return way + (f":{size[1]}x{size[0]}" if size else "") + (f":{named}" if named != BICUBIC else "")


def noted_resize(remarks: str) -> str | None:
    """Return the text for `parse_resize` that made the images with these remarks; None if they were not resized."""
    if fitted := FITTED.match(remarks):
        return resize_option("stretch", (int(fitted[1]), int(fitted[2])), BICUBIC)
    match = NOTED.search(remarks)
    if not match:
        return None
    width, height, way, named = match.groups()
    return resize_option(way, (int(height), int(width)), named or BICUBIC)


def resizing_said(remarks: str) -> str:
    """Return in words how the images with these remarks were resized: ", resized to 48 x 48 (crop, bicubic)"; or ""."""
    match = NOTED.search(remarks)
    return f", {match[0].strip(', ')}" if match else ""


def resized_array(images: NDArray[np.uint8], resize: Resize) -> Iterator[NDArray[np.uint8]]:
    """Yield images (N, H, W, C), uint8, one by one as (h, w, C) in the new size."""
    for pixels in images:
        image = resize.apply(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))
        yield np.array(image, np.uint8).reshape(*resize.size, pixels.shape[-1])
