"""`schemas/<name>.yaml`: what is published. A Frictionless Table Schema with the dataset's own metadata.

Nothing here says where the data come from; see `source`.
"""

from __future__ import annotations

import re
from datetime import date as Day  # noqa: N812 — a field has the name
from itertools import chain
from typing import Literal, Self

from pydantic import Field as Setting
from pydantic import field_validator, model_validator

from pipelines.datasets.base import Bilingual, Descriptor, Name, NonEmpty, is_regex
from pipelines.datasets.guards import Guards, Off
from pipelines.unusable import Unusable

FieldType = Literal["string", "integer", "number", "boolean", "year", "yearmonth", "date", "datetime"]
Frequency = Literal["annual", "quarterly", "monthly", "daily", "irregular", "as_planned", "once"]
Severity = Literal["error", "warn"]
Scalar = bool | int | float | str

TEMPORAL: tuple[FieldType, ...] = ("year", "yearmonth", "date", "datetime")


class Constraints(Descriptor):
    """The constraints of a Table Schema field, with their meaning there."""

    required: bool = False
    unique: bool = False
    minLength: int | None = Setting(default=None, ge=0)
    maxLength: int | None = Setting(default=None, ge=0)
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    exclusiveMinimum: Scalar | None = None
    exclusiveMaximum: Scalar | None = None
    pattern: str | None = None
    enum: list[Scalar] | None = None

    @field_validator("pattern")
    @classmethod
    def _pattern_compiles(cls, pattern: str | None) -> str | None:
        """DuckDB's regular expressions can't look around or back."""
        if pattern and re.search(r"\(\?<?[=!]|\\[1-9]", pattern):
            raise Unusable(
                "先読み・後読み・後方参照のない正規表現", "a pattern without look-around and back references"
            )
        return is_regex(pattern)


class Field(Descriptor):
    """One published column.

    `decimals` is how many decimal places a `number` has; a cell with more is a finding, never rounded.
    A `year` named `fiscal_year` runs from April to March; any other is a calendar year.
    `plausible` has the form of `constraints` and warns instead of blocking.
    """

    name: Name
    type: FieldType
    title: Bilingual
    description: Bilingual | None = None
    unit: NonEmpty | None = None
    decimals: int | None = Setting(default=None, ge=0, le=9)
    constraints: Constraints = Constraints()
    plausible: Constraints = Constraints()

    @model_validator(mode="after")
    def _decimals_go_with_numbers(self) -> Self:
        if (self.type == "number") != (self.decimals is not None):
            raise Unusable(
                "型が number の項目にだけ decimals を書く",
                "a field of type number states its decimals, and no other field does",
            )
        return self


class Reference(Descriptor):
    """The other side of a foreign key."""

    dataset: Name
    fields: list[Name]


class ForeignKey(Descriptor):
    """Every combination of `fields` stands in the referenced dataset's published table."""

    fields: list[Name]
    reference: Reference


class Check(Descriptor):
    """What a Table Schema can't say: a named rule, or SQL that selects the rows that are wrong.

    max_change         |change| of `field` from one `per` to the next, within `by`, at most `limit` (`15%` or a number)
    complete_periods   no `per` is missing between the first and the last, within `by`
    sum_of_parts       `field` equals the sum of `parts`, within `tolerance`
    sql                `sql` selects from `{table}` the rows that are wrong; its columns include the primary key;
                       `title` says what must hold
    """

    name: Name
    rule: Literal["max_change", "complete_periods", "sum_of_parts", "sql"]
    severity: Severity = "error"
    title: Bilingual | None = None
    field: Name | None = None
    per: Name | None = None
    by: list[Name] = []
    limit: str | None = Setting(default=None, pattern=r"^\d+(\.\d+)?%?$")
    parts: list[Name] = []
    tolerance: float = 0
    sql: str | None = None

    @model_validator(mode="after")
    def _has_what_its_rule_needs(self) -> Self:
        missing = [key for key in _NEEDS[self.rule] if not getattr(self, key)]
        if missing:
            needed = ", ".join(missing)
            raise Unusable(f"規則 {self.rule} に必要な項目：{needed}", f"the rule {self.rule} needs {needed}")
        return self


_NEEDS: dict[str, tuple[str, ...]] = {
    "max_change": ("field", "per", "limit"),
    "complete_periods": ("per",),
    "sum_of_parts": ("field", "parts"),
    "sql": ("sql", "title"),
}


class Announcement(Descriptor):
    """A breaking change of the publication that is to come: from which day on, and what changes for its readers."""

    date: Day
    ja: NonEmpty
    en: NonEmpty


class Schema(Descriptor):
    """One published dataset."""

    title: Bilingual
    description: Bilingual
    department: Name
    update_frequency: Frequency
    licence: NonEmpty
    sdgs: list[str] = Setting(default=[], description="SDG goals and targets in the UN's form, such as 12 or 12.a")
    keywords: list[Bilingual] = []
    notes: list[Bilingual] = Setting(default=[], description="doubts, breaks in series, definitions")
    period: Name | None = Setting(default=None, description="the field that tells the time covered")
    area: Name | None = Setting(default=None, description="the field with standard area codes, for the space covered")
    fields: list[Field] = Setting(min_length=1)
    primaryKey: list[Name] = Setting(min_length=1)
    uniqueKeys: list[list[Name]] = []
    foreignKeys: list[ForeignKey] = []
    checks: list[Check] = []
    announce: Announcement | None = Setting(default=None, description="a breaking change to come, with its day")
    guards: Guards | Off = Setting(default=Guards(), description="what holds a surprising release back; off: nothing")

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise Unusable(
                "項目ごとに異なる名前（同じ名前の項目が二つあります）", "a name for each: two fields have one name"
            )
        unknown = self._referred() - set(names)
        if unknown:
            strangers = ", ".join(sorted(unknown))
            raise Unusable(
                f"fields にある名前（{strangers} はありません）", f"names of fields: no field is named {strangers}"
            )
        return self

    def _referred(self) -> set[str]:
        """Every field name that another part of the schema refers to."""
        keys: list[list[str]] = [self.primaryKey, *self.uniqueKeys, *(key.fields for key in self.foreignKeys)]
        named = [name for check in self.checks for name in (check.field, check.per, *check.by, *check.parts)]
        return {name for name in [*chain.from_iterable(keys), *named, self.period, self.area] if name}

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        return next(field for field in self.fields if field.name == name)

    @property
    def names(self) -> list[str]:
        """The names of the fields, in the order of publication."""
        return [field.name for field in self.fields]

    @property
    def period_field(self) -> Field | None:
        """The field that tells the time covered: the one named, else the first temporal one of the key."""
        if self.period:
            return self.field(self.period)
        keys = [self.field(name) for name in self.primaryKey]
        return next((field for field in keys if field.type in TEMPORAL), None)
