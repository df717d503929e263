"""Downloads, against a real server on this machine: checked, resumed, and explained when they fail."""

import gzip
import hashlib
import http.server
import re
import socket
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tfstab import load_dataset
from tfstab.datasets import cifar10, gtsrb, mnist
from tfstab.errors import DataError, DiskError

rng = np.random.default_rng(0)
IMAGES = rng.integers(0, 256, (2000, 28, 28), np.uint8)  # 1.6 MB, some of the pieces that a download comes in
LABELS = rng.integers(0, 10, 2000)


class Handler(http.server.BaseHTTPRequestHandler):
    """One file, with ranges as real hosts serve them; breaks off after `server.breaks_after` bytes."""

    def do_GET(self):
        server, body = self.server, self.server.body
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")) if server.knows_ranges else None
        start = int(asked[1]) if asked else 0
        server.requests.append((self.headers.get("Range"), start))
        server.asked.release()
        server.go.wait(30)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(gzip.compress(body, 1))
            return
        if start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        stop, server.breaks_after = server.breaks_after, None
        sent = body[start : stop and start + stop]
        self.wfile.write(sent)
        server.sent.append(len(sent))

    def log_message(self, *_):
        pass


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A server of an mnist.npz, which `load_dataset("mnist")` is made to use."""
    np.savez(tmp_path / "made.npz", x_test=IMAGES, y_test=LABELS)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.body = (tmp_path / "made.npz").read_bytes()
    server.knows_ranges, server.breaks_after, server.requests, server.sent = True, None, [], []
    server.asked, server.go = threading.Semaphore(0), threading.Event()  # requests that came; whether to answer them
    server.go.set()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    url = f"http://127.0.0.1:{server.server_port}/mnist.npz"
    checksum = "sha256:" + hashlib.sha256(server.body).hexdigest()
    monkeypatch.setattr(mnist, "ARCHIVE", replace(mnist.ARCHIVE, url=url, checksum=checksum))
    folder = tmp_path / "data" / "new"
    yield SimpleNamespace(server=server, folder=folder, url=url, load=lambda: load_dataset("mnist", "test", folder))
    server.shutdown()
    server.server_close()


def test_a_folder_here_with_the_name_of_a_data_set_is_pointed_out(host, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(IMAGES[0]).save(tmp_path / "made-up.png")
    (tmp_path / "mnist" / "test" / "4").mkdir(parents=True)
    with warnings.catch_warnings(action="error"):
        assert len(host.load()) == len(IMAGES), "a folder without images is not meant"
    (tmp_path / "made-up.png").rename(tmp_path / "mnist" / "test" / "4" / "one.png")
    said = (
        "mnist is read as the official data set, not as the folder mnist that is here; for the folder, write ./mnist."
    )
    with pytest.warns(UserWarning, match=re.escape(said)) as warned:
        assert len(host.load()) == len(IMAGES)
    assert [Path(each.filename) for each in warned] == [Path(__file__)]
    (host.folder / "mnist.npz").unlink()
    host.server.body = b"another file"
    with (
        pytest.warns(UserWarning, match="write ./mnist"),
        pytest.raises(DataError, match=f"^{re.escape(said)} mnist.npz is not in "),
    ):
        host.load()
    with warnings.catch_warnings(action="error"):
        for own in ("./mnist", "folder:mnist", Path("mnist")):
            assert len(load_dataset(own)) == 1


def test_a_missing_file_is_downloaded_once_and_kept(host):
    np.testing.assert_array_equal(host.load().images[..., 0], IMAGES)
    assert [p.name for p in host.folder.iterdir()] == ["mnist.npz"]
    assert host.load().note == "a copy of MNIST that is not the official set"
    assert len(host.server.requests) == 1


def test_an_interrupted_download_goes_on_where_it_stopped(host):
    size = len(host.server.body)
    host.server.breaks_after = size // 2
    with pytest.raises(DataError, match="the download failed"):
        host.load()
    (partial,) = host.folder.iterdir()
    have = partial.stat().st_size
    assert partial.name == "mnist.npz.part" and 0 < have <= size // 2
    np.testing.assert_array_equal(host.load().labels, LABELS)
    assert host.server.requests == [(None, 0), (f"bytes={have}-", have)]
    assert host.server.sent == [size // 2, size - have]
    assert [p.name for p in host.folder.iterdir()] == ["mnist.npz"]


def test_two_downloads_of_a_file_are_one(host, capfd):
    """The second waits for the first, rather than write to the same .part file."""
    host.server.go.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(host.load)
        assert host.server.asked.acquire(timeout=200)
        second = pool.submit(host.load)
        assert not host.server.asked.acquire(timeout=0.5), "the second asked too"
        host.server.go.set()
        for loaded in (first, second):
            np.testing.assert_array_equal(loaded.result().labels, LABELS)
    assert len(host.server.requests) == 1
    assert "waiting for another process that is downloading mnist.npz" in capfd.readouterr().err
    assert [p.name for p in host.folder.iterdir()] == ["mnist.npz"]


def test_a_full_disk_is_not_taken_for_a_failed_download(host, small_disk):
    (small_disk / "filler").write_bytes(bytes(3 << 20))
    with pytest.raises(DiskError, match=r"mnist\.npz cannot be written, the disk is full .*: free some space"):
        load_dataset("mnist", "test", small_disk / "data")
    (small_disk / "filler").unlink()
    np.testing.assert_array_equal(load_dataset("mnist", "test", small_disk / "data").labels, LABELS)


def test_a_host_without_ranges_sends_all_again(host):
    host.server.breaks_after, host.server.knows_ranges = len(host.server.body) // 2, False
    with pytest.raises(DataError):
        host.load()
    np.testing.assert_array_equal(host.load().images[..., 0], IMAGES)
    assert host.server.requests[1][0] is not None and host.server.sent[1] == len(host.server.body)


def test_a_whole_part_that_was_not_yet_renamed_is_used(host):
    host.folder.mkdir(parents=True)
    (host.folder / "mnist.npz.part").write_bytes(host.server.body)
    np.testing.assert_array_equal(host.load().images[..., 0], IMAGES)
    assert host.server.sent == []


@pytest.mark.parametrize("partial", [b"", b"another file's beginning" * 1000])
def test_a_wrong_checksum_leaves_nothing_behind(host, partial):
    host.folder.mkdir(parents=True)
    if partial:
        (host.folder / "mnist.npz.part").write_bytes(partial)
    else:
        host.server.body = host.server.body[:-1] + b"?"
    with pytest.raises(DataError, match="its checksum is wrong: get it from"):
        host.load()
    assert list(host.folder.iterdir()) == []


def test_progress_is_shown_on_stderr_of_a_terminal_alone(host, monkeypatch, capfd):
    host.load()
    assert capfd.readouterr().out == ""
    (host.folder / "mnist.npz").unlink()
    monkeypatch.setenv("FORCE_COLOR", "1")
    host.load()
    shown = capfd.readouterr()
    assert "mnist.npz" in shown.err and "1.6" in shown.err and shown.out == ""


def test_a_folder_that_cannot_be_made_is_named(host, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"file/data"):
        load_dataset("mnist", "test", tmp_path / "file" / "data")


def test_a_file_the_host_does_not_have_is_explained(host, monkeypatch):
    monkeypatch.setattr(Handler, "do_GET", lambda self: self.send_error(404))
    with pytest.raises(DataError, match="the download failed"):
        host.load()
    assert list(host.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "split", "module", "constant"),
    [
        ("mnist", "train", mnist, "ARCHIVE"),
        ("cifar10", "test", cifar10, "ARCHIVE"),
        ("gtsrb", "train", gtsrb, "TRAIN"),
        ("gtsrb", "test", gtsrb, "TEST"),
    ],
)
def test_offline_one_sentence_names_the_file_its_address_and_the_folder(
    name, split, module, constant, tmp_path, monkeypatch
):
    with socket.socket() as closed:  # bound but not listening: connections are refused
        closed.bind(("127.0.0.1", 0))
        archive = getattr(module, constant)
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/{archive.filename}"
        monkeypatch.setattr(module, constant, replace(archive, url=url))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setenv("TFSTAB_DATA", str(tmp_path))
        with pytest.raises(DataError) as refusal:
            load_dataset(name, split)
    text = str(refusal.value)
    assert all(part in text for part in (archive.filename, url, str(tmp_path), "TFSTAB_DATA"))
    assert "\n" not in text and text.endswith(".")
    assert list(tmp_path.iterdir()) == []
