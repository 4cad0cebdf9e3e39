"""The words in which vocabularies are written: SKOS, and what others say in place of it.

Each predicate has a role. What has none is kept as it is, for the export.
"""

from enum import IntEnum

SKOS = "http://www.w3.org/2004/02/skos/core#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
DCT = "http://purl.org/dc/terms/"
DC = "http://purl.org/dc/elements/1.1/"
XL = "http://www.w3.org/2008/05/skos-xl#"
ISO = "http://purl.org/iso25964/skos-thes#"
GVP = "http://vocab.getty.edu/ontology#"
MADS = "http://www.loc.gov/mads/rdf/v1#"
XSD = "http://www.w3.org/2001/XMLSchema#"
GLAN = "urn:glan:"
OLD_SKOS = ("http://www.w3.org/2008/05/skos#", "https://www.w3.org/2004/02/skos/core#")


class Role(IntEnum):
    """What a predicate says of a concept."""

    type = 1
    broader = 2
    narrower = 3
    broader_transitive = 4
    in_scheme = 5
    top_concept_of = 6
    has_top_concept = 7
    member = 8
    member_list = 9
    super_group = 10
    pref_label = 11
    alt_label = 12
    hidden_label = 13
    xl_pref = 14
    xl_alt = 15
    xl_hidden = 16
    literal_form = 17
    notation = 18
    definition = 19
    scope_note = 20
    note = 21
    example = 22
    editorial_note = 23
    history_note = 24
    change_note = 25
    related = 26
    exact_match = 27
    close_match = 28
    broad_match = 29
    narrow_match = 30
    related_match = 31
    deprecated = 32
    replaced_by = 33
    title = 34
    sub_property = 35
    sub_class = 36
    list_first = 37
    list_rest = 38
    own_kind = 39
    own_property = 40
    narrower_transitive = 42
    own_name = 43
    own_language = 44
    own_description = 45
    own_statement = 46


ROLES: dict[str, Role] = {
    RDF + "type": Role.type,
    RDF + "first": Role.list_first,
    RDF + "rest": Role.list_rest,
    RDFS + "subPropertyOf": Role.sub_property,
    RDFS + "subClassOf": Role.sub_class,
    RDFS + "label": Role.title,
    DCT + "title": Role.title,
    DC + "title": Role.title,
    OWL + "deprecated": Role.deprecated,
    DCT + "isReplacedBy": Role.replaced_by,
    SKOS + "broader": Role.broader,
    SKOS + "narrower": Role.narrower,
    SKOS + "broaderTransitive": Role.broader_transitive,
    SKOS + "narrowerTransitive": Role.narrower_transitive,
    SKOS + "inScheme": Role.in_scheme,
    SKOS + "topConceptOf": Role.top_concept_of,
    SKOS + "hasTopConcept": Role.has_top_concept,
    SKOS + "member": Role.member,
    SKOS + "memberList": Role.member_list,
    SKOS + "prefLabel": Role.pref_label,
    SKOS + "altLabel": Role.alt_label,
    SKOS + "hiddenLabel": Role.hidden_label,
    SKOS + "notation": Role.notation,
    SKOS + "definition": Role.definition,
    SKOS + "scopeNote": Role.scope_note,
    SKOS + "note": Role.note,
    SKOS + "example": Role.example,
    SKOS + "editorialNote": Role.editorial_note,
    SKOS + "historyNote": Role.history_note,
    SKOS + "changeNote": Role.change_note,
    SKOS + "related": Role.related,
    SKOS + "exactMatch": Role.exact_match,
    SKOS + "closeMatch": Role.close_match,
    SKOS + "broadMatch": Role.broad_match,
    SKOS + "narrowMatch": Role.narrow_match,
    SKOS + "relatedMatch": Role.related_match,
    XL + "prefLabel": Role.xl_pref,
    XL + "altLabel": Role.xl_alt,
    XL + "hiddenLabel": Role.xl_hidden,
    XL + "literalForm": Role.literal_form,
    ISO + "superGroup": Role.super_group,
    **{f"{space}broader{kind}": Role.broader for space in (ISO, GVP) for kind in
       ("Generic", "Partitive", "Instantial", "Instantive", "Preferred", "NonPreferred")},
    **{f"{space}narrower{kind}": Role.narrower for space in (ISO, GVP) for kind in
       ("Generic", "Partitive", "Instantial", "Instantive")},
    GVP + "broader": Role.broader,
    MADS + "hasBroaderAuthority": Role.broader,
    MADS + "hasNarrowerAuthority": Role.narrower,
    MADS + "isMemberOfMADSScheme": Role.in_scheme,
    MADS + "authoritativeLabel": Role.pref_label,
    MADS + "hasVariant": Role.xl_alt,
    MADS + "variantLabel": Role.literal_form,
    MADS + "hasReciprocalAuthority": Role.related,
    MADS + "hasExactExternalAuthority": Role.exact_match,
    MADS + "hasCloseExternalAuthority": Role.close_match,
    MADS + "definitionNote": Role.definition,
    MADS + "scopeNote": Role.scope_note,
    MADS + "note": Role.note,
    GLAN + "kind": Role.own_kind,
    GLAN + "name": Role.own_name,
    GLAN + "language": Role.own_language,
    GLAN + "description": Role.own_description,
    GLAN + "statement": Role.own_statement,
}  # fmt: skip
ROLES.update(
    {
        old + iri.removeprefix(SKOS): role
        for iri, role in list(ROLES.items())
        if iri.startswith(SKOS)
        for old in OLD_SKOS
    }
)
OWN_PROPERTY = GLAN + "property:"
"""Followed by the name of a free property."""
OWN_PROPERTIES = GLAN + "properties"
"""Free properties whose names no predicate can bear, as a JSON object."""
JSON = RDF + "JSON"
FIELDS = ("status", "weight", "position")
"""Fields of a node that glan says in words of its own."""

CONCEPT_TYPES = (SKOS + "Concept", MADS + "Topic", MADS + "Authority", *(old + "Concept" for old in OLD_SKOS))
LABEL_TYPES = (XL + "Label", MADS + "Variant")
SCHEME_TYPES = (
    SKOS + "ConceptScheme", MADS + "MADSScheme", *(old + "ConceptScheme" for old in OLD_SKOS)
)  # fmt: skip
COLLECTION_TYPES = (
    SKOS + "Collection", SKOS + "OrderedCollection", ISO + "ConceptGroup", ISO + "ThesaurusArray",
    MADS + "MADSCollection",
)  # fmt: skip

NOTES = {
    Role.definition: "definition",
    Role.scope_note: "scopeNote",
    Role.note: "note",
    Role.example: "example",
    Role.editorial_note: "editorialNote",
    Role.history_note: "historyNote",
    Role.change_note: "changeNote",
}
MATCHES = {
    Role.exact_match: "exactMatch",
    Role.close_match: "closeMatch",
    Role.broad_match: "broadMatch",
    Role.narrow_match: "narrowMatch",
    Role.related_match: "relatedMatch",
}

INTERNAL = "glan-file:"
"""What a concept without a URI is called while its file is planned, followed by its code or its place."""
UNNAMED = f"{INTERNAL}scheme:"
"""Followed by the name of a file: what the scheme of a table is called."""
