"""Masks painted on the frames of the chosen clip, for edits of a part of it. Each stroke is one Edit.

A mask belongs to a time of the clip's file, so that it stays where it is when the clip is moved, trimmed or split; between two of them the
model's outline moves from one to the other (`studio.engine.techniques.edit_video`). At a time without a mask a stroke goes on from the
one before.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.core import cutting
from studio.core.brush import Brush, dab
from studio.core.clip import Clip
from studio.core.job import Source
from studio.core.layer import Pixels
from studio.core.montage import fitted
from studio.core.timeline import Item, MaskKey
from studio.session import Session
from studio.ui.theme import themes
from studio.ui.timeline.shelf import FilmShelf
from studio.ui.widgets.basic import chip, floating, icon_button, label, text_button
from studio.ui.widgets.value import ShortValue

STEP = 0.25
"""Of the brush's size, by which an arrow key moves it; with Shift it is all of it."""
KEYS = {
    Qt.Key.Key_Space, Qt.Key.Key_X, Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight, Qt.Key.Key_Escape,
}  # fmt: skip
ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
SPACING = 0.15
"""Distance of dabs, as a part of their size."""


class Masker(QObject):
    """See the module. Coordinates are pixels of the clip's file."""

    changed = Signal()
    """Another mask in view, on or off, another brush."""

    def __init__(self, session: Session, shelf: FilmShelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.film, self._shelf = session, session.film, shelf
        self.on = False
        self.brush = Brush(size=12, hardness=0.8)
        self.share = 0.12
        """The brush's size as a share of the clip's longer side."""
        self._known: dict[str, Pixels] = {}
        """Masks that were read or painted, by path."""
        self._asked: set[str] = set()
        self._work: Pixels | None = None
        """What is being painted, until it is in a file."""
        self._at: QPointF | None = None
        self._strokes = 0
        self.film.changed.connect(self._changed)

    def _changed(self, what: str) -> None:
        if what in ("chosen", "takes") and self.on:
            item = self.target
            if item is None:
                self.set_on(False)
            else:
                self.film.show_alone(item.id)
        if what in ("playhead", "chosen", "timeline"):
            if self._at is None and (what != "timeline" or not self._strokes):
                self._work = None
            if self.on:
                self.changed.emit()

    def set_on(self, on: bool) -> None:
        if on and self.target is None:
            self.session.say(self.tr("Choose a clip of the film to paint a mask on it."), "warn")
            return
        self.on = on
        self._work = None
        item = self.target
        self.film.show_alone(item.id if on and item is not None else "")
        if on and item is not None:
            if not item.start <= self.film.playhead < item.end:
                self.film.seek(item.start)
            self._size_brush(item)
        self.changed.emit()
        self.session.changed.emit("film")

    def set_share(self, share: float) -> None:
        self.share = min(max(share, 0.01), 1.0)
        item = self.target
        if item is not None:
            self._size_brush(item)
        self.changed.emit()

    def _size_brush(self, item: Item) -> None:
        longer = max(item.media.width, item.media.height)
        self.brush = self.brush.with_(size=max(1.0, self.share * longer))

    def set_erase(self, erase: bool) -> None:
        self.brush = self.brush.with_(erase=erase)
        self.changed.emit()

    # --- what is there ----------------------------------------------------------------------------------------------

    @property
    def target(self) -> Item | None:
        """The chosen clip, if it is a film and the film is in view."""
        found = self.film.chosen
        if found is None or self.film.take is not None or found[0].kind == "sound":
            return None
        return found[1] if found[1].media.kind == "video" else None

    @property
    def usable(self) -> bool:
        """Whether a stroke would mean something now."""
        item = self.target
        return self.on and item is not None and item.start <= self.film.playhead < item.end

    def time(self, item: Item) -> float:
        """Seconds in the file of the frame in view, on the file's own frames."""
        seconds = item.seconds_at(self.film.playhead + 0.5, self.film.timeline.rate)
        rate = item.media.rate or self.film.timeline.rate
        return math.floor(seconds * rate + 1e-6) / rate

    def key(self, item: Item) -> MaskKey | None:
        """The mask at the frame in view."""
        now, half = self.time(item), 0.5 / (item.media.rate or 24)
        return next((key for key in item.masks if abs(key.seconds - now) < half), None)

    def before(self, item: Item) -> MaskKey | None:
        """The last mask before the frame in view."""
        now = self.time(item)
        return next((key for key in reversed(item.masks) if key.seconds <= now), None)

    def shown(self) -> tuple[Pixels | None, bool]:
        """[h, w] in view, and whether it is this frame's own."""
        item = self.target
        if item is None or not self.usable:
            return None, False
        if self._work is not None:
            return self._work, True
        own = self.key(item)
        key = own or self.before(item)
        return (self._read(key.path) if key is not None else None), own is not None

    def _read(self, path: str) -> Pixels | None:
        """A mask from its file; None while it is read."""
        if path not in self._known and path not in self._asked:
            self._asked.add(path)
            self._shelf.run(lambda: _mask(path), lambda found: self._got(path, found), "")
        return self._known.get(path)

    def _got(self, path: str, found: Pixels) -> None:
        self._known[path] = found
        self.changed.emit()

    # --- painting ---------------------------------------------------------------------------------------------------

    def press(self, x: float, y: float) -> None:
        item = self.target
        if item is None or not self.usable:
            return
        if self._work is None:
            base, _ = self.shown()
            size = (item.media.height, item.media.width)
            fits = base is not None and base.shape == size
            self._work = np.array(base) if fits and base is not None else np.zeros(size, np.uint8)
        self._at = QPointF(x, y)
        self._dab(x, y)
        self.changed.emit()

    def drag(self, x: float, y: float) -> None:
        if self._at is None:
            return
        a, b = self._at, QPointF(x, y)
        step = max(1.0, self.brush.size * SPACING)
        count = max(1, math.ceil(math.hypot(b.x() - a.x(), b.y() - a.y()) / step))
        for k in range(1, count + 1):
            self._dab(a.x() + (b.x() - a.x()) * k / count, a.y() + (b.y() - a.y()) * k / count)
        self._at = b
        self.changed.emit()

    def release(self) -> None:
        """The stroke becomes a mask at this frame: one Edit, as soon as it is in a file."""
        item = self.target
        if self._at is None or self._work is None or item is None:
            self._at = None
            return
        self._at = None
        pixels, seconds, session = np.array(self._work), self.time(item), self.session
        self._strokes += 1

        def kept(source: Source) -> None:
            self._strokes -= 1
            self._known[source.path] = pixels
            self._put(item.id, seconds, source)

        self._shelf.run(lambda: session.kept(Clip.mask(pixels)), kept, "")

    def _put(self, item_id: str, seconds: float, source: Source | None) -> None:
        found = self.film.timeline.find(item_id)
        if found is None:
            return
        half = 0.5 / (found[1].media.rate or 24)
        keys = [key for key in found[1].masks if abs(key.seconds - seconds) >= half]
        if source is not None:
            keys.append(MaskKey(seconds, source.path, source.sha256))
        keys.sort(key=lambda key: key.seconds)
        name = "Paint the mask" if source is not None else "Remove the mask"
        self.film.do(name, cutting.change, item_id, masks=tuple(keys))
        self.session.changed.emit("values")

    def clear(self) -> None:
        """The mask of this frame goes."""
        item = self.target
        key = self.key(item) if item is not None else None
        if item is not None and key is not None:
            self._work = None
            self._put(item.id, key.seconds, None)

    def _dab(self, x: float, y: float) -> None:
        work = self._work
        assert work is not None, "press made it"
        spot = dab(self.brush.size, self.brush.hardness)
        half = spot.shape[0] // 2
        left, top = round(x) - half, round(y) - half
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + spot.shape[1], work.shape[1]), min(top + spot.shape[0], work.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        part, cover = work[y0:y1, x0:x1], spot[y0 - top : y1 - top, x0 - left : x1 - left]
        if self.brush.erase:
            np.minimum(part, 255 - cover, out=part)
        else:
            np.maximum(part, cover, out=part)


def _mask(path: str) -> Pixels:
    from studio.media.image import read_mask

    return read_mask(path).array


class Veil:
    """The mask over the frame, and the hand that paints it: what the screen asks for while it is on."""

    def __init__(self, masker: Masker) -> None:
        self.masker = masker
        self._pointer: QPointF | None = None
        self._painting = False
        """Whether Space is held."""

    def place(self, frame: QRect) -> QRectF:
        """Where the clip lies within the frame."""
        item = self.masker.target
        if item is None:
            return QRectF(frame)
        x, y, wide, high = fitted(item.media, frame.width(), frame.height())
        return QRectF(frame.x() + x, frame.y() + y, wide, high)

    def paint(self, painter: QPainter, frame: QRect) -> None:
        pixels, own = self.masker.shown()
        place = self.place(frame)
        if pixels is not None:
            painter.drawImage(place, _tint(pixels, themes.now.colour("mask"), 0.5 if own else 0.22))
        item = self.masker.target
        if self._pointer is not None and item is not None:
            radius = self.masker.brush.size / 2 * place.width() / max(item.media.width, 1)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, more in ((QColor(0, 0, 0, 160), 1), (QColor(255, 255, 255), 0)):
                painter.setPen(QPen(colour, 1))
                painter.drawEllipse(self._pointer, radius + more, radius + more)

    def _in_file(self, at: QPointF, frame: QRect) -> tuple[float, float]:
        place, item = self.place(frame), self.masker.target
        wide, high = (item.media.width, item.media.height) if item is not None else (1, 1)
        return (at.x() - place.x()) * wide / place.width(), (at.y() - place.y()) * high / place.height()

    def press(self, event: QMouseEvent, frame: QRect) -> None:
        self.masker.set_erase(
            event.button() == Qt.MouseButton.RightButton or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            or (self.masker.brush.erase and event.button() == Qt.MouseButton.LeftButton)
        )  # fmt: skip
        self.masker.press(*self._in_file(event.position(), frame))

    def move(self, event: QMouseEvent, frame: QRect) -> None:
        self._pointer = event.position()
        if event.buttons():
            self.masker.drag(*self._in_file(event.position(), frame))
        else:
            self.masker.changed.emit()

    def release(self) -> None:
        self.masker.release()

    def wheel(self, event: QWheelEvent) -> None:
        self.masker.set_share(self.masker.share * 1.15 ** (event.angleDelta().y() / 120))

    def leave(self) -> None:
        if not self._painting:  # by keys, with the mouse elsewhere
            self._pointer = None
            self.masker.changed.emit()

    # --- by keys ----------------------------------------------------------------------------------------------------

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key means something here, so that no command of the window gets it."""
        alone = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        return alone and (event.key() in ARROWS or event.key() in KEYS)

    def key_press(self, event: QKeyEvent, frame: QRect) -> None:
        masker, key = self.masker, event.key()
        if key in ARROWS:
            place, item = self.place(frame), masker.target
            size = masker.brush.size * place.width() / max(item.media.width if item is not None else 1, 1)
            wide = size if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else size * STEP
            x, y = ARROWS[Qt.Key(key)]
            at = self._spot(frame) + QPointF(x, y) * max(wide, 1.0)
            self._pointer = QPointF(
                min(max(at.x(), place.left()), place.right()), min(max(at.y(), place.top()), place.bottom())
            )
            if self._painting:
                masker.drag(*self._in_file(self._pointer, frame))
            else:
                masker.changed.emit()
        elif key == Qt.Key.Key_Space:
            if not event.isAutoRepeat() and masker.usable:
                self._pointer, self._painting = self._spot(frame), True
                masker.press(*self._in_file(self._pointer, frame))
        elif key == Qt.Key.Key_X:
            masker.set_erase(not masker.brush.erase)
        elif key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            masker.set_share(masker.share * (1.15 if key == Qt.Key.Key_BracketRight else 1 / 1.15))
        elif key == Qt.Key.Key_Escape:
            masker.set_on(False)

    def key_release(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.lift()

    def lift(self) -> None:
        """A stroke by keys ends."""
        if self._painting:
            self._painting = False
            self.masker.release()

    def _spot(self, frame: QRect) -> QPointF:
        """Where the brush is; in the middle of the clip as long as nobody has moved it."""
        return self._pointer or self.place(frame).center()

    def share(self, frame: QRect) -> tuple[float, float]:
        """Where the brush is, as parts of the clip's width and height."""
        place, at = self.place(frame), self._spot(frame)
        return (at.x() - place.x()) / max(place.width(), 1), (at.y() - place.y()) / max(place.height(), 1)


def _tint(pixels: Pixels, colour: QColor, share: float) -> QImage:
    """A mask as a colour over the picture."""
    alpha = (pixels.astype(np.uint16) * round(share * 256) >> 8).astype(np.uint8)
    out = np.empty((*pixels.shape, 4), np.uint8)
    out[...] = (colour.red(), colour.green(), colour.blue(), 0)
    out[..., 3] = alpha
    high, wide = pixels.shape
    return QImage(out.data, wide, high, wide * 4, QImage.Format.Format_RGBA8888).copy()


class MaskBar(QWidget):
    """Paint or erase, how large, clear, done."""

    def __init__(self, masker: Masker, parent: QWidget) -> None:
        super().__init__(parent)
        self.masker = masker
        floating(self)
        self.setAccessibleName(self.tr("Mask on the clip"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(label(self.tr("Mask at this frame"), "title"))
        self.paint = chip(self.tr("paint"), run=lambda: masker.set_erase(False))
        self.erase = chip(self.tr("erase"), run=lambda: masker.set_erase(True))
        self.paint.setToolTip(
            self.tr(
                "On the picture, arrow keys move the brush (with Shift by its width) and Space paints; Escape ends"
            )
        )
        self.erase.setToolTip(
            self.tr("Erase; Shift or the right button does too, and X changes to it and back")
        )
        row.addWidget(self.paint)
        row.addWidget(self.erase)
        self.size_of = ShortValue(
            self.tr("Size"),
            1,
            100,
            12,
            "%",
            2.0,
            self.tr("Of the brush, as a share of the clip; the wheel changes it, and [ and ]"),
        )
        self.size_of.changed.connect(lambda value: masker.set_share(value / 100))
        row.addWidget(self.size_of)
        self.clear = icon_button("trash-2", self.tr("Remove the mask of this frame"), masker.clear, side=16)
        row.addWidget(self.clear)
        self.done = text_button(self.tr("Done"), lambda: masker.set_on(False), icon="check")
        row.addWidget(self.done)
        masker.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        masker = self.masker
        self.setVisible(masker.on)
        if not masker.on:
            return
        self.paint.setChecked(not masker.brush.erase)
        self.erase.setChecked(masker.brush.erase)
        self.size_of.set_value(masker.share * 100)
        item = masker.target
        self.clear.setEnabled(item is not None and masker.key(item) is not None)
