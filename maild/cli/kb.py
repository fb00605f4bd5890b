"""`maild kb search`: which articles of the knowledge base answer some words."""

from __future__ import annotations

from collections.abc import Sequence

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import limit_option

COLUMNS = ("name", "language", "title", "score")
BEST = 10


@click.group(cls=output.Group)
def command() -> None:
    """The knowledge base."""


@command.command()
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option("--lang", metavar="L", default="", help="The language wanted first; else the desk's.")
@limit_option
@output.json_option
@pass_invocation
def search(invocation: Invocation, words: Sequence[str], lang: str, limit: int | None, as_json: bool) -> None:
    """List the articles that answer WORDS, the best first, as `#kb` finds them. 65 when there is no knowledge base."""
    from maild.service.shelves import read_knowledge

    configuration = invocation.configuration
    folder = configuration.settings.desk.knowledge_base
    if folder is None:
        raise output.CommandError("there is no knowledge base; name its folder: [desk] knowledge_base")
    known = read_knowledge(configuration.path.parent / folder)
    languages = (*((lang.lower(),) if lang else ()), *configuration.settings.languages)
    rows = [
        {
            "name": hit.article.name,
            "language": hit.article.language,
            "title": hit.article.title,
            "tags": list(hit.article.tags),
            "score": round(hit.score, 3),
            "excerpt": hit.article.excerpt,
        }
        for hit in known.search(" ".join(words), languages, limit or BEST)
    ]
    output.print_rows(rows, as_json=as_json, columns=COLUMNS)
