"""What a picture file says about how it was made.

Written: the whole request as JSON, and the "parameters" text of AUTOMATIC1111's web UI, which other programs and sites read.

| format           | request                                | "parameters" text                    |
|------------------|----------------------------------------|--------------------------------------|
| PNG              | iTXt chunk "studio"                    | tEXt or iTXt chunk "parameters"      |
| JPEG, WebP, AVIF | XMP, <studio:spec>                     | EXIF UserComment, UTF-16             |
| TIFF             | XMP, <studio:spec>                     | ImageDescription                     |

JPEG holds at most 64 KB of each; what does not fit is left out, the text first.

Read: the same, and what A1111, ComfyUI (the "prompt" graph in PNG and WebP) and InvokeAI ("invokeai_metadata",
"sd-metadata", "Dream") write. Files come from strangers: every text is bounded in size, parsed without evaluating anything,
and a value that makes no sense is left out with a note.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape, unescape

from PIL import Image, PngImagePlugin

from studio.core.job import MAX_SEED, MAX_SIDE, SPEC_VERSION, BadRequest, JobSpec, read_spec

Origin = Literal["studio", "a1111", "comfyui", "invokeai"]

LONGEST = 16_000_000
"""Characters of one text in a file that are looked at; ComfyUI's largest graphs have a few million."""

EXIF_IFD, USER_COMMENT, SOFTWARE, DESCRIPTION, CAMERA_MODEL = 0x8769, 0x9286, 0x0131, 0x010E, 0x0110
JPEG_SEGMENT = 65_000
NAMESPACE = "https://diffusion-studio.org/ns/1.0/"


# --- writing ------------------------------------------------------------------------------------------------


def save_options(format: str, spec: JobSpec, width: int, height: int) -> dict[str, Any]:
    """Options for Pillow's `save` that put the request into the file."""
    text = a1111_text(spec, width, height)
    if format == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_text("parameters", text)  # Latin-1 as tEXt, anything else as iTXt
        chunks.add_itxt("studio", spec.to_json())
        chunks.add_text("Software", "Diffusion Studio")
        return {"pnginfo": chunks}
    packet = _xmp(spec)
    exif = Image.Exif()
    exif[SOFTWARE] = "Diffusion Studio"
    if format == "TIFF":
        exif[DESCRIPTION] = text.encode()  # as a string, Pillow would replace what is not ASCII
        exif[700] = packet
        return {"tiffinfo": exif}
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
    options: dict[str, Any] = {"exif": exif.tobytes(), "xmp": packet}
    if format == "JPEG":
        options = {name: data for name, data in options.items() if len(data) <= JPEG_SEGMENT}
    return options


def _xmp(spec: JobSpec) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:studio="{NAMESPACE}"><studio:spec>{escape(spec.to_json())}</studio:spec>'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


# The names that A1111's web UI uses: ours -> theirs. Each scheduler name stands for one spacing of noise levels.
A1111_SAMPLERS = {
    "ddim": "DDIM",
    "euler": "Euler",
    "euler_ancestral": "Euler a",
    "heun": "Heun",
    "dpm++2m": "DPM++ 2M",
    "dpm++2m_sde": "DPM++ 2M SDE",
    "lcm": "LCM",
}
A1111_SCHEDULES = {
    "karras": "Karras",
    "exponential": "Exponential",
    "trailing": "SGM Uniform",
    "leading": "DDIM",
    "linspace": "Uniform",
}


def a1111_text(spec: JobSpec, width: int, height: int) -> str:
    """The request as A1111's web UI would write it."""
    t = spec.technique.model_dump()
    pairs: list[tuple[str, Any]] = [
        ("Steps", t.get("steps")),
        ("Sampler", A1111_SAMPLERS.get(t.get("solver") or "")),
        ("Schedule type", A1111_SCHEDULES.get(t.get("spacing") or "")),
        ("CFG scale", t.get("guidance")),
        ("Seed", spec.seed),
        ("Size", f"{width}x{height}"),
        ("Model", spec.model or None),
        ("Denoising strength", t.get("strength")),
    ]
    if t.get("variation"):
        pairs += [("Variation seed", t["variation_seed"]), ("Variation seed strength", t["variation"])]
    if t.get("guidance_rescale"):
        pairs.append(("CFG Rescale phi", t["guidance_rescale"]))
    pairs.append(("Version", "Diffusion Studio"))
    lines = [t.get("prompt") or t.get("instruction") or ""]
    if t.get("negative_prompt"):
        lines.append(f"Negative prompt: {t['negative_prompt']}")
    lines.append(", ".join(f"{key}: {_quoted(value)}" for key, value in pairs if value is not None))
    return "\n".join(lines)


def _quoted(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if any(c in text for c in ',:"\n') else text


# --- reading: the border ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """What a file gave back.

    Args:
        values: a JobSpec as a plain dict, of which only the parts are there that the file holds.
        notes: what was found and could not be taken over, one sentence each.
        found: the file's own names and values, for display.
    """

    origin: Origin
    values: dict[str, Any]
    notes: tuple[str, ...] = ()
    found: dict[str, Any] = field(default_factory=dict)


def read_settings(path: Path | str) -> Settings:
    """The settings that a picture, a film or a sound holds.

    Raises:
        BadRequest: the file cannot be read or holds no settings that are understood.
    """
    from studio.media.clips import kind_of
    from studio.media.image import opened  # image writes metadata, so it imports this module

    if (kind := kind_of(path)) in ("video", "sound"):
        return _of_comment(path, kind)
    with opened(path, limit=1 << 40, decode=False) as image:
        texts = dict(_texts(image))
        if not texts and image.format == "PNG":  # chunks may also follow the pixels
            with opened(path) as whole:
                texts = dict(_texts(whole))
    notes: list[str] = []
    for name, reader in _READERS:
        text = texts.get(name)
        if text is None:
            continue
        if len(text) > LONGEST:
            notes.append(f"The text {name!r} has {len(text) / 1e6:.0f} million characters and was not read.")
            continue
        try:
            settings = reader(text)
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            AttributeError,
            RecursionError,
            OverflowError,
        ) as error:
            notes.append(f"The text {name!r} is damaged or of an unknown kind ({_short(error)}).")
            continue
        if settings:
            return Settings(settings.origin, settings.values, (*notes, *settings.notes), settings.found)
    why = f" ({' '.join(notes)})" if notes else ""
    raise BadRequest(
        f"{path} holds no settings that can be read{why}; choose the file as it was made, not a screenshot or an edited copy."
    )


def _of_comment(path: Path | str, kind: Literal["video", "sound"]) -> Settings:
    """What the comment of a film or sound says."""
    from studio.media import sound, video

    text = (video if kind == "video" else sound).read_comment(path)
    try:
        return _read_studio(text)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadRequest(
            f"{path} holds no settings that can be read; choose the file as the studio made it."
        ) from None


def to_spec(
    settings: Settings, image: str | None = None, models: Collection[str] | None = None
) -> tuple[JobSpec, list[str]]:
    """Settings -> a request that can be run, and notes on what had to be changed for it.

    Args:
        image: a picture to start from, for settings that came from one.
        models: ids of the models that are there; another name is left out, so that the first fitting one is used.

    Raises:
        BadRequest: the request is from a newer studio.
    """
    values = {**settings.values, "technique": dict(settings.values.get("technique", {}))}
    notes = list(settings.notes)
    technique: dict[str, Any] = values["technique"]
    technique.setdefault("name", "text2image")
    if settings.origin != "studio" and technique["name"] == "image2image":
        if image:
            technique["image"] = image
            for side in ("width", "height"):
                technique.pop(side, None)
        else:
            technique["name"] = "text2image"
            technique.pop("strength", None)
            notes.append(
                "The picture was made from another picture, which is not in the file; drawing it from the words alone."
            )
    model = values.get("model", "")
    if model and models is not None and model not in models:
        values["model"] = ""
        notes.append(f"The model {model!r} is not here; another one is used, so the picture will differ.")
    return read_spec(values), notes


def _texts(image: Image.Image) -> Iterator[tuple[str, str]]:
    """All texts of the file that may hold settings, under one set of names for all formats."""
    for name, value in image.info.items():
        if isinstance(name, str) and isinstance(value, str):
            yield name, value
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode("utf-8", "replace") if isinstance(packet, str) else bytes(packet)
    if match := re.search(rb"<studio:spec>(.*?)</studio:spec>", packet[: 4 * LONGEST], re.DOTALL):
        yield "studio", unescape(match[1].decode("utf-8", "replace"))
    try:
        exif = image.getexif()
        comment = exif.get_ifd(EXIF_IFD).get(USER_COMMENT)
        description, model = exif.get(DESCRIPTION), exif.get(CAMERA_MODEL)
    except Exception:  # hostile EXIF: Pillow's parser may raise anything
        return
    if comment:
        yield "parameters", _user_comment(comment)
    elif isinstance(description, str):
        try:
            description = description.encode("latin-1").decode("utf-8")  # Pillow reads these tags as Latin-1
        except UnicodeError:
            pass
        yield "parameters", description
    if isinstance(model, str) and model.startswith("prompt:"):  # ComfyUI's WebP
        yield "prompt", model.removeprefix("prompt:")


def _user_comment(raw: Any) -> str:
    if isinstance(raw, str):
        return raw
    head, body = bytes(raw[:8]), bytes(raw[8:])
    if head.startswith(b"UNICODE"):
        # The standard leaves the byte order open. Settings are mostly Latin letters, whose upper byte is 0.
        big = body[0::2].count(0) >= body[1::2].count(0)
        return body.decode("utf-16-be" if big else "utf-16-le", "replace").removeprefix("\ufeff")
    if head.startswith(b"ASCII") or head == bytes(8):
        return body.decode("utf-8", "replace").rstrip("\0")
    return bytes(raw).decode("utf-8", "replace")


# --- reading: our own -------------------------------------------------------------------------------------


def _read_studio(text: str) -> Settings:
    values = json.loads(text)
    if (
        isinstance(values, dict)
        and isinstance(values.get("version"), int)
        and values["version"] > SPEC_VERSION
    ):
        raise ValueError("it is from a newer studio; update the studio to read all of it")
    read_spec(values)
    return Settings("studio", values)


# --- reading: A1111 ---------------------------------------------------------------------------------------

# Bounded, so that a hostile text costs linear time. Keys have letters, digits, spaces, "-" and "/".
_PAIR = re.compile(r'(\w[\w \-/]{0,60}):[ ]?("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')


def _read_a1111(text: str) -> Settings | None:
    lines = text.replace("\r\n", "\n").strip("\n \0").split("\n")
    found = _pairs(lines[-1])
    if len(found) < 3 and "Steps" not in found:
        return None  # a caption that happens to be called "parameters"
    prompt, negative, into_negative = [], [], False
    for line in lines[:-1]:
        if line.startswith("Negative prompt:") and not into_negative:
            into_negative, line = True, line.removeprefix("Negative prompt:").removeprefix(" ")
        (negative if into_negative else prompt).append(line)
    make = _Make("a1111", found)
    make.words("\n".join(prompt), "\n".join(negative))
    make.number("steps", found.get("Steps"), int, 1, 1000)
    sampler, schedule = found.get("Sampler", ""), found.get("Schedule type", "")
    for name in ("Karras", "Exponential"):  # before 1.9 the schedule was part of the sampler's name
        if sampler.endswith(" " + name) and not schedule:
            sampler, schedule = sampler.removesuffix(" " + name), name
    make.choice("solver", sampler, _A1111_SOLVERS, "Sampler")
    make.choice("spacing", schedule, _A1111_SPACINGS, "Schedule type")
    make.number("guidance", found.get("CFG scale"), float, 1, 30)
    make.number("guidance_rescale", found.get("CFG Rescale phi"), float, 0, 1)
    make.seed(found.get("Seed"))
    make.size(*(found.get("Size", "").split("x") + ["", ""])[:2])
    make.number("variation", found.get("Variation seed strength"), float, 0, 1)
    make.number("variation_seed", found.get("Variation seed"), int, 0, MAX_SEED)
    make.model(found.get("Model"))
    if "Denoising strength" in found and not any(key.startswith("Hires") for key in found):
        make.from_picture(found["Denoising strength"])
    return make.settings()


def _pairs(line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _PAIR.finditer(line[:100_000]):
        value = match[2].strip()
        if value.startswith('"'):
            try:
                value = str(json.loads(value))
            except ValueError:
                pass
        found.setdefault(match[1].strip(), value)
    return found


_A1111_SOLVERS = {name.lower(): solver for solver, name in A1111_SAMPLERS.items()}
_A1111_SPACINGS = {name.lower(): spacing for spacing, name in A1111_SCHEDULES.items()} | {
    "simple": "trailing",
    "normal": "linspace",
    "automatic": None,
}


# --- reading: ComfyUI -------------------------------------------------------------------------------------

_COMFY_SOLVERS = {
    "euler": "euler",
    "euler_ancestral": "euler_ancestral",
    "heun": "heun",
    "dpmpp_2m": "dpm++2m",
    "dpmpp_2m_sde": "dpm++2m_sde",
    "dpmpp_2m_sde_gpu": "dpm++2m_sde",
    "ddim": "ddim",
    "lcm": "lcm",
}
_COMFY_SPACINGS = {
    "normal": "linspace",
    "karras": "karras",
    "exponential": "exponential",
    "sgm_uniform": "trailing",
    "simple": "trailing",
    "ddim_uniform": "leading",
}


class _Graph:
    """ComfyUI's "prompt": {id: {"class_type": str, "inputs": {name: value or [id, slot]}}}."""

    def __init__(self, nodes: dict[str, Any]) -> None:
        self.nodes = {
            str(k): n for k, n in nodes.items() if isinstance(n, dict) and isinstance(n.get("inputs"), dict)
        }

    def inputs(self, key: str) -> dict[str, Any]:
        return self.nodes[key]["inputs"]

    def kind(self, key: str) -> str:
        return str(self.nodes[key].get("class_type", ""))

    def link(self, key: str, name: str) -> tuple[str, int] | None:
        """Where an input comes from: (node, slot), or None where it is a value or missing."""
        value = self.inputs(key).get(name)
        if isinstance(value, list) and len(value) == 2 and str(value[0]) in self.nodes:
            return str(value[0]), value[1] if isinstance(value[1], int) else 0
        return None

    def upstream(self, key: str, *names: str) -> Iterator[str]:
        """Follows the first of `names` that is a link, node by node, each once."""
        seen: set[str] = set()
        while key not in seen:
            seen.add(key)
            step = next((found for name in names if (found := self.link(key, name))), None)
            if step is None:
                return
            key = step[0]
            yield key

    def value(self, key: str, *names: str) -> Any:
        """The first of `names` that the node has; a link is followed to the node that holds the value."""
        for name in names:
            found = self.inputs(key).get(name)
            if found is not None and not isinstance(found, list | dict):
                return found
            seen, step = {key}, self.link(key, name)
            while step and step[0] not in seen:
                seen.add(step[0])
                held = self.inputs(step[0])
                plain = [v for k, v in held.items() if k in _HOLDERS or k == name]
                plain = [v for v in plain if not isinstance(v, list | dict)]
                if plain:
                    return plain[0]
                step = next((found for k in held if (found := self.link(step[0], k))), None)
        return None

    def words(self, link: tuple[str, int] | None, role: str, seen: frozenset[str] = frozenset()) -> list[str]:
        """Texts that feed a conditioning link. `role`: "positive" or "negative", for nodes that pass both through."""
        if link is None or link[0] in seen or len(seen) > 100:
            return []
        key, seen = link[0], seen | {link[0]}
        if self.kind(key) == "ConditioningZeroOut":
            return []
        texts = [
            self.value(key, name)
            for name in ("text", "text_g", "text_l", "t5xxl", "clip_l")
            if name in self.inputs(key)
        ]
        texts = list(dict.fromkeys(t for t in texts if isinstance(t, str) and t.strip()))
        if texts:
            return texts
        names = [n for n in self.inputs(key) if self.link(key, n)]
        both = [n for n in names if n in ("positive", "negative")]
        if both:
            names = [role] if role in both else []
        else:
            names = [n for n in names if "conditioning" in n]
        found = [text for n in names for text in self.words(self.link(key, n), role, seen)]
        return list(dict.fromkeys(found))


_HOLDERS = (
    "value",
    "seed",
    "noise_seed",
    "int",
    "float",
    "number",
    "text",
    "string",
    "Text",
    "Value",
    "Number",
)


def _read_comfyui(text: str) -> Settings | None:
    data = json.loads(text)
    if not isinstance(data, dict):
        return None
    graph = _Graph(data)
    samplers = [k for k in graph.nodes if _is_sampler(graph, k)]
    if not samplers:
        return None
    # With several (a second pass at a higher resolution), the one that starts from nothing made the picture.
    key = next((k for k in samplers if _starts_empty(graph, k)), samplers[0])
    guider = (graph.link(key, "guider") or (key, 0))[0]
    sigmas = (graph.link(key, "sigmas") or (key, 0))[0]
    noise = (graph.link(key, "noise") or (key, 0))[0]
    solver = (graph.link(key, "sampler") or (key, 0))[0]
    found: dict[str, Any] = {
        "seed": graph.value(key, "seed", "noise_seed")
        if noise == key
        else graph.value(noise, "noise_seed", "seed"),
        "steps": graph.value(sigmas, "steps"),
        "cfg": graph.value(guider, "cfg"),
        "sampler_name": graph.value(solver, "sampler_name"),
        "scheduler": graph.value(sigmas, "scheduler"),
        "denoise": graph.value(sigmas, "denoise"),
    }
    if found["scheduler"] is None and "Karras" in graph.kind(sigmas):
        found["scheduler"] = "karras"
    for name in ("ckpt_name", "unet_name", "model_name"):
        for node in graph.upstream(guider, "model"):
            if isinstance(value := graph.value(node, name), str):
                found.setdefault("model", value)
    make = _Make("comfyui", found)
    positive = graph.words(graph.link(guider, "positive") or graph.link(guider, "conditioning"), "positive")
    negative = graph.words(graph.link(guider, "negative"), "negative")
    make.words(", ".join(positive), ", ".join(negative))
    make.seed(found["seed"])
    make.number("steps", found["steps"], int, 1, 1000)
    make.number("guidance", found["cfg"], float, 1, 30)
    make.choice("solver", found["sampler_name"], _COMFY_SOLVERS, "sampler_name")
    make.choice("spacing", found["scheduler"], _COMFY_SPACINGS, "scheduler")
    make.model(found.get("model"))
    for node in graph.upstream(key, "latent_image", "samples", "pixels", "image"):
        if (width := graph.value(node, "width")) is not None and "Empty" in graph.kind(node):
            make.size(width, graph.value(node, "height"))
        if "LoadImage" in graph.kind(node):
            found["image"] = graph.value(node, "image")
            make.from_picture(found["denoise"])
    return make.settings()


def _is_sampler(graph: _Graph, key: str) -> bool:
    inputs = graph.inputs(key)
    return "latent_image" in inputs and ("guider" in inputs or {"positive", "model"} <= inputs.keys())


def _starts_empty(graph: _Graph, key: str) -> bool:
    return all(
        not (_is_sampler(graph, node) or "LoadImage" in graph.kind(node))
        for node in graph.upstream(key, "latent_image", "samples", "pixels", "image")
    )


# --- reading: InvokeAI ------------------------------------------------------------------------------------

_INVOKE_SOLVERS = {
    "ddim": "ddim",
    "euler": "euler",
    "euler_a": "euler_ancestral",
    "heun": "heun",
    "lcm": "lcm",
    "dpmpp_2m": "dpm++2m",
    "dpmpp_2m_sde": "dpm++2m_sde",
    "k_euler": "euler",
    "k_euler_a": "euler_ancestral",
    "k_heun": "heun",
    "k_dpmpp_2m": "dpm++2m",
}


def _read_invokeai(text: str) -> Settings | None:
    """Version 3 and later: a flat object."""
    found = json.loads(text)
    if not isinstance(found, dict) or not {"positive_prompt", "steps", "seed", "scheduler"} & found.keys():
        return None
    make = _Make("invokeai", found)
    make.words(found.get("positive_prompt"), found.get("negative_prompt"))
    _invoke_numbers(make, found, found.get("scheduler"))
    make.number("guidance_rescale", found.get("cfg_rescale_multiplier"), float, 0, 1)
    model = found.get("model")
    make.model(model.get("name") or model.get("model_name") if isinstance(model, dict) else model)
    if "img2img" in str(found.get("generation_mode")) or found.get("init_image"):
        make.from_picture(found.get("strength"))
    return make.settings()


def _read_sd_metadata(text: str) -> Settings | None:
    """Version 2: {"model_weights": .., "image": {"prompt": [{"prompt": "words [unwanted words]", "weight": 1}], ..}}."""
    data = json.loads(text)
    found = data.get("image") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        return None
    prompt = found.get("prompt")
    if isinstance(prompt, list):
        prompt = ", ".join(str(p.get("prompt", "")) for p in prompt if isinstance(p, dict))
    make = _Make("invokeai", found)
    make.words(*_without_brackets(str(prompt or "")))
    _invoke_numbers(make, found, found.get("sampler"))
    make.model(data.get("model_weights") or data.get("model_id"))
    if found.get("type") == "img2img":
        make.from_picture(found.get("strength"))
    return make.settings()


def _read_dream(text: str) -> Settings | None:
    """Version 1 and 2: a command line, "words [unwanted words]" -s 50 -S 1234 -W 512 -H 512 -C 7.5 -A k_euler_a."""
    words = shlex.split(text[:100_000])
    names = {
        "s": "steps", "steps": "steps", "S": "seed", "seed": "seed", "W": "width", "width": "width", "H": "height",
        "height": "height", "C": "cfg_scale", "cfg_scale": "cfg_scale", "A": "sampler", "sampler": "sampler",
        "f": "strength", "strength": "strength", "I": "init_image", "init_img": "init_image",
    }  # fmt: skip
    found: dict[str, Any] = {}
    prompt: list[str] = []
    i, options_began = 0, False
    while i < len(words):
        word = words[i]
        option = re.fullmatch(r"--?([A-Za-z_]+)(?:=(.*))?|-([A-Za-z])([\d.]+)", word, re.DOTALL)
        name = names.get((option[1] or option[3]) if option else "")
        if option and name:
            value = option[2] or option[4]
            if value is None and i + 1 < len(words):
                i += 1
                value = words[i]
            found[name] = value
        elif not option and not options_began:
            prompt.append(word)
        options_began = options_began or bool(option)
        i += 1
    if not found:
        return None
    make = _Make("invokeai", found)
    make.words(*_without_brackets(" ".join(prompt)))
    _invoke_numbers(make, found, found.get("sampler"))
    if found.get("init_image"):
        make.from_picture(found.get("strength"))
    return make.settings()


def _without_brackets(prompt: str) -> tuple[str, str]:
    """ "a [bad] b" -> ("a b", "bad"): square brackets held the negative prompt."""
    negative = re.findall(r"\[([^\[\]]*)\]", prompt)
    return re.sub(r"\s*\[[^\[\]]*\]", "", prompt).strip(), ", ".join(negative)


def _invoke_numbers(make: _Make, found: dict[str, Any], scheduler: Any) -> None:
    name = str(scheduler or "")
    make.number("steps", found.get("steps"), int, 1, 1000)
    make.number("guidance", found.get("cfg_scale"), float, 1, 30)
    make.seed(found.get("seed"))
    make.size(found.get("width"), found.get("height"))
    if name.endswith("_k"):
        make.values["technique"]["spacing"] = "karras"
    make.choice("solver", name.removesuffix("_k"), _INVOKE_SOLVERS, "scheduler")


# --- what all readers share ---------------------------------------------------------------------------------


class _Make:
    """Collects values for a JobSpec; what is out of range or unknown becomes a note instead."""

    def __init__(self, origin: Origin, found: dict[str, Any]) -> None:
        self.origin: Origin = origin
        self.found, self.notes = found, list[str]()
        self.values: dict[str, Any] = {"technique": {"name": "text2image"}}

    def settings(self) -> Settings:
        return Settings(self.origin, self.values, tuple(self.notes), self.found)

    def words(self, prompt: Any, negative: Any) -> None:
        for name, text in (("prompt", prompt), ("negative_prompt", negative)):
            if not isinstance(text, str) or not text:
                continue
            text = text.encode("utf-8", "replace").decode()  # lone surrogates cannot be saved again
            if len(text) > 10_000:
                self.notes.append(f"{name}: was {len(text)} characters long and was cut at 10,000.")
            self.values["technique"][name] = text[:10_000]

    def number(self, name: str, value: Any, kind: Callable[[Any], Any], low: float, high: float) -> None:
        if value is None or value == "":
            return
        number = _number(value)
        if number is None:
            self.notes.append(f"{name}: {_short(value)} is not a number and was left out.")
            return
        kept = min(max(kind(number), kind(low)), kind(high))
        if kept != number:
            self.notes.append(f"{name}: {_short(value)} became {kept}.")
        self.values["technique"][name] = kept

    def seed(self, value: Any) -> None:
        number = _number(value)
        if number is None:
            if value not in (None, ""):
                self.notes.append(f"seed: {_short(value)} is not a number and was left out.")
            return
        if not 0 <= number <= MAX_SEED:
            self.notes.append(f"seed: {_short(value)} became {int(number) & MAX_SEED}.")
        self.values["seed"] = int(number) & MAX_SEED

    def size(self, width: Any, height: Any) -> None:
        w, h = _number(width), _number(height)
        if w is None or h is None:
            return
        if 8 <= w <= MAX_SIDE and 8 <= h <= MAX_SIDE:
            self.values["technique"] |= {"width": int(w), "height": int(h)}
        else:
            self.notes.append(
                f"The size {_short(width)} x {_short(height)} is not possible here and was left out."
            )

    def choice(self, name: str, value: Any, known: dict[str, Any], theirs: str) -> None:
        if not value:
            return
        key = str(value).strip().lower()
        if key not in known:
            self.notes.append(f"{theirs} {_short(value)} is not known here; the model's own {name} is used.")
        elif known[key]:
            self.values["technique"][name] = known[key]

    def model(self, value: Any) -> None:
        if not isinstance(value, str) or not value:
            return
        name = re.split(r"[\\/]", value)[-1]
        name = re.sub(r"\.(safetensors|ckpt|pt|pth|bin|gguf)$", "", name, flags=re.IGNORECASE)
        self.values["model"] = name[:200]

    def from_picture(self, strength: Any) -> None:
        self.values["technique"]["name"] = "image2image"
        number = _number(strength)
        if number is not None and 0 < number <= 1:
            self.values["technique"]["strength"] = float(number)
        for name in ("variation", "variation_seed"):
            if self.values["technique"].pop(name, None):
                self.notes.append(
                    f"{name} does not go together with a picture to start from and was left out."
                )


def _number(value: Any) -> int | float | None:
    """An int where it is whole (seeds need all their digits), else a float; None for anything else, NaN and infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        value = value.strip()[:40]
        try:
            return int(value)
        except ValueError:
            pass
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return value if isinstance(value, int) else int(number) if number.is_integer() else number


def _short(value: Any) -> str:
    text = str(value).replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."


_READERS: tuple[tuple[str, Callable[[str], Settings | None]], ...] = (
    ("studio", _read_studio),
    ("invokeai_metadata", _read_invokeai),
    ("sd-metadata", _read_sd_metadata),
    ("Dream", _read_dream),
    ("parameters", _read_a1111),
    ("prompt", _read_comfyui),
)
