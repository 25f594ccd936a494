"""Each panel by itself: the form from the schema, the queue's rows, the gallery's pages, the layers, the words."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from studio.core.card import Filming, Lora, ModelCard
from studio.core.clip import Clip
from studio.core.job import TECHNIQUES, Failed, JobSpec, Preview, Progress, Text2Image
from studio.media.image import save_picture
from studio.session import CANVAS
from studio.ui.panels.gallery import GalleryPanel
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.queue import QueuePanel
from studio.ui.panels.settings import SettingsDialog
from studio.ui.panels.technique import (
    AdaptersField,
    ChoiceField,
    NumberField,
    SizeRow,
    SourceField,
    TechniquePanel,
    duration,
    make_field,
)
from studio.ui.widgets.images import Background
from studio.ui.widgets.prompt import PromptEdit, weigh
from studio.ui.widgets.value import ValueRow


def picture(value=0, side=64):
    return Clip.picture(np.full((side, side, 3), value, np.uint8))


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "end", "change", "made"),
    [
        ("a fox here", 3, 3, 0.1, "a (fox:1.1) here"),
        ("a fox here", 2, 5, -0.1, "a (fox:0.9) here"),
        ("a (fox:1.1) here", 4, 4, 0.1, "a (fox:1.2) here"),
        ("a (fox:1.1) here", 4, 4, -0.1, "a fox here"),
        ("a red fox", 2, 9, 0.1, "a (red fox:1.1)"),
        ("a red fox", 1, 9, 0.1, "a (red fox:1.1)"),
        ("fox", 0, 0, 0.1, "(fox:1.1)"),
        ("fox", 3, 3, 0.1, "(fox:1.1)"),
        ("", 0, 0, 0.1, ""),
        ("a  b", 2, 2, 0.1, "a  b"),
        ("(fox:3)", 2, 2, 0.1, "(fox:3)"),
        ("a (fox) b", 0, 9, 0.1, "a (fox) b"),
    ],
)
def test_weights(text, start, end, change, made):
    assert weigh(text, start, end, change)[0] == made


def test_the_words_stay_selected():
    text, start, end = weigh("a fox here", 3, 3, 0.1)
    assert text[start:end] == "fox"
    text, start, end = weigh(text, start, end, 0.1)
    assert (text, text[start:end]) == ("a (fox:1.2) here", "fox")


def test_prompt_history_and_weights_by_key(qtbot):
    edit = PromptEdit("Words", "")
    qtbot.addWidget(edit)
    edit.past = ["first", "second"]
    edit.show()
    edit.setFocus()
    QTest.keyClicks(edit, "draft")
    for _ in range(3):
        QTest.keyClick(edit, Qt.Key.Key_Up)
    assert edit.text() == "first"
    QTest.keyClick(edit, Qt.Key.Key_Down)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    assert edit.text() == "draft"
    QTest.keyClick(edit, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert edit.text() == "(draft:1.1)"
    QTest.keyClick(edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert edit.text() == "draft"


# --- one number ---------------------------------------------------------------------------------------------------------


def test_a_value_can_be_the_models_own(qtbot):
    row = ValueRow("Guidance", 1, 30, 0.5, None)
    qtbot.addWidget(row)
    row.show()
    heard: list[Any] = []
    row.changed.connect(heard.append)
    row.set_own(7.5)
    assert row.value() is None and row.number.value() == 7.5 and row.slider.value() == 13
    row.slider.setValue(20)
    assert row.value() == 11 and heard == [11]
    assert row._reset.isVisible()
    row.reset()
    assert row.value() is None and heard[-1] is None and row.number.value() == 7.5


def test_a_number_is_typed_stepped_and_kept_in_range(qtbot):
    row = ValueRow("Steps", 1, 50, 1, 20, whole=True, unit="px")
    qtbot.addWidget(row)
    row.show()
    row.number.setFocus()
    row.number.setText("33,7 px")
    QTest.keyClick(row.number, Qt.Key.Key_Return)
    assert row.value() == 34 and row.number.text() == "34 px"
    row.number.setText("nonsense")
    QTest.keyClick(row.number, Qt.Key.Key_Return)
    assert row.value() == 34
    row.number.setText("9999")
    QTest.keyClick(row.number, Qt.Key.Key_Return)
    assert row.value() == 50
    QTest.keyClick(row.number, Qt.Key.Key_Down)
    assert row.value() == 49


# --- the form -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(TECHNIQUES))
def test_every_field_of_every_technique_has_a_control_that_writes_back(session, qtbot, name):
    session.set_technique(name)
    for field_name in TECHNIQUES[name].model_fields:
        if field_name == "name":
            continue
        field = make_field(session, field_name)
        qtbot.addWidget(field)
        field.show_value()
        before = session.value(field_name)
        if isinstance(field, NumberField):
            field.row._set(field.row._high)
            assert session.value(field_name) not in (None, before) or before == session.value(field_name)
            field.row.reset()
            assert session.value(field_name) == before
        if isinstance(field, ChoiceField):
            field.box.setCurrentIndex(field.box.count() - 1)
            assert session.value(field_name) == field._choices[-1]
        if isinstance(field, SourceField):
            needed = field.info.is_required()
            assert (field.canvas if needed else field.none).isChecked() and field.none.isHidden() == needed
            field.canvas.click()
            assert session.value(field_name) == CANVAS and field.canvas.isChecked()


def test_a_folder_is_chosen_or_dropped(session, qtbot, tmp_path, monkeypatch):
    from studio.ui.panels.technique import FolderField, LineField

    session.set_technique("finetune-music")
    field = make_field(session, "folder")
    assert isinstance(field, FolderField)
    qtbot.addWidget(field)
    assert "Choose a folder" in field.button.text()
    (tmp_path / "Jazz").mkdir()
    monkeypatch.setattr(
        "studio.ui.panels.technique.QFileDialog.getExistingDirectory", lambda *_: str(tmp_path / "Jazz")
    )
    field.button.click()
    assert session.value("folder") == str(tmp_path / "Jazz")
    assert field.button.text() == "Jazz"
    assert "Jazz" in field.button.accessibleName()
    line = make_field(session, "called")
    assert isinstance(line, LineField)
    qtbot.addWidget(line)
    qtbot.keyClicks(line.edit, " 2")
    assert session.value("called") == "My genre 2"


def test_adapters_are_chosen_weighed_and_taken_off(session, qtbot):
    loras = {id: ModelCard(id=id, title=id, family="lora", lora=Lora()) for id in ("ink", "oil")}
    session.set_cards({**session.cards, **loras})
    field = make_field(session, "adapters")
    qtbot.addWidget(field)
    assert isinstance(field, AdaptersField) and field.none.text() and not field.rows
    field._write({"ink": 1.0, "oil": 0.5})
    field.show_value()
    assert list(field.rows) == ["ink", "oil"] and field.rows["oil"].value() == 0.5
    field.rows["ink"]._set(0.25)
    assert session.value("adapters")[0] == {"name": "ink", "strength": 0.25}
    field._take_off("ink")
    assert list(field.rows) == ["oil"] and len(session.value("adapters")) == 1


def test_a_model_that_can_be_made_fast_says_so_in_the_settings(session, qtbot):
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    dialog.open_page("models")
    (fast,) = [b for b in dialog.findChildren(QPushButton) if b.text().startswith("Make a fast")]
    fast.click()
    assert session.technique_class.teaches and not dialog.isVisible()


def test_the_form_is_the_technique(session, qtbot):
    panel = TechniquePanel(session)
    qtbot.addWidget(panel)
    panel.show()
    shown = {name for name, field in panel._fields.items() if field.isVisible()}
    assert {"guidance", "width"} <= shown and "steps" not in shown
    panel._toggle_advanced()
    assert panel._fields["steps"].isVisible()
    assert not panel.draw.isEnabled() and "want to see" in panel.cost.text()
    session.set_prompt("a fox")
    assert panel.draw.isEnabled()
    assert panel.cost.text() == "time unknown until the first picture · 0.4 GB · 1 candidate"
    assert panel._fields["guidance"].row.number.value() == 4, "the model's own is shown"
    session.set_technique("image2image")
    qtbot.waitUntil(lambda: "strength" in panel._fields)
    assert panel.prompt.edit.text() == "a fox", "the words come along"
    assert not panel.draw.isEnabled()


def test_the_forecast_line_is_measured(session, qtbot):
    panel = TechniquePanel(session)
    qtbot.addWidget(panel)
    session.set_prompt("x")
    spec = JobSpec(technique=Text2Image(prompt="x", steps=4, width=64, height=64), model="tiny")
    session.remember(spec, {"drawing": 1.6, "decoding": 0.5}, 64, 64)
    session.set_count(4)
    assert panel.cost.text() == "about 8.4 s · 0.4 GB · 4 candidates"
    session.set_value("width", 128)
    session.set_value("height", 128)
    assert panel.cost.text().startswith("roughly ")


def test_sizes_are_those_the_model_can_draw(session, qtbot):
    row = SizeRow(session)
    qtbot.addWidget(row)
    assert [number.value() for number in row.sides] == [64, 64]
    row.sides[0].setValue(100)
    assert session.value("width") == 96 and session.value("height") == 64
    row._own()
    assert session.value("width") is None and session.value("height") is None


def test_durations_read_like_speech():
    assert [duration(s) for s in (0.01, 2.13, 45, 130, 9000)] == ["0.1 s", "2.1 s", "45 s", "2 min", "2.5 h"]


# --- the queue ----------------------------------------------------------------------------------------------------------


def test_rows_follow_the_jobs(session, qtbot):
    panel = QueuePanel(session)
    qtbot.addWidget(panel)
    panel.resize(330, 400)
    panel.show()
    assert panel.empty.isVisible()
    session.set_prompt("a fox")
    one, two, three = (session.draw() for _ in range(3))
    assert not panel.empty.isVisible() and list(panel._rows) == [one, two, three]
    qtbot.waitUntil(panel._rows[three].isVisible)
    session.pool.happened.emit(two, Progress("drawing", 5, 20, 3.0))
    row = panel._rows[two]
    assert row.about.full() == "step 5 of 20 · 3.0 s left"
    assert (row.bar.value(), row.bar.maximum()) == (5, 20)
    assert panel._row_at(0) == two, "what runs is on top"
    before = row.thumb.pixmap().toImage()
    session.pool.happened.emit(two, Preview(picture(200), 5))
    assert row.thumb.pixmap().toImage() != before
    panel._rows[three].grip.setFocus()
    QTest.keyClick(panel._rows[three].grip, Qt.Key.Key_Up)
    assert [job.id for job in session.waiting] == [three, one]
    assert [panel._row_at(i) for i in range(3)] == [two, three, one]
    session.pool.happened.emit(two, Failed("Memory ran out; try a smaller size.", "trace\nback", "memory"))
    assert row.message.text() == "Memory ran out; try a smaller size." and row.message.isVisible()
    assert not row.details.isVisible()
    row.more.click()
    assert row.details.isVisible() and "trace" in row.details.toPlainText()
    row.retry.click()
    assert ("retry", two) in session.pool.asked
    panel._rows[one].stop.click()
    assert session.jobs[one].state == "cancelled"
    panel._rows[one].stop.click()
    assert one not in session.jobs and one not in panel._rows
    panel.pause.click()
    assert session.pool.asked[-1] == ("hold", True)


def test_a_long_queue_stays_quick(session, qtbot):
    panel = QueuePanel(session)
    qtbot.addWidget(panel)
    session.set_prompt("x")
    for _ in range(120):
        session.draw()
    assert len(panel._rows) == 40 and panel.rest.text() == "and 80 more"


# --- the gallery ---------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Entry:
    id: int
    path: Path
    spec: str
    prompt: str
    rating: int = 0
    technique: str = "text2image"
    model: str = "tiny"
    seed: int = 1
    width: int = 64
    height: int = 64
    kind: str = "picture"
    length: float = 0.0
    created: float = 0.0
    state: str = "ok"
    trashed: float | None = None


class Shelf:
    """A library of any length whose rows are made when asked for."""

    def __init__(self, path, count):
        self.path, self.count, self.asked, self.done = path, count, [], []
        self.extra = []

    def entry(self, number):
        spec = JobSpec(technique=Text2Image(prompt=f"number {number}"), model="tiny", seed=number)
        return Entry(number, self.path, spec.to_json(), f"number {number}", seed=number)

    def results(self, search="", *, limit=100, offset=0, **wanted):
        self.asked.append((offset, limit, search, wanted))
        if search:
            return [self.entry(n) for n in range(self.count) if search in f"number {n}"][
                offset : offset + limit
            ]
        rows = (
            [*self.extra, *range(offset, self.count)]
            if not offset
            else range(offset - len(self.extra), self.count)
        )
        return [self.entry(n) for n in list(rows)[:limit]]

    def rate(self, entry, stars):
        self.done.append(("rate", entry, stars))

    def trash(self, entry):
        self.done.append(("trash", entry))

    def restore(self, entry):
        self.done.append(("restore", entry))


@pytest.fixture
def gallery(session, qtbot, tmp_path):
    path = tmp_path / "one.png"
    save_picture(picture(120), path)
    panel = GalleryPanel(session, Shelf(path, 100_000))
    qtbot.addWidget(panel)
    panel.resize(1200, 150)
    panel.show()
    panel.start()
    qtbot.waitUntil(lambda: panel.model.rowCount() > 0)
    yield panel
    panel.stop()


def test_a_hundred_thousand_are_loaded_as_they_are_seen(gallery, qtbot):
    qtbot.wait(100)
    first = gallery.model.rowCount()
    assert first <= 360, "only what is near the view"
    bar = gallery.strip.horizontalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: gallery.model.rowCount() > first)
    assert gallery.model.rowCount() < 5_000


def test_thumbnails_come_later_and_only_those_in_view(gallery, qtbot):
    qtbot.waitUntil(lambda: len(gallery.model._thumbs) >= 10)
    assert len(gallery.model._thumbs) < 60


def test_search_and_filters(gallery, qtbot):
    gallery.words.setText("99999")
    qtbot.waitUntil(lambda: gallery.model.rowCount() == 1)
    gallery.words.setText("nothing like it")
    qtbot.waitUntil(lambda: gallery.empty.isVisible())
    assert "filter" in gallery.empty.text()
    gallery.words.clear()
    gallery.best.click()
    qtbot.waitUntil(lambda: gallery.library.asked[-1][3].get("rating") == 4)


def test_new_results_come_in_front(gallery, qtbot):
    gallery.library.extra = [200_000]
    gallery.session.result_saved.emit("job")
    qtbot.waitUntil(lambda: gallery.model.entries[0].id == 200_000)
    assert [entry.id for entry in gallery.model.entries[:3]] == [200_000, 0, 1]


def test_what_a_result_can_do(gallery, qtbot):
    session = gallery.session
    gallery.add_as_layer(3)
    qtbot.waitUntil(lambda: len(session.document.layers) == 1)
    assert session.document.layers[0].spec.seed == 3
    gallery.use_settings(5)
    assert (session.prompt, session.seed) == ("number 5", 5)
    gallery.make_again(6)
    assert session.pool.asked[-1][1].seed == 6
    gallery.rate(7, 4)
    assert gallery.library.done == [("rate", 7, 4)] and gallery.model.entries[7].rating == 4
    heard = []
    session.said.connect(heard.append)
    gallery.to_trash([0, 2])
    assert ("trash", 0) in gallery.library.done and ("trash", 2) in gallery.library.done
    assert gallery.model.entries[0].id == 1 and gallery.model.entries[1].id == 3
    heard[-1].do()
    assert ("restore", 2) in gallery.library.done


def test_a_result_is_dragged_out_as_a_file(gallery):
    data = gallery.model.mimeData([gallery.model.index(0)])
    assert [url.toLocalFile() for url in data.urls()] == [str(gallery.library.path)]


def test_an_empty_gallery_says_what_to_do(session, qtbot, tmp_path):
    panel = GalleryPanel(session, Shelf(tmp_path, 0))
    qtbot.addWidget(panel)
    panel.show()
    panel.start()
    qtbot.waitUntil(lambda: "Draw something" in panel.empty.text())


# --- the layers -----------------------------------------------------------------------------------------------------------


def test_layers_are_listed_hidden_renamed_and_reordered(session, qtbot):
    panel = LayersPanel(session)
    qtbot.addWidget(panel)
    panel.resize(330, 300)
    panel.show()
    assert panel.empty.isVisible()
    for name in ("one", "two", "three"):
        session.add_clip(picture(), name)
    model = panel.model
    assert [model.index(i).data() for i in range(3)] == ["three", "two", "one"]
    assert panel.list.currentIndex().row() == 0
    rect = panel.list.visualRect(model.index(1))
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(12, rect.center().y()))
    assert not session.document.layers[1].visible
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(120, rect.center().y()))
    assert session.layer.name == "two"
    model.setData(model.index(1), "zwei")
    assert session.layer.name == "zwei"
    data = model.mimeData([model.index(2)])
    model.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert [layer.name for layer in session.document.layers] == ["zwei", "three", "one"]
    panel.opacity._set(50)
    assert session.layer.opacity == 0.5
    position = session.history.position
    panel.opacity._set(40)
    assert session.history.position == position, "a drag of the slider is one step"
    panel.blend.setCurrentIndex(panel.blend.findData("multiply"))
    panel._blend()
    assert session.layer.blend == "multiply"
    for _ in range(position + 3):
        session.undo()
    assert panel.empty.isVisible()


def test_a_thumbnail_follows_the_pixels(session, qtbot):
    panel = LayersPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    session.add_clip(picture(10), "x")
    layer = session.layer
    before = panel.model.thumb(layer, 1).toImage()
    layer.pixels[...] = 250
    session.document.touch(layer, layer.rect)
    assert panel.model.thumb(layer, 1).toImage() != before


# --- work beside the window -------------------------------------------------------------------------------------------------


def test_background_keeps_the_window_free_and_comes_back(qtbot):
    background = Background(threads=2)
    got: list[Any] = []
    background.run(lambda: time.sleep(0.2) or "slow", got.append)
    background.run(lambda: 1 // 0, got.append, lambda error: got.append(type(error)))
    start = time.perf_counter()
    QApplication.processEvents()
    assert time.perf_counter() - start < 0.1
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got == [ZeroDivisionError, "slow"]
    qtbot.waitUntil(lambda: not background._timer.isActive())
    background.run(lambda: time.sleep(0.05), got.append)
    background.stop()
    qtbot.wait(150)
    assert len(got) == 2


def test_higher_priorities_first(qtbot):
    background = Background()
    got: list[str] = []
    background.run(lambda: time.sleep(0.1), lambda _: None)
    for name, priority in (("low", 1), ("high", 9), ("middle", 5)):
        background.run(lambda name=name: name, got.append, priority=priority)
    assert background.wait()
    assert got == ["high", "middle", "low"]


def test_films_and_sounds_have_a_picture_too(tmp_path: Path) -> None:
    import numpy as np

    from studio.core.clip import Clip
    from studio.media.clips import save_clip
    from studio.ui.panels.gallery import read_thumb

    film = np.zeros((3, 32, 48, 3), np.uint8)
    film[0] = (250, 20, 20)
    save_clip(Clip.video(film, 8), tmp_path / "film.mkv")
    shown = read_thumb(str(tmp_path / "film.mkv"), 72)
    assert (shown.width(), shown.height()) == (48, 32)
    assert shown.pixelColor(10, 10).red() > 240  # the first frame
    loud = np.zeros((16000, 1), np.float32)
    loud[8000:] = 0.9
    save_clip(Clip.sound(loud, 16000), tmp_path / "loud.flac")
    wave = read_thumb(str(tmp_path / "loud.flac"), 72)
    quiet, high = wave.pixelColor(10, 20), wave.pixelColor(60, 20)
    assert quiet != high  # silence first, then a tall wave
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    assert read_thumb(str(tmp_path / "broken.mp4"), 72).isNull()


def test_how_long_a_clip_is_without_a_word_comes_from_the_models_card(session, qtbot):
    card = session.cards["tiny"]
    film = Filming(frames=8)
    session.set_cards({"tiny": card.model_copy(update={"abilities": ("text2video",), "film": film})})
    session.set_technique("text2video")
    panel = TechniquePanel(session)
    qtbot.addWidget(panel)
    assert panel._fields["frames"].row.number.value() == 8


def test_what_has_no_effect_where_a_picture_is_moved_is_left_out(session, qtbot):
    card = session.cards["tiny"]
    film = Filming(frames=8, ways=True, guidance=1.5)
    able = ("text2video", "image2video", "edit-video")
    defaults = card.defaults.model_copy(update={"guidance": 4.0})
    changes = {"abilities": able, "film": film, "defaults": defaults}
    session.set_cards({"tiny": card.model_copy(update=changes)})
    session.settings.advanced = True

    def form(technique):
        session.set_technique(technique)
        panel = TechniquePanel(session)
        qtbot.addWidget(panel)
        return panel

    moved = form("text2video")
    assert moved._fields["overlap"].isHidden()
    assert moved._fields["guidance"].row.number.value() == 1.5
    between = form("image2video")
    assert between._fields["overlap"].isHidden()
    session.set_value("end", CANVAS)
    between._refresh()
    assert between._fields["overlap"].isHidden()
    assert between._fields["guidance"].row.number.value() == 1.5
    edited = form("edit-video")
    assert edited._fields["guidance"].row.number.value() == 4.0
