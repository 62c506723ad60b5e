import pytest

from culver.mime.parse import parse_message
from culver.mime.preview import preview

ALTERNATIVE = (
    b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n"
    b"<b>html</b>\n--b\nContent-Type: text/plain\n\nplain\n--b--\n"
)
HTML = b"Content-Type: text/html\n\n<style>p {}</style><p>a&amp;b<br>c</p><!-- no -->"


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (b"\nHello\n  world\n", "Hello world"),
        (b"\n> quoted\nown\n", "own"),
        (b"\n> only quoted\n", "only quoted"),
        (HTML, "a&b c"),
        (ALTERNATIVE, "plain"),
        (b"Content-Type: image/png\n\nx", ""),
        (b"Content-Type: message/rfc822\n\n\ninner", ""),
        (b"\n" + b"x" * 300, "x" * 200),
        (b"", ""),
    ],
)
def test_preview(mail: bytes, text: str) -> None:
    assert preview(mail, parse_message(mail)) == text
