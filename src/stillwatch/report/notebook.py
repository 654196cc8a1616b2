"""What findings show of themselves in a notebook: a headline and one row a finding, nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from stillwatch.model.finding import Campaign, Findings
from stillwatch.model.likelihood import likelihood_word
from stillwatch.report.build import ordered
from stillwatch.report.explained import explained_line
from stillwatch.report.html import headline
from stillwatch.report.shown import shown
from stillwatch.report.wording import VERDICT_TITLE, count, day, of, percent, small, window

MOST_ROWS = 20
COLUMNS = ("Finding", "Kind", "Accounts", "Exchanges", "One party", "Training set", "Seen (UTC)")


@dataclass(frozen=True)
class ShownFindings(Findings):
    """Findings that show themselves in a notebook."""

    def _repr_html_(self) -> str:
        return findings_html(self)


def findings_html(findings: Findings) -> str:
    """A short summary for `_repr_html_`; the whole story is in report.html."""
    run, campaigns = findings.run, ordered(findings.campaigns)
    simulated = Markup("<b>Simulated traffic.</b> ") if run.simulated else Markup("")
    about = (
        f"{of(run.rows_scanned, 'exchange')} of {of(run.accounts, 'account')}, "
        f"{window(run.window_start, run.window_end)}. {of(run.rows_rejected, 'row')} rejected, "
        f"{of(len(run.signals_skipped), 'signal')} not computed, "
        f"false-alarm budget {small(run.false_alarm_budget)}."
    )
    more = f"{len(campaigns) - MOST_ROWS} more findings are not listed." if len(campaigns) > MOST_ROWS else ""
    closing = [part for part in (more or _closing(campaigns), explained_line(findings.explained)) if part]
    return str(
        Markup("<div><h3>{}</h3><p>{}{}</p>{}<p>{}</p></div>").format(
            headline(campaigns), simulated, about, _table(campaigns[:MOST_ROWS]), " ".join(closing)
        )
    )


def _closing(campaigns: tuple[Campaign, ...]) -> str:
    return "" if campaigns else "Absence of a finding is no clearance."


def _table(campaigns: tuple[Campaign, ...]) -> Markup:
    if not campaigns:
        return Markup("")
    head = Markup("").join(Markup("<th>{}</th>").format(name) for name in COLUMNS)
    body = Markup("").join(_row(campaign) for campaign in campaigns)
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


def _row(campaign: Campaign) -> Markup:
    cells = (
        shown(campaign.campaign_id, 40),
        VERDICT_TITLE[campaign.verdict],
        count(campaign.accounts.best),
        count(campaign.exchanges.best),
        _likely(campaign.coordination.probability),
        _likely(campaign.distillation.probability),
        f"{day(campaign.first_seen)} to {day(campaign.last_seen)}",
    )
    return Markup("<tr>{}</tr>").format(
        Markup("").join(Markup("<td>{}</td>").format(escape(c)) for c in cells)
    )


def _likely(probability: float) -> str:
    return f"{likelihood_word(probability)} ({percent(probability)})"
