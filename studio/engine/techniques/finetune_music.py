"""A folder of sound becomes a model of music of its own: its weights learn on from those of the model that is there.

All weights learn: the network is small, and what comes of it is one more model of its kind, a folder of a few megabytes. v-prediction
weighted by min-SNR-5 as in its first training. Whole pieces are held out; of the weights on the way, those are kept that tell the
held-out pieces best, so that learning too long does no harm. What it plays by then is shown now and then, as its spectrogram.
"""

from __future__ import annotations

import copy
import json
import math
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.core import paths
from studio.core.card import ModelCard
from studio.core.clip import Clip
from studio.core.job import BadRequest, Preview, Progress
from studio.core.toml import toml
from studio.engine import newmodel
from studio.engine.checkpoint import Checkpoint, Saved, digest
from studio.engine.codecs.sound import SoundCodec
from studio.engine.genre import Part, Windows, divided, gathered, windows
from studio.engine.job import Job, Steps
from studio.engine.music import Score, codec_of, drawn, scaled_noise, shown, sounding, tempo_for, understood
from studio.engine.nets.music import MusicNet
from studio.engine.techniques.text2music import understood_without

LOOKS = 8
"""How often the held-out pieces are asked while it learns."""
ASKED = 12
"""Windows of the held-out pieces."""
ASKED_AT = (0.15, 0.4, 0.65, 0.9)
"""Parts of the noise levels at which they are asked."""
SHOWN_TOKENS, SHOWN_STEPS = 48, 8
"""Of the piece that is played while it learns."""


def run(job: Job) -> Steps[Clip]:
    t, codec = job.technique, codec_of(job)
    own: MusicNet = job.model.unet
    told = understood(job, t.prompt)
    negative_words = understood_without(job)
    train, held = divided((yield from gathered(job)))
    net = copy.deepcopy(own).float().requires_grad_(True)
    before = error_of(job, net, held)
    best, after = yield from learnt(job, net, train, held, before)
    net.load_state_dict(best)
    net.eval().requires_grad_(False)
    job.notes.append(
        f"Held-out error {before:.4f} before, {after:.4f} after ({100 * (after / before - 1):+.0f} %)."
        if after < before
        else f"Held-out error {before:.4f} before, {after:.4f} after: it has not learnt what the held-out pieces have in common; give it more sound or more steps."
    )
    with job.stage("saving"):
        card = kept(job, net, codec, before, after)
    job.made.append(card.id)
    job.notes.append(f"“{card.title}” is in the list of models now ({card.folder}).")
    job.checkpoint = Checkpoint(
        None, job.spec
    )  # the sample is soon drawn again, and the state of learning must stay
    job.model = replace(job.model, unet=net.to(job.model.dtype), embeddings={})
    score = Score(net, codec.token_seconds, codec.tokens(t.seconds), told, tempo_for(job, told))
    levels = job.levels()
    x = scaled_noise(job, score.tokens, levels)
    latent = yield from drawn(job, x, levels, score.condition(), score.without_words(negative_words))
    return (yield from sounding(job, latent, samples=round(t.seconds * codec.how.rate), loudness=t.loudness))


# --- learning -------------------------------------------------------------------------------------------------------


def learnt(
    job: Job, net: MusicNet, train: Sequence[Part], held: Sequence[Part], before: float
) -> Steps[tuple[dict[str, Tensor], float]]:
    """-> (the weights that tell the held-out pieces best, their error). An interrupted run goes on where it was."""
    t, codec = job.technique, codec_of(job)
    parameters = list(net.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=t.rate, betas=(0.9, 0.99), weight_decay=0.01)
    best, least, at, job.runs = _weights(net), math.inf, 0, job.runs + 1
    if job.saved.tensors and job.saved.run == job.runs:
        at, least, best = resumed(job, net, optimiser)
    look = max(1, t.training // LOOKS)
    begun = time.perf_counter()
    for i in range(at, t.training):
        for group in optimiser.param_groups:
            share = 0.1 + 0.45 * (1 + math.cos(math.pi * i / t.training))
            group["lr"] = t.rate * min(1, (i + 1) / 20) * share
        with job.stage("learning"):
            rng = random.Random(f"{job.spec.seed} {i}")
            step(job, net, optimiser, windows(train, net, codec, t.batch, rng), rng.getrandbits(62))
        left = (time.perf_counter() - begun) / (i + 1 - at) * (t.training - i - 1)
        yield Progress("learning", i + 1, t.training, left, job.peak())
        if (i + 1) % look == 0 or i + 1 == t.training:
            with job.stage("learning"):
                error = error_of(job, net, held)
            if error < least:
                least, best = error, _weights(net)
            yield Preview(played(job, net), i + 1, job.index)
        if job.checkpoint.due or i + 1 == t.training:
            job.checkpoint.save(saved(job, i + 1, net, optimiser, best, least))
    return best, least


@torch.enable_grad()
def step(job: Job, net: MusicNet, optimiser: torch.optim.Optimizer, b: Windows, seed: int) -> float:
    """One step of the optimiser -> the loss."""
    generator = torch.Generator().manual_seed(seed)
    B = len(b.x0)
    places = (torch.arange(B) + torch.rand(B, generator=generator)) / B
    loss = (weighted(job, places) * errors(job, net, b, places, generator)).mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def errors(job: Job, net: MusicNet, b: Windows, places: Tensor, generator: torch.Generator) -> Tensor:
    """[B] mean squared errors of what the network predicts, each window at its place [B] in 0..1 of the noise levels."""
    levels = [job.schedule.level_at(999 * float(place)) for place in places]
    noise = torch.randn(b.x0.shape, generator=generator).to(b.x0)
    alpha, sigma, t = (
        torch.tensor(v, device=b.x0.device) for v in zip(*((x.alpha, x.sigma, x.t) for x in levels))
    )
    alpha, sigma = alpha.view(-1, 1, 1, 1), sigma.view(-1, 1, 1, 1)
    v = net(alpha * b.x0 + sigma * noise, t, net.tell(b.ids, b.bpm), b.grid)
    return (v.float() - (alpha * noise - sigma * b.x0)).square().mean((1, 2, 3))


def weighted(job: Job, places: Tensor) -> Tensor:
    """[B] min-SNR-5 weights for v-prediction (Hang et al. 2023, section 3.4), and a little for pure noise."""
    snr = torch.tensor([min(job.schedule.level_at(999 * float(place)).snr, 1e6) for place in places])
    return (snr.clamp(max=5) / (snr + 1) + 0.05).to(job.model.device)


@torch.no_grad()
def error_of(job: Job, net: MusicNet, held: Sequence[Part]) -> float:
    """The mean squared error on the held-out pieces: always the same windows, noises and levels."""
    if not held:
        raise BadRequest(
            "folder: there is too little sound to hold some of it out; choose a folder with more."
        )
    rng, generator = random.Random(0), torch.Generator().manual_seed(0)
    b = windows(held, net, codec_of(job), ASKED, rng, left_out=0.0)
    asked = [errors(job, net, b, torch.full((ASKED,), place), generator) for place in ASKED_AT]
    return float(torch.stack(asked).mean())


def played(job: Job, net: MusicNet) -> Clip:
    """What it plays by now, as a spectrogram."""
    t, codec = job.technique, codec_of(job)
    told = understood(replace(job, notes=[]), t.prompt)
    score = Score(net, codec.token_seconds, SHOWN_TOKENS, told, told.bpm)
    levels = job.schedule.levels(SHOWN_STEPS, t.spacing)
    with torch.no_grad(), job.stage("learning"):
        quick = replace(
            job,
            model=replace(job.model, unet=net),
            checkpoint=Checkpoint(None, job.spec),
            spec=job.spec.model_copy(update={"technique": t.model_copy(update={"steps": SHOWN_STEPS})}),
            saved=Saved(),
            seconds={},
            notes=[],
        )
        x = scaled_noise(quick, SHOWN_TOKENS, levels)
        walk = drawn(quick, x, levels, score.condition(), score.without_words())
        try:
            while True:
                next(walk)
        except StopIteration as end:
            return shown(codec, end.value)


# --- going on after an interruption ---------------------------------------------------------------------------------


def _weights(net: MusicNet) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in net.state_dict().items()}


def saved(
    job: Job,
    done: int,
    net: MusicNet,
    optimiser: torch.optim.Optimizer,
    best: dict[str, Tensor],
    least: float,
) -> Saved:
    """Everything that learning needs to go on."""
    tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in best.items()}
    names = [name for name, _ in net.named_parameters()]
    for i, state in optimiser.state_dict()[
        "state"
    ].items():  # not of what nothing was learnt about, such as melodies
        tensors |= {f"adam.{key}.{names[i]}": state[key] for key in ("step", "exp_avg", "exp_avg_sq")}
    return Saved(job.index, done, job.runs, tensors, {"least": least if math.isfinite(least) else -1.0})


def resumed(
    job: Job, net: MusicNet, optimiser: torch.optim.Optimizer
) -> tuple[int, float, dict[str, Tensor]]:
    """-> (steps done, least error so far, the weights that had it); network and optimiser as they were."""
    tensors, device = job.saved.tensors, job.model.device
    part = lambda head: {n.removeprefix(head): v.to(device) for n, v in tensors.items() if n.startswith(head)}  # noqa: E731
    net.load_state_dict(part("net."))
    state = optimiser.state_dict()
    names = [name for name, _ in net.named_parameters()]
    state["state"] = {
        i: {key: tensors[f"adam.{key}.{name}"] for key in ("step", "exp_avg", "exp_avg_sq")}
        for i, name in enumerate(names)
        if f"adam.step.{name}" in tensors
    }
    optimiser.load_state_dict(state)
    least = float(job.saved.extra["least"])
    return job.saved.step, math.inf if least < 0 else least, part("best.")


# --- the new model ----------------------------------------------------------------------------------------------------


def kept(job: Job, net: MusicNet, codec: SoundCodec, before: float, after: float) -> ModelCard:
    """The model in the user's folder of models, whole or not at all -> its card.

    Raises:
        BadRequest: it cannot be written.
    """
    t, base = job.technique, job.model.card
    place = paths.home() / "models"
    request = digest(job.spec)
    # one of the same request, which was interrupted, is replaced
    name = newmodel.free(
        newmodel.named(t.called, "genre"), place, lambda folder: _request_of(folder) == request
    )
    about: dict[str, Any] = {
        "id": name,
        "title": t.called,
        "family": "music",
        "summary": f"{base.title}, taught {Path(t.folder).name}.",
        "knows": list(base.knows) or None,
        "abilities": list(base.abilities),
        "parameters": base.parameters or None,
        "memory_mb": base.memory_mb or None,
        "licence": f"{base.licence} The sounds that it learnt are yours to answer for.".strip(),
        "sources": list(base.sources),
        "sizes": base.sizes.model_dump(mode="json"),
        "defaults": base.defaults.model_dump(mode="json"),
        "training": {"from": base.id, "folder": Path(t.folder).name, "steps": t.training, "rate": t.rate, "batch": t.batch, "seed": job.spec.seed, "request": request},
        "scores": {"held-out error": {"before": round(before, 5), "after": round(after, 5)}},
    }  # fmt: skip
    with newmodel.whole(place / name, "called") as new:
        net.save(new)
        codec.save(new)
        (new / "scheduler").mkdir()
        noise = json.dumps(job.model.noise, indent=1)
        (new / "scheduler" / "scheduler_config.json").write_text(noise, "utf-8")
        (new / "card.toml").write_text(toml(about), "utf-8")
    return ModelCard.read(place / name / "card.toml")


def _request_of(folder: Path) -> str:
    """The request that a model was made by; "" for others."""
    try:
        return str(ModelCard.read(folder / "card.toml").training.get("request", ""))
    except BadRequest:
        return ""
