"""Decoding of image files, by Pillow, into uint8 arrays with one or three channels."""

import io
import re
import stat
import warnings
from collections.abc import Iterable, Iterator
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
from tfstab.datasets.remarks import joined
from tfstab.errors import DataError, InputError
from tfstab.warning import warn
from tfstab.wording import counted

# Pillow's formats that start another program (EPS) or are documents are left out on purpose.
FORMATS = ("PNG", "JPEG", "PPM", "BMP", "GIF", "TIFF", "WEBP")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".ppm", ".pgm", ".pbm", ".bmp", ".gif", ".tif", ".tiff", ".webp"})
KINDS = "PNG, JPEG, PPM, BMP, GIF, TIFF or WebP"
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
DAMAGED_LEFT_OUT = "damaged files left out"  # in the remarks on data sets, which runs record
ALPHA_ON_WHITE = "files with an alpha channel laid on white"
UPPER_BITS = "16-bit files of which the upper 8 bits are kept"
GREY_AMONG_COLOUR = "grey files among those in colour"
TURNED_UPRIGHT = "files turned upright by their EXIF data"
ORIENTATION = 0x0112  # the EXIF tag; its value 1 means that the image is stored upright
SIDEWAYS = frozenset({5, 6, 7, 8})  # values that swap width and height
TURNED = SIDEWAYS | {2, 3, 4}  # all values that turn or mirror


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


def resize_option(way: str, size: tuple[int, int], named: str) -> str:
    """Return the text for `parse_resize` with this way, (height, width) and filter."""
    return f"{way}:{size[1]}x{size[0]}" + (f":{named}" if named != BICUBIC else "")


def noted_resize(remarks: str) -> str | None:
    """Return the text for `parse_resize` that made the images with these remarks; None if they were not resized."""
    if fitted := FITTED.match(remarks):
        return resize_option("stretch", (int(fitted[1]), int(fitted[2])), BICUBIC)
    match = NOTED.search(remarks)
    if not match:
        return None
    width, height, way, named = match.groups()
    return resize_option(way, (int(height), int(width)), named or BICUBIC)


def reading_of(remarks: str) -> dict[str, str]:
    """Return how images were read, as the remarks in run.json say: resized, or without damaged files."""
    resize = noted_resize(remarks)
    return ({"resize": resize} if resize else {}) | ({"damaged": "skip"} if DAMAGED_LEFT_OUT in remarks else {})


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


def resized_array(images: NDArray[np.uint8], resize: Resize) -> Iterator[NDArray[np.uint8]]:
    """Yield images (N, H, W, C), uint8, one by one as (h, w, C) in the new size."""
    for pixels in images:
        image = resize.apply(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))
        yield np.array(image, np.uint8).reshape(*resize.size, pixels.shape[-1])


def damage_report(where: str, damaged: list[tuple[str, str]], of: int) -> str:
    """Return the beginning of a sentence on files (name, what is wrong) that cannot be read, among `of` files."""
    named = "; ".join(f"{name} ({wrong})" for name, wrong in damaged[:5])
    more = f"; and {len(damaged) - 5:,} more" if len(damaged) > 5 else ""
    return f"{len(damaged):,} of {counted(of, 'file')} in {where} cannot be read as an image: {named}{more}"


def damage_advice(where: str, damaged: list[tuple[str, str]], of: int) -> str:
    """Return the same as a sentence that says what to do about these files."""
    them = "it" if len(damaged) == 1 else "them"
    return (
        f"{damage_report(where, damaged, of)}: repair or remove {them}, or leave {them} out with --damaged skip (in "
        "Python damaged='skip')."
    )


def refuse_damaged(where: str, damaged: list[tuple[str, str]], of: int, policy: str) -> None:
    """Warn of damaged files if the policy is "skip" and others are left; otherwise raise DataError."""
    if not damaged:
        return
    if policy != "skip":
        raise DataError(damage_advice(where, damaged, of))
    report = damage_report(where, damaged, of)
    if len(damaged) == of:
        raise DataError(f"{report}: no image is left; give images that can be read.")
    warn(f"{report}; {'it is' if len(damaged) == 1 else 'they are'} left out.")


def remarks_on(resize: Resize | None, left_out: int, looks: Iterable[Look]) -> str:
    """Return the remarks on images of files.

    They say, if this applies: the new size, how many damaged files are left out, how many files have an alpha channel
    or a transparent colour, how many have 16 bits a channel, how many are turned upright, and how many are grey if
    others are not.
    """
    used = list(looks)
    alpha, grey = sum(seen.alpha for seen in used), sum(seen.grey for seen in used)
    deep = sum(seen.sixteen_bits for seen in used)
    counts = {
        DAMAGED_LEFT_OUT: left_out,
        ALPHA_ON_WHITE: alpha,
        UPPER_BITS: deep,
        TURNED_UPRIGHT: sum(seen.turned for seen in used),
        GREY_AMONG_COLOUR: grey * (grey < len(used)),
    }
    return joined(resize, *(f"{what}: {count:,}" for what, count in counts.items() if count))
