"""Bad deliveries of many kinds, each with the findings that it must come to.

Every expectation is written out by hand: where a person would look, what was expected and found there, what to do.
"""

from __future__ import annotations

from typing import NamedTuple

from pipelines.findings import Finding
from tests import edits
from tests.edits import Edit

CHECK = "check the value against its source, mend it and hand the file in again"
DIGITS = "write digits only; look for the letters O and l and for {}"
HEADER = (
    "give the header its text back; if it was changed for good, the operator adds the new one to columns in sources/"
)
SHEET = "give the sheet its name back, or tell the operator that it changed"
PAGE = "it may be a saved error page: hand in the file itself"
SAVE = "save the file again and hand it in"
OPEN = "see whether Excel opens it, save it again and hand it in"
PLACE = "put the file in that place"
QUOTE = "quote values that hold a comma and take extra separators out"


class Told(NamedTuple):
    """What a finding says in English, apart from its dataset and file. `cell` is `line N` where only that is known."""

    code: str
    sheet: str
    cell: str
    field: str
    expected: str
    found: str
    remedy: str
    count: int = 1


class Fault(NamedTuple):
    """One way of spoiling one delivery, and the findings that hold it back."""

    name: str
    dataset: str
    edit: Edit
    told: list[Told]


def told(finding: Finding) -> Told:
    """What a finding says."""
    place, rule = finding.place, finding.rule
    return Told(
        code=finding.code,
        sheet=place.sheet,
        cell=f"line {place.line}" if place.line else place.cell,
        field=place.field,
        expected=rule.expected.fill("en", finding.facts),
        found=finding.found,
        remedy=rule.remedy.fill("en", finding.facts),
        count=finding.count,
    )


def _header(sheet: str, cell: str, field: str, header: str, found: str) -> list[Told]:
    return [Told("header.missing", sheet, cell, field, f"a column headed “{header}”", found, HEADER)]


def _broken_files(dataset: str, kind: str, path: str) -> list[Fault]:
    """What can happen to any file. None of it has a sheet or a cell."""
    damaged = "a sector behind the end of the file" if path.endswith(".xls") else "zip: no end of central directory"
    cut = [Told("file.damaged", "", "", "", "a file that can be read to its end", damaged, OPEN)]
    page = [Told("file.html", "", "", "", f"a file of kind {kind}", "html", PAGE)]
    empty = [Told("file.empty", "", "", "", f"a file of kind {kind}", "empty", SAVE)]
    gone = [Told("source.missing", "", "", "", f"a file at {path}", "", PLACE)]
    every = [
        Fault("cut_off", dataset, edits.cut_off, cut),
        Fault("html_page", dataset, edits.html_page, page),
        Fault("zero_bytes", dataset, edits.emptied, empty),
        Fault("missing", dataset, edits.gone, gone),
    ]
    return every if kind == "workbook" else every[1:]


# A workbook with title and unit lines above a header of two rows; its years are Japanese eras.
WASTE = "waste_per_capita"
_WASTE_SHEET = "ごみ排出量"
_WASTE = [
    Fault(
        "letter",
        WASTE,
        edits.cells({"B7": "９Ｏ２"}),
        [
            Told(
                "cell.integer",
                _WASTE_SHEET,
                "B7",
                "grams_per_person_day",
                "a whole number, such as 902 or 1,234",
                "９Ｏ２",
                DIGITS.format("decimals"),
            )
        ],
    ),
    Fault(
        "emptied",
        WASTE,
        edits.cells({"B6": None}),
        [Told("constraint.required", _WASTE_SHEET, "B6", "grams_per_person_day", "a value", "", CHECK)],
    ),
    Fault(
        "doubled_key",
        WASTE,
        edits.cells({"A6": "平成26年度"}),
        [Told("key.primary", _WASTE_SHEET, "A5:A6", "fiscal_year", "one fiscal_year for each row", "2014", CHECK, 2)],
    ),
    Fault(
        "header",
        WASTE,
        edits.cells({"B4": "排出量"}),
        _header(
            _WASTE_SHEET,
            "A3:B4",
            "grams_per_person_day",
            "ごみ排出量/1人1日当たり(g) | 1人1日当たり排出量(g)",
            "年度、ごみ排出量/排出量",
        ),
    ),
    Fault(
        "sheet",
        WASTE,
        edits.without_sheet(_WASTE_SHEET),
        [Told("sheet.missing", "", "", "", "a sheet named “ごみ排出量”", "Sheet1", SHEET)],
    ),
    *_broken_files(WASTE, "workbook", "deliveries/environment/ごみ排出量の推移.xlsx"),
]

# A wide workbook: years as columns, in two tables on one sheet.
STATIONS = "nambu_line_station_passengers"
_STATIONS_SHEET = "駅別乗降人員"
_STATIONS = [
    Fault(
        "letter",
        STATIONS,
        edits.cells({"D9": "2895O"}),
        [
            Told(
                "cell.integer",
                _STATIONS_SHEET,
                "D9",
                "passengers",
                "a whole number, such as 902 or 1,234",
                "2895O",
                DIGITS.format("decimals"),
            )
        ],
    ),
    Fault(  # one empty cell, which two published columns and eight published years are read from
        "emptied",
        STATIONS,
        edits.cells({"A8": None}),
        [
            Told("constraint.required", _STATIONS_SHEET, "A8", "station", "a value", "", CHECK),
            Told("constraint.required", _STATIONS_SHEET, "A8", "station_en", "a value", "", CHECK),
        ],
    ),
    Fault(
        "doubled_key",
        STATIONS,
        edits.cells({"A9": "尻手"}),
        [
            Told(
                "key.primary",
                _STATIONS_SHEET,
                "A8:A9",
                "station",
                "one fiscal_year, station for each row",
                "2011, 尻手",
                CHECK,
                2,
            )
        ],
    ),
    Fault(
        "header",
        STATIONS,
        edits.cells({"A5": "駅"}),
        _header(_STATIONS_SHEET, "A5:M6", "station", "駅名", "駅"),
    ),
    Fault(  # a year that is no year: sixteen stations, one cell
        "year",
        STATIONS,
        edits.cells({"D5": "平成XX年度"}),
        [
            Told(
                "cell.year",
                _STATIONS_SHEET,
                "D5",
                "fiscal_year",
                "such as 2018, 平成30年度 or H30 ",
                "平成XX年度",
                "write four digits, or era and year",
            ),
            Told(
                "rule.complete_periods",
                _STATIONS_SHEET,
                "E5",
                "fiscal_year",
                "periods without a gap (fiscal_year)",
                "中野島, 2014",
                CHECK,
            ),
        ],
    ),
    Fault(
        "sheet",
        STATIONS,
        edits.without_sheet(_STATIONS_SHEET),
        [Told("sheet.missing", "", "", "", "a sheet named “駅別乗降人員”", "Sheet1", SHEET)],
    ),
]

# A workbook that lies on its side: years as columns, measures as rows.
PREMIUMS = "nhi_premium_collection"
_PREMIUMS = [
    Fault(
        "letter",
        PREMIUMS,
        edits.cells({"C6": "9.Z2"}),
        [
            Told(
                "cell.number",
                "収入率",
                "C6",
                "arrears_rate",
                "a number, such as 902, 1,234.5 or ▲10.2",
                "9.Z2",
                DIGITS.format("notes in the cell"),
            )
        ],
    ),
    Fault(
        "emptied",
        PREMIUMS,
        edits.cells({"C5": None}),
        [Told("constraint.required", "収入率", "C5", "current_year_rate", "a value", "", CHECK)],
    ),
    Fault(
        "doubled_key",
        PREMIUMS,
        edits.cells({"D4": "平成20年度"}),
        [
            Told("key.primary", "収入率", cell, "fiscal_year", "one fiscal_year for each row", "2008", CHECK)
            for cell in ("C4", "D4")
        ],
    ),
    Fault(
        "header",
        PREMIUMS,
        edits.cells({"B5": "現年度分"}),
        _header(
            "収入率",
            "A4:B11",
            "current_year_rate",
            "収入率(%)/現年分",
            "年度、収入率(%)/現年度分、収入率(%)/滞納繰越分、収入率(%)/計、調定額(億円)/現年分、調定額(億円)/計、"
            "収入額(億円)/現年分、収入額(億円)/計",
        ),
    ),
    Fault(
        "decimals",
        PREMIUMS,
        edits.cells({"D6": 27.845}),
        [
            Told(
                "cell.decimals",
                "収入率",
                "D6",
                "arrears_rate",
                "at most 2 decimal places",
                "27.845",
                "check the figure and write it anew; nothing is rounded by itself",
            )
        ],
    ),
]

# A cp932 CSV with a title line, thousands separators, and labels that are not repeated.
HOUSEHOLD = "household_waste"
_HOUSEHOLD = [
    Fault(
        "letter",
        HOUSEHOLD,
        edits.text('"223,754"', '"223,75O"', "cp932"),
        [
            Told(
                "cell.integer",
                "",
                "C4",
                "tonnes",
                "a whole number, such as 902 or 1,234",
                "223,75O",
                DIGITS.format("decimals"),
            )
        ],
    ),
    Fault(
        "emptied",
        HOUSEHOLD,
        edits.text('"17,091"', "", "cp932"),
        [Told("constraint.required", "", "C5", "tonnes", "a value", "", CHECK)],
    ),
    Fault(
        "doubled_key",
        HOUSEHOLD,
        edits.text("空き缶・空きびん", "普通ごみ", "cp932"),
        [
            Told(
                "key.primary",
                "",
                "B4:B5",
                "category",
                "one fiscal_year, category for each row",
                "2023, ordinary",
                CHECK,
                2,
            )
        ],
    ),
    Fault(
        "header",
        HOUSEHOLD,
        edits.text("区分,収集量", "区分,量", "cp932"),
        _header("", "A3:C3", "tonnes", "収集量 | 収集量(t)", "年度、区分、量"),
    ),
    Fault(
        "ragged",
        HOUSEHOLD,
        edits.text('"3,143"', "3,143", "cp932"),
        [Told("csv.ragged", "", "A10:D10", "", "3 columns", "4", QUOTE)],
    ),
    Fault(
        "ragged_twice",
        HOUSEHOLD,
        edits.all_of(edits.text('"3,143"', "3,143", "cp932"), edits.text(',粗大ごみ,"11,304"', ",粗大ごみ", "cp932")),
        [Told("csv.ragged", "", "A7:B7", "", "3 columns", "2", QUOTE, 2)],
    ),
    Fault(
        "quotes",
        HOUSEHOLD,
        edits.text('"3,143"', '"3,143', "cp932"),
        [
            Told(
                "csv.quotes",
                "",
                "line 11",
                "",
                "a quote that is opened is closed at the end of its field",
                "',' expected after '\"'",
                "mend the quotes of that line",
            )
        ],
    ),
    Fault(
        "encoding",
        HOUSEHOLD,
        edits.recoded("cp932", "utf-8"),
        [Told("file.encoding", "", "line 1", "", "text in cp932", "85 ac e8 a1 a8 e5 80 a4", "save it as cp932")],
    ),
    Fault(  # the copy was broken off between two bytes of one character
        "cut_off",
        HOUSEHOLD,
        edits.cut_off,
        [Told("file.encoding", "", "line 6", "", "text in cp932", "58 83 60 83 62 83 4e 90", "save it as cp932")],
    ),
    *_broken_files(HOUSEHOLD, "csv", "deliveries/environment/家庭系ごみの収集量_公表値から再構成.csv"),
]

# An old workbook (.xls) with two tables, one below the other.
HISTORY = "population_history"
_HISTORY = [
    Fault(
        "letter",
        HISTORY,
        edits.cells({"C21": "137363O"}),
        [
            Told(
                "cell.integer",
                "推移",
                "C21",
                "population",
                "a whole number, such as 902 or 1,234",
                "137363O",
                DIGITS.format("decimals"),
            )
        ],
    ),
    Fault(
        "emptied",
        HISTORY,
        edits.cells({"D30": ""}),
        [Told("constraint.required", "推移", "D30", "basis", "a value", "", CHECK)],
    ),
    Fault(
        "doubled_key",
        HISTORY,
        edits.cells({"A22": "平成20年1月1日"}),
        [Told("key.primary", "推移", "A21:A22", "date", "one date for each row", "2008-01-01", CHECK, 2)],
    ),
    Fault(
        "header",
        HISTORY,
        edits.cells({"C19": "総人口"}),
        _header("推移", "A19:D19", "population", "人口", "年月日、世帯数、総人口、区分"),
    ),
    Fault(
        "sheet",
        HISTORY,
        edits.without_sheet("推移"),
        [Told("sheet.missing", "", "", "", "a sheet named “推移”", "Sheet1", SHEET)],
    ),
    Fault(  # thirty-five cells with one cause
        "shifted",
        HISTORY,
        edits.shifted(50, 84, 4),
        [Told("constraint.required", "推移", "D50:D84", "basis", "a value", "", CHECK, 35)],
    ),
    *_broken_files(HISTORY, "workbook", "deliveries/general_affairs/世帯数・人口の推移_公表値から再構成.xls"),
]

FAULTS = [*_WASTE, *_STATIONS, *_PREMIUMS, *_HOUSEHOLD, *_HISTORY]
