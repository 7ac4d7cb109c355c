"""What was compared, what came out, and whether it may ship: as text, JSON and JUnit XML."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from dataclasses import asdict, dataclass
from typing import Literal

from .errors import ParityGateError

__all__ = ["Check", "ParityReport"]

Verdict = Literal["pass", "fail", "reported", "skipped"]


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes:
        name: `group.what`, the same in every run.
        measured: The figure; None if the check was skipped.
        relation: How `measured` must lie to `limit`.
        limit: None for a figure that is only reported.
        verdict: `pass`, `fail`, `reported` (no limit) or `skipped` (`detail` says why).
        detail: What was compared, in words; the first offence if there is one.
    """

    name: str
    measured: float | None
    relation: Literal["<=", ">="]
    limit: float | None
    verdict: Verdict
    detail: str = ""

    @classmethod
    def at_most(cls, name: str, measured: float, limit: float, detail: str = "") -> Check:
        """A figure that must not be larger; NaN fails."""
        return cls(name, float(measured), "<=", limit, "pass" if measured <= limit else "fail", detail)

    @classmethod
    def at_least(cls, name: str, measured: float, limit: float, detail: str = "") -> Check:
        """A figure that must not be smaller; NaN fails."""
        return cls(name, float(measured), ">=", limit, "pass" if measured >= limit else "fail", detail)

    @classmethod
    def reported(cls, name: str, measured: float, detail: str = "") -> Check:
        """A figure without a limit."""
        return cls(name, float(measured), "<=", None, "reported", detail)

    @classmethod
    def skipped(cls, name: str, why: str) -> Check:
        """A check that could not run."""
        return cls(name, None, "<=", None, "skipped", why)

    def line(self) -> str:
        """One line for people."""
        measured = "-" if self.measured is None else f"{self.measured:.4g}"
        limit = "" if self.limit is None else f"{self.relation} {self.limit:g}"
        mark = {"pass": "ok  ", "fail": "FAIL", "reported": "info", "skipped": "skip"}[self.verdict]
        return f"{mark}  {self.name:<38} {measured:>11} {limit:<10} {self.detail}".rstrip()


@dataclass(frozen=True)
class ParityReport:
    """Every check of one file.

    Attributes:
        file: Its name.
        model_id: First digits of its flatbuffer's digest.
        recipe: How its tables are stored.
        checks: In the order in which they ran.
    """

    file: str
    model_id: str
    recipe: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.verdict == "fail")

    def check(self, name: str) -> Check:
        """The check of that name.

        Raises:
            KeyError: There is none.
        """
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(name)

    def raise_if_failed(self) -> None:
        """Refuse the file if a check failed.

        Raises:
            ParityGateError: Names every failed check with its figures.
        """
        if self.failures:
            facts = "; ".join(
                f"{check.name} is {check.measured:.4g}, must be {check.relation} {check.limit:g}"
                + (f" ({check.detail})" if check.detail else "")
                for check in self.failures
            )
            raise ParityGateError(
                f"{self.file}: parity",
                "every execution of the model to agree",
                f"{len(self.failures)} of {len(self.checks)} checks failed: {facts}",
                "convert the SavedModel again; do not ship this file",
            )

    def to_text(self) -> str:
        """A table for a terminal, the verdict last."""
        counts = [f"{len(self.checks)} checks"]
        for verdict in ("fail", "skipped"):
            number = sum(check.verdict == verdict for check in self.checks)
            if number:
                counts.append(f"{number} {'failed' if verdict == 'fail' else verdict}")
        head = f"parity of {self.file} ({self.recipe}, model {self.model_id})"
        verdict = "PASSED" if self.passed else "FAILED"
        return "\n".join([head, *(check.line() for check in self.checks), f"{verdict}: {', '.join(counts)}", ""])

    def to_json(self) -> str:
        """The same for machines; a figure that is not finite is null, and its check has failed."""
        checks = [asdict(check) for check in self.checks]
        for check in checks:
            if check["measured"] is not None and not math.isfinite(check["measured"]):
                check["measured"] = None
        facts = {"file": self.file, "model_id": self.model_id, "recipe": self.recipe, "passed": self.passed}
        return json.dumps(facts | {"checks": checks}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def to_junit_xml(self) -> str:
        """JUnit XML, as CI systems read it: one test case for each check."""
        suite = ET.Element(
            "testsuite",
            name=f"parity of {self.file}",
            tests=str(len(self.checks)),
            failures=str(len(self.failures)),
            errors="0",
            skipped=str(sum(check.verdict == "skipped" for check in self.checks)),
        )
        properties = ET.SubElement(suite, "properties")
        for name, value in (("model_id", self.model_id), ("recipe", self.recipe)):
            ET.SubElement(properties, "property", name=name, value=value)
        for check in self.checks:
            group, _, what = check.name.partition(".")
            case = ET.SubElement(suite, "testcase", classname=f"parity.{group}", name=what or group)
            if check.verdict == "skipped":
                ET.SubElement(case, "skipped", message=check.detail)
            elif check.verdict == "fail":
                failure = ET.SubElement(case, "failure", type="parity", message=check.line())
                failure.text = check.detail
            ET.SubElement(case, "system-out").text = check.line()
        root = ET.Element("testsuites")
        root.append(suite)
        ET.indent(root)
        return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
