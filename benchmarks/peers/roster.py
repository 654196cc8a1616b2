"""The peers that are measured, and the one that could not be built."""

from __future__ import annotations

from peers import components, fraudar, mahalanobis, mmd, prada, seat, synchrotrap, volume
from peers.interface import Peer

PEERS: tuple[Peer, ...] = (
    volume.PEER,
    components.PEER,
    synchrotrap.PEER,
    fraudar.PEER,
    prada.PEER,
    seat.PEER,
    mahalanobis.PEER,
    mmd.PEER,
)

MISSING = {
    "CAP": "a baseline of the MMD paper. Neither its paper nor a description of the method could be found, and a guess"
    " under its name would be unfair to it.",
    "DATE": "a transformer trained on benign text, which has no local surrogate. Mahalanobis windows stand in its place:"
    " in the MMD paper they did better than DATE (balanced accuracy 87 against 81).",
}
