"""Teaches a model of transformers through TRL: answers by SFTTrainer, scores by DistillationTrainer (extra `[distill]`). A GPU is used where there is one.

DistillationTrainer is on-policy: the student answers the prompts itself and the teacher scores each token that it wrote, so that no answer of the
teacher is kept. No code of a model's folder is run, and nothing is fetched.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stillwatch.distil.authorisation import Authorisation, holds
from stillwatch.distil.exchanges import Pair
from stillwatch.distil.recipe import Recipe
from stillwatch.errors import InputError, UsageError

EXTRA = "A student of transformers needs the packages torch and trl: pip install 'stillwatch[distill]'."
CHECKPOINTS = "trainer"
_STEP = re.compile(r"checkpoint-([0-9]+)")
_SAVE_STEPS = 200


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a student is taught with: answers of the teacher, or its weights and prompts. `work` keeps what an interrupted run had."""

    pairs: Sequence[Pair] = ()
    prompts: Sequence[str] = ()
    teacher: Path | None = None
    most_tokens: int = 256
    temperature: float = 1.0
    work: Path
    told: Callable[[int, int], None] = lambda _done, _total: None


def needed() -> None:
    """Refuse where the extra is missing."""
    if find_spec("trl") is None or find_spec("torch") is None:
        raise UsageError(EXTRA)


def hushed() -> None:
    """Keep the libraries' own bars off the screen; progress is told by whoever called."""
    if find_spec("transformers") is not None:
        from transformers.utils import logging  # noqa: PLC0415  an extra

        logging.disable_progress_bar()
        logging.set_verbosity_error()
    if find_spec("datasets") is not None:
        import datasets  # noqa: PLC0415  an extra

        datasets.disable_progress_bars()


def taught(
    base: Path, course: Course, recipe: Recipe, authorisation: Authorisation, out: Path
) -> tuple[int, str]:
    """Teach the model of a folder into another; tells the tokens of the answers, none on scores, and the device. `authorisation` must be in force."""
    needed()
    holds(authorisation, recipe.way)
    if not authorisation.digest or not (course.pairs or course.prompts):
        raise InputError("There is nothing to teach from. Name a log, or a file with prompts.")
    import torch  # noqa: PLC0415  an extra
    from transformers import PrinterCallback  # noqa: PLC0415  as above

    hushed()
    tokenizer, model = _opened(base)
    make = _on_scores if recipe.way == "logit" else _on_texts
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        try:
            trainer = make(model, tokenizer, course, recipe)
        except (ValueError, TypeError) as error:
            raise UsageError(f"TRL cannot teach the model in {base} so: {error}") from error
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=_last(course.work / CHECKPOINTS))
    trainer.accelerator.unwrap_model(trainer.model).save_pretrained(out)
    tokenizer.save_pretrained(out)
    tokens = (
        sum(len(ids) for ids in tokenizer([pair.answer for pair in course.pairs])["input_ids"])
        if course.pairs
        else 0
    )
    return tokens, torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def _opened(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415  an extra

    how = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left", **how)
        model = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, dtype="float32", **how)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise InputError(
            f"{folder} holds no model that transformers opens: {error}. It needs config, weights as safetensors, and a tokenizer."
        ) from error
    return tokenizer, model


def _on_texts(model: Any, tokenizer: Any, course: Course, recipe: Recipe) -> Any:
    from datasets import Dataset  # noqa: PLC0415  an extra
    from trl import SFTConfig, SFTTrainer  # noqa: PLC0415  as above

    rows = [
        {"prompt": _asked(tokenizer, pair.prompt), "completion": _answered(tokenizer, pair.answer)}
        for pair in course.pairs
    ]
    config = SFTConfig(completion_only_loss=True, max_length=_most(model), **_settings(course, recipe))
    return SFTTrainer(
        model=model,
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        callbacks=[_telling(course)],
    )


def _on_scores(model: Any, tokenizer: Any, course: Course, recipe: Recipe) -> Any:
    from datasets import Dataset  # noqa: PLC0415  an extra
    from trl import DistillationConfig, DistillationTrainer  # noqa: PLC0415  as above

    if course.teacher is None:
        raise InputError(
            "Distillation on scores needs the teacher's weights. Name its folder with --teacher."
        )
    theirs, teacher = _opened(course.teacher)
    if theirs.get_vocab() != tokenizer.get_vocab():
        raise UsageError(
            "Teacher and student have different tokenizers, so that scores of one say nothing to the other. Teach from texts: --way text."
        )
    config = DistillationConfig(
        max_completion_length=course.most_tokens,
        temperature=course.temperature or 1.0,
        **_settings(course, recipe),
    )
    return DistillationTrainer(
        model=model,
        teacher_model=teacher,
        args=config,
        train_dataset=Dataset.from_list([{"prompt": _asked(tokenizer, prompt)} for prompt in course.prompts]),
        processing_class=tokenizer,
        callbacks=[_telling(course)],
    )


def _settings(course: Course, recipe: Recipe) -> dict[str, Any]:
    """What both trainers are told. Nothing leaves this machine, and checkpoints stay in the run's own folder."""
    import torch  # noqa: PLC0415  an extra

    has_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(course.work / CHECKPOINTS),
        "num_train_epochs": recipe.epochs,
        "learning_rate": recipe.rate,
        "per_device_train_batch_size": recipe.batch,
        "seed": recipe.seed,
        "data_seed": recipe.seed,
        "save_strategy": "steps",
        "save_steps": _SAVE_STEPS,
        "save_total_limit": 2,
        "use_cpu": not has_gpu,
        "bf16": has_gpu,
        "gradient_checkpointing": has_gpu,
        "dataloader_pin_memory": has_gpu,
        "logging_strategy": "no",
        "report_to": "none",
        "push_to_hub": False,
        "disable_tqdm": True,
    }


def _asked(tokenizer: Any, prompt: str) -> Any:
    """A prompt as the student is asked: in its chat template if it has one."""
    return [{"role": "user", "content": prompt}] if tokenizer.chat_template else prompt


def _answered(tokenizer: Any, answer: str) -> Any:
    return [{"role": "assistant", "content": answer}] if tokenizer.chat_template else answer


def _most(model: Any) -> int | None:
    """How many tokens the model sees at once, if its configuration says so."""
    found = getattr(model.config, "max_position_embeddings", None)
    return found if isinstance(found, int) else None


def _telling(course: Course) -> Any:
    from transformers import TrainerCallback  # noqa: PLC0415  an extra

    class Telling(TrainerCallback):
        """Tells each step."""

        def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
            """A step was done."""
            course.told(state.global_step, state.max_steps)

    return Telling()


def _last(folder: Path) -> str | None:
    """The last checkpoint that was written to its end: the state of the trainer is its last file."""
    found = [
        (int(matched[1]), path)
        for path in (folder.iterdir() if folder.exists() else ())
        if (matched := _STEP.fullmatch(path.name)) and (path / "trainer_state.json").exists()
    ]
    return str(max(found)[1]) if found else None
