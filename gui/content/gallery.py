"""All images of a run as arrays: what a gallery shows, sorts and filters by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.selection import sort_places

if TYPE_CHECKING:
    from tfstab.gui.sessions.search_session import Entry
    from tfstab.sweep import SweepRun
    from tfstab.sweep.measures import SweepMeasures


@dataclass(frozen=True, eq=False)
class SortKey:
    """A way to sort: values (N,), and whether the interesting end is the high one."""

    title: str
    values: np.ndarray
    descending: bool = False


@dataclass(frozen=True, eq=False)
class Gallery:
    """N images. pictures: uint8 arrays (H, W, C), of which `rows` (N,) names each image's. only: subsets, bool (N,).

    outcome: each in words; where it is None it is made of `failing`, `mildest` and `share` when asked for.
    """

    image: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    class_index: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    pictures: Sequence[np.ndarray] | np.ndarray = ()
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    keys: tuple[SortKey, ...] = ()
    only: tuple[tuple[str, NDArray[np.bool_]], ...] = ()
    names: tuple[str, ...] = ()
    predicted: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    outcome: tuple[str, ...] | None = None
    failing: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    mildest: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    share: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    parameter: str = "sigma"  # what failing is in
    neutral: float = 0.0  # in failing: wrong when clean

    def __len__(self) -> int:
        return len(self.image)

    def picture(self, place: int) -> NDArray[np.uint8]:
        """The clean image, uint8 (H, W, C)."""
        return self.pictures[self.rows[place]]

    def caption(self, place: int) -> str:
        """From which class to which, and how easily."""
        actual, wrong = self.names[self.class_index[place]], self.predicted[place]
        first = f"{actual} → {self.names[wrong]}" if wrong >= 0 else actual
        if self.outcome is not None:
            return f"{first}\n{self.outcome[place]}"
        return f"{first}\n{self.share[place]:.1%} wrong"

    def tip(self, place: int) -> str:
        """The same in a sentence."""
        words = self.caption(place).replace("\n", ", ")
        if self.outcome is None:
            severity, psnr = self.failing[place], self.mildest[place]
            fails = f"fails from {self.parameter} {severity:g} and PSNR {psnr:.1f} dB on"
            if severity == self.neutral:
                fails = "wrong when clean"
            words += f", {fails}" if np.isfinite(severity) else ", never fails"
        return f"Image {self.image[place]}: {words}"

    def select(self, class_index: int | None, only: int | None, key: int, descending: bool) -> NDArray[np.intp]:
        """Places of one class or all, of the subset with that number or all, sorted."""
        keep = np.ones(len(self), bool)
        if class_index is not None:
            keep &= self.class_index == class_index
        if only is not None and only < len(self.only):
            keep &= self.only[only][1]
        places = np.flatnonzero(keep)
        return sort_places(places, self.keys[key].values, descending) if key < len(self.keys) else places


def gallery_of_search(entries: "Sequence[Entry]", names: tuple[str, ...]) -> Gallery:
    """The images of a search. Those not found are infinitely far away."""
    found = np.array([e.found for e in entries], np.bool_)
    wrong = np.array([e.wrong_when_clean for e in entries], np.bool_)
    l2 = np.where(found, [e.l2 for e in entries], np.inf)
    psnr = np.where(found, [e.psnr for e in entries], -np.inf)
    image, class_index = (np.array([getattr(e, name) for e in entries], np.int64) for name in ("image", "class_index"))
    return Gallery(
        image, class_index, [e.clean for e in entries], np.arange(len(entries)),
        keys=(SortKey("index", image), SortKey("class", class_index), SortKey("L2", l2), SortKey("PSNR", psnr, True)),
        only=(("misclassified when clean", wrong), ("found by the search", found & ~wrong), ("not found", ~found)),
        names=names, predicted=np.array([e.predicted if e.found else -1 for e in entries], np.int64),
        outcome=tuple(e.outcome for e in entries),
    )  # fmt: skip


def gallery_of_sweep(run: "SweepRun", measures: "SweepMeasures") -> Gallery:
    """The images of a sweep that have been swept."""
    rows = np.array([run.clean.row(image) for image in measures.images.tolist()], np.int64)
    failing, share = measures.failing_severity(), measures.wrong_share.mean(axis=1)
    mildest = measures.failing_psnr  # the L2 of that noise would sort them alike
    family = run.degradation
    return Gallery(
        measures.images, measures.labels, run.clean.images, rows,
        keys=(
            SortKey("index", measures.images), SortKey("class", measures.labels),
            SortKey("share misclassified", share, True),
            SortKey(f"failing {family.parameter}", np.abs(failing - family.neutral)),  # the mildest first
            SortKey("failing PSNR", mildest, True),
        ),
        only=(
            ("misclassified when clean", ~measures.clean_correct),
            ("correct when clean, fails when degraded", measures.clean_correct & np.isfinite(failing)),
            ("never misclassified", ~np.isfinite(failing)),
        ),
        names=run.class_names, predicted=measures.wrong_class, failing=failing, mildest=mildest,
        share=share, parameter=family.parameter, neutral=family.neutral,
    )  # fmt: skip
