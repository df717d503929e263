"""Each kind of run that the library has is whole in the viewer."""

from pathlib import Path

from numpy_runs import classifier, dataset

import tfstab.gui.kinds
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.gui.jobs.watching import Watch
from tfstab.gui.kinds import KINDS
from tfstab.gui.opening import open_folder
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.jobs.kind_settings import KindSettings
from tfstab.gui.widgets.run_page import RunPage
from tfstab.runs import kinds


def test_each_kind_has_its_classes():
    assert [*KINDS] == [name for name, kind in kinds.KINDS.items() if not kind.elsewhere]
    bases = {"watch": Watch, "session": Session, "page": RunPage, "settings": KindSettings}
    for name, kind in KINDS.items():
        assert kind.name == name
        for part, base in bases.items():
            assert issubclass(kind.load(part), base)


def test_a_run_that_is_read_elsewhere_is_refused_with_where(tmp_path):
    config = ExplanationConfig(copies=2, max_queries=100, only=("copies",))
    run = run_explanation(classifier(), dataset(2), config, tmp_path / "why")
    said = str(open_folder(run.path))
    assert said.startswith(f"{run.path} is an explanation: see the tab Why of an assessment") and "\n" not in said


def test_kinds_are_named_in_their_tables_alone():
    """A third kind is an entry in the library's table and one in the viewer's, and nothing asks for its name."""
    root = Path(tfstab.gui.kinds.__file__).parent
    asking = [path for path in root.rglob("*.py") for name in KINDS if f'== "{name}"' in path.read_text("utf-8")]
    assert asking == []
