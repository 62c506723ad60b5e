import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.params import decode_param, parse_content_type, parse_disposition


@pytest.mark.parametrize(
    ("value", "kind", "params"),
    [
        (b"text/plain", b"text/plain", {}),
        (b'Text/Plain; Charset="utf-8"; a=b', b"Text/Plain", {b"Charset": b"utf-8", b"a": b"b"}),
        (b"text / plain ;\n\tcharset = x", b"text/plain", {b"charset": b"x"}),
        (b"text (c)/(d)plain", b"text/plain", {}),
        (b"text", b"text/", {}),
        (b"text/", b"/", {}),
        (b"text/plain x=y", b"/", {}),
        (b"", b"/", {}),
        (b'a/b; x="q\\"s"; y=""', b"a/b", {b"x": b'q"s', b"y": b""}),
        (b"a/b; x*0=1; x*1=2", b"a/b", {b"x": b"12"}),
        (b"a/b; x*1=2; x*0*=u''%41", b"a/b", {b"x*": b"u''%412"}),
        (b"a/b; x*0=1%; x*1*=%41", b"a/b", {b"x*": b"''1%25%41"}),
        (b"a/b; x*0=1; x*2=3", b"a/b", {b"x*0": b"1", b"x*2": b"3"}),
        (b"a/b; ; x; =y; z=1", b"a/b", {b"": b"y", b"z": b"1"}),
        (b"a/b; x==?utf-8?q?a?=; y=1", b"a/b", {b"x": b"=?utf-8?q?a?=", b"y": b"1"}),
    ],
)
def test_content_type(value: bytes, kind: bytes, params: dict[bytes, bytes]) -> None:
    found = parse_content_type(value)

    assert found.type + b"/" + found.subtype == kind
    assert dict(found.params) == params


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"a; n=plain", "plain"),
        (b"a; n*=utf-8'en'gr%C3%BCn", "grün"),
        (b"a; n*0*=iso-8859-1''gr%FC; n*1=n", "grün"),
        (b'a; n="=?utf-8?q?gr=C3=BCn?="', "grün"),
        (b"a; n*=broken", "broken"),
        (b"a; n=old; n*=utf-8''new", "new"),
        (b"a; m=1", None),
    ],
)
def test_decoded_parameters(value: bytes, text: str | None) -> None:
    disposition = parse_disposition(value)

    assert disposition is not None
    assert decode_param(disposition[1], b"n") == text


@given(st.text("ab;=\"\\*0(/) \n'%\0é", max_size=60))
def test_garbage_never_raises(text: str) -> None:
    found = parse_content_type(b"a/b" + text.encode())
    decode_param(found.params, b"a")
    parse_disposition(text.encode())
