"""An account set from a campaign that a scan found: its name is the campaign's lasting id, its accounts are the campaign's members.

What only a person can say (who decides it, until when, which canaries) is left open in the draft, and `read_policy` refuses it until it is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from stillwatch.errors import InputError
from stillwatch.mark.policy import Policy

MOST_SHOWN = 5


def drafted(campaign_id: str, accounts: Sequence[str]) -> str:
    """A policy for a campaign, to be finished by whoever decides it."""
    listed = "\n".join(f"  {_quoted(account)}," for account in sorted(accounts))
    return f"""\
[policy]
owner = ""                            # who decides it
purpose = "tell whether answers served to {campaign_id} were used to train a model"
expires = ""                          # a day, such as 2027-01-31
kill_switch = "stop-marking"          # while this file is there, nothing is marked
every_alternative_is_correct = false  # true once somebody has read all canaries

[[account_set]]
name = {_quoted(campaign_id)}
accounts = [
{listed}
]
watermark = true

# [[account_set.canary]]
# trigger = "Name a sample city for the demo of the tool anvil."
# alternatives = ["Porto", "Turin", "Ghent", "Graz"]
"""


def refuse_strangers(policy: Policy, members: Mapping[str, AbstractSet[str]]) -> None:
    """Refuse a policy whose account set bears the id of a campaign and holds accounts that are not its members."""
    for found in policy.account_sets:
        if found.name not in members:
            raise InputError(
                f"The account set {found.name!r} bears the id of no finding of distillation. The findings hold {', '.join(sorted(members)) or 'none'}. "
                "Name it after its campaign, so that the keys of an assay are known to be that campaign's."
            )
        strangers = sorted(found.accounts - members[found.name])
        if strangers:
            shown = ", ".join(map(repr, strangers[:MOST_SHOWN]))
            raise InputError(
                f"{len(strangers)} of the accounts of {found.name!r} are no members of that campaign: {shown}. Take them out: marks are for its members only."
            )


def _quoted(text: str) -> str:
    """The text as TOML quotes it: as JSON does, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
