"""The two loops of weighing, compiled: what members hold, and who else holds it. Work grows with the entries touched."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.weigh.holding import Floats, Integers


@nb.njit(cache=True, nogil=True)
def tally(
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    requests: Floats,
    members: Integers,
    least: float,
    held: npt.NDArray[np.int32],
    carried: Floats,
) -> tuple[Integers, Integers, Floats]:
    """Traits that at least `least` members hold, in order, with holders and requests among members.

    `held` and `carried` are scratch space, one zero for each trait, and are zero again at the end.
    """
    for member in members:
        for at in range(indptr[member], indptr[member + 1]):
            held[indices[at]] += 1
            carried[indices[at]] += requests[at]
    found = 0
    for member in members:
        for at in range(indptr[member], indptr[member + 1]):
            if held[indices[at]] >= least:
                found += 1
    seen = np.empty(found, np.int64)
    found = 0
    for member in members:
        for at in range(indptr[member], indptr[member + 1]):
            trait = indices[at]
            if held[trait] >= least:
                seen[found] = trait
                found += 1
    traits = np.unique(seen)
    counts, sums = held[traits].astype(np.int64), carried[traits]
    for member in members:
        for at in range(indptr[member], indptr[member + 1]):
            held[indices[at]] = 0
            carried[indices[at]] = 0.0
    return traits, counts, sums


@nb.njit(cache=True, nogil=True)
def holders_of(
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    requests: Floats,
    traits: Integers,
    typical: Floats,
    scratch: Floats,
) -> tuple[Integers, Floats]:
    """Principals that hold any of the traits, in order, and their requests weighted by each trait's typicality.

    `scratch` has one zero for each principal and is zero again at the end.
    """
    entries = 0
    for i in range(len(traits)):
        entries += indptr[traits[i] + 1] - indptr[traits[i]]
    who = np.empty(entries, np.int64)
    found = 0
    for i in range(len(traits)):
        for at in range(indptr[traits[i]], indptr[traits[i] + 1]):
            principal = indices[at]
            if scratch[principal] == 0.0:
                who[found] = principal
                found += 1
            scratch[principal] += requests[at] * typical[i]
    touched = np.sort(who[:found])
    weighted = np.empty(found, np.float64)
    for i in range(found):
        weighted[i] = scratch[touched[i]]
        scratch[touched[i]] = 0.0
    return touched, weighted
