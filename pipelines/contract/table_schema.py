"""The contract as a Table Schema, for packages and inside the Parquet.

https://datapackage.org/standard/table-schema/
"""

from __future__ import annotations

from typing import TypeAlias

from pipelines.datasets import Field, Schema
from pipelines.datasets.base import Bilingual

Json: TypeAlias = "dict[str, object]"


def table_schema(schema: Schema) -> Json:
    """The contract as a Table Schema. What it can't say in standard terms stands in custom properties."""
    document: Json = {
        "fields": [_field(field) for field in schema.fields],
        "missingValues": [""],
        "primaryKey": list(schema.primaryKey),
    }
    if schema.uniqueKeys:
        document["uniqueKeys"] = [list(key) for key in schema.uniqueKeys]
    if schema.foreignKeys:
        # A foreign key to another package has no standard form; `foreignKeys` would mean this package.
        document["references"] = [key.model_dump(mode="json") for key in schema.foreignKeys]
    return document


def _field(field: Field) -> Json:
    constraints = field.constraints.model_dump(mode="json", exclude_defaults=True)
    document: Json = {"name": field.name, "type": field.type, **both("title", field.title)}
    if field.description:
        document |= both("description", field.description)
    if field.unit:
        document["unit"] = field.unit
    if field.decimals is not None:
        document["decimals"] = field.decimals
    if constraints:
        document["constraints"] = constraints
    return document


def both(key: str, text: Bilingual) -> Json:
    """A text under its standard key in Japanese, and in both languages under keys that name them."""
    return {key: text.ja, f"{key}@ja": text.ja, f"{key}@en": text.en}
