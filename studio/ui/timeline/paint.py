"""How clips, lanes and the ruler are drawn: functions of a painter, what is in view, and what is to be seen."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPolygonF

from studio.core.timeline import Item, Key, Media, Timeline, TrackKind
from studio.ui.theme import Theme, mix
from studio.ui.timeline.shelf import PEAKS
from studio.ui.timeline.sight import GRIP, HANDLE, RULER, Row, Sight, handle_x

LIGHT = QColor(245, 247, 250)
SHADE = QColor(0, 0, 0, 150)
INSET = 3
"""Pixels between a clip and the lines of its track."""
RADIUS = 5
DIAMOND = 6
"""Half of a keyframe's width."""
Thumbs = Callable[[Media, float, float], QImage | None]
Wave = Callable[[Media], np.ndarray]


def small(font: QFont, bold: bool = False) -> QFont:
    made = QFont(font)
    made.setPixelSize(11)
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def fill_of(kind: TrackKind, theme: Theme) -> QColor:
    """Film, overlay and sound are told apart by colour, by icon and by place."""
    if kind == "sound":
        return mix(theme, "ok", "panel", 0.28)
    if kind == "video":
        return mix(theme, "accent", "panel", 0.42)
    a, b = theme.colour("accent"), theme.colour("mask")
    purple = QColor((a.red() + b.red()) // 2, (a.green() + b.green()) // 3, (a.blue() + b.blue()) // 2)
    panel = theme.colour("panel")
    parts = [round(0.5 * one + 0.5 * other) for one, other in zip(purple.getRgb()[:3], panel.getRgb()[:3])]  # pyright: ignore[reportIndexIssue]
    return QColor(*parts)


def ruler(
    painter: QPainter,
    theme: Theme,
    sight: Sight,
    timeline: Timeline,
    area: QRect,
    font: QFont,
    takes: str = "",
) -> None:
    """Times, the range, markers. takes: a sentence instead, while a take is in view."""
    painter.fillRect(QRect(area.left(), 0, area.width(), RULER), theme.colour("panel"))
    painter.setFont(small(font))
    for frame, text in sight.ticks():
        x = round(sight.x(frame))
        painter.setPen(theme.colour("line"))
        painter.drawLine(x, RULER - (RULER if text else 6), x, RULER)
        if text:
            painter.setPen(theme.colour("muted"))
            painter.drawText(QPointF(x + 5, RULER - 9), text)
    if timeline.span is not None:
        first, last = (round(sight.x(frame)) for frame in timeline.span)
        colour = theme.colour("accent")
        painter.fillRect(QRect(first, RULER - 4, last - first, 4), colour)
        for x in (first, last):
            painter.fillRect(QRect(x - 1, RULER - 10, 3, 10), colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(theme.colour("warn"))
    for marker in timeline.markers:
        x = sight.x(marker.frame)
        if -10 < x < sight.width + 10:
            flag = [QPointF(x, 2), QPointF(x + 8, 5.5), QPointF(x, 9)]
            painter.drawPolygon(QPolygonF(flag))
            painter.drawRect(QRectF(x - 0.75, 2, 1.5, RULER - 2))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def item(
    painter: QPainter,
    theme: Theme,
    sight: Sight,
    row: Row,
    one: Item,
    chosen: bool,
    area: QRect,
    font: QFont,
    thumb: Thumbs,
    wave: Wave,
    gone: bool,
) -> None:
    """A clip. area: what is to be painted; gone: its file cannot be read."""
    x0, x1 = sight.x(one.start), sight.x(one.end)
    place = QRectF(x0 + 0.5, row.y + INSET, max(x1 - x0 - 1, 2), row.height - 2 * INSET)
    seen = place.intersected(QRectF(area))
    if seen.isEmpty():
        return
    painter.save()
    if not row.on:
        painter.setOpacity(0.4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = min(RADIUS, place.width() / 2)
    shape = QPainterPath()
    shape.addRoundedRect(place, radius, radius)
    painter.fillPath(shape, fill_of("sound" if row.kind == "sound" else row.kind, theme))  # type: ignore[arg-type]
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    if row.kind == "sound":
        _wave(painter, theme, sight, one, place, seen, wave(one.media))
    elif place.width() > 8:
        _pictures(painter, sight, one, place, seen, thumb)
    if one.fade:
        _fade(painter, sight, one, place)
    if gone:
        painter.fillRect(seen, QColor(0, 0, 0, 120))
    _name(painter, one, place, font, row.kind == "sound", theme, gone)
    painter.setPen(QPen(theme.colour("panel"), 1))
    painter.setBrush(theme.colour("mask"))
    for key in one.masks:
        x = sight.x(one.start + (key.seconds - one.begin) / one.speed * sight.rate)
        if place.left() - 1 <= x < place.right():
            painter.drawEllipse(QPointF(x + 4, place.top() + 8), 3.5, 3.5)
    painter.setClipping(False)
    painter.setClipRect(area)
    edge = theme.colour("accent") if chosen else mix(theme, "text", "panel", 0.25)
    painter.setPen(QPen(edge, 2 if chosen else 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5) if chosen else place, radius, radius)
    if chosen and place.width() > 4 * GRIP:
        painter.setBrush(LIGHT)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
        painter.drawEllipse(QPointF(handle_x(x0, one.fade * sight.scale), row.y + HANDLE), 3.5, 3.5)
    painter.restore()


def _pictures(painter: QPainter, sight: Sight, one: Item, place: QRectF, seen: QRectF, thumb: Thumbs) -> None:
    """Small pictures side by side, each of the middle of its own stretch of time."""
    media = one.media
    wide = max(12.0, place.height() * media.width / max(media.height, 1))
    per = wide / sight.scale
    """Frames that one of them stands for."""
    grid = 2.0 ** math.floor(math.log2(max(per / sight.rate * one.speed / 2, 1e-3)))
    first = max(0, math.floor((seen.left() - place.left()) / wide))
    last = math.ceil((seen.right() - place.left()) / wide)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for number in range(first, last):
        middle = one.start + min((number + 0.5) * per, one.length)
        found = thumb(media, one.seconds_at(middle, sight.rate), grid)
        if found is not None:
            painter.drawImage(QRectF(place.left() + number * wide, place.top(), wide, place.height()), found)


def _wave(
    painter: QPainter, theme: Theme, sight: Sight, one: Item, place: QRectF, seen: QRectF, peaks: np.ndarray
) -> None:
    """One line per pixel from the lowest to the highest value in its time."""
    columns = np.arange(math.floor(seen.left()), math.ceil(seen.right()) + 1)
    seconds = one.begin + (columns - place.left()) / sight.scale / sight.rate * one.speed
    at = np.clip((seconds * PEAKS).astype(np.int64), 0, len(peaks) - 1)
    middle, half = place.center().y(), place.height() / 2 - 3
    lines = []
    for x, (a, b) in zip(columns[:-1].tolist(), itertools.pairwise(at.tolist())):
        part = peaks[a : max(b, a + 1)]
        low, high = float(part[:, 0].min()) * one.volume, float(part[:, 1].max()) * one.volume
        lines.append(
            QLineF(
                x, middle - max(min(high, 1), 0) * half - 0.5, x, middle - min(max(low, -1), 0) * half + 0.5
            )
        )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(mix(theme, "ok", "text", 0.85))
    painter.drawLines(lines)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _fade(painter: QPainter, sight: Sight, one: Item, place: QRectF) -> None:
    wide = one.fade * sight.scale
    corner = QPolygonF([place.topLeft(), QPointF(place.left() + wide, place.top()), place.bottomLeft()])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 120))
    painter.drawPolygon(corner)
    painter.setPen(QPen(LIGHT, 1.25))
    painter.drawLine(place.bottomLeft(), QPointF(place.left() + wide, place.top()))


def _name(
    painter: QPainter, one: Item, place: QRectF, font: QFont, heard: bool, theme: Theme, gone: bool
) -> None:
    left = max(place.left(), 0.0)
    room = round(place.right() - left - 12)
    if room < 18:
        return
    parts = [one.name]
    if abs(one.speed - 1) > 1e-6:
        parts.append(f"{one.speed:.0%}")
    if gone:
        parts.insert(0, "⚠")
    painter.setFont(small(font))
    text = QFontMetrics(painter.font()).elidedText(" · ".join(parts), Qt.TextElideMode.ElideRight, room)
    at = QPointF(left + 6, place.top() + 14 if heard else place.bottom() - 6)
    if heard:
        painter.setPen(theme.colour("text"))
        painter.drawText(at, text)
        return
    painter.setPen(SHADE)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
        painter.drawText(at + QPointF(dx, dy), text)
    painter.setPen(LIGHT)
    painter.drawText(at, text)


# --- lanes ------------------------------------------------------------------------------------------------------------


def level_y(row: Row, value: float) -> float:
    """Where a strength of 0 .. 1 is."""
    return row.bottom - 9 - value * (row.height - 18)


def level_at(row: Row, y: float) -> float:
    """The strength at a place, in whole percent."""
    return round(min(max((row.bottom - 9 - y) / (row.height - 18), 0.0), 1.0), 2)


def diamond(painter: QPainter, theme: Theme, x: float, y: float, held: bool) -> None:
    painter.setBrush(theme.colour("accent") if held else theme.colour("warn"))
    painter.setPen(QPen(theme.colour("panel"), 1))
    s = DIAMOND
    painter.drawPolygon(
        QPolygonF([QPointF(x, y - s), QPointF(x + s, y), QPointF(x, y + s), QPointF(x - s, y)])
    )


def strengths(
    painter: QPainter, theme: Theme, sight: Sight, row: Row, keys: tuple[Key, ...], held: int | None
) -> None:
    """The line through the keyframes."""
    if not keys:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    points = [QPointF(sight.x(key.frame), level_y(row, float(key.value))) for key in keys]
    line = [QPointF(min(points[0].x(), 0), points[0].y()), *points]
    line.append(QPointF(max(points[-1].x(), sight.width), points[-1].y()))
    painter.setPen(QPen(theme.colour("warn"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(line))
    for key, point in zip(keys, points):
        if -DIAMOND < point.x() < sight.width + DIAMOND:
            diamond(painter, theme, point.x(), point.y(), key.frame == held)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def prompts(
    painter: QPainter,
    theme: Theme,
    sight: Sight,
    row: Row,
    keys: tuple[Key, ...],
    held: int | None,
    font: QFont,
) -> None:
    """Words in force from each keyframe to the next."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(small(font))
    middle = row.y + row.height / 2
    for at, key in enumerate(keys):
        x0 = sight.x(key.frame)
        x1 = sight.x(keys[at + 1].frame) if at + 1 < len(keys) else float(sight.width)
        if x1 < 0 or x0 > sight.width:
            continue
        place = QRectF(x0, row.y + 4, max(x1 - x0 - 2, 1), row.height - 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mix(theme, "warn", "panel", 0.16))
        painter.drawRoundedRect(place, 4, 4)
        diamond(painter, theme, x0, middle, key.frame == held)
        left = max(x0 + DIAMOND + 5, 6.0)
        text = QFontMetrics(painter.font()).elidedText(
            str(key.value), Qt.TextElideMode.ElideRight, max(round(x1 - left - 6), 0)
        )
        painter.setPen(theme.colour("text"))
        painter.drawText(QPointF(left, middle + 4), text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
