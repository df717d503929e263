"""The report of an explanation: its page, its files, and its place beside other runs."""

import functools
import re
import shutil

import numpy as np
import pytest
from matplotlib.figure import Figure
from networks import fast
from numpy_runs import classifier as brightness
from numpy_runs import dataset, search, sweep

import tfstab
from processes import refused, tfstab_here
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.explanation.one_image import draw_places
from tfstab.explanation.shortfall import Place
from tfstab.glossary import terms
from tfstab.report.explain import write_page
from tfstab.report.explanation.drawing import dark_style, on_dark
from tfstab.report.explanation.page import terms_in
from tfstab.report.explanation.topics import TOPICS, parts_of_image, sections_of
from tfstab.report.page import Section
from tfstab.report.run_report import report_page, write_report


@pytest.fixture(scope="module")
def page(whole):
    """The page's HTML."""
    return report_page([whole])


def test_the_page_says_the_cause_first_and_then_shows_each_topic_once(whole, page):
    assert re.search("<h1>What makes (&#39;)?(functional|sequential)", page)
    shown = re.findall(r'id="c1-(\w+)"', page)
    assert shown == [name for name in TOPICS if name in shown] and {"layers", "flatness", "place"} <= set(shown)
    places = [page.index(f'id="c1-{name}"') for name in shown]
    assert page.index('class="verdict') < page.index('class="nums"') < places[0]
    assert page.index("Settings and versions") > places[-1] and "explanation of" not in page


def test_the_page_needs_nothing_else_and_each_picture_is_described(page):
    pictures = re.findall(r"<img [^>]*>", page)
    assert len(pictures) > 4 and all(re.search(r'alt="[^"]{10,}"', picture) for picture in pictures)
    assert all(re.search(r'src="data:image/(png|svg\+xml);base64,', picture) for picture in pictures)
    assert not re.search(r'(?:src|href)="(?!data:|#)', page) and "<script" not in page
    assert len(page) < 1_500_000
    told = re.findall(r"<dt>([^<]+)</dt><dd>(?!<)", page)
    assert len(told) == len(set(told)) and {"Relative gain", "Minimum noise"} <= set(told)


def test_terms_are_found_where_they_are_whole_words():
    section = Section("L2 of noise", ["The minimum noise, and medians.", "Scoring, remargining."])
    assert terms_in(section) == ["L2", "median", "minimum noise"] and all(term in terms() for term in terms_in(section))


def test_colours_on_a_dark_screen():
    assert on_dark("#808080") == "#7e8184" and on_dark("#ffffff") != on_dark("#f0f0f0")
    hue = [int(on_dark("#800000")[k : k + 2], 16) for k in (1, 3, 5)]
    assert hue[0] > hue[1] == hue[2]


def test_the_page_is_one_of_the_files_of_its_run(brief, network, few, tmp_path):
    run = tfstab.open_run(shutil.copytree(brief.path, tmp_path / "run"))
    path = write_page(run)
    assert path == run.path / "report.html" and tfstab.open_run(run.path).complete
    run_explanation(network, few, run.config, run.path)  # goes on where it is
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(tfstab.errors.RunError, match=r"report.html is a link"):
        tfstab.open_run(run.path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.html").write_text("mine")
    with pytest.raises(tfstab.errors.RunError, match=r"holds report.html but no run.json"):
        run_explanation(network, few, run.config, tmp_path / "other")


def test_an_assessments_report_shows_why_and_links_to_the_page(tmp_path):
    """Of runs of the same network and images; of other networks it becomes a chapter of its own."""
    swept, searched = sweep(tmp_path / "all" / "gaussian_noise"), search(tmp_path / "all" / "search", queries=100)
    config = tfstab.ExplanationConfig(copies=4, only=("copies",))
    explained = run_explanation(brightness(), dataset(), config, tmp_path / "all" / "explanation")
    runs = [swept, searched, explained]
    alone = report_page([swept, searched])
    assert "What makes &#39;brightness&#39; sensitive to noise?" in report_page([explained])
    page = write_report(runs, tmp_path / "all" / "report.html").read_text("utf-8")
    assert (
        "How stable is &#39;brightness&#39;?" in page and "explanation of 9 images" in page and 'id="c1-cause"' in page
    )
    assert "own page" not in page and "sensitive to noise?" not in page
    write_page(explained)
    page = write_report(runs, tmp_path / "all" / "report.html").read_text("utf-8")
    assert '<a href="explanation/report.html">' in page and 'id="c1-cause"' not in alone
    assessment = tfstab.open_assessment(tmp_path / "all")
    assert [run.kind for run in assessment.runs] == ["sweep", "search"] and assessment.explanation.kind == "explanation"
    other = run_explanation(brightness(fingerprint="other"), dataset(), config, tmp_path / "other")
    page = report_page([swept, other])
    assert "How stable are &#39;brightness&#39; and &#39;other&#39;?" in page and '<h2 id="c2">other</h2>' in page
    with pytest.raises(tfstab.errors.RunError, match=r"other is a single run \(an explanation\), not an assessment"):
        tfstab.open_assessment(other.path)
    with pytest.raises(tfstab.errors.RunError, match="it holds only an explanation; run `tfstab assess`"):
        shutil.copytree(other.path, tmp_path / "alone" / "explanation")
        tfstab.open_assessment(tmp_path / "alone")
    shutil.copytree(swept.path, tmp_path / "alone" / "mine" / "gaussian_noise")
    with pytest.raises(tfstab.errors.RunError, match=r"is a folder of assessments: give one of them, such as .*mine"):
        tfstab.open_assessment(tmp_path / "alone")


def test_figures_of_all_topics_have_names_of_their_own(whole):
    parts = [part for section in sections_of(whole).values() for part in section.parts]
    names = [part.name if hasattr(part, "caption") else part.title for part in parts]
    assert len(names) == len(set(names))


def test_all_tables_and_figures_as_files(brief, tmp_path):
    said = tfstab_here("report", brief.path, "--files", "--out", tmp_path)
    assert said.returncode == 0, said.stderr
    tables, figures = ({path.name for path in (tmp_path / name).iterdir()} for name in ("tables", "figures"))
    assert any(re.fullmatch(r"01-sequential.*-gain-and-margin-by-layer\.csv", name) for name in tables)
    assert any(re.fullmatch(r"01-sequential.*-layers\.svg", name) for name in figures)
    assert len(figures) == 3


# --- one image, and other commands ---


def test_a_run_of_some_analyses_is_reported_too(brief):
    """Here without minimum noise and noisy copies."""
    explained = brief.of(brief.images[0])
    assert not explained.found and np.isnan(explained.l2) and explained.summary() and explained.plot()
    assert explained.predicted == 0 and not explained.noise.any()
    assert brief.to_pandas().columns.tolist() == ["label", "predicted"] and "<table" in brief._repr_html_()
    assert parts_of_image(brief, int(brief.images[0]))


def test_one_image_of_it(whole, tmp_path):
    image = int(whole.images[0])
    said = tfstab_here("inspect", whole.path, "--image", image, "--out", tmp_path / "image.png")
    assert (
        said.returncode == 0 and said.stdout.startswith(f"Image {image}, class") and (tmp_path / "image.png").exists()
    )
    as_json = tfstab_here("inspect", whole.path, "--image", image, "--json").stdout
    assert '"summary"' in as_json and parts_of_image(whole, image)
    assert "not in this run" in refused(tfstab_here("inspect", whole.path, "--image", 4999))
    whole_run = tfstab_here("inspect", whole.path, "--out", tmp_path / "layers.png")
    assert "Gain and margin by layer" in whole_run.stdout and (tmp_path / "layers.png").exists()
    assert '"causes"' in tfstab_here("inspect", whole.path, "--json").stdout


def test_commands_that_have_no_use_for_it_say_so(whole, tmp_path):
    swept = sweep(tmp_path / "sweep").path
    assert "is an explanation run; expected sweeps" in refused(tfstab_here("robustness", whole.path))
    assert "(explanation) and" in refused(tfstab_here("compare", whole.path, swept))
    assert "is an explanation: see the tab Why of an assessment" in refused(tfstab_here("view", whole.path))
    with pytest.raises(tfstab.errors.RunError, match="is a sweep run, and an explanation run is needed here"):
        tfstab.ExplanationRun(swept)


def test_from_python_with_a_model_and_a_data_set(network, few, tmp_path, monkeypatch):
    told, some = [], functools.partial(ExplanationConfig, only=("copies", "layers"))
    monkeypatch.setattr("tfstab.report.explain.ExplanationConfig", some)
    run = tfstab.explain(network, few, limit=2, copies=3, out=tmp_path / "why", on_progress=told.append)
    assert run.complete and len(run.rows) == 2 and told[-1].done < told[-1].total
    assert (run.path / "report.html").exists() and "<table" in run._repr_html_()
    assert all(one.plot()._repr_png_().startswith(b"\x89PNG") for one in (run, run.of(run.images[0])))
    table = run.to_pandas()
    assert table.index.tolist() == sorted(run.images) and np.isfinite(table["margin"]).all()


def test_the_figure_of_an_image_that_is_wrong_when_clean_says_so(tmp_path):
    """Its long names do not leave their panel, and nothing is drawn of a noise that there is not."""
    names = ("aeroplane seen from the ground or in flight", "ship, boat or other vessel on open water")
    network = tfstab.Classifier.from_function(
        lambda images: np.tile([[0.75, 0.25]], (len(images), 1)), (4, 4, 1), 2, fingerprint="same", class_names=names
    )
    data = tfstab.Dataset.from_arrays("two", "test", np.zeros((2, 4, 4, 1), np.uint8), np.array([0, 1]), names)
    run = run_explanation(network, data, fast("copies"), tmp_path / "run")
    (right,), (wrong,) = run.of(0).plot().axes, run.of(1).plot().axes
    assert right.get_title().splitlines()[1:] == ["ground or in flight", "no noise found"]
    assert wrong.get_title().splitlines() == [
        "ship, boat or other vessel", "on open water",
        "wrong when clean already:", "taken for aeroplane seen", "from the ground or in fli…",
    ]  # fmt: skip


def test_dollar_signs_in_the_figure_of_an_image_are_no_formulas(tmp_path):
    """They may stand in names of classes and of layers, which come from anybody."""
    names = (r"$\nothing$", r"$\else$")
    network = tfstab.Classifier.from_function(
        lambda images: np.tile([[0.75, 0.25]], (len(images), 1)), (4, 4, 1), 2, fingerprint="same", class_names=names
    )
    data = tfstab.Dataset.from_arrays("two", "test", np.zeros((2, 4, 4, 1), np.uint8), np.array([0, 1]), names)
    run = run_explanation(network, data, fast("copies"), tmp_path / "run")
    run.of(0).plot().savefig(tmp_path / "image.png")
    figure = Figure()
    draw_places(figure.subplots(), [Place(r"$\nothing$", 0.5)])
    figure.savefig(tmp_path / "places.png")


def test_a_drawing_is_made_light_on_dark_unless_it_is_a_scale_of_colours():
    greys = [f"#{level:02x}{level:02x}{level:02x}" for level in range(0, 240, 10)]
    colours = [f"#{level:02x}{level:02x}ff" for level in range(0, 170, 10)]
    drawn = "".join(f'<path style="fill: {colour}"/>' for colour in greys)
    assert dark_style(drawn).count("!important") == 2 * len(greys) and on_dark(greys[0]) in dark_style(drawn)
    assert dark_style(drawn + "".join(f'<path style="stroke: {colour}"/>' for colour in colours[:16]))
    assert not dark_style(drawn + "".join(f'<path style="stroke: {colour}"/>' for colour in colours))
    assert not dark_style(f"{drawn}<image/>")
