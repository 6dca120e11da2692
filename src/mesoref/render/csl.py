"""CSL-JSON: an item a reference, for Pandoc, Zotero and every program that formats citations by a style."""

from __future__ import annotations

import json
from typing import Any, Final, TextIO

from mesoref.render.clean import json as clean
from mesoref.render.entries import Author, Entry, entries
from mesoref.views import View

NAMES: Final = {"title": "title", "venue": "container-title", "volume": "volume", "number": "issue", "pages": "page",
                "doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "url": "URL", "version": "version",
                "keywords": "keyword", "note": "note"}


def write_csl_json(view: View, stream: TextIO) -> None:
    """A list of items; the id is the record's own."""
    items = ",\n".join(clean(json.dumps(_item(each), ensure_ascii=False)) for each in entries(view))
    stream.write(f"[\n{items}\n]\n" if items else "[]\n")


def _item(entry: Entry) -> dict[str, Any]:
    form = "software" if entry.program else "article-journal" if entry.article else \
        "webpage" if entry.get("url") else "document"
    item: dict[str, Any] = {"id": entry.id, "type": form}
    # Pandoc and its kin read a last author by the name of `others` as `et al.`.
    authors = [*map(_author, entry.authors), *([{"literal": "others"}] if entry.others else [])]
    if authors:
        item["author"] = authors
    if entry.get("year"):
        item["issued"] = {"date-parts": [[int(entry.get("year"))]]}
    return item | {name: entry.get(key) for key, name in NAMES.items() if entry.get(key)}


def _author(author: Author) -> dict[str, str]:
    if not author.initials:
        return {"literal": author.name}
    return {"family": author.name, "given": author.spaced} | ({"suffix": author.suffix} if author.suffix else {})
