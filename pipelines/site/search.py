"""The search index: for each dataset its words in both languages, folded so that width and kana make no difference.

`site.js` folds what is typed in the same way and looks for it; a test holds the two together. Groups of words that mean
the same are part of the index.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import cast

from pipelines.catalogue.producer import IndexTurn
from pipelines.site.facts import goals_of
from pipelines.site.words import table

_KATAKANA = range(0x30A1, 0x30F7)
_TO_HIRAGANA = {code: code - 0x60 for code in _KATAKANA}


def folded(text: str) -> str:
    """NFKC, small letters, katakana as hiragana, one blank between words."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().translate(_TO_HIRAGANA).split())


def search_index(turn: IndexTurn) -> bytes:
    """`{"synonyms": [[word, …], …], "datasets": {name: words}}`."""
    groups = [[folded(word) for word in group] for group in cast("list[list[str]]", table("synonyms")["groups"])]
    datasets = {name: _words(name, turn) for name in turn.releases}
    return json.dumps({"synonyms": groups, "datasets": datasets}, ensure_ascii=False, separators=(",", ":")).encode()


def _words(name: str, turn: IndexTurn) -> str:
    build = turn.releases[name].manifest.build
    description = build.description
    fields = cast("list[Mapping[str, object]]", build.table_schema["fields"])
    contributors = cast("list[Mapping[str, object]]", description["contributors"])
    texts = [
        name.replace("_", " "),
        *(str(one[key]) for one in [description, *contributors[:1], *fields] for key in ("title@ja", "title@en")),
        str(description["description@ja"]),
        str(description["description@en"]),
        *cast("list[str]", description.get("keywords") or []),
    ]
    goals = " ".join(f"sdg:{goal};" for goal in goals_of(description))
    targets = " ".join(f"sdg:{target};" for target in cast("list[str]", description.get("sdgs") or []))
    return " ".join(dict.fromkeys(folded(" ".join(texts)).split())) + f" {goals} {targets}"
