"""An .xlsx made of the grids of a file that is none (a CSV, an old .xls), so that places can be marked in it.

Written part by part into memory: the libraries for this hold every cell as an object or use a file on disk, and a
delivery of a million rows must do neither.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Final

from pipelines.desk.marks import LAST_COLUMN, LAST_ROW, Area, address
from pipelines.desk.markup import escaped, paragraph
from pipelines.desk.package import RELATIONS
from pipelines.desk.styles import MAIN, NO_STYLES
from pipelines.reading.grid import Grid

_UNFIT_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST: Final = 32_767  # letters that a cell can hold
DEFAULT_SHEET: Final = "CSV"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
_NAMES: Final = f'xmlns="{MAIN}" xmlns:r="{RELATIONS}"'
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def sheet_name(name: str) -> str:
    """The name of a grid's sheet as Excel allows it."""
    return _UNFIT_NAME.sub("_", name)[:31].strip("'") or DEFAULT_SHEET


def workbook_of(grids: Sequence[Grid]) -> bytes:
    """The bytes of a workbook with every text as a text: nothing becomes a figure, a date, a link or a formula."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in _frame([sheet_name(grid.sheet) for grid in grids]).items():
            book.writestr(_info(name), content)
        for number, grid in enumerate(grids, 1):
            with book.open(_info(f"xl/worksheets/sheet{number}.xml"), "w") as sheet:
                _write(sheet, grid)
    return out.getvalue()


def _info(name: str) -> zipfile.ZipInfo:
    """A part dated 1980: the same grids give the same bytes."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _frame(names: Sequence[str]) -> dict[str, str | bytes]:
    """Every part but the sheets."""
    sheets = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(names) + 1)]
    kinds = {
        "xl/workbook.xml": "sheet.main+xml",
        "xl/styles.xml": "styles+xml",
        **dict.fromkeys(sheets, "worksheet+xml"),
    }
    types = "".join(f'<Override PartName="/{part}" ContentType="{_KIND}.{kind}"/>' for part, kind in kinds.items())
    listed = "".join(f'<sheet name="{escaped(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    links = [_link(f"rId{n}", "worksheet", f"/{part}") for n, part in enumerate(sheets, 1)]
    links.append(_link(f"rId{len(sheets) + 1}", "styles", "/xl/styles.xml"))
    usual = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_TYPES}">{usual}{types}</Types>',
        "_rels/.rels": _links([_link("rId1", "officeDocument", "/xl/workbook.xml")]),
        "xl/workbook.xml": f"{_HEAD}<workbook {_NAMES}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _links(links),
        "xl/styles.xml": NO_STYLES,
    }


def _link(identifier: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{identifier}" Type="{RELATIONS}/{kind}" Target="{target}"/>'


def _links(links: Sequence[str]) -> str:
    return f'{_HEAD}<Relationships xmlns="{_LINKS}">{"".join(links)}</Relationships>'


def _write(sheet: IO[bytes], grid: Grid) -> None:
    """The XML of a sheet, row by row."""
    rows = grid.rows[: LAST_ROW + 1]
    width = min(max((len(row) for row in rows), default=1), LAST_COLUMN + 1)
    whole = Area(0, 0, max(len(rows) - 1, 0), max(width - 1, 0)).text()
    start = f'<dimension ref="{whole}"/><sheetViews><sheetView tabSelected="0" workbookViewId="0"/></sheetViews>'
    columns = f'<cols><col min="1" max="{max(width, 1)}" width="16" customWidth="1"/></cols>'
    sheet.write(f'{_HEAD}<worksheet xmlns="{MAIN}">{start}{columns}<sheetData>'.encode())
    for number, row in enumerate(rows):
        if any(row):
            cells = "".join(_cells(number, row[: LAST_COLUMN + 1]))
            sheet.write(f'<row r="{number + 1}">{cells}</row>'.encode())
    sheet.write(f"</sheetData>{_merged(grid)}</worksheet>".encode())


def _cells(number: int, row: Sequence[str]) -> Iterator[str]:
    for column, text in enumerate(row):
        if text:
            words = f'<is><t xml:space="preserve">{paragraph(text[:_LONGEST])}</t></is>'
            yield f'<c r="{address(number, column)}" t="inlineStr">{words}</c>'


def _merged(grid: Grid) -> str:
    refs = [Area(*first, *last).text() for first, last in grid.merged if first != last]
    each = "".join(f'<mergeCell ref="{ref}"/>' for ref in refs)
    return f'<mergeCells count="{len(refs)}">{each}</mergeCells>' if refs else ""
