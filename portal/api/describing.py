"""PURE: the OpenAPI document as a page draws it: operations with their fields in plain tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
DEEPEST = 6


@dataclass(frozen=True)
class Row:
    """One field of a body or an answer. ``depth``: how far it stands inside others."""

    name: str
    kind: str
    needed: bool
    words: str
    depth: int


@dataclass(frozen=True)
class Drawn:
    """One operation."""

    anchor: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: list[Row]
    body: list[Row]
    example: str
    answer: list[Row]
    statuses: list[tuple[str, str]]


def described(document: Schema) -> dict[str, Any]:
    """The head of the document and its operations, in its order."""
    schemas = document["components"]["schemas"]
    drawn = [
        _drawn(path, method, said, schemas)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    ]
    return {"title": document["info"]["title"], "about": document["info"]["description"], "operations": drawn}


def _drawn(path: str, method: str, said: Schema, schemas: Schema) -> Drawn:
    body = _content(said.get("requestBody", {}))
    return Drawn(
        anchor=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        scope=said.get("x-scope", ""),
        parameters=[
            Row(one["name"], _kind(one["schema"], schemas), one["required"], one.get("description", ""), 0)
            for one in said["parameters"]
        ],
        body=_rows(body, schemas),
        example=json.dumps(_example(body, schemas), ensure_ascii=False, indent=2) if body else "",
        answer=_rows(_content(said["responses"]["200"]), schemas),
        statuses=[(status, answer["description"]) for status, answer in said["responses"].items()],
    )


def _content(said: Schema) -> Schema:
    for content in said.get("content", {}).values():
        found: Schema = content["schema"]
        return found
    return {}


def _whole(schema: Schema, schemas: Schema) -> Schema:
    """A schema with its reference followed, and without the branch that only says "or null"."""
    if "$ref" in schema:
        return _whole(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    branches = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return _whole(branches[0], schemas) if len(branches) == 1 else schema


def _rows(schema: Schema, schemas: Schema, depth: int = 0) -> list[Row]:
    whole = _whole(schema, schemas)
    if whole.get("type") == "array":
        return _rows(whole["items"], schemas, depth)
    found: list[Row] = []
    for name, part in whole.get("properties", {}).items():
        found.append(
            Row(name, _kind(part, schemas), name in whole.get("required", ()), part.get("description", ""), depth)
        )
        if depth < DEEPEST:
            found += _rows(part, schemas, depth + 1)
    return found


def _kind(schema: Schema, schemas: Schema) -> str:
    """The type of a field in a few words: ``string | null``, ``array of object``."""
    if "$ref" in schema:
        return _kind(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(one, schemas) for one in schema["anyOf"]))
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"array ({_kind(schema['items'], schemas)})"
    return str(schema.get("format") or schema.get("type", ""))


def _example(schema: Schema, schemas: Schema) -> Any:
    """A body made of the examples that stand beside the fields."""
    if schema.get("examples"):
        return schema["examples"][0]
    whole = _whole(schema, schemas)
    if whole.get("type") == "array":
        return [_example(whole["items"], schemas)]
    if whole.get("type") != "object":
        return whole.get("default")
    needed = whole.get("required", ())
    return {
        name: _example(part, schemas)
        for name, part in whole.get("properties", {}).items()
        if name in needed or part.get("examples") or _whole(part, schemas).get("type") == "array"
    }
