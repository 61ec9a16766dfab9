"""A request for every mutation that a GraphQL server has, with arguments that fit its types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

_REF = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }"
_SCHEMA = f"""{{ __schema {{ mutationType {{ name }} types {{
  kind name
  enumValues {{ name }}
  inputFields {{ name type {{ {_REF} }} }}
  fields {{ name args {{ name type {{ {_REF} }} }} type {{ {_REF} }} }}
}} }} }}"""
_SCALARS: Mapping[str, object] = {"Int": 1, "Float": 1.0, "Boolean": True}

Types = Mapping[str, Mapping[str, Any]]


def ask(client: httpx.Client, query: str, **variables: object) -> dict[str, Any]:
    """The whole answer."""
    answer: dict[str, Any] = client.post("/graphql", json={"query": query, "variables": variables}).json()
    return answer


def mutations(client: httpx.Client, known: Mapping[str, object]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each mutation's name and the answer to it. `known` has values that exist here, by the name of their argument."""
    schema = ask(client, _SCHEMA)["data"]["__schema"]
    types = {one["name"]: one for one in schema["types"]}
    for field in types[schema["mutationType"]["name"]]["fields"]:
        values = {arg["name"]: known.get(arg["name"], _value(arg["type"], types, known)) for arg in field["args"]}
        declared = ", ".join(f"${arg['name']}: {_written(arg['type'])}" for arg in field["args"])
        passed = ", ".join(f"{arg['name']}: ${arg['name']}" for arg in field["args"])
        head = f"mutation M({declared})" if declared else "mutation M"
        call = f"{field['name']}({passed})" if passed else field["name"]
        selection = " { __typename }" if _named(field["type"])["kind"] in {"UNION", "OBJECT", "INTERFACE"} else ""
        yield field["name"], ask(client, f"{head} {{ {call}{selection} }}", **values)


def _written(type_: Mapping[str, Any]) -> str:
    """A type as a query writes it."""
    if type_["kind"] == "NON_NULL":
        return f"{_written(type_['ofType'])}!"
    if type_["kind"] == "LIST":
        return f"[{_written(type_['ofType'])}]"
    return str(type_["name"])


def _named(type_: Mapping[str, Any]) -> Mapping[str, Any]:
    while type_["ofType"]:
        type_ = type_["ofType"]
    return type_


def _value(type_: Mapping[str, Any], types: Types, known: Mapping[str, object]) -> object:
    """Something of a type. Of an input object, what it must have, and what is known."""
    if type_["kind"] == "NON_NULL":
        return _value(type_["ofType"], types, known)
    if type_["kind"] == "LIST":
        return [_value(type_["ofType"], types, known)]
    if type_["kind"] == "INPUT_OBJECT":
        fields = types[type_["name"]]["inputFields"]
        return {
            field["name"]: known.get(field["name"], _value(field["type"], types, known))
            for field in fields
            if field["type"]["kind"] == "NON_NULL" or field["name"] in known
        }
    if type_["kind"] == "ENUM":
        return types[type_["name"]]["enumValues"][0]["name"]
    return _SCALARS.get(type_["name"], "x")
