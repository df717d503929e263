"""The parts of an explanation, in the order in which they are made."""

from collections.abc import Sequence
from typing import NamedTuple

from tfstab.explanation.analyses import analyses
from tfstab.explanation.analysis import Analysis
from tfstab.explanation.run import parse_part, part_name


class Piece(NamedTuple):
    """One part of the plan: an analysis of the images from `first` to `stop` in the run's order."""

    analysis: Analysis
    first: int
    stop: int

    @property
    def name(self) -> str:
        """The part's name."""
        return part_name(self.analysis.name, self.first, self.stop)

    @property
    def images(self) -> int:
        """Its number of images."""
        return self.stop - self.first

    @property
    def work(self) -> float:
        """Its work, in passes of an image through the network."""
        return self.analysis.work * self.images


def plan(
    images: int, possible: Sequence[Analysis], size: int, earlier: Sequence[str] = (), *, early: Sequence[int] = ()
) -> list[Piece]:
    """Return the parts of an explanation in the order in which they are made.

    Every analysis of a block of images comes before the next block; what is computed once comes after the first block,
    so that a run that is stopped early has something of everything.

    Parameters
    ----------
    images : int
        Number of images.
    possible : sequence of Analysis
        What the network allows.
    size : int
        Images of a block.
    earlier : sequence of str
        Names of the parts that are planned already, for fewer images.
    early : sequence of int
        Numbers of images, below `size` and ascending, after which a block ends that would have `size` images.
    """
    pieces = pieces_of(earlier)
    first = max((piece.stop for piece in pieces), default=0)
    while first < images:
        stop = min(next((end for end in (*early, size) if end > first), first + size), images)
        pieces += [Piece(one, first, stop) for one in possible if one.of_images]
        if first == 0:
            pieces += [Piece(one, 0, min(size, images)) for one in possible if not one.of_images]
        first = stop
    return pieces


def with_shorter_block(pieces: Sequence[Piece], first: int, middle: int) -> list[Piece]:
    """Return the parts, with the block of images that begins at `first` divided into two at `middle`.

    Examples
    --------
    >>> from tfstab.explanation.plan import pieces_of, with_shorter_block
    >>> parts = pieces_of(["noise-0000000-0000032", "layers-0000000-0000032"])
    >>> [one.name for one in with_shorter_block(parts, 0, 24)][1:3]
    ['layers-0000000-0000024', 'noise-0000024-0000032']
    """
    block = [piece for piece in pieces if piece.analysis.of_images and piece.first == first]
    place = pieces.index(block[0])
    others = [piece for piece in pieces if piece not in block]
    halves = [one._replace(stop=middle) for one in block] + [one._replace(first=middle) for one in block]
    return [*others[:place], *halves, *others[place:]]


def pieces_of(names: Sequence[str]) -> list[Piece]:
    """Return the parts with these names."""
    places = filter(None, map(parse_part, names))
    return [Piece(analyses()[analysis], first, stop) for analysis, first, stop in places]
