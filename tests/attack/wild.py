"""Values nobody means, and bodies that are no form's, as somebody who looks for faults would send them."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

SCRIPT = "<script>alert(1)</script>"
VALUES = (
    *("", " ", "\t", "\x00", "甲\x00乙", "\x1b[31m", "\x7f", "\u0085", "\ufeff", "\u200b", "\u202e甲乙"),
    *("\ud800", "\udfff甲", "👩‍👩‍👧‍👦", "𠮷" * 300, "e" + "\u0301" * 200, "甲" * 5_000, "a" * 20_000),
    *("0", "-1", "-0", "1", "2", "9" * 400, "-" + "9" * 30, "9223372036854775807", "9223372036854775808"),
    *("18446744073709551616", "2147483648", "1e309", "1_0", "+1", " 1", "1.5", "NaN", "inf", "0x10"),
    *("٣", "①", "²", "一", "true", "on", "[]", "{}", "null", "None", "undefined"),
    *("0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-41", "0000-00-00", "-1-1-1"),
    *("0001-01-01T00:00", "9999-12-31T23:59", "2026-10-21T25:61", "24:00", "99:99", "2026-W53", "2026-13"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59.999999Z"),
    *("' OR 1=1 --", '";', SCRIPT, '"><img src=x onerror=alert(1)>', "{{7*7}}", "{%", "%(n)s", "%s%n", "%"),
    *("../../etc/passwd", "..\\..\\x", "//example.org", "javascript:alert(1)", "=1+1", "@SUM(1)", "\r\nX: y"),
    *("甲\r\n乙", "\n" * 200, "13800138000", "110101199003070011", "ZX-A01", "*", "\\", "'"),
)
texts = st.one_of(
    st.sampled_from(VALUES),
    st.text(max_size=40),
    st.text(alphabet=st.characters(), max_size=12),
    st.integers(-(10**20), 10**20).map(str),
    st.dates().map(str),
    st.datetimes().map(lambda at: at.isoformat()),
)
FILES: Sequence[tuple[str, bytes]] = (
    *(
        ("x.csv", b""),
        ("窗口.csv", "大厅,编号\nZX,E01\n".encode()),
        ("窗口.csv", b"\xff\xfe\x00\x00"),
        ("", b"x"),
    ),
    *(("x.xlsx", b"PK\x03\x04" + b"\x00" * 60), ("x.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600)),
    *(("x.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40), ("x.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 40)),
    *(
        ("../../x.pdf", b"%PDF-1.7\n%%EOF"),
        ("x.exe", b"MZ" + b"\x00" * 100),
        ("甲" * 300 + ".png", b"GIF89a"),
    ),
    *(
        ("窗口.csv", ("大厅,编号,部门,类型\n" + "ZX,=1+1,\x00,甲\n" * 50).encode()),
        ("x.svg", b"<svg onload=x>"),
    ),
)
_DEEP = "[" * 4_000 + "]" * 4_000
_BOUNDARY = "multipart/form-data; boundary=b"
_PART = b'--b\r\nContent-Disposition: form-data; name="'
BODIES: Sequence[tuple[str, bytes]] = (
    *(
        ("application/json", body.encode())
        for body in ("", "{", "[]", "1", '"x"', "null", '{"a": 1e999}', _DEEP)
    ),
    ("application/json", b'{"key": "\xff"}'),
    ("application/json", b'{"key": "\\ud800"}'),
    ("application/json; charset=utf-16", b'{"a": 1}'),
    ("text/plain", b"level=1"),
    ("application/octet-stream", bytes(range(256))),
    ("application/x-www-form-urlencoded", b"%FF=%ED%A0%80&&==&level=%00&%"),
    ("application/x-www-form-urlencoded; charset=x", b"level=1"),
    ("application/x-www-form-urlencoded", b"a=1&" * 2_000),
    ("multipart/form-data", b"--b--"),
    (_BOUNDARY, b""),
    (_BOUNDARY, b"--b\r\n\r\nx"),
    (_BOUNDARY, _PART + b"x\r\n\r\n1\r\n--b"),
    (_BOUNDARY, _PART + b'x"; filename="\xff\x00"\r\n\r\n1\r\n--b--\r\n'),
    (_BOUNDARY, (_PART + b'x"\r\n\r\n1\r\n') * 1_200 + b"--b--\r\n"),
    ("multipart/mixed; boundary=b", b"--b\r\n\r\n--b--"),
    ("\u00e9", b"x"),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(VALUES) | st.text(max_size=10),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class Body:
    """What is sent: a content type and its bytes."""

    kind: str
    content: bytes


@st.composite
def changed(draw: st.DrawFn, fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """The fields of a form with some wild, some missing, some twice, and one nobody asked for."""
    names = sorted(fields) or ["x"]
    wild = draw(st.sets(st.sampled_from(names), max_size=3))
    missing = draw(st.sets(st.sampled_from(names), max_size=1)) - wild
    sent = [
        (name, draw(texts) if name in wild else fields.get(name, "")) for name in names if name not in missing
    ]
    if draw(st.integers(0, 5)) == 0:
        sent.append((draw(st.sampled_from(names)), draw(texts)))
    if draw(st.integers(0, 9)) == 0:
        sent.append((draw(texts), draw(texts)))
    return sent


def quoted(value: str) -> str:
    """A value as it stands in an address or a plain form, half characters as they are."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def encoded(sent: Sequence[tuple[str, str]]) -> str:
    """Fields as a query or a plain form writes them, half characters as they are."""
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in sent)


def in_parts(sent: Sequence[tuple[str, str]], files: Sequence[tuple[str, tuple[str, bytes]]]) -> Body:
    """Fields and files as a form with files sends them."""
    body = io.BytesIO()
    for name, value in sent:
        body.write(_PART + name.encode("utf-8", "surrogatepass") + b'"\r\n\r\n')
        body.write(value.encode("utf-8", "surrogatepass") + b"\r\n")
    for name, (file, content) in files:
        body.write(
            _PART + name.encode() + b'"; filename="' + file.encode() + b'"\r\n\r\n' + content + b"\r\n"
        )
    body.write(b"--b--\r\n")
    return Body(_BOUNDARY, body.getvalue())


@st.composite
def bodies(draw: st.DrawFn, fields: Mapping[str, str], files: Sequence[str]) -> Body:
    """A body for a form of these fields; `files` names those that take files."""
    shape = draw(st.integers(0, 9))
    if shape == 0:
        kind, content = draw(st.sampled_from(BODIES))
        return Body(kind, content)
    sent = draw(changed(fields))
    if shape == 1:
        given: Any = draw(json_values)
        return Body("application/json", json.dumps({**dict(sent), "x": given}).encode())
    if files and shape < 8:
        return in_parts(sent, [(name, draw(st.sampled_from(FILES))) for name in files])
    return Body("application/x-www-form-urlencoded", encoded(sent).encode())
