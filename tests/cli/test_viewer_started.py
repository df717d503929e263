"""`tfstab view` starts the viewer where there is a display, ends with it, and makes an entry for it in the menu."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from processes import refused, tfstab_here
from tfstab.cli import desktop_entry, view
from tfstab.errors import InputError


def test_the_viewer_needs_a_display_and_runs(runs, monkeypatch, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if view.sys.platform.startswith("linux"):
        assert not view.has_display()
        assert "there is no display here" in refused(tfstab_here("view", runs / "search"))
    assert "is not a run folder" in refused(tfstab_here("view", tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.setenv(name, ":1")
        assert view.has_display()
        monkeypatch.delenv(name)
    command = view.viewer_command([Path("a b")])
    assert command[1:] == ["-P", "-m", "tfstab.gui", "a b"]
    monkeypatch.setenv("DISPLAY", ":1")
    monkeypatch.setattr(view, "viewer_command", lambda runs, _: [shutil.which("sh"), "-c", f"exit {3 + len(runs)}"])
    assert tfstab_here("view", runs / "search").returncode == 4
    monkeypatch.setattr(view, "viewer_command", lambda runs, imports: [shutil.which("sh"), "-c", "kill -ABRT $$"])
    assert "tfstab guide install" in refused(tfstab_here("view", runs / "search"))
    monkeypatch.setattr(view, "viewer_command", lambda runs, _: [shutil.which("sh"), "-c", f"exit {3 + len(runs)}"])
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("{")
    opened = tfstab_here("view", runs / "search", tmp_path / "damaged", runs / "sweep")
    assert opened.returncode == 5 and str(tmp_path / "damaged") in opened.stderr
    info = json.loads((runs / "search" / "run.json").read_text())
    for name in ("why", "why-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(json.dumps({**info, "kind": "explanation"}))
    alone = refused(tfstab_here("view", tmp_path / "why"))
    opened = tfstab_here("view", runs / "search", tmp_path / "why")
    assert opened.returncode == 4 and f"tfstab: {opened.stderr.strip()}" == alone and str(tmp_path / "why") in alone
    opened = tfstab_here("view", runs / "search", tmp_path / "why", tmp_path / "why-2")
    assert opened.returncode == 4 and opened.stderr.startswith("2 explanations are not listed")


@pytest.mark.parametrize(("name", "code"), [("TERM", 143), ("HUP", 129), ("INT", 130)])
def test_a_signal_that_ends_the_command_ends_the_viewer(runs, monkeypatch, tmp_path, name, code):
    number = signal.Signals[f"SIG{name}"]
    heard = signal.signal(number, signal.default_int_handler if name == "INT" else signal.SIG_DFL)
    try:
        monkeypatch.setenv("DISPLAY", ":1")
        script = f"echo $$ > {tmp_path}/viewer; kill -{name} $PPID; exec sleep 60"
        monkeypatch.setattr(view, "viewer_command", lambda runs, imports: [shutil.which("sh"), "-c", script])
        assert tfstab_here("view", runs / "search").returncode == code
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "viewer").read_text()), 0)
        assert signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler), "as before"
    finally:
        signal.signal(number, heard)


@pytest.mark.parametrize(
    ("word", "quoted"),
    [("plain/path-1", "plain/path-1"), ("a b", '"a b"'), ("50%", "50%%"), ("$x", '"\\\\$x"'), ('a"b', '"a\\\\"b"'),
     ("a\\b", '"a\\\\\\\\b"')],
)  # fmt: skip
def test_words_of_a_desktop_entry(word, quoted):
    assert desktop_entry._quoted(word) == quoted


def test_the_desktop_entry_is_written_for_this_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    said = tfstab_here("view", "--install-desktop-entry")
    entry = tmp_path / "applications" / "tfstab-viewer.desktop"
    icon = tmp_path / "icons" / "hicolor" / "scalable" / "apps" / "tfstab-viewer.svg"
    assert said.stdout.split() == ["written:", str(entry), "written:", str(icon)]
    assert icon.read_text().lstrip().startswith("<") and f"Exec={desktop_entry._command()}" in entry.read_text()
    monkeypatch.setattr(desktop_entry.sys, "platform", "darwin")
    with pytest.raises(InputError, match="desktop entries are Linux's"):
        desktop_entry.install_desktop_entry()
