"""Values of account exports, cut to what the contract asks for and no more.

Of an e-mail address only the domain is kept, of a card number the first eight digits, of a telephone number the first
seven signs. So nobody's address or card enters, even where a mapping file names the column that holds it in full.
"""

from __future__ import annotations

from stillwatch.sources.nested.values import text

BIN_DIGITS = 8
PHONE_DIGITS = 6


def email_domain(value: object) -> str | None:
    """The domain of an address, or a domain, in small letters."""
    told = text(value)
    return None if told is None else told.rpartition("@")[2].strip().lower() or None


def card_bin(value: object) -> str | None:
    """The first six to eight digits of a card."""
    digits = "".join(sign for sign in text(value) or "" if sign.isdigit())
    return digits[:BIN_DIGITS] if len(digits) >= 6 else None


def phone_prefix(value: object) -> str | None:
    """The plus sign and the first six digits: country, and area or network."""
    told = text(value)
    if told is None:
        return None
    digits = "".join(sign for sign in told if sign.isdigit())[:PHONE_DIGITS]
    return (f"+{digits}" if told.lstrip().startswith("+") else digits) or None


def country(value: object) -> str | None:
    """A country's two letters, as capitals; names of countries are none."""
    told = (text(value) or "").strip()
    return told.upper() if len(told) == 2 and told.isalpha() else None
