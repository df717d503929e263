"""Pictures of the page `understand/search.md`."""

from pathlib import Path

import figure_runs as runs
import numpy as np
from figure_style import BLUE, GREEN, GREY, ORANGE, RED, picture, save

STEPS = 121  # points of the plane along each axis
SHADES = "#dcebf5", "#fbe3c5", "#d8efe4", "#eed9e6", "#eeeeee", "#f5f0cf", "#d5d5ea"  # of the classes on it
TITLES = {
    "boundary": ("boundary walk (gradients)", GREEN),
    "default": ("genetic search, default", BLUE),
    "labels": ("labels alone", ORANGE),
    "paper": ("genetic search, paper's procedure", RED),
    "random": ("random noise", GREY),
}


def draw(folder: Path) -> dict:
    """Draw all pictures, and return the numbers in them."""
    image = typical(folder)
    return {"image": image, "plane": plane(folder, image), "course": course(folder, image)}


def typical(folder: Path) -> int:
    """Return the image whose minimum noise is in the middle."""
    found = sorted((r.l2, r.image) for r in runs.minimum_noise(folder) if r.needed_noise and r.found)
    return found[len(found) // 2][1]


def plane(folder: Path, image: int) -> dict:
    """Draw what the network predicts on the plane through an image, its minimum noise and random noise."""
    result = runs.course(folder, "boundary", image).result(image)
    rng = np.random.default_rng(1)
    along = result.noise.astype(np.float64) / result.l2
    across = rng.standard_normal(along.shape)
    across -= (across * along).sum() * along
    across /= np.linalg.norm(across)
    reach = 2.5 * result.l2
    x, y = np.linspace(-reach / 2, reach, STEPS), np.linspace(-0.75 * reach, 0.75 * reach, STEPS)
    grid = x[None, :, None, None, None] * along + y[:, None, None, None, None] * across
    images = np.clip(result.clean + grid, 0, 255).astype(np.float32).reshape(-1, *result.clean.shape)
    predicted = runs.classifier().scores(images).argmax(axis=1).reshape(STEPS, STEPS)
    names = runs.photographs().class_names
    figure = picture(5.4, 3.9)
    axis = figure.subplots()
    shown = [int(k) for k in np.unique(predicted) if (predicted == k).mean() > 0.001]
    for k, shade in zip(sorted(shown, key=lambda k: k != result.class_index), SHADES, strict=False):
        own = k == result.class_index
        axis.contourf(x, y, predicted == k, levels=(0.5, 1.5), colors=[shade])
        rows, columns = np.nonzero(predicted == k)
        place = (x[0] + 2, 0.85 * y[-1]) if own else (x[-1] - 2, y[rows[columns == columns.max()]].mean())
        axis.text(*place, names[k], ha="left" if own else "right", va="center")
    angle = np.linspace(0, 2 * np.pi, 200)
    axis.plot(result.l2 * np.cos(angle), result.l2 * np.sin(angle), "--", color=GREY, linewidth=1)
    axis.annotate("", (result.l2, 0), (0, 0), arrowprops={"arrowstyle": "->", "color": RED, "linewidth": 1.5})
    axis.plot(0, 0, "o", color="black", markersize=4)
    axis.text(-1, -1, "clean image", ha="right", va="top", fontsize=8)
    axis.text(result.l2 / 2, 1, f"minimum noise, L2 {result.l2:.0f}", ha="center", va="bottom", fontsize=8, color=RED)
    axis.set(aspect="equal", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    axis.set(xlabel="along the minimum noise (L2, grey levels)", ylabel="along random noise")
    save(figure, "search-plane")
    return {"l2": result.l2, "class": names[result.class_index], "predicted": names[result.predicted]}


def course(folder: Path, image: int) -> dict:
    """Draw how the least noise found falls with the number of queries, engine by engine."""
    figure = picture(6.4, 3.4)
    axis = figure.subplots()
    numbers = {}
    for engine, (title, colour) in TITLES.items():
        result = runs.course(folder, engine, image).result(image)
        norm, flipped = result.history[:, 2], result.history[:, 3] > 0
        scored = result.queries - result.repair_queries - 1 + result.gradients
        queries = np.arange(1, len(norm) + 1) * scored / len(norm)
        first = int(flipped.argmax())
        least = np.minimum.accumulate(norm[first:])
        if len(least) == 1:
            axis.plot(queries[first], least, "X", color=colour, label=title)
        else:
            axis.plot(queries[first:], least, color=colour, label=title)
        numbers[engine] = {name: getattr(result, name) for name in ("l2", "queries", "gradients", "stop_reason")}
    axis.set(xscale="log", yscale="log", xlabel="queries and gradients", ylabel="L2 of the noise (grey levels)")
    axis.legend(fontsize=8, frameon=False)
    save(figure, "search-course")
    return numbers
