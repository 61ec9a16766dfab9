"""The store: objects by sha256, one numbered log, memos. Its two verbs are put-if-absent and append."""

from pipelines.store.log import Entry, Log, ReleaseRef, Withdrawal
from pipelines.store.store import Store

__all__ = ["Entry", "Log", "ReleaseRef", "Store", "Withdrawal"]
