"""A release in the forms that other tools open: for spreadsheets, for JavaScript, for statistics, and whole as one zip.

    <name>.spreadsheet.csv   the CSV with a byte order mark, its formulas disarmed       `spreadsheet`
    <name>.xlsx              typed cells, frozen header, dictionary and notes            `workbook`
    <name>.json              an array of rows                                            `rows`
    <name>.jsonstat.json     JSON-stat 2.0, where the table is a cube                    `cube`
    <name>.zip               the data package, whole                                     `packed`
    forms.json               which of these there are, and why not the others            `made`

All are made of the release's Parquet (the zip of its files), once, and have its values: docs/formats.md says how each
type is written. A form that a table is too long or otherwise not fit for is left out, with the reason.
"""

from pipelines.formats.made import formats

__all__ = ["formats"]
