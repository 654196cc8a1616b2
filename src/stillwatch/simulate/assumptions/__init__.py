"""Every number the simulated worlds assume, with where it comes from.

- this file: the window, sizes, daily rhythms, people, traffic, addresses, broken rows
- `classes.py`: the classes of innocent accounts
- `campaigns.py` and `plans.py`: how campaigns are run, and which world holds which
- `requests.py`: settings and lengths of requests and answers
- `programs.py`: client programs and how popular they are

"Public record" means published reports of providers and agencies on distillation campaigns (see
docs/explanation/simulated-worlds.md); every other number is assumed, that is, chosen for plausibility because
nothing public was found. No number here is read by the detector.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stillwatch.simulate.assumptions.campaigns import Campaigns
from stillwatch.simulate.assumptions.classes import KINDS, Kind


@dataclass(frozen=True)
class Window:
    """The time a world covers."""

    start: str = "2026-03-02T00:00:00"
    days: int = 28
    release_day: tuple[float, float] = (11.0, 17.0)  # assumed: a model is released about half-way

    def lasting(self, days: int) -> Window:
        """The same of another length."""
        early, late = (day * days / self.days for day in self.release_day)
        return Window(self.start, days, (early, late))


@dataclass(frozen=True)
class Sizes:
    """How big a world is."""

    exchanges_per_account: float = 33.0  # assumed: 300,000 exchanges of about 9,000 accounts
    null_rate: tuple[float, float] = (
        0.05,
        0.20,
    )  # the scoring rules: each optional column, good and bad alike
    smallest_campaign: int = 8
    campaign_jitter: tuple[float, float] = (0.75, 1.3)  # sizes and volumes differ from seed to seed
    dormant_share: float = 0.04  # accounts of any class that exist but are silent in the window


@dataclass(frozen=True)
class Rhythms:
    """Weights of the 24 local hours; all assumed."""

    human: tuple[float, ...] = (
        3,
        2,
        1,
        0.6,
        0.5,
        0.8,
        2,
        4,
        6,
        8,
        9,
        9,
        8,
        8,
        8,
        8,
        8,
        8,
        8,
        9,
        10,
        10,
        8,
        5,
    )
    office: tuple[float, ...] = (
        0.1,
        0.1,
        0.1,
        0.1,
        0.1,
        0.3,
        1,
        4,
        9,
        12,
        12,
        11,
        7,
        10,
        12,
        11,
        9,
        6,
        2,
        1,
        0.6,
        0.5,
        0.3,
        0.2,
    )
    shift: tuple[float, ...] = (
        0.1,
        0.1,
        0.1,
        0.1,
        0.1,
        0.1,
        6,
        10,
        10,
        10,
        9,
        5,
        10,
        10,
        9,
        6,
        6,
        8,
        8,
        7,
        6,
        5,
        0.5,
        0.1,
    )
    lecture: tuple[float, ...] = (
        1,
        0.5,
        0.2,
        0.1,
        0.1,
        0.1,
        0.5,
        1,
        4,
        10,
        12,
        6,
        4,
        10,
        12,
        10,
        5,
        4,
        4,
        6,
        9,
        10,
        8,
        4,
    )
    flat: tuple[float, ...] = (1.0,) * 24
    beat_jitter_seconds: float = 25.0  # synchronised work starts within half a minute
    beats_per_day: tuple[int, int] = (6, 14)


@dataclass(frozen=True)
class People:
    """Who ordinary accounts are: all assumed, in the proportions of a world-wide service."""

    countries: tuple[tuple[str, float, int, str], ...] = (
        # country, weight, offset from UTC in hours, phone prefix
        ("US", 30, -6, "+1"), ("GB", 7, 0, "+44"), ("DE", 6, 1, "+49"), ("IN", 11, 5, "+91"), ("BR", 6, -3, "+55"),
        ("CA", 4, -5, "+1"), ("FR", 4, 1, "+33"), ("JP", 5, 9, "+81"), ("KR", 4, 9, "+82"), ("AU", 3, 10, "+61"),
        ("ES", 2, 1, "+34"), ("IT", 2, 1, "+39"), ("NL", 2, 1, "+31"), ("SG", 3, 8, "+65"), ("HK", 2, 8, "+852"),
        ("VN", 2, 7, "+84"), ("ID", 3, 7, "+62"), ("RU", 1, 3, "+7"), ("CL", 1, -4, "+56"), ("AR", 1, -3, "+54"),
    )  # fmt: skip
    expat_share: float = 0.06  # lives in another zone than the billing country's
    age_days: float = 260.0  # mean age of an account at the start
    newborn_share: float = 0.14  # signed up inside the window
    phone_exits_share: float = 0.45  # of app accounts that also use a mobile network
    vpn_sometimes_share: float = 0.10
    dynamic_home_share: float = 0.5  # home address changes from day to day within its range
    disposable_mail_share: float = 0.015
    virtual_card_share: float = 0.05
    shared_device_share: float = 0.03
    banned_share: float = 0.006  # innocents who were banned anyway: public ban and appeal counts, rounded
    api_plan_share: float = 0.12
    pro_plan_share: float = 0.35
    mail_weights: tuple[float, ...] = (52, 14, 8, 7, 6, 2, 3, 2, 2, 1, 1, 2)
    second_client_share: float = 0.30
    handover_days: tuple[float, float] = (4.0, 24.0)  # migration: when the new account takes over
    handover_overlap_days: float = 0.5
    class_open_days: float = 40.0  # a course may have begun this long before the window
    class_signup_spread_days: float = 0.4
    class_life_days: tuple[float, float] = (20.0, 80.0)
    event_signup_spread_days: float = 0.08
    event_life_days: tuple[float, float] = (1.0, 3.0)
    wave_days: tuple[float, float] = (5.0, 18.0)  # when a viral prompt appears, and how it spreads and fades
    wave_spread_days: float = 3.0
    wave_life_days: tuple[float, float] = (2.0, 10.0)
    relay_life_days: float = 22.0
    old_customer_days: float = 200.0
    own_card_share: float = 0.1  # in organisations and families
    household_device_share: float = 0.5
    enterprise_plan_share: float = 0.35
    education_plan_share: float = 0.6
    api_plan_factor: float = 2.0  # relays and campaigns buy API plans more often
    person_verification: tuple[float, ...] = (30, 25, 35, 1, 3)  # e-mail, phone, card, business, identity
    company_verification: tuple[float, ...] = (2, 1, 8, 25, 2)
    banks: int = 400  # distinct card issuers
    virtual_banks: int = 12
    relay_accounts_per_card: int = 3
    passages: int = 1500  # documents that people paste, in a world of 9,000 accounts


@dataclass(frozen=True)
class Traffic:
    """Conversations, models and answers; all assumed."""

    main_model_share: float = 0.86
    slow_adoption_days: float = 9.0
    slow_adopters: float = 0.55
    day_one_hours: float = 20.0
    error_rate: float = 0.012
    overloaded_share: float = 0.35  # of errors: status 529, the rest 429
    refusal_tokens: int = 18
    tokens_per_character: float = 0.27
    history_tokens: int = 340  # a turn adds this many to the next request
    gap_shape: float = 1.3
    other_key_share: float = 0.4
    machine_models: tuple[float, float, float] = (0.5, 0.35, 0.15)
    people_models: tuple[float, float, float] = (0.7, 0.15, 0.15)
    second_models: tuple[float, float, float] = (0.4, 0.35, 0.25)
    moved_share: float = 0.8
    releases_days_before: tuple[float, float, float] = (190.0, 150.0, 95.0)
    client_ladder: tuple[float, float, float] = (0.75, 0.92, 1.0)
    second_channel_share: float = 0.02
    router_channel_share: float = 0.5
    taste_focus: float = 4.0  # gamma shape: how alike the accounts of a class are in what they ask
    end_users: int = 400
    keys_person: int = 2
    keys_company: int = 5
    replay_in_router: float = 0.06  # a failover router resends a reasoning block under its other key


@dataclass(frozen=True)
class Network:
    """Addresses; ranges are real ones of the packaged lists."""

    nat_addresses_per_party: int = 2
    vpn_exits: int = 260  # assumed: exits that VPN customers of a 9,000-account world share
    proxy_exits_per_account: float = 2.5  # residential proxy pool of a campaign
    proxy_overlap_with_homes: float = 0.35  # proxy exits that are homes of ordinary accounts
    relay_exits: int = 4
    relay_through_homes: float = 0.4  # relays with one residential proxy for each account: public relay code
    host_bits: int = 8  # a home address moves within its /24
    gate_bits: int = 11  # a mobile network's customers share the gateways of a range this big
    mobile_bits: int = 3
    tunnel_bits: int = 2
    shared_weights: tuple[float, float, float] = (0.72, 0.16, 0.12)  # office address, its neighbour, home
    runners_per_account: int = 6
    runner_weights: tuple[float, float, float] = (0.4, 0.3, 0.3)
    runner_pool_share: float = 0.95
    mobile_weight: float = 0.35
    tunnel_weight: float = 0.15  # and of home, for those who always hide
    tunnel_always_weight: float = 0.8


@dataclass(frozen=True)
class Dirty:
    """Broken rows of the `dirty` world: planted rows of each kind, per 100,000 good rows."""

    per_kind: float = 8.0
    smallest: int = 3
    oversized_bytes: int = 17 * 1024 * 1024
    oversized_lines: int = 2
    bomb_depth: int = 20_000


@dataclass(frozen=True)
class Assumptions:
    """All assumptions of a world."""

    window: Window = field(default_factory=Window)
    sizes: Sizes = field(default_factory=Sizes)
    rhythms: Rhythms = field(default_factory=Rhythms)
    people: People = field(default_factory=People)
    traffic: Traffic = field(default_factory=Traffic)
    network: Network = field(default_factory=Network)
    campaigns: Campaigns = field(default_factory=Campaigns)
    dirty: Dirty = field(default_factory=Dirty)
    kinds: tuple[Kind, ...] = KINDS


ASSUMED = Assumptions()
