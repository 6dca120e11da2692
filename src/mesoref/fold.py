"""Folding: the one form in which names, words and values are compared."""

from __future__ import annotations

GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "κ": "kappa",
         "λ": "lambda", "μ": "mu", "µ": "mu", "ω": "omega"}


def plain_letters(text: str) -> str:
    """Lower-case letters without accents, Greek ones written out; everything else as it is."""
    text = text.casefold()
    if text.isascii():
        return text
    import unicodedata

    text = "".join(GREEK.get(each, each) for each in text)
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def fold(text: str) -> str:
    """The letters and digits of a name, so that `CAR T`, `car-t` and `Cart` are one."""
    return "".join(each for each in plain_letters(text) if each.isalnum())


SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("isation", "ization"), ("ise", "ize"), ("ising", "izing"),
             ("yse", "yze"), ("centre", "center"), ("fibre", "fiber"), ("programme", "program"), ("ll", "l"),
             ("-", " "), ("'", ""), ("’", ""))


def spelling(text: str) -> str:
    """The text as the index knows it: British and American spellings are one, hyphens are blanks.

    It goes too far on purpose (`does` becomes `des`): texts and queries go through it alike, so all that matters is
    that two spellings of one word meet.
    """
    text = plain_letters(text)
    for british, american in SPELLINGS:
        text = text.replace(british, american)
    return text
