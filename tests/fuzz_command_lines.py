"""Makes up command lines over every command and option, with values good and bad, and looks at what comes of each.

python tests/fuzz_command_lines.py [COUNT [SEED]]
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shlex
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from conftest import TINY, Answer, Run
from mesoref.cli import COMMANDS, build
from mesoref.model import KINDS
from mesoref.render import ALIASES, FORMATS, SUFFIXES

CASES = Path(__file__).parent / "cases"
MACHINES = ("json", "jsonl", "csv", "tsv", "svg", "csl-json")
NAMES = ("gene-glow", "gene-hum", "gfp", "Glowing", "GFP", "lamp-virus", "sunburn", "NCT00000001", "able-2020",
         "baker-2019", "PMID:12345", "glow-term", "glow-cures", "Glow gene transfer")
CHARTS = ("pipeline", "timeline", "survival")
ODD = ("", " ", "nobody", "gene", "-", "--", "-x", "--nonsense", "*", "'", "\"", "a\nb", "\x1b[31m", "\u202e", "\udcff",
       "ψ", "🧬", "x" * 3_000, "0", "-1", "1e9", "99999999999999999999", "%s", "{}", "..", "/", "=", "a=b=c", ",,,")
FIELDS = tuple({key for kind in KINDS.values() for key in kind.fields})
KIND_NAMES = tuple(name for kind in KINDS.values() for name in (kind.name, kind.plural))
VALUES = ("yes", "no", "true", "phase-1", "viral", "reporter", "2020", "gfp", "completed", "phase 1")
NUMBERS = ("1", "2", "3", "10", "365", "0", "-1", "x", "", "1.5", "1" * 30)
PLACES = ("out.json", "out.csv", "out.html", "out.md", "out.txt", "out", "out.docx", "nowhere/out.json", ".",
          "/dev/full", "/dev/null", "/proc/self/x.json", f"{'x' * 300}.json", "folder/", "out.sqlite", "out.svg")
BASES = (*[str(TINY)] * 4, *(str(CASES / each) for each in ("syntax/bad-tab.yaml", "empty/bad.yaml", "tag/good.yaml")),
         "nowhere.yaml", "/dev/null", "/", "")

Line = tuple[str, ...]


@cache
def pool(name: str) -> tuple[str, ...]:
    """Values that a parameter may be given, most of them good."""
    suffixes = tuple(f"out{each}" for each in SUFFIXES)
    pools: dict[str, tuple[str, ...]] = {
        "kind": KIND_NAMES, "names": NAMES, "name": (*NAMES, *CHARTS), "words": (*NAMES, "light"),
        "sort": (*FIELDS, *(f"-{each}" for each in FIELDS)), "columns": (*FIELDS, "id,name", "id,nonsense", "id,,id"),
        "field": FIELDS, "format": (*FORMATS, *ALIASES), "output": (*PLACES, *suffixes), "target": PLACES,
        "data": BASES, "extra": BASES, "paths": BASES, "limit": NUMBERS, "depth": NUMBERS, "stale": NUMBERS,
        "where": tuple(f"{field}={value}" for field in (*FIELDS, *KIND_NAMES) for value in (*VALUES, *NAMES)),
    }
    return pools.get(name, (*NAMES, *VALUES, *NUMBERS))


@cache
def parameters(command: str) -> tuple[Any, ...]:
    """The parameters of a command, as Typer knows them."""
    return tuple(build().get_command(None, command).params)


def words_of(chance: random.Random, parameter: Any) -> Iterator[str]:
    """A parameter as it is typed, once or more often."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        value = chance.choice(ODD if chance.random() < 0.08 else pool(parameter.name))
        if parameter.param_type_name == "argument":
            yield value
            continue
        flag = chance.choice((*parameter.opts, *parameter.secondary_opts))
        if parameter.is_flag:
            yield flag
        elif flag.startswith("--") and chance.random() < 0.3:
            yield f"{flag}={value}"
        else:
            yield from (flag, value)


def made_up(seed: int) -> Line:
    """A command line; most read the small base."""
    chance = random.Random(seed)
    command = chance.choice(tuple(COMMANDS))
    options = [each for each in parameters(command) if each.param_type_name != "argument"]
    parts = [list(words_of(chance, each)) for each in parameters(command)
             if each.param_type_name == "argument" and chance.random() < 0.9]
    parts += [list(words_of(chance, each)) for each in chance.sample(options, chance.choice((0, 1, 1, 2, 3)))
              if each.name not in ("help", "data")]
    parts.append(["--data", chance.choice(BASES) if chance.random() < 0.1 else str(TINY)])
    if chance.random() < 0.05:
        parts.append([chance.choice(("-h", "--help"))])
    chance.shuffle(parts)
    line = [command, *(word for part in parts for word in part)]
    if chance.random() < 0.1:
        line.insert(0, chance.choice(("--no-pager", "--version", "-f=json", "--nonsense", "-")))
    if chance.random() < 0.05:
        del line[chance.randrange(len(line))]
    return tuple(each.replace("\0", "") for each in line)


def examine(line: Line, answer: Answer) -> None:
    """Raises AssertionError where an answer breaks what is promised of every command line."""
    assert answer.code in (0, 1, 2, 3)
    assert "Traceback" not in answer.err
    if answer.code == 0:
        for format, text in texts(line, answer):
            READERS[format](text)
        return
    assert answer.err.strip()
    # What `check` found is its answer; a JSON answer that found nothing is one object too.
    if answer.out and "check" not in line:
        assert answer.code == 1
        assert json.loads(answer.out)["count"] == 0


def texts(line: Line, answer: Answer) -> Iterator[tuple[str, str]]:
    """What was written for machines, with its format."""
    if any(each in line for each in ("-h", "--help", "--version", "export")):
        return
    asked = [line[at + 1] for at, each in enumerate(line[:-1]) if each in ("-f", "--format")]
    asked += [each.partition("=")[2] for each in line if each.startswith(("--format=", "-f="))]
    targets = [line[at + 1] for at, each in enumerate(line[:-1]) if each in ("-o", "--output")]
    targets += [each.partition("=")[2] for each in line if each.startswith("--output=")]
    if len(set(asked)) == 1 and not targets and asked[0] in MACHINES and "--" not in line:
        yield asked[0], answer.out
    if len(set(targets)) == 1 and not asked and Path(targets[0]).is_file():
        format = SUFFIXES.get(Path(targets[0]).suffix, "")
        if format in MACHINES:
            yield format, Path(targets[0]).read_text(encoding="utf-8")


def _even(rows: list[list[str]]) -> None:
    assert len({len(each) for each in rows}) == 1


READERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "jsonl": lambda text: [json.loads(each) for each in text.splitlines()],
    "csv": lambda text: _even(list(csv.reader(io.StringIO(text), strict=True))),
    "tsv": lambda text: _even([each.split("\t") for each in text.removesuffix("\n").split("\n")]),
    "svg": ET.fromstring,
    "csl-json": json.loads,
}


def try_out(seeds: range, folder: Path) -> Counter[int]:
    """Run so many lines in a folder of their own; the exit codes, counted."""
    codes: Counter[int] = Counter()
    before = Path.cwd()
    for seed in seeds:
        line = made_up(seed)
        place = folder / str(seed)
        place.mkdir()
        os.chdir(place)
        try:
            answer = Run()(*line)
            examine(line, answer)
        except BaseException as error:
            error.add_note(f"seed {seed}: mesoref {shlex.join(line)}".encode(errors="backslashreplace").decode())
            raise
        finally:
            os.chdir(before)
        codes[answer.code] += 1
    return codes


def main(count: int = 10_000, seed: int = 0) -> None:
    """Try out so many lines."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(MESOREF_CACHE_DIR=str(Path(folder) / "cache"), COLUMNS="80")
        codes = try_out(range(seed, seed + count), Path(folder))
    print(f"{count} command lines:", ", ".join(f"{codes[code]} with exit code {code}" for code in sorted(codes)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
