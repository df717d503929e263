"""How much too narrow the intervals are for images that belong together: frames of the traffic signs of GTSRB.

    python tests/benchmarks/grouped_images.py        # a few minutes; needs the official training images of GTSRB

The images are the tracks by which the bundled network was validated, and which it was not trained on. The interval of
all frames takes them as independent. The other one is a bootstrap over whole tracks (4,000 samples, percentiles). Then
both are repeated for one frame of each track, as `Dataset.one_of_each_group` draws it and as commands measure it.

The last line says how often intervals contain the truth if these tracks are all that there are: as many tracks are
drawn from them with replacement, with all of their frames, or with one frame of each at random (4,000 times).
"""

import json
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import tfstab
from tfstab.metrics import mean_interval

MODEL, SAMPLES = "gtsrb-aghdam", 4000
SEVERITIES = (("gaussian_noise", 20), ("gaussian_noise", 40), ("motion_blur", 9), ("pixelate", 6))


def main():
    """Print a table: for each degradation the accuracy, both intervals, and the ratio of their widths."""
    card = json.loads((files("tfstab.resources") / "models" / f"{MODEL}.json").read_text())
    _, frames = tfstab.load_dataset("gtsrb", split="train").split_off(card["recipe"]["validation"], card["seed"])
    if frames.fingerprint != card["data"]["validation"]["fingerprint"]:
        print("These are not the files that the network was trained on, so it may have seen some of the images.")
    tracks = np.unique(frames.groups, return_inverse=True)[1]
    rng = np.random.default_rng(0)
    single = np.flatnonzero(np.isin(frames.indices, frames.one_of_each_group().indices))
    print(f"{len(frames):,} frames of {len(single):,} tracks")
    classifier = tfstab.load_classifier(MODEL)
    for name, severity in SEVERITIES:
        config = tfstab.SweepConfig(degradation=name, severities=(severity,), copies=1)
        with TemporaryDirectory() as folder:
            samples = tfstab.run_sweep(classifier, frames, config, out=Path(folder) / "run").samples().to_pandas()
        samples = samples.set_index("image").loc[frames.indices]
        right = (samples.predicted == samples.class_index).to_numpy()
        print(f"{name} {severity}")
        print(f"  all frames: {_widths(right, tracks, rng)}")
        print(f"  one frame of each: {_widths(right[single], None, rng)}")
        print(f"  {_coverage(right, tracks, rng)}")


def _widths(right, tracks, rng):
    """Accuracy, tfstab's interval and that of the bootstrap, in %, and the ratio of their widths."""
    low, high = mean_interval(right.astype(float))
    tracks = np.arange(len(right)) if tracks is None else tracks
    of_track, size = np.bincount(tracks, right), np.bincount(tracks)
    drawn = rng.integers(0, len(size), (SAMPLES, len(size)))
    ends = np.percentile(of_track[drawn].sum(axis=1) / size[drawn].sum(axis=1), [2.5, 97.5])
    ratio = (ends[1] - ends[0]) / (high - low)
    shown = (
        f"{100 * low:.1f}-{100 * high:.1f}",
        f"{100 * ends[0]:.1f}-{100 * ends[1]:.1f}",
        f"{ratio:.2f} times as wide",
    )
    return f"{100 * right.mean():.1f} %, tfstab {shown[0]}, over tracks {shown[1]}, {shown[2]}"


def _coverage(right, tracks, rng):
    """How often the interval of all frames, and that of one frame of each track, contain the truth."""
    of_track = [right[tracks == track].astype(float) for track in range(tracks.max() + 1)]
    truth = {"all frames": right.mean(), "one frame of each": np.mean([frames.mean() for frames in of_track])}
    hits = dict.fromkeys(truth, 0)
    for _ in range(SAMPLES):
        drawn = [of_track[track] for track in rng.integers(0, len(of_track), len(of_track))]
        samples = np.concatenate(drawn), np.array([rng.choice(frames) for frames in drawn])
        for name, sample in zip(truth, samples, strict=True):
            low, high = mean_interval(sample)
            hits[name] += low <= truth[name] <= high
    return "contains the truth: " + ", ".join(f"{name} {100 * hit / SAMPLES:.1f} %" for name, hit in hits.items())


if __name__ == "__main__":
    main()
