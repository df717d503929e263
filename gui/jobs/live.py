"""What a running search has told so far, image by image. No Qt in here."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.jobs.protocol import Generations, ImageDone


@dataclass(eq=False)
class LiveImage:
    """One image in work. rows: as in Generations, of all generations told. reason: why it has ended, "" before."""

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
        """(generations, 4), the columns of `tfstab.search.result.HISTORY`."""
        return np.array(self.rows, np.float64).reshape(-1, 4)

    @property
    def norms(self) -> NDArray[np.float64]:
        """The norm of the best noise, (generations,)."""
        return np.fromiter((row[2] for row in self.rows), np.float64, len(self.rows))

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.reason == "observer":
            return "stopped"
        if self.reason:
            return f"done, L2 {self.norm:.1f}" if self.flipped else "not found"
        return f"L2 {self.norm:.1f}" if self.flipped else "not flipped yet"


class LiveSearch:
    """The images in work, in the order in which they were begun, and the one that is watched."""

    def __init__(self) -> None:
        self.images: dict[int, LiveImage] = {}
        self.watched: int | None = None

    def add(self, message: Generations) -> None:
        """Take in what an image's search has done."""
        live = self.images.setdefault(message.image, LiveImage(message.image))
        live.generation, live.queries, live.flipped = message.generation, message.queries, message.flipped
        live.rows += message.rows
        if message.rows:
            live.norm = message.rows[-1][2]
        if message.noise is not None:
            live.noise = message.noise

    def end(self, message: ImageDone) -> None:
        """An image has ended: it leaves the list, unless it is watched, which it does once another one is."""
        live = self.images.get(message.image)
        if live is None:  # it was wrong when clean, and never in work
            return
        live.reason, live.norm, live.flipped = message.reason, message.l2, message.found
        self._forget()

    def watch(self, image: int | None) -> None:
        """Look at another image."""
        if self.watched in self.images:
            self.images[self.watched].noise = None  # old by the time one comes back to it
        self.watched = image
        self._forget()

    @property
    def in_work(self) -> list[LiveImage]:
        return [live for live in self.images.values() if not live.reason]

    def _forget(self) -> None:
        self.images = {k: live for k, live in self.images.items() if not live.reason or k == self.watched}
