"""README.md: its length, links, commands and numbers, and the output that it shows. Its Python runs in
`test_python_blocks.py`, and its table of the paper's results is checked in `tests/experiments/test_stored.py`.
"""

import re
import shlex
import tomllib
from pathlib import Path

from command_lines import command_lines, parse
from make_guide import counted
from shown_output import check_shown

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
LINES = README.splitlines()
COMMANDS = command_lines(README)


def test_the_readme_is_short():
    assert len(LINES) <= 200
    assert all(len(line) <= 120 for line in LINES if line[:1] != "|")


def test_links_and_pictures_are_files():
    links = re.findall(r"\]\(([^)#]+)", README)
    assert len(links) > 30 and "resources/pictures/viewer.gif" in links
    missing = [link for link in links if "://" not in link and not (ROOT / link).is_file()]
    assert not missing


def test_commands_exist_with_their_options():
    for words in COMMANDS:
        parse(words)
    targets = re.findall(r"^make (\w+)", README, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets == ["demo", "test"] and all(f"\n{target}: " in makefile for target in targets)


def test_output_is_what_was_printed():
    [stored] = check_shown(README, "README.md").values()
    assert shlex.split(stored["command"]) in COMMANDS


def test_numbers_are_those_of_the_program():
    assert counted(README) == README, "update the numbers with `make guide`"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11" and "Python 3.11 or newer" in README
    assert "tensorflow>=2.18" in project["dependencies"] and "TensorFlow 2.18 or newer" in README


def test_other_tools_have_the_versions_of_their_page():
    [head] = [line for line in LINES if line.startswith("| | tfstab |")]
    page = (ROOT / "resources" / "guide" / "project" / "alternatives.md").read_text("utf-8")
    for name, version in re.findall(r"\| (\w+) ([\d.]+)", head):
        assert f"| {name} | package {version}:" in page
