"""The canvas: the widget on which a document is seen and painted.

Public: `Canvas` (the widget, see its docstring), `TOOLS` (tool classes in the order of the toolbar: id, title, icon, key),
`View` (zoom, angle, offset).

    canvas = Canvas(document, history)         # studio.core.document.Document, studio.core.history.History
    canvas.set_theme({"canvas": "#0e1013", "accent": "#6ea8fe", "mask": "#ff5c7a", "line": "#2f3540"})
    canvas.set_tool("brush"); canvas.brush = canvas.brush.with_(size=64, hardness=0.7)
    canvas.fit(); canvas.set_zoom(1.0); canvas.zoom_in(); canvas.reset_rotation()
    canvas.set_overlay(clip, rect); canvas.set_preview(clip, rect); canvas.set_split(True)

Signals: cursor_moved(x, y), cursor_left(), zoom_changed(zoom), angle_changed(degrees), stroke_finished(edit),
color_picked(r, g, b), brush_changed(brush), tool_changed(id), quick_mask_changed(bool), split_changed(bool), message(text).
"""

from studio.ui.canvas.canvas import Canvas
from studio.ui.canvas.toolbox import TOOLS
from studio.ui.canvas.tools import Pointer, Tool
from studio.ui.canvas.view import View

__all__ = ["TOOLS", "Canvas", "Pointer", "Tool", "View"]
