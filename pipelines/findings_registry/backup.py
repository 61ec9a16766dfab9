"""Backups and what is restored from them."""

from __future__ import annotations

from pipelines.findings_registry.rule import rule

BACKUP = [
    rule(
        "backup.none", "operator",
        ("この場所に完全なバックアップがありません", "There is no whole backup of that number here"),
        ("番号のある完全なバックアップ", "a whole backup, which has a number"),
        ("場所と番号を確かめてください。途中で切れたバックアップは数えません", "check the place and the number; a backup that was cut off does not count"),
        "(an empty folder)", "backups/00000007.json",
    ),
    rule(
        "backup.damaged", "operator",
        ("バックアップの中のファイルがないか、壊れています", "A file of the backup is missing or damaged"),
        ("記録したハッシュと同じ内容", "the content that its record names by hash"),
        ("ほかのバックアップ（別の場所か --number）から戻してください。直す前にもう一度バックアップを取ると、手元にあるファイルで補われます", "restore another backup (another place, or --number); where the store is still well, take the damaged file out and back up again"),
        "(other bytes)", "(the same bytes)",
    ),
    rule(
        "backup.other_history", "operator",
        ("記録の {number} 番が、バックアップの記録（{kept}）と違います", "Entry {number} of the log is another one than the backup has ({kept})"),
        ("同じ履歴、またはその続き", "the same history, or one that goes on from it"),
        ("何も変えていません。バックアップには別の場所を、戻すときは空の OPENDATA_HOME を使ってください", "nothing was changed; back up to another place, or restore into an OPENDATA_HOME that is empty"),
        "a1b2c3d4e5f6", "(the same hash)",
    ),
    rule(
        "backup.target", "operator",
        ("バックアップ先が OPENDATA_HOME と重なっています", "The place for backups and OPENDATA_HOME are one within the other"),
        ("別のディスクの別のフォルダー", "another folder, on another disk"),
        ("別の場所を指定してください", "name another place"),
        "/var/lib/opendata/backup", "/mnt/backup/opendata",
    ),
]  # fmt: skip
