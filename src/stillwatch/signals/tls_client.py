"""Accounts whose connections carry one TLS fingerprint.

What it sees
------------
The JA4 fingerprint of each request's connection.

Why a distiller shows it
------------------------
One harvesting program runs all accounts; its TLS library and settings show in every handshake, whatever the
headers claim.

Who else shows it
-----------------
All who use the same popular client or library version: thousands of strangers. Only a fingerprint rare
among outsiders weighs.

What evasion costs
------------------
A TLS stack that imitates a browser (uTLS and its like), one afternoon of work.

Source
------
FoxIO, JA4 network fingerprinting (2023).
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="tls_client",
    level="trait",
    family="client",
    needs=("exchanges.ja4",),
    techniques=(),
    phrase="carry one TLS fingerprint",
    column="tls",
    query=requests_with("tls"),
)
