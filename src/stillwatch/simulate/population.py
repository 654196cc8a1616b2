"""Innocent (and merely gray) accounts: one group for each class of the assumptions."""

from __future__ import annotations

import numpy as np

from stillwatch.simulate.arrays import Floats, Ints, Rng, pick
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.assumptions.classes import Kind
from stillwatch.simulate.assumptions.programs import RELAYS
from stillwatch.simulate.catalogue import CATALOGUE, Brush
from stillwatch.simulate.exits import Exits
from stillwatch.simulate.group import Group, ModelUse, Replay
from stillwatch.simulate.identity import Applicants, Columns, columns, countries, country_names, zones
from stillwatch.simulate.lookalikes import LOOKALIKES
from stillwatch.simulate.render import CHANNELS
from stillwatch.simulate.rhythm import make
from stillwatch.simulate.scene import NEW_MODEL, Scene

_CONTENTS = {**CATALOGUE, **LOOKALIKES}
_MACHINES = ("sdk", "gateway", "relay")


def parties(rng: Rng, count: int, mean: float) -> Ints:
    """Accounts dealt to organisations of about that size; numbered without gaps."""
    if mean <= 1:
        return np.arange(count)
    sizes = rng.geometric(1 / mean, count) if mean < 5 else rng.poisson(mean, count).clip(2)
    return np.repeat(np.arange(count), sizes)[:count]


def benign_groups(scene: Scene, accounts: int, exchanges: float) -> list[Group]:
    """All innocent classes, sized to these totals."""
    kinds = scene.assumed.kinds
    total = sum(k.accounts for k in kinds)
    sizes = [max(k.smallest, round(k.accounts * accounts / total)) for k in kinds]
    scale = exchanges / sum(n * k.volume for n, k in zip(sizes, kinds, strict=True))
    return [build(scene, kind, size, kind.volume * scale) for kind, size in zip(kinds, sizes, strict=True)]


def build(scene: Scene, kind: Kind, count: int, volume: float) -> Group:
    """The group of one class, `count` accounts with `volume` exchanges each on average."""
    rng = scene.rng("kind", kind.name)
    party = parties(rng, count, kind.party)
    start, end, created = lives(scene, rng, kind.life, party)
    country = countries(rng, party)
    exits = exits_of(scene, rng, kind.exits, party, country)
    client = clients_of(scene, rng, kind.clients, party)
    brush = Brush(scene.library, rng, party, programs(scene, client[:, 0]), scene.toolset_numbers)
    contents = [_CONTENTS[name](brush) for name, _ in kind.contents]
    tastes, ladders = tastes_of(rng, kind, count)
    who = Applicants(kind.identity, party, created, country, exits.own[:, 0], end, kind.programmes)
    channel, second = (channels_of(rng, kind.channels, count) for _ in range(2))
    group = Group(
        lookalike=kind.name, role=kind.role, rate=np.ones(count), start=start, end=end,
        zone=zones(rng, country), rhythm=make(kind.rhythm, kind.weekend), clump=kind.clump,
        contents=contents, tastes=tastes, taste_ladders=ladders,
        clients=client, client_ladder=np.array(scene.assumed.traffic.client_ladder), exits=exits,
        channel=channel, second_channel=second, second_channel_share=_second_share(scene, kind),
        models=models_of(scene, rng, kind.adoption, count, machine=kind.clients in _MACHINES),
        keys=scene.assumed.traffic.keys_company if kind.clients in _MACHINES else scene.assumed.traffic.keys_person,
        party=party, columns=_held(kind, party, columns(scene, rng, who)), replay=replay_of(scene, kind, party),
        end_users=scene.assumed.traffic.end_users if kind.name in ("backend", "licensed_aggregator", "llm_gateway", "enterprise") else 0,
        error_rate=scene.assumed.traffic.error_rate,
    )  # fmt: skip
    group.rate = rates(rng, group, volume, kind.spread)
    return group


def _held(kind: Kind, party: Ints, made: Columns) -> Columns:
    """The accounts table's columns, with the agreement on file for the accounts that hold it."""
    if kind.holders == "first":
        first = np.r_[True, party[1:] != party[:-1]]
        made["programmes"] = [
            held if one else [] for held, one in zip(made["programmes"], first, strict=True)
        ]
    return made


def rates(rng: Rng, group: Group, volume: float, spread: float) -> Floats:
    """Exchanges a day while active, so that the group's mean total is `volume`."""
    relative = np.exp(rng.normal(0, spread, len(group)))
    relative[rng.random(len(group)) < ASSUMED.sizes.dormant_share] = 0.0
    days = (group.end - group.start.clip(0)).clip(0.02)
    weekday = (5 + 2 * group.rhythm.weekend) / 7
    total = max(relative.sum(), 1e-9)
    daily: Floats = relative * volume * len(group) / total / days / weekday
    return daily


def lives(scene: Scene, rng: Rng, life: str, party: Ints) -> tuple[Floats, Floats, Floats]:
    """First and last active day, and day of sign-up, of each account."""
    count, days, people = len(party), float(scene.days), scene.assumed.people
    if life == "handover":
        return _handover(rng, party, days)
    created = -rng.exponential(people.age_days, count)
    born = rng.random(count) < people.newborn_share
    created = np.where(born, rng.uniform(0, days - 1, count), created)
    end = np.full(count, days)
    if life in ("recent", "event"):
        course = life == "recent"
        opening = rng.uniform(-people.class_open_days if course else 1, days - 5, int(party.max()) + 1)[party]
        spread = people.class_signup_spread_days if course else people.event_signup_spread_days
        created = opening + np.abs(rng.normal(0, spread, count))
        end = created + rng.uniform(*(people.class_life_days if course else people.event_life_days), count)
    if life == "rolling":
        created = rng.uniform(-2 * days, days - 3, count)
        end = created.clip(0) + rng.exponential(people.relay_life_days, count) + 2
    start = created.clip(0)
    if life == "wave":
        start = np.minimum(
            days - 1, rng.uniform(*people.wave_days) + rng.exponential(people.wave_spread_days, count)
        )
        created = np.minimum(created, start)
        end = start + rng.uniform(*people.wave_life_days, count)
    return start, np.maximum(np.minimum(end, days), start + 0.05), created


def _handover(rng: Rng, party: Ints, days: float) -> tuple[Floats, Floats, Floats]:
    people = ASSUMED.people
    second = np.r_[False, party[1:] == party[:-1]]
    moved = rng.uniform(*people.handover_days, int(party.max()) + 1)[party]
    start = np.where(second, moved, 0.0)
    end = np.where(second, days, moved + rng.uniform(0, people.handover_overlap_days, len(party)))
    age = np.where(second, 1.0, people.old_customer_days)
    return start, end, np.where(second, moved, 0.0) - rng.exponential(age)


def _second_share(scene: Scene, kind: Kind) -> float:
    traffic = scene.assumed.traffic
    return traffic.router_channel_share if kind.name == "failover_router" else traffic.second_channel_share


def tastes_of(rng: Rng, kind: Kind, count: int) -> tuple[Ints, Floats]:
    """The contents of each account, and cumulative weights that differ from account to account."""
    weights = np.array([w for _, w in kind.contents])
    habit = rng.gamma(weights * ASSUMED.traffic.taste_focus + 0.05, 1.0, (count, len(weights))) + 1e-6
    return np.tile(np.arange(len(weights)), (count, 1)), np.cumsum(
        habit / habit.sum(axis=1, keepdims=True), axis=1
    )


def clients_of(scene: Scene, rng: Rng, family: str, party: Ints) -> Ints:
    """Three client programs for each account; an organisation's accounts mostly agree."""
    count, many = len(party), int(party.max()) + 1
    if family == "relay":
        stacks = np.array([scene.clients.own_stack(rng, "relay", RELAYS[0]) for _ in range(many)])
        return np.repeat(stacks[party][:, None], 3, axis=1)
    main = (
        scene.clients.draw(rng, family, many)[party]
        if family in _MACHINES
        else scene.clients.draw(rng, family, count)
    )
    other = scene.clients.draw(rng, "sdk" if family == "gateway" else family, count)
    fickle = rng.random(count) < scene.assumed.people.second_client_share
    second = np.where(fickle, other, main)
    return np.stack([main, second, np.where(fickle, scene.clients.draw(rng, family, count), main)], axis=1)


def programs(scene: Scene, client: Ints) -> Ints:
    """Which program each client is a version of."""
    table = np.array([c.program for c in scene.clients.rows], dtype=np.int64)
    return table[client]


def channels_of(rng: Rng, channels: tuple[tuple[str, float], ...], count: int) -> Ints:
    """An access path for each account."""
    numbers = np.array([CHANNELS.index(name) for name, _ in channels], dtype=np.int64)
    return numbers[pick(rng, [weight for _, weight in channels], count)]


def models_of(scene: Scene, rng: Rng, adoption: str, count: int, *, machine: bool) -> ModelUse:
    """Which models accounts use and when they move to the new one."""
    traffic = scene.assumed.traffic
    main = pick(rng, traffic.machine_models if machine else traffic.people_models, count)
    later = np.where(
        rng.random(count) < traffic.slow_adopters,
        scene.release_day + rng.exponential(traffic.slow_adoption_days, count),
        np.inf,
    )
    if adoption == "day_one":
        later = scene.release_day + rng.uniform(0, traffic.day_one_hours / 24, count)
    return ModelUse(
        main,
        pick(rng, traffic.second_models, count),
        NEW_MODEL,
        later,
        traffic.main_model_share,
        traffic.moved_share,
    )


def exits_of(scene: Scene, rng: Rng, style: str, party: Ints, country: Ints) -> Exits:
    """Where accounts of a class connect from."""
    count, names = len(party), country_names(country)
    many = int(party.max()) + 1
    nets = scene.networks
    first_of = np.searchsorted(party, np.arange(many))
    party_country = [names[i] for i in first_of]
    shared = {"office": "business", "cloud": "hosting", "campus": "education", "event": "business"}
    if style == "relay":
        return _relay_exits(scene, rng, party)
    if style in shared:
        main = nets.addresses_by_country(rng, shared[style], party_country)[party]
        near = main ^ rng.integers(1, 8, count)
        third = (
            nets.addresses_by_country(rng, "residential", names)
            if style in ("campus", "event", "office")
            else near
        )
        weights = np.tile(scene.assumed.network.shared_weights, (count, 1))
        return Exits(
            np.stack([main, near, third], axis=1), np.cumsum(weights, axis=1), np.zeros((count, 3), np.int64)
        )
    if style == "ci":
        runners = nets.addresses(
            rng, "hosting", max(40, count * scene.assumed.network.runners_per_account), "US"
        )
        own = runners[rng.integers(0, len(runners), (count, 3))]
        return Exits(
            own,
            np.tile(np.cumsum(scene.assumed.network.runner_weights), (count, 1)),
            np.zeros((count, 3), np.int64),
            runners,
            scene.assumed.network.runner_pool_share,
        )
    return _personal(scene, rng, style, party, names)


def _relay_exits(scene: Scene, rng: Rng, party: Ints) -> Exits:
    """Few hosts for a whole relay, or one residential proxy for each account, as relays are really run."""
    count, many = len(party), int(party.max()) + 1
    hosts = scene.networks.addresses(rng, "hosting", many)[party] ^ rng.integers(
        0, scene.assumed.network.relay_exits, count
    )
    homes = scene.networks.addresses(rng, "residential", count)
    proxied = (rng.random(many) < scene.assumed.network.relay_through_homes)[party]
    own = np.where(proxied, homes, hosts)[:, None]
    return Exits(own, np.ones((count, 1)), np.zeros((count, 1), dtype=np.int64))


def _personal(scene: Scene, rng: Rng, style: str, party: Ints, names: list[str]) -> Exits:
    count, people, net = len(party), scene.assumed.people, scene.assumed.network
    home = scene.networks.addresses_by_country(rng, "residential", names)
    mobile = scene.networks.addresses_by_country(rng, "mobile", names) >> net.gate_bits << net.gate_bits
    if style == "nat":
        gates = scene.networks.addresses(rng, "mobile", int(party.max()) + 1)
        home = mobile = gates[party] ^ rng.integers(0, scene.assumed.network.nat_addresses_per_party, count)
    tunnel = scene.vpn_exits[rng.integers(0, len(scene.vpn_exits), count)]
    roams = rng.random(count) < people.phone_exits_share
    hides = np.full(count, style == "vpn") | (rng.random(count) < people.vpn_sometimes_share)
    weights = np.stack(
        [
            np.full(count, net.tunnel_weight if style == "vpn" else 1.0),
            net.mobile_weight * roams,
            np.where(hides, net.tunnel_always_weight if style == "vpn" else net.tunnel_weight, 0.0),
        ],
        axis=1,
    )
    dynamic = (rng.random(count) < people.dynamic_home_share) & (style != "nat")
    bits = np.stack(
        [
            np.where(dynamic, net.host_bits, 0),
            np.full(count, 0 if style == "nat" else net.mobile_bits),
            np.full(count, net.tunnel_bits),
        ],
        axis=1,
    )
    scene.homes.append(home)
    return Exits(np.stack([home, mobile, tunnel], axis=1), np.cumsum(weights, axis=1), bits.astype(np.int64))


def replay_of(scene: Scene, kind: Kind, party: Ints) -> Replay | None:
    """A failover router resends reasoning blocks under its other key: harmless, and it looks like replay."""
    if kind.name != "failover_router":
        return None
    return Replay(scene.assumed.traffic.replay_in_router, scene.fresh(4 * (int(party.max()) + 1)), party)
