"""Pictures of the other pages of `understand/`."""

import json
from pathlib import Path

import figure_runs as runs
import numpy as np
from figure_style import BLUE, GREEN, GREY, ORANGE, RED, picture, save, show

from tfstab.degradations.augment import augment
from tfstab.explanation.gain import gains_of
from tfstab.metrics import half_width, mean_interval
from tfstab.models import bundled_names
from tfstab.sweep.plan import plan_blocks
from tfstab.training.remedies import REMEDIES

SAMPLES, OF = 40, 100  # samples that are drawn, and images of each
VIEWS, PHOTOGRAPH = 6, 1011  # views of this photograph by each remedy
VIEWED = "mixture", "fresh_noise", "patch_gaussian", "augmix", "prime"  # the other two have the views of the first two
SIZES, COPIES = (100, 400, 1600), (1, 2, 5, 10)
CARDS = Path(__file__).parents[2] / "resources" / "models"


def draw(folder: Path) -> dict:
    """Draw all pictures, and return the numbers in them."""
    return {
        "statistics": statistics(folder),
        "sweep": sweep_order(),
        "causes": causes(folder),
        "remedies": remedies(),
        "averaging": averaging(),
        "certificates": certificates(folder),
    }


def statistics(folder: Path) -> dict:
    """Draw intervals of samples beside the truth, and how copies and images narrow them."""
    run = runs.sigma20(folder)
    right = shares_by_copy(run)
    truth = float(right.mean())
    rng = np.random.default_rng(0)
    figure = picture(8, 3)
    left, other = figure.subplots(1, 2)
    missed = 0
    for k in range(SAMPLES):
        own = right[rng.choice(len(right), OF, replace=False), 0]
        low, high = mean_interval(own)
        inside = low <= truth <= high
        missed += not inside
        left.plot([k, k], [low, high], color=BLUE if inside else RED, linewidth=1.5)
        left.plot(k, own.mean(), "o" if inside else "X", color=BLUE if inside else RED, markersize=3 if inside else 6)
    left.axhline(truth, color=GREY, linewidth=1)
    left.set(xticks=[], xlabel=f"{SAMPLES} samples of {OF} images", ylabel="accuracy at sigma 20", ylim=(0, 1))
    left.set_title(f"{SAMPLES - missed} of {SAMPLES} intervals contain the accuracy of all images")
    widths = {}
    for n, colour in zip(SIZES, (RED, ORANGE, BLUE), strict=True):
        widths[n] = {c: mean_width(right[:, :c].mean(axis=1), n, rng) for c in COPIES}
        other.plot(COPIES, list(widths[n].values()), ".-", color=colour)
        other.text(COPIES[-1] + 0.15, widths[n][COPIES[-1]], f"{n:,} images", color=colour, va="center", fontsize=8)
    other.set(xlim=(0.5, 12.5), ylim=(0, None), xticks=COPIES)
    other.set(xlabel="copies of each image", ylabel="half width (percentage points)")
    other.set_title("More images help, more copies hardly do")
    save(figure, "statistics-images")
    return {"truth": truth, "missed": missed, "half width": widths}


def mean_width(shares: np.ndarray, images: int, rng: np.random.Generator) -> float:
    """Return the mean half width, in percentage points, of the intervals of 20 samples of so many images."""
    drawn = (shares[rng.choice(len(shares), images, replace=False)] for _ in range(20))
    return float(np.mean([100 * half_width(one) for one in drawn]))


def shares_by_copy(run) -> np.ndarray:
    """Return whether each copy (N, C) of each image is right."""
    table = run.samples(columns=["image", "copy", "class_index", "predicted"])
    table = table.sort_by([("image", "ascending"), ("copy", "ascending")])
    right = table["class_index"].to_numpy() == table["predicted"].to_numpy()
    return right.reshape(len(run.clean.indices), -1)


def sweep_order() -> dict:
    """Draw in which order the blocks of a sweep are scored."""
    blocks = plan_blocks(images=100, copies=8, severities=10, most_rows=1000, batch=200)
    figure = picture(6.4, 2.6)
    axis = figure.subplots()
    for number, block in enumerate(blocks, 1):
        shade = 0.15 + 0.7 * number / len(blocks)
        axis.add_patch(rectangle(block, shade))
        middle = (block.first + block.stop) / 2, (block.first_copy + block.stop_copy) / 2
        axis.text(*middle, str(number), ha="center", va="center", fontsize=8, color="white" if shade > 0.4 else "black")
    axis.set(xlim=(0, 100), ylim=(8, 0), xlabel="images, in a stratified order", ylabel="copies")
    save(figure, "sweep-order")
    return {"blocks": len(blocks)}


def rectangle(block, shade):
    """Return the rectangle of a block."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    colours = LinearSegmentedColormap.from_list("", ["white", BLUE])
    size = block.images, block.copies
    return Rectangle((block.first, block.first_copy), *size, facecolor=colours(shade), edgecolor="white")


def causes(folder: Path) -> dict:
    """Draw gain and margin by layer of the network and of the one trained on noise."""
    figure = picture(8, 2.9)
    axes = figure.subplots(1, 2)
    numbers, labels = {}, []
    for name, colour in (("cifar10-quick", ORANGE), ("cifar10-quick-augmented", BLUE)):
        rows = gains_of(runs.layers(folder, name)).figures()
        for axis, what in zip(axes, ("gain", "margin"), strict=True):
            values = [getattr(row, what) for row in rows]
            ends = [[v.value - v.low for v in values], [v.high - v.value for v in values]]
            axis.errorbar(range(len(rows)), [v.value for v in values], ends, fmt=".-", color=colour, label=name)
            numbers.setdefault(what, {})[name] = {row.name: v.value for row, v in zip(rows, values, strict=True)}
        labels = labels or [row.name for row in rows]
    for axis, title in zip(axes, ("relative gain", "relative margin"), strict=True):
        axis.set_title(title)
        axis.set_xticks(range(len(labels)), labels, rotation=40, ha="right", fontsize=7)
        axis.set_ylim(0, None)
    axes[0].axhline(1, color=GREY, linewidth=0.8)
    axes[0].legend(fontsize=8, frameon=False)
    save(figure, "causes-layers")
    return numbers


def remedies() -> dict:
    """Draw what each remedy makes of one photograph."""
    images = np.repeat(runs.photographs().images[PHOTOGRAPH][None], VIEWS, axis=0).astype(np.float32)
    mixture = augment(seed=0)
    figure = picture(5.6, 4)
    axes = figure.subplots(len(VIEWED), VIEWS)
    for row, remedy in zip(axes, (REMEDIES[name] for name in VIEWED), strict=True):
        views = remedy.views(images, np.array([0, 3]), mixture)
        shown = next(view for view in views if not np.array_equal(np.asarray(view), images))
        for axis, image in zip(row, np.asarray(shown), strict=True):
            show(axis, image)
        row[0].set_axis_on()
        row[0].set(xticks=[], yticks=[])
        row[0].set_ylabel(remedy.title, rotation=0, ha="right", va="center", fontsize=8)
        for spine in row[0].spines.values():
            spine.set_visible(False)
    save(figure, "remedies-views")
    return {"photograph": PHOTOGRAPH}


def averaging() -> dict:
    """Draw accuracy on validation images by the share of the fine-tuned weights, from a model card."""
    assert "cifar10-quick-hardened" in bundled_names()
    card = json.loads((CARDS / "cifar10-quick-hardened.json").read_text("utf-8"))
    rows, chosen = card["validation"]["by_share"], card["share_of_new_weights"]
    figure = picture(5.6, 3)
    axis = figure.subplots()
    x = [row["share"] for row in rows]
    for name, colour in (("clean", ORANGE), ("degraded", BLUE)):
        y = [row[name] for row in rows]
        axis.plot(x, y, ".-", color=colour)
        axis.text(1.02, y[-1], f"{name} images", color=colour, va="center", fontsize=8)
    floor = rows[0]["clean"] - card["settings"]["keep_clean"] / 100
    axis.axhline(floor, color=GREY, linestyle="--", linewidth=1)
    axis.text(0.02, floor - 0.006, "least clean accuracy that is accepted", fontsize=8, va="top")
    axis.axvline(chosen, color=GREEN, linewidth=1)
    axis.text(chosen + 0.01, 0.57, "chosen", color=GREEN, fontsize=8)
    axis.set(xlabel="share of the fine-tuned weights", ylabel="accuracy", xlim=(0, 1.3), ylim=(0.55, 0.83))
    axis.set_xticks(np.linspace(0, 1, 6))
    save(figure, "remedies-averaging")
    return {"chosen": chosen, "by share": rows}


def certificates(folder: Path) -> dict:
    """Draw the certified radius of three photographs at each sigma."""
    run = runs.votes(folder)
    measures = run.measures
    radii, votes = measures.certified_radii(), measures.votes(measures.labels)
    order = np.argsort(radii.max(axis=1))
    rows = [int(order[k]) for k in (len(order) // 4, len(order) // 2, 3 * len(order) // 4)]
    figure = picture(8, 2.8)
    axes = figure.subplots(1, 2)
    for row, colour in zip(rows, (RED, ORANGE, BLUE), strict=True):
        name = run.class_names[measures.labels[row]]
        axes[0].plot(run.severities, votes[row] / measures.total[row], ".-", color=colour, label=name)
        axes[1].plot(run.severities, radii[row], ".-", color=colour)
    largest = measures.largest_certifiable() * np.array(run.severities)
    axes[1].plot(run.severities, largest, "--", color=GREY, linewidth=1)
    axes[1].text(run.severities[-1], largest[-1], "all copies right", ha="right", fontsize=8)
    axes[0].axhline(0.5, color=GREY, linewidth=0.8)
    axes[0].set(ylim=(0, 1.02), xlabel="sigma", title="share of 150 copies that are right")
    axes[1].set(ylim=(0, None), xlabel="sigma", title="certified radius (L2, grey levels)")
    axes[0].legend(fontsize=8, frameon=False)
    save(figure, "certificates-radius")
    return {"images": [int(measures.images[row]) for row in rows], "radii": radii[rows].round(2).tolist()}
