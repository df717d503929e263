"""Engines of others: registered by a file, or offered by a package; and runs whose engine is not available here."""

import sys
from dataclasses import dataclass, make_dataclass

import numpy as np
import pytest

from processes import refused, tfstab, tfstab_here
from tfstab import SearchConfig, open_run, search_minimum_noise
from tfstab.errors import InputError, RunError
from tfstab.search import engines
from tfstab.search.engine import NORMS, Engine, Variant, check_settings, setting
from tfstab.search.engines import engine_names, get_engine, register_engine
from tfstab.search.summary import SearchSummary

FADE = """from dataclasses import dataclass
import numpy as np
from tfstab.search.engine import Engine, Variant, setting
from tfstab.search.engines import register_engine
from tfstab.search.result import Generation
from tfstab.search.trace import StopReason, Trace

@dataclass(frozen=True)
class Settings:
    steps: int = setting(100, "grey levels of the fade", least=2)

def search(classifier, tasks, config, on_result, observer):
    for task in tasks:
        trace = Trace(task, observer)
        noise = np.linspace(0, 1, config.options.steps, dtype=np.float32)[:, None] * (128 - task.pixels) * task.free
        log_scores = classifier.log_scores((task.pixels + noise).reshape(-1, *task.clean.shape))
        scored = task.evaluate(log_scores, task.norm.length(noise), config)
        first = int(scored.flipped.argmax())
        trace.queries += len(noise)
        norm, share = float(task.norm.length(noise[first])), float(scored.flipped.mean())
        generation = Generation(float(scored.objective[first]), float(scored.objective.mean()), norm, share)
        stop = trace.record(generation, noise[first], share > 0)
        on_result(trace.result(classifier, config, noise[first], stop or StopReason.CONVERGED))
        if observer.stopped:
            return

ENGINE = Engine(search, (Variant("Fade", "blends the image with grey"),), Settings)
"""


@pytest.fixture
def forget(monkeypatch):
    """Return a function that unloads the engine, as if another process had begun."""

    def unload():
        for name in ("fade", "fading"):
            sys.modules.pop(name, None)
        engines._registered.clear()

    monkeypatch.setattr(sys, "path", [*sys.path])
    yield unload
    unload()


def test_a_file_registers_an_engine_whose_results_are_read_without_it(tmp_path, forget):
    more = 'least=2)\n    slow: bool = setting(False, "whether to fade slowly")\n    limit: int = setting(1, "a limit")'
    (tmp_path / "fade.py").write_text(FADE.replace("least=2)", more) + "\nregister_engine('fade', ENGINE)\n")
    run = tmp_path / "run"
    search = ("search", "--engine", "fade", "--images", "0:2", "--out", run)
    said = refused(tfstab_here(*search))
    assert "unknown engine 'fade'" in said and "Give the file of an engine of your own with --import" in said
    said = tfstab_here(*search, "--import", tmp_path / "fade.py")
    assert said.returncode == 0 and "Noise was found for 2 of the 2 images" in said.stdout, said.stderr
    few = ("search", "--engine", "fade", "--images", 0, "--import", "fade.py", "--steps", 50, "--slow", "--out", "few")
    said = tfstab_here(*few, cwd=tmp_path)
    assert said.returncode == 0 and "setting 'limit' of engine 'fade' has the name of another option" in said.stderr
    options = open_run(tmp_path / "few").config.options
    assert options.steps == 50 and options.slow is True and options.limit == 1
    shown = tfstab_here("search", f"--import={tmp_path / 'fade.py'}", "--help").stdout
    assert "--steps" in shown and "By default off" in shown and "Settings of engine fade" in shown
    assert "--steps" not in tfstab_here("search", "--help").stdout
    here = open_run(run)
    assert here.config.options.steps == 100 and here.config.most_scored > 20_000
    forget()
    assert "fade" not in engine_names()
    read = open_run(run)  # by a colleague, who has not the file
    assert read.config.settings == here.config.settings and read.config.objective == "eq2"
    assert SearchSummary.of(read).lines() == SearchSummary.of(here).lines()
    assert np.array_equal(read.result(0).noise, here.result(0).noise)
    for command in (("inspect", run, "--image", 0), ("report", run, "--out", tmp_path / "report")):
        assert tfstab_here(*command).returncode == 0
    assert "unknown engine 'fade'" in refused(tfstab_here(*search))
    assert tfstab_here(*search[:3], "--images", "0:3", "--out", run, "--import", tmp_path / "fade.py").returncode == 0


def test_settings_of_an_engine_that_is_not_here_are_plain():
    plain = SearchConfig().settings | {"engine": "hill", "step": 0.3}
    assert SearchConfig.of_settings(plain, 0).options.step == 0.3
    wrong = ({"engine": "<b>"}, {"engine": 3}, {"step": [1]}, {"a b": 1}, {"class": 1}, {"norm": "l7"}, {"beta": "x"})
    for one in wrong:
        with pytest.raises(RunError, match="is damaged"):
            SearchConfig.of_settings(plain | one, 0)


def test_a_package_offers_an_engine_with_its_options(tmp_path, forget, monkeypatch, mnist_lenet, digits):
    late = "from __future__ import annotations\n"  # with which the type of a setting is a text
    plain = FADE.replace('setting(100, "grey levels of the fade", least=2)', "100")
    (tmp_path / "fading.py").write_text(late + FADE + "number = 3")
    (tmp_path / "plain.py").write_text(plain)
    info = tmp_path / "fading-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fading\nVersion: 1.0\n")
    points = "fade = fading:ENGINE\nbroken = fading:missing\nthree = fading:number\nplain = plain:ENGINE\n"
    (info / "entry_points.txt").write_text(f"[{engines.GROUP}]\n{points}")
    monkeypatch.syspath_prepend(tmp_path)
    (result,) = search_minimum_noise(mnist_lenet, digits.take(1), config=SearchConfig(engine="fade", steps=50))
    assert result.found and result.queries - result.repair_queries == 51
    for name, said in (
        ("broken", "repair or remove that package"),
        ("three", "expected a tfstab.search.engine.Engine"),
        ("plain", r"plain:ENGINE of fading cannot be loaded \(setting 'steps' of Settings has no range: make it with"),
    ):
        with pytest.raises(InputError, match=said):
            SearchConfig(engine=name)
    with pytest.raises(InputError, match="unknown setting 'stops'"):  # the broken ones are passed over
        SearchConfig(stops=3)
    assert {"fade", "pygad"} <= engines.engines().keys() and not {"broken", "three", "plain"} & {*engine_names()}
    said = tfstab("search", "--help", PYTHONPATH=str(tmp_path))
    notes = said.stderr.splitlines()
    assert said.returncode == 0 and "--steps" in said.stdout and len(notes) == 3, said.stderr
    assert all(note.startswith("note: the entry point ") and "of fading" in note for note in notes)


@dataclass
class Plain:
    steps: int = 3


def settings(**fields):
    """Return a class of settings with these fields, each given as its type and what `setting` made."""
    return make_dataclass("Settings", [(name, *made) for name, made in fields.items()], frozen=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"search": None}, "the search of an engine cannot be called"),
        ({"variants": ()}, r"the variants of an engine are \(\); expected a tuple of `Variant`s"),
        ({"variants": (Variant("A", "b", norms=("l7",)),)}, "unknown norm of variant 'A' 'l7'"),
        ({"variants": (Variant("A", "b", norms="l2"),)}, "norms of variant 'A' are 'l2'; expected a tuple of names"),
        ({"variants": (Variant("A", "b", {"stops": 3}),)}, "unknown setting of variant 'A' 'stops'"),
        ({"variants": (Variant("A", "b", max_queries=5),)}, "max_queries of variant 'A' is 5; expected"),
        ({"settings": int}, "expected a frozen dataclass"),
        ({"settings": Plain}, "setting 'steps' of Plain has no range: make it with"),
        ({"settings": settings(seed=(int, setting(3, "s")))}, "has the name of a setting that all engines have"),
        ({"settings": settings(steps=(int, setting(0, "s", least=5)))}, "steps is 0; expected 5 or more, a whole"),
        ({"settings": settings(name=(str, setting("x", "a name")))}, "is no int, float, bool"),
        ({"settings": settings(share=(float | None, setting(None, "a share")))}, "is no int, float, bool"),
    ],
)
def test_a_declaration_of_which_no_options_can_be_made_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        Engine(**{"search": print, "variants": (Variant("A", "b", norms=NORMS),), **wrong})


def test_values_of_settings_are_refused_with_their_whole_range():
    many, own = setting(3, "starts", least=1, most=1_000), setting(False, "whether to go on")
    made = settings(restarts=(int, many), go_on=(bool, own))
    Engine(print, (Variant("A", "b"),), made)
    check_settings(made(restarts=1_000, go_on=True))
    with pytest.raises(InputError, match=r"restarts is 5000; expected a whole number from 1 to 1,000\."):
        check_settings(made(restarts=5_000))
    with pytest.raises(InputError, match=r"go_on is 1; expected True or False\."):
        check_settings(made(go_on=1, restarts=2))


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (lambda *_: None, r"engine 'mine' returned no result for images \d+ and \d+: fix its function"),
        (
            lambda *_: 1 / 0,
            r"engine 'mine' fails \(ZeroDivisionError: division by zero, test_own_engine.py, line \d+\): fix",
        ),
        (lambda *_: sys.exit(), r"engine 'mine' fails \(SystemExit, test_own_engine.py, line \d+\): fix"),
        (lambda classifier, tasks, config, on_result, observer: on_result(7), "engine 'mine' returned 7: fix"),
    ],
)
def test_an_engine_that_fails_or_loses_images_is_named(search, said, forget, mnist_lenet, digits):
    register_engine("mine", Engine(search, (Variant("Mine", "fails"),)))
    with pytest.raises(InputError, match=said):
        search_minimum_noise(mnist_lenet, digits.take(2), config=SearchConfig(engine="mine"))


@pytest.mark.parametrize(
    ("name", "said"), [("pygad", "is the name of an engine of tfstab"), ("My engine", "is no engine's name")]
)
def test_wrong_names_are_refused(name, said):
    with pytest.raises(InputError, match=said):
        register_engine(name, get_engine("random"))
    with pytest.raises(InputError, match=r"expected a tfstab\.search\.engine\.Engine"):
        register_engine("mine", print)
