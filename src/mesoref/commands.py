"""The commands: each takes what was typed and returns a view. The first lines of a docstring are its help."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mesoref import completion
from mesoref.session import Progress, Session
from mesoref.views import Problems, Report, View

if TYPE_CHECKING:
    from mesoref.loader import Sources


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Reads a whole number; another word is told what is wanted."""

    def read(word: str | int) -> int:
        with contextlib.suppress(ValueError):
            number = int(word)
            if number >= least and (most is None or number <= most):
                return number
        wanted = f"a whole number {f'from {least} up' if most is None else f'from {least} to {most}'}"
        raise typer.BadParameter(f"{str(word)!r} is not {wanted}")

    return read


Names = Annotated[list[str], typer.Argument(help="Ids, names, aliases or outside identifiers.", metavar="ID...",
                                            autocompletion=completion.ids, show_default=False)]
Name = Annotated[str, typer.Argument(help="An id, a name, an alias or an outside identifier.", metavar="ID",
                                     autocompletion=completion.ids, show_default=False)]


def list_(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="A kind of record; the approaches if none is named.", metavar="[KIND]",
                                        autocompletion=completion.kinds, show_default=False)] = "",
    where: Annotated[list[str] | None, typer.Option(
        "--where", help="Only records with this value; repeat for more conditions. FIELD is one that holds no "
        "statements (they are searched: mesoref search), or a kind that is linked.",
        metavar="FIELD=VALUE", autocompletion=completion.conditions)] = None,
    sort: Annotated[str, typer.Option("--sort", help="Sort by a field; with a minus before it, backwards.",
                                      metavar="FIELD", autocompletion=completion.fields, show_default=False)] = "",
    columns: Annotated[str, typer.Option("--columns", metavar="A,B,C", show_default=False,
                                         help="Fields to show, with commas between; JSON is always whole.",
                                         autocompletion=completion.columns)] = "",
) -> View:
    """Records of a kind, one a row.

    mesoref list
    mesoref list trials --where therapy=car-t --where phase=1
    mesoref list genes --sort symbol --columns id,symbol,location
    mesoref list references -f csv -o references.csv
    """
    from mesoref.queries.listing import list_ as query

    session: Session = ctx.obj
    return query(session.kb, kind, where or (), sort, [each.strip() for each in columns.split(",") if each.strip()])


def show(ctx: typer.Context, names: Names) -> View:
    """A record whole: what is known, what can go wrong, who says so.

    mesoref show car-t
    mesoref show Kymriah p53
    mesoref show NCT02414269 -f json
    mesoref show virotherapy -o virotherapy.html
    """
    from mesoref.queries.showing import show as query

    return query(ctx.obj.kb, names)


def explain(ctx: typer.Context, names: Names) -> View:
    """A record in plain words: what it is, what can go wrong, what nobody knows, and what to ask.

    mesoref explain car-t
    mesoref explain bystander-effect
    mesoref explain "cytokine release syndrome"
    mesoref explain suicide-gene -o suicide-gene.html
    """
    from mesoref.queries.explaining import explain as query

    return query(ctx.obj.kb, names)


def compare(
    ctx: typer.Context,
    names: Names,
    diff: Annotated[bool, typer.Option("--diff", help="Only what differs.")] = False,
    field: Annotated[list[str] | None, typer.Option(
        "--field", help="Only this field; repeat for more.", metavar="NAME", autocompletion=completion.fields_of_ids,
    )] = None,
    full: Annotated[bool, typer.Option("--full", help="Also what is said of each risk, vector or other link.")] = False,
) -> View:
    """Two to five records of one kind side by side.

    mesoref compare virotherapy suicide-gene
    mesoref compare adenovirus lentivirus --diff
    mesoref compare NCT02414269 NCT03907852 --field results --field safety
    """
    from mesoref.queries.comparing import compare as query

    return query(ctx.obj.kb, names, fields=field or (), diff=diff, full=full)


def search(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(help="Words, or phrases in quotation marks that the shell leaves in.",
                                               metavar="WORDS...", show_default=False)],
    kind: Annotated[str, typer.Option("--kind", help="Only records of this kind.", metavar="KIND",
                                      autocompletion=completion.kinds, show_default=False)] = "",
    limit: Annotated[int, typer.Option("--limit", help="How many records at most.", metavar="N",
                                       parser=_whole(1))] = 10,
) -> View:
    """Find records by what stands in them, the best first, each with the text that answers.

    mesoref search virus that kills cancer
    mesoref search side effects --kind risks
    mesoref search '"stable disease"' --limit 20
    mesoref search who pays -f json
    """
    from mesoref.queries.searching import search as query

    return query(ctx.obj.kb, " ".join(words), kind=kind, limit=limit)


def cite(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(
        help="Records whose sources are cited, or sources; all sources if none is named.", metavar="[ID...]",
        autocompletion=completion.ids, show_default=False)] = None,
) -> View:
    """The sources of a record, or all: as text, or with -f bibtex, ris or csl-json.

    mesoref cite car-t
    mesoref cite virotherapy -f bibtex -o virotherapy.bib
    mesoref cite adusumilli-2021 -f ris
    mesoref cite mesoref
    """
    from mesoref.queries.citing import cite as query

    return query(ctx.obj.kb, names or ())


def links(
    ctx: typer.Context,
    name: Name,
    depth: Annotated[int, typer.Option("--depth", help="How many steps far, 1 to 20.", metavar="N",
                                       parser=_whole(1, 20))] = 1,
    sources: Annotated[bool, typer.Option("--sources", help="List the sources too, not only their number.")] = False,
) -> View:
    """What a record names and what names it, as a tree.

    mesoref links msln
    mesoref links car-t --depth 2
    mesoref links adusumilli-2021
    mesoref links suicide-gene -f dot | dot -Tsvg > suicide-gene.svg
    """
    from mesoref.queries.linking import links as query

    return query(ctx.obj.kb, name, depth=depth, sources=sources)


def chart(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="pipeline, timeline or survival.", metavar="NAME", show_default=False,
                                        autocompletion=completion.charts)],
) -> View:
    """How far each approach has come, what became of the trials, or how long people lived in them.

    mesoref chart pipeline
    mesoref chart timeline -o timeline.html
    mesoref chart survival -o survival.svg
    mesoref chart survival -f csv
    """
    from mesoref.queries.charting import chart as query

    return query(ctx.obj.kb, name)


def export(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(
        help="A file that ends in .html, .json, .sqlite or .db, or a folder.", metavar="FILE", show_default=False)],
) -> View:
    """The whole base in a file: a handbook to read and print, JSON, a SQLite file, or a folder of CSV.

    mesoref export handbook.html
    mesoref export base.json
    mesoref export base.sqlite
    mesoref export base/
    """
    from mesoref.export import export as write

    return write(ctx.obj.kb, target)


def check(
    ctx: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(
        help="Files or folders to check; the base in use if none is named.", metavar="[PATH...]",
        readable=False, show_default=False)] = None,
    stale: Annotated[int | None, typer.Option(
        "--stale", help="Also tell what was last confirmed more than so many days ago.", metavar="DAYS",
        parser=_whole(0))] = None,
) -> View:
    """Every mistake in a base, as FILE:LINE:COLUMN: MESSAGE [RULE].

    mesoref check
    mesoref check --with my-notes.yaml
    mesoref check my-base.yaml -f github
    mesoref check --stale 365
    """
    from mesoref.cache import data_folder
    from mesoref.checks import check as query

    settings = ctx.obj.settings
    bases = paths or [settings.data or data_folder()]
    asked = [*((each, False) for each in bases), *((each, True) for each in settings.extra)]
    with Progress("checking the base") as progress:
        sources, problems = query(asked, stale=stale, progress=progress)
    dangling = any(each.rule == "dangling-reference" for each in problems)
    hint = _over_the_shipped(sources, bases[0]) if dangling and bases != [data_folder()] else ""
    return Problems(problems, len(sources.entries), sources.as_of, hint)


def _over_the_shipped(sources: Sources, path: Path) -> str:
    """What to say where records that a base lacks are in the shipped one: perhaps it is meant to lie over that."""
    import contextlib
    import shlex

    from mesoref.kb import open_base

    with contextlib.closing(open_base()) as shipped:
        known = shipped.store.lines(sorted({each.target for each in sources.links} - sources.entries.keys()))
    if not known:
        return ""
    return (f"; {min(known)!r} is in the shipped base: to check a file that is laid over it, "
            f"mesoref check --with {shlex.quote(str(path))}")


def schema() -> View:
    """The JSON Schema of a base, for editors that check YAML as it is typed.

    mesoref schema -o mesoref.schema.json
    """
    from mesoref.jsonschema import json_schema
    from mesoref.views import Document

    return Document(json_schema())


def info(ctx: typer.Context) -> View:
    """Versions, dates, counts, what the levels mean, the paths in use and the exit codes.

    mesoref info
    mesoref info -f json
    """
    from mesoref.about import about

    report: Report = about(ctx.obj.kb, ctx.obj.settings.data)
    return report


def function(name: str) -> Any:
    """The function of a command."""
    return globals().get(name) or globals()[f"{name}_"]
