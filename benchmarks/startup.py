"""Start-up: each command, warm, against an empty Typer program in the same environment, and first runs that compile.

Prints the median of the ratios of their times by the clock over interleaved pairs, so that whatever else the machine
does falls on both alike.

    python benchmarks/startup.py [PAIRS]
"""

from __future__ import annotations

import os
import pty
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EMPTY = """import typer
app = typer.Typer()
@app.command()
def main(name: str) -> None:
    print(name)
app()
"""
MESOREF = str(Path(sys.executable).with_name("mesoref"))
CASES = {
    "--version": (1.1, [MESOREF, "--version"], False),
    "--help": (1.2, [MESOREF, "--help"], False),
    "list -f json": (1.3, [MESOREF, "list", "-f", "json"], False),
    "search -f json": (1.3, [MESOREF, "search", "measles", "-f", "json"], False),
    "completion of an id": (1.3, [MESOREF], False),
    "show car-t | cat": (1.3, [MESOREF, "show", "car-t"], False),
    "compare virotherapy suicide-gene | cat": (1.3, [MESOREF, "compare", "virotherapy", "suicide-gene"], False),
    "list (terminal)": (1.9, [MESOREF, "list"], True),
    "show car-t (terminal)": (1.9, [MESOREF, "show", "car-t"], True),
    "compare (terminal)": (1.9, [MESOREF, "compare", "virotherapy", "suicide-gene"], True),
}
PEERS = {"tldr --version": ["tldr", "--version"], "sqlite-utils --version": ["sqlite-utils", "--version"],
         "civicpy --help": ["civicpy", "--help"]}
DATA = Path(__file__).parents[1] / "data"
FIRST = "first run after a change: "
COMPLETION = {"_MESOREF_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "mesoref show car"}


def seconds(command: list[str], env: dict[str, str], terminal: bool) -> float:
    """Wall time of one run; its output is read and dropped."""
    begun = time.perf_counter()
    if terminal:
        master, slave = pty.openpty()
        with subprocess.Popen(command, env=env, stdin=slave, stdout=slave, stderr=slave) as process:
            os.close(slave)
            try:
                while os.read(master, 65536):
                    pass
            except OSError:
                pass
            process.wait()
        os.close(master)
    else:
        subprocess.run(command, env=env, capture_output=True, check=False)
    return time.perf_counter() - begun


def main() -> None:
    """Print a line for each command."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.py")
        empty.write_text(EMPTY)
        base = [sys.executable, str(empty), "x"]
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {
            "MESOREF_PAGER": "", "COLUMNS": "100", "TERM": "xterm-256color"}
        rows = {name: (aim, command, env | (COMPLETION if "completion" in name else {}), terminal)
                for name, (aim, command, terminal) in CASES.items()}
        rows |= {FIRST + words[0]: (6.0, [MESOREF, *words, "--data", str(DATA)], dict(env), False)
                 for words in (["list"], ["show", "car-t"], ["search", "measles"])}
        rows |= {name: (0.0, command, env, False) for name, command in PEERS.items() if shutil.which(command[0])}
        floor = [seconds([sys.executable, "-c", "pass"], env, False) for _ in range(5)]
        print(f"bare interpreter {min(floor) * 1000:.0f} ms")
        for name, (aim, command, own, terminal) in rows.items():
            seconds(command, own, terminal)
            ratios, empties = [], []
            for number in range(pairs):
                if name.startswith(FIRST):
                    own["MESOREF_CACHE_DIR"] = str(Path(folder, f"{name[len(FIRST):]}-{number}"))
                empties.append(seconds(base, env, terminal))
                ratios.append(seconds(command, own, terminal) / empties[-1])
            verdict = "" if not aim else f"  aim {aim:.2f}  {'met' if statistics.median(ratios) <= aim else 'MISSED'}"
            print(f"{name:40} {statistics.median(ratios):5.2f}{verdict}  "
                  f"(empty {statistics.median(empties) * 1000:.0f} ms)")


if __name__ == "__main__":
    main()
