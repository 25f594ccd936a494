"""The table of every command of the window.

One row says what a command is called, its key, when it can be used and what it does to the session. The menu, the
command palette, the tool bar, the context menus and the shortcuts are all made from this table, so that a command
that can be found at all can be found everywhere. What needs a window (asking for a file, showing a panel) goes through
`session.view`, a small protocol that the window fulfils.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from studio import layering
from studio.core import select
from studio.core.job import TECHNIQUES
from studio.core.layer import IDENTITY, Layer
from studio.session import Session


def mark(text: str) -> str:
    """Marks a text for translation where it is written; it is translated (context "actions") where it is shown."""
    return text


def always(session: Session) -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """One thing a person can do.

    Args:
        id: "group.verb"; what settings and tests call it.
        title: what it does, in plain words, without an ellipsis.
        group: where it is listed in the menu.
        keys: shortcuts in portable text ("Ctrl+Z"), the first is shown.
        where: "window", or "canvas" for keys that mean something else in a text field, or a workspace whose page alone has the keys.
        icon: name of a drawing.
        words: what else people call it; only searched.
    """

    id: str
    title: str
    group: str
    run: Callable[[Session], object]
    keys: tuple[str, ...] = ()
    enabled: Callable[[Session], bool] = always
    checked: Callable[[Session], bool] | None = None
    where: Literal["window", "canvas", "film", "music"] = "window"
    icon: str = ""
    words: str = ""


GROUPS = (
    mark("File"),
    mark("Edit"),
    mark("Picture"),
    mark("Layer"),
    mark("Mask"),
    mark("Film"),
    mark("Sound"),
    mark("Technique"),
    mark("Tool"),
    mark("View"),
    mark("Help"),
)


def _can_save(session: Session) -> bool:
    return session.has_work or session.project.path is not None


def _has_layer(session: Session) -> bool:
    return session.layer is not None


def _has_made_layer(session: Session) -> bool:
    return session.layer is not None and session.layer.spec is not None


def _has_candidates(session: Session) -> bool:
    return bool(session.candidates)


def _can_compare(session: Session) -> bool:
    return bool(session.candidates) or session.comparing or session.compared_layer is not None


def _has_jobs(session: Session) -> bool:
    return any(job.state in ("waiting", "running", "paused") for job in session.jobs.values())


def _has_selection(session: Session) -> bool:
    return session.document.selection is not None


def _has_mask(session: Session) -> bool:
    return session.mask is not None


def _has_mask_or_selection(session: Session) -> bool:
    return layering.target(session) is not None


def _is_group(session: Session) -> bool:
    return session.layer is not None and session.layer.kind == "group"


def _has_pixels(session: Session) -> bool:
    layer = session.layer
    return layer is not None and (layer.kind == "group" or bool(layer.pixels.size))


def _is_turned(session: Session) -> bool:
    return session.layer is not None and session.layer.matrix != IDENTITY


def _in_music(session: Session) -> bool:
    return session.workspace == "music" and session.takes.page is not None


def _has_take(session: Session) -> bool:
    return _in_music(session) and session.takes.shown is not None


def _has_new_take(session: Session) -> bool:
    take = session.takes.shown if _in_music(session) else None
    return take is not None and session.takes.is_new(take)


def _has_marks(session: Session) -> bool:
    return _in_music(session) and session.takes.marked()


def _mark_with(tool: str) -> Callable[[Session], object]:
    return lambda session: session.takes.page.set_tool(tool)


def _marks_with(tool: str) -> Callable[[Session], bool]:
    return lambda session: _in_music(session) and session.takes.page.tool() == tool


def _repeat(session: Session) -> None:
    deck = session.takes.page.deck
    deck.set_repeat(not deck.repeat)


SOUND_TOOLS = (
    ("hand", mark("Move the sound, put the playhead"), "hand", "H"),
    ("brush", mark("Mark with a brush"), "brush", "B"),
    ("eraser", mark("Unmark with a brush"), "eraser", "E"),
    ("lasso", mark("Mark with a lasso"), "lasso", "L"),
    ("rectangle", mark("Mark a rectangle"), "square-dashed", "M"),
    ("range", mark("Choose a stretch of time"), "move-horizontal", "R"),
    ("tune", mark("Mend the tune"), "music", "T"),
)
"""Id, title, icon and key of the tools of a spectrogram."""


def _in_film(session: Session) -> bool:
    return session.workspace == "film" and session.film.desk is not None


def _has_film(session: Session) -> bool:
    return _in_film(session) and session.film.timeline.length > 0


def _can_play(session: Session) -> bool:
    return _in_film(session) and (session.film.timeline.length > 0 or bool(session.film.takes))


def _has_item(session: Session) -> bool:
    return _in_film(session) and session.film.chosen is not None


def _is_faded(session: Session) -> bool:
    found = session.film.chosen if _in_film(session) else None
    return found is not None and found[1].fade > 0


def _has_clip(session: Session) -> bool:
    found = session.film.chosen if _in_film(session) else None
    return found is not None and found[1].media.kind == "video" and found[0].kind != "sound"


def _has_sound(session: Session) -> bool:
    return _has_film(session) and any(item.media.heard for _, item in session.film.timeline.items())


def _has_film_take(session: Session) -> bool:
    return _in_film(session) and session.film.take is not None


def _has_film_takes(session: Session) -> bool:
    return _in_film(session) and bool(session.film.takes)


def _can(technique: str) -> Callable[[Session], bool]:
    """Whether a model here makes that of the chosen clip."""
    return lambda session: _has_clip(session) and bool(session.offered(technique))


def _can_animate(session: Session) -> bool:
    layer = session.layer
    able = layer is not None and layer.kind == "picture" and bool(layer.pixels.size)
    return able and bool(session.offered("image2video"))


def _refine(change: str) -> Callable[[Session], object]:
    return lambda session: session.view.refine(change)


TOOLS = (
    ("move", mark("Move"), "mouse-pointer-2", "V"),
    ("brush", mark("Brush"), "brush", "B"),
    ("eraser", mark("Eraser"), "eraser", "E"),
    ("lasso", mark("Lasso"), "lasso", "L"),
    ("rectangle", mark("Rectangle"), "square-dashed", "M"),
    ("ellipse", mark("Ellipse"), "circle-dashed", "Shift+M"),
    ("wand", mark("Magic wand"), "wand-sparkles", "W"),
    ("fill", mark("Fill"), "paint-bucket", "G"),
    ("gradient", mark("Gradient"), "blend", "Shift+G"),
    ("pick", mark("Pick a colour"), "pipette", "I"),
    ("box", mark("Generation box"), "crop", "C"),
    ("crop", mark("Crop the canvas"), "scaling", "Shift+C"),
    ("hand", mark("Hand"), "hand", "H"),
)
"""Id, title, icon and key of the canvas' tools, in the order of the tool bar."""


def _take(tool: str) -> Callable[[Session], object]:
    return lambda session: session.set_tool(tool)


def _holds(tool: str) -> Callable[[Session], bool]:
    return lambda session: session.tool == tool


def _use(technique: str) -> Callable[[Session], object]:
    return lambda session: session.set_technique(technique)


def _uses(technique: str) -> Callable[[Session], bool]:
    return lambda session: session.technique == technique


def _is_offered(technique: str) -> Callable[[Session], bool]:
    return lambda session: bool(session.offered(technique))


def _pick(number: int) -> Callable[[Session], object]:
    return lambda session: session.show_candidate(number - 1)


def _can_pick(number: int) -> Callable[[Session], bool]:
    return lambda session: len(session.candidates) >= number


COMMANDS: tuple[Command, ...] = (
    Command("file.new", mark("New picture"), "File", lambda s: s.view.new_picture(), ("Ctrl+N",), icon="file-plus"),
    Command("file.open", mark("Open a project or picture"), "File", lambda s: s.view.open_file(), ("Ctrl+O",),
            icon="folder-open", words="load file ora psd"),
    Command("file.recent", mark("Open a recent file"), "File", lambda s: s.view.show_recent(), ("Ctrl+Alt+O",),
            lambda s: bool(s.settings.recent), icon="history", words="last project"),
    Command("file.add", mark("Add pictures as layers"), "File", lambda s: s.view.add_pictures(), ("Ctrl+Shift+O",),
            icon="image-plus", words="import place drop load file"),
    Command("file.save", mark("Save the project"), "File", lambda s: s.view.save_project(), ("Ctrl+S",), _can_save, icon="save",
            words="keep ora"),
    Command("file.save-as", mark("Save the project under another name"), "File", lambda s: s.view.save_project_as(),
            ("Ctrl+Shift+S",), _can_save, icon="save", words="copy ora as"),
    Command("file.export", mark("Export the picture"), "File", lambda s: s.view.export_picture(), ("Ctrl+Shift+E",),
            lambda s: _has_take(s) if s.workspace == "music" else bool(s.document.layers), icon="file-down",
            words="save png jpeg webp avif tiff psd file"),
    Command("file.settings", mark("Settings"), "File", lambda s: s.view.show_settings(), ("Ctrl+,",), icon="settings-2",
            words="preferences shortcuts keys theme language"),
    Command("file.quit", mark("Quit"), "File", lambda s: s.view.close(), ("Ctrl+Q",), words="exit close"),

    Command("edit.undo", mark("Undo"), "Edit", lambda s: s.undo(), ("Ctrl+Z",), lambda s: s.can_undo, icon="undo"),
    Command("edit.redo", mark("Redo"), "Edit", lambda s: s.redo(), ("Ctrl+Shift+Z", "Ctrl+Y"), lambda s: s.can_redo, icon="redo"),
    Command("edit.cut", mark("Cut what is selected"), "Edit", lambda s: s.view.clear(cut=True), ("Ctrl+X",), _has_selection,
            where="canvas", icon="scissors", words="clipboard"),
    Command("edit.copy", mark("Copy the layer, or what is selected of it"), "Edit", lambda s: s.view.copy_picture(), ("Ctrl+C",),
            _has_pixels, where="canvas", icon="copy", words="clipboard"),
    Command("edit.copy-all", mark("Copy the picture"), "Edit", lambda s: s.view.copy_picture(True), ("Ctrl+Shift+C",),
            lambda s: bool(s.document.layers), where="canvas", words="clipboard merged visible"),
    Command("edit.paste", mark("Paste as a layer"), "Edit", lambda s: s.view.paste(), ("Ctrl+V",), where="canvas",
            icon="clipboard-paste", words="clipboard"),
    Command("edit.clear", mark("Clear what is selected, else delete the layer"), "Edit",
            lambda s: s.view.clear() if _has_selection(s) else layering.delete(s), ("Delete",),
            lambda s: _has_selection(s) or _has_layer(s), where="canvas", words="erase remove"),
    Command("edit.commands", mark("Find a command"), "Edit", lambda s: s.view.show_palette(), ("Ctrl+K", "Ctrl+Shift+P", "F3"),
            icon="search", words="palette search help"),

    Command("picture.draw", mark("Draw"), "Picture", lambda s: s.draw(), ("Ctrl+Return", "Ctrl+Enter"),
            lambda s: not s.why_not(), icon="play", words="apply generate make render submit"),
    Command("picture.live", mark("Live preview"), "Picture", lambda s: s.set_live(not s.settings.live), ("Ctrl+Shift+L",),
            checked=lambda s: s.settings.live, icon="activity", words="sketch fast follow instant realtime"),
    Command("picture.live-strokes", mark("Live preview in the middle of a stroke"), "Picture",
            lambda s: s.set_live(True, not s.settings.live_strokes), checked=lambda s: s.settings.live and s.settings.live_strokes,
            words="sketch follow brush painting"),
    Command("picture.seed", mark("Throw a new seed"), "Picture", lambda s: s.throw_seed(), ("Ctrl+Shift+R",), icon="dices",
            words="random dice"),
    Command("picture.accept", mark("Accept the candidate as a layer"), "Picture", lambda s: s.accept(), ("Return", "Enter"),
            _has_candidates, where="canvas", icon="check", words="keep use"),
    Command("picture.discard", mark("Discard the candidate"), "Picture", lambda s: s.discard(), ("Backspace",), _has_candidates,
            where="canvas", icon="trash-2", words="reject delete"),
    Command("picture.discard-all", mark("Discard all candidates"), "Picture", lambda s: s.discard_all(), ("Escape",),
            _has_candidates, where="canvas", words="reject"),
    Command("picture.previous", mark("Previous candidate"), "Picture", lambda s: s.step_candidate(-1), (",",), _has_candidates,
            where="canvas", icon="chevron-left"),
    Command("picture.next", mark("Next candidate"), "Picture", lambda s: s.step_candidate(1), (".",), _has_candidates,
            where="canvas", icon="chevron-right"),
    Command("picture.compare", mark("Compare with what is below"), "Picture", lambda s: s.compare(not s.comparing), ("\\",),
            _can_compare, lambda s: s.comparing, "canvas", "columns-2", words="before after split layer without"),
    *(Command(f"picture.pick-{n}", mark("Show candidate {0}").format(n), "Picture", _pick(n), (str(n),), _can_pick(n), where="canvas")
      for n in range(1, 10)),
    Command("picture.side-by-side", mark("Compare techniques on this picture"), "Picture", lambda s: s.view.show_side_by_side(), (),
            lambda s: bool(s.document.layers), icon="layout-grid", words="side by side edits map changed"),
    Command("picture.scales", mark("Choose both guidance scales by eye"), "Picture",
            lambda s: s.view.show_side_by_side(scales=True), (),
            lambda s: s.technique == "instruct" and not s.why_not(), icon="layout-grid",
            words="instruct grid picker"),
    Command("picture.cancel", mark("Stop all jobs"), "Picture", lambda s: s.cancel_all(), ("Ctrl+.",), _has_jobs, icon="x",
            words="cancel abort"),
    Command("picture.pause", mark("Pause the queue"), "Picture", lambda s: s.pause_all(not s.paused), (), always,
            lambda s: s.paused, icon="pause", words="resume hold"),

    Command("layer.again", mark("Make the layer again"), "Layer", lambda s: s.make_layer_again(), (), _has_made_layer,
            icon="refresh-cw", words="repeat regenerate"),
    Command("layer.settings", mark("Use the layer's settings"), "Layer", lambda s: s.use_layer_settings(), (), _has_made_layer,
            icon="sliders-horizontal", words="prompt parameters"),
    Command("layer.duplicate", mark("Duplicate the layer"), "Layer", layering.duplicate, ("Ctrl+J",), _has_layer,
            icon="copy"),
    Command("layer.delete", mark("Delete the layer"), "Layer", layering.delete, ("Shift+Delete",), _has_layer,
            where="canvas", icon="trash-2", words="remove"),
    Command("layer.up", mark("Raise the layer"), "Layer", lambda s: layering.shift(s, 1), ("Ctrl+]",), _has_layer, icon="arrow-up"),
    Command("layer.down", mark("Lower the layer"), "Layer", lambda s: layering.shift(s, -1), ("Ctrl+[",), _has_layer,
            icon="arrow-down"),
    Command("layer.hide", mark("Show or hide the layer"), "Layer", lambda s: s.toggle_layer(), (), _has_layer, icon="eye"),
    Command("layer.lock", mark("Lock or unlock the layer"), "Layer", lambda s: layering.lock(s), (), _has_layer, icon="lock",
            words="protect"),
    Command("layer.merge", mark("Merge the layer with the one below, or a group into one"), "Layer", layering.merge_down, ("Ctrl+E",),
            _has_layer, icon="arrow-down-to-line", words="merge down join combine"),
    Command("layer.flatten", mark("Merge all that is shown"), "Layer", layering.flatten, (), _has_layer, words="flatten visible"),
    Command("layer.group", mark("Group the chosen layers"), "Layer", layering.group, ("Ctrl+Shift+G",), _has_layer,
            icon="folder-plus", words="folder"),
    Command("layer.ungroup", mark("Ungroup"), "Layer", layering.ungroup, ("Ctrl+Alt+G",), _is_group, words="folder"),
    Command("layer.flip", mark("Flip the layer sideways"), "Layer", lambda s: layering.turn(s, layering.FLIP_SIDEWAYS, "Flip {0}"), (),
            _has_pixels, icon="flip-horizontal", words="mirror horizontal"),
    Command("layer.flip-over", mark("Flip the layer upside down"), "Layer",
            lambda s: layering.turn(s, layering.FLIP_UPSIDE_DOWN, "Flip {0}"), (), _has_pixels, icon="flip-vertical", words="mirror vertical"),
    Command("layer.turn", mark("Turn the layer by 90°"), "Layer", lambda s: layering.turn(s, layering.QUARTER, "Rotate {0}"), (),
            _has_pixels, icon="rotate-cw", words="rotate clockwise"),
    Command("layer.straighten", mark("Undo the layer's scaling and turning"), "Layer", layering.straighten, (), _is_turned,
            icon="rotate-ccw", words="reset transform"),
    Command("layer.select", mark("Select what the layer covers"), "Layer", layering.select_layer, (), _has_pixels,
            words="selection from alpha opaque"),
    Command("layer.animate", mark("Animate the layer"), "Layer", lambda s: s.film.animate(), (), _can_animate, icon="image-play",
            words="move clip film video motion"),
    Command("layer.new", mark("New empty layer"), "Layer", lambda s: layering.add(s, Layer(s.named("Layer"))), ("Ctrl+Shift+N",), icon="plus"),
    Command("layer.new-group", mark("New group"), "Layer", layering.new_group, (), icon="folder", words="folder"),
    Command("layer.new-region", mark("New region with words of its own"), "Layer", layering.new_region, ("Ctrl+Shift+W",),
            icon="message-square-text", words="paint with words regional prompt"),
    Command("mask.all", mark("Select all"), "Mask", lambda s: s.select_all(), ("Ctrl+A",), where="canvas"),
    Command("mask.none", mark("Select nothing"), "Mask", lambda s: s.deselect(), ("Ctrl+D",), _has_selection, words="deselect"),
    Command("mask.swap", mark("Invert the selection"), "Mask", lambda s: s.invert_selection(), ("Ctrl+Shift+I",), _has_selection),
    Command("mask.invert", mark("Invert the mask"), "Mask", lambda s: s.change_mask("Invert the mask", select.invert), ("Ctrl+I",),
            _has_mask, icon="contrast"),
    Command("mask.grow", mark("Grow the mask or selection"), "Mask", _refine("grow"), (), _has_mask_or_selection, icon="expand",
            words="expand larger dilate"),
    Command("mask.shrink", mark("Shrink the mask or selection"), "Mask", _refine("shrink"), (), _has_mask_or_selection, icon="shrink",
            words="smaller contract erode"),
    Command("mask.feather", mark("Feather the mask or selection"), "Mask", _refine("feather"), (),
            _has_mask_or_selection, words="soft blur edge"),
    Command("mask.smooth", mark("Smooth the mask or selection"), "Mask", _refine("smooth"), (), _has_mask_or_selection, icon="spline",
            words="round corners clean"),
    Command("mask.border", mark("Border of the mask or selection"), "Mask", _refine("border"), (), _has_mask_or_selection,
            words="outline edge band stroke"),
    Command("mask.from-selection", mark("Make a mask of the selection"), "Mask", layering.mask_from_selection, (), _has_selection,
            icon="circle-dashed"),
    Command("layer.new-mask", mark("New mask"), "Mask", lambda s: s.new_mask(), ("Ctrl+Shift+M",), icon="circle-dashed"),

    Command("sound.play", mark("Play or pause"), "Sound", lambda s: s.takes.page.deck.toggle(), ("Space",), _has_take, where="music",
            icon="play", words="stop listen"),
    Command("sound.start", mark("Go to the beginning of the sound"), "Sound", lambda s: s.takes.page.deck.seek(0.0), (), _has_take,
            icon="skip-back", words="rewind home"),
    Command("sound.repeat", mark("Play round and round"), "Sound", _repeat, ("Ctrl+Shift+Y",), _has_take,
            lambda s: _in_music(s) and s.takes.page.deck.repeat, icon="repeat", words="loop repeat"),
    Command("sound.begin", mark("Begin the chosen stretch at the playhead"), "Sound", lambda s: s.takes.page.deck.begin_range(), ("I",),
            _has_take, where="music", words="in point loop start"),
    Command("sound.end", mark("End the chosen stretch at the playhead"), "Sound", lambda s: s.takes.page.deck.end_range(), ("O",),
            _has_take, where="music", words="out point loop end"),
    Command("sound.hum", mark("Hum a tune, or stop recording"), "Sound", lambda s: s.takes.page.deck.record(hums=True), (), _in_music,
            icon="mic", words="record microphone melody voice"),
    Command("sound.record", mark("Record a sound, or stop recording"), "Sound", lambda s: s.takes.page.deck.record(), (), _in_music,
            icon="circle-dot", words="microphone"),
    Command("sound.add", mark("Add sounds"), "Sound", lambda s: s.takes.page.add_sounds(), (), _in_music, icon="folder-open",
            words="import open file wav flac mp3 ogg"),
    Command("sound.export", mark("Export the sound"), "Sound", lambda s: s.takes.page.export_take(), (), _has_take,
            icon="file-down", words="save wav flac mp3 ogg loudness normalise"),
    Command("sound.keep", mark("Keep the take"), "Sound", lambda s: s.takes.keep(s.takes.shown_id), ("Return", "Enter"), _has_new_take,
            where="music", icon="check", words="accept"),
    Command("sound.discard", mark("Discard the take"), "Sound", lambda s: s.takes.discard(s.takes.shown_id), ("Backspace",), _has_take,
            where="music", icon="trash-2", words="delete remove"),
    Command("sound.swap", mark("Swap the take and what it is compared with"), "Sound", lambda s: s.takes.swap(), ("\\",),
            lambda s: _in_music(s) and bool(s.takes.other_id), where="music", words="a/b before after compare"),
    Command("sound.tune", mark("Find the tune of the sound"), "Sound", lambda s: s.takes.page.find_tune(), (), _has_take, icon="music",
            words="melody notes pitch"),
    Command("sound.silence", mark("Remove what is marked from the sound"), "Sound", lambda s: s.takes.page.silence_marks(), (), _has_marks,
            words="silence mute delete"),
    Command("sound.mark", mark("Mark the chosen stretch, else what is in view"), "Sound", lambda s: s.takes.page.mark_range(),
            ("Ctrl+Shift+A",), _has_take, where="music", words="select all region"),
    Command("sound.unmark", mark("Mark nothing"), "Sound", lambda s: s.takes.page.clear_marks(), ("Ctrl+Shift+D",), _has_marks,
            where="music", words="clear deselect"),
    *(Command(f"sound-tool.{tool}", mark(title), "Sound", _mark_with(tool), (key,), _in_music, _marks_with(tool), "music", icon, "tool")
      for tool, title, icon, key in SOUND_TOOLS),
    *(Command(f"technique.{name}", technique.title, "Technique", _use(name), enabled=_is_offered(name), checked=_uses(name),
              words="technique method")
      for name, technique in TECHNIQUES.items()),

    Command("film.play", mark("Play or pause the film"), "Film", lambda s: s.film.player.toggle(), ("Space",), _can_play, where="film",
            icon="play", words="stop start"),
    Command("film.forward", mark("Play forward, faster at each press"), "Film", lambda s: s.film.player.faster(1), ("L",), _can_play,
            where="film", words="jkl shuttle speed"),
    Command("film.backward", mark("Play backward, faster at each press"), "Film", lambda s: s.film.player.faster(-1), ("J",), _can_play,
            where="film", words="jkl shuttle reverse"),
    Command("film.stop", mark("Stop playing"), "Film", lambda s: s.film.player.stop(), ("K",), _can_play, where="film", words="jkl pause"),
    Command("film.on-one", mark("One frame on"), "Film", lambda s: s.film.player.step(1), ("Right",), _can_play, where="film",
            icon="step-forward", words="next step"),
    Command("film.back-one", mark("One frame back"), "Film", lambda s: s.film.player.step(-1), ("Left",), _can_play, where="film",
            icon="step-back", words="previous step"),
    Command("film.on-second", mark("One second on"), "Film", lambda s: s.film.player.step(round(s.film.timeline.rate)), ("Shift+Right",),
            _can_play, where="film"),
    Command("film.back-second", mark("One second back"), "Film", lambda s: s.film.player.step(-round(s.film.timeline.rate)),
            ("Shift+Left",), _can_play, where="film"),
    Command("film.start", mark("Go to the beginning of the film"), "Film", lambda s: s.film.player.seek(0), ("Home",), _can_play,
            where="film", icon="skip-back", words="rewind first"),
    Command("film.end", mark("Go to the end of the film"), "Film", lambda s: s.film.player.seek(s.film.player.length - 1), ("End",),
            _can_play, where="film", icon="skip-forward", words="last"),
    Command("film.previous-cut", mark("Go to the previous cut or marker"), "Film", lambda s: s.film.next_cut(-1), ("Up",), _has_film,
            where="film", icon="arrow-up", words="edit point"),
    Command("film.next-cut", mark("Go to the next cut or marker"), "Film", lambda s: s.film.next_cut(1), ("Down",), _has_film,
            where="film", icon="arrow-down", words="edit point"),
    Command("film.next-clip", mark("Choose the next clip"), "Film", lambda s: s.film.choose_next(1), ("PgDown",), _has_film, where="film",
            words="select"),
    Command("film.previous-clip", mark("Choose the previous clip"), "Film", lambda s: s.film.choose_next(-1), ("PgUp",), _has_film,
            where="film", words="select"),
    Command("film.loop", mark("Play the range round and round"), "Film", lambda s: s.film.set_looping(not s.film.looping), ("R",),
            _in_film, lambda s: _in_film(s) and s.film.looping, "film", "repeat", "repeat"),
    Command("film.add", mark("Put films, pictures or sounds on the timeline"), "Film", lambda s: s.film.desk.choose_files(), (), _in_film,
            icon="folder-open", words="import open add mp4 mov webm mkv gif sequence"),
    Command("film.export", mark("Export the film"), "Film", lambda s: s.film.desk.export_film(), ("Ctrl+Alt+E",), _has_film,
            icon="file-down", words="render save mp4 webm gif apng frames otio opentimelineio kdenlive"),
    Command("film.gather", mark("Copy the film's files beside the project"), "Film", lambda s: s.film.desk.gather_files(), (),
            lambda s: _has_film(s) and s.project.path is not None, icon="folder-plus", words="collect consolidate media links move"),
    Command("film.split", mark("Split the clip at the playhead"), "Film", lambda s: s.film.split(), ("S",), _has_film, where="film",
            icon="scissors", words="cut razor blade"),
    Command("film.trim-start", mark("Begin the clip at the playhead"), "Film", lambda s: s.film.trim("start"), ("[",), _has_film,
            where="film", words="trim in"),
    Command("film.trim-end", mark("End the clip at the playhead"), "Film", lambda s: s.film.trim("end"), ("]",), _has_film,
            where="film", words="trim out"),
    Command("film.delete", mark("Delete the clip and close the gap"), "Film", lambda s: s.film.delete(), ("Delete",), _has_item,
            where="film", icon="trash-2", words="ripple remove"),
    Command("film.lift", mark("Delete the clip and leave the gap"), "Film", lambda s: s.film.delete(False), ("Shift+Delete",), _has_item,
            where="film", words="lift remove"),
    Command("film.nudge-on", mark("Move the clip on by a frame"), "Film", lambda s: s.film.nudge(1), ("Alt+Right",), _has_item,
            where="film", words="nudge"),
    Command("film.nudge-back", mark("Move the clip back by a frame"), "Film", lambda s: s.film.nudge(-1), ("Alt+Left",), _has_item,
            where="film", words="nudge"),
    Command("film.slip-on", mark("Slip the clip: show what is a frame later"), "Film", lambda s: s.film.slip(1), ("Alt+Shift+Right",),
            _has_item, where="film", words="slip"),
    Command("film.slip-back", mark("Slip the clip: show what is a frame earlier"), "Film", lambda s: s.film.slip(-1),
            ("Alt+Shift+Left",), _has_item, where="film", words="slip"),
    Command("film.crossfade", mark("Crossfade from the clip before, or a hard cut"), "Film", lambda s: s.film.crossfade(), ("X",),
            _has_item, _is_faded, "film", "blend", "dissolve transition fade"),
    Command("film.speed", mark("Change the speed of the clip"), "Film", lambda s: s.film.desk.edit_speed(), ("Ctrl+R",), _has_item,
            where="film", icon="gauge", words="slow fast retime"),
    Command("film.snap", mark("Snap to cuts and markers"), "Film", lambda s: s.film.set_snapping(not s.film.snapping), ("N",), _in_film,
            lambda s: _in_film(s) and s.film.snapping, "film", "magnet", "magnet"),
    Command("film.marker", mark("Set or remove a marker at the playhead"), "Film", lambda s: s.film.toggle_marker(), ("M",), _has_film,
            where="film", icon="flag"),
    Command("film.beats", mark("Markers on the beats of the sound"), "Film", lambda s: s.film.desk.mark_beats(), ("Shift+M",), _has_sound,
            where="film", icon="metronome", words="music rhythm tempo"),
    Command("film.range-start", mark("Begin the range at the playhead"), "Film", lambda s: s.film.set_range(True), ("I",), _has_film,
            where="film", words="in point loop"),
    Command("film.range-end", mark("End the range at the playhead"), "Film", lambda s: s.film.set_range(False), ("O",), _has_film,
            where="film", words="out point loop"),
    Command("film.no-range", mark("No range: all of the film"), "Film", lambda s: s.film.no_range(), ("Alt+X",),
            lambda s: _in_film(s) and s.film.timeline.span is not None, where="film", words="clear in out"),
    Command("film.words", mark("Words from the playhead on"), "Film", lambda s: s.film.desk.edit_words(), ("P",), _has_film, where="film",
            icon="message-square-text", words="prompt keyframe"),
    Command("film.strength", mark("Set or remove a strength at the playhead"), "Film", lambda s: s.film.set_key("strengths"),
            ("Shift+P",), _has_film, where="film", icon="diamond", words="keyframe"),
    Command("film.mask", mark("Paint a mask on the clip at the playhead"), "Film", lambda s: s.film.desk.paint_mask(), ("Q",),
            _has_clip, lambda s: _in_film(s) and s.film.desk.painting_mask(), "film", "circle-dashed", "brush edit part keyframe"),
    Command("film.add-overlay", mark("Add a track for pictures over the film"), "Film", lambda s: s.film.add_track("overlay"), (),
            _in_film, icon="layers", words="track overlay title"),
    Command("film.add-sound", mark("Add a track for sound"), "Film", lambda s: s.film.add_track("sound"), (), _in_film,
            icon="audio-lines", words="track music voice"),
    Command("film.add-video", mark("Add a track for films"), "Film", lambda s: s.film.add_track("video"), (), _in_film, icon="film",
            words="track"),
    Command("film.continue", mark("Continue the clip"), "Film", lambda s: s.film.ask("extend"), (), _can("extend"), icon="step-forward",
            words="extend longer go on"),
    Command("film.edit", mark("Edit the clip by words"), "Film", lambda s: s.film.ask("edit-video"), (), _can("edit-video"),
            icon="wand-sparkles", words="change prompt instruction"),
    Command("film.close-loop", mark("Make a clip that leads back to the beginning of this one"), "Film",
            lambda s: s.film.desk.close_loop(), (), _can("image2video"), icon="repeat", words="loop seamless round"),
    Command("film.smooth", mark("Draw frames between the frames of the clip"), "Film", lambda s: s.film.ask("interpolate"), (),
            _can("interpolate"), words="more frames smooth rate slow motion"),
    Command("film.enlarge", mark("Make the clip larger"), "Film", lambda s: s.film.ask("upscale-video"), (), _can("upscale-video"),
            icon="scaling", words="upscale super resolution"),
    Command("film.use-take", mark("Put the take on the timeline"), "Film", lambda s: s.film.use_take(), ("Return", "Enter"),
            _has_film_take, where="film", icon="check", words="accept keep"),
    Command("film.add-take", mark("Put the take beside the clip it was made from"), "Film", lambda s: s.film.use_take(beside=True),
            ("Shift+Return",), lambda s: _has_film_take(s) and s.film.replaces(s.film.take), where="film", words="accept keep"),
    Command("film.discard-take", mark("Discard the take of the film"), "Film", lambda s: s.film.discard_take(), ("Backspace",),
            _has_film_take, where="film", icon="trash-2", words="reject delete"),
    Command("film.previous-take", mark("Previous take of the film"), "Film", lambda s: s.film.step_take(-1), (",",), _has_film_takes,
            where="film", icon="chevron-left"),
    Command("film.next-take", mark("Next take of the film"), "Film", lambda s: s.film.step_take(1), (".",), _has_film_takes,
            where="film", icon="chevron-right"),

    *(Command(f"tool.{tool}", mark(title), "Tool", _take(tool), (key,), checked=_holds(tool), where="canvas", icon=icon, words="tool")
      for tool, title, icon, key in TOOLS),
    Command("tool.swap", mark("Swap painting and erasing"), "Tool", lambda s: s.view.swap_erase(), (), words="brush eraser x"),
    Command("tool.quick-mask", mark("Quick mask"), "Tool", lambda s: s.view.toggle_quick_mask(), (), words="q show mask"),

    Command("view.masks-alone", mark("See the masks alone"), "View", lambda s: s.view.toggle_mask_alone(), ("Shift+Q",), always,
            lambda s: s.view.mask_alone(), "canvas", words="quick mask black white"),
    Command("view.turn", mark("Turn the view by 15°"), "View", lambda s: s.view.turn_view(15), (), words="rotate canvas"),
    Command("view.turn-back", mark("Turn the view back by 15°"), "View", lambda s: s.view.turn_view(-15), (), words="rotate canvas"),
    Command("view.straight", mark("Straighten the view"), "View", lambda s: s.view.turn_view(0), (), words="reset rotation canvas"),
    Command("view.panels", mark("Show or hide the panels"), "View", lambda s: s.view.toggle_panels(), ("Tab",), where="canvas",
            icon="panel-right", words="fullscreen distraction focus"),
    Command("view.technique", mark("Show or hide the technique panel"), "View", lambda s: s.view.toggle_panel("technique"), (),
            checked=lambda s: s.view.panel_shown("technique")),
    Command("view.layers", mark("Show or hide the layers"), "View", lambda s: s.view.toggle_panel("layers"), (),
            checked=lambda s: s.view.panel_shown("layers")),
    Command("view.queue", mark("Show or hide the queue"), "View", lambda s: s.view.toggle_panel("queue"), (),
            checked=lambda s: s.view.panel_shown("queue")),
    Command("view.history", mark("Show or hide the history"), "View", lambda s: s.view.toggle_panel("history"), (),
            checked=lambda s: s.view.panel_shown("history"), icon="history", words="undo list"),
    Command("view.takes", mark("Show or hide the takes"), "View", lambda s: s.view.toggle_panel("takes"), (), _in_music,
            lambda s: _in_music(s) and s.view.panel_shown("takes"), icon="list-music"),
    Command("view.gallery", mark("Show or hide the gallery"), "View", lambda s: s.view.toggle_panel("gallery"), ("Ctrl+G",),
            checked=lambda s: s.view.panel_shown("gallery"), icon="panel-bottom"),
    Command("view.layout", mark("Put the panels back"), "View", lambda s: s.view.reset_layout(), (), words="reset workspace docks"),
    Command("view.fit", mark("Fit the picture in the window"), "View", lambda s: s.view.zoom_fit(), ("Ctrl+0",), icon="maximize"),
    Command("view.actual", mark("Zoom to 100 %"), "View", lambda s: s.view.zoom_to(1.0), ("Ctrl+1",), words="actual pixels"),
    Command("view.in", mark("Zoom in"), "View", lambda s: s.view.zoom_by(1.25), ("Ctrl++", "Ctrl+="), icon="zoom-in"),
    Command("view.out", mark("Zoom out"), "View", lambda s: s.view.zoom_by(0.8), ("Ctrl+-",), icon="zoom-out"),
    Command("view.words", mark("Go to the words"), "View", lambda s: s.view.focus_words(), ("Ctrl+L",), words="prompt focus"),
    Command("view.next", mark("Go to the next part of the window"), "View", lambda s: s.view.focus_next_part(1), ("F6",)),
    Command("view.previous", mark("Go to the previous part of the window"), "View", lambda s: s.view.focus_next_part(-1),
            ("Shift+F6",)),
    Command("view.search", mark("Search the gallery"), "View", lambda s: s.view.search_gallery(), ("Ctrl+F",), icon="search"),
    Command("view.lineage", mark("Show where the picture came from"), "View", lambda s: s.view.show_lineage(), (), icon="git-fork",
            words="lineage history family parents children gallery difference"),
    Command("view.theme-system", mark("Theme: as the system"), "View", lambda s: s.set_theme("system"),
            checked=lambda s: s.settings.theme == "system", icon="monitor"),
    Command("view.theme-dark", mark("Theme: dark"), "View", lambda s: s.set_theme("dark"),
            checked=lambda s: s.settings.theme == "dark", icon="moon"),
    Command("view.theme-light", mark("Theme: light"), "View", lambda s: s.set_theme("light"),
            checked=lambda s: s.settings.theme == "light", icon="sun"),
    Command("view.theme-contrast", mark("Theme: high contrast"), "View", lambda s: s.set_theme("contrast"),
            checked=lambda s: s.settings.theme == "contrast", icon="contrast", words="accessibility"),

    Command("help.technique", mark("Help for the technique, with an example"), "Help", lambda s: s.view.show_help(), ("Shift+F1",),
            icon="circle-question-mark", words="what does it do how explain settings"),
    Command("help.shortcuts", mark("Shortcuts"), "Help", lambda s: s.view.show_settings("keys"), ("F1",), icon="keyboard",
            words="keys help"),
    Command("help.about", mark("About Diffusion Studio"), "Help", lambda s: s.view.show_about(), icon="info", words="version licence"),
)  # fmt: skip

BY_ID = {command.id: command for command in COMMANDS}


def keys_of(command: Command, session: Session) -> tuple[str, ...]:
    """The shortcuts in force: the user's own where there are some, else the table's."""
    own = session.settings.shortcuts.get(command.id)
    return command.keys if own is None else tuple(own)


def clashes(session: Session) -> dict[str, list[str]]:
    """Shortcut -> ids of the commands that all want it, where there is more than one. Keys of different pages never meet."""
    wanted: dict[str, list[Command]] = {}
    for command in COMMANDS:
        for key in keys_of(command, session):
            wanted.setdefault(key.lower(), []).append(command)
    found = {key: [one.id for one in many if _met(one, many)] for key, many in wanted.items()}
    return {key: ids for key, ids in found.items() if ids}


def _met(command: Command, others: list[Command]) -> bool:
    """Whether one of them can be in force together with it."""
    places = [other.where for other in others if other is not command]
    return command.where in places or "window" in places or (command.where == "window" and bool(places))


def search(text: str, session: Session, spoken: Callable[[str], str] = str) -> list[Command]:
    """Commands that hold every word of `text`, best first: title starts with it, a word starts with it, anywhere. They are found
    in English and in the window's language, which `spoken` gives."""
    words = text.lower().split()
    found: list[tuple[int, int, Command]] = []
    for place, command in enumerate(COMMANDS):
        title = spoken(command.title).lower()
        haystack = f"{title} {command.title.lower()} {command.group.lower()} {command.words} {spoken(command.words).lower()} {command.id}"
        if not all(word in haystack for word in words):
            continue
        score = 0
        for word in words:
            if title.startswith(word):
                continue
            score += 1 if any(part.startswith(word) for part in title.split()) else 2 if word in title else 3
        found.append((score + (0 if command.enabled(session) else 5), place, command))
    return [command for _, _, command in sorted(found, key=lambda item: item[:2])]


def perform(command_id: str, session: Session) -> bool:
    """Run a command if it can be run now."""
    command = BY_ID[command_id]
    if not command.enabled(session):
        return False
    command.run(session)
    return True
