"""`cite`: the sources of records, or of the whole base, or the program itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mesoref import __version__
from mesoref.errors import NotFoundError
from mesoref.fold import fold
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS, itself
from mesoref.schema import Record
from mesoref.views import Bibliography, Context


def cite(kb: KnowledgeBase, names: Sequence[str] = ()) -> Bibliography:
    """What some records cite, each source once, in the order in which they cite it; without a name every source.

    A source stands for itself, and `mesoref` for the program and its knowledge. Raises NotFoundError where there is
    nothing to cite.
    """
    if names:
        references = {each.id: each for name in names for each in _sources(kb, name)}
    else:
        references = {each.id: each for kind in KINDS.values() if kind.citable for each in kb.all(kind.name)}
    if not references:
        raise NotFoundError(f"nothing to cite: {', '.join(names) or 'the base'} names no source")
    return Bibliography(Context(kb.as_of, {}, references), tuple(references.values()))


def _sources(kb: KnowledgeBase, name: str) -> Iterator[Record]:
    own = itself(__version__, kb.as_of)
    if fold(name) == fold(own.id):
        yield own
        return
    line = kb.resolve(name)
    if KINDS[line.kind].citable:
        yield from kb.get([line.id]).values()
    else:
        ids = [row.target for row in kb.store.named_by([line.id])]
        lines = kb.store.lines(ids)
        yield from kb.get(id for id in ids if KINDS[lines[id].kind].citable).values()
