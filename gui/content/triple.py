"""What is shown about one degraded image: clean image, difference, degraded image, and facts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.noise_facts import beyond_range, decibels, eight_bit_norm, norms
from tfstab.gui.content.points import CLEAN_WRONG, SweepPoints
from tfstab.gui.content.predictions import LEAD, ScoreBar, class_label, correct, lead, predictions, says, score_bars
from tfstab.gui.content.saved_names import SUFFIX, in_file_name
from tfstab.runs.info import model_of, without_classes
from tfstab.wording import after_number, counted

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise, SearchRun
    from tfstab.sweep import SweepRun

Picture = tuple[str, np.ndarray, np.ndarray]  # a name for files, clean and degraded image (H, W, C)
Facts = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # (heading, ((name, value), ...)), ...


@dataclass(frozen=True, eq=False)
class Subject:
    """What is needed to ask the model about a degraded image.

    Attributes
    ----------
    run : SearchRun or SweepRun
        The run that it is in.
    image : int
        Index of the image.
    actual, predicted : int
        True class, and predicted class of the degraded image.
    others : tuple of SweepRun
        Further sweeps of the assessment in view that have the image.
    severity_index : int or None
        Index of its severity in a sweep; None for the noise of a search.
    """

    run: "SearchRun | SweepRun"
    image: int
    actual: int
    predicted: int
    others: "tuple[SweepRun, ...]" = ()
    severity_index: int | None = None

    @property
    def model(self) -> dict[str, Any]:
        """The model of the run, as `tfstab.runs.info.model_of` returns it."""
        return model_of(self.run.info)


OWN_FACTS = 2  # groups of facts about a point of a sweep; those of compared runs follow


@dataclass(frozen=True, eq=False)
class Triple:
    """One degraded image and what is known about it.

    Attributes
    ----------
    title : str
        Which image it is.
    clean : ndarray of uint8, shape (H, W, C)
    noise, degraded : ndarray of float32, shape (H, W, C)
        `degraded` is `clean + noise`, clipped to 0..255 unless the sweep does not clip.
    clean_says, degraded_says : str
        Predictions for the clean and the degraded image.
    facts : Facts
        Names and values in groups with headings.
    bars : tuple of ScoreBar
        Scores of the most relevant classes, highest first.
    noise_is : str
        What the difference is called: "Noise" would be wrong for blur or fog.
    clean_is : str
        What the clean image is called: a picture of the user's own may be dark or blurred, and is only "as given".
    subject : Subject or None
        What is needed to ask the model about it; None while it is still being searched.
    whole : callable or None
        Returns the image to copy or save instead of `degraded`, in whole grey levels, or None if there is none. Given
        where rounding `degraded` could change its prediction.
    """

    title: str
    clean: NDArray[np.uint8]
    noise: NDArray[np.float32]
    degraded: NDArray[np.float32]
    clean_says: str
    degraded_says: str
    facts: Facts
    bars: tuple[ScoreBar, ...] = ()
    noise_is: str = "Noise"
    clean_is: str = "Clean"
    subject: Subject | None = None
    whole: Callable[[], NDArray[np.uint8] | None] | None = None

    @property
    def in_files(self) -> NDArray[np.float32]:
        """The degraded image that is copied and saved, shape (H, W, C)."""
        whole = None if self.whole is None else self.whole()
        return self.degraded if whole is None else whole.astype(np.float32)

    @property
    def file_name(self) -> str:
        """A name for files of these images, without suffix; that of an image file in the title is left out, too."""
        return in_file_name(SUFFIX.sub("", self.title.lower()))


def triple_of_search(
    result: "MinimumNoise", names: Sequence[str], title: str = "", run: "SearchRun | None" = None
) -> Triple:
    """Return the triple of a search result. title: by default the image's index; run: the one that it is in."""
    # Imported here because the window needs this module, and is not to wait for tfstab.search.
    from tfstab.gui.content.stop_reasons import stop_reason
    from tfstab.search.norm import get_norm

    title, norm = title or f"Image {result.image}", get_norm(result.norm).title
    known = run is None or not without_classes(run.info)
    actual, clean_class, clean_score = result.class_index, int(result.clean_scores.argmax()), result.clean_scores.max()
    facts: Facts = (
        (
            title,
            (
                *predictions(
                    actual, result.clean_scores, result.predicted, result.score, result.true_score, names, known=known
                ),
                *(((LEAD, f"{result.margin:+.3g}"),) if known else ()),
            ),
        ),
        (
            "Noise",
            (
                *norms(result.noise),
                *((("L1", f"{result.l1:,.0f}"),) if result.norm == "l1" else ()),
                *((("L0", counted(result.l0, "value")),) if result.norm == "l0" else ()),
                (f"{norm}, 8-bit image", eight_bit_norm(result)),
                ("PSNR", decibels(result.psnr)),
            ),
        ),
        (
            "Search",
            (
                ("Minimised", norm),
                ("Found", "yes" if result.found else "no"),
                ("Stop reason", stop_reason(result.stop_reason)),
                ("Queries", f"{result.queries:,}"),
                *((("Gradients", f"{result.gradients:,}"),) if result.gradients else ()),
                ("Generations", f"{result.generations:,}"),
                ("Objective", f"{result.objective:.6g}"),
            ),
        ),
    )
    return Triple(
        title=title,
        clean=result.clean,
        noise=result.noise,
        degraded=result.degraded,
        clean_says=says(clean_class, float(clean_score), names),
        degraded_says=says(result.predicted, result.score, names),
        facts=facts,
        bars=score_bars(result.clean_scores, dict(enumerate(result.scores.tolist())), actual, names, known=known),
        subject=None if run is None else Subject(run, result.image, actual, result.predicted),
        whole=lambda: result.degraded_uint8,
    )


def triple_of_point(run: "SweepRun", points: SweepPoints, place: int) -> Triple:
    """Return the triple of one point of a sweep, with its degraded image computed again, bit for bit."""
    image, severity_index, copy = points.key(place)
    row = run.clean.row(image)
    clean, clean_scores = run.clean.images[row], run.clean.scores[row]
    degraded = run.degraded_image(image, severity_index, copy)
    noise = degraded - clean
    actual, clean_class = int(points.actual[place]), int(clean_scores.argmax())
    predicted = int(points.predicted[place])
    score, true_score = float(points.score[place]), float(points.true_score[place])
    names, family, known = run.class_names, run.degradation, not without_classes(run.info)
    changed = run.changed_packages
    noise_is = family.difference
    facts: Facts = (
        (
            run.clean.title(image),
            (
                *predictions(actual, clean_scores, predicted, score, true_score, names, known=known),
                *(((LEAD, lead(predicted != actual, score, true_score)),) if known else ()),
                *(correct(clean_class == actual, predicted == actual) if known else ()),
            ),
        ),
        (
            noise_is,
            (
                (
                    family.parameter.capitalize(),
                    f"{run.severities[severity_index]:g} {after_number(family.unit)}".strip(),
                ),
                *((("Copy", f"{copy} (0 to {run.config.copies - 1})"),) if run.config.copies > 1 else ()),
                *norms(noise),
                ("PSNR", decibels(float(points.psnr[place]))),
                *beyond_range(degraded),
                *((("Note", f"made with {changed}, so it may differ slightly here"),) if changed else ()),
            ),
        ),
    )
    return Triple(
        title=f"{run.clean.title(image)}, {', '.join(copy_of(run, severity_index, copy))}",
        clean=clean,
        noise=noise,
        degraded=degraded,
        clean_says=says(clean_class, float(clean_scores.max()), names),
        degraded_says=says(predicted, score, names),
        facts=facts,
        bars=score_bars(clean_scores, {predicted: score, actual: true_score}, actual, names, known=known),
        noise_is=noise_is,
        subject=Subject(run, image, actual, predicted, severity_index=severity_index),
    )


def copy_of(run: "SweepRun", severity_index: int, copy: int) -> tuple[str, ...]:
    """Name one of an image's degraded copies: ("sigma 5", "copy 2"), or without the copy if there is only one."""
    severity = run.degradation.at(f"{run.severities[severity_index]:g}")
    return (severity, f"copy {copy}") if run.config.copies > 1 else (severity,)


def describe_point(run: "SweepRun", points: SweepPoints, place: int) -> str:
    """Describe the point at a position of `points` in one line."""
    image, severity_index, copy = points.key(place)
    clean = ", wrong when clean" if points.kind[place] == CLEAN_WRONG else ""
    return (
        f"{run.clean.title(image)}{clean} · {' · '.join(copy_of(run, severity_index, copy))} · "
        f"predicted {class_label(int(points.predicted[place]), run.class_names)} · score {points.score[place]:.3f} · "
        f"PSNR {decibels(float(points.psnr[place]))}"
    )
