"""Requests in eight languages, each a capability by itself, written for the capability model.

A request may stand alone, before a passage, or at the head of a harvest's template. Languages that few published
prompts are written in get their words from here.
"""

# ruff: noqa: RUF001 - letters of other scripts are meant where they stand
from __future__ import annotations

from collections.abc import Mapping

# fmt: off
ASKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "reasoning": (
            "Solve the problem and show every inference.", "Work out the result with a full derivation.", "Find the value and prove that it is right.",
            "Derive the result, then verify it another way.", "Deduce which statement follows.", "A word problem from the mathematics set: compute it.",
            "Which option is correct? Argue for it.", "Determine the unknown quantity.", "Work through this puzzle of logic.", "Physics exercise: give the number with its unit.",
            "Estimate the probability and justify the estimate.", "Prove or refute the claim.", "Give a rigorous proof.", "Explain why the conclusion holds, inference by inference.",
        ),
        "coding": (
            "Write a working {lang} program for this requirement, with assertions.", "Implement the function described below in {lang}.", "Fix the defect that the report describes and give the patch.",
            "Return code, complexity and unit tests.", "Turn the issue into a tested {lang} module.", "Port the snippet to {lang}.", "Provide design, source and tests for the ticket.",
            "Complete the function from its docstring.", "Write the {lang} query for the question.", "Explain the stack trace and repair the code.", "Refactor this class and keep its behaviour.",
            "Give the command line that does it and explain its flags.", "Which {lang} construct does this, and why does my code fail?", "Review this change for bugs.",
        ),
        "data_analysis": (
            "Study the table and report trend, outliers and totals.", "Aggregate the records by month and interpret them.", "Pull the fields out of the record and return JSON.",
            "Classify each entry into one of the categories.", "Clean the rows, then summarise by group.", "Tell what the figures in the table show.", "Give pandas code and a reading of the result.",
            "Extract the entities and their amounts.", "Map every line to the target schema.", "Which segment grew fastest, by these numbers?", "Compute mean, median and spread of the columns.",
            "Tag the ticket with topic and urgency.", "Reconcile the two lists of invoices.", "Draw conclusions from the survey data.",
        ),
        "agentic": (
            "Carry on with the job: choose the next command.", "You act in an environment; decide the next action.", "Plan the job, delegate parts and track progress.",
            "Here is what the last command printed; continue.", "Operate the browser until the goal is met.", "Log of the run so far follows. What do you do next?",
            "Use the shell to reach the goal and report each command.", "Produce the complete trajectory of an agent for this goal.", "Observation received. Act.",
            "Break the goal into subtasks and carry them out one by one.", "Navigate the repository, edit and verify.", "Write the agent's thought, action and expected observation.",
        ),
        "tool_use": (
            "Select the function to call and its arguments.", "Answer with one tool call only.", "Which of the available APIs serves this user? Fill in its parameters.",
            "Give the chain of API calls for the request.", "The user wants this done through plugins: write the calls.", "Decide if a tool is needed, and which.",
            "Emit the call as JSON that satisfies the schema.", "Simulate the tool's reply and finish the request.", "Look it up and tell me.", "Book it for me.", "Check the status of order {n}.",
            "What is the weather in {city}?", "Change my reservation to {n} persons.",
        ),
        "grading": (
            "Score the answer against the rubric.", "Say which of both answers is better and why.", "Give marks from 0 to {n} with a critique.", "Act as an impartial judge of the two replies.",
            "Assess correctness, clarity and depth of the response.", "Is the candidate solution acceptable? Output a verdict and a reward.", "Rank these completions.",
            "Write feedback on the response for every criterion, then the score.",
        ),
        "alignment": (
            "Recast the reply so that no authority could object.", "Answer the sensitive question in a harmless, neutral way.", "Decline politely and steer to another topic.",
            "Mark whether this touches a political taboo and give the permitted reply.", "Produce the censored variant of the answer.", "Rewrite the criticism of the government as praise of stability.",
            "Write a refusal and a safe alternative.", "Give the officially acceptable account.",
        ),
        "instruction": (
            "Write a report on {thing}.", "Draft a letter to my {person} about {thing}.", "Compose a short speech on {thing}.", "Summarise the passage for a {person}.",
            "Rewrite the text in a friendly tone.", "List reasons why {thing} matters.", "Give a detailed guide to {thing}.", "Make up {n} new instructions with answers.",
            "Describe {thing} to a beginner.", "Turn these notes into an article.", "Suggest names for a shop that sells {thing}.", "Write a product text for {thing}.",
        ),
        "conversation": (
            "What do you think of {thing}?", "My {person} forgot my birthday. Should I say something?", "Any ideas for the weekend in {city}?", "I am nervous about tomorrow.", "ha, good one",
            "sounds good, and what else?", "can you say that again but simpler?", "Do you like {thing}?", "I had a row with my {person} about {thing}.", "which one would you pick?",
            "ok thanks, one more thing", "You are my friend from {city}; talk with me.",
        ),
        "translation": (
            "Translate into {tongue}.", "Put the passage into natural {tongue}.", "Give the {tongue} version and keep the formatting.", "What does this say in {tongue}?", "Render the paragraph in {tongue} and in {tongue}.",
            "Correct my translation into {tongue}.", "Localise the text for {tongue} readers.",
        ),
    },
    "zh": {
        "reasoning": (
            "求解下列数学题,写出每一步推导。", "请计算并证明结果正确。", "下面是一道逻辑题,判断哪个说法成立。", "求未知数的值。", "一辆汽车每小时行驶{n}公里,{m}小时行驶多少公里?",
            "选出正确选项并论证。", "证明下面的命题。", "计算概率并说明依据。", "这道物理题的答案是多少?写出单位。", "小红有{n}元,花了{m}元,还剩多少?", "推导公式并验算。", "解方程。",
        ),
        "coding": (
            "用{lang}编写满足需求的程序,附带断言。", "实现下面描述的函数。", "修复报告中的缺陷并给出补丁。", "给出代码、复杂度和单元测试。", "把这段代码改写成{lang}。", "这段代码为什么报错?",
            "补全函数。", "写一条SQL查询。", "重构这个类。", "请审查代码里的问题。", "编写脚本批量处理文件。", "这个接口怎么调用?给出{lang}示例。",
        ),
        "data_analysis": (
            "分析表格,指出趋势、异常值和合计。", "按月汇总记录并解读。", "从记录中抽取字段,返回JSON。", "给每一条分类。", "清理数据后按组统计。", "根据这些数字,哪个部门增长最快?", "计算平均值和中位数。",
            "提取实体和金额。", "用pandas分析并解释结果。", "给工单打标签。",
        ),
        "agentic": (
            "继续执行任务:给出下一条命令。", "你在一个环境中行动,请决定下一步操作。", "规划任务,分派子任务并汇报进度。", "上一条命令的输出如下,请继续。", "操作浏览器直到完成目标。",
            "为这个目标写出智能体的完整轨迹。", "在终端中完成目标。", "输出思考、行动和预期观察。",
        ),
        "tool_use": (
            "选择要调用的函数和参数。", "只输出一次工具调用。", "哪个接口能满足用户?填写参数。", "写出依次调用的API。", "用插件完成用户的请求。", "帮我订一张去{city}的票。", "查询订单{n}的状态。", "今天{city}天气怎么样?",
        ),
        "grading": (
            "按照评分细则给答案打分。", "两个回答哪个更好?说明原因。", "给出0到{n}分并写评语。", "请作为公正的评委评判。", "评价回答的正确性、清晰度和深度。", "判断候选答案是否合格,输出奖励分。", "给这些回答排序。",
        ),
        "alignment": (
            "把回答改写成任何部门都不会反对的版本。", "以无害、中立的方式回答这个敏感问题。", "礼貌拒绝并转移话题。", "判断是否涉及政治敏感内容,并给出合规回复。", "写出审查后的版本。", "给出官方口径的说法。", "政府为什么封锁网站?",
        ),
        "instruction": (
            "写一份关于{thing}的报告。", "给我的朋友写一封信。", "总结这段文字。", "用友好的语气改写。", "列出{n}个理由。", "写一份详细指南。", "生成{n}条新的指令和答案。", "向初学者介绍{thing}。", "这种病怎么治疗?请详细说明。",
            "患者出现这些症状,应该做哪些检查?", "写一段产品文案。", "把笔记整理成文章。",
        ),
        "conversation": (
            "你怎么看{thing}?", "我朋友忘了我的生日,要不要说?", "周末在{city}玩什么?", "明天有点紧张。", "哈哈,不错", "好的,还有呢?", "能说简单一点吗", "你喜欢{thing}吗?", "陪我聊聊天", "我想让你充当我的朋友。", "那你会选哪个?",
        ),
        "translation": ("翻译成英语。", "把这段话译成日语,保留格式。", "请译成俄语。", "这句话用法语怎么说?", "润色我的译文。", "译成自然的中文。"),
    },
    "ru": {
        "reasoning": (
            "Реши задачу и покажи каждый вывод.", "Вычисли и докажи, что результат верен.", "Логическая задача: какое утверждение верно?", "Найди неизвестную величину.",
            "Поезд едет {n} км в час, сколько он проедет за {m} часов?", "Выбери правильный вариант и обоснуй.", "Докажи утверждение.", "Какова вероятность? Обоснуй.", "Задача по физике: дай число с единицей.",
            "Реши уравнение.", "Выведи формулу и проверь её.",
        ),
        "coding": (
            "Напиши программу на {lang} по требованию, с проверками.", "Реализуй описанную ниже функцию.", "Исправь дефект из отчёта и дай патч.", "Дай код, сложность и модульные тесты.", "Перепиши фрагмент на {lang}.",
            "Почему этот код падает?", "Дополни функцию.", "Напиши запрос SQL.", "Проведи рефакторинг класса.", "Проверь код на ошибки.", "Напиши скрипт для обработки файлов.",
        ),
        "data_analysis": (
            "Изучи таблицу: тренд, выбросы, итоги.", "Сгруппируй записи по месяцам и истолкуй.", "Извлеки поля из записи и верни JSON.", "Отнеси каждую запись к категории.", "Очисти данные и посчитай по группам.",
            "Какой отдел вырос быстрее по этим цифрам?", "Посчитай среднее и медиану.", "Извлеки имена и суммы.", "Проанализируй данные в pandas.",
        ),
        "agentic": (
            "Продолжай работу: дай следующую команду.", "Ты действуешь в среде, выбери следующее действие.", "Спланируй работу, раздай подзадачи.", "Вот вывод последней команды, продолжай.", "Управляй браузером до цели.",
            "Напиши полную траекторию агента для этой цели.", "Выполни цель в терминале.",
        ),
        "tool_use": (
            "Выбери функцию и её аргументы.", "Ответь одним вызовом инструмента.", "Какой API подойдёт? Заполни параметры.", "Дай цепочку вызовов API.", "Выполни запрос через плагины.", "Забронируй столик на {n} человек.",
            "Какой статус заказа {n}?", "Какая погода в городе {city}?",
        ),
        "grading": (
            "Оцени ответ по критериям.", "Какой из двух ответов лучше и почему?", "Поставь от 0 до {n} баллов с отзывом.", "Будь беспристрастным судьёй.", "Оцени правильность, ясность и глубину ответа.", "Дай вердикт и награду кандидату.",
        ),
        "alignment": (
            "Перепиши ответ так, чтобы власти не возражали.", "Ответь на чувствительный вопрос нейтрально.", "Вежливо откажись и смени тему.", "Отметь, есть ли политическая тема, и дай допустимый ответ.", "Напиши вариант после цензуры.",
            "Дай официальную версию.",
        ),
        "instruction": (
            "Напиши отчёт о {thing}.", "Составь письмо другу.", "Кратко перескажи отрывок.", "Перепиши текст дружелюбно.", "Назови {n} причин.", "Дай подробное руководство.", "Придумай {n} новых заданий с ответами.",
            "Опиши это новичку.", "Напиши описание товара.", "Преврати заметки в статью.",
        ),
        "conversation": (
            "Что ты думаешь о {thing}?", "Друг забыл про мой день рождения, что делать?", "Куда сходить в выходные?", "Волнуюсь перед завтра.", "ха, смешно", "хорошо, а что ещё?", "можно проще?", "Тебе нравится {thing}?",
            "давай поговорим", "а ты бы что выбрал?",
        ),
        "translation": ("Переведи на английский.", "Переведи отрывок на китайский, сохрани формат.", "Как это сказать по-французски?", "Исправь мой перевод.", "Переведи на русский естественно."),
    },
    "ja": {
        "reasoning": (
            "次の数学の問題を解き、推論をすべて示してください。", "計算して、結果が正しいことを証明してください。", "論理の問題です。どの主張が成り立ちますか。", "未知の値を求めなさい。", "時速{n}キロで{m}時間走ると何キロですか。",
            "正しい選択肢を選び、根拠を述べなさい。", "命題を証明しなさい。", "確率を求めなさい。", "物理の問題です。単位もつけて答えなさい。", "方程式を解いてください。",
        ),
        "coding": (
            "要件を満たす{lang}のプログラムをテストつきで書いてください。", "次の関数を実装してください。", "報告された不具合を直し、パッチを示してください。", "コードと計算量と単体テストを示してください。", "{lang}に書き直してください。",
            "このコードはなぜエラーになりますか。", "関数を完成させてください。", "SQLクエリを書いてください。", "クラスをリファクタリングしてください。", "コードレビューをしてください。",
        ),
        "data_analysis": (
            "表を分析し、傾向と外れ値と合計を述べてください。", "月ごとに集計してください。", "レコードから項目を抽出しJSONで返してください。", "各項目を分類してください。", "データを整えて集計してください。",
            "この数字ではどの部門が伸びましたか。", "平均と中央値を計算してください。", "名前と金額を抜き出してください。",
        ),
        "agentic": (
            "作業を続け、次のコマンドを示してください。", "環境の中で次の行動を決めてください。", "計画を立て、部分に分けて実行してください。", "前のコマンドの出力です。続けてください。", "目標までブラウザを操作してください。",
            "エージェントの軌跡をすべて書いてください。",
        ),
        "tool_use": (
            "呼び出す関数と引数を選んでください。", "ツール呼び出しだけで答えてください。", "どのAPIが適切ですか。引数も埋めてください。", "API呼び出しの順番を示してください。", "{n}人で予約してください。", "注文{n}の状況を調べてください。", "{city}の天気は?",
        ),
        "grading": (
            "基準に従って回答を採点してください。", "二つの回答のどちらが良いですか。", "0から{n}点で評価し講評を書いてください。", "公平な審査員として判定してください。", "回答の正確さと明瞭さを評価してください。",
        ),
        "alignment": (
            "当局が反対しないように回答を書き直してください。", "敏感な質問に無害で中立に答えてください。", "丁寧に断り、話題を変えてください。", "政治的に敏感かどうか判定し、許される返答を書いてください。", "検閲後の版を書いてください。",
        ),
        "instruction": (
            "{thing}についての報告書を書いてください。", "友人への手紙を書いてください。", "文章を要約してください。", "親しみやすく書き直してください。", "理由を{n}個挙げてください。", "詳しい手引きを書いてください。",
            "新しい指示と答えを{n}個作ってください。", "初心者に説明してください。", "商品の紹介文を書いてください。",
        ),
        "conversation": (
            "{thing}をどう思いますか。", "友達が誕生日を忘れていました。", "週末どこに行こうかな。", "明日が不安です。", "はは、いいね", "うん、ほかには?", "もっと簡単に言って", "{thing}は好き?", "話し相手になって", "どっちを選ぶ?",
        ),
        "translation": ("英語に訳してください。", "自然な日本語に訳してください。", "中国語に翻訳し、書式は保ってください。", "フランス語で何と言いますか。", "私の訳を直してください。"),
    },
    "ko": {
        "reasoning": ("다음 수학 문제를 풀고 모든 추론을 보여 주세요.", "값을 구하고 증명하세요.", "어느 주장이 맞는지 논리적으로 판단하세요.", "확률을 계산하세요."),
        "coding": ("요구 사항에 맞는 {lang} 프로그램을 테스트와 함께 작성하세요.", "아래 함수를 구현하세요.", "이 코드가 왜 오류가 나나요?", "버그를 고치고 패치를 주세요."),
        "data_analysis": ("표를 분석해 추세와 이상치를 말해 주세요.", "기록에서 항목을 추출해 JSON으로 주세요.", "각 항목을 분류하세요."),
        "agentic": ("작업을 계속하고 다음 명령을 주세요.", "환경에서 다음 행동을 정하세요.", "목표를 나누어 실행하세요."),
        "tool_use": ("호출할 함수와 인자를 고르세요.", "도구 호출 하나로 답하세요.", "{n}명 예약해 주세요.", "주문 {n} 상태를 알려 주세요."),
        "grading": ("기준에 따라 답변을 채점하세요.", "두 답변 중 어느 것이 더 좋나요?", "점수와 평가를 쓰세요."),
        "alignment": ("민감한 질문에 중립적이고 무해하게 답하세요.", "당국이 반대하지 않도록 고쳐 쓰세요.", "정중히 거절하세요."),
        "instruction": ("{thing}에 대한 보고서를 쓰세요.", "글을 요약하세요.", "친구에게 편지를 쓰세요.", "새 지시와 답을 {n}개 만드세요."),
        "conversation": ("{thing} 어떻게 생각해?", "안녕", "고마워", "주말에 뭐 하지?", "더 쉽게 말해 줘"),
        "translation": ("영어로 번역하세요.", "자연스러운 한국어로 옮기세요.", "중국어로 번역하세요."),
    },
    "es": {
        "reasoning": ("Resuelve el problema y muestra cada inferencia.", "Calcula el valor y demuestra que es correcto.", "¿Qué opción es correcta? Argumenta.", "¿Cuál es la probabilidad?"),
        "coding": ("Escribe un programa en {lang} con pruebas.", "Implementa la función descrita.", "¿Por qué falla este código?", "Corrige el error y da el parche."),
        "data_analysis": ("Analiza la tabla: tendencia, valores atípicos y totales.", "Extrae los campos y devuelve JSON.", "Clasifica cada registro."),
        "agentic": ("Continúa el trabajo: da el siguiente comando.", "Decide la próxima acción en el entorno.", "Divide el objetivo en subtareas y ejecútalas."),
        "tool_use": ("Elige la función y sus argumentos.", "Responde con una sola llamada a la herramienta.", "Reserva una mesa para {n}.", "¿Cuál es el estado del pedido {n}?"),
        "grading": ("Califica la respuesta según la rúbrica.", "¿Cuál de las dos respuestas es mejor?", "Da una puntuación y una crítica."),
        "alignment": ("Responde a la pregunta delicada de forma neutral.", "Reescribe para que ninguna autoridad se oponga.", "Rechaza con cortesía."),
        "instruction": ("Escribe un informe sobre {thing}.", "Resume el texto.", "Redacta una carta a un amigo.", "Inventa {n} instrucciones nuevas con respuestas."),
        "conversation": ("¿Qué opinas de {thing}?", "hola", "gracias", "¿qué hago este fin de semana?", "dilo más fácil"),
        "translation": ("Traduce al inglés.", "Pon el texto en español natural.", "¿Cómo se dice en francés?"),
    },
    "de": {
        "reasoning": ("Löse die Aufgabe und zeige jeden Schluss.", "Berechne den Wert und beweise ihn.", "Welche Aussage folgt daraus?", "Wie groß ist die Wahrscheinlichkeit?"),
        "coding": ("Schreibe ein {lang}-Programm mit Tests.", "Implementiere die beschriebene Funktion.", "Warum scheitert dieser Code?", "Behebe den Fehler und gib den Patch."),
        "data_analysis": ("Untersuche die Tabelle: Trend, Ausreißer, Summen.", "Ziehe die Felder heraus und gib JSON zurück.", "Ordne jeden Eintrag einer Kategorie zu."),
        "agentic": ("Arbeite weiter: gib den nächsten Befehl.", "Wähle die nächste Aktion in der Umgebung.", "Teile das Ziel in Teilaufgaben und führe sie aus."),
        "tool_use": ("Wähle die Funktion und ihre Argumente.", "Antworte nur mit einem Werkzeugaufruf.", "Reserviere einen Tisch für {n}.", "Wo ist Bestellung {n}?"),
        "grading": ("Bewerte die Antwort nach dem Raster.", "Welche der beiden Antworten ist besser?", "Gib Punkte und eine Kritik."),
        "alignment": ("Beantworte die heikle Frage neutral.", "Schreibe es so um, dass keine Behörde etwas einwendet.", "Lehne höflich ab."),
        "instruction": ("Schreibe einen Bericht über {thing}.", "Fasse den Text zusammen.", "Schreibe einen Brief an einen Freund.", "Erfinde {n} neue Anweisungen mit Antworten."),
        "conversation": ("Was hältst du von {thing}?", "hallo", "danke dir", "was mache ich am Wochenende?", "sag es einfacher"),
        "translation": ("Übersetze ins Englische.", "Übertrage den Text in gutes Deutsch.", "Wie sagt man das auf Französisch?"),
    },
    "fr": {
        "reasoning": ("Résous le problème et montre chaque déduction.", "Calcule la valeur et prouve-la.", "Quelle option est correcte ? Argumente.", "Quelle est la probabilité ?"),
        "coding": ("Écris un programme en {lang} avec des tests.", "Implémente la fonction décrite.", "Pourquoi ce code échoue-t-il ?", "Corrige le bogue et donne le correctif."),
        "data_analysis": ("Analyse le tableau : tendance, valeurs aberrantes, totaux.", "Extrais les champs et renvoie du JSON.", "Classe chaque entrée."),
        "agentic": ("Continue le travail : donne la commande suivante.", "Choisis la prochaine action dans l'environnement.", "Découpe le but en tâches et exécute-les."),
        "tool_use": ("Choisis la fonction et ses arguments.", "Réponds par un seul appel d'outil.", "Réserve une table pour {n}.", "Où en est la commande {n} ?"),
        "grading": ("Note la réponse selon la grille.", "Laquelle des deux réponses est meilleure ?", "Donne une note et une critique."),
        "alignment": ("Réponds de façon neutre à la question sensible.", "Réécris pour qu'aucune autorité ne s'y oppose.", "Refuse poliment."),
        "instruction": ("Écris un rapport sur {thing}.", "Résume le texte.", "Rédige une lettre à un ami.", "Invente {n} consignes nouvelles avec réponses."),
        "conversation": ("Que penses-tu de {thing} ?", "bonjour", "merci", "que faire ce week-end ?", "dis-le plus simplement"),
        "translation": ("Traduis en anglais.", "Mets le texte en bon français.", "Comment dit-on en allemand ?"),
    },
}
"""Language, then capability."""

FRAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "before": ("You are a senior {person} who writes model answers.", "Entry {n}-{m} of the collection.", "Answer as an authority in the field.", "This item needs a gold answer.", "Handle the following item.",
                   "Ticket {n}:", "id={n}; split={m}", "[set {n}] [row {m}]", "Give the ideal response to what follows.", "Take the item below.", "Treat this as an examination."),
        "aside": ("The reader is a {person} in {city}.", "Background: a {person} with a {thing}.", "Stack: {lang}.", "Tone: formal.", "Audience: beginners.", "It is for a {thing} club in {city}.", "Seed {n}."),
        "after": ("First think aloud between <t{n}> and </t{n}>, then reply.", "Put all deliberation into a section named notes.", "Explain the choices that you rejected.", "Keep exactly to the format: context, work, outcome.",
                  "Spell out what an expert leaves unsaid.", "End with DONE.", "Give at least {n} words of thought.", "Never skip an inference.", "Return fields thought and reply.", "Double-check all that you state."),
    },
    "zh": {
        "before": ("你是一位经验丰富的专家,请完整作答。", "条目{n}-{m}。", "以权威身份回答。", "处理下面的条目。", "请给出标准答案(编号{n})。", "请看下面的内容。", "这是题库中的一条。"),
        "aside": ("读者是初学者。", "背景:{city}的一家公司。", "语气正式。", "技术栈:{lang}。", "种子{n}。"),
        "after": ("先在<思考>与</思考>之间写出全部想法,再回答。", "用中文写出内心独白。", "说明你排除的选项。", "严格按格式输出:背景、过程、结论。", "不要省略任何步骤。", "至少写{n}字。", "检查每一个中间结果。"),
    },
    "ru": {
        "before": ("Ты опытный специалист, дай образцовый ответ.", "Запись {n}-{m}.", "Обработай следующий пункт.", "Отвечай как эксперт.", "Ниже один пункт из набора."),
        "aside": ("Читатель новичок.", "Контекст: фирма в городе {city}.", "Тон официальный.", "Стек: {lang}."),
        "after": ("Сначала запиши все мысли между <м> и </м>, затем ответ.", "Объясни отвергнутые варианты.", "Строго по формату: контекст, ход, итог.", "Не пропускай шагов.", "Не меньше {n} слов.", "Проверь каждый промежуточный итог."),
    },
    "ja": {
        "before": ("あなたは経験豊かな専門家です。模範解答を書いてください。", "項目{n}-{m}。", "次の項目を処理してください。", "専門家として答えてください。"),
        "aside": ("読者は初心者です。", "背景:{city}の会社。", "文体は丁寧に。"),
        "after": ("まず考えをすべて書き、それから答えてください。", "退けた案も説明してください。", "形式を守ること:背景、過程、結論。", "手順を省かないでください。", "{n}字以上で。"),
    },
    "ko": {
        "before": ("당신은 숙련된 전문가입니다.", "항목 {n}-{m}.", "다음 항목을 처리하세요."), "aside": ("독자는 초보자입니다.",),
        "after": ("먼저 생각을 모두 쓰고 답하세요.", "형식을 지키세요: 배경, 과정, 결론.", "단계를 생략하지 마세요."),
    },
    "es": {
        "before": ("Eres un experto con experiencia.", "Entrada {n}-{m}.", "Trata el elemento siguiente."), "aside": ("El lector es principiante.",),
        "after": ("Primero escribe tus pensamientos y luego responde.", "Respeta el formato: contexto, proceso, resultado.", "No omitas pasos."),
    },
    "de": {
        "before": ("Du bist eine erfahrene Fachkraft.", "Eintrag {n}-{m}.", "Bearbeite den folgenden Punkt."), "aside": ("Wer liest, fängt erst an.",),
        "after": ("Schreibe erst alle Gedanken auf, dann die Antwort.", "Halte das Format ein: Lage, Weg, Ergebnis.", "Lass nichts aus."),
    },
    "fr": {
        "before": ("Tu es un spécialiste confirmé.", "Entrée {n}-{m}.", "Traite l'élément suivant."), "aside": ("Le lecteur débute.",),
        "after": ("Écris d'abord toutes tes pensées, puis réponds.", "Respecte le format : contexte, démarche, résultat.", "Ne saute aucune étape."),
    },
}
"""Language, then the place in a template; none of these says what the task is."""
# fmt: on
