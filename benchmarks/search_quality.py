"""How well `mesoref search` finds: the judged queries, each with what it gives.

Prints reciprocal rank, recall at five and the first five ids for every query that falls short, then the means. With
`--all`, for every query.

    python benchmarks/search_quality.py [--all] [JUDGEMENTS]
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from mesoref.kb import KnowledgeBase, open_base
from mesoref.queries.searching import search

JUDGEMENTS = Path(__file__).with_name("search_judgements.yaml")
TOP = 5


class Judged(NamedTuple):
    """A query with the ids that answer it and those that it gives, the best first."""

    group: str
    query: str
    answers: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def reciprocal_rank(self) -> float:
        """One through the place of the first answer; 0 where none is given."""
        return next((1 / place for place, each in enumerate(self.given, 1) if each in self.answers), 0.0)

    @property
    def recall(self) -> float:
        """The share of the answers among the first five."""
        return len({*self.answers} & {*self.given[:TOP]}) / min(TOP, len(self.answers))


def judged(kb: KnowledgeBase, file: Path = JUDGEMENTS) -> Iterator[Judged]:
    """Every judged query, asked."""
    for group, queries in yaml.safe_load(file.read_text(encoding="utf-8")).items():
        for each in queries:
            given = tuple(hit.line.id for hit in search(kb, each["query"]).hits)
            yield Judged(group, each["query"], tuple(each["answers"]), given)


def means(found: Sequence[Judged]) -> tuple[float, float]:
    """Mean reciprocal rank and mean recall at five."""
    return (statistics.mean(each.reciprocal_rank for each in found), statistics.mean(each.recall for each in found))


def main(args: Sequence[str]) -> None:
    """Ask and print."""
    files = [Path(each) for each in args if not each.startswith("-")]
    found = list(judged(open_base(), *files[:1]))
    for each in found:
        if "--all" in args or each.reciprocal_rank < 1 or each.recall < 1:
            print(f"{each.reciprocal_rank:.2f} {each.recall:.2f}  {each.query}\n"
                  f"           wanted: {' '.join(each.answers)}\n           given:  {' '.join(each.given[:TOP])}")
    for group in (*dict.fromkeys(each.group for each in found), ""):
        some = [each for each in found if group in ("", each.group)]
        rank, recall = means(some)
        print(f"{group or 'all':20} {len(some):4} queries   MRR {rank:.3f}   recall@{TOP} {recall:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
