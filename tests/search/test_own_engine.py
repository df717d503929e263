"""Engines of others: registered by a file, or offered by a package; and runs whose engine is not available here."""

import sys

import numpy as np
import pytest

from processes import refused, tfstab_here
from tfstab import SearchConfig, open_run, search_minimum_noise
from tfstab.errors import InputError, RunError
from tfstab.search import engines
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
    (tmp_path / "fade.py").write_text(FADE + "\nregister_engine('fade', ENGINE)\n")
    run = tmp_path / "run"
    search = ("search", "--engine", "fade", "--images", "0:2", "--out", run)
    said = refused(tfstab_here(*search))
    assert "unknown engine 'fade'" in said and "Give the file of an engine of your own with --import" in said
    said = tfstab_here(*search, "--import", tmp_path / "fade.py")
    assert said.returncode == 0 and "Noise was found for 2 of the 2 images" in said.stdout, said.stderr
    few = ("search", "--engine", "fade", "--images", 0, "--import", "fade.py", "--steps", 50, "--out", "few")
    assert tfstab_here(*few, cwd=tmp_path).returncode == 0 and open_run(tmp_path / "few").config.options.steps == 50
    shown = tfstab_here("search", f"--import={tmp_path / 'fade.py'}", "--help").stdout
    assert "--steps" in shown and "Settings of engine fade" in shown
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
    (tmp_path / "fading.py").write_text(FADE + "number = 3")
    info = tmp_path / "fading-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fading\nVersion: 1.0\n")
    points = "fade = fading:ENGINE\nbroken = fading:missing\nthree = fading:number\n"
    (info / "entry_points.txt").write_text(f"[{engines.GROUP}]\n{points}")
    monkeypatch.syspath_prepend(tmp_path)
    (result,) = search_minimum_noise(mnist_lenet, digits.take(1), config=SearchConfig(engine="fade", steps=50))
    assert result.found and result.queries - result.repair_queries == 51
    for name, said in (
        ("broken", "repair or remove that package"),
        ("three", "expected a tfstab.search.engine.Engine"),
    ):
        with pytest.raises(InputError, match=said):
            SearchConfig(engine=name)
    with pytest.raises(InputError, match="unknown setting 'stops'"):  # the broken ones are passed over
        SearchConfig(stops=3)
    assert {"fade", "pygad"} <= engines.engines().keys() and "broken" not in engines.engines()


@pytest.mark.parametrize(
    ("name", "said"), [("pygad", "is the name of an engine of tfstab"), ("My engine", "is no engine's name")]
)
def test_wrong_names_are_refused(name, said):
    with pytest.raises(InputError, match=said):
        register_engine(name, get_engine("random"))
    with pytest.raises(InputError, match=r"expected a tfstab\.search\.engine\.Engine"):
        register_engine("mine", print)
