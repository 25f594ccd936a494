"""Where the document is on the screen: zoom, rotation, offset. Plain numbers, no Qt.

    screen = R(angle) * zoom * document + offset

Screen positions are in the widget's own pixels, document positions in document pixels (the first pixel covers 0 .. 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from studio.core.region import Rect

MIN_ZOOM, MAX_ZOOM = 0.01, 64.0
STEPS = (0.01, 0.02, 0.03, 0.05, 0.0625, 0.0833, 0.125, 0.1667, 0.25, 0.3333, 0.5, 0.6667, 1.0, 1.3333, 1.5, 2.0, 3.0,
         4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0)  # fmt: skip


@dataclass(frozen=True)
class View:
    """zoom: 1 = 100 %; angle: degrees clockwise; x, y: where the document's corner is on the screen."""

    zoom: float = 1.0
    angle: float = 0.0
    x: float = 0.0
    y: float = 0.0

    @property
    def matrix(self) -> tuple[float, float, float, float]:
        """a, b, c, d of  sx = a x + b y + offset, sy = c x + d y + offset."""
        if self.angle == 0:
            return self.zoom, 0.0, 0.0, self.zoom
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        return self.zoom * cos, -self.zoom * sin, self.zoom * sin, self.zoom * cos

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        a, b, c, d = self.matrix
        return a * x + b * y + self.x, c * x + d * y + self.y

    def to_document(self, sx: float, sy: float) -> tuple[float, float]:
        a, b, c, d = self.matrix
        sx, sy = sx - self.x, sy - self.y
        square = self.zoom * self.zoom
        return (d * sx - b * sy) / square, (a * sy - c * sx) / square

    def rect_to_screen(self, rect: Rect) -> Rect:
        """The smallest rectangle of whole screen pixels around a document rectangle."""
        points = [self.to_screen(x, y) for x in (rect.x, rect.right) for y in (rect.y, rect.bottom)]
        xs, ys = [round(p[0], 4) for p in points], [round(p[1], 4) for p in points]
        return Rect.corners(min(xs), min(ys), max(xs), max(ys))

    def rect_to_document(self, rect: Rect) -> Rect:
        points = [self.to_document(x, y) for x in (rect.x, rect.right) for y in (rect.y, rect.bottom)]
        xs, ys = [round(p[0], 6) for p in points], [round(p[1], 6) for p in points]
        return Rect.corners(min(xs), min(ys), max(xs), max(ys))

    def panned(self, dx: float, dy: float) -> View:
        return replace(self, x=self.x + dx, y=self.y + dy)

    def zoomed(self, zoom: float, sx: float, sy: float) -> View:
        """Another zoom; the document point under (sx, sy) stays there."""
        zoom = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
        x, y = self.to_document(sx, sy)
        new = replace(self, zoom=zoom)
        nx, ny = new.to_screen(x, y)
        return replace(new, x=new.x + sx - nx, y=new.y + sy - ny)

    def turned(self, angle: float, sx: float, sy: float) -> View:
        """Another angle; the document point under (sx, sy) stays there."""
        x, y = self.to_document(sx, sy)
        new = replace(self, angle=(angle + 180) % 360 - 180)
        nx, ny = new.to_screen(x, y)
        return replace(new, x=new.x + sx - nx, y=new.y + sy - ny)

    def stepped(self, steps: int) -> float:
        """The zoom some steps in (> 0) or out of the round ones in `STEPS`."""
        zoom = self.zoom
        for _ in range(abs(steps)):
            if steps > 0:
                zoom = next((step for step in STEPS if step > zoom * 1.001), MAX_ZOOM)
            else:
                zoom = next((step for step in reversed(STEPS) if step < zoom * 0.999), MIN_ZOOM)
        return zoom

    @classmethod
    def fitted(cls, rect: Rect, width: int, height: int, margin: int = 24, most: float = MAX_ZOOM) -> View:
        """`rect` of the document in the middle of a screen of width x height, as large as it fits."""
        zoom = min((width - 2 * margin) / max(rect.w, 1), (height - 2 * margin) / max(rect.h, 1), most)
        zoom = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
        x = round(width / 2 - (rect.x + rect.w / 2) * zoom)
        y = round(height / 2 - (rect.y + rect.h / 2) * zoom)
        return cls(zoom, 0.0, x, y)
