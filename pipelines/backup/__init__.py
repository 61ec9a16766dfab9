"""Backups: what can't be made again, copied while nights go on, and put back.

    <target>/objects/ab/abcdef…     every file that was ever kept here, by the sha256 of its content
    <target>/backups/00000007.json  one whole backup; it gets its number when all that it names is there
    <target>/workshop/…             half-finished things

Objects never change, so a second backup copies only the difference. The log is read first: whatever it names was in
the store before. A backup that was cut off has no number, and its copies serve the next one. The catalogue is not
copied: the next night makes it again from the store, byte for byte.
"""

from pipelines.backup.restore import Rehearsed, Restored, rehearse, restore
from pipelines.backup.save import Saved, backup
from pipelines.backup.vault import Contents, Vault

__all__ = ["Contents", "Rehearsed", "Restored", "Saved", "Vault", "backup", "rehearse", "restore"]
