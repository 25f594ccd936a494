"""What a model is and what it can do, as data.

A built-in model is a folder `models/<id>/` with a `card.toml` and the weights beside it in the library's own layout. The card
decides which techniques and controls are offered for the model; nothing in the program asks for a model by name.
A folder without a card (a user's own Stable Diffusion) gets one made from its configuration files (`studio.engine.load`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from studio.core.job import BadRequest, Solver, Spacing, words_of
from studio.core.toml import toml

IMPLIED = {
    "inpaint": {"text2image"},
    "distill": {"text2image"},  # but for models that are distilled already
    "image2video": {"text2video"},
    "extend": {"text2video"},
    "vocode": {"text2music"},
    "finetune-music": {"text2music"},
    "edit-video": {"text2image", "text2video", "instruct"},
}
"""Ability -> abilities of which each includes it."""
PIPED = {
    "stable-video", "wan", "cogvideox", "ltx",
    "riffusion", "musicldm", "audioldm2", "stable-audio", "ace-step", "dance-diffusion", "musicgen", "musicgen-melody",
}  # fmt: skip
"""Families that draw in a way of their own: they can do what their cards say and nothing that would follow from it."""
MOVED = {"text2video", "image2video", "extend"}
"""Techniques whose clips a model with `Filming.ways` makes of one picture."""


class Sizes(BaseModel):
    """Side lengths in pixels: `native` = what the model was trained on; sides are multiples of `multiple` in [min, max]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    native: tuple[int, int] = (512, 512)
    """Width, height."""
    min: int = 64
    max: int = 2048
    multiple: int = 8
    area: int = Field(default=0, ge=0)
    """Pixels up to which it draws well at once; larger pictures it draws smaller, and they are enlarged. 0 = any that `max` allows."""

    @model_validator(mode="after")
    def _some_size_is_possible(self) -> Sizes:
        if self.multiple < 1 or self.max // self.multiple < max(1, -(-self.min // self.multiple)):
            raise ValueError(f"no side from {self.min} to {self.max} is a multiple of {self.multiple}")
        return self

    def check(self, width: int, height: int) -> None:
        """Raises BadRequest, with the nearest size that works, unless the model can draw width x height."""
        for name, side in (("width", width), ("height", height)):
            if side % self.multiple or not self.min <= side <= self.max:
                raise BadRequest(
                    f"{name}: {side} is not possible with this model; sides go from {self.min} to {self.max} px in"
                    f" steps of {self.multiple}, the nearest is {self.nearest(side)}."
                )

    def nearest(self, side: int) -> int:
        low = -(-self.min // self.multiple) * self.multiple
        high = self.max // self.multiple * self.multiple
        return min(max(round(side / self.multiple) * self.multiple, low), high)


class Defaults(BaseModel):
    """What a spec that leaves them open gets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = 30
    guidance: float = 7.5
    solver: Solver = "dpm++2m"
    spacing: Spacing = "trailing"
    guidance_rescale: float = 0.0


class Distilled(BaseModel):
    """Of a model that was taught to draw in few steps: what it was taught."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: tuple[int, ...] = ()
    """The numbers of steps it knows; () = any."""
    told_steps: bool = False
    """Whether its network has an input for the number of steps."""
    guidance: tuple[float, float] = (1.0, 30.0)
    """The guidance scales it knows, from and to."""
    teacher: str = ""
    """Id of the model that it draws like; empty where it was made elsewhere."""

    def check(self, steps: int | None, guidance: float | None) -> None:
        """Raises BadRequest, with what is possible, unless the model was taught this; None = not asked for."""
        if steps is not None and self.steps and steps not in self.steps:
            known = ", ".join(map(str, self.steps))
            raise BadRequest(
                f"steps: this model was made for few steps and does not know {steps}; choose one of {known}."
            )
        low, high = self.guidance
        if guidance is not None and not low <= guidance <= high:
            raise BadRequest(
                f"guidance: this model has learned the scales from {low:g} to {high:g}, not {guidance:g}; stay within."
            )


class Second(BaseModel):
    """Of a model that draws small: what makes its pictures larger (a cascade, Ho et al. 2022, CDM)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """Id of a model that can upscale."""
    canvas: tuple[int, int]
    """Width and height of a new picture where that model is here."""


class Filming(BaseModel):
    """Of a model that draws clips: what it was trained on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: int = Field(default=16, ge=1)
    """Frames that it draws at once; longer clips are drawn in windows of so many."""
    rate: float = Field(default=8.0, gt=0)
    """Frames per second."""
    clean: bool = False
    """Whether it was taught that frames without noise among noisy ones are given."""
    first: bool = False
    """Whether it was taught that every frame also looks at the first one (`engine.controls.crossframe`)."""
    stills: dict[str, Literal["first", "last"]] | None = None
    """Words for motions, which the model of pictures that it is laid over does not know, and which frame that one draws, without these
    words, for the motion to begin or end with; the first frame where no such words are said. None = it draws all frames itself
    (Girdhar et al. 2023, Emu Video, factorise so)."""
    ways: bool = False
    """Whether its folder has a second network, ways/, which draws how the thing in a picture moves (`engine.nets.ways`); the frames are then
    that picture, moved."""
    guidance: float | None = Field(default=None, ge=1)
    """Guidance scale where it moves a picture; None = as where it draws all frames."""
    shared: float = Field(default=0.0, ge=0, le=1)
    """Of the variance of the noise: what the frames have in common (Ge et al. 2023, PYoCo)."""


class Lora(BaseModel):
    """Of an adapter, a file that is laid over a model's weights (Hu et al. 2021)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = 0
    """Of the text states that the models it was made for look at: 768 for Stable Diffusion 1, 1024 for 2, 2048 for XL; 0 = not known."""
    rank: int = 0
    kind: str = ""
    """Of those that make a model need few steps: "LCM", "Lightning", "Hyper" or "Turbo"."""

    def fits(self, card: ModelCard) -> bool:
        """Whether it may be laid over that model, as far as is known."""
        return not self.width or not card.text_width or self.width == card.text_width


class ModelCard(BaseModel):
    """Facts and abilities of a model. Unknown keys are an error, so a spelling mistake is found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")
    title: str
    family: Literal[
        "stable-diffusion",
        "stable-diffusion-xl",
        "judge",
        "clipseg",
        "upscale",
        "music",
        "vocoder",
        "between",
        "animatediff",
        "text-to-video",
        "stable-video",
        "wan",
        "cogvideox",
        "ltx",
        "lora",
        "riffusion",
        "musicldm",
        "audioldm2",
        "stable-audio",
        "ace-step",
        "dance-diffusion",
        "musicgen",
        "musicgen-melody",
    ] = "stable-diffusion"
    summary: str = ""
    knows: tuple[str, ...] = ()
    """All the words that it was taught, where they are so few that they can be listed; empty = any."""
    sizes: Sizes = Sizes()
    defaults: Defaults = Defaults()
    distilled: Distilled | None = None
    """None for an ordinary model."""
    second: Second | None = None
    """None where its pictures are as large as they should be."""
    film: Filming | None = None
    """None for a model of pictures."""
    lora: Lora | None = None
    """None for a model; an adapter's `folder` is its file."""
    text_width: int = 0
    """Of the text states that it looks at; 0 = not known."""
    base: str = ""
    """Id of the model whose networks this one is laid over (motion modules); empty = it is whole."""
    abilities: tuple[str, ...] = ()
    """What it can do; what follows from other abilities (`IMPLIED`) need not be said."""
    base_folder: Path | None = None
    """Where that model is; found with the cards, never written."""
    parameters: int = 0
    memory_mb: int = 0
    """Peak memory of one request of native size at count 1, in MiB; 0 = not known."""
    licence: str = ""
    sources: tuple[str, ...] = ()
    training: dict[str, Any] = {}
    """How it was made: recipe, samples seen, seconds, device, date."""
    scores: dict[str, Any] = {}
    """Measured on held-out cases; each number beside its floor and its ceiling."""
    folder: Path = Path()

    @field_validator("abilities")
    @classmethod
    def _with_implied(cls, abilities: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("family") in PIPED:
            return abilities
        implied = [name for name, by in IMPLIED.items() if by & {*abilities} and name not in abilities]
        if info.data.get("distilled") or info.data.get("film") or info.data.get("base"):
            implied = [name for name in implied if name != "distill"]
        return (*abilities, *implied)

    def moves(self, technique: str) -> bool:
        """Whether it makes a clip by moving a picture."""
        return self.film is not None and self.film.ways and technique in MOVED

    def own(self, moves: bool = False) -> dict[str, Any]:
        """{setting: value} of what a request leaves open, but for the size. moves: it is one that moves a picture."""
        film: dict[str, Any] = {"frames": self.film.frames, "rate": self.film.rate} if self.film else {}
        if moves and self.film and self.film.guidance is not None:
            film["guidance"] = self.film.guidance
        return {**self.defaults.model_dump(), **film}

    def canvas(self, cards: Mapping[str, ModelCard], second: str | None = None) -> tuple[int, int]:
        """Width and height of a new picture, with the models that are here.

        Args:
            second: as a request names it: the id of what enlarges, "" = nothing, None = this card's, if it is here.
        """
        enlarged = (
            bool(second) if second is not None else self.second is not None and self.second.model in cards
        )
        return self.second.canvas if self.second and enlarged else self.sizes.native

    def unknown(self, text: str) -> list[str]:
        """The words of a text that it was not taught, in order; none where any word may be said."""
        return [word for word in words_of(text) if word.lower() not in self.knows] if self.knows else []

    def write(self, path: Path) -> None:
        """`card.toml`: what differs from the defaults. Raises OSError."""
        data = self.model_dump(mode="json", exclude_defaults=True, exclude={"folder", "base_folder"})
        path.write_text(toml({"family": self.family, **data}), "utf-8")

    @classmethod
    def read(cls, path: Path) -> ModelCard:
        """`card.toml` -> card.

        Raises:
            BadRequest: the file cannot be read or does not describe a model.
        """
        try:
            data = tomllib.loads(path.read_text("utf-8"))
            return cls.model_validate({**data, "folder": path.parent})
        except (OSError, ValueError) as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
            raise BadRequest(
                f"The model card {path} cannot be used ({why}); reinstall the model or mend the card."
            ) from None


def find_cards(*folders: Path) -> tuple[dict[str, ModelCard], list[str]]:
    """All cards below `folders` (one level deep) -> {id: card}, and a sentence for each broken one. Of two cards with one id
    the one in the earlier folder wins."""
    cards: dict[str, ModelCard] = {}
    broken: list[str] = []
    for path in [p for folder in folders for p in sorted(folder.glob("*/card.toml"))]:
        try:
            card = ModelCard.read(path)
        except BadRequest as error:
            broken.append(str(error))
        else:
            cards.setdefault(card.id, card)
    return cards, broken
