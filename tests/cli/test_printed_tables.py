"""Tables that commands print: of a search, of several sweeps, and lists of networks, data and degradations."""

import json
import math
from dataclasses import replace

import numpy as np
from numpy_runs import NAMES, dataset, sweep

from processes import refused, tfstab_here
from tfstab import SweepConfig, open_run
from tfstab.cli.image_details import search_facts
from tfstab.cli.robustness import sweeps_in


def test_inspect_tells_a_search_in_figures(runs, monkeypatch):
    run = open_run(runs / "search")
    result = run.result(1)
    facts = dict(search_facts(run, replace(result, queries=12345)).rows)
    clean = result.clean_scores
    assert facts == {
        "true class": "dog", "predicted clean": f"dog ({clean[1]:.3f})",
        "predicted degraded": f"{NAMES[result.predicted]} ({result.scores.max():.3f})",
        "true class's score": f"{clean[1]:.3f} → {result.scores[1]:.3f}",
        "found": "yes" if result.found else "no",
        "norm minimised": "L2", "L1": f"{result.l1:,.0f} grey levels", "gradients": "0",
        "L0": f"{result.l0} values",
        "L2": f"{result.l2:.2f} grey levels", "L2 / 255": f"{result.l2 / 255:.4f}",
        "Linf": f"{np.abs(result.noise).max():.2f} grey levels",
        "L2 of the 8-bit image": f"{result.l2_uint8:.2f} grey levels",
        "PSNR": f"{20 * math.log10(255 * 4 / result.l2):.2f} dB", "margin": f"{result.margin:.5f}",
        "objective": f"{result.objective:.6g}", "queries": "12,345", "generations": f"{result.generations:,}",
        "stopped by": "queries",
    }  # fmt: skip
    none = dict(search_facts(run, replace(result, size_uint8=math.nan, found=False)).rows)
    assert none["found"] == "no: the figures below are of the best noise that was tried"
    assert none["L2 of the 8-bit image"] == "none found"
    monkeypatch.setitem(run.info["data"], "remarks", "classes as predicted")
    unknown = dict(search_facts(run, result).rows)
    assert unknown.keys() == facts.keys() - {"true class's score"} and unknown["true class"].startswith("unknown; ")
    told = json.loads(tfstab_here("inspect", runs / "search", "--json").stdout)
    assert [len(rows) for rows in told.values()] == [9, 3 + 1]
    assert "choose it with --image" in refused(tfstab_here("inspect", runs / "search", "--out", runs / "x"))
    told = tfstab_here("inspect", runs / "sweep")
    assert told.returncode == 0 and told.stdout.startswith("brightness on levels under Gaussian noise\n")
    assert "is not in this run" in refused(tfstab_here("inspect", runs / "sweep", "--image", -1))


def test_sweeps_are_summed_up(runs, tmp_path):
    jpeg = tmp_path / "jpeg"
    for images in (6, 9):
        sweep(jpeg, SweepConfig(degradation="jpeg", severities=(5, 60)), dataset().select(range(images)))
    assert json.loads(tfstab_here("robustness", runs / "sweep", jpeg, "--json").stdout)
    assert "is a search run; expected sweeps" in refused(tfstab_here("robustness", runs / "search"))
    told = tfstab_here("robustness", runs)
    assert told.returncode == 0 and "not sweeps, and left out: search (search) in" in " ".join(told.stderr.split())
    (tmp_path / "file").touch()
    assert "is a file: choose a folder" in refused(tfstab_here("robustness", jpeg, "--out", tmp_path / "file"))
    assert [run.path for run in sweeps_in([tmp_path])] == [jpeg] and [run.path for run in sweeps_in([jpeg])] == [jpeg]
    list(open_run(jpeg).parts.values())[-1].unlink()
    assert "is not finished and has 1 copy for 6 of 9 images so far: the summary covers these." in " ".join(
        tfstab_here("robustness", jpeg).stderr.split()
    )


def test_a_summary_of_unfinished_sweeps_says_that_it_covers_their_common_images(runs, tmp_path):
    def part_of(degradation, severities, images):
        path = tmp_path / degradation
        for count in (images, 9):
            sweep(path, SweepConfig(degradation=degradation, severities=severities), dataset().select(range(count)))
        list(open_run(path).parts.values())[-1].unlink()
        return path

    def told(*sweeps):
        return " ".join(tfstab_here("robustness", *sweeps).stderr.split())

    covered = "the summary covers only the 4 images that all sweeps have. The report of an assessment and "
    covered += "requirements use all images of each sweep, so their figures may differ from these."
    jpeg, fog = part_of("jpeg", (5, 60), 4), part_of("fog", (0.1, 0.5), 6)
    assert f"jpeg is not finished and has 1 copy for 4 of 9 images so far: {covered}" in told(runs / "sweep", jpeg)
    assert told(runs / "sweep", jpeg, fog).startswith(f"2 of the 3 sweeps are not finished: {covered}")


def test_lists_of_what_there_is(tmp_path):
    told = json.loads(tfstab_here("datasets", "--json", "--data-dir", tmp_path).stdout)
    assert told["data_dir"] == str(tmp_path) and len(told["datasets"]) == 10
    assert f"Official files are kept in {tmp_path}." in tfstab_here("datasets", "--data-dir", tmp_path).stdout
    rows = {line.split()[0]: line for line in tfstab_here("models").stdout.splitlines() if line.strip()}
    assert "431,080" in rows["mnist-lenet"] and "images:" in rows["mnist-lenet"]
    families = json.loads(tfstab_here("degradations", "--json").stdout)
    jpeg = next(f for f in families if f["name"] == "jpeg")
    assert jpeg["copies"] == 1 and jpeg["parameter"] == "quality" and len(families) >= 18
    assert "copies: by default" in tfstab_here("degradations").stdout
