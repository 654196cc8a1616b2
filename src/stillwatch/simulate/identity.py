"""Sign-up and billing: the accounts table's columns for a group of accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Floats, Ints, Rng, pick
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.rhythm import DAY
from stillwatch.simulate.scene import Scene
from stillwatch.simulate.text import grammar

_COUNTRIES = tuple(c for c, _, _, _ in ASSUMED.people.countries)
_PREFIXES = tuple(p for _, _, _, p in ASSUMED.people.countries)
_ZONES = np.array([z for _, _, z, _ in ASSUMED.people.countries], dtype=np.int64)
_WEIGHTS = [w for _, w, _, _ in ASSUMED.people.countries]
_COMPANY = ("company", "rekeyed", "research")

Columns = dict[str, list[object]]


@dataclass
class Applicants:
    """Who signs up: one entry per account, with the party that stands behind it."""

    style: str
    party: Ints
    created: Floats
    country: Ints
    address: Ints
    ended: Floats
    programmes: tuple[str, ...] = ()
    disposable_share: float = ASSUMED.people.disposable_mail_share
    virtual_share: float = ASSUMED.people.virtual_card_share
    device_share: float = ASSUMED.people.shared_device_share
    banned: Ints | None = None

    def __len__(self) -> int:
        """The number of accounts."""
        return len(self.party)


def countries(rng: Rng, party: Ints) -> Ints:
    """One billing country for each party, given to its accounts."""
    return pick(rng, _WEIGHTS, int(party.max()) + 1)[party]


def country_names(numbers: Ints) -> list[str]:
    """ISO codes."""
    return [_COUNTRIES[n] for n in numbers]


def country_numbers(names: list[object]) -> Ints:
    """The positions of ISO codes in the list of countries."""
    return np.array([_COUNTRIES.index(str(name)) for name in names], dtype=np.int64)


def zones(rng: Rng, country: Ints) -> Ints:
    """Offsets from UTC; some people live elsewhere."""
    elsewhere = rng.random(len(country)) < ASSUMED.people.expat_share
    return np.where(elsewhere, _ZONES[pick(rng, _WEIGHTS, len(country))], _ZONES[country])


def columns(scene: Scene, rng: Rng, who: Applicants) -> Columns:
    """All columns of the accounts table but the id."""
    count = len(who)
    payer, device = _payers(scene, rng, who), _devices(scene, rng, who)
    banned = np.zeros(count, dtype=np.int64) if who.banned is None else who.banned
    unlucky = rng.random(count) < ASSUMED.people.banned_share
    status = np.where(banned > 0, 2, np.where(unlucky, rng.integers(1, 3, count), 0))
    end = scene.start + (np.minimum(who.ended, scene.days) * DAY).astype(np.int64)
    return {
        "created_at": [int(scene.start + c * DAY) for c in who.created],
        "org_domain": _org_domains(who),
        "email_domain": _mail_domains(rng, who),
        "payment_fingerprint": list(scene.ids("card", payer, "pm_")),
        "card_bin": _bins(scene, payer, who),
        "phone_prefix": [
            f"{_PREFIXES[c]}{d}" for c, d in zip(who.country, rng.integers(100, 1000, count), strict=True)
        ],
        "signup_ip": [int(a) for a in who.address],
        "device_id": list(scene.ids("device", device, "dev_")),
        "country": list(country_names(who.country)),
        "plan": _plans(rng, who),
        "verification": _verifications(rng, who),
        "programmes": [list(who.programmes)] * count,
        "status": [("active", "suspended", "banned")[s] for s in status],
        "banned_at": [int(e) if s == 2 else None for e, s in zip(end, status, strict=True)],
    }


def _payers(scene: Scene, rng: Rng, who: Applicants) -> Ints:
    if who.style in ("person", "class", "event"):
        return scene.fresh(len(who))
    together = scene.fresh(int(who.party.max()) + 1)[who.party]
    if who.style == "relay":
        return scene.fresh(len(who))[np.arange(len(who)) // ASSUMED.people.relay_accounts_per_card]
    if who.style == "campaign":
        return together
    alone = rng.random(len(who)) < ASSUMED.people.own_card_share
    return np.where(alone, scene.fresh(len(who)), together)


def _devices(scene: Scene, rng: Rng, who: Applicants) -> Ints:
    own = scene.fresh(len(who))
    borrowed = rng.random(len(who)) < (
        ASSUMED.people.household_device_share if who.style in ("family", "rekeyed") else who.device_share
    )
    return np.where(borrowed, scene.fresh(int(who.party.max()) + 1)[who.party], own)


def _bins(scene: Scene, payer: Ints, who: Applicants) -> list[object]:
    people = ASSUMED.people
    draws = scene.rng("banks").random(people.banks) ** 2
    ladder = np.cumsum(draws) / draws.sum()
    spot = (payer * 2654435761 % 1_000_003) / 1_000_003
    bank = np.searchsorted(ladder, spot)
    virtual = (payer * 40503 % 65521) / 65521 < who.virtual_share
    number = np.where(virtual, people.banks + payer % people.virtual_banks, bank)
    return [f"{400000 + int(n) * 487 % 190000:06d}" for n in number]


def _mail_domains(rng: Rng, who: Applicants) -> list[object]:
    words = grammar()
    if who.style in _COMPANY or who.style == "class":
        return _org_domains(who, always=True)
    usual = pick(rng, ASSUMED.people.mail_weights, len(who))
    throwaway = rng.integers(0, len(words["disposable"]), len(who))
    flags = rng.random(len(who)) < who.disposable_share
    return [
        words["disposable"][t] if f else words["email"][u]
        for u, t, f in zip(usual, throwaway, flags, strict=True)
    ]


def _org_domains(who: Applicants, *, always: bool = False) -> list[object]:
    university = who.style in ("class", "research")
    if who.style not in (*_COMPANY, "class") or (who.style == "class" and not always):
        return [None] * len(who)
    axes = grammar()["uni_words" if university else "org_words"]
    picks = np.random.Generator(np.random.PCG64(int(who.party[0]) + int(who.address[0]))).integers(
        0, 1 << 30, (int(who.party.max()) + 1, len(axes))
    )
    domains = ["".join(axis[int(p) % len(axis)] for axis, p in zip(axes, row, strict=True)) for row in picks]
    return [domains[p] for p in who.party]


def _plans(rng: Rng, who: Applicants) -> list[object]:
    if who.style in _COMPANY:
        return [
            ("api", "enterprise")[int(x)] for x in rng.random(len(who)) < ASSUMED.people.enterprise_plan_share
        ]
    if who.style == "class":
        return [
            "education" if x else "free" for x in rng.random(len(who)) < ASSUMED.people.education_plan_share
        ]
    people = ASSUMED.people
    heavier = ASSUMED.people.api_plan_factor if who.style in ("relay", "campaign") else 1.0
    api, pro = people.api_plan_share * heavier, people.pro_plan_share
    return [("api", "pro", "free")[n] for n in pick(rng, (api, pro, max(0.02, 1 - api - pro)), len(who))]


def _verifications(rng: Rng, who: Applicants) -> list[object]:
    kinds = ("email", "phone", "card", "business", "identity")
    weights = (
        ASSUMED.people.company_verification if who.style in _COMPANY else ASSUMED.people.person_verification
    )
    return [kinds[n] for n in pick(rng, weights, len(who))]
