"""`chart`: what the base holds, as marks in a picture. It draws nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from mesoref import values
from mesoref.errors import UsageError
from mesoref.kb import KnowledgeBase
from mesoref.model import CHARTED, KINDS
from mesoref.queries.common import context_of
from mesoref.schema import Body, Field, Record
from mesoref.values import NOT_FOUND
from mesoref.views import Chart, Context, Piece, Point

KIND: Final = KINDS[CHARTED.kind]
ROW: Final = KIND.fields[CHARTED.row]
ROWS: Final = KINDS[ROW.shape.ref.kind if ROW.shape.ref else ""]
ONE, MANY = KIND.name, KIND.plural
KNOWN, UNKNOWN = f"{ONE}, number of people known", f"{ONE}, number of people {NOT_FOUND}"
BY_SOURCE: Final = f"start and end {NOT_FOUND}: year of the earliest source cited"
GENE, OTHER = "people who got the gene therapy", "people who got other treatment or none"
CONTEXT: Final = f"For context: {MANY} without gene therapy"
PIPELINE_NOTE: Final = (
    f"One dot is one of the {MANY} of gene therapy in mesothelioma, in the column of its phase; some also took in "
    f"people with other cancers, who are counted too. A plus sign: at least so many people, as the number was "
    f"{NOT_FOUND} for some {MANY}. An empty column: nothing in this base stands there.")
TIMELINE_NOTE: Final = (
    "The line leads from start to end, where the sign of the status stands. Dots in place of a line: that end was "
    f"{NOT_FOUND}. Without a sign: no date was found at all.")
SURVIVAL_NOTE: Final = (
    "The line through a sign is the 95% confidence interval; without a line, none was found. Ordered by "
    f"{ROWS.name} and year, never by value; a control arm stands with its own {ONE}. {MANY.capitalize()} of gene "
    "therapy in other cancers are left out.")
CANNOT_BE_RANKED: Final = (
    "These figures cannot be ranked. They come from different people: other kinds and stages of disease, other "
    "treatments before, other days from which survival was counted, often a few people only. A higher figure does not "
    "mean that a treatment works better; only a randomised comparison can show that.")


def chart(kb: KnowledgeBase, name: str) -> Chart:
    """The chart of this name; raises UsageError where there is none."""
    if name not in CHARTS:
        raise UsageError(f"no chart {name!r}; one of {', '.join(CHARTS)}")
    return CHARTS[name](kb)


def pipeline(kb: KnowledgeBase) -> Chart:
    """How far each approach has come, and how many people had it in how many trials of each phase."""
    tried = _tried(kb)
    context = context_of(kb, tried)
    stages, steps = _choices(ROWS.fields[CHARTED.stage]), _choices(KIND.fields[CHARTED.column])
    order, rows = list(stages), kb.all(ROWS.name)
    rows.sort(key=lambda each: (-order.index(_value(each, CHARTED.stage)), each.title.casefold()))
    cells: dict[tuple[str, str], list[Record]] = {}
    astray = [each.id for each in tried if not each.data[CHARTED.row]]
    for each in (each for each in tried if each.data[CHARTED.row]):
        cells.setdefault((each.data[CHARTED.row], steps[each.data[CHARTED.column]]), []).append(each)
    reached = {(each.id, stages[_value(each, CHARTED.stage)]) for each in rows}
    used = {column for _, column in (*cells, *reached)}
    columns = merged(tuple(stages.values()), [each for each in steps.values() if each in used])
    columns = columns[next((index for index, each in enumerate(columns) if each in used), 0):]
    points = [_cell(row, column, cells.get((row.id, column), []), context, furthest=(row.id, column) in reached)
              for row in rows for column in columns if (row.id, column) in cells or (row.id, column) in reached]
    return _chart(
        kb, context, points, name="pipeline", columns=columns, axis=ROWS.fields[CHARTED.stage].label,
        looks=(KNOWN, UNKNOWN, ROWS.fields[CHARTED.stage].label.lower()),
        title=f"How far each approach has come in mesothelioma: {MANY} and people treated",
        notes=(PIPELINE_NOTE, *([f"Left out, as they name no {ROWS.name}: {', '.join(astray)}."] if astray else ())),
        header=("", ROWS.name.capitalize(), "Column", f"{MANY.capitalize()} and people treated", MANY.capitalize()))


def _cell(row: Record, column: str, here: Sequence[Record], context: Context, *, furthest: bool) -> Point:
    counted = [each for each in here if each.data.get(CHARTED.people)]
    known = {each.id: values.cell(each, CHARTED.people, context) for each in counted}
    pieces = [piece for each in known.values() for piece in each]
    people, missing = sum(_value(each, CHARTED.people) for each in counted), len(here) - len(counted)
    looks, label = [KNOWN] * len(counted) + [UNKNOWN] * missing, []
    if here:
        number = f"{people}{'+' if missing else ''} people" if counted else f"people: {NOT_FOUND}"
        label = [Piece(f"{len(here)} {MANY if len(here) > 1 else ONE}"), values.joined(number, pieces)]
    stage = values.cell(row, CHARTED.stage, context) if furthest else ()
    if furthest:
        looks.append(ROWS.fields[CHARTED.stage].label.lower())
        label.append(values.joined(f"stage reached: {column}", stage))
    said = tuple(piece.replace(text=f"{each.id}: {piece.text}") for each in here
                 for piece in known.get(each.id, (Piece(NOT_FOUND),))) or (Piece(f"no {ONE}"),)
    return Point("", row.title, column, column, None, None, tuple(looks), tuple(label), said, {
        CHARTED.row: row.id, "name": row.title, "column": column, "furthest": furthest, MANY: len(here),
        CHARTED.people: people if counted else None, "number_not_found": missing, "ids": [each.id for each in here],
        "refs": _refs((*pieces, *stage))})


def timeline(kb: KnowledgeBase) -> Chart:
    """The trials of gene therapy over the years, with phase, status and what became of them."""
    tried = _tried(kb)
    context = context_of(kb, tried)
    points = [_span(each, context) for each in tried]
    points.sort(key=lambda each: (each.group.casefold(), each.at is None, min(numbers([each]), default=0),
                                  each.data["id"]))
    known = numbers(points)
    if kb.as_of:
        known += [int(kb.as_of[:4]), int(kb.as_of[:4]) + 1]
    return _chart(
        kb, context, points, name="timeline", axis="year", key=KIND.fields[CHARTED.state].label,
        scale=(math.floor(min(known, default=0)), math.ceil(max(known, default=1))),
        looks=(*_choices(KIND.fields[CHARTED.state]).values(), f"status {NOT_FOUND}", BY_SOURCE),
        title=f"{MANY.capitalize()} of gene therapy in mesothelioma over the years, and what became of them",
        notes=(TIMELINE_NOTE,),
        header=(ROWS.name.capitalize(), ONE.capitalize(), "When", "Phase and status", "What became of it"))


def _span(record: Record, context: Context) -> Point:
    data = record.data
    low, high = years(data.get(CHARTED.start)), years(data.get(CHARTED.end))
    source = None if low or high else earliest_source(record, context)
    phase, status = (values.cell(record, each, context) for each in (CHARTED.column, CHARTED.state))
    look = _choices(KIND.fields[CHARTED.state])[_value(record, CHARTED.state)] if status else f"status {NOT_FOUND}"
    fate = values.cell(record, CHARTED.fate, context)
    said = fate or (Piece(f"{KIND.fields[CHARTED.fate].label}: {NOT_FOUND}"),)
    return Point(
        _title(record, context), f"{record.title} ({record.id})", _when(data, source),
        high or low or (source and source + 0.5), low, high, (look, BY_SOURCE) if source else (look,),
        (*phase, *(status or (Piece(look),))), said, {
            CHARTED.row: data.get(CHARTED.row), "id": record.id, "name": record.title,
            CHARTED.column: data[CHARTED.column], CHARTED.state: _value(record, CHARTED.state),
            "status_as_of": (data.get(CHARTED.state) or {}).get("as_of"), CHARTED.start: data.get(CHARTED.start),
            CHARTED.end: data.get(CHARTED.end), "earliest_source": source,
            CHARTED.fate: [each["text"] for each in data.get(CHARTED.fate) or ()],
            "refs": _refs((*phase, *status, *fate))})


def survival(kb: KnowledgeBase) -> Chart:
    """Median overall survival with its interval: arms of gene-therapy trials, and those of other treatments apart."""
    reporting = [each for each in kb.all(KIND.name)
                 if not (each.data.get(CHARTED.apart) and each.data.get(CHARTED.row))]
    context = context_of(kb, reporting)
    reporting.sort(key=lambda each: (bool(each.data.get(CHARTED.apart)), _title(each, context).casefold(),
                                     _began(each, context), each.id))
    points = [point for each in reporting for point in _arms(each, context)]
    return _chart(
        kb, context, points, name="survival", axis=CHARTED.unit, looks=(GENE, OTHER), warning=CANNOT_BE_RANKED,
        apart=CONTEXT, scale=(0, math.ceil(max([1, *numbers(points)]) / 5) * 5),
        title=f"{CHARTED.measure.capitalize()} as reported, in {CHARTED.unit}, with 95% confidence interval",
        notes=(SURVIVAL_NOTE,),
        header=(ROWS.name.capitalize(), ONE.capitalize(), "Measured in", CHARTED.measure.capitalize(), ""))


def _arms(record: Record, context: Context) -> Iterator[Point]:
    apart = bool(record.data.get(CHARTED.apart))
    cells = values.cell(record, CHARTED.figures, context)
    for piece, body in zip(cells, record.data.get(CHARTED.figures) or (), strict=True):
        if body.get("measure") != CHARTED.measure or body.get("unit") != CHARTED.unit:
            continue
        value, ci = body["value"], body.get("ci") or (None, None)
        low, high = ci[0], ci[-1]
        control = bool(body.get(CHARTED.control))
        unbounded = low is not None and _number(high) is None
        unit = "" if _number(value) is None else f" {values.unit_of(value, CHARTED.unit)}"
        interval = f"95% CI {NOT_FOUND}" if low is None else f"95% CI {low} to {high}"
        label = Piece(f"{value}{unit}"), piece.replace(text=f"{interval}; n {'= ' if body.get('n') else ''}"
                                                            f"{body.get('n') or NOT_FOUND}")
        yield Point(
            CONTEXT if apart else _title(record, context), f"{record.title} ({record.id})",
            str(body.get("group") or ""), _number(value), _number(low),
            math.inf if unbounded else _number(high), (OTHER if apart or control else GENE,), label, (), {
                CHARTED.row: record.data.get(CHARTED.row), "id": record.id, "name": record.title,
                CHARTED.apart: apart, CHARTED.column: record.data[CHARTED.column],
                CHARTED.control: control,
                **{key: body.get(key) for key in ("measure", "group", "value", "unit", "n")}, "ci_low": low,
                "ci_high": high, "level": body.get("level"), "seen": body.get("seen"), "refs": body["refs"],
                "against": body.get("against") or [], "warning": CANNOT_BE_RANKED})


def merged(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """Two orders in one: what only the second has stands before the next that both have, or at the end."""
    result: list[str] = []
    rest = list(second)
    for each in first:
        if each in rest:
            result += rest[:rest.index(each)]
            rest = rest[rest.index(each) + 1:]
        result.append(each)
    return (*result, *rest)


def years(date: str | None) -> float | None:
    """A date as a number of years; one that stops at the year or the month stands in the middle of it."""
    if not date:
        return None
    year, month, day = (*(int(each) for each in date.split("-")), 0, 0)[:3]
    return year + ((month - 1 + ((day - 0.5) / 31 if day else 0.5)) / 12 if month else 0.5)


def earliest_source(record: Record, context: Context) -> int | None:
    """The year of the earliest source that the record itself rests on, if one of them has a year."""
    cited = (context.references[each].data.get("year") for each in record.data.get("refs") or ())
    return min((each for each in cited if each), default=None)


def numbers(points: Iterable[Point]) -> list[float]:
    """Every number that points have on their scale."""
    return [number for each in points for number in (each.low, each.high, each.at)
            if isinstance(number, float) and math.isfinite(number)]


def _tried(kb: KnowledgeBase) -> list[Record]:
    """The charted records that are evidence on their rows."""
    return [each for each in kb.all(KIND.name) if not each.data.get(CHARTED.apart)]


def _choices(field: Field) -> Mapping[str, str]:
    """The closed set of a field, or of the value that its struct leads with."""
    choice = field.shape.leading.choice
    return choice.labels if choice else {}


def _value(record: Record, key: str) -> Any:
    """A sourced value without its sources."""
    return (record.data.get(key) or {}).get("value")


def _title(record: Record, context: Context) -> str:
    row = record.data.get(CHARTED.row)
    return context.lines[row].title if row else f"{ROWS.name} {NOT_FOUND}"


def _when(data: Body, source: int | None) -> str:
    start, end = data.get(CHARTED.start), data.get(CHARTED.end)
    if start or end:
        return (f"{start} to {end}" if start and end else f"from {start}, end {NOT_FOUND}" if start
                else f"until {end}, start {NOT_FOUND}")
    return f"dates {NOT_FOUND}, earliest source of {source}" if source else f"dates {NOT_FOUND}"


def _began(record: Record, context: Context) -> float:
    return years(record.data.get(CHARTED.start)) or earliest_source(record, context) or math.inf


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _refs(cell: Iterable[Piece]) -> list[str]:
    return list(dict.fromkeys(ref for each in cell for ref in each.refs))


def _chart(kb: KnowledgeBase, context: Context, points: Sequence[Point], **more: Any) -> Chart:
    """A chart whose context holds the references that its points cite, and no more."""
    cited = [ref for each in points for piece in (*each.label, *each.said) for ref in (*piece.refs, *piece.against)]
    return Chart(context=Context(kb.as_of, context.lines, kb.get(cited)), points=tuple(points), **more)


CHARTS: Final[Mapping[str, Callable[[KnowledgeBase], Chart]]] = {
    "pipeline": pipeline, "timeline": timeline, "survival": survival}
