"""Pictures on their way: clipboard and drag and drop, within the window and with other programs.

Going out, a picture is offered as PNG, as Qt's own image and, when it is dragged, as a file that is written in the moment in which
somebody asks for it. What came from here knows where it was, so that it is pasted in place. Coming in, files are
sorted by what they are, and what the window cannot take is told so in one sentence with the next step.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QByteArray, QMetaType, QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage

from studio import layering
from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.history import AddLayer
from studio.core.layer import Layer
from studio.session import Session, layer_name
from studio.ui.widgets.images import Background, array_image

PLACE = "application/x-diffusion-studio-place"
"""JSON: x, y of the upper left pixel, the kind of layer and its name."""
LAYER = "application/x-diffusion-studio-layer"
"""The id of a layer of this window's document."""

PICTURES = frozenset(
    [".png", ".jpg", ".jpeg", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".gif", ".jp2", ".qoi", ".tga", ".psd"]
)  # fmt: skip
PROJECTS = frozenset({".ora"})
MODELS = frozenset([".safetensors", ".ckpt", ".pt", ".pth", ".gguf"])
SOUNDS = frozenset(
    [".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aiff", ".aif", ".au", ".oga", ".aac", ".wma"]
)
CLIPS = frozenset([".mp4", ".webm", ".mov", ".mkv", ".avi", ".apng", ".m4v", ".mpg", ".mpeg"])


# --- going out ----------------------------------------------------------------------------------------------------


def picture_data(pixels: Any, x: int, y: int, name: str = "", into: QMimeData | None = None) -> QMimeData:
    """A picture [h, w, 3 or 4] or mask [h, w] at (x, y) of the document, for the clipboard. (Qt makes PNG and other kinds of the
    image when somebody asks.)"""
    return image_data(array_image(pixels), "mask" if pixels.ndim == 2 else "picture", x, y, name, into)


def image_data(
    image: QImage, kind: str, x: int, y: int, name: str, into: QMimeData | None = None
) -> QMimeData:
    data = into or QMimeData()
    data.setImageData(image)
    place = json.dumps({"x": x, "y": y, "kind": kind, "name": name})
    data.setData(PLACE, QByteArray(place.encode()))
    return data


class DraggedPicture(QMimeData):
    """The same for a drag, as a file too, which is written into the system's folder for temporary files in the moment in which
    somebody asks for it. Not for the clipboard: Qt empties that after Python has ended, and would ask a dead object."""

    def __init__(self, pixels: Any, x: int, y: int, name: str) -> None:
        super().__init__()
        picture_data(pixels, x, y, name, into=self)
        self._name = name
        self._file: Path | None = None

    def formats(self) -> list[str]:
        return [*super().formats(), "text/uri-list"]

    def hasFormat(self, mimetype: str) -> bool:
        return mimetype in self.formats()

    def retrieveData(self, mimetype: str, type: QMetaType) -> object:
        if mimetype == "text/uri-list":
            return [QUrl.fromLocalFile(str(self.file()))]
        return super().retrieveData(mimetype, type)  # pyright: ignore[reportArgumentType]

    def file(self) -> Path:
        if self._file is None:
            safe = "".join(ch if ch.isalnum() or ch in " -_" else "_" for ch in self._name).strip()[:60]
            folder = Path(tempfile.mkdtemp(prefix="diffusion-studio-"))
            self._file = folder / f"{safe or 'picture'}.png"
            image = self.imageData()
            assert isinstance(image, QImage)
            image.save(str(self._file), "PNG", 90)  # pyright: ignore[reportArgumentType, reportCallIssue]
        return self._file


def copy(session: Session, all_layers: bool, then: Callable[[tuple[int, int] | None], object]) -> None:
    """Puts what is selected of the chosen layer, or of everything, on the clipboard; `then` hears how large it is, None = there was
    nothing."""

    def work(document: Document, layer: Layer | None) -> tuple[QImage, str, int, int, str] | None:
        found = layering.taken(document, layer, all_layers)
        if found is None:
            return None
        pixels, x, y, name = found
        return array_image(pixels), "mask" if pixels.ndim == 2 else "picture", x, y, name

    def arrived(found: tuple[QImage, str, int, int, str] | None) -> None:
        if found is None:
            then(None)
            return
        to_clipboard(image_data(*found))
        then((found[0].width(), found[0].height()))

    session.aside.order(work, arrived)


def to_clipboard(data: QMimeData) -> None:
    """Puts `picture_data` on the clipboard, in an object that Qt makes itself: it empties the clipboard after Python has
    ended, and an object made here would call into what is gone (a crash at every exit after a Copy)."""
    clipboard = QGuiApplication.clipboard()
    clipboard.setImage(data.imageData())
    theirs = clipboard.mimeData()
    if theirs is not None:
        theirs.setData(PLACE, data.data(PLACE))


def dragged(layer: Layer) -> QMimeData:
    """A layer on its way out: its id for this window, its picture for others."""
    data = (
        DraggedPicture(np.array(layer.render(layer.rect)), layer.rect.x, layer.rect.y, layer.name)
        if layer.pixels.size
        else QMimeData()
    )
    data.setData(LAYER, QByteArray(layer.id.encode()))
    return data


# --- coming in ------------------------------------------------------------------------------------------------------


def files_in(data: QMimeData) -> list[Path]:
    """Paths of the local files, in their order."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def kind_of(path: Path) -> str:
    """ "picture", "project", "model", "sound", "clip" or "other"."""
    suffix = path.suffix.lower()
    kinds = {"picture": PICTURES, "project": PROJECTS, "model": MODELS, "sound": SOUNDS, "clip": CLIPS}
    if path.is_dir():
        model = (path / "model_index.json").exists() or (path / "card.toml").exists()
        return "model" if model else "other"
    return next((kind for kind, endings in kinds.items() if suffix in endings), "other")


def takes(data: QMimeData) -> bool:
    """Whether a drop on the canvas can mean something. Files that cannot be used are taken too, to be told why."""
    return bool(files_in(data)) or data.hasImage() or (data.hasText() and not data.hasFormat(LAYER))


def refuse(session: Session, paths: Sequence[Path]) -> list[Path]:
    """Says what is wrong with files that are neither pictures nor projects; returns those that are."""
    good = [path for path in paths if kind_of(path) in ("picture", "project")]
    bad = next((path for path in paths if path not in good), None)
    if bad is None:
        return good
    kind = kind_of(bad)
    if kind == "model":
        session.view.install_model(bad)
    else:
        session.say(f"“{bad.name}” is nothing that can be opened here; drop pictures or projects.", "warn")
    return good


def playable(session: Session, paths: Sequence[Path]) -> list[Path]:
    """Films, pictures, sounds and folders of pictures for a timeline; a project is opened, and of anything else it is said what it is."""
    kinds = [(path, kind_of(path)) for path in paths]
    good = [path for path, kind in kinds if kind in ("clip", "picture", "sound") or path.is_dir()]
    project = next((path for path, kind in kinds if kind == "project"), None)
    if project is not None:
        session.view.open_path(project)
        return []
    bad = [path for path in paths if path not in good]
    if bad:
        session.say(
            f"“{bad[0].name}” is nothing that can be put on a timeline; drop films, pictures or sounds.",
            "warn",
        )
    return good


def image_array(image: QImage) -> np.ndarray:
    """[h, w, 4] RGBA, a copy."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()


def add_image(session: Session, data: QMimeData, name: str, at: tuple[float, float] | None = None) -> bool:
    """A picture from the clipboard or another program becomes a layer: where it was, or about `at`, or in the middle.
    Whether there was one."""
    image = data.imageData()
    if not isinstance(image, QImage) or image.isNull():
        return False
    pixels = image_array(image)
    try:
        place = json.loads(bytes(data.data(PLACE).data()))
        x, y, kind = int(place["x"]), int(place["y"]), str(place["kind"])
        name = str(place["name"]) or name
    except (ValueError, KeyError, TypeError):
        place, kind, x, y = None, "picture", 0, 0
    if kind == "mask":
        session.edit(AddLayer(Layer(name, "mask", pixels[..., 0].copy(), x, y), name=f"Add {name}"))
        return True
    inside = session.document.rect.contains(x, y) or session.document.rect.contains(
        x + pixels.shape[1] - 1, y + pixels.shape[0] - 1
    )
    if at is not None:
        x, y, inside = round(at[0] - pixels.shape[1] / 2), round(at[1] - pixels.shape[0] / 2), True
        place = place or {}
    if session.document.layers and place is not None and inside:
        layering.add(session, Layer(name, "picture", pixels, x, y), f"Add {name}")
    else:
        session.add_clip(Clip.picture(pixels), name)
    return True


NEAR = 0.05
"""Of a picture's side: what is dropped so near to an edge of the canvas is meant to lie at it."""


def at_edge(start: int, side: int, whole: int) -> int:
    """Where a picture begins along one axis of the canvas, moved to an edge of it that is near."""
    for edge in (0, whole - side):
        if abs(start - edge) <= NEAR * side:
            return edge
    return start


def read_file(path: Path) -> tuple[Any, Any]:
    """A picture and, where it holds one, its request."""
    from studio.core.job import BadRequest
    from studio.media.image import read_picture
    from studio.media.metadata import read_settings, to_spec

    clip, spec = read_picture(path), None
    try:
        spec, _ = to_spec(read_settings(path))
    except (BadRequest, ValueError):
        pass  # most pictures were not made here
    return clip, spec


def add_file(
    session: Session, background: Background, path: Path, at: tuple[float, float] | None = None
) -> None:
    """A picture file becomes a layer once it is read; its middle comes to `at` of the document, or to the canvas' middle."""

    def arrived(found: tuple[Any, Any]) -> None:
        clip, spec = found
        name = layer_name(spec) if spec is not None else path.stem
        if at is None or not session.document.layers:
            session.add_clip(clip, name, spec)
            return
        x, y = (
            at_edge(round(middle - side / 2), side, whole)
            for middle, side, whole in zip(
                at, (clip.width, clip.height), (session.document.width, session.document.height), strict=True
            )
        )
        layering.add(session, Layer.from_clip(name, clip, x, y, spec=spec), f"Add {name}")

    background.run(lambda: read_file(path), arrived, lambda error: session.say(str(error), "warn"))
