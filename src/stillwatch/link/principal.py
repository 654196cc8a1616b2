"""Declared organisations first: accounts of one verified organisation are one party before anything is linked.

Fifty accounts of a company are not fifty witnesses. An account belongs to the organisation whose domain it has
verified; an account without one belongs to it if its e-mail domain is that domain, or one whose holders are mostly
of that organisation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.weigh.holding import Integers

Keys = npt.NDArray[np.uint64]

MOSTLY = 0.5


def principals(account: pa.Table) -> Integers:
    """Number of the principal of each account, from 0, in order of each principal's first account."""
    organisation = account["organisation"].to_numpy()
    email = account["email"].to_numpy()
    organisation = np.where(organisation == 0, _by_domain(organisation, email), organisation)
    alone = organisation == 0
    names = np.where(alone, np.arange(len(organisation), dtype=np.uint64), organisation)
    kinds = np.stack([alone.astype(np.uint64), names], axis=1)
    _, first, which = np.unique(kinds, axis=0, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    result: Integers = rank[which.ravel()].astype(np.int64)
    return result


def _by_domain(organisation: Keys, email: Keys) -> Keys:
    """The organisation that each account's e-mail domain stands for, or 0."""
    domains, of = np.unique(email, return_inverse=True)
    has = organisation != 0
    held = np.bincount(of, minlength=len(domains))
    parties, party = np.unique(organisation[has], return_inverse=True)
    pairs, counts = np.unique(np.stack([of[has], party], axis=1), axis=0, return_counts=True)
    stands_for, most = np.zeros(len(domains), np.uint64), np.zeros(len(domains), np.int64)
    for at in np.argsort(counts, kind="stable"):
        stands_for[pairs[at, 0]], most[pairs[at, 0]] = parties[pairs[at, 1]], counts[at]
    known = np.isin(domains, parties)
    stands_for = np.where(known, domains, stands_for)
    trusted = known | (most > MOSTLY * held)
    stands_for = np.where(trusted & (domains != 0), stands_for, np.uint64(0))
    return stands_for[of]
