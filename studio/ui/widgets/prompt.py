"""Where words are typed: history by Up and Down, weights by Ctrl+Up and Ctrl+Down, a count of tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QSyntaxHighlighter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.job import words_of
from studio.ui.theme import themes
from studio.ui.widgets.basic import FlowLayout, chip, icon_button, label, set_kind

WEIGHED = re.compile(r"\(([^()]+):(\d+(?:\.\d+)?)\)")
STEP = 0.1
SMALL_WORDS = {
    "a",
    "an",
    "the",
    "of",
    "and",
    "or",
    "with",
    "in",
    "on",
    "at",
    "to",
    "is",
    "its",
    "it",
    "by",
    "for",
    "from",
}
"""Words that name no place in a picture."""


def weigh(text: str, start: int, end: int, change: float) -> tuple[str, int, int]:
    """Change the weight of `text[start:end]`, or of the word there when the two are equal.

    "(word:1.3)" is a word of weight 1.3; weight 1 has no brackets. Returns the new text and where the words now are.
    """
    for match in WEIGHED.finditer(text):
        if match.start() <= start and end <= match.end():
            return _put(text, match.start(), match.end(), match[1], float(match[2]) + change)
    if start == end:
        word = next((m for m in re.finditer(r"[^\s,.;:()]+", text) if m.start() <= start <= m.end()), None)
        if word is None:
            return text, start, end
        start, end = word.span()
    inside = text[start:end]
    lead, tail = len(inside) - len(inside.lstrip()), len(inside) - len(inside.rstrip())
    start, end = start + lead, end - tail
    if start >= end or "(" in text[start:end] or ")" in text[start:end]:
        return text, start, end  # nested weights have no meaning
    return _put(text, start, end, text[start:end], 1 + change)


def _put(text: str, start: int, end: int, words: str, weight: float) -> tuple[str, int, int]:
    weight = min(max(round(weight, 2), 0.1), 3.0)
    if abs(weight - 1) < 1e-6:
        return text[:start] + words + text[end:], start, start + len(words)
    made = f"({words}:{weight:g})"
    return text[:start] + made + text[end:], start + 1, start + 1 + len(words)


class _Weights(QSyntaxHighlighter):
    """Weighed words stand out; brackets and numbers step back."""

    def highlightBlock(self, text: str) -> None:
        for match in WEIGHED.finditer(text):
            quiet, strong = QTextCharFormat(), QTextCharFormat()
            quiet.setForeground(themes.now.colour("muted"))
            strong.setBackground(themes.now.colour("accent_soft"))
            strong.setFontWeight(600 if float(match[2]) > 1 else 400)
            self.setFormat(match.start(), len(match[0]), quiet)
            self.setFormat(match.start(1), len(match[1]), strong)


def beginnings(text: str) -> list[str]:
    """A text, and what is left of it when it ends earlier: after a sentence, else after a part of one, else after a word.

    >>> beginnings("Red, blue: what you like. Or none.")[:5]
    ['Red, blue: what you like. Or none.', 'Red, blue: what you like.', 'Red, blue', 'Red', 'Red, blue: what you like. Or…']
    """

    def ends(pattern: str) -> list[int]:
        return [match.end() for match in reversed([*re.finditer(pattern, text)])]

    sentences = [text[:end] for end in ends(r"\.(?=\s)")]
    parts = [text[: end - 1] for end in ends(r"[:;,](?=\s)")]
    return [text, *sentences, *parts, *(f"{text[:end]}…" for end in ends(r"\S(?=\s)"))]


class PromptEdit(QPlainTextEdit):
    """A small text box. Tab leaves it, Ctrl+Enter is left to the window."""

    typed = Signal(str)

    def __init__(self, title: str, hint: str, lines: int = 2) -> None:
        super().__init__()
        self._past: list[str] = []
        self._at = 0
        self._draft = ""
        self._lines = lines
        self.setAccessibleName(title)
        self._hint = hint
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._weights = _Weights(self.document())
        themes.changed.connect(self._weights.rehighlight)
        self.textChanged.connect(self._changed)
        self._fit()

    @property
    def past(self) -> list[str]:
        """Earlier texts, newest last; the owner sets it."""
        return self._past

    @past.setter
    def past(self, past: list[str]) -> None:
        self._past, self._at = past, len(past)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Words only: a file that is dropped here is not its address but means its settings, which the panel reads."""
        return source.hasText() and not source.hasUrls()

    def text(self) -> str:
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        if text != self.toPlainText():
            cursor = (
                self.textCursor()
            )  # through the cursor, so that Ctrl+Z in the box brings the old words back
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, plain = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            if plain == Qt.KeyboardModifier.ControlModifier:
                self._weigh(STEP if key == Qt.Key.Key_Up else -STEP)
                return
            if plain == Qt.KeyboardModifier.NoModifier and self._browse(-1 if key == Qt.Key.Key_Up else 1):
                return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain == Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Ctrl+Enter and Ctrl+Up are this box's or the window's, never a new line or a scroll.
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if (
                event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
                and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            ):
                event.accept()
                return True
            if (
                event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
                and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            ):
                event.ignore()
                return False
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._at = len(self.past)

    def _weigh(self, change: float) -> None:
        cursor = self.textCursor()
        text, start, end = weigh(self.text(), cursor.selectionStart(), cursor.selectionEnd(), change)
        if text == self.text():
            return
        self.set_text(text)
        cursor = self.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def _browse(self, way: int) -> bool:
        """An earlier or later text, where the cursor cannot go further up or down."""
        probe = self.textCursor()
        move = QTextCursor.MoveOperation.Up if way < 0 else QTextCursor.MoveOperation.Down
        if probe.movePosition(move) or not self.past:
            return False
        if self._at > len(self.past):
            self._at = len(self.past)
        if self._at == len(self.past):
            self._draft = self.text()
        at = min(max(self._at + way, 0), len(self.past))
        if at == self._at:
            return False
        self._at = at
        self.set_text(self._draft if at == len(self.past) else self.past[at])
        self.moveCursor(QTextCursor.MoveOperation.End)
        return True

    def _changed(self) -> None:
        self._fit()
        self.typed.emit(self.text())

    def _fit(self) -> None:
        lines = min(max(int(self.document().size().height()), self._lines), 8)
        frame = 2 * (self.frameWidth() + int(self.document().documentMargin())) + 10
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + frame)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit_hint()
        QTimer.singleShot(0, self, self._fit)

    def _fit_hint(self) -> None:
        """As much of the hint as finds room, so that it ends with a thought and not in the middle of a line."""
        gap = round(self.document().documentMargin())
        room = self.viewport().rect().adjusted(gap, gap, -gap, 0)

        def fits(text: str) -> bool:
            need = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, text)
            return need.height() <= room.height() and need.width() <= room.width()

        hint = next(filter(fits, beginnings(self._hint)), "")
        if hint != self.placeholderText():
            self.setPlaceholderText(hint)


class PromptBox(QWidget):
    """The text with its count below. `count(text) -> (tokens, limit, exact)`, given by the owner; limit 0 = not known."""

    typed = Signal(str)
    word_asked = Signal(str)
    """Somebody wants to see where this word acts."""

    def __init__(self, title: str, hint: str, lines: int = 2) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(2)
        self.edit = PromptEdit(title, hint, lines)
        outer.addWidget(self.edit)
        row = QHBoxLayout()
        self.hint = label(self.tr("Ctrl+↑ weighs a word"), "small")
        self.tokens = label("", "small")
        self.tokens.setAccessibleName(self.tr("Length of the words"))
        row.addWidget(self.hint)
        row.addStretch(1)
        self.look = icon_button(
            "scan", self.tr("Show where a word acts in the picture"), self._show_words, side=14
        )
        self.look.setCheckable(True)
        self.look.setVisible(False)
        row.addWidget(self.look)
        row.addWidget(self.tokens)
        outer.addLayout(row)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, gap=4)
        self._chips.setVisible(False)
        outer.addWidget(self._chips)
        self.description: Callable[[], str] = self.edit.text
        """The words that can be asked for; the owner may set another text."""
        self.count = lambda text: (len(re.findall(r"\w+|[^\w\s]", text)), 0, False)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(150)  # typing is not slowed by counting
        self._later.timeout.connect(self.recount)
        self.edit.typed.connect(lambda text: (self._later.start(), self.typed.emit(text)))
        self.recount()

    def show_unknown(self, words: Sequence[str], knows: Sequence[str]) -> None:
        """Says which words the model was never taught, and in the tooltip what it knows."""
        if words:
            self.hint.setText(
                self.tr("not taught: {0}").format(", ".join(words[:3]) + ("…" if len(words) > 3 else ""))
            )
            self.hint.setToolTip(self.tr("This small model knows only: {0}.").format(", ".join(knows)))
        else:
            self.hint.setText(self.tr("Ctrl+↑ weighs a word"))
            self.hint.setToolTip("")
        set_kind(self.hint, kind="warn" if words else "small")

    def offer_words(self, on: bool) -> None:
        """Whether there is a picture in which a word can be looked for."""
        self.look.setVisible(on)
        if not on and self.look.isChecked():
            self.look.setChecked(False)
            self._show_words()

    def _show_words(self) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        shown = self.look.isChecked()
        words = (
            [word for word in words_of(self.description()) if word.lower() not in SMALL_WORDS]
            if shown
            else []
        )
        for word in words:
            made = chip(word, checkable=False, run=lambda word=word: self.word_asked.emit(word))
            made.setToolTip(self.tr("Select where “{0}” acts in the picture").format(word))
            self._flow.addWidget(made)
        self._chips.setVisible(bool(words))

    def recount(self) -> None:
        if self.look.isChecked():
            self._show_words()
        tokens, limit, exact = self.count(self.edit.text())
        over = bool(limit) and tokens > limit
        about = "" if exact else self.tr("about ")
        of = f" / {limit}" if limit else ""
        self.tokens.setText(
            (self.tr("{0}1 token") if tokens == 1 and not of else self.tr("{0}{1}{2} tokens")).format(
                about, tokens, of
            )
        )
        set_kind(self.tokens, kind="error" if over else "small")
        self.tokens.setToolTip(
            self.tr("The model reads the first {0} tokens; what comes after is left out.").format(limit)
            if limit
            else ""
        )
