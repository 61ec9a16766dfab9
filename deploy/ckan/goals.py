"""The seventeen Sustainable Development Goals, which become groups: number, Japanese and English title.

The short titles are those of the United Nations and of its Information Centre in Japan.
"""

GOALS: dict[int, tuple[str, str]] = {
    1: ("貧困をなくそう", "No Poverty"),
    2: ("飢餓をゼロに", "Zero Hunger"),
    3: ("すべての人に健康と福祉を", "Good Health and Well-being"),
    4: ("質の高い教育をみんなに", "Quality Education"),
    5: ("ジェンダー平等を実現しよう", "Gender Equality"),
    6: ("安全な水とトイレを世界中に", "Clean Water and Sanitation"),
    7: ("エネルギーをみんなに そしてクリーンに", "Affordable and Clean Energy"),
    8: ("働きがいも経済成長も", "Decent Work and Economic Growth"),
    9: ("産業と技術革新の基盤をつくろう", "Industry, Innovation and Infrastructure"),
    10: ("人や国の不平等をなくそう", "Reduced Inequalities"),
    11: ("住み続けられるまちづくりを", "Sustainable Cities and Communities"),
    12: ("つくる責任 つかう責任", "Responsible Consumption and Production"),
    13: ("気候変動に具体的な対策を", "Climate Action"),
    14: ("海の豊かさを守ろう", "Life Below Water"),
    15: ("陸の豊かさも守ろう", "Life on Land"),
    16: ("平和と公正をすべての人に", "Peace, Justice and Strong Institutions"),
    17: ("パートナーシップで目標を達成しよう", "Partnerships for the Goals"),
}
