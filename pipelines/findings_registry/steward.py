"""What a steward decides: guards, approvals, rollbacks, takedowns."""

from __future__ import annotations

from pipelines.findings_registry.rule import rule

APPROVE = (
    "`opendata approve {name}` で差分を見て、正しければ `opendata approve {name} {hash} --reason 理由`",
    "see `opendata approve {name}`; if it is right, `opendata approve {name} {hash} --reason WHY`",
)

STEWARD = [
    rule(
        "guard.vanished",
        "operator",
        ("前回の版にあった行の多くがなくなっています", "Many rows of the last release are gone"),
        ("なくなる行は前回の版の {limit} まで", "at most {limit} of the rows of the last release to go"),
        APPROVE,
        "119 → 19",
        "119 → 120",
    ),
    rule(
        "guard.changed",
        "operator",
        ("前回の版の値の多くが変わっています", "Many values of the last release are others now"),
        ("変わる値は前回の版の {limit} まで", "at most {limit} of the values of the last release to change"),
        APPROVE,
        "902, 903, 904 → 0.902, 0.903, 0.904",
        "902, 903, 904 → 902, 903, 905",
    ),
    rule(
        "guard.jump",
        "operator",
        ("「{field}」の値がこれまでの推移から大きく外れています", "“{field}” jumps against its own history"),
        ("これまで最大の変化の {limit} 倍以内", "a step of at most {limit} times the largest one so far"),
        APPROVE,
        "902, 905, 899, 90100",
        "902, 905, 899, 901",
    ),
    rule(
        "guard.rolled_back",
        "operator",
        (
            "{author} が {time} に取り消した版 {version} と同じ内容です（理由：{reason}）",
            "This is what {author} took back on {time} as version {version} ({reason})",
        ),
        ("取り消されたものと異なるファイル", "another delivery than the one that was taken back"),
        APPROVE,
        "1.0.1 → 1.0.2 (rollback) → 1.0.1",
        "1.0.1 → 1.0.2 (rollback) → a mended file",
    ),
    rule(
        "approval.nothing",
        "operator",
        ("承認を待っているものはありません", "Nothing of this dataset awaits approval"),
        ("保留中の版", "a release that is held back for approval"),
        ("`opendata plan` で状態を確かめてください", "see `opendata plan` for its state"),
        "opendata approve waste_per_capita (published)",
        "opendata approve waste_per_capita (awaits approval)",
    ),
    rule(
        "approval.stale",
        "operator",
        (
            "承認しようとしたものは、いま待っているものと異なります（ファイル・データ定義・公開中の版のいずれかが変わりました）",
            "What you approve is not what waits now: the delivery, the contract or the current release has changed since",
        ),
        ("いま待っているもののハッシュ {hash}", "the hash of what waits now, {hash}"),
        (
            "`opendata approve {name}` で新しい差分を確かめてから承認してください",
            "look at the new difference with `opendata approve {name}`, then approve that",
        ),
        "opendata approve waste_per_capita 3f0c5e9a77d1",
        "opendata approve waste_per_capita 9b1d22c0e4aa",
    ),
    rule(
        "backfill.day",
        "operator",
        ("タグ opendata/delivered が日付ではありません", "The tag opendata/delivered is no day"),
        ("提出ファイルが届いた日（例：2026-11-20）", "the day on which a delivery came, such as 2026-11-20"),
        ("日付を直してから、もう一度実行してください", "mend the day and start the run again"),
        "20 November",
        "2026-11-20",
    ),
    rule(
        "backfill.superseded",
        "operator",
        (
            "公開中の版は、その日より後（{later}）に届いたファイルのものです",
            "What is published was delivered later, on {later}",
        ),
        ("公開中の版より後に届いたファイルの日", "the day of a delivery that came after the published one"),
        (
            "前の内容に戻すには `opendata rollback {name} --to 版 --reason 理由` を実行してください",
            "to go back to older content run `opendata rollback {name} --to VERSION --reason WHY`",
        ),
        "2026-11-20 (published: 2026-11-27)",
        "2026-11-28",
    ),
    rule(
        "takedown.bytes",
        "department",
        ("{time} に公開を取り下げた内容です（理由：{reason}）", "This was taken down on {time} ({reason})"),
        ("取り下げた内容を含まないファイル", "a file without what was taken down"),
        ("該当する内容を除いたファイルを置いてください", "hand in a file without it"),
        "(the delivery that was taken down)",
        "(a delivery without the names of persons)",
    ),
    rule(
        "takedown.release",
        "operator",
        ("この版の公開は取り下げられました", "This release was taken down"),
        ("取り下げられていない版", "a release that was not taken down"),
        ("`opendata history` で別の版を選んでください", "choose another release with `opendata history`"),
        "--version 1.0.1",
        "--version 1.0.2",
    ),
    rule(
        "takedown.restored",
        "operator",
        (
            "カタログでは取り下げられている版が保管庫に残っています（古いバックアップを復元した可能性があります）",
            "The catalogue says that this release was taken down, the store still has it: an old backup was restored",
        ),
        ("取り下げ済みの保管庫", "a store in which it was taken down"),
        (
            "`opendata takedown` をもう一度実行してください。理由は版の隣の takedown.json にあります",
            "run `opendata takedown` again; takedown.json beside the release has the reason",
        ),
        "(a store from before the takedown)",
        "(opendata takedown, once more)",
    ),
]
