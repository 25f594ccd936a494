"""A timeline for other editors: OpenTimelineIO, with the files beside it.

The format is JSON with a schema name in every object (opentimelineio.readthedocs.io, Timeline.1); what is needed of it fits on a page, so it is
written here and the library is not needed. Kdenlive (25.04 and later), Olive and the adapters of OpenTimelineIO for other editors read it.

What there is a name for is written by it: clips with their part of the file, gaps, crossfades, speeds, markers, tracks that are
off. A crossfade lies after the cut, as it does here: it takes nothing of the clip before (in_offset 0), which goes on beneath it. What has
no name there (opacity, volume, keyframes of words and strength) is kept under metadata, "diffusion_studio".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from studio.core.job import BadRequest
from studio.core.timeline import Item, Timeline, Track
from studio.media import files, links


def export(timeline: Timeline, path: Path, told: Callable[[float], object] = lambda share: None) -> Path:
    """Writes the timeline and copies its files into a folder beside it ("fox media" beside "fox.otio").

    Args:
        told: gets the share that is done; what it raises ends the work.

    Raises:
        BadRequest: there is nothing on the timeline, a file is missing, the disk is full and the like.
    """
    if not timeline.length:
        raise BadRequest("There is nothing on the timeline to be exported; put a clip on it first.")
    folder = links.media_folder(path)
    places = links.gather(timeline, folder, told)
    data = described(
        timeline, path.stem, {old: quote(f"{folder.name}/{new.name}") for old, new in places.items()}
    )
    text = json.dumps(data, indent=1, ensure_ascii=False)
    files.write_whole(path, lambda file: file.write(text.encode()))
    return path


def described(timeline: Timeline, name: str, urls: dict[str, str]) -> dict[str, Any]:
    """The timeline as OpenTimelineIO's objects. urls: path of a file -> how it is to be named."""
    rate = timeline.rate
    tracks = [_track(track, rate, urls) for track in timeline.tracks]
    ours = {
        "size": [timeline.width, timeline.height],
        "prompts": [[key.frame, key.value] for key in timeline.prompts],
        "strengths": [[key.frame, key.value] for key in timeline.strengths],
        "span": list(timeline.span) if timeline.span else None,
    }
    stack = _object(
        "Stack.1", "tracks", children=tracks, effects=[], enabled=True, source_range=None,
        markers=[
            _object("Marker.2", one.name or "marker", marked_range=_range(one.frame, 0, rate), color="YELLOW", comment=one.name)
            for one in timeline.markers
        ],
    )  # fmt: skip
    return _object(
        "Timeline.1",
        name,
        global_start_time=_time(0, rate),
        tracks=stack,
        metadata={"diffusion_studio": ours},
    )


def _track(track: Track, rate: float, urls: dict[str, str]) -> dict[str, Any]:
    children: list[dict[str, Any]] = []
    end = 0
    for item in track.items:
        if item.start > end:
            children.append(_gap(item.start - end, rate))
        before = track.before(item)
        if item.fade and before is not None:
            children.append(
                _object("Transition.1", "", transition_type="SMPTE_Dissolve", in_offset=_time(0, rate), out_offset=_time(item.fade, rate))
            )  # fmt: skip
        children.append(_clip(item, rate, urls, track.kind == "sound"))
        end = item.end
    kind = "Audio" if track.kind == "sound" else "Video"
    return _object(
        "Track.1", track.name, kind=kind, children=children, effects=[], markers=[], enabled=track.on, source_range=None
    )  # fmt: skip


def _clip(item: Item, rate: float, urls: dict[str, str], sound: bool) -> dict[str, Any]:
    media = item.media
    seconds = media.seconds or item.length / rate
    reference = _object(
        "ExternalReference.1", media.path.rsplit("/", 1)[-1], target_url=urls[media.path],
        available_range=_range(0, seconds * rate, rate), available_image_bounds=None,
    )  # fmt: skip
    effects = []
    if item.speed != 1:
        effects.append(
            _object(
                "LinearTimeWarp.1", "", effect_name="LinearTimeWarp", time_scalar=item.speed, enabled=True
            )
        )
    ours = {"opacity": item.opacity, "volume": item.volume, "fade": item.fade}
    return _object(
        "Clip.2", item.name, source_range=_range(item.begin * rate, item.length, rate), enabled=True, effects=effects, markers=[],
        media_references={"DEFAULT_MEDIA": reference}, active_media_reference_key="DEFAULT_MEDIA",
        metadata={"diffusion_studio": ours | ({"heard": True} if sound else {})},
    )  # fmt: skip


def _gap(frames: int, rate: float) -> dict[str, Any]:
    return _object("Gap.1", "", source_range=_range(0, frames, rate), effects=[], markers=[], enabled=True)


def _object(schema: str, name: str, **parts: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": schema, "name": name, "metadata": {}} | parts


def _time(frames: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frames)}


def _range(start: float, length: float, rate: float) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(start, rate),
        "duration": _time(length, rate),
    }
