"""Figures before and after a remedy."""

import math
from dataclasses import dataclass, field
from typing import Any

from tfstab.metrics.paired import Paired, Ratio


@dataclass(frozen=True)
class Change:
    """One figure before and after a remedy.

    Attributes
    ----------
    name : str
        Name of the figure: "clean", "accuracy", "kept", "accuracy_trained", "accuracy_other", "gaussian_noise"
        or "minimum_noise"; or the name of a family of degradations.
    title : str
        Its title in tables.
    images : int
        Number of images from which it is computed.
    paired : Difference or Ratio
        The figure before (`first`) and after (`second`), and the difference or ratio with its 95 % interval. Accuracies
        are shares 0..1, minimum noise is in grey levels.
    decides : bool
        Whether the interval decides if the figure changes; not for searches that end above the minimum by an unknown
        factor: see `SearchComparison.decides`.
    """

    name: str
    title: str
    images: int
    paired: Paired
    decides: bool = field(default=True, kw_only=True)

    @property
    def told(self) -> bool:
        """Whether text and report show it.

        Not shown are the accuracy kept, which also rises if only clean accuracy falls, and ratios of too few images for
        an interval.
        """
        return self.name != "kept" and not (isinstance(self.paired, Ratio) and self.paired.ends(2) is None)

    @property
    def numbers(self) -> dict[str, float]:
        """The figure before and after, and the change with the ends of its interval, by name."""
        p = self.paired
        return {"before": p.first, "after": p.second, "change": p.value, "low": p.low, "high": p.high}

    def record(self) -> dict[str, Any]:
        """Return the figure as values that JSON can hold; what cannot be computed is None."""
        numbers = {name: value if math.isfinite(value) else None for name, value in self.numbers.items()}
        kind = "ratio" if isinstance(self.paired, Ratio) else "difference"
        return {"title": self.title, **numbers, "kind": kind, "images": self.images}


@dataclass(frozen=True)
class FamilyChange(Change):
    """Accuracy under one family of degradations before and after a remedy, averaged over the severities.

    Attributes
    ----------
    trained : bool
        Whether the network was hardened against this family.
    decided : int
        1 if the accuracy rises, -1 if it falls, 0 if the images do not decide; for all families at once, by
        `tfstab.metrics.multiple.decided`.
    """

    trained: bool
    decided: int

    def record(self) -> dict[str, Any]:
        """Return the figure as values that JSON can hold."""
        return super().record() | {"trained": self.trained, "decided": self.decided}
