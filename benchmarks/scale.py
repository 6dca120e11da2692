"""Scale: bases of a thousand to a hundred thousand records, shaped like the shipped one, and what they cost.

Each base is made of copies of the shipped records under ids of their own, so that kinds, fields, lengths of text and
links are in their real proportions. Prints compile time and memory, file sizes, and the median time of warm commands as
ratios to an empty Typer program, interleaved with it.

    python benchmarks/scale.py [SIZE ...]
"""

from __future__ import annotations

import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from startup import EMPTY, MESOREF, seconds

DATA = Path(__file__).parents[1] / "data"
SIZES = (1_000, 10_000, 100_000)
PAIRS = 9
PER_FILE = 5_000


def make(folder: Path, size: int) -> None:
    """Write a base of about so many records, in files of a few thousand."""
    kinds = {file.stem: yaml.load(file.read_text(encoding="utf-8"), yaml.CBaseLoader)[file.stem]
             for file in sorted(DATA.glob("*.yaml"))}
    ids = [id for records in kinds.values() for id in records]
    known = re.compile(r"(?<![\w-])(" + "|".join(sorted(map(re.escape, ids), key=len, reverse=True)) + r")(?![\w-])")
    total = sum(map(len, kinds.values()))
    share = min(1.0, size / total)
    chosen = random.Random(1)
    for copy in range(max(1, round(size / total))):
        for plural, records in kinds.items():
            kept = {id: body for id, body in records.items() if share == 1.0 or chosen.random() < share}
            names = list(kept)
            for start in range(0, len(names), PER_FILE):
                text = yaml.dump({plural: {each: kept[each] for each in names[start:start + PER_FILE]}},
                                 Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120)
                text = known.sub(lambda found, copy=copy: f"{found[1]}-c{copy}" if not found[1].startswith("NCT")
                                 else f"NCT{(int(found[1][3:]) + copy * 7919) % 10 ** 8:08d}", text)
                (folder / f"{plural}-{copy}-{start}.yaml").write_text(
                    f"schema: 1\nas_of: 2026-01-01\n{text}", encoding="utf-8")


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
                "show": ["show", "car-t-c0"],
                "compare": ["compare", "virotherapy-c0", "suicide-gene-c0"],
                "search": ["search", "neutralising", "antibody"],
                "list --where": ["list", "trials", "--where", "therapy=car-t-c0"],
            }
            for name, words in asked.items():
                ratios = []
                for _ in range(PAIRS):
                    floor = seconds([sys.executable, str(empty), "x"], env, terminal=False)
                    ratios.append(seconds([MESOREF, *words, "--data", str(base)], env, terminal=False) / floor)
                print(f"  {name:14} {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
