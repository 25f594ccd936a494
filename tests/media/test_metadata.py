"""Settings go into every kind of picture and come back, also from the files of other programs and from hostile ones."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from studio.core.clip import Clip
from studio.core.job import MAX_SEED, BadRequest, JobSpec, read_spec
from studio.media import metadata
from studio.media.image import save_picture
from studio.media.metadata import Settings, a1111_text, read_settings, to_spec

BLACK = Clip.picture(np.zeros((8, 16, 3), np.uint8))
SPEC = read_spec(
    {
        "technique": {
            "name": "text2image",
            "prompt": 'a "red" fox, (big:1.3) & <small>\n狐 🦊',
            "negative_prompt": "bad, ugly: 1",
            "steps": 20,
            "guidance": 7.5,
            "solver": "dpm++2m",
            "spacing": "karras",
            "guidance_rescale": 0.7,
            "variation": 0.25,
            "variation_seed": 99,
        },
        "model": "pocket, image",
        "seed": MAX_SEED,
    }
)
FORMATS = [".png", ".jpg", ".webp", ".avif", ".tiff"]


def with_chunks(path: Path, **texts: str) -> Path:
    chunks = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        chunks.add_text("sd-metadata" if name == "sd_metadata" else name, text)
    Image.new("RGB", (16, 8)).save(path, pnginfo=chunks)
    return path


def with_exif(path: Path, *, comment: bytes | None = None, model: str | None = None) -> Path:
    exif = Image.Exif()
    if comment is not None:
        exif.get_ifd(0x8769)[0x9286] = comment
    if model is not None:
        exif[0x0110] = model
    Image.new("RGB", (16, 8)).save(path, exif=exif.tobytes())
    return path


# --- our own ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_whole_request_comes_back(tmp_path: Path, suffix: str) -> None:
    save_picture(BLACK, tmp_path / f"a{suffix}", SPEC)
    found = read_settings(tmp_path / f"a{suffix}")
    assert found.origin == "studio"
    assert to_spec(found) == (SPEC, [])


@pytest.mark.parametrize("suffix", FORMATS)
def test_other_programs_find_their_text(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    save_picture(BLACK, path, SPEC)
    expected = a1111_text(SPEC, 16, 8)
    with Image.open(path) as image:
        if suffix == ".png":
            assert image.info["parameters"] == expected
        elif suffix == ".tiff":
            assert image.getexif()[0x010E].encode("latin-1").decode() == expected
        else:
            comment = image.getexif().get_ifd(0x8769)[0x9286]
            assert comment == b"UNICODE\0" + expected.encode("utf-16-be")


def test_the_text_is_what_a1111_writes() -> None:
    assert a1111_text(SPEC, 512, 768).split("\n")[2:] == [
        "Negative prompt: bad, ugly: 1",
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 9223372036854775807, Size: 512x768,"
        ' Model: "pocket, image", Variation seed: 99, Variation seed strength: 0.25, CFG Rescale phi: 0.7,'
        " Version: Diffusion Studio",
    ]
    image = read_spec(
        {"technique": {"name": "image2image", "image": "a.png", "strength": 0.4, "prompt": "x"}}
    )
    line = a1111_text(image, 8, 8).split("\n")[-1]
    assert line == "Seed: 0, Size: 8x8, Denoising strength: 0.4, Version: Diffusion Studio"


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_longest_words_fit_or_are_left_out(tmp_path: Path, suffix: str) -> None:
    words = {"prompt": "狐" * 10_000, "negative_prompt": "鬼" * 10_000}
    spec = read_spec({"technique": {"name": "text2image", **words}})
    path = tmp_path / f"a{suffix}"
    save_picture(BLACK, path, spec)
    assert to_spec(read_settings(path))[0] == spec


def test_without_a_request_nothing_is_written(tmp_path: Path) -> None:
    for suffix in FORMATS:
        save_picture(BLACK, tmp_path / f"a{suffix}")
        with pytest.raises(BadRequest, match="holds no settings") as caught:
            read_settings(tmp_path / f"a{suffix}")
        assert "\n" not in str(caught.value)


def test_a_request_from_a_newer_studio_falls_back_on_the_text(tmp_path: Path) -> None:
    newer = json.dumps({"version": 99, "technique": {"name": "dream"}})
    path = with_chunks(tmp_path / "a.png", studio=newer, parameters=a1111_text(SPEC, 16, 8))
    found = read_settings(path)
    assert found.origin == "a1111"
    assert "newer studio" in found.notes[0]
    with pytest.raises(BadRequest, match="newer studio"):
        read_settings(with_chunks(tmp_path / "b.png", studio=newer))


def test_chunks_after_the_pixels_are_found(tmp_path: Path) -> None:
    save_picture(BLACK, tmp_path / "a.png", SPEC)
    data = (tmp_path / "a.png").read_bytes()
    plain = with_chunks(tmp_path / "b.png").read_bytes()
    start = data.index(b"iTXtstudio") - 4
    size = int.from_bytes(data[start : start + 4], "big") + 12
    end = plain.index(b"IEND") - 4
    (tmp_path / "c.png").write_bytes(plain[:end] + data[start : start + size] + plain[end:])
    assert to_spec(read_settings(tmp_path / "c.png"))[0] == SPEC


# --- A1111 --------------------------------------------------------------------------------------------------------

A1111 = """masterpiece, (best quality:1.2), a castle <lora:detail:0.8>
at dusk: golden, Size: huge
Negative prompt: (worst quality, low quality:1.4),
bad: hands
Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1234567890, Size: 512x768, Model hash: 6ce0161689, \
Model: v1-5-pruned-emaonly, Denoising strength: 0.45, Clip skip: 2, ENSD: 31337, Hires upscale: 2, \
Hires upscaler: Latent, Lora hashes: "detail: 1234abcd, Steps: 99", Version: v1.6.0"""

A1111_VALUES = {
    "technique": {
        "name": "text2image",
        "prompt": "masterpiece, (best quality:1.2), a castle <lora:detail:0.8>\nat dusk: golden, Size: huge",
        "negative_prompt": "(worst quality, low quality:1.4),\nbad: hands",
        "steps": 28,
        "solver": "dpm++2m",
        "spacing": "karras",
        "guidance": 7,
        "width": 512,
        "height": 768,
    },
    "seed": 1234567890,
    "model": "v1-5-pruned-emaonly",
}


def test_a1111_in_a_png(tmp_path: Path) -> None:
    found = read_settings(with_chunks(tmp_path / "a.png", parameters=A1111))
    assert (found.origin, found.values, found.notes) == ("a1111", A1111_VALUES, ())
    assert found.found["Lora hashes"] == "detail: 1234abcd, Steps: 99"
    spec, notes = to_spec(found)
    assert spec.technique.model_dump()["steps"] == 28
    assert not notes


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
@pytest.mark.parametrize(
    "raw",
    [
        b"UNICODE\0" + A1111.encode("utf-16-be"),
        b"UNICODE\0" + A1111.encode("utf-16-le"),
        b"UNICODE\0" + A1111.encode("utf-16"),
        b"ASCII\0\0\0" + A1111.encode(),
        bytes(8) + A1111.encode(),
        A1111.encode(),
    ],
    ids=["big", "little", "bom", "ascii", "undefined", "bare"],
)
def test_a1111_in_exif(tmp_path: Path, suffix: str, raw: bytes) -> None:
    assert read_settings(with_exif(tmp_path / f"a{suffix}", comment=raw)).values == A1111_VALUES


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Sampler: Euler a, Schedule type: Automatic", {"solver": "euler_ancestral"}),
        ("Sampler: DPM++ 2M SDE Exponential", {"solver": "dpm++2m_sde", "spacing": "exponential"}),
        ("Sampler: DPM++ 2M, Schedule type: SGM Uniform", {"solver": "dpm++2m", "spacing": "trailing"}),
        ("Sampler: LCM, Schedule type: Simple", {"solver": "lcm", "spacing": "trailing"}),
        ("Variation seed: 7, Variation seed strength: 0.1", {"variation_seed": 7, "variation": 0.1}),
        ("Denoising strength: 0.3", {"name": "image2image", "strength": 0.3}),
        ('CFG scale: "6.5"', {"guidance": 6.5}),
    ],
)
def test_a1111_lines(tmp_path: Path, line: str, expected: dict[str, Any]) -> None:
    found = read_settings(with_chunks(tmp_path / "a.png", parameters=f"a fox\nSteps: 20, Seed: 1, {line}"))
    assert found.values["technique"] == {"name": "text2image", "prompt": "a fox", "steps": 20} | expected
    assert not found.notes


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Sampler: DPM adaptive", "Sampler DPM adaptive is not known here"),
        ("CFG scale: 0.5", "guidance: 0.5 became 1.0"),
        ("CFG scale: nan", "guidance: nan is not a number"),
        ("Seed: -1", "seed: -1 became"),
        ("Size: 3x4", "size 3 x 4 is not possible"),
    ],
)
def test_a1111_values_that_do_not_fit_are_noted(tmp_path: Path, line: str, told: str) -> None:
    found = read_settings(with_chunks(tmp_path / "a.png", parameters=f"a fox\nSteps: 20, Extra: 1, {line}"))
    assert told in found.notes[0]
    to_spec(found)


def test_a_caption_called_parameters_is_no_settings(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="holds no settings"):
        read_settings(with_chunks(tmp_path / "a.png", parameters="just: a caption"))


def _request(values: dict[str, Any]) -> dict[str, Any]:
    own = {key: values[key] for key in ("seed", "model")}
    technique = {key: value for key, value in values.items() if key not in own}
    if not technique["variation"]:
        technique["variation_seed"] = 0  # the text has no place for a seed that has no effect
    return {"technique": {"name": "text2image", **technique}, **own}


# A line of the prompt that begins like the negative prompt is one for A1111, too.
words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\0"), max_size=60).filter(
    lambda text: "Negative prompt:" not in text
)
requests = st.builds(
    lambda **values: read_spec(_request(values)),
    prompt=words.map(lambda text: text.lstrip("\n ")),
    negative_prompt=words,
    steps=st.integers(1, 1000),
    guidance=st.integers(2, 60).map(lambda n: n / 2),
    solver=st.sampled_from(list(metadata.A1111_SAMPLERS)),
    spacing=st.sampled_from(list(metadata.A1111_SCHEDULES)),
    guidance_rescale=st.sampled_from([None, 0.7, 1.0]),
    width=st.integers(8, 16384),
    height=st.integers(8, 16384),
    variation=st.integers(0, 100).map(lambda n: n / 100),
    variation_seed=st.integers(0, MAX_SEED),
    seed=st.integers(0, MAX_SEED),
    model=st.from_regex(r'[A-Za-z0-9][A-Za-z0-9._+,:" -]{0,30}[a-z]', fullmatch=True),
)


@given(requests)
@settings(max_examples=100, deadline=None)
def test_the_a1111_text_says_all_it_can(spec: JobSpec) -> None:
    text = a1111_text(spec, spec.technique.width, spec.technique.height)  # type: ignore[union-attr]
    found = metadata._read_a1111(text)
    assert found is not None
    assert not found.notes
    assert to_spec(found)[0] == spec


# --- ComfyUI ------------------------------------------------------------------------------------------------------

COMFY: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "cfg": 8, "denoise": 1, "latent_image": ["5", 0], "model": ["4", 0], "negative": ["7", 0],
            "positive": ["6", 0], "sampler_name": "euler", "scheduler": "normal", "seed": 8566257, "steps": 20,
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "SD1.5/v1-5-pruned-emaonly.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"batch_size": 1, "height": 512, "width": 640}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "masterpiece best quality fox"}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "bad hands"}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}, "is_changed": [float("nan")]},
}  # fmt: skip
COMFY_VALUES = {
    "technique": {
        "name": "text2image", "prompt": "masterpiece best quality fox", "negative_prompt": "bad hands", "steps": 20,
        "guidance": 8, "solver": "euler", "spacing": "linspace", "width": 640, "height": 512,
    },
    "seed": 8566257,
    "model": "v1-5-pruned-emaonly",
}  # fmt: skip


def changed(*nodes: tuple[str, str | None, dict[str, Any]]) -> dict[str, Any]:
    """COMFY with nodes replaced or (where the kind is None) their inputs updated."""
    graph = {key: {**node, "inputs": dict(node["inputs"])} for key, node in COMFY.items()}
    for key, kind, inputs in nodes:
        if kind is None:
            graph[key]["inputs"] |= inputs
        else:
            graph[key] = {"class_type": kind, "inputs": inputs}
    return graph


def comfy(tmp_path: Path, graph: Any) -> Settings:
    return read_settings(with_chunks(tmp_path / "a.png", prompt=json.dumps(graph), workflow="{}"))


def test_comfyui_in_a_png_and_a_webp(tmp_path: Path) -> None:
    found = comfy(tmp_path, COMFY)
    assert (found.origin, found.values, found.notes) == ("comfyui", COMFY_VALUES, ())
    path = with_exif(tmp_path / "a.webp", model="prompt:" + json.dumps(COMFY))
    assert read_settings(path).values == COMFY_VALUES


def test_comfyui_links_are_followed(tmp_path: Path) -> None:
    graph = changed(
        (
            "3",
            None,
            {
                "model": ["10", 0],
                "positive": ["12", 0],
                "negative": ["12", 1],
                "seed": ["14", 0],
                "steps": ["15", 0],
            },
        ),
        ("10", "LoraLoader", {"lora_name": "x.safetensors", "model": ["11", 0], "clip": ["4", 1]}),
        ("11", "ModelSamplingDiscrete", {"model": ["4", 0], "sampling": "v_prediction"}),
        (
            "12",
            "ControlNetApplyAdvanced",
            {"positive": ["13", 0], "negative": ["7", 0], "control_net": ["16", 0]},
        ),
        ("13", "ConditioningCombine", {"conditioning_1": ["6", 0], "conditioning_2": ["17", 0]}),
        ("14", "PrimitiveInt", {"value": 77}),
        ("15", "Reroute", {"": ["18", 0]}),
        ("18", "INTConstant", {"value": 33}),
        ("17", "CLIPTextEncode", {"clip": ["4", 1], "text": ["19", 0]}),
        ("19", "PrimitiveString", {"value": "on a hill"}),
    )
    values = comfy(tmp_path, graph).values
    assert values["model"] == "v1-5-pruned-emaonly"
    assert values["seed"] == 77
    assert values["technique"]["steps"] == 33
    assert values["technique"]["prompt"] == "masterpiece best quality fox, on a hill"
    assert values["technique"]["negative_prompt"] == "bad hands"


def test_comfyui_of_two_passes_the_first_made_the_picture(tmp_path: Path) -> None:
    second = {**COMFY["3"]["inputs"], "latent_image": ["11", 0], "seed": 1, "denoise": 0.5}
    upscale = {"samples": ["3", 0], "width": 1280, "height": 1024, "upscale_method": "nearest-exact"}
    graph = {"1": {"class_type": "KSampler", "inputs": second}, **changed(("11", "LatentUpscale", upscale))}
    assert comfy(tmp_path, graph).values == COMFY_VALUES


def test_comfyui_from_a_picture(tmp_path: Path) -> None:
    graph = changed(
        ("3", None, {"denoise": 0.6, "latent_image": ["5", 0]}),
        ("5", "VAEEncode", {"pixels": ["10", 0], "vae": ["4", 2]}),
        ("10", "LoadImage", {"image": "example.png", "upload": "image"}),
    )
    found = comfy(tmp_path, graph)
    assert found.values["technique"]["name"] == "image2image"
    assert found.found["image"] == "example.png"
    spec, notes = to_spec(found)
    assert spec.technique.name == "text2image"
    assert "not in the file" in notes[0]
    spec, notes = to_spec(found, image="mine.png")
    assert (spec.technique.name, spec.technique.strength, notes) == ("image2image", 0.6, [])  # type: ignore[union-attr]


def test_comfyui_s_other_samplers(tmp_path: Path) -> None:
    advanced = {
        **{k: v for k, v in COMFY["3"]["inputs"].items() if k not in ("seed", "denoise")},
        "noise_seed": 5, "add_noise": "enable", "start_at_step": 0, "end_at_step": 10000, "sampler_name": "dpmpp_2m_sde_gpu",
        "scheduler": "karras", "return_with_leftover_noise": "disable",
    }  # fmt: skip
    values = comfy(tmp_path, changed(("3", "KSamplerAdvanced", advanced))).values
    assert values["seed"] == 5
    assert values["technique"] | {"solver": "dpm++2m_sde", "spacing": "karras"} == values["technique"]

    custom = {
        "model": ["4", 0], "add_noise": True, "noise_seed": 6, "cfg": 3.5, "positive": ["6", 0], "negative": ["7", 0],
        "sampler": ["10", 0], "sigmas": ["11", 0], "latent_image": ["5", 0],
    }  # fmt: skip
    tail = (
        ("10", "KSamplerSelect", {"sampler_name": "heun"}),
        ("11", "BasicScheduler", {"scheduler": "sgm_uniform", "steps": 12, "denoise": 1, "model": ["4", 0]}),
    )
    values = comfy(tmp_path, changed(("3", "SamplerCustom", custom), *tail)).values
    expected = {"steps": 12, "guidance": 3.5, "solver": "heun", "spacing": "trailing"}
    assert values["technique"] | expected == values["technique"]
    assert values["technique"]["prompt"] == "masterpiece best quality fox"
    assert values["seed"] == 6

    whole = {
        "noise": ["12", 0],
        "guider": ["13", 0],
        "sampler": ["10", 0],
        "sigmas": ["11", 0],
        "latent_image": ["5", 0],
    }
    flux = changed(
        ("3", "SamplerCustomAdvanced", whole),
        ("12", "RandomNoise", {"noise_seed": 2**64 - 1}),
        ("13", "BasicGuider", {"model": ["4", 0], "conditioning": ["14", 0]}),
        ("14", "FluxGuidance", {"guidance": 3.5, "conditioning": ["6", 0]}),
        ("4", "UNETLoader", {"unet_name": "flux1-dev.safetensors", "weight_dtype": "default"}),
        *tail,
    )
    found = comfy(tmp_path, flux)
    assert found.values["model"] == "flux1-dev"
    assert found.values["seed"] == MAX_SEED
    assert "seed" in found.notes[0]
    assert found.values["technique"]["prompt"] == "masterpiece best quality fox"


# --- InvokeAI -----------------------------------------------------------------------------------------------------

INVOKE_VALUES = {
    "technique": {
        "name": "text2image", "prompt": "a fox", "negative_prompt": "bad, ugly", "steps": 30, "guidance": 7.5,
        "width": 1024, "height": 768, "solver": "euler_ancestral",
    },
    "seed": 3264593157,
    "model": "dreamshaper",
}  # fmt: skip


def test_invokeai(tmp_path: Path) -> None:
    data = {
        "app_version": "4.2.6", "generation_mode": "sdxl_txt2img", "positive_prompt": "a fox", "negative_prompt": "bad, ugly",
        "width": 1024, "height": 768, "seed": 3264593157, "rand_device": "cpu", "cfg_scale": 7.5, "cfg_rescale_multiplier": 0,
        "steps": 30, "scheduler": "euler_a", "seamless_x": False, "positive_style_prompt": "",
        "model": {"key": "aaaa", "hash": "blake3:bbbb", "name": "dreamshaper", "base": "sdxl", "type": "main"},
    }  # fmt: skip
    found = read_settings(with_chunks(tmp_path / "a.png", invokeai_metadata=json.dumps(data)))
    assert (found.origin, found.notes) == ("invokeai", ())
    expected = {**INVOKE_VALUES, "technique": INVOKE_VALUES["technique"] | {"guidance_rescale": 0}}
    assert found.values == expected
    data |= {"generation_mode": "img2img", "strength": 0.7, "scheduler": "dpmpp_2m_k"}
    technique = read_settings(with_chunks(tmp_path / "b.png", invokeai_metadata=json.dumps(data))).values[
        "technique"
    ]
    assert (
        technique | {"name": "image2image", "strength": 0.7, "solver": "dpm++2m", "spacing": "karras"}
        == technique
    )


def test_invokeai_version_2(tmp_path: Path) -> None:
    data = {
        "model": "stable diffusion", "model_weights": "dreamshaper", "model_hash": "cc6c", "app_id": "invoke-ai/InvokeAI",
        "app_version": "v2.2.4",
        "image": {
            "prompt": [{"prompt": "a fox [bad, ugly]", "weight": 1}], "steps": 30, "cfg_scale": 7.5, "threshold": 0, "perlin": 0,
            "height": 768, "width": 1024, "seed": 3264593157, "seamless": False, "type": "txt2img", "sampler": "k_euler_a",
            "variations": [], "postprocessing": None,
        },
    }  # fmt: skip
    assert (
        read_settings(with_chunks(tmp_path / "a.png", sd_metadata=json.dumps(data))).values == INVOKE_VALUES
    )


@pytest.mark.parametrize(
    "line",
    [
        '"a fox [bad, ugly]" -s 30 -S 3264593157 -W 1024 -H 768 -C 7.5 -A k_euler_a',
        '"a fox [bad, ugly]" -s30 -S3264593157 -W1024 -H768 -C7.5 --sampler=k_euler_a',
        "a fox [bad, ugly] --steps 30 --seed 3264593157 --width 1024 --height 768 --cfg_scale 7.5 -A k_euler_a -G 0.8",
    ],
)
def test_invokeai_dream(tmp_path: Path, line: str) -> None:
    values = read_settings(with_chunks(tmp_path / "a.png", Dream=line)).values
    assert values == {key: value for key, value in INVOKE_VALUES.items() if key != "model"}


# --- hostile and odd ----------------------------------------------------------------------------------------------

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
links = st.lists(st.sampled_from(["3", "4", 0]), max_size=2)
json_values = st.recursive(
    leaves | links,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    sorted({name for node in COMFY.values() for name in node["inputs"]} | {"noise", "guider", "sigmas"})
)
nodes = st.fixed_dictionaries(
    {
        "class_type": st.sampled_from(["KSampler", "LoadImage", "EmptyLatentImage", "Reroute"]),
        "inputs": st.dictionaries(names, json_values, max_size=8),
    }
)
graphs = st.dictionaries(st.sampled_from(["3", "4", "5", "6"]), nodes | json_values)
invoke = st.dictionaries(
    st.sampled_from(
        [
            "positive_prompt",
            "steps",
            "seed",
            "scheduler",
            "model",
            "width",
            "height",
            "image",
            "prompt",
            "strength",
        ]
    ),
    json_values,
)
EXPECTED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError)


@given(graphs | invoke | json_values)
@settings(max_examples=200, deadline=None)
def test_no_json_breaks_the_readers(data: Any) -> None:
    text = json.dumps(data)
    for _, reader in metadata._READERS:
        try:
            found = reader(text)
        except EXPECTED:  # read_settings makes a note of these
            continue
        if found:
            to_spec(found)
            to_spec(found, image="a.png")


@given(st.text(max_size=300) | st.text(alphabet='Steps: ,"\\x19-/\n', max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_readers(text: str) -> None:
    for reader in (metadata._read_a1111, metadata._read_dream):
        try:
            found = reader(text)
        except ValueError:
            continue
        if found:
            to_spec(found)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5_000_000,
        "a: " * 1_500_000,
        '"' * 1_000_000,
        "Steps: 1, " + '"\\' * 500_000,
        " " * 3_000_000 + "x",
        "[" * 1_000_000,
        '{"a":' * 500_000,
        "9" * 1_000_000,
        '{"3": {"inputs": {"latent_image": 0, "guider": ["3", 0]}}}',
        "[" + "-s " * 300_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_texts_cost_little_time_and_never_break(tmp_path: Path, text: str) -> None:
    start = time.perf_counter()
    for name in ("studio", "parameters", "prompt", "invokeai_metadata", "sd_metadata", "Dream"):
        try:
            to_spec(read_settings(with_chunks(tmp_path / "a.png", **{name: text})))
        except BadRequest as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 1000
    assert time.perf_counter() - start < 10


def test_a_text_that_unpacks_hugely_is_told(tmp_path: Path) -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("parameters", "a" * 50_000_000, zip=True)
    Image.new("RGB", (1, 1)).save(tmp_path / "a.png", pnginfo=chunks)
    with pytest.raises(BadRequest):
        read_settings(tmp_path / "a.png")


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    for name in ("a.png", "absent.png", ""):
        with pytest.raises(BadRequest):
            read_settings(tmp_path / name)


def test_models_that_are_not_here_are_left_out() -> None:
    found = Settings("a1111", {"technique": {"name": "text2image"}, "model": "dreamshaper"})
    assert to_spec(found)[0].model == "dreamshaper"
    assert to_spec(found, models=["dreamshaper"])[0].model == "dreamshaper"
    spec, notes = to_spec(found, models=["pocket-image"])
    assert spec.model == ""
    assert "not here" in notes[0]
