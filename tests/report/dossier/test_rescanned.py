"""Another scan of the log finds out whatever was written into a pack that the log does not say, part by part."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import InputError
from stillwatch.model.finding import Campaign, Findings
from stillwatch.model.pack import Pack
from stillwatch.report.dossier.checked import Opened
from stillwatch.report.dossier.documents import documents
from stillwatch.report.dossier.from_log import Place
from stillwatch.report.dossier.packed import FINDING, LOG, MEMBERS, PIECES, files_of
from stillwatch.report.dossier.rescanned import (
    AGAIN,
    ELSEWHERE,
    LEFT_OUT,
    SECTIONS,
    Rescan,
    against,
    same_log,
)
from stillwatch.report.dossier.sealed import opened, sealed
from stillwatch.report.files import write
from tests.report.dossier.logged import small_log

Files = dict[str, bytes]
ID = "UDC-2026-001"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return small_log(tmp_path / "log")


@pytest.fixture
def files(
    make_findings: Callable[..., Findings],
    make_campaign: Callable[..., Campaign],
    take: Callable[..., Pack],
    log: Path,
) -> Files:
    """The pack of a campaign of four accounts, told with its log."""
    return files_of(take(make_findings(make_campaign(1, "distillation", 4)), log=log))


def held(files: Files) -> Opened:
    """The pack sealed anew, as whoever altered it would."""
    return Opened(*opened(sealed(ID, files, {}, None), "dossier.zip"))


def outcomes(files: Files, tmp_path: Path) -> dict[str, str]:
    rescan = Rescan(tmp_path / "findings", Place(tmp_path / "log"))
    return {check.name.removesuffix(f", {AGAIN}"): check.outcome for check in against(held(files), rescan)}


def touched(value: Any) -> Any:
    """Something else of the same kind."""
    if isinstance(value, list):
        return [touched(value[0]), *value[1:]] if value else ["x"]
    if isinstance(value, dict):
        return {**value, next(iter(value), "x"): touched(next(iter(value.values()), 0))}
    if isinstance(value, bool | int | float):
        return not value if isinstance(value, bool) else value + 1
    with suppress(ValueError, TypeError):
        return (dt.date.fromisoformat(value) + dt.timedelta(days=1)).isoformat()
    return f"{value}x"


def touched_documents(files: Files) -> Iterator[tuple[str, Files]]:
    """Each key of the documents in turn, changed."""
    for file, sections in ((FINDING, SECTIONS), (LOG, ("",))):
        document = json.loads(files[file])
        inside = [(s, key) for s in sections for key in (document[s] if s else document)]
        beside = [("", key) for key in document if s_is_whole(key, sections)]
        for section, key in dict.fromkeys([*inside, *beside]):
            changed = json.loads(files[file])
            part = changed[section] if section else changed
            part[key] = touched(part[key])
            name = f"{section or ('log' if file == LOG else '')}.{key}".lstrip(".")
            yield name, files | {file: json.dumps(changed).encode()}


def s_is_whole(key: str, sections: tuple[str, ...]) -> bool:
    return key not in sections and sections != ("",)


def touched_tables(files: Files) -> Iterator[tuple[str, Files]]:
    """Each column of the tables in turn, with another value in its first row."""
    for file, room in ((MEMBERS, "members"), (PIECES, "evidence")):
        table = pq.read_table(BytesIO(files[file]))
        for at, name in enumerate(table.column_names):
            values = table[name].to_pylist()
            changed = pa.array([touched(values[0]), *values[1:]], table.schema.field(name).type)
            written = BytesIO()
            pq.write_table(table.set_column(at, table.schema.field(name), changed), written)
            yield f"{room}.{name}", files | {file: written.getvalue()}


def test_whatever_was_altered_is_named_and_nothing_is_forgotten(files: Files, tmp_path: Path) -> None:
    untouched, unnoticed, seen = outcomes(files, tmp_path), [], set()
    for name, changed in (*touched_documents(files), *touched_tables(files)):
        seen.add(name)
        if name in ELSEWHERE:
            continue
        try:
            found = outcomes(changed, tmp_path)
        except InputError:
            continue
        other = {found[part] for part in found if found[part] != untouched.get(part)}
        wanted = "not checked" if name in LEFT_OUT else "altered"
        if wanted not in other:
            unnoticed.append((name, found))
    assert not unnoticed
    assert seen >= {"run.simulated", "members.belonging", "log.sweep", "told.lookalikes", "extent.digest"}
    assert "sources" in seen


def test_an_untouched_pack_is_the_same_but_for_what_people_write(files: Files, tmp_path: Path) -> None:
    found = outcomes(files, tmp_path)
    assert {name for name, outcome in found.items() if outcome != "same"} == {"record"}
    assert {"log.blocks", "log.examples", "members.exchanges", "campaign.first_seen"} <= set(found)


def test_a_dossier_of_simulated_traffic_that_hides_it_is_found_out_by_the_mark_of_the_log(
    files: Files, log: Path
) -> None:
    (log / "SIMULATED").write_text("")
    finding = json.loads(files[FINDING])
    finding["run"]["simulated"] = False
    found = {c.name: c.outcome for c in same_log(held(files | {FINDING: json.dumps(finding).encode()}), log)}
    assert found["simulated or real"] == "altered"
    assert next(iter(same_log(held(files), log))).outcome == "same"


def test_an_attribution_that_the_scan_does_not_make_is_found_out(files: Files, tmp_path: Path) -> None:
    finding = json.loads(files[FINDING])
    finding["campaign"]["attribution"] = []
    found = outcomes(files | {FINDING: json.dumps(finding).encode()}, tmp_path)
    assert found["attribution"] == "altered"


def test_what_earlier_scans_said_is_not_checked_and_an_invented_sentence_is_found_out(
    files: Files, tmp_path: Path
) -> None:
    def told(sentence: str) -> str:
        finding = json.loads(files[FINDING])
        finding["beside_innocents"].append(sentence)
        return outcomes(files | {FINDING: json.dumps(finding).encode()}, tmp_path)["beside_innocents"]

    assert told("This is scan 3 of this log: seen in 2 of them.") == "not checked"
    assert told("Nobody innocent looks like this.") == "altered"


@pytest.fixture
def of_three(three: Findings, take: Callable[..., Pack]) -> Opened:
    files = files_of(take(three))
    return Opened(*opened(sealed(ID, files, documents(files, frozenset({"json"})), None), "dossier.zip"))


def test_another_scan_finds_it_under_another_name(of_three: Opened, three: Findings, tmp_path: Path) -> None:
    write(renamed(three), tmp_path / "again")
    assert {check.outcome for check in against(of_three, Rescan(tmp_path / "again"))} == {
        "same",
        "not checked",
    }


def test_another_scan_that_says_something_else_is_told_part_by_part(
    of_three: Opened, three: Findings, tmp_path: Path
) -> None:
    fewer = replace(three, exchanges=three.exchanges.slice(1), evidence=three.evidence.slice(1))
    write(fewer, tmp_path / "again")
    found = {c.name.partition(",")[0]: c.outcome for c in against(of_three, Rescan(tmp_path / "again"))}
    assert (found["extent.digest"], found["evidence.value"], found["members.account_id"]) == (
        "altered",
        "altered",
        "same",
    )


def test_a_scan_without_these_accounts_does_not_find_it(
    of_three: Opened, three: Findings, tmp_path: Path
) -> None:
    write(replace(three, accounts=three.accounts.slice(0, 0)), tmp_path / "again")
    assert [c.outcome for c in against(of_three, Rescan(tmp_path / "again"))] == ["missing"]


def renamed(findings: Findings) -> Findings:
    """The same findings, as a casebook could call them."""
    campaigns = tuple(
        replace(c, campaign_id=c.campaign_id.replace("2026", "2025")) for c in findings.campaigns
    )

    def table(found: pa.Table) -> pa.Table:
        rows = [
            {k: v.replace("UDC-2026", "UDC-2025") if isinstance(v, str) else v for k, v in row.items()}
            for row in found.to_pylist()
        ]
        return pa.Table.from_pylist(rows, found.schema)

    names = ("accounts", "exchanges", "evidence", "activity", "births", "ties")
    return replace(findings, campaigns=campaigns, **{n: table(getattr(findings, n)) for n in names})
