"""The desk answers its own page only, within limits, and keeps and tells nothing."""

from __future__ import annotations

import asyncio
import html
import io
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import xlwt

from pipelines.desk.frames import packed, unpacked
from pipelines.desk.guards import host_of
from pipelines.desk.settings import DeskSettings
from pipelines.desk.shelf import Outcome, Shelf
from pipelines.desk.uploads import shown_name
from pipelines.desk.worker import OUT_OF_MEMORY, in_memory
from pipelines.desk.workers import TooMuch, Workers
from pipelines.store.store import Store
from tests.desk.conftest import MEGABYTES, NAME, SECRET, Running
from tests.desk.workbooks import SHEET, parts, rich
from tests.desk.workbooks import packed as packed_parts


def links(answer: httpx.Response) -> list[str]:
    return re.findall(r'(?:href|action)="([^"#][^"]*)"', answer.text)


def test_a_workbook_is_checked_and_its_copy_can_be_taken(checked: httpx.Response) -> None:
    """The form leads to the report, the report to the copy, which has the marks."""
    assert checked.status_code == 200 and "修正が必要です" in checked.text
    copy = httpx.get(f"{checked.url}copy", timeout=60)
    assert quote("ごみ排出量の推移_確認結果.xlsx") in copy.headers["content-disposition"]
    assert b"mergeCell" in parts(copy.content)["xl/worksheets/sheet1.xml"]
    assert parts(copy.content)["xl/charts/chart1.xml"] == parts(rich())["xl/charts/chart1.xml"]


def test_a_csv_gets_a_workbook_with_marks(text_file: httpx.Response) -> None:
    """Departments use Excel, whatever they sent."""
    copy = httpx.get(f"{text_file.url}copy", timeout=60)
    assert "xl/comments1.xml" in parts(copy.content)


def test_a_result_that_is_forgotten_is_gone(desk: Running) -> None:
    """Report and copy, at once."""
    answer = desk.send(NAME, rich())
    where = str(answer.url)
    assert httpx.post(f"{where}forget", timeout=60).status_code == 303
    assert [httpx.get(where + part, timeout=60).status_code for part in ("", "copy")] == [404, 404]


def test_every_answer_forbids_frames_scripts_sniffing_and_storing(desk: Running, checked: httpx.Response) -> None:
    """Pages, script, refusals and downloads alike."""
    pages = [desk.get(path) for path in ("", "desk.js", "none", "cell/x/y/z")]
    for answer in [*pages, checked, httpx.get(f"{checked.url}copy", timeout=60)]:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers


def test_scripts_are_admitted_from_the_desk_itself_and_on_its_form_only(desk: Running, checked: httpx.Response) -> None:
    """A report, which shows what a file holds, runs nothing."""
    assert "script-src 'self'" in desk.get("").headers["content-security-policy"]
    assert "script-src" not in checked.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example"])
def test_other_names_are_not_answered(desk: Running, host: str) -> None:
    """A page elsewhere can make its own name mean this machine (DNS rebinding)."""
    assert desk.get("", headers={"Host": host}).status_code in {400, 421}


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_forms_of_other_pages_are_refused(desk: Running, origin: str) -> None:
    """Nobody's browser checks a file because another page says so."""
    assert desk.send(NAME, rich(), Origin=origin).status_code == 403


def test_a_file_that_is_too_large_is_refused_in_words(desk: Running) -> None:
    """With the limit; and the desk goes on."""
    answer = desk.send("大きい.xlsx", bytes((MEGABYTES << 20) + 1))
    assert answer.status_code == 413 and f"{MEGABYTES} MBまで" in answer.text
    assert desk.get("health").text == "well"


def test_a_form_without_a_file_is_refused_in_words(desk: Running) -> None:
    """As when somebody presses the button too early, or sends something else."""
    nothing = httpx.post(f"{desk.address}check?lang=ja", files={"other": "x"}, timeout=60)
    other = httpx.post(f"{desk.address}check", json={}, timeout=60)
    assert [nothing.status_code, other.status_code] == [400, 400] and "選ばれていません" in nothing.text


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_what_is_no_delivery_is_refused_with_the_reason(desk: Running, content: bytes) -> None:
    """A report that says why, and no copy."""
    answer = desk.send("壊れた.xlsx", content)
    assert "ファイルを読めません" in answer.text and "copy" not in links(answer)


def test_names_are_shown_and_never_used_as_paths(text_file: httpx.Response) -> None:
    """The last part of a name is all that is taken of it."""
    assert "<strong>内緒&lt;b&gt;.csv</strong>" in text_file.text


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a/b/../c.xlsx", "c.xlsx"), ("C:\\d\\e.csv", "e.csv"), ("a\x00\u202eb.csv", "a\ufffd\ufffdb.csv"), ("", "?")],
)
def test_the_name_that_is_shown(name: str, shown: str) -> None:
    """No folder, no control character, no letters that turn the others around."""
    assert shown_name(name) == shown


def test_nothing_of_a_file_is_logged_or_left(desk: Running, text_file: httpx.Response) -> None:
    """Neither its name nor its contents: not in the desk's output, not in its home."""
    assert SECRET in text_file.text
    written = [path for path in desk.log.parent.rglob("*") if path.is_file()]
    words = [word.encode(encoding) for word in (SECRET, "内緒") for encoding in ("utf-8", "cp932")]
    assert written and all(word not in path.read_bytes() for word in words for path in written)


def test_a_cell_of_an_archived_delivery_is_shown(desk: Running) -> None:
    """Around the cell, marked, read-only."""
    answer = desk.get(f"cell/{desk.delivery}/{quote(SHEET)}/B6")
    assert answer.status_code == 200 and "８７０ｇ" in answer.text
    marked = re.search(r'<td[^>]*class="[^"]*here[^"]*">([^<]*)', answer.text)
    assert marked is not None and marked[1] == "８７０ｇ"
    assert "<form" not in answer.text and "<script" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "cell/{sha}/ない/B6",
        "cell/{sha}/%2e%2e/B6",
        "cell/{sha}/ごみ排出量/B6:C9",
        "cell/{sha}/ごみ排出量/B0",
        "cell/{sha}/ごみ排出量/XFE1",
        "cell/{sha}/ごみ排出量/b6",
        "cell/" + "0" * 64 + "/ごみ排出量/B6",
        "cell/%2e%2e%2f%2e%2e%2fetc/ごみ排出量/B6",
        "cell/" + "A" * 64 + "/ごみ排出量/B6",
    ],
)
def test_an_address_that_is_not_exactly_a_cell_leads_nowhere(desk: Running, path: str) -> None:
    """Hash, sheet and cell are what they must be, or there is no such page."""
    answer = desk.get(path.format(sha=desk.delivery))
    assert answer.status_code == 404
    assert "[name.cell]" in answer.text and str(desk.log.parent) not in answer.text


def test_a_text_file_and_an_old_workbook_are_shown_too(desk: Running) -> None:
    """The one table of a text file is the sheet `-`; an .xls has sheets like any other."""
    store = Store(desk.log.parent / "store")
    text = store.put("年度,排出量\n2020,<b>902</b>\n".encode("cp932"))
    shown = desk.get(f"cell/{text}/-/B2")
    assert shown.status_code == 200 and "&lt;b&gt;902&lt;/b&gt;" in shown.text and "<b>902" not in shown.text
    old = store.put(old_workbook())
    assert "902" in desk.get(f"cell/{old}/{quote('排出量')}/A1").text


def old_workbook() -> bytes:
    """An .xls with one figure."""
    book, out = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("排出量").write(0, 0, 902)
    book.save(out)
    return out.getvalue()


def test_a_sheet_whose_name_looks_like_a_path_or_markup_is_found(desk: Running) -> None:
    """A name is a name: it leads nowhere else and marks nothing up."""
    hostile = parts(rich())
    name = "a/../<b>"
    book = hostile["xl/workbook.xml"].decode()
    hostile["xl/workbook.xml"] = book.replace(f'"{SHEET}"', f'"{html.escape(name)}"').encode()
    delivery = Store(desk.log.parent / "store").put(packed_parts(hostile))
    answer = desk.get(f"cell/{delivery}/{quote(name, safe='')}/B6")
    assert answer.status_code == 200 and "８７０ｇ" in answer.text and "<b>" not in answer.text


def test_an_archived_delivery_is_checked_where_it_lies(desk: Running) -> None:
    """The report alone: no copy, no form, and its name is a text."""
    answer = desk.get(f"cell/{desk.delivery}/", params={"dataset": "waste_per_capita", "file": "<b>名前</b>.xlsx"})
    assert answer.status_code == 200 and "&lt;b&gt;名前" in answer.text and "<form" not in answer.text
    assert "修正が必要です" in answer.text
    assert desk.get(f"cell/{'0' * 64}/").status_code == 404


def test_behind_a_proxy_archived_deliveries_are_not_shown_unless_said() -> None:
    """A raw delivery can hold hidden sheets: only who sits at the machine, or a steward's desk, shows them."""
    assert DeskSettings().shows_cells
    assert not DeskSettings(hosts="desk.city.example").shows_cells
    assert DeskSettings(hosts="desk.city.example", cells=True).shows_cells


@pytest.mark.parametrize(
    ("header", "name"),
    [("localhost:80", "localhost"), ("[::1]:80", "[::1]"), ("LOCALHOST", "localhost"), ("[", ""), ("a:b", "")],
)
def test_the_name_in_a_host_header(header: str, name: str) -> None:
    """Without its port; what is none is nobody."""
    assert host_of(header) == name or name == ""


def test_the_shelf_keeps_results_for_a_while_and_never_too_much() -> None:
    """The oldest make room."""
    now = [0.0]
    shelf = Shelf(60, 25, clock=lambda: now[0])
    first, second = (shelf.put(Outcome("0123456789", b"", "a")) for _ in range(2))
    assert shelf.get(first) and shelf.get(second)
    third = shelf.put(Outcome("0123456789", b"", "a"))
    assert [shelf.get(token) is None for token in (first, second, third)] == [True, False, False]
    now[0] = 61
    assert shelf.get(third) is None and len(shelf) == 0


def test_messages_between_desk_and_worker_come_back_whole() -> None:
    """Facts and bytes; anything cut off is refused."""
    message = packed({"a": "あ"}, b"", b"x" * 10)
    assert unpacked(message) == ({"a": "あ"}, [b"", b"x" * 10])
    for cut in (b"", message[:-1], message[:4]):
        with pytest.raises(ValueError):  # noqa: PT011
            unpacked(cut)


def test_a_check_that_takes_too_long_is_ended() -> None:
    """And its process with it."""
    settings = DeskSettings.model_construct(seconds=0.01, memory_megabytes=3072, checks=1)

    async def ask() -> None:
        workers = Workers(settings)
        try:
            with pytest.raises(TooMuch):
                await workers.ask({"ask": "check", "lang": "ja"}, b"x")
        finally:
            await workers.close()

    asyncio.run(ask())


def test_no_process_is_left_of_checks_that_come_close_together() -> None:
    """Each starts the next one's process ahead; none is forgotten."""
    started: list[asyncio.subprocess.Process] = []

    class Cats(Workers):
        async def _start(self) -> asyncio.subprocess.Process:
            pipe = asyncio.subprocess.PIPE
            process = await asyncio.create_subprocess_exec("cat", stdin=pipe, stdout=pipe)
            started.append(process)
            return process

    async def ask() -> None:
        workers = Cats(DeskSettings.model_construct(seconds=5, memory_megabytes=3072, checks=4))
        for _ in range(5):
            await asyncio.gather(*(workers.ask({"of": number}) for number in range(4)))
        await workers.close()

    asyncio.run(ask())
    assert len(started) > 5 * 4
    assert [process.returncode for process in started if process.returncode is None] == []


def test_a_worker_is_held_to_its_memory() -> None:
    """What it can't have ends it, not the machine."""
    code = (
        "from pipelines.desk.worker import hold_to; hold_to(256, 60)\n"
        f"try: bytearray(512 << 20)\nexcept MemoryError: raise SystemExit({OUT_OF_MEMORY})"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == OUT_OF_MEMORY


def test_a_file_in_memory_has_a_path_and_no_place() -> None:
    """What wants to open it by name can, any number of times."""
    path = in_memory(b"abc")
    assert [path.read_bytes(), path.read_bytes()] == [b"abc", b"abc"]
    assert "memfd" in str(Path(path).readlink())
