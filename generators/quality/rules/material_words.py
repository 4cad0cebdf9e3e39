"""Words by which a question points to material that must come with it: a text, a figure, a table, data, code.

Of a language: the nouns by kind of material; what stands before a noun, or after it, where the material comes
next ("the following text"); and where it is said to be in some place ("the text above", "the attached text").
"""

from typing import Literal, NamedTuple

Kind = Literal["text", "figure", "table", "data", "code", "formula", "list"]


class Pointers(NamedTuple):
    """Of one language; patterns, an empty one for what it does not have."""

    words: tuple[str, ...]
    """One of them stands in every text that a pattern matches."""
    nouns: dict[Kind, str]
    next_before: str
    next_after: str
    place_before: str
    place_after: str
    cited: str = ""
    """Before a text, figure or table with an article, at the end of its phrase: `according to the text,`."""
    between: str = r"\s"
    """Between such a word and the noun."""
    citing: tuple[str, ...] = ()
    """One of them stands in every text that `cited` matches; empty: the words above."""
    shows: str = ""
    """What a figure or table with an article does at the beginning of a sentence: `the graph shows`."""


_EN = Pointers(
    (
        *(
            "following",
            "above",
            "below",
            "attached",
            "accompanying",
            "provided",
            "supplied",
            "enclosed",
            "shown",
        ),
        *(
            "given",
            " here",
            "listed",
            "depicted",
            "pictured",
            "presented",
            "displayed",
            "reproduced",
            "printed",
        ),
        *("overleaf", "on the next page", "on the right", "on the left"),
    ),
    {
        "text": r"(?:passage|text|excerpt|extract|paragraph|article|poem|stor(?:y|ies)|dialogue"
        r"|conversation"
        r"|sentences?"
        r"|quotation|quote|letter|email|document|scenario|case stud(?:y|ies)|vignette|statement|speech"
        r"|transcript|essay"
        r"|review|news report|narrative|argument|abstract|description|situation|piece of text)s?",
        "figure": r"(?:figure|diagram|graph|chart|image|picture|photo(?:graph)?|map|illustration|drawing|plot"
        r"|circuit"
        r"|screenshot|spectrum|sketch|video|painting|flowchart|histogram|scatter ?plot|pie chart|bar "
        r"chart)s?",
        "table": r"(?:tables?|spreadsheets?|frequency tables?)",
        "data": r"(?:data(?: ?sets?)?|datasets?|numbers|values|measurements|observations|results|scores"
        r"|figures|samples?"
        r"|sequence|series|array|matri(?:x|ces)|vectors?|coordinates|points|records|time series"
        r"|balance sheet"
        r"|income statement|sales figures|readings)",
        "code": r"(?:code(?: snippet| fragment| block| sample| example)?|programs?|snippet|function|script"
        r"|quer(?:y|ies)"
        r"|pseudo-?code|algorithm|class definition|listing|shell command|python \w+|java \w+|sql \w+|html"
        r"|c program"
        r"|loop|recursive function)",
        "formula": r"(?:equations?|expressions?|inequalit(?:y|ies)|integrals?|system of (?:linear )?equations"
        r"|polynomials?"
        r"|limits?|formulae?|formulas|differential equation|reactions?|chemical equation)",
        "list": r"(?:options?|choices|answers?|answer choices|alternatives|statements|terms|words|items"
        r"|pairs"
        r"|questions?"
        r"|list|questions below|concepts|columns?|possible answers|multiple-choice options|events|steps)",
    },
    r"(?:the|these|this) following(?: \w+){0,2}?",
    "",
    r"(?:the|this|these|those|using|your) (?:above|attached|accompanying|provided|supplied|enclosed"
    r"|given|listed)(?: \w+)?",
    r"(?:(?:is |are |that is |that are |which is |as )?(?:shown|given|provided|presented|displayed"
    r"|depicted|pictured"
    r"|printed|reproduced|included|listed|attached|found) )?(?:(?:above|below)(?! the\b| an?\b)"
    r"|here(?= *[,.?!;:)]|$)|overleaf"
    r"|on the next page"
    r"|on the right|on the left)|(?:is |are |that is |that are )?(?:provided|attached|supplied|enclosed"
    r"|shown|given"
    r"|presented|depicted|displayed|pictured|listed)(?= *(?:[,.?!;:)]|$|and (?!the)|to (?!the\b|an?\b"
    r"|his|her|their|its|each|all|every|us\b|them\b|him\b)\w+))",
    r"(?:according to|based on|as (?:shown|described|stated|depicted|given|mentioned|seen|illustrated"
    r"|discussed|presented)"
    r" in|shown in|depicted in|refer(?:ring)? to|look(?:ing)? at|study|examine|analy[sz]e|described in"
    r"|consult|interpret"
    r"|(?:^|[.?!] )(?:in|from|using|read)) the",
    shows="shows|depicts|illustrates|displays|plots",
    citing=(
        *(
            "the passage",
            "the text",
            "the excerpt",
            "the extract",
            "the paragraph",
            "the article",
            "the poem",
            "the stor",
        ),
        *(
            "the dialogue",
            "the conversation",
            "the letter",
            "the document",
            "the case stud",
            "the transcript",
        ),
        *(
            "the figure",
            "the diagram",
            "the graph",
            "the chart",
            "the image",
            "the picture",
            "the photo",
            "the map",
        ),
        *(
            "the illustration",
            "the drawing",
            "the table",
            "the spreadsheet",
            "the circuit",
            "the sentence",
            "the quot",
        ),
    ),
)
_DE = Pointers(
    (
        *(
            "folgende",
            "nachstehend",
            "obige",
            "oben",
            "unten",
            "beigefügt",
            "angehängt",
            "gegebene",
            "gezeigt",
        ),
        *(
            "vorliegend",
            "abgebildet",
            "laut dem",
            "laut der",
            "anhand de",
            "abbildung",
            "im text",
            "dargestellt",
        ),
        *("angegeben", "aufgeführt", "vorstehend"),
    ),
    {
        "text": r"(?:Text|Textes|Textauszug|Auszugs?|Abschnitts?|Absatz|Artikels?|Gedicht|Geschichte"
        r"|Dialogs?"
        r"|Gespräch|Sätze"
        r"|Satz|Zitats?|Brief|Dokument|Szenario|Fallbeispiel|Fall|Passage|Aussage|Textstelle|Erzählung"
        r"|Rede)",
        "figure": r"(?:Abbildung|Diagramms?|Grafik|Graph(?:en)?|Bild(?:es)?|Karte|Skizze|Zeichnung|Schaubild"
        r"|Schaltung|Foto)",
        "table": r"(?:Tabelle)",
        "data": r"(?:Daten(?:satz|sätze)?|Zahlen|Werte|Messwerte|Messreihe|Zahlenfolge|Matrix|Messungen"
        r"|Ergebnisse)",
        "code": r"(?:Code|Quellcode|Quelltext|Programms?|Codeausschnitt|Code-Ausschnitt|Codeabschnitt"
        r"|Funktion|Skript"
        r"|Abfrage|Algorithmus|Pseudocode|Codebeispiel)",
        "formula": r"(?:Gleichung(?:en|ssystem)?|Ungleichung|Ausdruck|Integral|Formel|Term)",
        "list": r"(?:Optionen|Antworten|Antwortmöglichkeiten|Aussagen|Begriffe|Wörter|Auswahlmöglichkeiten"
        r"|Fragen|Liste)",
    },
    r"(?:folgende[nrsm]?|nachstehende[nrsm]?)(?: \w+)?",
    "",
    r"(?:obige[nrsm]?|vorstehende[nrsm]?|beigefügte[nrsm]?|angehängte[nrsm]?|vorliegende[nrsm]?"
    r"|gegebene[nrsm]?"
    r"|abgebildete[nrsm]?|gezeigte[nrsm]?|angegebene[nrsm]?|unten(?:stehende[nrsm]?| \w+e[nrsm]?)"
    r"|oben(?:stehende[nrsm]?| \w+e[nrsm]?))",
    r"(?:oben|unten|im Anhang|(?:oben |unten )?(?:gezeigt|dargestellt|abgebildet|angegeben|aufgeführt) "
    r"(?:ist|sind|wird|werden))",
    r"(?:laut|gemäß|nach|anhand|aus|in|auf|im|zeigt|siehe|betrachte(?:n Sie)?|lies|lesen Sie"
    r"|untersuche(?:n Sie)?)"
    r"(?: de[rmsn]| die| das| dieser| diesem| diese)?",
)
_FR = Pointers(
    (
        "suivant",
        "ci-dess",
        "ci-joint",
        "ci-après",
        "fourni",
        "donné",
        "d'après le",
        "selon le",
        "dans le texte",
        "figure",
        "joint",
    ),
    {
        "text": r"(?:texte|passage|extrait|paragraphe|article|poème|récit|histoire|dialogue|phrase|citation"
        r"|lettre|document"
        r"|scénario|cas|énoncé|discours|conversation)s?",
        "figure": r"(?:figure|diagramme|graphique|image|schéma|carte|dessin|photo(?:graphie)?|courbe|circuit"
        r"|illustration)s?",
        "table": r"(?:tableau)x?",
        "data": r"(?:données|valeurs|nombres|mesures|résultats|jeu de données|matrice|suite|série)s?",
        "code": r"(?:code|programme|fonction|script|extrait de code|requête|algorithme|pseudo-?code)s?(?: "
        r"\w+)?",
        "formula": r"(?:équation|expression|inéquation|intégrale|formule|système d'équations)s?",
        "list": r"(?:options?|choix|réponses|propositions|affirmations|termes|mots|questions|éléments"
        r"|liste)",
    },
    "",
    r"(?:suivant(?:e|s|es)?|ci-après)",
    "",
    r"(?:\w+ )?(?:ci-dessus|ci-dessous|ci-joint(?:e|s|es)?|plus haut|plus bas|joint(?:e|s|es)?\b"
    r"|fourni(?:e|s|es)?(?! par| à| de| d')"
    r"|donné(?:e|s|es)?(?= *[,.?!:]))",
    r"(?:d'après|selon|dans|sur|lisez|lire|observez|examinez|analysez|à partir de|à partir du) (?:le|la"
    r"|l'|les|ce|cette)",
    r"\s?",
)
_ES = Pointers(
    (
        "siguiente",
        "anterior",
        "a continuación",
        "arriba",
        "abajo",
        "adjunt",
        "proporcionad",
        "dado",
        "según el",
        "según la",
        "figura",
        "en el texto",
        "mostrad",
        "presentad",
    ),
    {
        "text": r"(?:texto|pasaje|extracto|fragmento|párrafo|artículo|poema|relato|historia|diálogo|oración"
        r"|frase|cita|carta"
        r"|documento|escenario|caso|enunciado|discurso|conversación)(?:s|es)?",
        "figure": r"(?:figura|diagrama|gráfic[oa]|imagen|esquema|mapa|dibujo|foto(?:grafía)?|ilustración"
        r"|circuito)s?",
        "table": r"(?:tabla|cuadro)s?",
        "data": r"(?:datos|valores|números|mediciones|resultados|conjunto de datos|matriz|sucesión|serie)",
        "code": r"(?:código|programa|función|script|fragmento de código|consulta|algoritmo"
        r"|pseudocódigo)s?(?: (?:en |de )?\w+)?",
        "formula": r"(?:ecuaci(?:ón|ones)|expresi(?:ón|ones)|inecuación|integral|fórmula|sistema de "
        r"ecuaciones)",
        "list": r"(?:opciones|respuestas|alternativas|afirmaciones|términos|palabras|preguntas|elementos"
        r"|lista)",
    },
    r"siguientes?",
    r"(?:siguientes?|a continuación|que sigue)",
    r"(?:adjunt[oa]s?|anterior(?:es)?)",
    r"(?:(?:que se )?(?:muestra|presenta|mostrad[oa]s?|presentad[oa]s?|proporcionad[oa]s?|dad[oa]s?) "
    r")?(?:anterior(?:es)?\b(?! a)|de arriba"
    r"|de abajo|arriba|abajo|adjunt[oa]s?|a continuación)|(?:proporcionad|mostrad|presentad)[oa]s?(?= "
    r"*[,.?!:]|$)",
    r"(?:según|en|de acuerdo con|lee|lea|observa|observe|analiza|analice|a partir de|basándose en) (?:el"
    r"|la|los|las|este|esta)",
)
_PT = Pointers(
    (
        "seguinte",
        "anterior",
        "a seguir",
        "acima",
        "abaixo",
        "anex",
        "fornecid",
        "dado",
        "de acordo com",
        "segundo o",
        "figura",
        "no texto",
        "mostrad",
        "apresentad",
    ),
    {
        "text": r"(?:texto|passagem|trecho|excerto|parágrafo|artigo|poema|relato|história|diálogo|frase"
        r"|citação|carta|documento"
        r"|cenário|caso|enunciado|discurso|conversa)s?",
        "figure": r"(?:figura|diagrama|gráfico|imagem|esquema|mapa|desenho|foto(?:grafia)?|ilustração"
        r"|circuito)s?",
        "table": r"(?:tabela|quadro)s?",
        "data": r"(?:dados|valores|números|medições|resultados|conjunto de dados|matriz|sequência|série)",
        "code": r"(?:código|programa|função|script|trecho de código|consulta|algoritmo|pseudocódigo)s?(?: "
        r"(?:em |de )?\w+)?",
        "formula": r"(?:equaç(?:ão|ões)|express(?:ão|ões)|inequação|integral|fórmula|sistema de equações)",
        "list": r"(?:opções|respostas|alternativas|afirmações|termos|palavras|perguntas|itens|lista)",
    },
    r"seguintes?",
    r"(?:seguintes?|a seguir)",
    r"(?:anex[oa]s?)",
    r"(?:(?:mostrad|apresentad|fornecid|dad)[oa]s? )?(?:acima|abaixo|em anexo|anterior(?:es)?\b(?! [aà])"
    r"|anex[oa]s?)"
    r"|(?:fornecid|mostrad|apresentad)[oa]s?(?= *[,.?!:]|$)",
    r"(?:de acordo com|segundo|com base n|n|leia|observe|analise|conforme) ?(?:o|a|os|as|este|esta)",
)
_IT = Pointers(
    (
        "seguent",
        "precedent",
        "sopra",
        "sotto",
        "allegat",
        "fornit",
        "dato",
        "secondo il",
        "figura",
        "nel testo",
        "mostrat",
        "riportat",
    ),
    {
        "text": r"(?:test[oi]|bran[oi]|passaggi?o?|estratto|paragrafo|articolo|poesia|racconto|storia"
        r"|dialogo"
        r"|frase|frasi|citazione"
        r"|lettera|documento|scenario|caso|enunciato|discorso|conversazione)",
        "figure": r"(?:figura|diagramma|grafico|immagine|schema|mappa|disegno|foto(?:grafia)?|illustrazione"
        r"|circuito)",
        "table": r"(?:tabell[ae])",
        "data": r"(?:dati|valori|numeri|misurazioni|risultati|insieme di dati|matrice|successione|serie)",
        "code": r"(?:codice|programma|funzione|script|frammento di codice|query|algoritmo|pseudocodice)(?: "
        r"(?:in |di )?\w+)?",
        "formula": r"(?:equazion[ei]|espression[ei]|disequazione|integrale|formula|sistema di equazioni)",
        "list": r"(?:opzioni|risposte|alternative|affermazioni|termini|parole|domande|elementi|elenco)",
    },
    r"seguent[ei]",
    r"(?:seguent[ei])",
    r"(?:allegat[oaie])",
    r"(?:(?:mostrat|riportat|fornit|indicat)[oaie] )?(?:(?:qui )?(?:di )?(?:sopra|sotto)"
    r"|precedent[ei]\b(?! a)|allegat[oaie])"
    r"|(?:fornit|mostrat|riportat)[oaie](?= *[,.?!:]|$)",
    r"(?:secondo|in base a|nel|nella|leggi|leggete|osserva|osservate|analizza|analizzate|dal|dalla) "
    r"?(?:il|lo|la|l'|i|gli|le|questo|questa)?",
    r"\s?",
)
_RU = Pointers(
    (
        "следующ",
        "ниже",
        "выше",
        "приведённ",
        "приведенн",
        "прилагаем",
        "прилож",
        "данн",
        "согласно",
        "на рисунке",
        "в тексте",
        "показан",
        "представлен",
    ),
    {
        "text": r"(?:текст|отрыв|фрагмент|абзац|стать|стихотворени|рассказ|диалог|предложени|цитат|письм"
        r"|документ|сценари|случа"
        r"|высказывани|реч|разговор|ситуаци)\w*",
        "figure": r"(?:рисун|диаграмм|график|изображени|схем|карт|чертеж|чертёж|фотографи|картин)\w*",
        "table": r"таблиц\w*",
        "data": r"(?:данны|значени|чис(?:ла|ел)|измерени|результат|набор\w* данных|матриц|последовательност"
        r"|выборк)\w*",
        "code": r"(?:код|программ|функци|скрипт|запрос|алгоритм|псевдокод)\w*",
        "formula": r"(?:уравнени|выражени|неравенств|интеграл|формул|систем\w* уравнени)\w*",
        "list": r"(?:вариант|ответ|утверждени|термин|слов|вопрос|пункт|спис)\w*",
    },
    r"(?:следующ\w+|нижеследующ\w+|(?:приведённ|приведенн|представленн|указанн)\w+ ниже)(?: \w+)?",
    r"",
    r"(?:(?:приведённ|приведенн|представленн|указанн|показанн)\w+(?: выше| ниже)|вышеприведённ\w+"
    r"|вышеприведенн\w+"
    r"|прилагаем\w+|приложенн\w+)(?: \w+)?",
    r"(?:(?:приведённ|приведенн|представленн|показанн)\w+ )?(?:выше|ниже)\b",
    r"(?:согласно|по|на|в|из|прочитайте|рассмотрите|проанализируйте|изучите)(?: этом| этому| данном| "
    r"данному)?",
)
_ZH = Pointers(
    (
        "下列",
        "以下",
        "下面",
        "上述",
        "上面",
        "下图",
        "下圖",
        "下表",
        "如图",
        "如圖",
        "上图",
        "上文",
        "给定",
        "所给",
        "所示",
        "附图",
        "附件",
        "上表",
        "文中",
        "给出",
        "图中",
    ),
    {
        "text": r"(?:文章|段落|短文|材料|文本|对话|對話|句子|诗|詩|故事|摘录|文字|案例|情景|场景|这段话"
        r"|引文)",
        "figure": r"(?:图|圖|图表|图像|图片|示意图|曲线图|电路图|地图)",
        "table": r"(?:表格|表)",
        "data": r"(?:数据|數據|数据集|数字|数值|测量值|序列|数列|矩阵|结果)",
        "code": r"(?:代码|代碼|程序|程式|函数|脚本|查询|算法|伪代码|代码片段)",
        "formula": r"(?:方程|方程式|方程组|不等式|积分|表达式|公式)",
        "list": r"(?:选项|選項|答案|说法|陈述|词语|单词|问题|术语)",
    },
    r"(?:下列|以下|下面)(?:的|这段|这个|一段|给出的|给定的)?(?:\w{0,4}?)",
    "",
    r"(?:上述|上面|上文|以上|附件中|附|所给|给定|给出|提供)(?:的)?|(?:如|据|从|根据|由|观察)?(?:下"
    r"|上)(?=图|圖|表)",
    r"(?:所示|如下)",
    r"(?:根据|依据|阅读|在|从)(?:这篇|这段|该|此|本)?",
    "",
)
_JA = Pointers(
    (
        "次の",
        "以下の",
        "上の",
        "下の",
        "上記",
        "下記",
        "添付",
        "与えられた",
        "前述",
        "右の",
        "左の",
        "示した",
        "図に",
        "本文",
        "文章中",
        "図から",
        "表から",
    ),
    {
        "text": r"(?:文章|文|段落|テキスト|一節|抜粋|記事|詩|物語|対話|会話|引用|手紙|資料|シナリオ|事例)",
        "figure": r"(?:図|グラフ|画像|写真|図表|地図|イラスト|回路図|ダイアグラム)",
        "table": r"(?:表)",
        "data": r"(?:データ(?:セット)?|数値|測定値|数列|行列|値|結果)",
        "code": r"(?:コード|プログラム|関数|スクリプト|クエリ|アルゴリズム|擬似コード|ソースコード)",
        "formula": r"(?:方程式|式|不等式|積分|数式|連立方程式)",
        "list": r"(?:選択肢|答え|記述|単語|語句|質問|問い|用語)",
    },
    r"(?:次|以下|下記|下)の(?:\w{0,6}?)",
    "",
    r"(?:上記|上|前述|添付|右|左|与えられた|示された|提示された|別紙)の?",
    r"(?:に示(?:す|された)|を参照)",
    r"(?:本|この)",
    "",
)
_KO = Pointers(
    ("다음", "아래", "위의", "위 ", "첨부", "주어진", "제시된", "그림에", "본문", "지문"),
    {
        "text": r"(?:글|지문|본문|텍스트|문장|문단|단락|기사|시|이야기|대화|인용문|편지|자료|시나리오|사례"
        r"|발췌문)",
        "figure": r"(?:그림|도표|그래프|이미지|사진|지도|도식|다이어그램|회로도)",
        "table": r"(?:표)",
        "data": r"(?:데이터(?:셋)?|자료값|수치|값|측정값|수열|행렬|결과)",
        "code": r"(?:코드|프로그램|함수|스크립트|쿼리|알고리즘|의사코드|소스 ?코드)",
        "formula": r"(?:방정식|식|부등식|적분|수식|연립방정식)",
        "list": r"(?:보기|선택지|답|진술|단어|용어|질문|문항)",
    },
    r"(?:다음|아래)(?:의|에 주어진|에 제시된)?(?: \w{1,6})??",
    "",
    r"(?:위의?|위에 제시된|첨부된|주어진|제시된)",
    r"(?:에서 보는 바와 같이|에 제시된)",
    "",
    r"\s?",
)
_AR = Pointers(
    (
        "التالي",
        "الآتي",
        "أعلاه",
        "أدناه",
        "المرفق",
        "المعطى",
        "المعطاة",
        "السابق",
        "المذكور",
        "الموضح",
        "وفقا للنص",
        "في النص",
        "الشكل",
    ),
    {
        "text": r"(?:ال|لل|بال)(?:نص|فقرة|مقطع|مقال|قصيدة|قصة|حوار|جملة|جمل|اقتباس|رسالة|وثيقة|سيناريو|حالة"
        r"|عبارة)",
        "figure": r"(?:ال|لل|بال)(?:شكل|مخطط|رسم|صورة|رسم البياني|خريطة|دائرة)",
        "table": r"(?:ال|لل|بال)(?:جدول)",
        "data": r"(?:ال|لل|بال)(?:بيانات|قيم|أرقام|قياسات|نتائج|مصفوفة|متتالية)",
        "code": r"(?:ال|لل|بال)(?:كود|شفرة|برنامج|دالة|استعلام|خوارزمية|شيفرة)",
        "formula": r"(?:ال|لل|بال)(?:معادلة|معادلات|تعبير|متباينة|تكامل|صيغة)",
        "list": r"(?:ال|لل|بال)(?:خيارات|إجابات|عبارات|مصطلحات|كلمات|أسئلة|بدائل)",
    },
    "",
    r"(?:التالي|التالية|الآتي|الآتية)",
    "",
    r"(?:\w+ )?(?:أعلاه|أدناه|المرفق|المرفقة|السابق|السابقة|المعطاة|المعطى)",
    r"(?:في|حسب|من|انظر إلى|اقرأ)",
)
MATERIAL = {
    **{"en": _EN, "zh": _ZH, "es": _ES, "fr": _FR, "de": _DE, "pt": _PT},
    **{"ja": _JA, "ru": _RU, "it": _IT, "ko": _KO, "ar": _AR},
}
# "Which of the following", where a language has a fixed phrase for it; what joins the last option.
OFFERS: dict[str, tuple[str, ...]] = {
    "en": (
        r"\b(?:which|what|any|one|all|select|choose|pick|identify|none)(?: \w+)?(?: one| ones)? (?:of"
        r"|from|among)"
        r" (?:the )?(?:following\b(?! (?:day|week|month|year|hour|night|morning|evening|minute|decade"
        r"|round|season|game)s?\b)"
        r"|options|choices|alternatives|answers|statements below|(?:options|choices|statements) (?:given"
        r"|listed|provided))\b",
        r"\bamong the following\b|\bfrom the following (?:options|list|choices|statements)\b",
        r"(?:^|[.?!:]\s+)(?:please )?(?:choose|select|pick|mark|circle|tick) (?:the|one|all|your) (?:\w+ "
        r")?(?:correct |right |best |most "
        r"\w+ )?(?:answers?|options?|statements?|choices?|alternatives?|that apply)\b",
        r"\bselect all that apply\b",
    ),
    "de": (
        r"\bwelche[rsnm]? (?:\w+ )?(?:der |von den |dieser )?(?:folgenden|nachstehenden|genannten "
        r"Optionen)",
        r"\bwas davon trifft zu\b|\bwelche (?:Antwort|Option|Aussage) (?:ist|trifft)\b",
        r"(?:^|[.?!:]\s+)(?:wählen Sie|wähle|kreuzen Sie|kreuze|markieren Sie) (?:die|alle|eine) (?:\w+ "
        r")?(?:\w+ )?(?:Antwort|Option|Aussage|Lösung)",
    ),
    "fr": (
        r"\b(?:lequel|laquelle|lesquels|lesquelles|parmi|quel(?:le)?s?)\b[^.?!]{0,30}\b(?:suivant(?:e|s"
        r"|es)\b|ci-dessous)",
        r"(?:^|[.?!:]\s+)(?:choisissez|choisis|cochez|sélectionnez|sélectionne) (?:la|les|une|le) (?:\w+ "
        r")?(?:bonnes?|meilleure )?(?:réponse|option|"
        r"proposition|affirmation)s?",
    ),
    "es": (
        r"\b(?:cuál(?:es)?|qué)\b[^.?!]{0,15} de (?:las|los)(?: \w+)? siguientes\b|\bcuál de las "
        r"opciones\b|\bcuál de estas opciones\b",
        r"(?:^|[.?!:¿¡]\s*)(?:elija|elige|seleccione|selecciona|marque|marca|escoja|escoge) (?:la|las|una"
        r"|el) (?:\w+ )?(?:respuesta|opción|opciones|afirmación|alternativa)",
    ),
    "pt": (
        r"\b(?:qua(?:l|is)|que)\b[^.?!]{0,15} d[aeo]s?(?: \w+)? seguintes\b|\bqual das (?:opções"
        r"|alternativas)\b",
        r"(?:^|[.?!:]\s+)(?:escolha|selecione|marque|assinale) (?:a|as|uma|o) (?:\w+ )?(?:respostas?"
        r"|opç(?:ão|ões)|alternativas?|afirmaç(?:ão|ões))",
    ),
    "it": (
        r"\bqual[ei](?: \w+)? (?:dei|delle|degli|tra (?:i|le|gli)|fra (?:i|le))(?: \w+)? seguenti\b"
        r"|\bquale delle opzioni\b",
        r"(?:^|[.?!:]\s+)(?:scegli|scegliete|seleziona|selezionate|indica|indicate) (?:la|le|una"
        r"|l')\s?(?:\w+ )?(?:risposta|risposte|opzione|opzioni|alternativa|affermazione)\b(?: \w+)?",
    ),
    "ru": (
        r"\b(?:что|как(?:ое|ой|ая|ие)|котор\w+|кто)(?: \w+)? из (?:следующ|перечисленн|нижеперечисленн"
        r"|приведённ|приведенн|предложенн|данных вариант)\w*",
        r"(?:^|[.?!:]\s+)(?:выберите|отметьте|укажите) (?:один |все )?(?:правильн|верн|подходящ)\w+ "
        r"(?:вариант|ответ|утвержден)\w*",
    ),
    "zh": (
        r"(?:以下|下列|下面)(?:的)?(?:哪|選項|选项|何者|說法|说法)|(?:选择|選擇|选出)(?:正确|正確|最佳"
        r"|合适)(?:的)?(?:答案|选项|選項)"
        r"|(?:哪|哪一|哪个)个?(?:选项|選項)",
    ),
    "ja": (
        r"(?:次|以下|下記)の(?:うち|中で|中から|選択肢|どれ)|(?:正しい|適切な|最も\w{1,6})(?:もの|答え"
        r"|選択肢|記述)を(?:1つ|一つ|すべて|全て)?選",
    ),
    "ko": (
        r"다음 ?중|다음에서 (?:고르|선택)|(?:옳은|올바른|맞는|적절한|알맞은) (?:것|답"
        r"|보기)[을은]?\s?(?:를)?\s?(?:모두 )?(?:고르|선택)|아래 "
        r"?(?:보기|중)",
    ),
    "ar": (
        r"\bأي(?: \w+)? ?(?:من|مما|من بين) (?:يلي|التالي|التالية|العبارات التالية|الخيارات|ما يلي)|مما "
        r"يلي|(?:اختر|حدد) (?:الإجابة|الخيار|العبارة)",
    ),
    "nl": (r"\bwelke(?: \w+)? van de volgende\b",),
    "pl": (r"\bktór\w+(?: \w+)? z (?:poniższych|następujących)\b",),
    "tr": (r"aşağıdakilerden hangisi",),
    "hi": (r"निम्नलिखित में से",),
}
OFFERING: dict[str, tuple[str, ...]] = {
    "en": (
        *(
            "of the following",
            "among the following",
            "from the following",
            " options",
            " choices",
            "alternatives",
        ),
        *("of the answers", "statements below", "choose ", "select ", "pick ", "mark ", "circle ", "tick "),
    ),
    "de": (
        "folgenden",
        "nachstehend",
        "davon",
        "wähle",
        "kreuze",
        "markier",
        "welche antwort",
        "welche option",
        "welche aussage",
        "genannten",
    ),
    "fr": ("suivant", "ci-dessous", "chois", "coche", "sélectionne"),
    "es": ("siguientes", "opcion", "elij", "elig", "selecci", "marque", "marca ", "escoj", "escog"),
    "pt": ("seguintes", "opções", "alternativas", "escolha", "selecione", "marque", "assinale"),
    "it": ("seguenti", "opzioni", "scegli", "selezion", "indica"),
    "ru": (
        "следующ",
        "перечисленн",
        "приведённ",
        "приведенн",
        "предложенн",
        "вариант",
        "выберите",
        "отметьте",
        "укажите",
    ),
    "zh": ("以下", "下列", "下面", "选择", "選擇", "选出", "选项", "選項"),
    "ja": ("次の", "以下の", "下記の", "正しい", "適切な", "最も"),
    "ko": ("다음", "옳은", "올바른", "맞는", "적절한", "알맞은", "아래"),
    "ar": ("يلي", "التالي", "الخيارات", "اختر", "حدد", "العبارات"),
    "nl": ("volgende",),
    "pl": ("poniższ", "następując"),
    "tr": ("aşağıdaki",),
    "hi": ("निम्नलिखित",),
}
