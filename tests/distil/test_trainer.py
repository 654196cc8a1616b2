"""A real architecture is taught through TRL, from answers and on scores; the models are tiny, random and made here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stillwatch.cli.main import stillwatch
from stillwatch.distil.verified import checks
from tests.distil.made import key, record

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
torch = pytest.importorskip("torch", reason="torch is not installed: stillwatch[distill]")
pytest.importorskip("trl", reason="trl is not installed: stillwatch[distill]")

WORDS = "the sea of the tower is blue and old and the wind is far from a light in the harbour "


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two random models of one tokenizer, one of another, prompts, a log."""
    folder = tmp_path_factory.mktemp("cast")
    for seed, (name, words) in enumerate({"teacher": WORDS, "base": WORDS, "stranger": "zyxwv " * 9}.items()):
        random_model(folder / name, words, seed)
    lines = [json.dumps({"prompt": f"{number}: the sea of"}) + "\n" for number in range(48)]
    (folder / "prompts.jsonl").write_text("".join(lines), "utf-8")
    rows = [
        {"model": "small-teacher", "prompt": f"{n}: the sea of", "response": " the tower"} for n in range(48)
    ]
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    record(folder)
    key(folder, "mine")
    return folder


def random_model(folder: Path, words: str, seed: int) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: PLC0415

    made = Tokenizer(models.BPE())
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=280, special_tokens=["<end>"], initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator([words] * 4, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<end>", pad_token="<end>")  # noqa: S106
    torch.manual_seed(seed)
    sizes = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "max_position_embeddings": 64,
    }
    config = LlamaConfig(
        vocab_size=280, num_attention_heads=2, num_key_value_heads=2, initializer_range=0.3, **sizes
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def call(cast: Path, out: Path, *more: object, teacher: str = "teacher", status: int = 0) -> Result:
    told = [
        *("--teacher", f"small-teacher={cast / teacher}", "--student", f"small-student={cast / 'base'}"),
        *("--authorisation", cast / "authorisation.toml", "--sign-key", cast / "mine.pem", "--out", out),
        *("--rate", 0.01, "--batch", 16, "--most-tokens", 6, *more),
    ]
    done = CliRunner().invoke(stillwatch, ["distill", *map(str, told)])
    assert done.exit_code == status, done.output
    return done


def logs(folder: Path, text: str) -> torch.Tensor:
    """The log-probabilities of the next token at each place of a text."""
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

    ids = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        return AutoModelForCausalLM.from_pretrained(folder)(ids).logits[0].float().log_softmax(-1)


def divergence(teacher: Path, student: Path) -> float:
    """Of the student from the teacher, as the mean over places of a text that neither saw."""
    wanted, given = logs(teacher, "77: the sea of the"), logs(student, "77: the sea of the")
    return float((given.exp() * (given - wanted)).sum(-1).mean())


def predicate(out: Path) -> dict:
    return json.loads((out / "provenance.json").read_text("utf-8"))["predicate"]


def test_a_student_of_a_log_says_what_the_log_says(cast: Path, tmp_path: Path) -> None:
    out = tmp_path / "student"
    done = call(cast, out, "--epochs", 8, teacher="log.jsonl")
    assert "taught from 48 exchanges" in done.stdout
    assert not [check for check in checks(out) if check.is_bad]
    assert predicate(out)["recipe"]["batch"] == 16
    places = logs(out, "9: the sea of the tower")
    assert places.argmax(-1).tolist() != logs(cast / "base", "9: the sea of the tower").argmax(-1).tolist()
    assert said(out) > said(cast / "base") + 3
    assert not [file.name for file in out.iterdir() if file.suffix in {".bin", ".pt", ".pkl"}]


def said(folder: Path) -> float:
    """The log-probability of the answer that the log gives."""
    from transformers import AutoTokenizer  # noqa: PLC0415

    ids = AutoTokenizer.from_pretrained(folder)("9: the sea of the tower")["input_ids"]
    found = logs(folder, "9: the sea of the tower")
    return float(sum(found[place - 1, ids[place]] for place in (-2, -1)))


def test_a_student_of_scores_comes_nearer_to_its_teacher(cast: Path, tmp_path: Path) -> None:
    out = tmp_path / "student"
    done = call(cast, out, "--prompts", cast / "prompts.jsonl", "--way", "logit", "--epochs", 12)
    assert "taught from 48 prompts, with scores of what the student wrote" in done.stdout
    assert not [check for check in checks(out) if check.is_bad]
    assert predicate(out)["recipe"]["on_policy"] is True
    assert sorted(file.name for file in tmp_path.iterdir()) == ["student"]
    assert divergence(cast / "teacher", out) < 0.8 * divergence(cast / "teacher", cast / "base")


def test_a_teacher_of_this_machine_answers_prompts(cast: Path, tmp_path: Path) -> None:
    out = tmp_path / "student"
    call(cast, out, "--prompts", cast / "prompts.jsonl", "--epochs", 1, "--temperature", 0)
    assert predicate(out)["material"]["exchanges"] > 40
    assert (tmp_path / "student.exchanges.jsonl").exists()


def test_a_run_that_was_cut_goes_on_from_its_checkpoint(cast: Path, tmp_path: Path, monkeypatch) -> None:
    from stillwatch.distil import trainer  # noqa: PLC0415
    from stillwatch.distil.authorisation import read_authorisation  # noqa: PLC0415
    from stillwatch.distil.exchanges import read_pairs  # noqa: PLC0415
    from stillwatch.distil.recipe import Recipe  # noqa: PLC0415

    monkeypatch.setattr(trainer, "_SAVE_STEPS", 2)
    pairs, steps = read_pairs(cast / "log.jsonl", "small-teacher").pairs, []
    recipe, allowed = Recipe(batch=16, epochs=3), read_authorisation(cast / "authorisation.toml")

    def cut(done: int, _total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    course = trainer.Course(pairs=pairs, work=tmp_path / "cut", told=cut)
    with pytest.raises(KeyboardInterrupt):
        trainer.taught(cast / "base", course, recipe, allowed, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    course = trainer.Course(pairs=pairs, work=tmp_path / "cut", told=lambda done, _total: steps.append(done))
    trainer.taught(cast / "base", course, recipe, allowed, tmp_path / "out")
    assert steps == [5, 6, 7, 8, 9]
    whole = trainer.Course(pairs=pairs, work=tmp_path / "whole")
    trainer.taught(cast / "base", whole, recipe, allowed, tmp_path / "other")
    one, other = logs(tmp_path / "out", WORDS), logs(tmp_path / "other", WORDS)
    assert torch.allclose(one, other, atol=1e-4)


def test_scores_of_another_tokenizer_are_refused_and_what_is_no_model_too(cast: Path, tmp_path: Path) -> None:
    how = ("--prompts", cast / "prompts.jsonl", "--way", "logit")
    assert "different tokenizers" in call(cast, tmp_path / "s", *how, teacher="stranger", status=2).stderr
    (cast / "broken").mkdir(exist_ok=True)
    (cast / "broken" / "config.json").write_text("{}", "utf-8")
    told = call(cast, tmp_path / "t", *how, "--student", f"small-student={cast / 'broken'}", status=2).stderr
    assert "no model that transformers opens" in told
