"""Divides a sweep into blocks: a few images, and some copies of each at every severity. Each becomes a part of the run.

A sweep goes copy by copy: one copy of every image first, then a second, then as many again as there are. So it can be
stopped at any time, and is then a whole sweep of fewer copies. The images come in a stratified order, and the first
blocks are small, so that a result of every class is there after seconds.
"""

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import RunError
from tfstab.sweep.score import first_rows
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MOST_ROWS = 45_000  # degraded images of a block
SECONDS = 20.0  # of work in a block, estimated; this much is lost when a sweep is killed
MOST_BYTES = 16 << 20  # of the clean images of a block, which are in memory, and are sent to a worker of a cluster
# The speed that the estimate assumes. It is that of a slow machine, so that blocks are small rather than large: two
# cores of 2024 compute 20 to 100 billion multiply-adds a second, and degrade 10 to 50 million pixels.
MULTIPLY_ADDS_A_SECOND, PIXELS_A_SECOND = 10e9, 10e6
_NAME = re.compile(r"block-(\d{7})-(\d{7})-(\d{5})-(\d{5})")
_LEGACY = re.compile(r"class-(\d{5})-\d{5,9}")  # parts of older runs: all copies of some images of a class


class Block(NamedTuple):
    """Some images, and some copies of each.

    Attributes
    ----------
    first, stop : int
        Places of the first image, and after the last one, in the run's order.
    first_copy, stop_copy : int
        The first copy, and the one after the last.
    """

    first: int
    stop: int
    first_copy: int
    stop_copy: int

    @property
    def name(self) -> str:
        """The name of the part."""
        return f"block-{self.first:07d}-{self.stop:07d}-{self.first_copy:05d}-{self.stop_copy:05d}"

    @property
    def images(self) -> int:
        """Number of images."""
        return self.stop - self.first

    @property
    def copies(self) -> int:
        """Number of copies of each image."""
        return self.stop_copy - self.first_copy

    def rows(self, severities: int) -> int:
        """Return the number of degraded images at so many severities."""
        return self.images * self.copies * severities


def block_of(name: str) -> Block | None:
    """Return the block that a part's name describes, or None if it describes none."""
    match = _NAME.fullmatch(name)
    return Block(*map(int, match.groups())) if match else None


def legacy_class(name: str) -> int | None:
    """Return the class in the name of an older run's part, or None for any other name."""
    match = _LEGACY.fullmatch(name)
    return int(match[1]) if match else None


def plan_blocks(
    images: int,
    copies: int,
    severities: int,
    most_rows: int,
    batch: int,
    earlier: Sequence[Block] = (),
    most_images: int = MOST_ROWS,
) -> list[Block]:
    """Return the blocks of a sweep that no earlier plan has, in the order in which they are scored.

    Parameters
    ----------
    images, copies, severities : int
        Numbers of images, of copies of each at each severity, and of severities.
    most_rows : int
        Degraded images of a block, at most; a block has at least one copy of one image at all severities.
    batch : int
        Degraded images that are scored at once; the first block has about as many.
    earlier : sequence of Block
        Blocks that are planned already, for all copies of the first images.
    most_images : int
        Images of a block, at most.

    Examples
    --------
    >>> from tfstab.sweep.plan import plan_blocks
    >>> for block in plan_blocks(images=100, copies=3, severities=10, most_rows=1000, batch=400):
    ...     print(block.name)
    block-0000000-0000040-00000-00001
    block-0000040-0000080-00000-00001
    block-0000080-0000100-00000-00001
    block-0000000-0000100-00001-00002
    block-0000000-0000100-00002-00003
    """
    known = max((block.stop for block in earlier), default=0)
    copied = max((block.stop_copy for block in earlier), default=0)
    sizes = severities, most_rows, batch, most_images
    blocks = list(_region(known, images, 0, max(copies, copied), *sizes))
    blocks += _region(0, known, copied, copies, *sizes)
    return in_order(blocks)


def in_order(blocks: Iterable[Block]) -> list[Block]:
    """Return blocks in the order in which they are scored: copy by copy over all images."""
    return sorted(blocks, key=lambda block: (block.first_copy, block.first))


def _region(
    first: int,
    stop: int,
    first_copy: int,
    stop_copy: int,
    severities: int,
    most_rows: int,
    batch: int,
    most_images: int,
) -> Iterator[Block]:
    """Yield the blocks of some copies of some images."""
    widest = max(1, most_rows // severities)  # copies of one image that fill a block
    for start, end in _rounds(first_copy, stop_copy, widest):
        rows = severities * (end - start)
        largest = max(1, min(most_images, most_rows // rows))
        size = min(largest, max(1, batch // rows)) if start == 0 else largest
        place = first
        while place < stop:
            count = min(size, stop - place)
            yield Block(place, place + count, start, end)
            place += count
            size = min(largest, max(size, place - first))  # doubles


def _rounds(first: int, stop: int, widest: int) -> Iterator[tuple[int, int]]:
    """Yield the copies of each round: 0, 1, then 2 and 3, then 4 to 7, ..., at most `widest` at a time."""
    start = first
    while start < stop:
        end = min(stop, start + 1 if start < 2 else 1 << start.bit_length(), start + widest)
        yield start, end
        start = end


def block_rows(classifier: "Classifier", severities: int) -> int:
    """Return how many degraded images a block may have: as many as are scored in `SECONDS`, by an estimate.

    It depends on the model's multiply-adds and the size of its images, not on a clock or a batch size, so that equal
    settings give equal files. It is a multiple of a sweep's usual batch size where it exceeds that.
    """
    height, width, channels = classifier.input_shape
    seconds = classifier.multiply_adds / MULTIPLY_ADDS_A_SECOND + height * width * channels / PIXELS_A_SECOND
    rows = int(max(severities, min(MOST_ROWS, SECONDS / seconds)))
    batch = first_rows(classifier)
    return rows // batch * batch if rows > batch else rows


def block_images(shape: tuple[int, ...]) -> int:
    """Return how many images (H, W, C) a block may have, at least one."""
    return max(1, MOST_BYTES // int(np.prod(shape)))


def check_plan(run: Path, info: dict[str, Any], copies: int) -> None:
    """Raise RunError if a run.json, which may come from a stranger, plans parts that no sweep of so many copies has."""
    problem = problem_of_plan(info["parts"], info["data"]["images"], copies)
    if problem:
        raise RunError(f"{run / 'run.json'} is damaged ({problem}): restore it, or make the run again.")


def problem_of_plan(names: Sequence[str], images: int, copies: int) -> str | None:
    """Return what is wrong with the names of a run's parts, in words, or None: no degraded image is in two of them."""
    blocks = [block for block in map(block_of, names) if block is not None]
    if len(blocks) < len(names):
        older = [k for k in map(legacy_class, names) if k is not None]
        if len(older) == len(set(names)) == len(names):
            return None
        return "it plans parts that no sweep has, or some twice"
    for block in blocks:
        if not (block.first < block.stop <= images and block.first_copy < block.stop_copy <= copies):
            return f"its part {block.name} has images or copies that the run has not"
    events = sorted([(b.stop, 0, b) for b in blocks] + [(b.first, 1, b) for b in blocks])
    active: list[tuple[int, int]] = []  # copies of the blocks that hold the image at this place, apart and ascending
    for _, begins, block in events:
        span = block.first_copy, block.stop_copy
        at = bisect.bisect_left(active, span)
        if not begins:
            del active[at]
        elif (at and active[at - 1][1] > span[0]) or (at < len(active) and active[at][0] < span[1]):
            return f"its part {block.name} has degraded images of another part"
        else:
            active.insert(at, span)
    return None


def planned_images(info: dict[str, Any]) -> int:
    """Return how many images a sweep is to degrade, by its run.json; it may have more clean images than these."""
    blocks = [block_of(name) for name in info["parts"]]
    if None in blocks:  # an older run, whose parts have the images of a class each
        return int(info["data"]["images"])
    return max((block.stop for block in blocks if block is not None), default=0)


def copies_done(blocks: Iterable[Block], images: int) -> NDArray[np.int64]:
    """Return how many copies of each image these blocks have, int64 (images,), in the run's order."""
    change = np.zeros(images + 1, np.int64)
    for block in blocks:
        change[block.first] += block.copies
        change[block.stop] -= block.copies
    return np.cumsum(change)[:-1]


def copies_in_words(done: NDArray[np.int64], planned: int) -> str:
    """Return numbers of copies in words, as in "1 to 4 copies of each of 500 images (20 planned)".

    If only some images have copies, it is "1 copy for 136 of 600 images so far".

    Parameters
    ----------
    done : ndarray
        int64 (N,): copies that each image has.
    planned : int
        Copies that each image is to have; 0 if no more are to come.

    Examples
    --------
    >>> import numpy as np
    >>> from tfstab.sweep.plan import copies_in_words
    >>> copies_in_words(np.array([1, 1, 0]), planned=20)
    '1 copy for 2 of 3 images (20 planned)'
    """
    begun = done[done > 0]
    fewest, most = (int(begun.min()), int(begun.max())) if len(begun) else (0, 0)
    number, images = counted(most, "copy", "copies"), counted(len(done))
    if fewest < most:
        number = f"{fewest:,} to {number}"
    if 0 < len(begun) < len(done):
        more = " so far" if fewest == planned else f" ({planned:,} planned)" if planned else ""
        return f"{number} for {len(begun):,} of {images}{more}"
    if len(begun) == len(done) > 1:
        images = f"each of {images}"
    return f"{number} of {images}" + (f" ({planned:,} planned)" if done.min(initial=planned) < planned else "")
