"""The kinds of mesoref: what is known about each, field by field. The only module that names a kind.

To add a field, add it here and to the YAML; to add a kind, add a class here. Listing, showing, comparing, searching,
checking, the schema, every format and completion follow.
"""

from typing import Annotated, Final

from mesoref.schema import (
    KINDS,
    LOCAL,
    Best,
    Charted,
    Choice,
    Date,
    Kind,
    Record,
    Ref,
    Scheme,
    Struct,
    Tally,
    field,
    kind,
)

__all__ = ["KINDS", "LOCAL", "SCHEMA", "Kind"]

SCHEMA: Final = 1
"""The version of the format that this program reads; a base that asks for a newer one is refused."""

# --- closed sets and outside identifiers -------------------------------------------------------------------------

LEVELS: Final = {
    "A": "a regulator's label or decision, a guideline, or a randomised trial",
    "B": "a clinical trial without randomisation",
    "C": "a patient series, a cohort or a case",
    "D": "animals or cells",
    "E": "a review, a registry, a press notice or a web page that reports others",
}
Level = Annotated[str, Choice({letter: letter for letter in LEVELS})]
Seen = Annotated[str, Choice({
    "source": "read in the source named",
    "excerpt": "only a part of the source was read",
    "secondary": "read in a source that reports another",
})]
Stage = Annotated[str, Choice({
    "none": "nothing found in mesothelioma",
    "preclinical": "cells or animals only",
    "phase-1": "phase 1",
    "phase-1-2": "phase 1/2",
    "phase-2": "phase 2",
    "phase-3": "phase 3",
    "approved": "approved",
})]
Phase = Annotated[str, Choice({
    "pilot": "pilot",
    "1": "phase 1",
    "1/2": "phase 1/2",
    "2": "phase 2",
    "2/3": "phase 2/3",
    "3": "phase 3",
    "follow-up": "follow-up",
    "not-stated": "phase not stated",
})]
TrialStatus = Annotated[str, Choice({
    "not-yet-recruiting": "not yet recruiting",
    "recruiting": "recruiting",
    "active": "active, no longer recruiting",
    "completed": "completed",
    "terminated": "ended early",
    "withdrawn": "withdrawn before it began",
    "suspended": "suspended",
    "unknown": "status not known",
})]
Delivery = Annotated[str, Choice({
    "in-vivo": "in the body",
    "ex-vivo": "into cells outside the body",
})]
GeneRole = Annotated[str, Choice({
    "tumor-suppressor": "tumour suppressor",
    "target-antigen": "target on the cancer cell",
    "transgene": "gene that is delivered",
    "suicide-gene": "suicide gene",
    "safety-switch": "safety switch",
    "reporter": "reporter",
    "microrna": "microRNA that is put back",
    "silencing-target": "gene that is silenced",
    "edited-gene": "gene that is edited",
    "entry-receptor": "door that a virus uses",
    "checkpoint": "immune checkpoint",
    "receptor-part": "part of an engineered receptor",
    "growth-driver": "drives growth or survival of the tumour",
    "marker": "marker of sensitivity or outcome",
})]
VectorClass = Annotated[str, Choice({
    "viral": "virus",
    "bacterial": "bacterium",
    "non-viral": "not a virus",
    "cell": "living cell",
})]
Answer = Annotated[str, Choice({
    "yes": "yes",
    "no": "no",
    "rarely": "rarely",
    "varies": "depends on the product",
})]
ReferenceType = Annotated[str, Choice({
    "label": "regulator's label or decision",
    "guideline": "guideline",
    "randomized-trial": "randomised trial",
    "trial": "clinical trial",
    "cohort": "patient series, cohort or case",
    "preclinical": "animals or cells",
    "review": "review",
    "registry": "registry or database",
    "press": "press",
    "web": "web page",
    "software": "software",
})]
LEVEL_OF_TYPE: Final = {
    "label": "A", "guideline": "A", "randomized-trial": "A", "trial": "B", "cohort": "C", "preclinical": "D",
    "review": "E", "registry": "E", "press": "E", "web": "E",
    "software": "E",
}
STUDIES: Final = ("guideline", "randomized-trial", "trial", "cohort", "preclinical", "review")
"""The types of reference that people write in journals."""
Access = Annotated[str, Choice({
    "full-text": "full text read",
    "abstract": "abstract read",
    "excerpt": "excerpt read",
})]
Verdict = Annotated[str, Choice({
    "holds": "holds",
    "imprecise": "imprecise",
    "outdated": "outdated",
    "wrong": "wrong",
})]

Day = Annotated[str, Date()]
Source = Annotated[str, Ref("reference")]
AnyId = Annotated[str, Ref()]
Pmid = Annotated[str, Scheme("PMID", r"[1-9]\d{0,8}", "https://pubmed.ncbi.nlm.nih.gov/{}/")]
Pmcid = Annotated[str, Scheme("PMCID", r"PMC\d{3,9}", "https://pmc.ncbi.nlm.nih.gov/articles/{}/")]
Doi = Annotated[str, Scheme("DOI", r"10\.\d{4,9}/\S+", "https://doi.org/{}")]
Nct = Annotated[str, Scheme("NCT", r"NCT\d{8}", "https://clinicaltrials.gov/study/{}")]
Url = Annotated[str, Scheme("URL", r"https?://[^\s<>\"]+", "{}")]
Hgnc = Annotated[str, Scheme("HGNC", r"HGNC:\d+", "https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/{}")]
NcbiGene = Annotated[str, Scheme("NCBIGENE", r"[1-9]\d*", "https://www.ncbi.nlm.nih.gov/gene/{}")]
Ensembl = Annotated[str, Scheme("ENSEMBL", r"ENSG\d{11}", "https://www.ensembl.org/id/{}")]
UniProt = Annotated[str, Scheme(
    "UNIPROT", r"[OPQ]\d[A-Z0-9]{3}\d|[A-NR-Z]\d([A-Z][A-Z0-9]{2}\d){1,2}", "https://www.uniprot.org/uniprotkb/{}")]
MirBase = Annotated[str, Scheme("MIRBASE", r"MI(MAT)?\d{7}", "https://mirbase.org/hairpin/{}")]
Omim = Annotated[str, Scheme("OMIM", r"[1-6]\d{5}", "https://omim.org/entry/{}")]
Amount = int | float | str

# --- sourced values ----------------------------------------------------------------------------------------------


class Sourced(Struct):
    """A value with its sources: who says it, how that was read, who says otherwise, and as of when."""

    refs: tuple[Source, ...] = field("Sources", "ids of the references that say it; at least one", tail=True)
    seen: Seen | None = field("How it was read", "how the source was read; `source` if nothing is said",
                              default=None, tail=True)
    against: tuple[Source, ...] = field("Against", "ids of references that say otherwise", default=(), tail=True)
    as_of: Day | None = field("As of", "the date for which it holds", default=None, tail=True)
    level: Level = field("Level", "the best level among its sources", derived="level", tail=True)


class Statement(Sourced, template="{text}", table="statements"):
    """One checkable sentence."""

    text: str = field("Text", "one checkable sentence")


class Figure(Sourced, template="{measure}: {value}[ {unit}][ (95% CI {ci})][; n = {n}][; {group}]", table="figures"):
    """A number that was measured, with what is needed to judge it."""

    measure: str = field("Measure", "what was measured")
    value: Amount = field("Value", "the number; words where it is none, such as `not reached`")
    unit: str | None = field("Unit", "`%`, `months`, `patients`, ...", default=None)
    n: int | None = field("n", "how many people, tumours or samples it was measured in", default=None)
    group: str | None = field("Group", "whom or what it was measured in", default=None)
    ci: tuple[Amount, ...] = field("95% CI", "lower and upper end of the 95% confidence interval", default=())
    control: bool = field("Control", "true: measured in people of a trial who did not get what it tries",
                          default=False)


class Text(Sourced, template="{value}", table="facts"):
    """A short text with its sources."""

    value: str = field("Value", "the text")


class Count(Sourced, template="{value}", table="facts"):
    """A whole number with its sources."""

    value: int = field("Value", "the number")


class StageReached(Sourced, template="{value}", table="facts"):
    """How far an approach has come in mesothelioma."""

    value: Stage = field("Value", "the furthest stage in mesothelioma")


class StatusSeen(Sourced, template="{value}", table="facts", undated="date not known"):
    """Where a trial stood when its record was read."""

    value: TrialStatus = field("Value", "the status")


class YesNo(Sourced, template="{value}[: {note}]", table="facts"):
    """An answer to a yes-or-no question, with its sources."""

    value: Answer = field("Value", "the answer")
    note: str | None = field("Note", "what the answer leaves out, in a few words", default=None)


class GeneUse(Sourced, template="{gene} ({role})", table="genes_used"):
    """A gene and what it does in an approach or a product."""

    gene: Annotated[str, Ref("gene")] = field("Gene", "id of the gene")
    role: GeneRole = field("Role", "what it does here")


class VectorUse(Sourced, template="{vector}[: {text}]", table="vectors_used"):
    """A vector and how it is used here."""

    vector: Annotated[str, Ref("vector")] = field("Vector", "id of the vector")
    text: str | None = field("Text", "how it is used here, in a sentence", default=None)


class RiskSeen(Sourced, template="{risk}[: {text}]", table="risks_seen"):
    """A risk and how it has shown itself here."""

    risk: Annotated[str, Ref("risk")] = field("Risk", "id of the risk")
    text: str | None = field("Text", "how it has shown itself here, in a sentence", default=None)


class Approval(Sourced, template="{body}, {date}: {indication}", table="approvals"):
    """A regulator's decision to let a product be used."""

    body: str = field("Body", "the regulator")
    date: Day = field("Date", "day, month or year of the decision")
    indication: str = field("Indication", "what it may be used for")


Statements = tuple[Statement, ...]
Figures = tuple[Figure, ...]
Findings = tuple[Figure | Statement, ...]


def statements(label: str, help: str, *, lay: str = "", search: str = "facts", tail: bool = False,
               compared: bool = True) -> Statements:
    """Declare a list of statements that may be empty."""
    value: Statements = field(label, help, default=(), lay=lay, search=search, tail=tail,
                              compared=compared)
    return value


# --- the kinds ---------------------------------------------------------------------------------------------------


class Subject(Record):
    """What every kind has that is about something in the world."""

    name: str = field("Name", "what it is called", search="names", compared=False)
    aliases: tuple[str, ...] = field("Also called", "other names, abbreviations, trade names", default=(),
                                     search="names", finds=True, compared=False)


class Entry(Subject):
    """A subject that is described in statements."""

    plain: Statements = statements("In plain words", "what it is, in words without jargon", lay="What it is",
                                   search="plain", compared=False)
    statements: Statements = statements("What is known", "what is known beyond the other fields", tail=True,
                                        compared=False)
    gaps: tuple[str, ...] = field("Not found", "what was looked for in the sources and not found",
                                  default=(), lay="What was looked for and not found", search="facts",
                                  tail=True, compared=False)
    refs: tuple[Source, ...] = field("Sources", "references for what stands here without sources of its own",
                                     default=(), tail=True, compared=False)
    level: Level | None = field("Best level", "the best level of evidence among its statements and figures",
                                derived="level", tail=True)


@kind("therapy", "therapies", closing=("questions",),
      columns=("id", "name", "stage", "level", "trials", "treated", "genes", "vectors"))
class Therapy(Entry):
    """An approach: one way of treating by gene transfer."""

    summary: Statements = statements("Summary", "what it is and where it stands, for a professional",
                                     search="plain")
    stage: StageReached = field("Stage in mesothelioma", "the furthest stage reached in mesothelioma",
                                lay="How far it has come")
    level: Level | None = field("Best level", "the best level of evidence among its trials in mesothelioma; where "
                                "there is none, among the sources of its stage",
                                derived=Tally("trial", "therapy", unless="context", best="level"))
    risks: tuple[RiskSeen, ...] = field("Risks", "what can go wrong, and how it has shown itself", default=(),
                                        lay="What can go wrong", search="facts")
    limits: Statements = statements("Limits", "what holds it back")
    unknowns: Statements = statements("Not known", "what nobody knows yet", lay="What nobody knows yet")
    trials: int = field("Trials", "gene-therapy trials of it in mesothelioma that this base holds",
                        derived=Tally("trial", "therapy", unless="context"),
                        lay="Trials in mesothelioma, and where they stand")
    treated: int | None = field("People treated (known)", "people who had the gene therapy in those of these "
                                "trials whose sources give the number; some had other cancers",
                                derived=Tally("trial", "therapy", unless="context", add="treated"))
    telling: int = field("Trials that tell how many", "in how many of these trials that number is known",
                         derived=Tally("trial", "therapy", unless="context", having="treated"))
    strengths: Statements = statements("Strengths", "what speaks for it")
    delivery: tuple[Delivery, ...] = field("Where the gene goes in", "in the body, or into cells outside it",
                                           default=(), own=True)
    steps: Statements = statements("Steps", "how it is done, in order", compared=False)
    genes: tuple[GeneUse, ...] = field("Genes", "the genes it uses, with their role", default=())
    vectors: tuple[VectorUse, ...] = field("Vectors", "what carries the gene", default=())
    history: Statements = statements("History", "how it came to be, in order", compared=False)
    questions: tuple[str, ...] = field("Questions for the care team", "what a patient might ask", default=(),
                                       lay="Questions for the care team", compared=False)
    related: tuple[Annotated[str, Ref("therapy")], ...] = field("Related", "ids of related approaches", default=())
    gaps: tuple[str, ...] = field("Not found", "what was looked for in the sources and not found", default=(),
                                  search="facts", tail=True, compared=False)


@kind("gene", "genes", short="symbol", columns=("id", "symbol", "name", "roles", "location", "level"))
class Gene(Entry):
    """A gene that is delivered, replaced, silenced, edited or aimed at."""

    symbol: str = field("Symbol", "the approved symbol", search="names", finds=True)
    roles: tuple[GeneRole, ...] = field("Roles", "what it does in gene therapy", own=True,
                                         lay="What it does in gene therapy")
    frequencies: Figures = field("Frequency in mesothelioma", "how often it is altered or present, by cohort",
                                 default=(), search="facts")
    location: str | None = field("Location", "chromosome band", default=None, own=True)
    hgnc: Hgnc | None = field("HGNC", "HGNC id", default=None, own=True)
    ncbi_gene: NcbiGene | None = field("NCBI Gene", "NCBI Gene id", default=None, own=True)
    ensembl: Ensembl | None = field("Ensembl", "Ensembl gene id", default=None, own=True)
    uniprot: tuple[UniProt, ...] = field("UniProt", "UniProt accessions", default=(), own=True)
    mirbase: tuple[MirBase, ...] = field("miRBase", "miRBase accessions", default=(), own=True)
    omim: Omim | None = field("OMIM", "OMIM number", default=None, own=True)


@kind("vector", "vectors", columns=("id", "name", "class", "integrates", "replicates", "capacity_kb", "level"))
class Vector(Entry):
    """A vehicle that carries genetic material into cells."""

    class_: VectorClass = field("Class", "virus, bacterium, neither, or a living cell", key="class", own=True)
    limits: Statements = statements("Limits", "what holds it back", lay="What it cannot do")
    preexisting_antibody: Findings = field("Antibodies beforehand", "how many people have antibodies against it",
                                           default=(), search="facts")
    strengths: Statements = statements("Strengths", "what speaks for it")
    genome: Text | None = field("Genome", "what its genome is", default=None)
    capacity_kb: Text | None = field("Capacity (kb)", "the largest insert, in kilobases", default=None)
    integrates: YesNo | None = field("Integrates", "does its cargo join the cell's own DNA?", default=None)
    replicates: YesNo | None = field("Replicates", "does it multiply?", default=None)
    expression: Text | None = field("Expression", "how long the gene works", default=None)
    use: Statements = statements("Use", "what it is used for", lay="What it is used for")
    biosafety: Statements = statements("Biosafety", "how it is handled")


@kind("risk", "risks", columns=("id", "name", "plain", "level"))
class Risk(Entry):
    """Something that can go wrong."""

    severity: Statements = statements("Severity", "how bad it gets", lay="How bad it can be")
    onset: Statements = statements("Onset", "when it comes", lay="When it comes")
    frequency: Findings = field("Frequency", "how often, in whom", default=(), lay="How often", search="facts")
    monitoring: Statements = statements("Monitoring", "what is watched", lay="What the team watches")
    management: Statements = statements("Management", "what is done about it", lay="What is done about it")
    grading: Statements = statements("Grading", "how it is graded")
    mechanism: Statements = statements("Mechanism", "why it happens")
    vectors: tuple[VectorUse, ...] = field("Vectors", "the vectors it is known with", default=())


@kind("agent", "agents", brief=("status",), columns=("id", "name", "therapy", "genes", "vectors", "status"))
class Agent(Entry):
    """A product: a named medicine or candidate."""

    therapy: Annotated[str, Ref("therapy")] = field("Therapy", "id of the approach it belongs to",
                                                    lay="What kind of treatment it is")
    status: Text | None = field("Status", "where its development stands", default=None, lay="How far it has come")
    approvals: tuple[Approval, ...] = field("Approvals", "where it may be used, and for what", default=(),
                                            lay="What it is approved for", search="facts")
    developer: Text | None = field("Developer", "who makes or made it", default=None, search="facts")
    genes: tuple[GeneUse, ...] = field("Genes", "the genes it uses, with their role", default=())
    vectors: tuple[VectorUse, ...] = field("Vectors", "what carries the gene", default=())
    prodrug: Text | None = field("Prodrug", "the harmless drug that it turns into a poison", default=None)


@kind("trial", "trials", brief=("phase", "status", "enrolled"),
      columns=("id", "name", "therapy", "context", "phase", "status", "start", "enrolled", "level"))
class Trial(Entry):
    """A clinical trial."""

    therapy: Annotated[str, Ref("therapy")] | None = field("Therapy", "id of the approach that was tried",
                                                           default=None, lay="What kind of treatment was tried")
    context: bool = field("Context only", "true: no trial of gene therapy in mesothelioma, kept for comparison",
                          default=False)
    agents: tuple[Annotated[str, Ref("agent")], ...] = field("Agents", "ids of the products that were tried",
                                                             default=(), lay="What was given")
    phase: Phase = field("Phase", "the phase", lay="Phase", own=True)
    status: StatusSeen | None = field("Status", "where it stood, and when that was read", default=None,
                                      lay="Where it stands")
    outcome: Statements = statements("What became of it", "how it ended, in a sentence", lay="What became of it")
    level: Level | None = field("Best level", "the best level of evidence among what was found and counted in it",
                                derived=Best(("results", "safety", "enrolled", "treated", "planned", "status")),
                                tail=True)
    population: str | None = field("Population", "who could take part", default=None, search="facts",
                                   lay="Who could take part", own=True)
    enrolled: Count | None = field("Enrolled", "how many people joined", default=None, lay="How many joined")
    planned: Count | None = field("Planned", "how many people were to join", default=None)
    treated: Count | None = field("Treated", "how many people had the gene therapy", default=None)
    safety: Findings = field("Safety", "what went wrong, and what did not", default=(), search="facts")
    results: Findings = field("Results", "what was found", default=(), search="facts")
    route: str | None = field("Route", "how it was given", default=None, own=True)
    dosing: Statements = statements("Dosing", "how much, how often")
    sponsor: str | None = field("Sponsor", "who answers for it", default=None, own=True, search="facts")
    countries: tuple[str, ...] = field("Countries", "where it ran", default=(), own=True, search="facts")
    start: Day | None = field("Start", "when it began", default=None, own=True)
    end: Day | None = field("End", "when it ended", default=None, own=True)


@kind("reference", "references", title="title", inline=True, brief=("venue", "year"),
      columns=("id", "type", "level", "year", "venue", "title", "cited"))
class Reference(Record):
    """A source."""

    type: ReferenceType = field("Type", "what kind of source it is", bibtex="keywords",
                                lay="What kind of source it is")
    authors: tuple[str, ...] = field("Authors", "people or bodies, in order", default=(), search="sources",
                                     bibtex="author")
    title: str = field("Title", "the title", search="sources", bibtex="title")
    version: str | None = field("Version", "the version of a program", default=None, bibtex="version")
    venue: str | None = field("Venue", "journal, agency or site", default=None, search="sources", bibtex="venue")
    year: int | None = field("Year", "year of publication", default=None, bibtex="year")
    volume: str | None = field("Volume", "volume and issue", default=None, bibtex="volume")
    pages: str | None = field("Pages", "first and last page, or article number", default=None, bibtex="pages")
    pmid: Pmid | None = field("PubMed", "PubMed id", default=None, bibtex="pmid")
    pmcid: Pmcid | None = field("PMC", "PubMed Central id", default=None, bibtex="pmcid")
    doi: Doi | None = field("DOI", "digital object identifier", default=None, bibtex="doi")
    nct: Nct | None = field("ClinicalTrials.gov", "trial number that the source is about", default=None)
    url: Url | None = field("Address", "the source's own page", default=None, bibtex="url")
    copy: Url | None = field("Copy", "the page of somebody else where it was read", default=None)
    access: Access = field("Read", "how much of it was read", lay="How much of it was read")
    note: str | None = field("Note", "what a reader of the source should know", default=None, bibtex="annote",
                             lay="What to know about it")
    level: Level = field("Level", "the level of evidence that its type gives", derived="level",
                         lay="Level of evidence")
    cited: int = field("Cited", "how many records cite it", derived="cited", lay="What it supports here")


def itself(version: str, as_of: str) -> Reference:
    """The program and its knowledge, to be cited."""
    return Reference(
        id="mesoref", type="software", authors=("The mesoref authors",), access="full-text", level="E", cited=0,
        local=False,
        title="mesoref: the offline, cited reference on gene therapy for mesothelioma"
              f"{f' (knowledge as of {as_of})' if as_of else ''}", version=version,
        year=int(as_of[:4]) if as_of else None)


@kind("term", "terms", columns=("id", "name", "definition"), sort="name", defines=True,
      inline=True)
class Term(Subject):
    """A word that a reader may not know."""

    definition: Statements = statements("Definition", "what it means, in one or two plain sentences",
                                        lay="What it means", search="plain")
    see: tuple[AnyId, ...] = field("See", "ids of records of any kind", default=(), lay="See also")
    level: Level | None = field("Best level", "the best level of evidence among its sources", derived="level")


@kind("claim", "claims", title="claim", inline=True, quoted=True, brief=("verdict",),
      columns=("id", "verdict", "claim", "about"))
class Claim(Record):
    """A statement often met in articles for lay readers, checked."""

    claim: str = field("Claim", "the statement, as people meet it", search="plain")
    verdict: Verdict = field("Verdict", "whether it holds", lay="Verdict")
    finding: Statements = statements("What is right", "what the sources say", lay="What is right", search="plain")
    met: tuple[Source, ...] = field("Met in", "references that make the claim", default=())
    about: tuple[AnyId, ...] = field("About", "ids of the records it is about", default=(), lay="What it is about")
    level: Level | None = field("Best level", "the best level of evidence among its sources", derived="level")


CHARTED: Final = Charted(
    kind="trial", row="therapy", stage="stage", column="phase", apart="context", people="treated", start="start",
    end="end", state="status", fate="outcome", figures="results", measure="median overall survival", unit="months",
    control="control")
"""What the charts are drawn of."""
