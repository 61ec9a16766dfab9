"""Whether a published catalogue is what it says it is: recomputed from outside, from a folder or over HTTP.

    verify(target, since)    everything that is wrong, named: a `Report`

Needs nothing of the pipeline that made the catalogue: no store, no schemas, no settings. What stands in the files is
taken for hostile until its hash was found in something above it.

    catalogue.json ─▶ release.json of each dataset ─▶ its files, and the release.json before it ─▶ …
                   ─▶ other forms of the current release
    changes.jsonl  ─▶ every release.json that ever was, in order; its last line is the head
"""

from pipelines.verify.report import Report
from pipelines.verify.verify import verify

__all__ = ["Report", "verify"]
