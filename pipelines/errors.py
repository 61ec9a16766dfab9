"""The tree of errors. Each carries one `Finding`, so it names place, expected, found and remedy.

    OpenDataError
    ├── ConfigurationError      the YAML files or the settings can't be used        exit 2
    ├── DeliveryRefused         a delivery can't be read; its dataset is held back   exit 1
    ├── ReaderEnded             the process that opens workbooks was ended           exit 4
    ├── SourceUnavailable       a source doesn't answer; its dataset is held back    exit 1
    ├── StoreError              the store is damaged or can't be written             exit 4
    ├── CatalogueError          the catalogue can't be read or written               exit 4
    ├── ApprovalRefused         what a steward decides on is not what there is       exit 1
    ├── TakenDown               bytes that must not be public; they are gone         exit 1
    └── UnknownName             no dataset, release or figure of that name           exit 3

Errors are for things that stop a step. What is wrong *inside* the data is not an error but a list
of `Finding`, so that every bad cell is reported and not the first only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pipelines.findings import Finding


class ExitCode:
    """The exit codes of every command. Documented in docs/commands.md."""

    WELL = 0
    FINDINGS = 1
    UNUSABLE = 2
    USAGE = 3
    BROKEN = 4


class OpenDataError(Exception):
    """Base of every error that a user of the pipeline is meant to read."""

    exit_code: ClassVar[int] = ExitCode.BROKEN

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.code)

    @property
    def code(self) -> str:
        """The stable code; machines match on this and never on words."""
        return self.finding.code

    def __str__(self) -> str:
        return self.finding.text("en")


class ConfigurationError(OpenDataError):
    """The schemas, the sources or the settings can't be used; nothing was touched."""

    exit_code = ExitCode.UNUSABLE


class DeliveryRefused(OpenDataError):
    """The bytes received are no delivery that the source file describes."""

    exit_code = ExitCode.FINDINGS


class ReaderEnded(OpenDataError):
    """Somebody, or the machine for want of memory, ended the process that opens workbooks; or it can't read the file.

    It says nothing of the delivery, and the next night reads it again.
    """


class SourceUnavailable(OpenDataError):
    """The source did not answer or isn't there; another try may succeed."""

    exit_code = ExitCode.FINDINGS


class StoreError(OpenDataError):
    """An object or a log entry is missing, damaged or can't be written."""


class CatalogueError(OpenDataError):
    """The catalogue can't be read or written."""


class ApprovalRefused(OpenDataError):
    """What a steward decides on is not what there is by now; she has to look again."""

    exit_code = ExitCode.FINDINGS


class TakenDown(OpenDataError):
    """Bytes that a steward took down: nobody gets them, and nothing puts them back."""

    exit_code = ExitCode.FINDINGS


class UnknownName(OpenDataError):
    """Nobody knows a dataset, a release or a figure of that name."""

    exit_code = ExitCode.USAGE
