"""How campaigns are run, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Campaigns:
    """How campaigns are run.

    In the public record accounts make 6 to 860 exchanges a day and pools hold 273 to 25,000 accounts; here
    both are scaled to the size of the world.
    """

    active_days: tuple[float, float] = (13.0, 23.0)  # public record: windows of 10 to 20 days and longer
    first_day: tuple[float, float] = (1.0, 5.0)
    accounts_per_card: tuple[float, float] = (3.0, 8.0)  # assumed
    shared_card_share: float = 0.8  # in campaigns that share cards
    shared_device_share: float = 0.35
    disposable_mail_share: tuple[float, float] = (0.2, 0.7)
    virtual_card_share: tuple[float, float] = (0.4, 0.9)
    extraction_share: tuple[float, float] = (0.10, 0.70)  # hydra: rest is other customers' traffic
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
    framing_accounts: float = 0.004  # of all accounts
    framing_volume: float = 30.0  # exchanges of a framing account
    framing_cover: float = 0.3
    staff_account_share: float = 0.04  # accounts registered with staff addresses, where a name may be found
    posthoc_share: float = 0.15  # templates that ask for the reasoning behind a finished answer
    persona_share: float = 0.6  # templates with a persona beside the task
    swap_share: float = 0.7  # words that a paraphrase exchanges
    fewest_tasks: int = 40
    task_share: tuple[float, float] = (0.5, 0.9)  # of the packaged tasks that one campaign works through
    silent_thinking: float = 0.7
    product_named_share: float = 0.25
    customer_mix: tuple[float, ...] = (
        0.38,
        0.32,
        0.22,
        0.08,
    )  # English, other languages, agents, arena questions
    cover_spread: float = 0.33
    most_cover: float = 0.9
    steady_clump: float = 6.0  # day-to-day variation (gamma shape) of machine rhythms, and of human ones
    human_clump: float = 1.5
    client_ladder: tuple[float, ...] = (0.85, 0.95, 1.0)
    second_channel_share: float = 0.03
    error_rate: float = 0.02
    start_delay_days: float = 0.7
    last_day_spread: float = 0.15
    newborn_days: float = 0.8  # churn: days from sign-up to first use
    block_point: tuple[float, float] = (
        0.4,
        0.6,
    )  # when the first pool is blocked, as a share of the campaign
    first_pool_share: float = 0.55
    block_spread_days: float = 0.05
    burst_lead_days: float = 6.0
    pool_share: float = 0.9  # conversations that leave through the pool of exits
    sticky_share: float = 0.5  # campaigns that keep one exit for an account and day
    capability_focus: float = 12.0  # Dirichlet weight: how close a campaign keeps to its plan
    weekend_human: float = 0.9
    weekend_office: float = 0.35
    best_model_mix: tuple[float, float] = (0.6, 0.4)
    slow_adoption_days: float = 7.0
    slow_share: float = 0.5
    main_model_share: float = 0.93
    unique_disposable_factor: float = 0.3
    unique_device_share: float = 0.08
    load_spread: float = 0.25  # log standard deviation of account rates: pools are loaded evenly
    hosts_per_exit: int = 10
    ruse_frames: tuple[int, int] = (2, 3)
    pretext_refusal: float = 0.35
    search_refusals: tuple[float, float, float] = (
        0.85,
        0.45,
        0.03,
    )  # all variants, the better ones, the winner
    stored_sessions: int = 700
    table_tasks: int = 1200
    table_rows: tuple[int, int] = (4, 13)
    cleaned_traces: int = 900
    cleaned_share: float = 0.23  # public record: 770,609 of 3.4 million exchanges went through the cleaner
    guarded_refusal: float = 0.45  # by the model that a campaign gives up
    moves_at: float = 0.5  # share of the campaign after which it asks the model with weaker safeguards
    weaker_model: int = 1
    canary_share: float = 0.04
    harvest_focus: float = 25.0  # beta: how much accounts of a pool differ in the campaign's share
    blocked_share: float = 0.06  # requests answered by 403 or 429 that go elsewhere at once
    blocked_forbidden: float = 0.4  # of them 403
    failover_seconds: tuple[float, float] = (0.5, 9.0)
    owner_age_days: float = 300.0  # stolen keys: age of the accounts they belong to
