"""OpenRaster: projects that Krita, GIMP and MyPaint open as layers (openraster.org, version 0.0.5).

    mimetype                    first and not compressed
    stack.xml                   the layers from top to bottom
    data/*.png                  what other programs show of each layer
    mergedimage.png             the blended picture
    Thumbnails/thumbnail.png    at most 256 x 256
    studio/document.json        what OpenRaster cannot say: kinds, requests, regions, the generation box, ...
    studio/*.png                pixels of transformed layers before their transform, and the selection

Masks and regions are written as hidden layers whose alpha is the mask, so they survive a trip through other programs.
`studio/document.json` names the digest of the stack it belongs to: if another program changed the layers, the stack is
believed and only what still fits by name of the data file is taken over.

A damaged file is refused with one sentence (`DamagedProject`), which carries whatever layers could still be read.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import struct
import weakref
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from studio.core import take
from studio.core.document import Document
from studio.core.going import Going
from studio.core.job import MAX_SIDE, BadRequest, JobSpec, read_spec
from studio.core.layer import BLEND_MODES, IDENTITY, Layer, LayerKind, Matrix, Pixels, new_id
from studio.core.region import Rect, Region
from studio.core.shot import Shot
from studio.core.timeline import from_data, to_data
from studio.media.files import sentence, write_whole
from studio.media.links import found_takes, relinked

MIME = b"image/openraster"
VERSION = 1
THUMBNAIL = 256
MAX_BYTES = 1 << 31
"""Of one unpacked member: more is a bomb and not a layer."""
BAND, CHUNK = 1 << 20, 1 << 13
"""Bytes that are packed at once, and of one piece of a PNG file."""

_TO_ORA = {"normal": "svg:src-over", "add": "svg:plus"} | {
    mode: f"svg:{mode}" for mode in BLEND_MODES if mode not in ("normal", "add")
}
_FROM_ORA = {name: mode for mode, name in _TO_ORA.items()} | {"svg:add": "add", "krita:add": "add"}


@dataclass(frozen=True)
class Opened:
    """A project that was read. `notes`: sentences for the user; `extra`: what `save_ora` was given; `own`: ours?"""

    document: Document
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    own: bool = False


class DamagedProject(BadRequest):
    """The file is broken. `salvage`: the layers that could still be read, or None."""

    def __init__(self, message: str, salvage: Opened | None = None) -> None:
        super().__init__(message)
        self.salvage = salvage


# --- writing ----------------------------------------------------------------------------------------------


def save_ora(path: Path, document: Document, extra: Mapping[str, Any] | None = None) -> None:
    """Writes a project in one step.

    Raises:
        BadRequest: it cannot be written there; what was there before is untouched.
    """
    write_whole(path, OraWriter().snapshot(document, extra))


class OraWriter:
    """Writes the same document again and again (autosave): layers that did not change are not packed twice.

    One file at a time: what `prepare` returned must be written or dropped before the next one is prepared.
    """

    def __init__(self) -> None:
        self._packed: dict[tuple[str, str], tuple[tuple[Any, ...], bytes]] = {}

    def snapshot(
        self, document: Document, extra: Mapping[str, Any] | None = None, merged: bool = True
    ) -> Callable[[BinaryIO], None]:
        """Copies what is needed of a document at once; the result writes it to an open file, on any thread.

        Args:
            extra: JSON data of the caller, given back by `read_ora`.
            merged: whether the blended picture is written in full size (the other programs' preview of the file).
        """
        prepared = self.prepare(document, extra, merged)
        prepared.take()
        return prepared.write

    def prepare(
        self, document: Document, extra: Mapping[str, Any] | None = None, merged: bool = True
    ) -> Prepared:
        """The same in three steps, of which only this one and `Prepared.holds` belong on the thread that edits."""
        return Prepared(Shot(document), self._packed, dict(extra or {}), merged)


class Prepared:
    """A project on its way to a file; see `studio.core.shot` for what may be called where."""

    def __init__(
        self,
        shot: Shot,
        packed: dict[tuple[str, str], tuple[tuple[Any, ...], bytes]],
        extra: dict[str, Any],
        merged: bool,
    ) -> None:
        self._shot, self._packed, self._extra, self._merged = shot, packed, extra, merged
        self._small: Pixels | None = None
        self._tell: Callable[[int], object] = _nobody

    def take(self) -> None:
        """Copies the pixels that will be needed."""
        for key in [key for key in self._packed if key[0] not in self._shot.live]:
            del self._packed[key]
        self._small = thumbnail(self._shot.document)
        self._shot.take(lambda layer: self._merged or any(not same for _, same in self._names(layer)))

    def holds(self) -> bool:
        """Whether nothing was painted meanwhile; otherwise prepare it again."""
        return self._shot.holds()

    def write(self, file: BinaryIO, going: Going | None = None) -> None:
        """Raises what writing to the file raises, and `Stopped`."""
        assert self._small is not None, "take() comes first"
        document = self._shot.document
        going = going or Going()
        going.expect(self._cost())
        self._tell = going.more
        big = document.compose() if self._merged else self._small
        size = (document.width, document.height)
        layers = [(layer, lambda layer=layer: self._pack(layer)) for layer in document.layers]
        _write(file, size, _tree(document), layers, _describe(document), document.selection, self._small, big,
               self._extra, going.more)  # fmt: skip

    def _cost(self) -> int:
        """Bytes of pixels that will be packed; the blended picture's once more, for the blending."""
        document = self._shot.document
        cost = sum(
            layer.pixels.nbytes for layer in document.layers for _, same in self._names(layer) if not same
        )
        return cost + 4 * document.width * document.height * (1 if self._merged else 0)

    def _names(self, layer: Layer) -> list[tuple[str, bool]]:
        """The members of the archive that hold a layer's pixels, and whether the packed ones are still right."""
        if layer.kind == "group":
            return []
        state = self._state(layer)
        names = [f"data/{layer.id}.png"] + [f"studio/{layer.id}.png"] * (layer.matrix != IDENTITY)
        return [(name, self._packed.get((layer.id, name), (None,))[0] == state) for name in names]

    def _state(self, layer: Layer) -> tuple[Any, ...]:
        # The live layer itself belongs to it: a project that is opened twice has two layers of one id.
        live = weakref.ref(self._shot.live[layer.id])
        return (live, layer.version, layer.x, layer.y, layer.matrix, layer.pixels.shape, _tint(layer))

    def _pack(self, layer: Layer) -> dict[str, bytes]:
        """Name in the archive -> PNG, packed only if it changed since the last time."""
        out: dict[str, bytes] = {}
        for name, same in self._names(layer):
            if same:
                out[name] = self._packed[layer.id, name][1]
                continue
            shown = name.startswith("data/")
            pixels = layer.render(layer.rect) if shown and layer.matrix != IDENTITY else layer.pixels
            share = layer.pixels.nbytes / max(pixels.nbytes, 1)
            out[name] = _png(
                _colored(pixels, _tint(layer)) if shown else pixels,
                lambda amount, share=share: self._tell(round(amount * share)),
            )
            self._packed[layer.id, name] = (self._state(layer), out[name])
        return out


def _tint(layer: Layer) -> tuple[int, int, int]:
    return layer.region.color if layer.region else (255, 92, 122)


def _write(file: BinaryIO, size: tuple[int, int], tree: ElementTree.Element, layers: list[Any], described: dict[str, Any],
           selection: Pixels | None, small: Pixels, big: Pixels, extra: dict[str, Any], tell: Callable[[int], object]) -> None:  # fmt: skip
    stack = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(tree, "utf-8")
    described |= {
        "stack": hashlib.sha256(stack).hexdigest(),
        "extra": extra,
        "selection": selection is not None,
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", _EPOCH), MIME)
        _put(archive, "stack.xml", stack, pack=True)
        for _, job in layers:
            for name, data in job().items():
                _put(archive, name, data)
        _put(archive, "mergedimage.png", _png(big, tell))
        _put(archive, "Thumbnails/thumbnail.png", _png(small))
        if selection is not None:
            _put(archive, "studio/selection.png", _png(selection))
        _put(archive, "studio/document.json", json.dumps(described, ensure_ascii=False).encode(), pack=True)


_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same document makes the same bytes


def _put(archive: zipfile.ZipFile, name: str, data: bytes, pack: bool = False) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.external_attr = 0o644 << 16
    archive.writestr(info, data, zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED)


def _nobody(amount: int) -> None:
    pass


def _png(pixels: Pixels, tell: Callable[[int], object] = _nobody) -> bytes:
    """Quick PNG of grey or RGBA pixels; a layer without pixels becomes one clear pixel (PNG knows no empty picture). `tell` hears how
    many bytes of pixels were packed.

    Written here because Pillow's encoder holds the interpreter for as long as it takes to fill 64 kB, a quarter of a
    second where much compresses well, and the window stands still meanwhile; zlib and NumPy let it go. The small IDAT
    chunks do the same for whoever reads it. (PNG specification 3: filter type 2 is the difference to the line above.)
    """
    if pixels.size == 0:
        pixels = np.zeros((1, 1, *pixels.shape[2:]), np.uint8)
    high, wide = pixels.shape[:2]
    row = wide * (4 if pixels.ndim == 3 else 1)
    kind = 6 if pixels.ndim == 3 else 0
    parts = [b"\x89PNG\r\n\x1a\n", *_chunk(b"IHDR", struct.pack(">2I5B", wide, high, 8, kind, 0, 0, 0))]
    packer, above = zlib.compressobj(1), np.zeros(row, np.uint8)
    band = max(1, BAND // row)
    for top in range(0, high, band):
        lines = np.ascontiguousarray(pixels[top : top + band]).reshape(-1, row)
        out = np.empty((len(lines), row + 1), np.uint8)
        out[:, 0] = 2
        np.subtract(lines[0], above, out=out[0, 1:])
        np.subtract(lines[1:], lines[:-1], out=out[1:, 1:])
        above = lines[-1]
        last = top + band >= high
        data = packer.compress(out.data) + (packer.flush() if last else b"")
        for at in range(0, len(data), CHUNK):
            parts += _chunk(b"IDAT", data[at : at + CHUNK])
        tell(lines.nbytes)
    return b"".join([*parts, *_chunk(b"IEND", b"")])


def _chunk(name: bytes, data: bytes) -> tuple[bytes, ...]:
    return struct.pack(">I", len(data)), name, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def _colored(pixels: Pixels, color: tuple[int, int, int]) -> Pixels:
    """A mask as others can see it: one colour with the mask as alpha."""
    if pixels.ndim == 3:
        return pixels
    out = np.empty((*pixels.shape, 4), np.uint8)
    out[..., :3] = color
    out[..., 3] = pixels
    return out


def _tree(document: Document) -> ElementTree.Element:
    image = ElementTree.Element(
        "image", w=str(document.width), h=str(document.height), version="0.0.5", xres="72", yres="72"
    )
    root = ElementTree.SubElement(image, "stack")

    def fill(parent: ElementTree.Element, group: str) -> None:
        for layer in reversed(document.members(group)):
            shared = {
                "name": _clean(layer.name),
                "opacity": f"{layer.opacity:.6g}",
                "visibility": "visible" if layer.visible and not layer.paints_mask else "hidden",
                "composite-op": _TO_ORA[layer.blend],
            }
            if layer.kind == "group":
                fill(ElementTree.SubElement(parent, "stack", shared | {"isolation": "isolate"}), layer.id)
                continue
            if layer.locked:
                shared["edit-locked"] = "true"
            if document.active is layer:
                shared["selected"] = "true"
            place = {"src": f"data/{layer.id}.png", "x": str(layer.rect.x), "y": str(layer.rect.y)}
            ElementTree.SubElement(parent, "layer", shared | place)

    fill(root, "")
    return image


def _clean(text: str) -> str:
    """Without the control characters and lone surrogates that XML cannot hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and c not in "\ufffe\uffff")
    )


def _describe(document: Document) -> dict[str, Any]:
    film = {} if document.timeline.empty else {"timeline": to_data(document.timeline)}
    sounds = {"takes": take.to_data(document.takes)} if document.takes else {}
    return {
        **film,
        **sounds,
        "version": VERSION,
        "active": document.active.id if document.active else "",
        "box": list(document.box),
        "layers": [
            {
                "id": layer.id,
                "name": layer.name.encode("utf-8", "replace").decode(),
                "kind": layer.kind,
                "x": layer.x,
                "y": layer.y,
                "empty": list(layer.pixels.shape[:2]) if layer.pixels.size == 0 else None,
                "matrix": list(layer.matrix),
                "opacity": layer.opacity,
                "blend": layer.blend,
                "visible": layer.visible,
                "locked": layer.locked,
                "feather": layer.feather,
                "group": layer.group,
                "region": vars(layer.region) if layer.region else None,
                "spec": layer.spec.model_dump(mode="json") if layer.spec else None,
            }
            for layer in document.layers
        ],
    }


def thumbnail(document: Document, side: int = THUMBNAIL) -> Pixels:
    """The document small: [h, w, 4], at most side x side.

    Takes every n-th pixel of each layer, so it costs the same at any size."""
    step = max(1, math.ceil(max(document.width, document.height) / side))
    small = Document(max(1, document.width // step), max(1, document.height // step))
    layers: list[Layer] = []
    for layer in document.layers:
        a, b, c, d, e, f = layer.matrix
        pixels = layer.pixels[step // 2 :: step, step // 2 :: step] if step > 1 else layer.pixels
        layers.append(
            Layer(layer.name, layer.kind, np.ascontiguousarray(pixels), layer.x // step, layer.y // step,
                  (a, b, c / step, d, e, f / step), layer.opacity, layer.blend, layer.visible, group=layer.group, id=layer.id,
                  region=layer.region)
        )  # fmt: skip
    small.set_layers(layers)
    return small.compose()


# --- reading ----------------------------------------------------------------------------------------------


def read_ora(path: Path) -> Opened:
    """Reads a project of ours or of another program.

    Raises:
        BadRequest: there is no such file, or it is no OpenRaster file.
        DamagedProject: it is broken; one sentence, and what could be salvaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadRequest(sentence(path, error)) from None
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError):
        if not data.startswith(b"PK\x03\x04"):
            raise BadRequest(
                f"{path.name} is not an OpenRaster project; open it as a picture instead."
            ) from None
        raise _damaged(path.name, data, "it is cut off or overwritten") from None
    with archive:
        names = set(archive.namelist())
        if "stack.xml" not in names:
            if "mimetype" in names or "studio/document.json" in names:
                raise _damaged(path.name, data, "its list of layers is missing")
            raise BadRequest(f"{path.name} is not an OpenRaster project; it has no list of layers inside.")
        reader = _Reader(lambda name: _member(archive, name), names)
        try:
            opened = reader.read()
        except _Broken as problem:
            raise _damaged(path.name, data, str(problem)) from None
    notes: list[str] = []
    if not opened.document.timeline.empty:
        film, notes = relinked(opened.document.timeline, path)
        opened.document.set_timeline(film)
    if opened.document.takes:
        takes, missing = found_takes(opened.document.takes, path)
        opened.document.set_takes(takes)
        notes = [*notes, *missing]
    return replace(opened, notes=(*opened.notes, *notes)) if notes else opened


class _Broken(Exception):
    """What is wrong, as the middle of a sentence."""


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        if archive.getinfo(name).file_size > MAX_BYTES:
            raise _Broken(f"{name} inside is too large")
        return archive.read(name)
    except KeyError:
        raise _Broken(f"{name} inside is missing") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError, ValueError):
        raise _Broken(f"{name} inside is broken") from None


class _Reader:
    """Args: member: name -> bytes, raises _Broken; names: what is there; lenient: leave out what cannot be read."""

    def __init__(self, member: Callable[[str], bytes], names: set[str], lenient: bool = False) -> None:
        self.member, self.names, self.lenient = member, names, lenient
        self.notes: list[str] = []
        self.lost: list[str] = []

    def read(self) -> Opened:
        stack = self.member("stack.xml")
        if len(stack) > 1 << 24 or b"<!DOCTYPE" in stack or b"<!ENTITY" in stack:
            raise _Broken("its list of layers is not what it should be")
        try:
            image = ElementTree.fromstring(stack)
            width, height = int(image.get("w", "0")), int(image.get("h", "0"))
        except (ElementTree.ParseError, ValueError, RecursionError):
            raise _Broken("its list of layers is broken") from None
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise _Broken(f"its size of {width} x {height} is not possible here")
        described = self._described()
        own = described.get("stack") == hashlib.sha256(stack).hexdigest()
        document = Document(width, height)
        layers = self._own(described) if own else None
        if layers is None:
            own, layers = False, self._foreign(image, described)
        document.set_layers(layers)
        self._rest(document, described, own)
        return Opened(document, tuple(self.notes), described.get("extra") or {}, own)

    def _described(self) -> dict[str, Any]:
        if "studio/document.json" not in self.names:
            return {}
        try:
            data = json.loads(self.member("studio/document.json"))
            if isinstance(data, dict) and data.get("version", 0) > VERSION:
                self.notes.append(
                    "The project comes from a newer studio; what this one does not know was left out."
                )
            return data if isinstance(data, dict) else {}
        except (_Broken, ValueError, RecursionError, TypeError):
            self.notes.append(
                "The studio's own data in the project was damaged; layers are there, requests and regions are not."
            )
            return {}

    def _own(self, described: dict[str, Any]) -> list[Layer] | None:
        """The layers as we wrote them; None if the description makes no sense after all."""
        layers: list[Layer] = []
        for row in described.get("layers", []):
            try:
                kind, name = cast(LayerKind, row["kind"]), f"data/{row['id']}.png"
                original = f"studio/{row['id']}.png"
                layer = Layer(
                    str(row["name"]), "group", x=int(row["x"]), y=int(row["y"]), matrix=_matrix(row["matrix"]),
                    opacity=float(row["opacity"]), blend=row["blend"] if row["blend"] in BLEND_MODES else "normal",
                    visible=bool(row["visible"]), locked=bool(row["locked"]), feather=float(row.get("feather", 0)),
                    region=_region(row.get("region")), group=str(row["group"]), id=str(row["id"]), spec=self._spec(row),
                )  # fmt: skip
                if row.get("empty"):
                    h, w = row["empty"]
                    pixels = np.zeros(
                        (int(h), int(w), 4) if kind == "picture" else (int(h), int(w)), np.uint8
                    )
                elif kind != "group":
                    pixels = self._pixels(original if original in self.names else name, kind)
                else:
                    pixels = layer.pixels
                layers.append(replace(layer, kind=kind, pixels=pixels))
            except _Broken:
                if not self.lenient:
                    raise
                self.lost.append(str(row.get("name", "")))
            except (KeyError, TypeError, ValueError):
                return None
        ids = {layer.id for layer in layers}
        groups = {layer.id for layer in layers if layer.kind == "group"}
        if len(ids) != len(layers):
            return None
        for layer in layers:
            if layer.group and layer.group not in groups:
                layer.group = ""
        return layers

    def _foreign(self, image: ElementTree.Element, described: dict[str, Any]) -> list[Layer]:
        """The layers as stack.xml says; requests, regions and kinds of data files that are still ours."""
        rows = {
            f"data/{row.get('id')}.png": row for row in described.get("layers", []) if isinstance(row, dict)
        }
        layers: list[Layer] = []

        def walk(stack: ElementTree.Element, group: str, depth: int) -> None:
            if depth > 50:
                raise _Broken("its groups are nested too deeply")
            for node in reversed(list(stack)):
                if node.tag == "stack":
                    layer = Layer("", "group", id=_fresh(layers))
                    self._common(layer, node, group)
                    layers.append(layer)
                    walk(node, layer.id, depth + 1)
                elif node.tag == "layer":
                    name = node.get("src", "")
                    row = rows.get(name, {})
                    kind = cast(
                        LayerKind, row["kind"] if row.get("kind") in ("mask", "region") else "picture"
                    )
                    try:
                        pixels = self._pixels(name, kind)
                    except _Broken:
                        if not self.lenient:
                            raise
                        self.lost.append(node.get("name", name))
                        continue
                    layer = Layer(
                        "",
                        kind,
                        pixels,
                        id=_fresh(layers, str(row.get("id", ""))),
                        region=_region(row.get("region")),
                    )
                    layer.spec = self._spec(row)
                    layer.x, layer.y = _integer(node.get("x")), _integer(node.get("y"))
                    self._common(layer, node, group)
                    if layer.paints_mask:
                        layer.visible = bool(row.get("visible", True))
                    layers.append(layer)

        root = image.find("stack")
        if root is not None:
            walk(root, "", 0)
        return layers

    def _common(self, layer: Layer, node: ElementTree.Element, group: str) -> None:
        layer.name = node.get("name") or ("Group" if layer.kind == "group" else "Layer")
        try:
            opacity = float(node.get("opacity", "1"))
            layer.opacity = min(max(opacity, 0.0), 1.0) if math.isfinite(opacity) else 1.0
        except ValueError:
            pass
        layer.visible = node.get("visibility", "visible") != "hidden"
        layer.locked = node.get("edit-locked") == "true"
        mode = node.get("composite-op", "svg:src-over")
        if mode not in _FROM_ORA:
            self.notes.append(
                f"“{layer.name}” uses the blend mode {mode.removeprefix('svg:')}, which is shown as normal here."
            )
        layer.blend = _FROM_ORA.get(mode, "normal")  # pyright: ignore[reportAttributeAccessIssue]
        layer.group = group

    def _pixels(self, name: str, kind: LayerKind) -> Pixels:
        try:
            with Image.open(io.BytesIO(self.member(name))) as image:
                if max(image.size) > 2 * MAX_SIDE:
                    raise _Broken(f"{name} inside is too large")
                if name.startswith("studio/") and kind in ("mask", "region"):
                    return np.array(image.convert("L"))
                if image.mode.startswith("I"):  # 16-bit grey
                    image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
                pixels = _array(image if image.mode == "RGBA" else image.convert("RGBA"))
        except _Broken:
            raise
        except Exception:  # Pillow has a dozen ways to say that a picture is broken
            raise _Broken(f"{name} inside is broken") from None
        return np.ascontiguousarray(pixels[..., 3]) if kind in ("mask", "region") else pixels

    def _spec(self, row: dict[str, Any]) -> JobSpec | None:
        if not row.get("spec"):
            return None
        try:
            return read_spec(row["spec"])
        except BadRequest as error:
            self.notes.append(f"The request of “{row.get('name', '')}” cannot be used: {error}")
            return None

    def _rest(self, document: Document, described: dict[str, Any], own: bool) -> None:
        try:
            box = Rect(*(int(v) for v in described.get("box", document.box)))
            document.set_box(box if not box.empty else document.box)
        except (TypeError, ValueError):
            pass
        if own and described.get("selection"):
            try:
                with Image.open(io.BytesIO(self.member("studio/selection.png"))) as image:
                    document.set_selection(np.array(image.convert("L")))
            except Exception:  # a selection is not worth losing the project
                self.notes.append("The selection was damaged and is left out.")
        if described.get("timeline") is not None:
            try:
                document.set_timeline(from_data(described["timeline"]))
            except ValueError as problem:
                self.notes.append(f"The film in the project was left out: {problem}.")
        if described.get("takes"):
            try:
                document.set_takes(take.from_data(described["takes"]))
            except ValueError as problem:
                self.notes.append(f"The sounds in the project were left out: {problem}.")
        active = described.get("active")
        ids = [layer.id for layer in document.layers]
        pick = active if active in ids else (ids[-1] if ids else "")
        if pick:
            document.activate(pick)
        if self.lost:
            self.notes.append(f"Could not be read: {', '.join(self.lost)}.")


def _array(image: Image.Image) -> Pixels:
    """RGBA -> [H, W, 4], in pieces: the whole at once would hold the window for a tenth of a second."""
    out = np.empty((image.height, image.width, 4), np.uint8)
    for top in range(0, image.height, 128):
        part = image.crop((0, top, image.width, min(top + 128, image.height)))
        out[top : top + 128] = np.asarray(part)
    return out


def _fresh(layers: list[Layer], wanted: str = "") -> str:
    return wanted if wanted and all(layer.id != wanted for layer in layers) else new_id()


def _matrix(value: Any) -> Matrix:
    numbers = tuple(float(v) for v in value)
    if len(numbers) != 6 or not all(math.isfinite(v) for v in numbers):
        raise ValueError("six finite numbers")
    return cast(Matrix, numbers)


def _region(value: Any) -> Region | None:
    try:
        r, g, b = (min(max(int(v), 0), 255) for v in value["color"])
        return Region(str(value["words"]), float(value["strength"]), (r, g, b))
    except (TypeError, KeyError, ValueError):
        return None


def _integer(text: str | None) -> int:
    try:
        return max(-(1 << 24), min(1 << 24, int(float(text or 0))))
    except (ValueError, OverflowError):
        return 0


# --- salvage ----------------------------------------------------------------------------------------------


def _damaged(name: str, data: bytes, problem: str) -> DamagedProject:
    members = scan(data)
    saved = _salvage(members)
    if saved is None:
        return DamagedProject(
            f"{name} is damaged ({problem}) and no layer in it can be read; open an older copy."
        )
    count = len(saved.document.layers)
    what = "one layer" if count == 1 else f"{count} layers"
    return DamagedProject(
        f"{name} is damaged ({problem}); {what} can still be read, open those and save them anew.", saved
    )


def scan(data: bytes) -> dict[str, bytes]:
    """Members of a ZIP file found by their own headers, without the directory at the end: name -> bytes that unpack and
    have the right checksum."""
    found: dict[str, bytes] = {}
    at = data.find(b"PK\x03\x04")
    while at >= 0:
        try:
            flags, method, _, _, crc, packed, size, name_length, extra = struct.unpack_from(
                "<HHHHIIIHH", data, at + 6
            )
            begin = at + 30 + name_length + extra
            name = data[at + 30 : at + 30 + name_length].decode("utf-8")
            if size <= MAX_BYTES and not flags & 8 and begin + packed <= len(data):
                raw = data[begin : begin + packed]
                content = (
                    raw
                    if method == 0
                    else zlib.decompressobj(-15).decompress(raw, MAX_BYTES)
                    if method == 8
                    else None
                )
                if content is not None and len(content) == size and zlib.crc32(content) == crc:
                    found[name] = content
        except (struct.error, UnicodeDecodeError, zlib.error):
            pass
        at = data.find(b"PK\x03\x04", at + 4)
    return found


def _salvage(members: dict[str, bytes]) -> Opened | None:
    def member(name: str) -> bytes:
        if name not in members:
            raise _Broken(f"{name} inside is missing")
        return members[name]

    reader = _Reader(member, set(members), lenient=True)
    try:
        opened = reader.read()
        if opened.document.layers:
            return opened
    except _Broken:
        pass
    # not even the list of layers: pile up the pictures that are there
    layers: list[Layer] = []
    names = sorted(name for name in members if name.startswith("data/"))
    for name in (
        names or [name for name in ("mergedimage.png", "Thumbnails/thumbnail.png") if name in members][:1]
    ):
        try:
            layers.append(Layer(Path(name).stem, "picture", reader._pixels(name, "picture")))
        except _Broken:
            continue
    if not layers:
        return None
    document = Document(
        max(layer.pixels.shape[1] for layer in layers), max(layer.pixels.shape[0] for layer in layers)
    )
    document.set_layers(layers)
    document.activate(layers[-1].id)
    return Opened(document, ("Order and places of the layers are lost.",))
