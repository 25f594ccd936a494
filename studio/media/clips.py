"""Files of any kind <-> clips: the file's ending says which module reads or writes it."""

from __future__ import annotations

from pathlib import Path

from studio.core.clip import Clip, Kind
from studio.core.job import BadRequest, JobSpec, Source
from studio.core.sound import FILES as ENDINGS_OF_SOUND
from studio.media import image

ENDINGS: dict[Kind, str] = {"picture": ".png", "mask": ".png", "video": ".mp4", "sound": ".flac"}
"""What a result is saved as where nothing else was asked for."""
VIDEOS = (".mp4", ".webm", ".mkv", ".apng", ".mov", ".m4v", ".avi", ".mpg", ".mpeg")
"""Endings by which a file is taken for a film; a gif is one if it moves."""
SOUNDS = ENDINGS_OF_SOUND
"""Endings by which a file is taken for a sound."""


def kind_of(path: Path | str) -> Kind:
    """What a file is taken for by its ending; anything unknown is tried as a picture."""
    suffix = Path(path).suffix.lower()
    if suffix == ".gif":
        return "video" if _moves(path) else "picture"
    if suffix in VIDEOS:
        return "video"
    return "sound" if suffix in SOUNDS else "picture"


def endings(kind: Kind) -> tuple[str, ...]:
    """The endings that `save_clip` can write for a kind."""
    if kind == "video":
        from studio.media import video

        return tuple(video.WRITERS)
    if kind == "sound":
        from studio.media import sound

        return tuple(sound.WRITERS)
    return tuple(image.SUFFIXES)


def read_source(source: Source, kind: Kind = "picture") -> Clip:
    """An input of a request -> clip. A field for a picture may be given a film or a sound: the technique says what it
    makes of that.

    Raises:
        BadRequest: it cannot be read, or has changed since the request was made.
    """
    found = kind_of(source.path)
    if kind in ("picture", "mask") and found in ("picture", "mask"):
        return image.read_source(source, "mask" if kind == "mask" else "picture")
    if kind == "sound" and found == "video":
        found = "sound"  # a film's sound
    clip = read_clip(source.path, found)
    if source.sha256 and clip.digest() != source.sha256:
        raise BadRequest(
            f"{source.path} has changed since the request was made; choose it again, or remove sha256 from the request"
            " to use it as it is."
        )
    return clip


def read_clip(path: Path | str, kind: Kind | None = None) -> Clip:
    """A file -> clip; `kind` None = what its ending says.

    Raises:
        BadRequest: it cannot be read as that.
    """
    match kind or kind_of(path):
        case "video":
            from studio.media.video import read_video

            return read_video(path)
        case "sound":
            from studio.media.sound import read_sound

            return read_sound(path)
        case "mask":
            return image.read_mask(path)
        case "picture":
            return image.read_picture(path)


def save_clip(
    clip: Clip, path: Path | str, spec: JobSpec | None = None, *, quality: int = 92, replace: bool = True
) -> None:
    """Writes a clip in one step, with the request that made it.

    Raises:
        BadRequest: an ending that is none for this kind, full disk, read-only folder and the like.
        FileExistsError: the file is there and `replace` is false.
    """
    if clip.kind == "video":
        from studio.media.video import save_video as save
    elif clip.kind == "sound":
        from studio.media.sound import save_sound as save
    else:
        from studio.media.image import save_picture as save
    save(clip, path, spec, quality=quality, replace=replace)


def _moves(path: Path | str) -> bool:
    """Whether a gif has more than one picture; one that cannot be opened is left to the reader of pictures."""
    try:
        with image.opened(path, decode=False) as opened:
            return getattr(opened, "n_frames", 1) > 1
    except (BadRequest, OSError):
        return False
