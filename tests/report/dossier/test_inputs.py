"""A dossier names the files of the log that it was told from, and an altered log is named."""

from __future__ import annotations

from pathlib import Path

from stillwatch.report.dossier.inputs import differing, digests


def test_altered_missing_and_added_files_are_named(tmp_path: Path) -> None:
    log = tmp_path / "log"
    (log / "day").mkdir(parents=True)
    for name in ("a.parquet", "day/b.parquet", "c.parquet"):
        (log / name).write_bytes(name.encode())
    accounts = tmp_path / "accounts.csv"
    accounts.write_bytes(b"account_id\n")
    before = digests(log, accounts, None)
    assert sorted(before) == ["a.parquet", "accounts.csv", "c.parquet", "day/b.parquet"]
    assert differing(before, digests(log, accounts, None)) == ()
    (log / "a.parquet").write_bytes(b"other prompts, same ids")
    (log / "c.parquet").unlink()
    (log / "d.parquet").write_bytes(b"")
    assert differing(before, digests(log, accounts, None)) == ("a.parquet", "c.parquet", "d.parquet")
