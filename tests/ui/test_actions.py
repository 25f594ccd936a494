"""The table of commands: complete, without clashes, found by search, in step with the canvas' tools."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QKeySequence

from studio import actions
from studio.core.clip import Clip


def test_ids_are_unique_and_groups_known():
    assert len(actions.BY_ID) == len(actions.COMMANDS)
    for command in actions.COMMANDS:
        assert command.group in actions.GROUPS
        assert "." in command.id and command.title and not command.title.endswith((".", "…"))


def test_keys_do_not_clash_and_qt_knows_them(session):
    assert actions.clashes(session) == {}
    for command in actions.COMMANDS:
        for key in command.keys:
            assert QKeySequence(key).toString(), key
    for page in ("canvas", "film", "music"):
        here = [command for command in actions.COMMANDS if command.where in ("window", page)]
        texts = [QKeySequence(key).toString() for command in here for key in command.keys]
        assert len(set(texts)) >= len(texts) - 2, "Return and Enter may be one"


def test_keys_of_two_pages_never_meet(session):
    session.set_shortcut("sound.play", ["B"])
    assert actions.clashes(session) == {"b": ["sound.play", "sound-tool.brush"]}
    session.set_shortcut("sound.play", ["Ctrl+S"])
    assert set(actions.clashes(session)["ctrl+s"]) == {"file.save", "sound.play"}
    session.set_shortcut("sound.play", None)
    session.set_shortcut("film.play", ["S"])
    assert actions.clashes(session) == {"s": ["film.play", "film.split"]}
    session.set_shortcut("film.play", ["Ctrl+S"])
    assert set(actions.clashes(session)["ctrl+s"]) == {"file.save", "film.play"}


def test_single_keys_are_only_for_the_pages():
    for command in actions.COMMANDS:
        for key in command.keys:
            if not any(part in key for part in ("Ctrl+", "F1", "F3", "F6")):
                assert command.where in ("canvas", "film", "music"), f"{key} would be stolen from text fields"


def test_keys_can_be_changed_and_clashes_are_seen(session):
    session.set_shortcut("layer.new", ["Ctrl+Z"])
    assert actions.keys_of(actions.BY_ID["layer.new"], session) == ("Ctrl+Z",)
    assert actions.clashes(session) == {"ctrl+z": ["edit.undo", "layer.new"]}
    session.set_shortcut("layer.new", None)
    assert actions.clashes(session) == {}


def test_search_finds_by_title_and_by_other_words(session):
    assert actions.search("undo", session)[0].id == "edit.undo" or not session.can_undo
    assert "picture.draw" in [c.id for c in actions.search("generate", session)]
    assert "view.theme-contrast" in [c.id for c in actions.search("access", session)]
    assert actions.search("xyzzy", session) == []
    assert len(actions.search("", session)) == len(actions.COMMANDS)


def test_what_cannot_be_done_is_refused(session):
    assert not actions.perform("edit.undo", session)
    session.add_clip(Clip.picture(np.zeros((8, 8, 3), np.uint8)), "x")
    assert actions.perform("edit.undo", session)
    assert actions.perform("edit.redo", session)
    assert actions.perform("layer.hide", session)
    assert not session.layer.visible


def test_every_predicate_can_be_asked_at_any_time(session):
    for command in actions.COMMANDS:
        assert command.enabled(session) in (True, False)


def test_tools_for_sounds_are_those_of_the_spectrogram():
    from studio.ui.spectrogram.tools import TOOLS

    ours = [(tool, title, icon, key) for tool, title, icon, key in actions.SOUND_TOOLS]
    assert ours == [(tool.id, tool.title, tool.icon, tool.key) for tool in TOOLS]


def test_tools_are_those_of_the_canvas():
    from studio.ui.canvas import TOOLS

    ours = [(tool, icon, key) for tool, _, icon, key in actions.TOOLS]
    assert ours == [(tool.id, tool.icon, tool.key) for tool in TOOLS]
