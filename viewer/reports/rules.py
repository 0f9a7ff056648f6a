"""Rules of standards and their values, in words."""

from collections.abc import Mapping

from twin.coverage.kinds import KindAnswer
from twin.coverage.levels import editions, level_of
from twin.coverage.result import Rule
from viewer.reports.key import unit_text
from viewer.reports.sources import source_text
from viewer.reports.words import Language, named, percent, word


def broken_text(rule: Rule, language: Language) -> str:
    """A rule that is not met: what is asked for, what is there, by what."""
    needed, reached = (value_text(value, rule.unit, language) for value in (rule.needed, rule.reached))
    source = source_text(rule.source, language)
    return word("rule_not_met", language, rule=rule_text(rule, language), needed=needed, reached=reached, source=source)


def rule_text(rule: Rule, language: Language) -> str:
    """What a rule asks about."""
    return word(f"rule_{rule.code}", language)


def value_text(value: float, unit: str, language: Language) -> str:
    r"""A value with its unit as people read it.

    Examples
    --------
    >>> value_text(0.95, "ratio", "en"), value_text(2.0, "count", "zh"), value_text(1.0, "bool", "en")
    ('95\xa0%', '2\xa0台', 'yes')
    """
    if unit == "bool":
        return word("yes" if value else "no", language)
    return percent(value) if unit == "ratio" else f"{value:.4g}\u00a0{unit_text(unit, language)}"


def source_rows(answers: Mapping[str, KindAnswer], language: Language) -> list[tuple[str, str, str]]:
    """What values were asked for, where they come from and how certain they are."""
    rows: dict[tuple[str, str, str], None] = {}
    for answer in answers.values():
        for place in answer.places:
            requirement = place.requirement
            if requirement.kind == "camera":
                level = level_of(requirement)
                source = editions()[requirement.edition].source if requirement.edition else "requirements.yaml"
                source = source_text(source, language)
                said = f"{named(level.name, language, level.id)} {level.density_px_per_m:g} px/m"
                rows[said, source, word(f"certainty_{level.certainty}", language)] = None
            for rule in place.rules:
                if rule.source:
                    value = value_text(rule.needed, rule.unit, language)
                    said = word("value_is", language, what=rule_text(rule, language), value=value)
                    rows[said, source_text(rule.source, language), word(f"certainty_{rule.certainty}", language)] = None
    return list(rows)
