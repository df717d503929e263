"""Families of others: of an installed package, or registered by a script."""

import json
import py_compile
import runpy
import struct
import sys
from dataclasses import replace
from importlib.util import cache_from_source
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from processes import refused, tfstab_here
from tfstab import SweepConfig, limits, open_run
from tfstab.degradations import Degradation, degradation_names, get_degradation, register, registry, severity_ranges
from tfstab.degradations.directions import measured_one_way
from tfstab.degradations.registry import BUILT_IN, LACKING, OTHER_WORDS
from tfstab.errors import InputError, RunError
from tfstab.explanation.tried import opposite
from tfstab.parsing import parse_ranges

RAIN = '''
"""A package of somebody else's."""
import numpy as np
from tfstab.degradations import Degradation

def fall(x, drops, rng):
    x[:, rng.integers(0, x.shape[1], int(drops))] = 255
    return x

rain = Degradation("rain", "rain", "draws white streaks", fall, "drops", "a picture", (1, 3, 9), neutral=0, low=0,
                   high=1000, version="2.1", copies=5, whole=True)
'''

DRIZZLE = """from dataclasses import replace
from tfstab.degradations import get_degradation, register

def fall(image, density, rng):
    return image + density

register(replace(get_degradation('fog'), name='drizzle', function=fall))
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package with one module and entry points, as pip would: its files and their dist-info."""

    def make(module, source, **points):
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        lines = [f"{name} = {value}" for name, value in points.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{registry.GROUP}]", *lines, ""]))
        monkeypatch.syspath_prepend(tmp_path)

    yield make
    for name in ("weather", "broken"):
        sys.modules.pop(name, None)


def test_an_installed_package_adds_a_family(install):
    assert "rain" not in degradation_names()
    install("weather", RAIN, rain="weather:rain")
    rain = get_degradation("rain")
    assert degradation_names()[-1] == "rain" and isinstance(rain, Degradation)
    assert rain.identity["function"] == "weather:fall" and rain.identity["version"] == "2.1"
    wet = rain(np.zeros((5, 8, 1)), 3, np.random.default_rng(0))
    assert set(np.unique(wet)) == {0, 255} and (wet == wet[:1]).all()
    listed = tfstab_here("degradations").stdout
    assert "drops (a picture)" in listed and "draws white streaks" in listed and "JPEG file" in listed


def test_a_broken_package_is_named_and_spoils_no_other(install):
    points = {"hail": "broken:rain", "snow": "broken:number", "wind": "broken:missing"}
    install("broken", RAIN + "number = 3", **points)
    wrong = {"hail": "named 'hail'", "snow": "is 3; expected a Degradation", "wind": "cannot be loaded"}
    for name, said in wrong.items():
        with pytest.raises(InputError, match=f"entry point {name} = broken:.* of broken .*{said}"):
            get_degradation(name)
    listed = tfstab_here("degradations")
    assert listed.returncode == 0 and "jpeg" in listed.stdout and listed.stderr.count("note: the entry point") == 3
    assert not {*points} & {*degradation_names()}
    assert "repair or remove" in refused(tfstab_here("sweep", "--degradation", "wind"))


def test_a_script_registers_its_own():
    mine = replace(get_degradation("fog"), name="mist")
    assert register(mine) is mine and get_degradation("mist") is mine and "mist" in degradation_names()
    again = register(replace(mine, version="2"))
    assert get_degradation("mist") is again
    with pytest.raises(InputError, match="built-in"):
        register(get_degradation("fog"))


def test_a_file_of_ones_own_registers_one_for_the_command(tmp_path):
    (tmp_path / "drizzle.py").write_text(DRIZZLE)
    arguments = ("sweep", "--degradation", "drizzle", "--limit", 2, "--out", tmp_path / "run")
    said = refused(tfstab_here(*arguments))
    assert "unknown degradation 'drizzle': known: gaussian_noise, " in said and "one of your own, give the file" in said
    said = refused(tfstab_here(*arguments, "--import", tmp_path / "drizle.py"))
    assert "because there is no such file: did you mean 'drizzle.py'?" in said
    (tmp_path / "json.py").write_text("")
    assert "another module 'json'" in refused(tfstab_here(*arguments, "--import", tmp_path / "json.py"))
    said = tfstab_here(*arguments, "--import", tmp_path / "drizzle.py")
    assert said.returncode == 0 and open_run(tmp_path / "run").config.degradation.name == "drizzle", said.stderr


@pytest.fixture
def forget(monkeypatch):
    """Return a function that unloads a module and what it has registered, as if another process had begun."""

    def unload(module):
        sys.modules.pop(module, None)
        registry._registered.clear()

    monkeypatch.setattr(sys, "path", [*sys.path])
    yield unload
    unload("drizzle2")


def test_the_images_of_a_degradation_from_a_file_are_shown_without_naming_the_file_again(
    tmp_path, forget, mnist_lenet, monkeypatch
):
    file, run = tmp_path / "drizzle2.py", tmp_path / "run"
    file.write_text(DRIZZLE)
    sweep = ("sweep", "--degradation", "drizzle", "--images", "0:1", "--severities", "50", "--out", run)
    assert tfstab_here(*sweep, "--import", file).returncode == 0
    made = open_run(run).degraded_image(0, 0, 0)
    look = ("inspect", run, "--image", 0, "--out", tmp_path / "image.png")
    forget("drizzle2")
    shown = open_run(run)  # as by the viewer, which has no option
    assert np.array_equal(shown.degraded_image(0, 0, 0), made) and shown.degradation.name in degradation_names()
    forget("drizzle2")
    py_compile.compile(str(put(tmp_path / "other.py", "raise ValueError")), cached := cache_from_source(str(file)))
    Path(cached).write_bytes(Path(cached).read_bytes()[:8] + header_of(file) + Path(cached).read_bytes()[16:])
    assert tfstab_here(*look).returncode == 0, "byte code beside the file has no checksum and is not run"
    forget("drizzle2")
    (tmp_path / "first").mkdir()
    put(tmp_path / "first" / "drizzle2.py", "raise ValueError")
    with monkeypatch.context() as patched:
        patched.syspath_prepend(tmp_path / "first")
        assert "there is another module 'drizzle2'" in refused(tfstab_here(*look)), "which has not run"

    forget("drizzle2")
    file.write_text(DRIZZLE + "# changed\n")  # code that has never run is not run without being asked
    said = refused(tfstab_here(*look))
    assert f"'drizzle' is not loaded here ({file} has changed since the run was made): name the file" in said
    assert "drizzle" not in degradation_names() and "with --import drizzle2.py (in Python import the file)" in said
    late = open_run(run)
    assert tfstab_here(*look, "--import", file).returncode == 0
    assert np.array_equal(late.degraded_image(0, 0, 0), made), "a run that was opened before shows its images, too"
    forget("drizzle2")
    assert tfstab_here(*look).returncode == 0, "which is remembered"
    forget("drizzle2")
    assert tfstab_here("report", run, "--out", tmp_path / "report").returncode == 0
    assert "cannot be shown" not in (tmp_path / "report" / "report.html").read_text()

    forget("drizzle2")
    file.rename(tmp_path / "drizzle3.py")
    assert f"({file} is gone)" in refused(tfstab_here(*look))
    said = refused(tfstab_here(*look, "--import", tmp_path / "drizzle3.py"))
    assert "is the function drizzle3:fall here, and the run was made with drizzle2:fall" in said


def put(file, text):
    """Write a file and return it."""
    file.write_text(text)
    return file


def header_of(file):
    """Return what byte code says of its source: the time of its last change and its size."""
    found = file.stat()
    return struct.pack("<II", int(found.st_mtime), found.st_size)


def test_code_that_a_run_names_is_not_run(tmp_path, forget):
    """The run is someone else's: only the file's name is known, and nothing loads a file of that name."""
    (tmp_path / "strange.py").write_text(DRIZZLE)
    sys.path.append(str(tmp_path))
    family = {"version": "1", "function": "strange:fall", "title": "x", "parameter": "p", "unit": "", "neutral": 0}
    settings = {"degradation": "drizzle", "severities": [50], "copies": 1, "family": family}
    image, degradation = np.zeros((2, 2, 1)), SweepConfig.of_settings(settings, 0).degradation
    with pytest.raises(RunError, match="is not loaded here: name the file"):
        degradation(image, 50)
    assert "strange" not in sys.modules
    settings["family"] = family | {"function": "weather.rain:fall"}
    with pytest.raises(RunError, match=r"install its package, or load the module, as with `tfstab view --import weath"):
        SweepConfig.of_settings(settings, 0).degradation(image, 50)


@pytest.mark.parametrize(("function", "said"), [
    (lambda image, strength, rng: strength / 0,
     r"'mist' fails at density 10 \(ZeroDivisionError: .*, test_registry.py, line \d+\): fix its function"),
    (lambda image, strength, rng: sys.exit(3), r"'mist' fails at density 10 \(SystemExit: 3, test_registry.py, line"),
    (lambda image, strength, rng: image * np.nan, "made an image with NaN at density 10"),
    (lambda image, strength, rng: np.where(image == image.max(), np.nan, 0), "made an image with NaN at density 10"),
    (lambda image, strength, rng: "no image", "'mist' fails at density 10"),
    (lambda image, strength, rng: image[:1], r"made an image \(1, 2, 1\) of one \(2, 2, 1\)"),
])  # fmt: skip
def test_a_function_that_fails_is_named(function, said):
    mist = replace(get_degradation("fog"), name="mist", function=function)
    with pytest.raises(InputError, match=said):
        mist(np.arange(4.0).reshape(2, 2, 1), 10)


def test_a_second_file_with_the_same_name_is_said(tmp_path, monkeypatch, recwarn):
    monkeypatch.setattr(registry, "_registered", {})
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    for file in (first, second):
        file.write_text(DRIZZLE)
    for _ in range(2):  # a file may be imported again
        runpy.run_path(str(first), run_name="first")
    assert not recwarn.list
    with pytest.warns(
        UserWarning, match=r"'drizzle' is registered by \S*first.py and by \S*second.py; that of the latter"
    ):
        runpy.run_path(str(second), run_name="second")


def test_what_is_no_family_is_refused_when_it_is_made():
    fog = get_degradation("fog")
    for wrong, said in (
        ({"function": "fall"}, "the function of degradation 'fog' cannot be called"),
        ({"title": ""}, "degradation 'fog' has no title: give it one"),
        ({"parameter": " "}, "degradation 'fog' has no parameter: give it one"),
        ({"version": ""}, "degradation 'fog' has no version: give it one"),
        ({"version": 1}, r"version of degradation 'fog' is 1; expected a text, in quotes\."),
        ({"neutral": np.inf}, "has neutral inf, low 0 and high 100; expected three numbers"),
        ({"neutral": "0"}, "has neutral '0', low 0"),
        ({"unit": "<b>"}, "degradation 'fog' has '<b>' among its texts; expected plain words"),
        ({"unit": 5}, r"unit of degradation 'fog' is 5; expected a text, in quotes\."),
        ({"title": "a\nb"}, r"degradation 'fog' has 'a\\nb' among its texts; expected plain words"),
        ({"noun": "x" * 301}, "of at most 300 characters"),
        ({"copies": 0}, "the number of copies of degradation 'fog' is 0; expected a whole number from 1 to 32,767"),
        ({"copies": 2.5}, "the number of copies of degradation 'fog' is 2.5; expected"),
        ({"copies": 32_768}, "is 32768; expected a whole number from 1"),
        ({"digits": -1}, "the number of digits of degradation 'fog' is -1; expected"),
        ({"packages": "numpy"}, "packages of degradation 'fog' are 'numpy'; expected a tuple of names"),
        (
            {"severities": range(1, limits.MOST_SEVERITIES + 2)},
            "density of fog has 1,001 values; expected at most",
        ),
        ({"singular": "a b"}, "severities of degradation 'fog' are called 'a b' and"),
        ({"plural": "../x"}, "expected letters, digits and underscores"),
        ({"name": "Fog"}, "'Fog' is no degradation's name"),
        ({"name": "_"}, "'_' is no degradation's name"),
        ({"name": "dünn"}, "'dünn' is no degradation's name; expected at most 60 small letters from a to z"),
        ({"name": "x" * 61}, "expected at most 60 small letters"),
        ({"name": "search"}, "'search' cannot be a degradation's name"),
    ):
        with pytest.raises(InputError, match=said):
            replace(fog, **wrong)
    most = replace(fog, severities=np.linspace(1, 100, limits.MOST_SEVERITIES))
    assert len(most.severities) == limits.MOST_SEVERITIES and fog.identity["function"] == "tfstab"
    far = replace(fog, name="far", packages=("numpy", "not-installed-anywhere"))
    with pytest.raises(InputError, match="degradation 'far' needs the package not-installed-anywhere: install it"):
        far.package_versions  # noqa: B018
    assert list(replace(fog, packages=("numpy",)).package_versions.items()) == [("numpy", np.__version__)]


def test_grey_levels_that_are_not_clipped_are_finite():
    free = get_degradation("speckle").without_clipping()
    assert (free.title, free.noun, free.without_clipping()) == ("unclipped speckle noise", "", free)
    assert get_degradation("gaussian_noise").without_clipping().noun == "unclipped noise"
    spoilt = replace(free, function=lambda image, sigma, rng: np.where(image > 2, np.inf, -image))
    assert spoilt(np.full((2, 2, 1), 2.0), 0.1).tolist() == [[[-2.0]] * 2] * 2
    with pytest.raises(InputError, match=r"'speckle' made infinite grey levels at sigma 0\.1: choose weaker"):
        spoilt(np.arange(4.0).reshape(2, 2, 1), 0.1)


def test_random_numbers_that_nobody_gave_are_the_same_each_time():
    noise, grey = get_degradation("salt_and_pepper"), np.full((6, 6, 1), 128.0)
    for seed in (0, 1):
        same = np.array_equal(noise(grey, 20), noise(grey, 20, np.random.default_rng(seed)))
        assert same == (seed == 0)


@pytest.mark.parametrize(("name", "meant"), [("jpg", "jpeg"), ("Darkness", "underexposure"), ("shot_noise", "poisson")])
def test_an_unknown_name_gets_a_suggestion(name, meant):
    with pytest.raises(InputError, match=rf"unknown degradation '{name}': did you mean '{meant}'\?"):
        get_degradation(name)


def test_for_severities_behind_a_known_name_it_is_said_where_they_can_be_given():
    with pytest.raises(InputError) as e:
        get_degradation("jpeg@30:2")
    assert str(e.value) == (
        "degradation 'jpeg@30:2': severities cannot be given here; `tfstab sweep MODEL DATA --degradation jpeg "
        "--severities S,S,...` measures severities other than the default ones, and `tfstab harden --against "
        "jpeg@WEAKEST:STRONGEST` trains on them (in Python SweepConfig(degradation='jpeg', severities=[...]) and "
        "HardenConfig(against={'jpeg': (weakest, strongest)}))."
    )
    assert SweepConfig(degradation="jpeg", severities=[30, 2]).severities == (30, 2)
    assert [(part.weakest, part.strongest) for part in severity_ranges({"jpeg": (30, 2)})] == [(30, 2)]
    assert severity_ranges(parse_ranges("jpeg@30:2", "--against")) == severity_ranges({"jpeg": (30, 2)})
    with pytest.raises(InputError, match="unknown degradation 'jpegs@30:2'"):
        get_degradation("jpegs@30:2")


def test_every_family_that_inspect_tries_in_both_directions_is_named_if_it_was_measured_in_one_only():
    families = [get_degradation(name) for name in BUILT_IN]
    both = [family for family in families if opposite(family)]
    for severities, way in ((lambda family: family.severities, "less light"), (opposite, "more light")):
        named = measured_one_way([(family, severities(family)) for family in families if severities(family)])
        assert [name.partition(" (")[0] for name in named] == [family.title for family in both]
        assert f"underexposure ({way})" in named
        clockwise = severities is opposite
        assert f"rotation ({'' if clockwise else 'counter-'}clockwise, up to 45 degrees)" in named
    rotation = get_degradation("rotation")
    assert measured_one_way([(rotation, (45, 90))]) == ("rotation (counter-clockwise)",)
    own = Degradation("dose", "dose", "doses", lambda x, dose, rng: x + dose, parameter="dose", unit="",
                      severities=(1, 2), neutral=0, low=-9, high=9, version="1")  # fmt: skip
    assert measured_one_way([(own, (-1, -2))]) == ("dose (dose below 0)",) and not measured_one_way([(own, (-1, 1))])
    assert not measured_one_way([(replace(own, about=""), (1, 2))]), "as if its package were missing"


def test_other_words_lead_to_families_and_are_none_of_their_names():
    words = [word for several in OTHER_WORDS.values() for word in several]
    assert set(OTHER_WORDS) <= set(degradation_names()) and not set(words) & set(degradation_names())
    assert len(set(words)) == len(words)
    assert not set(LACKING) & {*words, *degradation_names()}


def test_for_what_tfstab_lacks_no_similar_spelling_is_proposed():
    with pytest.raises(
        InputError, match=r"'Rain': tfstab has none like it. Known: gaussian_noise, .* own-degradation"
    ) as e:
        get_degradation("Rain")
    assert "did you mean" not in str(e.value)


def test_a_word_of_what_tfstab_lacks_within_a_name_is_enough_unless_an_own_one_is_like_it(monkeypatch):
    with pytest.raises(InputError, match=r"'lens_rain': tfstab has none like it. .* with --import"):
        get_degradation("lens_rain")
    monkeypatch.setattr(registry, "_registered", {"lens_rain": replace(get_degradation("fog"), name="lens_rain")})
    for typed in ("rain", "lens_rains"):
        with pytest.raises(InputError, match=rf"'{typed}': did you mean 'lens_rain'\?"):
            get_degradation(typed)


def test_the_command_draws_an_image_under_all_of_them(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 20, 16, 3), np.uint8)
    np.savez(tmp_path / "few.npz", images=images, labels=np.arange(3))
    draw = ("degradations", "--data", tmp_path / "few.npz", "--picture")
    said = tfstab_here(*draw, tmp_path / "all.png", "--image", 2)
    assert said.returncode == 0, said.stderr
    with Image.open(tmp_path / "all.png") as picture:
        assert min(picture.size) > 900 and len(np.unique(np.asarray(picture.convert("L")))) > 50
    assert "is not a figure's name" in refused(tfstab_here(*draw, tmp_path / "all.txt"))
    said = refused(tfstab_here(*draw, tmp_path / "none.png", "--image", 3))
    assert "have indices from 0 to 2" in said and not (tmp_path / "none.png").exists()
    told = json.loads(tfstab_here("degradations", "--json").stdout)
    assert [family["name"] for family in told] == degradation_names() and told[0]["severities"][0] == 1
