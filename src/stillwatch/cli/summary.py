"""What a scan found, on one screen."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.model.finding import Campaign, Findings, Interval, Manifest
from stillwatch.model.kept import KeptFiles
from stillwatch.report.explained import explained_line
from stillwatch.report.false_alarms import scans_line
from stillwatch.report.judgements import hypotheses
from stillwatch.report.wording import of, percent

STYLES = {"distillation": "bold red", "relay": "yellow", "coordinated": "cyan"}
MOST_SHOWN = 25


def print_findings(findings: Findings, folder: Path) -> None:
    """Print the campaigns, what agreements explain, what was left out, and where the report lies."""
    screen = console()
    screen.print()
    if findings.run.simulated:
        screen.print("Simulated traffic: nobody named here exists.", style="bold magenta")
    screen.print(_headline(findings), style="bold")
    if findings.campaigns:
        screen.print()
        screen.print(_campaigns(findings.campaigns[:MOST_SHOWN]))
    if len(findings.campaigns) > MOST_SHOWN:
        screen.print(f"... and {len(findings.campaigns) - MOST_SHOWN} more in the report.", style="dim")
    for campaign in findings.campaigns[:MOST_SHOWN]:
        _print_who(screen, campaign)
    if findings.explained:
        screen.print()
        screen.print(explained_line(findings.explained))
    over_scans = scans_line(findings.false_alarms)
    if over_scans:
        screen.print()
        screen.print(text(over_scans))
    screen.print()
    _print_left_out(screen, findings.run)
    if findings.kept:
        _print_kept(screen, findings.kept)
    screen.print(f"Report: {harmless(folder / 'report.html')}")


def _print_kept(screen: Console, kept: KeptFiles) -> None:
    taken, read = (f"{of(n, 'file')}{{}} {'was' if n == 1 else 'were'}" for n in (kept.taken, kept.read))
    whole = f" of {kept.taken + kept.read}"
    screen.print(f"Kept: {taken.format(whole)} taken as kept, {read.format('')} read.", style="dim")
    for remark in kept.remarks:
        screen.print(f"  {harmless(remark)}", style="dim")


def _headline(findings: Findings) -> str:
    run = findings.run
    found = [of(len(findings.of_verdict("distillation")), "distillation campaign")]
    found += [of(n, "relay") for n in [len(findings.of_verdict("relay"))] if n]
    found += [of(n, "coordinated group") for n in [len(findings.of_verdict("coordinated"))] if n]
    where = f"{of(run.rows_scanned, 'exchange')} of {of(run.accounts, 'account')}"
    return f"{', '.join(found)} in {where}"


def _campaigns(campaigns: tuple[Campaign, ...]) -> Table:
    right = ("Accounts", "Exchanges", "One party", "Training set")
    made = table("Campaign", "Verdict", *right, "Mainly", right=right)
    for campaign in campaigns:
        main = max(campaign.capabilities, key=lambda c: c.share, default=None)
        made.add_row(
            text(campaign.campaign_id),
            text(campaign.verdict, STYLES.get(campaign.verdict, "")),
            _interval(campaign.accounts),
            _interval(campaign.exchanges),
            percent(campaign.coordination.probability),
            percent(campaign.distillation.probability),
            text(f"{main.capability} ({main.share:.0%})" if main else "-"),
        )
    return made


def _print_who(screen: Console, campaign: Campaign) -> None:
    """Print what passed its gates, if anything did: a class, a lead, a name."""
    told = [
        f"{hypothesis.actor} ({hypothesis.level}, {hypothesis.meaning}: {hypothesis.word})"
        for hypothesis in hypotheses(campaign)
    ]
    if told:
        screen.print(text(f"Who is behind {campaign.campaign_id}: {'; '.join(told)}"))


def _interval(count: Interval) -> str:
    if count.low == count.high:
        return f"{count.best:,}"
    return f"{count.best:,} ({count.low:,} to {count.high:,})"


def _print_left_out(screen: Console, run: Manifest) -> None:
    if run.rows_rejected:
        read = of(run.rows_read, "row")
        screen.print(
            f"Rejected: {run.rows_rejected:,} of {read} broke the contract; see rejected.jsonl.",
            style="yellow",
        )
    for reason, count in run.excluded.items():
        screen.print(f"Excluded: {of(count, 'record')}, {harmless(reason)}.", style="yellow")
    if run.unknown_columns:
        names = ", ".join(sorted(run.unknown_columns))
        screen.print(f"Unknown columns, kept out: {harmless(names)}", style="yellow")
    if run.signals_skipped:
        computed = len(run.signals_computed)
        screen.print(f"Signals: {computed} computed, {len(run.signals_skipped)} skipped:", style="yellow")
        for skipped in run.signals_skipped:
            screen.print(f"  {harmless(skipped.signal)}: {harmless(skipped.reason)}", style="dim")
    for note in run.notes:
        screen.print(harmless(note), style="dim")
