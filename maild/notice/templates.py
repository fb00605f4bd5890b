"""Templates: one file a notice, language and form; an administrator's file goes before ours, each file by itself."""

import site
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound, pass_context
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.environment import TemplateModule
from jinja2.loaders import split_template_path
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedEnvironment

from maild.log import events
from maild.notice import dates, prose, timeline
from maild.notice.sentences import Sentence, sentence_of
from maild.settings.reading import SHARED_TEMPLATES

PAGE_CHARACTERS_MAX = (
    5_000_000  # The longest words and a dossier, escaped; a loop in a template must not fill the memory.
)
FALLBACK_LANGUAGE = "en"  # Complete by our own tests.
HTML, TEXT = ".html", ".txt"


@dataclass(frozen=True, slots=True)
class Page:
    """One rendered notice. `subject` is the template's own, for mail that belongs to no ticket; "" when it has none."""

    text: str
    html: str
    subject: str


class TooLong(Exception):
    """A template made more than any mail may hold."""


def shipped_folders() -> tuple[Path, ...]:
    """Return where the templates that come with maild may stand: the checkout, else where pip puts data files."""
    checkout = Path(__file__).resolve().parents[2]
    here = (checkout / "templates",) if (checkout / "setup.cfg").is_file() else ()
    installed = (Path(sys.prefix), Path(site.getuserbase()))
    return (*here, *(base / "share" / "maild" / "templates" for base in installed))


def template_folders(config_folder: Path, own_folder: Path | None = None) -> tuple[Path, ...]:
    """Return the folders in which a template is looked for, the administrator's first. Some may not exist.

    `own_folder` is `templates` of [desk], by default the folder of that name beside the configuration.
    """
    own = (config_folder / (own_folder or "templates"), Path("/etc/maild/templates"))
    return tuple(dict.fromkeys((*own, *shipped_folders())))


class _Folders(BaseLoader):
    """Finds ``<language>/<file>`` in the first folder that has it.

    What no folder has in that language is looked for among the parts that all languages share, then in English.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - jinja2's signature
        """Return source, path and freshness, as jinja2 asks for them."""
        path = self.find(template)
        if path is None:
            raise TemplateNotFound(template)
        return path.read_text(encoding="utf-8"), str(path), lambda: True

    def find(self, template: str) -> Path | None:
        """Return the file of a template; None when there is none. A name that leaves the folders raises."""
        language, *rest = split_template_path(template)
        for spoken in dict.fromkeys((language, SHARED_TEMPLATES, FALLBACK_LANGUAGE)):
            for folder in self.folders:
                path = folder.joinpath(spoken, *rest)
                if path.is_file():
                    return path
        return None


_METHODS_OF_DICTS = frozenset(dir(dict))


@lru_cache(maxsize=256)
def _facts_of(kind: type) -> frozenset[str]:
    """Return the fields and properties of a dataclass, which are all data; of any other type nothing."""
    properties = (name for name, value in vars(kind).items() if isinstance(value, property))
    return frozenset((*kind.__dataclass_fields__, *properties)) if is_dataclass(kind) else frozenset()


class _Environment(SandboxedEnvironment):
    """Jinja2's sandbox, in which a file names the others of its language without their folder.

    What files share is the same for all: nothing is added to it after the first is compiled.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a file finds beside its values, as one dict: every context is a copy of it."""
        return {**self.globals, **(d or {})}

    def join_path(self, template: str, parent: str) -> str:
        """Return a name as it stands in its own language's folder."""
        return template if "/" in template else f"{parent.partition('/')[0]}/{template}"

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute as the sandbox allows it; what is data or a macro needs no second look."""
        if attribute == "format" and (sentence := sentence_of(obj)) is not None:
            return sentence
        kind: type = type(obj)
        if kind is dict:
            if attribute in obj and attribute not in _METHODS_OF_DICTS:
                return obj[attribute]
        elif attribute in (obj.__dict__ if kind is TemplateModule else _facts_of(kind)) and attribute[0] != "_":
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, *args: Any, **named: Any) -> Any:
        """Call what the sandbox allows to be called; macros and sentences are our own words."""
        kind: type = type(obj)
        if kind is not Macro and kind is not Sentence:
            return super().call(context, obj, *args, **named)
        for internal in ("_block_vars", "_loop_vars"):  # as `Context.call` does
            named.pop(internal, None)
        return obj(context.eval_ctx, *args, **named) if kind is Macro else obj(*args, **named)


class Compiled(BytecodeCache):
    """Files that were compiled: what is pickled of it saves another process that work.

    Each is kept with a digest of its source, so that one that was changed since is compiled anew.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what is there now, from any thread: others may compile meanwhile."""
        return {"_kept": dict(self._kept)}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in a file that was compiled; jinja2 leaves it out when the source is another by now."""
        if (octets := self._kept.get(bucket.key)) is not None:
            bucket.bytecode_from_string(octets)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a file that jinja2 has compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


class Templates:
    """All templates of one configuration. Compiled when first used; a reload makes another one.

    `spared` False: a broken file of the administrator's is raised, not replaced. `compiled` is what somebody else has
    compiled before.
    """

    def __init__(self, folders: tuple[Path, ...], *, spared: bool = True, compiled: Compiled | None = None) -> None:
        self.folders = folders
        self.compiled = compiled or Compiled()
        self._environment = _environment(folders, self.compiled)
        shipped = tuple(f for f in folders if f in shipped_folders())
        self._spare = _environment(shipped, self.compiled) if spared and 0 < len(shipped) < len(folders) else None

    def find(self, language: str, name: str, form: str) -> Path | None:
        """Return the file that ``name`` would be read from; `form` is ``.txt`` or ``.html``."""
        loader = self._environment.loader
        assert isinstance(loader, _Folders)
        return loader.find(f"{language}/{name}{form}")

    def strictly(self, language: str, name: str, values: Mapping[str, Any]) -> Page:
        """Return a rendered page; whatever is wrong with a template is raised."""
        return _page(self._environment, language, name, values)

    def page(self, language: str, name: str, values: Mapping[str, Any]) -> Page:
        """Return a rendered page; a broken file of the administrator's is logged and ours is used in its place."""
        try:
            return self.strictly(language, name, values)
        except Exception as fault:  # A template is a program of the administrator's: it may fail in any way.
            if self._spare is None:
                raise
            events.template_failed(template=name, language=language, because=f"{type(fault).__name__}: {fault}")
            return _page(self._spare, language, name, values)


def _environment(folders: tuple[Path, ...], compiled: Compiled) -> Environment:
    environment = _Environment(
        loader=_Folders(folders),
        bytecode_cache=compiled,
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(HTML),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(prose.FILTERS)
    environment.filters.update(dates.FILTERS)
    environment.filters.update(timeline.FILTERS)
    environment.globals["mailto"] = mailto
    return environment


@pass_context
def mailto(context: Context, body: str = "") -> str:
    """Return a link that answers this mail with `body` when it is pressed and sent (RFC 6068)."""
    subject = " ".join(f"Re: {context['subject']}".split())
    said = f"?subject={_percent(subject)}" + (f"&body={_percent(body)}" if body else "")
    return f"mailto:{_percent(context['reply_to'], '@+')}{said}"


def _percent(text: str, safe: str = "") -> str:
    return percent(text, safe=safe, errors="replace")


def _page(environment: Environment, language: str, name: str, values: Mapping[str, Any]) -> Page:
    template = environment.get_template(f"{language}/{name}{TEXT}")
    text = _limited(template.generate(values))
    html = _limited(environment.get_template(f"{language}/{name}{HTML}").generate(values))
    subject = template.blocks.get("subject")
    own = _limited(subject(template.new_context(dict(values)))) if subject is not None else ""
    return Page(_thinned(text), html.strip() + "\n", " ".join(own.split()))


def _limited(pieces: Iterator[str]) -> str:
    kept, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > PAGE_CHARACTERS_MAX:
            raise TooLong(f"it makes more than {PAGE_CHARACTERS_MAX} characters")
        kept.append(piece)
    return "".join(kept)


def _thinned(text: str) -> str:
    """Return plain text without the blank lines that conditions leave; those in people's words stay."""
    lines: list[str] = []
    for line in (line.rstrip(" \t") for line in text.split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).replace(prose.KEEP, "").strip("\n") + "\n"
