"""The window in German: complete, current, nothing cut, and sentences from below the window recognised."""

from __future__ import annotations

import doctest
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStyle,
    QStyleOptionFrame,
    QWidget,
)

from studio import actions
from studio.core.job import TECHNIQUES
from studio.session import Settings
from studio.ui.language import languages, speak, spoken
from studio.ui.timeline.sight import track_name
from studio.ui.widgets import prompt

ROOT = Path(__file__).parents[2]
ENOUGH = 0.95
"""Share that must be translated. Not 1: who adds a text to the window need not speak German to pass the tests. All of it is
asked for by `python packaging/translate.py --check`, before a release."""


def load(path: Path):
    where = importlib.util.spec_from_file_location(f"for_language_{path.stem}", path)
    made = importlib.util.module_from_spec(where)
    where.loader.exec_module(made)
    return made


test_window = load(ROOT / "tests" / "ui" / "test_window.py")


@pytest.fixture(scope="module")
def tool():
    return load(ROOT / "packaging" / "translate.py")


@pytest.fixture
def german(qapp):
    assert speak("de") == "de"
    yield
    speak("en")


def test_german_is_complete(tool):
    done = tool.read(tool.FOLDER / "studio_de.ts")
    texts = tool.merge(tool.collect(), done)
    missing = [f"{where}: {text}" for (where, text), german in texts.items() if not german]
    assert len(texts) > 900
    assert len(missing) <= (1 - ENOUGH) * len(texts), "\n".join(missing)
    print(f"{len(texts)} texts, not yet in German:", *missing, sep="\n  ")


def test_places_for_values_agree(tool):
    assert not tool.wrong_places(tool.read(tool.FOLDER / "studio_de.ts"))
    assert tool.wrong_places({("", "{0} of {1}"): "{0} von"})


def test_what_is_loaded_is_what_is_written(tool, qapp):
    translator = QTranslator()
    assert translator.load(str(tool.FOLDER / "studio_de.qm"))
    done = tool.read(tool.FOLDER / "studio_de.ts")
    other = [key for key, text in done.items() if translator.translate(*key) != text]
    assert not other, "run python packaging/translate.py"


def test_commands_techniques_and_dialogs_are_german(german):
    assert languages() == {"de": "Deutsch"}
    assert spoken("Duplicate the layer") == "Ebene duplizieren"
    assert spoken(TECHNIQUES["text2image"].title) == "Text zu Bild"
    assert spoken("Show candidate 3") == "Vorschlag 3 zeigen"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"  # Qt's own dialogs


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("“Sky” is locked; unlock it to paint on it.", "„Sky“ ist gesperrt; zum Malen entsperren."),
        ("Discard 3 candidates", "3 Vorschläge verwerfen"),
        (
            "The model failed while drawing (a b); try again, or another model.",
            "Das Modell scheiterte bei: Zeichnen (a b); noch einmal versuchen oder ein anderes Modell nehmen.",
        ),
        (
            "word: owl is not in the description; choose one of a, fox.",
            "word: owl steht nicht in der Beschreibung; möglich sind a, fox.",
        ),
        (
            "The engine was ended by the signal SIGUSR1; press Retry.",
            "Die Engine wurde durch das Signal SIGUSR1 beendet; „Noch einmal“ drücken.",
        ),
        ("Nobody ever said this; do not know it.", "Nobody ever said this; do not know it."),
        ("", ""),
    ],
)
def test_sentences_with_values(german, english, said):
    assert spoken(english) == said


def test_english_stays_as_it_is(qapp):
    assert speak("en") == "en"
    assert spoken("Duplicate the layer") == "Duplicate the layer"
    assert speak("xx") == "en"


def test_the_choice_is_kept_and_told(session, german, qtbot):
    from studio.ui.panels.settings import SettingsDialog

    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    said = []
    session.said.connect(lambda notice: said.append(notice.text))
    box = dialog.language
    assert [box.itemText(at) for at in range(box.count())] == ["Wie das System", "English", "Deutsch"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert session.settings.language == "de"
    assert list(map(spoken, said)) == ["Die Sprache wechselt beim nächsten Start des Studios."]
    session.save_settings()
    assert Settings.read(session.home / "settings.json").language == "de"


def test_commands_are_found_in_both_languages(session, german):
    assert actions.search("duplizieren", session, spoken)[0].id == "layer.duplicate"
    assert "layer.duplicate" in [command.id for command in actions.search("duplicate", session, spoken)]
    assert "view.panels" in [command.id for command in actions.search("vollbild", session, spoken)]


def test_tracks_are_named_in_german(german):
    names = ("Film", "Sound", "Sound 2", "Overlay", "Sound of the sea")
    assert [track_name(name) for name in names] == ["Film", "Klang", "Klang 2", "Overlay", "Sound of the sea"]


# --- the whole window --------------------------------------------------------------------------------------------------

window = test_window.window  # the fixture


def seen(top: QWidget) -> dict[str, str]:
    """Text -> what shows it, of all that a person can read, hear or point at in a part of the window."""
    texts: dict[str, str] = {}
    for widget in [top, *top.findChildren(QWidget)]:
        about = f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        found = [widget.toolTip(), widget.accessibleName(), widget.windowTitle()]
        if isinstance(widget, QLabel | QAbstractButton):
            found.append(widget.text())
        if isinstance(widget, QComboBox):
            found += [widget.itemText(at) for at in range(widget.count())]
        texts |= {text: about for text in found if text}
    for action in top.actions():
        texts |= {action.text(): "a command"}
    return texts


def test_nothing_is_cut_in_german(german, window, session, qtbot):
    test_window.test_nothing_is_cut(window, session, qtbot)


def test_every_form_finds_room_in_german(german, window, session, qtbot):
    session.settings.advanced = True
    room = window.technique._scroll.viewport()
    wide = []
    for name in TECHNIQUES:
        session.set_technique(name)
        qtbot.waitUntil(lambda name=name: window.technique._shows == name)
        qtbot.wait(5)
        form = window.technique._scroll.widget()
        if form.minimumSizeHint().width() > room.width():
            wide.append(f"{name}: {form.minimumSizeHint().width()} of {room.width()} px")
    assert not wide, "\n".join(wide)


def test_nothing_stays_english(german, tool, window, session, qtbot):
    test_window.busy(window, session, qtbot)
    german_of = {text: done for (_, text), done in tool.read(tool.FOLDER / "studio_de.ts").items()}
    texts = seen(window) | seen(window._settings_dialog)
    left = [f"{where}: {text}" for text, where in texts.items() if german_of.get(text, text) != text]
    assert not left, "\n".join(left)


@pytest.mark.parametrize("scale", ["1.5"])
def test_nothing_is_cut_in_german_when_scaled(scale):
    here = f"{__file__}::test_nothing_is_cut_in_german"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", here],
        env={**os.environ, "QT_SCALE_FACTOR": scale, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:]


def cut_hints(top: QWidget) -> list[str]:
    """What stands in the empty fields of a window and finds no room there."""
    cut: list[str] = []
    for edit in top.findChildren(QLineEdit):
        text, option = edit.placeholderText(), QStyleOptionFrame()
        edit.initStyleOption(option)
        room = edit.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, edit)
        margins = edit.textMargins()
        wide = (
            room.width() - 2 * 2 - margins.left() - margins.right()
        )  # 2: what Qt itself leaves free at each side
        if edit.isVisible() and edit.fontMetrics().horizontalAdvance(text) > wide:
            cut.append(f"{edit.accessibleName()}: {text!r} in {wide} px")
    for edit in top.findChildren(QPlainTextEdit):
        text, room, gap = (
            edit.placeholderText(),
            edit.viewport().rect(),
            round(edit.document().documentMargin()),
        )
        place = room.adjusted(gap, gap, -gap, 0)
        need = edit.fontMetrics().boundingRect(place, Qt.TextFlag.TextWordWrap, text)
        if edit.isVisible() and text and (need.height() > place.height() or need.width() > place.width()):
            cut.append(f"{edit.accessibleName()}: {text!r} in {place.width()} x {place.height()} px")
    return cut


def test_a_hint_ends_with_a_thought():
    assert doctest.testmod(prompt).failed == 0


def test_no_hint_in_an_empty_field_is_cut_in_german(german, window, session, qtbot):
    test_window.busy(window, session, qtbot)
    session.settings.advanced = True
    cut = {}
    for name in TECHNIQUES:
        session.set_technique(name)
        qtbot.waitUntil(lambda name=name: window.technique._shows == name)
        qtbot.wait(5)
        cut |= dict.fromkeys(cut_hints(window), name)
    cut |= dict.fromkeys(cut_hints(window._settings_dialog), "settings")
    assert not cut, "\n".join(f"{name}: {text}" for text, name in cut.items())
