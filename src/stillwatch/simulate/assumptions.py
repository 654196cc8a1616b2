"""Every number the simulated worlds assume, with where it comes from.

"public record" means published reports of providers and agencies on distillation campaigns (see
docs/explanation/simulated-worlds.md); "assumed" means that nothing public was found and the value was
chosen for plausibility. No number here is read by the detector.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Window:
    """The time a world covers."""

    start: str = "2026-03-02T00:00:00"
    days: int = 28
    release_day: tuple[float, float] = (11.0, 17.0)  # assumed: a model is released about half-way


@dataclass(frozen=True)
class Sizes:
    """How big a world is."""

    exchanges_per_account: float = 33.0  # assumed: 300,000 exchanges of about 9,000 accounts
    null_rate: tuple[float, float] = (
        0.05,
        0.20,
    )  # the scoring rules: each optional column, good and bad alike
    bad_share: float = 0.085  # share of accounts that belong to campaigns
    bad_volume_share: float = 0.22  # assumed: share of exchanges made by campaign accounts
    smallest_campaign: int = 8
    campaign_jitter: tuple[float, float] = (0.75, 1.3)  # sizes and volumes differ from seed to seed
    dormant_share: float = 0.04  # accounts of any class that exist but are silent in the window


@dataclass(frozen=True)
class Kind:
    """One class of innocent (or merely gray) accounts.

    `accounts` is per 10,000 innocent accounts, `volume` the mean exchanges of an account in the window
    before scaling, `spread` the standard deviation of the log rate, `clump` the gamma shape of day-to-day
    variation (small = bursty), `party` the mean number of accounts behind one organisation or event.
    """

    name: str
    accounts: float
    volume: float
    spread: float
    rhythm: str
    weekend: float
    clump: float
    contents: tuple[tuple[str, float], ...]
    clients: str
    exits: str
    identity: str
    party: float = 1.0
    smallest: int = 1
    life: str = "long"
    adoption: str = "slow"
    channels: tuple[tuple[str, float], ...] = (("api", 1.0),)
    programmes: tuple[str, ...] = ()
    role: str = "benign"


_CHAT = (("people", 0.72), ("foreign", 0.10), ("pool", 0.12), ("paste", 0.04), ("persona", 0.02))
_APP = (("app", 1.0),)
_CLOUD = (("api", 0.62), ("bedrock", 0.18), ("vertex", 0.12), ("foundry", 0.08))
_MIXED = (("app", 0.85), ("api", 0.15))

# Classes: the published list of look-alikes. Sizes and volumes: assumed.
KINDS: tuple[Kind, ...] = (
    Kind("individual", 6900, 16, 1.25, "human", 0.85, 0.35, _CHAT, "app", "home", "person", channels=_MIXED),
    Kind("agent_client", 650, 90, 1.10, "human", 0.70, 0.40, (("agent", 0.85), ("people", 0.15)), "agent", "home", "person"),
    Kind("vpn_user", 350, 16, 1.20, "human", 0.85, 0.35, _CHAT, "app", "vpn", "person", channels=_MIXED),
    Kind("nat_user", 300, 14, 1.10, "human", 0.90, 0.35, _CHAT, "app", "nat", "person", 12, channels=_APP),
    Kind("shared_card", 200, 18, 1.00, "human", 0.80, 0.40, _CHAT, "app", "home", "family", 4, channels=_MIXED),
    Kind("university_class", 300, 9, 0.60, "class", 0.30, 0.60, (("university", 0.7), ("people", 0.3)), "app", "campus", "class", 28, 8, "recent", channels=_APP),
    Kind("hackathon", 90, 14, 0.60, "class", 1.00, 1.00, (("hackathon", 0.75), ("agent", 0.25)), "sdk", "event", "event", 30, 8, "event"),
    Kind("viral_prompt", 180, 8, 0.90, "human", 1.00, 0.35, (("viral", 0.35), ("people", 0.5), ("pool", 0.15)), "app", "home", "person", channels=_APP),
    Kind("migration", 30, 80, 0.50, "office", 0.35, 1.00, (("business", 1.0),), "sdk", "cloud", "rekeyed", 2, 2, "handover", channels=_CLOUD),
    Kind("enterprise", 150, 180, 0.90, "office", 0.15, 1.50, (("copilot", 0.6), ("business", 0.4)), "sdk", "office", "company", 1.5, 1, channels=_CLOUD),
    Kind("backend", 150, 260, 0.90, "human", 0.80, 4.00, (("business", 1.0),), "sdk", "cloud", "company", 1.2, 1, channels=_CLOUD),
    Kind("batch_etl", 50, 700, 0.80, "flat", 1.00, 6.00, (("etl", 1.0),), "sdk", "cloud", "company", 1.3, 1, channels=_CLOUD),
    Kind("bpo", 60, 180, 0.50, "shift", 0.55, 3.00, (("bpo", 1.0),), "sdk", "office", "company", 8, 2),
    Kind("llm_gateway", 25, 420, 0.60, "office", 0.25, 3.00, (("people", 0.35), ("agent", 0.25), ("business", 0.25), ("copilot", 0.15)), "gateway", "office", "company", 1.0, 1),
    Kind("licensed_aggregator", 10, 900, 0.50, "human", 0.95, 6.00, (("people", 0.5), ("agent", 0.2), ("business", 0.2), ("foreign", 0.1)), "gateway", "cloud", "company", 1.0, 1, channels=(("aggregator", 1.0),), programmes=("reseller",)),
    Kind("gray_relay", 130, 120, 0.35, "human", 0.95, 4.00, (("foreign", 0.3), ("people", 0.4), ("agent", 0.22), ("pool", 0.08)), "relay", "relay", "relay", 22, 10, "rolling", role="relay"),
    Kind("eval_lab", 30, 300, 0.80, "flat", 0.90, 0.30, (("eval", 0.75), ("judge", 0.25)), "sdk", "cloud", "company", 1.5, 1, adoption="day_one", channels=_CLOUD, programmes=("evaluation",)),
    Kind("ci_agents", 60, 140, 0.70, "office", 0.20, 2.00, (("ci", 1.0),), "agent", "ci", "company", 1.0, 1),
    Kind("failover_router", 20, 160, 0.50, "human", 0.80, 4.00, (("business", 0.7), ("people", 0.3)), "gateway", "cloud", "rekeyed", 2, 2, channels=_CLOUD),
    Kind("drift_monitor", 15, 220, 0.20, "cron", 1.00, 60.0, (("drift", 1.0),), "sdk", "cloud", "company", 1.0, 1, adoption="day_one"),
    Kind("audit", 20, 90, 0.60, "office", 0.10, 2.00, (("audit", 1.0),), "sdk", "office", "company", 1.5, 1),
    Kind("red_team", 25, 90, 0.70, "office", 0.30, 0.60, (("redteam", 0.8), ("eval", 0.2)), "sdk", "cloud", "company", 2.0, 1, adoption="day_one", programmes=("evaluation", "research")),
    Kind("synthetic_data", 25, 220, 0.70, "flat", 0.80, 0.35, (("synthetic", 1.0),), "sdk", "campus", "research", 1.6, 1, programmes=("research",)),
    Kind("authorised", 14, 600, 0.40, "flat", 1.00, 6.00, (("authorised", 1.0),), "sdk", "cloud", "company", 5, 3, adoption="day_one", programmes=("distillation",), role="authorised"),
)  # fmt: skip


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
    banks: int = 400  # distinct card issuers
    virtual_banks: int = 12
    relay_accounts_per_card: int = 3
    passages: int = 1500  # documents that people paste, in a world of 9,000 accounts


@dataclass(frozen=True)
class Traffic:
    """Conversations, models and answers; all assumed."""

    gap_seconds: float = 75.0
    machine_gap_seconds: float = 6.0
    main_model_share: float = 0.86
    slow_adoption_days: float = 9.0
    slow_adopters: float = 0.55
    day_one_hours: float = 20.0
    error_rate: float = 0.012
    overload_rate: float = 0.006
    keys_person: int = 2
    keys_company: int = 5
    replay_in_router: float = 0.06  # a failover router resends a reasoning block under its other key
    vision_share: float = 0.03
    refusal_rate: float = 0.004


@dataclass(frozen=True)
class Network:
    """Addresses; ranges are real ones of the packaged lists."""

    nat_addresses_per_party: int = 2
    vpn_exits: int = 260  # assumed: exits that VPN customers of a 9,000-account world share
    proxy_exits_per_account: float = 2.5  # residential proxy pool of a campaign
    proxy_overlap_with_homes: float = 0.35  # proxy exits that are homes of ordinary accounts
    relay_exits: int = 4
    relay_through_homes: float = 0.4  # relays with one residential proxy for each account: public relay code
    host_bits: int = 8


@dataclass(frozen=True)
class Campaigns:
    """How campaigns are run.

    In the public record accounts make 6 to 860 exchanges a day and pools hold 273 to 25,000 accounts; here
    both are scaled to the size of the world.
    """

    active_days: tuple[float, float] = (13.0, 23.0)  # public record: windows of 10 to 20 days and longer
    first_day: tuple[float, float] = (1.0, 5.0)
    accounts_per_card: tuple[float, float] = (3.0, 8.0)  # assumed
    accounts_per_device: tuple[float, float] = (2.0, 6.0)  # assumed
    shared_card_share: float = 0.8  # in campaigns that share cards
    shared_device_share: float = 0.35
    disposable_mail_share: tuple[float, float] = (0.2, 0.7)
    virtual_card_share: tuple[float, float] = (0.4, 0.9)
    extraction_share: tuple[float, float] = (0.10, 0.70)  # hydra: rest is other customers' traffic
    silent_cover_share: float = 0.12
    templates: tuple[int, int] = (1, 4)
    thinking_share: tuple[float, float] = (
        0.05,
        0.7,
    )  # of a campaign's requests that ask for extended thinking
    answer_tokens: tuple[float, float] = (220.0, 620.0)
    paraphrases: int = 60
    churn_life_days: tuple[float, float] = (4.0, 10.0)
    churn_ban_share: float = 0.85
    handover_hours: float = 4.0  # public record: the spare pool took over soon after the block
    pivot_hours: float = 24.0  # public record: half of the traffic moved within 24 hours
    pivot_share: float = 0.7
    slow_daily_rate: tuple[float, float] = (2.0, 6.0)  # public record: 5.6 a day and account in one case
    replay_share: float = 0.30  # requests that carry another conversation's reasoning block
    replay_tokens_per_account: float = 1.5
    signup_bursts: tuple[int, int] = (2, 5)
    signup_burst_hours: float = 9.0
    own_stack_share: float = 0.55  # campaigns whose client is no popular program
    framing_accounts: float = 0.004  # of all accounts
    framing_volume: float = 30.0  # exchanges of a framing account
    framing_cover: float = 0.3
    staff_account_share: float = 0.04  # accounts registered with staff addresses, where a name may be found
    repeat_share: float = 0.03  # tasks asked again of another account, to compare answers


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
