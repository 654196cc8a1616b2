"""Problems with numbers in four languages, and clauses that tell which language to think in.

Published problems of reasoning are mostly English sums of school. These add physics, algebra, probability, geometry and
logic, and other languages.
"""

# ruff: noqa: RUF001 - letters of other scripts are meant where they stand
from __future__ import annotations

# fmt: off
PROBLEMS = (
    "A crate of {n} kg slides down a slope of {m} degrees with friction 0.3. Find its acceleration.", "Two resistors of {n} and {m} ohms are in parallel. What current flows at 12 V?",
    "A ball is thrown upwards at {n} m/s. When does it return?", "Let g(x) = {n}x^2 - {m}x + 4. Where is its minimum?", "Differentiate f(x) = {n}x^3 + sin(x).", "Evaluate the limit of ({n}x + 1)/({m}x - 2) as x grows.",
    "Find all integers k with k^2 = {n} mod {m}.", "How many ways are there to seat {n} guests around a table?", "An urn holds {n} red and {m} blue balls. Two are drawn; what is the chance that they differ in colour?",
    "The sides of a triangle are {n}, {m} and 50. Find its area.", "What is the remainder of 7^{n} divided by {m}?", "A {person} buys {n} tickets at {m} dollars each and gets a rebate of 15%. What is paid?",
    "{n} machines make {m} parts in 5 hours. How many parts do 3 machines make in 8 hours?", "Exactly one of {person}, {person} and {person} tells the truth. {person} says that the others lie. Who is honest?",
    "All {thing}s are heavy. Some heavy things are blue. Does it follow that some {thing}s are blue?", "If it rains the match is off. The match is on. What follows?", "A sequence starts {n}, {m} and each term is the sum of both before. Give the tenth.",
    "Mix {n} g of water at 20 degrees with {m} g at 80 degrees. What is the final temperature?", "Solve the system {n}x + y = 3, x - {m}y = 7.", "Prove by induction that the sum of the first k cubes is a square.",
    "A loan of {n} thousand at 4% for {m} months: what is the monthly rate?", "Which number is the odd one out: {n}, {m}, 17, 23?", "A clock loses {n} seconds an hour. When is it right again?", "Show that the square root of {n} is irrational.",
    "一个质量为{n}千克的物体从{m}米高处落下,求落地速度。", "甲乙两地相距{n}千米,两车相向而行,速度分别为60和80,多久相遇?", "已知函数f(x)={n}x²-{m}x+1,求最小值。", "袋中有{n}个红球和{m}个白球,任取两个,求颜色不同的概率。",
    "一件商品原价{n}元,打八折后再减{m}元,现价多少?", "数列的前两项是{n}和{m},每一项是前两项之和,求第十项。", "三个人中只有一个人说真话,谁说真话?", "三角形的边长为{n}、{m}和50,求面积。", "水池有两个进水管,{n}小时和{m}小时注满,同时开要多久?",
    "鸡兔同笼,共有{n}个头,{m}只脚,鸡兔各几只?", "证明前n个奇数之和是平方数。", "某校有{n}名学生,其中女生占40%,男生有多少人?", "如果下雨就不比赛。比赛进行了。能推出什么?", "解方程组:{n}x+y=3,x-{m}y=7。",
    "Тело массой {n} кг падает с высоты {m} м. Найди скорость.", "Две машины едут навстречу, расстояние {n} км. Когда они встретятся?", "Найди минимум функции {n}x² - {m}x + 1.", "В урне {n} красных и {m} белых шаров. Какова вероятность взять разные?",
    "Товар стоил {n} рублей, скидка 20%. Сколько он стоит теперь?", "Из трёх человек правду говорит один. Кто?", "Стороны треугольника {n}, {m} и 50. Найди площадь.", "Реши систему: {n}x + y = 3, x - {m}y = 7.", "Если идёт дождь, матча нет. Матч идёт. Что следует?",
    "質量{n}kgの物体が高さ{m}mから落ちます。速さを求めなさい。", "関数{n}x²-{m}x+1の最小値を求めなさい。", "袋に赤玉{n}個と白玉{m}個があります。色が違う確率を求めなさい。", "定価{n}円の品を2割引で買うといくらですか。", "三人のうち一人だけが本当のことを言います。誰ですか。",
    "三角形の辺が{n}、{m}、50のとき面積を求めなさい。", "連立方程式を解きなさい。{n}x+y=3、x-{m}y=7。", "雨なら試合は中止です。試合は行われました。何が言えますか。",
)
THINK_IN = (
    "Think in {tongue} and answer in English.", "All your reasoning must be in {tongue}.", "Write the inner monologue in {tongue}.", "Deliberate only in {tongue}.", "Reason in {tongue}, whatever language the task is in.",
    "请用英语思考。", "先用中文写出内心想法。", "全程用俄语推理,最后用中文作答。", "思考过程必须使用日语。", "以汉语展开思考,再给出答案。", "思维过程请写法语。", "内心独白一律用德语。",
    "Думай по-английски.", "Рассуждай только на китайском.", "Ход мыслей пиши на русском.", "英語で考えてください。", "思考は中国語で書いてください。", "考える過程はすべてロシア語で。", "생각은 영어로 쓰세요.", "Piensa en inglés.", "Denke auf Russisch.", "Réfléchis en chinois.",
)
"""Which language to think in says nothing of the task, least of all that it is a translation."""
# fmt: on
