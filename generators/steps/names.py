"""Makes names of sessions and key concepts that can be understood outside their syllabus."""

import re

# What syllabi call their sessions, with a number after or before it.
_SESSION = (
    "session|class|lesson|lecture|module|unit|week|day|part|chapter|topic|section"
    "|sitzung|lektion|einheit|woche|stunde|vorlesung|modul|kapitel|tag|teil|thema|unterrichtseinheit"
    "|séance|seance|leçon|lecon|cours|semaine|chapitre|unité|partie|thème"
    "|sesión|sesion|lección|leccion|clase|semana|unidad|módulo|capítulo|tema|parte"
    "|sessão|sessao|aula|lição|unidade|sessione|lezione|settimana|unità|modulo|capitolo"
    "|sessie|les|hoofdstuk|sesja|lekcja|zajęcia|tydzień|moduł|rozdział|ders|oturum|hafta|bölüm|ünite"
    "|занятие|урок|лекция|неделя|модуль|раздел|сессия|глава|buổi|bài|chương|tuần|sesi|pertemuan"
    "|جلسة|الجلسة|درس|الدرس|محاضرة|المحاضرة|وحدة|الوحدة|सत्र|पाठ|세션|レッスン|セッション"
)
NUMBERED = re.compile(
    rf"^\W*(?:(?:class |class-)?(?:{_SESSION})s?\s*(?:no\.?|nr\.?|n°|#)?\s*\d{{1,2}}"
    r"(?:\s*[-–]\s*\d{1,2}(?!\d|\s*\w))?\s*(?:[:.)\-–—：、|]+|$)"
    r"|第\s*[\d一二三四五六七八九十]{1,3}\s*(?:回|课|課|節|节|章|讲|講|週|周|单元|堂课|時間目)\s*[:.)\-–—：、|]*"
    r"|\d{1,2}\s*(?:강|주차|차시|회차)\s*[:.)\-–—：、|]*"
    r"|\d{1,2}[.):：、]\s+)\s*",
    re.IGNORECASE,
)

# Words that name an aspect of anything. Alone they are not concepts, and many sessions of a discipline have
# them. Names with words that are missing here, or in other languages, stay as they are.
_GENERAL = (
    "analysis anatomy applications application aspects background basics benefits causes challenges "
    "characteristics classification components composition concepts conclusion context definition "
    "definitions development design effects elements evaluation evolution examples factors features "
    "formation forms function functions fundamentals goals history identification impact implementation "
    "importance introduction issues limitations management materials mechanism mechanisms methodology "
    "methods model models objectives origin origins overview planning practice principles problems "
    "procedures process processes properties purpose review role rules safety stages steps strategies "
    "structure structures summary symptoms techniques terminology terms theory theories tools types uses "
    "anwendung anwendungen arten aufbau bedeutung begriffe beispiele bestandteile definitionen einführung "
    "eigenschaften entwicklung funktion geschichte grundlagen methoden prinzipien struktur theorie "
    "überblick ursachen werkzeuge ziele zusammenfassung zusammensetzung avantages bases définition "
    "exemples fonction histoire méthodes principes propriétés résumé théorie aplicaciones causas "
    "composición definición ejemplos estructura función fundamentos historia introducción métodos "
    "principios propiedades resumen teoría tipos aplicações composição definição exemplos estrutura "
    "função introdução história princípios teoria applicazioni composizione definizione esempi struttura "
    "funzione introduzione storia metodi principi tipi "
)
GENERAL = frozenset(_GENERAL.split())
LONGEST = 120


def unnumbered(title: str) -> str:
    """A title without "Session 3:" before it, which means nothing to a question's reader; never empty."""
    return NUMBERED.sub("", title, count=1).strip() or title


def standing_alone(concept: str, title: str) -> str:
    """A concept's name, followed by its session's title in brackets if it is only a general word."""
    if concept.casefold() not in GENERAL:
        return concept
    whole = f"{concept} ({title})"
    return whole if len(whole) <= LONGEST else concept
