"""Photographs of a report: which degraded images to show, and how they become part of the page."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from PIL import Image

from tfstab.assessment import FamilyFigures, Figures
from tfstab.errors import TfstabError
from tfstab.report.tables import found_noise
from tfstab.runs import RunFolder
from tfstab.search import MinimumNoise, SearchRun
from tfstab.search.norm import get_norm, sized
from tfstab.sweep import SweepRun
from tfstab.wording import after_number, of_parameter

SIDE = 192  # pixels of the longer side of an embedded image; larger ones are scaled down
FAMILIES, CLASSES, TRIPLES = 6, 3, 6  # most photographs of each section
GAINS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)


@dataclass(frozen=True)
class Shown:
    """An embedded image: its data URI, size in pixels, and a text for those who cannot see it."""

    uri: str
    width: int
    height: int
    alt: str

    @property
    def pixelated(self) -> bool:
        """Whether it is so small that its pixels should be shown as squares."""
        return max(self.width, self.height) <= 96


@dataclass(frozen=True)
class Mistake:
    """A clean and a degraded image, and what both are predicted as; scores are 0..1.

    `where` is the degradation and its severity in words, `true` and `taken` are class names.
    """

    family: str
    where: str
    name: str
    clean: Shown
    degraded: Shown
    true: str
    clean_score: float
    taken: str
    score: float


@dataclass(frozen=True)
class Triple:
    """A clean image, its minimum noise, of a `size` in words and amplified by `gain`, and the degraded image.

    Scores are 0..1.
    """

    name: str
    clean: Shown
    noise: Shown
    degraded: Shown
    gain: int
    size: str
    psnr: float
    true: str
    clean_score: float
    taken: str
    score: float


def family_mistakes(figures: Figures) -> list[Mistake]:
    """Return mistakes under each of the worst families, of different images as far as possible.

    There is one for each family, or more if there are few families. A mistake is one class taken for another: the
    image with the highest score stands for the most frequent one, then another image for the next. All are right when
    clean. The severity is the middle one; if no image fails there, the mildest one beyond it at which one does.
    """
    each = max(1, FAMILIES // max(1, len(figures.families)))
    mistakes: list[Mistake] = []
    used: set[int] = set()
    for family in figures.families:
        if len(mistakes) >= FAMILIES:
            break
        for sample in _typical_mistakes(family, used, each):
            made = _mistake(family.run, sample)
            if made is not None:
                used.add(sample["image"])
                mistakes.append(made)
    return mistakes


def class_mistakes(figures: Figures) -> list[Mistake]:
    """Return one mistake of each of the weakest classes: an image taken for what its class is mostly mistaken for."""
    mistakes = []
    for weak in figures.weakest_classes[:CLASSES]:
        example = weak.example()
        if example is None:
            continue
        run = next(family.run for family in figures.families if family.name == example.family)
        made = _mistake(run, run.sample(example.image, example.severity_index, example.copy))
        if made is not None:
            mistakes.append(made)
    return mistakes


def triples(search: SearchRun) -> list[Triple]:
    """Return minimum-noise triples from the least to the most noise, evenly spaced among the images of a search."""
    frame = found_noise(search.to_pandas()).sort_values("size", kind="stable")
    if not len(frame):
        return []
    places = np.unique(np.linspace(0, len(frame) - 1, min(TRIPLES, len(frame))).round().astype(int))
    return [_triple(search, search.result(int(frame.index[place]))) for place in places]


def _typical_mistakes(family: FamilyFigures, used: set[int], count: int) -> list[dict[str, int]]:
    """Return the rows of the degraded images with the highest score for each mistake, that of the most frequent first.

    Further images of the same mistakes follow, and images that are in use come last. Each image is there once.
    """
    run, order = family.run, list(family.run.config.mildest_first)
    right = pa.array(family.images[family.clean_right])
    columns = ["image", "severity_index", "copy", "predicted", "class_index", "score"]
    for s in order[order.index(family.middle_index) :]:
        rows = run.samples(severity=run.severities[s], columns=columns)
        wrong = pc.not_equal(rows["predicted"], rows["class_index"])
        frame = rows.filter(pc.and_(wrong, pc.is_in(rows["image"], right.cast(pa.int32())))).to_pandas()
        if len(frame):
            pairs = ["class_index", "predicted"]
            frame = frame.assign(
                used=frame["image"].isin(list(used)), times=frame.groupby(pairs)["image"].transform("size")
            )
            frame = frame.sort_values(["used", "score", "image"], ascending=[True, False, True], kind="stable")
            frame = frame.drop_duplicates("image")
            frame = frame.assign(place=frame.groupby(["used", *pairs]).cumcount())
            frame = frame.sort_values(["used", "place", "times"], ascending=[True, True, False], kind="stable")
            best: list[dict[str, int]] = frame.head(count).to_dict("records")
            return best
    return []


def _mistake(run: SweepRun, sample: dict[str, int]) -> Mistake | None:
    """Return one degraded image of a sweep as it is shown; None if it cannot be made again here."""
    image, s, family, names = int(sample["image"]), int(sample["severity_index"]), run.degradation, run.class_names
    try:
        degraded = run.degraded_image(image, s, int(sample["copy"]))
    except TfstabError:  # a family that is not installed here, or has changed
        return None
    row = run.clean.row(image)
    true, taken = names[run.clean.class_index[row]], names[int(sample["predicted"])]
    where = f"{of_parameter(family.parameter, run.severities[s])}{_unit(after_number(family.unit))}"
    return Mistake(
        family=family.title,
        where=where,
        name=run.clean.name(image),
        clean=shown(run.clean.images[row], f"{true}, clean image"),
        degraded=shown(np.rint(degraded), f"the same image under {family.title}, {where}, predicted as {taken}"),
        true=true,
        clean_score=float(run.clean.scores[row].max()),
        taken=taken,
        score=float(sample["score"]),
    )


def _triple(search: SearchRun, r: MinimumNoise) -> Triple:
    """Return one result of a search as it is shown."""
    true, taken = search.class_names[r.class_index], search.class_names[r.predicted]
    # The largest gain at which at most one value in a hundred is cut off, so that the pattern can be seen.
    largest = float(np.quantile(np.abs(r.noise), 0.99)) or r.linf
    gain = max((g for g in GAINS if g * largest <= 127), default=1)
    return Triple(
        name=search.clean.name(r.image),
        clean=shown(r.clean, f"{true}, clean image"),
        noise=shown(np.rint(128 + gain * r.noise), f"its minimum noise, amplified {gain} times"),
        degraded=shown(np.rint(r.degraded), f"the same image with this noise, predicted as {taken}"),
        gain=gain,
        size=f"{get_norm(r.norm).title} {sized(get_norm(r.norm), r.size, ',.1f')}",
        psnr=r.psnr,
        true=true,
        clean_score=float(r.clean_scores.max()),
        taken=taken,
        score=float(r.score),
    )


def shown(image: NDArray[np.generic], alt: str) -> Shown:
    """Return an image (H, W, C), in grey levels, for the page: PNG, or JPEG if it is scaled down."""
    grey_levels = np.clip(image, 0, 255).astype(np.uint8)
    channels = grey_levels.shape[2]
    picture = Image.fromarray(grey_levels[..., :3] if channels >= 3 else grey_levels[..., 0])
    file = io.BytesIO()
    if max(picture.size) > SIDE:
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        picture.save(file, format="jpeg", quality=92, subsampling=0)
        kind = "jpeg"
    else:
        picture.save(file, format="png", optimize=True)
        kind = "png"
    uri = f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"
    return Shown(uri, *picture.size, alt)


def scaled_down(runs: Sequence[RunFolder]) -> bool:
    """Return whether images of these runs are shown smaller than they are."""
    return any(max(run.clean.images.shape[1:3]) > SIDE for run in runs)


def _unit(unit: str) -> str:
    """Return a unit as it follows a number."""
    return {"": "", "%": " %", "degrees": "°"}.get(unit, f" {unit}")
