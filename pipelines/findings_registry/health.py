"""What `opendata health` says."""

from __future__ import annotations

from pipelines.findings_registry.rule import rule

HEALTH = [
    rule(
        "health.night",
        "operator",
        ("夜間処理がしばらく正常に終わっていません", "No night has ended well for some time"),
        ("{hours} 時間以内に終わった夜間処理", "a night that ended well within {hours} hours"),
        (
            "デーモンとその記録を確かめ、opendata nightly を実行してください",
            "look at the daemon and its log, then run opendata nightly",
        ),
        "2026-11-20T02:03:10+09:00",
        "2026-11-24T02:03:10+09:00",
    ),
    rule(
        "health.disk",
        "operator",
        ("ディスクの空きが足りません", "The disk is nearly full"),
        ("{least} 以上の空き", "at least {least} free"),
        (
            "空きを作るか、ディスクを広げてください。公開済みのデータは消さないでください",
            "make room or enlarge the disk; never delete what was published",
        ),
        "0.4 GiB",
        "40 GiB",
    ),
    rule(
        "health.backup",
        "operator",
        ("バックアップがしばらく取れていません", "No whole backup has been made for some time"),
        ("{hours} 時間以内の完全なバックアップ", "a whole backup made within {hours} hours"),
        (
            "バックアップ先のディスクと opendata-backup の記録を確かめ、opendata backup を実行してください",
            "look at the disk for backups and at the log of opendata-backup, then run opendata backup",
        ),
        "2026-11-20T05:10:10+09:00",
        "2026-11-24T05:10:10+09:00",
    ),
    rule(
        "health.catalogue",
        "operator",
        (
            "カタログ（{catalogue}）が記録どおりではありません（{reason}）",
            "The catalogue ({catalogue}) is not as the log says ({reason})",
        ),
        ("記録どおりのカタログ", "what the log says"),
        (
            "opendata nightly が元に戻します。続くときはカタログの書き込み権限を確かめてください",
            "opendata nightly mends it; if it comes back, see who writes into the catalogue",
        ),
        "damaged",
        "(none)",
    ),
    rule(
        "health.departed",
        "operator",
        (
            "公開中のデータセットに定義ファイルがなく、更新されません",
            "A published dataset has no files any more, and no night brings it up to date",
        ),
        ("schemas/{name}.yaml と sources/{name}.yaml", "schemas/{name}.yaml and sources/{name}.yaml"),
        (
            "二つのファイルを戻すか、公開を終えるなら opendata withdraw {name} を実行してください",
            "put the two files back or, when it is to be offered no longer, run opendata withdraw {name}",
        ),
        "1.0.3",
        "(both files)",
    ),
    rule(
        "health.late",
        "department",
        ("新しい期間のデータが届いていません", "The data of the next period have not come"),
        ("{due} までに次の期間のデータ", "the next period's data by {due}"),
        ("新しいファイルの提出予定を所管課に確かめてください", "ask the department for the new file"),
        "2022",
        "2024",
        "warn",
    ),
    rule(
        "telling.undelivered",
        "operator",
        ("通知を送れませんでした（{channel}）", "People could not be told ({channel})"),
        ("届く通知", "a message that arrives"),
        (
            "宛先と接続を確かめてください。次の夜にもう一度送ります",
            "see to the address and the connection; the next night sends it again",
        ),
        "ConnectError",
        "HTTP 200",
        "warn",
    ),
]
