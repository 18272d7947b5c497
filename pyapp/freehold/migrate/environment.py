"""jinja2 as migrations have it: sandboxed, nothing undefined, and no value in SQL that was not quoted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.loaders import split_template_path
from jinja2.sandbox import ImmutableSandboxedEnvironment

from freehold.migrate import quoting
from freehold.migrate.errors import MigrationError
from freehold.migrate.files import read_text
from freehold.sqltext import Place

PACKAGED = "freehold/"
_RAW = "{% raw %} ... {% endraw %} around what is SQL and not jinja2: '{{1,2},{3,4}}' is an array to PostgreSQL."


class _Generator(CodeGenerator):
    """The compiler, whose every way into the text leads through ``finalize``.

    jinja2 writes what ``{% call %}`` returns and what ``{% filter %}`` makes without asking it.
    """

    def visit_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:  # noqa: N802  jinja2's name
        inner, macro = self.macro_body(node, frame)
        self.writeline("caller = ")
        self.macro_def(macro, inner)
        self.start_write(frame, node)
        self.write("environment.finalize(")
        self.visit_Call(node.call, frame, forward_caller=True)
        self.write(")")
        self.end_write(frame)

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:  # noqa: N802, ARG002
        self.fail("{% filter %} would change quoted values", node.lineno)

    def visit_EvalContextModifier(self, node: nodes.EvalContextModifier, frame: Frame) -> None:  # noqa: N802, ARG002
        self.fail("{% autoescape %} is for HTML", node.lineno)

    def visit_ScopedEvalContextModifier(  # noqa: N802
        self, node: nodes.ScopedEvalContextModifier, frame: Frame
    ) -> None:
        self.visit_EvalContextModifier(node, frame)


class Environment(ImmutableSandboxedEnvironment):
    """Where templates are compiled.

    Args:
        path: The directory of migrations.
    """

    code_generator_class = _Generator

    def __init__(self, path: Path) -> None:
        super().__init__(
            loader=_Loader(path),
            undefined=jinja2.StrictUndefined,
            autoescape=False,
            finalize=quoting.output,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
        )
        self.filters |= {"ident": quoting.ident, "literal": quoting.literal}
        del self.globals["lipsum"]

    @staticmethod
    def concat(parts: Iterable[str | quoting.Sql]) -> Any:
        """Text of parts that are the author's own or have passed ``finalize``: of a macro, a block, the whole.

        A recursive loop's part is an ``Sql`` that this has made.
        """
        return quoting.Sql("".join(part if isinstance(part, str) else quoting.marked(part) for part in parts))

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        # What is imported sees the tenant too.
        imports: list[nodes.Import | nodes.FromImport] = [*source.find_all(nodes.Import)]
        for node in [*imports, *source.find_all(nodes.FromImport)]:
            node.with_context = True
        return super()._generate(source, name, filename, defer_init)

    def prepare(self, source: str, file: str) -> jinja2.Template:
        """Compiles a text.

        Args:
            source: The text.
            file: Its name, for errors.

        Raises:
            MigrationError: It is no template.
        """
        for mark in quoting.MARKS:
            if mark in source:
                place = Place.of(file, source, source.index(mark) + 1)
                raise MigrationError("the file holds U+FDD0 or U+FDD1, which are no characters", place=place)
        try:
            code = self.compile(source, file, file)
        except jinja2.TemplateSyntaxError as error:
            raise _malformed(error, file) from None
        return jinja2.Template.from_code(self, code, self.make_globals(None))

    def run(self, template: jinja2.Template, variables: dict[str, Any]) -> str:
        """The text that a template becomes.

        Args:
            template: From ``prepare``.
            variables: What it may ask for.

        Raises:
            MigrationError: Something in it is undefined, not allowed or not quoted.
        """
        file = str(template.name)
        try:
            text: Any = template.render(variables)
        except jinja2.TemplateSyntaxError as error:
            raise _malformed(error, file) from None
        except jinja2.TemplateNotFound as error:
            hint = "What is included lies in shared/ or has a name that begins with _; freehold/online.sql comes along."
            file, line = ([*_passed(error)] or [(file, None)])[-1]
            raise _placed(f"there is no {error.name} to include", file, line, hint) from None
        except Exception as error:
            # Whatever an expression does that cannot be done: an undefined name, a division, a method's own error.
            passed = [*_passed(error)] or [(file, None)]
            found = error if isinstance(error, MigrationError) else MigrationError(str(error) or type(error).__name__)
            found.place = found.place or Place(*passed[-1])
            if passed[-1][0] != file and not found.detail:
                found.detail = f"from {file}:{passed[0][1]}"
            raise found from None
        try:
            return quoting.settle(quoting.marked(text))
        except MigrationError as error:
            error.place = error.place or Place(file)
            raise


class _Loader(jinja2.BaseLoader):
    """What a migration may include: the project's shared files, and the package's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_source(
        self,
        environment: jinja2.Environment,  # noqa: ARG002
        template: str,
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        parts = split_template_path(template)
        if parts and parts[0] == PACKAGED.rstrip("/"):
            file = resources.files("freehold.migrate").joinpath("shared", *parts[1:])
            if file.is_file():
                return file.read_text("utf-8"), template, None
        elif parts and (parts[0] == "shared" or parts[-1].startswith("_")):
            path = self._path.joinpath(*parts)
            if path.is_file():
                source = read_text(path)
                for mark in quoting.MARKS:
                    if mark in source:
                        raise MigrationError("the file holds U+FDD0 or U+FDD1", place=Place(str(path)))
                return source, str(path), None
        raise jinja2.TemplateNotFound(template)


def _malformed(error: jinja2.TemplateSyntaxError, file: str) -> MigrationError:
    hint = None if isinstance(error, jinja2.TemplateAssertionError) else _RAW
    return _placed(str(error.message), error.filename or file, error.lineno, hint)


def _placed(message: str, file: str, line: int | None, hint: str | None) -> MigrationError:
    return MigrationError(message, hint=hint, place=Place(file, line))


def _passed(error: BaseException) -> Iterator[tuple[str, int | None]]:
    """The places in templates that an error passed, the innermost last; jinja2 puts them into the traceback."""
    trace = error.__traceback__
    while trace is not None:
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
