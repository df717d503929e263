"""How many images of other classes two networks take for a class, beside their recalls of this class."""

import math
from dataclasses import dataclass

from tfstab.experiments.also_taken import MARKED
from tfstab.metrics.shares import rounded
from tfstab.names import all_named, quoted, shortened

HOW_MANY = f"{MARKED}; the tool tip says how many."


@dataclass(frozen=True)
class TakenToo:
    """How many images of other classes each of two networks takes for a class.

    Attributes
    ----------
    class_name : str
        Name of the class.
    shares : tuple of float
        Share of these images that each network takes for the class; NaN if not known.
    says_little : bool
        Whether the network with the higher recall takes far more of them, so that its higher recall says little.
    """

    class_name: str
    shares: tuple[float, float]
    says_little: bool

    def said(self, first: str, second: str) -> str:
        """Return both shares, and whether the recall says little, in sentences; "" if they are not known.

        first, second: names of the networks.
        """
        if any(map(math.isnan, self.shares)):
            return ""
        each = zip(self.shares, all_named(first, second), strict=True)
        shares = ", ".join(f"{rounded(share)} % with {name}" for share, name in each)
        told = f"Images of other classes that are taken for {quoted(shortened(self.class_name, 60))}, too: {shares}."
        return f"{told} So the higher recall says little." if self.says_little else told
