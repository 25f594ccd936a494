"""Traces of networks, for pictures that follow the hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.core.job import Done, Result, read_spec
from studio.core.sketch import Sketch
from studio.engine import traced
from studio.engine.engine import Engine


@pytest.fixture
def engine(tiny_sd, monkeypatch):
    monkeypatch.setattr(traced, "WORTH", 100.0)  # however slow the machine of the tests is just now
    return Engine([tiny_sd.parent], device="cpu")


def asked(name, prompt="a fox", **more):
    technique = {"name": "text2image", "prompt": prompt, "width": 64, "height": 64, "steps": 3, **more}
    return read_spec({"technique": technique, "model": name, "seed": 3})


def drawn(events):
    events = list(events)
    assert isinstance(events[-1], Done), events[-1]
    return next(event for event in events if isinstance(event, Result)).clip.array.astype(int)


def counted(engine, name, monkeypatch):
    """How often the network itself is called, as a list that grows."""
    unet, calls = engine.warm[name].unet, list[int]()
    forward = unet.forward
    monkeypatch.setattr(unet, "forward", lambda *args, **more: calls.append(1) or forward(*args, **more))
    return calls


def test_a_trace_is_made_when_nobody_asks_and_draws_the_same(engine, tiny_sd, monkeypatch):
    name = tiny_sd.name
    spec, other = asked(name), asked(name, "a cat on the hill")
    assert not engine.improve(), "nothing has been asked for yet"
    before = drawn(engine.sketch(Sketch(spec))), drawn(engine.sketch(Sketch(other)))
    assert engine.improve() and not engine.improve()
    assert next(iter(engine.warm[name].traces.known.values())) is not None
    calls = counted(engine, name, monkeypatch)
    after = drawn(engine.sketch(Sketch(spec))), drawn(engine.sketch(Sketch(other)))
    assert not calls, "the trace stands for the network"
    assert max(np.abs(a - b).max() for a, b in zip(before, after, strict=True)) <= 1
    assert np.abs(after[0] - after[1]).max() > 1, "it listens to the words"
    drawn(engine.run(spec))
    assert len(calls) == 3, "a finished picture is the network's own work, whatever is there"


def test_another_size_is_the_networks_own_work_until_it_has_a_trace(engine, tiny_sd, monkeypatch):
    name = tiny_sd.name
    drawn(engine.sketch(Sketch(asked(name))))
    engine.improve()
    calls = counted(engine, name, monkeypatch)
    drawn(engine.sketch(Sketch(asked(name, width=96))))
    assert len(calls) == 3
    assert engine.warm[name].traces.wanted is not None


def test_adapters_do_not_go_unheard(engine, tiny_sd, monkeypatch):
    name = tiny_sd.name
    drawn(engine.sketch(Sketch(asked(name))))
    engine.improve()
    calls = counted(engine, name, monkeypatch)
    engine.warm[name].laid = (("an adapter", 1.0),)
    monkeypatch.setattr("studio.engine.adapters.lay", lambda model, wanted: [])
    drawn(engine.sketch(Sketch(asked(name))))
    assert len(calls) == 3


def test_what_hangs_on_the_network_is_heard(engine, tiny_sd, monkeypatch):
    """Painted words act inside of the network's attention."""
    from studio.core.clip import Clip
    from studio.core.sketch import HERE

    name = tiny_sd.name
    drawn(engine.sketch(Sketch(asked(name))))
    engine.improve()
    calls = counted(engine, name, monkeypatch)
    mask = Clip.mask(np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1)))
    regions = [{"mask": {"path": HERE, "sha256": mask.digest()}, "words": "fox"}]
    spec = read_spec(
        {
            "technique": {"name": "paint-with-words", "prompt": "a fox", "steps": 2, "width": 64, "height": 64, "regions": regions},
            "model": name,
        }
    )  # fmt: skip
    drawn(engine.sketch(Sketch(spec, inputs={mask.digest(): mask})))
    assert calls


def test_no_trace_that_is_slower_or_says_something_else(tiny_sd, monkeypatch):
    engine = Engine([tiny_sd.parent], device="cpu")
    monkeypatch.setattr(traced, "WORTH", 0.0)
    spec = asked(tiny_sd.name)
    drawn(engine.sketch(Sketch(spec)))
    assert engine.improve() and list(engine.warm[tiny_sd.name].traces.known.values()) == [None]
    drawn(engine.sketch(Sketch(spec)))
    assert not engine.improve(), "it is not tried again"

    class Baked(torch.nn.Module):
        """What it multiplies by is a plain number to a trace."""

        dtype, device = torch.float32, torch.device("cpu")

        def __init__(self):
            super().__init__()
            self.config, self.own = None, torch.nn.Parameter(torch.ones(1), requires_grad=False)

        def forward(self, sample, timestep, return_dict=False):
            return (self.own * sample * float(timestep[0]),)

    monkeypatch.setattr(traced, "WORTH", 1e9)
    traces, net = traced.Traces(), Baked()
    traced.TracedNetwork(net, traces, ())(torch.ones(1, 4, 8, 8), torch.tensor([5.0]))
    assert traces.make(net) and list(traces.known.values()) == [None]


def test_few_traces_are_kept(monkeypatch):
    monkeypatch.setattr(traced, "_made", lambda unet, inputs: lambda *values: values[0])
    traces, net = traced.Traces(), torch.nn.Linear(1, 1)
    net.config = None
    net.forward = lambda sample, t, encoder_hidden_states, return_dict=False: (sample,)
    text = torch.ones(1, 7, 3)
    for side in range(8, 8 + traced.KEPT + 2):
        call = traced.TracedNetwork(net, traces, ())
        call(torch.ones(1, 4, side, side), torch.tensor([5.0]), encoder_hidden_states=text)
        assert traces.make(net)
    assert len(traces.known) == traced.KEPT
    newest = torch.ones(1, 4, side, side)
    assert traces.ready(newest, text, ()) and not traces.ready(torch.ones(1, 4, 8, 8), text, ())
    assert not traces.ready(newest, torch.ones(1, 14, 3), ()) and not traces.ready(newest, text, "an adapter")
