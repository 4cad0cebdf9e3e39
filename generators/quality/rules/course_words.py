"""Words by which a question refers to the course it was written for, in eleven languages.

Of a language: words of which one stands in every text that a pattern matches, patterns of sure signs, and of
others. A session with a number is sure together with what was done in it; alone it may be a session of
anything. What is followed by "of" is named, and no sign: the second session of the council of Trent.
"""

from typing import NamedTuple


class Signs(NamedTuple):
    """Of one language."""

    words: tuple[str, ...]
    sure: tuple[str, ...]
    other: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


_N = r"(?:n[°ºo.] ?|no\. ?|number |#)?(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\b"
_NOT_OF = r"(?! ?(?:,|\()? ?of\b)"
_SAID = (
    r"(?:discussed|covered|learn(?:ed|t)|studied|introduced|described|explained|mentioned|presented|seen"
    r"|saw|taught"
    r"|outlined|explored|examined|addressed|reviewed|highlighted|gone over|went over|dealt with|met"
    r"|treated|touched on"
    r"|looked at|talked about|worked on|worked through|listed|given|encountered|demonstrated|derived"
    r"|defined|developed|practi[cs]ed|analy[sz]ed|said)"
)
_HEAD = (
    r"(?:as|we|you|you've|we've|framework|approach|rules?|examples?|formulas?|laws?|notation|tools?"
    r"|equations?|concepts?|terms?|topics?|ideas?|principles?|methods?|material|content"
    r"|techniques?"
    r"|points?|theor(?:y|ies)|models?|definitions?|that|which|those|what)"
)
_CLASS = r"(?:session|lesson|lecture|class session|class)"
_PART = r"(?:chapter|unit|module|week|topic)"
_COURSE = (
    r"(?:syllabus|curriculum|course(?: materials?| content| notes| readings?)?|(?:class )?sessions?"
    r"|lectures?"
    r"|lecture notes|lessons?|class(?:es)?|module|unit|seminar|workshop|tutorial|(?:assigned |course "
    r")?readings?"
    r"|textbook|slides|handouts?)"
)
_OURS = (
    r"(?:this|our|your|today's|yesterday's|last week's|last|the last|the previous|the preceding|an "
    r"earlier|earlier"
    r"|previous|these|the above|the same)"
)
_ENDS = r"(?=\s*(?:[.,;:?!)]|$|and\b|to\b|on\b|about\b|explain\b|describe\b))"
_EN = Signs(
    _words(
        "session lesson lecture syllabus curriculum key_concept_ key_concepts course module seminar "
        "workshop tutorial "
        "textbook slides handout in_class the_class our_class your_class this_class class_notes "
        "class_session "
        "class_reading class_material today's_class last_class previous_class yesterday's_class in_chapter "
        "from_chapter during_chapter in_unit this_unit the_unit our_unit from_unit during_unit "
        "your_unit in_week "
        "from_week during_week in_topic from_topic the_reading assigned_reading required_reading readings "
        "question_is_about the_question this_question previous preceding prior_ an_earlier "
        "appendix_ as_discussed as_covered as_learn as_seen "
        "as_mentioned as_we as_you you_have_ you've_ we_have_ we've_ your_notes your_professor "
        "your_instructor "
        "your_lecturer last_question last_exercise last_problem last_assignment last_homework "
        "earlier_question "
        "earlier_problem earlier_exercise last_part last_task last_week's this_week's assignment in_exercise "
        "in_problem in_question in_part in_task in_activity concept_ concepts_above ideas_above terms_above "
        "topics_above principles_above learning_objective learning_outcome learning_goal in_line"
    ),
    (
        r"\b(?:last|this|the previous|the past) (?:week|unit|module|lesson|chapter|semester)'s (?:material"
        r"|topics?|lectures?|readings?|discussion|lesson|content|concepts?)\b",
        r"\b(?:per|from|in|according to|based on) (?:the|your|this week's) (?:reading|homework|course) "
        r"(?:assignment|material)s?\b",
        r"\bin (?:exercise|problem|question|part|task|activity|assignment) (?:\d{1,2}|[a-d]),? (?:you|we)\b"
        r"|\b(?:you|we) (?:found|derived|computed|calculated|proved|showed|obtained) in (?:exercise|problem"
        r"|question|part|task|activity|assignment) (?:\d{1,2}|[a-d])\b",
        rf"\b(?:session|lesson|lecture) {_N}'s\b",
        r"\bkey concepts? (?:\d|one|two|three)\b",
        r"\b(?:concepts?|ideas?|topics?|terms?|principles?) (?:(?:listed|mentioned|given|named) )?above"
        r"(?=\s*(?:[.,;:?!)]|$))",
        r"\blearning (?:objectives?|outcomes?|goals?) of (?:this|the|our|your) (?:subject|course|session"
        r"|lesson|module|unit|syllabus|class)\b",
        r"\bthis question (?:tests|assesses|evaluates|probes|measures|checks)\b[^.?!]{0,60}\b"
        r"(?:understanding|knowledge|ability|grasp)\b",
        r"\b(?:author|poet|speaker|narrator|writer)s?\b[^.?!]{0,60}\bin lines? \d+\b(?! of\b)",
        rf"\b{_SAID}\b[^.?!]{{0,40}}\b(?:in|during|from|throughout|by|at|of) (?:the )?(?:{_CLASS})s? "
        rf"{_N}{_NOT_OF}",
        rf"\b{_HEAD}\b[^.?!]{{0,30}}\b{_SAID}\b[^.?!]{{0,25}}\b(?:in|during|from) {_PART} {_N}{_NOT_OF}",
        rf"\b{_CLASS} {_N},? (?:we|you)(?:'ve| have)?\b[^.?!]{{0,15}}\b(?:{_SAID}|learn|study|saw|read)\b",
        rf"\b(?:bas(?:ed|e|ing)\b[^.?!]{{0,25}}\bon|according to|as per|refer(?:ring)? (?:back )?to"
        rf"|draw(?:ing)? (?:up)?on"
        rf"|recall(?:ing)?"
        rf"|reflect(?:ing)? on|think back to|go back to|consider(?:ing)? what)\b"
        rf"[^.?!]{{0,25}}\b{_CLASS}s? {_N}{_NOT_OF}",
        rf"\b(?:first|second|third|fourth|fifth|last|previous|next) (?:class )?(?:session|lecture"
        rf"|lesson)s?\b"
        rf"[^.?!]{{0,20}}\b(?:we|you)\b[^.?!]{{0,12}}\b{_SAID}\b",
        rf"\b{_SAID}\b[^.?!]{{0,25}}\b(?:in|during|from) (?:the|our|your) (?:first|second|third|fourth"
        rf"|fifth|last"
        rf"|previous|final|opening) (?:class )?(?:session|lecture|lesson){_NOT_OF}",
        rf"\b(?:from|in|of|between) (?:the )?(?:class )?(?:session|lecture|lesson)s? {_N} (?:and|to"
        rf"|with|through) "
        rf"(?:class )?(?:(?:session|lecture|lesson) )?{_N}",
        rf"\b(?:from|in|during) (?:the )?(?:class )?(?:session|lecture|lesson)s? {_N}{_NOT_OF}",
        r"\bthe syllabus (?:mentions|covers|states|says|lists|introduces|describes|defines|includes"
        r"|explains)\b",
        rf"\b{_SAID}\b[^.?!]{{0,25}}\b(?:in|during|from|throughout|by|across) {_OURS} {_COURSE}\b{_NOT_OF}",
        rf"\b{_SAID}\b[^.?!]{{0,25}}\b(?:in|during|from|throughout|by|across) the (?:syllabus|class "
        rf"sessions?"
        rf"|course materials?|course readings?|course notes|lecture notes|lecture slides|assigned "
        rf"readings?)\b{_NOT_OF}",
        rf"\b{_HEAD}\b[^.?!]{{0,30}}\b{_SAID}\b[^.?!]{{0,25}}\b(?:in|during|from|throughout) the "
        rf"(?:course|lectures?|lesson|class|module|unit|seminar|workshop|textbook|readings?|slides"
        rf"|session){_ENDS}",
        rf"\b{_HEAD}\b[^.?!]{{0,30}}\b{_SAID}\b (?:in|during) class\b(?! of| [IVX\d])",
        r"\b(?:entire|whole|full|given|provided|complete) syllabus\b(?! of\b)|\bsyllabus that the "
        r"question\b",
        r"\b(?:does|should|must|can) the question (?:connect|combine|refer|relate)\b|\bthe question is "
        r"about\b"
        r"|\bthis question (?:does not|doesn't|connects|combines|is designed|is about)\b",
        rf"\b(?:after|before|having|by) (?:completing|completed|attending|attended|finishing|finished) "
        rf"(?:the )?"
        rf"(?:{_CLASS}|module|unit)(?:s|es)? {_N}{_NOT_OF}",
        r"\b(?:syllabus|key concepts?|sessions?)(?: \w+)? above\b",
        r"\babove(?:-mentioned)? (?:syllabus|key concepts?|sessions?)\b",
        r"\b(?:according to|based on|as (?:per|in|stated in)|in line with|refer to|see) (?:the|this|our"
        r"|your) "
        rf"(?:given |provided |course )?syllabus\b{_NOT_OF}",
        rf"\b(?:in|throughout|of|from|for|during|by the end of) (?:this|our|your) (?:course|lesson"
        rf"|lecture|syllabus"
        rf"|curriculum|class session|lecture series){_NOT_OF}\b(?! of\b)",
        rf"\b(?:the )?key concepts? (?:(?:{_SAID}|provided|shown|given) )?(?:in|from|of) (?:the|this|our"
        rf"|your|today's) "
        rf"(?:{_CLASS}|course|syllabus|module|unit){_NOT_OF}\b",
        r"\b(?:using|apply(?:ing)?|with) (?:the )?[^.?!]{0,40}\b(?:from|in) (?:today's|yesterday's"
        r"|last week's|our|"
        r"your) (?:lecture|lesson|class|session|readings?|textbook|notes)\b",
        r"\b(?:your|the) (?:answer|response|solution|result)s? (?:to|from|of|in) (?:the )?(?:previous"
        r"|last|preceding"
        r"|earlier|prior) (?:question|exercise|problem|part|task|assignment|homework)\b",
        r"\b(?:in|from|of) (?:your|our) (?:previous|last|preceding|earlier|prior) (?:question|exercise"
        r"|problem"
        r"|assignment|homework|lesson|lecture|class|session|module)\b(?! of\b)",
        r"\b(?:according to|based on|from|in|using|use|see|with|refer to|consult|draw(?:ing)? on"
        r"|review) (?:the|your|our|"
        r"this) (?:(?:course|class|assigned|required|module) (?:readings?|materials?|notes|textbook"
        r"|text|slides|handouts?)"
        r"|lecture (?:notes|slides|materials?))\b(?! of\b)",
        r"\b(?:building|expanding|based|following|continuing|referring|drawing|elaborating)(?: up| "
        r"back)?(?: on| from| to)? "
        r"(?:your |the |our )?(?:answer to (?:the )?)?(?:previous|preceding|last|prior) (?:question"
        r"|exercise|problem|task|part)"
        r"\b(?! of\b)",
        r"\byour notes (?:from|on|for|of) (?:the |this |our )?(?:class|session|lecture|lesson|course"
        r"|week|seminar|module)\b",
        r"\b(?:as (?:shown|seen|illustrated|depicted|described|given) in|see|refer(?:ring)? to|based "
        r"on|according to|in|from|using) (?:the )?appendix \d+\b(?! of\b|[:(])",
        r"\byour (?:lecturer|professor|instructor|lecture notes|class notes|course notes|course "
        r"materials?|textbook"
        r"|syllabus|course readings?)\b",
    ),
    (
        rf"\b(?:session|lesson)s? {_N}|\blecture {_N}{_NOT_OF}",
        rf"\bas (?:we|you)(?:'ve| have)? ?\b{_SAID}",
        r"\bas (?:discussed|covered|learned|learnt|seen|mentioned)\b(?! by\b)",
        r"\b(?:you|we)(?:'ve| have) (?:learned|learnt|studied|covered|discussed|seen)\b",
        r"\bin (?:this|the|our) (?:syllabus|class session|previous session|last session)\b(?! of\b)",
        r"\bin (?:our|the) course\b(?! of\b)",
        r"\b(?:in|from|of) the (?:previous|last|preceding|earlier|prior) (?:question|exercise|problem"
        r"|assignment|homework|lesson|lecture|class|session|module)\b(?! of\b)",
        r"\b(?:these|the given|the listed|all(?: of)? the) key concepts\b|\bthe following key "
        r"concepts\b(?! ?:)",
    ),
)
_N_ANY = r"(?:n[°º.] ?|nr\.? ?|№ ?|# ?)?\d{1,2}\b"
_DE = Signs(
    _words(
        "abbildung abb. tabelle tab._ grafik diagramm sitzung lektion unterricht lehrplan "
        "schlüsselkonzept vorlesung kurs seminar lehrveranstaltung "
        "stunde modul "
        "kapitel obige oben vorherige vorige syllabus skript einheit"
    ),
    (
        r"\b(?:in|siehe|aus|laut|zeigt) (?:der )?(?:Abbildung|Abb\.|Tabelle|Tab\.|Grafik|Diagramm) \d",
        rf"\bwie in (?:der )?(?:Sitzung|Lektion|Unterrichtseinheit|Vorlesung|Stunde|Einheit) {_N_ANY}",
        rf"\b(?:Sitzung|Lektion|Unterrichtseinheit|Vorlesung|Lehreinheit|Unterrichtsstunde|Modul"
        rf"|Kapitel) {_N_ANY}"
        r"[^.?!]{0,60}\b(?:besprochen|behandelt|gelernt|erläutert|vorgestellt|erklärt|eingeführt"
        r"|kennengelernt"
        r"|durchgenommen|gezeigt|beschrieben|erwähnt|erarbeitet|erlernt)",
        rf"\b(?:aus|laut|gemäß|nach|auf) (?:der |von )?(?:Sitzung|Lektion|Vorlesung|Unterrichtseinheit) "
        rf"{_N_ANY}",
        r"\b(?:obige[nrsm]?|oben (?:stehende[nrsm]?|genannte[nrsm]?)) (?:Lehrplan|Schlüsselkonzepte?n?)",
        r"\b(?:in|aus|während) (?:der|dieser|unserer|Ihrer|deiner|der letzten|der heutigen|dem|diesem"
        r"|unserem|Ihrem)"
        r" (?:Vorlesung|Unterrichtsstunde|Lehrveranstaltung|Sitzung|Stunde|Kurs|Unterricht|Seminar"
        r"|Lehrplan|Skript)\b"
        r"[^.?!]{0,40}\b(?:besprochen|behandelt|gelernt|erläutert|vorgestellt|erklärt|eingeführt"
        r"|kennengelernt"
        r"|durchgenommen|gezeigt|beschrieben|erwähnt|gehört)",
        r"\b(?:im|aus dem) (?:Kurs|Unterricht|Seminar|Lehrplan|Skript|letzten "
        r"Kapitel)\b[^.?!]{0,40}\b(?:besprochen"
        r"|behandelt|gelernt|erläutert|vorgestellt|erklärt|eingeführt|kennengelernt|durchgenommen|gezeigt"
        r"|erwähnt)",
        r"\b(?:besprochen|behandelt|gelernt|erläutert|vorgestellt|erklärt|eingeführt)en "
        r"[^.?!]{0,40}\b(?:dieser|der"
        r" letzten|unserer) (?:Vorlesung|Sitzung|Lektion|Stunde)\b",
        r"\b(?:laut|gemäß|nach|entsprechend) (?:dem|diesem|unserem) (?:Lehrplan|Syllabus|Kursplan)\b(?! "
        r"(?:der|des|von)\b)",
        r"\b(?:in|aus) (?:diesem|unserem|Ihrem) (?:Kurs|Lehrplan|Seminar)\b(?! (?:der|des|von)\b)"
        r"|\b(?:in|aus) (?:dieser|unserer|Ihrer) (?:Vorlesung|Lektion|Lehrveranstaltung"
        r"|Unterrichtseinheit)\b",
        r"\b(?:vorherigen|vorigen|letzten) (?:Frage|Aufgabe|Übung|Sitzung|Vorlesung|Lektion"
        r"|Unterrichtsstunde)\b",
    ),
    (rf"\b(?:Sitzung|Lektion|Unterrichtseinheit) {_N_ANY}", r"\bSchlüsselkonzepten? (?:oben|dieser)"),
)
_FR = Signs(
    _words(
        "figure tableau graphique schéma fig._ séance session leçon cours module chapitre syllabus "
        "programme conférence ci-dessus précédent manuel"
    ),
    (
        r"\b(?:dans|voir|d\'après|selon|sur) (?:la figure|le tableau|le graphique|le schéma|la fig\.) \d",
        rf"\b(?:vue?s?|discutée?s?|étudiée?s?|abordée?s?|apprise?s?|présentée?s?|introduite?s?"
        rf"|expliquée?s?|traitée?s?"
        rf"|mentionnée?s?|décrite?s?|appris)\b[^.?!]{{0,40}}\b(?:séance|session|leçon|module|chapitre) "
        rf"{_N_ANY}",
        rf"\b(?:séance|session|leçon) {_N_ANY}[^.?!]{{0,15}}\b(?:vous avez|nous avons|on a)\b",
        rf"\b(?:d'après|selon|à partir de|en vous (?:basant|appuyant) sur)[^.?!]{{0,20}}\b(?:séance"
        rf"|session|leçon) {_N_ANY}",
        r"\b(?:vue?s?|discutée?s?|étudiée?s?|abordée?s?|apprise?s?|présentée?s?|introduite?s?"
        r"|expliquée?s?|traitée?s?"
        r"|mentionnée?s?|appris)\b[^.?!]{0,30}\b(?:en cours\b(?! de| d')|en classe|dans (?:ce|le|notre"
        r"|votre) "
        r"(?:cours|syllabus|programme du cours|manuel|module)\b|lors (?:du|de ce|de notre) cours\b(?! "
        r"de| d')"
        r"|(?:pendant|durant|lors de) (?:cette|la dernière|la) (?:séance|leçon)\b(?! de| d'|s))",
        r"\b(?:selon|d'après|conformément (?:à|au)) (?:le|ce|notre|votre)? ?(?:syllabus|programme (?:de "
        r"ce|du) cours)\b",
        r"\b(?:dans|de|pour) (?:ce|notre|votre) (?:cours|syllabus)\b(?! d'eau| de)|\b(?:de|dans) cette "
        r"(?:séance|leçon)\b",
        r"\b(?:syllabus|concepts clés|séances?) ci-dessus\b",
        r"\b(?:question|exercice|séance|leçon|cours) précédente?\b(?! d)",
    ),
    (
        rf"\b(?:séance|leçon) {_N_ANY}",
        r"\bcomme (?:nous l'avons )?(?:vu|discuté|mentionné) (?:précédemment|plus haut)",
    ),
)
_ES_SAID = (
    r"(?:discuti(?:ó|do|mos|eron)|discutid[oa]s?|vist[oa]s?|vimos|estudi(?:ó|ad[oa]s?|amos|ado)"
    r"|aprendid[oa]s?|aprendi[óms]\w*"
    r"|tratad[oa]s?|trató|explicad[oa]s?|explicó|presentad[oa]s?|presentó|introducid[oa]s?|abordad[oa]s?"
    r"|mencionad[oa]s?"
    r"|analizad[oa]s?|cubiert[oa]s?|descrit[oa]s?)"
)
_ES = Signs(
    _words(
        "figura tabla gráfic cuadro sesión sesion lección clase curso temario programa módulo capítulo "
        "unidad syllabus anterior "
        "libro_de_texto"
    ),
    (
        r"\b(?:en|ver|véase|según) (?:la figura|la tabla|el gráfico|la gráfica|el cuadro) \d",
        rf"\b{_ES_SAID}\b[^.?!]{{0,40}}\b(?:sesi[óo]n|lección|clase|módulo|capítulo|unidad) {_N_ANY}",
        rf"\b(?:sesi[óo]n|lección|clase) {_N_ANY},? (?:se|has|hemos|aprendiste|vimos|usted)",
        rf"\b(?:según|basándose en|de acuerdo con|a partir de)[^.?!]{{0,20}}\b(?:sesión|lección|clase) "
        rf"{_N_ANY}",
        rf"\b{_ES_SAID}\b[^.?!]{{0,30}}\b(?:en|durante) (?:clase\b|(?:la|esta|nuestra|la última|la "
        rf"pasada) (?:clase|lección"
        rf"|sesión)\b(?! de| del)|(?:el|este|nuestro) (?:curso|temario|programa del curso|syllabus|módulo"
        rf"|libro de texto)\b"
        r"(?! de| del))",
        r"\b(?:según|de acuerdo con|conforme a) (?:el|este|nuestro) (?:temario|syllabus|programa (?:de "
        r"este|del) curso)\b(?! de| del)",
        r"\b(?:en|de|durante) (?:este|nuestro) (?:curso|temario|syllabus)\b(?! de| del)"
        r"|\b(?:en|de|durante) esta (?:clase|lección)\b(?! de| del)",
        r"\b(?:temario|conceptos clave|sesión) anterior(?:es)?\b|\b(?:pregunta|ejercicio|clase|lección) "
        r"anterior\b",
    ),
    (rf"\b(?:sesión|lección) {_N_ANY}",),
)
_PT_SAID = (
    r"(?:discutid[oa]s?|discutimos|vist[oa]s?|vimos|estudad[oa]s?|estudamos|aprendid[oa]s?|aprendemos"
    r"|aprendeu|abordad[oa]s?"
    r"|apresentad[oa]s?|explicad[oa]s?|introduzid[oa]s?|mencionad[oa]s?|tratad[oa]s?|ensinad[oa]s?"
    r"|descrit[oa]s?)"
)
_PT = Signs(
    _words(
        "figura tabela gráfico quadro sessão sessao aula lição curso ementa módulo capítulo unidade "
        "disciplina anterior "
        "livro_didático syllabus"
    ),
    (
        r"\b(?:na|ver|veja a|segundo a|conforme a|no) (?:figura|tabela|gráfico|quadro) \d",
        rf"\b{_PT_SAID}\b[^.?!]{{0,40}}\b(?:sessão|aula|lição|módulo|capítulo|unidade) {_N_ANY}",
        rf"\b(?:sessão|aula|lição) {_N_ANY},? (?:você|vimos|aprendemos|nós|foi|foram)",
        rf"\b(?:segundo|com base na|de acordo com|a partir da)[^.?!]{{0,20}}\b(?:sessão|aula|lição) "
        rf"{_N_ANY}",
        rf"\b{_PT_SAID}\b[^.?!]{{0,30}}\b(?:em aula\b|em sala(?: de aula)?\b|(?:na|nesta|nessa|em nossa"
        rf"|durante a|na última) "
        r"(?:aula|sessão|lição)\b(?! de| do| da)|(?:no|neste|nesse|em nosso) (?:curso|syllabus|módulo"
        r"|livro didático)\b(?! de| do)"
        r"|na ementa\b)",
        r"\b(?:segundo|de acordo com|conforme) (?:a|o|esta|este) (?:ementa|syllabus|programa (?:deste"
        r"|do) curso)\b(?! de| do)",
        r"\b(?:neste|deste|no nosso|nosso) curso\b(?! de| do)|\b(?:nesta|desta) (?:aula|lição"
        r"|ementa)\b(?! de| do)",
        r"\b(?:questão|pergunta|exercício|aula|lição) anterior\b|\bconceitos-chave (?:acima|da aula)",
    ),
    (rf"\b(?:sessão|aula|lição) {_N_ANY}",),
)
_IT_SAID = (
    r"(?:discuss[oaie]|vist[oaie]|studiat[oaie]|appres[oaie]|trattat[oaie]|presentat[oaie]|spiegat[oaie]"
    r"|introdott[oaie]"
    r"|affrontat[oaie]|menzionat[oaie]|illustrat[oaie]|imparat[oaie]|descritt[oaie]|abbiamo visto)"
)
_IT = Signs(
    _words(
        "figura tabella grafico fig._ sessione lezion corso programma modulo capitolo unità precedent "
        "syllabus libro_di_testo in_classe"
    ),
    (
        r"\b(?:nella|vedi|secondo la|nel) (?:figura|tabella|grafico|fig\.) \d",
        rf"\b{_IT_SAID}\b[^.?!]{{0,40}}\b(?:sessione|lezione|modulo|capitolo|unità) {_N_ANY}",
        rf"\b(?:sessione|lezione) {_N_ANY},? (?:abbiamo|hai|avete|si è|sono)",
        rf"\b(?:secondo|in base all[ae]?|sulla base della|a partire dalla)[^.?!]{{0,20}}\b(?:sessione"
        rf"|lezione) {_N_ANY}",
        rf"\b{_IT_SAID}\b[^.?!]{{0,30}}\b(?:a lezione\b|in classe\b|(?:nella|durante la|in questa"
        rf"|nell'ultima) (?:lezione|sessione)"
        r"\b(?! di| del)|(?:nel|in questo|nel nostro|durante il) (?:corso|programma del corso|syllabus"
        r"|modulo|libro di testo)\b"
        r"(?! di| del))",
        r"\b(?:secondo|in base a|come da) (?:il|al|questo|il nostro) ?(?:syllabus|programma (?:di questo"
        r"|del) corso)\b",
        r"\b(?:in|di|durante) questo (?:corso|syllabus)\b(?! di| d'| del)|\b(?:in|di|durante) questa "
        r"lezione\b",
        r"\b(?:domanda|esercizio|lezione) precedente\b|\bconcetti chiave (?:sopra|precedenti)",
    ),
    (rf"\b(?:sessione|lezione) {_N_ANY}",),
)
_RU_SAID = (
    r"(?:обсужд|обсуд|рассм[оа]тр|рассмотр|изуч|разобр|разбир|описан|объясн|представлен|упом[яи]н"
    r"|введ[её]н|пройден|узнали"
    r"|говорил|затрон)\w*"
)
_RU = Signs(
    _words(
        "рисунке рис. таблиц график заняти урок лекци сесси курс семинар программ модул глав учебник "
        "предыдущ выше"
    ),
    (
        r"\b(?:на рисунке|на рис\.|в таблице|на графике|по таблице) (?:№ ?)?\d",
        rf"\b{_RU_SAID}[^.?!]{{0,40}}\b(?:занятии|уроке|лекции|сессии|модуле|главе|семинаре) (?:№ "
        rf"?)?\d{{1,2}}\b",
        rf"\b(?:занятии|уроке|лекции|сессии) (?:№ ?)?\d{{1,2}}\b[^.?!]{{0,30}}{_RU_SAID}",
        rf"\b{_RU_SAID}[^.?!]{{0,30}}\bна (?:этом |прошлом |нашем |последнем |первом |втором |этой "
        rf"|прошлой |последней )?"
        r"(?:заняти[ия]х?|урок[еа]х?|лекци[ия]х?|семинар[еа]х?|курсе)\b",
        rf"\bна (?:этом |прошлом |нашем |последнем |этой |прошлой |последней )?(?:занятии|уроке|лекции"
        rf"|семинаре)\b"
        rf"[^.?!]{{0,30}}{_RU_SAID}",
        r"\b(?:согласно|в соответствии с|исходя из) (?:учебн\w+ )?(?:план\w+|программ\w+) (?:этого "
        r"|данного |нашего )?курса\b",
        rf"\b{_RU_SAID}[^.?!]{{0,30}}\b(?:в|во время) (?:этом|данном|нашем|этого|нашего) курс[еа]\b",
        r"\b(?:в|из|рамках) (?:этом|этого|данного|данном|нашем|нашего) (?:курс[еа]|учебник[еа])\b(?! "
        r"валют)",
        r"\bпредыдущ(?:ем|его|ей|их) (?:вопрос|задани|упражнени|урок|лекци|заняти)\w*|\bключевы\w+ "
        r"поняти\w+ выше",
    ),
    (r"\b(?:занятии|уроке|лекции|сессии) (?:№ ?)?\d{1,2}\b",),
)
_N_ZH = r"第\s*[\d一二三四五六七八九十]{1,3}\s*"
_ZH_SAID = r"(?:学|講|讲|讨论|討論|介绍|介紹|提到|涉及|描述|解释|解釋|讲解|覆盖|涵盖|所述|说明|說明)"
_ZH = Signs(
    _words("图 圖 表 课 課 讲 講 上述 大纲 大綱 教学 上一题 教材"),
    (
        r"(?:如|见|見|在|根据|由)(?:图|圖|表)\s?[\d一二三]",
        rf"{_N_ZH}(?:节课|節課|堂课|堂課|次课|次課|课|課|讲|講|章|单元)[^。？！]{{0,20}}{_ZH_SAID}",
        rf"(?:根据|根據|按照|基于|结合|回顾|参考){_N_ZH}(?:节课|節課|堂课|堂課|次课|课|課|讲|講)",
        rf"(?:本|这门|這門|该|我们的)(?:课程|課程|堂课|節課|节课|大纲|讲座)[^。？！]{{0,12}}(?:中|里"
        rf"|裡)?{_ZH_SAID}",
        r"(?:在|从)(?:本课程|本课|本课中|本节课|本堂课|这节课|这堂课|这门课|本講|本讲)",
        rf"(?:课堂上|課堂上|上课时|上節課|上节课|上一节课|上次课|之前的课"
        rf"|前面的课)[^。？！]{{0,15}}{_ZH_SAID}",
        r"(?:根据|根據|按照|依据|如)(?:上述|以上|本|该|给定的)?(?:课程|教学)?(?:大纲|大綱)",
        r"(?:上述|以上)(?:的)?(?:课程|課程|大纲|关键概念|關鍵概念|核心概念)",
        r"(?:上一|前一|上)(?:题|个问题|道题|问)(?:中|的|里)",
    ),
    (rf"{_N_ZH}(?:节课|堂课|次课|课|課)",),
)
_JA_SAID = r"(?:学|習|扱|説明|議論|紹介|述べ|触れ|取り上げ|解説|論じ|見た|示し)"
_JA = Signs(
    _words("図 表 グラフ 回 講義 授業 シラバス セッション レッスン 課 章 教科書 前問 前の問"),
    (
        r"(?:図|表|グラフ)\s?\d+(?:に|の|を|で|から)",
        rf"(?:第\s*[\d一二三四五六七八九十]{{1,3}}\s*(?:回|講|課|章|時限|週)|セッション\s*\d{{1,2}}"
        rf"|レッスン\s*\d{{1,2}})"
        rf"[^。？！]{{0,20}}{_JA_SAID}",
        rf"(?:この|本|今回の|前回の|先週の|これまでの|今日の)(?:講義|授業|コース|セッション|レッスン"
        rf"|講座)[^。？！]{{0,15}}{_JA_SAID}",
        rf"(?:講義|授業|教科書|クラス)(?:の中)?(?:で|において)(?:は)?[^。？！]{{0,8}}{_JA_SAID}",
        r"(?:この|上記の|与えられた)?シラバス(?:に|で|の|によ|を)",
        r"(?:この|本)(?:講義|授業|講座)(?:では|において|の内容|を通)",
        r"(?:上記|上)の(?:キーコンセプト|重要概念|主要概念|講義|授業)|前の問題|前問",
        r"(?:第\s*[\d一二三四五六七八九十]{1,3}\s*(?:回|講)|セッション\s*\d{1,2})(?:の(?:内容|授業|講義"
        r"|セッション)?)?(?:に基づ|によ|を踏まえ|を参考)",
    ),
    (
        r"第\s*[\d一二三四五六七八九十]{1,3}\s*(?:课|課|回)(?!戦|大会|国会|選挙|総会|世界|目)"
        r"|セッション\s*\d",
    ),
)
_KO_SAID = r"(?:배운|배웠|다룬|다뤘|다루었|논의|설명|소개|언급|학습|살펴|공부|제시)"
_KO = Signs(
    _words("그림 표 차시 회차 주차 세션 수업 강의 강좌 교재 앞의_문제 이전_문제"),
    (
        r"(?:그림|표|도표)\s?\d+(?:에|의|을|를|과|와)",
        rf"(?:\d+\s*(?:차시|회차|주차|강|과)|(?:세션|강의|수업|레슨)\s*\d+)[^.?!]{{0,20}}{_KO_SAID}",
        rf"(?:이번|이|본|지난|우리|오늘)\s*(?:강의|수업|강좌|과정|세션|시간)[^.?!]{{0,15}}{_KO_SAID}",
        rf"(?:수업|강의|교재)(?:\s*시간)?(?:에서|중에|에)\s[^.?!]{{0,10}}{_KO_SAID}",
        r"(?:위의?|제시된|이|본)?\s*강의\s*계획서(?:에|의|를)",
        r"(?:이|본|이번)\s*(?:강의|수업|강좌)에서",
        r"위의?\s*(?:핵심\s*개념|수업|강의)|(?:앞|이전)(?:의)?\s*(?:문제|질문|수업|강의)(?:에서|의|에)",
        r"(?:\d+\s*(?:차시|회차|주차)|(?:세션|강의)\s*\d+)[을를의에]?\s*(?:바탕|기반|따라|따르면|내용)",
    ),
    (r"\d+\s*(?:차시|회차|주차)|세션\s*\d",),
)
_AR_SAID = r"(?:ناقش|تعلم|درس|شرح|ذكر|تناول|عرض|تم تقديم|وصف|رأين|مر )\w*"
_AR_N = (
    r"(?:رقم )?(?:\d{1,2}|[٠-٩]{1,2}|الأولى|الثانية|الثالثة|الرابعة|الخامسة|الأول|الثاني|الثالث|الرابع"
    r"|الخامس|السابقة|السابق)"
)
_AR = Signs(
    _words(
        "الشكل الجدول الرسم الجلسة المحاضرة الدرس المنهج المقرر الدورة الحصة السؤال_السابق الصف أعلاه "
        "الفصل الوحدة"
    ),
    (
        r"(?:في|انظر|حسب|من) (?:الشكل|الجدول|الرسم) (?:رقم )?[\d٠-٩]",
        rf"{_AR_SAID}[^.?!؟]{{0,40}}(?:الجلسة|المحاضرة|الدرس|الحصة|الوحدة|الفصل) {_AR_N}",
        rf"(?:الجلسة|المحاضرة|الدرس|الحصة) {_AR_N}[^.?!؟]{{0,15}}{_AR_SAID}",
        rf"(?:بناء على|بناءً على|استنادا إلى|وفقا ل|استنادًا إلى)[^.?!؟]{{0,15}}(?:الجلسة|المحاضرة"
        rf"|الدرس) {_AR_N}",
        rf"{_AR_SAID}[^.?!؟]{{0,30}}(?:في|خلال|أثناء) (?:هذه |هذا )?(?:المحاضرة|الدورة|الدرس|المقرر"
        rf"|المنهج|الصف|الحصة)",
        r"(?:وفقا ل|وفقًا ل|حسب |بحسب )(?:هذا )?(?:ال|ل)?(?:لمنهج|منهج|لمقرر|مقرر)(?: الدراسي)?",
        r"في (?:هذه (?:الدورة|المحاضرة|الجلسة|الحصة)|هذا (?:المقرر|الدرس))",
        r"(?:المنهج|المفاهيم الأساسية|المفاهيم الرئيسية|الدرس) (?:المذكورة? )?أعلاه|السؤال السابق",
    ),
    (r"(?:الجلسة|المحاضرة|الدرس) (?:رقم )?(?:\d{1,2}|[٠-٩]{1,2})",),
)
COURSE = {
    **{"en": _EN, "zh": _ZH, "es": _ES, "fr": _FR, "de": _DE, "pt": _PT},
    **{"ja": _JA, "ru": _RU, "it": _IT, "ko": _KO, "ar": _AR},
}
# Others, of which only the plainest signs are known.
MORE = Signs(
    _words("sessie sesja sesji lekcja lekcji"),
    (),
    (rf"\b(?:sessie|sesja|sesji|lekcja|lekcji) {_N_ANY}",),
)
