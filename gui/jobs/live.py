"""What a running search has sent so far, image by image. No Qt in here."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.jobs.protocol import Generations, ImageDone


@dataclass(eq=False)
class LiveImage:
    """An image that is being searched.

    Attributes
    ----------
    image : int
        Its index.
    generation, queries : int
        Generations and degraded images so far.
    flipped : bool
        Whether the best noise changes the prediction.
    norm : float
        Norm of the best noise.
    noise : ndarray or None
        The best noise (H, W, C) in grey levels, of the watched image only.
    reason : str
        Why its search ended; "" while it runs.
    rows : list of list of float
        Best and mean objective, norm and share misclassified of each generation.
    """

    image: int
    generation: int = 0
    queries: int = 0
    flipped: bool = False
    norm: float = 0.0
    noise: NDArray[np.float32] | None = None
    reason: str = ""
    rows: list[list[float]] = field(default_factory=list)

    @property
    def history(self) -> NDArray[np.float64]:
        """The generations (G, 4), with the columns of `tfstab.search.result.HISTORY`."""
        return np.array(self.rows, np.float64).reshape(-1, 4)

    @property
    def norms(self) -> NDArray[np.float64]:
        """The norm of the best noise (G,)."""
        return np.fromiter((row[2] for row in self.rows), np.float64, len(self.rows))

    @property
    def size(self) -> str:
        """The norm as text; a norm that counts is whole."""
        return f"{self.norm:.0f}" if self.norm % 1 == 0 else f"{self.norm:.1f}"

    @property
    def state(self) -> str:
        """The state in a word or two."""
        if self.reason == "observer":
            return "stopped"
        if self.reason:
            return f"done, norm {self.size}" if self.flipped else "not found"
        return f"norm {self.size}" if self.flipped else "not flipped yet"


class LiveSearch:
    """The images that are being searched, in the order of their start.

    Attributes
    ----------
    images : dict of int to LiveImage
        The images by index.
    watched : int or None
        The image that the user is watching.
    """

    def __init__(self) -> None:
        self.images: dict[int, LiveImage] = {}
        self.watched: int | None = None

    def add(self, message: Generations) -> None:
        """Add new generations of an image."""
        live = self.images.setdefault(message.image, LiveImage(message.image))
        live.generation, live.queries, live.flipped = message.generation, message.queries, message.flipped
        live.rows += message.rows
        if message.rows:
            live.norm = message.rows[-1][2]
        if message.noise is not None:
            live.noise = message.noise

    def end(self, message: ImageDone) -> None:
        """Record the end of an image's search; the image is removed unless it is watched."""
        live = self.images.get(message.image)
        if live is None:  # misclassified when clean, so never searched
            return
        live.reason, live.norm, live.flipped = message.reason, message.norm, message.found
        self._forget()

    def watch(self, image: int | None) -> None:
        """Watch another image."""
        if self.watched in self.images:
            self.images[self.watched].noise = None  # outdated by the time it is watched again
        self.watched = image
        self._forget()

    @property
    def in_work(self) -> list[LiveImage]:
        """The images whose search has not ended."""
        return [live for live in self.images.values() if not live.reason]

    def _forget(self) -> None:
        self.images = {k: live for k, live in self.images.items() if not live.reason or k == self.watched}
