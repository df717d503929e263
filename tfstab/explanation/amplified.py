"""Whether the layers react to the change of a lost image unusually strongly, in words. Works without TensorFlow.

The change of an image may move the last hidden layer further than random noise of the same L2 does. Translation and
blur often do so to any image. So this is a cause only if the same degradation moves the layer less far where images
stay right under it: `tfstab.explanation.staying_right` measures these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from tfstab.wording import out_of

STEEP = 1.5  # noise that moves a layer so many times as far as random noise of the same L2 does is amplified more
MORE = 0.95  # the lost image must exceed this share of the images that stay right and itself
LEAST = 19  # images that stay right; with fewer, one that exceeds all of them does not exceed 95 % by this count


@dataclass(frozen=True)
class Amplified:
    """How many times as far a change moves the last hidden layer as random noise of the same L2 does.

    Attributes
    ----------
    layer : str
        The layer that adds most to this; if there are others, most to the difference from their median. "" if the
        change has no such figure.
    ratio : float
        How many times as far it moves the last hidden layer; 0 without a figure.
    others : tuple of float or None
        The same for images that stay right under the degradation; None if there is no such comparison, as for minimum
        noise.

    Examples
    --------
    >>> from tfstab.explanation.amplified import Amplified
    >>> found = Amplified.of({"conv": 1.5, "dense": 2.0}, [(1.5, 1.9)] * 40)
    >>> found.ratio, found.layer, found.explains
    (2.0, 'dense', True)
    """

    layer: str = ""
    ratio: float = 0.0
    others: tuple[float, ...] | None = None

    @classmethod
    def of(cls, gains: Mapping[str, float], others: Sequence[Sequence[float]] | None = None) -> "Amplified":
        """Return what follows from the ratios in the hidden layers.

        gains: by layer, in their order. others: for each image that stays right, the ratios in the same layers.
        """
        names, own = list(gains), _steps([list(gains.values())], len(gains))
        if not names or not len(own):
            return cls()
        last = float(gains[names[-1]])
        if others is None:
            return cls(names[int(own[0].argmax())], last)
        theirs = _steps(others, len(names))
        usual = np.median(theirs, axis=0) if len(theirs) else np.ones(len(names))
        return cls(names[int((own[0] / usual).argmax())], last, tuple(theirs.prod(axis=1).tolist()))

    @property
    def much(self) -> bool:
        """Whether the last hidden layer moves much further than under random noise."""
        return self.ratio >= STEEP

    @property
    def explains(self) -> bool:
        """Whether it moves so far that this may be why the image is lost: also compared with images that stay right."""
        if self.others is None:
            return self.much
        images = len(self.others)
        return self.much and images >= LEAST and self._exceeded >= MORE * (images + 1)

    def more_than(self, change: str) -> str:
        """Return what the layer reacts to less strongly: random noise, or the changes of images that stay right."""
        if self.others is None:
            return "random noise"
        return f"the {'noise' if change == 'noise' else 'changes'} of images that stay right"

    def sentence(self, change: str) -> str:
        """Return how far the last hidden layer moves; "" if not much. change: what the change is called."""
        if not self.much:
            return ""
        far = f"{self.ratio:.1f} times as far as random noise of the same L2 does"
        said = f"The {change} moves the last hidden layer {far}"
        if self.others is None:
            return f"{said}; layer {self.layer} contributes most to this."
        images = len(self.others)
        if images < LEAST:
            return (
                f"{said}. Whether this is unusual is not known, as fewer than {LEAST} images that stay right at this "
                "severity could be compared."
            )
        which, median = "images that stay right at this severity", f"median: {np.median(self.others):.1f} times"
        if self.explains:
            more = f"more than for {out_of(self._exceeded, images)} {which} ({median})"
            return f"{said}, {more}. Layer {self.layer} contributes most to the difference."
        same, most = out_of(images - self._exceeded, images), images - ceil(MORE * (images + 1))
        return (
            f"{said}. This is not unusual enough to count as a cause: the factor is at least as large for {same} "
            f"{which} ({median}). It would count only if that were so for {f'at most {most}' if most else 'none'} of "
            "them."
        )

    @property
    def _exceeded(self) -> int:
        """How many of the others it exceeds."""
        return int((np.asarray(self.others) < self.ratio).sum())


def _steps(ratios: Sequence[Sequence[float]], layers: int) -> NDArray[np.float64]:
    """Return what each layer (n, L) does to the ratio in the one before; without images whose ratios are not known."""
    known = np.asarray(ratios, float).reshape(len(ratios), layers)
    known = known[(np.isfinite(known) & (known > 0)).all(axis=1)]
    before = np.concatenate([np.ones((len(known), 1)), known[:, :-1]], axis=1)
    return np.asarray(known / before)
