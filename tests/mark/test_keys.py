"""Keys that are read back from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.errors import InputError
from stillwatch.mark.keys import read_keys


@pytest.mark.parametrize("told", ['{"a": {"watermark": "", "canary": ""}}', "[" * 100_000, '{"a": 5}'])
def test_keys_that_could_be_guessed_or_are_none_are_refused(tmp_path: Path, told: str) -> None:
    (tmp_path / "keys.json").write_text(told)
    with pytest.raises(InputError, match="holds no keys"):
        read_keys(tmp_path / "keys.json")
