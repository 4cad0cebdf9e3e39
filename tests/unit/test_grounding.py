"""Whether names stand in the text they were taken from, in many languages; and names that can stand alone."""

import pytest

from generators.steps.grounding import Ground
from generators.steps.names import standing_alone, unnumbered

TEXTS = {
    "en": "The life of stars: nuclear fusion of hydrogen in the core. Wounds are assessed by nurses and the "
    "healing is documented. Duality of waves and particles; galaxies and theories of their forms.",
    "de": "Die Versorgung chronischer Wunden: Heilung verläuft in Phasen. Verträge kommen durch Angebot und "
    "Annahme zustande; Willenserklärungen werden ausgelegt.",
    "fr": "La photosynthèse des plantes et la respiration cellulaire : les chloroplastes captent la lumière.",
    "es": "La división celular y la fotosíntesis; las leyes del movimiento de los planetas según Kepler.",
    "ru": "Деление клеток и фотосинтез у растений; звёзды главной последовательности, законы Кеплера.",
    "pl": "Podział komórek i fotosynteza roślin; prawa ruchu planet, ciąg główny gwiazd.",
    "fi": "Tähtien kehitys ja fotosynteesi kasveissa; haavojen hoito ja paranemisen vaiheet.",
    "tr": "Yıldızların evrimi ve bitkilerde fotosentez; yaraların bakımı ve iyileşme evreleri.",
    "ja": "光の干渉と回折について学ぶ。恒星の進化と核融合、主系列星の寿命を扱う。",
    "zh": "本课程介绍光的干涉和衍射，恒星的演化与核聚变，以及主序星的寿命。",
    "ko": "식물은 광합성을 통해 빛을 이용한다. 세포의 분열과 항성의 진화를 다룬다.",
    "ar": "تتناول الدورة الخلايا النباتية والتمثيل الضوئي وتطور النجوم وقوانين كبلر.",
    "he": "השיעור עוסק בהתפתחות הכוכבים, בתאים של צמחים ובפוטוסינתזה.",
    "hi": "पौधों में प्रकाश संश्लेषण और कोशिका विभाजन; तारों का विकास।",
    "th": "บทเรียนนี้ว่าด้วยการสังเคราะห์ด้วยแสงของพืชและวิวัฒนาการของดาวฤกษ์",
    "el": "Η φωτοσύνθεση των φυτών και η κυτταρική διαίρεση· η εξέλιξη των άστρων.",
}


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "Life of Stars"),
        ("en", "Hydrogen fusion"),
        ("en", "Wound assessment and documentation"),
        ("en", "Wave-particle duality"),
        ("en", "Theory of galaxy forms"),
        ("en", "NUCLEAR FUSION (thermonuclear)"),
        ("de", "Chronische Wunden"),
        ("de", "Wundversorgung"),
        ("de", "Wundheilungsphasen"),
        ("de", "Ausgelegte Willenserklärung"),
        ("fr", "Photosynthese"),
        ("fr", "Chloroplaste et lumière"),
        ("es", "Fotosintesis"),
        ("es", "Ley de Kepler"),
        ("ru", "Клеточное деление"),
        ("ru", "Звезда главной последовательности"),
        ("pl", "Podział komórki"),
        ("fi", "Fotosynteesi"),
        ("fi", "Haavan hoito"),
        ("tr", "Yıldız evrimi"),
        ("ja", "光干渉"),
        ("ja", "恒星進化"),
        ("zh", "光的衍射"),
        ("zh", "恒星演化"),
        ("ko", "광합성"),
        ("ko", "세포 분열"),
        ("ar", "خلايا نباتية"),
        ("ar", "قوانين كبلر"),
        ("he", "כוכבים"),
        ("hi", "प्रकाश संश्लेषण"),
        ("th", "การสังเคราะห์แสง"),
        ("el", "Φωτοσύνθεση"),
    ],
)
def test_what_models_make_of_a_name_still_stands_in_its_text(language: str, name: str) -> None:
    assert Ground(TEXTS[language]).holds(name)


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "Basic terms"),
        ("en", "First steps in Astronomy"),
        ("en", "Common mistakes"),
        ("en", "Particle physics"),
        ("en", "..."),
        ("en", "光の干渉"),
        ("de", "Grundbegriffe"),
        ("de", "Häufige Fehler"),
        ("fr", "Mécanique quantique"),
        ("es", "Termodinámica"),
        ("ru", "Квантовая механика"),
        ("pl", "Mechanika kwantowa"),
        ("fi", "Kvanttimekaniikka"),
        ("tr", "Kuantum mekaniği"),
        ("ja", "量子力学"),
        ("ja", "基本用語"),
        ("zh", "量子力学"),
        ("ko", "양자역학"),
        ("ar", "ميكانيكا الكم"),
        ("he", "מכניקת הקוונטים"),
        ("hi", "क्वांटम यांत्रिकी"),
        ("th", "กลศาสตร์ควอนตัม"),
        ("el", "Κβαντομηχανική"),
    ],
)
def test_what_was_made_up_does_not(language: str, name: str) -> None:
    assert not Ground(TEXTS[language]).holds(name)


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Session 3: Wound Healing", "Wound Healing"),
        ("Class Session 12 - Torts", "Torts"),
        ("Sessions 1-3: Introduction to Wound Care", "Introduction to Wound Care"),
        ("4. Harmony", "Harmony"),
        ("Sitzung 2 – Verträge", "Verträge"),
        ("Séance 1 : La cellule", "La cellule"),
        ("Занятие 5. Клетка", "Клетка"),
        ("第3回：光の干渉", "光の干渉"),
        ("第二课 恒星", "恒星"),
        # Numbers that belong to a name, and a name that is only a number.
        ("World War 2: Causes", "World War 2: Causes"),
        ("Apollo 11: The Landing", "Apollo 11: The Landing"),
        ("2001: A Space Odyssey", "2001: A Space Odyssey"),
        ("Chapter 11 Bankruptcy", "Chapter 11 Bankruptcy"),
        ("3D Printing", "3D Printing"),
        ("Session 4", "Session 4"),
    ],
)
def test_titles_lose_their_numbers_and_nothing_else(title: str, plain: str) -> None:
    assert unnumbered(title) == plain


def test_a_general_word_takes_its_session_along() -> None:
    assert standing_alone("Composition", "Honey and Wax") == "Composition (Honey and Wax)"
    assert standing_alone("Struktur", "Der Bienenstock") == "Struktur (Der Bienenstock)"
    assert standing_alone("Propolis", "Honey and Wax") == "Propolis"
    assert standing_alone("Honey composition", "Honey and Wax") == "Honey composition"
