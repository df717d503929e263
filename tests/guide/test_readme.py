"""README.md: its length, links, commands and numbers, and the output that it shows. Its Python runs in
`test_python_blocks.py`, and its table of the paper's results is checked in `tests/experiments/test_stored.py`.
"""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer

from tfstab.cli.app import app
from tfstab.degradations import degradation_names
from tfstab.search.engines import engine_names
from tfstab.training.remedies import REMEDIES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
LINES = README.splitlines()
FENCES = re.findall(r"^(?:<!-- output: ([\w-]+) -->\n)?```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for _, language, text in FENCES if language == "sh" for line in text.splitlines() if line]


def test_the_readme_is_short():
    assert len(LINES) <= 200
    assert all(len(line) <= 120 for line in LINES if line[:1] != "|")


def test_links_and_pictures_are_files():
    links = re.findall(r"\]\(([^)#]+)", README)
    assert len(links) > 30 and "resources/pictures/viewer.gif" in links
    missing = [link for link in links if "://" not in link and not (ROOT / link).is_file()]
    assert not missing


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_exist_with_their_options(line):
    program, *arguments = shlex.split(line, comments=True)
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    else:
        assert program == "tfstab"
        parse(arguments)


def parse(arguments):
    """Parse a command of tfstab without running it."""
    group = typer.main.get_command(app)
    context = group.make_context("tfstab", list(arguments), resilient_parsing=True)
    name, command, rest = group.resolve_command(context, list(arguments))
    command.make_context(name, rest)


def test_output_is_what_was_printed():
    shown = [(name, text) for name, language, text in FENCES if language == "text"]
    assert shown
    for name, text in shown:
        stored = json.loads((ROOT / "resources" / "guide" / "results" / f"{name}.json").read_text("utf-8"))
        assert stored["command"] in " ".join(COMMANDS) and len(stored["commit"]) == 40
        printed, at = " ".join(stored["output"].split()), 0
        for part in text.split("[...]"):
            words = " ".join(part.split())
            assert words in printed[at:], words
            at = printed.index(words, at) + len(words)


def test_numbers_are_those_of_the_program():
    count = len(degradation_names())
    assert f"noise, blur, compression, fog and {count - 4} others" in " ".join(README.split())
    assert f"| {count}, and your own |" in README and f"under each of {count} degradations" in README
    assert f"| {len(engine_names())} engines; L2, L1, Linf |" in README and f"| {len(REMEDIES)} remedies by training" in README
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11" and "Python 3.11 or newer" in README
    assert "tensorflow>=2.18" in project["dependencies"] and "TensorFlow 2.18 or newer" in README


def test_other_tools_have_the_versions_of_their_page():
    [head] = [line for line in LINES if line.startswith("| | tfstab |")]
    page = (ROOT / "resources" / "guide" / "project" / "alternatives.md").read_text("utf-8")
    for name, version in re.findall(r"\| (\w+) ([\d.]+)", head):
        assert f"| {name} | package {version}:" in page
