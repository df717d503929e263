"""The command `tfstab assess`, with a Keras model and images in files."""

import html
import json
import shlex
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from assessment_runs import LEVELS, PLENTY

import tfstab
from processes import refused, tfstab_here
from tfstab.degradations.alone import applied_alone
from tfstab.orders.model_of_run import model_of_run


def test_the_command_assesses_a_keras_model_and_checks_requirements(squares, tmp_path, monkeypatch):
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.layers.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Rescaling(1 / 16),
        keras.layers.Dense(1, use_bias=False, kernel_initializer="ones"),
        keras.layers.Dense(3, kernel_initializer=keras.initializers.Constant(np.array([[-8.0, 0.0, 8.0]]) / 80)),
    ])  # fmt: skip
    model.layers[-1].set_weights([np.array([[-1.0, 0.0, 1.0]]) / 8, np.array([80 / 8, 0.0, -160 / 8])])
    model.save(tmp_path / "my.keras")
    np.savez(tmp_path / "squares.npz", images=squares.images, labels=squares.labels)
    command = ["assess", "my.keras", "squares.npz", "--minutes", PLENTY, "--out", "mine"]
    command += ["--degradation", "fog,jpeg", "--json", "--junit", "mine/new/r.xml"]
    command += ["--require", "jpeg:30", "--require", "clean:99"]
    command += ["--require", "recall 1:2", "--require", "accuracy jpeg@50:2"]
    result = tfstab_here(*command, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    record = json.loads(result.stdout)
    assert [o["status"] for o in record["requirements"]] == ["met", "missed", "met", "met"]
    assert record["seconds"] < 60 * PLENTY / 2, "all images have been used, and all is decided"
    assert "my: 4 x 4 x 1, 3 outputs" in result.stderr and "clean accuracy: 83 %" in result.stderr
    search = tfstab.open_assessment(tmp_path / "mine").figures.search
    assert search.config.engine == "boundary" and all(found.found for found in search)
    assert "<failure" in (tmp_path / "mine/new/r.xml").read_text("utf-8")
    page = (tmp_path / "mine/report.html").read_text("utf-8")
    assert '<a href="#next">what to do next</a>' in page
    assert "Why noise changes predictions" not in page, "noise was left out"
    harden = "tfstab harden my.keras squares.npz --train=TRAINING_IMAGES --degradation=fog,jpeg"
    assert f"<code>{harden}</code>" in page
    advice = page.split("What to do next</h2>")[1]
    assert (
        page.count("All of them: tfstab inspect mine</p>") == advice.count("All of them: tfstab inspect mine</p>") == 1
    )
    files = tmp_path / "my.keras", tmp_path / "squares.npz"
    options = {"minutes": 0.01, "degradations": ["fog", "jpeg"], "search": False}
    made = tfstab.assess(*files, out=tmp_path / "mine", **options)
    assert made.figures.search is not None and not made.unsearched, "what was searched before is kept"
    assert str(made) == f"{made.summary()}\n\n{applied_alone()}\n\nNext: " + "\n      ".join(made.next_steps)
    assert "<p>Next: <code>" in made._repr_html_()
    steps = " ".join(made.next_steps)
    assert f"tfstab harden {files[0]} {files[1]} --train=TRAINING_IMAGES --degradation=fog,jpeg" in steps
    wider = tfstab.assess(*files, out=tmp_path / "mine", **options | {"degradations": ["gamma"]})
    assert "--degradation" not in " ".join(wider.next_steps), "the folder has others too"
    assert {run.info["data"]["name"] for run in wider.runs} == {"squares.npz"}, "as at first, without its folder"
    named = tmp_path / "named.npz"
    labels = np.arange(30) % 3
    grey = np.tile(LEVELS[labels, None, None, None], (1, 4, 4, 1)).astype(np.uint8)
    np.savez(named, images=grey, labels=labels, class_names=["low", "middle", "high"])
    files = files[0], named
    alone = ["assess", *files, "--minutes", 0.05, "--out", "alone", "--degradation", "fog", "--no-search"]
    result = tfstab_here(*alone, cwd=tmp_path)
    said = "The minimum noise was not searched for, because of --no-search"
    assert said in result.stdout and said in (tmp_path / "alone/report.html").read_text("utf-8"), result.stderr
    line = 'write {"class_names": ["low", "middle", "high"]} into my.json beside the model.'
    assert line in result.stdout and line in html.unescape((tmp_path / "alone/report.html").read_text("utf-8"))
    assert not (tmp_path / "alone/search").exists()
    made = tfstab.assess(*files, out=tmp_path / "alone", **options | {"minutes": PLENTY, "search": True})
    assert made.figures.search is not None and said not in str(made)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--quick", "--minutes", 2], "--quick and --minutes were both given"), (["--minutes", "-1"], "minutes is -1"),
     (["--require", "rain:50"], "rain"), (["--require", "fog:50", "--degradation", "jpeg"], "fog, which is not swept"),
     (["--junit", "r.xml"], "--junit was given without --require"), (["none.keras"], "none.keras"),
     (["--junit", ".", "--require", "fog:5"], "which is a folder; expected a file, such as junit.xml"),
     (["--junit", "/dev/null/r.xml", "--require", "fog:5"], "but /dev/null is no folder"),
     (["--minutes", "1e9"], "above 0 and at most 525,600.")],
)  # fmt: skip
def test_wrong_use_of_the_command_is_one_sentence(arguments, sentence, tmp_path):
    assert sentence in refused(tfstab_here("assess", *arguments, cwd=tmp_path))
    assert not list(tmp_path.iterdir())


NOTE = "use --preprocess unit --classes 0,2,1"


@pytest.fixture(scope="module")
def misfed(tmp_path_factory):
    """A Keras model in a folder with images that it is fed in the wrong form and order of classes, once assessed."""
    import keras

    folder = tmp_path_factory.mktemp("misfed")
    keras.Sequential([
        keras.layers.Input((4, 4, 1)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3),
    ]).save(folder / "my.keras")  # fmt: skip
    model = keras.saving.load_model(folder / "my.keras")
    # The logits are -(x - level)^2 without the term that all share; outputs 1 and 2 are exchanged.
    levels = LEVELS[[0, 2, 1]] / 255
    model.layers[-1].set_weights([100 * levels[None], -50 * levels**2])
    model.save(folder / "my.keras")
    random = np.random.default_rng(0)
    images = np.clip(LEVELS[np.arange(90) % 3, None, None, None] + random.normal(0, 20, (90, 4, 4, 1)), 0, 255)
    labels, names = np.arange(90) % 3, ["0", "1", "2"]  # with names, as --classes does not move labels that have none
    np.savez(folder / "squares.npz", images=images.astype(np.uint8), labels=labels, class_names=names)
    return folder, assessed(folder), assessed(folder, "--as-is")


def assessed(folder, *options):
    """The result of the command."""
    command = ["assess", "my.keras", "squares.npz", "--outputs", "logits", "--out", "mine", "--degradation", "jpeg"]
    command.append("--no-search")  # which would take most of the time
    return tfstab_here(*command, "--minutes", 0.2, "--require", "clean:90", "--junit", "r.xml", *options, cwd=folder)


def test_an_assessment_stops_if_inputs_and_classes_are_wrong_and_goes_on_if_it_is_told_to(misfed):
    folder, stopped, first = misfed
    assert stopped.returncode == 2 and not stopped.stdout and stopped.stderr.count(NOTE) == 1
    lasting = 'write {"form": {"preprocess": "unit", "outputs": "logits"}, "class_names": ["0", "2", "1"]} into my.json'
    lasting += " beside the model."
    assert stopped.stderr.endswith(f"{lasting} To measure the model anyway, add --as-is (in Python as_is=True).\n")
    assert first.stderr.count(lasting) == 1, "the note of an assessment that goes on has the line, too"
    record = json.loads((folder / "mine/assessment.json").read_text("utf-8"))
    finding = record["verdict"]["findings"][0]
    assert NOTE in record["input_note"] and first.stderr.count(NOTE) == 1
    assert finding["kind"] == "inputs" and finding["level"] == "bad" and record["input_note"] in finding["text"]
    page = (folder / "mine/report.html").read_text("utf-8")
    assert NOTE in page.split('<p class="warning">')[1].split("</p>")[0] and page.count(NOTE) == 1
    assert first.stdout.lstrip().startswith(finding["text"])
    assert first.returncode == 1 and first.stdout.count(NOTE) == 1
    opened = tfstab.open_assessment(folder / "mine")
    assert NOTE in opened.verdict.findings[0].text and NOTE in opened.check(["clean:10"])[0].note
    assert NOTE in ElementTree.parse(folder / "r.xml").findtext(".//testcase/system-err")
    assert "so this may say little about the model." in first.stdout


def next_lines(result):
    """The next commands that the command printed."""
    return [" ".join(line.split()) for line in result.stdout.partition("\nnext:")[2].splitlines() if " # " in line]


ADVISED = (
    "tfstab assess my.keras squares.npz --minutes=0.2 --degradation=jpeg --no-search --preprocess=unit "
    "--outputs=logits --classes=0,2,1 --require=clean:90 # the model seems to expect inputs 0..1, and its outputs "
    "seem to mean other classes"
)


def test_inputs_and_classes_that_seem_wrong_lead_to_the_same_command_with_the_advised_options_alone(misfed, tmp_path):
    folder, _, first = misfed
    assert next_lines(first) == [ADVISED]
    assert ADVISED.partition(" #")[0].replace("tfstab", "<code>tfstab") in (folder / "mine/report.html").read_text()
    again = tfstab_here(*shlex.split(ADVISED, comments=True)[1:], cwd=shutil.copytree(folder, tmp_path / "copy"))
    assert again.returncode == 0 and "clean:90 is met" in again.stdout
    assert next_lines(again)[-1].startswith("tfstab harden my.keras squares.npz"), "the others follow"
    (tmp_path / "copy/my.json").write_text('{"form": {"preprocess": "unit", "outputs": "logits"}}')
    moved = ADVISED.replace("--preprocess=unit --outputs=logits ", "")
    went_on = tfstab_here(*shlex.split(moved, comments=True)[1:], cwd=tmp_path / "copy")
    assert "continues the assessment in runs" in went_on.stderr, "the model is read in the same way"


def test_the_advised_form_replaces_the_one_that_the_file_beside_the_model_states(misfed, tmp_path, monkeypatch):
    """The run keeps the form that was advised: `inspect --why` loads the model with it, whatever the file says."""
    import keras

    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3)])
    model.layers[-1].set_weights([LEVELS[None] / 800, -(LEVELS**2) / 1600])  # right for grey levels 0..255
    model.save("my.keras")
    shutil.copy(misfed[0] / "squares.npz", ".")
    Path("my.json").write_text('{"form": {"preprocess": "unit", "outputs": "logits"}}')
    options = {"minutes": 0.1, "degradations": ["jpeg"], "search": False, "as_is": True}
    with pytest.warns(UserWarning, match="Use --preprocess none"):
        (advised,) = tfstab.assess("my.keras", "squares.npz", **options).next_steps
    assert " --preprocess=none " in advised
    again = tfstab_here(*shlex.split(advised, comments=True)[1:])
    assert again.returncode == 0 and "my: 4 x 4 x 1, 3 outputs, logits, grey levels 0..255" in again.stderr
    assert "--preprocess" not in again.stderr and "clean accuracy: 100 %" in again.stderr
    assert all("--preprocess=none" in line for line in next_lines(again) if "inspect" not in line)
    (run,) = tfstab.open_assessment("runs/assess-my-squares-logits").runs
    assert model_of_run(run.info).load().fingerprint == run.info["model"]["fingerprint"]


@pytest.mark.parametrize("kept", [True, False])
def test_an_assessment_that_is_continued_says_so_too(misfed, kept, tmp_path):
    folder = shutil.copytree(misfed[0], tmp_path / "copy")
    if not kept:  # as after a kill
        (folder / "mine/assessment.json").unlink()
    again = assessed(folder)
    assert "\ncontinues the assessment in mine\n" in again.stderr and "continues" not in misfed[2].stderr
    assert (NOTE in again.stderr) == (not kept)  # checked again only where that is not recorded
    assert again.stdout.count(NOTE) == 1 and next_lines(again) == [ADVISED]
    tfstab_here("report", "mine", cwd=folder)
    assert NOTE in (folder / "report/report.html").read_text("utf-8").split('<p class="warning">')[1]
    assert NOTE in json.loads((folder / "mine/assessment.json").read_text("utf-8"))["input_note"]
