"""A family of degradations: a function of an image, a severity and a random generator, with its names and abilities."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.checks import check_declaration, checked_severities
from tfstab.errors import InputError, TfstabError
from tfstab.plugins import failure
from tfstab.wording import at_severity

# Default number of copies of a random degradation. The paper makes 150, but intervals come from resampling images, and
# more copies of the same images hardly narrow them.
COPIES = 20
Function = Callable[[NDArray[np.float32], float, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Degradation:
    """A family of degradations with one severity, such as JPEG compression. Call it to degrade an image.

    Parameters
    ----------
    name : str
        Name by which it is chosen and stored: small letters, digits and underscores.
    title : str
        What it is called within a sentence, such as "JPEG compression".
    about : str
        What it does, as a predicate: "adds the same to all grey levels".
    function : callable
        Called with a clean image, float32 (H, W, C) in grey levels 0..255, which it may change; a severity; and a
        `numpy.random.Generator`. Returns the degraded image, of the same shape and any float type, which is clipped to
        0..255 afterwards. It must depend on nothing else, and if it is `additive`, it must not clip.
    parameter : str
        What the severity is, such as "quality".
    unit : str
        Unit of the severity, "" for none.
    severities : tuple of float
        Default severities, mild to strong.
    neutral : float
        The severity that leaves an image unchanged. It is never swept.
    low, high : float
        Ends of the range of severities, both allowed.
    version : str
        To be changed whenever the same arguments come to give another image.
    copies : int
        Default number of degraded images of each image at each severity. 1 says that the function draws nothing at
        random, so that all copies would be equal; give any other number if it draws.
    whole : bool
        Whether severities must be whole numbers.
    packages : tuple of str
        Packages on whose versions the degraded images depend, besides NumPy.
    singular, plural : str
        What one severity and several are called in the names of files, columns and JSON entries: identifiers, such as
        "sigma" and "sigmas".
    together : str
        What an average over all severities is over, such as "all noise".
    difference : str
        Heading for the difference between the degraded and the clean image.
    noun : str
        A short name for headings and axes where the title is too long, such as "noise"; "" for the title.
    digits : int
        Decimals of interpolated severities in tables.
    certifies : bool
        Whether predictions at a severity certify an L2 radius by randomised smoothing, as those under Gaussian noise
        do.
    scalable : bool
        Whether the degraded image is clip(clean + severity * z, 0, 255) with a standard normal field z. Then one field
        can be scaled to every severity (common noise), and a sweep draws and adds fields in batches.
    additive : bool
        Whether the function returns the clean image plus a disturbance, as noise does, without clipping the sum. Then
        clipping can be left out (`without_clipping`).
    clip : bool
        Whether the degraded image is clipped to grey levels 0..255.
    either_way : bool
        Whether both directions are equally common in practice, as images may be turned to either side. If so, training
        draws from both by default, although only one is measured by default.
    steps : int
        How many degradations it applies in turn, if `combined` made it; otherwise 0.
    batched : str
        The function that does the same to whole batches in TensorFlow, as "package.module:function"; imported when
        training images are first degraded. `tfstab.degradations.batched` states its contract. If it is "", `function`
        is called for each training image, which is slow.

    Raises
    ------
    InputError
        The arguments do not fit each other.

    Examples
    --------
    >>> from tfstab.degradations import Degradation
    >>> invert = Degradation(
    ...     "invert", "inversion", "blends with the negative", lambda x, share, rng: x + share * (255 - 2 * x),
    ...     parameter="share", unit="", severities=(0.1, 0.3), neutral=0.0, low=0.0, high=1.0, version="1",
    ... )
    >>> invert(np.full((1, 1, 1), 100.0), 0.1).tolist()
    [[[105.5]]]
    """

    name: str
    title: str
    about: str
    function: Function = field(repr=False)
    parameter: str
    unit: str
    severities: tuple[float, ...]
    neutral: float
    low: float
    high: float
    version: str
    copies: int = 1
    whole: bool = False
    packages: tuple[str, ...] = ()
    singular: str = "severity"
    plural: str = "severities"
    together: str = "all severities"
    difference: str = "Difference"
    noun: str = ""
    digits: int = 2
    certifies: bool = False
    scalable: bool = False
    additive: bool = False
    clip: bool = True
    either_way: bool = False
    steps: int = 0
    batched: str = ""

    def __post_init__(self) -> None:
        """Check the arguments."""
        check_declaration(self)
        object.__setattr__(self, "severities", self.check(self.severities))

    def __call__(
        self, clean: np.ndarray, severity: float, rng: np.random.Generator | None = None
    ) -> NDArray[np.float32]:
        """Degrade an image.

        Parameters
        ----------
        clean : ndarray
            The clean image (H, W, C), in grey levels 0..255.
        severity : float
            How strongly to degrade it.
        rng : numpy.random.Generator, optional
            Source of random numbers; by default a new one of seed 0.

        Returns
        -------
        ndarray
            The degraded image, float32 (H, W, C), clipped to 0..255 unless `clip` is False.

        Raises
        ------
        InputError
            The severity is out of range, the function fails, or its result has another shape, NaN or, if it is not
            clipped, infinite grey levels.
        """
        self.check([severity])
        return self.degrade(clean, severity, rng if rng is not None else np.random.default_rng(0))

    def degrade(self, clean: np.ndarray, severity: float, rng: np.random.Generator) -> NDArray[np.float32]:
        """Degrade an image at a severity that is known to be in range; see `__call__`."""
        x = np.array(clean, np.float32)  # a copy: the function cannot spoil its caller's image
        try:
            y = np.asarray(self.function(x, severity, rng), np.float32)
        except TfstabError:
            raise
        except (Exception, SystemExit) as error:  # code of others may raise anything
            raise InputError(
                f"degradation '{self.name}' fails at {self.parameter} {severity:g} ({failure(error, self.function)}): "
                "fix its function."
            ) from error
        if y.shape != clean.shape:
            raise InputError(f"degradation '{self.name}' made an image {y.shape} of one {clean.shape}.")
        if np.isnan(y).any():
            raise InputError(f"degradation '{self.name}' made an image with NaN at {self.parameter} {severity:g}.")
        if self.clip:
            return np.clip(y, 0, 255)
        if not np.isfinite(y).all():
            raise InputError(
                f"degradation '{self.name}' made infinite grey levels at {self.parameter} {severity:g}: choose weaker "
                "ones, or clip."
            )
        return y

    def without_clipping(self) -> "Degradation":
        """Return the same degradation without clipping, so that grey levels may leave 0..255.

        Returns
        -------
        Degradation
            The degradation with `clip` False and a title that says so.

        Raises
        ------
        InputError
            It is not `additive`.

        Examples
        --------
        >>> from tfstab.degradations import get_degradation
        >>> darker = get_degradation("brightness").without_clipping()
        >>> darker.title, darker(np.full((1, 1, 1), 10.0), -30).tolist()
        ('unclipped brightness', [[[-20.0]]])
        """
        if not self.clip:
            return self
        return replace(self, clip=False, title=_unclipped(self.title), noun=_unclipped(self.noun))

    @property
    def random(self) -> bool:
        """Whether copies differ because the function draws at random, as `copies` of more than 1 says."""
        return self.copies > 1

    @property
    def two_sided(self) -> bool:
        """Whether there are severities on both sides of the neutral one, such as for brighter and darker images."""
        return self.low < self.neutral < self.high

    @property
    def built_in(self) -> bool:
        """Whether the function belongs to tfstab, and not to the user or to another package."""
        return bool(self.identity["function"] == "tfstab")

    @property
    def axis(self) -> str:
        """The parameter with its unit: "quality", "sigma (grey levels)"."""
        return f"{self.parameter} ({self.unit})" if self.unit else self.parameter

    def at(self, amount: str) -> str:
        """Return a severity in words, given its number as text: "sigma 20", "density 55 %"."""
        return at_severity(self.parameter, amount, self.unit)

    @property
    def short_title(self) -> str:
        """The title for headings: "noise", "JPEG compression"."""
        return self.noun or self.title

    @property
    def axis_title(self) -> str:
        """The title of an axis of severities in a figure: "sigma of the noise, grey levels"."""
        return f"{self.parameter} of the {self.noun}, {self.unit}" if self.noun else f"{self.title}: {self.axis}"

    @property
    def called_by_parameter(self) -> bool:
        """Whether a severity is called by its parameter, as sigma is, instead of "severity"."""
        return self.singular == self.parameter

    @property
    def half_name(self) -> str:
        """Name of the severity at which accuracy is half of the clean accuracy: "sigma50", "severity50"."""
        return f"{self.singular}50"

    @property
    def half_label(self) -> str:
        """The same in a legend, before the number: "sigma50 =", "half at quality"."""
        return f"{self.half_name} =" if self.called_by_parameter else f"half at {self.parameter}"

    @property
    def range(self) -> str:
        """The allowed severities, in words: "whole numbers from 1 to 99"."""
        kind, first = "whole numbers" if self.whole else "numbers", "above" if self.low == self.neutral else "from"
        last = f" to {self.high:g}" if math.isfinite(self.high) else ""
        without = f", without {self.neutral:g}" if self.low < self.neutral < self.high else ""
        return f"{kind} {first} {self.low:g}{last}{without}"

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What a run records of the family: enough to notice that it has changed, and to label tables and axes."""
        module = self.function.__module__
        own = module.startswith("tfstab.degradations.")
        name = getattr(self.function, "__qualname__", type(self.function).__name__)
        return {
            "version": self.version,
            "function": "tfstab" if own else f"{module}:{name}",
            "title": self.title,
            "parameter": self.parameter,
            "unit": self.unit,
            "neutral": float(self.neutral),
            **({"steps": self.steps} if self.steps else {}),
        }

    @property
    def package_versions(self) -> dict[str, str]:
        """The installed versions of `packages`. Raises InputError if one is missing."""
        try:
            return {name: version(name) for name in self.packages}
        except PackageNotFoundError as error:
            raise InputError(f"degradation '{self.name}' needs the package {error.name}: install it.") from error

    def check(self, severities: Sequence[float]) -> tuple[float, ...]:
        """Return severities as numbers, in their order.

        Parameters
        ----------
        severities : sequence of float
            Severities to use.

        Returns
        -------
        tuple of float
            The same numbers.

        Raises
        ------
        InputError
            There are none or too many, one is out of range or neutral, or two are equal when stored as float32.
        """
        return checked_severities(self, severities)


def _unclipped(title: str) -> str:
    """Return the title of a degradation without clipping; "" stays empty."""
    return title and f"unclipped {title}"
