"""What limits a rehearsal on this log, in sentences."""

from __future__ import annotations

from stillwatch.bench.addresses import FEWEST_ADDRESSES
from stillwatch.bench.design import Design
from stillwatch.bench.likeness import Likeness
from stillwatch.bench.scene import USUAL_DAYS
from stillwatch.model.finding import Findings
from stillwatch.report.wording import of
from stillwatch.simulate.rhythm import DAY

FEW_TRIALS = 10
FEW_REQUESTS = 1_000


def remarks(log: Likeness, design: Design, untouched: Findings) -> tuple[str, ...]:
    """The remarks that apply, in a fixed order."""
    low, high = log.window
    days, accounts, found = (high - low) / DAY, untouched.run.accounts, []
    if 2 * max(design.accounts) >= accounts + max(design.accounts):
        found.append(
            f"A planted campaign of {of(max(design.accounts), 'account')} is half of the log or more "
            f"({of(accounts, 'account')} of its own); a scan reports no group of that share."
        )
    if days < USUAL_DAYS / 4:
        found.append(
            f"The log covers {days:.3g} days. Campaigns that replace accounts or wait for a block are squeezed into it, "
            "and an account makes few exchanges at a low rate."
        )
    if log.sample.innocent.num_rows < FEW_REQUESTS:
        found.append(
            f"Only {log.sample.innocent.num_rows:,} exchanges could be learned from; what is planted repeats them."
        )
    if "client_ip" in log.columns and len(log.addresses) < FEWEST_ADDRESSES:
        found.append(
            "The log holds few IPv4 addresses, so planted exchanges come from packaged address ranges, which few of its "
            "own accounts use: networks may tie the planted accounts more than they would."
        )
    if design.repeats < FEW_TRIALS:
        found.append(
            f"With {of(design.repeats, 'trial')} a point, intervals are wide; --repeats makes them narrower."
        )
    return tuple(found)
