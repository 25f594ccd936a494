"""How requests and events cross the border between the window's process and an engine's.

Two anonymous pipes carry messages, one piece of shared memory carries the arrays of clips.

A message is a header (magic, length of the JSON, length of the blob), JSON, and a blob. Nothing is pickled: what
crosses the border is data, and a broken engine cannot make the window run code. The array of a clip travels in one of
two ways that the receiver cannot tell apart: up to 64 KiB, or when the shared memory is full, as the message's blob;
else in the shared memory, which the receiver gives back with a "free" message as soon as it has copied the array out.

| message  | direction        | fields                                                              |
|----------|------------------|---------------------------------------------------------------------|
| run      | window to engine | id, spec, checkpoint (a path or null)                               |
| sketch   | window to engine | id, spec, draft, clips: what its sources hold, see `core.sketch`    |
| cancel   | window to engine | id                                                                  |
| ping     | window to engine | n                                                                   |
| free     | window to engine | at: a place in the shared memory (sent and handled by `Link` itself) |
| look     | window to engine | look for models again                                               |
| shutdown | window to engine |                                                                     |
| hello    | engine to window | pid, device, memory, seconds: what was started and how long it took; cards and broken as in models |
| models   | engine to window | cards: of the models that are there; broken: a sentence for each that cannot be used |
| broken   | engine to window | message, details: the engine could not start                        |
| pong     | engine to window | n                                                                   |
| event    | engine to window | id, event                                                           |

Why pipes of the child and not a socket: both ends see the other's death as an end of file at once, on every system,
with no name, port or key that could be guessed, stolen or left behind. Why not `multiprocessing.shared_memory`: its
segments have names, so somebody must live long enough to remove them, and its resource tracker removes them too early
or complains. The memory here has no name on POSIX (a memfd, or an unlinked file, inherited by its descriptor), and on
Windows the system counts the handles; so after any kill of any of the processes the kernel has already cleaned up.
"""

from __future__ import annotations

import bisect
import dataclasses
import json
import mmap
import os
import struct
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, get_args

import numpy as np
from numpy.typing import NDArray

from studio.core.clip import Clip
from studio.core.job import Event, JobSpec, read_spec

INLINE = 64 * 1024
"""Arrays up to this many bytes go through the pipe."""
ARENA = 128 * 2**20
"""Size of the shared memory. Pages never touched cost nothing; a clip that does not fit goes through the pipe."""

_MAGIC = b"DSw1"
_HEADER = struct.Struct(">4sIQ")
_ALIGN = 4096
_LIMIT = 64 * 2**20
_EVENTS: dict[str, type] = {cls.__name__: cls for cls in get_args(Event)}


class WireError(Exception):
    """What came over the border is not a message: the other side is broken."""


class Gone(WireError):
    """The other side has ended."""


class Arena:
    """Memory that two processes share. One side makes it and hands `handle` (and on POSIX the descriptors `fds`) to the
    other, which opens it. Only one side, the sender of clips, may `put` and `free`; both may `get`."""

    def __init__(self, view: mmap.mmap, handle: str, fds: tuple[int, ...] = ()) -> None:
        self.handle = handle
        self.fds = fds
        self._map = view
        self._taken: list[tuple[int, int]] = []
        self._lock = threading.Lock()

    @classmethod
    def create(cls, size: int = ARENA) -> Arena:
        """Raises OSError where the system has no memory to share."""
        if sys.platform == "win32":
            tag = f"diffusion-studio-{uuid.uuid4().hex}"
            return cls(_named(tag, size), f"tag:{tag}:{size}")
        if hasattr(os, "memfd_create"):
            fd = os.memfd_create("diffusion-studio")
        else:
            with tempfile.TemporaryFile() as file:
                fd = os.dup(file.fileno())
        try:
            os.ftruncate(fd, size)
            return cls(mmap.mmap(fd, size), f"fd:{fd}:{size}", (fd,))
        except BaseException:
            os.close(fd)
            raise

    @classmethod
    def open(cls, handle: str) -> Arena:
        """`handle` of the arena that the parent made -> the same memory, in the child."""
        kind, name, size = handle.split(":")
        if kind == "tag" and sys.platform == "win32":
            return cls(_named(name, int(size)), handle)
        fd = int(name)
        os.set_inheritable(fd, False)  # the engine's own children must not keep it alive
        return cls(mmap.mmap(fd, int(size)), handle, (fd,))

    def put(self, array: NDArray[Any]) -> int | None:
        """Copies a C-contiguous array in -> its place, or None when there is no room."""
        with self._lock:
            at = 0
            for start, end in self._taken:
                if start - at >= array.nbytes:
                    break
                at = -(-end // _ALIGN) * _ALIGN
            if at + array.nbytes > len(self._map):
                return None
            bisect.insort(self._taken, (at, at + array.nbytes))
        self._map[at : at + array.nbytes] = array.data.cast("B")
        return at

    def free(self, at: int) -> None:
        """Gives a place back. A place that is not taken is ignored."""
        with self._lock:
            for start, end in self._taken:
                if start == at:
                    if end - start > 2**23 and hasattr(mmap, "MADV_REMOVE"):
                        # Otherwise one long film would keep its memory until the engine ends.
                        self._map.madvise(mmap.MADV_REMOVE, start, (end - start) // _ALIGN * _ALIGN)
                    self._taken.remove((start, end))
                    return

    def get(self, at: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """A copy of what lies at `at`.

        Raises:
            WireError: the place is not inside the memory.
        """
        count = int(np.prod(shape, dtype=np.int64))
        if not 0 <= at <= at + count * dtype.itemsize <= len(self._map):
            raise WireError(f"place {at} with shape {shape} is outside the shared memory")
        return np.frombuffer(self._map, dtype, count, at).reshape(shape).copy()

    @property
    def taken(self) -> int:
        """Bytes in use."""
        return sum(end - start for start, end in self._taken)

    def close(self) -> None:
        """Lets go of the memory; the system frees it when the other side has let go as well."""
        try:
            self._map.close()
        except BufferError:  # somebody is copying out of it right now: the garbage collector closes it later
            pass
        for fd in self.fds:
            os.close(fd)
        self.fds = ()


class Link:
    """One end of the border: sends and receives messages, with the clips in them.

    `send` may be called from any thread, `receive` from one.
    """

    def __init__(self, reader: BinaryIO, writer: BinaryIO, arena: Arena | None = None) -> None:
        """`reader` and `writer` must be unbuffered."""
        self._reader = reader
        self._writer = writer
        self._arena = arena
        self._lock = threading.Lock()

    def send(self, kind: str, event: Event | None = None, clips: Sequence[Clip] = (), **fields: Any) -> None:
        """Sends a message; `event`, if given, becomes its field of that name, and so do `clips`, which always go through
        the pipe (a picture of 512 x 512 takes half a millisecond).

        Raises:
            Gone: nobody is left at the other end.
        """
        blob: memoryview | bytes = b""
        if event is not None:
            fields["event"], blob = self._pack(event)
        elif clips:
            fields["clips"] = [_described(clip) for clip in clips]
            blob = b"".join(np.ascontiguousarray(clip.array).data.cast("B") for clip in clips)
        text = json.dumps({"is": kind, **fields}, separators=(",", ":")).encode()
        head = _HEADER.pack(_MAGIC, len(text), len(blob)) + text
        try:
            with self._lock:
                if len(blob) <= INLINE:
                    self._write(head + bytes(blob))
                else:
                    self._write(head)
                    self._write(blob)
        except (OSError, ValueError) as error:  # ValueError: the file was closed
            raise Gone(str(error)) from None

    def receive(self) -> dict[str, Any] | None:
        """The next message, with its kind under "is" and its event, if it has one, as an `Event`; None at the end.

        Raises:
            WireError: this is not a message.
        """
        while True:
            try:
                head = self._read(_HEADER.size)
                if head is None:
                    return None
                magic, text_length, blob_length = _HEADER.unpack(head)
                if magic != _MAGIC or text_length > _LIMIT:
                    raise WireError(f"{bytes(head)!r} is not the start of a message")
                text = self._read(text_length)
                blob = self._read(blob_length)
                if text is None or blob is None:
                    return None
            except (OSError, ValueError):
                return None
            try:
                message: dict[str, Any] = json.loads(bytes(text))
                if message["is"] == "free":
                    if self._arena:
                        self._arena.free(message["at"])
                    continue
                if "event" in message:
                    message["event"] = self._unpack(message["event"], blob)
                if "clips" in message:
                    message["clips"] = _cut(message["clips"], blob)
                return message
            except (KeyError, TypeError, ValueError) as error:
                raise WireError(f"a message could not be understood: {error!r}") from error

    def close(self) -> None:
        for file in (self._writer, self._reader):
            try:
                file.close()
            except OSError:
                pass

    def _write(self, data: bytes | memoryview) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._writer.write(rest) :]

    def _read(self, length: int) -> bytearray | None:
        data = bytearray(length)
        rest = memoryview(data)
        while rest:
            count = self._reader.readinto(rest)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
            if not count:
                return None
            rest = rest[count:]
        return data

    def _pack(self, event: Event) -> tuple[dict[str, Any], memoryview | bytes]:
        blob: memoryview | bytes = b""
        data: dict[str, Any] = {"type": type(event).__name__}
        for name, value in _fields(event):
            if isinstance(value, Clip):
                array = np.ascontiguousarray(value.array)
                at = self._arena.put(array) if self._arena and array.nbytes > INLINE else None
                if at is None:
                    blob = array.data.cast("B")
                value = {**_described(value), "at": at}
            elif isinstance(value, JobSpec):
                value = value.model_dump(mode="json")
            data[name] = value
        return data, blob

    def _unpack(self, data: dict[str, Any], blob: bytearray) -> Event:
        cls = _EVENTS[data.pop("type")]
        if "clip" in data:
            data["clip"] = self._unpack_clip(data["clip"], blob)
        if "spec" in data:
            data["spec"] = read_spec(data["spec"])
        if "notes" in data:
            data["notes"] = tuple(data["notes"])
        return cls(**data)

    def _unpack_clip(self, data: dict[str, Any], blob: bytearray) -> Clip:
        shape, dtype, at = tuple(data["shape"]), np.dtype(data["dtype"]), data["at"]
        if at is None:
            array = np.frombuffer(blob, dtype).reshape(shape)
        elif self._arena:
            array = self._arena.get(at, shape, dtype)
            try:
                self.send("free", at=at)
            except Gone:
                pass  # whoever is gone needs no room
        else:
            raise WireError("a clip lies in shared memory, and there is none")
        return Clip(array, tuple(data["axes"]), data["rate"])


def _described(clip: Clip) -> dict[str, Any]:
    array = clip.array
    return {"axes": clip.axes, "rate": clip.rate, "shape": array.shape, "dtype": array.dtype.str}


def _cut(described: list[dict[str, Any]], blob: bytearray) -> list[Clip]:
    """Clips that lie one after the other."""
    clips: list[Clip] = []
    at = 0
    for one in described:
        shape, dtype = tuple(one["shape"]), np.dtype(one["dtype"])
        array = np.frombuffer(blob, dtype, int(np.prod(shape, dtype=np.int64)), at).reshape(shape)
        clips.append(Clip(array, tuple(one["axes"]), one["rate"]))
        at += array.nbytes
    return clips


def _fields(event: Event) -> Iterable[tuple[str, Any]]:
    return ((field.name, getattr(event, field.name)) for field in dataclasses.fields(event))


def _named(tag: str, size: int) -> mmap.mmap:
    """Windows only: memory that is known by a name for as long as somebody has it open."""
    return mmap.mmap(-1, size, tagname=tag)  # pyright: ignore[reportCallIssue]
