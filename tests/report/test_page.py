"""Reports are one page that needs nothing else, escape what they show, and say what is unfinished."""

import csv
import json
import os
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure
from PIL import Image
from typer.testing import CliRunner

from tfstab import SweepConfig, open_run, run_sweep
from tfstab.cli.app import app
from tfstab.errors import InputError, RunError
from tfstab.report import saving
from tfstab.report.figures import paper_scatter_figures, scatter_figure
from tfstab.report.page import Page, Picture, Section, render
from tfstab.report.run_report import report_page
from tfstab.report.saving import save_page
from tfstab.report.tables import Table

HOSTILE = "<script>alert('&')</script>"


class Reader(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_what_is_shown_is_escaped():
    table = Table(HOSTILE, (HOSTILE, "n"), [(HOSTILE, 1.5)], (HOSTILE,))
    page = render(Page(HOSTILE, [f"{HOSTILE}."], [Section(HOSTILE, [HOSTILE], [table], [HOSTILE])]))
    read = Reader(page)
    assert "script" not in {tag for tag, _ in read.tags} and read.text.count(HOSTILE) == 10
    assert "1.50" in read.text


def test_latex_tables_are_escaped_and_have_a_row_a_line():
    table = Table("50 % of_all", ("name", "L2 & more"), [("a_b #1", 1.25), ("c\\d^2 ~ {x}", None)], ("$5",))
    text = table.latex()
    assert r"\caption{50 \% of\_all}" in text and r"\begin{tabular}{lr}" in text
    assert r"a\_b \#1 & 1.25 \\" in text
    assert r"c\textbackslash{}d\textasciicircum{}2 \textasciitilde{} \{x\} & -- \\" in text
    order = [text.index(rule) for rule in (r"\toprule", r"L2 \& more \\", r"\midrule", r"\bottomrule", r"\$5")]
    assert order == sorted(order)
    assert not re.search(r"(?<!\\)[%#_$&](?! \d)", text.replace(" & ", " "))


def test_a_table_is_readable_in_print_and_in_a_notebook_and_converts_to_pandas():
    table = Table("Noise", ("image", "L2"), [(3, 41.28), (7, None)], ("<In> grey levels.",), {"L2": 1})
    assert str(table).splitlines() == ["Noise", "image   L2", "    3 41.3", "    7    –", "<In> grey levels."]
    shown = Reader(table._repr_html_())
    assert "41.3" in shown.text and "<In> grey levels." in shown.text and ("table" in dict(shown.tags))
    assert table.to_pandas()["L2"].tolist()[0] == 41.28 and table.to_pandas()["L2"].isna().tolist() == [False, True]
    many = replace(table, rows=[(k, 0.5) for k in range(10_000)])
    assert len(str(many).splitlines()) < 100 > many._repr_html_().count("<tr")


def test_values_and_intervals_share_a_column_where_that_is_wanted():
    columns = ("name", "share", "share from", "share to", "difference", "from", "to", "better")
    table = Table("Given", columns, [("a", 62.51, 40.74, 99.26, 5.0, -1.0, 11.0, "no"), ("b", 7.0, *[None] * 5, "no")])
    joined = table.with_intervals()
    assert joined.columns == ["name", "share", "difference", "better"]
    assert joined.rows == [["a", "62.51 (40.74–99.26)", "5.00 (-1.00 to 11.00)", "no"], ["b", "7.00", "–", "no"]]
    right = Table("Given", [f"{name}, right when clean" for name in ("difference", "from", "to")], [(5.0, 1.0, 9.0)])
    assert right.with_intervals().rows == [["5.00 (1.00–9.00)"]]
    text = joined.only("name", "share").latex("Mine & yours", "tab:mine")
    assert "\\caption{Mine \\& yours}\n\\label{tab:mine}\n" in text and r"a & 62.51 (40.74--99.26) \\" in text


@pytest.fixture(scope="module")
def reported(small_sweep, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    result = CliRunner().invoke(app, ["report", str(small_sweep.path), "--files", "--out", str(folder / "out")])
    assert result.exit_code == 0, result.output
    return folder / "out"


def test_a_report_is_a_page_that_needs_nothing_else(reported, small_sweep):
    text = (reported / "report.html").read_text("utf-8")
    read = Reader(text)
    for tag, attributes in read.tags:
        assert tag not in ("script", "link", "iframe", "object")
        source = attributes.get("src") or attributes.get("href") or "#"
        assert source.startswith(("data:image/png;base64,", "#"))
    assert "url(" not in text and "@import" not in text
    for words in ("How stable is mnist-lenet?", "Settings and versions", "tensorflow", "Gaussian noise",
                  small_sweep.info["model"]["fingerprint"][:16]):  # fmt: skip
        assert words in read.text
    assert "Not finished" not in read.text


def test_tables_and_figures_lie_beside_it(reported, small_sweep):
    names = {path.name for path in (reported / "tables").iterdir()}
    run = "01-mnist-lenet-sweep"
    first = f"{run}-accuracy-under-gaussian-noise"
    assert {f"{first}.csv", f"{first}.tex"} <= names
    with (reported / "tables" / f"{first}.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 1 + len(small_sweep.severities)
    figures = {path.name for path in (reported / "figures").iterdir()}
    assert {f"{run}-{name}.{kind}" for name in ("accuracy", "scatter-1") for kind in ("pdf", "png", "svg")} <= figures
    with Image.open(reported / "figures" / f"{run}-scatter-1.png") as picture:
        assert min(picture.size) > 300
    assert (reported / "figures" / f"{run}-accuracy.pdf").read_bytes().startswith(b"%PDF")


def test_a_report_takes_the_place_of_an_earlier_one_and_leaves_other_files(tmp_path):
    def page(*titles):
        return Page("title", [], [Section("one", parts=[Table(title, ("a",), [(1,)]) for title in titles])])

    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "01-mine.csv").write_text("mine")
    save_page(page("first", "x" * 81), tmp_path)
    assert f"01-{'x' * 80}.csv" in {path.name for path in (tmp_path / "tables").iterdir()}
    save_page(page("second", "third"), tmp_path)
    names = {"01-second.csv", "01-second.tex", "01-third.csv", "01-third.tex", "01-mine.csv"}
    assert {path.name for path in (tmp_path / "tables").iterdir()} == names
    figure = Picture("drawn", "caption", Figure())
    save_page(Page("title", [], [Section("one", parts=[figure])]), tmp_path)
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"01-drawn.pdf", "01-drawn.png", "01-drawn.svg"}
    save_page(page(), tmp_path)
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["01-mine.csv"]
    assert not list((tmp_path / "figures").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX'")
def test_a_forged_list_of_an_earlier_report_removes_no_file_of_others(tmp_path):
    out, outside = tmp_path / "out", tmp_path / "outside"
    for folder in (out / "tables", outside):
        folder.mkdir(parents=True)
        (folder / "thesis.csv").write_text("mine")
        (folder / "01-old.csv").write_text("of a report")
    (out / "figures").symlink_to(outside)
    (outside / "01-old.pdf").write_text("mine")
    names = ["tables/thesis.csv", "tables/01-old.csv", "figures/01-old.pdf", "figures/../tables/thesis.csv", ["x"], 7]
    (out / ".report.json").write_text(json.dumps(names[:4]))
    page = Page("title", [], [])
    save_page(page, out)
    assert [path.name for path in (out / "tables").iterdir()] == ["thesis.csv"]
    assert len(list(outside.iterdir())) == 3
    for content in (json.dumps(names), "[" * 100_000, '{"tables/thesis.csv": 1', "7"):
        (out / ".report.json").write_text(content)
        save_page(page, out)
    (out / ".report.json").unlink()
    os.mkfifo(out / ".report.json")
    save_page(page, out)
    assert [path.name for path in (out / "tables").iterdir()] == ["thesis.csv"] and len(list(outside.iterdir())) == 3


def test_the_same_run_gives_the_same_report_to_the_byte(tmp_path):
    def drawn(folder):
        figure = Figure()
        axis = figure.subplots()
        axis.plot([1, 3, 2], label="a line")
        axis.fill_between([0, 1, 2], [0, 1, 2], hatch="//")
        axis.legend()
        parts = [Picture("drawn", "caption", figure), Table("table", ("a",), [(1,)])]
        page = Page("title", [], [Section("one", parts=parts)])
        return {path.name: path.read_bytes() for path in save_page(page, folder)}

    first, second = drawn(tmp_path / "first"), drawn(tmp_path / "second")
    assert first == second
    assert b"CreationDate" not in first["01-drawn.pdf"] and b"<dc:date>" not in first["01-drawn.svg"]


def test_what_a_killed_report_has_left_is_gone_after_the_next(tmp_path):
    def page(*titles):
        return Page("title", [], [Section("one", parts=[Table(title, ("a",), [(1,)]) for title in titles])])

    def killed(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saving, "save_figure", killed)
        both = Page("title", [], [Section("one", parts=[Table("gone", ("a",), []), Picture("p", "", Figure())])])
        with pytest.raises(KeyboardInterrupt):
            save_page(both, tmp_path)
    (tmp_path / "tables" / ".01-gone.tex.17.tmp").write_text("half")
    (tmp_path / "tables" / ".mine.tex.17.tmp").write_text("mine")
    save_page(page("kept"), tmp_path)
    names = {"01-kept.csv", "01-kept.tex", ".mine.tex.17.tmp"}
    assert {path.name for path in (tmp_path / "tables").iterdir()} == names


def test_a_folder_of_runs_is_told_from_none(small_sweep, tmp_path):
    for name in ("a", "b"):
        shutil.copytree(small_sweep.path, tmp_path / name)
    with pytest.raises(
        RunError,
        match=r"is a folder of runs \(2\): give a run, such as .*/a; in Python, open .* with tfstab.open_assessment",
    ):
        open_run(tmp_path)
    (tmp_path / "above").mkdir()
    shutil.move(tmp_path / "a", tmp_path / "above" / "one" / "a")
    with pytest.raises(
        RunError, match=r"above is not a run folder: it holds folders of runs; give .* as .*above/one\."
    ):
        open_run(tmp_path / "above")


def test_what_a_folder_of_harden_holds_is_said(small_sweep, tmp_path):
    (tmp_path / "hardening.json").touch()
    for page, said in (
        ("other.html", "run the same `tfstab harden` command again"),
        ("report.html", "report.html says"),
    ):
        (tmp_path / page).touch()
        with pytest.raises(RunError, match=f"is a folder of `tfstab harden` without runs of the models: .*{said}"):
            open_run(tmp_path)
    for side in ("original", "hardened"):
        shutil.copytree(small_sweep.path, tmp_path / side / "fog")
    both = f"{tmp_path / 'original'} (the original model) or {tmp_path / 'hardened'} (the hardened model)"
    with pytest.raises(RunError, match=re.escape(f"`tfstab harden`: give {both}, or both to compare them.")):
        open_run(tmp_path)


def test_an_unfinished_run_is_reported_as_such_with_how_far_it_is(small_sweep, tmp_path):
    folder = shutil.copytree(small_sweep.path, tmp_path / "begun")
    parts = sorted((folder / "parts").iterdir())
    for part in parts[3:]:
        part.unlink()
    run = open_run(folder)
    text = Reader(report_page([run])).text
    assert "Not finished: begun has 4 copies of each of 11 images (20 planned). This report covers" in text
    for part in parts[:3]:
        part.unlink()
    text = Reader(report_page([open_run(folder)])).text
    assert "begun has 0 copies of 11 images (20 planned)" in text and "Of 11 clean images, " in text
    (tmp_path / "assessment.json").write_text("{}")  # an assessment leaves runs unfinished on purpose
    result = CliRunner().invoke(app, ["report", str(folder), "--out", str(tmp_path / "page")])
    page = Reader((tmp_path / "page" / "report.html").read_text("utf-8")).text
    assert result.exit_code == 0 and "not finished" not in (result.stderr + page).lower()


def test_scatters_are_laid_out_as_in_the_paper_red_over_grey(small_sweep):
    ((caption, figure),) = paper_scatter_figures(small_sweep)
    panels = [axis for axis in figure.axes if axis.collections]
    assert caption == "classes 0 to 9" and len(panels) == 10
    wrong = sum(len(axis.collections[2].get_offsets()) for axis in panels)
    assert wrong == sum(a.total - a.correct for a in small_sweep.accuracy_by_severity())
    assert sum(len(axis.collections[1].get_offsets()) for axis in panels) == 0  # nothing is set apart


def test_a_scatter_says_what_it_cannot_draw(small_sweep, mnist_lenet, digits, tmp_path):
    config = SweepConfig(degradation="occlusion", severities=(0.01, 36), copies=2)  # the first covers no pixel
    run = run_sweep(mnist_lenet, digits.take(10), config, tmp_path)
    assert "not drawn: 20 unchanged images" in scatter_figure(run).get_suptitle()
    assert "not drawn" not in scatter_figure(small_sweep).get_suptitle()


def test_a_folder_that_is_a_file_and_a_run_that_is_none_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        save_page(Page("title", []), tmp_path / "file")
    with pytest.raises(InputError, match="is not UTF-8"):
        save_page(Page("title", []), tmp_path / "\udcff")
    result = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert "not a run folder" in str(result.exception)


def test_commands_in_a_text_are_code_and_nothing_else_is():
    page = render(Page("title", [], [Section("Why", ["Run `tfstab <b> --x 3 %` & look.", "a ` alone"])]))
    assert "<p>Run <code>tfstab &lt;b&gt; --x 3 %</code> &amp; look.</p>" in page and "<p>a ` alone</p>" in page
