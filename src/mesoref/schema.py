"""The machinery of kinds: what a field is, what a record is. It names no kind."""

import json
from collections.abc import Callable, Mapping
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Self,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)

from mesoref.frozen import Frozen, hashable

LOCAL: Final = "local"
R = TypeVar("R", bound="type[Record]")
REQUIRED: Final = object()
Body = dict[str, Any]


class Ref(Frozen):
    """Marks a string as the id of a record of `kind`; without one, of a record of any kind."""

    kind: str = ""


class Choice:
    """Marks a string as one of a closed set; the order is the order of sorting, the values are what people read."""

    __slots__ = ("labels",)

    def __init__(self, labels: dict[str, str]) -> None:
        self.labels = labels


class Scheme(Frozen):
    """Marks a string as an identifier of an outside body: its pattern, and where it resolves (`{}` is the value)."""

    prefix: str
    pattern: str
    url: str = ""


class Date(Frozen):
    """Marks a string as an ISO 8601 date that may stop at the year or the month."""


class Tally(Frozen):
    """How a derived field counts the records of `kind` that name this one in `via`.

    Records whose field `unless` is true do not count, and with `having` only those that have that field. With `add` it
    adds up that field of theirs (None where none has it), with `best` it takes the best value of that field instead.
    """

    kind: str
    via: str
    unless: str = ""
    having: str = ""
    add: str = ""
    best: str = ""


class Best(Frozen):
    """How a derived field takes the best level of the values that stand in some fields of its record."""

    among: tuple[str, ...]


class Charted(Frozen):
    """Which kind the charts are drawn of, and the parts that its fields play in them.

    `row` names the record that a mark belongs to, whose field `stage` says how far it has come; `column` is how far the
    charted record itself went. Where `apart` is true a record is no evidence on its row; where it is true and there is
    no row, it is there for comparison. `figures` hold the `measure`, in `unit`, that can be drawn on one scale; a
    `control` was measured in people who did not get what was tried.
    """

    kind: str
    row: str
    stage: str
    column: str
    apart: str
    people: str
    start: str
    end: str
    state: str
    fate: str
    figures: str
    measure: str
    unit: str
    control: str


Marker = Ref | Choice | Scheme | Date


class Shape(Frozen):
    """What a field's annotation says, taken apart once; the marker stands again under what it marks.

    Records can be picked by what is `pickable`: bare, or led by a link or a `value`, as statements and figures are not.
    """

    many: bool
    scalar: tuple[type, ...]
    structs: tuple[type["Struct"], ...]
    marker: Marker | None
    ref: Ref | None
    choice: Choice | None
    scheme: Scheme | None
    pickable: bool

    @property
    def leading(self) -> "Shape":
        """The shape of what a value leads with where it is a struct, as a sourced value does; else this one."""
        return self.structs[0].fields[self.structs[0].lead].shape if self.structs else self

    def lead_of(self, value: Any) -> tuple["Shape", Any]:
        """What one JSON value leads with, and the shape of that."""
        if not self.structs:
            return self, value
        struct = self.struct_of(value)
        return struct.fields[struct.lead].shape, value[struct.lead]

    def decode(self, value: Any) -> Any:
        """The typed value of a JSON value that the loader has already checked."""
        if self.many:
            return tuple(self.item(each) for each in value or ())
        return None if value is None else self.item(value)

    def item(self, value: Any) -> Any:
        """The typed value of one JSON value."""
        return self.struct_of(value).of(value) if self.structs else value

    def struct_of(self, body: Mapping[str, Any]) -> type["Struct"]:
        """The member of a union that a mapping is meant to be: the first whose leading field it has."""
        first, *others = self.structs
        return next((each for each in self.structs if each.lead in body), first) if others else first


def members_of(annotation: Any) -> tuple[Any, ...]:
    """The members of a union; of anything else, itself."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def shape_of(annotation: Any) -> Shape:
    """Take an annotation apart; raises TypeError for a form that records cannot hold."""
    many = get_origin(annotation) is tuple
    inner = get_args(annotation)[0] if many else annotation
    members = [each for each in members_of(inner) if each is not type(None)]
    marker = None
    if len(members) == 1 and get_origin(members[0]) is Annotated:
        inner, marker = get_args(members[0])
        members = list(members_of(inner))
    structs = tuple(each for each in members if isinstance(each, type) and issubclass(each, Struct))
    scalar = tuple(each for each in members if each in (str, int, float, bool))
    if len(members) != len(structs) + len(scalar) or (structs and scalar):
        raise TypeError(f"a record cannot hold {annotation!r}")
    pickable = all(each.lead == "value" or each.fields[each.lead].shape.ref for each in structs)
    return Shape(many, scalar, structs, marker, marker if isinstance(marker, Ref) else None,
                 marker if isinstance(marker, Choice) else None, marker if isinstance(marker, Scheme) else None,
                 pickable)


class Field:
    """One attribute of a record or a struct, with all that the rest of the program needs to know of it.

    A descriptor: it reads the value out of the body of the record, typed. Everything generic (listing, showing,
    comparing, searching, checking, the schema, every format, completion) reads fields and nothing else.
    """

    annotation: Any
    name: str
    __slots__ = (
        "_shape",
        "annotation",
        "bibtex",
        "compared",
        "derived",
        "finds",
        "help",
        "key",
        "label",
        "lay",
        "module",
        "name",
        "own",
        "required",
        "search",
        "tail",
    )

    def __init__(self, label: str, help: str, *, required: bool, key: str, search: str, lay: str, finds: bool,
                 bibtex: str, derived: Tally | Best | str, tail: bool, own: bool,
                 compared: bool) -> None:
        self.label, self.help, self.required, self.key = label, help, required, key
        self.search, self.lay, self.finds, self.bibtex, self.derived = search, lay, finds, bibtex, derived
        self.tail, self.own, self.compared = tail, own, compared
        self._shape: Shape | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.key = self.key or name

    @property
    def shape(self) -> Shape:
        """What the annotation says."""
        if self._shape is None:
            self._shape = shape_of(self.annotation)
        return self._shape

    def items(self, body: Mapping[str, Any]) -> list[Any]:
        """The values that a body has for the field: none, one or many."""
        return items_of(body.get(self.key))

    def __get__(self, struct: "Struct | None", owner: type) -> Any:
        return self if struct is None else self.shape.decode(struct.data.get(self.key))

    def __set__(self, struct: "Struct", value: object) -> None:
        raise AttributeError(f"{type(struct).__name__} is frozen")

    def __repr__(self) -> str:
        return f"<Field {self.key}>"


def field(label: str, help: str, *, default: Any = REQUIRED, key: str = "", search: str = "", lay: str = "",
          finds: bool = False, bibtex: str = "", derived: Tally | Best | str = "", tail: bool = False,
          own: bool = False, compared: bool = True) -> Any:
    """Declare a field.

    `help` is its documentation, everywhere. `search` names the part of the full-text index it feeds (`names`,
    `plain`, `facts` or `sources`); `lay` is its heading where a record is explained to a patient; `finds` says that
    its value finds the record; `bibtex` is its name in a bibliography; a `derived` field is computed when a base is
    compiled and cannot stand in a source; a `tail` field stands after those of subclasses; an
    `own` field is a plain fact that rests on the `refs` of the record itself; one that is not
    `compared` is left out of comparisons unless it is asked for.
    """
    return Field(label, help, required=default is REQUIRED and not derived, key=key, search=search, lay=lay,
                 finds=finds, bibtex=bibtex, derived=derived, tail=tail, own=own, compared=compared)


class Held:
    """What a struct holds: its body, or the JSON text that the body is parsed from when it is asked for."""

    __slots__ = ("_body", "_text")
    _body: Body
    _text: str


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Struct(Held):
    """A frozen value: a typed face over a JSON body.

    The body is what the loader has checked and the store keeps, so reading a record costs nothing until a field is
    asked for, and writing it out again is writing the body. `template` makes words of its fields; `table` is the table
    that it stands in where a base is laid out flat. What is worth something only with its date is named with it
    wherever it stands, and `undated` is what is said where the date is not known.
    """

    __slots__ = ()
    fields: ClassVar[dict[str, Field]] = {}
    lead: ClassVar[str] = ""
    template: ClassVar[str] = ""
    table: ClassVar[str] = ""
    undated: ClassVar[str] = ""

    def __init_subclass__(cls, template: str = "", table: str = "", undated: str = "") -> None:
        own: dict[str, Field] = {}
        # Since Python 3.14 a class changes when its annotations are asked for.
        for name, value in list(vars(cls).items()):
            if isinstance(value, Field):
                value.annotation = cls.__annotations__[name]
                own[value.key] = value
        # A field that is declared again keeps its place, unless it moves to the tail or from it.
        again = {k for k, v in cls.fields.items() if k in own and own[k].tail is v.tail}
        fields = {k: own.get(k, v) for k, v in cls.fields.items() if k in again or k not in own} | own
        cls.fields = {k: v for tail in (False, True) for k, v in fields.items() if v.tail is tail}
        cls.lead = next(iter(cls.fields), "")
        cls.template = template or cls.template
        cls.table = table or cls.table
        cls.undated = undated or cls.undated

    def __init__(self, **values: Any) -> None:
        cls = type(self)
        keys = {each.name: each.key for each in cls.fields.values()}
        if unknown := values.keys() - keys:
            raise TypeError(f"{cls.__name__} has no field {', '.join(sorted(unknown))}")
        body = {keys[name]: encode(value) for name, value in values.items()}
        if missing := [k for k, each in cls.fields.items() if each.required and body.get(k) is None]:
            raise TypeError(f"{cls.__name__} needs {', '.join(missing)}")
        object.__setattr__(self, "_body", body)

    @classmethod
    def of(cls, body: Body) -> Self:
        """The struct over a body that is known to be sound."""
        new = object.__new__(cls)
        object.__setattr__(new, "_body", body)
        return new

    @property
    def data(self) -> Body:
        """The JSON body; it is read, never changed."""
        return self._body

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __reduce__(self) -> tuple[Callable[[Body], Self], tuple[Body]]:
        # What is copied or pickled without this is set attribute by attribute, which a frozen value refuses.
        return type(self).of, (self.data,)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.data == other.data

    def __hash__(self) -> int:
        return hash((type(self), hashable(self.data)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.data.items() if v)})"


def items_of(value: Any) -> list[Any]:
    """The values of a field that has none, one or many."""
    return value if isinstance(value, list) else [] if value is None else [value]


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LINKING: dict[type[Struct], list[tuple[str, Shape]]] = {}


def dump(value: Any) -> str:
    """Compact JSON."""
    return _COMPACT.encode(value)


def linking(cls: type[Struct]) -> list[tuple[str, Shape]]:
    """The fields of a struct in which records can be named, directly or in a struct of their own."""
    if cls not in _LINKING:
        _LINKING[cls] = [(key, field.shape) for key, field in cls.fields.items()
                         if field.shape.structs or field.shape.ref]
    return _LINKING[cls]


def encode(value: Any) -> Any:
    """The JSON value of a typed value."""
    if isinstance(value, Struct):
        return value.data
    return [encode(each) for each in value] if isinstance(value, tuple | list) else value


class Record(Struct):
    """A struct with an id of its own: one entry of a knowledge base.

    Read from a store it keeps the JSON text of its body, which is parsed when a field is asked for; what is only
    passed on as JSON never is.
    """

    __slots__ = ()
    kind: ClassVar["Kind"]
    id: str = field("Id", "lower-case words joined by hyphens; unique over all kinds, and never changed",
                    search="sources", compared=False)
    local: bool = field("Local", "true: laid over the shipped base by the reader", derived=LOCAL, tail=True,
                        compared=False)

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The record over the JSON text of a body that is known to be sound."""
        new = cls.of({})
        object.__setattr__(new, "_text", text)
        return new

    @property
    def data(self) -> Body:
        """The JSON body; it is read, never changed."""
        if not self._body:
            object.__setattr__(self, "_body", json.loads(self._text))
        return self._body

    @property
    def text(self) -> str:
        """The body as JSON text."""
        return self._text if hasattr(self, "_text") else dump(self.data)

    @property
    def title(self) -> str:
        """What people call the record."""
        return str(self.data[self.kind.title])


class Kind(Frozen):
    """A kind of record: its names, its class and how it is listed."""

    name: str
    plural: str
    cls: type[Record]
    title: str
    columns: tuple[str, ...]
    sort: str
    brief: tuple[str, ...]
    short: str
    closing: tuple[str, ...]
    defines: bool
    inline: bool
    quoted: bool

    @property
    def fields(self) -> dict[str, Field]:
        """The fields of the kind, by key."""
        return self.cls.fields

    @property
    def citable(self) -> bool:
        """Whether its records are sources, which can stand in a bibliography."""
        return any(field.bibtex for field in self.fields.values())

    @property
    def help(self) -> str:
        """What a record of the kind is, in a line."""
        return (self.cls.__doc__ or "").partition("\n")[0]


KINDS: Final[dict[str, Kind]] = {}


def kind(name: str, plural: str, *, columns: tuple[str, ...], title: str = "name",
         sort: str = "id", brief: tuple[str, ...] = (),
         short: str = "", closing: tuple[str, ...] = (), defines: bool = False,
         inline: bool = False, quoted: bool = False) -> Callable[[R], R]:
    """Register a class of records as a kind; `columns` and `sort` are what `list` does unless told otherwise.

    `brief` are the fields that stand beside the record's title where another record names it;
    `short` is the field by which it is named where there is little room; `closing` are the fields that stand last
    where it is explained in plain words; a kind that `defines` is a glossary; the records of an `inline` kind are so
    short that a book shows them whole in the list of their kind; the title of a `quoted` kind is what others say, so it
    stands in quotation marks, and what stands beside other titles stands before it.
    """

    def register(cls: R) -> R:
        KINDS[name] = cls.kind = Kind(name, plural, cls, title, columns, sort, brief, short or title, closing, defines,
                                     inline, quoted)
        return cls

    return register
