"""One finished image of a search, as strip, gallery and table show it."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.runner_up import runner_up
from tfstab.search.norm import get_norm, sized
from tfstab.search.trace import StopReason

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise


@dataclass(frozen=True, eq=False)
class Entry:
    """One result, without its noise and history.

    Attributes
    ----------
    image, class_index, predicted : int
        Index of the image, its true class, and the class it is degraded to.
    norm : str
        The norm that was minimised.
    size, size_uint8, l2, linf, psnr : float
        This norm of the noise and of the 8-bit image, two other norms in grey levels, and PSNR in dB.
    found : bool
        Whether noise was found.
    stop_reason : str
        Why the search ended.
    clean : ndarray
        The clean image (H, W, C), uint8.
    score, margin : float
        Score of the predicted class, and its lead over the true class.
    queries, gradients : int
        Degraded images scored, and gradients computed.
    runner_up, second_when_clean : int
        Class with the second highest score on the degraded and on the clean image.
    """

    image: int
    class_index: int
    predicted: int
    norm: str
    size: float
    l2: float
    found: bool
    stop_reason: str
    clean: NDArray[np.uint8]
    psnr: float
    size_uint8: float
    linf: float
    score: float
    margin: float
    queries: int
    gradients: int
    runner_up: int
    second_when_clean: int

    @classmethod
    def of(cls, r: "MinimumNoise") -> "Entry":
        """Return the entry of a result."""
        known = {item.name: getattr(r, item.name) for item in fields(cls) if hasattr(r, item.name)}
        return cls(runner_up=int(runner_up(r.scores)), second_when_clean=int(runner_up(r.clean_scores)), **known)

    @property
    def wrong_when_clean(self) -> bool:
        """Whether the image needs no noise."""
        return self.stop_reason == StopReason.MISCLASSIFIED

    @property
    def title(self) -> str:
        """The name of the norm, such as "L2"."""
        return get_norm(self.norm).title

    @property
    def amount(self) -> str:
        """The norm of the noise, such as "L2 42.3"."""
        return f"{self.title} {sized(get_norm(self.norm), self.size)}"

    @property
    def outcome(self) -> str:
        """The outcome in a word or two."""
        if not self.found:
            return "not found"
        return self.amount if self.size > 0 else "wrong clean"
