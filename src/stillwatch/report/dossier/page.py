"""A dossier as self-contained HTML: all fourteen parts, and one page for those who decide. No script, nothing from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, TemplateError, TemplateSyntaxError
from markupsafe import Markup

from stillwatch.errors import UsageError
from stillwatch.report.attributed import LEVELS
from stillwatch.report.dossier import sweep
from stillwatch.report.dossier.assayed import CONTROL_HEAD, POWER_HEAD, TEST_HEAD
from stillwatch.report.dossier.events import EVENT_WORD
from stillwatch.report.dossier.pieces import SOURCE_TOLD
from stillwatch.report.dossier.telling import Whole
from stillwatch.report.drawn import Drawn, draw
from stillwatch.report.html import environment, style
from stillwatch.report.shown import shown
from stillwatch.report.wording import count, listed, of

KEY = "c1"
TITLES = (
    "Key judgements",
    "Scope and counting rules",
    "Claims, one by one",
    "Timeline",
    "Links",
    "Capabilities",
    "Techniques",
    "Attribution",
    "Collateral and victims",
    "Options",
    "Sharing",
    "Reproducibility",
    "Annex: HR8283",
    "Review record",
)
MARK_SIGN = {
    "consistent": "+",
    "neutral": "\N{MIDDLE DOT}",
    "inconsistent": "\N{MINUS SIGN}",
    "strongly inconsistent": "\N{MINUS SIGN}\N{MINUS SIGN}",
}
WRONG_IN_TEMPLATES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What an operator's own template may do wrong; in ours it would be a fault of the program."""
FULL, ONE_PAGE = "full.html.jinja", "onepage.html.jinja"

HARMFUL = re.compile(r"[`<>&$@~]|\{[{%#]")
"""Signs that stand in JSON in texts alone, and mean something to readers of Markdown and of templates."""
MOST_FILES = 20
"""Files of a log of which the page tells the digest."""


@dataclass(frozen=True, eq=False)
class Page:
    """A whole dossier, drawn, and the templates to set it with: the package's own, or an operator's in their place."""

    whole: Whole
    pack_digest: str
    templates: Path | None = None

    def full(self) -> str:
        """All fourteen parts."""
        return self.rendered(FULL)

    def one_page(self) -> str:
        """One page for those who decide."""
        return self.rendered(ONE_PAGE)

    def rendered(self, template: str, more: Environment | None = None) -> str:
        """The dossier through that template."""
        try:
            return (more or set_with(self.templates)).get_template(template).render(**self.words)
        except TemplateSyntaxError as error:
            raise UsageError(
                f"The template {error.name} cannot be used, line {error.lineno}: {error.message}."
            ) from error
        except (TemplateError, *WRONG_IN_TEMPLATES) as error:
            if self.templates is None:
                raise
            raise UsageError(f"The template {template} cannot be used: {error}.") from error

    @cached_property
    def words(self) -> dict[str, Any]:
        """All that a template can show."""
        w = self.whole
        drawn: Drawn = draw(KEY, w.dossier)
        return {
            "w": w,
            "d": drawn,
            "x": w.dossier,
            "run": w.run,
            "record": w.pack.record,
            "log": w.pack.log,
            "titles": TITLES,
            "event_word": EVENT_WORD,
            "mark_sign": MARK_SIGN,
            "source_told": SOURCE_TOLD,
            "assay_heads": (TEST_HEAD, CONTROL_HEAD, POWER_HEAD),
            "sweep_chart": sweep.draw(w.pack.log, f"{KEY}-sweep"),
            "diamond": diamond(w),
            "level_told": LEVELS[w.attribution.level],
            "skipped": [(shown(s.signal, 60), shown(s.reason, 200)) for s in w.run.signals_skipped],
            "reviewers": [shown(name, 120) for name in w.pack.record.reviewers],
            "digests": _digests(w),
            "namers": [shown(name, 120) for name in w.pack.record.namers],
            "settings": (
                settings := shown(json.dumps(dict(w.run.settings), sort_keys=True, default=str), 4000)
            ),
            "settings_block": _block(settings),
            "pack_digest": self.pack_digest,
            "bundle": _bundle(w),
            **style(sheet("full.css")),
        }


def set_with(templates: Path | None) -> Environment:
    """The environment of the package; templates of an operator's folder take the place of those with the same name."""
    made = environment()
    if templates is None:
        return made
    if not templates.is_dir():
        raise UsageError(f"There is no folder of templates at {templates}.")
    assert made.loader is not None  # noqa: S101
    return made.overlay(loader=ChoiceLoader([FileSystemLoader(templates), made.loader]))


def sheet(name: str) -> str:
    """A style sheet of the package."""
    return files("stillwatch.report").joinpath("templates", name).read_text("utf-8")


def _block(settings: str) -> Markup:
    """JSON for a block of code in Markdown: signs that some reader would run stand as JSON's own escapes, and it is JSON still."""
    return Markup(HARMFUL.sub(lambda found: f"\\u{ord(found[0][0]):04x}{found[0][1:]}", settings))  # noqa: S704


def _digests(w: Whole) -> list[tuple[str, str]]:
    inputs = [
        (f"input: {shown(name, 100)}", shown(digest, 80)) for name, digest in sorted(w.run.inputs.items())
    ]
    read = w.pack.log.files if w.pack.log else {}
    inputs += [
        (f"log: {shown(name, 100)}", shown(digest, 80)) for name, digest in sorted(read.items())[:MOST_FILES]
    ]
    if len(read) > MOST_FILES:
        inputs.append((f"log: {len(read) - MOST_FILES:,} more files", "in log.json of the pack"))
    return [*inputs, *((f"findings: {name}", digest) for name, digest in sorted(w.pack.sources.items()))]


def _bundle(w: Whole) -> str:
    """Where the bundle for others is, and which one it is; how to make one where none was given."""
    if w.pack.bundle is None:
        return (
            f"None was given. “stillwatch share FINDINGS --as stix --finding {shown(w.pack.campaign.campaign_id, 60)} --tier 1 "
            f"--tlp {w.pack.record.tlp} --out bundle.json” makes one; “--bundle bundle.json” puts it in the pack."
        )
    return f"bundle.json of the pack, SHA-256 {hashlib.sha256(w.pack.bundle).hexdigest()}."


def diamond(w: Whole) -> list[tuple[str, str]]:
    """Adversary, capability, infrastructure, victim, as far as each is known."""
    x = w.dossier
    nodes = [t for t in x.graph.traits if t.family in {"net", "client", "tool"}]
    infrastructure = [f"{t.text} ({of(t.accounts, 'account')})" for t in nodes if t.merged == 1][:5]
    models = listed(list(x.models), nothing="no named model")
    asked = listed([r.capability for r in w.sweep[:4]], nothing="no capability told")
    used = listed(
        [f"{t.technique_id} (weak)" if t.is_weak else t.technique_id for t in x.techniques],
        nothing="no technique was recognised",
    )
    return [
        ("Adversary", f"Level of attribution: {w.attribution.level}."),
        ("Capability", f"{used}."),
        ("Infrastructure", f"{listed(infrastructure, nothing='none that single accounts share')}."),
        ("Victim", f"{models}; {asked}; {count(x.exchanges.best)} exchanges."),
    ]
