"""Scale: bases of a thousand to a hundred thousand records, shaped like the shipped one, and what they cost.

Each base is made of copies of the shipped records under ids of their own, so that kinds, fields, lengths of text and
links are in their real proportions. Prints compile time and memory, file sizes, and the median time of warm commands as
ratios to an empty Typer program, interleaved with it.

    python benchmarks/scale.py [SIZE ...]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from startup import EMPTY, MESOREF, seconds

from mesoref.loader import load
from mesoref.schema import Body, Struct

DATA = Path(__file__).parents[1] / "data"
SIZES = (1_000, 10_000, 100_000)
PAIRS = 9


def make(folder: Path, size: int) -> None:
    """Write a base of about so many records, in files of a few thousand."""
    entries = load([(DATA, False)], places=False).entries
    copies = max(1, round(size / len(entries)))
    for copy in range(copies):
        kinds: dict[str, dict[str, Body]] = {}
        for id, entry in entries.items():
            body = renamed(entry.kind.cls, entry.body, copy)
            del body["id"]
            kinds.setdefault(entry.kind.plural, {})[new_id(id, copy)] = body
        text = yaml.dump(kinds, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120)
        (folder / f"copy-{copy}.yaml").write_text(f"schema: 1\nas_of: 2026-01-01\n{text}", encoding="utf-8")


def renamed(cls: type[Struct], body: Body, copy: int) -> Body:
    """A body whose links lead to the records of its own copy."""
    changed = dict(body)
    for key, field in cls.fields.items():
        shape, items = field.shape, field.items(body)
        if shape.structs:
            items = [renamed(shape.struct_of(each), each, copy) for each in items]
        elif shape.ref:
            items = [new_id(each, copy) for each in items]
        if items:
            changed[key] = items if shape.many else items[0]
    return changed


def new_id(id: str, copy: int) -> str:
    """The id of a record in a copy; the first keeps its own."""
    if not copy:
        return id
    return f"NCT{(int(id[3:]) + copy * 100_003) % 10**8:08d}" if id.startswith("NCT") else f"{id}-copy-{copy}"


def compiled(base: Path, env: dict[str, str]) -> tuple[float, float]:
    """Seconds and megabytes that compiling a base takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    begun = time.perf_counter()
    subprocess.run([MESOREF, "info", "--data", str(base)], env=env, check=True, stdout=subprocess.DEVNULL)
    spent = time.perf_counter() - begun
    return spent, max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def main() -> None:
    """Print a block for each size."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as place:
        empty = Path(place, "empty.py")
        empty.write_text(EMPTY)
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {
            "MESOREF_CACHE_DIR": str(Path(place, "cache"))}
        for size in sizes:
            base = Path(place, str(size))
            base.mkdir()
            make(base, size)
            source = sum(each.stat().st_size for each in base.iterdir()) / 1e6
            spent, memory = compiled(base, env)
            files = list(Path(place, "cache").glob("*.sqlite"))
            kept = max(files, key=lambda each: each.stat().st_mtime).stat().st_size / 1e6
            shown = subprocess.run([MESOREF, "info", "--data", str(base), "-f", "tsv"], env=env, check=True,
                                   capture_output=True, text=True).stdout
            count = sum(int(line.split("\t")[2]) for line in shown.splitlines() if line.startswith("Records\t")
                        and line.split("\t")[1] not in ("statements", "figures"))
            print(f"{count:,} records: {source:.1f} MB of YAML compiled in {spent:.1f} s "
                  f"({count / spent:,.0f} a second), {memory:,.0f} MB of memory, {kept:.0f} MB compiled")
            asked = {
                "show": ["show", "car-t"],
                "compare": ["compare", "virotherapy", "suicide-gene"],
                "search": ["search", "neutralising", "antibody"],
                "list --where": ["list", "trials", "--where", "therapy=car-t"],
            }
            for name, words in asked.items():
                ratios = []
                for _ in range(PAIRS):
                    floor = seconds([sys.executable, str(empty), "x"], env, terminal=False)
                    ratios.append(seconds([MESOREF, *words, "--data", str(base)], env, terminal=False) / floor)
                print(f"  {name:14} {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
