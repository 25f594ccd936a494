"""The export dialog: only what the format knows can be set, and what is set is what is ordered."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from studio.core.job import JobSpec, Source, Text2Music
from studio.core.take import Take
from studio.ui.spectrogram.export import SoundExportDialog

SPEC = JobSpec(technique=Text2Music(prompt="harp"), seed=4)


@pytest.fixture
def ask(session, qtbot):
    """Opens the dialog -> (dialog, what was ordered)."""

    parents = []

    def make(seconds=30.0, chosen=None, tags=None, spec=None, rate=44100.0):
        parent = QWidget()
        parents.append(parent)
        qtbot.addWidget(parent)
        orders = []
        take = Take("a harp.wav", Source(path="/s/a.flac"), seconds, rate, 2, "made", spec)
        dialog = SoundExportDialog(session, take, chosen, tags or {}, orders.append, parent)
        dialog.show()
        return dialog, orders

    return make


def choose(box, value):
    box.setCurrentIndex(box.findData(value))


def test_what_is_set_is_ordered_and_remembered(ask, session, tmp_path):
    dialog, orders = ask(chosen=(2.0, 5.0), tags={"title": "Lied", "album": "Album"}, spec=SPEC)
    assert dialog.part.currentData() == "range" and dialog.title.text() == "Lied"
    choose(dialog.format, ".mp3")
    choose(dialog.rate, 48000)
    dialog.normalise.setChecked(True)
    dialog.lufs.setValue(-23)
    dialog.artist.setText("Ich")
    dialog.quality.setValue(70)
    dialog.send(tmp_path / "b")
    (order,) = orders
    assert (order.path, order.start, order.end, order.rate) == (tmp_path / "b.mp3", 2.0, 5.0, 48000.0)
    assert (order.loudness, order.ceiling, order.quality, order.spec) == (-23.0, -1.0, 70, SPEC)
    assert order.tags == {"title": "Lied", "album": "Album", "artist": "Ich"}
    again, _ = ask()
    assert (
        again.format.currentData() == ".mp3" and again.artist.text() == "Ich" and again.normalise.isChecked()
    )
    assert not again.tell.isEnabled() and not again.tell.isChecked(), "this one was not made from a request"


def test_as_it_is(ask, tmp_path):
    dialog, orders = ask()
    dialog.limit.setChecked(False)
    dialog.send(tmp_path / "a.wav")
    (order,) = orders
    assert order.path.name == "a.wav", "an ending that was typed wins"
    assert (order.start, order.end, order.rate, order.loudness, order.ceiling, order.spec) == (
        0.0,
        30.0,
        None,
        None,
        None,
        None,
    )


def test_only_what_the_format_knows(ask):
    dialog, _ = ask()
    choose(dialog.format, ".flac")
    assert not dialog.quality.isVisible()
    choose(dialog.format, ".opus")
    assert dialog.quality.isVisible()
    rates = [dialog.rate.itemData(at) for at in range(dialog.rate.count())]
    assert rates and set(rates) <= {48000, 24000, 16000, 12000, 8000}


def test_everything_has_a_name(ask):
    dialog, _ = ask(chosen=(0.0, 1.0), spec=SPEC)
    for made in (
        dialog.part,
        dialog.format,
        dialog.rate,
        dialog.quality,
        dialog.lufs,
        dialog.ceiling,
        dialog.title,
        dialog.artist,
    ):
        assert made.accessibleName()
