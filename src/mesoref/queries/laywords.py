"""Words about words, for `search` alone: which of a question to leave out, and which stand for which.

It is data: English words, none of them a kind or an id. Inflections and spellings need no entry; words are alike only
if a reader who types one of them would call a record right that another one finds.
"""

from __future__ import annotations

STOP = frozenset("""
a about after against all also am an and any anybody anyone are as at be been being but by can could dad did do does
doing done dont father for from get gets getting give given got had happen happens has have having he help helps her
here him his how husband i if im in into is isnt it its just know many may me mean means might mom mother much mum
must my need no not of on onto or our ours people person please really shall she should so some somebody someone such
tell than that the their them then there these they this those to too under until up us very want was we were what
whats when where whether which while who whom whose why wife will with would you your yours
""".split())  # noqa: SIM905 - a text is easier to keep than a list
"""Words that say nothing of what is looked for; they count only within quotation marks or where nothing else stands."""

ALIKE = (
    "belly abdomen peritoneal",
    "breath breathing dyspnoea",
    "chest lung pleural",
    "child children",
    "chills shivering",
    "damage toxicity",
    "die died dying dead death fatal",
    "drip infusion vein intravenous",
    "expensive cost price money pay afford insurance",
    "fits seizures",
    "heart cardiac",
    "ifn interferon",
    "il interleukin",
    "kidney renal",
    "liver hepatic hepatotoxicity",
    "loss lost lose",
    "medicine drug",
    "mimic copy",
    "mouse mice",
    "needle injection",
    "rash eruption blistering",
    "relapse recurrence",
    "surgery operation",
    "tiredness fatigue",
    "virus viral vector",
)
"""Words of which each finds the others too."""

MEANT = {
    "side effect": "side effect, adverse event, toxicity",
    "is safe": "severe side effect, risk, harm",
    "how safe": "severe side effect, risk, harm",
    "is dangerous": "severe side effect, risk, harm",
    "who pays": "cost, price",
    "how long live": "survival, outlook, prognosis",
    "how long left": "survival, outlook, prognosis",
    "life expectancy": "survival, outlook, prognosis",
    "my children": "child, germline",
    "infect family": "shedding, transmission",
    "cytokine storm": "cytokine release",
    "checks afterwards": "follow up, monitoring",
}
"""Words that together, in whatever order, ask for something that has other names: these are looked for instead."""
