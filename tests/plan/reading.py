"""The plan's indicators, targets and placements, read by eye from the text in ../shared/plan, line by line.

It was written down before its writer looked at the delivery or at the published tables (the names of fields and their
allowed words were known), so that the two are two readings of one text. Names and figures stand as the text prints
them; values are also given in the base unit. How doubts were read:

* "▲50%以上" is a reduction of at least half. The value is the negative number −50, so the change is to be at most −50.
* "2021年度から新たに実施" is no figure and no year of a figure: that indicator has no baseline.
* The share of pupils who understand their lessons has two figures and no target.
* Numbers that belong to the words of a goal's icon (lines 308 to 310, 591 and 592) are pictures, not a list of
  goals. At line 790 the numbers 3, 11 and 17 are written like the targets that follow, with no words, so they count as
  written.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

PLAN = "kawasaki-sdgs-future-city-plan-2.md"


class Indicator(NamedTuple):
    """One of the plan's indicators: its name where it first stands, and what its figures count."""

    name_ja: str
    printed_unit: str
    unit: str
    direction: str


class Target(NamedTuple):
    """The figures of an indicator, or of one breakdown of it, in the base unit."""

    indicator: str
    breakdown: str
    baseline_fiscal_year: int | None
    baseline_value: Decimal | None
    baseline_status: str | None
    target_fiscal_year: int | None
    target_value: Decimal | None
    comparator: str | None


class Placement(NamedTuple):
    """A box of the plan: the lines it fills, its name, its figures as printed (line, text), its goals and targets."""

    lines: tuple[int, int]
    indicator: str
    printed_name: str
    baseline: tuple[int, str]
    target: tuple[int, str] | None
    chapter: str
    pillar: str
    policy: tuple[int, str] | None
    is_repeat: bool
    sdgs: tuple[str, ...]


INDICATORS: dict[str, Indicator] = {
    "green_innovation": Indicator(
        "グリーンイノベーションクラスターのプロジェクトの年間件数", "件", "project", "increase"
    ),
    "welfare_products": Indicator("福祉製品等開発・改良プロジェクト累計件数", "件", "project", "increase"),
    "patents": Indicator("新川崎・創造のもり地区における特許保有累計件数", "件", "patent", "increase"),
    "contribution": Indicator("地域貢献活動に関する取組に関わったことのある人の割合", "%", "%", "increase"),
    "equality": Indicator("平等と多様性が尊重されていると思う市民の割合", "%", "%", "increase"),
    "community_care": Indicator("地域包括ケアシステムの考え方の理解度", "%", "%", "increase"),
    "greenhouse_gas": Indicator("市域の温室効果ガス排出量の削減割合(2013年度比)", "%", "%", "decrease"),
    "waste": Indicator("1人1日あたりのごみ排出量", "g", "g/(person.day)", "decrease"),
    "environmental_action": Indicator(
        "市民や市内の事業者による環境に配慮した取組(省エネなど)が進んでいると思う市民の割合", "%", "%", "increase"
    ),
    "housing": Indicator("住宅の耐震化率", "%", "%", "increase"),
    "barrier_free": Indicator("バリアフリー化すべき重要な特定の道路の整備割合", "%", "%", "increase"),
    "water_pipes": Indicator("水道管路の耐震化率", "%", "%", "increase"),
    "health_insurance": Indicator("国民健康保険料収入率(現年分)", "%", "%", "increase"),
    "infection": Indicator("感染症予防の実施率", "%", "%", "increase"),
    "childrearing": Indicator("子育てが楽しいと思う人の割合", "%", "%", "increase"),
    "lessons": Indicator("「授業が分かる、どちらかと言えば分かる」と回答した児童生徒の割合", "%", "%", "increase"),
    "local_adults": Indicator("親や教員以外の地域の大人と知り合うことができた割合", "%", "%", "increase"),
    "green_space": Indicator("緑地保全面積", "ha", "ha", "increase"),
    "work_life_balance": Indicator("ワークライフバランスの取組を行っている事業所の割合", "%", "%", "increase"),
    "shipments": Indicator("川崎区の従業員1人あたりの製造品出荷額", "円", "JPY/person", "increase"),
    "hub_population": Indicator("広域拠点(川崎駅・武蔵小杉駅・新百合ヶ丘駅)の駅周辺人口", "人", "person", "increase"),
    "landscape": Indicator("「景観計画」等に位置づけられる景観形成基準が遵守されている割合", "%", "%", "increase"),
    "nambu_line": Indicator("JR南武線の最混雑時間帯における混雑率", "%", "%", "decrease"),
    "sports": Indicator("週1回以上のスポーツ実施率", "%", "%", "increase"),
    "tourists": Indicator("主要観光施設の年間観光客数", "人", "person", "increase"),
}


def _whole(
    indicator: str,
    baseline: tuple[int, str],
    target: tuple[int, str, str],
    status: str | None = None,
) -> Target:
    year, value = baseline
    target_year, target_value, comparator = target
    return Target(indicator, "total", year, Decimal(value), status, target_year, Decimal(target_value), comparator)


TARGETS: tuple[Target, ...] = (
    _whole("green_innovation", (2021, "8"), (2025, "10", "at_least")),
    Target("welfare_products", "total", None, None, None, 2025, Decimal(16), "at_least"),
    _whole("patents", (2020, "156"), (2025, "180", "at_least")),
    _whole("contribution", (2021, "16.9"), (2025, "25", "at_least")),
    _whole("equality", (2021, "36.6"), (2025, "41", "at_least")),
    _whole("community_care", (2021, "9.2"), (2025, "42.0", "at_least")),
    _whole("greenhouse_gas", (2019, "-10.2"), (2030, "-50", "at_most"), "provisional"),
    _whole("waste", (2020, "902"), (2025, "872", "at_most")),
    _whole("environmental_action", (2021, "25.8"), (2025, "30", "at_least")),
    _whole("housing", (2020, "95.6"), (2025, "98", "at_least")),
    _whole("barrier_free", (2020, "96"), (2025, "100", "exactly")),
    _whole("water_pipes", (2020, "36.7"), (2025, "44.9", "at_least")),
    _whole("health_insurance", (2020, "94.76"), (2025, "95.2", "at_least")),
    _whole("infection", (2021, "98"), (2025, "98", "at_least")),
    _whole("childrearing", (2020, "96.9"), (2025, "97.8", "at_least")),
    Target("lessons", "grade_5", 2021, Decimal("90.1"), None, None, None, None),
    Target("lessons", "grade_8", 2021, Decimal("79.6"), None, None, None, None),
    _whole("local_adults", (2020, "94.5"), (2025, "95.0", "at_least")),
    _whole("green_space", (2021, "251"), (2025, "300", "at_least")),
    _whole("work_life_balance", (2020, "76.8"), (2025, "80", "at_least")),
    _whole("shipments", (2020, "121920000"), (2025, "184000000", "at_least")),
    _whole("hub_population", (2021, "141000"), (2025, "145000", "at_least")),
    _whole("landscape", (2020, "28.6"), (2025, "41", "at_least")),
    _whole("nambu_line", (2020, "120"), (2032, "180", "at_most")),
    _whole("sports", (2020, "50.4"), (2025, "54", "at_least")),
    _whole("tourists", (2020, "12760000"), (2025, "21000000", "at_least")),
)


def _priority(
    lines: tuple[int, int],
    indicator: str,
    baseline: str,
    target: str,
    pillar: str,
    sdgs: str,
    *,
    name: str | None = None,
    again: bool = False,
) -> Placement:
    """A box of chapter 1 (3): the name on its first line, both figures on the next."""
    printed = name or INDICATORS[indicator].name_ja
    figures = lines[1]
    return Placement(
        lines,
        indicator,
        printed,
        (figures, baseline),
        (figures, target),
        "priority_goals",
        pillar,
        None,
        again,
        tuple(sdgs.split()),
    )


def _policy(
    lines: tuple[int, int],
    indicator: str,
    baseline: tuple[int, str],
    target: tuple[int, str] | None,
    pillar: str,
    policy: tuple[int, str],
    sdgs: str,
    *,
    name: str | None = None,
) -> Placement:
    """A box of chapter 2 (1), under the heading of its policy."""
    printed = name or INDICATORS[indicator].name_ja
    return Placement(
        lines,
        indicator,
        printed,
        baseline,
        target,
        "initiatives",
        pillar,
        policy,
        False,
        tuple(sdgs.split()),
    )


PLACEMENTS: tuple[Placement, ...] = (
    _priority((203, 204), "green_innovation", "現在(2021年度): 8件", "2025年度:10件以上", "economy", "8.2 8.3"),
    _priority(
        (205, 206),
        "welfare_products",
        "現在: 2021年度から新たに 実施",
        "2025年度:16件以上",
        "economy",
        "9.4 9.5",
    ),
    _priority((207, 208), "patents", "現在(2020年度): 156件", "2025年度:180件以上", "economy", "17.17"),
    _priority((218, 219), "contribution", "現在(2021年度): 16.9%", "2025年度: 25%以上", "society", "17.17"),
    _priority((220, 221), "equality", "現在(2021年度): 36.6%", "2025年度: 41%以上", "society", "10.2"),
    _priority((222, 223), "community_care", "現在(2021年度): 9.2%", "2025年度: 42.0%以上", "society", "11.7"),
    _priority((224, 225), "equality", "現在(2021年度): 36.6%", "2025年度: 41%以上", "society", "5.1", again=True),
    _priority(
        (235, 236),
        "greenhouse_gas",
        "現在(2019年度): ▲10.2%(暫定値)",
        "2030年度: ▲50%以上",
        "environment",
        "13.3",
    ),
    _priority((237, 238), "waste", "現在(2020年度): 902g", "2025年度: 872g以下", "environment", "12.5 12.a"),
    _priority(
        (239, 240),
        "greenhouse_gas",
        "現在(2019年度): ▲10.2%(暫定値)",
        "2030年度: ▲50%以上",
        "environment",
        "7.1 7.3",
        again=True,
    ),
    _priority((241, 242), "environmental_action", "現在(2021年度): 25.8%", "2025年度: 30%以上", "environment", "17.17"),
    _policy(
        (272, 273),
        "housing",
        (273, "現在(2020年度): 95.6%"),
        (273, "2025年度: 98%以上"),
        "safe_life",
        (268, "災害から生命を守る取組"),
        "1.5 9.1 11 11.1 11.5 11.7 11.b 13.1 13.3 17.17",
    ),
    _policy(
        (308, 310),
        "barrier_free",
        (309, "現在(2020年度): 96%"),
        (309, "2025年度: 100%"),
        "safe_life",
        (304, "安全に暮らせるまちをつくる取組"),
        "3.6 9.1 11 11.2 11.5 11.7 12.3 12.7 12.8 14.1 16 16.4 17.17",
    ),
    _policy(
        (342, 342),
        "water_pipes",
        (342, "現在(2020年度): 36.7%"),
        (342, "2025年度: 44.9%以上"),
        "safe_life",
        (338, "水の安定した供給・循環を支える取組"),
        "1.5 3.9 6.1 6.2 6.3 6.4 6.5 7.2 9.1 11.5 13.1 14.1",
    ),
    _policy(
        (364, 364),
        "community_care",
        (364, "現在(2021年度): 9.2%"),
        (364, "2025年度: 42.0%以上"),
        "safe_life",
        (360, "誰もが安心して暮らせる地域のつながり・しくみをつくる取組"),
        "1.3 3 3.4 3.5 3.a 4.5 4.7 7.3 8.5 10.2 10.3 10.4 11.1 11.3 11.7 13.1 16.b 17.17",
    ),
    _policy(
        (425, 425),
        "health_insurance",
        (425, "現在(2020年度): 94.76%"),
        (425, "2025年度: 95.2%以上"),
        "safe_life",
        (421, "確かな暮らしを支える取組"),
        "1.1 1.2 1.3 2.1 3 3.8",
    ),
    _policy(
        (442, 443),
        "infection",
        (442, "現在(2021年度): 98%"),
        (443, "2025年度: 98%以上"),
        "safe_life",
        (438, "市民の健康を守る取組"),
        "2.1 3 3.1 3.2 3.3 3.5 3.8 3.b 3.d 6.1 11.7 11.b 13.1",
    ),
    _policy(
        (472, 472),
        "childrearing",
        (472, "現在(2020年度): 96.9%"),
        (472, "2025年度: 97.8%以上"),
        "children",
        (468, "安心して子育てできる環境をつくる取組"),
        "1.2 1.3 2.1 2.2 3.1 3.2 3.7 3.8 4.2 4.3 4.7 4.a 5.2 5.4 5.6 11.7 16.1 16.2",
    ),
    _policy(
        (502, 504),
        "lessons",
        (502, "現在(2021年度): 90.1%(小5) 79.6%(中2)"),
        None,
        "children",
        (498, "未来を担う人材を育成する取組"),
        "1.2 3.5 3.6 3.a 4.1 4.3 4.4 4.5 4.6 4.7 4.a 5.1 5.4 5.5 7.3 8.5 8.6 10.2 11.7 12.3 12.8 16.1 16.2 16.9 17.17",
    ),
    _policy(
        (540, 541),
        "local_adults",
        (541, "現在(2020年度)： 94.5%"),
        (541, "2025年度： 95.0%以上"),
        "children",
        (536, "生涯を通じて学び成長する取組"),
        "4.7 4.a 10.2 11.7 17.17",
    ),
    _policy(
        (561, 562),
        "greenhouse_gas",
        (561, "現在(2019年度): ▲10.2%(暫定値)"),
        (561, "2030年度: ▲50%以上"),
        "environment_for_living",
        (557, "環境に配慮したしくみをつくる取組"),
        "3 4 4.7 6 7 7.2 7.3 7.a 8.2 8.4 9 9.4 9.5 9.b 11 11.6 11.7 12 12.6 12.7 12.8 13 13.1 13.2 13.3 14 14.3 15"
        " 17 17.6 17.7 17.9 17.16 17.17",
    ),
    _policy(
        (573, 574),
        "waste",
        (573, "現在(2020年度): 902g"),
        (573, "2025年度: 872g以下"),
        "environment_for_living",
        (569, "地域環境を守る取組"),
        "3.9 4.7 6.3 6.6 7.3 11.6 11.7 12.2 12.3 12.4 12.5 12.8 13.1 14.1 14.2 17.17",
    ),
    _policy(
        (591, 592),
        "green_space",
        (591, "現在(2021年度): 251ha"),
        (591, "2025年度: 300ha 以上"),
        "environment_for_living",
        (587, "緑と水の豊かな環境をつくりだす取組"),
        "2.3 2.4 6.6 11.7 12.8 15 15.1 15.2 15.3 15.4 17.17",
    ),
    _policy(
        (629, 635),
        "green_innovation",
        (629, "現在(2021年度)：8件"),
        (629, "2025年度：10件以上"),
        "vibrant_city",
        (625, "川崎の発展を支える産業の振興"),
        "2.3 2.4 5.a 6.1 6.2 6.3 6.4 6.a 6.b 7.a 7.b 8.2 8.3 8.4 9.2 9.3 9.4 9.a 9.b 11.6 11.7 12.5 12.a 17.7 17.17",
    ),
    _policy(
        (666, 667),
        "welfare_products",
        (667, "現在： 2021年度から新たに 実施"),
        (667, "2025年度： 16件以上"),
        "vibrant_city",
        (662, "新たな産業の創出と革新的な技術による生活利便性の向上"),
        "3.4 7.1 7.2 7.3 7.a 8.2 8.3 8.4 9.2 9.4 9.5 11.6 11.7 16.9 16.10 17.8 17.17",
    ),
    _policy(
        (706, 706),
        "work_life_balance",
        (706, "現在(2020年度): 76.8%"),
        (706, "2025年度: 80%以上"),
        "vibrant_city",
        (702, "生き生きと働き続けられる環境をつくる取組"),
        "5.b 8.3 8.5 8.6 8.8 11.1 11.7",
    ),
    _policy(
        (722, 722),
        "shipments",
        (722, "現在(2020年度): 1億2,192万円"),
        (722, "2025年度: 1億8,400万円以上"),
        "vibrant_city",
        (718, "臨海部を活性化する取組"),
        "5.5 8.1 8.2 8.3 8.8 9 9.1 9.2 9.4 9.5 11 11.2 11.3 11.7 17.17",
    ),
    _policy(
        (750, 753),
        "hub_population",
        (753, "現在(2021年度):14.1万人"),
        (753, "2025年度:14.5万人以上"),
        "vibrant_city",
        (746, "魅力ある都市拠点を整備する取組"),
        "11.2 11.3 12.8",
    ),
    _policy(
        (770, 773),
        "landscape",
        (773, "現在(2020年度): 28.6%"),
        (773, "2025年度: 41%以上"),
        "vibrant_city",
        (766, "良好な都市環境の形成を推進する取組"),
        "7.3 9.4 11.3 11.7 13.3 15.2 17.17",
    ),
    _policy(
        (790, 790),
        "nambu_line",
        (790, "現在(2020年度): 120%"),
        (790, "2032年度: 180%以下"),
        "vibrant_city",
        (786, "総合的な交通体系を構築する取組"),
        "3 11 17 3.6 11.2 11.3 11.7 11.a 17.17",
    ),
    _policy(
        (817, 818),
        "sports",
        (818, "現在(2020 年度): 50.4%"),
        (818, "2025 年度: 54%以上"),
        "vibrant_city",
        (813, "スポーツ・文化芸術を振興する取組"),
        "3.4 4.7 4.a 10.2 11.4 11.7 17.17",
    ),
    _policy(
        (844, 845),
        "tourists",
        (845, "現在(2020年度): 1,276万人"),
        (845, "2025年度: 2,100万人以上"),
        "vibrant_city",
        (840, "戦略的なシティプロモーション"),
        "8.8 8.9 8.a 10.2 10.3 10.4 10.7 11.7 11.b 16.b 17.16 17.17",
    ),
    _policy(
        (867, 869),
        "contribution",
        (869, "現在(2021年度)：16.9%"),
        (869, "2025年度：25%以上"),
        "civic_autonomy",
        (863, "参加と協働により市民自治を推進する取組"),
        "11.7 16.6 16.7 16.9 17.14 17.17",
        name="地域貢献活動に関する取組にかかわったことがある人の割合",
    ),
    _policy(
        (899, 899),
        "equality",
        (899, "現在(2021年度)： 36.6%"),
        (899, "2025年度： 41%以上"),
        "civic_autonomy",
        (895, "人権を尊重し共に生きる社会をつくる取組"),
        "1 1.b 2 4 4.3 4.7 5.1 5.2 5.4 5.5 5.6 5.c 8.5 8.7 8.8 8.a 10 10.2 10.3 10.4 10.7 11 11.7 11.b"
        " 16 16.1 16.7 16.b",
    ),
)
