"""The session: requests, jobs, candidates and Edits, without a window."""

from __future__ import annotations

import json

import numpy as np
import pytest

from studio import layering
from studio.core.card import Lora, ModelCard
from studio.core.clip import Clip
from studio.core.history import AddLayer, SetBox, SetPixels, SetProperty, SetSelection
from studio.core.job import (
    Adapter,
    BadRequest,
    Cancelled,
    Done,
    Failed,
    JobSpec,
    Preview,
    Progress,
    Result,
    Text2Image,
)
from studio.core.layer import Layer
from studio.core.region import Rect, Region
from studio.media.image import read_mask
from studio.session import CANVAS, FIRST_WORDS, Session, Settings


def picture(value=0, wide=64, high=64):
    return Clip.picture(np.full((high, wide, 3), value, np.uint8))


def result(session, job, index=0, value=0, size=(64, 64), seconds=None, clip=None):
    spec = session.jobs[job].spec
    own = spec.model_copy(
        update={
            "seed": spec.seed + index,
            "count": 1,
            "technique": spec.technique.model_copy(update={"steps": 4}),
        }
    )
    session.on_event(
        job,
        Result(
            clip or picture(value, *size),
            own,
            index,
            seconds or {"loading": 9, "drawing": 2.0, "decoding": 0.5},
            "cpu",
            2**28,
        ),
    )


def test_an_empty_canvas_has_the_models_size(session):
    assert session.document.rect == Rect(0, 0, 64, 64)
    assert session.document.box == Rect(0, 0, 64, 64)


def test_spec_freezes_what_is_set(session):
    session.set_prompt("a fox")
    session.set_value("guidance", 6.0)
    session.set_seed(7)
    session.set_count(3)
    spec = session.spec()
    assert isinstance(spec.technique, Text2Image)
    assert (spec.technique.prompt, spec.technique.guidance, spec.seed, spec.count, spec.model) == (
        "a fox",
        6.0,
        7,
        3,
        "tiny",
    )
    assert (spec.technique.width, spec.technique.height) == (64, 64)


def test_words_are_needed_and_said_so(session):
    heard = []
    session.said.connect(heard.append)
    assert session.why_not()
    assert session.draw() == ""
    assert heard[0].level == "warn" and "want to see" in heard[0].text
    assert session.pool.asked == []


def test_without_a_model_nothing_is_promised(tmp_path, fake_pool):
    session = Session(tmp_path, fake_pool, {})
    session.set_prompt("a fox")
    with pytest.raises(BadRequest):
        session.spec()
    assert session.card is None and session.forecast().seconds is None


def test_only_fitting_models_are_offered(tmp_path, fake_pool, card):
    judge = ModelCard(id="judge", title="Judge", family="judge", abilities=("judge",))
    session = Session(tmp_path, fake_pool, {"judge": judge, "b": card("b"), "a": card("a")})
    assert [one.id for one in session.offered()] == ["b", "a"]
    session.set_model("a")
    assert session.card.id == "a"


def test_first_picture_is_one_call(session):
    job = session.first_picture()
    assert session.jobs[job].spec.technique.prompt == FIRST_WORDS
    assert session.settings.past == [FIRST_WORDS]


def test_seed_changes_unless_it_is_kept(session):
    session.set_prompt("x")
    session.set_seed(5)
    session.draw()
    assert session.seed != 5
    session.set_seed(5)
    session.set_keep_seed(True)
    session.draw()
    assert session.seed == 5


def test_a_job_runs_and_ends(session):
    session.set_prompt("a fox")
    job = session.draw()
    assert session.jobs[job].state == "waiting"
    session.on_event(job, Progress("loading"))
    assert session.jobs[job].state == "running"
    session.on_event(job, Progress("drawing", 2, 4, 1.5))
    session.on_event(job, Preview(picture(9), 2))
    clip, at = session.preview()
    assert at == Rect(0, 0, 64, 64) and clip.array[0, 0, 0] == 9
    result(session, job)
    assert session.preview() is None, "a candidate takes the preview's place"
    session.on_event(job, Done())
    assert session.jobs[job].state == "done"
    session.forget(job)
    assert not session.jobs


def test_events_of_unknown_jobs_are_ignored(session):
    session.on_event("elsewhere", Progress("drawing", 1, 2))
    assert not session.jobs


def test_accept_is_one_edit_with_its_spec(session):
    session.set_prompt("a fox")
    session.set_count(2)
    job = session.draw()
    for index in range(2):
        result(session, job, index, value=50 * index)
    session.show_candidate(1)
    before = session.history.position
    session.accept()
    assert session.history.position == before + 1
    layer = session.document.layers[0]
    assert layer.name == "a fox" and layer.spec.seed == session.jobs[job].spec.seed + 1
    assert layer.pixels[0, 0, 0] == 50
    assert len(session.candidates) == 1, "the other one stays"
    session.undo()
    assert not session.document.layers
    assert [one.result.index for one in session.candidates] == [0, 1] and session.shown_candidate == 1
    session.redo()
    assert len(session.document.layers) == 1 and len(session.candidates) == 1


def test_an_extended_picture_grows_the_canvas(session):
    session.set_prompt("a fox")
    result(session, session.draw(), 0, value=9)
    session.accept()
    before = session.document.rect
    session.set_technique("outpaint")
    session.set_prompt("a hill")
    session.set_value("left", 16)
    session.set_value("bottom", 8)
    job = session.draw()
    clip = Clip.picture(np.zeros((before.h + 8, before.w + 16, 3), np.uint8))
    session.on_event(job, Result(clip, session.jobs[job].spec, 0))
    assert session.place_of(session.candidate) == Rect(-16, 0, before.w + 16, before.h + 8)
    session.accept()
    assert session.document.rect == Rect(0, 0, before.w + 16, before.h + 8)
    old, new = session.document.layers
    assert {old.x, new.x} == {0, 16}
    session.undo()
    assert session.document.rect == before


def test_discard_comes_back_with_undo(session):
    session.set_prompt("a")
    job = session.draw()
    for index in range(3):
        result(session, job, index)
    session.show_candidate(1)
    session.discard()
    assert [one.result.index for one in session.candidates] == [0, 2]
    session.undo()
    assert [one.result.index for one in session.candidates] == [0, 1, 2] and session.shown_candidate == 1
    session.discard_all()
    assert not session.candidates
    session.undo()
    assert len(session.candidates) == 3


def test_the_first_picture_sets_the_canvas_and_undo_gives_it_back(session):
    session.set_prompt("a")
    job = session.draw()
    result(session, job, size=(128, 96))
    session.accept()
    assert session.document.rect == Rect(0, 0, 128, 96)
    session.undo()
    assert session.document.rect == Rect(0, 0, 64, 64)


def test_a_result_fills_the_box_it_was_asked_for(session):
    session.add_clip(picture(10, 400, 400), "photo")
    session.document.set_box(Rect(100, 50, 300, 300))  # more than this model can draw
    session.set_prompt("a fox")
    assert session.own_size() == (64, 64)
    job = session.draw()
    session.document.set_box(Rect(0, 0, 64, 64))  # moved while the job ran
    result(session, job, value=200)
    assert session.place_of(session.candidate) == Rect(100, 50, 300, 300)
    session.accept()
    assert session.document.layers[-1].rect == Rect(100, 50, 300, 300)
    assert session.document.compose(Rect(250, 200, 1, 1))[0, 0, 0] == 200


def test_picture_to_picture_takes_the_canvas(session):
    session.set_technique("image2image")
    session.set_prompt("a fox")
    assert session.value("image") == CANVAS
    assert "no picture" in session.why_not()
    session.add_clip(picture(33), "photo")
    spec = session.spec()
    from studio.media.image import read_source

    assert read_source(spec.technique.image).array[0, 0, 0] == 33
    assert session.spec() == spec, "the same canvas is the same request"


def test_forecast_is_measured_and_never_guessed(session, card):
    session.set_prompt("a")
    assert session.forecast().seconds is None
    job = session.draw()
    result(session, job)  # 4 steps: 2 s of drawing, 0.5 s of the rest, loading does not count
    assert session.forecast().seconds == pytest.approx(2.5)
    session.set_value("steps", 8)
    assert session.forecast().seconds == pytest.approx(4.5)
    session.set_count(2)
    assert session.forecast().seconds == pytest.approx(9)
    assert session.forecast().memory_mb == 410
    assert not session.forecast().rough
    session.set_value("width", 128)
    session.set_value("height", 128)
    forecast = session.forecast()
    assert forecast.rough and forecast.seconds == pytest.approx(2 * (8 * 2.0 + 0.5))
    session.set_cards({"other": card("other")})
    assert session.forecast().seconds is None


def test_a_clip_teaches_the_forecast_and_frames_count(session, card):
    session.set_cards({"films": card("films").model_copy(update={"abilities": ("text2video",)})})
    session.set_technique("text2video")
    session.set_prompt("a car driving")
    session.set_value("frames", 8)
    job = session.draw()
    assert session.forecast().seconds is None
    result(session, job, clip=Clip.video(np.zeros((8, 64, 64, 3), np.uint8), 8.0))
    forecast = session.forecast()
    assert forecast.seconds == pytest.approx(2.5) and not forecast.rough
    session.set_value("frames", 16)
    forecast = session.forecast()
    assert forecast.rough and forecast.seconds == pytest.approx(4.5)


def test_failures_are_said_and_can_be_tried_again(session):
    heard = []
    session.said.connect(heard.append)
    session.set_prompt("a")
    job = session.draw()
    session.on_event(job, Failed("Memory ran out; try a smaller size.", "trace", "memory"))
    assert heard[-1].level == "error" and heard[-1].details == "trace"
    session.retry(job)
    assert session.jobs[job].state == "waiting" and ("retry", job) in session.pool.asked


def test_cancel_pause_and_move(session):
    session.set_prompt("a")
    first, second, third = (session.draw() for _ in range(3))
    session.on_event(first, Progress("drawing", 1, 4))
    session.move_job(third, 0)
    assert session.pool.asked[-1] == ("move", third, second, None)
    assert [job.id for job in session.waiting] == [third, second]
    session.move_job(third, 5)
    assert session.pool.asked[-1] == ("move", third, None, second)
    session.cancel(second)
    assert session.jobs[second].state == "cancelled"
    session.cancel(first)
    assert session.jobs[first].state == "running", "a running job ends when its engine says so"
    session.on_event(first, Cancelled())
    assert session.jobs[first].state == "cancelled"
    session.pause_all(True)
    assert session.pool.asked[-1] == ("hold", True) and session.paused


def test_use_settings_of_a_layer(session):
    spec = JobSpec(
        technique=Text2Image(prompt="an owl", guidance=9, steps=12, width=64, height=64),
        model="tiny",
        seed=99,
    )
    session.add_clip(picture(), "owl", spec)
    session.use_layer_settings()
    assert (session.prompt, session.seed, session.value("guidance")) == ("an owl", 99, 9)
    again = session.spec()
    assert again.technique == spec.technique and again.seed == 99
    session.make_layer_again()
    assert session.pool.asked[-1] == ("submit", spec)


def test_new_picture_is_undoable(session):
    session.add_clip(picture(5, 100, 80), "photo")
    session.new_document()
    assert not session.document.layers and session.document.rect == Rect(0, 0, 64, 64)
    session.undo()
    assert len(session.document.layers) == 1 and session.document.rect == Rect(0, 0, 100, 80)


def test_mask_commands_are_edits(session):
    session.add_clip(picture(5), "photo")
    session.new_mask()
    session.change_mask("Invert the mask", lambda m: 255 - m)
    assert session.document.mask().min() == 255
    session.undo()
    assert session.document.mask().max() == 0


def test_presets_keep_settings_but_not_words(session):
    session.set_prompt("secret words")
    session.set_value("guidance", 11.0)
    session.save_preset("strong / words")
    [name] = session.presets()
    session.set_value("guidance", 2.0)
    session.set_prompt("other")
    session.use_preset(name)
    assert session.value("guidance") == 11.0 and session.prompt == "other"
    assert "secret" not in (session.home / "presets" / "text2image" / f"{name}.json").read_text()
    session.remove_preset(name)
    assert session.presets() == []


def test_settings_survive_and_broken_ones_do_not_hurt(tmp_path):
    path = tmp_path / "settings.json"
    Settings(theme="light", shortcuts={"edit.undo": ["F9"]}).write(path)
    assert Settings.read(path).shortcuts == {"edit.undo": ["F9"]}
    path.write_text(json.dumps({"theme": "light", "count": "many", "unknown": 1}))
    kept = Settings.read(path)
    assert kept.theme == "light" and kept.count == 1
    path.write_text("{")
    assert Settings.read(path) == Settings()


def test_a_sheet_of_samples_is_no_candidate_and_the_new_model_is_looked_for(session, fake_pool, card):
    session.make_fast(session.cards["tiny"])
    assert session.technique_class.teaches and session.card.id == "tiny" and session.why_not() == ""
    session.set_value("minutes", 2.0)
    session.set_count(4)
    assert session.forecast().seconds == 120
    job = session.draw()
    spec = session.jobs[job].spec
    assert spec.count == 1 and spec.technique.minutes == 2
    sheet = Clip.picture(np.zeros((8, 8, 3), np.uint8))
    session.on_event(job, Preview(sheet, 1))
    assert session.preview() is None and session.jobs[job].preview is sheet, "in the queue, not on the canvas"
    session.on_event(job, Result(sheet, spec))
    assert not session.candidates
    session.on_event(job, Done())
    assert ("look_for_models",) in fake_pool.asked


def test_adapters_that_fit_the_model_are_offered(session, card):
    def lora(id, width):
        return ModelCard(id=id, title=id, family="lora", lora=Lora(width=width))

    tiny = session.cards["tiny"].model_copy(update={"text_width": 32})
    session.set_cards(
        {"tiny": tiny, "fits": lora("fits", 32), "other": lora("other", 768), "unknown": lora("unknown", 0)}
    )
    assert [one.id for one in session.adapters()] == ["fits", "unknown"]
    session.set_prompt("a fox")
    session.set_value("adapters", ({"name": "fits", "strength": 0.5},))
    assert session.spec().technique.adapters == (Adapter(name="fits", strength=0.5),)


def test_a_locked_layer_stays(session):
    session.add_clip(picture(), "photo")
    from studio.core.history import SetProperty

    session.edit(SetProperty(session.layer.id, "locked", True))
    layering.delete(session)
    assert len(session.document.layers) == 1


def test_an_upscaled_picture_enlarges_the_canvas_and_undo_shrinks_it(session):
    from studio.core.job import Upscale

    session.add_clip(picture(80), "photo")
    session.new_mask()
    job = session.send(JobSpec(technique=Upscale(image="x.png", factor=2), model="tiny"))
    session.on_event(job, Result(picture(90, 128, 128), session.jobs[job].spec))
    session.accept()
    assert session.document.rect == Rect(0, 0, 128, 128) == session.document.box
    assert session.document.layers[0].rect == Rect(0, 0, 128, 128), "what was below grew along"
    assert session.document.compose()[100, 100, 0] == 90
    session.undo()
    assert session.document.rect == Rect(0, 0, 64, 64) and session.document.layers[0].rect == Rect(
        0, 0, 64, 64
    )


def test_a_mask_by_words_becomes_a_mask_layer(session):
    from studio.core.job import TextMask

    session.add_clip(picture(80), "photo")
    job = session.send(JobSpec(technique=TextMask(image="x.png", prompt="the cat"), model="tiny"))
    session.on_event(job, Result(Clip.mask(np.full((64, 64), 200, np.uint8)), session.jobs[job].spec))
    session.accept()
    assert (session.layer.kind, session.layer.name) == ("mask", "Mask: the cat")
    assert session.document.mask()[5, 5] == 200


def test_a_paused_job_goes_on(session):
    session.set_prompt("x")
    job = session.draw()
    session.jobs[job].state = "paused"
    session.resume(job)
    assert session.jobs[job].state == "waiting" and session.pool.asked[-1] == ("resume", job)


def test_a_mask_comes_from_the_canvas_and_its_lack_is_said(session):
    card = session.cards["tiny"]
    session.set_cards({"tiny": card.model_copy(update={"abilities": ("text2image", "inpaint")})})
    session.set_technique("inpaint")
    session.set_prompt("a fox")
    assert "no picture on the canvas" in session.why_not()
    session.add_clip(picture(5, 128, 64), "photo")
    assert "Paint over what should change" in session.why_not()
    chosen = np.zeros((64, 128), np.uint8)
    chosen[5:20, 100:120] = 255
    session.edit(SetSelection(chosen))
    assert session.why_not() == ""
    mask = read_mask(session.spec().technique.mask.path)
    assert np.array_equal(mask.array, chosen), "without a mask the selection is one"
    session.edit(SetBox(Rect(0, 0, 64, 64)))
    assert "outside the generation box" in session.why_not()
    session.edit(SetSelection(None))
    session.edit(AddLayer(Layer("Mask", "mask", np.full((10, 10), 255, np.uint8), 3, 4, feather=2)))
    mask = read_mask(session.spec().technique.mask.path)
    assert np.array_equal(mask.array, session.document.mask(Rect(0, 0, 64, 64)))
    assert mask.array[3, 6] not in (0, 255), "with its feather"


def test_a_painted_mask_is_meant_where_a_mask_may_be_left_out(session):
    session.set_technique("diffedit")
    session.add_clip(picture(5), "photo")
    assert session.value("mask") is None
    session.edit(AddLayer(Layer("Mask", "mask", np.full((10, 10), 255, np.uint8))))
    assert session.value("mask") == CANVAS
    session.set_value("mask", None)
    assert session.value("mask") is None, "but who says none gets none"


def test_regions_are_sent_with_their_words(session):
    session.add_clip(picture(5), "photo")
    layering.new_region(session)
    layer = session.layer
    assert session.regions() == []
    session.edit(SetPixels(layer.id, np.full((20, 20), 255, np.uint8), 4, 4))
    assert session.regions() == [], "a region without words asks for nothing"
    session.edit(SetProperty(layer.id, "region", Region("a red ball", 1.5, layer.region.color)))
    [found] = session._regions_from_canvas(session._kept)
    assert (found["words"], found["strength"]) == ("a red ball", 1.5)
    assert read_mask(found["mask"].path).array.sum() == 20 * 20 * 255
    session.set_technique("paint-with-words")
    session.set_prompt("a red ball on grass")
    assert session.why_not() == ""
    technique = session.spec().technique
    assert technique.regions[0].words == "a red ball" and technique.regions[0].mask.sha256
    session.edit(SetProperty(layer.id, "visible", False))
    assert session._regions_from_canvas(session._kept) == []
    assert "Add a region" in session.why_not()


def test_layers_chosen_together_are_grouped_and_deleted_together(session):
    for name in "abc":
        session.add_clip(picture(), name)
    a, b, c = session.document.layers
    session.picked = (b.id, c.id)
    layering.group(session)
    assert [layer.name for layer in session.document.members()] == ["a", "Group"]
    session.picked = (a.id, session.layer.id, b.id)
    layering.delete(session)
    assert not session.document.layers
    session.undo()
    assert len(session.document.layers) == 4
    session.document.activate(a.id)
    session.picked = (a.id,)
    layering.lock(session)
    layering.delete(session)
    assert len(session.document.layers) == 4


def test_what_is_selected_is_taken_with_its_place(session):
    session.add_clip(picture(7, 100, 80), "photo")
    chosen = np.zeros((80, 100), np.uint8)
    chosen[10:30, 20:60] = 255
    chosen[10, 20:60] = 128
    session.edit(SetSelection(chosen))
    pixels, x, y, name = layering.taken(session.document, session.layer)
    assert (x, y, name, pixels.shape) == (20, 10, "photo", (20, 40, 4))
    assert pixels[0, 0].tolist() == [7, 7, 7, 128] and pixels[1, 0, 3] == 255
    session.edit(SetSelection(None))
    layering.new_region(session)
    assert layering.taken(session.document, session.layer) is None, "an empty layer"
    assert layering.taken(session.document, session.layer, all_layers=True)[0].shape == (80, 100, 4)


def test_each_technique_has_its_workspace(session: Session) -> None:
    from studio.core.job import TECHNIQUES
    from studio.session import HOME_OF, workspace_of

    assert {workspace_of(name) for name in TECHNIQUES} <= set(HOME_OF.values())
    assert session.workspace == "paint"
    session.set_workspace("nowhere")
    assert session.workspace == "paint"
    films = [name for name in TECHNIQUES if workspace_of(name) == "film"]
    if films:
        session.set_technique("image2image")
        session.set_workspace("film")
        assert workspace_of(session.technique) == "film"
        session.set_workspace("paint")
        assert session.technique == "image2image"  # as it was left


def test_a_job_of_a_comparison_teaches_the_forecast_too(session):
    session.set_prompt("a fox")
    assert session.forecast().seconds is None
    told = []
    job = session.ask(session.spec(), told.append)
    result(session, job)
    assert len(told) == 1 and not session.candidates
    assert session.forecast().seconds == pytest.approx(2.5)


def test_words_for_a_picture_are_not_words_for_music(session: Session) -> None:
    session.set_prompt("a fox on a blue background")
    session.set_workspace("music")
    assert session.prompt == ""
    session.set_prompt("slow sad piano")
    session.set_workspace("film")
    assert session.prompt != "slow sad piano"
    session.set_workspace("paint")
    assert session.prompt == "a fox on a blue background"
