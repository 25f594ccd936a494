"""Tags of mp3 files: ID3v2.3 (id3.org, M. Nilsson 1999), text in UTF-16.

libsndfile hands UTF-8 to LAME as if it were Latin-1, so that every player shows “TÃ­tle”; hence we write the tag ourselves.
"""

from __future__ import annotations

from collections.abc import Mapping

FRAMES = {"title": b"TIT2", "artist": b"TPE1", "album": b"TALB", "genre": b"TCON", "date": b"TYER"}
"""Tags, as libsndfile calls them, and their frames."""


def tagged(mp3: bytes, tags: Mapping[str, str]) -> bytes:
    """The same music with these tags, and no others, in front."""
    frames = [_frame(name, _text(tags[tag])) for tag, name in FRAMES.items() if tags.get(tag)]
    if tags.get("comment"):
        empty = b"\xff\xfe\x00\x00"  # of the comment's own heading
        frames.append(_frame(b"COMM", b"\x01eng" + empty + tags["comment"].encode("utf-16")))
    if tags.get("software"):
        frames.append(_frame(b"TSSE", _text(tags["software"])))
    body = b"".join(frames)
    head = b"ID3\x03\x00\x00" + bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return (head if body else b"") + body + bare(mp3)


def bare(mp3: bytes) -> bytes:
    """Without the tags at its beginning (version 2) and its end (version 1)."""
    if mp3[:3] == b"ID3" and len(mp3) > 10:
        size = sum((byte & 0x7F) << shift for byte, shift in zip(mp3[6:10], (21, 14, 7, 0)))
        mp3 = mp3[10 + size :]
    return mp3[:-128] if mp3[-128:-125] == b"TAG" else mp3


def _text(text: str) -> bytes:
    return b"\x01" + text.encode("utf-16")


def _frame(name: bytes, data: bytes) -> bytes:
    return name + len(data).to_bytes(4, "big") + b"\x00\x00" + data
