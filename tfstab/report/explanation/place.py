"""The topic `place`: which pixels of the noise flip an image, and which pixels the network looks at."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tfstab.explanation import ExplanationRun
from tfstab.explanation.places import ShareFigures, share_figures
from tfstab.report.explanation.maps import (
    NOISE_COLOURS,
    Map,
    in_blocks,
    place_of,
    row_label,
    rows_figure,
    scale_of,
    shown_images,
)
from tfstab.report.page import Picture, Section
from tfstab.report.tables import Table

OUTLINED = 2.0  # factor of the noise whose pixels are outlined; undoubled, nearly all are needed


def section(run: ExplanationRun) -> Section | None:
    """Return the section on places, or None if the run has no results for it."""
    if not run.has("occlusion"):
        return None
    places = shown_images(run)
    figures = share_figures(run)
    parts: list[Table | Picture] = [*pictures(run, places, ": images with the least, a median and the most noise")]
    if figures:
        parts.append(share_table(figures))
    lines = [*_share_lines(figures), *_completeness(run)]
    return Section("Where in the image", lines, parts)


def of_image(run: ExplanationRun, image: int) -> list[Table | Picture]:
    """Return the maps of one image."""
    place = place_of(run, image)
    return [*pictures(run, np.array([place]))] if place is not None and run.has("occlusion") else []


def _share_lines(figures: Sequence[ShareFigures]) -> list[str]:
    """Return in words how few pixels of the noise flip an image."""
    by_factor = {one.factor: one for one in figures}
    if OUTLINED not in by_factor:
        return ["No image has minimum noise, so nothing can be said about where noise works."]
    one, doubled = by_factor[1.0], by_factor[OUTLINED]
    meaning = "the two shares are about the same"
    if doubled.share.high < doubled.even:
        meaning = "so the minimum noise works in fewer places"
    elif doubled.share.low > doubled.even:
        meaning = "so the minimum noise was not found to work in fewer places"
    return [
        f"If the minimum noise is doubled, the noise of at most {_percent(doubled)} of the pixels is enough "
        f"to flip the "
        "median image. "
        f"Gaussian noise, which is spread over the whole image, would need {_digits(doubled.even)} %; {meaning}.",
        f"Undoubled, the noise of {_percent(one)} of the pixels is needed. Nearly all are to be expected: the minimum "
        "noise is the smallest that flips an image, and leaving out pixels makes it smaller still.",
    ]


def _percent(figures: ShareFigures) -> str:
    """Return a share with its interval: "12.8 % (9.6–16.2)"."""
    return f"{_digits(figures.share.value)} % ({_ends(figures)})"


def _ends(figures: ShareFigures) -> str:
    """Return the ends of a share's interval in %: "9.6–16.2"."""
    return f"{_digits(figures.share.low)}–{_digits(figures.share.high)}"


def _digits(share: float) -> str:
    """Return a share in %, with one decimal, or two digits if it is below 1 %."""
    return f"{100 * share:.2g}" if share < 0.01 else f"{100 * share:.1f}".removesuffix(".0")


def _completeness(run: ExplanationRun) -> list[str]:
    """Return in words how exact the integrated gradients are."""
    if not run.has("attribution"):
        return ["Single pixels are not attributed, which takes a network's gradients; windows are covered instead."]
    worst = float(np.nanmax(run.arrays("attribution")["error"]))
    return [
        "The sum of each map of integrated gradients agrees with the change of the margin that it explains within "
        f"{100 * worst:.2g} % of this change, or of 1 nat if the change is smaller."
    ]


def share_table(figures: Sequence[ShareFigures]) -> Table:
    """Return the share of pixels for each strength of the noise."""
    rows = [(f"{one.factor:g} ×", 100 * one.share.value, _ends(one), 100 * one.even, one.flipped) for one in figures]
    notes = [
        "Median over images of the smallest share of pixels found whose noise alone flips the image; fewer may be "
        "enough. Gaussian: the share that white Gaussian noise would take if the margin were linear. "
        f"Images with minimum noise: {figures[0].images}; an image that even the noise of all pixels, "
        f"multiplied, does not "
        "flip because of clipping counts as needing more than all others."
    ]
    columns = ("minimum noise", "pixels, % at most", "95 % interval", "Gaussian, %", "images flipped")
    return Table("Share of the pixels whose noise flips an image", columns, rows, notes, {columns[1]: 1, columns[3]: 1})


def pictures(run: ExplanationRun, places: NDArray[np.intp], which: str = "") -> list[Picture]:
    """Return the pictures of these images: what their noise does, and what the network looks at.

    which: follows the title of the first picture and says which images they are.
    """
    found = run.arrays("noise")["found"][places]
    shown = [Picture("place_image", _image_caption(run), image_figure(run, places))]
    if found.any():
        shown.insert(0, Picture("place_noise", _noise_caption(run, which), noise_figure(run, places[found])))
    return shown


def _noise_caption(run: ExplanationRun, which: str) -> str:
    """Return how to read the picture of the noise."""
    ranked, maps = "have the most noise", ""
    if run.has("attribution"):
        ranked = "lower the margin most"
        maps = (
            "Right: by how many nats each pixel's noise lowers the margin of the true class, to first order "
            "(gradient × noise) and along the whole way from the clean to the degraded image (integrated gradients). "
            "Orange lowers it, purple raises it, white is 0. "
        )
    return (
        f"Where the minimum noise works{which}. Noise is red where it makes a pixel brighter, blue where it makes it "
        f"darker. {maps}Outlined: the fewest pixels found whose noise, doubled, flips the image if all others "
        f"are clean; "
        f"they are the pixels that {ranked}."
    )


def noise_figure(run: ExplanationRun, places: NDArray[np.intp]) -> Figure:
    """Draw images, their minimum noise, and what each pixel of it does to the margin."""
    noise, occlusion = run.arrays("noise"), run.arrays("occlusion")
    factor = int(np.argmin(np.abs(occlusion["factors"] - OUTLINED)))
    attribution = run.arrays("attribution") if run.has("attribution") else None
    titles = ["clean image", "minimum noise", "degraded image"]
    titles += ["gradient × noise", "integrated gradients"] if attribution else []
    rows = []
    for place in places:
        row = run.rows[place]
        image = np.asarray(run.clean.images[row], np.float64)
        change = in_blocks(noise["noise"][place].mean(axis=2))
        few = occlusion["mask"][place, factor]
        outline = in_blocks(few.astype(np.float64)) > 0.5 * in_blocks(np.ones(few.shape))
        shown = [image, Map(change, scale_of(change), NOISE_COLOURS), image + noise["noise"][place]]
        if attribution:
            maps = [in_blocks(attribution[name][place]) for name in ("gradient_noise", "path")]
            scale = scale_of(*maps)
            shown += [Map(maps[0], scale), Map(maps[1], scale, outline=outline)]
        else:
            shown[1] = Map(change, scale_of(change), NOISE_COLOURS, outline)
        names = run.class_names[run.clean.class_index[row]], run.class_names[noise["predicted"][place]]
        rows.append((row_label(*names), shown))
    return rows_figure(titles, rows)


def _image_caption(run: ExplanationRun) -> str:
    """Return how to read the picture of what the network looks at."""
    pixels = ""
    if run.has("attribution"):
        pixels = "Pixels: how much each adds to the margin, compared with a uniform image (integrated gradients). "
    return (
        "What speaks for the true class, in the clean image and with its minimum noise. "
        f"{pixels}Windows: how far the margin falls when a window is covered (occlusion). Orange (+) speaks for the "
        "true class, purple (\N{MINUS SIGN}) for the class to which the noise leads, white is 0."
    )


def image_figure(run: ExplanationRun, places: NDArray[np.intp]) -> Figure:
    """Draw what each pixel and window of the clean and of the degraded image adds to the margin."""
    occlusion = run.arrays("occlusion")
    attribution = run.arrays("attribution") if run.has("attribution") else None
    titles = ["clean image"]
    titles += ["pixels, clean", "pixels, degraded"] if attribution else []
    titles += ["windows, clean", "windows, degraded"]
    rows = []
    for place in places:
        row = run.rows[place]
        shown: list[NDArray[np.floating] | Map] = [np.asarray(run.clean.images[row], np.float64)]
        for arrays in (attribution, occlusion):
            if arrays is not None:
                maps = [in_blocks(arrays[name][place]) for name in ("clean", "degraded")]
                shown += [Map(one, scale_of(*maps), signs=arrays is occlusion) for one in maps]
        rows.append((row_label(run.class_names[run.clean.class_index[row]]), shown))
    return rows_figure(titles, rows)
