"""What pages show of stored output: blocks after `<!-- output: NAME -->`, where [...] stands for what is left out."""

import re

from results_store import read

# NAME is that of the file that store_output.py wrote.
SHOWN = re.compile(r"^<!-- output: ([\w-]+) -->\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BEGUN = re.compile(r"^<!-- output: ", re.MULTILINE)


def check_shown(text, where):
    """Check that a page shows what was printed; return the stored results by their names."""
    found, blocks = {}, SHOWN.findall(text)
    assert len(blocks) == len(BEGUN.findall(text)), f"{where}: an output comment without its text block"
    for name, shown in blocks:
        found[name] = read(name)
        printed, at = " ".join(found[name]["output"].split()), 0
        for part in shown.split("[...]"):
            words = " ".join(part.split())
            assert words in printed[at:], f"{where}: {words}"
            at = printed.index(words, at) + len(words)
    return found
