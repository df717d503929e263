"""By which factor intervals are wider if the test images of GTSRB are 30 frames each of 421 signs.

    python tests/benchmarks/gtsrb_signs.py        # ten minutes; needs the official training images of GTSRB

Which test images show the same sign is not published. So the variance between signs and that within a sign are
estimated (analysis of variance) on the frames by which the bundled networks were validated, whose signs are known: of
the accuracies on clean images and under noise, and of the paired differences. From them follows the standard error of a
mean of 30 frames of 421 other signs, divided by that of 12,630 independent images. In brackets: 95 % interval of this
factor, from a bootstrap over signs. It is at most 5.48, the factor if all frames of a sign have the same value.
"""

import json
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import tfstab
from tfstab.degradations import PAPER_SIGMAS

FRAMES, SAMPLES = 30, 4000
NETWORKS = {"single": "gtsrb-aghdam", "noisy copies": "gtsrb-aghdam-augmented", "ensemble": "gtsrb-aghdam-ensemble"}


def main():
    """Print the factor for each accuracy, and for its paired difference from that of the single network."""
    card = json.loads((files("tfstab.resources") / "models" / "gtsrb-aghdam.json").read_text())
    _, frames = tfstab.load_dataset("gtsrb", split="train").split_off(card["recipe"]["validation"], card["seed"])
    if frames.fingerprint != card["data"]["validation"]["fingerprint"]:
        print("These are not the files that the networks were trained on, so they may have seen some of the images.")
    signs = np.unique(frames.groups, return_inverse=True)[1]
    print(f"{len(frames):,} frames of {signs.max() + 1} signs", flush=True)
    _, mild = _right(NETWORKS["single"], frames, (4, 8), 4)
    _show("single, accuracy at sigma 4 minus that at sigma 8", mild[:, 0] - mild[:, 1], signs)
    several = {}
    for name, model in NETWORKS.items():
        clean, noisy = _right(model, frames, PAPER_SIGMAS, 1)
        several[name] = {"clean": clean, "over all noise": noisy.mean(axis=1)}
        for title, values in several[name].items():
            _show(f"{name}, {title}", values, signs)
            if name != "single":
                _show(f"{name} minus single, {title}", values - several["single"][title], signs)


def _right(model, frames, sigmas, copies):
    """Return whether each frame is right when clean (N,), and the share of its copies at each sigma (N, sigmas)."""
    config = tfstab.SweepConfig(sigmas=sigmas, copies=copies)
    with TemporaryDirectory() as folder:
        run = tfstab.run_sweep(tfstab.load_classifier(model), frames, config, out=Path(folder) / "run")
        rows = np.searchsorted(run.measures.images, frames.indices)
        return run.measures.clean_correct[rows].astype(float), 1 - run.measures.wrong_share[rows]


def _show(title, values, signs):
    """Print the mean in % and the factor."""
    by_sign = [values[signs == sign] for sign in range(signs.max() + 1)]
    drawn = np.random.default_rng(0).integers(0, len(by_sign), (SAMPLES, len(by_sign)))
    low, high = np.nanpercentile([_factor([by_sign[sign] for sign in row]) for row in drawn], [2.5, 97.5])
    print(f"{title}: {100 * values.mean():.2f}, factor {_factor(by_sign):.2f} ({low:.2f} to {high:.2f})", flush=True)


def _factor(by_sign):
    """Return the ratio of the standard errors; NaN if all values are equal."""
    sizes, means = np.array([len(values) for values in by_sign]), np.array([values.mean() for values in by_sign])
    count, total = len(by_sign), sizes.sum()
    within = sum(((values - mean) ** 2).sum() for values, mean in zip(by_sign, means, strict=True)) / (total - count)
    of_means = (sizes * (means - (sizes * means).sum() / total) ** 2).sum() / (count - 1)
    usual = (total - (sizes**2).sum() / total) / (count - 1)  # frames of a sign, where the signs have unequal numbers
    between = max(0.0, (of_means - within) / usual)
    return np.sqrt((FRAMES * between + within) / (between + within)) if between + within else np.nan


if __name__ == "__main__":
    main()
