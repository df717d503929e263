"""File names in all that names an image: tables, JSON, pictures and the viewer; images without names as before."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import dataset, search, sweep
from rich.progress import Progress

from processes import refused, tfstab_here
from tfstab import SweepConfig
from tfstab.cli.search_watch import SearchWatch
from tfstab.errors import InputError
from tfstab.gui.content.comparison import Compared
from tfstab.gui.content.gallery import gallery_of_search, gallery_of_sweep
from tfstab.gui.content.points import read_points
from tfstab.gui.content.triple import describe_point, triple_of_point, triple_of_search
from tfstab.gui.widgets.array_model import file_column
from tfstab.gui.widgets.sweep.metrics_tables import weakest_columns
from tfstab.report import search_table, sweep_json, triples_figure, weakest_images_table
from tfstab.report.run_files import run_section
from tfstab.report.sweep_image_tables import image_facts, image_table
from tfstab.runs import CleanImages
from tfstab.search import SearchProgress

DEEP = "a-very-long-folder-name/and-a-file-name-as-long-as-a-sentence-$1-to-$2.png"
NAMES = np.array([f"p/{k}.png" for k in range(8)] + [DEEP])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A sweep and a search of images with file names, and a sweep of the same images without."""
    folder, named = tmp_path_factory.mktemp("named"), replace(dataset(), names=NAMES)
    config = SweepConfig(sigmas=(5, 90), copies=2)
    return (
        sweep(folder / "sweep", config, named),
        search(folder / "search", named.select(np.array([1, 2, 8])), queries=100),
        sweep(folder / "plain", config),
    )


def test_tables_of_a_sweep(runs):
    swept, _, plain = runs
    table = weakest_images_table(swept)
    assert table.columns[:3] == ("image", "file", "true")
    assert all(row[1] == NAMES[row[0]] for row in table.rows)
    without = weakest_images_table(plain)
    assert without.columns == tuple(c for c in table.columns if c != "file")
    assert str(table.only(*without.columns).rows) == str([list(row) for row in without.rows])  # NaN equals NaN as text
    assert image_facts(swept, 3).title == "Image 3: p/3.png" and image_facts(plain, 3).title == "Image 3"
    assert image_table(swept, 3).title == "Image 3: p/3.png under Gaussian noise"
    images = sweep_json(swept)["images"]
    assert [list(row)[:2] for row in images] == [["image", "file"]] * 9
    assert all(row["file"] == NAMES[row["image"]] for row in images)
    assert "file" not in sweep_json(plain)["images"][0]


def test_samples_of_a_sweep_have_the_files_of_their_images(runs):
    swept, _, plain = runs
    rows = swept.samples().to_pandas()
    assert len(rows) == 36 and rows["file"].tolist() == NAMES[rows["image"]].tolist()
    assert swept.sample(3, 0, 1)["file"] == "p/3.png"
    assert swept.samples(image=8, columns=["file"]).to_pydict() == {"file": [DEEP] * 4}
    assert set(rows.columns) - set(plain.samples().column_names) == {"file"}
    with pytest.raises(InputError, match="there is no column 'file'; there are image, class_index"):
        plain.samples(columns=["file"])


def test_tables_of_a_search(runs):
    _, found, _ = runs
    table = search_table(found, found.class_names)
    assert table.columns[:2] == ("image", "file")
    assert [row[:2] for row in table.rows] == [(1, "p/1.png"), (2, "p/2.png"), (8, DEEP)]
    assert search_table(list(found), found.class_names).columns[:2] == ("image", "true")
    assert found.to_pandas()["file"].tolist() == ["p/1.png", "p/2.png", DEEP]


def test_inspect_and_its_json(runs):
    swept, found, plain = runs
    assert "Image 2: p/2.png" in tfstab_here("inspect", found.path, "--image", 2).stdout
    assert "Image 2: p/2.png" in tfstab_here("inspect", found.path, "--image", "p/2.png").stdout
    assert "Image 3 " in tfstab_here("inspect", plain.path, "--image", 3).stdout
    for run, image, said in (
        (swept, "/5.png", "unknown image '/5.png': did you mean 'p/5.png'? This run has "),
        (swept, "9", "not in this run"),
        (swept, "p/05.png", "unknown image 'p/05.png': did you mean 'p/5.png'? This run has "),
        (swept, "P\\5.PNG", "unknown image 'P\\5.PNG': did you mean 'p/5.png'? This run has "),
        (swept, "p/99.png", "'p/99.png' is not among the 9 images of this run: choose another, such as 'p/"),
        (plain, "p/2.png", "no file names; expected a number."), (swept, "1.5", "unknown image '1.5'"),
        (plain, "02", "no file names; expected a number without leading zeros."), (swept, "02", "unknown image '02'"),
        (swept, "zebra", "unknown image 'zebra': its names are like 'p/0.png'. This run has "),
    ):  # fmt: skip
        assert said in refused(tfstab_here("inspect", run.path, "--image", image))
    said = refused(tfstab_here("inspect", swept.path, "p/5.png"))
    assert "p/5.png is not there: an image of a run is chosen with --image INDEX or --image FILE" in said
    told = json.loads(tfstab_here("inspect", swept.path, "--image", 3, "--json").stdout)
    assert list(told) == ["Image 3: p/3.png", "Image 3: p/3.png under Gaussian noise"]


def test_a_name_is_suggested_from_all_images_not_only_the_first(monkeypatch):
    names = np.array([f"{folder}/{number:03d}.png" for folder in ("cat", "dog") for number in range(0, 60, 2)])
    count = len(names)
    clean = CleanImages(
        np.zeros((count, 1, 1, 1), np.uint8), np.zeros(count, int), np.arange(count), np.full((count, 2), 0.5), names
    )
    monkeypatch.setattr("tfstab.errors.NAMES_COMPARED", 10)
    for given, said in (
        ("dog/42.png", "did you mean 'dog/042.png'?"), ("dgo/042.jpg", "did you mean 'dog/042.png'?"),
        ("042", "did you mean 'cat/042.png' or 'dog/042.png'?"),
        ("042.png", "did you mean 'cat/042.png' or 'dog/042.png'?"), ("dog/043.png", "another, such as 'dog/000.png'"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=re.escape(said)):
            clean.find(given)


def test_pictures(runs, tmp_path):
    swept, found, plain = runs
    titles = [axis.get_title() for axis in triples_figure(list(found), found.class_names, found.clean).axes]
    assert titles[0] == "p/1.png\n" + found.class_names[found.result(1).class_index]
    assert titles[2].startswith("…" + DEEP[-22:].replace("$", r"\$"))
    assert not any("png" in axis.get_title() for axis in triples_figure(list(found), found.class_names).axes)
    assert (swept.plot(3).get_suptitle(), plain.plot(3).get_suptitle()) == (
        "p/3.png\ntrue class: dog, under Gaussian noise",
        "true class: dog, under Gaussian noise",
    )
    assert titles[2].splitlines()[1:] == ["true class cat, wrong", "when clean: 2"]
    assert found.result(8).plot(title=DEEP).get_suptitle() == "…" + DEEP[-59:].replace("$", r"\$")
    section = run_section(found)
    assert section.parts[0].figure.axes[0].get_title().startswith("p/1.png")


def test_the_progress_of_a_search(runs, tmp_path):
    bar = Progress(disable=True)
    state = SearchProgress(8, 10, 900, 0.0, 0.0, 5.0, False, 0.0, np.zeros((4, 4, 1), np.float32))
    for data, said in ((replace(dataset(), names=NAMES), "…" + DEEP[-29:]), (dataset(), "image 8"), (None, "image 8")):
        watch = SearchWatch(bar, 9, tmp_path, data)
        watch.on_generation(state)
        assert bar.tasks[-1].fields["note"] == f"{said}, generation 10: not yet flipped"


def test_the_viewer(runs):
    swept, found, plain = runs
    points = read_points(swept, int(swept.clean.class_index[3]))
    place = int(np.flatnonzero(points.image == 3)[0])
    assert triple_of_point(swept, points, place).title.startswith("Image 3: p/3.png, sigma ")
    assert describe_point(swept, points, place).startswith("Image 3: p/3.png · sigma ")
    result = found.result(2)
    assert triple_of_search(result, found.class_names, found.clean.title(2)).title == "Image 2: p/2.png"
    assert triple_of_search(result, found.class_names).title == "Image 2"
    assert gallery_of_sweep(swept, swept.measures).tip(3).startswith("Image 3: p/3.png: ")
    assert gallery_of_sweep(plain, plain.measures).tip(3).startswith("Image 3: ")
    assert gallery_of_search((), ()).titles(7) == "Image 7"
    weakest = weakest_columns([Compared("a", swept.class_names, swept.measures, swept.clean)])
    assert [c.title for c in weakest[:3]] == ["Image", "File", "True"]
    assert [weakest[1].show(image) for image in weakest[1].values] == [NAMES[k] for k in swept.measures.images]
    assert weakest[1].explanation == "File name of the image, below the folder of the data"
    assert file_column(plain.clean, plain.measures.images) == []
