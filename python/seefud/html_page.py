"""Pages that need nothing else: no script, no request, plots inside."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["render_page"]


def render_page(template: str, **values: object) -> str:
    """A page from one of `seefud/templates`, which escapes every value that is no `markupsafe.Markup`.

    Args:
        template: its file name; ``page.css`` is for it to include.
        values: all that it names.
    """
    environment = Environment(
        loader=PackageLoader("seefud"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values)
