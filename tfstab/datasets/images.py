"""Image files of any kind to uint8 arrays of one kind, by Pillow."""

import io
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tfstab import limits
from tfstab.errors import DataError, InputError

# No format of Pillow's that starts another program (EPS) or is a document is among them.
FORMATS = ("PNG", "JPEG", "PPM", "BMP", "GIF", "TIFF", "WEBP")
SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".ppm", ".pgm", ".pbm", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
)  # fmt: skip
KINDS = "PNG, JPEG, PPM, BMP, GIF, TIFF or WebP"
WAYS = ("crop", "stretch")
ORIENTATION, SIDEWAYS = 0x0112, 5  # the EXIF tag, and its first value that exchanges width and height


@dataclass(frozen=True)
class Resize:
    """size: (height, width) that images get. way: "crop", the middle of the right shape, scaled; or "stretch"."""

    size: tuple[int, int]
    way: str

    def __post_init__(self) -> None:
        if self.way not in WAYS:
            raise InputError(f"resize is '{self.way}'; expected crop or stretch.")
        if len(self.size) != 2 or not all(1 <= side <= 10_000 for side in self.size):
            raise InputError(f"the size {self.size} was given; expected (height, width), each from 1 to 10,000 pixels.")

    def __str__(self) -> str:
        return f"resized to {self.size[1]} x {self.size[0]} ({self.way})"

    def apply(self, image: Image.Image) -> Image.Image:
        """The image in that size, itself where it has it."""
        height, width = self.size
        if self.way == "crop":
            return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)
        return image.resize((width, height), Image.Resampling.BICUBIC)


def parse_resize(text: str) -> tuple[str, tuple[int, int] | None]:
    """(way, (height, width) or None) of "crop", "stretch", "crop:224" or "stretch:320x240" (width x height)."""
    match = re.fullmatch(r"(crop|stretch)(?::(\d{1,5})(?:x(\d{1,5}))?)?", text)
    if not match:
        raise InputError(f"resize is '{text}'; expected crop or stretch, or with a size crop:224 or stretch:320x240.")
    way, width, height = match.groups()
    return way, None if width is None else (int(height or width), int(width))


@dataclass(frozen=True)
class Look:
    """What a file's header says: (height, width) once turned upright, and whether it has no colours."""

    size: tuple[int, int]
    grey: bool


def look(source: Path | bytes) -> Look:
    """Read a header. Raises ValueError with what is wrong."""
    with opened(source) as image:
        grey = _is_grey(image)
        if image.height != image.width and image.getexif().get(ORIENTATION, 1) >= SIDEWAYS:
            upright = ImageOps.exif_transpose(image)  # Pillow itself turns some formats, and not in all versions
            return Look((upright.height, upright.width), grey)
        return Look((image.height, image.width), grey)


def decode(source: Path | bytes, grey: bool, resize: Resize | None = None) -> NDArray[np.uint8]:
    """An image file, or its content, as (H, W, 1) where grey, else (H, W, 3). Raises ValueError with what is wrong.

    It is turned upright as its EXIF says. Of several frames the first counts. 16 bits a channel become the upper 8,
    palettes and CMYK become RGB, and what is transparent is laid on white.
    """
    with opened(source) as image:
        sixteen_bits = image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM"))
        pixels = _plain(ImageOps.exif_transpose(image), grey, sixteen_bits)
        if resize is not None:
            pixels = resize.apply(pixels)
        return np.array(pixels, np.uint8).reshape(pixels.height, pixels.width, 1 if grey else 3)


@contextmanager
def opened(source: Path | bytes) -> Iterator[Image.Image]:
    """Open an image file, or its content, with the formats in `FORMATS` only.

    Raises ValueError for whatever goes wrong, in the body of the `with` statement too.
    """
    file: Path | BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        if isinstance(file, Path) and not stat.S_ISREG(file.stat().st_mode):
            raise ValueError("it is not a file")  # opening a pipe would wait for a writer
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd but readable
            with Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > limits.MOST_PIXELS:
                    most = f"{limits.MOST_PIXELS:,}"
                    raise ValueError(f"it has {image.width} x {image.height} pixels, more than {most}")
                yield image
    except Exception as error:  # Pillow's plugins raise nearly anything for damaged files
        raise ValueError(_said(error, file)) from error


def _said(error: Exception, file: Path | BinaryIO) -> str:
    """What Pillow says is wrong, without the file's name, which is said beside it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    name = repr(str(file)) if isinstance(file, Path) else repr(file)
    return str(error).replace(f" {name}", "").rstrip(".") or type(error).__name__


def _is_grey(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "LA", "La", "I", "F") or image.mode.startswith("I;16")


def _plain(image: Image.Image, grey: bool, sixteen_bits: bool) -> Image.Image:
    if sixteen_bits:
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        raise ValueError("it has 32 bits a pixel; expected 8 or 16")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if grey else "RGB")


def resized_array(images: NDArray[np.uint8], resize: Resize) -> Iterator[NDArray[np.uint8]]:
    """Images (N, H, W, C), one by one in another size, (h, w, C)."""
    for pixels in images:
        image = resize.apply(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))
        yield np.array(image, np.uint8).reshape(*resize.size, pixels.shape[-1])


def damage_report(where: str, damaged: list[tuple[str, str]], of: int) -> str:
    """One sentence on the files, (name, what is wrong), that cannot be read."""
    named = "; ".join(f"{name} ({wrong})" for name, wrong in damaged[:5])
    more = f"; and {len(damaged) - 5} more" if len(damaged) > 5 else ""
    return f"{len(damaged)} of {of} files in {where} cannot be read as an image: {named}{more}"


def refuse_damaged(where: str, damaged: list[tuple[str, str]], of: int, policy: str) -> None:
    """Where there are damaged files, warn of them if policy is "skip" and others are left, else raise DataError."""
    if not damaged:
        return
    report = damage_report(where, damaged, of)
    if policy != "skip":
        raise DataError(f"{report}: repair or remove them, or leave them out with --damaged skip.")
    if len(damaged) == of:
        raise DataError(f"{report}: there is nothing left; give images that can be read.")
    warnings.warn(f"{report}; they are left out.", stacklevel=2)
