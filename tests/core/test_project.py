"""Projects come back as they were, from us, from others and from damaged files; autosaves find their way home.

The OpenRaster tests live here too: a project is both halves together.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.document import Document
from studio.core.going import Going, Stopped
from studio.core.job import BadRequest, JobSpec, Text2Image
from studio.core.layer import Layer, placed
from studio.core.project import Autosaver, Lock, recoverable
from studio.core.region import Rect, Region
from studio.media.files import write_whole
from studio.media.ora import DamagedProject, OraWriter, read_ora, save_ora, scan

FIELDS = [f for f in Layer.__dataclass_fields__ if f not in ("pixels", "version")]
ROOT = Path(__file__).resolve().parents[2]


def noise(h, w, seed=0, channels=4):
    shape = (h, w, channels) if channels else (h, w)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def make():
    document = Document(120, 90)
    group = Layer("Gruppe „ä“ <&>", "group", opacity=0.5, blend="multiply")
    document.set_layers([
        Layer("bottom", "picture", noise(90, 120, 1)),
        Layer("sticks out", "picture", noise(70, 80, 2), -20, 50, opacity=0.3, blend="soft-light", locked=True,
              spec=JobSpec(technique=Text2Image(prompt="a fox"), seed=62)),
        Layer("inner", "picture", noise(30, 20, 3), 5, 6, matrix=placed(degrees=20, move=(30, 0)), group=group.id),
        group,
        Layer("hidden", "picture", noise(9, 9, 4), visible=False, blend="add"),
        Layer("Mask", "mask", noise(50, 40, 5, 0), 7, 8, feather=6.0),
        Layer("Region", "region", noise(20, 20, 6, 0), 60, 10, region=Region("a trumpet", 0.8, (1, 2, 3))),
        Layer("Empty"),
    ])  # fmt: skip
    document.activate(document.layers[5].id)
    document.set_box(Rect(8, 16, 64, 56))
    document.set_selection(noise(90, 120, 7, 0))
    return document


def same(one, other):
    assert (one.width, one.height, one.box) == (other.width, other.height, other.box)
    assert [layer.name for layer in one.layers] == [layer.name for layer in other.layers]
    for a, b in zip(one.layers, other.layers):
        for name in FIELDS:
            assert getattr(a, name) == getattr(b, name), (a.name, name)
        assert np.array_equal(a.pixels, b.pixels), a.name
    assert np.array_equal(one.compose(), other.compose())


def test_a_project_comes_back_to_the_bit(tmp_path):
    document = make()
    save_ora(tmp_path / "x.ora", document, {"prompt": "words"})
    opened = read_ora(tmp_path / "x.ora")
    assert opened.own
    assert opened.notes == ()
    assert opened.extra == {"prompt": "words"}
    same(document, opened.document)
    assert opened.document.active.id == document.active.id
    assert np.array_equal(opened.document.selection, document.selection)
    assert [p.name for p in tmp_path.iterdir()] == ["x.ora"], "nothing temporary is left"


def test_the_file_is_what_other_programs_expect(tmp_path):
    document = make()
    save_ora(tmp_path / "x.ora", document)
    raw = (tmp_path / "x.ora").read_bytes()
    assert raw[30:54] == b"mimetypeimage/openraster", "first and not compressed, so that `file` knows it"
    with zipfile.ZipFile(tmp_path / "x.ora") as archive:
        assert archive.testzip() is None
        merged = np.asarray(Image.open(archive.open("mergedimage.png")))
        assert np.array_equal(merged, document.compose())
        assert max(Image.open(archive.open("Thumbnails/thumbnail.png")).size) <= 256
        stack = archive.read("stack.xml").decode()
        names = set(archive.namelist())
    from xml.etree import ElementTree

    image = ElementTree.fromstring(stack)
    assert (image.get("w"), image.get("h")) == ("120", "90")
    top = list(image.find("stack"))
    assert [node.get("name") for node in top] == [
        "Empty",
        "Region",
        "Mask",
        "hidden",
        "Gruppe „ä“ <&>",
        "sticks out",
        "bottom",
    ]
    assert [node.get("visibility") for node in top] == [
        "visible",
        "hidden",
        "hidden",
        "hidden",
        "visible",
        "visible",
        "visible",
    ]
    assert top[4][0].get("name") == "inner"
    assert top[5].attrib["composite-op"] == "svg:soft-light"
    for node in image.iter("layer"):
        assert node.get("src") in names


def test_saving_twice_gives_the_same_bytes_and_a_failed_save_leaves_the_old(tmp_path):
    document = make()
    save_ora(tmp_path / "a.ora", document)
    save_ora(tmp_path / "b.ora", document)
    assert (tmp_path / "a.ora").read_bytes() == (tmp_path / "b.ora").read_bytes()
    with pytest.raises(BadRequest):
        save_ora(tmp_path / "no" / "x.ora", document)
    document.layers[0].spec = object()  # cannot be written
    with pytest.raises(AttributeError):
        save_ora(tmp_path / "a.ora", document)
    assert (tmp_path / "a.ora").read_bytes() == (tmp_path / "b.ora").read_bytes()


def test_a_snapshot_is_of_its_moment_and_packs_only_what_changed(tmp_path):
    document = make()
    writer = OraWriter()
    write = writer.snapshot(document)
    before = make()
    document.layers[0].pixels[...] = 9
    document.touch(document.layers[0], document.rect)
    with open(tmp_path / "old.ora", "wb") as file:
        write(file)
    assert np.array_equal(read_ora(tmp_path / "old.ora").document.layers[0].pixels, before.layers[0].pixels)
    packed = {key: data for key, (_, data) in writer._packed.items()}
    with open(tmp_path / "new.ora", "wb") as file:
        writer.snapshot(document, merged=False)(file)
    same(document, read_ora(tmp_path / "new.ora").document)
    again = {key: data for key, (_, data) in writer._packed.items()}
    assert [key for key in again if again[key] is not packed[key]] == [
        (document.layers[0].id, f"data/{document.layers[0].id}.png")
    ]


def foreign(path, stack, files):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", stack)
        for name, image in files.items():
            out = io.BytesIO()
            image.save(out, "PNG")
            archive.writestr(name, out.getvalue())


def test_files_of_other_programs(tmp_path):
    grey = Image.fromarray(noise(10, 12, 1, 0))
    deep = Image.fromarray(np.arange(120, dtype=np.uint16).reshape(10, 12) * 500)
    color = Image.fromarray(noise(10, 12, 2, 3))
    palette = color.quantize(16)
    stack = """<?xml version='1.0' encoding='UTF-8'?><image h="40" w="50" version="0.0.1"><stack opacity="1" name="root">
      <layer src="data/0.png" name="grey" x="3" y="-4" opacity="0.5" composite-op="svg:screen"
        visibility="visible" selected="true"/>
      <stack name="Folder" visibility="hidden" opacity="0.25" composite-op="svg:src-over">
        <layer src="data/1.png" name="color" edit-locked="true"/><layer src="data/3.png" composite-op="svg:nothing"/></stack>
      <layer src="data/2.png" name="deep" x="1.0" y="2"/></stack></image>"""
    foreign(
        tmp_path / "k.ora",
        stack,
        {"data/0.png": grey, "data/1.png": color, "data/2.png": deep, "data/3.png": palette},
    )
    opened = read_ora(tmp_path / "k.ora")
    document = opened.document
    assert not opened.own
    assert [(layer.name, layer.kind) for layer in document.layers] == [
        ("deep", "picture"), ("Folder", "group"), ("Layer", "picture"), ("color", "picture"), ("grey", "picture")
    ]  # fmt: skip
    deep_layer, folder, _, inner, top = document.layers
    assert (top.x, top.y, top.opacity, top.blend) == (3, -4, 0.5, "screen")
    assert (folder.visible, folder.opacity, inner.group, inner.locked) == (False, 0.25, folder.id, True)
    assert np.array_equal(inner.pixels[..., :3], np.asarray(color))
    assert np.array_equal(top.pixels[..., 0], np.asarray(grey))
    assert deep_layer.pixels[9, 11, 0] == 119 * 500 >> 8
    assert "nothing" in opened.notes[0]


def test_a_project_that_another_program_changed_keeps_what_still_fits(tmp_path):
    document = make()
    path = tmp_path / "x.ora"
    save_ora(path, document)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["stack.xml"] = (
        members["stack.xml"]
        .replace(b'name="bottom"', b'name="renamed"')
        .replace(b'opacity="0.3"', b'opacity="0.9"')
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    opened = read_ora(path)
    assert not opened.own
    assert opened.document.layers[0].name == "renamed"
    by_name = {layer.name: layer for layer in opened.document.layers}
    assert by_name["sticks out"].opacity == 0.9
    assert by_name["sticks out"].spec.seed == 62
    assert by_name["Mask"].kind == "mask"
    assert np.array_equal(by_name["Mask"].pixels, document.layers[5].pixels)
    assert by_name["Region"].region.words == "a trumpet"
    assert opened.document.box == document.box


def test_every_way_of_breaking_a_file_ends_in_one_sentence(tmp_path):
    document = make()
    path = tmp_path / "x.ora"
    save_ora(path, document)
    data = path.read_bytes()
    rng = np.random.default_rng(3)
    salvaged = 0
    cuts = [data[: int(n)] for n in rng.integers(0, len(data), 25)]
    for _ in range(40):
        hurt = bytearray(data)
        for at in rng.integers(0, len(data), 30):
            hurt[at] = rng.integers(256)
        cuts.append(bytes(hurt))
    for damaged in cuts:
        path.write_bytes(damaged)
        try:
            read_ora(path)
        except BadRequest as error:
            assert str(error).endswith(".")
            assert "\n" not in str(error)
            if isinstance(error, DamagedProject) and error.salvage is not None:
                assert error.salvage.document.layers
                assert error.salvage.document.compose().shape[2] == 4
                salvaged += 1
    assert salvaged > 30


def test_a_cut_off_file_gives_its_first_layers_back(tmp_path):
    document = make()
    path = tmp_path / "x.ora"
    save_ora(path, document)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mergedimage.png") - 10])
    with pytest.raises(DamagedProject, match="cut off") as caught:
        read_ora(path)
    layers = caught.value.salvage.document.layers
    assert {layer.name for layer in layers} == {layer.name for layer in document.layers}
    bottom = next(layer for layer in layers if layer.name == "bottom")
    assert np.array_equal(bottom.pixels, document.layers[0].pixels)
    path.write_bytes(data[:60])
    with pytest.raises(DamagedProject, match="older copy") as caught:
        read_ora(path)
    assert caught.value.salvage is None


def test_what_is_no_project_says_so(tmp_path):
    for name, data in {"text": b"hello", "empty": b"", "png": b"\x89PNG\r\n"}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadRequest, match="not an OpenRaster"):
            read_ora(tmp_path / name)
    with pytest.raises(BadRequest, match="does not exist"):
        read_ora(tmp_path / "nothing.ora")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(BadRequest, match="not an OpenRaster"):
        read_ora(tmp_path / "z.zip")
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><image w="5" h="5"><stack/></image>'
    foreign(tmp_path / "b.ora", bomb, {})
    with pytest.raises(DamagedProject):
        read_ora(tmp_path / "b.ora")
    foreign(tmp_path / "huge.ora", '<image w="999999" h="5"><stack/></image>', {})
    with pytest.raises(DamagedProject, match="999999"):
        read_ora(tmp_path / "huge.ora")


def test_a_request_of_a_newer_studio_costs_the_request_and_not_the_layer(tmp_path):
    document = make()
    path = tmp_path / "x.ora"
    save_ora(path, document)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    described = json.loads(members["studio/document.json"])
    described["layers"][1]["spec"]["version"] = 99
    members["studio/document.json"] = json.dumps(described).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    opened = read_ora(path)
    assert opened.document.layers[1].spec is None
    assert "newer studio" in opened.notes[0]


def test_scan_reads_without_the_directory():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"x" * 1000)
        archive.writestr("b", b"y")
    data = out.getvalue()
    assert scan(data[: data.index(b"PK\x01\x02")]) == {"a": b"x" * 1000, "b": b"y"}


# --- autosave ---------------------------------------------------------------------------------------------


def test_autosave_is_due_after_a_minute_of_changes(tmp_path):
    now = [0.0]
    saver = Autosaver(tmp_path, clock=lambda: now[0])
    assert not saver.due(0, modified=False)
    now[0] = 61
    assert saver.due(3)
    assert not saver.due(3, modified=False)
    saver.save(3, lambda path: path.write_bytes(b"one"), "fox", Path("/x/fox.ora"))
    assert not saver.due(3)
    assert not saver.due(4)
    assert saver.pending(4), "before a job it is saved at once"
    now[0] = 125
    assert not saver.due(3)
    assert saver.due(4)

    def fails(path):
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        saver.save(4, fails)
    assert saver.file.read_bytes() == b"one"
    assert not saver.due(4), "not again at once"
    assert saver.pending(4)
    saver.close()
    assert list(tmp_path.iterdir()) == []


def test_the_living_are_not_offered_and_the_dead_are(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from studio.core.project import Autosaver\n"
        f"s = Autosaver(Path({str(tmp_path)!r})); s.save(5, lambda p: p.write_bytes(b'work'), 'Fuchs', Path('/x/f.ora'))\n"
        "print('saved', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert child.stdout.readline() == b"saved\n"
        assert recoverable(tmp_path) == []
    finally:
        child.send_signal(signal.SIGKILL) if os.name != "nt" else child.kill()
        child.wait()
        child.stdout.close()
    [found] = recoverable(tmp_path)
    assert (found.title, found.path, found.file.read_bytes()) == ("Fuchs", Path("/x/f.ora"), b"work")
    assert abs(found.time - time.time()) < 60
    (found.file.parent / ".document.ora.0123.studio-tmp").write_bytes(b"half")  # of a write that was killed
    lock = found.claim()
    assert lock is not None and found.claim() is None
    assert recoverable(tmp_path) == [], "somebody offers it already"
    found.discard(lock)
    assert recoverable(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_an_autosave_without_its_description_is_still_offered(tmp_path):
    saver = Autosaver(tmp_path)
    saver.save(1, lambda path: path.write_bytes(b"x"))
    (saver.folder / "info.json").write_text("{")
    assert recoverable(tmp_path) == []
    saver._lock.release()
    [found] = recoverable(tmp_path)
    assert (found.title, found.path) == ("Untitled", None)


def test_saving_the_project_makes_the_autosave_needless(tmp_path):
    saver = Autosaver(tmp_path)
    saver.save(1, lambda path: path.write_bytes(b"x"))
    saver.saved(1)
    assert not saver.pending(1)
    saver._lock.release()
    assert recoverable(tmp_path) == []


def test_looking_for_lost_work_never_touches_what_is_not_ours(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(b"x")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lock").write_bytes(b"")
    (tmp_path / "mine" / "novel.txt").write_bytes(b"x")
    os.utime(tmp_path / "mine", (1, 1))
    assert recoverable(tmp_path) == []
    assert recoverable(tmp_path / "nowhere") == []
    assert (tmp_path / "photos" / "a.png").exists()
    assert (tmp_path / "mine" / "novel.txt").exists()


def test_a_lock_belongs_to_one(tmp_path):
    lock = Lock(tmp_path / "lock")
    with pytest.raises(BlockingIOError):
        Lock(tmp_path / "lock")
    lock.release()
    Lock(tmp_path / "lock").release()


def test_saving_tells_how_far_it_is_and_stops_when_asked(tmp_path):
    document = Document(900, 700)
    rng = np.random.default_rng(1)
    document.set_layers([Layer("noise", "picture", rng.integers(0, 256, (700, 900, 4), np.uint8))])
    path = tmp_path / "work.ora"
    path.write_bytes(b"as it was")
    prepared = OraWriter().prepare(document)
    prepared.take()
    seen = []

    class Watched(Going):
        def at(self, share):
            seen.append(share)
            super().at(share)

    write_whole(tmp_path / "whole.ora", lambda file: prepared.write(file, Watched()))
    assert seen == sorted(seen) and seen[-1] == pytest.approx(1.0) and len(seen) > 3
    stopped = OraWriter().prepare(document)
    stopped.take()
    going = Going()
    going.stop()
    with pytest.raises(Stopped):
        write_whole(path, lambda file: stopped.write(file, going))
    assert path.read_bytes() == b"as it was"
    assert [file.name for file in tmp_path.iterdir() if "tmp" in file.name] == []
