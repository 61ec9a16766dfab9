"""Every kind of finding. Messages, docs/findings.md and tests come from here; a test fails on a gap.

Columns: code, severity, whose task, what is wrong (ja, en), what was expected (ja, en), remedy (ja, en), a bad and
a good example. `{name}` places are facts that a finding of that code carries.
"""

from __future__ import annotations

from pipelines.findings import Rule
from pipelines.findings_registry.backup import BACKUP
from pipelines.findings_registry.cells import CELLS
from pipelines.findings_registry.constraints import CONSTRAINTS
from pipelines.findings_registry.deliveries import DELIVERIES
from pipelines.findings_registry.descriptors import DESCRIPTORS
from pipelines.findings_registry.desk import DESK
from pipelines.findings_registry.health import HEALTH
from pipelines.findings_registry.operation import OPERATION
from pipelines.findings_registry.steward import STEWARD
from pipelines.findings_registry.verify import VERIFY

REGISTRY: dict[str, Rule] = {
    rule.code: rule
    for rule in [
        *DESCRIPTORS,
        *DELIVERIES,
        *CELLS,
        *CONSTRAINTS,
        *OPERATION,
        *BACKUP,
        *DESK,
        *HEALTH,
        *VERIFY,
        *STEWARD,
    ]
}
