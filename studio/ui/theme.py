"""Colours, type and icons of the window.

A theme is a JSON file in `resources/themes` with one colour per token (UX.md, 'Tokens'); one stylesheet is generated
from it, so a new theme is a new file and no widget knows a colour. Icons are Lucide's SVG, drawn in a token's colour.

Chosen: pixmaps per token, remade when the theme changes. Tried: a QIconEngine in Python that tints while painting;
its `clone()` hands a Python object to Qt, which outlives it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.paths import resources

ICON = 18
"""Side of an icon in device-independent pixels."""

TOKENS = (
    "bg", "panel", "raised", "canvas", "line", "text", "muted", "accent", "accent_text", "accent_soft", "on_accent",
    "knob", "mask", "ok", "warn", "danger",
)  # fmt: skip


@dataclass(frozen=True)
class Theme:
    """One colour per token, as `#rrggbb`."""

    name: str
    title: str
    colours: dict[str, str]

    def __getitem__(self, token: str) -> str:
        return self.colours[token]

    def colour(self, token: str) -> QColor:
        return QColor(self.colours[token])


# What the window falls back to when a theme file is missing or broken: readable, and nothing else.
_PLAIN = {
    "bg": "#131519", "panel": "#1b1e24", "raised": "#252932", "canvas": "#0e1013", "line": "#2f3540",
    "text": "#e7eaf0", "muted": "#9098a8", "accent": "#6ea8fe", "accent_text": "#6ea8fe", "accent_soft": "#22344f",
    "on_accent": "#0d1626", "knob": "#eef1f6", "mask": "#ff5c7a", "ok": "#5ec28f", "warn": "#e8b45a",
    "danger": "#ff7a90",
}  # fmt: skip


def find_themes() -> dict[str, Path]:
    """Name -> file of every theme that is there."""
    return {path.stem: path for path in sorted((resources() / "themes").glob("*.json"))}


def read_theme(name: str) -> Theme:
    """A theme by name; missing tokens, or a missing file, get the plain dark colours."""
    try:
        data = json.loads((resources() / "themes" / f"{name}.json").read_text("utf-8"))
        colours = {token: data[token] for token in TOKENS if QColor(str(data.get(token))).isValid()}
    except (OSError, ValueError, AttributeError):
        data, colours = {}, {}
    return Theme(name, str(data.get("title", name)), _PLAIN | colours)


def luminance(colour: str) -> float:
    """Relative luminance in [0, 1] of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio in [1, 21] of two colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class Themes(QObject):
    """The theme in use. `choice` is what the user asked for: a theme's name, or "system"."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choice = "system"
        self.now = read_theme("dark")
        self._follows = False

    def use(self, choice: str = "system") -> None:
        """Dress the whole application; "system" follows the desktop's light or dark setting from now on."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        hints = QGuiApplication.styleHints()
        if not self._follows:
            hints.colorSchemeChanged.connect(
                lambda _: self.use("system") if self.choice == "system" else None
            )
            self._follows = True
        self.choice = choice
        name = choice
        if choice not in find_themes():
            self.choice = "system"
            name = "light" if hints.colorScheme() == Qt.ColorScheme.Light else "dark"
        theme = read_theme(name)
        if theme == self.now and app.styleSheet():
            return
        self.now = theme
        icon.cache_clear()
        app.setPalette(palette(theme))
        app.setStyleSheet(stylesheet(theme))
        for widget in app.allWidgets():
            if widget.property("tint"):
                _draw(widget)
        self.changed.emit()


themes = Themes()
"""The one theme of the process, as there is one QApplication."""


def load_fonts() -> None:
    """Inter from the program's own folder; where it is missing the system's font stays."""
    family = ""
    for path in sorted((resources() / "fonts").glob("*.otf")):
        number = QFontDatabase.addApplicationFont(str(path))
        families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
        family = family or next((name for name in families if name == "Inter"), "")
    font = QFont(family) if family else QFont(QApplication.font())
    font.setPixelSize(13)
    font.setFeature(QFont.Tag("tnum"), 1)  # figures of one width: times and percentages do not jump
    QApplication.setFont(font)


def palette(theme: Theme) -> QPalette:
    """For what a stylesheet does not reach: the canvas, delegates, native menus, placeholder text."""
    colours = QPalette()
    role = QPalette.ColorRole
    for which, token in (
        (role.Window, "panel"), (role.Base, "raised"), (role.AlternateBase, "panel"), (role.Button, "raised"),
        (role.Text, "text"), (role.WindowText, "text"), (role.ButtonText, "text"), (role.BrightText, "text"),
        (role.PlaceholderText, "muted"), (role.Highlight, "accent"), (role.HighlightedText, "on_accent"),
        (role.ToolTipBase, "raised"), (role.ToolTipText, "text"), (role.Link, "accent_text"), (role.Mid, "line"),
        (role.Dark, "bg"), (role.Accent, "accent"),
    ):  # fmt: skip
        colours.setColor(which, theme.colour(token))
    for which in (role.Text, role.WindowText, role.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, which, mix(theme, "muted", "panel", 0.7))
    return colours


def mix(theme: Theme, one: str, other: str, share: float) -> QColor:
    """`share` of token `one` over token `other`."""
    a, b = theme.colour(one), theme.colour(other)
    return QColor(*(round(x * share + y * (1 - share)) for x, y in zip(a.getRgb()[:3], b.getRgb()[:3])))  # pyright: ignore[reportIndexIssue]


@lru_cache(maxsize=256)
def _drawing(name: str) -> str:
    try:
        return (resources() / "icons" / f"{name}.svg").read_text("utf-8")
    except OSError:
        # A missing file leaves a square, so that the button can still be found and pressed.
        return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor"><rect x="4" y="4" width="16" height="16"/></svg>'


@lru_cache(maxsize=512)
def icon(name: str, token: str = "muted", side: int = ICON, gap: int = 0, checkable: bool = True) -> QIcon:
    """A Lucide icon in the colour of `token` of the theme in use; disabled it is paler, checked it is in the accent."""
    theme, ratio = themes.now, _ratio()
    made = QIcon()
    normal, off = (
        _pixmap(name, theme.colour(token), side, ratio, gap),
        _pixmap(name, mix(theme, "muted", "panel", 0.45), side, ratio, gap),
    )
    made.addPixmap(normal, QIcon.Mode.Normal, QIcon.State.Off)
    made.addPixmap(off, QIcon.Mode.Disabled, QIcon.State.Off)
    if checkable:
        made.addPixmap(
            _pixmap(name, theme.colour("accent_text"), side, ratio, gap), QIcon.Mode.Normal, QIcon.State.On
        )
        made.addPixmap(off, QIcon.Mode.Disabled, QIcon.State.On)
    return made


def pixmap(name: str, token: str = "muted", side: int = ICON) -> QPixmap:
    """The same as a pixmap, for labels and painters."""
    return _pixmap(name, themes.now.colour(token), side, _ratio())


def _ratio() -> float:
    return max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)


def _pixmap(name: str, colour: QColor, side: int, ratio: float, gap: int = 0) -> QPixmap:
    image = QPixmap(_shape(name, side, ratio, gap))
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), colour)
    painter.end()
    return image


@lru_cache(maxsize=512)
def _shape(name: str, side: int, ratio: float, gap: int) -> QPixmap:
    """An icon in black. A start needs each in up to three colours, and the drawing takes longer than a new colour."""
    text = _drawing(name).replace("currentColor", "#000").replace('stroke-width="2"', 'stroke-width="1.75"')
    image = QPixmap(QSize(side + gap, side) * ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, side * ratio, side * ratio))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


def tint(widget: QWidget, name: str, token: str = "muted", side: int = ICON, gap: int = 0) -> None:
    """Give a button (anything with `setIcon`) or a label (`setPixmap`) an icon that follows the theme; `gap` more room
    to its right."""
    widget.setProperty("tint", [name, token, side, gap])
    _draw(widget)


def _draw(widget: QWidget) -> None:
    name, token, side, gap = widget.property("tint")
    if hasattr(widget, "setIcon"):
        widget.setIcon(icon(name, token, side, gap, checkable=getattr(widget, "isCheckable", bool)()))  # type: ignore[attr-defined]
        if hasattr(widget, "setIconSize"):
            widget.setIconSize(QSize(side + gap, side))  # type: ignore[attr-defined]
    else:
        widget.setPixmap(pixmap(name, token, side))  # type: ignore[attr-defined]


def stylesheet(theme: Theme) -> str:
    """The one stylesheet. Object names and dynamic properties (`kind`) are the only hooks."""
    c = theme.colours
    hover = mix(theme, "text", "panel", 0.08).name()
    hover_raised = mix(theme, "text", "raised", 0.08).name()
    accent_hover = mix(theme, "text", "accent", 0.12).name()
    accent_press = mix(theme, "bg", "accent", 0.12).name()
    off = mix(theme, "muted", "panel", 0.45).name()
    return f"""
* {{ outline: none; }}
QMainWindow, QDialog {{ background: {c["bg"]}; color: {c["text"]}; }}
QMainWindow::separator {{ background: {c["line"]}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {c["accent"]}; }}
QWidget {{ color: {c["text"]}; }}
QToolTip {{ background: {c["raised"]}; color: {c["text"]}; border: 1px solid {c["line"]}; padding: 4px 6px; }}
#topbar, #statusbar, #panel, #options, #dock, QDockWidget > QWidget {{ background: {c["panel"]}; }}
QStatusBar {{ background: {c["panel"]}; border: none; padding: 0; margin: 0; }}
QStatusBar::item {{ border: none; }}
QToolBar {{ background: {c["panel"]}; border: none; border-right: 1px solid {c["line"]}; padding: 6px 6px; spacing: 4px; }}
#topbar, #options {{ border-bottom: 1px solid {c["line"]}; }}
#statusbar {{ border-top: 1px solid {c["line"]}; }}
#page {{ background: {c["bg"]}; }}
#canvasframe {{ background: {c["canvas"]}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QLabel {{ background: transparent; }}
QLabel[kind="title"] {{ font-weight: 600; }}
QLabel[kind="headline"] {{ font-size: 20px; font-weight: 600; }}
QLabel[kind="name"] {{ font-size: 14px; font-weight: 600; }}
QLabel[kind="muted"] {{ color: {c["muted"]}; }}
QLabel[kind="small"] {{ color: {c["muted"]}; font-size: 12px; }}
QLabel[kind="value"] {{ font-weight: 500; font-size: 12px; }}
QLabel[kind="time"] {{ font-size: 15px; font-weight: 500; }}
QLabel[kind="chip"] {{ color: {c["muted"]}; border: 1px solid {c["line"]}; border-radius: 11px; padding: 2px 9px;
    font-size: 12px; font-weight: 500; min-height: 16px; }}
QLabel[kind="warn"] {{ color: {c["warn"]}; font-size: 12px; }}
QLabel[kind="error"] {{ color: {c["danger"]}; font-size: 12px; }}

QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 7px; padding: 4px; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:pressed {{ background: {c["raised"]}; }}
QToolButton:checked {{ background: {c["accent_soft"]}; color: {c["accent_text"]}; }}
QToolButton:focus {{ border-color: {c["accent"]}; }}
QToolButton:disabled {{ color: {off}; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton[kind="text"] {{ padding: 4px 8px; color: {c["muted"]}; }}
QToolButton[kind="text"]:hover {{ color: {c["text"]}; }}
QToolButton[kind="name"] {{ padding: 4px 6px; font-size: 14px; font-weight: 600; }}
QToolButton[kind="play"] {{ background: {c["accent"]}; border: 2px solid {c["accent"]}; border-radius: 19px; }}
QToolButton[kind="play"]:hover {{ background: {accent_hover}; }}
QToolButton[kind="play"]:focus {{ border-color: {c["text"]}; }}
QToolButton[kind="play"]:disabled {{ background: {c["raised"]}; border-color: {c["raised"]}; }}
QToolButton[kind="workspace"] {{ padding: 4px 12px; font-weight: 500; border-radius: 6px; color: {c["muted"]}; }}
QToolButton[kind="workspace"]:checked {{ background: {c["raised"]}; color: {c["text"]}; }}
#workspaces {{ background: {c["bg"]}; border: 1px solid {c["bg"]}; border-radius: 8px; }}

QPushButton {{ background: {c["raised"]}; border: 1px solid {c["line"]}; border-radius: 7px; padding: 5px 12px; }}
QPushButton:hover {{ background: {hover_raised}; }}
QPushButton:focus {{ border-color: {c["accent"]}; }}
QPushButton:disabled {{ color: {off}; }}
QPushButton[kind="primary"] {{ background: {c["accent"]}; color: {c["on_accent"]}; border: 2px solid {c["accent"]};
    border-radius: 8px; font-weight: 600; padding: 7px 14px; }}
QPushButton[kind="primary"]:hover {{ background: {accent_hover}; border-color: {accent_hover}; }}
QPushButton[kind="primary"]:pressed {{ background: {accent_press}; }}
QPushButton[kind="primary"]:focus {{ border-color: {c["text"]}; }}
QPushButton[kind="primary"]:disabled {{ background: {c["raised"]}; border-color: {c["raised"]}; color: {c["muted"]}; }}
QPushButton[kind="chip"] {{ background: transparent; color: {c["muted"]}; border: 1px solid {c["line"]};
    border-radius: 11px; padding: 2px 9px; font-size: 12px; min-height: 16px; }}
QPushButton[kind="chip"]:hover {{ color: {c["text"]}; }}
QPushButton[kind="chip"]:checked {{ color: {c["accent_text"]}; border-color: {c["accent"]}; }}
QPushButton[kind="chip"]:disabled {{ color: {off}; border-style: dashed; }}
QPushButton[kind="chip"]:focus {{ border-color: {c["accent"]}; color: {c["text"]}; }}
QPushButton[kind="link"] {{ background: transparent; border: 1px solid transparent; color: {c["muted"]}; padding: 2px 4px;
    text-align: left; font-size: 12px; border-radius: 5px; }}
QPushButton[kind="link"]:hover {{ color: {c["text"]}; }}
QPushButton[kind="link"]:focus {{ border-color: {c["accent"]}; }}

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDoubleSpinBox {{ background: {c["raised"]};
    color: {c["text"]}; border: 1px solid {c["line"]}; border-radius: 7px; padding: 3px 7px;
    selection-background-color: {c["accent"]}; selection-color: {c["on_accent"]}; }}
QPlainTextEdit, QTextEdit {{ padding: 4px 6px; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {{
    border-color: {c["accent"]}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; height: 0; border: none; }}
QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0; border-radius: 0; }}
QSpinBox[kind="plain"], QDoubleSpinBox[kind="plain"], QLineEdit[kind="plain"] {{ background: transparent;
    border-color: transparent; padding: 0 2px; font-weight: 500; font-size: 12px; border-radius: 5px; }}
QSpinBox[kind="plain"]:hover, QDoubleSpinBox[kind="plain"]:hover, QLineEdit[kind="plain"]:hover {{
    border-color: {c["line"]}; }}
QSpinBox[kind="plain"]:focus, QDoubleSpinBox[kind="plain"]:focus, QLineEdit[kind="plain"]:focus {{
    border-color: {c["accent"]}; background: {c["raised"]}; }}
QDoubleSpinBox[own="true"], QSpinBox[own="true"], QLineEdit[own="true"] {{ color: {c["muted"]}; }}
QComboBox[kind="plain"] {{ background: transparent; border-color: transparent; font-weight: 500; font-size: 12px;
    padding: 1px 4px; border-radius: 5px; }}
QComboBox[kind="title"] {{ background: transparent; border-color: transparent; font-weight: 600; padding: 2px 4px; }}
QComboBox[kind="title"]:hover {{ border-color: {c["line"]}; }}
QComboBox[kind="title"]:focus {{ border-color: {c["accent"]}; }}
QComboBox[kind="plain"]:hover {{ border-color: {c["line"]}; }}
QComboBox[kind="plain"]:focus {{ border-color: {c["accent"]}; }}
QComboBox {{ combobox-popup: 0; }}  /* a list below, as high as its lines; the other kind forgets the padding */
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: none; width: 0; height: 0; }}
QComboBox QAbstractItemView, QMenu {{ background: {c["raised"]}; color: {c["text"]}; border: 1px solid {c["line"]};
    padding: 4px; selection-background-color: {c["accent_soft"]}; selection-color: {c["text"]}; }}
QComboBox QAbstractItemView::item {{ padding: 3px 8px; min-height: 20px; border-radius: 5px; }}
QComboBox QAbstractItemView::item:selected {{ background: {c["accent_soft"]}; color: {c["text"]}; }}
QMenu {{ border-radius: 8px; }}
QMenu::item {{ padding: 5px 22px 5px 10px; border-radius: 5px; }}
QMenu::item:selected {{ background: {c["accent_soft"]}; color: {c["text"]}; }}
QMenu::item:disabled {{ color: {off}; }}
QMenu::separator {{ height: 1px; background: {c["line"]}; margin: 4px 6px; }}
QMenu::icon {{ padding-left: 6px; }}

QSlider {{ min-height: 18px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {c["line"]}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {c["accent"]}; }}
QSlider[own="true"]::sub-page:horizontal {{ background: {c["muted"]}; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -6px 0; border-radius: 8px; background: {c["knob"]};
    border: 1px solid {c["panel"]}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {c["accent"]}; }}
QSlider:focus {{ border-radius: 6px; }}
QCheckBox::indicator {{ width: 16px; height: 16px; border-radius: 4px; border: 1px solid {c["muted"]};
    background: {c["raised"]}; }}
QCheckBox::indicator:checked {{ background: {c["accent"]}; border-color: {c["accent"]}; }}
QCheckBox:focus {{ color: {c["accent_text"]}; }}
QProgressBar {{ background: {c["line"]}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }}
QProgressBar::chunk {{ background: {c["accent"]}; border-radius: 2px; }}

QListView, QTreeView, QListWidget {{ background: transparent; border: 1px solid transparent; border-radius: 7px; }}
QListView::item, QListWidget::item {{ border-radius: 7px; }}
QListView#steps::item {{ padding: 5px 6px; }}
QListView#steps::item:selected {{ background: {c["accent_soft"]}; color: {c["text"]}; }}
QListView:focus, QListWidget:focus {{ border-color: {c["line"]}; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {mix(theme, "muted", "panel", 0.45).name()}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {c["muted"]}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

#floating {{ background: {c["raised"]}; border: 1px solid {c["line"]}; border-radius: 9px; }}
#card {{ background: {c["panel"]}; border: 1px solid {c["line"]}; border-radius: 9px; }}
#row {{ border-radius: 7px; background: transparent; }}
#row:hover {{ background: {hover}; }}
#row[selected="true"] {{ background: {c["raised"]}; }}
#notice {{ background: {c["raised"]}; border: 1px solid {c["line"]}; border-left: 3px solid {c["accent"]};
    border-radius: 7px; }}
#notice[level="error"] {{ border-left-color: {c["danger"]}; }}
#notice[level="warn"] {{ border-left-color: {c["warn"]}; }}
#hairline {{ background: {c["line"]}; max-height: 1px; min-height: 1px; }}
#palette {{ background: {c["raised"]}; border: 1px solid {c["line"]}; border-radius: 9px; }}
#palette QLineEdit {{ border: none; font-size: 15px; padding: 8px; background: transparent; }}
#details {{ background: {c["bg"]}; color: {c["muted"]}; border: 1px solid {c["line"]}; font-size: 11px; }}
QDockWidget {{ border: none; }}
QTabBar::tab {{ padding: 5px 10px; color: {c["muted"]}; background: transparent; }}
QTabBar::tab:selected {{ color: {c["text"]}; border-bottom: 2px solid {c["accent"]}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {c["line"]}; }}
"""
