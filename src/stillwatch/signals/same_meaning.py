"""Accounts that ask the same in other words.

What it sees
------------
The meaning of a request's first and last four sentences, told by static word vectors that the operator names
(`signals.meaning_model`). Sentences that differ in at most 16 of 64 bits of their codes count as one; of a request's
sentences the one counts that the most accounts share, but not everybody. Without a model it does not run.

Why a distiller shows it
------------------------
A template that is known is lost, so it is paraphrased by machine, request by request if need be. The words change;
what is asked of the model does not.

Who else shows it
-----------------
Everybody with the same errand: a class with one assignment, customers who write to one help desk, users of one
program, people who ask the question of the day. Static vectors also take sentences for one that differ in a number, a
name or a "not".

What evasion costs
------------------
Asking for different things, or burying the instruction in the middle of a long text. Both make the answers less alike,
and a training set wants them alike.

Source
------
Charikar (2002) for the codes; A-SEP 147 for fixed injection; decision 26.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="same_meaning",
    level="trait",
    family="template",
    needs=("exchanges.prompt",),
    techniques=("SWT-H01", "SWT-V06"),
    phrase="ask the same in other words",
    column="meaning",
    setting="meaning_model",
    query=requests_with("meaning"),
)
