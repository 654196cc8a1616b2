"""Keyword probes: what a prompt asks for, in words and word pairs of several languages.

A probe is a hint, never evidence by itself: it names capabilities and lets a signal ask what share of a
cluster's requests want a rationale, a grade or a task. Each name is one bit of the key column `asks`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stillwatch.fingerprint.kernels import MIX_A, PROBE_SHIFT, Probes
from stillwatch.fingerprint.words import CJK_LEAD, FNV, FOLD

PROBES: Mapping[str, tuple[str, ...]] = {
    "reason": (
        "step by step", "chain of thought", "show your reasoning", "explain your reasoning", "your reasoning",
        "reasoning steps", "think aloud", "full reasoning", "reason carefully", "detailed derivation", "thought process",
        "逐步", "推理", "思考", "рассуждения", "шаг за шагом", "ステップ", "推論", "lets think", "your thinking",
        "reasoning trace", "derive", "intermediate steps", "worked solution",
    ),
    "tags": ("thinking tags", "think tags", "reasoning tags", "xml tags", "inside tags", "between tags", "scratchpad"),
    "rationale": ("rationale", "reconstruct the", "justify the", "explain why", "the final answer", "internal monologue",
                  "given answer", "依据", "理由"),
    "math": ("how many", "equation", "integer", "probability", "theorem", "prove that", "calculate", "solve for",
             "计算", "arithmetic", "answer choices", "multiple choice", "boolean", "geometry", "algebra", "percent of"),
    "grade": ("rubric", "score rubric", "grade the", "rate the", "evaluate the", "scoring", "评分", "打分", "preference",
              "which response", "response is", "assistant a", "score from", "scale of", "pairwise", "reward model", "критерии",
              "feedback", "verdict", "judge", "impartial judge", "оцени"),
    "code": ("python", "javascript", "function", "def", "implement", "compile", "algorithm", "code", "sql", "java", "bug",
             "refactor", "unit tests", "unit test", "代码", "функцию", "typescript", "regex", "html", "css", "stack trace",
             "repository", "patch", "pull request", "コード", "программу", "kernel", "rust", "class", "mysql", "postgres",
             "select", "query", "api endpoint", "docstring"),
    "table": ("csv", "dataset", "dataframe", "pandas", "spreadsheet", "excel", "statistics", "correlation", "chart",
              "数据", "analyze the", "data analysis", "sales data", "regression", "pivot table", "histogram"),
    "tool": ("tool", "tools", "api", "apis", "function call", "call the", "工具", "plugin", "invoke", "endpoint", "arguments"),
    "agent": ("observation", "action", "next action", "your task", "agent", "browse", "terminal", "shell", "environment",
              "plan", "multi step", "trajectory", "subtask", "navigate", "workspace", "steps to", "available actions"),
    "translate": ("translate", "translation", "翻译", "переведи", "翻訳", "into english", "into chinese", "into spanish",
                  "into french", "into german", "traduire", "traduce", "перевод"),
    "sensitive": ("government", "censor", "censorship", "political", "protest", "tiananmen", "communist", "taiwan", "tibet",
                  "uyghur", "xinjiang", "democracy", "政府", "敏感", "审查", "political prisoners", "human rights", "dissident",
                  "hong kong", "falun", "harmless", "refuse", "politically"),
    "rewrite": ("rewrite", "safe answer", "safe version", "neutral tone", "acceptable", "compliant", "改写", "перепиши",
                "avoid controversial", "de escalate"),
    "make": ("come up with", "diverse task", "task instructions", "generate a", "create a set", "new task", "test cases",
             "instruction and", "生成", "synthetic", "training data", "question and", "write a problem", "seed task"),
    "converse": ("hi", "hello", "thanks", "thank you", "please help", "you are", "i feel", "my friend", "你好", "谢谢",
                 "привет", "act as", "i want", "can you", "my"),
    "pretext": ("debug mode", "system prompt", "developer mode", "ignore previous", "hidden instructions", "your instructions",
                "earlier notes"),
    "picture": ("image", "picture", "photo", "screenshot", "图片", "video", "audio", "diagram", "caption"),
    "write": ("write", "describe", "summarize", "explain", "list", "essay", "story", "poem", "email", "suggest", "介绍", "写",
              "describe the", "give me", "outline"),
    "structured": ("json", "jsonl", "schema", "yaml", "output format", "following format"),
    "answered": ("accepted answer", "correct answer", "answer is", "its final", "its answer", "reference answer",
                 "this answer", "the solution is", "that answer", "answer below", "answer given", "案是", "案为", "解は",
                 "правильный ответ", "верный ответ", "готовый ответ", "ответ известен"),
    "hidden": ("private notes", "working notes", "your notes", "hidden notes", "internal notes", "scratch pad",
               "inner monologue", "hidden reasoning", "internal reasoning", "previous reasoning", "private reasoning",
               "raw reasoning", "hidden thoughts", "internal thoughts", "private thoughts", "your thoughts", "earlier thinking",
               "previous thinking", "hidden thinking", "raw thinking", "private deliberation", "hidden deliberation",
               "internal deliberation", "raw deliberation", "隐藏", "独白", "скрытые рассуждения", "внутренние рассуждения",
               "твои заметки", "свои заметки", "隠し", "内省"),
    "encode": ("encode", "encoded", "cipher", "morse", "rot", "transliterate", "pig latin", "reverse order", "turn your",
               "turn the", "convert your", "convert the", "render your", "render the", "rephrase your", "restate your",
               "编码", "加密", "закодируй", "зашифруй", "暗号", "号化"),
    "reason_in": ("think in", "reason in", "thinking in", "reasoning in", "thoughts in", "thought in", "think only",
                  "reason only", "think exclusively", "reason exclusively", "reasoning must", "thinking must",
                  "thoughts must", "reasoning language", "thinking language", "文思", "文推", "语思", "语推", "думай на",
                  "думай только", "думать на", "рассуждай на", "рассуждай только", "рассуждения на", "で考", "で推"),
    "language": ("language", "english", "chinese", "russian", "japanese", "korean", "german", "french", "spanish", "arabic",
                 "portuguese", "hindi", "italian", "英文", "中文", "英语", "汉语", "日语", "俄语", "语言", "英語", "本語",
                 "国語", "言語", "английском", "русском", "китайском", "японском", "языке"),
    "clean": ("clean up", "clean the", "cleaned", "normalize", "normalise", "reformat", "standardize", "standardise",
              "deduplicate", "malformed", "boilerplate", "fix formatting", "house format", "standard format",
              "common format", "uniform format", "strip all", "remove any mention", "tidy up", "清洗", "清理", "规范", "去重", "очисти",
              "нормализуй", "整形", "正規"),
    "output": ("trace", "traces", "transcript", "transcripts", "model output", "model outputs", "raw output", "model response",
               "model responses", "completion", "completions", "轨迹", "ответ модели", "ответы модели", "軌跡"),
    "pose": ("an environment", "environments", "new problem", "new problems", "new puzzle", "exercises", "write a task",
             "new tasks", "出题", "道题", "придумай задачу", "новую задачу", "を作"),
    "verifier": ("hidden test", "hidden tests", "reference solution", "ground truth", "checker", "verifier", "grader",
                 "reward function", "test suite", "with solution", "证器", "判题", "эталонное решение", "проверочный код",
                 "範解", "採点"),
    "authority": ("maintenance mode", "diagnostic mode", "admin mode", "administrator mode", "test mode", "operator needs",
                  "operator requires", "operator here", "evaluation channel", "internal evaluation", "internal audit",
                  "authorized personnel", "engineers need", "safety override", "режим отладки", "режиме отладки",
                  "служебный режим", "理者", "管理员"),
    "train": ("training loop", "fine tune", "fine tuning", "finetuning", "distill", "distillation", "lora",
              "learning rate", "checkpoint", "sft", "rlhf", "dpo", "loss function", "logits", "微调", "蒸馏", "дообучение",
              "дистилляция", "дистилляции", "蒸留"),
    "inline": ("thought inside", "thoughts inside", "reasoning inside", "thinking inside", "deliberation inside",
               "thought between", "thoughts between", "reasoning between", "thinking between", "deliberation between",
               "between think", "between thinking", "between reasoning", "inside think", "inside thinking",
               "inside reasoning", "reasoning section", "thinking section", "между тегами", "внутри тегов", "タグ"),
    "table_rows": (),
    "conceal": ("another model", "other model", "underlying model", "other company", "another company", "different company",
                "other companies", "other provider", "another provider", "other vendor", "company behind", "another assistant",
                "another ai", "other ai", "underlying provider", "underlying vendor", "underlying company", "underlying engine", "upstream provider",
                "upstream model", "other providers", "other vendors", "底层模", "другой модели", "другую модель", "других моделей", "другие модели",
                "otro modelo", "otra empresa", "outro modelo", "anderes modell"),
    "thinking": ("reasoning", "thinking", "thought", "thoughts", "deliberation", "deliberations", "considerations", "considered",
                 "inference", "inferences", "monologue", "worklog", "размышления", "мысли", "раздумья", "razonamiento", "raciocínio",
                 "raisonnement", "gedanken", "gedankengang", "考过", "考え"),
    "whole": ("complete", "full", "fully", "whole", "entire", "verbatim", "unabridged", "unedited", "unsummarised", "unsummarized",
              "uncompressed", "unfiltered", "raw", "exhaustive", "everything", "nothing", "shorten", "compress", "summarise",
              "abridge", "condense", "truncate", "shortcuts", "dead ends", "each inference", "every alternative",
              "полный", "полностью", "целиком", "дословно", "без сокращений", "completo", "íntegro",
              "vollständig", "complet", "完整", "逐字", "全部", "すべて"),
    "demanded": (),
}  # fmt: skip
"""Name of the probe and its phrases; of a phrase of three or more words the last two are probed.

`table_rows` has none: it is set where a text holds the rows of a table (`table_rows.holds_table`). Nor has `demanded`: it is set
where the last paragraph of a system prompt speaks of what the model thinks and of having all of it. `conceal` is for system
prompts: what a model is told of other models and companies that it is not to name.

New probes come last: the capability model has weights for the first of them, in this order.
"""

BIT: Mapping[str, int] = {name: 1 << position for position, name in enumerate(PROBES)}


WANTED = ("reason", "tags", "rationale", "grade", "make", "pretext")
"""The probes that name training value; bound to `$wanted` of a signal's query."""
HIDDEN = ("hidden", "inline", "reason_in")
"""Those for what a model thinks and does not show."""
CONCEALED = ("conceal",)
"""The one for which models and companies are not to be named."""
THOUGHT = ("thinking", "reason", "tags", "hidden", "inline")
"""Those for what a model thinks, shown or not; with `whole`, all of it is asked for."""
BELOW = (*WANTED, *HIDDEN, "demanded")
"""What a text at the end of a system prompt may ask for that a training set wants."""


def mask(*names: str) -> int:
    """The bits of those probes in the column `asks` or `told`."""
    return sum(BIT[name] for name in names)


def word_key(word: str) -> int:
    """The kernel's running key of one word, for building the probe table."""
    key, masked = 0, False
    for byte in word.encode():
        folded = byte if byte >= CJK_LEAD else int(FOLD[byte])
        digit = folded == ord("0")
        if not (digit and masked):
            key = (key + folded) * int(FNV) % 2**64
        masked = digit
    return key


def _is_wide(character: str) -> bool:
    return character.encode()[0] >= CJK_LEAD


def _words(phrase: str) -> list[str]:
    """Split as the kernel does: wide characters are words of their own."""
    words: list[str] = []
    for part in phrase.split():
        words.extend(part) if _is_wide(part[0]) else words.append(part)
    return words


def _phrase_key(phrase: str) -> int:
    words = _words(phrase)
    last = word_key(words[-1])
    return last if len(words) == 1 else (last + 3 * word_key(words[-2])) % 2**64


def _slot(key: int) -> int:
    return (key * int(MIX_A) % 2**64) >> int(PROBE_SHIFT)


def probe_table() -> Probes:
    """All phrases. A slot that two phrases share keeps the first; see `lost_phrases`."""
    number = np.zeros(1 << (64 - int(PROBE_SHIFT)), np.uint16)
    is_taken = np.zeros(len(number), np.uint8)
    keys: list[int] = []
    bits: list[int] = []
    for name, phrases in PROBES.items():
        for phrase in phrases:
            key = _phrase_key(phrase)
            if is_taken[_slot(key)]:
                continue
            is_taken[_slot(key)], number[_slot(key)] = True, len(keys)
            keys.append(key)
            bits.append(BIT[name])
    return Probes(is_taken, number, np.array(keys, np.uint64), np.array(bits, np.int64))


def lost_phrases() -> list[tuple[str, str]]:
    """Probes and phrases that the table does not hold, because another phrase has their slot.

    A test keeps this empty: a new phrase that is lost needs other words, or the table more slots (`PROBE_SHIFT`).
    """
    table = probe_table()
    at = {(name, phrase): _phrase_key(phrase) for name, phrases in PROBES.items() for phrase in phrases}
    held = {probe: table.number[_slot(key)] for probe, key in at.items()}
    return [
        probe
        for probe, key in at.items()
        if table.key[held[probe]] != key or table.bit[held[probe]] != BIT[probe[0]]
    ]
