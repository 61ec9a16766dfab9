"""What a value should have been that Pydantic refuses, in both languages; Pydantic speaks English only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pipelines.findings import Text

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NUMBER = Text("整数", "a whole number")
_TRUTH = Text("true または false", "true or false")
_KEYS = Text("項目と値の組", "keys with values")
_EXPECTED: Final[Mapping[str, Text]] = {
    "missing": Text("必須の項目", "a key that has to be there"),
    "extra_forbidden": Text("定められた項目", "one of the keys that there are"),
    "string_type": Text("文字列", "a text"),
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "float_type": Text("数値", "a number"),
    "float_parsing": Text("数値", "a number"),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "list_type": Text("リスト", "a list"),
    "tuple_type": Text("リスト", "a list"),
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "literal_error": Text("次のいずれか：{expected}", "one of: {expected}"),
    "greater_than": Text("{gt} より大きい値", "more than {gt}"),
    "greater_than_equal": Text("{ge} 以上", "at least {ge}"),
    "less_than": Text("{lt} より小さい値", "less than {lt}"),
    "less_than_equal": Text("{le} 以下", "at most {le}"),
    "string_pattern_mismatch": Text("形 {pattern} に合う文字列", "a text of the form {pattern}"),
    "string_too_short": Text("{min_length} 文字以上", "at least {min_length} characters"),
    "string_too_long": Text("{max_length} 文字以下", "at most {max_length} characters"),
    "too_short": Text("{min_length} 個以上", "at least {min_length} items"),
    "too_long": Text("{max_length} 個以下", "at most {max_length} items"),
}


class Unusable(ValueError):
    """Why a validator of our own refuses a value: what it should be, in both languages."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.expected = Text(ja, en)


def expected_of(detail: ErrorDetails) -> Text:
    """What was expected. Of a kind that is not in the table, Pydantic's own words stand in both languages."""
    facts = detail.get("ctx", {})
    if isinstance(error := facts.get("error"), Unusable):
        return error.expected
    known = _EXPECTED.get(detail["type"])
    if known is None:
        message = detail["msg"].removeprefix("Value error, ")
        return Text(message, message)
    texts = {name: _listed(value) for name, value in facts.items()}
    return Text(known.fill("ja", texts), known.fill("en", texts))


def _listed(value: object) -> str:
    """Pydantic lists choices as `'a', 'b' or 'c'`."""
    return str(value).replace(" or ", ", ")
