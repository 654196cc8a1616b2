"""Connected components: accounts that share an indicator belong together, and so do those that share one with them.

Source: the rule in common use in abuse teams and in open tools; EvilCohort (Stringhini et al., USENIX Security 2015)
starts from the same account-address graph.
Kept: union over any shared value; a component is a suspect by its size.
Adapted to API logs: the indicators are card, device and sign-up address. Values that more than `MOST_HOLDERS` accounts
hold are left out: with them one VPN exit joins everybody, and the rule would find nothing at all.
Parameters: on trial worlds `MOST_HOLDERS` was chosen among 3, 5, 10, 20, 50 and 100, and client addresses were tried as a
fourth indicator and left out, both in favour of the rule (highest mean average precision); the least size of a component
follows from the common threshold.
"""

from __future__ import annotations

import numpy as np
from peers.indicators import incidence
from peers.interface import Log, Peer, Ranked, nothing_to_learn
from scipy import sparse
from scipy.sparse.csgraph import connected_components

OF_ACCOUNTS = ("payment_fingerprint", "device_id", "signup_ip")
MOST_HOLDERS = 100


def rank(log: Log, _learned: None) -> Ranked:
    """Accounts by the size of their component."""
    shared = incidence(log, OF_ACCOUNTS, ()).held_by(2, MOST_HOLDERS)
    accounts = len(log.account_id)
    nodes = accounts + int(shared.value.max(initial=-1)) + 1
    edges = sparse.coo_array(
        (np.ones(shared.account.size, np.int8), (shared.account, accounts + shared.value)),
        shape=(nodes, nodes),
    )
    component = connected_components(edges, directed=False)[1][:accounts].astype(np.int64)
    size = np.bincount(component)[component].astype(np.float64)
    return Ranked(size, lambda above: np.where(size > above, component, -1))


PEER = Peer(
    "components",
    "connected components",
    "EvilCohort (2015) and common use",
    (),
    nothing_to_learn,
    rank,
)
