"""What reports can say: found in the code that says it, so that a new code without words fails here."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
import yaml

import twin.coverage
import viewer.reports
from twin.coverage.kinds import CHECKS, REACHED_BY
from twin.coverage.levels import Certainty
from twin.coverage.result import Reason
from twin.fabric.occluders import OccluderKind
from viewer.reports.rules import value_text
from viewer.reports.sources import source_text
from viewer.reports.tables import Effort
from viewer.reports.words import LANGUAGES, word

PACKAGE = Path(twin.coverage.__file__).parent
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
LATIN_WORD = re.compile(r"[a-z]{3,}")


def words() -> dict[str, dict[str, str]]:
    text = files(viewer.reports).joinpath("words.yaml").read_text(encoding="utf-8")
    made: dict[str, dict[str, str]] = yaml.safe_load(text)
    return made


def calls(*names: str) -> Iterator[tuple[ast.Call, ast.Module]]:
    """The calls of what makes rules or problems, each with its module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node, tree


def told(node: ast.expr, tree: ast.Module) -> set[str]:
    """The codes an argument can stand for; of a name all in its module that look like one, * for what is filled in."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.JoinedStr):
        return {"".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in node.values)}
    if isinstance(node, ast.Name):
        texts = [str(n.value) for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        written = {text for text in texts if CODE.fullmatch(text)} - {"utf-8"}
        filled = {one for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for one in told(n, tree)}
        return written | {one for one in filled if CODE.fullmatch(one.replace("*", "x"))}
    return set()


def codes(*names: str) -> set[str]:
    """All that the calls are given as their first argument, which is the code."""
    return {code for call, tree in calls(*names) if call.args for code in told(call.args[0], tree)}


def known(prefix: str) -> set[str]:
    return {key.removeprefix(prefix) for key in words() if key.startswith(prefix)}


def lacking(found: set[str], there: set[str]) -> set[str]:
    """Codes without a word; one that is filled in has at least one."""
    patterns = {code: re.compile(re.escape(code).replace(r"\*", "[a-z0-9-]+")) for code in found}
    return {code for code, pattern in patterns.items() if not any(map(pattern.fullmatch, there))}


def test_every_rule_that_a_check_tells_has_a_name() -> None:
    found = codes("Rule")
    assert {"light-*", "detectors-by-area", "corridor-end"} <= found  # written, filled in and by a name
    assert lacking(found, known("rule_") | known("problem_")) == set()


def test_every_problem_that_a_check_tells_has_words() -> None:
    named = {c for call, tree in calls("Misasked") for a in call.args[:1] for c in told(a, tree)}
    found = codes("Problem") | named
    assert {"camera-blocked", "unknown-model", "wrong-unit"} <= found
    assert lacking(found, known("problem_") | known("rule_")) == set()


def test_each_band_of_the_values_has_its_rule() -> None:
    rows = yaml.safe_load((PACKAGE / "values" / "wifi.yaml").read_text(encoding="utf-8"))["rows"]
    bands = {row["id"].split(".")[2] for row in rows if row["id"].startswith("wifi.band.")}
    assert bands
    assert {f"covered-by-{band}-band" for band in bands} <= known("rule_")


def test_no_words_are_left_of_rules_that_nothing_tells() -> None:
    found = codes("Rule")
    patterns = [re.compile(re.escape(code).replace(r"\*", "[a-z0-9-]+")) for code in found]
    dead = {code for code in known("rule_") if not any(pattern.fullmatch(code) for pattern in patterns)}
    assert dead == {"not_met"}  # the sentence about a rule that is not met


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_kinds_reasons_hiders_certainties_and_efforts_have_words(language: str) -> None:
    wanted = {f"kind_{kind}" for kind in {"camera", *CHECKS, *REACHED_BY}}
    wanted |= {f"{said}_{reason}" for reason in get_args(Reason) for said in ("reason", "mend")}
    wanted |= {f"hides_{kind}" for kind in get_args(OccluderKind)}
    wanted |= {f"certainty_{certainty}" for certainty in get_args(Certainty)}
    wanted |= {f"effort_{effort}" for effort in get_args(Effort)}
    table = words()
    assert {key for key in wanted if not table.get(key, {}).get(language)} == set()


def test_every_word_is_there_in_both_languages_with_the_same_fillings() -> None:
    def filled(said: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", said))

    wrong = {key for key, said in words().items() if set(said) != set(LANGUAGES) or not all(said.values())}
    assert wrong == set()
    assert {key for key, said in words().items() if filled(said["zh"]) != filled(said["en"])} == set()


def test_chinese_words_are_chinese() -> None:
    told_zh = {key: re.sub(r"\{\w+\}", "", said["zh"]) for key, said in words().items()}
    assert {key: said for key, said in told_zh.items() if LATIN_WORD.search(said)} == {}


def cited() -> set[str]:
    """All sources of values; where cameras can hang is no part of a report."""
    found: set[str] = {"requirements.yaml"}

    def walk(node: object) -> None:
        if isinstance(node, Mapping):
            if isinstance(node.get("source"), str):
                found.add(f"{node['source']} {node.get('clause', '')}".strip())
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    for path in sorted((PACKAGE / "values").glob("*.yaml")):
        if path.name != "mounts.yaml":
            walk(yaml.safe_load(path.read_text(encoding="utf-8")))
    return found


def test_every_source_of_a_value_is_cited_in_chinese() -> None:
    sources = cited()
    assert len(sources) > 20
    assert {source for source in sources if LATIN_WORD.search(source_text(source, "zh"))} == set()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("GB 50116-2013 6.6.1", "《火灾自动报警系统设计规范》GB 50116-2013 第 6.6.1 条"),
        ("COST 231 final report section 4.7, at 1.8 GHz", "COST 231 总结报告 第 4.7 节，1.8 GHz 频段"),
        ("ITU-R P.1238-11 table 2, no line of sight", "ITU-R P.1238-11 建议书 表 2，非视距"),
        ("DB 31/T 100-2020 table 4", "DB 31/T 100-2020 表 4"),  # a site's own
    ],
)
def test_numbers_of_clauses_and_tables_are_told_from_quantities(source: str, said: str) -> None:
    assert source_text(source, "zh") == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.995, "ratio", "99.5\u00a0%"), (1.0, "bool", "是"), (7.0, "count", "7\u00a0台"), (6.70, "m", "6.7\u00a0m")],
)
def test_values_of_rules_are_written_by_their_unit(value: float, unit: str, said: str) -> None:
    assert value_text(value, unit, "zh") == said
    assert word("yes", "zh") == "是"
