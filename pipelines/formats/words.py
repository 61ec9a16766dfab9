"""What the other forms of a release say, in both languages."""

from __future__ import annotations

WORDS = {
    "title": "題名 / Title",
    "description": "説明 / Description",
    "version": "版 / Version",
    "frequency": "更新頻度 / Update frequency",
    "licence": "ライセンス / Licence",
    "by": "作成・公開 / By",
    "note": "注記 / Note",
    "as_text": "精度を保つため文字列 / as text, to keep it exact",
}

HEADINGS = (
    "項目 / Field",
    "型 / Type",
    "名称",
    "Title",
    "単位 / Unit",
    "主キー / Key",
    "説明",
    "Description",
    "備考 / Remark",
)
