"""Plain values as TOML, for model cards. (Python reads TOML and does not write it.)"""

from __future__ import annotations

import json
from typing import Any, cast

Table = dict[str, Any]


def toml(table: Table, name: str = "") -> str:
    """A dict of plain values and dicts as TOML; None is left out."""
    plain = {k: v for k, v in table.items() if v is not None and not isinstance(v, dict)}
    inner: dict[str, Table] = {k: v for k, v in table.items() if isinstance(v, dict) and v}
    head = [f"\n[{name}]"] if name and (plain or not inner) else []
    lines = [*head, *(f"{_key(k)} = {_value(v)}" for k, v in plain.items())]
    text = "\n".join(lines) + ("\n" if lines else "")
    return text + "".join(toml(v, f"{name}.{_key(k)}" if name else _key(k)) for k, v in inner.items())


def _key(key: str) -> str:
    return key if key and all(c.isascii() and (c.isalnum() or c in "_-") for c in key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(round(value, 6))  # inf and nan are TOML's words too
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in cast("list[Any]", value)) + "]"
    if isinstance(value, dict):
        value = cast("Table", value)
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
