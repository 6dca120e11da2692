"""The JSON Schema (draft 2020-12) of a base, from the kinds."""

from __future__ import annotations

from typing import Any

from mesoref.loader import SLUG
from mesoref.model import KINDS, SCHEMA
from mesoref.schema import Date, Field, Kind, Ref, Struct

TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
# To an editor a year alone is a number.
DATE = {"type": ["string", "integer"], "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$", "minimum": 1000, "maximum": 9999}


def json_schema() -> dict[str, Any]:
    """The schema of a file of a base; records and sourced values are definitions of their own."""
    structs: dict[str, type[Struct]] = {}
    kinds = {each.plural: _records(each, structs) for each in KINDS.values()}
    definitions: dict[str, Any] = {}
    while missing := structs.keys() - definitions.keys():
        for name in sorted(missing):
            definitions[name] = _object(structs[name], structs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A mesoref knowledge base",
        "type": "object",
        "properties": {
            "schema": {"const": SCHEMA, "description": "the version of the format"},
            "as_of": {"description": "the date of the knowledge", **DATE},
            **kinds,
        },
        "required": ["schema"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _records(kind: Kind, structs: dict[str, type[Struct]]) -> dict[str, Any]:
    structs[kind.cls.__name__] = kind.cls
    return {
        "type": "object",
        "description": kind.help,
        "propertyNames": {"pattern": f"^({SLUG.pattern})$"},
        "additionalProperties": {"$ref": f"#/$defs/{kind.cls.__name__}"},
    }


def _object(cls: type[Struct], structs: dict[str, type[Struct]]) -> dict[str, Any]:
    fields = {key: field for key, field in cls.fields.items() if not field.derived and key != "id"}
    return {
        "type": "object",
        "description": (cls.__doc__ or "").partition("\n")[0],
        "properties": {key: _field(field, structs) for key, field in fields.items()},
        "required": [key for key, field in fields.items() if field.required],
        "additionalProperties": False,
    }


def _field(field: Field, structs: dict[str, type[Struct]]) -> dict[str, Any]:
    item = _item(field, structs)
    return {"description": field.help} | ({"type": "array", "items": item} if field.shape.many else item)


def _item(field: Field, structs: dict[str, type[Struct]]) -> dict[str, Any]:
    shape = field.shape
    if shape.structs:
        for each in shape.structs:
            structs[each.__name__] = each
        options = [{"$ref": f"#/$defs/{each.__name__}"} for each in shape.structs]
        return options[0] if len(options) == 1 else {"anyOf": options}
    if shape.choice:
        return {"enum": list(shape.choice.labels)}
    if isinstance(shape.marker, Date):
        return dict(DATE)
    if isinstance(shape.marker, Ref):
        return {"type": "string", "pattern": f"^({SLUG.pattern})$"}
    if shape.scheme:
        return {"type": "string", "pattern": f"^({shape.scheme.pattern})$"}
    names = [TYPES[each] for each in shape.scalar]
    return {"type": names[0] if len(names) == 1 else names} | ({"minLength": 1} if str in shape.scalar else {})
