"""`maild template`: the templates in force, tried with sample facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.settings.faults import ConfigurationError

if TYPE_CHECKING:
    from maild.notice.templates import Templates


@click.group(cls=output.Group)
def command() -> None:
    """Check and preview the templates."""


@command.command()
@output.json_option
@pass_invocation
def check(invocation: Invocation, as_json: bool) -> int:
    """Render every template in every language of the desk with sample facts; name the place of each fault.

    Leaves with 78 when there is a fault. Without a configuration the templates that came with maild are tried.
    """
    from maild.notice.check import check_templates

    templates, languages, _ = _in_force(invocation)
    faults = check_templates(templates, languages)
    for fault in faults:
        if as_json:
            output.print_row(
                {
                    "template": fault.template,
                    "language": fault.language,
                    "path": fault.path,
                    "line": fault.line or None,
                    "problem": fault.problem,
                }
            )
        else:
            output.show(f"fault: {fault}")
    if not as_json:
        output.say(f"{', '.join(languages)}: {len(faults) or 'no'} fault{'s' * (len(faults) != 1)}")
    return output.CONFIGURATION if faults else 0


@command.command()
@click.argument("name")
@click.option("--lang", "language", metavar="LANGUAGE", help="The language; the desk's first when left out.")
@click.option("--html", "as_html", is_flag=True, help="Print the HTML in place of the plain text.")
@click.option("--sparse", is_flag=True, help="Show it with every fact missing that may be.")
@pass_invocation
def preview(invocation: Invocation, name: str, language: str | None, as_html: bool, sparse: bool) -> int:
    """Print a template with sample facts, as a mail would show it."""
    from maild.notice import check as trial
    from maild.notice.catalogue import CATALOGUE

    templates, languages, desk = _in_force(invocation)
    if name not in CATALOGUE:
        raise output.CommandError(f"there is no template {name}; there are {', '.join(CATALOGUE)}")
    if language is not None and language not in languages and not _has(templates, language, name):
        raise output.CommandError(f"there are no templates in {language}; there are {', '.join(languages)}")
    try:
        page = trial.preview(templates, name, language or languages[0], sparse=sparse, desk=desk)
    except Exception as fault:
        raise output.CommandError(f"{name}: {type(fault).__name__}: {fault}", output.CONFIGURATION) from fault
    output.show((page.html if as_html else page.text).rstrip("\n"))
    return 0


def _has(templates: Templates, language: str, name: str) -> bool:
    path = templates.find(language, name, ".txt")
    return path is not None and path.parent.name == language


def _in_force(invocation: Invocation) -> tuple[Templates, tuple[str, ...], str]:
    """Return the templates, languages and name of the configured desk; those of maild itself where there is none."""
    from maild.notice.templates import Templates, shipped_folders, template_folders
    from maild.settings.reading import BUILT_IN_LANGUAGES

    if invocation.given is None and not invocation.path.exists():
        return Templates(shipped_folders()), tuple(sorted(BUILT_IN_LANGUAGES)), "Acme Support"
    try:
        settings = invocation.configuration.settings
    except ConfigurationError as error:
        for fault in error.faults:
            output.say(str(fault))
        raise output.CommandError(
            "the configuration has faults; maild check names them", output.CONFIGURATION
        ) from None
    folders = template_folders(invocation.path.parent, settings.desk.templates)
    return Templates(folders), settings.languages, settings.desk.name
