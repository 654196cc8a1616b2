"""Names, columns, types and meaning of the tables passed between rooms.

The input tables and the output tables are the data contract, version 1: a promise to users. `KEYED`
is our own: the exchange table after the door, with keys instead of text. Types are Arrow types.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

CONTRACT_VERSION = "1"

TIMESTAMP = pa.timestamp("us", tz="UTC")

CAPABILITIES = (
    "agentic",
    "tool_use",
    "coding",
    "reasoning",
    "data_analysis",
    "vision",
    "grading",
    "alignment",
    "instruction",
    "conversation",
    "translation",
    "other",
)


@dataclass(frozen=True)
class Column:
    """One column of a table: its Arrow type, what it means, whether a row without it is rejected.

    A text that is `repeated` has few values for its rows; it may come dictionary-encoded, as `type` or `encoded`.
    """

    name: str
    type: pa.DataType
    meaning: str
    required: bool = False
    repeated: bool = False

    @property
    def encoded(self) -> pa.DataType:
        """The type of a repeated text whose values are held once."""
        return pa.dictionary(pa.int32(), self.type)


@dataclass(frozen=True)
class TableSchema:
    """A table of the contract: its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema, columns in contract order."""
        return pa.schema([pa.field(c.name, c.type) for c in self.columns])

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which a row is rejected."""
        return tuple(c.name for c in self.columns if c.required)

    def __getitem__(self, name: str) -> Column:
        """The column of that name."""
        return next(c for c in self.columns if c.name == name)


EXCHANGE = TableSchema(
    "exchanges",
    (
        Column("exchange_id", pa.string(), "unique in the input", required=True),
        Column("ts", TIMESTAMP, "when the request arrived", required=True),
        Column(
            "account_id",
            pa.string(),
            "the billing account (organisation) that made it",
            required=True,
            repeated=True,
        ),
        Column("model", pa.string(), "gen_ai.request.model", required=True, repeated=True),
        Column("api_key_id", pa.string(), "the key used", repeated=True),
        Column("session_id", pa.string(), "gen_ai.conversation.id"),
        Column(
            "channel",
            pa.string(),
            "how the model was reached: api, app, bedrock, vertex, aggregator, ...",
            repeated=True,
        ),
        Column("client_ip", pa.string(), "client.address, IPv4 or IPv6 text"),
        Column("user_agent", pa.string(), "user_agent.original", repeated=True),
        Column("ja4", pa.string(), "TLS client fingerprint", repeated=True),
        Column("header_profile", pa.string(), "hash of the request's header names in order", repeated=True),
        Column("system_prompt", pa.string(), "gen_ai.system_instructions, text", repeated=True),
        Column("prompt", pa.string(), "the last user message, text parts joined"),
        Column("turns", pa.int32(), "messages in the request, this one included"),
        Column("tools", pa.list_(pa.string()), "names of the tools offered"),
        Column("images", pa.int32(), "image, audio and video parts in the request"),
        Column("temperature", pa.float64(), "gen_ai.request.temperature"),
        Column("max_tokens", pa.int32(), "gen_ai.request.max_tokens"),
        Column("n", pa.int32(), "gen_ai.request.choice.count"),
        Column("logprobs", pa.bool_(), "token probabilities were asked for"),
        Column("reasoning", pa.bool_(), "extended thinking was asked for"),
        Column("response_format", pa.string(), "text, json_object, json_schema", repeated=True),
        Column("input_tokens", pa.int32(), "gen_ai.usage.input_tokens"),
        Column("output_tokens", pa.int32(), "gen_ai.usage.output_tokens"),
        Column("response", pa.string(), "the answer, text"),
        Column("stop_reason", pa.string(), "gen_ai.response.finish_reasons", repeated=True),
        Column("status", pa.int32(), "HTTP status: 200, 403, 429, 529, ..."),
        Column(
            "reasoning_token", pa.string(), "hash of an encrypted reasoning block that the request carried in"
        ),
        Column("source", pa.string(), "the reader that produced the row, e.g. litellm/1", repeated=True),
        Column("raw_ref", pa.string(), "file and line, or table and key, of the raw row"),
        Column("end_user_id", pa.string(), "the id that the customer sends for its own user (enduser.id)"),
        Column(
            "sdk", pa.string(), "client library and version, from its headers or user agent", repeated=True
        ),
        Column("top_p", pa.float64(), "gen_ai.request.top_p"),
        Column("seed", pa.int64(), "gen_ai.request.seed"),
        Column("tool_choice", pa.string(), "auto, none, required, named", repeated=True),
        Column("cached_input_tokens", pa.int32(), "part of input_tokens"),
        Column("reasoning_tokens", pa.int32(), "part of output_tokens"),
        Column(
            "content_state",
            pa.string(),
            "full, truncated, redacted, hashed, absent: what became of the text",
            repeated=True,
        ),
        Column("sampling_rate", pa.float64(), "the log keeps this share of calls (0..1); null means all"),
    ),
)

ACCOUNT = TableSchema(
    "accounts",
    (
        Column("account_id", pa.string(), "the billing account", required=True),
        Column("created_at", TIMESTAMP, "sign-up"),
        Column("org_domain", pa.string(), "verified organisation domain"),
        Column("email_domain", pa.string(), "domain of the contact address"),
        Column("payment_fingerprint", pa.string(), "the processor's token for one card or bank account"),
        Column("card_bin", pa.string(), "first 6 to 8 digits"),
        Column("phone_prefix", pa.string(), "country and first digits"),
        Column("signup_ip", pa.string(), "address at sign-up"),
        Column("device_id", pa.string(), "device fingerprint at sign-up"),
        Column("country", pa.string(), "billing country, ISO 3166-1 alpha-2"),
        Column("plan", pa.string(), "free, pro, api, enterprise, ..."),
        Column("verification", pa.string(), "none, email, phone, card, identity, business"),
        Column(
            "programmes", pa.list_(pa.string()), "agreements on file: distillation, research, education, ..."
        ),
        Column("status", pa.string(), "active, suspended, banned"),
        Column("banned_at", TIMESTAMP, "when it was banned"),
    ),
)

NETWORK = TableSchema(
    "networks",
    (
        Column("cidr", pa.string(), "address range", required=True),
        Column("asn", pa.int64(), "autonomous system number"),
        Column("as_name", pa.string(), "its name"),
        Column("country", pa.string(), "ISO 3166-1 alpha-2"),
        Column("kind", pa.string(), "residential, mobile, hosting, vpn, tor, business, education"),
    ),
)

MODEL = TableSchema(
    "models",
    (
        Column("model", pa.string(), "gen_ai.request.model", required=True),
        Column("released_at", TIMESTAMP, "when it was released", required=True),
    ),
)

ACCOUNT_VERDICTS = ("campaign", "relay", "authorised", "clear")

ACCOUNT_FINDING = pa.schema(
    [
        ("account_id", pa.string()),
        ("campaign_id", pa.string()),
        ("membership", pa.float64()),
        ("risk", pa.float64()),
        ("verdict", pa.string()),
    ]
)

EXCHANGE_FINDING = pa.schema(
    [
        ("exchange_id", pa.string()),
        ("campaign_id", pa.string()),
        ("capability", pa.string()),
        ("extraction", pa.float64()),
    ]
)

EVIDENCE = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("family", pa.string()),
        ("signal", pa.string()),
        ("subject", pa.string()),
        ("value", pa.float64()),
        ("base_rate", pa.float64()),
        ("log10_bayes_factor", pa.float64()),
        ("text", pa.string()),
    ]
)

ACTIVITY = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("day", pa.date32()),
        ("model", pa.string()),
        ("exchanges", pa.int64()),
    ]
)

BIRTH = pa.schema([("campaign_id", pa.string()), ("day", pa.date32()), ("accounts", pa.int64())])

TIE = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("account_id", pa.string()),
        ("family", pa.string()),
        ("signal", pa.string()),
        ("trait", pa.string()),
        ("bits", pa.float64()),
    ]
)

KEY = pa.uint64()

KEYED = TableSchema(
    "exchange",
    (
        Column("account", pa.int32(), "position of the account in the sorted list of account ids"),
        Column("ts", pa.int64(), "microseconds since 1970, UTC"),
        Column("model", KEY, "key of the model name"),
        Column("channel", KEY, "key of the access path"),
        Column("api_key", KEY, "key of the API key id"),
        Column("conversation", KEY, "key of the conversation id"),
        Column("address", KEY, "client address"),
        Column("prefix", KEY, "its /24 or /48"),
        Column("user_agent", KEY, "key of the user agent"),
        Column("tls", KEY, "key of the TLS client fingerprint"),
        Column("headers", KEY, "key of the header profile"),
        Column("sdk", KEY, "key of the client library and version"),
        Column("parameters", KEY, "key of temperature and token limit, where both are set"),
        Column("tools", KEY, "key of the set of tool names offered"),
        Column("system", KEY, "key of the system prompt, digits masked"),
        Column("system_opening", KEY, "key of the system prompt's first six words"),
        Column("system_ending", KEY, "key of its last six words"),
        Column("prompt", KEY, "key of the whole prompt, digits masked"),
        Column("opening", KEY, "key of the prompt's first six words"),
        Column("ending", KEY, "key of the prompt's last six words"),
        Column("template", KEY, "the request's most widely shared text anchor, if three accounts share it"),
        Column("shape", KEY, "where the prompt is not there: key of turns, thinking and lengths in and out"),
        Column("token", KEY, "key of the reasoning token carried in"),
        Column("end_user", KEY, "key of the customer's own user id"),
        Column("turns", pa.int32(), "messages in the request"),
        Column("images", pa.int32(), "image, audio and video parts"),
        Column("input_tokens", pa.int32(), "tokens in"),
        Column("output_tokens", pa.int32(), "tokens out"),
        Column("status", pa.int32(), "HTTP status"),
        Column("thinking", pa.bool_(), "extended thinking was asked for"),
        Column("asks", pa.int64(), "bit set of keyword probes"),
        Column("told", pa.int64(), "bit set of keyword probes of the system prompt"),
        Column(
            "told_last",
            pa.int64(),
            "the same of its last paragraph, where the whole asks for reasoning, grades, tasks or hidden text",
        ),
        Column("words", pa.int32(), "words in the prompt, null where there is no text"),
        Column("script", pa.int8(), "0 Latin, 1 Chinese-Japanese-Korean, 2 Cyrillic"),
        Column("capability", pa.int8(), "position in CAPABILITIES, by words and parts; what is judged"),
        Column("task", pa.int8(), "the same, where a table's rows speak for data analysis; what is told"),
    ),
)
"""The exchange table after the door: keys instead of text. Key 0 means absent. Sorted by account and time.

A column of few values may be there as an Arrow dictionary of its type, its values once and a code for each row.
"""

MEANING = Column("meaning", KEY, "key of what the request's most telling sentence means")
"""A further column of the exchange table, which is there only where a model of meanings was given."""

KEYED_ACCOUNT = TableSchema(
    "account",
    (
        Column("account", pa.int32(), "position of the account in the sorted list of account ids"),
        Column("created", pa.int64(), "sign-up, microseconds since 1970"),
        Column("organisation", KEY, "key of the verified organisation domain"),
        Column("email", KEY, "key of the e-mail domain"),
        Column("payment", KEY, "key of the payment instrument"),
        Column("bin", KEY, "key of the first digits of the card"),
        Column("phone", KEY, "key of the telephone prefix"),
        Column("signup_address", KEY, "address at sign-up"),
        Column("signup_prefix", KEY, "its /24 or /48"),
        Column("device", KEY, "key of the device at sign-up"),
        Column("card_batch", KEY, "key of the card's first digits and the week of sign-up"),
        Column("signup_batch", KEY, "key of the telephone prefix and the day of sign-up"),
        Column("plan", KEY, "key of the plan"),
        Column("banned", pa.int64(), "time of the ban, microseconds since 1970"),
    ),
)
"""The account table after the door."""
