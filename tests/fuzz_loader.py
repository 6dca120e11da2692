"""Feeds the loader damaged bases, guided by coverage, until it does something other than load or say what is wrong.

python tests/fuzz_loader.py [CORPUS...] [-max_total_time=SECONDS]

Needs atheris. What breaks a promise is written to a file named `crash-...`; put it into `tests/cases/fuzzed`.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import sqlite3
import sys
import tempfile
from pathlib import Path

try:
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ImportError:
    guided = contextlib.nullcontext()
else:
    guided = atheris.instrument_imports(include=["mesoref"])

with guided:
    from mesoref.checks import PAGES, RULES
    from mesoref.derive import complete
    from mesoref.errors import Problem
    from mesoref.loader import load
    from mesoref.store.fulltext import with_full_text
    from mesoref.store.writing import write

CASES = Path(__file__).parent / "cases"
BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def examine(raw: bytes, file: Path) -> bool:
    """Load a base; whether it loads. Raises whatever the loader lets escape, AssertionError for a broken promise."""
    file.write_bytes(raw)
    sources = load([(file, False)])
    for problem in sources.problems:
        _examine(problem, raw)
    for rule in RULES:
        for found in rule(sources):
            assert found.entry.body["id"] in sources.entries
    assert bool(sources.problems) or "schema" in raw.decode("utf-8-sig")
    if not sources.problems:
        rows = list(complete((each.kind, each.body, each.local) for each in sources.entries.values()))
        json.dumps([body for _, body in rows], allow_nan=False).encode()
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            write(connection, rows, {"as_of": sources.as_of})
            with_full_text(connection)
            assert len(rows) == connection.execute("SELECT count(*) FROM records").fetchone()[0]
    return not sources.problems


def _examine(problem: Problem, raw: bytes) -> None:
    assert problem.rule in PAGES
    assert 0 <= problem.line <= len(BREAKS.split(raw.decode(errors="replace"))) + 1
    assert problem.column >= 0
    assert 0 < len(problem.message) < 2_000


def seeds() -> list[bytes]:
    """The bases to begin with."""
    return [each.read_bytes() for each in (CASES.parent / "tiny.yaml", *sorted(CASES.rglob("*.yaml")))]


def shuffled(raw: bytes, seed: int, most: int) -> bytes:
    """A base with one line taken out, doubled, moved, indented or brought in from another base."""
    chance = random.Random(seed)
    lines = raw.split(b"\n")
    at = chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines.insert(chance.randrange(len(lines)), lines.pop(at))
        case 3:
            lines[at] = b" " * chance.randrange(1, 5) + lines[at]
        case _:
            lines.insert(at, chance.choice(chance.choice(seeds()).split(b"\n")))
    return b"\n".join(lines)[:most]


def main() -> None:
    """Run the fuzzer until its time is over or something breaks."""
    def mutate(raw: bytes, most: int, seed: int) -> bytes:
        return shuffled(raw, seed, most) if seed % 2 else bytes(atheris.Mutate(raw, most))

    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, each in enumerate(seeds()):
            (corpus / f"{number}.yaml").write_bytes(each)
        base = Path(folder) / "base.yaml"
        given = [each for each in sys.argv[1:] if not each.startswith("-")]
        options = [each for each in sys.argv[1:] if each.startswith("-")]
        atheris.Setup([sys.argv[0], *options, *given, str(corpus)], lambda raw: _once(raw, base),
                      custom_mutator=mutate)
        atheris.Fuzz()


def _once(raw: bytes, base: Path) -> None:
    examine(raw, base)


if __name__ == "__main__":
    main()
