"""The report of an explanation in words, section by section, as it was last recorded with `make frozen`.

The runs in `explained` are kept with the tests, so that the numbers are those of all machines: `network` (14 random
images, of which two are wrong when clean, all analyses) and `ensemble` (6 images, two members, the layers alone).
`record_explained.py` makes them.
"""

import shutil
from pathlib import Path

import pytest
from figures_in_words import described, part_in_words
from frozen import check

from tfstab import open_run
from tfstab.explanation.gain import layer_table
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
    frozen("explained-ensemble", [*lines, *described(layers_figure(layer_table(ensemble)))])


def test_the_numbers_of_each_image(network):
    frozen("explained-images", network.to_pandas().to_csv(index=False, float_format="%.5g").splitlines())
