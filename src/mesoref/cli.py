"""The command line: parse, ask, render. A command is built only when it is called."""

# No `from __future__ import annotations`: Typer would have to compile the text of every option at each start.
import contextlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_command_from_info
from typer.models import CommandInfo

from mesoref import __version__
from mesoref.errors import BaseError, MesorefError, UsageError
from mesoref.settings import Settings, settings_of

SHOWN_PROBLEMS: Final = 20
INTERRUPTED: Final = 130
COMMANDS: Final = {
    "list": "Records of a kind, one a row.",
    "show": "A record whole, with its sources.",
    "explain": "A record in plain words, for patients.",
    "compare": "Records of one kind side by side.",
    "search": "Records by what stands in them, the best first.",
    "cite": "The sources of a record, or all.",
    "links": "What a record names and what names it.",
    "chart": "The stages, the years or the survival as a picture.",
    "export": "The whole base as a handbook, JSON, SQLite or CSV.",
    "check": "Every mistake in a base.",
    "schema": "The JSON Schema of a base, for editors.",
    "info": "Versions, dates, counts, levels, paths and exit codes.",
}
"""Command to its line in the help; each is a function of `mesoref.commands`, which is imported when one is called."""


def _formats(incomplete: str) -> list[str]:
    from mesoref.render import ALIASES, FORMATS

    return [each for each in (*FORMATS, *ALIASES) if each.startswith(incomplete)]


def common(
    data: Annotated[Path | None, typer.Option(
        "--data", help="Read this base, a file or a folder, instead of the shipped one, or name it in MESOREF_DATA.",
        metavar="PATH", readable=False, show_default=False)] = None,
    extra: Annotated[list[Path] | None, typer.Option(
        "--with", help="Lay the records of this file or folder over the base; repeat for more.", metavar="PATH",
        readable=False, show_default=False)] = None,
    format: Annotated[str, typer.Option(
        "--format", "-f", help="How the answer is written: table, plain, json, jsonl, csv, tsv, markdown, html, ...",
        metavar="FORMAT", autocompletion=_formats, show_default=False)] = "",
    output: Annotated[Path | None, typer.Option(
        "--output", "-o", help="Write to this file; its suffix names the format unless --format does.", metavar="FILE",
        readable=False, show_default=False)] = None,
    pager: Annotated[bool, typer.Option("--pager/--no-pager", help="Show long answers through a pager.",
                                        show_default=False)] = True,
) -> None:
    """The options that stand on every command and before it."""


@cache
def _common_options() -> list[Any]:
    info = CommandInfo(callback=common)
    built = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
    return [each for each in built.params if each.name != "help"]


class _Command(TyperCommand):
    """A command whose function returns a view, which is then written where and how the common options say."""

    def invoke(self, ctx: Any) -> Any:
        from mesoref.session import Session

        ctx.obj = Session(settings_of(ctx))
        ctx.call_on_close(ctx.obj.close)
        # Before anything is asked: it must not depend on the answer whether the command line is right.
        ctx.obj.asked_format()
        for name in Settings.names():
            ctx.params.pop(name, None)
        if refusal := ctx.obj.conclude(super().invoke(ctx)):
            from mesoref.session import complain

            complain(refusal)
            raise typer.Exit(1)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The line on what it does, examples, then usage and options."""
        summary, _, rest = (self.help or "").partition("\n")
        formatter.write_paragraph()
        formatter.write_text(summary)
        examples = [each.strip() for each in rest.splitlines() if each.strip()]
        if examples:
            with formatter.section("Examples"):
                formatter.write_dl([(each, "") for each in examples])
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_options(ctx, formatter)


class _Group(TyperGroup):
    """The program: it builds the command that is called, and turns errors into messages and exit codes."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:
                return None
            import difflib

            near = difflib.get_close_matches(cmd_name, COMMANDS, 1, 0.6)
            hint = f"did you mean {near[0]!r}?" if near else f"the commands are {', '.join(COMMANDS)}"
            raise UsageError(f"no command {cmd_name!r}; {hint}")
        from mesoref import commands

        function = commands.function(cmd_name)
        built = get_command_from_info(
            CommandInfo(name=cmd_name, cls=_Command, callback=function, help=function.__doc__,
                        context_settings={"help_option_names": ["-h", "--help"]}),
            pretty_exceptions_short=False, rich_markup_mode=None)
        built.params += _common_options()
        return built

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands by their lines, none of them built."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """What it is, examples, then commands and options."""
        formatter.write_paragraph()
        formatter.write_text("What gene therapy can do for mesothelioma: offline, dated, and every statement with its "
                             "source. It informs; it does not advise.")
        with formatter.section("Examples"):
            formatter.write_dl([("mesoref list", "the approaches, and how far each has come"),
                                ("mesoref show car-t", "one of them whole"),
                                ("mesoref compare virotherapy suicide-gene", "two side by side")])
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_options(ctx, formatter)

    def make_context(self, *args: Any, **extra: Any) -> Any:
        with _answering():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        ctx.obj = {name: ctx.params.pop(name) for name in Settings.names() if name in ctx.params}
        with _answering():
            return super().invoke(ctx)


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    """Turns whatever a user can cause or mend into a message and an exit code."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseError as error:
        shown = "".join(f"\n{each}" for each in error.problems[:SHOWN_PROBLEMS])
        more = len(error.problems) - SHOWN_PROBLEMS
        shown += f"\nand {more} more: see them all with `mesoref check`" if more > 0 else ""
        _fail(BaseError(error.message), shown)
    except MesorefError as error:
        _fail(error)
    except BrokenPipeError:
        _drop_output()
        raise typer.Exit from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except MemoryError:
        _fail(BaseError("there is not enough memory for this"))
    except OSError as error:
        # What is read has errors of its own; what is left is an answer that cannot be written.
        _drop_output()
        what = f"cannot use {error.filename}" if error.filename else "cannot write the answer"
        _fail(UsageError(f"{what}: {(error.strerror or str(error)).lower()}"))


def _fail(error: MesorefError, more: str = "") -> None:
    from mesoref.session import complain

    complain(f"{error}{more}")
    raise typer.Exit(error.exit_code) from None


def _drop_output() -> None:
    """The reader has closed the pipe: there is nobody left to write to, and that is no error."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def program(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="The versions of the program and of the knowledge.",
                                          show_default=False)] = False,
) -> None:
    """Without a command there is only help to give, or the versions."""
    if version:
        from mesoref.kb import open_base

        settings = settings_of(ctx)
        with contextlib.closing(open_base(settings.data, settings.extra)) as kb:
            # Its whole answer.
            print(f"mesoref {__version__}, knowledge as of {kb.as_of or 'an unknown date'}")  # noqa: T201
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())  # noqa: T201 - its whole answer


def build() -> Any:
    """The program as a command."""
    app = typer.Typer(cls=_Group, rich_markup_mode=None, pretty_exceptions_enable=False, invoke_without_command=True,
                      context_settings={"help_option_names": ["-h", "--help"]})
    app.callback()(program)
    group: Any = get_command(app)
    group.params += _common_options()
    return group


def main() -> None:
    """Run the program."""
    if sys.stderr is None:
        # Closed by whoever started the program; Typer would write its errors to standard output instead.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the program ends
    with contextlib.suppress(BrokenPipeError):
        try:
            build()(prog_name="mesoref")
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
