"""Codes of sentences by a model that the test writes, and what is said of a folder that holds none."""

from __future__ import annotations

import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from stillwatch.errors import InputError, UsageError
from stillwatch.fingerprint import meaning, sentences
from stillwatch.fingerprint.assemble import Gather
from stillwatch.fingerprint.door import keyed
from stillwatch.fingerprint.meaning import Meanings, as_keyed, directions, open_meanings
from stillwatch.model.tables import KEYED, MEANING
from stillwatch.testing.written import write_model
from tests.fingerprint.strategies import logs
from tests.fingerprint.test_assemble import parts
from tests.fingerprint.written import batch, by_id, people

SYNONYMS = (("write", "compose"), ("full", "whole", "complete"), ("answer", "reply"))
ASKED = "write the full answer"
OTHERWISE = "Compose the whole reply!"
SOMETHING_ELSE = "boil seven potatoes slowly"
TEXTS = [ASKED, OTHERWISE, SOMETHING_ELSE, "step by step 逐步 推理 шаг 7 42"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("model")
    write_model(place, TEXTS, SYNONYMS)
    return place


@pytest.fixture(scope="module")
def model(folder: Path) -> Meanings:
    return open_meanings(folder)


def first_codes(model: Meanings, *texts: str | None) -> list[int]:
    return [int(code) for code in model.codes(pa.array(texts, pa.string()))[:, 0]]


def test_the_same_in_other_words_has_the_same_code(model: Meanings) -> None:
    one, other, third = first_codes(model, ASKED, OTHERWISE, SOMETHING_ELSE)
    assert one == other != 0
    assert (one ^ third).bit_count() > 16


def test_the_code_is_the_signs_of_the_sum_of_the_vectors(model: Meanings, folder: Path) -> None:
    vectors = load_file(folder / "model.safetensors")["embeddings"]
    places = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    shown = sum(vectors[places[word]] for word in ASKED.split()) @ directions(vectors.shape[1])
    bits = np.array([first_codes(model, ASKED)[0] >> bit & 1 for bit in range(64)])
    clear = np.abs(shown) > 1
    assert clear.sum() > 40
    assert (bits == (shown > 0))[clear].all()


@pytest.mark.parametrize("text", [None, "", "write answer", "unheard words are here only"])
def test_what_has_fewer_than_three_known_words_has_no_code(model: Meanings, text: str | None) -> None:
    assert first_codes(model, text) == [0]


def test_each_sentence_has_its_code(model: Meanings) -> None:
    alone = first_codes(model, ASKED)[0]
    codes = model.codes(pa.array([f"{SOMETHING_ELSE}.\n{ASKED}.\nthe end"]))[0]
    assert alone in codes.tolist()
    assert np.count_nonzero(codes) == 2


def test_forgetting_words_changes_no_code(
    model: Meanings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "MOST_WORDS", 12)
    forgetful = open_meanings(folder)
    assert [first_codes(forgetful, text) for text in TEXTS * 2] == [first_codes(model, t) for t in TEXTS * 2]


def test_room_for_few_new_words_changes_no_code(
    model: Meanings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "NEW_WORDS", 2)
    assert first_codes(open_meanings(folder), *TEXTS) == first_codes(model, *TEXTS)


def test_several_threads_get_the_codes_that_one_gets(
    model: Meanings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter = sentences.enter

    def slowly(*given: Any) -> None:
        time.sleep(0.01)
        enter(*given)

    monkeypatch.setattr(sentences, "enter", slowly)
    shared, asked = open_meanings(folder), TEXTS * 3
    with ThreadPoolExecutor(4) as pool:
        codes = pool.map(lambda text: first_codes(shared, text), asked)
    assert list(codes) == [first_codes(model, text) for text in asked]


@pytest.mark.parametrize(
    ("word", "form"), [("Write", "write"), ("Été", "Été"), ("gpt4", "gpt0"), ("2024", "0")]
)
def test_a_word_goes_to_the_model_as_its_key_has_it(word: str, form: str) -> None:
    assert as_keyed(word) == form


def test_directions_are_the_same_everywhere_and_even() -> None:
    found = directions(96)
    assert found[0, :8].astype(int).tolist() == [-1, -1, 1, -1, -1, 1, -1, 1]
    assert abs(found.mean()) < 0.05


def test_weights_and_a_shared_vector_are_those_of_the_file(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    vectors = load_file(folder / "model.safetensors")["embeddings"]
    turned = np.arange(len(vectors), dtype=np.int64)[::-1].copy()
    save_file(
        {"embeddings": vectors[::-1] / 2, "mapping": turned, "weights": np.full(len(vectors), 3.0)},
        tmp_path / "model.safetensors",
    )
    same = open_meanings(tmp_path)
    assert first_codes(same, *TEXTS) == first_codes(open_meanings(folder), *TEXTS)
    assert same.digest != open_meanings(folder).digest


def test_nothing_is_asked_of_the_network(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert first_codes(open_meanings(folder), ASKED) != [0]


@settings(deadline=None, max_examples=30)
@given(logs, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_size_of_batches_changes_a_meaning(model, rows, random):
    asked = [row | {"prompt": TEXTS[at % 4]} if at % 3 else row for at, row in enumerate(rows)]

    def log(batches):
        gather = Gather()
        gather._meanings = model
        for each in batches:
            gather.add(each, keyed(each))
        return gather.finish(people())

    assert by_id(log([batch(*asked)])) == by_id(log(parts(asked, random)))


def test_the_column_is_there_only_with_a_model(folder: Path) -> None:
    for model_folder, columns in ((None, []), (folder, [MEANING.name])):
        gather = Gather(model_folder)
        one = batch({"prompt": ASKED}, {})
        gather.add(one, keyed(one))
        log = gather.finish(people())
        assert log.exchange.column_names[len(KEYED.columns) :] == columns
        assert bool(log.models) is bool(columns)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no model.safetensors and no tokenizer.json"),
        ({"tokenizer.json": b"{}"}, "holds no model.safetensors. "),
        ({"model.safetensors": b"torn", "tokenizer.json": b"{}"}, "cannot be read"),
    ],
)
def test_a_folder_without_a_model_is_refused_with_what_it_lacks(
    files: dict[str, bytes], said: str, tmp_path: Path
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=r"signals\.meaning_model names .* but") as caught:
        open_meanings(tmp_path)
    assert said in str(caught.value)
    assert "leave the setting out" in str(caught.value)


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"weight": np.ones((3, 8), np.float32)}, "holds weight and no table named embeddings"),
        ({"embeddings": np.ones((1, 8), np.float32)}, "holds vectors of 1"),
        ({"embeddings": np.zeros((99, 8), np.float32)}, "all 0 or not finite"),
        ({"embeddings": np.full((99, 8), np.nan, np.float32)}, "all 0 or not finite"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(
    tensors: dict[str, np.ndarray], said: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=said):
        open_meanings(tmp_path)


def test_without_the_extra_it_is_said_how_to_install_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UsageError, match=r"pip install 'stillwatch\[semantic\]'"):
        open_meanings(folder)
