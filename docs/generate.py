"""Writes the reference pages from the code itself, each time the manual is built.

mkdocs calls `on_config`, `on_files` and `on_page_markdown`; the tests call `pages` and `filled`. Nothing
is written into the source tree, so no page can be stale.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from importlib import import_module, resources
from importlib.util import find_spec
from inspect import cleandoc
from math import exp
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from stillwatch import settings
from stillwatch.attribute.families import FAMILIES as KINDS_OF
from stillwatch.cli.main import stillwatch
from stillwatch.judge.purpose import FEATURES, PLATT, PRIOR_BITS, SHAPED_BITS, TALK_BITS, UNREAD_BITS, Feature
from stillwatch.judge.verdict import BEHAVIOUR_BITS
from stillwatch.model.actor import CREDIBILITY, PARTS, RELIABILITY
from stillwatch.model.catalogue import CatalogueTechnique, catalogue
from stillwatch.model.finding import FAMILIES, WITNESSES
from stillwatch.model.tables import (
    ACCOUNT,
    ACCOUNT_FINDING,
    EVIDENCE,
    EXCHANGE,
    EXCHANGE_FINDING,
    MODEL,
    NETWORK,
)
from stillwatch.registry import Extension, extensions
from stillwatch.report.techniques import ATLAS, SWT, WITHOUT_SIGNAL
from stillwatch.share._base import Export
from stillwatch.share.definitions import SCHEMAS, schema_text
from stillwatch.share.policy import LEAST_TLP, LIFETIME_DAYS, TIER
from stillwatch.signals._base import Signal
from stillwatch.simulate.assumptions.plans import WORLD_PLANS
from stillwatch.sources._base import Source
from stillwatch.sources.actors.shape import schema_text as actors_schema

INPUT_TABLES = {table.name: table for table in (EXCHANGE, ACCOUNT, NETWORK, MODEL)}
OUTPUT_TABLES = {
    "accounts.parquet": ACCOUNT_FINDING,
    "exchanges.parquet": EXCHANGE_FINDING,
    "evidence.parquet": EVIDENCE,
}
MARKER = re.compile(r"<!-- (?:table|value): ([a-z.]+) -->")
CODE = re.compile(r"(`[^`]*`)")
TECHNIQUES_RESULT = Path(__file__).parents[1] / "benchmarks" / "results" / "techniques.json"
PSI_RESULT = Path(__file__).parents[1] / "benchmarks" / "results" / "psi.json"
PSI_WORKERS = 2
EXERCISED = "stillwatch.simulate.assumptions.techniques"
MOST_WORLDS = 5
TECHNIQUES_INTRODUCTION = """# Techniques

How campaigns work, by public name: the stillwatch catalogue (SWT) and MITRE ATLAS (AML), and the signals that speak to
each. A signal that speaks to a technique does not prove it, and innocents show most of them. A technique without a signal
cannot be told by a scan; the reason stands in its place. [Below the table](#access-how-accounts-are-had) each is described. The catalogue is one file, `model/data/techniques.yaml`;
`stillwatch techniques --as stix` writes it as STIX attack-patterns, `--as navigator` as a layer for the ATLAS Navigator.

*Shown in campaigns* is measured by `benchmarks/techniques.py` on simulated worlds, with the true accounts of each
campaign: in how many campaigns that use the technique one of its signals stands out against groups of innocents, and in
how many campaigns that were not planned to use it one does. Those are no false alarms as a rule: one wording can ask for
several things, and a level load is what every pool has. The words that probes look for were chosen after samples of these
worlds had been read, so that wordings of elicitation that nobody has seen yet will show less often than here."""
EXPORTS_INTRODUCTION = """# Exports

Formats in which `stillwatch share` tells findings. What any of them may hold is decided once, before it is rendered: see
[Share findings](../how-to/share-findings.md). An installed package brings further formats through the entry points
`stillwatch.share`; each has to pass the checks of `stillwatch.testing.export_checks`."""
ACTORS_INTRODUCTION = """# Actors file

What is publicly known or privately believed of possible actors, as TOML, YAML or JSON, for `stillwatch scan --actors`: see
[Attribute a campaign](../how-to/attribute-a-campaign.md). The schema below is JSON Schema 2020-12; it lies in the package as
`sources/actors/actors-file.schema.json`, and `stillwatch actors check --schema` prints it. `stillwatch actors check FILE` reads a file as a scan does."""
EXTENSION_INTRODUCTION = """STIX has no words for volume and capabilities of a campaign, nor for texts and programs as tokens. Two
extension definitions say them; a bundle carries them with their schemas. Schemas are JSON Schema 2020-12."""
FOLDERS = {"Decisions": "adr", "Explanation": "explanation"}


def pages() -> dict[str, str]:
    """The generated pages: path below docs/ and Markdown text."""
    signals = extensions("signals", Signal)
    return {
        "reference/command-line.md": command_line(),
        "reference/settings.md": all_settings(),
        "reference/formats.md": formats(),
        "reference/techniques.md": techniques(signals.values()),
        "reference/exports.md": exports(),
        "reference/actors-file.md": actors_file(),
        "reference/signals/index.md": signal_index(signals),
        **{f"reference/signals/{name}.md": signal_page(name, found) for name, found in signals.items()},
    }


def actors_file() -> str:
    """What an actors file may say, kind by kind, and the schema as it is published."""
    schema = json.loads(actors_schema())
    said, profile = (schema["$defs"][name]["properties"] for name in ("Said", "Profile"))
    codes = [f"- `{c}` {t}" for told in (RELIABILITY, CREDIBILITY) for c, t in told.items()]
    kinds = [
        (f"`{kind}`", ", ".join(f"`{part}`" for part in PARTS[kind]), family.name, family.meaning)
        for family in KINDS_OF.values()
        for kind in family.kinds
    ]
    return "\n".join(
        [
            ACTORS_INTRODUCTION,
            "",
            "A profile holds " + ", ".join(f"`{name}`" for name in profile) + ".",
            "A statement holds exactly one of its kinds, and "
            + ", ".join(f"`{n}`" for n in said if n not in PARTS)
            + ".",
            "",
            *_table(("kind", "parts", "family", "what it tells"), kinds).splitlines(),
            "",
            "The Admiralty code, source and what it says:",
            "",
            *codes,
            "",
            "## JSON Schema",
            "",
            "```json",
            actors_schema().strip(),
            "```",
        ]
    )


def filled(markdown: str) -> str:
    """A page with each `<!-- table: NAME -->` or `<!-- value: NAME -->` replaced by what the code says of it."""
    return MARKER.sub(lambda match: _filling(match[1]), markdown)


def _filling(name: str) -> str:
    made = {
        "witnesses": witnesses,
        "purpose": purpose,
        "platt": platt,
        "notice": notice,
        "policy": policy,
        "psi": psi_cost,
        "psi.machine": psi_machine,
        "learned": learned,
        "talk": lambda: f"{TALK_BITS:g}",
        "unread": lambda: f"{-UNREAD_BITS:g}",
        "shaped": lambda: f"{-SHAPED_BITS:g}",
        "behaviour": lambda: f"{BEHAVIOUR_BITS:g}",
    }
    return made[name]() if name in made else contract_table(name)


def witnesses() -> str:
    """Which families testify as which witness, and by how many trait signals."""
    signals = [found.value for found in extensions("signals", Signal).values()]
    rows = []
    for witness in dict.fromkeys(WITNESSES.values()):
        families = [family for family, mine in WITNESSES.items() if mine == witness]
        speaking = sum(s.level == "trait" and s.family in families for s in signals)
        rows.append((f"*{witness}*", ", ".join(families), str(speaking)))
    return _table(("witness", "families", "signals"), rows)


def purpose() -> str:
    """How each measurement of a cluster counts for or against a training set."""
    signals = extensions("signals", Signal)
    head = ("measurement", "look-alikes", "0 bits at", "weight", "least", "most")
    return _table(head, (_feature(feature, is_signal=feature.signal in signals) for feature in FEATURES))


def _feature(feature: Feature, *, is_signal: bool) -> tuple[str, ...]:
    name = (
        f"[{feature.signal}](../reference/signals/{feature.signal}.md)"
        if is_signal
        else f"`{feature.signal}`"
    )
    if not feature.is_share:
        shown = (f"{feature.ordinary:g}", f"{feature.middle:g}", f"{feature.weight:g} a unit")
    else:
        shown = (
            f"{feature.ordinary:.0%}",
            f"{1 / (1 + exp(-feature.middle)):.0%}",
            f"{feature.weight:g} a logit",
        )
    return (name, *shown, _signed(feature.least), _signed(feature.most))


def _signed(bits: float) -> str:
    return f"{bits:+g}" if bits else "0"


def notice() -> str:
    """The sources of the data that simulated worlds are made from, as they stand beside it."""
    file = resources.files("stillwatch.simulate") / "data" / "NOTICE.md"
    return file.read_text("utf-8").partition("\n")[2].strip()


def learned() -> str:
    """The sources of the capability model, from its card."""
    card = (Path(__file__).parent / "explanation" / "capability-model.md").read_text("utf-8")
    section = card.partition("\n## What it learned from\n")[2].partition("\n## ")[0]
    return "\n".join(line for line in section.splitlines() if line.startswith("|"))


def platt() -> str:
    """The formula from bits to probability, with its numbers."""
    slope, offset = PLATT
    return f"bits = {PRIOR_BITS:g} + sum of the rows        P = 1 / (1 + 2^-({slope:g} · bits - {-offset:g}))"


def contract_table(name: str) -> str:
    """One table of the data contract, as a Markdown table."""
    if name in OUTPUT_TABLES:
        return _table(("column", "type"), ((f"`{f.name}`", f"`{f.type}`") for f in OUTPUT_TABLES[name]))
    rows = (
        (f"`{c.name}`", f"`{c.type}`", "required" if c.required else "", c.meaning)
        for c in INPUT_TABLES[name].columns
    )
    return _table(("column", "type", "", "meaning"), rows)


def command_line() -> str:
    """The page of all commands."""
    parts = ["# Command line", "", _paragraphs(stillwatch.help), ""]
    context = click.Context(stillwatch)
    for name in stillwatch.list_commands(context):
        if command := stillwatch.get_command(context, name):
            parts += _command(name, command)
    return "\n".join(parts)


def all_settings() -> str:
    """The page of all settings."""
    rows = ((f"`{s.name}`", f"`{s.type}`", f"`{s.default!r}`", s.help) for s in settings.describe())
    return "\n".join(
        (
            "# Settings",
            "",
            "Defaults, then the file named by `--settings`, then `--set` and the flags. A setting has one name:",
            "`--set room.name=value` on the command line is `name = value` under `[room]` in the file.",
            "An unknown name or a value out of range is refused.",
            "",
            _table(("setting", "type", "default", "meaning"), rows),
        )
    )


def formats() -> str:
    """The page of all log formats."""
    parts = ["# Log formats", "", "Each also compressed, with `.gz`, `.zst` or `.bz2` after its name."]
    for name, found in extensions("sources", Source).items():
        parts += ["", f"## {name}", "", _recognised(found.value), "", _demoted(found.manual)]
    return "\n".join(parts)


def exports() -> str:
    """The page of all formats that findings are shared in, and of our STIX extension."""
    parts = [EXPORTS_INTRODUCTION]
    for name, found in extensions("share", Export).items():
        reader = "others" if found.value.reader == "others" else "your own systems"
        signed = ", signed" if found.value.signed_as else ""
        parts += ["", f"## {name}", "", f"*For {reader}{signed}.* {_demoted(found.manual)}"]
    parts += ["", "## The extension of STIX 2.1", "", EXTENSION_INTRODUCTION]
    for extension, file in SCHEMAS.items():
        parts += ["", f"`{extension}`, `{file}`:", "", "```json", schema_text(extension).strip(), "```"]
    return "\n".join(parts)


def policy() -> str:
    """What each tier holds, how far it may go, and how long an indicator is good."""
    rows = (
        (kind, str(TIER[kind]), f"TLP:{LEAST_TLP[TIER[kind]].upper()}", f"{days} days after it was last seen")
        for kind, days in LIFETIME_DAYS.items()
    )
    return _table(("what it recognises", "from tier", "most open marking", "good until"), rows)


def psi_cost() -> str:
    """What a private set intersection costs, as `benchmarks/psi.py` measured it."""
    rows = (
        (
            f"{e['offered']:,}",
            f"{e['held']:,}",
            *(f"{e['steps'][word]['cpu_seconds']:g} s" for word in ("offer", "answer", "reveal")),
            f"{e['offer_bytes'] / 1e6:.1f} MB",
            f"{e['answer_bytes'] / 1e6:.1f} MB",
            f"{max(_psi_mib(step) for step in e['steps'].values()):,} MiB",
        )
        for e in json.loads(PSI_RESULT.read_text("utf-8"))["exchanges"]
    )
    head = (
        "offered",
        "held",
        "CPU to offer",
        "CPU to answer",
        "CPU to reveal",
        "offer",
        "answer",
        "memory",
    )
    return _table(head, rows)


def _psi_mib(step: dict[str, float]) -> int:
    """At most: every worker at once as large as the largest, beside the process that started them."""
    return round(step["own_mib"] + PSI_WORKERS * step["largest_part_mib"])


def psi_machine() -> str:
    """What that was measured on."""
    told = json.loads(PSI_RESULT.read_text("utf-8"))
    return f"{told['machine']['cores']} cores of {told['machine']['processor']}"


def _recognised(source: Source) -> str:
    if source.suffixes:
        return f"File names end in {', '.join(f'`{suffix}`' for suffix in source.suffixes)}."
    columns = ", ".join(f"`{name}`" for name in EXCHANGE.arrow.names if name in (source.carries or ()))
    return f"Recognised by what stands in it, whatever the file is called. It can tell {columns}."


def techniques(signals: Iterable[Extension]) -> str:
    """The page of all techniques: which signals speak to each, which worlds exercise it, what was measured."""
    speaking: dict[str, list[str]] = {}
    for found in signals:
        for technique in found.value.techniques:
            speaking.setdefault(technique, []).append(found.value.name)
    worlds, measured = _exercising(), _measured()
    names = {f"SWT-{code}": name for code, name in SWT.items()} | dict(ATLAS)
    rows = (
        (
            f"`{t}`",
            names.get(t, "in no catalogue known to this version"),
            _signal_links(speaking.get(t, ())) or f"*none*: {_reason(t)}",
            ", ".join(worlds.get(t, ())) or "none",
            measured.get(t, "not measured") if t in speaking else "",
        )
        for t in sorted({f"SWT-{code}" for code in SWT} | set(speaking))
    )
    head = ("technique", "name", "signals, or why none", "worlds that exercise it", "shown in campaigns")
    return f"{TECHNIQUES_INTRODUCTION}\n\n{_table(head, rows)}\n\n{catalogued()}"


def catalogued() -> str:
    """Each technique of our own catalogue: what it is, what shows it, who else does, what others call it."""
    parts: list[str] = []
    for group, meaning in catalogue().groups.items():
        parts += [f"## {group.capitalize()}: {meaning}", ""]
        for technique in catalogue().techniques:
            if technique.group == group:
                parts += [f"### {technique.id} {technique.name}", "", *_technique_facts(technique), ""]
    return "\n".join(parts)


def _technique_facts(technique: CatalogueTechnique) -> Iterator[str]:
    atlas = {a.id: a.name for a in catalogue().atlas}
    elsewhere = (
        *(f"[{a}](https://atlas.mitre.org/techniques/{a}) {atlas[a]}" for a in technique.atlas),
        *(f"ATT&CK {a}" for a in technique.attack),
        *(f"OWASP {o}" for o in technique.owasp),
    )
    yield f"{technique.description}."
    yield ""
    yield f"- *What shows it*: {technique.observable}."
    yield f"- *Data needed*: {technique.data}."
    yield f"- *Who else shows it*: {technique.look_alike}."
    yield f"- *Basis*: {technique.basis}{' in ' + ', '.join(technique.sources) if technique.sources else ''}."
    yield f"- *Elsewhere*: {', '.join(elsewhere)}."


def _reason(technique: str) -> str:
    return WITHOUT_SIGNAL.get(technique.removeprefix("SWT-"), "not yet")


def _exercising() -> dict[str, list[str]]:
    """Which simulated worlds hold a campaign of each technique: by the simulator, or else by those that were measured."""
    held: dict[str, list[str]] = {}
    for world, technique in _by_plan() if find_spec(EXERCISED) else _by_result():
        if world not in held.setdefault(technique, []):
            held[technique].append(world)
    few, more = slice(MOST_WORLDS), slice(MOST_WORLDS, None)
    return {
        name: worlds[few] + [f"{len(worlds[more])} more"] * bool(worlds[more])
        for name, worlds in held.items()
    }


def _by_plan() -> Iterator[tuple[str, str]]:
    exercised = import_module(EXERCISED).exercised
    for world in WORLD_PLANS.values():
        for plan in world.plans:
            yield from ((world.name, technique) for technique in exercised(plan))


def _by_result() -> Iterator[tuple[str, str]]:
    campaigns = (
        json.loads(TECHNIQUES_RESULT.read_text("utf-8"))["campaigns"] if TECHNIQUES_RESULT.exists() else ()
    )
    for campaign in campaigns:
        yield from ((campaign["world"], technique) for technique in campaign["uses"])


def _measured() -> dict[str, str]:
    """For each technique with campaigns in the measured worlds: in how many it showed, and in how many others."""
    if not TECHNIQUES_RESULT.exists():
        return {}
    counts = json.loads(TECHNIQUES_RESULT.read_text("utf-8"))["techniques"]
    return {
        name: f"{c['shown']} of {c['campaigns']}; of others {c['elsewhere']} of {c['others']}"
        for name, c in counts.items()
        if c["campaigns"]
    }


def signal_index(signals: dict[str, Extension] | Any) -> str:
    """The page that lists the signals by family."""
    parts = [
        "# Signals",
        "",
        "A signal is a function from the exchange table to a table of measurements. It measures and never decides.",
        "(OpenTelemetry calls traces, metrics and logs signals; here the word means something else.)",
    ]
    for family, meaning in FAMILIES.items():
        members = {name: found for name, found in signals.items() if found.value.family == family}
        witness = f" Testifies as witness *{WITNESSES[family]}*." if family in WITNESSES else ""
        rows = (
            (f"[{name}]({name}.md)", found.value.level, found.manual.strip().partition("\n")[0])
            for name, found in members.items()
        )
        parts += ["", f"## {family}", "", f"{meaning[0].upper()}{meaning[1:]}.{witness}", ""]
        parts += [_table(("signal", "level", "what it finds"), rows) if members else "No signal yet."]
    return "\n".join(parts)


def signal_page(name: str, found: Extension) -> str:
    """The manual page of one signal: its declaration and its module's docstring."""
    signal = found.value
    facts = (
        ("family", f"{signal.family}: {FAMILIES.get(signal.family, '')}"),
        ("level", signal.level),
        ("counts for", _counts_for(signal)),
        ("needs", ", ".join(f"`{column}`" for column in signal.needs) or "nothing but the required columns"),
        ("techniques", ", ".join(f"[`{technique}`](../techniques.md)" for technique in signal.techniques)),
    )
    query = ("## Query", "", "```sql", cleandoc(signal.query), "```", "")
    return "\n".join(
        (
            f"# {name}",
            "",
            found.manual.strip(),
            "",
            "## Declaration",
            "",
            _table(("property", "value"), facts),
            "",
            *query,
        )
    )


def _counts_for(signal: Signal) -> str:
    """What the signal's measurement is used for, with a link to where that is explained."""
    page = "../../explanation/how-finding-works.md"
    if signal.level != "cluster":
        return f"links, as witness [*{WITNESSES.get(signal.family, 'none')}*]({page}#4-witnesses-one-cause-one-voice)"
    if signal.name in {feature.signal for feature in FEATURES}:
        return f"[whether the traffic builds a training set]({page}#7-judge-a-training-set)"
    return f"no bits of its own: see [what counts]({page}#7-judge-a-training-set)"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Complete the navigation with the pages that come and go: signals, decisions, explanations."""
    signals = [{name: f"reference/signals/{name}.md"} for name in extensions("signals", Signal)]
    for section in config.nav or []:
        for title, entries in section.items():
            if title == "Reference":
                at = entries.index("reference/signals/index.md")
                entries[at] = {"Signals": ["reference/signals/index.md", *signals]}
            elif title in FOLDERS:
                found = sorted(Path(config.docs_dir, FOLDERS[title]).glob("*.md"))
                names = [f"{FOLDERS[title]}/{path.name}" for path in found]
                entries += [name for name in names if name not in entries]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for path, markdown in pages().items():
        files.append(File.generated(config, path, content=markdown))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill in the tables of the data contract."""
    return filled(markdown)


def _command(name: str, command: click.Command) -> Iterator[str]:
    yield from _one_command(name, command)
    if isinstance(command, click.Group):
        for word, part in command.commands.items():
            yield from _one_command(f"{name} {word}", part)


def _one_command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"stillwatch {name}")
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (f"## {name}", "", "```text", f"stillwatch {name} {usage}", "```", "")
    yield from (_paragraphs(command.help), "")
    rows = [
        _option(parameter, context) for parameter in command.params if isinstance(parameter, click.Option)
    ]
    if rows:
        yield from (_table(("option", "meaning"), rows), "")
    if command.epilog:
        yield from (_paragraphs(command.epilog), "")


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    names, meaning = option.get_help_record(context) or (", ".join(option.opts), "")
    return f"`{names}`", meaning


def _paragraphs(text: str | None) -> str:
    return cleandoc(text or "").replace("\b\n", "")


def _demoted(manual: str) -> str:
    return re.sub(r"(?m)^(.+)\n-{3,}$", r"### \1", manual.strip())


def _signal_links(names: Iterable[str]) -> str:
    return ", ".join(f"[{name}](signals/{name}.md)" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_escaped, line))} |" for line in lines)


def _escaped(cell: str) -> str:
    """A bar in code is no border; elsewhere it has to be escaped."""
    return "".join(part if part.startswith("`") else part.replace("|", r"\|") for part in CODE.split(cell))
