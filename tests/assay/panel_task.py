"""A task of inspect-ai that fetches nothing: sums, and one sample with a system message."""

from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import includes
from inspect_ai.solver import generate


@task
def sums() -> Task:
    samples = [Sample(id=f"s{i}", input=f"{i} plus {i} is", target=str(2 * i)) for i in range(1, 9)]
    chat = [ChatMessageSystem(content="Answer in digits."), ChatMessageUser(content="9 plus 9 is")]
    return Task(
        dataset=[*samples, Sample(id="chat", input=chat, target="18")], solver=generate(), scorer=includes()
    )


@task
def halves() -> Task:
    samples = [Sample(id=f"h{i}", input=f"half of {2 * i} is", target=str(i)) for i in range(1, 9)]
    return Task(dataset=samples, solver=generate(), scorer=includes())
