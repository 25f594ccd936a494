"""Sound that a larger model plays (`players`), as events: the studio's loop where it can walk, the library's elsewhere.

A pipeline of the library, and a language model of sound, run in a thread and call back after every step; the steps become events here, and
closing the events ends it with its next step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, Preview, Progress
from studio.core.loudness import normalised
from studio.core.melody import Tone
from studio.core.sound import at_rate, mono
from studio.core.spectrogram import griffin_lim
from studio.engine import spectrum_picture as pictures
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import NetworkDenoiser, denoiser_for
from studio.engine.inthread import After, in_thread
from studio.engine.job import Job, Steps
from studio.engine.music import picture_of_levels
from studio.engine.piped import Watched
from studio.engine.players import RIFFUSION, DanceDiffusion, MusicGen, MusicLDM, check_length, longest
from studio.engine.sample import sample
from studio.engine.schedule import Level
from studio.engine.steps import draw

Floats = NDArray[np.float32]
CHROMA_WINDOW, CHROMA_HOP = 16384, 4096
"""Samples at the model's rate that MusicGen's melody is read by."""
MELODY_SECONDS = 30.0


def from_words(job: Job) -> Steps[Clip]:
    """text2music"""
    t, card = job.technique, job.model.card
    if t.loop:
        raise BadRequest(f"loop: {card.id} cannot make loops; choose another model.")
    return (yield from _by_family(job, t.seconds, None))


def from_tune(job: Job, notes: Sequence[Tone], seconds: float) -> Steps[Clip]:
    """melody2music: the tune as notes; without any the model hears the sound itself."""
    player: MusicGen = job.model.pipe
    length = min(seconds, MELODY_SECONDS)
    chroma = (
        chroma_of_notes(notes, length, player.rate) if notes else chroma_of(job.inputs["sound"], player.rate)
    )
    return (yield from _by_family(job, seconds, chroma))


def _by_family(job: Job, seconds: float, chroma: Tensor | None) -> Steps[Clip]:
    t, card, player = job.technique, job.model.card, job.model.pipe
    if card.family != RIFFUSION:
        check_length(card, seconds, longest(card, player))
    if t.variation:
        job.notes.append(f"{card.title} knows no variations; another seed gives another piece.")
    match card.family:
        case "riffusion":
            sound, rate = yield from _riffusion(job, seconds)
        case "musicldm":
            sound, rate = yield from _musicldm(job, player, seconds)
        case "dance-diffusion":
            sound, rate = yield from _dance(job, player, seconds)
        case "musicgen" | "musicgen-melody":
            sound, rate = yield from _musicgen(job, player, seconds, chroma)
        case _:
            sound, rate = yield from _piped(job, player, seconds)
    sound = np.nan_to_num(sound[: round(seconds * rate)])
    if t.loudness is not None:
        sound = normalised(sound, rate, t.loudness)
    return Clip.sound(np.ascontiguousarray(sound, np.float32), rate)


Sounded = Steps[tuple[Floats, int]]
"""Returns [n, channels] and the rate."""

# --- the studio's loop ----------------------------------------------------------------------------------------------


def _riffusion(job: Job, seconds: float) -> Sounded:
    """A picture as wide as the sound is long, drawn as any picture."""
    card = job.model.card
    check_length(card, seconds, pictures.LONGEST)
    width, height = pictures.width_for(seconds), pictures.HEIGHT
    condition, negative = yield from job.condition(width, height)
    levels = job.levels()
    x = job.noise(width, height) * math.hypot(levels[0].alpha, levels[0].sigma)
    latent = yield from job.run(x, levels, condition, negative)
    picture = yield from job.decode(latent)
    yield Progress("sounding", memory=job.peak())
    with job.stage("sounding"):
        size = pictures.bins_of(picture.array)
        sound = griffin_lim(size, pictures.HOW, seed=job.spec.seed % 2**32)
    return sound[:, None], round(pictures.HOW.rate)


def _musicldm(job: Job, player: MusicLDM, seconds: float) -> Sounded:
    t = job.technique
    yield Progress("encoding", memory=job.peak())
    with job.stage("encoding"), torch.no_grad():
        condition, negative = (Condition(player.tell(text)) for text in (t.prompt, t.negative_prompt))

    def network(x: Tensor, at: Tensor, told: Condition) -> Tensor:
        asked = x.to(player.unet.dtype)
        made = player.unet(
            asked, at, encoder_hidden_states=None, class_labels=told.hidden[:, 0].to(asked.dtype)
        )
        return made.sample.to(x.dtype)

    levels = job.levels()
    x = draw([job.generator], player.shape(seconds)).to(job.model.device)
    hands = [job.guidance(negative, levels)]
    x = x * math.hypot(levels[0].alpha, levels[0].sigma)
    latent = yield from _walked(job, denoiser_for(job.schedule, network), x, levels, condition, hands)
    yield Progress("decoding", memory=job.peak())
    with job.stage("decoding"):
        sound = player.sound(latent)
    return sound.cpu().numpy()[:, None], player.rate


def _dance(job: Job, player: DanceDiffusion, seconds: float) -> Sounded:
    if job.technique.prompt.strip():
        job.notes.append(f"{job.model.card.title} takes no words: it plays what it was taught.")
    count = -(-round(seconds * player.rate) // player.multiple) * player.multiple
    count = max(count, 3 * player.multiple)

    def network(x: Tensor, at: Tensor, _: Condition) -> Tensor:
        return player.unet(x[:, :, 0].to(player.unet.dtype), at).sample[:, :, None].to(x.dtype)

    levels = crash_levels(job.technique.steps)
    x = draw([job.generator], (player.channels, 1, count)).to(job.model.device)
    nothing = Condition(torch.zeros(1, 0, 1, device=job.model.device))
    made = yield from _walked(job, NetworkDenoiser(network, "v_prediction"), x, levels, nothing, ())
    return made[0, :, 0].T.clamp(-1, 1).cpu().numpy(), player.rate


def crash_levels(steps: int) -> list[Level]:
    """Noise levels as Dance Diffusion walks along them: sigma = sin^2, and the network's time is the angle (Crowson 2022, v-diffusion)."""
    turns = [math.sin(math.pi / 2 * (1 - i / steps)) ** 2 for i in range(steps + 1)]
    levels = [(math.sqrt(max(0.0, 1 - s * s)), s) for s in turns]
    return [Level(2 / math.pi * math.atan2(s, a), a, s) for a, s in levels]


def _walked(
    job: Job,
    denoiser: Any,
    x: Tensor,
    levels: Sequence[Level],
    condition: Condition,
    hands: Sequence[Control],
) -> Steps[Tensor]:
    """The loop, with progress and previews."""
    states = sample(denoiser, x, levels, job.solver(), condition, hands)
    with closing(states):
        while state := job.next_state(states):
            x = state.x
            spent = job.seconds["drawing"] / state.index
            yield Progress(
                "drawing", state.index, state.total, spent * (state.total - state.index), job.peak()
            )
            if state.index < state.total and job.pace.ready():
                yield Preview(shown(state.x0), state.index, job.index)
    return x


# --- the libraries' loops -------------------------------------------------------------------------------------------


def _piped(job: Job, pipe: Any, seconds: float) -> Sounded:
    """AudioLDM 2, Stable Audio, ACE-Step."""
    t, card = job.technique, job.model.card
    told: dict[str, Any] = {
        "prompt": t.prompt,
        "guidance_scale": t.guidance,
        "num_inference_steps": t.steps,
        "generator": torch.Generator().manual_seed(job.spec.seed),
        "callback_steps": 1,
    }
    if card.family == "ace-step":
        told |= {"audio_duration": seconds, "output_type": "pt"}
        if t.negative_prompt.strip():
            job.notes.append(f"“Without” has no effect with {card.title}.")
        rate = int(pipe.sample_rate)
    else:
        told["negative_prompt"] = t.negative_prompt or None  # Stable Audio tells the empty prompt from none
        if card.family == "stable-audio":
            told |= {"audio_end_in_s": seconds, "output_type": "pt"}
            rate = int(pipe.vae.config.sampling_rate)
        else:
            rate = int(pipe.vocoder.config.sampling_rate)
            told |= {"audio_length_in_s": seconds, "output_type": "np", "negative_prompt": t.negative_prompt}
    guess: list[Tensor] = []

    def play(after: After) -> Any:
        def called(i: int, _: Any, latents: Tensor) -> None:
            after(i + 1, guess[-1] if guess else latents)

        with Watched(pipe.scheduler, guess), torch.no_grad():
            return pipe(**told, callback=called).audios[0]

    made = yield from in_thread(job, play, t.steps, shown)
    sound = np.asarray(made.detach().float().cpu().numpy() if isinstance(made, Tensor) else made, np.float32)
    return (sound.T if sound.ndim == 2 else sound[:, None]), rate


def _musicgen(job: Job, player: MusicGen, seconds: float, chroma: Tensor | None) -> Sounded:
    """Token by token; a step is a frame of the codec."""
    from transformers import StoppingCriteria, StoppingCriteriaList

    t, device = job.technique, job.model.device
    tokens = max(1, math.ceil(seconds * player.frame_rate))
    words = player.tokenizer([t.prompt], padding=True, return_tensors="pt").to(device)
    given: dict[str, Any] = dict(words)
    if chroma is not None:
        given["input_features"] = chroma[None].to(device, job.model.dtype)
    if t.negative_prompt.strip():
        job.notes.append(f"“Without” has no effect with {job.model.card.title}.")

    def play(after: After) -> Any:
        class Listening(StoppingCriteria):
            done = 0

            def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
                self.done += 1
                after(min(self.done, tokens), None)
                return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)

        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), torch.no_grad():
            torch.manual_seed(job.spec.seed)
            return player.model.generate(
                **given,
                do_sample=True,
                guidance_scale=max(1.0, t.guidance),
                max_new_tokens=tokens + player.model.decoder.num_codebooks,
                stopping_criteria=StoppingCriteriaList([Listening()]),
            )[0]

    made = yield from in_thread(job, play, tokens, shown)
    return made.float().cpu().numpy().T, player.rate


# --- pictures and tunes -----------------------------------------------------------------------------------------------


def shown(latent: Tensor, height: int = 64, width: int = 512) -> Clip:
    """Any latent of sound, or a waveform, as a picture: time to the right, as loud as bright."""
    x = latent.detach().float().cpu()[0]
    if x.ndim == 3 and x.shape[1] == 1:  # a waveform [C, 1, n]: blocks of it
        x = x.abs().mean((0, 1))
        x = x[: len(x) // height * height].view(-1, height).T
    elif x.ndim == 3:  # [C, time, pitch]
        x = x.square().mean(0).sqrt().T
    elif x.shape[0] > x.shape[1]:  # [time, C]
        x = x.T
    x = torch.nn.functional.interpolate(x.abs()[None, None], (height, width), mode="bilinear")[0, 0]
    share = (x - x.min()) / (x.max() - x.min()).clamp(min=1e-6)
    return picture_of_levels((-70 + 60 * share).numpy().astype(np.float32))


def chroma_of(clip: Clip, rate: int) -> Tensor:
    """A recording -> [T, 12], 1 at the strongest pitch class of each frame (Copet et al. 2023, section 2.3)."""
    from transformers.audio_utils import chroma_filter_bank

    sound = torch.from_numpy(mono(at_rate(clip, rate)))[: round(MELODY_SECONDS * rate)]
    short = max(0, CHROMA_WINDOW - len(sound))
    sound = torch.nn.functional.pad(sound, (short // 2, short - short // 2))
    hann = torch.hann_window(CHROMA_WINDOW)
    power = torch.stft(sound, CHROMA_WINDOW, CHROMA_HOP, window=hann, return_complex=True).abs().square()
    bank = chroma_filter_bank(sampling_rate=rate, num_frequency_bins=CHROMA_WINDOW, tuning=0, num_chroma=12)
    chroma = torch.from_numpy(np.asarray(bank, np.float32)) @ power  # [12, T]
    return _strongest(chroma.T)


def chroma_of_notes(notes: Sequence[Tone], seconds: float, rate: int) -> Tensor:
    """The same of notes; nothing where none sounds."""
    frames = 1 + int(seconds * rate) // CHROMA_HOP
    chroma = torch.zeros(frames, 12)
    for note in notes:
        first, last = round(note.start * rate / CHROMA_HOP), round(note.end * rate / CHROMA_HOP)
        chroma[first : max(last, first + 1)] = torch.nn.functional.one_hot(
            torch.tensor(round(note.pitch) % 12), 12
        ).float()
    return chroma


def _strongest(chroma: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(chroma.argmax(-1), 12).float()
