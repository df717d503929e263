"""Decoding of image files, by Pillow, into uint8 arrays with one or three channels."""

import io
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile

from tfstab import limits
from tfstab.datasets.other_formats import other_format
from tfstab.datasets.resize import Resize

# Pillow's formats that start another program (EPS) or are documents are left out on purpose.
FORMATS = ("PNG", "JPEG", "PPM", "BMP", "GIF", "TIFF", "WEBP")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".ppm", ".pgm", ".pbm", ".bmp", ".gif", ".tif", ".tiff", ".webp"})
KINDS = "PNG, JPEG, PPM, BMP, GIF, TIFF or WebP"
ORIENTATION = 0x0112  # the EXIF tag; its value 1 means that the image is stored upright
SIDEWAYS = frozenset({5, 6, 7, 8})  # values that swap width and height
TURNED = SIDEWAYS | {2, 3, 4}  # all values that turn or mirror


@dataclass(frozen=True)
class FilePart:
    """An image file that is a part of a larger file.

    Attributes
    ----------
    file : Path
        The larger file.
    start, length : int
        The part, in bytes.
    name : str
        What messages call it.
    """

    file: Path
    start: int
    length: int
    name: str

    def read(self) -> bytes:
        """Return the image file's content."""
        with self.file.open("rb") as file:
            file.seek(self.start)
            return file.read(self.length)


@dataclass(frozen=True)
class Look:
    """What an image file's header says.

    Attributes
    ----------
    size : tuple of int
        (height, width) in pixels, after rotation as its EXIF data say.
    grey : bool
        Whether it has no colours.
    alpha : bool
        Whether it has an alpha channel or a transparent colour, so that `decode` lays it on white.
    sixteen_bits : bool
        Whether it has 16 bits a channel, of which `decode` keeps the upper 8.
    turned : bool
        Whether its EXIF data say that it is not stored upright, so that `decode` turns it.
    """

    size: tuple[int, int]
    grey: bool
    alpha: bool = False
    sixteen_bits: bool = False
    turned: bool = False


def look(source: Path | bytes) -> Look:
    """Read the header of an image file, or of its content; raise ValueError with what is wrong."""
    with opened(source) as image:
        grey, alpha, sixteen_bits = _is_grey(image), _has_alpha(image), _has_16_bits(image)
        height, width, orientation = image.height, image.width, _orientation(image)
        if height != width and orientation in SIDEWAYS:
            height, width = width, height
            if image.format == "TIFF":  # the size that Pillow reports may be that after rotation
                height, width = ImageOps.exif_transpose(image).size[::-1]
        return Look((height, width), grey, alpha, sixteen_bits, orientation in TURNED)


def _orientation(image: Image.Image) -> Any:
    """Return the EXIF orientation that `decode` applies, without decoding the pixels."""
    if isinstance(image, PngImageFile):
        image.load_prepare()
        image.load_end()  # reads what follows the pixels, where the orientation may be, too
        return Image.Image.getexif(image).get(ORIENTATION)  # PngImageFile's own would decode the pixels
    return image.getexif().get(ORIENTATION)


def decode(source: Path | FilePart | bytes, grey: bool, resize: Resize | None = None) -> NDArray[np.uint8]:
    """Decode an image file, or its content.

    The image is rotated as its EXIF data say. Of several frames the first is taken. 16-bit channels keep their upper 8
    bits, palettes and CMYK become RGB, and transparent images are composed with a white background.

    Parameters
    ----------
    source : Path, FilePart or bytes
        The file, or its content.
    grey : bool
        Whether to return one channel; otherwise three.
    resize : Resize, optional
        How to resize the image.

    Returns
    -------
    ndarray
        The image (H, W, 1) or (H, W, 3), uint8.

    Raises
    ------
    ValueError
        The file cannot be read; the message says what is wrong.
    """
    with opened(source) as image:
        sixteen_bits = _has_16_bits(image) and _is_grey(image)  # Pillow reads the upper 8 bits of those in colour
        pixels = _plain(ImageOps.exif_transpose(image), grey, sixteen_bits)
        if resize is not None:
            pixels = resize.apply(pixels)
        return np.array(pixels, np.uint8).reshape(pixels.height, pixels.width, 1 if grey else 3)


@contextmanager
def opened(source: Path | FilePart | bytes) -> Iterator[Image.Image]:
    """Open an image file, or its content, if it has one of the `FORMATS`.

    Raises ValueError for anything that goes wrong, in the body of the `with` statement too.
    """
    file: Path | BinaryIO = source if isinstance(source, Path) else io.BytesIO()
    try:
        if not isinstance(source, Path):
            file = io.BytesIO(source if isinstance(source, bytes) else source.read())
        if isinstance(file, Path) and not stat.S_ISREG(file.stat().st_mode):
            raise ValueError("it is not a file")  # opening a pipe would wait for a writer
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about files that are unusual but readable
            with Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > limits.MOST_PIXELS:
                    most = f"{limits.MOST_PIXELS:,}"
                    raise ValueError(f"it has {image.width} x {image.height} pixels, more than {most}")
                yield image
    except Exception as error:  # Pillow's plugins raise all kinds of errors for damaged files
        raise ValueError(_said(error, file)) from error


def _said(error: Exception, file: Path | BinaryIO) -> str:
    """Return Pillow's message without the file's name, which the caller gives, or that a file must be converted."""
    if isinstance(error, UnidentifiedImageError) and (other := other_format(file)):
        return other
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    name = repr(str(file)) if isinstance(file, Path) else repr(file)
    return str(error).replace(f" {name}", "").rstrip(".") or type(error).__name__


def _is_grey(image: Image.Image) -> bool:
    """Return whether an image has no colours."""
    return image.mode in ("1", "L", "LA", "La", "I", "F") or image.mode.startswith("I;16")


def _has_16_bits(image: Image.Image) -> bool:
    """Return whether an image has 16 bits a channel."""
    if image.mode == "I":
        return image.format in ("PNG", "PPM")
    return image.mode.startswith("I;16") or any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def _has_alpha(image: Image.Image) -> bool:
    """Return whether an image has an alpha channel or a transparent colour."""
    if image.mode == "P" and image.palette is None:  # a PNG file without its palette, for which Pillow's property fails
        return "transparency" in image.info
    return image.has_transparency_data


def is_transparent(source: Path | bytes) -> bool:
    """Return whether any pixel of an image file is transparent, so that `decode` lays it on white."""
    with opened(source) as image:
        return _has_alpha(image) and bool((np.asarray(image.convert("RGBA"))[..., 3] < 255).any())


def _plain(image: Image.Image, grey: bool, sixteen_bits: bool) -> Image.Image:
    """Return an image with 8-bit grey levels or RGB, without transparency."""
    if sixteen_bits:
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        raise ValueError("it has 32 bits a pixel; expected 8 or 16")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if grey else "RGB")
