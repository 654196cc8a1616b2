"""SGLang's own request logger, given SGLang's own requests: what a server does to its log, without a model behind it.

    PYTHON sglang_logger.py OUT      # PYTHON has SGLang; OUT gets a folder for each level of detail

A server tokenizes a chat before it logs it, so the text of a prompt stands in the finished event only; the token ids and
the answers are ours, and so is what turns ids into a text again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["SGLANG_LOG_REQUEST_HEADERS"] = "x-account-id"

from sglang.srt.entrypoints.openai.protocol import ChatCompletionRequest
from sglang.srt.managers.io_struct import EmbeddingReqInput, GenerateReqInput
from sglang.srt.utils.request_logger import RequestLogger
from starlette.requests import Request

LONG = "tide " * 1_000
LEVELS = (0, 1, 2, 3)


class _Words:
    """A tokenizer whose tokens are words."""

    words: list[str] = []  # noqa: RUF012

    def encode(self, text: str) -> list[int]:
        """Token ids."""
        start = len(self.words)
        self.words += text.split(" ")
        return list(range(start, len(self.words)))

    def decode(self, ids: list[int], **_: object) -> str:
        """The text of token ids."""
        return " ".join(self.words[one] for one in ids)


WORDS = _Words()


def asked_by(account: str) -> Request:
    headers = [(b"x-account-id", account.encode()), (b"authorization", b"Bearer sk-not-to-be-logged")]
    return Request({"type": "http", "headers": headers})


def answer(text: str, reason: dict, *, prompt: int) -> dict:
    told = {"id": "0", "finish_reason": reason, "prompt_tokens": prompt, "weight_version": "default"}
    told |= {"completion_tokens": len(text.split()), "cached_tokens": 2, "e2e_latency": 0.25}
    return {"text": text, "output_ids": [1, 2], "meta_info": told}


def chat(
    log: RequestLogger, rid: str | None, account: str, said: list[dict], reply: str, **more: object
) -> None:
    """A chat as the OpenAI front of the server logs it: the request, what it becomes, and its end."""
    body = ChatCompletionRequest(model="tiny", messages=said, rid=rid, **more)
    raw = asked_by(account)
    if log.log_requests_level >= 2:  # as the server's front does
        log.log_openai_received_request(body, request=raw)
    prompt = "".join(f"<|{one['role']}|>{one['content']}\n" for one in said)
    ids = WORDS.encode(prompt)
    params = {
        "temperature": body.temperature,
        "max_new_tokens": body.max_tokens,
        "top_p": body.top_p,
        "n": body.n,
    }
    obj = GenerateReqInput(input_ids=ids, sampling_params=params, rid=rid, stream=bool(body.stream))
    obj.normalize_batch_and_arguments()
    log.log_received_request(obj, WORDS, raw)
    if reply:
        log.log_finished_request(obj, answer(reply, {"type": "stop"}, prompt=len(ids)), raw)


def main(out: str) -> None:
    """One log for each level."""
    for level in LEVELS:
        log = RequestLogger(
            log_requests=True,
            log_requests_level=level,
            log_requests_format="json",
            log_requests_target=[str(Path(out) / f"level-{level}")],
        )
        user = {"role": "user", "content": "What is a tide?"}
        brief = [{"role": "system", "content": "Be brief."}, user]
        chat(log, "chat-1", "acct-1", brief, "The sea, rising.", temperature=0.5, max_tokens=64)
        chat(log, "chat-2", "acct-2", [{"role": "user", "content": LONG}], "Too long: 灯 häuser.")
        chat(log, None, "acct-2", [user], "Without an id.")
        chat(log, "cut-off", "acct-3", [user], "")
        native = GenerateReqInput(text="Count to three", sampling_params={"max_new_tokens": 8}, rid="native")
        native.normalize_batch_and_arguments()
        log.log_received_request(native, WORDS, asked_by("acct-1"))
        reason = {"type": "length", "length": 8}
        log.log_finished_request(native, answer("One two three", reason, prompt=3), asked_by("acct-1"))
        aborted = GenerateReqInput(text="Give up", sampling_params={}, rid="aborted")
        aborted.normalize_batch_and_arguments()
        log.log_received_request(aborted, WORDS, asked_by("acct-1"))
        reason = {"type": "abort", "message": "too many requests", "status_code": 429}
        log.log_finished_request(aborted, answer("", reason, prompt=2), asked_by("acct-1"))
        vector = EmbeddingReqInput(text="no words", rid="vector")
        vector.normalize_batch_and_arguments()
        log.log_received_request(vector, WORDS, asked_by("acct-1"))
        embedded = {"embedding": [0.5], "meta_info": {"prompt_tokens": 2}}
        log.log_finished_request(vector, embedded, asked_by("acct-1"))


if __name__ == "__main__":
    main(sys.argv[1])
