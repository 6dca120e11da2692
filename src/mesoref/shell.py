"""Commands that the program tells people to type. What a base says is data there too."""

from __future__ import annotations

APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\uff07", "'"))
"""What becomes an apostrophe on a screen that cannot show it, and would then end the quotes around it."""


def command(verb: str, *names: str, **options: str | tuple[str, ...]) -> str:
    """A command of this program that means the same to a shell, whatever its names hold; an option may stand again."""
    import shlex

    given = [word for option, value in options.items() for each in ([value] if isinstance(value, str) else value)
             for word in (f"--{option}", each)]
    # A name must not be taken for an option, even when what hides its dash has been cleaned away.
    words = [*names, *given] if all(each[:1].isalnum() for each in names) else [*given, "--", *names]
    return shlex.join(each.translate(APOSTROPHES) for each in ("mesoref", verb, *words))
