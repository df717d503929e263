"""The report of an explanation in words, section by section, as it was last recorded with `make frozen`.

The runs in `explained` are kept with the tests, so that the numbers are those of all machines: `network` (14 random
images, of which two are wrong when clean, all analyses) and `ensemble` (6 images, two members, the layers alone).
`record_explained.py` makes them.
"""

import shutil
from pathlib import Path

import pytest
from figures_in_words import described, part_in_words
from frozen import check, in_words

from tfstab import open_run
from tfstab.explanation.bands import frequency_figures, heat_map
from tfstab.explanation.bends import curvature_figures
from tfstab.explanation.cause import causes_of
from tfstab.explanation.class_causes import slim_classes
from tfstab.explanation.classes import is_sure, sure_share, weaker_classes
from tfstab.explanation.direction_causes import direction_causes, low_causes
from tfstab.explanation.flatness import flatness_of
from tfstab.explanation.gain import gains_of, layer_table
from tfstab.explanation.gain_causes import steps_of
from tfstab.explanation.places import share_figures
from tfstab.explanation.plot import layers_figure
from tfstab.glossary import terms
from tfstab.report.explanation.page import big_numbers_of, cause_in_words
from tfstab.report.explanation.topics import parts_of_image, sections_of

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """The explanation of a network."""
    return open_run(shutil.copytree(HERE / "explained/network", tmp_path_factory.mktemp("explained") / "network"))


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    """The explanation of an ensemble."""
    return open_run(shutil.copytree(HERE / "explained/ensemble", tmp_path_factory.mktemp("explained") / "ensemble"))


def frozen(name, lines):
    """Compare lines with those recorded; what the glossary says may change."""
    text = "\n".join(lines)
    for term, explained in terms().items():
        text = text.replace(explained, f"(the glossary on {term})")
    check(HERE / "frozen" / f"{name}.txt", text.splitlines())


def test_each_section(network):
    for name, section in sections_of(network).items():
        lines = [section.title, *section.warnings, *section.lines]
        frozen(f"explained-{name}", lines + [line for part in section.parts for line in part_in_words(part)])


def test_what_is_shown_of_an_image(network):
    for image in (2, 5):  # wrong and right when clean
        lines = [line for part in parts_of_image(network, image) for line in part_in_words(part)]
        one = network.of(image)
        frozen(f"explained-image-{image}", [one.summary(), *lines, *described(one.plot())])


def test_the_verdict_and_its_numbers(network, ensemble):
    lines = [f"{run.path.name} {line}" for run in (network, ensemble) for line in _first(run)]
    frozen("explained-verdicts", lines)


def _first(run):
    return [cause_in_words(run), *map(str, big_numbers_of(run)), run.summary()]


def test_the_layers_of_an_ensemble(ensemble):
    section = sections_of(ensemble)["layers"]
    lines = [*section.lines, *(line for part in section.parts for line in part_in_words(part))]
    image = int(ensemble.images[0])
    lines += [line for part in parts_of_image(ensemble, image) for line in part_in_words(part)]
    figures = [*described(layers_figure(layer_table(ensemble))), *described(ensemble.of(image).plot())]
    frozen("explained-ensemble", [*lines, *figures])


def test_the_numbers_of_each_image(network):
    frozen("explained-images", network.to_pandas().to_csv(index=False, float_format="%.5g").splitlines())


def test_the_figures_behind_the_report(network, ensemble):
    lines = []
    for run in (network, ensemble):
        values = {"gains": gains_of(run), "layers": layer_table(run), "causes": causes_of(run),
                  "steps": [steps_of(run, gains_of(run), k) for k in gains_of(run).networks],
                  "slim": slim_classes(run), "image": run.of(int(run.images[0]))}  # fmt: skip
        if run is network:
            values |= {"flatness": flatness_of(run), "curvature": curvature_figures(run), "shares": share_figures(run),
                       "frequencies": frequency_figures(run), "heat map": heat_map(run),
                       "weaker": weaker_classes(run, is_sure(run), -1), "directions": direction_causes(run),
                       "sure": sure_share(run, ()), "low": low_causes(run)}  # fmt: skip
        lines += [line for name, value in values.items() for line in in_words(f"{run.path.name} {name}", value)]
    check(HERE / "frozen" / "explained-values.txt", [line.replace(str(network.path.parent), "HERE") for line in lines])
