"""The program without its window: every technique by its own name, requests from files, the tour, the measurements.

The options of a technique come from its schema, as the window's form does; values are checked by the same models, so the
sentences about mistakes are the same everywhere. Imports wait until they are needed: `studio --help` loads neither torch nor Qt.

Exit codes: 0 done, 2 the request cannot be run as it stands, 3 it failed, 130 cancelled (Ctrl+C or a polite kill).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from studio.core.job import (
    TECHNIQUES,
    BadRequest,
    Cancelled,
    Done,
    Event,
    Failed,
    JobSpec,
    Preview,
    Progress,
    Result,
    Source,
    inputs_of,
    read_spec,
)
from studio.core.job import with_inputs as replaced

if TYPE_CHECKING:
    from studio.core.card import ModelCard
    from studio.core.clip import Clip

DONE, BAD_REQUEST, FAILED, CANCELLED = 0, 2, 3, 130

Reader = Callable[[Source], "Clip"]


def main(argv: list[str]) -> int:
    """Runs one command line and returns its exit code; never raises for a user's mistake."""
    for stream in (sys.stdout, sys.stderr):  # a prompt may have letters that the terminal's encoding lacks
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _dispatch(argv)
    except BadRequest as error:
        return _say(str(error), BAD_REQUEST)
    except KeyboardInterrupt:
        return _say("Cancelled.", CANCELLED)
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        _drop_stdout()
        return DONE


def _dispatch(argv: list[str]) -> int:
    verb, rest = (argv[0], argv[1:]) if argv else ("--help", [])
    if verb in ("-h", "--help", "help"):
        print(_overview())
        return DONE
    if verb in ("-V", "--version", "version"):
        print(f"studio {_version()}")
        return DONE
    try:
        if verb in TECHNIQUES:
            return _technique(verb, rest)
        if verb in VERBS:
            return VERBS[verb][1](rest)
    except SystemExit as stop:  # argparse: --help, or one sentence that it has already said
        return stop.code if isinstance(stop.code, int) else BAD_REQUEST
    from difflib import get_close_matches

    near = get_close_matches(verb, [*TECHNIQUES, *VERBS], 1)
    meant = f"did you mean {near[0]}? " if near else ""
    raise BadRequest(f"There is no {verb!r} here; {meant}`studio --help` lists what there is.")


def _overview() -> str:
    width = max(map(len, [*TECHNIQUES, *VERBS])) + 2
    lines = [
        "usage: studio                       open the window",
        "       studio TECHNIQUE [options]   make something, e.g. studio text2image --prompt 'a red fox' --seed 1 --out DIR",
        "       studio VERB [options]",
        "",
        "techniques:",
        *(f"  {name:<{width}}{cls.blurb}" for name, cls in TECHNIQUES.items()),
        "",
        "verbs:",
        *(f"  {name:<{width}}{blurb}" for name, (blurb, _) in VERBS.items()),
        "",
        "options of each: studio NAME --help. Exit codes: 0 done, 2 bad request, 3 failed, 130 cancelled.",
    ]
    return "\n".join(lines)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("diffusion-studio")
    except PackageNotFoundError:
        return "(from a checkout)"


def _say(sentence: str, code: int) -> int:
    print(f"studio: {sentence}", file=sys.stderr)
    return code


def _drop_stdout() -> None:
    """Sends what is still written to nowhere, so that Python does not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --- options ------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """argparse that says mistakes in one sentence."""

    def __init__(self, verb: str, description: str, **more: Any) -> None:
        super().__init__(
            f"studio {verb}", description=description.replace("%", "%%"), allow_abbrev=False, **more
        )

    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ")
        raise BadRequest(f"{message}; `{self.prog} --help` lists the options.")


def _technique(name: str, argv: list[str]) -> int:
    return _run(*_asked(name, argv))


def _asked(name: str, argv: list[str], verb: str = "") -> tuple[JobSpec, argparse.Namespace]:
    """The request of a technique's options, and those that are about the output."""
    cls = TECHNIQUES[name]
    parser = _Parser(f"{verb} {name}".strip(), f"{cls.title}. {cls.blurb}")
    common = parser.add_argument_group("request")
    common.add_argument("--model", help="id of a model (studio models); empty = the first that can do it")
    drawn = (
        cls.makes == "picture" or "width" in cls.model_fields
    )  # other clips are as large as what they are made from
    if drawn and cls.ability != "upscale" and not cls.teaches:
        common.add_argument(
            "--second",
            metavar="MODEL",
            help="model that enlarges what the first one draws small; none = it is only scaled; empty = as the first one's card says",
        )
    common.add_argument("--seed", metavar="N", help="of the first result; the next ones count up [0]")
    common.add_argument("--count", metavar="N", help="how many results [1]")
    _add_output(parser)
    own = parser.add_argument_group("technique")
    schema = cls.model_json_schema()
    fields = {field: entry for field, entry in schema["properties"].items() if field != "name"}
    for field, entry in fields.items():
        _add_option(own, field, entry, field in schema.get("required", ()), schema.get("$defs", {}))
    args = parser.parse_args(argv)
    technique = {field: getattr(args, field) for field in fields if hasattr(args, field)}
    keys = ("model", "second", "seed", "count")
    request = {key: value for key in keys if (value := getattr(args, key, None)) is not None}
    if request.get("second") == "none":
        request["second"] = ""
    return read_spec({"technique": {"name": name, **technique}, **request}), args


def _add_option(group: Any, field: str, entry: dict[str, Any], required: bool, defs: dict[str, Any]) -> None:
    """One option from one property of a technique's schema. Values stay text: the technique's model checks them."""
    kinds = [_resolved(kind, defs) for kind in entry.get("anyOf", entry.get("allOf", [entry]))]
    kind = next((k for k in kinds if k.get("type") != "null"), {})
    options: dict[str, Any] = {"dest": field, "default": argparse.SUPPRESS, "metavar": "TEXT"}
    if kind.get("title") == "Source":
        options["metavar"] = "FILE"
    elif "enum" in kind:
        options["metavar"] = "{" + ",".join(map(str, kind["enum"])) + "}"
    elif kind.get("type") in ("integer", "number"):
        options["metavar"] = "N"
    elif kind.get("type") == "boolean":
        options |= {"action": argparse.BooleanOptionalAction}
        del options["metavar"]
    elif kind.get("type") == "array":
        items = [_resolved(item, defs) for item in kind.get("prefixItems", [kind.get("items", {})])]
        plain = all(
            item.get("type") in ("integer", "number", "string") or item.get("title") in ("Source", "Adapter")
            for item in items
        )
        if plain:
            options |= {
                "nargs": len(items) if "prefixItems" in kind else "+",
                "metavar": "N" if items[0].get("type") != "string" else "TEXT",
            }
        else:
            options |= {"type": _json, "metavar": "JSON"}
    elif kind.get("type") == "object":
        options |= {"type": _json, "metavar": "JSON"}
    group.add_argument(
        "--" + field.replace("_", "-"), help=_help(entry, kind, required), required=required, **options
    )


def _resolved(kind: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    return defs.get(kind["$ref"].split("/")[-1], {}) if "$ref" in kind else kind


def _help(entry: dict[str, Any], kind: dict[str, Any], required: bool) -> str:
    text = entry.get("description") or entry.get("title", "")
    low = kind.get("minimum", kind.get("exclusiveMinimum"))
    high = kind.get("maximum", kind.get("exclusiveMaximum"))
    extra = f" ({low:g} to {high:g})" if low is not None and high is not None and high < 1e9 else ""
    default = entry.get("default")
    if not required and default not in (None, "", []):
        extra += f" [{' '.join(map(str, default)) if isinstance(default, list) else default}]"
    return (text + extra).replace("%", "%%")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"not valid JSON ({error})") from None


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("studio-out"),
        help="folder for results and result.json, or the name of one file, as car.png [studio-out]",
    )
    group.add_argument(
        "--format",
        metavar="TYPE",
        help="pictures: png, jpg, webp, avif, tiff [png]; films: mp4, webm, mkv, gif, apng [mp4]; sound: flac, wav, ogg, opus, mp3 [flac]",
    )
    group.add_argument(
        "--quality", metavar="N", type=int, default=92, help="of formats that lose something, 1 to 100 [92]"
    )
    group.add_argument("--events", action="store_true", help="print every event as one line of JSON")
    group.add_argument(
        "--previews", metavar="DIR", type=Path, help="write previews of unfinished results there"
    )
    _add_device(group)


def _add_device(group: Any) -> None:
    group.add_argument("--device", help="cpu, cuda, cuda:1, mps, ... [the best there is]")


# --- running one request ------------------------------------------------------------------------------------


def _render(argv: list[str]) -> int:
    parser = _Parser("render", VERBS["render"][0])
    parser.add_argument("spec", metavar="SPEC.json", help="a request; - reads it from standard input")
    _add_output(parser)
    args = parser.parse_args(argv)
    return _run(read_spec(_read_text(args.spec)), args)


def _preview(argv: list[str]) -> int:
    """`preview TECHNIQUE OPTIONS` or `preview SPEC.json`."""
    if argv and argv[0] in TECHNIQUES:
        spec, args = _asked(argv[0], argv[1:], "preview")
    else:
        parser = _Parser("preview", VERBS["preview"][0])
        parser.add_argument(
            "spec", metavar="SPEC.json", help="a request, or - , or a technique with its options"
        )
        _add_output(parser)
        args = parser.parse_args(argv)
        spec = read_spec(_read_text(args.spec))
    return _run(spec, args, _Preview)


def _read_text(name: str, limit: int = 64_000_000) -> str:
    if name == "-":
        raw = sys.stdin.buffer.read(limit + 1)
    else:
        from studio.media.files import check_file, sentence

        check_file(name)
        try:
            with open(name, "rb") as file:
                raw = file.read(limit + 1)
        except OSError as error:
            raise BadRequest(sentence(name, error)) from None
    if len(raw) > limit:
        raise BadRequest(
            f"{name} is larger than {limit // 10**6} MB and cannot be a request; check the path."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest(
            f"{name} is not a text in UTF-8; export the request from the studio again."
        ) from None


def _run(spec: JobSpec, args: argparse.Namespace, kind: type[_Run] | None = None) -> int:
    """Runs a request, writes its results as they come and says how it ended."""
    run = (kind or _Run)(spec, args)
    with _stoppable() as waiting:
        try:
            run.check()
            with _bar() as show:
                run.follow(waiting, show)
        except BadRequest as error:
            run.end(Failed(str(error), kind="request"))
        except KeyboardInterrupt:
            run.end(Cancelled())
        except MemoryError:
            run.end(
                Failed(
                    "Memory ran out; close other programs, or ask for a smaller size or fewer results.",
                    traceback.format_exc(),
                    "memory",
                )
            )
        except ImportError as error:
            run.end(
                Failed(
                    f"The engine cannot be loaded ({error}); set the studio up again with python packaging/dev.py run.",
                    traceback.format_exc(),
                    "engine",
                )
            )
        except Exception as error:
            run.end(Failed(f"The job failed: {type(error).__name__}: {error}", traceback.format_exc()))
    return run.report()


class _Run:
    """One request on its way: its files, and result.json, which is right after every step."""

    def __init__(self, spec: JobSpec, args: argparse.Namespace) -> None:
        self.spec, self.args = spec, args
        self.folder: Path = args.out
        self.suffix = "." + args.format.lower().lstrip(".") if args.format else ""
        self.name: str | None = None
        """What results are called where `--out` names a file."""
        self.results: list[dict[str, Any]] = []
        self.last: Failed | Cancelled | Done | None = None
        self.trouble = ""
        """Why a result is not where it should be, or why a part of the output is missing."""
        self.reader: Reader | None = None
        self.checked = False

    def check(self) -> None:
        """Finds what cannot work before anything is drawn."""
        from studio.media.clips import endings
        from studio.media.files import ready_folder

        known = endings(self.spec.technique.makes)
        self.named()
        if self.suffix and self.suffix.lower() not in known:
            raise BadRequest(
                f"format: {self.args.format} cannot be written; use one of {', '.join(s[1:] for s in known)}."
            )
        if not 1 <= self.args.quality <= 100:
            raise BadRequest(f"quality: must be from 1 to 100, not {self.args.quality}.")
        technique = self.spec.technique
        pixels = (getattr(technique, "width", None) or 512) * (getattr(technique, "height", None) or 512)
        ready_folder(self.folder, need=(1 << 20) + 3 * pixels * self.spec.count)
        if self.args.previews:
            ready_folder(self.args.previews, field="previews")
        self.checked = True
        self.spec, self.reader = with_inputs(self.spec)

    def named(self) -> None:
        """`--out car.png` names a file, unless there is such a folder: one more result is called as in a folder, car_0001.png."""
        from studio.media.clips import ENDINGS, endings

        out, makes = self.args.out, self.spec.technique.makes
        suffix = out.suffix.lower()
        if not suffix or out.is_dir():
            return
        if suffix not in {ending for kind in ENDINGS for ending in endings(kind)}:
            return
        if suffix not in endings(makes):
            raise BadRequest(
                f"out: {out.name} is no name for a {makes}; end it in one of {', '.join(endings(makes))}, or name a folder."
            )
        if self.suffix not in ("", suffix):
            raise BadRequest(
                f"format: {self.args.format} and the name {out.name} do not go together; leave one out."
            )
        self.folder, self.name, self.suffix = out.parent, out.stem, out.suffix

    def follow(self, waiting: Callable[[], Any], show: Callable[[Event], None]) -> None:
        with waiting():
            from studio.core.paths import model_folders
            from studio.engine.engine import Engine

            with _known_device(self.args.device):
                engine = Engine(model_folders(), device=self.args.device, read=self.reader)
            events = self.events(engine)
        try:
            while self.last is None:
                with waiting():  # a result that has arrived is saved before a Ctrl+C is heard
                    event = next(events, None)
                if event is None:
                    raise RuntimeError("the engine stopped without a word")
                show(event)
                self.take(event)
        finally:
            close = getattr(events, "close", None)
            if close:
                close()  # restores whatever the job attached to the model

    def events(self, engine: Any) -> Iterator[Event]:
        return iter(engine.run(self.spec))

    def take(self, event: Event) -> None:
        match event:
            case Result():
                self.keep(event)
            case Preview():
                self.emit(_as_json(event) | self.preview(event))
            case Failed() | Cancelled() | Done():
                self.end(event)
            case _:
                self.emit(_as_json(event))

    def keep(self, result: Result) -> None:
        path = self.save(result)
        entry = _as_json(result) | {"file": _shown(path, self.folder)}
        self.results.append({k: v for k, v in entry.items() if k != "type"})
        self.emit(entry)
        if path and not self.args.events:
            self.line(str(path))
        self.write_report()

    def save(self, result: Result) -> Path | None:
        """Into the folder that was asked for, or where there is room: what is drawn is not thrown away."""
        from tempfile import gettempdir

        from studio.core.paths import home
        from studio.media.results import save_result

        for folder in (self.folder, home() / "rescued", Path(gettempdir()) / "studio-rescued"):
            try:
                path = save_result(
                    result, folder, name=self.name, suffix=self.suffix, quality=self.args.quality
                )
            except BadRequest as error:
                self.trouble = self.trouble or str(error)
            else:
                if folder != self.folder:
                    self.trouble += f" The result was saved as {path} instead."
                return path
        return None

    def preview(self, event: Preview) -> dict[str, Any]:
        if not self.args.previews:
            return {}
        from studio.media.image import save_picture

        path = self.args.previews / f"preview_{event.index:02d}_{event.step:04d}.png"
        try:
            save_picture(event.clip, path)
        except BadRequest:  # a preview is not worth a job
            return {}
        return {"file": str(path)}

    def end(self, event: Failed | Cancelled | Done) -> None:
        self.last = event
        self.emit(_as_json(event))
        if self.checked:
            self.write_report()

    def emit(self, entry: dict[str, Any]) -> None:
        if self.args.events:
            self.line(json.dumps(entry, ensure_ascii=False))

    def line(self, text: str) -> None:
        try:
            print(text, flush=True)
        except BrokenPipeError:  # nobody listens any more; the results are still wanted
            _drop_stdout()

    def write_report(self) -> None:
        """Beside the results; a file that was named stays alone, as its request is inside it."""
        from studio.media.files import write_whole

        if self.name:
            return

        first = self.results[0] if self.results else {}
        spec = self.spec.model_dump(mode="json")
        if first:  # with every default filled in, for all results at once
            spec = {**first["spec"], "count": self.spec.count, "seed": self.spec.seed}
        seconds: dict[str, float] = {}
        for result in self.results:
            for stage, value in result["seconds"].items():
                seconds[stage] = round(seconds.get(stage, 0.0) + value, 4)
        if isinstance(self.last, Done) and self.last.seconds:
            seconds = {stage: round(value, 4) for stage, value in self.last.seconds.items()}
        report = {
            "status": type(self.last).__name__.lower() if self.last else "running",
            "message": self.trouble or (self.last.message if isinstance(self.last, Failed) else ""),
            "details": self.last.details if isinstance(self.last, Failed) else "",
            "spec": spec,
            "files": [result["file"] for result in self.results],
            "seconds": seconds,
            "device": first.get("device", ""),
            "model": spec["model"],
            "seed": self.spec.seed,
            "peak_memory": max((result["memory"] for result in self.results), default=0),
            "notes": list(dict.fromkeys(note for result in self.results for note in result["notes"])),
            "results": self.results,
        }
        text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        try:
            write_whole(self.folder / "result.json", lambda file: file.write(text.encode("utf-8", "replace")))
        except BadRequest as error:
            self.trouble = self.trouble or str(error)

    def report(self) -> int:
        """Says the one sentence that remains to be said; returns the exit code."""
        kept = (
            f" {len(self.results)} of {self.spec.count} results are in {self.folder}." if self.results else ""
        )
        match self.last:
            case Failed(message=message, kind="request") if not self.results:
                return _say(message, BAD_REQUEST)
            case Failed(message=message):
                return _say(message + kept, FAILED)
            case Cancelled():
                return _say("Cancelled." + kept, CANCELLED)
            case _ if self.trouble:
                return _say(self.trouble, FAILED)
            case _:
                return DONE


class _Preview(_Run):
    """The quick picture of a request, as it follows the hand in the window: by the model's student where it has one, else in few
    steps at a small size; with the noise, and so the composition, of the finished picture."""

    def events(self, engine: Any) -> Iterator[Event]:
        from studio.core.sketch import sketched

        resolved = engine.resolve(self.spec)
        spec = self.spec.model_copy(update={"model": resolved.model})
        assert self.reader is not None
        clips = [self.reader(source) for source, _ in inputs_of(spec.technique).values()]
        sketch = sketched(spec, engine.cards, {clip.digest(): clip for clip in clips})
        self.spec = sketch.spec
        return iter(engine.sketch(sketch))


def with_inputs(spec: JobSpec) -> tuple[JobSpec, Reader]:
    """Opens every input once: -> the request with absolute paths and digests, so that it means the same elsewhere and
    later, and a reader that gives the opened clips.

    Raises:
        BadRequest: an input cannot be used; the sentence begins with the field's name.
    """
    from studio.media.clips import read_source

    technique = spec.technique
    clips: dict[str, Clip] = {}
    changes: dict[str, Source] = {}
    for name, (source, kind) in inputs_of(technique).items():
        try:
            clip = read_source(source, kind)
        except BadRequest as error:
            raise BadRequest(f"{name}: {error}") from None
        changes[name] = Source(path=os.path.abspath(source.path), sha256=clip.digest())
        clips[changes[name].sha256] = clip
    if changes:
        spec = spec.model_copy(update={"technique": replaced(technique, changes)})
    return spec, lambda source: clips.get(source.sha256) or read_source(source)


def _as_json(event: Event) -> dict[str, Any]:
    kind = {"type": type(event).__name__.lower()}
    match event:
        case Progress():
            return kind | {
                "stage": event.stage,
                "step": event.step,
                "total": event.total,
                "left": event.left,
                "memory": event.memory,
            }
        case Preview():
            return kind | {
                "step": event.step,
                "index": event.index,
                "width": event.clip.width,
                "height": event.clip.height,
            }
        case Result():
            return kind | {
                "index": event.index,
                "seed": event.spec.seed,
                "kind": event.clip.kind,
                "shape": list(event.clip.array.shape),
                "sha256": event.clip.digest(),
                "seconds": {stage: round(value, 4) for stage, value in event.seconds.items()},
                "device": event.device,
                "memory": event.memory,
                "notes": list(event.notes),
                "spec": event.spec.model_dump(mode="json"),
            }
        case Failed():
            return kind | {"message": event.message, "kind": event.kind}
        case Done():
            return kind | {"seconds": {stage: round(value, 4) for stage, value in event.seconds.items()}}
        case Cancelled():
            return dict(kind)


def _shown(path: Path | None, folder: Path) -> str | None:
    """Results are named relative to their result.json, so that the folder can be moved."""
    if path is None:
        return None
    return path.name if path.parent == folder else str(path)


@contextmanager
def _known_device(name: str | None) -> Iterator[None]:
    """The library's complaint about a device's name, as a bad request."""
    try:
        yield
    except (RuntimeError, AssertionError) as error:
        if not name:
            raise
        why = str(error).strip().split("\n")[0][:120]
        raise BadRequest(
            f"device: {name} cannot be used here ({why}); use cpu, or leave the option out for the best there is."
        ) from None


@contextmanager
def _stoppable() -> Iterator[Callable[[], Any]]:
    """Ctrl+C and SIGTERM become KeyboardInterrupt, but only inside `with waiting():`; elsewhere (a result is just being saved)
    they wait for the next such place. A second one is heard everywhere."""
    state = {"wanted": 0, "open": False}

    def heard(number: int, frame: FrameType | None) -> None:
        state["wanted"] += 1
        if state["open"] or state["wanted"] > 1:
            raise KeyboardInterrupt

    @contextmanager
    def waiting() -> Iterator[None]:
        if state["wanted"]:
            raise KeyboardInterrupt
        state["open"] = True
        try:
            yield
        finally:
            state["open"] = False

    import threading

    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield waiting
        return
    # Also where the shell has turned Ctrl+C off (a job in the background): kill -INT is then meant for us.
    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield waiting
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextmanager
def _bar() -> Iterator[Callable[[Event], None]]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda event: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        stage = "starting"

        def show(event: Event) -> None:
            nonlocal task, stage
            if not isinstance(event, Progress):
                return
            if event.stage != stage:  # a new row: a bar cannot go back to "no total known"
                bar.remove_task(task)
                task, stage = bar.add_task(event.stage, total=event.total or None), event.stage
            bar.update(task, completed=event.step, total=event.total or None)

        yield show


# --- the other verbs ------------------------------------------------------------------------------------------


def _techniques(argv: list[str]) -> int:
    parser = _Parser("techniques", VERBS["techniques"][0])
    parser.add_argument("--json", action="store_true", help="with the schema of each")
    if not parser.parse_args(argv).json:
        for name, cls in TECHNIQUES.items():
            print(f"{name:<16}{cls.title}: {cls.blurb}")
        return DONE
    from studio.core.paths import model_folders

    cards, _ = _found(model_folders())
    rows = [
        {
            "name": name,
            "title": cls.title,
            "blurb": cls.blurb,
            "makes": cls.makes,
            "models": [card.id for card in cards.values() if cls.ability in card.abilities],
            "schema": cls.model_json_schema(),
        }
        for name, cls in TECHNIQUES.items()
    ]
    print(json.dumps(rows, indent=2, ensure_ascii=False))
    return DONE


def _found(folders: list[Path]) -> tuple[dict[str, ModelCard], list[str]]:
    """The models in these folders; those without a card are looked at by the engine, which takes seconds to load."""
    from studio.core.card import find_cards

    inside = [place for folder in folders for place in (folder, *folder.glob("*")) if place.is_dir()]
    marks = ("model_index.json", "config.json", "unet/config.json")
    laid = any(
        True
        for folder in folders
        for place in ("", "loras", "adapters")
        for _ in (folder / place).glob("*.safetensors")
    )
    if laid or any((p / mark).is_file() for p in inside if not (p / "card.toml").is_file() for mark in marks):
        from studio.engine.load import find_models

        return find_models(*folders)
    return find_cards(*folders)


def _models(argv: list[str]) -> int:
    from studio.core.paths import model_folders

    parser = _Parser("models", VERBS["models"][0])
    parser.add_argument("--json", action="store_true", help="the whole card of each")
    args = parser.parse_args(argv)
    folders = model_folders()
    cards, broken = _found(folders)
    if args.json:
        print(
            json.dumps(
                [card.model_dump(mode="json") for card in cards.values()], indent=2, ensure_ascii=False
            )
        )
    else:
        for card in cards.values():
            can = (
                ", ".join(name for name, cls in TECHNIQUES.items() if cls.ability in card.abilities)
                or "nothing by itself"
            )
            width, height = card.sizes.native
            if card.lora:
                print(f"{card.id:<20}{card.title} (adapter{', ' + card.lora.kind if card.lora.kind else ''})")
            else:
                print(f"{card.id:<20}{card.title} ({width} x {height}): {can}")
        if not cards:
            print(
                "No models were found in "
                + ", ".join(map(str, folders))
                + "; put a model's folder into one of them.",
                file=sys.stderr,
            )
    for sentence in broken:
        _say(sentence, DONE)
    return DONE


def _settings(argv: list[str]) -> int:
    parser = _Parser("settings", VERBS["settings"][0])
    parser.add_argument(
        "file", metavar="FILE", help="a picture made by the studio, A1111, ComfyUI or InvokeAI"
    )
    parser.add_argument(
        "--image", metavar="FILE", help="the picture to start from, where the file was made from one"
    )
    args = parser.parse_args(argv)
    from studio.media.metadata import read_settings, to_spec

    spec, notes = to_spec(read_settings(args.file), args.image)
    print(spec.to_json(indent=2))
    for note in notes:
        _say(note, DONE)
    return DONE


def _tour(argv: list[str]) -> int:
    parser = _Parser("tour", VERBS["tour"][0])
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("studio-tour"),
        help="folder for the page, its pictures and tour.json [studio-tour]",
    )
    parser.add_argument("--model", help="only this model")
    _add_device(parser)
    args = parser.parse_args(argv)
    return make_tour(args.out, args.model, args.device)


def make_tour(out: Path, model: str | None = None, device: str | None = None) -> int:
    """The tour of the built-in models, or of one that is named: a user's own may take an hour on a processor."""
    from studio.core.paths import home, model_folders
    from studio.media.files import ready_folder

    ready_folder(out, need=20 << 20)
    folders = [folder for folder in model_folders() if model or folder != home() / "models"]
    with _stoppable() as waiting, _bar() as show, waiting():
        from studio.bench.tour import run

        with _known_device(device):
            entries = run(out, folders, model=model, device=device, show=show)
    print(out.resolve() / "index.html", flush=True)
    if not entries:
        return _say(
            "No model was found that can do anything, so the tour is empty; `studio models` says where they are looked for.",
            FAILED,
        )
    failed = [
        f"{entry['technique']} on {entry['model']}" for entry in entries if entry["model"] and not entry["ok"]
    ]
    return (
        _say(f"Of {len(entries)} jobs {len(failed)} failed: {', '.join(failed)}.", FAILED) if failed else DONE
    )


def _compare(argv: list[str]) -> int:
    parser = _Parser(
        "compare", "One edit by several techniques, side by side, with what each of them changed."
    )
    parser.add_argument("--image", metavar="FILE", required=True, help="the picture to change")
    parser.add_argument("--source-prompt", metavar="TEXT", default="", help="what it shows")
    parser.add_argument("--prompt", metavar="TEXT", default="", help="what the result is to show")
    parser.add_argument(
        "--instruction", metavar="TEXT", default="", help="what to do, for models that are told so"
    )
    parser.add_argument("--mask", metavar="FILE", help="where, for techniques that need to know")
    parser.add_argument(
        "--with", nargs="+", metavar="NAME", default=[], dest="names", help="only these techniques"
    )
    parser.add_argument("--model", default="", help="only this model")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("studio-compare"), help="[studio-compare]"
    )
    _add_device(parser)
    args = parser.parse_args(argv)
    from studio.core.compare import Wish
    from studio.media.files import ready_folder

    mask = Source(path=os.path.abspath(args.mask)) if args.mask else None
    wish = Wish(
        Source(path=os.path.abspath(args.image)), args.source_prompt, args.prompt, args.instruction, mask
    )
    ready_folder(args.out, need=20 << 20)
    with _stoppable() as waiting, _bar() as show, waiting():
        from studio.bench.compare import run

        with _known_device(args.device):
            answers = run(
                wish, args.out, args.names, model=args.model, seed=args.seed, device=args.device, show=show
            )
    print(args.out.resolve() / "index.html", flush=True)
    failed = [f"{a.spec.technique.name} ({a.message})" for a in answers if not a.picture]
    return _say(f"Failed: {'; '.join(failed)}", FAILED) if failed else DONE


def _film(argv: list[str]) -> int:
    parser = _Parser(
        "film",
        "Writes the film of a project, or files one after the other, as mp4, webm, mkv, gif, apng, a folder of frames (.png), or for"
        " other editors (.otio).",
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="a project (.ora), or films, pictures, folders of frames, and sounds",
    )
    parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="its ending says the format")
    parser.add_argument("--size", metavar="WxH", help="in pixels [the film's]")
    parser.add_argument(
        "--rate", metavar="FPS", type=float, default=0.0, help="frames per second [the film's]"
    )
    parser.add_argument("--quality", metavar="1-100", type=int, default=80, help="of mp4 and webm [80]")
    parser.add_argument(
        "--frames",
        metavar="FIRST:END",
        help="only these; END is the frame after the last [all, or the project's range]",
    )
    parser.add_argument("--no-sound", action="store_true", help="pictures alone")
    parser.add_argument("--replace", action="store_true", help="also where the file is there already")
    args = parser.parse_args(argv)
    from studio.media.render import Render, film_of, render

    if not 1 <= args.quality <= 100 or not (args.rate == 0 or 1 <= args.rate <= 240):
        raise BadRequest("--quality goes from 1 to 100, --rate from 1 to 240.")
    wide, high = _pair(args.size, "x", "--size", "640x360") or (0, 0)
    span = _pair(args.frames, ":", "--frames", "0:48")
    out: Path = args.out
    if not args.replace and (out.exists() or (out.suffix.lower() == ".png" and out.with_suffix("").exists())):
        raise BadRequest(f"{out} is there already; name another file, or add --replace.")
    with _stoppable() as waiting, _bar() as show, waiting():
        timeline, notes = film_of([Path(name) for name in args.files])
        for note in notes:
            _say(note, DONE)

        def told(share: float) -> None:
            show(Progress("exporting", round(share * 1000), 1000, None))

        if out.suffix.lower() == ".otio":
            from studio.media.otio import export

            made = export(timeline, out, told)
        else:
            wanted = Render(out, wide, high, args.rate, args.quality, span, not args.no_sound, args.replace)
            made = render(timeline, wanted, told)
    print(made.resolve(), flush=True)
    return DONE


def _pair(text: str | None, between: str, option: str, example: str) -> tuple[int, int] | None:
    """Two whole numbers, as in 640x360."""
    if text is None:
        return None
    parts = text.split(between)
    if len(parts) != 2 or not all(part.strip().isdigit() for part in parts) or int(parts[1]) < 1:
        raise BadRequest(f"{option}: {text!r} is not understood; write it as in {example}.")
    return int(parts[0]), int(parts[1])


def _bench(argv: list[str]) -> int:
    from studio.bench.run import main as bench

    return bench(argv)


VERBS: dict[str, tuple[str, Callable[[list[str]], int]]] = {
    "render": ("run a request from a JSON file", _render),
    "preview": ("the quick picture of a request, as it follows the hand in the window", _preview),
    "techniques": ("list the techniques", _techniques),
    "models": ("list the models that are here", _models),
    "settings": ("print the request that a picture was made with", _settings),
    "tour": ("one job of every technique, as one page", _tour),
    "compare": ("one edit by several techniques, as one page", _compare),
    "film": ("export the film of a project, or files one after the other", _film),
    "bench": ("measure the studio", _bench),
}
