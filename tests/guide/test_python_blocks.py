"""The Python of README and guide runs, page by page, and so do the tutorial's commands; shortened to save time.

A block that cannot run in a test follows a comment `<!-- not run: REASON -->`.
"""

import contextlib
import functools
import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import tfstab
from processes import load_bundled_once, tfstab_here
from tfstab.degradations import BUILT_IN, ranges, registry
from tfstab.explanation import ExplanationConfig

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "resources" / "guide"
BLOCK = re.compile(r"^(<!-- not run: [^\n]+ -->\n\n?)?```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = {
    page.relative_to(ROOT).as_posix(): page
    for page in (ROOT / "README.md", *sorted(GUIDE.rglob("*.md")))
    if "```python" in page.read_text("utf-8")
}
TUTORIAL = "resources/guide/tutorial.md"
# Pages that run in one folder, one after the other: the second opens the explanation that the first has made.
TOGETHER = ("resources/guide/how-to/notebooks.md", "resources/guide/how-to/one-failure.md")

FEW = {name: BUILT_IN[name] for name in ("gaussian_noise", "fog")}  # to train on; compiling all 19 takes a second
# Less of everything: images, copies, epochs, scores and time.
SHORTER = {
    'tfstab.explain("mnist-lenet", "mnist-5k", limit=10, out="runs/why-digits")': 'tfstab.open_run("runs/why")',
    "take(10)": "take(2)", "limit=10": "limit=2", "minutes=5": "minutes=0.01, degradations=['fog']",
    "classifier, digits):": "classifier, digits, config=tfstab.SearchConfig(max_queries=200)):",
    "digits.labels[:1])": "digits.labels[:1], tfstab.SearchConfig(max_queries=200))",
    "take(300)": "take(100)", "minutes=0.1, out": "minutes=0.01, out", "range(2):": "range(1):",
    "minutes=0.2, out": "minutes=0.01, degradations=['fog'], out", "take(40)": "take(8)",
    "max_queries=1000, refine=32": "max_queries=200, refine=8",
}  # fmt: skip
SHORTER_TUTORIAL = {
    "test.indices))": "test.indices)[::8])", "take(1000)": "take(80)", "epochs=5": "epochs=1",
    "--minutes 2": "--minutes 0.02 --degradation translation", "--limit 60": "--limit 2 --copies 2 --only noise,layers",
    "--minutes 4": "--minutes 0.03 --degradation translation --against translation --keep-clean 100 "
    "--out runs/harden-digits-digits",
    "--image 8/4498.png": "--image 0", "clean:95": "clean:1", "translation:60": "translation:1",
}  # fmt: skip


def blocks(page):
    """Each block that runs, as (language, text); the text of Python is on the lines that it has in the page."""
    source = page.read_text("utf-8")
    for found in BLOCK.finditer(source):
        reason, language, text = found.groups()
        if not reason:
            yield language, "\n" * (source.count("\n", 0, found.start(3)) if language == "python" else 0) + text


def shortened(text, substitutes):
    for long, quick in substitutes.items():
        text = text.replace(long, quick)
    return text


@pytest.fixture
def apart(tmp_path):
    """A current folder with one picture of a user's; degradations that are registered there are forgotten."""
    (tmp_path / "complaints/3").mkdir(parents=True)
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "complaints/3/one.png")
    with contextlib.chdir(tmp_path), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tfstab.search.engines._registered", {})
        patch.setattr(registry, "_registered", {})
        patch.setattr(tfstab, "load_classifier", load_bundled_once)  # no page changes a bundled network
        few = functools.partial(ExplanationConfig, only=("noise", "layers"))  # analyses; they take about equally long
        patch.setattr("tfstab.report.explain.ExplanationConfig", few)
        patch.setattr("tfstab.training.hardening_training.SHORTEST", 0.1)  # seconds of training, however short the time
        patch.setattr(ranges, "BUILT_IN", FEW)
        yield tmp_path


@pytest.mark.parametrize(
    "pages", [TOGETHER, *((name,) for name in sorted(PAGES.keys() - {TUTORIAL, *TOGETHER}))], ids=" ".join
)
def test_the_python_of_the_page_runs(pages, apart):
    """The blocks of each page, one after the other, in one namespace."""
    for name in pages:
        names = {"__name__": "page"}
        for language, text in blocks(PAGES[name]):
            if language == "python":
                exec(compile(shortened(text, SHORTER), name, "exec"), names)
        for test in [value for called, value in names.items() if called.startswith("test_")]:
            with contextlib.suppress(AssertionError):  # so few images are not precise enough for some
                test()
        if name == TOGETHER[-1]:
            assert names["pictures"].picture.tolist() == ["3/one.png"]


def test_the_script_for_two_recipes_counts_trainings(monkeypatch):
    """The guide's page shows the interval of this example, of two trainings each; Holm's correction is by hand."""
    text = (GUIDE / "how-to/compare-networks.md").read_text("utf-8")
    [script] = [found[3] for found in BLOCK.finditer(text) if "ttest_ind" in found[3]]
    low, high = np.array([0.33, 7.36]) / np.sqrt(2)  # two values so far from their mean have these spreads
    far = [60 - low, 60 + low, 37.7 - high, 37.7 + high]
    tables = {
        f"runs/{name}": pd.DataFrame({"images": 500, "accuracy": [wide / 100, even / 100]}, index=["salt", "fog"])
        for name, wide, even in zip(("old-s1", "old-s2", "new-s1", "new-s2"), far, [70, 71, 90, 91], strict=True)
    }
    monkeypatch.setattr(tfstab, "open_assessment", lambda folder: SimpleNamespace(to_pandas=lambda: tables[folder]))
    names = {}
    exec(compile(script.replace("(1, 2, 3)", "(1, 2)"), "compare-networks.md", "exec"), names)
    result = names["result"]
    assert result.loc["salt", ["from", "to"]].round().tolist() == [-88, 43]
    # 20 points with a standard error of sqrt(0.5 / 2 + 0.5 / 2), and 2 degrees of freedom: 4.303 of them to each side.
    assert result.loc["fog", ["from", "to"]].tolist() == pytest.approx([20 - 3.043, 20 + 3.043], abs=0.001)
    assert result["p by Holm"]["fog"] == pytest.approx(2 * result["p"]["fog"])
    assert result["p by Holm"]["salt"] == pytest.approx(result["p"]["salt"]) and np.isnan(result["p by Holm"]["mean"])
    assert result["difference"]["mean"] == pytest.approx((20 - 22.3) / 2)
    tables["runs/new-s2"].loc["fog", "images"] = 80
    with pytest.raises(SystemExit, match="more minutes"):
        exec(compile(script.replace("(1, 2, 3)", "(1, 2)"), "compare-networks.md", "exec"), {})


def test_the_tutorial_leads_from_a_model_to_a_remedy(apart):
    """Its Python and its commands, in their order, except that of the viewer."""
    names = {"__name__": "page"}
    for language, block in blocks(PAGES[TUTORIAL]):
        text = shortened(block, SHORTER_TUTORIAL)
        if language == "python":
            exec(compile(text, TUTORIAL, "exec"), names)
            continue
        for line in text.splitlines():
            command = shlex.split(line, comments=True)
            assert command[0] == "tfstab", line
            adopted = command[1] != "compare" or Path(command[2]).exists()  # a second of training may gain nothing
            if command[1] != "view" and adopted:
                ended = tfstab_here(*command[1:])
                assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
    assert "translation:1 is met" in ended.stdout
    runs = Path("runs")
    assert (runs / "assess-digits-digits/report.html").is_file() and Path("eight.png").is_file()
    assert tfstab.load_classifier(runs / "harden-digits-digits/digits-hardened.keras").num_classes == 10


def test_names_that_the_guide_imports_are_in_its_list_of_names():
    """Apart from the page on extensions, which says itself what each name is for."""
    listed = set(re.findall(r"^\| `(\w+)(?:\(\))?` \|", (GUIDE / "reference/api.md").read_text("utf-8"), re.MULTILINE))
    for name, page in PAGES.items():
        used = re.findall(r"^\s*from tfstab\S* import (.+)$", page.read_text("utf-8"), re.MULTILINE)
        missing = {one.strip() for line in used for one in line.split(",")} - listed
        assert not missing or page.stem == "extend", f"{name} imports {missing}, which api.md does not list"
