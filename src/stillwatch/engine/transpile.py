"""From DuckDB's SQL to Spark's: SQLGlot translates, and here is what it would leave different.

- A number with a point is a decimal in both, but Spark rounds averages of decimals: it becomes a double.
- Dividing by zero, also with a remainder, is null in the engine on this machine and an error in Spark: it becomes null.
- Keys are unsigned there and carry the same 64 bits signed here, which changes their order: sorting by one says so.
- Parameters become literals, since a name such as `$wanted` may stand in a statement more than once.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import sqlglot
from sqlglot import exp

from stillwatch.errors import EngineError


def tables_of(sql: str) -> set[str]:
    """The names of tables that the statement reads; what it names itself is none of them."""
    tree = _read(sql)
    own = {one.alias for one in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table)} - own


def to_spark(sql: str, parameters: Mapping[str, object], keys: AbstractSet[str]) -> str:
    """The statement as Spark reads it, with its parameters; `keys` are the names of columns that hold keys."""
    tree = _read(sql)
    for node in reversed(list(tree.walk())):
        as_there = _as_there(node, parameters, keys, sql)
        if as_there is not node:
            node.replace(as_there)
    return str(tree.sql(dialect="spark", identify=True))


def _read(sql: str) -> Any:
    try:
        return sqlglot.parse_one(sql, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise EngineError(f"Spark cannot be asked this, SQLGlot does not read it: {error}", sql) from error


def _as_there(node: Any, parameters: Mapping[str, object], keys: AbstractSet[str], sql: str) -> Any:
    """What is the same in Spark as this node is in DuckDB."""
    if isinstance(node, exp.Placeholder):
        if node.name not in parameters:
            raise EngineError(f"The query has no value for ${node.name}.", sql)
        return exp.convert(parameters[node.name])
    if isinstance(node, exp.Literal) and not node.is_string and "." in node.name:
        return _double(node.copy())
    if isinstance(node, exp.Div):
        return exp.Anonymous(this="TRY_DIVIDE", expressions=[_double(node.this), node.expression])
    if isinstance(node, exp.IntDiv | exp.Mod) and not _is_some(node.expression):
        node.set("expression", exp.Nullif(this=node.expression, expression=exp.Literal.number(0)))
    if isinstance(node, exp.Order):
        node.set("expressions", [one for each in node.expressions for one in _unsigned(each, keys)])
    return node


def _is_some(node: Any) -> bool:
    """Whether it is written as a number other than zero."""
    return isinstance(node, exp.Literal) and not node.is_string and float(node.name) != 0


def _double(node: Any) -> Any:
    return exp.Cast(this=node, to=exp.DataType.build("double"))


def _unsigned(ordered: Any, keys: AbstractSet[str]) -> list[Any]:
    """The same order, with keys whose first bit is set after the others, as unsigned numbers are."""
    column = ordered.this
    if not isinstance(column, exp.Column) or column.name not in keys:
        return [ordered]
    first = ordered.copy()
    first.set("this", exp.LT(this=column.copy(), expression=exp.Literal.number(0)))
    return [first, ordered]
