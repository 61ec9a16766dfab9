"""The department's page."""

from __future__ import annotations

from pipelines.findings_registry.rule import rule

DESK = [
    rule(
        "name.cell", "operator",
        ("そのファイル、シート、またはセルは保管されていません", "There is no such delivery, sheet or cell in the archive"),
        ("ファイルのSHA-256、シート名、B6 のようなセル番地", "the file's SHA-256, the sheet's name, and a cell such as B6"),
        ("リンクを切らずに開いてください。OPENDATA_HOME がファイルを保管した場所かを確かめてください", "open the link whole, and see whether OPENDATA_HOME is where the file is archived"),
        "/cell/0000…/ごみ排出量/B0", "/cell/ede5…/ごみ排出量/B6",
    ),
]  # fmt: skip
