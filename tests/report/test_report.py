"""The report of runs, from runs whose every prediction is given: what it says, shows and writes."""

import base64
import html
import io
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from made_runs import made_search, made_sweep
from tfstab import SweepConfig, compare, open_run
from tfstab.assessment import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.reference import Reference, ReferenceFamily
from tfstab.assessment.results import RESULTS
from tfstab.cli.app import app
from tfstab.degradations import get_degradation
from tfstab.errors import InputError
from tfstab.glossary import terms
from tfstab.metrics import Estimate
from tfstab.orders.step import Step
from tfstab.report import photographs, side_by_side, write_report
from tfstab.report.chapter import Chapter, make_chapter
from tfstab.report.charts import noise_strip
from tfstab.report.compare_step import compare_command
from tfstab.report.curves import curve_panel, networks_panel
from tfstab.report.numbers import noise_table
from tfstab.report.page import Section
from tfstab.report.run_report import report_page
from tfstab.report.saving import save_report
from tfstab.report.settings import last_day
from tfstab.report.tables import Table
from tfstab.search.summary import Quartiles

LABELS, CLEAN = [0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 2, 0]  # the last is wrong when clean
FOG = SweepConfig(degradation="fog", severities=(20, 55, 80))
JPEG = SweepConfig(degradation="jpeg", severities=(90, 10))
NOISE = SweepConfig(sigmas=(40, 10, 20), copies=2)
HOSTILE = "<script>alert('&')</script>"


def predictions(config, right):
    """As which class each copy is predicted, (N, S, copies): its own at the severities that `right` names."""
    labels = np.array(LABELS)
    taken = np.tile(((labels + 1) % 3)[:, None, None], (1, len(config.severities), config.copies))
    for image, places in right.items():
        taken[image, places] = labels[image]
    return taken


def sweep(path, config, right, **others):
    return made_sweep(path, config, predictions(config, right), LABELS, CLEAN, **others)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Fog keeps 6 of 7 x 3, JPEG 7 of 7 x 2 and noise 14 of 7 x 3: of 7 images right when clean."""
    place = tmp_path_factory.mktemp("assessment")
    sweep(place / "fog", FOG, {0: [0, 1, 2], 1: [0, 1], 3: [0]})
    sweep(place / "jpeg", JPEG, {k: [0, 1] for k in range(7)})
    sweep(place / "gaussian_noise", NOISE, {k: [1, 2] for k in range(7)})
    made_search(place / "search", [40.0, np.inf, 4.0, 8.0, 16.0, 2.0, 12.0, 0.0], LABELS, CLEAN)
    return place


@pytest.fixture(scope="module")
def runs(folder):
    return [open_run(path) for path in sorted(folder.iterdir())]


@pytest.fixture(scope="module")
def chapter(runs):
    return make_chapter(runs, lambda _: None)


@pytest.fixture(scope="module")
def page(runs):
    return Page(report_page(runs, notes=["It took 5 minutes."]))


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text within each kind of tag."""

    def __init__(self, text):
        super().__init__()
        self.source, self.tags, self.texts, self.open = text, [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:  # img, br and meta are never closed
            pass

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


# --- what it says ---


def test_families_are_drawn_worst_first_on_a_shared_axis(chapter, page):
    fog, noise, jpeg = chapter.families
    assert [d.label for d in chapter.families] == ["fog", "Gaussian noise", "JPEG compression"]
    top = max(1.0, *(f.kept.high for f in chapter.figures.families))
    assert [d.at for d in chapter.families] == pytest.approx([100 * x / top for x in (6 / 21, 14 / 21, 1)])
    assert [d.value for d in chapter.families] == ["29 %", "67 %", "100 %"]
    assert [d.level for d in chapter.families] == ["bad", "mid", "good"]
    assert chapter.verdict.level == "mid" and 'class="verdict mid"' in page.source  # less than half is not decided
    assert not jpeg.sure  # seven images do not show that more than 90 % is kept
    for d in (fog, noise, jpeg):
        assert 0 <= d.low <= d.at <= d.high <= 100 and re.fullmatch(r"\d+–\d+", d.interval)
    assert [(round(t.at * top), t.text) for t in chapter.family_ticks][::4] == [(0, "0 %"), (100, "100 %")]


def test_below_the_verdict_stands_for_what_it_holds(chapter, page, runs):
    assert page.texts["main"][0].count(chapter.holds_for) == 1 and chapter.holds_for == (
        "All this holds for images like those tested, and for the severities tried: with others, another degradation "
        "may do the most harm."
    )
    alone = make_chapter([run for run in runs if run.path.name == "fog"], lambda _: None)
    assert alone.holds_for == "All this holds for images like those tested, and for the severities tried."


def test_the_page_says_what_each_degradation_does_and_in_which_direction(chapter, page, tmp_path):
    fog, noise, _ = chapter.about_table.rows
    assert fog == ("fog", get_degradation("fog").about, "density (%): 20, 55, 80")
    assert noise[2] == "sigma (grey levels): 10, 20, 40"
    assert all(about in page.texts["main"][0] for _, about, _ in chapter.about_table.rows)
    darker = SweepConfig(degradation="brightness", severities=(-20, -40))
    alone = report_page([sweep(tmp_path / "darker", darker, {0: [0]})])
    assert "makes the image brighter by adding a constant to all grey levels; negative shifts make it darker" in alone
    assert "shift (grey levels): -20, -40" in alone


def test_four_big_numbers(chapter, runs):
    clean, kept, half, least = chapter.numbers
    assert clean.value == "88 %" and kept.value == f"{100 * (6 / 21 + 14 / 21 + 1) / 3:.0f} %"
    assert "mean of 3 degradations" in kept.what and half.value.startswith("sigma 3")
    assert least.value == "L2 12" and "7 images" in least.detail  # the median of 2, 4, 8, 12, 16, 40 and none
    alone = make_chapter([run for run in runs if run.kind == "search"], lambda _: None)
    assert [n.value for n in alone.numbers[:2]] == ["88 %", "L2 12"] and "dB" in alone.numbers[2].value
    only = make_chapter([run for run in runs if run.path.name == "fog"], lambda _: None)
    assert len(only.numbers) == 4 and only.numbers[3].what.endswith("under fog, density 55 %")
    assert only.numbers[3].value == "29 %" and len(only.mistakes) == 5  # two of seven are right


def test_the_verdict_is_told_once(page, chapter):
    paragraphs = chapter.verdict.paragraphs
    assert len(paragraphs) > 1 and all(page.texts["main"][0].count(one) == 1 for one in paragraphs)
    first, rest = chapter.first_sentence
    assert first + rest == paragraphs[0] and 0 < len(first) < len(paragraphs[0])
    for finding in chapter.verdict.of_kind("classes", "noise", "undecided"):
        assert page.texts["main"][0].count(finding.text) == 1


def test_weakest_classes_with_what_they_are_taken_for(chapter):
    assert [row.name for row in chapter.classes] == [c.name for c in chapter.figures.weakest_classes]
    last = next(row for row in chapter.classes if row.name == "2")
    assert last.clean == "50 %" and last.clean_at == 50 and last.mistaken_for == "0 (100 %)"
    assert {m.taken for m in chapter.class_mistakes} <= {"0", "1", "2"} and len(chapter.class_mistakes) == 3


# --- photographs ---


def test_mistakes_are_of_images_that_are_right_when_clean_and_at_the_middle_severity(chapter):
    by_family = {}
    for mistake in chapter.mistakes:
        by_family.setdefault(mistake.family, []).append(mistake)
    fog = by_family["fog"]
    # Images 2 to 6 fail at 55 %, three of them from 1 to 2; the network is equally sure of all, and number 7 is wrong
    # when clean.
    assert [m.name for m in fog] == ["image 3", "image 2"] and {m.where for m in fog} == {"density 55 %"}
    assert (fog[0].true, fog[0].taken, fog[1].true, fog[1].taken) == ("1", "2", "0", "1")
    assert fog[0].clean_score == fog[0].score == pytest.approx(0.7)
    # At sigma 20, the middle, no image fails; other images than above are chosen.
    noise = by_family["Gaussian noise"]
    assert {m.where for m in noise} == {"sigma 40 grey levels"} and [m.name for m in noise] == ["image 0", "image 4"]
    assert "JPEG compression" not in by_family


def test_a_degraded_photograph_is_the_image_that_was_scored(chapter, runs):
    fog = next(run for run in runs if run.path.name == "fog")
    drawn = np.asarray(decoded(chapter.mistakes[0].degraded))
    assert np.array_equal(drawn, np.rint(fog.degraded_image(3, 1, 0)).astype(np.uint8)[..., 0])


def test_triples_go_from_the_least_noise_to_the_most(chapter):
    assert [t.size for t in chapter.triples] == [f"L2 {size}.0" for size in (2, 4, 8, 12, 16, 40)]
    assert [row[3] for row in chapter.noise_table.rows] == [2, 4, 8, 12, 16, 40]
    assert chapter.noise_table.notes == [
        "Misclassified when clean, so that they need no noise: 1 more.", "No noise was found for 1 more.",
    ]  # fmt: skip
    first = chapter.triples[0]
    assert first.gain == 100 and first.name == "image 5"  # each pixel differs by 1
    assert set(np.asarray(decoded(first.noise)).ravel()) == {228}
    assert np.array_equal(np.asarray(decoded(first.degraded)), np.asarray(decoded(first.clean)) + 1)


@pytest.mark.parametrize("gains", [(1000, 500, 300, 200, 100, 50), (30, 20, 10, 5, 3, 2), (1, 1)])
def test_noise_is_amplified_by_the_largest_round_gain_that_cuts_nothing_off(tmp_path, gains):
    """Each pixel differs by l2 / 2, and may differ by 127 once amplified."""
    below, above = (
        made_search(tmp_path / name, [2 * 127 / gain * factor for gain in gains])
        for name, factor in (("below", 0.9995), ("above", 1.0005))
    )
    assert [triple.gain for triple in photographs.triples(below)] == list(gains)
    [exact] = photographs.triples(made_search(tmp_path / "exact", [127.0]))
    assert exact.gain == 2  # 63.5, twice
    for triple, gain in zip(photographs.triples(above), gains, strict=True):
        assert triple.gain < gain or triple.gain == gain == 1, "the noise is never shown weaker than it is"


def decoded(shown):
    kind, data = shown.uri.removeprefix("data:image/").split(";base64,")
    picture = Image.open(io.BytesIO(base64.b64decode(data)))
    assert picture.format.lower() == kind and picture.size == (shown.width, shown.height)
    return picture


def test_large_photographs_are_scaled_down():
    image = np.random.default_rng(0).integers(0, 256, (300, 600, 3), np.uint8)
    shown = photographs.shown(image, "noise")
    assert decoded(shown).size == (photographs.SIDE, photographs.SIDE // 2) and not shown.pixelated
    assert len(shown.uri) < 60_000
    for channels, mode in ((1, "L"), (2, "L"), (3, "RGB"), (4, "RGB")):
        assert decoded(photographs.shown(np.zeros((2, 3, channels)), "")).mode == mode


# --- charts ---


@pytest.mark.parametrize(("side", "pixelated", "kind"), [(96, True, "PNG"), (97, False, "PNG"), (193, False, "JPEG")])
def test_small_photographs_keep_their_pixels_and_large_ones_their_colours(side, pixelated, kind):
    shown = photographs.shown(np.zeros((side - 1, side, 3)), "black")
    picture = decoded(shown)
    assert (shown.pixelated, picture.format) == (pixelated, kind) and max(picture.size) == min(side, photographs.SIDE)
    if kind == "JPEG":  # at the quality 92, and no colour shared by pixels
        assert picture.quantization[0][0] == 3 and [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3
    else:
        assert decoded(photographs.shown(np.zeros((192, 2, 1)), "")).format == "PNG"


def test_of_many_families_classes_and_images_the_worst_are_shown(tmp_path):
    """Seven families and eleven classes, of which two images each are taken for the next one; 41 images searched."""
    names = ("fog", "brightness", "contrast", "gamma", "gaussian_blur", "occlusion", "rotation")
    labels = np.arange(22) % 11
    taken = ((labels + 1) % 11)[:, None, None]
    families = [
        made_sweep(
            tmp_path / name,
            SweepConfig(degradation=name, severities=get_degradation(name).severities[:1]),
            taken,
            labels,
            classes=11,
        )
        for name in names
    ]
    chapter = make_chapter(families, lambda _: None)
    assert len({mistake.family for mistake in chapter.mistakes}) == len(chapter.mistakes) == 6
    assert len(chapter.classes) == 10 and len(chapter.class_mistakes) == 3
    assert [(t.at, t.text) for t in chapter.class_ticks] == [(25 * k, f"{25 * k} %") for k in range(5)]
    search = made_search(tmp_path / "search", np.arange(1.0, 42))
    table, shown = noise_table(search), photographs.triples(search)
    assert len(table.rows) == 40 and table.notes == ["The first 40 of 41; `tfstab report RUN --files` writes all."]
    assert [triple.name for triple in shown] == [f"image {k}" for k in (0, 8, 16, 24, 32, 40)]


def test_severities_too_near_to_each_other_have_no_ticks(tmp_path):
    for near, texts in ((85, ["85", "100"]), (85.5, ["100"])):
        config = SweepConfig(degradation="fog", severities=(near, 100))
        panel = curve_panel(made_sweep(tmp_path / f"{near}", config, np.zeros((1, 2, 1), int)))
        assert [tick.text for tick in panel.ticks] == texts


def test_a_curve_goes_from_mild_to_strong(runs):
    by_name = {run.path.name: run for run in runs}
    jpeg = curve_panel(by_name["jpeg"])
    assert [round(x, 1) for x, _ in jpeg.dots] == [11.1, 100] and jpeg.half is None  # from quality 100 to 10
    assert jpeg.lines[0].startswith("0.00,12.50 ") and [t.text for t in jpeg.ticks] == ["90", "10"]
    noise = curve_panel(by_name["gaussian_noise"])
    assert noise.dots == [(25, 12.5), (50, 12.5), (100, 100)] and noise.half == (pytest.approx(75), 56.25)
    assert "0.0 % at sigma 40" in noise.text and "87.5 % when clean" in noise.text
    assert len(noise.band.split()) == 6


def test_curves_of_several_networks_share_their_axes(tmp_path, runs):
    fog = next(run for run in runs if run.path.name == "fog")
    strong = SweepConfig(degradation="fog", severities=(100,))
    other = sweep(tmp_path / "fog", strong, {k: [0] for k in range(7)}, name="other")
    panel = networks_panel([fog, None, other])
    own, none, theirs = panel.lines
    assert own.startswith("0.00,12.50 20.00,62.50 55.00,75.00 80.00,87.50") and none == ""
    assert theirs == "0.00,12.50 100.00,12.50" and [t.text for t in panel.ticks] == ["20", "55", "80", "100"]
    assert "made: 87.5 % when clean; 37.5 % at density 20" in panel.text and "other: " in panel.text


def test_the_middle_half_of_the_minimum_noise_ends_at_the_quartiles_of_the_text(tmp_path):
    """Of eight images, the second and the sixth; the axis ends at 200."""
    page = report_page([made_search(tmp_path / "search", [10, 20, 26, 33, 50, 63, 113, 190])])
    low, high = re.search(r'class="quarters" x1="([\d.]+)%" x2="([\d.]+)%"', page).groups()
    assert (float(low), float(high)) == pytest.approx((10, 31.5), abs=0.01)
    assert "20 or less" in page and "63 or more" in page


@pytest.mark.parametrize(
    ("found", "quarters", "said"),
    [
        (7, 1, "It has no end, because no noise was found for more than a quarter of the images."),
        (4, 1, "and there is no median, because no noise was found for half of the images or more."),
        (1, 0, "No noise was found for more than three quarters of the images, so there are no quartiles."),
    ],
)
def test_a_median_or_quartile_that_is_not_known_is_not_drawn(found, quarters, said, tmp_path):
    sizes = [10, 20, 26, 33, 50, 63, 113][:found] + [np.nan] * (10 - found)
    page = report_page([made_search(tmp_path / "search", sizes)])
    assert (page.count('class="quarters"'), page.count(">median</span>")) == (quarters, found > 5)
    assert said in page and "The shaded range" not in page


def test_the_axis_of_minimum_noise_begins_at_0_and_has_round_ticks():
    strip = noise_strip([10, 20, 30, 86], ["a", "b", "c", "d"], Quartiles(10, 25, np.inf))
    assert [t.text for t in strip.ticks] == ["0", "20", "40", "60", "80", "100"]
    assert strip.points[3] == (86, "d") and (strip.low, strip.middle, strip.high) == (10, 25, None)
    for largest, step, last in ((0.9, 0.2, 1), (1.1, 0.2, 1.2), (1.2, 0.2, 1.4), (1.25, 0.5, 1.5), (3, 0.5, 3.5),
                                (3.1, 1, 4), (6, 1, 7), (6.1, 2, 8), (9.9, 2, 10), (0, 0.2, 0.2),
                                (0.05, 0.01, 0.06)):  # fmt: skip
        ticks = [float(tick.text) for tick in noise_strip([largest], [""], Quartiles(0, 0, 0)).ticks]
        assert ticks == pytest.approx(np.arange(0, last + step / 2, step))


# --- the page ---


def test_the_page_can_be_read_without_seeing_it(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and max(np.diff(levels)) <= 1
    assert all(image["alt"] for image in page.all("img")) and len(page.all("img")) > 20
    for svg in page.all("svg"):
        drawn_again = "x" in svg  # a mark within a drawing
        assert drawn_again or svg.get("aria-hidden") == "true" or (svg["role"] == "img" and svg["aria-label"])
    tables = page.all("table")
    assert len(tables) == len(page.all("caption")) > 5
    assert all(head["scope"] in ("row", "col") for head in page.all("th"))
    identities = [a["id"] for _, a in page.tags if "id" in a]
    assert len(set(identities)) == len(identities)
    links = [a["href"] for a in page.all("a")]
    assert len(links) > 5 and {link.removeprefix("#") for link in links} <= set(identities)


def test_the_page_needs_nothing_else(page):
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    assert "url(" not in page.source and "@import" not in page.source and not re.search("https?:", page.source)
    assert len(page.source) < 200_000


def test_settings_stand_last_and_notes_first(page):
    headings = page.texts["h2"]
    assert headings[0] == "Against what does it break?" and headings[-1] == "Settings and versions"
    assert "It took 5 minutes." in page.texts["header"][0]
    assert "3 degradations, up to 2 copies of an image at each severity · " in page.texts["header"][0]
    assert "tensorflow" in page.texts["main"][0].split("Settings and versions")[1]


def test_every_term_is_explained_once_in_plain_sentences(page):
    explained = [text.lower() for text in page.texts["dt"]]
    for term in ("accuracy kept", "recall", "severity", "95 % interval", "score", "minimum noise", "l2", "still right"):
        assert term in explained
    for term, text in terms().items():
        assert text[0].isupper() and text[-1] == "." and term == term.strip()


def test_what_guessing_keeps_is_told_and_drawn(page, chapter, runs):
    assert "Always answering the same class would be right on 38 % of the images." in page.texts["main"][0]  # 3 of 8
    chance = [line["y1"] for line in page.all("line") if line.get("class") == "rule chance"]
    assert chance == ["62.50"] * 3
    kept = [(line["x1"], line["x2"]) for line in page.all("line") if line.get("class") == "chance"]
    assert kept == [("42.86%", "42.86%")] * 3
    assert chapter.panels[0].text.endswith("Always answering the same class: 37.5 %.")
    assert "guessing" in [text.lower() for text in page.texts["dt"]]
    assert networks_panel(runs[:1]).chance is None


def test_hostile_names_stay_text(tmp_path, runs):
    fog = sweep(tmp_path / "fog", FOG, {0: [0]}, name=HOSTILE)
    fog.info["data"] |= {"name": HOSTILE, "note": HOSTILE, "class_names": [HOSTILE, "1", "2"]}
    source = report_page([fog], notes=[HOSTILE])
    assert "<script" not in source and Page(source).texts["title"] == [f"How stable is {HOSTILE}?"]
    assert " · 1 degradation · " in Page(source).texts["header"][0]


def test_no_sentence_has_a_mark_of_the_chart_which_the_legend_explains_as_the_accuracy_kept(runs, monkeypatch):
    """A red square before a sentence on a class said that less than half of the accuracy is kept."""
    monkeypatch.setattr(Chapter, "findings", lambda self, *kinds: [Finding(kinds[0], "bad", "Said.")])
    marked = {}
    for section in report_page(runs).split("<section")[1:]:
        for listed in re.findall(r"<ul class=\"?findings.*?</ul>", section, re.DOTALL):
            marked[re.search(r"<h2[^>]*>(.*?)</h2>", section)[1]] = bool(re.search('class="?mark', listed))
    assert {"Against what does it break?", "Which classes suffer"} <= marked.keys() and not any(marked.values())


def test_several_networks_stand_side_by_side(tmp_path, runs, page):
    other = sweep(tmp_path / "fog", FOG, {k: [0, 1] for k in range(7)}, name="other")
    several = Page(report_page([*runs, other]))
    assert several.texts["h1"] == ["How stable are 'made' and 'other'?"]
    assert several.texts["h2"] == ["Side by side", "made", "other", "Settings and versions"]
    rows = re.findall(r"fog\s+29 % \(\d+–\d+\)67 % \(\d+–\d+\)", several.texts["main"][0])
    assert len(rows) == 1
    twice = Page(report_page([*runs, runs[0]]))  # the same family again has its own chapter
    assert twice.texts["h2"] == ["Side by side", "made", "made", "Settings and versions"]
    assert "Side by side" not in page.texts["h2"]
    figures = Figures.of([other])
    chart = side_by_side.networks_chart(5 * [figures])
    assert chart.names == 4 * ["other"]
    assert chart.notes == ["Only the first 4 networks are shown here; not shown: other."]


def test_below_networks_side_by_side_is_the_command_that_decides_whether_they_differ(tmp_path, monkeypatch, runs):
    monkeypatch.chdir(tmp_path)
    every = {k: [0, 1] for k in range(7)}
    old, new = Path("my old"), Path("new").absolute()
    both = [sweep(folder / config.degradation.name, config, every, name=folder.name)
            for folder in (old, new) for config in (FOG, JPEG)]  # fmt: skip
    source = report_page(both)
    command = "tfstab compare &#39;my old&#39; new --out=comparison"
    assert source.index("Side by side") < source.index("does not tell whether two networks differ")
    assert f"<code>{command}</code>" in source.replace("&#x27;", "&#39;")
    words = shlex.split(html.unescape(command))[1:]
    assert CliRunner().invoke(app, words).exit_code == 0 and Path("comparison/report.html").is_file()

    assert compare_command([both[:1], both[2:3]]) == "tfstab compare 'my old/fog' new/fog --out=comparison"
    fine = [[sweep(Path("fine") / f"{name}-{config.degradation.name}", config, every, name=name)
             for config in (FOG, JPEG)] for name in ("my old", "new")]  # fmt: skip
    assert f"<code>{command}</code>" in report_page([*both, *fine[0], *fine[1]]).replace("&#x27;", "&#39;")
    assert compare_command(fine) == "", "a folder with runs of two networks cannot be compared as a whole"
    with pytest.raises(
        InputError, match=r"fine cannot be compared as a whole: the runs are of several networks \(my old"
    ):
        compare("new", "fine")
    (old / RESULTS).write_text("{}")
    assert compare_command([both[:1], both[2:3]]) == "", "an assessment is not compared with a single run"
    assert compare_command([both[:1], both[2:]]) == "tfstab compare 'my old' new --out=comparison"
    assert compare_command([both[:1], both[3:]]) == compare_command([both[:2], both[:2]]) == compare_command([]) == ""
    other = made_sweep(
        tmp_path / "other" / "fog",
        FOG,
        predictions(FOG, every),
        [(label + 1) % 3 for label in LABELS],
        CLEAN,
        name="other",
    )
    assert compare_command([both[:1], [other]]) == "", "the true classes differ"
    assert "tfstab compare" not in report_page(runs)


def test_the_bundled_networks_stand_beside_it(runs, chapter, monkeypatch):
    fog, _, jpeg = chapter.figures.families
    same = ReferenceFamily("fog", fog.run.degradation.version, fog.run.severities, Estimate(0.5, 0.4, 0.6))
    alike = Reference("bundled", "x", "photos", (2, 2, 1), 9, 3, Estimate(0.75, 0.7, 0.8), same.kept, {
        "fog": same, "jpeg": replace(same, name="jpeg", version=jpeg.run.degradation.version)})  # fmt: skip
    itself = replace(alike, fingerprint=chapter.figures.info["model"]["fingerprint"])
    monkeypatch.setattr(side_by_side, "reference_figures", lambda: (itself, alike))
    chart = side_by_side.reference_chart(chapter.figures)
    assert chart.names == ["made", "bundled, photos"]
    # JPEG's severities differ.
    assert [(label, [d.value for d in dots]) for label, dots in chart.rows] == [
        ("clean images", ["88 %", "75 %"]), ("fog", ["29 %", "50 %"])]  # fmt: skip
    source = report_page(runs)
    assert "Compared with the bundled networks" in source and "bundled, photos" in source
    monkeypatch.setattr(side_by_side, "reference_figures", lambda: (itself, *4 * [alike]))
    assert len(side_by_side.reference_chart(chapter.figures).names) == 4
    monkeypatch.setattr(side_by_side, "reference_figures", lambda: (itself,))
    assert side_by_side.reference_chart(chapter.figures) is None


def test_an_unfinished_search_and_nothing_found(tmp_path):
    run = made_search(tmp_path / "search", [np.inf, 0.0], [0, 0], [0, 1])
    read = Page(report_page([run]))
    assert "No noise was found for 1 more." in read.texts["main"][0] and not read.all("img")
    assert "none found" in read.texts["main"][0] and "1 image" in read.texts["main"][0]
    for part in run.parts.values():
        part.unlink()
    text = Page(report_page([open_run(run.path)])).texts["header"][0]
    assert "Not finished: search has 0 of 2 images." in text


def test_no_runs_are_refused():
    with pytest.raises(InputError, match="no run was given"):
        report_page([])


def test_progress_is_told_and_the_file_written(runs, tmp_path, page):
    told = []
    path = write_report(runs, tmp_path / "new" / "my.html", on_progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == list(range(7)) and {total for *_, total in told} == {6}
    assert path.read_text("utf-8") == page.source.replace('<p class="note">It took 5 minutes.</p>', "")
    assert [entry.name for entry in path.parent.iterdir()] == ["my.html"]


@pytest.mark.parametrize(("command", "has_button"), [("harden", True), ("explain", True), ("assess", False)])
def test_the_next_steps_name_the_buttons_of_the_viewer_that_do_the_same(runs, command, has_button):
    page = report_page(runs[:1], steps=[Step([command, "net.keras", "photos"], "a more stable model")])
    (said,) = re.findall("Run these commands in the folder in which you ran the assessment.*", page)
    assert (
        "In the viewer, the assessment&#39;s tab <i>Why</i> has buttons for explaining and hardening." in said
    ) == has_button


def test_the_command_takes_a_folder_of_runs_and_writes_the_page_alone(folder, tmp_path):
    sections, told = [Section("one", parts=[Table("a table", ("a",), [(1,)])])], []
    save_report(tmp_path, "an earlier page", sections, on_file=lambda *counts: told.append(counts))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert (tmp_path / "tables" / "01-a-table.csv").exists()
    result = CliRunner().invoke(app, ["report", str(folder), "--out", str(tmp_path)])
    assert result.exit_code == 0 and "3 degradations" in (tmp_path / "report.html").read_text("utf-8")
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"report.html"}


def test_a_name_that_ends_in_html_is_that_of_the_page(folder, tmp_path):
    out = tmp_path / "new" / "my.html"
    command = ["report", str(folder), "--out", str(out)]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0 and f"written: {out}\n" in told.stdout and "3 degradations" in out.read_text("utf-8")
    assert [path.name for path in out.parent.iterdir()] == ["my.html"]
    refused = CliRunner().invoke(app, [*command, "--files"])
    assert "give a folder" in str(refused.exception)
    refused = CliRunner().invoke(app, ["compare", str(folder), str(folder), "--out", str(tmp_path / "both.html")])
    assert "expected that of a folder" in str(refused.exception)


def test_a_log_of_impossible_times_gives_no_day(tmp_path):
    run = made_sweep(tmp_path / "run", FOG, np.zeros((2, 3, 1), int))
    assert last_day([run])
    (run.path / "log.jsonl").write_text('{"time": 1e9}\n{"time": 5e8}\n{"time": "2e9"}\n')
    assert last_day([run]) == "9 September 2001"
    (run.path / "log.jsonl").write_text('{"time": 1' + "0" * 400 + '}\n{"time": NaN}\n')
    assert last_day([run]) == ""
