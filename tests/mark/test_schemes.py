"""Ways to watermark: what was marked by one is told by it against decoys, what was not is not, and the published packages agree."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from stillwatch.assay.case import Case, Keys, Tools
from stillwatch.assay.radioactivity import compared, gathered, weighed
from stillwatch.cli.assaying.told import commitments, keys
from stillwatch.errors import InputError, UsageError
from stillwatch.mark.keys import draw
from stillwatch.mark.policy import EXAMPLE, read_policy
from stillwatch.mark.schemes import SCHEMES, scheme
from stillwatch.mark.schemes import synthid as synthid_way
from stillwatch.mark.schemes import textseal as textseal_way
from stillwatch.model.assay import Endpoint, Plan

KEY = bytes(range(32))
OWN = {
    "synthid": b'{"keys":[654,400,836,123,340,443,597,160,57],"ngram_len":5}',
    "textseal": b'{"secret_key":42,"ngram":2}',
}
NEEDED = {"kgw": "numpy", "synthid": "transformers", "textseal": "textseal"}


def is_there(name: str) -> bool:
    return find_spec(NEEDED[name]) is not None and (name == "kgw" or find_spec("torch") is not None)


def written(name: str, key: bytes | None, texts: int = 60, length: int = 40) -> list[np.ndarray]:
    """Texts of a model that knows 64 words and nothing else, marked or not."""
    rng, mark = np.random.default_rng(4), key and scheme(name).processor(key, 2.0)
    so_far = rng.integers(0, 64, (texts, 5))
    for _ in range(length):
        scores = rng.normal(0, 1, (texts, 64)).astype(np.float32)
        scores = mark(so_far, scores) if mark else scores
        p = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
        ladder = np.cumsum(p / p.sum(axis=1, keepdims=True), axis=1)
        new = (ladder < rng.random((texts, 1))).sum(axis=1).clip(max=63)
        so_far = np.concatenate([so_far, new[:, None]], axis=1)
    return list(so_far[:, 5:])


def p_value(name: str, key: bytes, texts: list[np.ndarray]) -> float:
    way = scheme(name)
    window = way.window(key)
    tuples = gathered(texts, [np.empty(0, np.int64)] * len(texts), window)
    every = [key, *way.decoys(key, 199, 1)]
    shares = weighed(tuples, every, way.values, tuples.weights("every")[:, None])[:, 0]
    assert shares.mean() == pytest.approx(way.expected(key), rel=0.1)
    return compared(shares, n=1, tuples=len(tuples.place)).p_value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "key"), [*((name, KEY) for name in SCHEMES), *OWN.items()], ids=lambda told: str(told)[:12]
)
def test_what_was_marked_is_told_and_what_was_not_is_not(name: str, key: bytes) -> None:
    if not is_there(name):
        pytest.skip(f"needs the package {NEEDED[name]}")
    assert p_value(name, key, written(name, key)) == 1 / 200
    assert p_value(name, key, written(name, None)) > 0.02


@pytest.mark.skipif(not is_there("synthid"), reason="needs the package transformers")
def test_synthid_marks_as_transformers_does() -> None:
    import torch  # noqa: PLC0415  an extra
    from transformers import SynthIDTextWatermarkLogitsProcessor  # noqa: PLC0415  as above

    told = synthid_way.configured(OWN["synthid"])
    theirs = SynthIDTextWatermarkLogitsProcessor(
        ngram_len=told.ngram_len, keys=list(told.keys), sampling_table_size=told.sampling_table_size,
        sampling_table_seed=told.sampling_table_seed, context_history_size=1024, device=torch.device("cpu"),
    )  # fmt: skip
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 1, (3, 50)).astype(np.float32)
    so_far = rng.integers(0, 50, (3, 4))
    theirs._init_state(3)
    theirs.state.context = torch.from_numpy(
        np.concatenate([np.zeros((3, 1), np.int64), so_far[:, :3]], axis=1)
    )
    expected = theirs(torch.from_numpy(so_far), torch.from_numpy(scores)).numpy()
    ours = scheme("synthid").processor(OWN["synthid"], 0.0)(so_far, scores)
    assert np.abs(np.exp(ours) - np.exp(expected)).max() < 1e-5


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not is_there("textseal"), reason="needs the package textseal")
def test_textseal_is_told_as_its_own_detector_tells_it() -> None:
    import torch  # noqa: PLC0415  an extra
    from textseal.common.watermark.core import WatermarkConfig, score_batch  # noqa: PLC0415  an extra

    rng = np.random.default_rng(1)
    contexts, tokens = rng.integers(0, 500, (80, 2)), rng.integers(0, 500, 80)
    config = WatermarkConfig(secret_key=42, ngram=2, scoring_method="none")
    _, theirs = score_batch(torch.from_numpy(contexts), torch.from_numpy(tokens), config)
    ours = scheme("textseal").values([OWN["textseal"]], contexts, tokens)
    assert float(ours.mean()) == pytest.approx(theirs, rel=1e-4)


@pytest.mark.parametrize("name", ["synthid", "textseal"])
def test_without_its_package_a_way_says_what_to_install(name: str) -> None:
    if is_there(name):
        pytest.skip("the package is there")
    with pytest.raises(UsageError, match="pip install"):
        scheme(name).processor(KEY, 2.0)
    with pytest.raises(UsageError, match="pip install"):
        scheme(name).values([KEY], np.zeros((1, 4), np.int64), np.zeros(1, np.int64))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("synthid", b'{"keys":[]}'),
        ("synthid", b'{"keys":[-1]}'),
        ("synthid", b'{"keys":[12345],"ngram_len":1}'),
        ("textseal", b'{"secret_key":"12345"}'),
        ("textseal", b'{"secret_key":12345,"watermark_type":"dipmark"}'),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_without_repeating_it(name: str, content: bytes) -> None:
    with pytest.raises((InputError, UsageError)) as told:
        scheme(name).window(content)
    assert "12345" not in str(told.value)


@pytest.mark.parametrize("name", ["synthid", "textseal"])
def test_decoys_have_the_form_of_the_key_and_a_drawn_key_shows_nothing_of_itself(name: str) -> None:
    way = scheme(name)
    for decoy in way.decoys(OWN[name], 5, 1):
        assert way.window(decoy) == way.window(OWN[name])
        assert decoy != OWN[name]
    made = {"synthid": synthid_way.configured, "textseal": textseal_way.configured}[name]
    assert made(KEY) == made(KEY)
    assert made(KEY) != made(KEY[::-1])
    own = {"synthid": b'{"keys":[987654321]}', "textseal": b'{"secret_key":987654321}'}[name]
    assert "987654321" not in repr(made(own))


def test_a_drawn_key_that_begins_as_json_does_is_a_drawn_key() -> None:
    for name in ("synthid", "textseal"):
        assert scheme(name).window(b'{"' + KEY[2:]) == scheme(name).window(KEY)


def test_a_key_is_named_with_its_way_and_bound_with_it(tmp_path: Path) -> None:
    draw(["set-a"], tmp_path / "keys.json")
    own = {"keys": [1, 2, 3], "ngram_len": 4}
    (tmp_path / "own.json").write_text(json.dumps(own))
    with pytest.raises(UsageError, match="has 5 bits, so that it could be guessed"):
        keys([f"set-b=synthid:{tmp_path / 'own.json'}"])
    (tmp_path / "own.json").write_text(json.dumps({**own, "salt": "s" * 32}))
    drawn = keys([f"set-a=synthid:{tmp_path / 'keys.json'}", f"set-b=synthid:{tmp_path / 'own.json'}"])
    assert drawn["set-a"].canary is not None
    assert scheme("synthid").window(drawn["set-b"].watermark or b"") == 3
    bound = commitments(drawn, is_served=True)
    assert {c.scheme for c in bound} == {"synthid"}
    plain = keys([f"set-a=marks:{tmp_path / 'keys.json'}"])
    models = tuple(Endpoint(name=n, role=r, url="", model=n) for n, r in (("s", "suspect"), ("t", "teacher")))
    plan = Plan(probes_digest="", endpoints=models, tests=("T3",), commitments=bound)
    with pytest.raises(UsageError, match="binds the watermark of 'set-a' as synthid"):
        Case(plan, (), lambda *_: None, Tools(keys=plain))
    assert Case(plan, (), lambda *_: None, Tools(keys={"set-a": drawn["set-a"]})).plan == plan
    with pytest.raises(UsageError, match="with a kind of marks"):
        keys(["set-a=kgw:x"])
    assert "1, 2, 3" not in repr(Keys(OWN["synthid"], scheme="synthid"))


def test_a_policy_names_the_way_in_which_a_set_is_marked(tmp_path: Path) -> None:
    for told, way in (("true", "kgw"), ('"synthid"', "synthid")):
        (tmp_path / "p.toml").write_text(EXAMPLE.replace("watermark = true ", f"watermark = {told} "))
        (found,) = read_policy(tmp_path / "p.toml").account_sets
        assert (found.has_watermark, found.scheme) == (True, way)
    (tmp_path / "p.toml").write_text(EXAMPLE.replace("watermark = true ", 'watermark = "x" '))
    with pytest.raises(InputError, match="one of kgw, synthid, textseal"):
        read_policy(tmp_path / "p.toml")
