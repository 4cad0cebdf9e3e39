"""Words by which a question asks, in eleven languages: interrogatives, and verbs that set a task."""

import re

# English verbs at the beginning of a clause that tells the reader what to do.
_DO = (
    "explain describe discuss compare contrast analyze analyse evaluate assess calculate compute "
    "determine find solve "
    "prove show derive define identify list name state give write design develop create construct draw "
    "sketch "
    "illustrate outline summarize summarise propose suggest consider suppose imagine assume examine "
    "explore "
    "investigate justify argue classify categorize categorise differentiate distinguish estimate predict "
    "formulate "
    "interpret critique demonstrate apply use using choose select pick match arrange order rank sort "
    "translate convert "
    "simplify factor expand evaluate integrate differentiate graph plot complete fill correct edit "
    "rewrite revise "
    "paraphrase prepare plan model simulate implement code program debug test verify check confirm "
    "reflect research "
    "review relate connect combine synthesize synthesise trace map diagram label build make provide "
    "present prescribe "
    "recommend advise explain tell let suppose refute disprove deduce infer generalize generalise "
    "elaborate clarify "
    "comment account specify indicate mention enumerate quote cite locate observe measure record report "
    "respond reply "
    "answer decide judge defend support criticize criticise characterize characterise contextualize "
    "trace extend "
    "modify adapt optimize optimise improve minimize minimise maximize maximise prioritize express "
    "represent rearrange "
    "substitute count add subtract multiply divide round approximate read study look note recall think "
    "brainstorm "
    "draft compose narrate role-play act pretend help assist generate produce devise invent conceive "
    "configure install "
    "set run execute perform conduct carry take start begin work convince persuade teach instruct "
    "demonstrate "
    "translate transcribe conjugate decline parse scan diagnose treat calibrate balance name discuss "
    "include address "
    "focus ensure detail break highlight point put turn rephrase reorder group separate split merge "
    "reverse reconcile"
)
TASK_EN = frozenset(_DO.split())
# "Which" and the like ask at the beginning of a sentence; later they may only refer to what stands before.
ASKS_EN = re.compile(
    r"\b(?:how|what|why|whether)\b|(?:^|[.!:\n] *)(?:\w+ )?(?:which|who|whom|whose|when|where)\b"
    r"|\b(?:please|your task"
    r"|your goal|you (?:should|must|need to|have to|are asked|are to|will)|(?:can|could|would) you|is "
    r"it|are there"
    r"|i (?:want|would like|need) you|homework|exercise|problem:|task:|question:|true or false)\b",
    re.IGNORECASE,
)
# In other languages: stems of which one stands in nearly every question.
ASKS = {
    "de": r"\b(?:wie|was|warum|wann|wo|wer|wen|wem|wessen|welch\w+|woraus|wodurch|womit|wozu|inwie\w+"
    r"|weshalb|wieso|ob)\b|\bSie\b|\b(?:erklär|beschreib"
    r"|berechn|vergleich|nenn|zeig|beweis|diskutier|erläuter|bestimm|analysier|entw[iu]rf|schreib|gib"
    r"|begründ|skizzier|formulier)",
    "fr": r"\b(?:comment|quel|quelle|quels|quelles|pourquoi|quand|où|qui|que|quoi|combien|est-ce)\b|qu'"
    r"|\b(?:expliqu|décri|calcul|compar|donn|montr|démontr"
    r"|discut|analys|détermin|écri|rédig|propos|justifi|défini|présent|trouv|résol|identifi|cit|dess"
    r"|conce|illustr|évalu)\w*(?:ez|er|re|e|s)\b",
    "es": r"\b(?:cómo|qué|cuál|cuáles|por qué|cuándo|dónde|quién|cuánto\w*)\b|¿|\b(?:expliq|expli|describ"
    r"|calcul|compar|demuest|discut|analic|analiz|determin"
    r"|escrib|propon|justifi|defin|present|encuentr|resuelv|identifi|mencion|diseñ|ilustr|evalú|dé|da)\w*",
    "pt": r"\b(?:como|que|qual|quais|por que|quando|onde|quem|quanto\w*)\b|\b(?:expliq|descrev|calcul"
    r"|compar|demonstr|discut|analis|determin|escrev|propon"
    r"|justifi|defin|apresent|encontr|resolv|identifi|cit|projet|ilustr|avali|dê)\w*",
    "it": r"\b(?:come|che|cosa|quale|quali|perché|quando|dove|chi|quant\w+)\b|qual è|cos'è|\b(?:spieg"
    r"|descriv|calcol|confront|dimostr|discut|analizz|determin"
    r"|scriv|propon|giustific|defin|present|trova|risolv|identific|cita|progett|illustr|valut|elenc)\w*",
    "ru": r"\b(?:как|что|почему|когда|где|кто|какой|какая|какие|какое|каким|каков\w*|сколько|зачем|чем|чему"
    r"|ли)\b|\b(?:объясн|опиш|вычисл|сравн|докаж|обсуд"
    r"|проанализ|определ|напиш|предлож|обоснуй|обоснов|приведи|найди|реши|назов|перечисл|покаж|раскрой"
    r"|разработ|составь|рассчит|сформулир|расскаж|оцени)\w*",
    "zh": r"什么|什麼|如何|怎|为什么|為什麼|哪|谁|誰|几|多少|是否|吗|嗎|解释|解釋|描述|说明|說明|计算"
    r"|計算|比较|比較|讨论|討論|分析|证明|證明|写|寫|列|请|請|设计|設計"
    r"|求|给出|举|论述|简述|阐述|试|评|探讨|判断|推导|概述|编",
    "ja": r"何|なぜ|どの|どう|どこ|いつ|誰|どれ|いくつ|いかに|か[。？]?$|か[。？]|説明|述べ|計算|比較"
    r"|論じ|示[せし]|求め|書[けき]|挙げ|証明|分析|考察|答え|せよ|なさい"
    r"|ください|下さい",
    "ko": r"무엇|어떻|왜|언제|어디|누구|어느|어떤|얼마|몇|까[?.]?|나요|가요|설명|서술|계산|비교|논하|논의"
    r"|분석|증명|쓰시오|쓰세요|구하|하시오|하세요|하라|보시오|기술"
    r"|제시|작성",
    "ar": r"؟|\b(?:ما|ماذا|كيف|لماذا|متى|أين|من|هل|كم|أي|لم)\b|(?:اشرح|صف|احسب|قارن|ناقش|حلل|عرف|اذكر|اكتب"
    r"|وضح|أثبت|حدد|بين|أوجد|صمم|اقترح|علل|فسر|قيم)",
}
KNOWN = frozenset((*ASKS, "en"))
# Beginnings of a reply to somebody, in place of a question.
REPLIES = re.compile(
    r"(?:sure|certainly|of course|absolutely)[,!.:]|(?:here is|here's|here are|below is|the following "
    r"is) (?:a|an|the|your|one|some)\b"
    r"|(?:the )?(?:correct )?(?:answer|solution)(?: (?:to|for) [^.:]{1,80})?(?: is\b|:)|(?:okay|ok),? "
    r"(?:here|let)|i(?:'d| would) be happy to"
    r"|(?:sicher|natürlich|gerne)[,!.:]|hier ist (?:eine|die)\b|(?:die )?(?:antwort|lösung)(?: ist|:| "
    r"lautet)|bien sûr|voici (?:une|la|un)\b"
    r"|(?:la )?réponse(?: est\b| ?:)|por supuesto|claro[,!.:]|aquí (?:tienes|está|hay)|la respuesta (?:es"
    r"|correcta)\b|respuesta:|aqui está|a resposta (?:é|correta)\b"
    r"|resposta:|certo[,!.:]|certamente|ecco (?:una|la|un)\b|la risposta (?:è|corretta)\b|risposta:"
    r"|конечно|вот (?:вопрос|ваш|один|пример)|ответ:|правильный ответ"
    r"|好的[，,。！]|当然[，,！。]|以下是|答案[是：:]|もちろん|承知|以下は|答え[はえ：:]|물론|다음은"
    r"|정답[은:：]|بالتأكيد|بالطبع|إليك|الإجابة",
    re.IGNORECASE,
)
# A label before the answer that a question gives itself.
ANSWER_LABEL = re.compile(
    r"(?:^|\n|[.?!。？！؟)]\s*)[(*]{0,3}(?:correct answer|model answer|sample answer|answer|solution"
    r"|antwort"
    r"|lösung|réponse|solución|respuesta|resposta|solução|risposta|soluzione"
    r"|ответ|решение|答案|参考答案|答え|解答|解答例|정답|답|풀이|الإجابة|الجواب"
    r"|الحل)\**\s*[:：]\**\s*(?=\S)",
    re.IGNORECASE,
)
