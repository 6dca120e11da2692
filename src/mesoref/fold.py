"""Folding: the one form in which names, words and values are compared."""

from __future__ import annotations

import re
from functools import cache

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
    return "".join(filter(str.isalnum, plain_letters(text)))


SPELLINGS = (
    ("mour", "mor"), ("bour", "bor"), ("vour", "vor"), ("lour", "lor"), ("iour", "ior"), ("onour", "onor"),
    ("odour", "odor"), ("aem", "em"), ("aec", "ec"), ("aeti", "eti"), ("aesth", "esth"), ("paed", "ped"),
    ("oedem", "edem"), ("oesoph", "esoph"), ("oestr", "estr"), ("foet", "fet"), ("rrhoea", "rrhea"), ("leuco", "leuko"),
    ("ciclo", "cyclo"), ("sulph", "sulf"), ("alfa", "alpha"), ("isation", "ization"), ("ise", "ize"),
    ("ising", "izing"), ("lyse", "lyze"), ("lysing", "lyzing"), ("centre", "center"), ("fibre", "fiber"),
    ("titre", "titer"), ("litre", "liter"), ("metre", "meter"), ("programme", "program"), ("alogue", "alog"),
    ("licence", "license"), ("defence", "defense"), ("enroll", "enrol"), ("labell", "label"), ("signall", "signal"),
    ("modell", "model"), ("tunnell", "tunnel"), ("channell", "channel"), ("cancell", "cancel"), ("counsell", "counsel"),
    ("travell", "travel"), ("grey", "gray"), ("viruses", "virus"), ("stases", "stasis"), ("gnoses", "gnosis"),
    ("bacterium", "bacteria"),
)
WORD = r"[^\W_]+"
COMPOUND = f"{WORD}(?:-{WORD})+"


@cache
def spelling(word: str) -> str:
    """A folded word with British spelling made American, and plurals that no stemmer knows made singular.

    What it makes of other words is as good a key as they are.
    """
    for british, american in SPELLINGS:
        word = word.replace(british, american)
    return word


def unmarked(text: str) -> str:
    """Plain letters without apostrophes and the genitive behind them, so that a word is letters and digits alone."""
    text = plain_letters(text).replace("\u2019", "'")
    return re.sub(r"(?<=\w)'s\b", "", text).replace("'", "") if "'" in text else text


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return re.findall(WORD, unmarked(text))


def compounds(text: str) -> list[str]:
    """What the hyphens of a text join, so that `non-viral` is `nonviral` too."""
    return [each.replace("-", "") for each in re.findall(COMPOUND, unmarked(text))] if "-" in text else []
