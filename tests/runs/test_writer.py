"""A run folder is whole or not there, has one writer, and goes on only with what it was begun with."""

import json
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from tfstab import SweepConfig, open_run, run_sweep
from tfstab.errors import RunError
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.atomic import write_atomically
from tfstab.runs.files import checksum

CONFIG = SweepConfig(sigmas=(5, 40), copies=3)


@pytest.fixture(scope="module")
def whole(mnist_lenet, digits, tmp_path_factory):
    return run_sweep(mnist_lenet, digits.take(10), CONFIG, tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture
def run(whole, tmp_path):
    """A run that a test may change."""
    return open_run(shutil.copytree(whole.path, tmp_path / "run"))


def test_a_part_carries_its_checksum_and_nothing_temporary_is_left(run):
    assert run.complete and run.progress == (3, 3)
    assert all(path.stem.endswith(checksum(path)) for path in run.parts.values())
    assert {p.name for p in run.path.iterdir()} <= {"run.json", "clean.npz", "parts", "log.jsonl", "run.lock"}
    assert not list(run.path.glob("**/.*"))


def test_run_json_holds_no_times_and_names_what_scores_depend_on(run, mnist_lenet):
    info = json.loads((run.path / "run.json").read_text("utf-8"))
    assert info["model"]["fingerprint"] == mnist_lenet.fingerprint
    assert set(info["environment"]) == {"versions", "device", "instruction_set"}
    assert "time" not in json.dumps(info)


def test_a_damaged_part_is_found_and_made_again(run, mnist_lenet, digits):
    before = {name: path.read_bytes() for name, path in run.parts.items()}
    victim = next(iter(run.parts.values()))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    assert open_run(run.path).damaged() == [victim]
    again = run_sweep(mnist_lenet, digits.take(10), CONFIG, run.path)
    assert {name: path.read_bytes() for name, path in again.parts.items()} == before
    assert again.damaged() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"config": SweepConfig(sigmas=(5, 40, 60), copies=3)}, r"sigmas = \[5.0, 40.0\], not"),
        ({"config": SweepConfig(sigmas=(5, 40), copies=3, seed=1)}, "seed 0, not 1"),
    ],
)
def test_resuming_with_something_else_says_what_differs(run, mnist_lenet, digits, change, said):
    with pytest.raises(RunError, match=said):
        run_sweep(mnist_lenet, digits.take(change.get("take", 10)), change.get("config", CONFIG), run.path)


def test_resuming_with_another_model_is_refused(run, digits):
    from tfstab import Classifier, build_model

    other = Classifier(build_model("mnist-lenet", seed=5), name="mnist-lenet")
    with pytest.raises(RunError, match="another model"):
        run_sweep(other, digits.take(10), CONFIG, run.path)


def test_images_at_other_places_of_the_split_are_other_data(run, mnist_lenet, digits):
    same = digits.take(10)
    with pytest.raises(RunError, match="other data"):
        run_sweep(mnist_lenet, replace(same, indices=same.indices + 1), CONFIG, run.path)


def test_another_name_for_the_same_data_and_model_resumes(run, mnist_lenet, digits):
    from tfstab import Classifier

    renamed = Classifier(mnist_lenet.model, mnist_lenet.class_names, "renamed")
    assert run_sweep(renamed, replace(digits.take(10), name="folder:./digits"), CONFIG, run.path).complete


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"half")])
def test_lost_clean_images_are_written_again(run, mnist_lenet, digits, harm):
    before = (run.path / "clean.npz").read_bytes()
    harm(run.path / "clean.npz")
    (run.path / ".clean.npz.1.tmp").write_bytes(b"left by a kill")
    run_sweep(mnist_lenet, digits.take(10), CONFIG, run.path)
    assert (run.path / "clean.npz").read_bytes() == before
    assert not list(run.path.glob(".*"))


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has folders that can be synced")
def test_the_name_of_a_part_is_synced_before_it_is_logged(run, monkeypatch):
    seen, fsync = [], os.fsync

    def watching(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            seen.append({path.name for path in (run.path / "parts").iterdir()})
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watching)
    with RunWriter(run.path, run.info, run.clean) as writer:
        part = writer.write("class-00000-00099", "parquet", lambda path: path.write_bytes(b"whole"))
    assert part.name in seen[-1]


def test_another_process_writing_is_refused(run, mnist_lenet, digits):
    with FileLock(run.path / "run.lock"), pytest.raises(RunError, match="another process"):
        run_sweep(mnist_lenet, digits.take(10), CONFIG, run.path)


def test_a_folder_with_other_files_is_left_alone(mnist_lenet, digits, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(RunError, match=r"thesis\.txt"):
        run_sweep(mnist_lenet, digits.take(10), CONFIG, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["clean.npz", "clean.npy", "log.jsonl", "parts/.mine", "parts/mine.parquet"])
def test_a_users_own_file_with_a_name_of_a_runs_is_left_alone(whole, tmp_path, name):
    mine = tmp_path / "mine" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("precious")
    with (
        pytest.raises(RunError, match=f"holds {name} but no run.json"),
        RunWriter(tmp_path / "mine", whole.info, whole.clean),
    ):
        pass
    assert mine.read_text() == "precious"
    assert {p.name for p in (tmp_path / "mine").iterdir()} == {name.partition("/")[0]}


def test_hidden_files_that_no_writer_makes_stay(run):
    parts = run.path / "parts"
    kept = {".notes.tmp": run.path, ".notes.17.tmp": run.path, ".mine": parts, ".clean.npz": run.path}
    left = {
        ".run.json.17.tmp": run.path, ".clean.npz.17.tmp": run.path, "..class-00000-00099.parquet.17.tmp": parts,
        ".class-00000-00099.parquet": parts,
    }  # fmt: skip
    for name, folder in (kept | left).items():
        (folder / name).write_text("some")
    with RunWriter(run.path, run.info, run.clean):
        pass
    assert {path.name for path in run.path.glob("**/.*")} == set(kept)


class Failing:
    """Clean images on a disk that is full once this many of their files are written."""

    input_note = ""

    def __init__(self, clean, room):
        self.clean, self.room = clean, room

    def fingerprint(self, of_images):
        return self.clean.fingerprint(of_images)

    def files(self, data):
        def save(path):
            if self.room == 0:
                raise OSError(28, "No space left on device")
            self.room -= 1
            path.write_bytes(b"some")

        return {"clean.npy": save, "clean.npz": save}


@pytest.mark.parametrize("room", [0, 1])
def test_a_start_that_fails_removes_its_own_files_alone_and_keeps_the_lock_meanwhile(
    whole, tmp_path, room, monkeypatch
):
    held, unlink = [], Path.unlink

    def watching(path, missing_ok=False):
        if path.name in ("clean.npy", "clean.npz", "run.lock"):
            with pytest.raises(Timeout):
                FileLock(path.with_name("run.lock"), timeout=0).acquire()
            held.append(path.name)
        unlink(path, missing_ok)

    (tmp_path / "there").mkdir()
    (tmp_path / "there" / ".notes.tmp").write_text("precious")
    monkeypatch.setattr(Path, "unlink", watching)
    for folder in (tmp_path / "there", tmp_path / "new" / "run"):
        with pytest.raises(OSError, match="No space"), RunWriter(folder, whole.info, Failing(whole.clean, room)):
            pass
    assert held == 2 * ["clean.npz", "clean.npy", "run.lock"]
    assert [path.name for path in (tmp_path / "there").iterdir()] == [".notes.tmp"]
    assert not (tmp_path / "new" / "run").exists()


@pytest.mark.skipif(os.name != "posix", reason="only POSIX forks")
def test_a_start_that_was_killed_before_run_json_is_resumed(whole, tmp_path):
    def kill(path):
        os._exit(9)

    killed = tmp_path / "killed"
    child = os.fork()
    if not child:
        clean = CleanImages(whole.clean.images, whole.clean.class_index, whole.clean.indices, whole.clean.scores)
        writer = RunWriter(killed, whole.info, clean)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tfstab.runs.writer.write_json", lambda path, value: write_atomically(path, kill))
            writer.__enter__()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    (killed / ".run.json.17.tmp").write_text("half")
    assert {path.name for path in killed.iterdir()} == {"run.lock", "clean.npz", "parts", ".run.json.17.tmp"}
    with RunWriter(killed, whole.info, whole.clean):
        pass
    for name in ("run.json", "clean.npz"):
        assert (killed / name).read_bytes() == (whole.path / name).read_bytes()
    assert not list(killed.glob("**/.*"))


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has folders that can be synced")
def test_the_entry_of_a_new_run_folder_is_synced_in_its_parent(whole, tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def watching(descriptor):
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watching)
    with RunWriter(tmp_path / "new" / "run", whole.info, whole.clean):
        pass
    parents = [folder.stat().st_ino for folder in (tmp_path, tmp_path / "new", tmp_path / "new" / "run")]
    assert synced[:3] == parents


@pytest.mark.parametrize("content", ["", "{", "{}", '{"format": 1, "kind": "dance"}'])
def test_what_is_no_run_is_said_in_one_sentence(tmp_path, content):
    with pytest.raises(RunError, match="not a run folder"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(RunError) as error:
        open_run(tmp_path)
    assert "\n" not in str(error.value)


def test_a_run_of_a_newer_version_is_refused(run):
    path = run.path / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(RunError, match="newer tfstab"):
        open_run(run.path)


def test_no_part_is_written_when_its_writing_fails(run, mnist_lenet, digits):
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with RunWriter(run.path, run.info, run.clean) as writer, pytest.raises(OSError, match="No space"):
        writer.write("class-00000-00099", "parquet", fail)
    assert not [p for p in (run.path / "parts").iterdir() if "00099" in p.name]
