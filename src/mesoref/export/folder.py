"""A base as a folder of CSV files, with a description of them that machines check (a Frictionless data package)."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from mesoref.frozen import Frozen
from mesoref.kb import KnowledgeBase
from mesoref.queries.exporting import edition
from mesoref.render.clean import spreadsheet
from mesoref.session import replacing_folder
from mesoref.tables import Column, Row, Sheet, rows, sheets
from mesoref.values import disclaimer
from mesoref.views import Edition

PACKAGE: Final = "datapackage.json"
NAME: Final = "mesoref"


class ForeignKey(Frozen):
    """Columns that hold the key of another table, as the standard has it."""

    fields: list[str]
    reference: dict[str, Any]


def replacing(target: Path) -> AbstractContextManager[Path]:
    """A folder beside the target; only an earlier export is replaced."""
    return replacing_folder(target, is_export)


def is_export(folder: Path) -> bool:
    """Whether a folder holds an earlier export, and nothing else."""
    try:
        package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        known = {PACKAGE, *(each["path"] for each in package["resources"])}
        return package["name"] == NAME and {each.name for each in folder.iterdir()} <= known
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write(kb: KnowledgeBase, part: Path) -> None:
    """Write the files and their description."""
    whole = edition(kb)
    found: dict[str, list[Row]] = defaultdict(list)
    for name, row in rows((each.kind, each.data) for each in whole.records):
        found[name].append(row)
    for sheet in sheets():
        _write_sheet(sheet, found[sheet.name], part / f"{sheet.name}.csv")
    text = json.dumps(_package(whole), ensure_ascii=False, indent=2)
    (part / PACKAGE).write_text(text + "\n", encoding="utf-8", errors="replace", newline="\n")


def _write_sheet(sheet: Sheet, content: Sequence[Row], file: Path) -> None:
    kept = [index for index, each in enumerate(sheet.columns) if not each.bulk]
    with file.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(sheet.columns[index].name for index in kept)
        out.writerows([_cell(row[index]) for index in kept] for row in content)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else spreadsheet(value) if isinstance(value, str) else str(value)


def _package(whole: Edition) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": NAME,
        "title": "mesoref: gene therapy for mesothelioma",
        "description": disclaimer(whole.context.as_of),
        "version": whole.version,
        "as_of": whole.context.as_of,
        "hash": whole.digest,
        "resources": [_resource(each) for each in sheets()],
    }


def _resource(sheet: Sheet) -> dict[str, Any]:
    columns = [each for each in sheet.columns if not each.bulk]
    return {
        "profile": "tabular-data-resource",
        "name": sheet.name,
        "path": f"{sheet.name}.csv",
        "description": sheet.help,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(each) for each in columns],
            "primaryKey": list(sheet.key),
            "foreignKeys": [ForeignKey([each.name], {"resource": each.target, "fields": ["id"]}).asdict()
                            for each in columns if each.target],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.choice:
        constraints["enum"] = list(column.choice.labels)
    return {"name": column.name, "type": column.type, "description": column.help} | (
        {"constraints": constraints} if constraints else {})
