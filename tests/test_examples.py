"""Every public name has an example, and the examples of all docstrings run."""

import ast
import contextlib
import doctest
import functools
import importlib
import linecache
import re
from pathlib import Path

import pytest

import tfstab
from processes import load_bundled_once
from tfstab.degradations import BUILT_IN, ranges, registry
from tfstab.explanation import ExplanationConfig

ROOT = Path(__file__).parents[1]
PACKAGES = ("classifier", "datasets", "degradations", "errors", "experiments", "metrics", "models", "report", "search",
            "sweep", "training")  # fmt: skip


def docstrings_with_examples():
    """{"tfstab.room.module.name": docstring}, read without importing anything."""
    found = {}
    for path in sorted((ROOT / "tfstab").rglob("*.py")):
        source = path.read_text("utf-8")
        if ">>>" not in source:  # to parse all takes half a second
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(source)
        found[module] = ast.get_docstring(tree)
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found[f"{module}.{node.name}"] = ast.get_docstring(node)
                for method in node.body if isinstance(node, ast.ClassDef) else ():
                    if isinstance(method, ast.FunctionDef):
                        found[f"{module}.{node.name}.{method.name}"] = ast.get_docstring(method)
    return {name: text for name, text in found.items() if text and ">>>" in text}


EXAMPLES = docstrings_with_examples()
ONLY = ("noise", "copies")  # analyses of explanations; all ten take long
FEW = {name: BUILT_IN[name] for name in ("gaussian_noise", "fog")}  # to train on; compiling all 19 takes a second


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The names that tfstab's own example makes, from which all others go on, in a current folder for all."""
    names = {}
    with contextlib.chdir(tmp_path_factory.mktemp("examples")), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tfstab.search.engines._registered", {})
        patch.setattr(registry, "_registered", {})  # what examples register, other tests do not know
        patch.setattr(tfstab, "load_classifier", load_bundled_once)  # no example changes a bundled network
        patch.setattr("tfstab.report.explain.ExplanationConfig", functools.partial(ExplanationConfig, only=ONLY))
        patch.setattr("tfstab.training.hardening_training.SHORTEST", 0.1)  # seconds of training, however short the time
        patch.setattr(ranges, "BUILT_IN", FEW)
        run(EXAMPLES["tfstab"], names)
        yield names


def run(text, names):
    """Run the examples of a docstring; `names` gets what they make."""
    test = doctest.DocTestParser().get_doctest(text, {}, "example", None, None)
    test.globs = names
    told = []
    linecache.clearcache()  # or doctest compares all files in it with the disk
    doctest.DocTestRunner(verbose=False).run(test, out=told.append, clear_globs=False)
    assert not told, "".join(told)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs(name, begun):
    text = EXAMPLES[name].replace("ExplanationConfig(copies=5)", f"ExplanationConfig(copies=5, only={ONLY})")
    run(text.replace("minutes=0.0", "minutes=0.00"), dict(begun))  # a tenth of the time


@pytest.mark.parametrize("package", ["", *PACKAGES])
def test_every_public_name_has_an_example(package):
    """A value, which has no docstring, in that of its package."""
    name = f"tfstab.{package}".rstrip(".")
    module = importlib.import_module(name)
    own = [k for k, v in vars(module).items() if getattr(v, "__module__", None) == name and k[0] != "_"]
    public = {key: getattr(module, key) for key in getattr(module, "__all__", own) if key != "__version__"}
    assert public
    for key, value in public.items():
        if hasattr(value, "__qualname__"):
            assert f"{value.__module__}.{value.__qualname__}" in EXAMPLES, f"{name}.{key} has no example"
        else:
            assert re.search(rf"\b{key}\b", EXAMPLES.get(name, "")), f"{name}.{key} is in no example of {name}"
