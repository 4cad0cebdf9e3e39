"""Words by which an answer speaks of itself, declines, or refers to its prompt, in eleven languages."""

import re

from generators.quality.flaws import any_of

# What is a model in its own words. An "AI engineer" is none: what follows is the end of the phrase.
_MODEL = (
    r"(?:(?:large )?(?:AI|artificial intelligence|language)(?:[- ](?:powered|based|generated))?"
    r"(?: language)?(?: model| assistant| chatbot| program| system| tool)?|(?:AI |virtual |digital "
    r")?(?:assistant|chatbot)"
    r"|LLM|text-based (?:AI|model)|machine learning model|computer program)"
)
_MAKERS = (
    r"(?:OpenAI|Anthropic|Google(?: DeepMind)?|DeepMind|Meta(?: AI)?|Microsoft|Alibaba(?: Cloud)?"
    r"|Mistral(?: AI)?|DeepSeek"
    r"|Cohere|xAI|Hugging ?Face|Baidu|Tencent|Zhipu|Moonshot AI)"
)
SELF = {
    "en": (
        rf"\bas (?:an?|your) {_MODEL}(?=,| I\b| my\b| trained| created| developed| designed|\.)",
        r"\bas an AI(?=,| I\b|\.)",
        rf"\b(?:being|since I am|since I'm|because I am|because I'm|as I am|while I am) (?:just |only "
        rf")?an? {_MODEL}(?=,| I\b|\.| and\b)",
        rf"\b(?:I am|I'm|I was|I am just|I'm just|I'm only) (?:just |only |merely )?(?:an?|the) "
        rf"{_MODEL}\b(?! (?:engineer|"
        r"researcher|developer|student|scientist|enthusiast|specialist|expert))",
        r"\b(?:I am|I'm|my name is) (?:ChatGPT|GPT-?\d\w*|Claude|Gemini|Bard|Llama|Qwen|Mistral|DeepSeek"
        r"|Copilot|SmolLM\w*)\b",
        rf"\bI (?:was|am|have been) (?:developed|trained|created|built|made|designed) by (?:a team at "
        rf")?{_MAKERS}\b",
        r"\b(?:my|of my) (?:training data|knowledge cut-?off|knowledge base|last (?:training|knowledge) "
        r"update|training (?:cut-?off|set))\b",
        r"\bas of my (?:last|latest|most recent|current|knowledge) \w+",
        r"\bmy knowledge (?:is limited|only goes|extends|was last updated|ends)\b",
        r"\bI (?:don't|do not|cannot|can't) have (?:personal (?:opinions|beliefs|experiences?|feelings"
        r"|preferences|emotions)"
        r"|access to (?:real-time|current|the internet|external|your|live)|the ability to (?:browse"
        r"|access|see|view|feel|experience)"
        r"|feelings or|a physical (?:body|form)|real-time)",
        r"\bI (?:cannot|can't|am unable to|am not able to|'m unable to|don't have the ability to) "
        r"(?:browse|access the internet|"
        r"access real-time|provide real-time|view (?:images|files|the (?:image|figure|file))|see "
        r"(?:images|the (?:image|figure|diagram|table)))",
        r"\bas a language model\b",
    ),
    "de": (
        r"\bals (?:eine?n? )?(?:KI|künstliche Intelligenz|Sprachmodell|KI-(?:Sprachmodell|Assistent"
        r"|Modell|System)|virtueller Assistent)"
        r"(?:-\w+)?(?=,| (?:kann|habe|bin|verfüge|besitze|darf|möchte|wurde|ist es mir|von)\b)",
        r"\bich bin (?:nur |lediglich )?(?:ein|eine) (?:KI|künstliche Intelligenz|Sprachmodell"
        r"|virtueller Assistent|Chatbot|KI-\w+|großes Sprachmodell)\b",
        r"\bmeine (?:Trainingsdaten|Wissensbasis)\b|\bmeine[nsrm]* (?:Wissensstand|Trainings(?:daten"
        r"|stands?)|letzten (?:Update|Aktualisierung))",
        rf"\bich wurde von {_MAKERS} (?:entwickelt|trainiert|erstellt)",
        r"\bich habe (?:keine persönlichen (?:Meinungen|Erfahrungen|Gefühle)|keinen Zugriff auf "
        r"(?:Echtzeit|das Internet|aktuelle))",
    ),
    "fr": (
        r"\ben tant qu(?:e |')(?:une? )?(?:IA|intelligence artificielle|modèle (?:de langage|d'IA"
        r"|linguistique)|assistant (?:virtuel|IA|d'IA)|assistante? \w+)\b",
        r"\bje suis (?:un|une) (?:IA|intelligence artificielle|modèle (?:de langage|linguistique|d'IA)"
        r"|assistant (?:virtuel|IA)|chatbot)\b",
        r"\bmes (?:données d'entraînement|connaissances s'arrêtent)|\bma (?:dernière mise à jour|date de "
        r"coupure|base de connaissances)\b",
        rf"\bj'ai été (?:développée?|créée?|entraînée?|conçue?) par {_MAKERS}",
        r"\bje n'ai pas (?:d'opinions? personnelles?|d'expériences? personnelles?|de sentiments|accès "
        r"(?:à internet|en temps réel|aux informations en temps))",
    ),
    "es": (
        r"\bcomo (?:una? )?(?:IA|inteligencia artificial|modelo de (?:lenguaje|IA|inteligencia "
        r"artificial)|asistente (?:virtual|de IA)|chatbot)\b(?=,| (?:no|yo|mi|puedo|tengo|de|desarroll"
        r"|entren))",
        r"\bsoy (?:solo )?(?:un|una) (?:IA|inteligencia artificial|modelo de (?:lenguaje|IA)|asistente "
        r"(?:virtual|de IA)|chatbot)\b",
        r"\bmis datos de entrenamiento\b|\bmi (?:última actualización|fecha de corte|conocimiento "
        r"(?:llega|se limita|termina)|base de conocimientos)\b",
        rf"\b(?:fui|he sido) (?:desarrollad|cread|entrenad)[oa] por {_MAKERS}",
        r"\bno tengo (?:opiniones personales|experiencias personales|sentimientos|acceso a (?:internet"
        r"|información en tiempo real))",
    ),
    "pt": (
        r"\bcomo (?:uma? )?(?:IA|inteligência artificial|modelo de (?:linguagem|IA)|assistente (?:virtual"
        r"|de IA)|chatbot)\b(?=,| (?:não|eu|posso|tenho|de|desenvolv|trein))",
        r"\bsou (?:apenas )?(?:um|uma) (?:IA|inteligência artificial|modelo de (?:linguagem|IA)"
        r"|assistente (?:virtual|de IA)|chatbot)\b",
        r"\bmeus dados de treinamento\b|\bminha (?:última atualização|data de corte|base de "
        r"conhecimento)\b",
        rf"\bfui (?:desenvolvid|criad|treinad)[oa] pel[oa] {_MAKERS}",
        r"\b(?:não tenho) (?:opiniões pessoais|experiências pessoais|sentimentos|acesso (?:à internet|a "
        r"informações em tempo real))",
    ),
    "it": (
        r"\b(?:come|in quanto|essendo) (?:un |una |un')?(?:IA|intelligenza artificiale|modello "
        r"(?:linguistico|di linguaggio|di IA)|assistente (?:virtuale|AI|IA)|AI|chatbot)\b(?=,| (?:non|io"
        r"|posso|ho|di|svilupp|addestr))",
        r"\bsono (?:solo )?(?:un |una |un')(?:IA|AI|intelligenza artificiale|modello (?:linguistico|di "
        r"linguaggio)|assistente (?:virtuale|AI)|chatbot)\b",
        r"\bmiei dati di addestramento\b|\bmi[oa] (?:ultimo aggiornamento|base di conoscenza|data "
        r"limite)\b",
        rf"\bsono stat[oa] (?:sviluppat|creat|addestrat)[oa] da {_MAKERS}",
        r"\bnon ho (?:opinioni personali|esperienze personali|sentimenti|accesso (?:a internet|in tempo "
        r"reale))",
    ),
    "ru": (
        r"\bкак (?:ИИ|искусственный интеллект|языковая модель|большая языковая модель|виртуальный "
        r"(?:ассистент|помощник)|ИИ-\w+|модель (?:ИИ|искусственного))(?=,| я\b| не\b)",
        r"\bбудучи (?:ИИ|искусственным интеллектом|языковой моделью)|\bя (?:—|-|–|всего лишь|являюсь"
        r"|просто)?\s?(?:ИИ|языковая модель|искусственный интеллект|языковой моделью|чат-бот|виртуальный "
        r"(?:ассистент|помощник))",
        r"\b(?:моих|мои) (?:обучающ\w+ данн\w+|данн\w+ (?:для )?обучени\w+|знани\w+ (?:ограничен|обрыва"
        r"|заканчива))|\bмоего (?:последнего обновления|обучения)\b",
        r"\bменя (?:разработал|создал|обучил)\w* (?:компани\w+ )?(?:OpenAI|Anthropic|Google|Яндекс|Сбер"
        r"|Alibaba|DeepSeek|Meta)",
        r"\bу меня нет (?:личн\w+ (?:мнени|опыт|чувств)\w*|доступа (?:к интернету|в интернет|к актуальн))",
    ),
    "zh": (
        r"作为(?:一个|一名|一款)?(?:由\w{1,12}开发的)?(?:AI|人工智能|大?语言模型|聊天机器人|大模型"
        r"|智能助手)(?:助手|模型|语言模型|程序)?[，,、 我]",
        r"我(?:只)?是(?:一个|一名|一款)?(?:由\w{1,12}(?:开发|训练|创建|研发)的)?(?:AI|人工智能"
        r"|大?语言模型|聊天机器人|大模型|智能助手)",
        r"我的(?:训练数据|知识库|知识截止|训练截止|知识更新)|我(?:没有|无法)(?:个人(?:观点|意见|情感"
        r"|经验)|访问(?:互联网|实时))",
        r"我(?:是)?由\w{0,6}(?:OpenAI|阿里|百度|腾讯|谷歌|Anthropic|DeepSeek|深度求索|Google"
        r"|Meta)\w{0,6}(?:开发|训练|创建|研发)",
        r"身為(?:一個)?(?:AI|人工智慧|語言模型)",
    ),
    "ja": (
        r"(?:AI|人工知能|(?:大規模)?言語モデル|AIアシスタント|AI言語モデル|チャットボット)(?:として"
        r"|である私|なので、?私|ですので、?私)",
        r"(?:私|わたし|当方)は(?:[^。]{0,10})?(?:AI|人工知能|(?:大規模)?言語モデル|AIアシスタント"
        r"|チャットボット)(?:です|であり|なので|のため|ですので|として)",
        r"(?:私|当方)の(?:学習データ|訓練データ|トレーニングデータ|知識(?:は|の(?:範囲|カットオフ)))"
        r"|(?:私|当方)は(?:OpenAI|Anthropic|Google"
        r"|Meta)\w*(?:によって|が|に)(?:開発|訓練|作)",
        r"個人的な(?:意見|感情|経験)は(?:持|あり)",
    ),
    "ko": (
        r"(?:AI|인공지능|언어 ?모델|챗봇|AI 어시스턴트|인공지능 언어 ?모델|AI 언어 ?모델)(?:로서|이기 "
        r"때문에|이므로|이라서)",
        r"(?:저는|나는|제가) (?:\S{1,12}가 (?:개발|훈련)한 )?(?:AI|인공지능|언어 ?모델|대규모 언어 "
        r"?모델|챗봇)(?: \S{1,8})?(?:입니다|이며"
        r"|이므로|이기|이라|일 뿐)",
        r"(?:제|저의|나의) (?:학습 ?데이터|훈련 ?데이터|지식(?:은|의))|개인적인 (?:의견|감정|경험)(?:이"
        r"|을|은) (?:없|가지고 있지)",
        r"(?:저는|나는) (?:OpenAI|Anthropic|구글|네이버|메타)\S* (?:개발|훈련|만든|만들)",
    ),
    "ar": (
        r"(?:كنموذج|باعتباري|بصفتي|بصفتي نموذج|كوني|كمساعد)\s?(?:نموذج|ذكاء|لغوي|لغة|مساعد|افتراضي"
        r"|روبوت)\w*",
        r"(?:أنا|لست سوى|أنا مجرد) (?:نموذج (?:لغوي|لغة|ذكاء)|ذكاء اصطناعي|مساعد (?:افتراضي|ذكي|ذكاء)"
        r"|روبوت محادثة)",
        r"بيانات (?:التدريب الخاصة بي|تدريبي)|(?:آخر تحديث لي|معرفتي (?:تقتصر|محدودة|تتوقف))",
        r"ليس لدي (?:آراء شخصية|مشاعر|تجارب شخصية|إمكانية الوصول (?:إلى الإنترنت|في الوقت))",
    ),
}
SELF_WORDS = {
    "en": (
        "as an ",
        "as a ",
        "as your ",
        "being ",
        "because ",
        "since ",
        "i am ",
        "i'm ",
        "i was ",
        "i have been",
        "my ",
        "i don't",
        "i do not",
        "i cannot",
        "i can't",
    ),
    "de": ("als ", "ich ", "meine"),
    "fr": ("en tant qu", "je suis", "mes ", "ma ", "j'ai été", "je n'ai"),
    "es": ("como ", "soy ", "mis ", "mi ", "fui ", "he sido", "no tengo"),
    "pt": ("como ", "sou ", "meus ", "minha ", "fui ", "não tenho"),
    "it": ("come ", "in quanto", "essendo", "sono ", "miei ", "mio ", "mia ", "non ho"),
    "ru": ("как ", "будучи", "я ", "моих", "мои ", "моего", "меня", "у меня"),
    "zh": ("作为", "身為", "我"),
    "ja": ("ai", "人工知能", "言語モデル", "チャットボット", "私", "当方", "個人的"),
    "ko": ("ai", "인공지능", "언어", "챗봇", "저는", "나는", "제가", "제 ", "저의", "나의", "개인적"),
    "ar": ("كنموذج", "باعتباري", "بصفتي", "كوني", "كمساعد", "أنا", "تدريب", "تحديث", "معرفتي", "ليس لدي"),
}
# Topics in which a model may be what is spoken of.
ABOUT_MODELS = re.compile(
    r"\bAI\b|\bA\.I\.|artificial intelligence|language model|chat ?bot|\bGPT|ChatGPT|\bLLMs?\b|virtual "
    r"assistant|voice assistant|machine learning|deep learning|neural"
    r"|natural language processing|\bNLP\b|turing test|robot|science fiction|prompt engineering"
    r"|conversational agent|\bKI\b|künstliche|Sprachmodell|\bIA\b"
    r"|inteligencia artificial|intelligence artificielle|inteligência artificial|intelligenza artificiale"
    r"|искусственн\w+ интеллект|языков\w+ модел|\bИИ\b|人工智能|语言模型|人工知能|言語モデル"
    r"|인공지능|언어 ?모델|الذكاء الاصطناعي|نموذج لغوي|roleplay|role-play|dialogue|skit|screenplay",
    re.IGNORECASE,
)
# Tasks that may ask for a conversation or for marks in pointed brackets.
MAY_TALK = re.compile(
    r"dialog|conversation|interview|script|chat|transcript|skit|play\b|xml|html|tag|markup|quiz|flashcard"
    r"|questions|faq|Gespräch|対話|对话|대화|حوار|диалог",
    re.I,
)
# Beginnings of a refusal; in English see generators.steps.parsing, which reads short ones.
LONGEST_REFUSAL = 400
"""Characters; a longer reply is not taken for a refusal."""
# Openings of a reply that declines. Each is unmistakable at the beginning of a short reply; a story about
# somebody who is sorry, or an answer about the limits of language models, does not match.
REFUSAL_EN = re.compile(
    r"(?:(?:I'm|I am|I apologi[sz]e|Sorry|My apologies|Unfortunately)(?: (?:very |really )?sorry)?"
    r"(?:,|\.|!)?(?: but)?,? ?)?"
    r"(?:I (?:can't|cannot|can not|won't|am unable to|am not able to)|I'm (?:unable|not able) to) "
    r"(?:(?:assist|help)(?: you)? with (?:this|that|your)\b"
    r"|(?:comply with|fulfil?l) (?:this|that|your) request"
    r"|(?:answer|respond to|provide an answer to) (?:this|that|your) question\b"
    r"|(?:view|see|access|open) (?:(?:the|any|this|your) )?(?:images?|pictures?|files?|links?"
    r"|attachments?)\b)"
    r"|(?:(?:I'm|I am) sorry,? but )?As an AI(?: language model| assistant| model)?,? "
    r"(?:I (?:can't|cannot|can not|am unable to|am not able to)|I'm (?:unable|not able) to)\b",
    re.IGNORECASE,
)
# Longer openings decline too, if little follows: after an apology whatever it is that cannot be done, and
# without one what only an assistant is asked for.
SHORT_REFUSAL = 200
"""Characters of a text that so begins."""
_SORRY = (
    r"(?:(?:(?:i'm|i am) (?:(?:very|really|so|truly|terribly|deeply) )?(?:sorry|afraid)|(?:very |so )?sorry"
    r"|i (?:sincerely |do )?(?:apologi[sz]e|regret)|(?:my |sincere )*apologies|unfortunately|regrettably)"
    r"(?: for (?:any|the) (?:inconvenience|confusion)| about that| that)?(?:[,.!:;]| ?[-–—])?"
    r"(?: but| however,?)?,? )"
)
_CANNOT = (
    r"(?:i (?:can't|cannot|can not|couldn't|won't(?: be able to)?|will not(?: be able to)?"
    r"|am (?:unable|not able|not allowed|not permitted) to|(?:must|have to) decline to)"
    r"|i'm (?:unable|not able|not allowed|not permitted) to)"
)
_ASKED_FOR = (
    r"(?:(?:assist|help)(?: you)?(?: with)?|provide|answer|respond to|reply to|fulfil?l|complete"
    r"|comply with|discuss|generate|create|produce|write|continue(?: with)?|do|share|support|engage in"
    r"|process|give|offer|participate in|take part in|carry out|perform|handle|address)"
    r" (?:(?:[\w'-]+ ){0,4}?(?:that|this|these|such|your)\b(?: (?:kind|type|sort|line)(?: of)?)?"
    r"(?: (?:request|question|topic|subject|information|content|inquiry|query|prompt|task|conversation"
    r"|matter|material|instruction|advice|activity|discussion)s?)?"
    r"|(?:medical|legal|financial|personal|professional) advice)"
    r"(?=\W*$|[.!,;:]| (?:as|because|since|without|at this|due|here|for (?:you|safety|legal|ethical)|so)\b)"
)
WIDER_REFUSAL_EN = any_of(
    rf"{_SORRY}{_CANNOT} \w",
    rf"{_CANNOT} {_ASKED_FOR}",
    r"i (?:must|have to) (?:respectfully |politely )?decline"
    r"(?: to (?:answer|assist|help|provide|discuss|respond)|\W*$)",
    rf"{_SORRY}?i(?:'m not| am not| don't feel| do not feel) comfortable"
    r" (?:answering|discussing|providing|helping|sharing|responding|with (?:this|that|your))",
    rf"{_SORRY}?it (?:would be|is|would not be|wouldn't be|is not|isn't) (?:inappropriate|unethical"
    r"|(?:not )?appropriate) for me to",
    rf"{_SORRY}?i (?:don't|do not) (?:have (?:enough|sufficient) (?:information|context|details) to (?:answer"
    r"|respond|help|provide)|know the answer to (?:this|that|your))",
    r"(?:this|that|your) (?:request|question|prompt) (?:goes against|violates|is against) (?:my|the) "
    r"(?:\w+ )?(?:guideline|polic|principle|programming|terms)",
    r"please provide (?:me with )?(?:more|further|additional) (?:information|context|details)[^.]{0,40} so "
    r"(?:that )?i can (?:help|assist|answer)",
)
REFUSALS = any_of(
    REFUSAL_EN.pattern,
    r"(?:es )?tut mir (?:sehr )?leid,? (?:aber )?(?:ich kann|dabei kann ich|das kann ich|bei dieser)"
    r"|entschuldigung,? (?:aber )?(?:ich kann|(?:das|dabei|diese (?:An)?frage) kann ich (?:leider )?nicht)"
    r"|(?:leider )?(?:kann ich|ich kann) (?:Ihnen |dir |leider )*(?:dabei|bei dieser Anfrage|damit"
    r"|(?:diese|Ihre|deine) (?:An)?frage) (?:leider )?(?:nicht|keine)",
    r"(?:je suis )?désolée?,? (?:mais )?je ne (?:peux|suis pas|puis)|je ne peux pas (?:vous aider"
    r"|répondre à cette (?:demande|question)|t'aider)",
    r"lo siento,? (?:pero )?no (?:puedo|me es posible)|no puedo (?:ayudarte|ayudarle|ayudar con"
    r"|cumplir con)",
    r"(?:sinto muito|desculpe|lamento),? (?:mas )?(?:eu )?não posso|não posso (?:ajudar|ajudá-lo"
    r"|atender a)",
    r"mi dispiace,? (?:ma )?non (?:posso|sono in grado)|non posso (?:aiutarti|aiutarla|aiutare con"
    r"|soddisfare)",
    r"(?:извините|простите|к сожалению),? (?:но )?я не (?:могу|имею возможности)|я не могу (?:помочь"
    r"|выполнить этот|ответить на этот)",
    r"(?:很)?(?:抱歉|对不起|對不起)，?(?:但)?(?:是)?我(?:无法|不能|無法)|我(?:无法|不能)(?:协助|帮助"
    r"|满足|提供)(?:您|你|这)",
    r"(?:申し訳(?:ありません|ございません)|すみません|すいません|ごめんなさい)(?:が|けど|けれど)?[、。]?"
    r"(?:その|この|ご)?[^。]{0,20}(?:できません|お手伝い|お答え)"
    r"|(?:その|この)(?:リクエスト|ご要望|質問)には(?:お応え"
    r"|お答え)(?:でき|いたし)",
    r"(?:죄송합니다|죄송하지만|미안하지만)[.,]?\s?(?:하지만 )?[^.]{0,25}(?:수 없습니다|어렵습니다"
    r"|도와드릴 수)",
    r"(?:آسف|عذرا|عذرًا|عذراً|أعتذر)،? ?(?:ولكن |لكن )?(?:لا (?:أستطيع|يمكنني)|لن أتمكن)|لا (?:أستطيع|يمكنني) "
    r"(?:المساعدة|مساعدتك|تلبية)",
)
REFUSES = (
    *("can't", "cannot", "can not", "couldn't", "won't", "will not", "unable to", "not able to"),
    *("not allowed", "not permitted", "decline", "comfortable", "appropriate for me", "unethical for me"),
    *("have enough", "have sufficient", "know the answer", "goes against", "violates", "is against"),
    "please provide",
    *(
        "leid",
        "entschuldigung",
        "kann",
        "désol",
        "je ne peux",
        "lo siento",
        "no puedo",
        "sinto muito",
        "desculpe",
    ),
    *(
        "lamento",
        "não posso",
        "dispiace",
        "non posso",
        "извините",
        "простите",
        "сожалению",
        "не могу",
        "抱歉",
        "对不起",
        "對不起",
    ),
    *(
        "我无法",
        "我不能",
        "申し訳",
        "すみません",
        "すいません",
        "ごめん",
        "リクエスト",
        "ご要望",
        "質問には",
        "죄송",
        "미안",
        "آسف",
        "عذر",
        "أعتذر",
        "لا أستطيع",
        "لا يمكنني",
    ),
)
# A question that asks for what somebody says, or for other words of it, may be answered by such a sentence.
_SPOKEN = (
    r"(?:letter|e-?mail|message|note|repl|response|answer|dialog|conversation|script|stor(?:y|ies)|scene|play"
    r"|monologue|diary|speech|toast|poem|song|lyric|riddle|joke|novel|sentence|phrase|line|refusal|post)"
)
MAY_DECLINE = re.compile(
    rf"\b(?:write|draft|compose|formulate|prepare|give|make|complete)\b[^.?!\n]{{0,60}}\b{_SPOKEN}"
    r"|\b(?:how|what)\b[^.?!\n]{0,60}\b(?:reply|respond|say|tell)\b"
    r"|declin(?:e|ing) (?:an?|the|to|his|her|their|your|it|late)\b|\b(?:that|which|who) declines"
    r"|refus(?:e|al|ing)|apolog|excuse|\bpolite|\bsay no\b|turn(?:ing)? down|customer service"
    r"|translat|rewrit|rephras|paraphras|proofread|role-?play|pretend|you are an?\b|in the voice of"
    r"|first person|fiction|etiquette|creative writing|\bsorry\b|\bunfortunately\b"
    r"|\b(?:in|into|the) (?:english|german|french|spanish|italian|portuguese|russian|chinese|japanese|korean"
    r"|arabic)(?= (?:for|of|word|phrase|sentence|translation)|[.?!:,]|$)"
    r"|übersetz|ablehn|absag|entschuldig|brief an|traduis|traduc|disculp|scusa|перевед|перевод|отказ|письмо"
    r"|翻译|翻譯|拒绝|道歉|写信|一封信|訳し|断り|断る|謝|手紙|번역|거절|사과|편지|ترجم|رسالة|اعتذ|رفض",
    re.IGNORECASE,
)
# An answer that speaks of what only the prompt of its question had.
PROMPT = {
    "en": (
        r"\b(?:in|from|of|by|to|with|per|follow(?:s|ing)?) (?:the|this|our|your) (?:course "
        r")?syllabus\b(?! of\b)|\bthe syllabus (?:covers|states|mentions|says|lists|introduces"
        r"|includes)\b",
        r"\b(?:this|the) homework (?:question|assignment|task|problem)\b",
        r"\bthe student (?:should|must|needs?|will|can|has (?:learned|learnt|studied|been)|is (?:asked"
        r"|expected|required)|may|would|could|ought)\b"
        r"|\bstudents (?:should|must|need to|are (?:asked|expected|required)|will (?:learn|need|be))\b",
        r"\b(?:in|from|during) (?:class )?(?:session|lesson|lecture) \d{1,2}\b(?! of\b)|\b(?:in|from"
        r"|during|throughout) (?:this|our|the previous|an earlier|today's) (?:course|lecture|lesson"
        r"|class session)\b(?! of\b)",
        r"\b(?:covered|discussed|learned|learnt|taught|introduced|studied|mentioned) in (?:class|the "
        r"(?:course|lecture|lesson|class|session)s?|our (?:course|lectures?|class|lessons?"
        r"|sessions?))\b(?! of\b)",
        r"\b(?:the|these) (?:given |provided |listed |above )?key concepts? (?:(?:given|provided|listed"
        r"|mentioned|covered) )?(?:above|in the (?:syllabus|session|prompt|question))",
        r"\b(?:given|provided|stated|mentioned|listed|specified|described|requested|asked) (?:in|by) "
        r"(?:the|this|your) prompt\b",
        r"\b(?:see|refer to|recall|review|revisit) (?:session|lesson|lecture) \d{1,2}\b",
        r"\b(?:according to|based on|as (?:stated|described|mentioned|shown|seen) in) the (?:passage|text"
        r"|excerpt|article|figure|table|diagram|graph|chart)(?: above| provided)?(?=[,.;:]| (?:above"
        r"|provided)\b)",
        r"\b(?:information|details|data|facts|context|content|evidence) (?:that (?:is|are) )?(?:provided"
        r"|given|presented|found|contained|stated|mentioned) (?:in|by) (?:the|this) (?:passage|text"
        r"|excerpt|article|document|context)\b",
        r"\b(?:the|this) (?:context|(?:provided|given) (?:text|information|context|passage)) (?:does not"
        r"|doesn't|did not|didn't) (?:mention|say|state|specify|provide|contain|include|give|indicate"
        r"|explain)\b",
        r"\b(?:according to|based on|as (?:stated|described|mentioned) in) the (?:provided|given) (?:passage"
        r"|text|excerpt|context|article|document)\b",
        r"\b(?:the|this) (?:passage|excerpt) (?:states|mentions|describes|says|explains|provides|suggests"
        r"|indicates|lists|does not|doesn't|did not|didn't)\b",
    ),
    "de": (
        r"\b(?:im|laut|gemäß|aus dem|dem|des) (?:Lehrplan|Lehrplans|Syllabus)\b|\bder Lehrplan (?:umfasst"
        r"|nennt|behandelt)",
        r"\b(?:der|die) Studierende[n]? (?:soll|sollte|sollten|sollen|muss|müssen|kann)|\bder (?:Student"
        r"|Schüler) (?:soll|sollte|muss|kann|hat gelernt)",
        r"\b(?:in|aus) (?:Sitzung|Lektion|Unterrichtseinheit) \d{1,2}\b|\bin (?:dieser|unserer) "
        r"(?:Vorlesung|Lektion|Sitzung)\b|\bdiese Hausaufgabe\b",
    ),
    "fr": (
        r"\b(?:dans|selon|du|le) (?:le )?syllabus\b|\bl'étudiante? (?:doit|devra|devrait|peut|a appris)\b"
        r"|\bles étudiants (?:doivent|devront|devraient)\b",
        r"\b(?:dans|lors de) (?:la )?(?:séance|leçon|session) \d{1,2}\b|\b(?:dans|de) ce cours\b(?! "
        r"d'eau)|\bvu en cours\b",
    ),
    "es": (
        r"\b(?:en|según|del) (?:el )?(?:temario|syllabus)\b|\bel estudiante (?:debe|deberá|debería|puede"
        r"|ha aprendido)\b|\blos estudiantes (?:deben|deberán|deberían)\b",
        r"\ben la (?:sesión|lección|clase) \d{1,2}\b|\b(?:en|de) este curso\b|\b(?:visto|discutido"
        r"|aprendido) en clase\b",
    ),
    "pt": (
        r"\b(?:na|segundo a|da) ementa\b|\bo (?:aluno|estudante) (?:deve|deverá|deveria|pode|aprendeu)\b"
        r"|\bos (?:alunos|estudantes) (?:devem|deverão|deveriam)\b",
        r"\bna (?:sessão|aula|lição) \d{1,2}\b|\b(?:neste|deste) curso\b|\b(?:visto|discutido|aprendido) "
        r"em aula\b",
    ),
    "it": (
        r"\b(?:nel|secondo il|del) (?:syllabus|programma del corso)\b|\blo studente (?:deve|dovrà"
        r"|dovrebbe|può|ha imparato)\b|\bgli studenti (?:devono|dovranno|dovrebbero)\b",
        r"\bnella (?:sessione|lezione) \d{1,2}\b|\b(?:in|di) questo corso\b|\b(?:visto|discusso|appreso) "
        r"(?:a lezione|in classe)\b",
    ),
    "ru": (
        r"\b(?:в|согласно|из) (?:учебн\w+ )?(?:программ\w+ курса|силлабус\w*|учебн\w+ план\w+)"
        r"|\bстудент(?:ы|у|ам)? (?:долж\w+|может|могут|изучил\w*|нужно|необходимо)\b",
        r"\bна (?:занятии|уроке|лекции|сессии) (?:№ ?)?\d{1,2}\b|\bв (?:этом|данном|нашем) курсе\b(?! "
        r"валют)|\b(?:рассмотрен|изучен|обсужд)\w* на (?:занятии|уроке|лекции)",
    ),
    "zh": (
        r"(?:课程|教学)大纲(?:中|里|提到|要求)|学生(?:应该|应当|需要|必须|可以|已经学)"
        r"|第\s*[\d一二三四五六七八九十]{1,3}\s*(?:节课|课|讲)(?:中|里|学)"
        r"|(?:本|这门)课程(?:中|里)|这道作业题",
    ),
    "ja": (
        r"シラバス(?:に|で|の)|(?:学生|受講者)は[^。]{0,20}(?:べき|必要があり|学び|理解する)"
        r"|第\s*\d{1,2}\s*回(?:の講義|の授業)?で|(?:この"
        r"|本)(?:講義|授業|コース)で|この課題では|宿題の問題",
    ),
    "ko": (
        r"강의 ?계획서(?:에|의)|학생(?:은|들은)[^.]{0,20}(?:해야|필요가|배웠)|\d+ ?(?:차시|회차"
        r"|주차)(?:에서|에)|(?:이|본) (?:강의|수업"
        r"|강좌)에서|이 과제(?:는|에서)",
    ),
    "ar": (
        r"(?:في|حسب|وفقا ل)\s?(?:المنهج|المقرر|لمنهج|لمقرر)(?: الدراسي)?|(?:يجب على|ينبغي على|على) الطالب"
        r"|(?:في|خلال) (?:الجلسة|المحاضرة|الدرس) (?:رقم )?\d{1,2}|في (?:هذه الدورة|هذا المقرر|هذه "
        r"المحاضرة)",
    ),
}
PROMPT_WORDS = {
    "en": (
        "syllabus",
        "homework",
        "student",
        "session",
        "lesson",
        "lecture",
        " course",
        "class",
        "key concept",
        "prompt",
        "passage",
        "context",
        "provided ",
        "given text",
        "given information",
        "the text",
        "excerpt",
        "article",
        "figure",
        "table",
        "diagram",
        "the graph",
        "the chart",
    ),
    "de": (
        "lehrplan",
        "syllabus",
        "studierende",
        "student",
        "schüler",
        "sitzung",
        "lektion",
        "unterrichtseinheit",
        "vorlesung",
        "hausaufgabe",
    ),
    "fr": ("syllabus", "étudiant", "séance", "leçon", "session", "cours"),
    "es": ("temario", "syllabus", "estudiante", "sesión", "lección", "clase", "curso"),
    "pt": ("ementa", "aluno", "estudante", "sessão", "aula", "lição", "curso"),
    "it": ("syllabus", "programma del corso", "student", "sessione", "lezione", "corso", "classe"),
    "ru": ("программ", "силлабус", "план", "студент", "занятии", "уроке", "лекции", "сессии", "курсе"),
    "zh": ("大纲", "学生", "课", "讲", "作业"),
    "ja": ("シラバス", "学生", "受講者", "回", "講義", "授業", "コース", "課題", "宿題"),
    "ko": ("계획서", "학생", "차시", "회차", "주차", "강의", "수업", "강좌", "과제"),
    "ar": ("المنهج", "المقرر", "لمنهج", "لمقرر", "الطالب", "الجلسة", "المحاضرة", "الدرس", "الدورة"),
}
# Words of a question or topic because of which its answer may speak of a syllabus, a student or a class.
SCHOOL = re.compile(
    r"student|pupil|learner|teach|school|class|course|lesson|lectur|syllab|curricul|session|homework"
    r"|educat|instruct|universit|college|tutor|prompt|trainee|training (?:course|program)"
    r"|\bexams?\b|\bexamination|\bexaminer|\b\d+ marks?\b|\bmarks? (?:in|on|for|of)\b|pass mark|\bgrades?\b"
    r"|\bdegrees?\b(?! (?:celsius|fahrenheit|c\b|f\b|of freedom))"
    r"|\bstud(?:y|ies|ying) (?:at|for|abroad|law|medicine|engineering|physics|business|economics)\b"
    r"|lehr|schül|schul|studier|unterricht|kurs|sitzung|étudiant|élève|école|cours|enseign|séance"
    r"|estudiant|alumn|escuel|clase|curso|enseñ|sesi|aluno|escola|aula"
    r"|ensin|sess|studente|alliev|scuol|lezion|cors|insegn|студент|учени|школ|урок|занят|курс|лекци|обуч"
    r"|学生|课|教|学校|授業|講義|教育|학생|수업|강의|학교|교육|طالب|طلاب|درس|مدرس|تعليم|دورة|محاضر",
    re.IGNORECASE,
)
# Function words with which no text ends.
_LAST = {
    "en": "the a an and or but of to in on at by for with from as that which who whose when where while "
    "because if than into onto its their is are was were be been has have had "
    "will would can could may might must should not no such these those this very more most between "
    "among through during about after before under over per via like "
    "also so both either neither each every any some our your his her my",
    "de": "der die das und oder aber von zu in im an am auf bei für mit aus als dass welche welcher wenn "
    "weil ein eine einen einem einer des dem den ist sind war wird werden kann nicht sich durch über "
    "unter zwischen",
    "fr": "le la les un une des et ou mais de du à au aux en dans sur par pour avec que qui dont si est "
    "sont été sa son ses leur ce cette ces plus très entre comme",
    "es": "el la los las un una y o pero de del a al en por para con que cuyo si es son ha han su sus se "
    "más muy entre como sin",
    "pt": "o a os as um uma e ou mas de do da dos das em no na nos nas por para com que se é são foi seu "
    "sua mais muito entre como sem ao à",
    "it": "il lo la i gli le un una e o ma di del della dei delle a al in nel nella per con che se è sono "
    "ha più tra fra come senza da dal",
    "ru": "и или но в на с по для от до из за к о об что который которая которые если как не при это его "
    "их она он между через",
}
LAST = {code: frozenset(words.split()) for code, words in _LAST.items()}
