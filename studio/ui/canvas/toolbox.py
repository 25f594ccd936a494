"""Every tool there is."""

from __future__ import annotations

from studio.ui.canvas.handles import BoxTool, CropTool, MoveTool
from studio.ui.canvas.tools import (
    BrushTool,
    EllipseTool,
    EraserTool,
    FillTool,
    GradientTool,
    HandTool,
    LassoTool,
    PickTool,
    RectangleTool,
    Tool,
    WandTool,
)

TOOLS: tuple[type[Tool], ...] = (
    MoveTool, BrushTool, EraserTool, LassoTool, RectangleTool, EllipseTool, WandTool, FillTool, GradientTool, PickTool,
    BoxTool, CropTool, HandTool,
)  # fmt: skip
"""In the order of the toolbar."""
