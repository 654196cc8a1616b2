"""Planted campaigns: a plan and a number of accounts become a group."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stillwatch.simulate.arrays import Bools, Floats, Ints, Rng, salt
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.assumptions.plans import Plan, product_name, staff_domain
from stillwatch.simulate.assumptions.programs import RELAYS
from stillwatch.simulate.catalogue import Brush
from stillwatch.simulate.disguise import Mix, disguise
from stillwatch.simulate.elicitation import Elicitation, cover_contents, cover_shares
from stillwatch.simulate.exits import Exits
from stillwatch.simulate.group import Group, ModelUse, Replay
from stillwatch.simulate.identity import Applicants, columns, countries, country_names
from stillwatch.simulate.population import channels_of, parties
from stillwatch.simulate.rhythm import Rhythm, make
from stillwatch.simulate.ruses import asked
from stillwatch.simulate.scene import NEW_MODEL, Scene

_A = ASSUMED.campaigns


@dataclass
class Lives:
    """When the accounts of a campaign are made, used and banned."""

    created: Floats
    start: Floats
    end: Floats
    banned: Ints
    moved: Bools | None = None


@dataclass
class Campaign:
    """A planted campaign and what the truth says of it."""

    identifier: str
    plan: Plan
    group: Group
    elicitation: Elicitation
    stack: int


@dataclass
class Relay:
    """A stack and exits that several campaigns and gray accounts may share."""

    stack: int
    exits: Ints


def relay(scene: Scene, name: str) -> Relay:
    """A relay of its own."""
    rng = scene.rng("relay", name)
    exits = scene.networks.addresses(rng, "hosting", scene.assumed.network.relay_exits)
    return Relay(scene.clients.own_stack(rng, "relay", RELAYS[1]), exits)


def build(
    scene: Scene,
    plan: Plan,
    name: str,
    *,
    count: int,
    volume: float,
    through: Relay,
    copied: str | None = None,
) -> Campaign:
    """The campaign: `count` accounts that make `volume` exchanges in all."""
    rng = scene.rng("campaign", name)
    party = _cards(rng, plan, count)
    lives = _lives(scene, rng, plan, count)
    country = countries(rng, party)
    exits = _exits(scene, rng, plan, country, through)
    if plan.apart and lives.moved is not None:
        _move_out(scene, rng, exits, lives.moved)
    stack, client = _clients(scene, rng, plan, count, through)
    brush = Brush(scene.library, rng, party, np.zeros(count, dtype=np.int64), scene.toolset_numbers)
    elicitation = Elicitation(plan, brush, name, copied)
    mix = _contents(rng, plan, brush, elicitation)
    group = Group(
        lookalike="campaign", role="campaign", campaign=name, rate=np.ones(count), start=lives.start, end=lives.end,
        zone=np.full(count, int(rng.integers(-8, 10))), rhythm=_rhythm(plan, name, scene), clump=_A.steady_clump if plan.rhythm in ("flat", "beats") else _A.human_clump,
        contents=mix.contents, tastes=mix.tastes, taste_ladders=mix.ladders(mix.usual),
        clients=client, client_ladder=np.array(_A.client_ladder), exits=exits,
        channel=channels_of(rng, plan.channels, count), second_channel=channels_of(rng, plan.channels, count), second_channel_share=_A.second_channel_share,
        models=_models(scene, rng, plan, count), keys=2, party=party,
        columns=columns(scene, rng, _applicants(rng, plan, party, lives, origin=(country, exits.own[:, 0]))),
        replay=_replay(scene, plan, count), error_rate=_A.error_rate,
    )  # fmt: skip
    group.rate = _rates(rng, plan, lives, volume)
    _sign(rng, plan, group)
    disguise(scene, plan, group, mix)
    return Campaign(name, plan, group, elicitation, stack)


def _cards(rng: Rng, plan: Plan, count: int) -> Ints:
    if plan.cards == "unique":
        return np.arange(count)
    party = parties(rng, count, float(rng.uniform(*_A.accounts_per_card)))
    alone = rng.random(count) > _A.shared_card_share
    party[alone] = party.max() + 1 + np.arange(int(alone.sum()))
    return np.unique(party, return_inverse=True)[1].reshape(count)


def _lives(scene: Scene, rng: Rng, plan: Plan, count: int) -> Lives:
    assumed = scene.assumed.campaigns
    first = float(rng.uniform(*assumed.first_day))
    last = min(float(scene.days) - 0.2, first + float(rng.uniform(*assumed.active_days)))
    last = float(scene.days) - 0.2 if plan.lasting else last
    start = first + rng.exponential(assumed.start_delay_days, count).clip(0, 4)
    end = np.minimum(scene.days, last + rng.normal(0, assumed.last_day_spread, count))
    banned = np.zeros(count, dtype=np.int64)
    if plan.life == "owned":
        age = rng.exponential(assumed.owner_age_days, count)
        return Lives(-age, np.zeros(count), np.full(count, float(scene.days)), banned)
    if plan.life == "growing":
        start = rng.uniform(first, max(first, last - assumed.churn_life_days[0]), count)
        return Lives(start - rng.exponential(assumed.newborn_days, count), start, end, banned)
    if plan.life == "churn":
        start = rng.uniform(first, max(first, last - 1.5), count)
        end = np.minimum(last, start + rng.uniform(*assumed.churn_life_days, count))
        banned = ((end < last) & (rng.random(count) < assumed.churn_ban_share)).astype(np.int64)
        return Lives(start - rng.exponential(assumed.newborn_days, count), start, end, banned)
    created, spare = _bursts(rng, count, first), None
    if plan.life == "spare":
        block = first + (last - first) * float(rng.uniform(*assumed.block_point))
        spare = np.arange(count) >= int(count * assumed.first_pool_share)
        start = np.where(
            spare,
            block + np.abs(rng.normal(0, assumed.handover_hours / 24, count)),
            start.clip(0, block - 0.5),
        )
        end = np.where(spare, end, block + rng.uniform(0, assumed.block_spread_days, count))
        banned = (~spare).astype(np.int64)
        created = np.where(spare, _bursts(rng, count, block), created)
    return Lives(created, start, np.maximum(end, start + 0.2), banned, spare)


def _bursts(rng: Rng, count: int, before: float) -> Floats:
    bursts = before - rng.exponential(_A.burst_lead_days, int(rng.integers(*_A.signup_bursts)))
    spread = rng.normal(0, _A.signup_burst_hours / 24, count)
    made: Floats = np.minimum(before - 0.01, bursts[rng.integers(0, len(bursts), count)] + spread)
    return made


def _exits(scene: Scene, rng: Rng, plan: Plan, country: Ints, through: Relay) -> Exits:
    count, net = len(country), scene.assumed.network
    if plan.exits == "unique":
        own = scene.networks.addresses_by_country(rng, "residential", country_names(country))
        return Exits(own[:, None], np.ones((count, 1)), np.full((count, 1), net.host_bits, dtype=np.int64))
    pool = through.exits
    if plan.exits == "hosting":
        pool = scene.networks.addresses(rng, "hosting", max(3, count // _A.hosts_per_exit))
    if plan.exits == "proxy":
        wanted = int(count * net.proxy_exits_per_account) + 4
        homes = np.concatenate(scene.homes)
        borrowed = homes[rng.integers(0, len(homes), int(wanted * net.proxy_overlap_with_homes))]
        pool = np.concatenate(
            [borrowed, scene.networks.addresses(rng, "residential", wanted - len(borrowed))]
        )
    own = pool[rng.integers(0, len(pool), count)][:, None]
    still = np.zeros((count, 1), dtype=np.int64)
    return Exits(
        own, np.ones((count, 1)), still, pool, _A.pool_share, sticky=bool(rng.random() < _A.sticky_share)
    )


def _move_out(scene: Scene, rng: Rng, exits: Exits, moved: Bools) -> None:
    """Give these accounts a second pool, as big as the first, which shares nothing with it."""
    size = len(moved) if exits.pool is None else len(exits.pool)
    exits.spare, exits.moved = scene.networks.addresses(rng, "residential", size), moved
    exits.own[moved] = exits.spare[rng.integers(0, size, int(moved.sum()))][:, None]


def _clients(scene: Scene, rng: Rng, plan: Plan, count: int, through: Relay) -> tuple[int, Ints]:
    popular = scene.clients.draw(rng, "sdk", 3)
    stack = through.stack if plan.client == "relay" else int(popular[0])
    if plan.client == "own":
        stack = scene.clients.own_stack(rng, "campaign", scene.clients.rows[int(popular[0])].user_agent)
    if plan.client == "many":
        return stack, scene.clients.draw(rng, "app", 3 * count).reshape(count, 3)
    second = int(popular[1]) if plan.client == "popular" else stack
    return stack, np.tile((stack, second, stack), (count, 1))


def _contents(rng: Rng, plan: Plan, brush: Brush, elicitation: Elicitation) -> Mix:
    if plan.attributable == "L3b" or plan.branded:
        elicitation.product = product_name(plan.actor or "")
    harvest, cover = asked(elicitation), cover_contents(brush)
    others = cover_shares(rng, plan, brush.size)
    drawn = rng.dirichlet([_A.capability_focus * w + 0.2 for _, w in harvest])
    return Mix([c for c, _ in harvest], [c for c, _ in cover], others, np.array([w for _, w in cover]), drawn)


def _rhythm(plan: Plan, name: str, scene: Scene) -> Rhythm:
    beats = (
        int(scene.rng("beats", name).integers(*scene.assumed.rhythms.beats_per_day))
        if plan.rhythm == "beats"
        else 0
    )
    weekend = {"human": _A.weekend_human, "office": _A.weekend_office}.get(plan.rhythm, 1.0)
    return make(plan.rhythm, weekend, beats=beats, seed=salt(name, scene.seed) % 2**31 + 1)


def _models(scene: Scene, rng: Rng, plan: Plan, count: int) -> ModelUse:
    best = int(rng.choice([0, 2], p=_A.best_model_mix))
    adopts = scene.release_day + rng.exponential(_A.slow_adoption_days, count)
    share = _A.slow_share
    if plan.pivots:
        adopts = scene.release_day + rng.uniform(0.05, _A.pivot_hours / 24, count)
        share = _A.pivot_share
    return ModelUse(
        np.full(count, best), rng.integers(0, 3, count), NEW_MODEL, adopts, _A.main_model_share, share
    )


def _applicants(rng: Rng, plan: Plan, party: Ints, lives: Lives, *, origin: tuple[Ints, Ints]) -> Applicants:
    shared = plan.cards == "shared"
    return Applicants(
        plan.identity,
        party,
        lives.created,
        *origin,
        lives.end,
        disposable_share=float(rng.uniform(*_A.disposable_mail_share))
        * (1.0 if shared else _A.unique_disposable_factor),
        virtual_share=float(rng.uniform(*_A.virtual_card_share)),
        device_share=_A.shared_device_share if shared else _A.unique_device_share,
        banned=lives.banned,
    )


def _replay(scene: Scene, plan: Plan, count: int) -> Replay | None:
    if not plan.replays:
        return None
    store = scene.fresh(int(count * _A.replay_tokens_per_account) + 4)
    return Replay(_A.replay_share, store, np.zeros(count, dtype=np.int64))


def _sign(rng: Rng, plan: Plan, group: Group) -> None:
    """Where the truth allows a name, a few accounts were registered with staff addresses."""
    if plan.attributable != "L3b" or plan.actor is None:
        return
    staff = rng.random(len(group)) < _A.staff_account_share
    staff[int(rng.integers(0, len(group)))] = True
    for account in np.flatnonzero(staff):
        group.columns["email_domain"][account] = staff_domain(plan.actor)


def _rates(rng: Rng, plan: Plan, lives: Lives, volume: float) -> Floats:
    count = len(lives.start)
    if plan.slow:
        slow: Floats = rng.uniform(*_A.slow_daily_rate, count)
        return slow
    relative = np.exp(rng.normal(0, _A.load_spread, count))
    volume = volume if plan.each is None else plan.each * count
    days = (lives.end - lives.start).clip(0.2)
    even: Floats = relative * volume / (relative * days).sum()
    return even


def framing(scene: Scene, framed: Campaign, *, count: int, volume: float) -> Group:
    """Accounts of a third party that plant somebody else's wording and client, to have them blamed."""
    plan = Plan("framing", framed.plan.capabilities, cards="unique", rhythm="human", cover=_A.framing_cover)
    made = build(
        scene,
        plan,
        "framing",
        count=count,
        volume=volume,
        through=relay(scene, "framing"),
        copied=framed.elicitation.sketch(),
    )
    group = made.group
    group.lookalike, group.role, group.campaign = "framing", "framing", None
    group.clients = np.full_like(group.clients, framed.stack)
    for content in group.contents:
        content.extraction = False
    return group


def bystanders(scene: Scene, plan: Plan, name: str, *, count: int, volume: float, through: Relay) -> Group:
    """Accounts of a campaign's relay that carry its ordinary paying customers and nothing else."""
    customers = replace(
        plan,
        harvest=0.0,
        spill=0.0,
        phases=(),
        pivots=False,
        attributable=None,
        branded=False,
        wording="template",
    )
    made = build(scene, customers, f"{name}-customers", count=count, volume=volume, through=through)
    group = made.group
    group.lookalike, group.role, group.campaign = "relay_customer", "relay", None
    for content in group.contents:
        content.extraction = False
    return group
