"""Test cases for Korean sentiment models; each checks one capability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Expected = Literal["positive", "negative", "rises", "falls", "same"]


@dataclass(frozen=True)
class Case:
    """A text and the expected prediction.

    Attributes:
        kind: The tested capability, such as ``negation``.
        text: A review.
        expected: The label of the text, or how the probability of positive responds to the
            change.
        changed: The changed text; empty if a label is expected.
    """

    kind: str
    text: str
    expected: Expected
    changed: str = ""


NEGATION: list[tuple[str, Expected]] = [
    ("교통이 좋아요", "positive"),
    ("교통이 안 좋아요", "negative"),
    ("교통이 좋지 않아요", "negative"),
    ("교통이 좋은 편은 아니에요", "negative"),
    ("주차가 편해요", "positive"),
    ("주차가 안 편해요", "negative"),
    ("주차가 편하지 않아요", "negative"),
    ("방음이 잘 돼요", "positive"),
    ("방음이 잘 안 돼요", "negative"),
    ("방음이 전혀 안 됩니다", "negative"),
    ("영화가 재미있다", "positive"),
    ("영화가 재미없다", "negative"),
    ("영화가 하나도 재미있지 않다", "negative"),
    ("재미가 없지 않다", "positive"),
    ("지루하다", "negative"),
    ("전혀 지루하지 않다", "positive"),
    ("한순간도 지루할 틈이 없다", "positive"),
    ("돈이 아깝다", "negative"),
    ("돈이 아깝지 않다", "positive"),
    ("추천합니다", "positive"),
    ("추천하지 않습니다", "negative"),
    ("절대 추천 안 합니다", "negative"),
    ("다시는 안 사요", "negative"),
    ("다시 살 거예요", "positive"),
    ("배송이 늦지 않고 포장도 나쁘지 않아요", "positive"),
    ("후회 없는 선택이에요", "positive"),
    ("흠잡을 데가 없어요", "positive"),
    ("이만한 곳이 없어요", "positive"),
]

PAIRS = [
    ("역이 가까워서 출퇴근이 편하다", "역이 멀어서 출퇴근이 힘들다"),
    ("동네가 조용해서 살기 좋다", "동네가 시끄러워서 살기 싫다"),
    ("관리비가 싸고 단지가 깨끗하다", "관리비가 비싸고 단지가 지저분하다"),
    ("이웃들이 친절하고 관리도 잘된다", "이웃들이 무례하고 관리도 엉망이다"),
    ("연기가 자연스럽고 몰입이 된다", "연기가 어색하고 몰입이 안 된다"),
    (
        "배우 연기는 별로지만 이야기가 정말 감동적이다",
        "배우 연기는 괜찮지만 이야기가 정말 형편없다",
    ),
    ("기대 안 했는데 정말 재미있었다", "기대했는데 정말 재미없었다"),
    ("초반은 지루하지만 뒤로 갈수록 최고다", "초반은 좋았지만 뒤로 갈수록 최악이다"),
    ("또 보고 싶은 영화", "두 번은 못 볼 영화"),
    ("시간 가는 줄 몰랐다", "시간이 너무 아까웠다"),
    ("배송이 빠르고 포장이 꼼꼼하다", "배송이 느리고 포장이 엉망이다"),
    ("가격은 비싸지만 품질이 아주 만족스럽다", "가격은 싸지만 품질이 아주 실망스럽다"),
    ("사진과 똑같아서 마음에 든다", "사진과 전혀 달라서 마음에 안 든다"),
    ("교환도 친절하게 해 줬다", "교환도 해 주지 않아 화가 난다"),
    ("조작이 쉽고 그래픽이 훌륭하다", "조작이 불편하고 그래픽이 조잡하다"),
]

INTENSITY_UP = [
    ("좋아요", "정말 좋아요"),
    ("재미있다", "너무너무 재미있다"),
    ("감동적이다", "엄청 감동적이다"),
    ("살기 편해요", "살기 정말 편해요"),
    ("만족합니다", "대만족입니다"),
    ("조금 괜찮다", "아주 괜찮다"),
    ("볼만하다", "꼭 봐야 할 최고의 영화다"),
    ("깨끗한 편이에요", "굉장히 깨끗해요"),
    ("친절하다", "더없이 친절하다"),
    ("추천해요", "강력 추천해요"),
]

INTENSITY_DOWN = [
    ("재미없다", "진짜 재미없다"),
    ("지루했다", "너무 지루했다"),
    ("시끄러워요", "밤마다 엄청 시끄러워요"),
    ("아쉽다", "많이 아쉽다"),
    ("실망했어요", "완전 실망했어요"),
    ("조금 불편해요", "정말 불편해요"),
    ("별로예요", "진짜 별로예요"),
    ("비싸다", "터무니없이 비싸다"),
    ("낡았어요", "심하게 낡았어요"),
    ("후회돼요", "뼈저리게 후회돼요"),
]

SPELLING = [
    ("정말 재미있어요", "정말 재밌어요"),
    ("너무 재미있었습니다", "너무재미있었습니다"),
    ("진짜 최고의 영화였다", "진짜최고의영화였다"),
    ("역이 가까워서 좋아요", "역이가까워서 좋아요"),
    ("주차 공간이 부족해요", "주차공간이 부족해요"),
    ("배송이 빨라서 좋았어요", "배송이 빨라서 조았어요"),
    ("정말 괜찮아요", "정말 괜찬아요"),
    ("완전 실망이에요", "완전 실망이예요"),
    ("돈 아까워요", "돈 아까워여"),
    ("강추합니다", "강추합니당"),
    ("웃기고 재미있어요", "웃기고 재미있어요ㅋㅋㅋㅋ"),
    ("너무 슬퍼서 울었어요 최고예요", "너무 슬퍼서 울었어요ㅠㅠ 최고예요"),
    ("정말 별로였다", "정말 별로였다..."),
    ("최악이다", "최악이다!!!!"),
    ("층간 소음이 심해요", "층간소음이 심해요"),
    ("다시는 안 삽니다", "다시는 안삽니다"),
    ("잘 만든 영화", "잘만든 영화"),
    ("품질이 좋네요", "품질이 좋네여"),
]

NEUTRAL = [
    ("김민수 배우 연기가 훌륭하다", "박지훈 배우 연기가 훌륭하다"),
    ("이수진 감독 영화는 지루하다", "최영호 감독 영화는 지루하다"),
    ("3년째 살고 있는데 만족해요", "5년째 살고 있는데 만족해요"),
    ("101동은 주차가 힘들어요", "203동은 주차가 힘들어요"),
    ("버스 정류장이 5분 거리라 편해요", "버스 정류장이 4분 거리라 편해요"),
    ("강남역이 가까워서 좋아요", "잠실역이 가까워서 좋아요"),
    ("부산에서 봤는데 감동적이었다", "대구에서 봤는데 감동적이었다"),
    ("월요일에 주문했는데 포장이 엉망이었다", "목요일에 주문했는데 포장이 엉망이었다"),
    ("파란색을 샀는데 마음에 들어요", "초록색을 샀는데 마음에 들어요"),
    ("엄마랑 같이 봤는데 재미있었다", "아빠랑 같이 봤는데 재미있었다"),
    ("친구가 추천해서 샀는데 실망했어요", "동생이 추천해서 샀는데 실망했어요"),
    ("2012년에 본 영화 중에 최악이다", "2014년에 본 영화 중에 최악이다"),
    ("초등학교가 바로 앞이라 안심돼요", "중학교가 바로 앞이라 안심돼요"),
    ("두 번째 구매인데 역시 좋아요", "세 번째 구매인데 역시 좋아요"),
    ("퇴근길에 봤는데 시간이 아까웠다", "출근길에 봤는데 시간이 아까웠다"),
    ("12층에 사는데 전망이 좋아요", "15층에 사는데 전망이 좋아요"),
    ("큰 사이즈로 주문했는데 품질이 별로예요", "작은 사이즈로 주문했는데 품질이 별로예요"),
    ("남편과 살기에 조용하고 좋아요", "아내와 살기에 조용하고 좋아요"),
]

CASES: list[Case] = [
    *(Case("negation", text, label) for text, label in NEGATION),
    *(
        case
        for good, bad in PAIRS
        for case in (
            Case("minimal pairs", good, "positive"),
            Case("minimal pairs", bad, "negative"),
        )
    ),
    *(Case("intensity", text, "rises", changed) for text, changed in INTENSITY_UP),
    *(Case("intensity", text, "falls", changed) for text, changed in INTENSITY_DOWN),
    *(Case("spelling", text, "same", changed) for text, changed in SPELLING),
    *(Case("neutral changes", text, "same", changed) for text, changed in NEUTRAL),
]
