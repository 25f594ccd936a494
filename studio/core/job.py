"""Requests and what comes back.

A `JobSpec` holds everything that affects a result and nothing else. It is frozen and serialises to JSON; the same
object is the queue's row, the file's metadata, the command line's input and the remote call. Its `technique` is one
member of a union of frozen models, one per technique; the JSON schema of that member draws the form in the window
and the options of the command line, so a new technique is one class here and one file in `engine/techniques`.

Two specs that are equal give the same bits on the same device.

Large inputs (pictures, masks) are named by path and by the SHA-256 of the decoded clip (`Source`): the spec stays small, and a
file that has changed since is noticed instead of silently used.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from studio.core.clip import AXES, Clip, Kind

SPEC_VERSION = 1
MAX_SEED = 2**63 - 1
MAX_SIDE = 16384

Solver = Literal["ddim", "euler", "euler_ancestral", "heun", "dpm++2m", "dpm++2m_sde", "lcm"]
Spacing = Literal["trailing", "leading", "linspace", "karras", "exponential", "lcm"]


class Frozen(BaseModel):
    # A window starts without asking any of forty models anything: their validators are built when first used.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


def knob(
    default: Any,
    label: str,
    tip: str,
    *,
    unit: str = "",
    widget: str = "",
    step: float | None = None,
    advanced: bool = False,
    **limits: Any,
) -> Any:
    """A field with what a form needs: `label` in plain language, `tip` (what it does, what to try), `unit`, the
    `widget` ("slider", "number", "text", "choice", "picture", "mask", "video", "sound", "seed", "size", "folder", "line"), the `step` of a slider, and
    whether it is folded under Advanced. `limits` are pydantic's (ge, le, gt, lt, min_length, ...)."""
    extra: dict[str, Any] = {
        "label": label,
        "unit": unit,
        "widget": widget,
        "step": step,
        "advanced": advanced,
    }
    return Field(
        default,
        title=label,
        description=tip,
        json_schema_extra={k: v for k, v in extra.items() if v},
        **limits,
    )


class Source(Frozen):
    """An input file. `sha256` is `Clip.digest()` of what the file decodes to; empty means "whatever is there"."""

    path: str = Field(min_length=1)
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value


class Adapter(Frozen):
    """A file that is laid over the model's weights (LoRA), and how strongly. `name`: its card's id, that is the file's name without
    its ending; `sha256` of the file, empty = whatever is there. As text: NAME or NAME:STRENGTH."""

    name: str = Field(min_length=1, max_length=200)
    strength: float = Field(default=1.0, ge=-2, le=2)
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        name, colon, strength = value.rpartition(":")
        return {"name": name, "strength": strength} if colon else {"name": value}


def _adapters() -> Any:
    return knob(
        (),
        "Adapters",
        "LoRA files laid over the model for this request, each with a strength: 1 = as it was made, 0.5 = half of it. Put the files"
        " among your models. On the command line: NAME or NAME:STRENGTH.",
        widget="adapters",
        advanced=True,
        max_length=16,
    )


class _Technique(Frozen):
    """Common to all techniques. Class variables are facts for the window, the command line and the cards."""

    title: ClassVar[str]
    blurb: ClassVar[str]
    makes: ClassVar[Kind] = "picture"
    ability: ClassVar[str]
    """What a model's card must list under `abilities` for this technique to be offered for it."""
    teaches: ClassVar[bool] = False
    """Whether what it makes is a model, and its result only a sheet of samples."""


class _Walked(_Technique):
    """What every technique asks for that walks along noise levels under words."""

    prompt: str = knob(
        "", "Words", "What you want to see. Weigh words as (word:1.3).", widget="text", max_length=10_000
    )
    negative_prompt: str = knob(
        "", "Without", "What you do not want to see.", widget="text", advanced=True, max_length=10_000
    )
    guidance: float | None = knob(
        None,
        "Follow the words",
        "Classifier-free guidance scale: 1 = off, higher follows the words more closely and varies less. Empty = the model's own.",
        widget="slider",
        step=0.5,
        ge=1,
        le=30,
    )
    steps: int | None = knob(
        None,
        "Steps",
        "Sampling steps: more is finer and slower. Empty = the model's own.",
        widget="slider",
        step=1,
        advanced=True,
        ge=1,
        le=1000,
    )
    spacing: Spacing | None = knob(
        None,
        "Noise levels",
        "How the noise levels are spaced. Empty = the model's own.",
        widget="choice",
        advanced=True,
    )
    guidance_interval: tuple[float, float] = knob(
        (0.0, 1.0),
        "Guide between",
        "The part of the run in which guidance acts, 0 = first step, 1 = last (Kynkaanniemi et al. 2024).",
        advanced=True,
    )

    @model_validator(mode="after")
    def _interval_is_ordered(self) -> _Walked:
        low, high = self.guidance_interval
        if not 0 <= low <= high <= 1:
            raise ValueError(
                f"guidance_interval must be two numbers with 0 <= from <= to <= 1, not {low} and {high}"
            )
        return self


class _Guided(_Walked):
    """With a choice of solver."""

    solver: Solver | None = knob(
        None,
        "Solver",
        "How a step is taken. dpm++2m is accurate in 15-30 steps, euler_ancestral adds noise and varies more, lcm is for distilled models. Empty = the model's own.",
        widget="choice",
        advanced=True,
    )


class _Sampling(_Guided):
    """With guidance by words alone."""

    guidance_rescale: float | None = knob(
        None,
        "Guidance rescale",
        "Pulls the contrast of a guided picture back to that of the unguided one (Lin et al. 2023); 0.7 is usual for zero-terminal-SNR models. Empty = the model's own.",
        widget="slider",
        step=0.05,
        advanced=True,
        ge=0,
        le=1,
    )
    adapters: tuple[Adapter, ...] = _adapters()
    accuracy: Literal["exact", "near", "fast"] = knob(
        "exact",
        "How much may change",
        "exact: every step is computed. near: nearly the same picture, sooner. fast: as soon as possible, the same composition. What"
        " changes evenly from step to step is foreseen; where that would be off, it is computed after all.",
        widget="choice",
        advanced=True,
    )


class _Sized(_Sampling):
    width: int | None = knob(
        None, "Width", "In pixels. Empty = the model's own.", unit="px", widget="size", ge=8, le=MAX_SIDE
    )
    height: int | None = knob(
        None, "Height", "In pixels. Empty = the model's own.", unit="px", widget="size", ge=8, le=MAX_SIDE
    )
    variation_seed: int = knob(
        0,
        "Variation seed",
        "A second seed to wander towards.",
        widget="seed",
        advanced=True,
        ge=0,
        le=MAX_SEED,
    )
    variation: float = knob(
        0.0,
        "Variation",
        "How far to go from the seed's noise to the variation seed's, along the sphere: 0 = the same picture, 0.1-0.3 = a sibling, 1 = another.",
        widget="slider",
        step=0.01,
        advanced=True,
        ge=0,
        le=1,
    )


class Text2Image(_Sized):
    title: ClassVar[str] = "Text to picture"
    blurb: ClassVar[str] = "Words become a picture."
    ability: ClassVar[str] = "text2image"

    name: Literal["text2image"] = "text2image"


class Image2Image(_Sampling):
    title: ClassVar[str] = "Picture to picture"
    blurb: ClassVar[str] = (
        "Noise is added to your picture and taken away again under new words (SDEdit, Meng et al. 2022)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["image2image"] = "image2image"
    image: Source = knob(..., "Picture", "The picture to start from.", widget="picture")
    strength: float = knob(
        0.6,
        "Change",
        "Denoising strength: 0.2 touches up, 0.6 keeps the layout, 1 keeps nothing.",
        widget="slider",
        step=0.05,
        gt=0,
        le=1,
    )


def _paste() -> Any:
    return knob(
        True,
        "Keep your pixels",
        "What looks the same before and after is taken from your picture instead of the autoencoder.",
        advanced=True,
    )


class Instruct(_Guided):
    title: ClassVar[str] = "Edit by instruction"
    blurb: ClassVar[str] = (
        "Say what to change; the rest of your picture stays (InstructPix2Pix, Brooks et al. 2022)."
    )
    ability: ClassVar[str] = "instruct"

    name: Literal["instruct"] = "instruct"
    image: Source = knob(..., "Picture", "The picture to change.", widget="picture")
    prompt: str = knob(
        "",
        "Instruction",
        "What to do, as you would tell a person: make the cat blue, put it on a black background.",
        widget="text",
        max_length=10_000,
    )
    image_guidance: float = knob(
        1.5,
        "Keep the picture",
        "Image guidance scale: 1 = off, higher stays closer to your picture. Lower it, or follow the words more, when too"
        " little changes.",
        widget="slider",
        step=0.05,
        ge=1,
        le=10,
    )
    adapters: tuple[Adapter, ...] = _adapters()
    paste: bool = _paste()


class _Filling(_Sampling):
    """What is masked is drawn anew; see `engine.techniques.inpaint`."""

    context: float = knob(
        0.5,
        "Surroundings",
        "How much around the mask the model sees, as a share of the mask's longer side: less draws finer, more fits in better.",
        widget="slider",
        step=0.05,
        advanced=True,
        ge=0,
        le=10,
    )
    seam: int | None = knob(
        None,
        "Seam",
        "Width over which old and new are blended, inside the mask. Empty = a 64th of the part that is drawn.",
        unit="px",
        widget="number",
        advanced=True,
        ge=0,
        le=256,
    )


class Inpaint(_Filling):
    title: ClassVar[str] = "Fill the mask"
    blurb: ClassVar[str] = (
        "What is masked is drawn anew under your words, the rest stays (Blended Latent Diffusion, Avrahami et al. 2022)."
    )
    ability: ClassVar[str] = "inpaint"

    name: Literal["inpaint"] = "inpaint"
    image: Source = knob(..., "Picture", "The picture to change.", widget="picture")
    mask: Source = knob(..., "Mask", "What to draw anew: white is drawn, black stays.", widget="mask")
    strength: float = knob(
        1.0,
        "Change",
        "Denoising strength: 1 draws something new, 0.6 keeps the layout of what is masked, 0.2 touches it up.",
        widget="slider",
        step=0.05,
        gt=0,
        le=1,
    )


class _Inverting(_Walked):
    """What is asked for where a picture is first turned back into noise; see `engine.inversion`. The solver is the inversion's own."""

    method: Literal["fast", "faithful", "exact"] = knob(
        "fast",
        "Inversion",
        "How the picture becomes noise: fast takes a second or two, faithful optimises the empty words step by step (null-text), exact"
        " comes back without any loss but leaves less freedom for a change.",
        widget="choice",
    )
    inner: int = knob(
        10,
        "Optimisation",
        "For the faithful inversion: at most so many descents per step. More comes closer and takes longer.",
        widget="slider",
        step=1,
        advanced=True,
        ge=1,
        le=50,
    )
    adapters: tuple[Adapter, ...] = _adapters()


class Invert(_Inverting):
    title: ClassVar[str] = "Invert"
    blurb: ClassVar[str] = (
        "Finds the noise your picture comes from and shows what comes back, with its error; later edits use it again"
        " (DDIM, null-text and edit-friendly DDPM inversion)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["invert"] = "invert"
    image: Source = knob(..., "Picture", "The picture to invert.", widget="picture")
    prompt: str = knob(
        "",
        "What it shows",
        "The picture in words, as you would ask for it; better words, better edits.",
        widget="text",
        max_length=10_000,
    )


class Outpaint(_Filling):
    title: ClassVar[str] = "Extend the picture"
    blurb: ClassVar[str] = (
        "Your picture goes on beyond its edges, under your words (Blended Latent Diffusion)."
    )
    ability: ClassVar[str] = "inpaint"

    name: Literal["outpaint"] = "outpaint"
    image: Source = knob(..., "Picture", "The picture to extend.", widget="picture")
    left: int = knob(0, "Left", "How much to add on the left.", unit="px", widget="number", ge=0, le=MAX_SIDE)
    top: int = knob(0, "Top", "How much to add above.", unit="px", widget="number", ge=0, le=MAX_SIDE)
    right: int = knob(
        0, "Right", "How much to add on the right.", unit="px", widget="number", ge=0, le=MAX_SIDE
    )
    bottom: int = knob(0, "Bottom", "How much to add below.", unit="px", widget="number", ge=0, le=MAX_SIDE)
    to_width: int | None = knob(
        None,
        "Final width",
        "What is missing to it is added on the left and on the right alike. Empty = as the sides say.",
        unit="px",
        widget="number",
        advanced=True,
        ge=1,
        le=MAX_SIDE,
    )
    to_height: int | None = knob(
        None,
        "Final height",
        "What is missing to it is added above and below alike. Empty = as the sides say.",
        unit="px",
        widget="number",
        advanced=True,
        ge=1,
        le=MAX_SIDE,
    )
    context: float = knob(
        1.0,
        "Surroundings",
        "How much of your picture the model sees, as a share of the longer side of what is added: less draws finer, more fits in"
        " better.",
        widget="slider",
        step=0.05,
        advanced=True,
        ge=0,
        le=10,
    )

    def sides(self, width: int, height: int) -> tuple[int, int, int, int]:
        """What is added (left, top, right, bottom), in pixels, to a picture of width x height.

        Raises:
            BadRequest: the final size is too small or too large, or nothing is added.
        """
        left, right = _both(self.left, self.right, self.to_width, width, "to_width")
        top, bottom = _both(self.top, self.bottom, self.to_height, height, "to_height")
        if not left + top + right + bottom:
            raise BadRequest("left: nothing is to be added; say how much on at least one side.")
        for name, side in (("right", left + width + right), ("bottom", top + height + bottom)):
            if side > MAX_SIDE:
                raise BadRequest(f"{name}: the picture would get {side} px, more than {MAX_SIDE}; add less.")
        return left, top, right, bottom


def _both(before: int, after: int, target: int | None, length: int, name: str) -> tuple[int, int]:
    """Two sides, with what is missing to `target` shared between them."""
    if target is None:
        return before, after
    missing = target - (before + length + after)
    if missing < 0:
        raise BadRequest(
            f"{name}: {target} px is less than the {before + length + after} px there are; raise it."
        )
    return before + missing // 2, after + missing - missing // 2


class Prompt2Prompt(_Inverting):
    title: ClassVar[str] = "Edit by words"
    blurb: ClassVar[str] = (
        "Say what your picture shows, then say it differently: only what the words change changes"
        " (Prompt-to-Prompt, Hertz et al. 2022)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["prompt2prompt"] = "prompt2prompt"
    image: Source | None = knob(
        None,
        "Picture",
        "The picture to change. Empty = the one that the seed gives for its words.",
        widget="picture",
    )
    source_prompt: str = knob(
        "",
        "What it shows",
        "The picture in words, as you would ask for it.",
        widget="text",
        max_length=10_000,
    )
    prompt: str = knob(
        "",
        "What you want",
        "The same words with the change: another word, more words, or a weight such as (fluffy:2) for more and (fluffy:0) for less of it.",
        widget="text",
        max_length=10_000,
    )
    cross: float = knob(
        0.4,
        "Keep the layout",
        "The part of the run in which words look where the old words looked: more keeps places and sizes.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1,
    )
    own: float = knob(
        0.2,
        "Keep the shapes",
        "The part of the run in which the picture looks at itself as the old one did: more keeps outlines and poses.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1,
    )
    blend: float = knob(
        0.2,
        "Only the place of the change",
        "A place changes if the new words pull at it at least so much, as a share of the strongest pull: more changes less, 0 lets"
        " everything change.",
        widget="slider",
        step=0.05,
        ge=0,
        le=0.95,
    )
    paste: bool = _paste()


class DiffEdit(_Walked):
    title: ClassVar[str] = "Edit by two descriptions"
    blurb: ClassVar[str] = (
        "Say what is there and what should be there: the model finds the mask itself, and changes what is in it (DiffEdit,"
        " Couairon et al. 2022)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["diffedit"] = "diffedit"
    image: Source = knob(..., "Picture", "The picture to change.", widget="picture")
    source_prompt: str = knob(
        "",
        "What it shows",
        "Your picture in words, as you would ask for it: a cat on a sofa.",
        widget="text",
        max_length=10_000,
    )
    prompt: str = knob(
        "",
        "What it should show",
        "The same, changed: a dog on a sofa.",
        widget="text",
        max_length=10_000,
    )
    mask: Source | None = knob(
        None,
        "Mask",
        "What to change, if you know better than the model: its own mask corrected by brush, or yours. Empty = it looks itself.",
        widget="mask",
    )
    only_mask: bool = knob(
        False,
        "Only find the mask",
        "Give the mask that the model finds instead of the edit, to look at, to correct by brush and to use.",
    )
    strength: float = knob(
        0.9,
        "Change",
        "How far your picture is turned into noise before it is drawn anew (the paper's encoding ratio): lower keeps more of"
        " what is in the mask.",
        widget="slider",
        step=0.05,
        gt=0,
        le=1,
    )
    threshold: float = knob(
        0.25,
        "Threshold",
        "How much the two descriptions must differ at a place, 1 = as much as anywhere: lower masks more.",
        widget="slider",
        step=0.05,
        ge=0.01,
        le=0.99,
    )
    draws: int = knob(
        2,
        "Looks",
        "How often the model looks for the mask, each time through other noise: more is steadier and slower.",
        widget="slider",
        step=1,
        advanced=True,
        ge=1,
        le=16,
    )
    noise: float = knob(
        0.7,
        "Noise to look through",
        "More finds the whole of what changes, less keeps to what is there.",
        widget="slider",
        step=0.05,
        advanced=True,
        gt=0,
        lt=1,
    )
    adapters: tuple[Adapter, ...] = _adapters()


class MagicMix(_Sampling):
    title: ClassVar[str] = "Mix two things"
    blurb: ClassVar[str] = (
        "The layout of your picture with the content of your words: a corgi that is a coffee machine (MagicMix, Liew et al. 2022)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["magicmix"] = "magicmix"
    image: Source = knob(
        ..., "Layout", "The picture whose layout is kept: shapes, places, colours.", widget="picture"
    )
    prompt: str = knob(
        "",
        "Content",
        "What the layout becomes: a coffee machine.",
        widget="text",
        max_length=10_000,
    )
    mix: float = knob(
        0.4,
        "New content",
        "How much of each mixing step is the new content (the paper's nu): 0 stays with the layout, 1 is new content alone.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1,
    )
    mix_from: float = knob(
        0.6,
        "Begin at noise",
        "Where the run begins, as a share of all noise (the paper's k_max): higher frees the new content from your picture's shapes.",
        widget="slider",
        step=0.05,
        gt=0,
        le=1,
    )
    mix_to: float = knob(
        0.1,
        "Mix until",
        "Where mixing ends, as a share of all noise (k_min); from there on the new content finishes alone. Lower keeps more"
        " of the layout's details.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1,
    )

    @model_validator(mode="after")
    def _mixing_is_ordered(self) -> MagicMix:
        if self.mix_to > self.mix_from:
            raise ValueError(
                f"mix_to must not be above mix_from, where the run begins, but {self.mix_to} is above {self.mix_from}"
            )
        return self


class _Tuning(_Sampling):
    """What is asked for where the network learns a picture first; see `engine.finetune`."""

    image: Source = knob(..., "Picture", "The picture to learn and change.", widget="picture")
    tuning: int = knob(
        40,
        "Learning",
        "Steps in which the network learns your picture: more keeps it better and follows the words less. What was learnt is kept"
        " for further edits.",
        widget="slider",
        step=10,
        ge=0,
        le=5000,
    )
    rate: float = knob(
        1e-3,
        "Learning rate",
        "Size of a learning step. Lower it, and take more steps, for large models.",
        widget="number",
        advanced=True,
        gt=0,
        le=1,
    )
    batch: int = knob(
        2,
        "Batch",
        "Noises per learning step: more learns more evenly and takes longer.",
        widget="number",
        advanced=True,
        ge=1,
        le=64,
    )


class Imagic(_Tuning):
    title: ClassVar[str] = "Learn and edit (Imagic)"
    blurb: ClassVar[str] = (
        "The model learns your picture and words for it, then goes from there towards what you want; good for poses and shapes"
        " (Kawar et al. 2022)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["imagic"] = "imagic"
    interpolation: float = knob(
        1.1,
        "Towards the words",
        "0 = your picture as it was learnt, 1 = the words alone; 0.7-1.1 is where edits happen.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1.5,
    )
    wording: int = knob(
        40,
        "Wording",
        "Steps in which words for your picture are found, starting from what you want.",
        widget="slider",
        step=10,
        advanced=True,
        ge=0,
        le=5000,
    )


class UniTune(_Tuning):
    title: ClassVar[str] = "Learn and edit (UniTune)"
    blurb: ClassVar[str] = (
        "The model learns your picture under a rare name, then draws that name with your words; the same learning serves any edit"
        " of the picture (Valevski et al. 2022)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["unitune"] = "unitune"
    strength: float = knob(
        0.8,
        "Change",
        "Denoising strength: how much noise your picture gets before it is drawn again. 1 keeps only what was learnt.",
        widget="slider",
        step=0.05,
        gt=0,
        le=1,
    )


class PaintedWords(Frozen):
    """A painted region and what is to be there."""

    mask: Source = knob(..., "Region", "Where: white is inside.", widget="mask")
    words: str = Field(min_length=1, max_length=1000)
    strength: float = Field(default=1.0, ge=0, le=10)


class PaintWithWords(_Sized):
    title: ClassVar[str] = "Paint with words"
    blurb: ClassVar[str] = (
        "Paint where things are and say what they are; the picture follows (paint-with-words, eDiff-I, Balaji et al. 2022)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["paint-with-words"] = "paint-with-words"
    regions: tuple[PaintedWords, ...] = knob(
        ...,
        "Regions",
        "Painted regions, each with its words and a strength (1 = usual, 0 = off); words that the prompt lacks are added to it."
        ' On the command line: [{"mask": "sun.png", "words": "a sun", "strength": 1}, ...].',
        widget="regions",
        min_length=1,
        max_length=64,
    )


class SmartBrush(_Filling):
    title: ClassVar[str] = "Paint a thing"
    blurb: ClassVar[str] = (
        "Paint a shape and say what it is: the thing fills it, exactly or loosely (after SmartBrush, Xie et al. 2022)."
    )
    ability: ClassVar[str] = "text2image"

    name: Literal["smartbrush"] = "smartbrush"
    image: Source = knob(..., "Picture", "The picture to paint in.", widget="picture")
    mask: Source = knob(..., "Shape", "The shape of the thing: white is inside.", widget="mask")
    prompt: str = knob(
        "",
        "Thing",
        "What fills the shape, and on what: a red car on a street.",
        widget="text",
        max_length=10_000,
    )
    precision: float = knob(
        1.0,
        "Follow the shape",
        "1 = nothing is drawn outside the shape, lower gives the thing room around it, 0 = only about there.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1,
    )
    context: float = knob(
        0.05,
        "Surroundings",
        "How much around the shape the model sees, as a share of the shape's longer side: less makes the thing larger in its shape.",
        widget="slider",
        step=0.05,
        advanced=True,
        ge=0,
        le=10,
    )


class _Enlarging(_Technique):
    """What enlarging pictures and clips asks for."""

    ability: ClassVar[str] = "upscale"

    factor: Literal[2, 4] = knob(
        2, "Factor", "How many times as wide and as high.", widget="choice", unit="×"
    )
    steps: int | None = knob(
        None,
        "Steps",
        "Sampling steps: more is crisper and slower; 1 is the smooth average. Empty = the model's own.",
        widget="slider",
        step=1,
        advanced=True,
        ge=1,
        le=1000,
    )
    cleaning: float = knob(
        0.0,
        "Clean up",
        "Noise laid over the picture before it is redrawn (conditioning augmentation): 0 trusts every pixel, 0.1-0.3 removes"
        " grain, compression and small faults of a drawing model.",
        widget="slider",
        step=0.05,
        ge=0,
        le=0.5,
    )
    tile: int = knob(
        256,
        "Tile",
        "Side of the pieces that the picture is drawn in; smaller needs less memory.",
        unit="px",
        widget="number",
        advanced=True,
        ge=64,
        le=2048,
    )

    @field_validator("factor", mode="before")
    @classmethod
    def _factor_from_text(cls, value: Any) -> Any:
        return int(value) if value in ("2", "4") else value


class Upscale(_Enlarging):
    title: ClassVar[str] = "Upscale"
    blurb: ClassVar[str] = (
        "Your picture two or four times as large, with sharp edges (cascaded diffusion, Ho et al. 2022)."
    )

    name: Literal["upscale"] = "upscale"
    image: Source = knob(..., "Picture", "The picture to enlarge.", widget="picture")


class WordMap(_Technique):
    title: ClassVar[str] = "Where a word acts"
    blurb: ClassVar[str] = (
        "Shows what one word of a description means in the picture, as a mask (attention map)."
    )
    makes: ClassVar[Kind] = "mask"
    ability: ClassVar[str] = "text2image"

    name: Literal["wordmap"] = "wordmap"
    image: Source = knob(..., "Picture", "The picture to look at.", widget="picture")
    prompt: str = knob(
        "",
        "What it shows",
        "A description of the picture, with the word in it.",
        widget="text",
        max_length=10_000,
    )
    word: str = knob(
        ...,
        "Word",
        "The word of the description whose place is wanted.",
        widget="text",
        min_length=1,
        max_length=100,
    )
    threshold: float = knob(
        0.5,
        "Threshold",
        "Share of the strongest place from which on a place belongs to the word: lower takes in more.",
        widget="slider",
        step=0.05,
        ge=0.01,
        le=0.99,
    )
    softness: float = knob(
        0.0,
        "Soft edge",
        "0 = a hard edge; 1 shows the map itself, from nothing to its strongest.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1,
    )


class TextMask(_Technique):
    title: ClassVar[str] = "Mask by words"
    blurb: ClassVar[str] = "Name a thing and get its mask (CLIPSeg, Lüddecke and Ecker 2022)."
    makes: ClassVar[Kind] = "mask"
    ability: ClassVar[str] = "textmask"

    name: Literal["textmask"] = "textmask"
    image: Source = knob(..., "Picture", "The picture to look at.", widget="picture")
    prompt: str = knob(
        "",
        "Words",
        "What to mask: the cat, the thing on the left, the background.",
        widget="text",
        max_length=1000,
    )
    threshold: float = knob(
        0.5,
        "Threshold",
        "How sure the model must be: lower takes in more, higher less.",
        widget="slider",
        step=0.05,
        ge=0.01,
        le=0.99,
    )
    softness: float = knob(
        0.2,
        "Soft edge",
        "0 = a hard edge; higher lets the mask fade where the model is less sure.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1,
    )


class Distill(_Technique):
    title: ClassVar[str] = "Make a fast version"
    blurb: ClassVar[str] = (
        "A second model is taught to draw in one to eight steps what this one draws in many (guided and progressive distillation,"
        " Meng et al. 2022, Salimans and Ho 2022). It is offered beside this one when it is done; the sheet shows what it can do."
    )
    ability: ClassVar[str] = "distill"
    teaches: ClassVar[bool] = True

    name: Literal["distill"] = "distill"
    minutes: float = knob(
        10.0,
        "Time to learn",
        "Minutes of training; sample sheets come on top. More agrees better with the model. What was stopped goes on where it was.",
        unit="min",
        widget="number",
        step=5,
        gt=0,
        le=10_000,
    )
    words: str = knob(
        "",
        "Words to practise on",
        "One description a line, of the kind that you will ask for. Empty = the model's own, or everyday things.",
        widget="text",
        max_length=1_000_000,
    )
    called: str = knob(
        "", "Name", "Of the new model. Empty = this one's with “fast”.", widget="text", max_length=60
    )
    method: Literal["progressive", "consistency"] = knob(
        "progressive",
        "Method",
        "progressive: guidance becomes an input, then the steps are halved again and again. consistency: every noise level is"
        " taught to see the same picture (LCM, Luo et al. 2023).",
        widget="choice",
        advanced=True,
    )
    first: Literal[8, 16, 32] = knob(
        16,
        "Steps of the teacher",
        "The run that is halved. More is nearer to the finished picture and takes longer to learn.",
        widget="choice",
        advanced=True,
    )
    fewest: Literal[1, 2, 4] = knob(
        1,
        "Fewest steps",
        "Where halving ends; more leaves more time for each halving.",
        widget="choice",
        advanced=True,
    )
    batch: int | None = knob(
        None,
        "Batch",
        "Pictures per training step. Empty = by the size of the pictures.",
        widget="number",
        advanced=True,
        ge=1,
        le=1024,
    )
    rate: float | None = knob(
        None,
        "Learning rate",
        "Size of a training step. Empty = by the size of the network.",
        widget="number",
        advanced=True,
        gt=0,
        le=0.1,
    )
    folder: str = knob(
        "",
        "Folder",
        "Where the new model's folder is put. Empty = among your models, where it is offered at once.",
        widget="text",
        advanced=True,
        max_length=4096,
    )

    @field_validator("first", "fewest", mode="before")
    @classmethod
    def _steps_from_text(cls, value: Any) -> Any:
        return int(value) if isinstance(value, str) and value.isdigit() else value


class _Clip(_Sampling):
    """What is drawn in frames; see `engine.film`."""

    makes: ClassVar[Kind] = "video"

    prompt: str = knob(
        "",
        "Words",
        "What you want to see, and what it does: a red car driving to the right. For clips longer than the model draws at once, a"
        " line for each part.",
        widget="text",
        max_length=10_000,
    )


def _frames(label: str, tip: str, least: int = 1) -> Any:
    return knob(None, label, tip, widget="number", ge=least, le=10_000)


def _rate() -> Any:
    return knob(
        None,
        "Frames per second",
        "How fast the clip plays; it changes no picture. Empty = the model's own.",
        unit="fps",
        widget="number",
        advanced=True,
        gt=0,
        le=240,
    )


def _overlap() -> Any:
    return knob(
        3,
        "Look back",
        "Frames that a part shares with the one before: more goes on more smoothly and takes longer. Without effect where a"
        " model moves a picture.",
        unit="frames",
        widget="number",
        advanced=True,
        ge=1,
        le=64,
    )


class Text2Video(_Clip):
    title: ClassVar[str] = "Text to clip"
    blurb: ClassVar[str] = (
        "Words become a clip (motion modules on a model of pictures, AnimateDiff, Guo et al. 2024; or a picture that is moved,"
        " Motion-I2V, Shi et al. 2024)."
    )
    ability: ClassVar[str] = "text2video"

    name: Literal["text2video"] = "text2video"
    width: int | None = knob(
        None, "Width", "In pixels. Empty = the model's own.", unit="px", widget="size", ge=8, le=MAX_SIDE
    )
    height: int | None = knob(
        None, "Height", "In pixels. Empty = the model's own.", unit="px", widget="size", ge=8, le=MAX_SIDE
    )
    frames: int | None = _frames("Frames", "Length of the clip. Empty = what the model draws at once.")
    rate: float | None = _rate()
    loop: bool = knob(
        False,
        "Loop",
        "The end leads back to the beginning: there and back, or drawn in a ring at once, as the model does it.",
    )
    overlap: int = _overlap()


class Image2Video(_Clip):
    title: ClassVar[str] = "Picture to clip"
    blurb: ClassVar[str] = "Your picture begins to move; with a second picture, it becomes that."
    ability: ClassVar[str] = "image2video"

    name: Literal["image2video"] = "image2video"
    image: Source = knob(..., "First frame", "The picture that the clip begins with.", widget="picture")
    end: Source | None = knob(
        None,
        "Last frame",
        "The picture that the clip ends with. Empty = where the words lead.",
        widget="picture",
    )
    frames: int | None = _frames(
        "Frames", "Length of the clip. Empty = what the model draws at once.", least=2
    )
    rate: float | None = _rate()
    loop: bool = knob(
        False, "Loop", "The clip comes back to its first frame, so that it can be played round and round."
    )
    overlap: int = _overlap()


class Extend(_Clip):
    title: ClassVar[str] = "Go on with a clip"
    blurb: ClassVar[str] = "What comes after the last frame, part by part, each with its own words."
    ability: ClassVar[str] = "extend"

    name: Literal["extend"] = "extend"
    video: Source = knob(..., "Clip", "The clip to go on with.", widget="video")
    frames: int | None = _frames(
        "More frames", "How many to add. Empty = as many as the model draws at once."
    )
    overlap: int = _overlap()


class KeyMask(Frozen):
    """A mask at a frame, counted from 0."""

    frame: int = Field(ge=0)
    mask: Source = knob(..., "Mask", "What to change: white is changed, black stays.", widget="mask")


class EditVideo(_Clip):
    title: ClassVar[str] = "Edit a clip"
    blurb: ClassVar[str] = (
        "Every frame is changed under new words, or as an instruction says, and all together stay one clip (SDEdit, Meng et"
        " al. 2022; Prompt-to-Prompt, Hertz et al. 2022; InstructPix2Pix, Brooks et al. 2022; cross-frame attention, Khachatryan"
        " et al. 2023)."
    )
    ability: ClassVar[str] = "edit-video"

    name: Literal["edit-video"] = "edit-video"
    video: Source = knob(..., "Clip", "The clip to change.", widget="video")
    source_prompt: str = knob(
        "",
        "What it shows",
        "The clip in words, for models of pictures: then only what the new words change changes, and where things are and how they move"
        " stays. Empty = every frame is drawn anew, as far as the strength goes.",
        widget="text",
        max_length=10_000,
    )
    prompt: str = knob(
        "",
        "Words",
        "What the clip should show; for a model that follows instructions, what to do: make the cat blue.",
        widget="text",
        max_length=10_000,
    )
    strength: float = knob(
        0.6,
        "Change",
        "Denoising strength: 0.2 touches up, 0.6 keeps the layout, 1 keeps nothing. Models that follow instructions do without it.",
        widget="slider",
        step=0.05,
        gt=0,
        le=1,
    )
    image_guidance: float = knob(
        1.5,
        "Keep the clip",
        "For models that follow instructions: 1 = off, higher stays closer to your clip.",
        widget="slider",
        step=0.05,
        advanced=True,
        ge=1,
        le=10,
    )
    masks: tuple[KeyMask, ...] = knob(
        (),
        "Masks",
        "What may change, at some frames; between them the outline moves from one to the next. Empty = everything."
        ' On the command line: [{"frame": 0, "mask": "a.png"}, {"frame": 15, "mask": "b.png"}].',
        widget="keymasks",
        advanced=True,
        max_length=256,
    )


class Interpolate(_Technique):
    title: ClassVar[str] = "More frames"
    blurb: ClassVar[str] = (
        "Twice or four times as many frames a second: what lies between two frames is drawn (temporal super-resolution, Ho et"
        " al. 2022, Imagen Video)."
    )
    makes: ClassVar[Kind] = "video"
    ability: ClassVar[str] = "interpolate"

    name: Literal["interpolate"] = "interpolate"
    video: Source = knob(..., "Clip", "The clip to smooth.", widget="video")
    factor: Literal[2, 4] = knob(
        2, "Factor", "How many times as many frames a second.", widget="choice", unit="×"
    )
    steps: int | None = knob(
        None,
        "Steps",
        "Sampling steps: more is crisper and slower; 1 is the smooth average. Empty = the model's own.",
        widget="slider",
        step=1,
        advanced=True,
        ge=1,
        le=1000,
    )

    @field_validator("factor", mode="before")
    @classmethod
    def _factor_from_text(cls, value: Any) -> Any:
        return int(value) if value in ("2", "4") else value


class UpscaleVideo(_Enlarging):
    title: ClassVar[str] = "Upscale a clip"
    blurb: ClassVar[str] = (
        "Your clip two or four times as large; every frame is drawn from the same noise, so that details stay where they are."
    )
    makes: ClassVar[Kind] = "video"

    name: Literal["upscale-video"] = "upscale-video"
    video: Source = knob(..., "Clip", "The clip to enlarge.", widget="video")


class _Musical(_Guided):
    """What everything asks for that draws music; see `engine.music`."""

    makes: ClassVar[Kind] = "sound"
    ability: ClassVar[str] = "text2music"

    prompt: str = knob(
        "",
        "Words",
        "Instrument, mood, genre, key and tempo: slow sad piano with bass in A minor, 70 bpm.",
        widget="text",
        max_length=10_000,
    )


Vocoder = Literal["griffin-lim", "diffwave"]


def _vocoder_knob() -> Any:
    return knob(
        None,
        "Sound from picture by",
        "griffin-lim: phases are found by going back and forth, the same for every kind of sound. diffwave: a small diffusion model that"
        " has heard what lies between the bands of a spectrogram; clearer. Empty = diffwave where such a model is installed.",
        widget="choice",
        advanced=True,
    )


class _Composing(_Musical):
    """With a seed to wander from."""

    vocoder: Vocoder | None = _vocoder_knob()

    loudness: float | None = knob(
        -16.0,
        "Loudness",
        "Of the result, in LUFS; -14 is what streaming services play, -23 broadcasting. Empty = as the model made it.",
        unit="LUFS",
        widget="number",
        advanced=True,
        ge=-60,
        le=-5,
    )
    variation_seed: int = knob(
        0,
        "Variation seed",
        "A second seed to wander towards.",
        widget="seed",
        advanced=True,
        ge=0,
        le=MAX_SEED,
    )
    variation: float = knob(
        0.0,
        "Variation",
        "How far to go from the seed's noise to the variation seed's: 0 = the same piece, 0.1-0.3 = a sibling, 1 = another.",
        widget="slider",
        step=0.01,
        advanced=True,
        ge=0,
        le=1,
    )


class Text2Music(_Composing):
    title: ClassVar[str] = "Text to music"
    blurb: ClassVar[str] = "Words become music of any length, or a loop."

    name: Literal["text2music"] = "text2music"
    seconds: float = knob(
        10.0,
        "Length",
        "Of the piece; longer pieces are drawn in windows that overlap.",
        unit="s",
        widget="number",
        ge=1,
        le=600,
    )
    loop: bool = knob(
        False,
        "Loop",
        "The end leads back to the beginning without a joint; the length becomes that of whole phrases of four chords.",
    )


class Melody2Music(_Composing):
    title: ClassVar[str] = "Melody to music"
    blurb: ClassVar[str] = "Hum, whistle or play a tune, and get it arranged in the style of your words."
    ability: ClassVar[str] = "melody2music"

    name: Literal["melody2music"] = "melody2music"
    sound: Source = knob(..., "Tune", "One voice: hummed, whistled or played, note by note.", widget="sound")
    notes: tuple[tuple[float, float, float], ...] = knob(
        (),
        "Notes",
        "The tune as notes: start and end in seconds, MIDI number. Empty = as they are found in the sound.",
        widget="melody",
        advanced=True,
        max_length=10_000,
    )
    transpose: int = knob(
        0,
        "Transpose",
        "By so many semitones; 12 is an octave. A tune that lies outside of what the model plays is moved by octaves anyway.",
        unit="semitones",
        widget="number",
        advanced=True,
        ge=-48,
        le=48,
    )

    @field_validator("notes")
    @classmethod
    def _notes_last(
        cls, notes: tuple[tuple[float, float, float], ...]
    ) -> tuple[tuple[float, float, float], ...]:
        for start, end, pitch in notes:
            if not 0 <= start < end or not 0 <= pitch <= 127:
                raise ValueError(
                    f"a note has start < end in seconds and a pitch from 0 to 127, not {start:g}, {end:g}, {pitch:g}"
                )
        return notes


class _Sounding(_Musical):
    """With a recording to start from."""

    sound: Source = knob(..., "Sound", "The recording to start from.", widget="sound")


class EditSound(_Sounding):
    title: ClassVar[str] = "Edit a sound"
    blurb: ClassVar[str] = (
        "What is marked on the spectrogram is played anew under your words, the rest stays; without a mark all of it"
        " is, as for another instrument (SDEdit, or inversion)."
    )

    name: Literal["edit-sound"] = "edit-sound"
    mask: Source | None = knob(
        None,
        "Mask",
        "What to play anew: white on a picture that is stretched over the sound, left to right in time, high notes on top.",
        widget="mask",
    )
    start: float | None = knob(
        None,
        "From",
        "Only from here on. Empty = the beginning.",
        unit="s",
        widget="number",
        advanced=True,
        ge=0,
    )
    end: float | None = knob(
        None, "To", "Only up to here. Empty = the end.", unit="s", widget="number", advanced=True, gt=0
    )
    method: Literal["noise", "inversion"] = knob(
        "noise",
        "Start from",
        "noise: fresh noise over the sound (SDEdit). inversion: the noise that the sound itself comes from, which keeps more of what"
        " is played (DDIM inversion).",
        widget="choice",
    )
    strength: float = knob(
        0.75,
        "Change",
        "Denoising strength: 0.4 touches up, 0.75 changes the instrument and keeps most of the notes, 1 keeps nothing.",
        widget="slider",
        step=0.05,
        gt=0,
        le=1,
    )
    vocoder: Vocoder | None = _vocoder_knob()
    """Where all of it is played anew; what is kept of a recording keeps its phase, by Griffin-Lim."""


class ExtendSound(_Sounding):
    title: ClassVar[str] = "Extend a sound"
    blurb: ClassVar[str] = (
        "A recording goes on beyond its end, or gets a beginning, in its own beat and under your words."
    )

    name: Literal["extend-sound"] = "extend-sound"
    seconds: float = knob(6.0, "Length", "How much is added.", unit="s", widget="number", ge=0.5, le=300)
    where: Literal["after", "before"] = knob("after", "Where", "At which end it is added.", widget="choice")


class BlendSound(_Sounding):
    title: ClassVar[str] = "Blend two sounds"
    blurb: ClassVar[str] = (
        "What lies between two recordings, by way of the noise they come from; or one that turns into the other."
    )

    name: Literal["blend-sound"] = "blend-sound"
    other: Source = knob(..., "Other sound", "The recording to blend with.", widget="sound")
    share: float = knob(
        0.5,
        "Share of the other",
        "0 = the first, 1 = the other.",
        widget="slider",
        step=0.05,
        ge=0,
        le=1,
    )
    vocoder: Vocoder | None = _vocoder_knob()
    turn: bool = knob(
        False, "Turn into it", "Begins as the first sound and ends as the other; the share is not used then."
    )
    strength: float = knob(
        0.7,
        "Change",
        "How much noise both are taken back to: more is one piece of music, less is both at once.",
        widget="slider",
        step=0.05,
        gt=0,
        le=1,
    )
    loudness: float | None = knob(
        -16.0,
        "Loudness",
        "Of the result, in LUFS.",
        unit="LUFS",
        widget="number",
        advanced=True,
        ge=-60,
        le=-5,
    )


class FinetuneMusic(_Composing):
    title: ClassVar[str] = "Learn a genre"
    blurb: ClassVar[str] = (
        "A folder of sound becomes a model of its own that plays in its style; some pieces are held out and tell whether it learns."
    )
    ability: ClassVar[str] = "finetune-music"

    name: Literal["finetune-music"] = "finetune-music"
    folder: str = knob(
        ...,
        "Folder",
        "Of sound files (flac, wav, mp3, ogg ...), with those in the folders below it. A text file of the same name beside one says in words"
        " what it is; else the words above hold for all.",
        widget="folder",
        min_length=1,
    )
    called: str = knob(
        "My genre",
        "Name",
        "Of the new model, as it will stand in the list of models.",
        widget="line",
        min_length=1,
        max_length=60,
    )
    training: int = knob(
        400,
        "Learning steps",
        "More is nearer to the sounds and further from what the model knew; that which does best on the held-out pieces is kept.",
        widget="slider",
        step=50,
        ge=1,
        le=20_000,
    )
    rate: float = knob(
        2e-4,
        "Learning rate",
        "How far a learning step goes: 1e-4 is careful, 5e-4 quick.",
        widget="number",
        step=1e-5,
        advanced=True,
        gt=0,
        le=0.01,
    )
    batch: int = knob(
        8,
        "Batch",
        "Windows of about six seconds that a learning step looks at.",
        widget="number",
        step=1,
        advanced=True,
        ge=1,
        le=64,
    )
    seconds: float = knob(
        8.0,
        "Sample",
        "Length of the piece that the new model plays in the end, in your words.",
        unit="s",
        widget="number",
        advanced=True,
        ge=1,
        le=600,
    )

    @field_validator("folder")
    @classmethod
    def _absolute(cls, folder: str) -> str:
        return str(Path(folder).expanduser().absolute())


class Vocode(_Technique):
    title: ClassVar[str] = "Picture to sound"
    blurb: ClassVar[str] = (
        "A sound by its spectrogram alone: what the model hears of it, sounded again with phases found anew."
    )
    makes: ClassVar[Kind] = "sound"
    ability: ClassVar[str] = "vocode"

    name: Literal["vocode"] = "vocode"
    sound: Source = knob(..., "Sound", "The recording whose spectrogram is sounded.", widget="sound")
    vocoder: Vocoder | None = _vocoder_knob()
    iterations: int = knob(
        32,
        "Iterations",
        "Of Griffin-Lim alone; more is slower and a little better.",
        widget="slider",
        step=1,
        advanced=True,
        ge=1,
        le=500,
    )


Technique = Annotated[
    Text2Image
    | Image2Image
    | Inpaint
    | Instruct
    | Invert
    | Prompt2Prompt
    | Imagic
    | UniTune
    | Outpaint
    | DiffEdit
    | MagicMix
    | PaintWithWords
    | SmartBrush
    | Upscale
    | Text2Music
    | Melody2Music
    | EditSound
    | ExtendSound
    | BlendSound
    | FinetuneMusic
    | Vocode
    | TextMask
    | WordMap
    | Distill
    | Text2Video
    | Image2Video
    | Extend
    | EditVideo
    | Interpolate
    | UpscaleVideo,
    Field(discriminator="name"),
]

TECHNIQUES: dict[str, type[_Technique]] = {
    cls.model_fields["name"].default: cls for cls in get_args(get_args(Technique)[0])
}


def words_of(text: str) -> list[str]:
    """The words of a description, each once, in order, without their weights' numbers."""
    return list(dict.fromkeys(re.findall(r"[^\W\d_]+(?:[-'][^\W\d_]+)*", text)))


def inputs_of(technique: BaseModel) -> dict[str, tuple[Source, Kind]]:
    """{name: (file, what it is meant as)} of everything that a technique reads; a name is the field's, or its path, as in regions.0.mask."""
    found: dict[str, tuple[Source, Kind]] = {}
    for name, info in type(technique).model_fields.items():
        value: Any = getattr(technique, name)
        extra = cast("dict[str, Any]", info.json_schema_extra or {})
        if isinstance(value, Source):
            widget = extra.get("widget")
            found[name] = value, widget if widget in AXES else "picture"
        elif isinstance(value, tuple):
            for i, item in enumerate(cast("tuple[Any, ...]", value)):
                inner = inputs_of(item) if isinstance(item, BaseModel) else {}
                found |= {f"{name}.{i}.{key}": one for key, one in inner.items()}
    return found


_M = TypeVar("_M", bound=BaseModel)


def with_inputs(technique: _M, files: Mapping[str, Source]) -> _M:
    """The technique with other files under the names that `inputs_of` gives."""
    changes: dict[str, Any] = {}
    for name, file in files.items():
        field, *rest = name.split(".", 2)
        if not rest:
            changes[field] = file
            continue
        items = list(changes.get(field, getattr(technique, field)))
        items[int(rest[0])] = with_inputs(items[int(rest[0])], {rest[1]: file})
        changes[field] = tuple(items)
    return technique.model_copy(update=changes)


class JobSpec(Frozen):
    """One request.

    Args:
        technique: which technique, with its parameters.
        model: id of a model's card; empty = the first card that can do the technique.
        second: id of the model that enlarges what a model draws smaller than it is asked for (the second stage of a cascade); empty =
            it is only scaled; None = the one that the model's card names, where it is here.
        seed: of the first result; result i uses seed + i.
        count: how many results.
    """

    version: Literal[1] = SPEC_VERSION
    technique: Technique
    model: str = Field(default="", max_length=200)
    second: str | None = Field(default=None, max_length=200)
    seed: int = Field(default=0, ge=0, le=MAX_SEED)
    count: int = Field(default=1, ge=1, le=64)

    def to_json(self, indent: int | None = None) -> str:
        return json.dumps(self.model_dump(mode="json"), indent=indent, sort_keys=True, ensure_ascii=False)


class BadRequest(ValueError):
    """A request that cannot be run as it stands: one sentence that names the field and the remedy."""


# Old version -> function that turns its plain dict into that of the next version.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def read_spec(data: str | bytes | dict[str, Any]) -> JobSpec:
    """JSON text or a plain dict, of this version or an older one -> JobSpec.

    Raises:
        BadRequest: one sentence that names the field and the remedy.
    """
    if isinstance(data, str | bytes):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadRequest(
                f"The request is not valid JSON ({error}); write it again or export it from the studio."
            ) from None
    if not isinstance(data, dict):
        raise BadRequest(
            'The request must be a JSON object such as {"technique": {"name": "text2image", "prompt": "a fox"}}.'
        )
    version = data.get("version", SPEC_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise BadRequest(f"version must be a whole number, not {version!r}.")
    if version > SPEC_VERSION:
        raise BadRequest(
            f"version {version} of the request comes from a newer studio (this one reads up to {SPEC_VERSION}); update the studio to run it."
        )
    while version < SPEC_VERSION:
        if version not in MIGRATIONS:
            raise BadRequest(
                f"version {version} of the request is too old to be read; make the request again."
            )
        data = MIGRATIONS[version](data)
        version += 1
    try:
        return JobSpec.model_validate({**data, "version": SPEC_VERSION})
    except ValidationError as error:
        raise BadRequest(explain(error)) from None


def explain(error: ValidationError) -> str:
    """pydantic's error -> one sentence that names the first wrong field and what is allowed there."""
    first = error.errors(include_url=False)[0]
    where = [str(part) for part in first["loc"] if part not in TECHNIQUES]
    name = ".".join(part for part in where if part != "technique") or "technique"
    given = first.get("input")
    shown = (
        ""
        if isinstance(given, dict | list) or first["type"] == "missing"
        else f", not {_shortened(repr(given))}"
    )
    context: dict[str, Any] = first.get("ctx", {})
    match first["type"]:
        case "union_tag_invalid" | "union_tag_not_found":
            tag = _shortened(str(context.get("tag", "nothing")))
            near = difflib.get_close_matches(tag, TECHNIQUES, n=8, cutoff=0)
            return f"technique: {tag} is not a technique of this studio; it knows {', '.join(near)} and {len(TECHNIQUES) - len(near)} more."
        case "extra_forbidden":
            return f"{name}: there is no such setting here; remove it or check its spelling."
        case "missing":
            return f"{name}: is needed and missing; add it."
        case "literal_error":
            return f"{name}: must be {context.get('expected')}{shown}."
        case "value_error":
            return f"{name}: {context.get('error')}."
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return f"{name}: must be a whole number{shown}."
        case "float_type" | "float_parsing":
            return f"{name}: must be a number{shown}."
        case _:
            message = first["msg"].replace("Input should be", "must be").replace("Input", "it")
            return f"{name}: {message}{shown}."


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


@dataclass(frozen=True)
class Progress:
    """Something moved. `stage` is a word for the user ("loading", "drawing", "decoding"); `step` of `total`;
    `left` seconds remaining where known."""

    stage: str
    step: int = 0
    total: int = 0
    left: float | None = None
    memory: int = 0
    """Peak bytes on the device so far."""


@dataclass(frozen=True)
class Preview:
    """What the result will look like, cheap and rough. `index`: which of the `count` results."""

    clip: Clip
    step: int
    index: int = 0


@dataclass(frozen=True)
class Result:
    """One finished result. `spec` has every default filled in and this result's own seed, so that it alone makes the
    same bits again; `seconds` per stage."""

    clip: Clip
    spec: JobSpec
    index: int = 0
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    device: str = ""
    memory: int = 0
    notes: tuple[str, ...] = ()
    """What the user should know, e.g. that memory ran out and tiles were used."""


@dataclass(frozen=True)
class Failed:
    """The job ended without its results. `message`: one plain sentence; `details`: for the folded part (a traceback);
    `kind`: "request" (nothing was tried), "memory", "engine" (the process died) or "error"."""

    message: str
    details: str = ""
    kind: Literal["request", "memory", "engine", "error"] = "error"


@dataclass(frozen=True)
class Cancelled:
    """The user stopped the job."""


@dataclass(frozen=True)
class Done:
    """All results were delivered. The last event of a job that went well."""

    seconds: dict[str, float] = field(default_factory=dict[str, float])


Event = Progress | Preview | Result | Failed | Cancelled | Done
LAST = (Failed, Cancelled, Done)
"""Exactly one of these ends every stream of events."""
