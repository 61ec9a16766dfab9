"""The store: objects by sha256, one numbered log, memos. Its two verbs are put-if-absent and append."""

from pipelines.store.entry import Approval, Entry, ReleaseRef, Rollback, Takedown, Withdrawal
from pipelines.store.log import Log
from pipelines.store.moments import Departure
from pipelines.store.store import Store

__all__ = ["Approval", "Departure", "Entry", "Log", "ReleaseRef", "Rollback", "Store", "Takedown", "Withdrawal"]
