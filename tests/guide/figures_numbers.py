"""Pictures of the page `understand/numbers.md`."""

from pathlib import Path

import figure_runs as runs
import numpy as np
from figure_style import BLUE, GREY, ORANGE, frame, picture, save, show

from tfstab.assessment.family_figures import FamilyFigures
from tfstab.metrics import l2_norm, psnr
from tfstab.metrics.kept import estimate
from tfstab.metrics.shares import percent
from tfstab.wording import capital

SHOWN_SIGMAS = 1, 4, 10, 20, 40
PHOTOGRAPHS = 6  # rows of the picture of accuracy kept
AMPLIFIED = 30  # how many times as strong the minimum noise is drawn


def draw(folder: Path) -> dict:
    """Draw all pictures, and return the numbers in them."""
    return {
        "sigma": sigma(folder),
        "kept": kept(folder),
        "curve": curve(folder),
        "minimum noise": minimum_noise(folder),
    }


def sigma(folder: Path) -> list:
    """Draw one photograph under Gaussian noise."""
    run = runs.noise(folder)
    image, measures = typical(run), run.measures
    figure = picture(8, 2.05)
    axes = figure.subplots(1, 1 + len(SHOWN_SIGMAS))
    title = f"clean\n\n{100 * measures.clean_accuracy:.0f} % of all right"
    show(axes[0], run.clean.images[run.clean.row(image)], title)
    numbers = []
    for axis, value in zip(axes[1:], SHOWN_SIGMAS, strict=True):
        k = run.config.severity_index(value)
        row = run.sample(image, k, 0)
        title = f"sigma {value}\n{row['psnr']:.0f} dB\n{100 * measures.accuracy[k]:.0f} % right"
        show(axis, run.degraded_image(image, k, 0), title)
        numbers.append({"sigma": value, "psnr": row["psnr"], "accuracy": float(measures.accuracy[k])})
    save(figure, "numbers-sigma")
    return numbers


def typical(run) -> int:
    """Return an image of middling strength: the one in the middle of those that are right when clean."""
    rows = run.measures.weakest_images()
    return int(run.measures.images[rows[len(rows) // 2]])


def kept(folder: Path) -> dict:
    """Draw which photographs stay right under pixelation and under JPEG compression."""
    figure = picture(8, 5.4)
    parts = figure.subfigures(1, 2, wspace=0.04)
    numbers = {}
    for part, name in zip(parts, ("pixelate", "jpeg"), strict=True):
        run = runs.family(folder, name)
        figures, measures = FamilyFigures.of(run), run.measures
        chosen = np.flatnonzero(figures.clean_right)[:: len(measures) // 8][:PHOTOGRAPHS]
        axes = part.subplots(PHOTOGRAPHS, len(run.severities))
        part.suptitle(f"{capital(run.degradation.title)}: {percent(figures.kept)} kept", fontsize=10)
        for row, m in zip(axes, chosen, strict=True):
            for k, axis in enumerate(row):
                right = figures.share_right[m, k] > 0.5
                frame(axis, run.degraded_image(int(measures.images[m]), k, 0), right)
        for k, axis in enumerate(axes[0]):
            axis.set_title(f"{run.severities[k]:g}\n{100 * measures.accuracy[k]:.0f} % right", fontsize=8)
        numbers[name] = {"kept": vars(figures.kept), "accuracy": measures.accuracy, "clean": measures.clean_accuracy}
    save(figure, "numbers-kept")
    return numbers


def curve(folder: Path) -> dict:
    """Draw accuracy against sigma, with the sigmas at which a tenth and half of the clean accuracy are lost."""
    run = runs.noise(folder)
    figures, measures = FamilyFigures.of(run), run.measures
    x, clean = np.append(0, run.severities), measures.clean_accuracy
    figure = picture(6.4, 3.3)
    axis = figure.subplots()
    low, high = measures.intervals.accuracy
    axis.fill_between(x, np.append(clean, low), np.append(clean, high), color=BLUE, alpha=0.2, linewidth=0)
    axis.plot(x, np.append(clean, measures.accuracy), ".-", color=BLUE)
    for lost, e, words in ((0.1, figures.severity10, "a tenth is lost"), (0.5, figures.severity50, "half is lost")):
        level = clean * (1 - lost)
        axis.plot([0, e.value], [level, level], "--", color=GREY, linewidth=1)
        axis.plot([e.value, e.value], [0, level], "--", color=GREY, linewidth=1)
        axis.plot([e.low, e.high], [0.02, 0.02], "-", color=ORANGE, linewidth=4, solid_capstyle="butt")
        axis.text(e.value + 0.5, level + 0.02, words, fontsize=8)
        axis.text(e.value + 0.4, 0.05, f"sigma {e.value:.0f} ({e.low:.0f}–{e.high:.0f})", fontsize=8)
    axis.set_xlim(0, 41)
    axis.set_ylim(0, 1)
    axis.set_xlabel("sigma of Gaussian noise (grey levels)")
    axis.set_ylabel("accuracy of all images")
    save(figure, "numbers-curve")
    return {
        "severity10": vars(figures.severity10),
        "severity50": vars(figures.severity50),
        "kept": vars(figures.kept),
        "sigma20": vars(estimate(figures.survivors(run.config.severity_index(20)))),
        "ECE": [*measures.clean_calibration.error, *measures.calibration.error],
    }


def minimum_noise(folder: Path) -> dict:
    """Draw a photograph, its minimum noise, and random noise of the same length and of the length that flips it."""
    run = runs.minimum_noise(folder)
    found = [r for r in run if r.needed_noise and r.found]
    sizes = np.sort([r.l2 for r in found])
    result = min(found, key=lambda r: abs(r.l2 - np.median(sizes)))
    names = run.class_names
    field = np.random.default_rng(0).standard_normal(result.clean.shape)
    sigmas = np.geomspace(0.2, 300, 400)
    images = np.clip(result.clean + sigmas[:, None, None, None] * field, 0, 255).astype(np.float32)
    lengths = l2_norm(images - result.clean)
    predicted = runs.classifier().scores(images).argmax(axis=1)
    same = int(np.abs(lengths - result.l2).argmin())
    flips = int((predicted != result.class_index).argmax())
    figure = picture(8, 2.35)
    axes = figure.subplots(1, 5)
    show(axes[0], result.clean, f"clean\n{names[result.class_index]}\n")
    stronger = f"its minimum noise,\n{AMPLIFIED} times as strong\nL2 {result.l2:.0f}"
    show(axes[1], 128 + AMPLIFIED * result.noise, stronger)
    show(axes[2], result.degraded, f"clean + minimum noise\n{names[result.predicted]}\n{result.psnr:.0f} dB")
    for axis, k, title in ((axes[3], same, "random noise, same L2"), (axes[4], flips, "random noise that flips")):
        decibels = f"{psnr(images[k] - result.clean):.0f} dB"
        show(axis, images[k], f"{title}\n{names[predicted[k]]}, L2 {lengths[k]:,.0f}\n{decibels}")
    save(figure, "numbers-minimum-noise")
    random = {"random": lengths[flips], "sigma": sigmas[flips]}
    return {"image": result.image, "l2": result.l2, "linf": result.linf, "psnr": result.psnr, **random}
