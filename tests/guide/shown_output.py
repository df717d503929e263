"""What pages show of stored output: blocks after `<!-- output: NAME -->`, where [...] stands for what is left out."""

import json
import re
from importlib.resources import files

# The file is `results/NAME.json`, which tests/guide/store_output.py writes.
SHOWN = re.compile(r"^<!-- output: ([\w-]+) -->\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def check_shown(text, where):
    """Check that a page shows what was printed; return the stored results by their names."""
    found = {}
    for name, shown in SHOWN.findall(text):
        path = files("tfstab.resources.guide") / "results" / f"{name}.json"
        found[name] = stored = json.loads(path.read_text("utf-8"))
        assert {"command", "commit", "date", "machine", "versions"} <= stored.keys()
        printed, at = " ".join(stored["output"].split()), 0
        for part in shown.split("[...]"):
            words = " ".join(part.split())
            assert words in printed[at:], f"{where}: {words}"
            at = printed.index(words, at) + len(words)
    return found
