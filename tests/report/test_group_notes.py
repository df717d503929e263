"""What is said of several images of one group, or of one image of each, wherever figures leave the tool."""

import json
import warnings

import numpy as np
import pytest
from numpy_runs import NAMES, classifier, dataset, search, sweep

from processes import tfstab_here
from tfstab import Dataset, SweepConfig, compare, load_dataset, run_sweep
from tfstab.assessment import Figures, assessment_json, verdict
from tfstab.experiments import Robustness
from tfstab.report import networks_table, robustness_table
from tfstab.report.run_files import run_sections
from tfstab.report.run_report import report_page

SEVERAL = "Several images are of the same group, so intervals are too narrow"
DRAWN = "drawn at random from 60 images of 12 groups, no two of the same group."
IF_ALIKE = "If several images show the same object"
CONFIGS = [SweepConfig(degradation=name, severities=(20, 60)) for name in ("fog", "brightness")]
OTHERS = {"all": SEVERAL, "one": DRAWN, "none": IF_ALIKE}


def darker(images):
    return classifier().scores(np.clip(images.astype(float) - 30, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """For all frames of 12 videos, for one frame of each, and for images without groups: sweeps of two networks."""
    path, images = tmp_path_factory.mktemp("runs"), dataset(60)
    given = images.images, images.labels, NAMES
    frames = Dataset.from_arrays("frames", "test", *given, [f"video {k // 5}" for k in range(60)])
    kinds = {"all": frames, "one": frames.one_of_each_group(), "none": Dataset.from_arrays("frames", "test", *given)}
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind, data in kinds.items():
            models = {"first": classifier(), "second": classifier(darker, "darker")}
            found[kind] = [
                [sweep(path / kind / name / one.degradation.name, one, data, model) for one in CONFIGS]
                for name, model in models.items()
            ]
    return found


def check(text, kind, elsewhere=""):
    """Check that a text says what it has to of the groups, and nothing that holds for other images."""
    text = " ".join(text.split())
    for other, said in OTHERS.items():
        if said != elsewhere:
            assert (said in text) == (other == kind), (kind, other)


@pytest.mark.parametrize("kind", OTHERS)
def test_comparisons_say_it_in_the_terminal_on_their_page_and_below_their_tables(runs, kind, tmp_path):
    first, second = ([run.path for run in side] for side in runs[kind])
    folders = [paths[0].parent for paths in (first, second)]
    for pair in (folders, (first[0], second[0])):
        told = tfstab_here("compare", *pair, "--out", tmp_path / "page")
        assert told.returncode == 0
        check(told.stdout, kind)
        check((tmp_path / "page" / "report.html").read_text(), kind)
        tables = [
            file.read_text() for file in (tmp_path / "page" / "tables").glob("*.tex") if "settings" not in file.name
        ]
        assert tables
        for table in tables:
            check(table, kind, IF_ALIKE)
        check(str(compare(*pair)), kind)
    several = kind == "all"
    notes = json.loads(tfstab_here("compare", *folders, "--json").stdout)[0]["notes"]
    assert any(note.startswith(SEVERAL) for note in notes) == several
    assert ("As several images are of the same group, differences may be called decided" in told.stdout) == several


@pytest.mark.parametrize("kind", OTHERS)
def test_tables_of_several_networks_and_a_printed_run_say_it(runs, kind, tmp_path):
    old, new = runs[kind]
    for table in (networks_table([Robustness(old), Robustness(new)]), robustness_table(Robustness(new, old))):
        check(table.with_intervals().latex(), kind, IF_ALIKE)
    check(tfstab_here("robustness", new[0].path.parent, "--baseline", old[0].path.parent).stdout, kind, IF_ALIKE)
    for section in run_sections([*old, *new]):
        for part in section.parts:
            if hasattr(part, "latex") and not part.title.startswith("Settings"):
                check(part.latex(), kind, IF_ALIKE)
    for shown in (str(old[0]), old[0]._repr_html_(), Robustness(old).summary()):
        assert (SEVERAL in shown) == (kind == "all")


@pytest.mark.parametrize("kind", OTHERS)
def test_a_report_does_not_wonder_whether_images_show_the_same_object(runs, kind):
    figures = Figures.of(runs[kind][0])
    assert figures.families
    check(assessment_json(figures, verdict(figures))["verdict"]["how_sure"], kind)
    assert (IF_ALIKE in report_page(runs[kind][0])) == (kind == "none")


def test_images_of_which_one_run_has_one_of_each_group_are_independent(runs):
    check(str(compare(runs["all"][0][0], runs["one"][1][0])), "one")


def test_python_warns_of_several_images_of_a_group(tmp_path):
    images = dataset(9)
    frames = Dataset.from_arrays("frames", "test", images.images, images.labels, NAMES, np.arange(9) // 3)
    said = r"^frames: Several images are of the same group, so .* give dataset\.one_of_each_group\(\)\.$"
    with pytest.warns(UserWarning, match=said):
        run_sweep(classifier(), frames, CONFIGS[0], tmp_path / "sweep")
    with pytest.warns(UserWarning, match=said):
        run = search(tmp_path / "search", frames, 100)
    assert SEVERAL in str(run) and SEVERAL in run._repr_html_()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run_sweep(classifier(), frames.one_of_each_group(), CONFIGS[0], tmp_path / "one")
        run_sweep(classifier(), load_dataset((images.images, images.labels)), CONFIGS[0], tmp_path / "none")
    assert not any("same group" in str(one.message) for one in caught)


def test_more_minutes_are_not_advised_if_an_image_of_every_group_is_degraded(tmp_path):
    images = dataset(60)
    rows = np.sort(np.concatenate([np.flatnonzero(images.labels == k)[: (30, 30, 12)[k]] for k in range(3)]))
    names = [f"{NAMES[label]}-{k // 2}" for k, label in zip(rows, images.labels[rows], strict=True)]
    frames = Dataset.from_arrays("frames", "test", images.images[rows], images.labels[rows], NAMES, names)
    few = "It takes images of more groups of these classes."
    more = "are needed: assess both models again with more minutes, or give images of more groups."
    for degraded, said in ((None, few), (20, more)):
        folders = [tmp_path / f"{name}-{degraded}" for name in ("first", "second")]
        for folder, model in zip(folders, (classifier(), classifier(darker, "darker")), strict=True):
            for one in CONFIGS:
                run_sweep(model, frames.one_of_each_group(), one, folder / one.degradation.name, degraded=degraded)
        sentence = next(line for line in compare(*folders).summary().splitlines() if "Recalls of fewer" in line)
        assert sentence.endswith(said), sentence
