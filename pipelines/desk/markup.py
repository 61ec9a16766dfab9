"""XML changed in place: elements are found with their byte positions, and only what changes is written anew.

A parser that writes the tree again would change prefixes, spaces and unknown extensions; Excel minds some of that.
A document type declaration is refused (no OOXML part may have one), and with it every entity bomb.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding
from pipelines.reading.sheetxml import NOT_XML

_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_CHUNK: Final = 1 << 20
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Edit = tuple[int, int, bytes]


@dataclass(slots=True)
class Element:
    """One element: its name without prefix, and where its start tag, its content and its end stand.

    `stop` is the position of its end tag; for `<a/>` that of the end of the tag.
    """

    name: str
    prefix: str
    space: str
    attributes: Mapping[str, str]
    depth: int
    start: int
    inside: int = 0
    stop: int = 0
    parent: str = ""
    hollow: bool = False

    def prefixed(self, name: str) -> str:
        """Another name of the same vocabulary, with this element's prefix."""
        return f"{self.prefix}:{name}" if self.prefix else name

    def append(self, content: bytes, new: bytes) -> Edit:
        """The edit that puts something before the end tag, also where there is none."""
        if not self.hollow:
            return self.stop, self.stop, new
        tag = content[self.start : self.inside].rstrip(b">").rstrip(b"/").rstrip()
        return self.start, self.inside, tag + b">" + new + inserted(f"</{self.prefixed(self.name)}>")


@dataclass(slots=True)
class _Scanner:
    content: bytes
    wanted: Collection[str]
    parser: expat.XMLParserType
    found: list[Element] = field(default_factory=list)
    open: list[Element | None] = field(default_factory=list)

    def start(self, name: str, attributes: list[str]) -> None:
        space, local, prefix = split(name)
        if self.wanted and local not in self.wanted:
            self.open.append(None)
            return
        parent = next((each.name for each in reversed(self.open) if each), "")
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
        element = Element(local, prefix, space, pairs, len(self.open), self.parser.CurrentByteIndex, parent=parent)
        element.inside, element.hollow = tag_end(self.content, element.start)
        self.found.append(element)
        self.open.append(element)

    def end(self, _: str) -> None:
        element = self.open.pop()
        if element:
            element.stop = element.inside if element.hollow else self.parser.CurrentByteIndex


def scan(content: bytes, wanted: Collection[str] = ()) -> list[Element]:
    """The elements of a part in document order, all of them or only those named. Raises DeliveryRefused."""
    parser = parser_for()
    scanner = _Scanner(content, frozenset(wanted), parser)
    parser.StartElementHandler, parser.EndElementHandler = scanner.start, scanner.end
    feed(parser, content)
    return scanner.found


def parser_for() -> expat.XMLParserType:
    """A parser that knows namespaces, keeps prefixes and refuses declarations of types and entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.namespace_prefixes = True
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse_types
    return parser


def feed(parser: expat.XMLParserType, content: bytes) -> None:
    """Parse a part block by block. Raises DeliveryRefused."""
    view = memoryview(content)
    try:
        for at in range(0, len(content), _CHUNK):
            parser.Parse(bytes(view[at : at + _CHUNK]), False)
        parser.Parse(b"", True)
    except NOT_XML as error:
        raise unreadable(str(error)) from error


def in_utf8(content: bytes) -> bytes:
    """A part that was written in UTF-16 in UTF-8; any other as it is."""
    if content[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return content
    text = content.decode("utf-16", "replace")
    return re.sub(r"""(<\?xml[^>]*?)\s+encoding=["'][^"']*["']""", r"\1", text, count=1).encode()


def _refuse_types(*_: object) -> None:
    raise unreadable("DOCTYPE")


def unreadable(why: str) -> DeliveryRefused:
    """The refusal of XML that can't be used."""
    return DeliveryRefused(Finding("file.damaged", found=why))


def split(name: str) -> tuple[str, str, str]:
    """Namespace, local name and prefix of a name as expat gives it."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""  # noqa: PLR2004  the prefix, where there is one


def tag_end(content: bytes, start: int) -> tuple[int, bool]:
    """The position after a start tag, and whether it is the whole element."""
    match = _TAG.match(content, start)
    assert match is not None
    return match.end(), match[0].endswith(b"/>")


def find(elements: Iterable[Element], name: str) -> Element:
    """The first element of a name. Raises DeliveryRefused when there is none."""
    for element in elements:
        if element.name == name:
            return element
    raise unreadable(f"<{name}> is missing")


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without prefix; empty when there is none."""
    return next((value for key, value in element.attributes.items() if split(key)[1] == name), "")


def with_attribute(tag: bytes, name: str, value: str) -> bytes:
    """A start tag in which an attribute without prefix has a value, replaced or added."""
    text = inserted(f'{name}="{escaped(value)}"')
    pattern = re.compile(rb"""(?<=\s)%s\s*=\s*(?:"[^"]*"|'[^']*')""" % name.encode())
    if pattern.search(tag):
        return pattern.sub(lambda _: text, tag, count=1)
    closing = b"/>" if tag.endswith(b"/>") else b">"
    return tag[: -len(closing)].rstrip() + b" " + text + closing


def changed_tag(content: bytes, element: Element, name: str, value: str) -> Edit:
    """The edit that sets an attribute of an element."""
    return element.start, element.inside, with_attribute(content[element.start : element.inside], name, value)


def spliced(content: bytes, edits: Sequence[Edit]) -> bytes:
    """The content with some stretches replaced; edits at one position stay in their order."""
    parts, at = [], 0
    for start, stop, new in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        parts += [content[at:start], new]
        at = max(at, stop)
    return b"".join([*parts, content[at:]])


def escaped(text: str) -> str:
    """A text for XML, also inside an attribute; characters that XML can't hold become `�`."""
    return escape(_UNFIT.sub("\ufffd", text), {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


def inserted(markup: str) -> bytes:
    """Markup for a part that is there already, in whatever encoding that is: ASCII alone."""
    return markup.encode("ascii", "xmlcharrefreplace")


def paragraph(text: str) -> str:
    """A text for the content of an element, its line ends kept."""
    return escape(_UNFIT.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n"))
