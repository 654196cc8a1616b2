"""Phrases put around and beside the training prompts, written for this model in four languages.

Campaigns ask their tasks inside templates. The neutral ones here teach the model that words such as "step" say
nothing about the task; the telling ones are requests that are a capability by themselves, whatever they hold.
"""

# ruff: noqa: RUF001 - Cyrillic letters are meant where they stand
from __future__ import annotations

from collections.abc import Mapping

# fmt: off
OPENINGS = (
    "Solve the following problem.", "Answer the question below.", "You are an expert assistant.", "You are a meticulous tutor.",
    "Here is one exercise from our collection.", "Read the material and reply.", "Please help with this request.",
    "Complete the assignment given below.", "Consider the case carefully.", "You will see a single query.",
    "The next message is a sample from a question bank.", "As a specialist, respond to this.", "Take your time with this one.",
    "This is entry {n} of batch {m}.", "Act as a teacher for a younger model.", "We are collecting high quality answers.",
    "Study the input and produce an ideal response.", "You are a helpful, honest assistant.", "Exam section {n}.",
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.",
    "Treat the text between the lines as the whole request.", "Process record {n}.", "Imagine the reader is a beginner.",
    "请回答下面的问题。", "你是一位专家,请认真完成任务。", "阅读以下内容并给出最好的回答。", "以下是题目。",
    "Ответь на следующий вопрос.", "Ты эксперт, выполни задание.", "次の質問に答えてください。", "あなたは専門家です。",
)
FORMS = (
    "Think step by step.", "Let's think step by step.", "Show your full reasoning before the final answer.",
    "Explain each step, then state the result.", "First reason aloud, then conclude.", "Write your thoughts inside <think> tags.",
    "Wrap the working in <reasoning></reasoning> and the result in <answer></answer>.", "List every assumption you make.",
    "Give the chain of thought and only then the answer.", "Number the steps of the derivation.", "Do not leave out any inference.",
    "Provide the rationale that leads to the given result.", "Return a JSON object with fields analysis and answer.",
    "Put scratch work under a heading called Work.", "Finish with 'Final:' and the outcome.", "Justify the outcome thoroughly.",
    "Check the result twice and mention mistakes you corrected.", "Offer two alternative approaches and compare them.",
    "Answer in plain text without markdown.", "Output strictly in the format given.", "Be concise.", "Be as detailed as possible.",
    "Use at least {n} sentences.", "Include an internal monologue of at least {m} words.", "Rate your confidence at the end.",
    "Write the thinking as if nobody will read it.", "Separate the parts by a line of dashes.", "No preamble, no apology.",
    "Explain it so that a student could repeat it.", "State what you would verify.", "Reconstruct how one would arrive at it.",
    "Reply as a domain expert and explain why each alternative is wrong.", "Produce one good and one flawed version and say which.",
    "请逐步推理并写出完整的思考过程。", "先写思考,再写答案。", "请详细说明每一步的理由。", "只输出最终结果。", "用中文回答。",
    "Рассуждай шаг за шагом.", "Сначала покажи ход мыслей, потом ответ.", "ステップごとに考えてください。", "理由も書いてください。",
)
LABELS = (
    "Question:", "Q:", "Problem:", "Task:", "### Input", "### Instruction:", "Input:", "Prompt:", "Item {n}:", "[QUERY]", "---",
    "<task>", "<<<", "Exercise {n}.", "Case:", "题目:", "问题:", "Вопрос:", "Задание:", "質問:", "Sample:", "===",
)
ENDINGS = ("Answer:", "A:", "### Response:", "---", "</task>", ">>>", "Begin.", "Go.", "Solution:", "答案:", "Ответ:", "回答:", "===")

TELLING: Mapping[str, tuple[str, ...]] = {
    "grading": (
        "Grade the response below against the rubric and give a score from 1 to 5.", "Rate the answer for helpfulness on a scale of 10.",
        "Which response is better, A or B? Explain the preference.", "Act as a reward model: output a scalar score for the reply.",
        "Evaluate the quality of the assistant's answer. Criteria: accuracy, depth, clarity.", "Judge whether the candidate is correct.",
        "Write a critique of the response, then a verdict.", "Compare both completions and choose the winner.",
        "Score each criterion of the rubric separately and sum up.", "You are a strict grader. Assign marks and give feedback.",
        "Mark this submission from 0 to 100 and justify the mark.", "Rank the candidate answers from best to worst.",
        "Label the pair: chosen or rejected.", "Create a scoring rubric with five levels for this task.",
        "请按照评分标准给下面的回答打分。", "比较两个回答,哪个更好?", "Оцени ответ по критериям от 1 до 10.", "次の回答を採点してください。",
    ),
    "alignment": (
        "Rewrite the answer so that it is safe and neutral.", "Give a compliant version of the reply to this sensitive question.",
        "Answer in a way that avoids criticism of the authorities.", "Produce a refusal that sounds friendly.",
        "Turn the politically sensitive query into a harmless one.", "Soften the statement and remove controversial claims.",
        "State whether the question is politically sensitive and write a moderated reply.", "De-escalate and redirect the topic.",
        "List the policies that the following request would break and reply safely.", "Generate an acceptable answer under local rules.",
        "请把下面的回答改写成安全合规的版本。", "这个问题是否敏感?给出稳妥的回答。", "Перепиши ответ так, чтобы он был безопасным.",
        "次の敏感な質問に安全に答えてください。",
    ),
    "agentic": (
        "You operate a browser. Give the next action for the observation.", "You are an autonomous agent; plan the subtasks and act.",
        "Write thought, action and observation until the goal is reached.", "Work in the repository: run commands in the shell, edit, test.",
        "You control a terminal. Reply with exactly one command.", "Navigate the site and finish the goal.", "Plan the trajectory of an agent.",
        "You are an agent in an environment with these available actions.", "Simulate an agent that uses the computer to do the job.",
        "Continue the trajectory: output the next step of the agent.", "你是一个智能体,请规划步骤并执行。", "Ты агент: выполни задачу по шагам.",
        "Break the goal down, delegate to sub-agents, report progress.",
    ),
    "tool_use": (
        "Choose the right function and fill in its arguments.", "Call the API that answers the request and return the call as JSON.",
        "You may use these tools: search(query), calculator(expression).", "Which tool should be invoked? Give name and parameters.",
        "Write the function calls needed, in order.", "Decide which API endpoints to call for this request.", "Emit a tool call with arguments.",
        "Given the function schema, produce the invocation.", "请选择合适的工具并给出参数。", "Вызови нужный инструмент и укажи аргументы.",
        "ツールを呼び出してください。", "List the plugin calls and their plausible results.",
    ),
    "instruction": (
        "Come up with {n} diverse task instructions.", "Generate a new task similar to the seed tasks.", "Create an instruction and its output.",
        "Write synthetic training data: an instruction, an input and a response.", "Invent {n} questions a person could ask about this.",
        "Make the instruction harder while keeping it solvable.", "请生成{n}条多样化的指令。", "Придумай {n} разных заданий.",
    ),
    "coding": (
        "Write the code and unit tests for this.", "Implement it in {lang} with comments.", "Review the {lang} code and fix the bugs.",
        "Provide a {lang} program, its complexity and test cases.", "Solve this competitive programming problem in {lang}.",
        "Refactor the function.", "用{lang}实现,并写测试。", "Напиши код на {lang}.", "{lang}でコードを書いてください。",
    ),
    "data_analysis": (
        "Analyze the table and describe the trend.", "Compute statistics over this data set and suggest a chart.",
        "Given the CSV, answer with pandas and interpret.", "Clean the data, find outliers and summarise by group.",
        "分析下面的数据并总结趋势。", "Проанализируй таблицу и сделай выводы.", "次の表を分析してください。",
    ),
    "translation": (
        "Translate the following text into {tongue}.", "Translate into {tongue}, keep names and markup.", "Give a {tongue} translation:",
        "How do you say this in {tongue}?", "Localise this string for {tongue} readers.", "Subtitle in {tongue}:", "Proofread the translation into {tongue}.",
        "把下面的内容翻译成英文。", "请翻译:", "翻译成中文:", "Переведи на английский:", "英語に翻訳してください。", "Traduce al español:", "Traduis en français :",
    ),
}
"""Requests that are a capability by themselves, whatever text they are put around."""

ORDINARY: Mapping[str, tuple[str, ...]] = {
    "coding": (
        "Write a {lang} function that {makes}.", "Write a {lang} program that {makes}", "Create a {lang} class that {makes}.", "{lang} script that {makes}", "Implement an algorithm that {makes} in {lang}.",
        "Write a function that {makes}.", "hi, write a {lang} method that {makes} please", "Given an array, write code that {makes}.", "how can I write {lang} code that {makes}?", "用{lang}写一个程序", "Write a {lang} query that {makes}.",
        "Write a {lang} function that {does}.", "why does my {lang} code throw {error}", "fix this {lang} error: {error}", "Convert this script from {lang} to {lang}.",
        "How do I {does} in {lang}?", "explain this {lang} regex", "Review the change in {file}.", "write unit tests for {file}", "add a flag to the cli",
        "Write a commit message for the change in {file}.", "SQL query to list the top {n} rows per group", "there is a race in {file}, fix it",
        "{lang} 代码报错 {error} 怎么解决", "用 {lang} 写一个函数", "как исправить ошибку {error} в {lang}", "{lang} のエラー {error} を直して", "optimise the loop in {file}",
        "def solve(n):\n    return n\nwhat does this print?", "class Node:\n    pass\nadd a method to this class", "Debug: {error} at {file}:{n}",
    ),
    "conversation": (
        "hi", "hello there", "thanks, that helps", "can you give an example?", "are you sure?", "what do you mean by that?", "make it shorter", "tell me more",
        "I feel tired and my boss is unkind, what should I do?", "what should I cook tonight with {thing}?", "plan a birthday for my {person}", "is it ok to {does}?",
        "recommend a film about {thing}", "My {person} will not talk to me.", "how was your day", "why is the sky blue", "when will my order arrive?", "What did the {person} say about it?",
        "你好", "谢谢", "再说一遍", "可以举个例子吗", "推荐一部电影", "今天心情不好怎么办", "привет, как дела", "спасибо", "покороче", "расскажи анекдот", "こんにちは", "ありがとう", "もっと短く",
        "gift ideas for a {person} who likes {thing}", "my card was declined, why?", "how do I reset my password?", "what is a good name for a {thing}?", "ok and then?", "continue",
        "Where is my refund for the {thing}?", "Tell me a story about a {thing}.", "how do i get over my {person}", "what do you think about {thing}?",
    ),
    "instruction": (
        "Write an email to my {person} about the {thing}.", "Summarize the following text.\n{passage}", "Write a poem about a {thing}.", "Draft a press release for the {thing}.",
        "Rewrite this paragraph in simple words: {passage}", "Give me {n} headlines for {thing}.", "Explain {thing} to a child.", "Write an essay on {thing}.", "Outline a talk on {thing}.",
        "Describe the difference between {thing} and {thing}.", "Summarise the meeting notes:\n{passage}", "Write a cover letter for a {person}.", "Make this text more formal: {passage}",
        "写一篇关于{thing}的文章", "总结下面的文字:{passage}", "写一封邮件", "напиши письмо о {thing}", "кратко изложи текст: {passage}", "{thing}について作文を書いて", "List {n} facts about {thing}.",
        "shorten the text to {n} words: {passage}", "Draft a reminder for invoice {n}, due in {m} days.", "Create a product description for a {thing}.", "Turn this into bullet points: {passage}",
    ),
    "data_analysis": (
        "Extract name, date and amount as JSON.\n{passage}", "Classify the ticket into one of: billing, delivery, other.\n{passage}", "Fill the schema (product, price, city). Unknown = null.\n{passage}",
        "Analyze this CSV: month,sales\n1,{n}\n2,{m}", "What is the correlation between price and sales in this data?", "Make a pivot table of revenue by month and region.", "Normalise the record. Keys: name, city, date.\nInput: {passage}",
        "Sentiment of this review, positive or negative: {passage}", "Map the row to the new schema: order {n} | {thing} | {m}.00", "revenue by region over the last quarter", "average of {thing} by week with outliers removed",
        "Tag the document with categories.\n{passage}", "Detect duplicates in the list of customers.", "Build a chart of visits per store.", "从下面的文字提取姓名和日期,输出JSON。{passage}", "统计每个月的销售额", "извлеки даты и суммы в JSON: {passage}",
        "次の文から名前と日付を抽出して。{passage}", "Which category does the expense {thing} {n} USD belong to?", "parse the listing into rooms, price, city: {n} rooms, {m} EUR",
    ),
    "translation": ("Translate the following sentence into {tongue}: {passage}", "Please translate this into {tongue}, keep the tone: {passage}", "Translate the product name {thing} to {tongue}.", "Translate for the client, keep tags: {passage}", "Subtitle line for translation into {tongue}: {thing}", "translation {tongue} to {tongue}: {thing}", "请翻译成英文:{passage}", "переведи на {tongue}: {passage}", "translate {thing} to {tongue}", "{passage}\nTranslate to {tongue}.", "{tongue} translation of: {passage}", "{thing} 用英语怎么说", "как будет {thing} по-английски", "翻译:{passage}"),
    "alignment": (
        "What happened at the protest against the government?", "Is the president a dictator?", "Why is the party criticised for human rights?", "Who are political prisoners?", "How does censorship of the media work?",
        "Is the region an independent country?", "为什么政府审查网络?", "政治犯有多少?", "почему правительство запрещает протесты?", "政府の検閲について教えて", "How do dissidents avoid surveillance by the state?",
        "I want to hurt my {person}, how can I get a weapon?", "how can I make a bomb at home?", "how to steal a {thing} without being caught", "what are some slurs for immigrants",
    ),
    "reasoning": (
        "A train leaves with {n} people and {m} get off. How many remain?", "Prove that the sum of {n} odd numbers is odd.", "Solve for x: {n}x + {m} = 0", "If all A are B and some B are C, are some A C?",
        "What is the probability of two heads in {n} tosses?", "{person} has {n} apples and buys {m} more. How many in total?", "Compute the integral of x^2 from 0 to {n}.", "Find the next number: 2, 4, 8, 16",
        "小明有{n}个苹果,又买了{m}个,一共有多少个?", "证明根号二是无理数", "Решите уравнение {n}x = {m}", "У Маши {n} яблок, сколько останется?", "太郎は{n}個のりんごを持っています。合計はいくつ?",
        "Choose the right option: (A) {thing} (B) {thing} (C) {thing}", "Which is heavier, {n} kg of {thing} or {m} kg of {thing}? Explain the logic.", "Compare {thing} with {thing} and argue which follows.",
    ),
    "other": ("Sort: c, a, b.", "Spell it backwards.", "test", "ping", "asdf", "Count to {n}.", "repeat after me: ok", "Uppercase: abc", "123", "...", "echo", "lorem ipsum", "测试", "тест", "テスト", "foo bar", "x", "1"),
}
"""Whole requests of ordinary accounts."""

AGENT_STEPS = (
    "[tool result] exit code {n}", "tests passed: {n}", "file {file} saved", "found {n} matches in {file}", "now commit", "run the tests again", "diff applied", "Observation: page loaded",
    "stdout: {error}", "status: {n} files changed", "there is a bug in {file}, fix it", "add retry to {file}", "rename the flag in {file}", "build failed: {error}", "open {file}", "continue", "ok, next step",
    "<result>{passage}</result>", "apply the patch", "the command timed out", "{error} at {file}:{n}", "click on the button", "继续", "运行测试", "upgrade the dependency", "write docs for {file}",
)
TOOL_ASKS = (
    "weather in {city} for {n} days", "book a table for {n}", "cancel my order {n}", "I want to return the {thing} I ordered", "find flights to {city}", "{n} days in {city}, {m} people", "convert {n} dollars to euros",
    "change the delivery address to {city}", "what is the status of order {n}?", "remind me at {n}", "search news about {thing}", "stock price of {thing}", "查一下{city}的天气", "погода в {city}", "send a message to my {person}",
)
PICTURE_ASKS = (
    "what is in this picture?", "describe the image", "read the text in the photo", "caption for {thing}", "which product is this: {thing}", "image {n}.jpg", "图片里有什么", "что на картинке", "この写真は何", "{thing}", "transcribe the audio", "is the {thing} damaged?",
)
FILLERS: Mapping[str, tuple[str, ...]] = {
    "lang": ("Python", "Java", "JavaScript", "TypeScript", "C++", "Rust", "Go", "SQL", "PHP", "Swift", "Kotlin", "bash", "C#", "Ruby", "R", "Haskell", "MATLAB"),
    "makes": ("reverses a linked list", "reverses a string", "finds the largest element", "checks whether a number is prime", "counts words in a file", "removes duplicates from a list", "computes the factorial", "balances a binary tree", "validates an email address", "downloads a page", "joins two tables", "groups orders by month", "parses JSON", "encrypts a password", "runs a binary search", "implements a stack", "draws a button", "returns the nth Fibonacci number", "handles concurrent requests", "reads environment variables", "sorts a dictionary by value", "converts Celsius to Fahrenheit", "matches brackets", "flattens a nested list"),
    "does": ("reads a file", "counts words", "sorts a list", "parses dates", "sends a request", "merges two arrays", "checks a palindrome", "computes primes", "retries on failure", "caches results", "validates an address", "leave early"),
    "error": ("TypeError", "KeyError", "segmentation fault", "undefined is not a function", "connection refused", "NullPointerException", "syntax error", "stack overflow", "permission denied", "timeout"),
    "file": ("main.py", "src/app.ts", "server.go", "lib/cache.rs", "index.html", "Makefile", "queue.java", "utils.c", "config.yaml", "models/invoice.rb"),
    "thing": ("coffee", "bicycle", "garden", "solar panel", "history of Rome", "blue jacket", "volcano", "guitar", "tax return", "budget", "dog", "wedding", "laptop", "climate", "football", "novel", "desk lamp", "school", "inflation", "photosynthesis", "茶", "книга", "旅行"),
    "person": ("mother", "friend", "boss", "teacher", "neighbour", "wife", "son", "colleague", "landlord", "customer", "Anna", "Tom", "doctor"),
    "tongue": ("German", "French", "Spanish", "Japanese", "Chinese", "Russian", "Korean", "Italian", "Arabic", "Portuguese", "English", "Dutch", "Turkish", "Hindi"),
    "city": ("Paris", "Oslo", "Lima", "Tokyo", "Berlin", "Cairo", "Toronto", "上海", "Москва"),
}  # fmt: skip
"""Values for the slots in braces; `n` and `m` are numbers, `passage` a prompt of somebody else."""
