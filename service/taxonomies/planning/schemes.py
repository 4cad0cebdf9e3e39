"""Which schemes become taxonomies, and which concepts are planned with them."""

from graph.errors import Invalid
from service.taxonomies.options import Options, Top
from service.taxonomies.planning import concepts
from service.taxonomies.planning.concepts import Scheme
from service.taxonomies.planning.labels import best_name
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import INTERNAL, UNNAMED, Role

MOST_NAMED = 10
REST = -1
"""The number of what stands for a scheme, for concepts that are in none."""


def name_schemes(staging: Staging, languages: tuple[str, ...], stem: str) -> None:
    """Gives each scheme its label: its own, else the file's name if it is the only one, else its URI's
    end."""
    count = next(staging.rows("SELECT count(*) FROM scheme"))[0]
    roles = (Role.pref_label, Role.title)
    for k, id_, uri in list(staging.rows("SELECT k, id, uri FROM scheme")):
        own = staging.rows(
            "SELECT value, '' FROM fact WHERE s = ? AND value IS NOT NULL "
            f"AND p IN ({staging.predicates(Role.own_name)}) LIMIT 1",
            [id_],
        )
        texts = [*own] or [
            (value, lang or "")
            for role in roles
            for value, lang in staging.rows(
                f"SELECT value, lang FROM fact WHERE s = ? AND value IS NOT NULL "
                f"AND p IN ({staging.predicates(role)}) ORDER BY value",
                [id_],
            )
        ]
        label = best_name(texts, languages)[1] or (stem if count == 1 else _end(uri))
        staging.db.execute("UPDATE scheme SET label = ? WHERE k = ?", (label, k))


def _end(uri: str) -> str:
    return uri.removeprefix(UNNAMED) if uri.startswith(UNNAMED) else last_part(uri)


def last_part(uri: str) -> str:
    """The end of a URI, which may say what it names."""
    whole = uri.removeprefix(INTERNAL).rstrip("/#")
    return whole.replace("#", "/").rpartition("/")[2].rpartition(":")[2] or uri


def chosen(staging: Staging, options: Options, stem: str) -> list[Scheme]:
    """The schemes that are planned, each with its number of concepts; one for the file if it has none.

    Raises Invalid if a scheme is asked for that the file does not have.
    """
    found = list(concepts.schemes(staging))
    if options.schemes:
        return [_asked(found, wanted) for wanted in dict.fromkeys(options.schemes)]
    used = [scheme for scheme in found if scheme.concepts]
    for scheme in found:
        if not scheme.concepts and not scheme.uri.startswith(INTERNAL) and len(found) > 1:
            staging.drop("scheme", scheme.uri, f"{scheme.label}: no concept is in it")
    if options.top is Top.schemes:
        return [Scheme(REST, "", stem)]
    if not used:
        return found[:1] or [Scheme(REST, "", stem)]
    [all_members] = next(staging.rows("SELECT count(DISTINCT n) FROM membership"))
    whole = [scheme for scheme in used if scheme.concepts == all_members][:1]
    for scheme in used:
        if whole and scheme != whole[0]:
            text = f"{scheme.label}: its concepts are all in {whole[0].label} too; for it alone, say --scheme"
            staging.drop("scheme", scheme.uri, text)
    return whole or used


def _asked(found: list[Scheme], wanted: str) -> Scheme:
    for scheme in found:
        if wanted == scheme.uri or wanted.casefold() == scheme.label.casefold():
            return scheme
    known = "; ".join(f"{scheme.label} <{scheme.uri}>" for scheme in found[:MOST_NAMED])
    raise Invalid(f"the file has no scheme {wanted!r}; it has: {known or 'none'}")
