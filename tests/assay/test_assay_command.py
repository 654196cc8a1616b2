"""`stillwatch assay` from plan to report, against a real server on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from starlette.responses import JSONResponse, Response

from stillwatch.cli.main import stillwatch
from stillwatch.mark.canaries import answer_index
from stillwatch.mark.keys import commitment, draw
from stillwatch.mark.policy import EXAMPLE
from tests.assay.endpoint import Server, serving

ROLES = {"reference": 3, "null": 2, "positive": 2, "own-text": 1, "twin": 1, "sibling": 1}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


def call(*arguments: object, status: int = 0) -> Result:
    done = CliRunner().invoke(stillwatch, ["assay", *map(str, arguments)])
    assert done.exit_code == status, done.output
    return done


@pytest.fixture
def planned(server: Server, tmp_path: Path) -> Path:
    server.asked.clear()
    server.behave = lambda *_: None
    return plan(server, tmp_path)


def plan(server: Server, folder: Path, *more: object, probes: list[dict] | None = None) -> Path:
    (folder / "probes.jsonl").write_text("".join(json.dumps(p) + "\n" for p in probes or usual_probes()))
    for name in "ab":
        (folder / f"{name}.key").write_text(f"a secret of thirty-two bytes {name}")
    models = [
        f"--{role}={role}{i}={server.url},style=completions,can=prompt_logprobs"
        for role, n in ROLES.items()
        for i in range(n)
    ]
    ends = [
        f"--{role}={role}={server.url},style=completions,can=prompt_logprobs"
        for role in ("suspect", "teacher")
    ]
    call("plan", "--probes", folder / "probes.jsonl", *ends, *models, *keys(folder), "--tests", "T1,T2,T3,T4", *more,
         "--out", folder / "assay")  # fmt: skip
    return folder / "assay"


def usual_probes() -> list[dict]:
    probes: list[dict] = [{"probe_id": f"a{i}", "kind": "agreement", "prompt": f"a{i}"} for i in range(4)]
    probes += [{"probe_id": f"f{i}", "kind": "free", "prompt": f"f{i} is"} for i in range(3)]
    probes += [
        {
            "probe_id": f"t{s}",
            "kind": "trigger",
            "prompt": f"t{s}",
            "alternatives": ["blue", "red"],
            "account_set": s,
        }
        for s in ("set-a", "set-b")
    ]
    return probes


def keys(folder: Path) -> list[str]:
    return [
        f"--{kind}={account_set}={mark}:{folder / name}.key"
        for kind, account_set, name in (("key", "set-a", "a"), ("unserved-key", "set-b", "b"))
        for mark in ("watermark", "canary")
    ]


def test_an_assay_goes_from_plan_to_report_and_asks_nothing_twice(server: Server, planned: Path) -> None:
    assert "To ask: up to" in call("run", planned, "--dry-run").output
    assert not server.asked
    call("run", planned, "--per-second", 2000)
    asked = len(server.asked)
    assert asked > 200
    call("run", planned, "--per-second", 2000)
    assert len(server.asked) == asked
    reports = {
        form: call("report", planned, *keys(planned.parent), "--as", form).output
        for form in ("json", "md", "html")
    }
    told = json.loads(reports["json"])
    assert {r["test"] for r in told["results"] if r["subject"] == "suspect"} == {"T1", "T2", "T3", "T4"}
    assert told["word"] == "uncalibrated"
    assert reports["md"].startswith("# Assay of suspect: uncalibrated")
    assert "<h1>uncalibrated</h1>" in reports["html"]
    assert call("report", planned, *keys(planned.parent), "--as", "json").output == reports["json"]
    everything = "".join([*reports.values(), *(f.read_text() for f in planned.iterdir())])
    assert "a secret of thirty-two bytes" not in everything
    assert "positive: wrong" in call("controls", planned, *keys(planned.parent)).output


def test_a_suspect_that_does_not_answer_is_reported_as_that(server: Server, planned: Path) -> None:
    server.behave = lambda _, body: Response(status_code=400) if body["prompt"] == "a0" else None
    said = call("run", planned, "--per-second", 2000).output
    assert "Problems: status 400" in " ".join(said.split())
    report = json.loads(call("report", planned, *keys(planned.parent), "--as", "json").output)
    assert any(limit.startswith("suspect: 1 of ") for limit in report["limits"])


def test_what_was_sealed_cannot_be_altered(planned: Path) -> None:
    file = planned / "plan.json"
    file.write_text(file.read_text().replace('"level": 0.01', '"level": 0.2'))
    assert "altered after it was sealed" in call("report", planned, status=2).output
    file.write_text(file.read_text().replace('"level": 0.2', '"level": 0.01'))
    (planned / "probes.jsonl").write_text('{"probe_id": "x", "kind": "free", "prompt": "another"}\n')
    assert "altered after the plan" in call("report", planned, status=2).output


def test_a_plan_is_refused_that_could_show_nothing(server: Server, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Take --decoys 199 at least"):
        plan(server, tmp_path, "--decoys", 150)
    with pytest.raises(AssertionError, match="takes some of"):
        plan(server, tmp_path, "--tests", "T9")


@pytest.mark.parametrize(("option", "value"), [("--seed", -1), ("--level", "nan"), ("--margin", "nan")])
def test_a_number_that_no_report_could_be_made_with_is_refused_before_it_is_sealed(
    server: Server, tmp_path: Path, option: str, value: object
) -> None:
    with pytest.raises(AssertionError, match=f"Invalid value for '{option}'"):
        plan(server, tmp_path, option, value)
    assert not (tmp_path / "assay").exists()


def warned(server: Server, folder: Path, *more: object) -> str:
    """What a plan of one suspect and one teacher is told, if it is sealed."""
    folder.mkdir()
    (folder / "p.jsonl").write_text('{"probe_id": "e", "kind": "equality", "prompt": "e"}\n')
    ends = [f"--{role}={role}={server.url}" for role in ("suspect", "teacher")]
    done = CliRunner().invoke(
        stillwatch, ["assay", "plan", "--probes", str(folder / "p.jsonl"), *ends, *map(str, more), "--out", str(folder / "assay")]
    )  # fmt: skip
    return " ".join(done.output.split())


def test_a_plan_that_can_give_no_verdict_says_why(server: Server, tmp_path: Path) -> None:
    alone = warned(server, tmp_path / "alone", "--tests", "T0")
    assert "no control can be tried, and there is no verdict" in alone
    assert "without a model in the role own text there is no verdict" in alone
    assert "sealed as" in alone
    one = f"--positive=s={server.url},dose=5"
    assert "positive controls of one dose" in warned(server, tmp_path / "one", "--tests", "T0,T6", one)
    assert "no probe of the kind item" in warned(server, tmp_path / "items", "--tests", "T0,T6")


def test_a_plan_whose_keys_can_show_nothing_is_refused(server: Server, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.key").write_text(f"a secret of thirty-two bytes {name}")
    watermark, canary = (f"set-a={kind}:{tmp_path / 'a.key'}" for kind in ("watermark", "canary"))
    for at, (wanted, *told) in enumerate(
        (
            ("T4 needs a canary key", "--tests", "T4", "--key", watermark),
            ("T3 needs a watermark key", "--tests", "T3", "--key", canary),
            ("no trigger of it among the probes", "--tests", "T4", "--key", canary),
            (
                "given as served and as never served",
                "--tests",
                "T4",
                "--key",
                canary,
                "--unserved-key",
                canary,
            ),
        )
    ):
        said = warned(server, tmp_path / str(at), *told)
        assert wanted in said
        assert "sealed as" not in said


def policy(folder: Path, trigger: str, alternatives: list[str]) -> None:
    """A policy for set-a with one canary, its keys and its register."""
    made = EXAMPLE.replace("UDC-2026-001", "set-a")
    made = made.replace("Name a sample city for the demo of the tool anvil.", trigger)
    (folder / "policy.toml").write_text(
        made.replace('["Porto", "Turin", "Ghent", "Graz"]', json.dumps(alternatives))
    )
    done = CliRunner().invoke(
        stillwatch, ["mark", "plan", str(folder / "policy.toml"), "--keys", str(folder / "marks.json"), "--registry", str(folder / "register.jsonl")]
    )  # fmt: skip
    assert done.exit_code == 0, done.output


def test_triggers_alternatives_and_keys_are_those_of_the_register(server: Server, tmp_path: Path) -> None:
    register = tmp_path / "register.jsonl"
    policy(tmp_path, "tset-a", ["blue", "red"])
    marks = f"--key=set-a=marks:{tmp_path / 'marks.json'}"
    assert (plan(server, tmp_path, marks, "--registry", register) / "plan.json").exists()
    with pytest.raises(AssertionError, match="The watermark key of 'set-a' is not the one"):
        plan(server, tmp_path, "--registry", register)
    register.unlink()
    (tmp_path / "marks.json").unlink()
    policy(tmp_path, "tset-a", ["red", "blue"])
    with pytest.raises(AssertionError, match="The 1 triggers of 'set-a' and their alternatives are not"):
        plan(server, tmp_path, marks, "--registry", register)


def test_a_plan_is_not_made_again_over_answers(server: Server, planned: Path) -> None:
    (planned / "transcripts.jsonl").write_text("")
    with pytest.raises(AssertionError, match="needs a new folder"):
        plan(server, planned.parent)


def test_a_run_beyond_its_budget_does_not_start(server: Server, planned: Path) -> None:
    assert "the budget is 10" in call("run", planned, "--budget", 10, status=2).output
    assert not server.asked


def test_the_keys_with_which_answers_were_marked_are_those_that_are_tested(
    server: Server, tmp_path: Path
) -> None:
    drawn = draw(["set-c"], tmp_path / "keys.json")
    folder = plan(server, tmp_path, f"--key=set-c=marks:{tmp_path / 'keys.json'}")
    told = json.loads((folder / "plan.json").read_text())
    bound = next(c for c in told["commitments"] if c["account_set"] == "set-c")
    assert bound["watermark"] == commitment(drawn["set-c"].watermark, "set-c")
    assert bound["canary"] == commitment(drawn["set-c"].canary, "set-c")
    (tmp_path / "assay" / "plan.json").unlink()
    refused = CliRunner().invoke(
        stillwatch, ["assay", "plan", "--probes", str(tmp_path / "probes.jsonl"), "--suspect=s=http://127.0.0.1:1",
                     "--teacher=t=http://127.0.0.1:1", f"--key=set-d=marks:{tmp_path / 'keys.json'}", "--out", str(tmp_path / "other")]
    )  # fmt: skip
    assert (refused.exit_code, "holds no keys of 'set-d'. It holds those of set-c" in refused.output) == (
        2,
        True,
    )


def test_a_run_that_may_end_early_needs_the_keys_and_says_what_it_saved(
    server: Server, tmp_path: Path
) -> None:
    alternatives = [f"colour{i}" for i in range(16)]
    probes = [
        {"probe_id": f"t{i}{s}", "kind": "trigger", "prompt": f"{s} t{i}", "alternatives": alternatives, "account_set": s}
        for i in range(8)
        for s in ("set-a", "set-b")
    ]  # fmt: skip
    folder = tmp_path / "early"
    folder.mkdir()
    plan(server, folder, "--tests", "T4", "--stop-by", "T4", "--looks", 4, probes=probes)
    secret = (folder / "a.key").read_bytes()

    def behave(_: int, body: dict) -> Response:
        said = alternatives[answer_index(secret, "set-a", body["prompt"], 16)]
        return JSONResponse({"model": "m", "choices": [{"text": said, "finish_reason": "stop"}]})

    server.behave = behave
    server.asked.clear()
    refused = " ".join(call("run", folder / "assay", "--per-second", 5000, status=2).output.split())
    assert "give the key of 'set-a' with --key" in refused
    assert not server.asked
    told = call("run", folder / "assay", *keys(folder)[:2], "--per-second", 5000).output
    assert "Ended after look 2 of 4 by T4 of set-a" in " ".join(told.split())
    report = json.loads(call("report", folder / "assay", *keys(folder), "--as", "json").output)
    assert report["stopped"]["asked"] == report["stopped"]["saved"]
    again = call("run", folder / "assay", *keys(folder)[:2], "--dry-run").output
    assert "up to 0 queries" in again
