"""Scale: bases of a thousand to a hundred thousand records, shaped like the shipped one, and what they cost.

A thousand of the shipped records, drawn in their proportions, are copied under names of their own, so that kinds,
fields, lengths of text and links are the real ones. What a record names lies in another copy, always as far away, so
that each is named as often as the original. Each text has a word of its own, so that the vocabulary grows as well.

Prints, for each size, what compiling takes, the first search, both in one run, and checking, and the medians of warm
commands: how many times an empty Typer program they take, and how many times the same command on the smallest base,
all in turn, so that whatever else the machine does falls on all alike.

    python benchmarks/scale.py [SIZE ...]
"""

from __future__ import annotations

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from startup import COMPLETION, EMPTY, MESOREF, seconds

from mesoref.cache import SETTLED
from mesoref.loader import load
from mesoref.schema import Body, Kind, Struct

DATA = Path(__file__).parents[1] / "data"
SIZES = (1_000, 10_000, 100_000)
UNIT, PER_FILE, ROUNDS = 1_000, 5_000, 9
MARK = re.compile(r"zq([a-z])(\d+)zq")
COMMANDS = {
    "show": ["show", "car-t"],
    "compare": ["compare", "virotherapy", "suicide-gene"],
    "search": ["search", "neutralising", "antibody"],
    "list --where": ["list", "trials", "--where", "therapy=car-t"],
    "completion": [],
}


class Mould:
    """Some records of the shipped base, in their proportions, as YAML in which all that a copy changes is marked."""

    def __init__(self) -> None:
        self.draw = random.Random(1)
        self.links: list[tuple[str, int]] = []
        entries = load([(DATA, False)], places=False).entries
        asked = {word for words in COMMANDS.values() for word in words}
        ids = sorted(entries, key=lambda each: (each not in asked, self.draw.random()))
        self.kinds: dict[str, list[str]] = {}
        for id in ids:
            self.kinds.setdefault(entries[id].kind.name, []).append(id)
        for name, members in self.kinds.items():
            self.kinds[name] = members[:max(1, round(len(members) * UNIT / len(ids)))]
        self.drawn = {id for members in self.kinds.values() for id in members}
        self.kind_of = {id: entry.kind.name for id, entry in entries.items()}
        self.texts = {entries[each[0]].kind.plural: [self._text(entries[id].kind, entries[id].body) for id in each]
                      for each in self.kinds.values()}

    def _text(self, kind: Kind, body: Body) -> str:
        marked = self._marked(kind.cls, {k: v for k, v in body.items() if k != "id"})
        for key, field in kind.fields.items():
            if key in marked and (field.finds or key == kind.title):
                named = [f"{each} zqn0zq" for each in field.items(marked)]
                marked[key] = named if field.shape.many else named[0]
        text = yaml.dump({self._link(body["id"], 0): marked}, Dumper=yaml.CSafeDumper, allow_unicode=True,
                         sort_keys=False, width=120)
        return "".join(f"  {line}\n" for line in text.splitlines())

    def _marked(self, cls: type[Struct], body: Body) -> Body:
        changed: dict[str, Any] = {}
        for key, value in body.items():
            field = cls.fields[key]
            items = field.items(body)
            if field.shape.structs:
                items = [self._marked(field.shape.struct_of(each), each) for each in items]
            elif field.shape.ref:
                items = list(dict.fromkeys(self._link(each) for each in items))
            elif key == "text":
                items = [f"{value} zqw0zq"]
            changed[key] = items if field.shape.many else items[0]
        return changed

    def _link(self, id: str, away: int | None = None) -> str:
        if id not in self.drawn:
            id = self.draw.choice(self.kinds[self.kind_of[id]])
        self.links.append((id, self.draw.randrange(10**6) if away is None else away))
        return f"zql{len(self.links) - 1}zq"

    def cast(self, text: str, copy: int, copies: int) -> str:
        """A record as it stands in one of the copies."""
        def filled(found: re.Match[str]) -> str:
            match found[1]:
                case "l":
                    id, away = self.links[int(found[2])]
                    return new_id(id, (copy + away) % copies)
                case "w":
                    return f"coined{int(self.draw.paretovariate(0.5)) % 10**6}"
                case _:
                    return f"of copy {copy}"
        return MARK.sub(filled, text)

    def write(self, folder: Path, size: int) -> None:
        """Write a base of so many records, in files of a few thousand."""
        copies = max(1, size // UNIT)
        for plural, texts in self.texts.items():
            step = max(1, PER_FILE // len(texts))
            for start in range(0, copies, step):
                with (folder / f"{plural}-{start:03}.yaml").open("w", encoding="utf-8") as stream:
                    stream.write(f"schema: 1\nas_of: 2026-01-01\n{plural}:\n")
                    for copy in range(start, min(start + step, copies)):
                        stream.writelines(self.cast(each, copy, copies) for each in texts)


def new_id(id: str, copy: int) -> str:
    """The id of a record in a copy; in the first it keeps its own."""
    if not copy:
        return id
    return f"NCT{(int(id[3:]) + copy * 100_003) % 10**8:08d}" if id.startswith("NCT") else f"{id}-copy-{copy}"


def cost(command: list[str], env: dict[str, str]) -> tuple[float, float, float]:
    """Seconds by the clock and of the processor, and megabytes, that a command takes."""
    begun = time.perf_counter()
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def bases(place: Path, sizes: tuple[int, ...], env: dict[str, str]) -> Iterator[tuple[int, Path]]:
    """Write a base of each size, compile it, search it for the first time, check it, and tell what that takes."""
    mould = Mould()
    for size in sizes:
        folder = place / f"base-{size}"
        folder.mkdir()
        mould.write(folder, size)
        time.sleep(SETTLED)
        source = sum(each.stat().st_size for each in folder.iterdir()) / 1e6
        before = set(place.glob("cache/*.sqlite"))
        both = env | {"MESOREF_CACHE_DIR": str(place / "both")}
        for name, words, own in (("compiling", ["info"], env), ("indexing", COMMANDS["search"], env),
                                 ("both", COMMANDS["search"], both), ("checking", ["check"], env)):
            clock, busy, memory = cost([MESOREF, *words, "--data", str(folder)], own)
            print(f"{size:8,} records, {source:6.1f} MB: {name:9} {busy:6.2f} s of the processor, {size / busy:6,.0f} "
                  f"records a second; {clock:6.2f} s by the clock; {memory:6,.0f} MB", flush=True)
        kept = next(iter(set(place.glob("cache/*.sqlite")) - before))
        print(f"{size:8,} records: compiled {kept.stat().st_size / 1e6:.1f} MB", flush=True)
        yield size, folder


def main() -> None:
    """Print what compiling takes, and a line for each command and size."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as place:
        empty = Path(place, "empty.py")
        empty.write_text(EMPTY)
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {
            "MESOREF_CACHE_DIR": str(Path(place, "cache"))}
        made = dict(bases(Path(place), sizes, env))
        for name, words in COMMANDS.items():
            times: dict[int, list[float]] = {size: [] for size in (0, *made)}
            for _ in range(ROUNDS):
                times[0].append(seconds([sys.executable, str(empty), "x"], env, terminal=False))
                for size, folder in made.items():
                    own = env | {"MESOREF_DATA": str(folder)} | ({} if words else COMPLETION)
                    times[size].append(seconds([MESOREF, *words], own, terminal=False))
            for size in made:
                to_empty, to_first = (statistics.median(one / other for one, other in zip(
                    times[size], times[floor], strict=True)) for floor in (0, sizes[0]))
                print(f"{name:14} {size:8,} records: {to_empty:5.2f} times an empty program, "
                      f"{to_first:5.2f} times {sizes[0]:,} records", flush=True)


if __name__ == "__main__":
    main()
