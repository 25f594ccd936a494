"""Where the program's own files are, and where it keeps what it makes: the same from a checkout, an installed wheel
and an installer.

The program's own: the checkout that holds this package, then the folder `studio/_data` that packaging fills
(STUDIO_RESOURCES comes before both). A folder that does not exist is skipped, so a broken setting is not fatal.
Models are looked for in several folders, the first that has a model of a name wins: STUDIO_MODELS (a list, separated
like PATH), then the user's own below `home()`, then the built-in ones.
"""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _find(name: str, variable: str = "") -> Path:
    set_by_user = os.environ.get(variable) if variable else None
    places = [Path(set_by_user)] if set_by_user else []
    places += [_PACKAGE.parent / name, _PACKAGE / "_data" / name]
    return next((place for place in places if place.is_dir()), places[-1])


def resources() -> Path:
    """Folder of icons, fonts, themes, translations, sprites and samples (it may be absent in a broken install)."""
    return _find("resources", "STUDIO_RESOURCES")


def models() -> Path:
    """Folder with one folder per built-in model."""
    return _find("models")


def home() -> Path:
    """Folder for what the user makes and sets: queue, results, settings, own models. It may not exist yet.

    STUDIO_HOME, else the place that the system has for it (~/.local/share/diffusion-studio on Linux).
    """
    set_by_user = os.environ.get("STUDIO_HOME")
    if set_by_user:
        return Path(set_by_user)
    from platformdirs import user_data_path  # only needed without the variable, and start-up counts

    return user_data_path("diffusion-studio", appauthor=False)


def model_folders() -> list[Path]:
    """Folders to look for models in, most important first. Some may not exist."""
    own = [Path(part) for part in os.environ.get("STUDIO_MODELS", "").split(os.pathsep) if part]
    return list(dict.fromkeys([*own, home() / "models", *listed_models(), models()]))


def listed_models() -> list[Path]:
    """Folders of models that stay where they are: those that the user has named, one to a line of `models.txt`."""
    try:
        lines = (home() / "models.txt").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [Path(line.strip()) for line in lines if line.strip()]


def list_models(folders: list[Path]) -> None:
    """Writes the list, whole or not at all. Raises OSError."""
    path = home() / "models.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text("".join(f"{folder}\n" for folder in dict.fromkeys(folders)), "utf-8")
    beside.replace(path)
